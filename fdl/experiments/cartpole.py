"""CartPole-v1, solved: a policy gradient that draws its actions from π.

The same agent as in the comparison of explorations, with a larger step, with
returns measured from their mean, and with five hundred steps to balance for.

Letters: none.

Differences from the book: it plays CartPole-v0, whose episodes are cut after
200 steps; these settings are ours.

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

__all__ = ["DATA", "VARIANTS", "Config", "run"]

DATA: tuple[str, ...] = ()  # the world is simulated
VARIANTS: dict[str, dict[str, Any]] = {}
RECENT = 50  # episodes that decide whether it has learned enough


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("cartpole")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.episodes, c.seeds)
    full 1000 10
    quick 1000 1

    What ends the learning, before all episodes are played:

    >>> quick.enough, RECENT
    (490.0, 50)
    """

    episodes: int = setting(1000, least=1)
    """To play at most."""
    enough: float = setting(490.0, least=0)
    """The mean return of the last 50 episodes that ends the learning."""
    seeds: int = setting(10, quick=1, least=1)
    """How often: with seed, seed + 1, …"""
    batch: int = setting(8, least=1)
    """Episodes in an update."""
    learning_rate: float = setting(0.01, above=0)
    """Adam's ε."""
    gamma: float = setting(0.99, above=0)
    """The discount."""
    block: int = setting(20, least=1)
    """Episodes in a point of the curves."""
    tested: int = setting(100, least=1)
    """Episodes that are played greedily when all is learned."""
    seed: int = setting(0, least=0)
    """Decides the weights, the worlds and the actions."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

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
    """Let an agent learn to balance, once for each seed.

    The curves hold ``returns_SEED``, means of blocks of episodes, and one
    number a seed in ``tested``, the greedy policy's mean return, and
    ``episodes`` that were played before. The metrics hold ``tested``, the
    mean over the seeds, ``tested_least``, and ``steps``, taken in all.

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
    A few episodes, which are enough to see what it measures:

    >>> from fdl.experiments import configure
    >>> config = configure("cartpole", episodes=16, block=8, tested=2)
    >>> record = run(config)
    >>> sorted(record.metrics), len(record.curves["returns_0"])
    (['steps', 'tested', 'tested_least'], 2)
    """
    import gymnasium

    from fdl import rl

    env = gymnasium.make("CartPole-v1")
    settings = rl.policy_gradient.Config(
        learning_rate=config.learning_rate,
        gamma=config.gamma,
        batch=config.batch,
        normalize=True,
    )

    def solved(agent: Any) -> bool:
        recent = agent.returns[-RECENT:]
        return len(recent) == RECENT and onp.mean(recent) >= config.enough

    curves: dict[str, list[float]] = {"tested": [], "episodes": []}
    steps, began = 0, time.perf_counter()
    for seed in range(config.seed, config.seed + config.seeds):
        agent, tested = balanced(
            env,
            settings,
            config,
            seed,
            checkpoint and Path(checkpoint) / str(seed),
            resume=resume,
            device=device,
            callbacks=[solved],
        )
        curves[f"returns_{seed}"] = points(agent.returns, config.block)
        curves["episodes"].append(float(len(agent.returns)))
        curves["tested"].append(tested)
        steps += sum(agent.lengths)
    return compared(
        "cartpole",
        config,
        metrics={
            "tested": float(onp.mean(curves["tested"])),
            "tested_least": min(curves["tested"]),
            "steps": steps,
        },
        curves=curves,
        seconds=time.perf_counter() - began,
        net=agent.net,
    )
