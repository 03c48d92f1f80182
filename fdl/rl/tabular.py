"""Learning by table: what each action in each state has been worth so far.

After every step an entry moves a little towards a target. Q-learning's looks
at the best action of the next state, Sarsa's at the one that is taken::

    q(s, a) ← q(s, a) + ε (y − q(s, a))
    y = r + γ max_a′ q(s′, a′)          Q-learning
    y = r + γ q(s′, a′)                 Sarsa

Letters: ``S`` states; ``A`` actions; ``q`` `(S, A)` values; ``γ`` the
discount; ``ε`` the learning rate.

References: [1] Watkins and Dayan 1992, "Q-learning"; [2] Rummery and Niranjan
1994, "On-line Q-learning using connectionist systems"

Differences from the papers: the learning rate does not fall; Q-learning too
chooses its next action before it learns from the last.

Book: ch. 9, "Q-Learning and Deep Q-Networks"
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Union

import numpy as np
from gymnasium.spaces import Discrete

from fdl import seeding
from fdl.errors import must
from fdl.rl.explore import epsilon_greedy
from fdl.scratch._checks import positive, share, whole

__all__ = ["Learned", "q_learning", "sarsa"]

Exploration = Union[float, Callable[[int], float]]


class Learned(NamedTuple):
    """What was learned by table.

    Attributes
    ----------
    q : array `(S, A)`
        Values.
    returns : array
        Each episode's sum of rewards, as it was played.
    lengths : array
        Each episode's steps.

    Examples
    --------
    >>> q = np.array([[0.0, 1.0], [3.0, 2.0]])
    >>> Learned(q, np.zeros(1), np.zeros(1)).policy
    array([1, 0])
    """

    q: np.ndarray
    returns: np.ndarray
    lengths: np.ndarray

    @property
    def policy(self) -> np.ndarray:
        """The best action of each state, `(S,)`."""
        return self.q.argmax(axis=1)


def q_learning(
    env: Any,
    episodes: int,
    *,
    gamma: float = 0.98,
    learning_rate: float = 0.1,
    epsilon: Exploration = 0.1,
    first: float = 0.0,
    seed: int = 0,
) -> Learned:
    """Learn the values of the best policy, whatever policy is played.

    Parameters
    ----------
    env : gymnasium.Env
        With states and actions that are numbers (``Discrete``).
    episodes : int
        How many to play.
    gamma : float
        γ.
    learning_rate : float
        ε, at most 1.
    epsilon : float or callable
        The share of actions taken by chance; or called with the number of the
        episode, such as :class:`~fdl.rl.EpsilonGreedy`.
    first : float
        What all entries start at. High hopes make one try everything.
    seed : int
        Decides the actions and the world.

    Examples
    --------
    >>> from fdl.rl import Maze
    >>> maze = Maze("m.c", {"c": 5.0})
    >>> q_learning(maze, 200, gamma=0.5).policy[:2]
    array([1, 1])
    """
    return _learn(
        env, episodes, gamma, learning_rate, epsilon, first, seed, True
    )


def sarsa(
    env: Any,
    episodes: int,
    *,
    gamma: float = 0.98,
    learning_rate: float = 0.1,
    epsilon: Exploration = 0.1,
    first: float = 0.0,
    seed: int = 0,
) -> Learned:
    """Learn the values of the policy that is played, its exploring included.

    Parameters
    ----------
    env, episodes, gamma, learning_rate, epsilon, first, seed
        As of :func:`q_learning`.

    Examples
    --------
    Two steps to 5, all by chance: what Sarsa learns counts the detours, and
    what Q-learning learns does not.

    >>> from fdl.rl import Maze
    >>> maze = Maze("m.c", {"c": 5.0})
    >>> given = {"gamma": 0.5, "epsilon": 1.0}
    >>> q_learning(maze, 300, **given).q[0, 1].round(2)
    2.5
    >>> bool(sarsa(maze, 300, **given).q[0, 1] < 2)
    True
    """
    return _learn(
        env, episodes, gamma, learning_rate, epsilon, first, seed, False
    )


def _learn(
    env: Any,
    episodes: int,
    gamma: float,
    learning_rate: float,
    epsilon: Exploration,
    first: float,
    seed: int,
    best: bool,
) -> Learned:
    spaces = env.observation_space, env.action_space
    if any(not isinstance(s, Discrete) or s.start for s in spaces):
        rule = f"have Discrete states and actions from 0 up; it has {spaces}"
        raise must("env", env, rule)
    sizes = [int(space.n) for space in spaces]
    whole("episodes", episodes)
    share("gamma", gamma)
    positive("learning_rate", learning_rate, most=1)
    if not callable(epsilon):
        constant = share("epsilon", epsilon)
        epsilon = lambda _: constant  # noqa: E731
    rng = seeding.generator(seed, "actions")
    q = np.full(sizes, float(first))
    returns, lengths = np.zeros(episodes), np.zeros(episodes, int)
    for k in range(episodes):
        s, _ = env.reset(seed=seeding.derive(seed, "world") if not k else None)
        a = epsilon_greedy(q[s], epsilon(k), rng)
        over = False
        while not over:
            after, r, ended, cut, _ = env.step(a)
            next_a = epsilon_greedy(q[after], epsilon(k), rng)
            follows = q[after].max() if best else q[after, next_a]
            # nothing follows an end; what a time limit cuts would go on
            y = r + gamma * follows * (not ended)
            # q(s, a) ← q(s, a) + ε (y − q(s, a))
            q[s, a] += learning_rate * (y - q[s, a])
            s, a = after, next_a
            returns[k] += r
            lengths[k] += 1
            over = ended or cut
    return Learned(q, returns, lengths)
