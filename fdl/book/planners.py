"""A maze to plan in, sweep by sweep."""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.book.live import Live, live
from fdl.plot.style import subplots
from fdl.rl.maze import Maze
from fdl.rl.mdp import q_values, value_iteration
from fdl.scratch._checks import share, whole

__all__ = ["planner"]

ARROWS = "↑→↓←"  # in the order of the maze's actions


def planner(maze: Maze, gamma: float, *, sweeps: int = 30, about: str) -> Live:
    """Return a maze in which a reader iterates values.

    Walls, cheese and cats can be put into its fields; the script computes
    what :func:`fdl.rl.value_iteration` does.

    Parameters
    ----------
    maze : Maze
        The world; letters with a prize above zero are cheese, others cats.
    gamma : float
        γ, where it begins.
    sweeps : int
        So many at most.
    about : str
        What the figure shows, for readers who do not see it.

    Examples
    --------
    >>> from fdl import rl
    >>> planner(rl.Maze("m.c", {"c": 1.0}), 0.9, about="…")
    Maze to plan in: 1 × 3 fields
    """
    share("gamma", gamma)
    whole("sweeps", sweeps)
    columns = max(len(row) for row in maze.rows)
    told = {
        "rows": [row.ljust(columns, "#") for row in maze.rows],
        "prizes": {letter: float(p) for letter, p in maze.prizes.items()},
        "reward": float(maze.step_reward),
        "slip": float(maze.slip),
        "gamma": float(gamma),
        "sweeps": int(sweeps),
    }
    return live(
        "planner",
        told,
        _still(maze, gamma, sweeps),
        about=about,
        text=f"Maze to plan in: {len(maze.rows)} × {columns} fields",
    )


def _still(maze: Maze, gamma: float, sweeps: int) -> Any:
    """Return a picture of the values after all sweeps, and of the policy."""
    v, policy = value_iteration(maze.P, maze.R, gamma, sweeps=sweeps)
    q = q_values(maze.P, maze.R, v, gamma)
    shape = len(maze.rows), max(len(row) for row in maze.rows)
    grid = np.full(shape, np.nan)
    grid[tuple(np.transpose(maze.fields))] = v
    top = max(1.0, float(abs(v).max()))
    figure, axis = subplots(size=(0.62 * shape[1], 0.62 * shape[0]), data=())
    axis.set_facecolor("#444444")
    axis.imshow(grid, cmap="PuOr_r", vmin=-2 * top, vmax=2 * top)
    for s, (i, j) in enumerate(maze.fields):
        letter = maze.rows[i][j]
        words = letter if letter in maze.prizes else f"{v[s]:.2f}"
        if np.ptp(q[s]) > 0:
            words += "\n" + ARROWS[policy[s]]
        axis.text(j, i, words, ha="center", va="center", size=8)
    axis.set(xticks=[], yticks=[], title=f"after {sweeps} sweeps, γ = {gamma}")
    axis.grid(visible=False)
    return figure
