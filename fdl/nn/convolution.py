"""The convolutional layer that networks are built from.

Letters: ``B`` batch; ``C`` channels in, ``K`` kernels (channels out); ``H, W``
height and width of the input, ``P, Q`` of the output; ``e`` extent of the
kernel, ``s`` stride, ``p`` padding, ``d`` dilation.

Book: ch. 5, "Full Description of the Convolutional Layer" and "Building a
Convolutional Network for CIFAR-10"
"""

from __future__ import annotations

from typing import Any, Optional, Union

from fdl._mxnet import mx, nn
from fdl.errors import must
from fdl.nn._checks import (
    Batch,
    Checked,
    check_positive,
    check_share,
    check_whole,
)
from fdl.nn.initializers import initializer

__all__ = ["ConvNorm"]

ACTIVATIONS = ("relu", "sigmoid", "tanh", "linear")


class ConvNorm(Checked):
    """A convolution, batch normalization of its logits, a nonlinearity.

    ::

        z = W ∗ x + b            without normalization
        z = BN(W ∗ x)            with it: β is the bias
        y = f(z)

    Parameters
    ----------
    channels : int
        C, the channels that come in.
    kernels : int
        K, the channels that go out.
    extent : int
        e, height and width of a kernel.
    stride : int
        s.
    pad : int, optional
        p; if not given, what keeps height and width at stride 1, for which
        the extent must be odd.
    dilation : int
        d: a kernel's weights are laid on every d-th place.
    groups : int
        Split the channels into so many parts that do not see each other.
    norm : bool
        Whether to normalize.
    activation : {"relu", "sigmoid", "tanh", "linear"}
        f.
    momentum, epsilon : float
        Of the normalization: the decay of its running averages, and ε.
    init : {"he", "uniform", "truncated", "zeros"} or an mx initializer
        How the kernels start (see :func:`fdl.nn.initializer`).

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = ConvNorm(3, 8, extent=5)
    >>> layer.initialize()
    >>> layer(np.zeros((2, 3, 24, 24))).shape
    (2, 8, 24, 24)
    >>> layer
    ConvNorm(3 → 8, 5 x 5, norm, relu)
    """

    def __init__(
        self,
        channels: int,
        kernels: int,
        extent: int = 3,
        *,
        stride: int = 1,
        pad: Optional[int] = None,
        dilation: int = 1,
        groups: int = 1,
        norm: bool = True,
        activation: str = "relu",
        momentum: float = 0.9,
        epsilon: float = 1e-3,
        init: Union[str, mx.init.Initializer] = "he",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, kernels=kernels, extent=extent)
        check_whole(stride=stride, dilation=dilation, groups=groups)
        check_share(momentum=momentum)
        check_positive(epsilon=epsilon)
        if pad is None:
            if extent % 2 == 0:
                rule = "be odd, or `pad` be given"
                raise must("extent", extent, rule)
            pad = dilation * (extent - 1) // 2
        check_whole(least=0, pad=pad)
        if channels % groups or kernels % groups:
            rule = f"divide {channels} channels and {kernels} kernels"
            raise must("groups", groups, rule)
        if activation not in ACTIVATIONS:
            rule = f"be one of {', '.join(ACTIVATIONS)}"
            raise must("activation", activation, rule)
        self.channels, self.kernels, self.extent = channels, kernels, extent
        self.stride, self.pad, self.dilation = stride, pad, dilation
        self.groups, self.activation = groups, activation
        # the smallest image on which a kernel finds a place
        least = max(1, dilation * (extent - 1) + 1 - 2 * pad)
        self.takes = Batch("images", (channels, "H", "W"), least)
        with self.name_scope():
            self.conv = nn.Conv2D(
                kernels,
                extent,
                strides=stride,
                padding=pad,
                dilation=dilation,
                groups=groups,
                use_bias=not norm,
                in_channels=channels,
                weight_initializer=initializer(init),
            )
            self.batch_norm = None
            if norm:
                self.batch_norm = nn.BatchNorm(
                    momentum=momentum, epsilon=epsilon, in_channels=kernels
                )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the feature maps `(B, K, P, Q)` of images `(B, C, H, W)`."""
        z = self.conv(x)  # (B, K, P, Q)
        if self.batch_norm is not None:
            z = self.batch_norm(z)
        if self.activation == "linear":
            return z
        return F.npx.activation(z, act_type=self.activation)

    def __repr__(self) -> str:
        parts = [
            f"{self.channels} → {self.kernels}",
            f"{self.extent} x {self.extent}",
        ]
        for name in ("stride", "dilation", "groups"):
            if getattr(self, name) > 1:
                parts.append(f"{name} {getattr(self, name)}")
        if self.batch_norm is not None:
            parts.append("norm")
        return f"ConvNorm({', '.join([*parts, self.activation])})"
