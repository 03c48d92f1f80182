"""Worlds so small that what an agent should learn is known beforehand.

Each asks for one thing more than the one before it, so that the first one in
which an agent fails tells what is broken in it.

Letters: ``γ`` the discount.

References: [1] A. Jones 2021, "Debugging RL, Without the Agonizing Pain"

Differences from the original: three worlds more: one without an end, one of
many states, one that needs memory.

Book: ch. 9, "The Policy Gradient Agent"
"""

from __future__ import annotations

from typing import Any, Optional

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = [
    "Agreement",
    "Choice",
    "Constant",
    "Delay",
    "Echo",
    "ForEver",
    "Recall",
    "Sign",
]


class _Probe(gymnasium.Env):
    """Episodes of some steps; `_seen` and `_brings` make the world."""

    steps = 1
    actions = 1
    size = 1

    def __init__(self) -> None:
        self.observation_space = Box(-1.0, 1.0, (self.size,), np.float32)
        self.action_space = Discrete(self.actions)
        self.t, self._over = 0, True

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def reset(
        self, *, seed: Optional[int] = None, options: Any = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed)
        self.t, self._over = 0, False
        return self._seen(), {}

    def step(
        self, action: int
    ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take a step."""
        if self._over:
            raise RuntimeError("The episode is over: call `reset` first.")
        if not self.action_space.contains(action):
            rule = f"be a whole number from 0 to {self.actions - 1}"
            raise must("action", action, rule)
        reward = float(self._brings(action))
        self.t += 1
        self._over = self.t == self.steps
        return self._seen(), reward, self._over, False, {}

    def _seen(self) -> np.ndarray:
        return np.zeros(1, np.float32)

    def _brings(self, action: int) -> float:
        return 1.0


class Constant(_Probe):
    """One step, which brings 1: the first state is worth 1.

    Examples
    --------
    >>> world = Constant()
    >>> world.reset()[0], world.step(0)[1:3]
    (array([0.], dtype=float32), (1.0, True))
    """


class Sign(_Probe):
    """One step, which brings what is seen: 1 or −1. Seeing matters.

    Examples
    --------
    >>> world = Sign()
    >>> world.reset(seed=3)[0], world.step(0)[1]
    (array([1.], dtype=float32), 1.0)
    >>> world.reset()[0], world.step(0)[1]
    (array([-1.], dtype=float32), -1.0)
    """

    def _seen(self) -> np.ndarray:
        if not self.t:
            self.sign = float(self.np_random.choice([-1, 1]))
        return np.full(1, self.sign, np.float32)

    def _brings(self, action: int) -> float:
        return self.sign


class Delay(_Probe):
    """Two steps, of which the second brings 1: the first is worth γ.

    Examples
    --------
    >>> world = Delay()
    >>> world.reset()[0], world.step(0)[:3], world.step(0)[1:3]
    (array([0.], dtype=float32), (array([1.], dtype=float32), 0.0, False),
    (1.0, True))
    """

    steps = 2

    def _seen(self) -> np.ndarray:
        return np.full(1, min(self.t, 1), np.float32)

    def _brings(self, action: int) -> float:
        return float(self.t == 1)


class Choice(_Probe):
    """One step: action 1 brings 1, action 0 −1. Doing matters.

    Examples
    --------
    >>> world = Choice()
    >>> world.reset()[0], world.step(1)[1]
    (array([0.], dtype=float32), 1.0)
    >>> world.reset()[0], world.step(0)[1]
    (array([0.], dtype=float32), -1.0)
    """

    actions = 2

    def _brings(self, action: int) -> float:
        return 2.0 * action - 1


class Agreement(Sign):
    """One step: 1 for action 1 where 1 is seen, and for 0 where −1 is; or −1.

    What is right to do depends on what is seen.

    Examples
    --------
    >>> world = Agreement()
    >>> world.reset(seed=3)[0], world.step(1)[1]
    (array([1.], dtype=float32), 1.0)
    >>> world.reset()[0], world.step(1)[1]
    (array([-1.], dtype=float32), -1.0)
    """

    actions = 2

    def _brings(self, action: int) -> float:
        return self.sign * (2.0 * action - 1)


class ForEver(_Probe):
    """Each step brings 1, and there is no end: worth 1 / (1 − γ).

    Parameters
    ----------
    limit : int
        Steps after which an episode is cut.
    ends : bool
        Whether the cut is said to be an end, which is false.

    Examples
    --------
    >>> world = ForEver(limit=2)
    >>> world.reset()[0], world.step(0)[1:4], world.step(0)[1:4]
    (array([0.], dtype=float32), (1.0, False, False), (1.0, False, True))
    """

    def __init__(self, limit: int = 8, ends: bool = False) -> None:
        self.limit, self.ends = whole("limit", limit), ends
        self.steps = 0  # never
        super().__init__()

    def __repr__(self) -> str:
        return f"ForEver({self.limit}, {self.ends})"

    def step(
        self, action: int
    ) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take a step."""
        seen, reward, _, _, info = super().step(action)
        self._over = over = self.t == self.limit
        return seen, reward, over and self.ends, over and not self.ends, info


class Echo(_Probe):
    """A hundred steps, each bringing 1 for the action whose number is seen.

    Parameters
    ----------
    actions : int
        How many there are; numbers are seen as a 1 among zeros.

    Examples
    --------
    >>> world = Echo(3)
    >>> world.reset(seed=0)[0], world.step(2)[1]
    (array([0., 0., 1.], dtype=float32), 1.0)
    """

    steps = 100

    def __init__(self, actions: int = 2) -> None:
        self.actions = self.size = whole("actions", actions, least=2)
        super().__init__()

    def __repr__(self) -> str:
        return f"Echo({self.actions})"

    def _seen(self) -> np.ndarray:
        self.number = int(self.np_random.integers(self.actions))
        return np.eye(self.actions, dtype=np.float32)[self.number]

    def _brings(self, action: int) -> float:
        return float(action == self.number)


class Recall(_Probe):
    """The first step shows 1 or −1, the last one asks which: needs memory.

    Between them zeros are seen. The last action brings 1 if it is 1 after a 1
    and 0 after a −1, or else −1. Without memory the mean is 0.

    Parameters
    ----------
    delay : int
        Steps between what is shown and the answer.

    Examples
    --------
    A 1, then zeros; action 1 is the right answer, once it is asked for:

    >>> world = Recall(delay=2)
    >>> world.reset(seed=0)[0]
    array([1.], dtype=float32)
    >>> [world.step(1)[:2] for _ in range(3)]
    [(array([0.], dtype=float32), 0.0), (array([0.], dtype=float32), 0.0),
    (array([0.], dtype=float32), 1.0)]
    """

    actions = 2

    def __init__(self, delay: int = 3) -> None:
        self.steps = whole("delay", delay) + 1
        super().__init__()

    def __repr__(self) -> str:
        return f"Recall({self.steps - 1})"

    def _seen(self) -> np.ndarray:
        if not self.t:
            self.sign = float(self.np_random.choice([-1, 1]))
            return np.full(1, self.sign, np.float32)
        return np.zeros(1, np.float32)

    def _brings(self, action: int) -> float:
        if self.t < self.steps - 1:
            return 0.0
        return self.sign * (2.0 * action - 1)
