"""Values, gradients and the path that an update rule takes over a function.

Functions here are ``f(x)``, from an ``mx.np`` vector to an array with a
single entry. Paths are NumPy arrays, one row for each point.

Letters: d dimensions.

Book: ch. 4, "Local Minima in the Error Surfaces of Deep Networks"
"""

from __future__ import annotations

import copy
from typing import Any, Callable

import numpy as onp

from fdl._mxnet import autograd, mx, np
from fdl.errors import Diverged
from fdl.optim import _checks as checks

__all__ = ["Objective", "minimize", "value_and_gradient"]

Function = Callable[[Any], Any]
PRECISIONS = (onp.dtype(onp.float64), onp.dtype(onp.float32))


class Objective:
    """A function that tells its value and its gradient.

    It computes in float64 where `f` can. ``mx.np.array([1, 2])`` is float32
    and some operators refuse to mix the two: an `f` that holds such
    constants is given float32 vectors instead.

    Parameters
    ----------
    f : callable
        From an ``mx.np`` vector to an array with a single entry.
    dtype : numpy.dtype, default float64
        What to try first, float64 or float32.

    Examples
    --------
    >>> f = Objective(lambda x: (x * x).sum())
    >>> f([1.0, 2.0])
    (5.0, array([2., 4.]))
    """

    def __init__(self, f: Function, dtype: Any = onp.float64) -> None:
        if not callable(f):
            raise TypeError(f"`f` (={f!r}) must be callable.")
        self.f = f
        self.dtype = onp.dtype(dtype)
        self._settled = False

    def __call__(self, x: Any) -> tuple[float, onp.ndarray]:
        """Return the value and the gradient, ``(d,)``, at `x`."""
        if self._settled:
            return self._evaluate(x)
        try:
            found = self._evaluate(x)
        except mx.base.MXNetError as error:
            wanted = self.dtype
            self.dtype = PRECISIONS[PRECISIONS[0] == wanted]
            try:
                found = self._evaluate(x)
            except mx.base.MXNetError:
                self.dtype = wanted
                raise error from None  # not a question of precision, then
        self._settled = True
        return found

    def _evaluate(self, x: Any) -> tuple[float, onp.ndarray]:
        point = np.array(onp.asarray(x), dtype=self.dtype)
        point.attach_grad()
        with autograd.record():
            value = self.f(point)
        if not isinstance(value, mx.nd.NDArray) or value.size != 1:
            got = getattr(value, "shape", None)
            got = repr(value) if got is None else f"the shape {got}"
            raise TypeError(
                f"`f` must return an mx.np array with one entry; got {got}."
            )
        value.backward()
        gradient = point.grad.asnumpy().astype(onp.float64)
        return float(value.asnumpy().item()), gradient


def value_and_gradient(f: Function, x: Any) -> tuple[float, onp.ndarray]:
    """Return a function's value and gradient at a NumPy vector.

    Parameters
    ----------
    f : callable
        From an ``mx.np`` vector to an array with a single entry.
    x : array_like, ``(d,)``
        Where.

    Returns
    -------
    value : float
    gradient : numpy.ndarray, ``(d,)``

    Examples
    --------
    >>> value_and_gradient(lambda x: x[0] ** 2 + 3 * x[1], [2.0, 1.0])
    (7.0, array([4., 3.]))
    """
    x = checks.vector("x", x)
    return Objective(f, x.dtype)(x)


def minimize(f: Function, x0: Any, rule: Any, steps: int) -> onp.ndarray:
    """Walk downhill by an update rule and return the whole path.

    Parameters
    ----------
    f : callable
        From an ``mx.np`` vector to an array with a single entry. It is
        called once for each step, so it may change from step to step, as
        the error of one minibatch after another does.
    x0 : array_like, ``(d,)``
        The first point; a float32 array asks for float32 throughout.
    rule : Rule or mx.optimizer.Optimizer
        Its settings are used; the rule itself stays as it is.
    steps : int
        How many steps to take, from 0 up.

    Returns
    -------
    numpy.ndarray, ``(steps + 1, d)``
        The points, `x0` first. For Nesterov's rule these are the points
        that look ahead, at which the gradients are taken.

    Raises
    ------
    fdl.errors.Diverged
        The value, the gradient or the next point is not finite.

    Examples
    --------
    >>> from fdl.optim import SGD
    >>> minimize(lambda x: x[0] ** 2, [8.0], SGD(0.25), steps=3)
    array([[8.],
           [4.],
           [2.],
           [1.]])

    Book: ch. 2, "Gradient Descent"
    """
    x = checks.vector("x0", x0)
    steps = checks.count("steps", steps)
    update = mx.optimizer.get_updater(_unused(rule))
    objective = Objective(f, x.dtype)
    path = onp.empty((steps + 1, x.size))
    path[0] = x
    for k in range(steps):
        value, gradient = objective(path[k])
        if not (onp.isfinite(value) and onp.isfinite(gradient).all()):
            raise diverged(type(rule).__name__, k, value, path[: k + 1])
        if k == 0:
            point = np.array(x, dtype=objective.dtype)
        update(0, np.array(gradient, dtype=objective.dtype), point)
        path[k + 1] = point.asnumpy()
        if not onp.isfinite(path[k + 1]).all():
            raise diverged(type(rule).__name__, k + 1, None, path[: k + 1])
    return path


def diverged(who: str, step: int, value: Any, path: onp.ndarray) -> Diverged:
    """Return the error that says where a walk lost its way."""
    what = "the point is not finite"
    if value is not None:
        what = f"f is {value:g}"
        if onp.isfinite(value):
            what += " and its gradient is not finite"
    return Diverged(
        f"{who} diverged at step {step}: {what}; the points up to there are "
        "in the error's `path`.",
        path=path.copy(),
        step=step,
    )


def _unused(rule: Any) -> Any:
    if not isinstance(rule, mx.optimizer.Optimizer):
        raise TypeError(
            f"`rule` (={rule!r}) must be an update rule, for example "
            "fdl.optim.SGD(learning_rate=0.1)."
        )
    if rule.param_dict:
        # the trainer has set its batch size and its parameters' own rates
        raise ValueError(
            f"`rule` (={rule!r}) must not be one that a trainer uses; make "
            "a new one."
        )
    rule = copy.deepcopy(rule)
    rule.num_update = rule.begin_num_update
    rule._all_index_update_counts = {0: {}}
    rule._index_update_count = rule._all_index_update_counts[0]
    return rule
