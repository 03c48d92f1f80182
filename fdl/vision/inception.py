"""GoogLeNet: nine inception modules.

[1] Szegedy et al. 2015, "Going Deeper with Convolutions",
https://arxiv.org/abs/1409.4842

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width; ``K`` classes.

Differences from the paper:

1. Weights start by He's rule.
2. The last pooling is over all places, so images of other sizes will do.
3. ``scale`` and ``stem="small"`` are ours, for small experiments.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import gluon, nn
from fdl.errors import must
from fdl.nn._checks import check_share
from fdl.nn.convolution import ConvNorm
from fdl.nn.inception import Inception
from fdl.nn.initializers import He
from fdl.nn.local_response import LocalResponseNorm
from fdl.vision._classifier import Classifier, scaled

__all__ = ["SPECS", "GoogLeNet"]

# 1×1, reduce 3×3, 3×3, reduce 5×5, 5×5, behind pooling   [1] table 1
SPECS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
# and the smallest image, without auxiliary heads and with them
STEMS = {"imagenet": (47, 79), "small": (12, 20)}


class GoogLeNet(Classifier):
    """A stem, nine inception modules, the mean over all places, one layer.

    ::

        64 (7 × 7 / 2) → pool → 192 (3 × 3) → pool → 3a → 3b → pool
        → 4a → 4b → 4c → 4d → 4e → pool → 5a → 5b → mean → K

    Parameters
    ----------
    classes : int
        K.
    channels : int
        C.
    auxiliary : bool
        Put two more heads on, behind 4a and 4d, whose losses bring gradients
        to the lower layers; the network then returns three scores, its own
        first. The paper adds their losses with weight 0.3 and drops them
        after training. Their dense layers are made for the size of the first
        images.
    dropout : float
        Share of the means that training leaves out.
    stem : {"imagenet", "small"}
        With ``"small"`` the stem halves the size once, not three times.
    scale : float
        Multiplies every number of channels but C and K.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(GoogLeNet(), (3, 224, 224)).depth
    22
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        channels: int = 3,
        auxiliary: bool = False,
        dropout: float = 0.4,
        stem: str = "imagenet",
        scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if stem not in STEMS:
            raise must("stem", stem, f"be one of {', '.join(STEMS)}")
        check_share(dropout=dropout)
        least = STEMS[stem][bool(auxiliary)]
        super().__init__(classes, channels, least=least, **kwargs)
        self.auxiliary = auxiliary
        a, b = scaled(64, scale), scaled(192, scale)
        small = stem == "small"
        with self.name_scope():
            self.features.add(
                ConvNorm(channels, a, 3, norm=False)
                if small
                else ConvNorm(channels, a, 7, stride=2, norm=False),
                *(() if small else (_pool(),)),
                LocalResponseNorm(),
                ConvNorm(a, a, 1, norm=False),
                ConvNorm(a, b, 3, norm=False),
                LocalResponseNorm(),
                _pool(),
            )
            self._modules: list[gluon.HybridBlock] = []
            self._heads: dict[gluon.HybridBlock, nn.HybridSequential] = {}
            for name, spec in SPECS.items():
                if name in ("4a", "5a"):
                    self._add(f"pool{name[0]}", _pool())
                module = Inception(b, *(scaled(n, scale) for n in spec))
                self._add(f"inception{name}", module)
                b = module.kernels
                if auxiliary and name in ("4a", "4d"):
                    head = _head(b, classes, scale)
                    self._heads[module] = head
                    setattr(self, f"head{name}", head)
            self.output.add(
                nn.GlobalAvgPool2D(),
                nn.Dropout(dropout),
                nn.Dense(classes, in_units=b, weight_initializer=He()),
            )

    def _add(self, name: str, block: gluon.HybridBlock) -> None:
        setattr(self, name, block)
        self._modules.append(block)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, K)`, or three of them with auxiliary heads."""
        h = self.features(x)
        others = []
        for module in self._modules:
            h = module(h)
            if module in self._heads:
                others.append(self._heads[module](h))
        y = self.output(h)
        return (y, *others) if self.auxiliary else y


def _pool() -> nn.MaxPool2D:
    # the last window may hang over the edge, so that 112 becomes 56
    return nn.MaxPool2D(3, 2, ceil_mode=True)


def _head(channels: int, classes: int, scale: float) -> nn.HybridSequential:
    kernels, units = scaled(128, scale), scaled(1024, scale)
    head = nn.HybridSequential()
    head.add(
        nn.AvgPool2D(5, 3),
        ConvNorm(channels, kernels, 1, norm=False),
        nn.Dense(units, activation="relu", weight_initializer=He()),
        nn.Dropout(0.7),
        nn.Dense(classes, in_units=units, weight_initializer=He()),
    )
    return head
