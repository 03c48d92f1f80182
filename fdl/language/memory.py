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
    """

    keys: Any
    mask: Any
    state: list[Any]
