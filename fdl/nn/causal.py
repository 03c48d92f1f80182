"""Causal convolution: no output sees an input of its future.

Letters: ``B`` batch; ``C`` channels in, ``K`` out; ``T`` time; ``e`` extent of
the kernel, ``d`` its dilation.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import nn
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.nn.initializers import He

__all__ = ["CausalConv"]


class CausalConv(Checked):
    """A convolution along time that looks back only.

    ::

        y_t = b + Σ_u W_u x_{t − u·d}      u = 0, …, e − 1

    What lies before the first step counts as zeros.

    Parameters
    ----------
    channels, kernels : int
        C and K.
    extent : int
        e.
    dilation : int
        d.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = CausalConv(1, 8, extent=2, dilation=4)
    >>> layer.initialize()
    >>> layer(np.zeros((3, 1, 100))).shape
    (3, 8, 100)
    """

    def __init__(
        self,
        channels: int,
        kernels: int,
        extent: int = 2,
        *,
        dilation: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, kernels=kernels)
        check_whole(extent=extent, dilation=dilation)
        self.takes = Batch("signals", (channels, "T"))
        self._before = ((0, 0), (0, 0), ((extent - 1) * dilation, 0))
        with self.name_scope():
            self.conv = nn.Conv1D(
                kernels,
                extent,
                dilation=dilation,
                in_channels=channels,
                weight_initializer=He(),
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, K, T)` for x `(B, C, T)`."""
        return self.conv(F.np.pad(x, self._before))
