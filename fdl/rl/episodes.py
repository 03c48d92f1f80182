"""Whole episodes, lived through and handed on in batches.

Letters: ``T`` steps of an episode; ``n`` numbers seen at once; ``G``
discounted returns.

References: none.

Book: ch. 9, "Pole-Cart with Policy Gradients"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Callable, NamedTuple, Optional

import numpy as np

from fdl import seeding
from fdl.rl.returns import discounted
from fdl.scratch._checks import floats, whole

__all__ = ["Lived", "batches", "live"]


class Lived(NamedTuple):
    """An episode, as it is learned from.

    Attributes
    ----------
    seen : array `(T, n)`
        Observations, flat.
    actions : array `(T,)`
        What was done.
    G : array `(T,)`
        What came of it, from this step on.

    Examples
    --------
    :func:`live` shows one.
    """

    seen: np.ndarray
    actions: np.ndarray
    G: np.ndarray


def live(agent: Any, env: Any, seed: Optional[int] = None) -> Lived:
    """Let an agent play an episode to learn from, and count it.

    Parameters
    ----------
    agent : object
        With ``act``, and ``begin`` if it remembers. Its ``config.gamma``
        discounts; the sum and the number of rewards, which are not
        discounted, are added to its ``returns`` and ``lengths``.
    env : gymnasium.Env
        The world. Its episodes must end, or be cut by a time limit.
    seed : int, optional
        Decides the world; it goes on by itself if not given.

    Examples
    --------
    Two steps, of which the second brings 1:

    >>> from fdl.rl import Delay, PolicyGradient
    >>> agent = PolicyGradient(Delay())
    >>> lived = live(agent, Delay(), seed=0)
    >>> lived.seen.ravel(), lived.G
    (array([0., 1.], dtype=float32), array([0.98, 1.  ]))
    >>> agent.returns, agent.lengths
    ([1.0], [2])
    """
    seen, actions, rewards = [], [], []
    observation, _ = env.reset(seed=seed)
    getattr(agent, "begin", lambda: None)()
    over = False
    while not over:
        action = agent.act(observation, explore=True)
        seen.append(np.asarray(observation, np.float32).ravel())
        actions.append(action)
        observation, reward, ended, cut, _ = env.step(action)
        rewards.append(float(reward))
        over = ended or cut
    G = discounted(rewards, agent.config.gamma)
    x = np.stack(seen)
    floats("observations", x)
    agent.returns.append(sum(rewards))
    agent.lengths.append(len(rewards))
    return Lived(x, np.array(actions), G)


def batches(
    agent: Any,
    env: Any,
    episodes: int,
    seed: int = 0,
    callbacks: Sequence[Callable[[Any], Any]] = (),
) -> Iterator[list[Lived]]:
    """Play on, and hand over each `config.batch` episodes.

    Parameters
    ----------
    agent : object
        As of `live`.
    env : gymnasium.Env
        The world.
    episodes : int
        How many to play; a last batch that is not full is not handed over.
    seed : int
        Decides the world.
    callbacks : sequence of callable
        Called with the agent after every episode, and after what it has
        learned from it; one that returns what counts as true ends this.

    Yields
    ------
    list of Lived

    Examples
    --------
    Of twenty episodes the last four are played, but fill no batch:

    >>> from fdl.rl import Choice, PolicyGradient
    >>> agent = PolicyGradient(Choice())
    >>> [len(batch) for batch in batches(agent, Choice(), 20)]
    [8, 8]
    >>> len(agent.returns)
    20
    """
    whole("episodes", episodes)
    world = seeding.derive(seed, "world", len(agent.returns))
    batch: list[Lived] = []
    for k in range(episodes):
        batch.append(live(agent, env, None if k else world))
        if len(batch) == agent.config.batch:
            yield batch
            batch = []
        if any([callback(agent) for callback in callbacks]):
            return
