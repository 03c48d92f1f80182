"""Residual blocks: layers that learn what to add to their input.

[1] He, Zhang, Ren and Sun 2016, "Deep Residual Learning for Image
Recognition", https://arxiv.org/abs/1512.03385

Letters: ``B`` batch; ``C`` channels in, ``K`` out; ``H, W`` height and width;
``s`` stride; ``F`` what the block adds.

Differences from the paper: none. A bottleneck takes its stride in the first
1 × 1 convolution, as there; many later networks take it in the 3 × 3.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import gluon, nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.nn.convolution import ConvNorm

__all__ = ["Residual"]

SHORTCUTS = ("projection", "padding", "none")


class Residual(Checked):
    """A few convolutions, and a way around them.

    ::

        y = relu(F(x) + x)                where x has the shape of F(x)
        y = relu(F(x) + shortcut(x))      where it has not

    F is two convolutions 3 × 3 or, as a bottleneck, 1 × 1 down to K / 4
    channels, 3 × 3, and 1 × 1 up to K.

    Parameters
    ----------
    channels, kernels : int
        C and K; for a bottleneck, K is a multiple of 4.
    stride : int
        s.
    bottleneck : bool
        Which F.
    shortcut : {"projection", "padding", "none"}
        How x gets the shape of F(x) where it has to: by a 1 × 1 convolution,
        or by leaving places out and adding channels of zeros. With "none"
        there is no way around anywhere: a plain network, for comparison.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> block = Residual(64, 128, stride=2)
    >>> block.initialize()
    >>> block(np.zeros((1, 64, 8, 8))).shape
    (1, 128, 4, 4)
    """

    def __init__(
        self,
        channels: int,
        kernels: int,
        *,
        stride: int = 1,
        bottleneck: bool = False,
        shortcut: str = "projection",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if shortcut not in SHORTCUTS:
            rule = f"be one of {', '.join(SHORTCUTS)}"
            raise must("shortcut", shortcut, rule)
        check_whole(channels=channels, kernels=kernels, stride=stride)
        if bottleneck and kernels % 4:
            raise must("kernels", kernels, "be a multiple of 4")
        self.takes = Batch("images", (channels, "H", "W"))
        self.plain = shortcut == "none"
        same = channels == kernels and stride == 1
        with self.name_scope():
            self.body = nn.HybridSequential()
            self.body.add(
                *(
                    _bottleneck(channels, kernels, stride)
                    if bottleneck
                    else _basic(channels, kernels, stride)
                )
            )
            self.shortcut = None
            if not same and shortcut == "projection":
                self.shortcut = ConvNorm(
                    channels, kernels, 1, stride=stride, activation="linear"
                )
            elif not same and shortcut == "padding":
                self.shortcut = Padding(channels, kernels, stride)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, K, H/s, W/s)` for x `(B, C, H, W)`."""
        y = self.body(x)
        if not self.plain:
            # y = F(x) + x,   y = F(x) + W x   [1] eqs. 1 and 2
            y = y + (x if self.shortcut is None else self.shortcut(x))
        return F.npx.relu(y)


class Padding(gluon.HybridBlock):
    """A shortcut without parameters: every s-th place, zeros as channels."""

    def __init__(
        self, channels: int, kernels: int, stride: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if kernels < channels:
            raise must("kernels", kernels, f"be {channels} at least")
        self._pad = ((0, 0), (0, kernels - channels), (0, 0), (0, 0))
        with self.name_scope():
            self.thin = nn.MaxPool2D(1, stride)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, K, H/s, W/s)` for x `(B, C, H, W)`."""
        return F.np.pad(self.thin(x), self._pad)


def _basic(channels: int, kernels: int, stride: int) -> list[ConvNorm]:
    return [
        ConvNorm(channels, kernels, 3, stride=stride),
        ConvNorm(kernels, kernels, 3, activation="linear"),
    ]


def _bottleneck(channels: int, kernels: int, stride: int) -> list[ConvNorm]:
    few = kernels // 4
    return [
        ConvNorm(channels, few, 1, stride=stride),
        ConvNorm(few, few, 3),
        ConvNorm(few, kernels, 1, activation="linear"),
    ]
