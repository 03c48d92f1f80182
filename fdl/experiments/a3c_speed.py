"""How much faster A3C gets round its world with more actors.

Two worlds: Breakout, in which a step is soon computed, and the same game
behind a pause, as when a step is computed elsewhere. Actors are processes; how
many of them run at once is up to the machine, and the record names it.

Letters: none.

References: [1] Mnih et al. 2016, arXiv:1602.01783

Differences from the paper: the games; one learner takes all steps, so what
can be gained ends where it is busy all the time.

Book: ch. 9, "Asynchronous Advantage Actor-Critic Agent (A3C)"
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import gymnasium

from fdl import profiles
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "Waiting", "run"]

DATA: tuple[str, ...] = ()  # the game is played
VARIANTS: dict[str, dict[str, Any]] = {}
WORLDS = ("breakout", "waiting")
WARM = 0.2  # of the steps are taken before time is measured


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("a3c_speed")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.most, c.steps, c.waited)
    full 4 20000 8000
    quick 2 600 200

    Too few steps to take the time of are refused:

    >>> configure("a3c_speed", steps=10)
    Traceback (most recent call last):
    ...
    ValueError: `steps` (=10) must be a whole number from 100 up.
    """

    most: int = setting(4, quick=2, least=1)
    """Actors at most: none beside the learner, one, two, four, …"""
    steps: int = setting(20_000, quick=600, least=100)
    """To take in Breakout, with each number of actors."""
    waited: int = setting(8000, quick=200, least=100)
    """To take where there is a pause in each step."""
    pause: float = setting(2.0, least=0)
    """Milliseconds of that."""
    rollout: int = setting(20, least=1)
    """Steps that an actor plays with the same weights."""
    size: int = setting(12, least=12)
    """Fields on each side of the game."""
    seed: int = setting(0, least=0)
    """Decides the weights, the worlds and the actions."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class Waiting(gymnasium.Wrapper):
    """A world in which every step takes a while.

    Parameters
    ----------
    env : gymnasium.Env
        The world.
    seconds : float
        To wait at each step.

    Examples
    --------
    >>> from fdl.rl import Choice
    >>> world = Waiting(Choice(), 0.01)
    >>> seen, began = world.reset(), time.perf_counter()
    >>> world.step(1)[1], time.perf_counter() - began >= 0.01
    (1.0, True)
    """

    def __init__(self, env: Any, seconds: float) -> None:
        super().__init__(env)
        self.seconds = seconds

    def step(self, action: Any) -> Any:
        """Wait, then take a step."""
        time.sleep(self.seconds)
        return self.env.step(action)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Learn in both worlds with more and more actors, and take the time.

    The curves hold ``actors``, how many, and ``breakout`` and ``waiting``,
    the steps that were taken in a second with so many. The metrics hold
    ``breakout_gain`` and ``waiting_gain``, how many times as fast the most
    actors were as one, and ``load``, how many processes were busy on this
    machine before.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume
        Without meaning here.
    device : optional
        Where the network learns.
    offline : bool
        Without meaning here, as nothing is loaded.

    Examples
    --------
    On the command line: ``fdl train a3c_speed``, or ``fdl train a3c_speed
    --most 1``.
    """
    from fdl import rl

    load = os.getloadavg()[0]
    game = rl.Breakout(config.size, rows=2, limit=500)
    counts = [0, 1]
    while 2 * counts[-1] <= config.most:
        counts.append(2 * counts[-1])
    curves: dict[str, list[float]] = {"actors": [float(n) for n in counts]}
    began = time.perf_counter()
    for name, env, steps in (
        ("breakout", game, config.steps),
        ("waiting", Waiting(game, config.pause / 1000), config.waited),
    ):
        curves[name] = []
        for actors in counts:
            settings = rl.actor_critic.Config(
                actors=actors, rollout=config.rollout
            )
            agent = rl.A3C(env, settings, seed=config.seed, device=device)
            curves[name].append(_steps_a_second(agent, env, steps, config))
    return compared(
        "a3c_speed",
        config,
        metrics={
            **{f"{n}_gain": curves[n][-1] / curves[n][1] for n in WORLDS},
            "load": load,
        },
        curves=curves,
        seconds=time.perf_counter() - began,
        net=agent.net,
    )


def _steps_a_second(agent: Any, env: Any, steps: int, config: Config) -> float:
    """Return how fast it goes round, once all actors are at work."""
    seen: list[tuple[float, int]] = []

    def look(agent: Any) -> None:
        if agent.steps >= WARM * steps:
            seen.append((time.perf_counter(), agent.steps))

    agent.learn(env, steps, config.seed, [look])
    (start, before), *_, (end, after) = seen
    return (after - before) / (end - start)
