"""Autoencoders: a network squeezes its input and restores it.

[1] Hinton and Salakhutdinov 2006, Science 313:504,
https://doi.org/10.1126/science.1127647

Letters: ``B`` batch; ``n_0`` inputs, ``n_k`` units of layer k, ``n_K`` of the
code; ``W_k`` weights; ``BN`` batch normalization; ``f`` the nonlinearity.

Differences from the paper: the weights start at random and are not trained
layer by layer before; every layer is normalized, the code and the output too,
and all of them are sigmoid, as in the book.

Book: ch. 6, "Implementing an Autoencoder in TensorFlow"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from fdl._mxnet import mx, nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, is_whole
from fdl.scratch._checks import choice

__all__ = ["Autoencoder", "Coder"]

KINDS = ("sigmoid", "tanh", "relu", "linear")


class Coder(Checked):
    """Dense layers, the logits of each normalized over the batch.

    ::

        h_k = f(BN(W_k h_{k−1}))       h_0 = x
        h_k = f(W_k h_{k−1} + b_k)     without normalization

    Parameters
    ----------
    sizes : sequence of int
        Units: those that come in, and those of each layer.
    activation : {"sigmoid", "tanh", "relu", "linear"}
        f.
    last : one of these, optional
        f of the last layer, if it is another.
    norm : bool
        Whether to normalize; then β is the bias.

    Attributes
    ----------
    layers : HybridSequential
        One block for each layer: weights, normalization, nonlinearity.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> coder = Coder((784, 30, 2))
    >>> coder.initialize()
    >>> coder(np.zeros((5, 784))).shape
    (5, 2)
    >>> coder
    Coder(784 → 30 sigmoid → 2 sigmoid, norm)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str = "sigmoid",
        last: Optional[str] = None,
        norm: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sizes = check_sizes(sizes)
        self.activation = choice("activation", activation, KINDS)
        self.last = choice("last", last or activation, KINDS)
        self.norm = bool(norm)
        self.takes = Batch("rows", self.sizes[:1])
        kinds = [activation] * (len(self.sizes) - 2) + [self.last]
        with self.name_scope():
            self.layers = nn.HybridSequential()
            for n_in, n_out, kind in zip(self.sizes, self.sizes[1:], kinds):
                self.layers.add(_layer(n_in, n_out, kind, self.norm))

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the last layer's activities `(B, n_K)` for x `(B, n_0)`."""
        return self.layers(x)

    def __repr__(self) -> str:
        kinds = [self.activation] * (len(self.sizes) - 2) + [self.last]
        layers = zip(self.sizes[1:], kinds)
        chain = "".join(f" → {size} {kind}" for size, kind in layers)
        return f"Coder({self.sizes[0]}{chain}{', norm' * self.norm})"


class Autoencoder(Checked):
    """An encoder, and a decoder that is its mirror image.

    ::

        code = encoder(x)        784 → 1000 → 500 → 250 → 2
        y    = decoder(code)     2 → 250 → 500 → 1000 → 784

    Parameters
    ----------
    sizes : sequence of int
        Units of the encoder: the inputs, the hidden layers, the code.
    activation : {"sigmoid", "tanh", "relu", "linear"}
        Of all layers, unless `code` or `output` says otherwise.
    code, output : one of these, optional
        The nonlinearity of the code, and of the restored input.
    norm : bool
        Whether to normalize every layer's logits over the batch.

    Attributes
    ----------
    encoder, decoder : Coder
        The two halves, each a network of its own.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = Autoencoder((784, 30, 2))
    >>> net.initialize()
    >>> x = np.zeros((5, 784))
    >>> net.encode(x).shape, net.decode(net.encode(x)).shape, net(x).shape
    ((5, 2), (5, 784), (5, 784))
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 1000, 500, 250, 2),
        *,
        activation: str = "sigmoid",
        code: Optional[str] = None,
        output: Optional[str] = None,
        norm: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sizes = check_sizes(sizes)
        if self.sizes[-1] > self.sizes[0]:
            rule = (
                f"end in a code of at most the {self.sizes[0]} inputs, which "
                "a wider one could simply copy"
            )
            raise must("sizes", self.sizes, rule)
        self.takes = Batch("rows", self.sizes[:1])
        shared: dict[str, Any] = {"activation": activation, "norm": norm}
        with self.name_scope():
            self.encoder = Coder(self.sizes, last=code, **shared)
            self.decoder = Coder(self.sizes[::-1], last=output, **shared)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return what is restored, `(B, n_0)`, of x `(B, n_0)`."""
        return self.decoder(self.encoder(x))

    def encode(self, x: Any) -> Any:
        """Return the codes `(B, n_K)` of inputs x `(B, n_0)`."""
        return self.encoder(x)

    def decode(self, code: Any) -> Any:
        """Return the inputs `(B, n_0)` that codes `(B, n_K)` stand for."""
        return self.decoder(code)

    def __repr__(self) -> str:
        return f"Autoencoder({self.encoder}, {self.decoder})"


def _layer(n_in: int, n_out: int, kind: str, norm: bool) -> Any:
    layer = nn.HybridSequential()
    # normal, of variance 1 / n_in
    start = mx.init.Xavier("gaussian", "in", 1)
    layer.add(
        nn.Dense(
            n_out, in_units=n_in, use_bias=not norm, weight_initializer=start
        )
    )
    if norm:
        layer.add(nn.BatchNorm(momentum=0.9, epsilon=1e-3, in_channels=n_out))
    if kind != "linear":
        layer.add(nn.Activation(kind))
    return layer


def check_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return two or more whole numbers from 1 up as a tuple."""
    several = isinstance(sizes, Sequence) and not isinstance(sizes, str)
    if not several or len(sizes) < 2 or not all(map(is_whole, sizes)):
        rule = "be at least two whole numbers, each from 1 up"
        raise must("sizes", sizes, rule)
    return tuple(int(n) for n in sizes)
