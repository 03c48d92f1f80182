"""A maze drawn in letters: a small world to plan in, and to learn in.

Letters: ``S`` states, one for each field that is no wall, row by row; ``A``
actions, 4: up, right, down, left; ``P`` `(S, A, S)` and ``R`` `(S, A)` as in
:mod:`fdl.rl.mdp`.

References: none.

Differences from the book: how much chance there is in a step can be set.

Book: ch. 9, "Explore Versus Exploit"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

import gymnasium
import numpy as np

from fdl.errors import must
from fdl.scratch._checks import share, whole

__all__ = ["MOUSE", "MOVES", "Maze"]

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left

# a mouse at m: water to its right, poison to its left, cheese far away
MOUSE = """
c..#
#x.#
#xmw
"""
PRIZES = {"w": 1.0, "x": -10.0, "c": 100.0}


class Maze(gymnasium.Env):
    """A maze whose fields bring rewards; an episode ends where one is.

    Parameters
    ----------
    plan : str
        A line for each row: ``#`` a wall, ``.`` a field, ``m`` the start,
        other letters fields that bring a prize. Beyond the plan are walls;
        who runs into one stays where he is.
    prizes : mapping of str to float
        What each of these letters brings.
    step_reward : float
        What every step brings, that to a prize too.
    slip : float
        How often a step goes to one side of where it was meant to: half of
        these to the left, half to the right.
    limit : int, optional
        After so many steps an episode is cut (truncated, not ended).

    Attributes
    ----------
    fields : list of (int, int)
        Row and column of each state.
    start : int
        The state that episodes start in.
    prizes : dict
        What each of these letters brings.
    P, R : arrays `(S, A, S)` and `(S, A)`
        The maze as a decision process. In a field with a prize all actions
        lead nowhere and bring nothing.

    Examples
    --------
    >>> maze = Maze("m.c", {"c": 5.0})
    >>> maze.reset(seed=0)
    (0, {})
    >>> maze.step(1), maze.step(1)
    ((1, 0.0, False, False, {}), (2, 5.0, True, False, {}))
    """

    def __init__(
        self,
        plan: str = MOUSE,
        prizes: Optional[Mapping[str, float]] = None,
        *,
        step_reward: float = 0.0,
        slip: float = 0.0,
        limit: Optional[int] = None,
    ) -> None:
        prizes = PRIZES if prizes is None else prizes
        if any(len(key) != 1 or key in "#.m" for key in prizes):
            rule = "name fields by one letter each, none of them #, . or m"
            raise must("prizes", prizes, rule)
        share("slip", slip)
        if limit is not None:
            whole("limit", limit)
        self.slip, self.limit, self.step_reward = slip, limit, step_reward
        self.rows = plan.split()
        letters = {
            (i, j): letter
            for i, row in enumerate(self.rows)
            for j, letter in enumerate(row)
            if letter != "#"
        }
        strange = {*letters.values()} - {".", "m", *prizes}
        if strange or sum(v == "m" for v in letters.values()) != 1:
            known = ", ".join("#.m") + "".join(f", {k}" for k in prizes)
            raise must("plan", plan, f"have one m, and no letters but {known}")
        self.fields = list(letters)
        self._number = {field: s for s, field in enumerate(self.fields)}
        self.start = list(letters.values()).index("m")
        self.prizes = dict(prizes)
        self._prize = [prizes.get(v) for v in letters.values()]
        self.P, self.R = self._tables()
        self._sums = self.P.cumsum(axis=2)[..., :-1]
        self.observation_space = gymnasium.spaces.Discrete(len(letters))
        self.action_space = gymnasium.spaces.Discrete(len(MOVES))
        self._state, self._steps, self._over = self.start, 0, True

    def __repr__(self) -> str:
        return f"Maze({len(self.fields)} fields)"

    def reset(
        self, *, seed: Optional[int] = None, options: Any = None
    ) -> tuple[int, dict[str, Any]]:
        """Begin an episode; return the first state."""
        super().reset(seed=seed)
        self._state, self._steps, self._over = self.start, 0, False
        return self._state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict]:
        """Take a step; return state, reward, terminated, truncated, info."""
        if self._over:
            raise RuntimeError("The episode is over: call `reset` first.")
        if not self.action_space.contains(action):
            raise must("action", action, "be a whole number from 0 to 3")
        chance = self._sums[self._state, action]
        self._state = int((chance <= self.np_random.random()).sum())
        self._steps += 1
        prize = self._prize[self._state]
        ended = prize is not None
        cut = not ended and self._steps == self.limit
        self._over = ended or cut
        return self._state, self._brings(prize), ended, cut, {}

    def _brings(self, prize: Optional[float]) -> float:
        return float(self.step_reward + (prize or 0.0))

    def _tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Return P and R."""
        S, A = len(self.fields), len(MOVES)
        P, R = np.zeros((S, A, S)), np.zeros((S, A))
        for s in range(S):
            if self._prize[s] is not None:
                P[s, :, s] = 1
                continue
            for a in range(A):
                sides = (a, 1 - self.slip), (a - 1, self.slip / 2)
                for way, p in (*sides, (a + 1, self.slip / 2)):
                    to = self._after(s, way % A)
                    P[s, a, to] += p
                    R[s, a] += p * self._brings(self._prize[to])
        return P, R

    def _after(self, s: int, way: int) -> int:
        """Return the state that a step leads to."""
        (i, j), (di, dj) = self.fields[s], MOVES[way]
        return self._number.get((i + di, j + dj), s)  # a wall: stay
