"""The two small convolutional networks of the book.

They are LeNet's children: convolution, pooling, convolution, pooling, and a
feed-forward network on top.

Letters: ``B`` batch; ``C`` channels, ``H, W`` height and width of an image;
``K`` classes.

Differences from the book: the outputs are linear, as the loss wants them; the
listings put a ReLU on them (and, for CIFAR-10, normalize them first). A layer
that is normalized has no bias of its own, since β is one.

Book: ch. 5, "Closing the Loop on MNIST with Convolutional Networks" and
"Building a Convolutional Network for CIFAR-10"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Union

from fdl._mxnet import mx, nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_share, check_whole
from fdl.nn.convolution import ConvNorm
from fdl.nn.initializers import initializer
from fdl.vision._checks import check_sizes

__all__ = ["ConvNet", "cifar_convnet", "mnist_convnet"]


class ConvNet(Checked):
    """Convolutions with pooling after each, then dense layers.

    ::

        h_k = pool(f(W_k ∗ h_{k−1} + b_k))      h_0 = x
        d_k = dropout(f(V_k d_{k−1} + c_k))     d_0 = all of the last h
        y   = V d + c

    Each convolution keeps height and width, each pooling halves them.

    Parameters
    ----------
    image : (int, int, int)
        C, H and W of the images.
    kernels : sequence of int
        Channels out of each convolution.
    hidden : sequence of int
        Units of each dense layer but the last.
    classes : int
        K.
    extent : int
        Height and width of the convolutions' kernels.
    norm : bool
        Normalize the logits of every layer but the last over the batch.
    dropout : float
        Share of the dense layers' units that training leaves out.
    init : {"he", "uniform", "truncated", "zeros"} or an mx initializer
        How the weights start (see :func:`fdl.nn.initializer`).

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = ConvNet((3, 24, 24), (8, 8), (16,), 10)
    >>> net.initialize()
    >>> net(np.zeros((2, 3, 24, 24))).shape
    (2, 10)
    """

    def __init__(
        self,
        image: Sequence[int],
        kernels: Sequence[int],
        hidden: Sequence[int],
        classes: int,
        *,
        extent: int = 5,
        norm: bool = False,
        dropout: float = 0.0,
        init: Union[str, mx.init.Initializer] = "he",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.image = check_sizes("image", image, 3)
        kernels = check_sizes("kernels", kernels)
        hidden = check_sizes("hidden", hidden)
        check_whole(classes=classes, extent=extent)
        if extent % 2 == 0:
            raise must("extent", extent, "be odd, to keep the size")
        check_share(dropout=dropout)
        C, H, W = self.image
        halvings = len(kernels)
        if min(H, W) < 2**halvings:
            rule = f"be at least {2**halvings} high and wide to be halved"
            raise must("image", self.image, f"{rule} {halvings} times")
        self.takes = Batch("images", self.image)
        self.norm, self.dropout = bool(norm), float(dropout)
        start = initializer(init)
        with self.name_scope():
            self.features = nn.HybridSequential()
            for c, k in zip((C, *kernels), kernels):
                self.features.add(
                    ConvNorm(c, k, extent, norm=norm, init=init),
                    nn.MaxPool2D(pool_size=2, strides=2),
                )
            self.features.add(nn.Flatten())
            units = (C, *kernels)[-1] * math.prod(
                n // 2**halvings for n in (H, W)
            )
            self.classifier = nn.HybridSequential()
            for n_in, n_out in zip((units, *hidden), hidden):
                layer = nn.Dense(
                    n_out,
                    in_units=n_in,
                    use_bias=not norm,
                    weight_initializer=start,
                )
                self.classifier.add(layer)
                if norm:
                    self.classifier.add(
                        nn.BatchNorm(
                            momentum=0.9, epsilon=1e-3, in_channels=n_out
                        )
                    )
                self.classifier.add(nn.Activation("relu"))
                if dropout:
                    self.classifier.add(nn.Dropout(dropout))
            self.output = nn.Dense(
                classes,
                in_units=(units, *hidden)[-1],
                weight_initializer=start,
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the logits `(B, K)` of images x `(B, C, H, W)`."""
        h = self.features(x)  # (B, units)
        d = self.classifier(h)
        return self.output(d)  # (B, K)


def mnist_convnet(
    *, norm: bool = False, dropout: float = 0.5, **more: Any
) -> ConvNet:
    """Return the book's network for MNIST.

    28 × 28 grey; 5 × 5 × 32, pool, 5 × 5 × 64, pool, 1,024 units with
    dropout, 10 classes: 3,274,634 parameters.

    Parameters
    ----------
    norm, dropout, **more
        Handed on to :class:`ConvNet`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = mnist_convnet(norm=True)
    >>> net.initialize()
    >>> net(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    sizes = (1, 28, 28), (32, 64), (1024,), 10
    return ConvNet(*sizes, norm=norm, dropout=dropout, **more)


def cifar_convnet(
    *, norm: bool = False, dropout: float = 0.0, **more: Any
) -> ConvNet:
    """Return the book's network for CIFAR-10.

    24 × 24 crops in colour; 5 × 5 × 64, pool, 5 × 5 × 64, pool, 384 and 192
    units, 10 classes.

    Parameters
    ----------
    norm, dropout, **more
        Handed on to :class:`ConvNet`.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(cifar_convnet(), (3, 24, 24)).parameters
    1068298
    """
    sizes = (3, 24, 24), (64, 64), (384, 192), 10
    return ConvNet(*sizes, norm=norm, dropout=dropout, **more)
