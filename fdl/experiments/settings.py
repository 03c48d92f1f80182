"""Settings of an experiment: their rules, and their words for the terminal.

A ``Config`` is a frozen dataclass. Its defaults are the book's own settings;
what the quick profile changes stands beside them::

    epochs: int = setting(300, quick=10, least=1)
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import textwrap
from typing import Any, NamedTuple, Optional, get_type_hints

from fdl.errors import must

__all__ = ["Setting", "check", "describe", "setting"]


class Setting(NamedTuple):
    """One field of a ``Config``.

    :func:`describe` returns them.
    """

    name: str
    type: type
    full: Any
    quick: Any
    help: str
    choices: tuple[str, ...]


def setting(
    full: Any,
    *,
    quick: Any = None,
    least: Optional[float] = None,
    above: Optional[float] = None,
    below: Optional[float] = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Return a dataclass field.

    Parameters
    ----------
    full : object
        The default: the book's own setting.
    quick : object, optional
        What the quick profile takes instead.
    least, above, below : number, optional
        The smallest value allowed; the values that it must exceed, and stay
        below.
    choices : tuple of str
        The values allowed.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Config:
    ...     epochs: int = setting(300, quick=10, least=1)
    >>> Config().epochs, dataclasses.fields(Config)[0].metadata["quick"]
    (300, 10)
    """
    metadata: dict[str, Any] = {"least": least, "above": above}
    metadata |= {"below": below, "choices": choices}
    if quick is not None:
        metadata["quick"] = quick
    return dataclasses.field(default=full, metadata=metadata)


def check(config: Any) -> None:
    """Raise unless every field of `config` keeps its type and its rule.

    Raises
    ------
    ValueError
        Names the first field that does not.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Config:
    ...     rate: float = setting(0.1, above=0, below=1)
    >>> check(Config(0.5))
    >>> check(Config(1.5))
    Traceback (most recent call last):
    ...
    ValueError: `rate` (=1.5) must be a number above 0 and below 1.
    """
    hints = get_type_hints(type(config))
    for field in dataclasses.fields(config):
        value, kind = getattr(config, field.name), hints[field.name]
        if not _keeps(value, kind, field.metadata):
            rule = _rule(kind, **field.metadata)
            raise must(field.name, value, f"be {rule}")


def describe(config: type) -> list[Setting]:
    """Return the fields of a ``Config``, with the docstring under each.

    Examples
    --------
    >>> from fdl.experiments import mnist_mlp
    >>> first = describe(mnist_mlp.Config)[0]
    >>> first.name, first.full, first.quick, first.help
    ('epochs', 300, 10, 'Passes over the training images.')
    """
    hints, words = get_type_hints(config), _docstrings(config)
    return [
        Setting(
            field.name,
            hints[field.name],
            field.default,
            field.metadata.get("quick", field.default),
            words.get(field.name, ""),
            field.metadata.get("choices", ()),
        )
        for field in dataclasses.fields(config)
    ]


def _keeps(value: Any, kind: type, rules: Any) -> bool:
    if kind is float:
        right = isinstance(value, (int, float)) and math.isfinite(value)
    else:
        right = isinstance(value, kind)
    if not right or (isinstance(value, bool) and kind is not bool):
        return False
    least, above = rules.get("least"), rules.get("above")
    below, choices = rules.get("below"), rules.get("choices")
    return (
        (least is None or value >= least)
        and (above is None or value > above)
        and (below is None or value < below)
        and (not choices or value in choices)
    )


def _rule(
    kind: type,
    least: Optional[float] = None,
    above: Optional[float] = None,
    below: Optional[float] = None,
    choices: tuple[str, ...] = (),
    **_: Any,
) -> str:
    if choices:
        return " or ".join(f'"{choice}"' for choice in choices)
    names = {int: "a whole number", float: "a number", bool: "true or false"}
    rule = names.get(kind, f"a {kind.__name__}")
    if least is not None:
        rule += f" from {least} up"
    if above is not None:
        rule += f" above {above}"
    if below is not None:
        rule += f" and below {below}"
    return rule


def _docstrings(config: type) -> dict[str, str]:
    """Return field name → the string that stands under it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(config)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    found = {}
    for line, below in zip(body, body[1:]):
        if (
            isinstance(line, ast.AnnAssign)
            and isinstance(line.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[line.target.id] = inspect.cleandoc(below.value.value)
    return found
