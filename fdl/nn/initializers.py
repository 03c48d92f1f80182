"""How weights start.

[1] He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers",
https://arxiv.org/abs/1502.01852

Letters: ``n_in`` is the number of inputs that come into one neuron.

Differences from the paper: none.

Book: ch. 3, "Building a Multilayer Model for MNIST in TensorFlow"
"""

from __future__ import annotations

import math
from typing import Union

from fdl._mxnet import mx, np, npx
from fdl.errors import must

__all__ = ["He", "TruncatedNormal", "initializer"]


@mx.init.register
class He(mx.init.Initializer):
    """Normal weights of variance 2 / n_in, and zero biases.

    A ReLU passes on half of what reaches it; the 2 makes up for that, so the
    signal is as strong behind the last layer as behind the first [1].

    For a weight of shape ``(n_out, n_in, ...)`` every axis but the first
    counts among the inputs, so a convolution's kernel is served as well.

    Examples
    --------
    >>> from fdl._mxnet import gluon
    >>> layer = gluon.nn.Dense(400, in_units=200, weight_initializer=He())
    >>> layer.initialize()
    >>> abs(float(layer.weight.data().asnumpy().std()) - 0.1) < 0.002
    True
    """

    def _init_weight(self, name: str, array: np.ndarray) -> None:
        # Var[w] = 2 / n_in   [1] eq. 10
        n_in = math.prod(array.shape[1:])
        np.random.normal(
            0, math.sqrt(2 / n_in), array.shape, dtype=array.dtype, out=array
        )


@mx.init.register
class TruncatedNormal(mx.init.Initializer):
    """Normal weights, drawn again until they are within two deviations.

    ::

        w = σ √2 erf⁻¹(u),   u uniform in (−erf √2, erf √2)

    Parameters
    ----------
    sigma : float
        σ, the deviation *before* the tails are cut off; what is left has
        0.88 σ.

    Examples
    --------
    >>> from fdl._mxnet import gluon
    >>> init = TruncatedNormal(0.1)
    >>> layer = gluon.nn.Dense(400, in_units=200, weight_initializer=init)
    >>> layer.initialize()
    >>> float(abs(layer.weight.data()).max()) <= 0.2
    True
    """

    def __init__(self, sigma: float = 1.0) -> None:
        if not 0 < sigma < math.inf:
            raise must("sigma", sigma, "be positive and finite")
        super().__init__(sigma=sigma)
        self.sigma = sigma

    def _init_weight(self, name: str, array: np.ndarray) -> None:
        # w = σ √2 erf⁻¹(u): the inverse of the normal's distribution function
        edge = math.erf(math.sqrt(2))
        u = np.random.uniform(-edge, edge, array.shape, ctx=array.ctx)
        w = self.sigma * math.sqrt(2) * npx.erfinv(u)
        # float32 can round to a hair beyond the edge
        array[:] = np.clip(w, -2 * self.sigma, 2 * self.sigma)


def initializer(
    init: Union[str, mx.init.Initializer],
) -> mx.init.Initializer:
    """Return the initializer of that name, or the one given.

    Parameters
    ----------
    init : {"he", "uniform", "truncated", "zeros"} or mx.init.Initializer
        ``"uniform"`` draws from [−1, 1], the range of the book's listings;
        ``"truncated"`` is a normal of deviation 1, cut off at two.

    Examples
    --------
    >>> type(initializer("he")).__name__
    'He'
    """
    if isinstance(init, mx.init.Initializer):
        return init
    if init == "he":
        return He()
    if init == "uniform":
        return mx.init.Uniform(1.0)
    if init == "truncated":
        return TruncatedNormal()
    if init == "zeros":
        return mx.init.Zero()
    raise must(
        "init",
        init,
        'be "he", "uniform", "truncated", "zeros" or an initializer of MXNet',
    )
