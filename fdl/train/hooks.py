"""The hooks of a run, and whether a callback has any of them."""

from __future__ import annotations

import contextlib
import difflib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from fdl.errors import must

__all__ = ["HOOKS", "choose", "of"]

HOOKS = (
    "on_fit_begin",
    "on_epoch_begin",
    "on_batch_end",
    "on_epoch_end",
    "on_fit_end",
)


def choose(given: Any) -> tuple[Any, ...]:
    """Return callbacks as a tuple, if each of them can be called back.

    Examples
    --------
    >>> class Watch:
    ...     def on_epoch_ends(self, run):
    ...         pass
    >>> choose([Watch()])
    Traceback (most recent call last):
    ...
    TypeError: `callbacks` ... nobody calls its on_epoch_ends, is it
    on_epoch_end?
    """
    try:
        found = () if given is None else tuple(given)
    except TypeError:
        raise TypeError(
            f"`callbacks` (={given!r}) must be a sequence; put a single "
            "callback into a list."
        ) from None
    for i, one in enumerate(found):
        _check(one)
        if any(one is other for other in found[:i]):
            raise must("callbacks", one, "be there once; it comes twice")
    return found


def _check(callback: Any) -> None:
    """Refuse what would never be called, or fail when it is."""
    if isinstance(callback, type):
        raise TypeError(
            f"`callbacks` (={callback!r}) must hold objects and not classes; "
            f"write {callback.__name__}()."
        )
    names = [name for name in dir(callback) if name.startswith("on_")]
    for name in names:
        if name not in HOOKS:
            near = difflib.get_close_matches(name, HOOKS, 1, 0.0)[0]
            raise TypeError(
                f"`callbacks` (={callback!r}) must have no hook but "
                f"{', '.join(HOOKS)}; nobody calls its {name}, is it {near}?"
            )
        with contextlib.suppress(ValueError):  # a built-in may not tell
            try:
                inspect.signature(getattr(callback, name)).bind(None)
            except TypeError as error:
                raise TypeError(
                    f"`callbacks` (={callback!r}) must have hooks that take "
                    f"the run; its {name} does not: {error}."
                ) from None
    if not names:
        raise TypeError(
            f"`callbacks` (={callback!r}) must hold objects with a hook, one "
            f"of {', '.join(HOOKS)}."
        )
    if hasattr(callback, "state") != hasattr(callback, "restore"):
        raise TypeError(
            f"`callbacks` (={callback!r}) must have both state and restore, "
            "or neither; one without the other loses what it knows."
        )


def of(callbacks: Sequence[Any]) -> dict[str, list[Callable[[Any], Any]]]:
    """Return for each hook the functions that are to be called.

    Examples
    --------
    >>> class Watch:
    ...     def on_epoch_end(self, run):
    ...         print(run)
    >>> functions = of([Watch()])
    >>> [hook for hook in HOOKS if functions[hook]]
    ['on_epoch_end']
    >>> functions["on_epoch_end"][0]("now")
    now
    """
    return {
        hook: [
            getattr(callback, hook)
            for callback in callbacks
            if hasattr(callback, hook)
        ]
        for hook in HOOKS
    }
