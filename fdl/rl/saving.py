"""An agent's file: weights, what Adam remembers, counters.

Written as a whole or not at all, and refused by an agent of another kind.

Letters: none.

Book: ch. 9, "What Happened with DQN?"
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any, Union

import numpy as onp

from fdl._mxnet import np
from fdl.errors import CheckpointError
from fdl.train import archive
from fdl.train.optimizer_state import optimizer_state, restore_optimizer
from fdl.train.parameters import check_fit, named_parameters

__all__ = ["load", "save"]

PathLike = Union[str, "os.PathLike[str]"]


def save(path: PathLike, agent: Any, counters: dict[str, Any]) -> None:
    """Write an agent to a file.

    Parameters
    ----------
    path : path
        The file, an ``.npz``.
    agent : object
        The agent: its ``config``, and ``net`` and ``trainer`` if it has them.
    counters : dict
        What else it must not forget: numbers, text, lists, arrays.
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
        "counters": counters,
    }
    path = Path(path)
    try:
        archive.write(path, archive.pack(content))
    except OSError as error:
        raise archive.unwritable(path, error) from None


def load(path: PathLike, agent: Any) -> dict[str, Any]:
    """Read what :func:`save` wrote into an agent; return the counters.

    Nothing of the agent is changed unless all of it fits.
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
    for key, parameter in parameters.items():
        parameter.set_data(np.array(onp.asarray(values[key])))
    if parameters:
        restore_optimizer(agent.trainer, content["optimizer"])
    counters: dict[str, Any] = content["counters"]
    return counters


def _parameters(agent: Any) -> dict[str, Any]:
    """Return those of the agent's network; none if it has no such."""
    return named_parameters(agent.net) if hasattr(agent, "net") else {}


def _as_json(config: Any) -> str:
    return json.dumps(dataclasses.asdict(config), default=repr)
