"""What went wrong with a minibatch, said in one sentence.

MXNet speaks of its operators, and often only when a number is read. Here its
message is joined with what the caller gave: the argument, the batch, shapes
and types.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, Optional

import numpy as onp

from fdl._mxnet import autograd, mx, npx
from fdl.errors import ShapeError, TrainingDiverged
from fdl.train.parts import load

__all__ = [
    "FAILURES",
    "broken",
    "first_broken",
    "nan",
    "not_finite",
    "reason",
    "refuse_nan",
    "retell",
    "shapes",
]

# A network that learns its sizes from the data fails with a ValueError.
FAILURES = (mx.base.MXNetError, ValueError)
LATE = "Deferred initialization failed"

UNFIT = re.compile(
    r"Provided ?= ?[\[(]([^])]*)[\])], ?inferred shape ?= ?[\[(]([^])]*)[\])]"
)
TYPES = re.compile(r"[Ee]xpected '?(\w+)'?,? .*?\bg(?:ot|iven) '?(\w+)'?")


def retell(
    error: Exception,
    argument: str,
    number: int,
    x: Sequence[Any],
    y: Any = None,
    net: Any = None,
    device: Any = None,
) -> NoReturn:
    """Raise what MXNet raised in our words.

    Parameters
    ----------
    error : Exception
        One of `FAILURES`; if it is not MXNet's, it is raised as it is.
    argument : str
        What the batch came in.
    number : int
        Which batch it is, from 1; 0 if there is only one.
    x : sequence of arrays
        The network's inputs.
    y : array, optional
        The targets.
    net : gluon.Block, optional
        The network, called once more where there are targets, to find out
        whether it is it or the loss that fails.
    device : Context, optional
        Where it is.

    Examples
    --------
    >>> x, y = onp.zeros((4, 2)), onp.zeros(4)
    >>> error = mx.base.MXNetError("MXNetError: Error in operator fc: out")
    >>> try:
    ...     retell(error, "batches", 3, [x], y)
    ... except mx.base.MXNetError as told:
    ...     print(told)
    `batches` failed with x (4, 2) float64, y (4,) float64 in batch 3: fc: out.
    """
    if not isinstance(error, mx.base.MXNetError) and LATE not in str(error):
        raise error
    with contextlib.suppress(mx.base.MXNetError):
        npx.waitall()  # what failed with it must not surface elsewhere
    place = f" in batch {number}" if number else ""
    why = reason(error)
    if "Cannot differentiate" in why:
        raise ValueError(
            "`loss` must be computed from the network's outputs by MXNet's "
            "operators, so that it has a gradient; it has none for "
            f"{shapes(x, y)}{place}."
        ) from error
    if net is None or "memory" in why:
        raise type(error)(
            f"`{argument}` failed with {shapes(x, y)}{place}: {why}."
        ) from error
    sure = y is None or LATE in str(error)
    outputs = None if sure else _outputs(net, x, device)
    what, whose = shapes(x), "the network"
    if outputs is not None:
        what, whose = shapes((), y), "the loss"
        why = f"the outputs are {outputs}; {why}"
    if what.startswith(f"{argument} "):
        what = what[len(argument) + 1 :]
    given = f"`{argument}` (={what}{place}) must have "
    types = TYPES.search(why)
    if types:
        raise TypeError(
            f"{given}a type that {whose} can take, where {types[1]} meets "
            f"{types[2]}; convert it, for example with .astype('float32')."
        ) from error
    raise ShapeError(
        f"{given}a shape that {whose} can take; {why}."
    ) from error


def reason(error: Exception) -> str:
    """Return what MXNet found, without its own files and lines.

    Examples
    --------
    >>> reason(mx.base.MXNetError("MXNetError: Error in operator fc1_fwd: "
    ...     "Shape inconsistent, Provided = [8,6], inferred shape=(8,4)"))
    'fc1_fwd has an array of shape (8,6) where (8,4) would be needed'
    """
    text = str(error).strip().splitlines()[-1]
    text = text[text.rfind("MXNetError: ") :].replace("MXNetError: ", "")
    operator = re.match(r"Error in operator (\S+): ", text)
    name = operator[1] if operator else ""
    text = text[operator.end() :] if operator else text
    text = re.sub(r"^\[[\d:]+\] \S+: ", "", text)
    text = re.sub(r"^Check failed: .*?: (?!:)", "", text).rstrip(". ")
    unfit = UNFIT.search(text)
    if unfit:
        there, wanted = unfit.groups()
        return (
            f"{name or 'an operator'} has an array of shape ({there}) where "
            f"({wanted}) would be needed"
        )
    return f"{name}: {text}" if name and name not in text else text


def nan(arrays: Sequence[Any]) -> bool:
    """Whether one of the numbers is NaN.

    Examples
    --------
    >>> nan([onp.array([1.0, onp.inf])]), nan([onp.array([1.0, onp.nan])])
    (False, True)
    """
    hosts = [_host(array) for array in arrays]
    # the least of numbers with NaN among them is NaN
    return any(
        h.dtype.kind == "f" and h.size > 0 and bool(onp.isnan(h.min()))
        for h in hosts
    )


def broken(arrays: Sequence[Any]) -> bool:
    """Whether one of the numbers is NaN or infinite.

    Examples
    --------
    >>> broken([onp.array([1.0, onp.inf])]), broken([onp.array([1, 2])])
    (True, False)
    """
    hosts = [_host(array) for array in arrays]
    return not all(onp.isfinite(h).all() for h in hosts if h.dtype.kind == "f")


def first_broken(pairs: Iterable[tuple[Any, Any]], last: int) -> Optional[str]:
    """Say which of the first batches holds numbers that are none.

    Their first sign may come later, since ReLUs can make NaN 0. Targets are
    looked at in the last one only: what is NaN there shows at once.

    Examples
    --------
    >>> good, bad = onp.ones((2, 1)), onp.full((2, 1), onp.nan)
    >>> first_broken([((good,), good), ((bad,), good)], last=2)
    'x of batch 2'
    >>> first_broken([((good,), good), ((bad,), good)], last=1) is None
    True
    """
    for number, (x, y) in zip(range(1, last + 1), pairs):
        if broken(x):
            return f"x of batch {number}"
        if number == last and broken([y]):
            return f"y of batch {number}"
    return None


def refuse_nan(argument: str, number: int, x: Sequence[Any]) -> None:
    """Raise if inputs hold NaN, which the outputs need not show.

    The ReLU of ``npx.activation`` makes NaN 0 on a CPU, so that a number comes
    out as if all was well.

    Examples
    --------
    >>> refuse_nan("batches", 2, [onp.array([1.0, onp.nan])])
    Traceback (most recent call last):
    ...
    ValueError: `batches` (=x of batch 2) must hold numbers; some of it is NaN.
    """
    if nan(x):
        place = f"x of batch {number}" if number else shapes(x)
        raise ValueError(
            f"`{argument}` (={place}) must hold numbers; some of it is NaN."
        )


def not_finite(batch: Any, name: str, value: float) -> Exception:
    """Return the error of a batch on which `name` is no number.

    Parameters
    ----------
    batch : Batch
        It knows where it came from.
    name : str
        What was measured.
    value : float
        What came out.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> batch = SimpleNamespace(argument="validation", number=2, broken=["y"])
    >>> print(not_finite(batch, "loss", float("nan")))
    `validation` (=y of batch 2) must hold finite numbers; it holds NaN or
    infinity, and the loss there is nan.
    """
    sides = batch.broken
    if sides:
        return ValueError(
            f"`{batch.argument}` (={' and '.join(sides)} of batch "
            f"{batch.number}) must hold finite numbers; it holds NaN or "
            f"infinity, and the {name} there is {value:.6g}."
        )
    return TrainingDiverged(
        f"The {name} of `{batch.argument}`, batch {batch.number}, must be a "
        f"finite number; got {value:.6g}, although x and y are finite there."
    )


def shapes(x: Sequence[Any], y: Any = None) -> str:
    """Return shapes and types of a batch.

    Examples
    --------
    >>> shapes((onp.zeros((4, 2)),), onp.zeros(4, "int8"))
    'x (4, 2) float64, y (4,) int8'
    """
    both = [f"x {' and '.join(map(_shape, x))}"] if x else []
    if y is not None:
        both.append(f"y {_shape(y)}")
    return ", ".join(both)


def _outputs(net: Any, x: Sequence[Any], device: Any) -> Any:
    """Return the shape of the outputs, None if there are none."""
    try:
        with autograd.pause():
            output = net(*(load(a, device) for a in x))
            npx.waitall()
    except FAILURES:
        return None
    if isinstance(output, (list, tuple)):
        return [getattr(one, "shape", "nested") for one in output]
    return output.shape


def _shape(array: Any) -> str:
    return f"{tuple(array.shape)} {onp.dtype(array.dtype).name}"


def _host(array: Any) -> onp.ndarray:
    if hasattr(array, "asnumpy"):
        array = array.asnumpy()
    return onp.asarray(array)
