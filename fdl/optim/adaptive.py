"""The update rules that give each parameter a rate of its own.

Letters: as in :mod:`fdl.optim.rules`, from which all seven can be had.

References: [1] Duchi, Hazan and Singer 2011, JMLR 12. [2] Zeiler 2012,
arXiv:1212.5701. [3] Tieleman and Hinton 2012, Coursera lecture 6.5.
[4] Kingma and Ba 2015, arXiv:1412.6980.

Differences from the papers: 1. RMSProp has δ, and outside the root.
2. AdaDelta has a learning rate, which is 1 in the paper.

Book: ch. 4, "Learning Rate Adaptation"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Optional

import numpy as onp

from fdl._mxnet import mx, np
from fdl.optim import _checks as checks
from fdl.optim.rule import Move, Rule

__all__ = ["AdaDelta", "AdaGrad", "Adam", "RMSProp"]

State = Sequence[Any]
Rate = Optional[float]


class AdaGrad(Rule):
    """A rate for each parameter that falls with all its gradients so far.

    ::

        r_i = r_{i−1} + g_i ⊙ g_i
        θ_i = θ_{i−1} − ε / (δ + √r_i) ⊙ g_i

    δ stands outside the root, and r starts at zero [1].

    Parameters
    ----------
    learning_rate : float, default 0.01
        ε.
    epsilon : float, default 1e-7
        δ, which keeps the quotient finite, positive.
    **options
        What every :class:`~fdl.optim.Rule` takes.

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> path = minimize(lambda x: x[0] ** 2, [1.0], AdaGrad(0.5), steps=2)
    >>> path[:, 0].round(4)
    array([1.    , 0.5   , 0.2764])

    Book: ch. 4, "AdaGrad—Accumulating Historical Gradients"
    """

    settings = ("epsilon",)
    slots = ("r",)

    def __init__(
        self,
        learning_rate: Rate = None,
        *,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.epsilon = checks.positive("epsilon", epsilon)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step."""
        (r,) = state
        # r_i = r_{i−1} + g_i ⊙ g_i
        r += g * g
        # θ_i = θ_{i−1} − ε / (δ + √r_i) ⊙ g_i
        theta -= rate / (self.epsilon + np.sqrt(r)) * g


class AdaDelta(Rule):
    """Steps in the units of the parameters, with no rate to choose.

    ::

        r_i = ρ r_{i−1} + (1 − ρ) g_i ⊙ g_i
        d_i = √(s_{i−1} + δ) / √(r_i + δ) ⊙ g_i
        s_i = ρ s_{i−1} + (1 − ρ) d_i ⊙ d_i
        θ_i = θ_{i−1} − ε d_i

    δ stands inside both roots, and ε is 1 unless told otherwise [2].

    Parameters
    ----------
    learning_rate : float, default 1.0
        ε.
    rho : float, default 0.95
        ρ, the share of the averages that is kept, ``0 <= ρ < 1``.
    epsilon : float, default 1e-6
        δ, which also decides how large the first step is, positive.
    **options
        What every :class:`~fdl.optim.Rule` takes.

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> rule = AdaDelta(rho=0.75, epsilon=1.0)
    >>> minimize(lambda x: x[0] ** 2, [1.0], rule, steps=1)[:, 0].round(4)
    array([ 1.    , -0.4142])

    Book: ch. 4, "The Philosophy Behind Optimizer Selection"
    """

    default_rate = 1.0
    settings = ("rho", "epsilon")
    slots = ("r", "s")

    def __init__(
        self,
        learning_rate: Rate = None,
        *,
        rho: float = 0.95,
        epsilon: float = 1e-6,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = checks.fraction("rho", rho)
        self.epsilon = checks.positive("epsilon", epsilon)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step."""
        r, s = state
        # r_i = ρ r_{i−1} + (1 − ρ) g_i ⊙ g_i
        r[:] = self.rho * r + (1 - self.rho) * g * g
        # d_i = √(s_{i−1} + δ) / √(r_i + δ) ⊙ g_i
        d = np.sqrt(s + self.epsilon) / np.sqrt(r + self.epsilon) * g
        # s_i = ρ s_{i−1} + (1 − ρ) d_i ⊙ d_i
        s[:] = self.rho * s + (1 - self.rho) * d * d
        # θ_i = θ_{i−1} − ε d_i
        theta -= rate * d


class RMSProp(Rule):
    """AdaGrad that forgets: the squares are averaged, not summed.

    ::

        r_i = ρ r_{i−1} + (1 − ρ) g_i ⊙ g_i
        v_i = m v_{i−1} − ε / (δ + √r_i) ⊙ g_i
        θ_i = θ_{i−1} + v_i

    δ stands outside the root [3]. The momentum is the classical one; it is 0
    unless asked for, and then v is not kept.

    Parameters
    ----------
    learning_rate : float, default 0.001
        ε.
    rho : float, default 0.9
        ρ, the share of the average that is kept, ``0 <= ρ < 1``.
    momentum : float, default 0.0
        m, the share of the velocity that is kept, ``0 <= m < 1``.
    epsilon : float, default 1e-10
        δ, which keeps the quotient finite, positive.
    **options
        What every :class:`~fdl.optim.Rule` takes.

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> rule = RMSProp(0.25, rho=0.75)
    >>> minimize(lambda x: x[0] ** 2, [1.0], rule, steps=1)[:, 0].round(4)
    array([1. , 0.5])

    Book: ch. 4, "RMSProp—Exponentially Weighted Moving Average of Gradients"
    """

    default_rate = 0.001
    settings = ("rho", "momentum", "epsilon")

    def __init__(
        self,
        learning_rate: Rate = None,
        *,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-10,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = checks.fraction("rho", rho)
        self.momentum = checks.fraction("momentum", momentum)
        self.epsilon = checks.positive("epsilon", epsilon)

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the arrays that the rule keeps."""
        return ("r", "v") if self.momentum else ("r",)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step."""
        r, *velocity = state
        # r_i = ρ r_{i−1} + (1 − ρ) g_i ⊙ g_i
        r[:] = self.rho * r + (1 - self.rho) * g * g
        # v_i = m v_{i−1} − ε / (δ + √r_i) ⊙ g_i
        v = -rate / (self.epsilon + np.sqrt(r)) * g
        for kept in velocity:
            kept[:] = v = self.momentum * kept + v
        # θ_i = θ_{i−1} + v_i
        theta += v

    def kernel(self, moves: list[Move]) -> bool:
        """Take the step by Adam's kernel.

        MXNet's kernel of this rule's name has δ inside the root. Adam's, told
        to forget its first moment at once (β₁ = 0), leaves just ε / (δ + √r)
        ⊙ g, to be taken off θ or, with momentum, off m v.
        """
        plain = self.preparation()
        clips = self.clip_gradient is not None
        for w, g, (r, *velocity), rate, wd, _ in moves:
            (target,) = velocity or (w,)
            options = plain
            if wd and (velocity or clips):
                # the kernel would decay the target, or clip the decay too
                g = self.gradient(w, g, wd).as_nd_ndarray()
                options, wd = {}, 0.0
            if velocity:
                target *= self.momentum
            mx.nd.adam_update(
                target,
                g,
                mx.nd.zeros_like(w),
                r,
                out=target,
                lr=rate,
                beta1=0.0,
                beta2=self.rho,
                epsilon=self.epsilon,
                wd=wd,
                **options,
            )
            if velocity:
                w += target
        return True


class Adam(Rule):
    """Momentum and RMSProp together, both freed of their start at zero.

    ::

        m_i = β₁ m_{i−1} + (1 − β₁) g_i
        v_i = β₂ v_{i−1} + (1 − β₂) g_i ⊙ g_i
        m̃_i = m_i / (1 − β₁ⁱ)
        ṽ_i = v_i / (1 − β₂ⁱ)
        θ_i = θ_{i−1} − ε / (δ + √ṽ_i) ⊙ m̃_i

    δ stands outside the root and beside the *corrected* moment, as in the
    paper's Algorithm 1 [4]. (MXNet's own Adam puts it beside the uncorrected
    one, as if δ were larger in the first steps.)

    Parameters
    ----------
    learning_rate : float, default 0.001
        ε.
    beta1, beta2 : float, default 0.9 and 0.999
        β₁ and β₂, the shares of the averages that are kept, ``0 <= β < 1``.
    epsilon : float, default 1e-8
        δ, which keeps the quotient finite, positive.
    **options
        What every :class:`~fdl.optim.Rule` takes.

    Examples
    --------
    >>> from fdl.optim import minimize
    >>> path = minimize(lambda x: x[0] ** 2, [1.0], Adam(0.25), steps=1)
    >>> path[:, 0].round(4)
    array([1.  , 0.75])

    Book: ch. 4, "Adam—Combining Momentum and RMSProp"
    """

    default_rate = 0.001
    settings = ("beta1", "beta2", "epsilon")
    slots = ("m", "v")

    def __init__(
        self,
        learning_rate: Rate = None,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta1 = checks.fraction("beta1", beta1)
        self.beta2 = checks.fraction("beta2", beta2)
        self.epsilon = checks.positive("epsilon", epsilon)

    def step(
        self, theta: Any, g: Any, state: State, rate: float, t: int
    ) -> None:
        """Take one step."""
        m, v = state
        # m_i = β₁ m_{i−1} + (1 − β₁) g_i
        m[:] = self.beta1 * m + (1 - self.beta1) * g
        # v_i = β₂ v_{i−1} + (1 − β₂) g_i ⊙ g_i
        v[:] = self.beta2 * v + (1 - self.beta2) * g * g
        # m̃_i = m_i / (1 − β₁ⁱ)
        m_tilde = m / (1 - self.beta1**t)
        # ṽ_i = v_i / (1 − β₂ⁱ)
        v_tilde = v / (1 - self.beta2**t)
        # θ_i = θ_{i−1} − ε / (δ + √ṽ_i) ⊙ m̃_i
        theta -= rate / (self.epsilon + np.sqrt(v_tilde)) * m_tilde

    def kernel(self, moves: list[Move]) -> bool:
        """Take the step by MXNet's kernel, which corrects nothing.

        It takes ε′ m / (δ′ + √v) off θ. The rule's own quotient, its two
        sides multiplied by √(1 − β₂ⁱ), is this one with
        ε′ = ε √(1 − β₂ⁱ) / (1 − β₁ⁱ) and δ′ = δ √(1 − β₂ⁱ).
        """
        # the decays as the kernel will round them
        beta1 = float(onp.float32(self.beta1))
        beta2 = float(onp.float32(self.beta2))
        plain = self.preparation()
        clips = self.clip_gradient is not None
        for w, g, (m, v), rate, wd, t in moves:
            options = plain
            if wd and clips:
                # the kernel would clip the decay too
                g = self.gradient(w, g, wd).as_nd_ndarray()
                options, wd = {}, 0.0
            root = math.sqrt(1 - beta2**t)
            mx.nd.adam_update(
                w,
                g,
                m,
                v,
                out=w,
                lr=rate * root / (1 - beta1**t),
                beta1=beta1,
                beta2=beta2,
                epsilon=self.epsilon * root,
                wd=wd,
                **options,
            )
        return True
