"""The update rules of gradient descent, from plain to adaptive.

The adaptive ones live in :mod:`fdl.optim.adaptive` and are handed on here.

Each is an ``mx.optimizer.Optimizer``: ``gluon.Trainer`` takes it, and
:func:`fdl.optim.minimize` walks a function with it. None is registered with
MXNet, whose own ``"sgd"`` and ``"adam"`` stay what they are.

Each rule exists twice. ``step`` reads as the equations and serves every type
of number; ``kernel`` does the same for float32 in one pass over the memory,
where MXNet has an operator that can. (Its operators keep rates and decays as
float32, so float64 weights take the equations.) Tests hold the two together.

Letters: θ parameters, g gradient (rescaled, clipped, decayed: see
:mod:`fdl.optim.rule`), ε learning rate, m momentum, v velocity, r squares
gathered so far, ρ, β₁, β₂ decays, δ ``epsilon``, i number of the step from 1
up, ⊙ product entry by entry; roots and quotients are taken entry by entry
too. Every state starts at zero.

References: [1] Sutskever et al. 2013, ICML.

Differences from the paper: Nesterov's rule holds the point that looks ahead.

Book: ch. 4, "Momentum-Based Optimization"
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any, Optional

from fdl._mxnet import mx
from fdl.optim import _checks as checks
from fdl.optim.adaptive import AdaDelta, AdaGrad, Adam, RMSProp
from fdl.optim.rule import Move, Rule

__all__ = [
    "SGD",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "Momentum",
    "Nesterov",
    "RMSProp",
]

State = Sequence[Any]
Rate = Optional[float]


class SGD(Rule):
    """Gradient descent, called stochastic when g comes from a minibatch.

    ::

        θ_i = θ_{i−1} − ε g_i

    Parameters
    ----------
    learning_rate : float, default 0.01
        ε.
    **options
        What every :class:`~fdl.optim.Rule` takes: ``lr_scheduler``, ``wd``, …

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> minimize(lambda x: x[0] ** 2, [1.0], SGD(0.25), steps=2)[:, 0]
    array([1.  , 0.5 , 0.25])

    Book: ch. 2, "Gradient Descent"
    """

    def __init__(self, learning_rate: Rate = None, **options: Any) -> None:
        super().__init__(learning_rate, **options)
        self.aggregate_num = _aggregation(self)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step."""
        # θ_i = θ_{i−1} − ε g_i
        theta -= rate * g

    def kernel(self, moves: list[Move]) -> bool:
        """Take the step in one pass over the memory."""
        for theta, grad, _, rate, wd, _ in moves:
            if self.clip_gradient is not None:
                options = {"lr": rate, "wd": wd, **self.preparation()}
                mx.nd.sgd_update(theta, grad, out=theta, **options)
            else:
                # θ_i = (1 − ε λ) θ_{i−1} − ε s ∂E/∂θ
                rate_s = rate * self.rescale_grad
                _mix(theta, 1.0 - rate * wd, grad, -rate_s)
        return True


def _mix(y: Any, b: float, x: Any, a: float) -> None:
    """Write a x + b y over y.

    As the product of a 1 × 1 matrix with a row, which MXNet leaves to BLAS:
    in less than half of the time of ``sgd_update``.
    """
    row = y.reshape((1, -1))
    x = x.reshape((1, -1))
    mx.nd.linalg.gemm(_one(y.context), x, row, alpha=a, beta=b, out=row)


@functools.cache
def _one(context: Any) -> Any:
    return mx.nd.ones((1, 1), ctx=context)


class Momentum(Rule):
    """Gradient descent with a velocity that outlasts the step.

    ::

        v_i = m v_{i−1} − ε g_i
        θ_i = θ_{i−1} + v_i

    This is the velocity form: when ε changes, the velocity gathered so far
    stays as it is.

    Parameters
    ----------
    learning_rate : float, default 0.01
        ε.
    momentum : float, default 0.9
        m, the share of the velocity that is kept, ``0 <= m < 1``.
    **options
        What every :class:`~fdl.optim.Rule` takes.

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> rule = Momentum(0.25, momentum=0.5)
    >>> minimize(lambda x: x[0] ** 2, [1.0], rule, steps=2)[:, 0]
    array([1. , 0.5, 0. ])

    Book: ch. 4, "Momentum-Based Optimization"
    """

    settings = ("momentum",)
    slots = ("v",)

    def __init__(
        self,
        learning_rate: Rate = None,
        *,
        momentum: float = 0.9,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = checks.fraction("momentum", momentum)
        self.aggregate_num = _aggregation(self)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step."""
        (v,) = state
        # v_i = m v_{i−1} − ε g_i
        v[:] = self.momentum * v - rate * g
        # θ_i = θ_{i−1} + v_i
        theta += v

    def kernel(self, moves: list[Move]) -> bool:
        """Take the step of several parameters at once."""
        mx.nd.multi_sgd_mom_update(
            *[a for move in moves for a in (*move[:2], *move.state)],
            momentum=self.momentum,
            **_together(moves),
            **self.preparation(),
        )
        return True


def _aggregation(rule: Rule) -> int:
    # how many parameters share a call, as for MXNet's own SGD
    if rule.multi_precision:
        return 0
    return int(os.environ.get("MXNET_OPTIMIZER_AGGREGATION_SIZE", "4"))


def _together(moves: list[Move]) -> dict[str, Any]:
    return {
        "out": [move.weight for move in moves],
        "num_weights": len(moves),
        "lrs": [move.rate for move in moves],
        "wds": [move.wd for move in moves],
    }


class Nesterov(Rule):
    """Momentum whose gradient is taken where the velocity is about to lead.

    ::

        v_i = m v_{i−1} − ε g(θ_{i−1} + m v_{i−1})
        θ_i = θ_{i−1} + v_i

    The parameters hold the point that looks ahead, φ = θ + m v, because that
    is where the next gradient is taken [1]. For φ the same rule reads

    ::

        v_i = m v_{i−1} − ε g(φ_{i−1})
        φ_i = φ_{i−1} + m v_i − ε g(φ_{i−1})

    and as the velocity dies away, φ and θ become one.

    Parameters
    ----------
    learning_rate : float, default 0.01
        ε.
    momentum : float, default 0.9
        m, the share of the velocity that is kept, ``0 <= m < 1``.
    **options
        What every :class:`~fdl.optim.Rule` takes.

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> rule = Nesterov(0.25, momentum=0.5)
    >>> minimize(lambda x: x[0] ** 2, [1.0], rule, steps=1)[:, 0]
    array([1.  , 0.25])

    Book: ch. 4, "Momentum-Based Optimization"
    """

    settings = ("momentum",)
    slots = ("v",)

    def __init__(
        self,
        learning_rate: Rate = None,
        *,
        momentum: float = 0.9,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = checks.fraction("momentum", momentum)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step; `theta` is φ."""
        (v,) = state
        # v_i = m v_{i−1} − ε g(φ_{i−1})
        v[:] = self.momentum * v - rate * g
        # φ_i = φ_{i−1} + m v_i − ε g(φ_{i−1})
        theta += self.momentum * v - rate * g

    def kernel(self, moves: list[Move]) -> bool:
        """Take the step by MXNet's kernel."""
        plain = self.preparation()
        for w, g, (v,), rate, wd, _ in moves:
            options = plain
            if wd:
                # in place, the kernel would take λ θ_i, not λ θ_{i−1}, for v
                g = self.gradient(w, g, wd).as_nd_ndarray()
                options = {}
            mx.nd.nag_mom_update(
                w, g, v, out=w, lr=rate, momentum=self.momentum, **options
            )
        return True
