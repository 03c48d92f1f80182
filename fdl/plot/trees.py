"""Dependency trees, drawn down the page so that a telephone shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import matplotlib as mpl

from fdl.errors import must
from fdl.plot.style import BLUE, GREY, RED, subplots
from fdl.scratch._checks import whole

__all__ = ["tree"]

LINE = 0.27  # inches for a word
STEP = 0.26  # inches that an arc reaches out beyond those inside it


def tree(
    words: Sequence[str],
    heads: Sequence[int],
    tags: Sequence[str] = (),
    *,
    right: Optional[Sequence[int]] = None,
) -> tuple[Any, Any]:
    """Draw a dependency tree: the words one under the other, arcs beside.

    An arc's arrow points at the word that hangs. The root's word is bold.

    Parameters
    ----------
    words : sequence of str
        The sentence.
    heads : sequence of int
        The word that each hangs on, counted from 1; 0 for the root's.
    tags : sequence of str, optional
        Written behind the words.
    right : sequence of int, optional
        The heads as they should be; arcs that differ are red, and what they
        should be is dotted.

    Examples
    --------
    >>> figure, axis = tree(["Go", "home"], [0, 1])
    >>> [text.get_text() for text in axis.texts]
    ['Go', 'home']
    """
    n = len(words)
    heads, tags = list(heads), list(tags)
    right = None if right is None else list(right)
    for name, other in (("heads", heads), ("tags", tags), ("right", right)):
        if (other or name == "heads") and len(other or ()) != n:
            raise must(
                name, other, f"hold one entry for each of the {n} words"
            )
    for name, some in (("heads", heads), ("right", right or ())):
        try:
            for h in some:
                whole(name, h, 0, n)
        except ValueError:
            rule = f"be numbers of words, from 1 to {n}, or 0"
            raise must(name, some, rule) from None
    wanted = list(heads if right is None else right)
    arcs = [(k, h, True) for k, h in enumerate(heads, 1)]
    arcs += [
        (k, h, False) for k, h in enumerate(wanted, 1) if h != heads[k - 1]
    ]
    reach = _levels([(k, h) for k, h, _ in arcs if h])
    deepest = max(reach.values(), default=1)
    room = 0.1 * max((len(word) for word in words), default=1)
    room += 0.15 + 0.09 * max((len(tag) for tag in tags), default=0)
    size = (STEP * (deepest + 1) + room, LINE * (n + 0.6))
    figure, axis = subplots(size=size, data=())
    axis.set_axis_off()
    axis.set_xlim(-STEP * (deepest + 1), room)
    axis.set_ylim(-LINE * (n + 0.3), -LINE * 0.3)
    for k, word in enumerate(words, 1):
        root = heads[k - 1] == 0
        style = {"weight": "bold", "color": BLUE} if root else {}
        if root and wanted[k - 1]:
            style["color"] = RED
        axis.text(0.05, -LINE * k, word, va="center", fontsize=11, **style)
        if tags:
            place, text = (room - 0.05, -LINE * k), tags[k - 1]
            style = {"va": "center", "ha": "right", "color": GREY}
            axis.text(*place, text, fontsize=8, **style)
    for k, h, found in arcs:
        good = found and h == wanted[k - 1]
        colour = BLUE if good else RED if found else GREY
        if h:
            _arc(axis, k, h, reach[k, h], colour, found)
    return figure, axis


def _levels(arcs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return how far each arc reaches out: beyond all those inside it."""
    found: dict[tuple[int, int], int] = {}
    for k, h in sorted(arcs, key=lambda arc: abs(arc[0] - arc[1])):
        low, high = sorted((k, h))
        inside = [
            level
            for arc, level in found.items()
            if low <= min(arc) and max(arc) <= high
        ]
        found[k, h] = 1 + max(inside, default=0)
    return found


def _arc(
    axis: Any, k: int, h: int, level: int, colour: str, solid: bool
) -> None:
    """Draw the arc from head h to word k, with an arrow at k."""
    axis.add_patch(
        mpl.patches.FancyArrowPatch(
            (0, -LINE * (h + 0.12 * (1 if k > h else -1))),
            (0, -LINE * (k - 0.12 * (1 if k > h else -1))),
            connectionstyle=mpl.patches.ConnectionStyle.Bar(
                armA=0, armB=0, fraction=_fraction(k, h, level)
            ),
            arrowstyle="-|>",
            mutation_scale=8,
            color=colour,
            linewidth=1.2,
            linestyle="-" if solid else ":",
            shrinkA=0,
            shrinkB=0,
        )
    )


def _fraction(k: int, h: int, level: int) -> float:
    """Return how far a bar stands off, in lengths of its arc."""
    length = LINE * (abs(k - h) - 0.24)
    # a bar stands off to one side of the way from the head to the word
    return (1 if k > h else -1) * STEP * level / length
