"""Dense blocks: every layer reads the maps of all layers before it.

[1] Huang, Liu, van der Maaten and Weinberger 2017, "Densely Connected
Convolutional Networks", https://arxiv.org/abs/1608.06993

Letters: ``B`` batch; ``C`` channels in; ``k`` maps that each layer adds (the
growth rate); ``L`` layers; ``H, W`` height and width.

Differences from the paper: none.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import nn
from fdl.nn._checks import Batch, Checked, check_share, check_whole
from fdl.nn.initializers import He

__all__ = ["DenseBlock", "DenseLayer", "Transition"]


class DenseLayer(Checked):
    """Keep the maps x and add k new ones.

    ::

        y = [x, H(x)]
        H = BN → relu → 3×3                          or, as a bottleneck,
        H = BN → relu → 1×1 to 4k → BN → relu → 3×3 to k

    Parameters
    ----------
    channels : int
        C.
    growth : int
        k.
    bottleneck : bool
        Which H.
    dropout : float
        Share of the new maps' values that training leaves out.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = DenseLayer(16, growth=12)
    >>> layer.initialize()
    >>> x = np.ones((1, 16, 8, 8))
    >>> y = layer(x)
    >>> y.shape, bool((y[:, :16] == x).all())
    ((1, 28, 8, 8), True)
    """

    def __init__(
        self,
        channels: int,
        growth: int,
        *,
        bottleneck: bool = True,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, growth=growth)
        check_share(dropout=dropout)
        self.takes = Batch("images", (channels, "H", "W"))
        with self.name_scope():
            self.new = nn.HybridSequential()
            if bottleneck:
                self.new.add(*_norm_conv(channels, 4 * growth, 1))
                channels = 4 * growth
            self.new.add(*_norm_conv(channels, growth, 3))
            if dropout:
                self.new.add(nn.Dropout(dropout))

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, C + k, H, W)` for x `(B, C, H, W)`."""
        # x_l = H([x_0, x_1, …, x_{l−1}])   [1] eq. 2
        return F.np.concatenate([x, self.new(x)], axis=1)


class DenseBlock(Checked, nn.HybridSequential):
    """L dense layers: C channels in, C + L k out.

    Parameters
    ----------
    channels, layers, growth : int
        C, L and k.
    **options
        Of :class:`DenseLayer`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> block = DenseBlock(16, layers=4, growth=12)
    >>> block.initialize()
    >>> block(np.zeros((1, 16, 8, 8))).shape
    (1, 64, 8, 8)
    """

    def __init__(
        self, channels: int, layers: int, growth: int, **options: Any
    ) -> None:
        super().__init__()
        check_whole(channels=channels, layers=layers, growth=growth)
        self.takes = Batch("images", (channels, "H", "W"))
        with self.name_scope():
            for layer in range(layers):
                self.add(
                    DenseLayer(channels + layer * growth, growth, **options)
                )


class Transition(Checked, nn.HybridSequential):
    """Between two dense blocks: 1 × 1 to fewer channels, and half the size.

    Parameters
    ----------
    channels, kernels : int
        Channels in and out.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = Transition(64, 32)
    >>> layer.initialize()
    >>> layer(np.zeros((1, 64, 8, 8))).shape
    (1, 32, 4, 4)
    """

    def __init__(self, channels: int, kernels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, kernels=kernels)
        self.takes = Batch("images", (channels, "H", "W"), least=2)
        with self.name_scope():
            self.add(*_norm_conv(channels, kernels, 1), nn.AvgPool2D(2))


def _norm_conv(channels: int, kernels: int, extent: int) -> list[Any]:
    return [
        nn.BatchNorm(in_channels=channels),
        nn.Activation("relu"),
        nn.Conv2D(
            kernels,
            extent,
            padding=extent // 2,
            use_bias=False,
            in_channels=channels,
            weight_initializer=He(),
        ),
    ]
