"""What the networks for images ask of their sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from fdl.errors import must
from fdl.nn._checks import is_whole

__all__ = ["check_sizes"]


def check_sizes(
    argument: str, sizes: Sequence[int], count: Optional[int] = None
) -> tuple[int, ...]:
    """Return whole numbers from 1 up as a tuple; `count` of them, if given."""
    several = isinstance(sizes, Sequence) and not isinstance(sizes, str)
    fits = several and count in (None, len(sizes))
    if not fits or not all(map(is_whole, sizes)):
        many = "" if count is None else f"{count} "
        raise must(argument, sizes, f"be {many}whole numbers from 1 up")
    return tuple(int(n) for n in sizes)
