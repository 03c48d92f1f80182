"""What a run is: what must be equal in the one that continues it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as onp

from fdl import seeding
from fdl._mxnet import mx
from fdl.errors import must
from fdl.train import checks
from fdl.train.optimizer_state import optimizer_settings

__all__ = ["fingerprints", "identity", "refuse_another"]


def identity(run: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be equal in a run and the one that continues it.

    Examples
    --------
    >>> from fdl import nn
    >>> from fdl.train.run import Run
    >>> run = Run(
    ...     nn.FeedForward((2, 3)), [(onp.zeros((4, 2)), onp.zeros(4))],
    ...     loss=nn.cross_entropy, optimizer="sgd", epochs=1, seed=7)
    >>> found = identity(run, {"note": "first"})
    >>> found["loss"], found["seed"], found["config"]
    ('cross_entropy', 7, {'note': 'first'})
    >>> found["parameters"]
    {'output.weight': '(3, 2) float32', 'output.bias': '(3,) float32'}
    """
    wanted = ("examples", "batch_size", "shuffle", "seed", "last")
    optimizer = optimizer_settings(run.trainer.optimizer)
    return {
        "parameters": {
            name: f"{parameter.shape} {onp.dtype(parameter.dtype).name}"
            for name, parameter in run._named.items()
        },
        "optimizer": {
            "class": type(run.trainer.optimizer).__name__,
            # arrays are told apart by their content
            **json.loads(json.dumps(_plain(optimizer), default=str)),
        },
        "loss": getattr(run.loss, "__name__", type(run.loss).__name__),
        "seed": run.seed,
        "clip": run.clip,
        "curves": list(run.curves),
        "batches": {
            name: getattr(run.batches, name)
            for name in wanted
            if isinstance(getattr(run.batches, name, None), (int, str, bool))
        },
        "data": run.fingerprints,
        "config": dict(config),
    }


def fingerprints(run: Any) -> dict[str, str]:
    """Return a hash of the first batch of what a run trains and validates on.

    There is none of batches that are others every time they are asked for.
    Global generators are seeded for it, so that their chance is no difference.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pairs = [(onp.zeros((2, 1)), onp.zeros(2))]
    >>> class Noise:
    ...     def __iter__(self):
    ...         yield onp.array([[next(ticks)]]), onp.zeros(1)
    >>> ticks = iter(range(9))
    >>> run = SimpleNamespace(batches=pairs, validation=Noise())
    >>> list(fingerprints(run))
    ['batches']
    """
    sources = {"batches": run.batches, "validation": run.validation}
    found = {}
    for argument, source in sources.items():
        if source is not None:
            hashes = {_first(argument, source) for _ in range(2)}
            if len(hashes) == 1:
                found[argument] = hashes.pop()
    return found


def _first(argument: str, batches: Any) -> str:
    seeding.seed_all(0)
    inputs, y = checks.batches(argument, batches)
    digest = hashlib.sha256()
    for array in (*inputs, y):
        host = array.asnumpy() if hasattr(array, "asnumpy") else array
        host = onp.ascontiguousarray(host)
        digest.update(f"{host.shape} {host.dtype.str}".encode())
        digest.update(host.tobytes())
    return digest.hexdigest()


def refuse_another(
    run: Any, then: Mapping[str, Any], now: Mapping[str, Any], folder: Any
) -> None:
    """Raise if a run is not the one whose identity was saved in a folder.

    Examples
    --------
    >>> then, now = {"seed": 7}, {"seed": 8}
    >>> refuse_another(None, then, now, "runs/first")
    Traceback (most recent call last):
    ...
    ValueError: `resume` (=True) must continue the same run; `seed` is 8 here
    and was 7 in runs/first.
    """
    old, new = _flat(then), _flat(now)
    for name in sorted({*old, *new}):
        was, is_ = old.get(name), new.get(name)
        if json.dumps(was) == json.dumps(is_):  # NaN is NaN
            continue
        if name.startswith("data."):
            argument = name[len("data.") :]
            if was is None or is_ is None:  # an older file, or chance
                continue
            raise must(
                argument,
                getattr(run, argument),
                f"hold the data of the run in {folder}, unless resume=False; "
                "its first batch is another",
            )
        raise ValueError(
            f"`resume` (=True) must continue the same run; `{name}` is "
            f"{_short(is_)} here and was {_short(was)} in {folder}."
        )


def _flat(tree: Any, name: str = "") -> dict[str, Any]:
    """Return the leaves of nested dictionaries, under dotted names."""
    if not isinstance(tree, dict):
        return {name: tree}
    found = {}
    for key, value in tree.items():
        found.update(_flat(value, f"{name}.{key}" if name else str(key)))
    return found


def _plain(tree: Any) -> Any:
    """Replace arrays by the hash of their content."""
    if isinstance(tree, dict):
        return {str(k): _plain(v) for k, v in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_plain(v) for v in tree]
    if isinstance(tree, mx.nd.NDArray):
        tree = tree.asnumpy()
    if isinstance(tree, onp.ndarray):
        return hashlib.sha256(tree.tobytes()).hexdigest()
    return tree


def _short(value: Any) -> str:
    if value is None:
        return "absent"
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
