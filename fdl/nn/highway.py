"""Ways around a layer: a sum, or a gate that decides what is carried on.

[1] Srivastava, Greff and Schmidhuber 2015, "Highway Networks",
https://arxiv.org/abs/1505.00387
[2] He, Zhang, Ren and Sun 2016, "Deep Residual Learning for Image
Recognition", https://arxiv.org/abs/1512.03385

Letters: ``B`` batch; ``n`` units or channels, as many out as in; ``f`` the
nonlinearity; ``g`` the gate, between 0 and 1.

Differences from the papers:

1. Our gate carries: g is the paper's C, and its T is 1 − g. So the bias that
   lets a deep stack begin as the identity is positive here.
2. :class:`DeepLayer` adds behind the nonlinearity, as a lecture has it; [2]
   adds in front of it (see :class:`fdl.nn.Residual`).

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any, Optional

from fdl._mxnet import gluon, mx, nn
from fdl.errors import must
from fdl.nn._checks import (
    Batch,
    Checked,
    check_number,
    check_positive,
    check_whole,
)
from fdl.nn.initializers import He

__all__ = ["DeepLayer", "Highway"]


class Highway(Checked):
    """A layer, and a gate that carries its input past it.

    ::

        g = σ(W_g x + b_g)
        y = x ⊙ g + f(W x + b) ⊙ (1 − g)

    Parameters
    ----------
    units : int
        n.
    extent : int, optional
        Height and width of the kernels, odd: then both layers are
        convolutions and x has the shape `(B, n, H, W)`, else `(B, n)`.
    activation : {"relu", "tanh", "sigmoid"}
        f.
    carry : float
        The gate's first bias b_g: at 2, it carries 88 % of x.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = Highway(50)
    >>> layer.initialize()
    >>> layer(np.zeros((2, 50))).shape
    (2, 50)
    """

    def __init__(
        self,
        units: int,
        *,
        extent: Optional[int] = None,
        activation: str = "relu",
        carry: float = 2.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if activation not in ("relu", "tanh", "sigmoid"):
            rule = "be one of relu, tanh, sigmoid"
            raise must("activation", activation, rule)
        check_whole(units=units)
        check_number(carry=carry)
        if extent is not None:
            check_whole(extent=extent)
            if extent % 2 == 0:
                raise must("extent", extent, "be odd")
        self.units, self.activation = units, activation
        places = () if extent is None else ("H", "W")
        self.takes = Batch("activities", (units, *places))
        bias = mx.init.Constant(carry)
        with self.name_scope():
            self.transform = _layer(units, extent, mx.init.Zero())
            self.gate = _layer(units, extent, bias)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return y, of the shape of x."""
        # [1] eq. 3 with C = g and T = 1 − g
        f = F.npx.activation(self.transform(x), act_type=self.activation)
        g = F.npx.sigmoid(self.gate(x))
        return x * g + f * (1 - g)


class DeepLayer(Checked):
    """A dense layer, or one that learns what to add to its input.

    ::

        y = relu(W x + b)          plain
        y = x + relu(W x + b)      residual

    Parameters
    ----------
    units : int
        n.
    residual : bool
        Which of the two.
    power : float
        The weights start with the variance power / n; He's rule is 2. Begun
        so, a residual layer at least doubles the mean square of its input,
        which a deep stack does not survive; with 2 / L, for L layers, the
        sum grows slowly.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layer = DeepLayer(50, residual=True)
    >>> layer.initialize()
    >>> layer(np.zeros((2, 50))).shape
    (2, 50)
    """

    def __init__(
        self, units: int, *, residual: bool, power: float = 2.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_whole(units=units)
        check_positive(power=power)
        self.takes, self.residual = Batch("activities", (units,)), residual
        with self.name_scope():
            self.layer = nn.Dense(
                units,
                in_units=units,
                activation="relu",
                weight_initializer=mx.init.Normal((power / units) ** 0.5),
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return y `(B, n)`."""
        y = self.layer(x)
        return x + y if self.residual else y


def _layer(units: int, extent: Optional[int], bias: Any) -> gluon.HybridBlock:
    start = {"weight_initializer": He(), "bias_initializer": bias}
    if extent is None:
        return nn.Dense(units, in_units=units, flatten=False, **start)
    return nn.Conv2D(
        units, extent, padding=extent // 2, in_channels=units, **start
    )
