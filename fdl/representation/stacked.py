"""A deep autoencoder, trained one pair of layers at a time.

Each pair learns, as a shallow autoencoder, to restore the codes of the pair
below. Stacked, the pairs are a deep autoencoder that already restores
something; training it as a whole afterwards is called fine-tuning.

[1] Bengio et al. 2006, "Greedy Layer-Wise Training of Deep Networks", NIPS

Letters: ``N`` rows; ``n_k`` units of layer k.

Differences from the paper: none that matters here; it also tries pairs that
see labels.

Book: ch. 6, "Implementing an Autoencoder in TensorFlow"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from fdl import train
from fdl.nn.parameters import get_parameters, set_parameters
from fdl.representation.autoencoder import Autoencoder

__all__ = ["stack"]


def stack(
    x: Any,
    sizes: Sequence[int],
    fit: Callable[[Any, Any], Any],
    **settings: Any,
) -> Autoencoder:
    """Return a deep autoencoder whose pairs of layers were trained in turn.

    Parameters
    ----------
    x : array `(N, n_0)`
        Inputs.
    sizes : sequence of int
        n_0, …, n_K, as of :class:`Autoencoder`.
    fit : callable
        Called as ``fit(net, h)`` for each pair, from the outside in; it
        trains the network, of sizes `(n_{k−1}, n_k)`, to restore h.
    **settings
        Handed on to :class:`Autoencoder`.

    Examples
    --------
    >>> import numpy as np
    >>> from fdl import data, nn, train
    >>> def fit(net, h):
    ...     print(net.sizes, h.shape)
    ...     batches = data.Minibatches(h, h, 10)
    ...     train.fit(net, batches, loss=nn.distance, optimizer="adam",
    ...               epochs=1, seed=0)
    >>> x = np.random.default_rng(0).uniform(size=(20, 6)).astype("float32")
    >>> stack(x, (6, 4, 2), fit).sizes
    (6, 4) (20, 6)
    (4, 2) (20, 4)
    (6, 4, 2)
    """
    deep = Autoencoder(sizes, **settings)
    inner = deep.encoder.activation
    code, output = deep.encoder.last, deep.decoder.last
    h, last = x, len(deep.sizes) - 2
    for k, sizes_ in enumerate(zip(deep.sizes, deep.sizes[1:])):
        pair = Autoencoder(
            sizes_,
            activation=inner,
            code=code if k == last else inner,
            output=output if k == 0 else inner,
            norm=deep.encoder.norm,
        )
        fit(pair, h)
        for half, place in (("encoder", k), ("decoder", last - k)):
            layer = getattr(deep, half).layers[place]
            learned = getattr(pair, half).layers[0]
            set_parameters(layer, get_parameters(learned))
        h = train.predict(pair.encoder, h)
    return deep
