"""All that an optimizer knows, as numbers, text and arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import mx, np, npx
from fdl.train.archive import Saved, pack

__all__ = ["optimizer_settings", "optimizer_state", "restore_optimizer"]

# What the trainer sets, or what changes nothing in the result.
PASSING = {
    "param_dict",
    "idx2name",
    "sym_info",
    "rescale_grad",
    "allow_np_array",
    "aggregate_num",
    "_index_update_count",
    "lr_scheduler",
}


def optimizer_settings(optimizer: Any) -> dict[str, Any]:
    """Return the numbers, texts and arrays that an optimizer holds.

    Examples
    --------
    >>> found = optimizer_settings(
    ...     mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    >>> found["lr"], found["momentum"]
    (0.1, 0.9)
    """
    found = {
        name: value
        for name, value in vars(optimizer).items()
        if name not in PASSING and not callable(value)
    }
    scheduler = optimizer.lr_scheduler
    if isinstance(scheduler, mx.lr_scheduler.LRScheduler):
        found["lr_scheduler"] = {
            name: value
            for name, value in vars(scheduler).items()
            if not callable(value)
        }
    return found


def optimizer_state(trainer: Any) -> dict[str, Any]:
    """Return all that an optimizer needs to go on as if nothing was.

    Examples
    --------
    >>> from fdl._mxnet import gluon
    >>> weight = gluon.Parameter("weight", shape=(2,))
    >>> weight.initialize()
    >>> trainer = gluon.Trainer([weight], "adam", {"learning_rate": 0.1})
    >>> state = optimizer_state(trainer)
    >>> state["settings"]["lr"], state["states"]  # no step yet, no moments
    (0.1, {})
    """
    npx.waitall()
    state = {
        "settings": optimizer_settings(trainer.optimizer),
        "states": dict(trainer._updaters[0].states),
    }
    try:
        pack(state)
    except TypeError as error:
        raise TypeError(
            f"`optimizer` (={type(trainer.optimizer).__name__}) must hold "
            f"what a checkpoint can: numbers, text, arrays; {error}."
        ) from None
    return state


def restore_optimizer(trainer: Any, state: dict[str, Any]) -> None:
    """Make a trainer's optimizer what :func:`optimizer_state` saw.

    Examples
    --------
    >>> from fdl._mxnet import gluon
    >>> weight = gluon.Parameter("weight", shape=(2,))
    >>> weight.initialize()
    >>> trainers = [
    ...     gluon.Trainer([weight], "sgd", {"learning_rate": rate})
    ...     for rate in (0.1, 0.2)]
    >>> restore_optimizer(trainers[1], optimizer_state(trainers[0]))
    >>> trainers[1].learning_rate
    0.1
    """
    optimizer = trainer.optimizer
    settings = dict(state["settings"])
    scheduler = settings.pop("lr_scheduler", None)
    vars(optimizer).update(_revive(settings, trainer._contexts[0]))
    if scheduler is not None:
        vars(optimizer.lr_scheduler).update(scheduler)
    optimizer._set_current_context(trainer._contexts[0].device_id)
    updater = trainer._updaters[0]
    updater.states = _revive(state["states"], trainer._contexts[0])
    updater.states_synced = dict.fromkeys(updater.states, True)


def _revive(tree: Any, device: Any) -> Any:
    """Make arrays again what they were, on a device."""
    if isinstance(tree, dict):
        return {k: _revive(v, device) for k, v in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(_revive(v, device) for v in tree)
    if isinstance(tree, Saved):
        plain = onp.asarray(tree)
        module = {"np": np, "nd": mx.nd}.get(tree.kind)
        if module is None:
            return plain
        return module.array(plain, ctx=device, dtype=plain.dtype)
    return tree
