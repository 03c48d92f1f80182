"""Watching an agent play, without learning and without chance of its own.

Letters: ``T`` steps.

Book: ch. 9, "What Happened with DQN?"
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fdl import seeding
from fdl.errors import must
from fdl.scratch._checks import floats, whole

__all__ = ["Episode", "play", "watch"]


class Episode(NamedTuple):
    """An episode, as it was played.

    Attributes
    ----------
    frames : array `(T + 1, height, width, 3)`
        Pictures, the one before the first step first; `(0,)` if none.
    actions : array `(T,)`
        What was done.
    rewards : array `(T,)`
        What that brought.

    Examples
    --------
    :func:`watch` shows one.
    """

    frames: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray


def play(agent: Any, env: Any, episodes: int = 1, seed: int = 0) -> np.ndarray:
    """Return what an agent earns in each of some episodes.

    Parameters
    ----------
    agent : object
        With a method ``act``; it does not explore. One that remembers has
        ``begin`` as well, which is called before each episode.
    env : gymnasium.Env
        The world. Its episodes must end, or be cut by a time limit.
    episodes : int
        How many to play.
    seed : int
        Decides the worlds, which are others than those learned from.

    Returns
    -------
    array `(episodes,)`
        Sums of rewards, not discounted.

    Examples
    --------
    >>> from fdl.rl import Choice, PolicyGradient
    >>> play(PolicyGradient(Choice()), Choice(), episodes=3).tolist()
    [-1.0, -1.0, -1.0]
    """
    whole("episodes", episodes)
    found = []
    for k in range(episodes):
        world = seeding.derive(seed, "play", k)
        found.append(watch(agent, env, world, pictures=False).rewards.sum())
    return np.array(found)


def watch(
    agent: Any, env: Any, seed: int = 0, *, pictures: bool = True
) -> Episode:
    """Return an episode as an agent plays it.

    Parameters
    ----------
    agent, env
        As of :func:`play`.
    seed : int
        Decides the world.
    pictures : bool
        Whether frames are kept, which the world's ``render`` draws.

    Examples
    --------
    A hand that stays where it is, and a ball that falls past it:

    >>> from fdl.rl import Catch, flat
    >>> idle = flat.Player([(np.zeros((12, 3)), np.zeros(3))])
    >>> episode = watch(idle, Catch(3, 4), seed=0)
    >>> episode.frames.shape, episode.actions, episode.rewards
    ((3, 3, 4, 3), array([0, 0]), array([ 0., -1.]))
    """
    seen, _ = env.reset(seed=seed)
    getattr(agent, "begin", lambda: None)()
    frames, actions, rewards = [], [], []
    over = False
    while not over:
        if pictures:
            frames.append(_drawn(env))
        # of what is no number an agent would say nothing
        real = isinstance(seen, np.ndarray) and seen.dtype.kind == "f"
        if real and not np.isfinite(seen).all():
            floats("observation", seen)
        action = agent.act(seen)
        seen, reward, ended, cut, _ = env.step(action)
        actions.append(action)
        rewards.append(float(reward))
        over = ended or cut
    floats("rewards", rewards)
    if pictures:
        frames.append(_drawn(env))
    return Episode(*(np.array(part) for part in (frames, actions, rewards)))


def _drawn(env: Any) -> Any:
    frame = env.render()
    if frame is None:
        rule = "draw pictures: make it with render_mode='rgb_array'"
        raise must("env", env, rule)
    return frame
