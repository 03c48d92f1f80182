"""Nine ways to explore, with a policy gradient on CartPole.

Eight are the book's: an agent that never tries anything, four that act by
chance in a fixed share of the steps, and three in which that share falls to
next to nothing. The ninth draws its actions from the policy itself, which is
what the gradient is the gradient of.

Letters: none.

Differences from the book: each setting is run with several seeds; the
greedy policy is measured besides.

Book: ch. 9, "PGAgent Performance"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import profiles
from fdl.experiments.agents import balanced, points
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "WAYS", "Config", "run"]

DATA: tuple[str, ...] = ()  # the world is simulated
VARIANTS: dict[str, dict[str, Any]] = {}
LAST = 100  # episodes whose mean tells how training ended
WAYS: dict[str, Optional[tuple[float, float]]] = {
    "greedy": (0.0, 0.0),
    "epsilon_05": (0.05, 0.05),
    "epsilon_25": (0.25, 0.25),
    "epsilon_50": (0.5, 0.5),
    "epsilon_90": (0.9, 0.9),
    "annealed_100": (1.0, 0.001),
    "annealed_50": (0.5, 0.001),
    "annealed_25": (0.25, 0.001),
    "sampled": None,  # from π
}
"""Each way's ε at first and at last."""


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("cartpole_exploration")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.episodes, c.falling, c.learning_rate)
    full 5000 3000 0.001
    quick 400 240 0.01

    ε at first and at last, in one of the ways; it falls in ``falling``
    episodes:

    >>> WAYS["annealed_100"]
    (1.0, 0.001)
    """

    episodes: int = setting(5000, quick=400, least=100)
    """To play, in each way."""
    falling: int = setting(3000, quick=240, least=1)
    """Episodes over which ε falls where it does."""
    seeds: int = setting(4, quick=2, least=1)
    """How often: with seed, seed + 1, …"""
    batch: int = setting(8, least=1)
    """Episodes in an update."""
    learning_rate: float = setting(0.001, quick=0.01, above=0)
    """Adam's ε."""
    gamma: float = setting(0.98, above=0)
    """The discount."""
    limit: int = setting(200, least=1)
    """Steps after which an episode is cut; CartPole-v0's."""
    block: int = setting(50, quick=20, least=1)
    """Episodes in a point of the curves."""
    tested: int = setting(100, quick=20, least=1)
    """Episodes that are played greedily when all is learned."""
    seed: int = setting(0, least=0)
    """Decides the weights, the worlds and the actions."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Let an agent learn in each of the nine ways, once for each seed.

    The curves hold, for each of ``WAYS``, ``WAY``, the returns of
    training, means over the seeds of one block of episodes after the other,
    ``WAY_least`` and ``WAY_most`` among the seeds, and one number a seed in
    ``WAY_last`` and ``WAY_tested``: the mean return of the last 100 episodes
    of training, and that of the greedy policy afterwards. The metrics hold
    the means of these two over the seeds, and ``steps``, taken in all.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks
        Without meaning here.
    checkpoint, resume
        Agents that have learned are kept in this folder, and taken from it.
    device : optional
        Where the networks learn.
    offline : bool
        Without meaning here, as nothing is loaded.

    Examples
    --------
    On the command line: ``fdl train cartpole_exploration``, or ``fdl train
    cartpole_exploration --seeds 1``.
    """
    import gymnasium

    from fdl import rl

    env = gymnasium.make("CartPole-v1", max_episode_steps=config.limit)
    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    steps, began = 0, time.perf_counter()
    for way, ends in WAYS.items():
        settings = rl.policy_gradient.Config(
            learning_rate=config.learning_rate,
            gamma=config.gamma,
            batch=config.batch,
            epsilon=ends and rl.EpsilonGreedy(*ends, config.falling),
        )
        found = []
        for seed in range(config.seed, config.seed + config.seeds):
            agent, tested = balanced(
                env,
                settings,
                config,
                seed,
                checkpoint and Path(checkpoint) / f"{way}-{seed}",
                resume=resume,
                device=device,
            )
            found.append(points(agent.returns, config.block))
            steps += sum(agent.lengths)
            for name, value in {
                "last": onp.mean(agent.returns[-LAST:]),
                "tested": tested,
            }.items():
                curves.setdefault(f"{way}_{name}", []).append(float(value))
        curves[way] = list(onp.mean(found, axis=0))
        curves[f"{way}_least"] = list(onp.min(found, axis=0))
        curves[f"{way}_most"] = list(onp.max(found, axis=0))
        for name in ("last", "tested"):
            key = f"{way}_{name}"
            metrics[key] = float(onp.mean(curves[key]))
    metrics["steps"] = steps
    return compared(
        "cartpole_exploration",
        config,
        metrics=metrics,
        curves=curves,
        seconds=time.perf_counter() - began,
        net=agent.net,
    )
