"""The two scales at which everything in the book runs.

``quick`` is small, honest training that fits a reader's patience; ``full`` is
the book's own scale. ``FDL_PROFILE`` chooses, and a hyper-parameter that
differs between the two is written where it is used::

    epochs = profile(quick=3, full=100)
"""

from __future__ import annotations

import os
from typing import TypeVar

from fdl.errors import must

__all__ = ["NAMES", "current", "profile"]

NAMES = ("quick", "full")
"""The profiles that there are."""

T = TypeVar("T")


def current() -> str:
    """Return the profile in force: ``"quick"`` unless FDL_PROFILE says else.

    Examples
    --------
    >>> current() in NAMES
    True
    """
    name = os.environ.get("FDL_PROFILE") or "quick"
    if name not in NAMES:
        raise must("FDL_PROFILE", name, 'be "quick" or "full"')
    return name


def profile(*, quick: T, full: T) -> T:
    """Return the value that belongs to the profile in force.

    Parameters
    ----------
    quick, full : object
        The value in the quick and in the full profile.

    Examples
    --------
    >>> profile(quick=3, full=100) in (3, 100)
    True
    """
    return quick if current() == "quick" else full
