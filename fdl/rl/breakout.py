"""Breakout on a grid: a ball, a paddle, and a wall to knock down.

The ball moves one field aslant at each step. Which way it leaves the paddle
depends on which half it meets, so a player can aim. One picture does not tell
where the ball is going: that takes two.

Letters: none.

References: none.

Differences from Atari's game: a coarse grid, one life, one point a brick, and
a ball that never gets faster.

Book: ch. 9, "Deep Q-Network (DQN)"
"""

from __future__ import annotations

from typing import Any, Optional

import gymnasium
import numpy as np

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = ["Breakout"]

MOVES = (0, 1, -1)  # stay, right, left
BRICK = 3  # fields that a brick is wide
TOP = 3  # fields above the wall
BALL, PADDLE = 255, 200
WALL = (160, 120, 90, 70, 60)  # brightness of the rows


class Breakout(gymnasium.Env):
    """Breakout as a world of pictures and three actions.

    Each brick brings 1. The episode ends when the ball is missed. A wall that
    is down is built up again.

    Parameters
    ----------
    size : int
        Fields on each side, a multiple of three.
    rows : int
        Rows of bricks.
    paddle : int
        Fields that the paddle is wide, an even number.
    scale : int
        Pixels on each side of a field; 21 fields of 4 make 84 pixels.
    limit : int, optional
        After so many steps an episode is cut (truncated, not ended).

    Examples
    --------
    >>> game = Breakout(scale=4)
    >>> frame, _ = game.reset(seed=0)
    >>> frame.shape, frame.dtype
    ((84, 84), dtype('uint8'))
    >>> game.step(0)[1:4]
    (0.0, False, False)
    """

    left: int
    steps: int
    metadata = {"render_modes": ["rgb_array"], "render_fps": 15}

    def __init__(
        self,
        size: int = 21,
        *,
        rows: int = 3,
        paddle: int = 4,
        scale: int = 1,
        limit: Optional[int] = 2000,
    ) -> None:
        if whole("size", size, least=12) % BRICK:
            raise must("size", size, f"be a multiple of {BRICK}")
        whole("rows", rows, most=min(len(WALL), size - TOP - 6))
        if whole("paddle", paddle, least=2, most=size) % 2:
            raise must("paddle", paddle, "be an even number")
        if limit is not None:
            whole("limit", limit)
        self.size, self.paddle, self.limit = size, paddle, limit
        self.rows, self.scale = rows, whole("scale", scale)
        pixels = size * scale
        self.observation_space = gymnasium.spaces.Box(
            0, 255, (pixels, pixels), np.uint8
        )
        self.action_space = gymnasium.spaces.Discrete(len(MOVES))
        self.render_mode = "rgb_array"
        self._over = True
        self._begin(size // 2, 1)

    def __repr__(self) -> str:
        return f"Breakout({self.size} × {self.size}, {self.rows} rows)"

    def reset(
        self, *, seed: Optional[int] = None, options: Any = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin a game; return the first picture."""
        super().reset(seed=seed)
        column = int(self.np_random.integers(self.size))
        self._begin(column, int(self.np_random.choice([-1, 1])))
        self._over = False
        return self.frame(), {}

    def step(
        self, action: int
    ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move the paddle, then the ball."""
        if self._over:
            raise RuntimeError("The game is over: call `reset` first.")
        if not self.action_space.contains(action):
            raise must("action", action, "be 0, 1 or 2")
        most = self.size - self.paddle
        self.left = min(max(self.left + MOVES[action], 0), most)
        reward, missed = self._move_ball()
        self.steps += 1
        cut = not missed and self.steps == self.limit
        self._over = missed or cut
        return self.frame(), reward, missed, cut, {}

    def frame(self) -> np.ndarray:
        """Return the picture, `(pixels, pixels)`, of bytes."""
        grid = np.zeros((self.size, self.size), np.uint8)
        for k, row in enumerate(self.bricks):
            grid[TOP + k] = np.repeat(row, BRICK) * WALL[k]
        grid[-1, self.left : self.left + self.paddle] = PADDLE
        grid[self.row, self.column] = BALL
        if self.scale == 1:
            return grid
        return grid.repeat(self.scale, axis=0).repeat(self.scale, axis=1)

    def render(self) -> np.ndarray:
        """Return the picture in three colours, `(pixels, pixels, 3)`."""
        return np.repeat(self.frame()[..., np.newaxis], 3, axis=2)

    def _begin(self, column: int, across: int) -> None:
        self.bricks = np.ones((self.rows, self.size // BRICK), bool)
        self.row, self.column = TOP + self.rows + 1, column
        self.down, self.across = 1, across
        self.left = (self.size - self.paddle) // 2
        self.steps = 0

    def _move_ball(self) -> tuple[float, bool]:
        """Return the reward, and whether the ball is missed."""
        reward = 0.0
        column = self.column + self.across
        if not 0 <= column < self.size:
            # at a side it turns, and stays in its column for one step
            self.across, column = -self.across, self.column
        row = self.row + self.down
        if row < 0:
            self.down, row = 1, self.row
        elif row == self.size - 1:
            on = column - self.left
            if not 0 <= on < self.paddle:
                self.row, self.column = row, column
                return 0.0, True
            self.down, row = -1, self.row
            self.across = -1 if on < self.paddle // 2 else 1
        elif self._is_brick(row, column):
            self.bricks[row - TOP, column // BRICK] = False
            reward = 1.0
            self.down, row = -self.down, self.row
            if not self.bricks.any():
                self.bricks[:] = True
        self.row, self.column = row, column
        return reward, False

    def _is_brick(self, row: int, column: int) -> bool:
        k = row - TOP
        return 0 <= k < self.rows and bool(self.bricks[k, column // BRICK])
