"""Highway layers: a gate decides what is carried on unchanged.

[1] Srivastava, Greff and Schmidhuber 2015, "Highway Networks",
https://arxiv.org/abs/1505.00387

Letters: ``B`` batch; ``n`` units or channels, as many out as in; ``f`` the
nonlinearity; ``g`` the gate, between 0 and 1.

Differences from the paper:

1. Our gate carries: g is the paper's C, and its T is 1 − g. So the bias that
   lets a deep stack begin as the identity is positive here.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any, Optional

from fdl._mxnet import gluon, mx, nn
from fdl.errors import must
from fdl.nn.initializers import He

__all__ = ["Highway"]


class Highway(gluon.HybridBlock):
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
        if extent is not None and (extent < 1 or extent % 2 == 0):
            raise must("extent", extent, "be odd")
        self.units, self.activation = units, activation
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


def _layer(units: int, extent: Optional[int], bias: Any) -> gluon.HybridBlock:
    start = {"weight_initializer": He(), "bias_initializer": bias}
    if extent is None:
        return nn.Dense(units, in_units=units, flatten=False, **start)
    return nn.Conv2D(
        units, extent, padding=extent // 2, in_channels=units, **start
    )
