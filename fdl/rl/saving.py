"""An agent's file: weights, what Adam remembers, counters.

Written as a whole or not at all, and refused by an agent of another kind.

Letters: none.

Book: ch. 9, "What Happened with DQN?"
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

import numpy as onp

from fdl._mxnet import np
from fdl.errors import CheckpointError, ShapeError
from fdl.train import archive
from fdl.train.optimizer_state import optimizer_state, restore_optimizer
from fdl.train.parameters import check_fit, named_parameters

__all__ = ["load", "save"]

PathLike = Union[str, "os.PathLike[str]"]


def save(
    path: PathLike, agent: Any, names: Sequence[str], **more: Any
) -> None:
    """Write an agent to a file.

    Parameters
    ----------
    path : path
        The file, an ``.npz``.
    agent : object
        The agent: its ``config``, and ``net`` and ``trainer`` if it has them.
    names : sequence of str
        What else of it must not be forgotten: numbers, text, lists, arrays.
    **more : object
        What is kept besides.

    Examples
    --------
    >>> from fdl.rl import Choice, PolicyGradient
    >>> agent = PolicyGradient(Choice())
    >>> save("agent.npz", agent, ["returns"], note="nothing learned yet")
    >>> load("agent.npz", agent, ["returns"])["note"]
    'nothing learned yet'
    """
    parameters = _parameters(agent)
    content = {
        "format": archive.FORMAT,
        "agent": type(agent).__name__,
        "config": _as_json(agent.config),
        "parameters": {
            name: p.data().asnumpy() for name, p in parameters.items()
        },
        "optimizer": optimizer_state(agent.trainer) if parameters else None,
        "counters": {name: getattr(agent, name) for name in names} | more,
    }
    archive.write(Path(path), archive.pack(content))


def load(path: PathLike, agent: Any, names: Sequence[str]) -> dict[str, Any]:
    """Read what :func:`save` wrote into an agent; return what it kept.

    Nothing of the agent is changed unless all of it fits.

    Parameters
    ----------
    path, agent, names
        As of `save`. Arrays must have the shapes of the agent's own.

    Returns
    -------
    dict
        By name: `names`, which the agent has now, and what was kept besides.

    Examples
    --------
    Of an agent of another kind nothing is read:

    >>> from fdl.rl import SNES, Choice
    >>> SNES(Choice()).save("snes.npz")
    >>> load("snes.npz", SNES(Choice(), seed=1), ["w"])["returns"]
    []
    >>> from fdl.rl import Genetic
    >>> load("snes.npz", Genetic(Choice()), ["members"])
    Traceback (most recent call last):
    ...
    fdl.errors.CheckpointError: snes.npz holds SNES; this is a Genetic.
    """
    path = Path(path)
    content = archive.read(path)
    name = type(agent).__name__
    if content.get("agent") != name:
        kind = content.get("agent", "no agent")
        raise CheckpointError(f"{path} holds {kind}; this is a {name}.")
    if content["config"] != _as_json(agent.config):
        raise CheckpointError(
            f"{path} holds a {name} with {content['config']}; this one has "
            f"{_as_json(agent.config)}."
        )
    parameters = _parameters(agent)
    values = content["parameters"]
    check_fit("path", parameters, values, f"as {path}")
    kept: dict[str, Any] = content["counters"]
    if missing := {*names} - {*kept}:
        raise CheckpointError(f"{path} lacks {', '.join(sorted(missing))}.")
    for name in names:
        _check_shape(name, kept[name], getattr(agent, name))
    for key, parameter in parameters.items():
        parameter.set_data(np.array(onp.asarray(values[key])))
    if parameters:
        restore_optimizer(agent.trainer, content["optimizer"])
    for name in names:
        array = isinstance(kept[name], onp.ndarray)
        setattr(agent, name, onp.asarray(kept[name]) if array else kept[name])
    return kept


def _check_shape(name: str, value: Any, own: Any) -> None:
    if isinstance(own, onp.ndarray) and onp.shape(value) != own.shape:
        raise ShapeError(
            f"`{name}` (=array of shape {onp.shape(value)}) must have the "
            f"shape {own.shape} of this agent's."
        )


def _parameters(agent: Any) -> dict[str, Any]:
    """Return those of the agent's network; none if it has no such."""
    return named_parameters(agent.net) if hasattr(agent, "net") else {}


def _as_json(config: Any) -> str:
    return json.dumps(dataclasses.asdict(config), default=repr)
