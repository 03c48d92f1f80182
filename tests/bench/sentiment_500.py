"""A training step of Chapter 7's reader of reviews, at 500 words."""

from __future__ import annotations

from typing import Any

import recurrent

LENGTH = 500
STEPS, ROUNDS, CHECKED = 1, 7, 3
TITLE = recurrent.title(LENGTH)
pytorch = recurrent.pytorch


def prepare() -> dict[str, Any]:
    """Return what both sides share."""
    return recurrent.prepare(LENGTH)


def ours(shared: dict[str, Any], clock: Any) -> None:
    """Train by :func:`fdl.train.fit`."""
    recurrent.ours(LENGTH, shared, clock)
