"""A convolutional autoencoder: feature maps shrink to a code and grow again.

Letters: ``B`` batch; ``C, H, W`` channels, height and width of an image;
``m`` units of the code.

Differences from the lectures: they only name it.

Book: ch. 6, "Implementing an Autoencoder in TensorFlow"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl._mxnet import gluon, mx, nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_whole, is_whole
from fdl.nn.convolution import ConvNorm

__all__ = ["ConvAutoencoder"]


class ConvAutoencoder(Checked):
    """Convolutions of stride 2 to a code, and back by doubling and convolving.

    ::

        28 × 28 → 14 × 14 → 7 × 7 → code → 7 × 7 → 14 × 14 → 28 × 28

    On the way back each place of a map is first repeated, so that it covers
    2 × 2 of them, and then convolved. (Transposed convolutions, which do both
    at once, are apt to leave a checkerboard, and with 16 channels this network
    stopped at an error of MXNet 1.9.1 in its second step.)

    Parameters
    ----------
    image : (int, int, int)
        C, H and W. Height and width are halved by each convolution, so they
        must be multiples of 2, 4, 8, …
    kernels : sequence of int
        Channels out of each convolution.
    code : int
        m.

    Attributes
    ----------
    encoder, decoder : HybridSequential
        The two halves, each a network of its own.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = ConvAutoencoder((1, 28, 28), (8, 16), 10)
    >>> net.initialize()
    >>> x = np.zeros((5, 1, 28, 28))
    >>> net.encode(x).shape, net(x).shape
    ((5, 10), (5, 1, 28, 28))
    """

    def __init__(
        self,
        image: Sequence[int] = (1, 28, 28),
        kernels: Sequence[int] = (16, 32),
        code: int = 30,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if len(image) != 3 or not all(map(is_whole, image)):
            raise must("image", image, "be 3 whole numbers, each from 1 up")
        if not len(kernels) or not all(map(is_whole, kernels)):
            rule = "be at least one whole number, each from 1 up"
            raise must("kernels", kernels, rule)
        check_whole(code=code)
        C, H, W = image
        factor = 2 ** len(kernels)
        if H % factor or W % factor:
            rule = f"have height and width that {factor} divides"
            raise must("image", tuple(image), rule)
        if code > C * H * W:
            rule = f"be at most the {C * H * W} inputs"
            raise must("code", code, rule)
        self.takes = Batch("images", (C, H, W))
        self.gives = Batch("codes", (code,))
        h, w, chain = H // factor, W // factor, (C, *kernels)
        units = kernels[-1] * h * w
        start = mx.init.Xavier("gaussian", "in", 1)
        with self.name_scope():
            self.encoder = nn.HybridSequential()
            for before, after in zip(chain, chain[1:]):
                self.encoder.add(ConvNorm(before, after, 3, stride=2))
            self.encoder.add(
                nn.Flatten(),
                nn.Dense(code, in_units=units, weight_initializer=start),
            )
            self.decoder = nn.HybridSequential()
            self.decoder.add(
                nn.Dense(units, in_units=code, weight_initializer=start),
                Reshape((kernels[-1], h, w)),
            )
            self.decoder.add(nn.Activation("relu"))
            pairs = list(zip(chain[:0:-1], chain[-2::-1]))
            for k, (before, after) in enumerate(pairs, 1):
                last = k == len(pairs)
                self.decoder.add(
                    Double(),
                    ConvNorm(
                        before,
                        after,
                        3,
                        norm=not last,
                        activation="sigmoid" if last else "relu",
                    ),
                )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return what is restored of images x, both `(B, C, H, W)`."""
        return self.decoder(self.encoder(x))

    def encode(self, x: Any) -> Any:
        """Return the codes `(B, m)` of images x `(B, C, H, W)`."""
        self.check_input(x)
        return self.encoder(x)

    def decode(self, code: Any) -> Any:
        """Return the images `(B, C, H, W)` that codes `(B, m)` stand for."""
        self.gives.check(code, "float32")
        return self.decoder(code)


class Reshape(gluon.HybridBlock):
    """Gives each row of a batch a shape."""

    def __init__(self, shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return x `(B, …)` as `(B, *shape)`."""
        return F.np.reshape(x, (-1, *self.shape))


class Double(gluon.HybridBlock):
    """Makes maps twice as high and wide: each place becomes 2 × 2."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return x `(B, C, H, W)` as `(B, C, 2 H, 2 W)`."""
        return F.np.repeat(F.np.repeat(x, 2, axis=2), 2, axis=3)
