"""Catch: a ball falls aslant, and somebody has to be where it lands.

The smallest game of pictures: six steps, three actions, one reward. Where the
ball is going takes two pictures to see.

Letters: none.

References: none.

Book: ch. 9, "Deep Recurrent Q-Networks (DRQN)"
"""

from __future__ import annotations

from typing import Any, Optional

import gymnasium
import numpy as np

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = ["Catch"]

MOVES = (0, 1, -1)  # stay, right, left
HAND = 0.5  # its brightness; the ball's is 1


class Catch(gymnasium.Env):
    """A world of small pictures: 1 for a ball that is caught, −1 for others.

    Parameters
    ----------
    height, width : int
        Fields; the ball falls a row at each step.

    Examples
    --------
    >>> game = Catch(3, 4)
    >>> game.reset(seed=0)[0]
    array([[0. , 0. , 0. , 1. ],
           [0. , 0. , 0. , 0. ],
           [0. , 0. , 0.5, 0. ]], dtype=float32)
    >>> game.step(1)[0]
    array([[0. , 0. , 0. , 0. ],
           [0. , 0. , 0. , 1. ],
           [0. , 0. , 0. , 0.5]], dtype=float32)
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}

    def __init__(self, height: int = 7, width: int = 5) -> None:
        self.height = whole("height", height, least=2)
        self.width = whole("width", width, least=2)
        self.observation_space = gymnasium.spaces.Box(
            0.0, 1.0, (height, width), np.float32
        )
        self.action_space = gymnasium.spaces.Discrete(len(MOVES))
        self.render_mode = "rgb_array"
        self.row, self.column, self.across, self.hand = 0, 0, 0, 0

    def __repr__(self) -> str:
        return f"Catch({self.height} × {self.width})"

    def reset(
        self, *, seed: Optional[int] = None, options: Any = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Let a ball begin to fall; return the first picture."""
        super().reset(seed=seed)
        self.column = int(self.np_random.integers(self.width))
        self.hand = self.width // 2
        self.across = int(self.np_random.choice([-1, 0, 1]))
        self.row = 0
        return self.frame(), {}

    def step(
        self, action: int
    ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Move the hand, then the ball."""
        if not self.action_space.contains(action):
            raise must("action", action, "be 0, 1 or 2")
        if self.row == self.height - 1:
            raise RuntimeError("The ball is down: call `reset` first.")
        self.hand = min(max(self.hand + MOVES[action], 0), self.width - 1)
        column = self.column + self.across
        if not 0 <= column < self.width:
            # at a side it turns, and stays in its column for one step
            self.across, column = -self.across, self.column
        self.row, self.column = self.row + 1, column
        down = self.row == self.height - 1
        caught = 1.0 if self.hand == self.column else -1.0
        reward = caught if down else 0.0
        return self.frame(), reward, down, False, {}

    def frame(self) -> np.ndarray:
        """Return the picture, `(height, width)`, of numbers from 0 to 1."""
        grid = np.zeros((self.height, self.width), np.float32)
        grid[-1, self.hand] = HAND
        grid[self.row, self.column] = 1
        return grid

    def render(self) -> np.ndarray:
        """Return the picture in three colours, `(height, width, 3)`."""
        bright = np.round(255 * self.frame()).astype(np.uint8)
        return np.repeat(bright[..., np.newaxis], 3, axis=2)
