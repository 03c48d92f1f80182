"""What an agent can serve: the sizes of a world, or a clear refusal.

Letters: none.

Book: ch. 9, "OpenAI Gym"
"""

from __future__ import annotations

import math
from typing import Any

from gymnasium.spaces import Box, Discrete

from fdl.errors import must

__all__ = ["count_actions", "count_inputs"]


def count_actions(env: Any) -> int:
    """Return how many actions there are, numbered from 0.

    Examples
    --------
    >>> from fdl.rl import Breakout
    >>> count_actions(Breakout())
    3
    """
    space = getattr(env, "action_space", None)
    if not isinstance(space, Discrete) or space.start != 0:
        rule = f"have actions numbered from 0; its action_space is {space}"
        raise must("env", env, rule)
    return int(space.n)


def count_inputs(env: Any) -> int:
    """Return how many numbers are seen at once.

    Examples
    --------
    >>> import gymnasium
    >>> count_inputs(gymnasium.make("CartPole-v1"))
    4
    """
    space = getattr(env, "observation_space", None)
    if not isinstance(space, Box):
        rule = f"show arrays of numbers; its observation_space is {space}"
        raise must("env", env, rule)
    return math.prod(space.shape)
