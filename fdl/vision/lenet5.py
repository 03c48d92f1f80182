"""LeNet-5: the network that read cheques.

[1] LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied
to Document Recognition", doi:10.1109/5.726791

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width; ``K`` classes;
layers are named as in the paper: C1, S2, C3, S4, C5, F6.

Differences from the paper:

1. The scores are a linear layer for a softmax. The paper measures distances
   from F6 to ten fixed pictures of 7 × 12 pixels, which are not trained.
2. Weights start by He's rule, not uniformly in ±2.4 / n_in.
3. ``modern=True`` is the network as it is drawn today: every map of C3 sees
   every map of S2, max pooling has no parameters, units are rectified.
   Only there ``scale`` may differ from 1.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import gluon, nn
from fdl.errors import must
from fdl.nn.initializers import He
from fdl.vision._classifier import Classifier, scaled

__all__ = ["LeNet5"]

# which maps of S2 each map of C3 sees   [1] table I
TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5)),
    *((0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)


class Squash(gluon.HybridBlock):
    """The paper's nonlinearity: f(±1) = ±1, and the slope is largest at 0."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return 1.7159 tanh(2x/3)."""
        return 1.7159 * F.np.tanh(2 / 3 * x)


class Subsampling(gluon.HybridBlock):
    """Sums over 2 × 2 places, with one weight and one bias for each map."""

    def __init__(self, maps: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.mean = nn.AvgPool2D(2)
            shape = (1, maps, 1, 1)
            self.weight = self.params.get("weight", shape=shape, init="ones")
            self.bias = self.params.get("bias", shape=shape, init="zeros")

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any) -> Any:
        """Return `(B, C, H/2, W/2)`."""
        return weight * self.mean(x) + bias


class PartialConvolution(gluon.HybridBlock):
    """C3: sixteen maps, each of which sees some of S2's six."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._maps = []
        with self.name_scope():
            for number, seen in enumerate(TABLE):
                layer = _convolution(len(seen), 1)
                setattr(self, f"map{number}", layer)
                self._maps.append((layer, seen))

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, 16, H − 4, W − 4)` for x `(B, 6, H, W)`."""
        s = F.np.split(x, 6, axis=1)
        maps = [
            layer(F.np.concatenate([s[i] for i in seen], axis=1))
            for layer, seen in self._maps
        ]
        return F.np.concatenate(maps, axis=1)


class LeNet5(Classifier):
    """Convolution, subsampling, convolution, subsampling, three dense layers.

    ::

        C1 6 maps 5 × 5 → S2 → C3 16 maps 5 × 5 → S4 → C5 120 → F6 84 → K

    Parameters
    ----------
    classes : int
        K.
    channels : int
        C; 1 for grey pictures.
    size : int
        H and W; of digits with a margin, 32.
    modern : bool
        See the module's differences.
    scale : float
        Multiplies every number of maps and units but C and K.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(LeNet5(), (1, 32, 32))
    Summary(LeNet5 on 1×32×32: depth 5, 60,850 parameters,
    326,520 multiply-adds)
    """

    def __init__(
        self,
        classes: int = 10,
        *,
        channels: int = 1,
        size: int = 32,
        modern: bool = False,
        scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if scale != 1 and not modern:
            rule = "be 1, or `modern` be true: C3's table is for six maps"
            raise must("scale", scale, rule)
        super().__init__(classes, channels, size, least=16, **kwargs)
        self.modern = modern
        # two convolutions take 4 off, two subsamplings halve
        left = ((size - 4) // 2 - 4) // 2
        c1, c3, c5, f6 = (scaled(n, scale) for n in (6, 16, 120, 84))
        with self.name_scope():
            self.features.add(
                _convolution(channels, c1),  # C1
                _nonlinear(modern),
                nn.MaxPool2D(2) if modern else Subsampling(c1),  # S2
                *(() if modern else (Squash(),)),
                _convolution(c1, c3) if modern else PartialConvolution(),  # C3
                _nonlinear(modern),
                nn.MaxPool2D(2) if modern else Subsampling(c3),  # S4
                *(() if modern else (Squash(),)),
            )
            self.output.add(
                _dense(c3 * left**2, c5),  # C5 sees all that is left
                _nonlinear(modern),
                _dense(c5, f6),  # F6
                _nonlinear(modern),
                _dense(f6, classes),
            )


def _nonlinear(modern: bool) -> gluon.HybridBlock:
    return nn.Activation("relu") if modern else Squash()


def _convolution(channels: int, maps: int) -> nn.Conv2D:
    return nn.Conv2D(maps, 5, in_channels=channels, weight_initializer=He())


def _dense(n_in: int, n_out: int) -> nn.Dense:
    return nn.Dense(n_out, in_units=n_in, weight_initializer=He())
