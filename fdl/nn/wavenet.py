"""A small WaveNet: gates, residuals and skips over dilated causal layers.

[1] van den Oord et al. 2016, "WaveNet: A Generative Model for Raw Audio",
https://arxiv.org/abs/1609.03499

Letters: ``B`` batch; ``T`` time; ``C`` channels of the signal; ``K`` channels
inside; ``L`` layers.

Differences from the paper:

1. The output is as wide as asked for: one number for a mean, or as many as
   there are levels for a softmax (256 in the paper).
2. There is no conditioning on a speaker or a text.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fdl._mxnet import nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_whole, is_whole
from fdl.nn.causal import CausalConv
from fdl.nn.initializers import He

__all__ = ["GatedLayer", "WaveNet"]


class GatedLayer(Checked):
    """One dilated layer with a gate, a residual way and a skip way.

    ::

        z = tanh(W_f ∗ x) ⊙ σ(W_g ∗ x)
        on to the next layer    x + V z
        on to the output        S z

    Parameters
    ----------
    channels : int
        K.
    extent, dilation : int
        Of W_f and W_g.
    skips : int
        Channels of S z.
    last : bool
        Whether there is no next layer, and so no V.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = GatedLayer(4, dilation=2, skips=6)
    >>> layer.initialize()
    >>> y, skip = layer(np.zeros((1, 4, 9)))
    >>> y.shape, skip.shape
    ((1, 4, 9), (1, 6, 9))
    """

    def __init__(
        self,
        channels: int,
        *,
        extent: int = 2,
        dilation: int = 1,
        skips: int = 32,
        last: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, skips=skips)
        self.takes = Batch("signals", (channels, "T"))
        with self.name_scope():
            # both convolutions in one; the first half of its channels is W_f
            self.conv = CausalConv(
                channels, 2 * channels, extent, dilation=dilation
            )
            self.residual = None if last else _mix(channels, channels)
            self.skip = _mix(channels, skips)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return y `(B, K, T)` and `(B, skips, T)` for x `(B, K, T)`."""
        f, g = F.np.split(self.conv(x), 2, axis=1)
        z = F.np.tanh(f) * F.npx.sigmoid(g)  # [1] eq. 2
        y = x if self.residual is None else x + self.residual(z)
        return y, self.skip(z)


class WaveNet(Checked):
    """What comes next, at every step, from what came before.

    The first layer sees the present step; a shift by one of the targets makes
    it a prediction.

    Parameters
    ----------
    outputs : int
        Numbers put out for each step.
    channels : int
        K.
    dilations : sequence of int
        Of each layer.
    extent : int
        Of each layer's kernel.
    skips : int
        Channels in which the layers' contributions are summed.
    signal : int
        C.

    Examples
    --------
    >>> from fdl import nn
    >>> net = WaveNet(1, dilations=(1, 2, 4, 8))
    >>> [field] = nn.summarize(net, (1, 100)).fields
    >>> field.lo, field.hi
    (-15, 0)
    """

    def __init__(
        self,
        outputs: int = 1,
        *,
        channels: int = 16,
        dilations: Iterable[int] = (1, 2, 4, 8, 16, 32),
        extent: int = 2,
        skips: int = 32,
        signal: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(outputs=outputs, channels=channels, extent=extent)
        check_whole(skips=skips, signal=signal)
        self.dilations = _dilations(dilations)
        self.takes = Batch("signals", (signal, "T"))
        self._layers = []
        with self.name_scope():
            self.begin = _mix(signal, channels)
            for number, dilation in enumerate(self.dilations):
                layer = GatedLayer(
                    channels,
                    extent=extent,
                    dilation=dilation,
                    skips=skips,
                    last=number == len(self.dilations) - 1,
                )
                setattr(self, f"layer{number}", layer)
                self._layers.append(layer)
            self.end = nn.HybridSequential()
            self.end.add(
                nn.Activation("relu"),
                _mix(skips, skips),
                nn.Activation("relu"),
                _mix(skips, outputs),
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, outputs, T)` for a signal x `(B, C, T)`."""
        h = self.begin(x)
        total = 0
        for layer in self._layers:
            h, skip = layer(h)
            total = total + skip
        return self.end(total)


def _dilations(dilations: Iterable[int]) -> tuple[int, ...]:
    try:
        found = tuple(dilations)
    except TypeError:
        found = ()
    if not found or not all(map(is_whole, found)):
        rule = "be whole numbers from 1 up, one for each layer"
        raise must("dilations", dilations, rule)
    return found


def _mix(channels: int, kernels: int) -> nn.Conv1D:
    return nn.Conv1D(kernels, 1, in_channels=channels, weight_initializer=He())
