"""A deep Q-network learns Breakout from pictures.

The network, its pictures and all settings are the book's; the game is our own
small one, which has the same rules and needs no other package. The quick
profile, and the record ``breakout_dqn_small``, play on a smaller grid, look
at its fields instead of at pixels, with the small network of [1], and have
targets that are steadier and look three steps ahead.

Letters: none.

References: [1] Young and Tian 2019, arXiv:1903.03176

Differences from the book: the game; ε falls from step to step, not from
episode to episode.

Book: ch. 9, "What Happened with DQN?"
"""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import profiles, seeding
from fdl.experiments.agents import points, taught
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "NETWORKS", "VARIANTS", "Config", "run"]

DATA: tuple[str, ...] = ()  # the game is played
VARIANTS: dict[str, dict[str, Any]] = {
    "breakout_dqn_small": {
        "size": 12,
        "rows": 2,
        "scale": 1,
        "network": "small",
        "history": 2,
        "steps": 100_000,
        "falling": 10_000,
        "epsilon": 0.05,
        "capacity": 50_000,
        "start": 500,
        "every": 2,
        "target_every": 200,
        "steps_ahead": 3,
    }
}
NETWORKS: dict[str, dict[str, Any]] = {
    "nature": {
        "convolutions": ((32, 8, 4), (64, 4, 2), (64, 3, 1)),
        "hidden": (512,),
    },
    "small": {
        "convolutions": ((16, 3, 1),),
        "hidden": (128,),
    },
}
"""Each one's maps, windows and strides, and its units."""
PARTS = 10  # of the learning; behind each the agent is kept
RECENT = 100  # episodes whose mean tells how training ended


@dataclass(frozen=True)
class Config:
    """The book's settings, but for the game's.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("breakout_dqn")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.size, c.network, c.steps, c.every)
    full 21 nature 200000 4
    quick 12 small 10000 2

    The smaller network looks at fields, not at pixels:

    >>> NETWORKS[quick.network]
    {'convolutions': ((16, 3, 1),), 'hidden': (128,)}
    """

    size: int = setting(21, quick=12, least=12)
    """Fields on each side of the game."""
    rows: int = setting(3, quick=2, least=1)
    """Rows of bricks."""
    scale: int = setting(4, quick=1, least=1)
    """Pixels on each side of a field."""
    limit: int = setting(2000, quick=500, least=1)
    """Steps after which a game is cut."""
    network: str = setting("nature", quick="small", choices=tuple(NETWORKS))
    """Which of the networks."""
    history: int = setting(4, quick=2, least=1)
    """Frames that are seen at once."""
    steps: int = setting(200_000, quick=10_000, least=10)
    """To take, in all games."""
    falling: int = setting(100_000, quick=5000, least=1)
    """Steps over which ε falls from 1."""
    epsilon: float = setting(0.1, quick=0.05, least=0, below=1)
    """Where it falls to."""
    learning_rate: float = setting(0.001, above=0)
    """Adam's ε."""
    gamma: float = setting(0.98, above=0)
    """The discount."""
    capacity: int = setting(5000, quick=20_000, least=10)
    """Frames kept."""
    start: int = setting(100, quick=500, least=1)
    """Steps before the first update."""
    batch: int = setting(32, least=1)
    """Transitions in an update."""
    every: int = setting(4, quick=2, least=1)
    """Steps from update to update."""
    target_every: int = setting(16, quick=200, least=1)
    """Steps from copy to copy of the network into the target."""
    steps_ahead: int = setting(1, quick=3, least=1)
    """Rewards in a target."""
    double: bool = setting(False)
    """Whether the network chooses the action that the target judges."""
    block: int = setting(20, least=1)
    """Games in a point of the curves."""
    tested: int = setting(30, least=1)
    """Games that are played greedily when all is learned."""
    seed: int = setting(0, least=0)
    """Decides the weights, the games and the actions."""
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
    """Let an agent learn the game, and watch it play.

    The curves hold ``returns`` and ``lengths``, means of one block of games
    after the other, and ``tested``, the returns of greedy games afterwards.
    The metrics hold ``first`` and ``last``, mean returns of the first and of
    the last 100 games, ``tested``, the greedy mean, ``untrained``, the same
    for the agent before it has learned, ``games`` and ``steps``. The arrays
    hold ``frames`` `(T + 1, size, size)`, bytes, of the game among the tested
    ones that paid most, and its ``actions``.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks
        Without meaning here.
    checkpoint, resume
        The agent is kept in this folder, ten times, and goes on from there.
    device : optional
        Where the network learns.
    offline : bool
        Without meaning here, as nothing is loaded.

    Examples
    --------
    On the command line: ``fdl train breakout_dqn``, or ``fdl train
    breakout_dqn --steps 50000``.
    """
    from gymnasium.wrappers import FrameStackObservation

    from fdl import rl

    game = rl.Breakout(
        config.size, rows=config.rows, scale=config.scale, limit=config.limit
    )
    env = FrameStackObservation(game, config.history)
    agent = rl.DQN(
        env,
        rl.dqn.Config(
            **NETWORKS[config.network],
            history=config.history,
            learning_rate=config.learning_rate,
            gamma=config.gamma,
            capacity=config.capacity,
            start=config.start,
            batch=config.batch,
            every=config.every,
            target_every=config.target_every,
            epsilon=rl.EpsilonGreedy(1.0, config.epsilon, config.falling),
            steps_ahead=config.steps_ahead,
            double=config.double,
        ),
        seed=config.seed,
        device=device,
    )
    began = time.perf_counter()
    untrained = rl.play(agent, env, config.tested, config.seed)
    learn = functools.partial(
        agent.learn, env, config.steps // PARTS, config.seed
    )
    taught(agent, learn, PARTS, checkpoint, resume)
    tested = rl.play(agent, env, config.tested, config.seed)
    best = seeding.derive(config.seed, "play", int(tested.argmax()))
    seen = rl.watch(agent, env, best)
    pixels = slice(None, None, config.scale)
    return compared(
        "breakout_dqn",
        config,
        metrics={
            "first": float(onp.mean(agent.returns[:RECENT])),
            "last": float(onp.mean(agent.returns[-RECENT:])),
            "untrained": float(untrained.mean()),
            "tested": float(tested.mean()),
            "games": len(agent.returns),
            "steps": agent.steps,
        },
        curves={
            "returns": points(agent.returns, config.block),
            "lengths": points(agent.lengths, config.block),
            "tested": list(tested),
        },
        seconds=time.perf_counter() - began,
        net=agent.net,
        arrays={
            "frames": seen.frames[:, pixels, pixels, 0],
            "actions": seen.actions.astype("uint8"),
        },
    )
