"""What the update rules share, and how MXNet calls them.

Letters: θ parameters, ε learning rate, E error, s ``rescale_grad`` (a trainer
sets it to one over the batch size), c ``clip_gradient``, λ weight decay.
Whatever the rule, the gradient that it works with is

::

    g = clip(s ∂E/∂θ, −c, c) + λ θ

so that λ is the strength of an L2 penalty ½ λ ‖θ‖². (MXNet's own optimizers
differ among each other in the order of clipping and decay.)

Book: ch. 4, "Learning Rate Adaptation"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Optional

import numpy as onp

from fdl._mxnet import mx, np
from fdl.errors import must
from fdl.optim import _checks as checks

__all__ = ["Move", "Rule"]


class Move(NamedTuple):
    """One parameter about to be moved, as ``Rule.kernel`` gets it.

    Examples
    --------
    A rule whose kernel says what it is asked to do, and leaves it undone:

    >>> from fdl.optim import SGD, minimize
    >>> class Telling(SGD):
    ...     def kernel(self, moves):
    ...         for move in moves:
    ...             print(move.t, move.rate, move.grad.asscalar())
    ...         return True
    >>> start = onp.array([3.0], dtype="float32")
    >>> path = minimize(lambda x: x[0] ** 2, start, Telling(0.1), steps=2)
    1 0.1 6.0
    2 0.1 6.0
    """

    weight: Any
    """θ, an ``mx.nd.NDArray`` to be changed in place."""
    grad: Any
    """∂E/∂θ, not yet rescaled."""
    state: Sequence[Any]
    """The arrays that ``Rule.slots`` names, to be changed in place."""
    rate: float
    """ε of this parameter in this step."""
    wd: float
    """λ of this parameter."""
    t: int
    """The number of the step, from 1 up."""


class Rule(mx.optimizer.Optimizer):
    """An update rule that ``gluon.Trainer`` and ``optim.minimize`` take.

    A rule of your own names its state arrays in ``slots`` and writes
    ``step``; schedules, weight decay, clipping and the rates and decays of
    single parameters then work as for any optimizer of MXNet.

    Parameters
    ----------
    learning_rate : float, optional
        ε, positive. Left out, it is the scheduler's if there is one, else
        the rule's own default.
    lr_scheduler : callable, optional
        Number of the update (from 1) to learning rate. If `learning_rate` is
        given too, it replaces the rate that the scheduler starts from.
    wd : float, default 0.0
        λ, the weight decay.
    clip_gradient : float, optional
        c, the largest size of an entry of the rescaled gradient.
    **options
        ``rescale_grad`` and whatever else ``mx.optimizer.Optimizer`` takes.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> from fdl.optim import minimize
    >>> class SignDescent(Rule):
    ...     def step(self, theta, g, state, rate, t):
    ...         theta -= rate * np.sign(g)
    >>> minimize(lambda x: x[0] ** 2, [1.0], SignDescent(0.25), 2)[:, 0]
    array([1.  , 0.75, 0.5 ])
    """

    default_rate: ClassVar[float] = 0.01
    settings: ClassVar[tuple[str, ...]] = ()
    """The rule's own arguments, for ``repr``."""

    def __init__(
        self,
        learning_rate: Optional[float] = None,
        *,
        lr_scheduler: Any = None,
        wd: float = 0.0,
        clip_gradient: Optional[float] = None,
        **options: Any,
    ) -> None:
        if lr_scheduler is not None and not callable(lr_scheduler):
            raise must("lr_scheduler", lr_scheduler, "be callable")
        if learning_rate is not None:
            learning_rate = checks.positive("learning_rate", learning_rate)
            if lr_scheduler is not None:
                _start_from(lr_scheduler, learning_rate)
        elif lr_scheduler is None:
            learning_rate = self.default_rate
        if clip_gradient is not None:
            clip_gradient = checks.positive("clip_gradient", clip_gradient)
        checks.number("rescale_grad", options.get("rescale_grad", 1.0))
        super().__init__(
            learning_rate=learning_rate,
            lr_scheduler=lr_scheduler,
            wd=checks.number("wd", wd, least=0.0),
            clip_gradient=clip_gradient,
            **options,
        )

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the arrays that the rule keeps for each parameter."""
        return ()

    def __repr__(self) -> str:
        if self.lr_scheduler is None:
            shown = [f"learning_rate={self.lr!r}"]
        else:
            shown = [f"lr_scheduler={self.lr_scheduler!r}"]
        shown += [f"{name}={getattr(self, name)!r}" for name in self.settings]
        return f"{type(self).__name__}({', '.join(shown)})"

    def set_learning_rate(self, lr: float) -> None:
        """Change the learning rate of a rule that has no scheduler."""
        super().set_learning_rate(checks.positive("lr", lr))

    def step(
        self, theta: Any, g: Any, state: Sequence[Any], rate: float, t: int
    ) -> None:
        """Write the next θ and the next state over the old ones.

        Parameters
        ----------
        theta, g : mx.np.ndarray
            θ and g, of one shape and any type of number.
        state : sequence of mx.np.ndarray
            The arrays that ``slots`` names, of θ's shape, zero at first.
        rate : float
            ε of this parameter in this step.
        t : int
            The number of the step, from 1 up.
        """
        raise NotImplementedError

    def kernel(self, moves: list[Move]) -> bool:
        """Do ``step`` for float32 in MXNet's fused operators.

        Returns False, with nothing done, if the rule has none.
        """
        return False

    def gradient(self, weight: Any, grad: Any, wd: float) -> Any:
        """Return g as an ``mx.np`` array."""
        # g = clip(s ∂E/∂θ, −c, c) + λ θ
        g = grad.as_np_ndarray()
        if self.rescale_grad != 1.0:
            g = g * self.rescale_grad
        if self.clip_gradient is not None:
            # np.clip would round c to float32
            c = self.clip_gradient
            g = np.minimum(np.maximum(g, -c), c)
        if wd:
            g = g + wd * weight.as_np_ndarray()
        return g

    def preparation(self) -> dict[str, float]:
        """Return what tells a kernel to rescale and clip by itself."""
        told = {"rescale_grad": self.rescale_grad}
        if self.clip_gradient is not None:
            told["clip_gradient"] = self.clip_gradient
        return told

    def create_state(self, index: Any, weight: Any) -> Any:
        """Return an array of zeros for each of ``slots``, or None."""
        if not self.slots:
            return None
        return tuple(
            mx.nd.zeros(weight.shape, weight.context, dtype=weight.dtype)
            for _ in self.slots
        )

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Move one parameter, or a list of them."""
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        self._update_count(index)
        rates, decays = self._get_lrs(index), self._get_wds(index)
        times = [self._index_update_count[i] for i in index]
        states = [s or () for s in state]
        moves = [*map(Move, weight, grad, states, rates, decays, times)]
        if weight[0].dtype == onp.float32 and self.kernel(moves):
            return
        for move in moves:
            self.step(
                move.weight.as_np_ndarray(),
                self.gradient(move.weight, move.grad, move.wd),
                [array.as_np_ndarray() for array in move.state],
                move.rate,
                move.t,
            )

    def update_multi_precision(
        self, index: Any, weight: Any, grad: Any, state: Any
    ) -> None:
        """Move as ``update`` does; float16 may keep a float32 copy."""
        if self.multi_precision:
            super().update_multi_precision(index, weight, grad, state)
        else:
            self.update(index, weight, grad, state)


def _start_from(scheduler: Any, learning_rate: float) -> None:
    # MXNet's schedulers keep the rate that they start from in up to three
    # places, and its optimizers would set the first one only.
    if not hasattr(scheduler, "base_lr"):
        raise must(
            "learning_rate",
            learning_rate,
            "be left out when `lr_scheduler` is a plain function",
        )
    for name in ("base_lr", "base_lr_orig", "warmup_final_lr"):
        if hasattr(scheduler, name):
            setattr(scheduler, name, learning_rate)
