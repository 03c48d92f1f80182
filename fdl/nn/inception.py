"""The inception module: kernels of several sizes, side by side.

[1] Szegedy et al. 2015, "Going Deeper with Convolutions",
https://arxiv.org/abs/1409.4842

Letters: ``B`` batch; ``C`` channels in; ``H, W`` height and width.

Differences from the paper: none.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import gluon, nn
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.nn.convolution import ConvNorm

__all__ = ["Inception"]


class Inception(Checked):
    """Four views of the same maps, stacked.

    ::

        y = [ 1×1(x),  3×3(1×1(x)),  5×5(1×1(x)),  1×1(pool(x)) ]

    The 1 × 1 convolutions in front of the large kernels mix the channels down
    to a few, so that the large kernels have less to multiply.

    Parameters
    ----------
    channels : int
        C.
    one : int
        Kernels of 1 × 1.
    reduce3, three : int
        Kernels of 1 × 1 in front of the kernels of 3 × 3; these.
    reduce5, five : int
        Kernels of 1 × 1 in front of the kernels of 5 × 5; these.
    pool : int
        Kernels of 1 × 1 behind a pooling of 3 × 3 that keeps the size.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> module = Inception(192, 64, 96, 128, 16, 32, 32)
    >>> module.initialize()
    >>> module(np.zeros((1, 192, 7, 7))).shape
    (1, 256, 7, 7)
    """

    def __init__(
        self,
        channels: int,
        one: int,
        reduce3: int,
        three: int,
        reduce5: int,
        five: int,
        pool: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, one=one, pool=pool)
        check_whole(reduce3=reduce3, three=three, reduce5=reduce5, five=five)
        self.takes = Batch("images", (channels, "H", "W"))
        self.kernels = one + three + five + pool
        with self.name_scope():
            self.one = _chain(ConvNorm(channels, one, 1, norm=False))
            self.three = _chain(
                ConvNorm(channels, reduce3, 1, norm=False),
                ConvNorm(reduce3, three, 3, norm=False),
            )
            self.five = _chain(
                ConvNorm(channels, reduce5, 1, norm=False),
                ConvNorm(reduce5, five, 5, norm=False),
            )
            self.pool = _chain(
                nn.MaxPool2D(3, strides=1, padding=1),
                ConvNorm(channels, pool, 1, norm=False),
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, one + three + five + pool, H, W)`."""
        views = [self.one(x), self.three(x), self.five(x), self.pool(x)]
        return F.np.concatenate(views, axis=1)


def _chain(*layers: gluon.HybridBlock) -> nn.HybridSequential:
    chain = nn.HybridSequential()
    chain.add(*layers)
    return chain
