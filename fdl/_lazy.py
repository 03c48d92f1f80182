"""Lazy packages: names are loaded when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Callable

__all__ = ["lazy"]


def lazy(
    package: str, table: dict[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__, __dir__, __all__`` for a package.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    table : dict
        Public name to the submodule that defines it, for example
        ``{"fit": "loop"}``. A name that maps to itself *is* the submodule:
        Python puts each submodule that is loaded into its package under its
        own name, so nothing else may bear that name.

    Examples
    --------
    >>> get, names, public = lazy("fdl", {"ShapeError": "errors"})
    >>> get("ShapeError").__name__
    'ShapeError'
    >>> public
    ['ShapeError']
    """
    public = sorted(table)

    def __getattr__(name: str) -> Any:
        if name not in table:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{table[name]}")
        value = module if name == table[name] else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *public})

    return __getattr__, __dir__, public
