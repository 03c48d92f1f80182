"""Tic-tac-toe: two players, nine fields, three in a row.

Small enough that every position can be looked at, so that it is known what a
perfect player does: between two of them each game is a draw.

Letters: none.

Book: ch. 9, "Explore Versus Exploit"
"""

from __future__ import annotations

import functools
from typing import NamedTuple, Optional

import numpy as np

from fdl.errors import must

__all__ = ["EMPTY", "Board", "best_result", "symmetries"]

ROWS = (
    *((0, 1, 2), (3, 4, 5), (6, 7, 8)),
    *((0, 3, 6), (1, 4, 7), (2, 5, 8)),
    *((0, 4, 8), (2, 4, 6)),
)


class Board(NamedTuple):
    """A position, as the player sees it whose turn it is.

    Attributes
    ----------
    mine, theirs : frozenset of int
        Fields taken, of 0 to 8.

    Examples
    --------
    >>> board = EMPTY.play(4).play(0)
    >>> print(board)
    o . .
    . x .
    . . .
    >>> board.moves()
    [1, 2, 3, 5, 6, 7, 8]
    """

    mine: frozenset[int]
    theirs: frozenset[int]

    def __str__(self) -> str:
        first = len(self.mine) == len(self.theirs)
        marks = "xo" if first else "ox"
        fields = [
            marks[0]
            if k in self.mine
            else marks[1]
            if k in self.theirs
            else "."
            for k in range(9)
        ]
        return "\n".join(" ".join(fields[k : k + 3]) for k in (0, 3, 6))

    def moves(self) -> list[int]:
        """Return the fields that are free; none when the game is over."""
        if self.result() is not None:
            return []
        return [k for k in range(9) if k not in self.mine | self.theirs]

    def play(self, move: int) -> Board:
        """Return the position after a move, as the other player sees it."""
        if move not in self.moves():
            rule = f"be one of {self.moves()}"
            raise must("move", move, rule)
        return Board(self.theirs, self.mine | {move})

    def result(self) -> Optional[int]:
        """Return −1 if the game is lost, 0 if drawn, None if it goes on.

        It cannot have been won by the player whose turn it is.
        """
        if any(self.theirs.issuperset(row) for row in ROWS):
            return -1
        return 0 if len(self.mine) + len(self.theirs) == 9 else None

    def features(self) -> np.ndarray:
        """Return the fields taken, mine first, as 18 zeros and ones."""
        found = np.zeros(18, np.float32)
        found[[*self.mine]] = 1
        found[[9 + k for k in self.theirs]] = 1
        return found


EMPTY = Board(frozenset(), frozenset())
"""The board at the start."""


def symmetries() -> np.ndarray:
    """Return the eight ways to turn and mirror the fields, `(8, 9)`.

    Examples
    --------
    >>> ways = symmetries()
    >>> ways.shape, ways[0].tolist(), ways[1].tolist()
    ((8, 9), [0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 3, 6, 1, 4, 7, 2, 5, 8])
    >>> fields = np.array(["a1", "", "", "", "", "", "", "", "c3"])
    >>> sorted({"".join(fields[way][:3]) for way in ways})
    ['a1', 'c3']
    """
    fields = np.arange(9).reshape(3, 3)
    turned = [np.rot90(fields, k) for k in range(4)]
    return np.array([t.ravel() for f in turned for t in (f, f.T)])


@functools.cache
def best_result(board: Board) -> int:
    """Return how a game ends between perfect players: 1, 0 or −1.

    Examples
    --------
    >>> best_result(EMPTY)
    0
    """
    result = board.result()
    if result is not None:
        return result
    return max(-best_result(board.play(move)) for move in board.moves())
