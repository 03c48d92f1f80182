"""What an encoder leaves of a sentence for the decoder.

Letters: ``B`` batch, ``S`` source steps, ``H`` units of a layer.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Memory"]


class Memory(NamedTuple):
    """What the encoder leaves of a sentence.

    Attributes
    ----------
    keys : array `(B, S, H)`
        Its outputs, one for each source step.
    mask : array `(B, S)`
        1 where there is a word, 0 where there is padding.
    state : list of array `(B, H)`
        The state of each layer at the end: the decoder's first.

    Examples
    --------
    >>> from fdl.language import Translator
    >>> from fdl._mxnet import np
    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> memory = net.read(np.array([[0, 7, 5]]))  # 0 is padding
    >>> memory.keys.shape, memory.mask, memory.state[0].shape
    ((1, 3, 5), array([[0., 1., 1.]]), (1, 5))
    """

    keys: Any
    mask: Any
    state: list[Any]
