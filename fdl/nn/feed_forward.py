"""Feed-forward networks.

Letters: ``B`` batch, ``n_k`` units of layer k; ``W_k`` `(n_k, n_{k−1})` and
``b_k`` `(n_k,)` weights and biases; ``f`` and ``g`` the nonlinearities of the
hidden layers and of the output.

Book: ch. 3, "Building a Multilayer Model for MNIST in TensorFlow"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Union

from fdl._mxnet import gluon, mx, nn
from fdl.errors import must
from fdl.nn._checks import is_whole
from fdl.nn.initializers import initializer

__all__ = ["FeedForward"]

HIDDEN = ("linear", "sigmoid", "tanh", "relu")
OUTPUT = (*HIDDEN, "softmax")


class FeedForward(gluon.HybridBlock):
    """Layers of neurons, each fed by the one before.

    ::

        h_k = f(W_k h_{k−1} + b_k)      h_0 = x
        y   = g(W_K h_{K−1} + b_K)

    The parameters are ``hidden1.weight``, ``hidden1.bias``, …,
    ``output.weight`` and ``output.bias``. Leave `output` linear when the loss
    takes logits, as :func:`fdl.nn.cross_entropy` does.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden layers and outputs: ``(784, 256, 256, 10)``. With two
        sizes there is no hidden layer: logistic regression's network.
    hidden : {"relu", "sigmoid", "tanh", "linear"}
        f.
    output : {"linear", "softmax", "sigmoid", "tanh", "relu"}
        g.
    init : {"he", "uniform", "truncated", "zeros"} or an mx initializer
        How the weights start (see :func:`fdl.nn.initializer`); biases start
        at zero.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = FeedForward((784, 30, 30, 10))
    >>> net.initialize()
    >>> net(np.zeros((5, 784))).shape
    (5, 10)
    >>> net
    FeedForward(784 → 30 relu → 30 relu → 10 linear)
    """

    def __init__(
        self,
        sizes: Iterable[int],
        *,
        hidden: str = "relu",
        output: str = "linear",
        init: Union[str, mx.init.Initializer] = "he",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sizes = _sizes(sizes)
        if hidden not in HIDDEN:
            raise must("hidden", hidden, f"be one of {', '.join(HIDDEN)}")
        if output not in OUTPUT:
            raise must("output", output, f"be one of {', '.join(OUTPUT)}")
        start = initializer(init)
        self._f, self._g = hidden, output
        self._hidden = []
        *pairs, last = zip(self.sizes, self.sizes[1:])
        with self.name_scope():
            for k, (n_in, n_out) in enumerate(pairs, 1):
                layer = _dense(n_in, n_out, start, f"hidden{k}_")
                setattr(self, f"hidden{k}", layer)
                self._hidden.append(layer)
            self.output = _dense(*last, start, "output_")

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Compute the outputs `(B, n_K)` for the inputs x `(B, n_0)`."""
        h = x
        for layer in self._hidden:
            # h_k = f(W_k h_{k−1} + b_k)
            h = _nonlinear(F, self._f, layer(h))
        # y = g(W_K h_{K−1} + b_K)
        return _nonlinear(F, self._g, self.output(h))

    def __repr__(self) -> str:
        kinds = [self._f] * len(self._hidden) + [self._g]
        layers = zip(self.sizes[1:], kinds)
        chain = "".join(f" → {size} {kind}" for size, kind in layers)
        return f"FeedForward({self.sizes[0]}{chain})"


def _sizes(sizes: Iterable[int]) -> tuple[int, ...]:
    try:
        found = tuple(sizes)
    except TypeError:
        found = ()
    if len(found) < 2 or not all(map(is_whole, found)):
        raise must(
            "sizes", sizes, "be at least two whole numbers, each from 1 up"
        )
    return tuple(int(size) for size in found)


def _dense(
    n_in: int, n_out: int, init: mx.init.Initializer, prefix: str
) -> nn.Dense:
    return nn.Dense(
        n_out,
        in_units=n_in,
        flatten=False,
        weight_initializer=init,
        prefix=prefix,
    )


def _nonlinear(F: Any, kind: str, z: Any) -> Any:
    if kind == "linear":
        return z
    if kind == "softmax":
        return F.npx.softmax(z, axis=-1)
    return F.npx.activation(z, act_type=kind)
