"""Flickering pictures: a world of which one sees nothing now and then.

Letters: none.

References: [1] Hausknecht and Stone 2015, arXiv:1507.06527

Differences from the paper: none.

Book: ch. 9, "Deep Recurrent Q-Networks (DRQN)"
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from fdl.scratch._checks import share as check_share

__all__ = ["Flicker"]


class Flicker(gymnasium.ObservationWrapper):
    """A world whose observations are now and then nothing but zeros.

    Parameters
    ----------
    env : gymnasium.Env
        Of pictures or numbers.
    share : float
        How many are lost, each by chance of its own.

    Examples
    --------
    >>> from fdl.rl import Breakout
    >>> world = Flicker(Breakout(), 0.5)
    >>> seen = [world.reset(seed=0)[0], *(world.step(0)[0] for _ in range(4))]
    >>> [bool(frame.any()) for frame in seen]
    [False, False, False, True, True]
    """

    def __init__(self, env: Any, share: float = 0.5) -> None:
        super().__init__(env)
        self.share = check_share("share", share)

    def observation(self, observation: Any) -> np.ndarray:
        """Return what is seen of it."""
        # the world's own generator: a seed gives the same losses
        if self.unwrapped.np_random.random() < self.share:
            return np.zeros_like(observation)
        return np.asarray(observation)
