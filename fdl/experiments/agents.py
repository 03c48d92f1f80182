"""What the experiments with agents share: pauses, points and a record."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable, Optional, Union

import numpy as onp

from fdl.scratch._checks import whole

__all__ = ["balanced", "points", "taught"]


def taught(
    agent: Any,
    learn: Callable[[], Any],
    parts: int = 1,
    folder: Optional[Union[str, Path]] = None,
    resume: bool = False,
) -> Any:
    """Return an agent that has learned, now or partly in an interrupted run.

    Parameters
    ----------
    agent : object
        With ``save`` and ``load``.
    learn : callable
        Lets it learn for a part of the time.
    parts : int
        How many there are; the agent is saved behind each.
    folder : path, optional
        Where; nowhere if not given.
    resume : bool
        Whether to go on from what is saved there.

    Examples
    --------
    Three parts of twenty episodes; behind each the agent is saved, and only
    the last file stays. Who resumes has nothing left to do:

    >>> from fdl.rl import SNES, Choice
    >>> agent = SNES(Choice())
    >>> learn = functools.partial(agent.learn, Choice(), 20)
    >>> len(taught(agent, learn, 3, "kept").returns)
    60
    >>> [path.name for path in Path("kept").iterdir()]
    ['epoch-000003.npz']
    >>> again = SNES(Choice(), seed=1)
    >>> learn = functools.partial(again.learn, Choice(), 20)
    >>> len(taught(again, learn, 3, "kept", resume=True).returns)
    60
    """
    whole("parts", parts)
    place = folder and Path(folder)
    saved = sorted(place.glob("epoch-*.npz")) if place else []
    done = 0
    if resume and saved:
        agent.load(saved[-1])
        done = int(saved[-1].stem.rpartition("-")[2])
    for part in range(done, parts):
        learn()
        if place:
            place.mkdir(parents=True, exist_ok=True)
            # a name that the command line takes for a checkpoint
            path = place / f"epoch-{part + 1:06d}.npz"
            agent.save(path)
            for old in {*saved} - {path}:
                old.unlink()
            saved = [path]
    return agent


def balanced(
    env: Any,
    settings: Any,
    config: Any,
    seed: int,
    folder: Optional[Union[str, Path]] = None,
    *,
    resume: bool = False,
    device: Any = None,
    callbacks: Sequence[Any] = (),
) -> tuple[Any, float]:
    """Return a policy gradient that has learned, and its greedy return.

    Parameters
    ----------
    env : gymnasium.Env
        What it plays, such as a cart with a pole.
    settings : fdl.rl.policy_gradient.Config
        The agent's.
    config : object
        The experiment's: its ``episodes`` are learned from, ``tested`` more
        are played for the return, which is their mean.
    seed : int
        Decides the weights, the worlds and the actions.
    folder, resume
        As of `taught`.
    device : optional
        Where the network learns.
    callbacks : sequence of callable
        As of the agent's ``learn``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from fdl.rl import Choice, policy_gradient
    >>> settings = policy_gradient.Config(learning_rate=0.05)
    >>> config = SimpleNamespace(episodes=160, tested=3)
    >>> agent, tested = balanced(Choice(), settings, config, seed=0)
    >>> len(agent.returns), tested
    (160, 1.0)
    """
    from fdl import rl

    agent = rl.PolicyGradient(env, settings, seed=seed, device=device)
    learn = functools.partial(
        agent.learn, env, config.episodes, seed, callbacks=callbacks
    )
    taught(agent, learn, folder=folder, resume=resume)
    return agent, float(rl.play(agent, env, config.tested, seed).mean())


def points(values: Sequence[float], block: int) -> list[float]:
    """Return the means of blocks, of which a last, shorter one is left out.

    Parameters
    ----------
    values : sequence of float
        Such as the returns of all episodes.
    block : int
        How many make a point.

    Examples
    --------
    >>> points([1, 3, 5, 7, 100], 2)
    [2.0, 6.0]
    """
    full = len(values) // whole("block", block) * block
    blocks = onp.reshape(onp.asarray(values[:full], float), (-1, block))
    return [float(mean) for mean in blocks.mean(axis=1)]
