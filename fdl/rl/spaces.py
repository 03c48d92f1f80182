"""What an agent can serve: the sizes of a world, or a clear refusal.

Letters: none.

Book: ch. 9, "OpenAI Gym"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gymnasium.spaces import Box, Discrete

from fdl.errors import must

__all__ = ["check_sizes", "count_actions", "count_inputs"]


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


def check_sizes(env: Any, sizes: Sequence[int]) -> None:
    """Refuse a world that is not of an agent's sizes.

    Parameters
    ----------
    env : gymnasium.Env
        Where the agent is to learn.
    sizes : sequence of int
        First how many numbers the agent sees, last how many actions it has.

    Examples
    --------
    >>> from fdl.rl import Choice
    >>> check_sizes(Choice(), (1, 16, 2))
    >>> check_sizes(Choice(), (4, 16, 2))
    Traceback (most recent call last):
    ...
    ValueError: `env` (=Choice()) must show 4 numbers and have 2 actions, as
    the agent's first world does; it shows 1 and has 2.
    """
    inputs, actions = count_inputs(env), count_actions(env)
    if (inputs, actions) != (sizes[0], sizes[-1]):
        raise must(
            "env",
            env,
            f"show {sizes[0]} numbers and have {sizes[-1]} actions, as the "
            f"agent's first world does; it shows {inputs} and has {actions}",
        )
