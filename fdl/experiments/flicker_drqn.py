"""Frames side by side, or one after the other, where half of them are lost.

A ball falls aslant, and where it will land takes two pictures to see, of which
each is lost by chance. A deep Q-network with the four frames that are usual
learns this, one with more frames, and a recurrent one that reads those in
their order. All learn in the same flicker, and are tested in less and in more.

Letters: none.

References: [1] Hausknecht and Stone 2015, arXiv:1507.06527

Differences from the paper: the game, which is our smallest one, and the
networks; the recurrent one reads so many frames from an empty state.

Book: ch. 9, "Deep Recurrent Q-Networks (DRQN)"
"""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import profiles
from fdl.experiments.agents import points, taught
from fdl.experiments.comparison import compared, parameters_of
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "KINDS", "SHARES", "VARIANTS", "Config", "run"]

DATA: tuple[str, ...] = ()  # the game is played
VARIANTS: dict[str, dict[str, Any]] = {}
KINDS = ("dqn", "dqn_longer", "drqn")
"""The agents that are compared."""
SHARES = (0.0, 0.25, 0.5, 0.75)
"""Of frames that are lost, in the tests."""
LAST = 200  # episodes whose mean tells how training ended


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("flicker_drqn")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.steps, c.seeds, c.tested)
    full 30000 3 500
    quick 6000 1 100

    Which agents are compared, and in which shares of lost frames:

    >>> KINDS, SHARES
    (('dqn', 'dqn_longer', 'drqn'), (0.0, 0.25, 0.5, 0.75))
    """

    height: int = setting(9, least=3)
    """Fields that the ball falls through."""
    width: int = setting(3, least=2)
    """Fields beside each other."""
    share: float = setting(0.5, least=0, below=1)
    """Of frames that are lost while it learns."""
    few: int = setting(4, least=2)
    """Frames that the first network sees."""
    more: int = setting(8, least=2)
    """Frames that the others see, or read."""
    hidden: int = setting(64, least=1)
    """Units of the layer that looks."""
    units: int = setting(48, least=1)
    """Units that remember."""
    steps: int = setting(30_000, quick=6000, least=1)
    """To take, for each network."""
    seeds: int = setting(3, quick=1, least=1)
    """How often: with seed, seed + 1, …"""
    learning_rate: float = setting(0.003, above=0)
    """Adam's ε."""
    gamma: float = setting(0.98, above=0)
    """The discount."""
    batch: int = setting(32, least=1)
    """Transitions in an update."""
    every: int = setting(4, least=1)
    """Steps from update to update."""
    block: int = setting(200, quick=100, least=1)
    """Episodes in a point of the curves."""
    tested: int = setting(500, quick=100, least=1)
    """Episodes that are played greedily in each share."""
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
    """Let all three learn in the same flicker, and test them.

    The curves hold, for each of ``KINDS``, ``KIND``, the returns of
    training, means over the seeds of one block of episodes after the other;
    ``KIND_shares``, the greedy returns for each of ``SHARES``, means over the
    seeds, and ``KIND_tested``, that of each seed in the share that it learned
    in. The metrics hold the mean of these, ``KIND_tested``, ``KIND_last``,
    the mean return of the last 200 episodes of training, and
    ``KIND_weights``, how many there are.

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
    On the command line: ``fdl train flicker_drqn``, or ``fdl train
    flicker_drqn --share 0.25``.
    """
    from gymnasium.wrappers import FrameStackObservation

    from fdl import rl

    def world(kind: str, share: float) -> Any:
        game = rl.Flicker(rl.Catch(config.height, config.width), share)
        frames = config.few if kind == "dqn" else config.more
        return FrameStackObservation(game, frames)

    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {"shares": list(SHARES)}
    began = time.perf_counter()
    for kind in KINDS:
        env = world(kind, config.share)
        returns, found, last = [], [], []
        for seed in range(config.seed, config.seed + config.seeds):
            agent = _agent(kind, env, config, seed, device)
            learn = functools.partial(agent.learn, env, config.steps, seed)
            place = checkpoint and Path(checkpoint) / f"{kind}-{seed}"
            taught(agent, learn, folder=place, resume=resume)
            returns.append(points(agent.returns, config.block))
            last.append(onp.mean(agent.returns[-LAST:]))
            found.append(
                [
                    rl.play(agent, world(kind, s), config.tested, seed).mean()
                    for s in (*SHARES, config.share)
                ]
            )
        shortest = min(map(len, returns))
        curves[kind] = list(
            onp.mean([points[:shortest] for points in returns], axis=0)
        )
        curves[f"{kind}_shares"] = list(onp.mean(found, axis=0)[:-1])
        curves[f"{kind}_tested"] = list(onp.array(found)[:, -1])
        metrics[f"{kind}_tested"] = float(onp.mean(curves[f"{kind}_tested"]))
        metrics[f"{kind}_last"] = float(onp.mean(last))
        metrics[f"{kind}_weights"] = parameters_of(agent.net)
    return compared(
        "flicker_drqn",
        config,
        metrics=metrics,
        curves=curves,
        seconds=time.perf_counter() - began,
        net=agent.net,
    )


def _agent(kind: str, env: Any, config: Config, seed: int, device: Any) -> Any:
    from fdl import rl

    shared: dict[str, Any] = {
        "convolutions": (),
        "hidden": (config.hidden,),
        "history": env.observation_space.shape[0],
        "learning_rate": config.learning_rate,
        "gamma": config.gamma,
        "capacity": 20_000,
        "start": 200,
        "batch": config.batch,
        "every": config.every,
        "target_every": 200,
        "steps_ahead": 3,
        "epsilon": rl.EpsilonGreedy(1.0, 0.05, config.steps // 2),
    }
    if kind == "drqn":
        settings = rl.drqn.Config(units=config.units, **shared)
        return rl.DRQN(env, settings, seed=seed, device=device)
    return rl.DQN(env, rl.dqn.Config(**shared), seed=seed, device=device)
