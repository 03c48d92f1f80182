"""Checkpoints: all of a run's state, from which it can go on exactly.

It holds the parameters with the running statistics, the optimizer's state and
counters, the history, the seed (from which each epoch's chance follows), what
the callbacks want to keep, and what the run was, so that a different one is
not continued by mistake. How the file is kept whole: :mod:`.archive`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import device
from fdl._mxnet import mx, np, npx
from fdl.errors import CheckpointError, ShapeError, must
from fdl.train import checks
from fdl.train.archive import FORMAT, Saved, pack, read, unwritable, write
from fdl.train.metrics import larger_is_better
from fdl.train.parameters import named_parameters, place

__all__ = ["Checkpoints", "load_parameters"]

NAME = re.compile(r"epoch-(\d{6})\.npz")


class Checkpoints:
    """A folder with a run's latest checkpoints and its best.

    Parameters
    ----------
    folder : path
        Made if need be. One folder belongs to one run.
    keep : int
        How many of the latest to keep.
    best : str, optional
        The curve whose best epoch is kept too. By default the validation
        error if the run has it, else the validation loss, else the loss.
    config : mapping, optional
        Settings of your own that a resumed run must share; kept as JSON.
    """

    def __init__(
        self,
        folder: Union[str, os.PathLike[str]],
        keep: int = 5,
        best: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self.folder = Path(folder)
        self.keep = checks.whole("keep", keep)
        self.best = best
        self.config = json.loads(json.dumps(config or {}, default=str))

    def __repr__(self) -> str:
        return f"Checkpoints({str(self.folder)!r}, keep={self.keep})"

    def files(self) -> list[Path]:
        """Return the checkpoints there are, oldest first."""
        try:
            found = [
                p for p in self.folder.iterdir() if NAME.fullmatch(p.name)
            ]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(found)

    def latest(self) -> Optional[dict[str, Any]]:
        """Return the content of the newest file that is whole.

        Damaged files are passed over with one notice on stderr.
        """
        damaged = []
        found = None
        for path in reversed(self.files()):
            try:
                found = read(path)
                break
            except CheckpointError:
                damaged.append(path.name)
        if damaged:
            instead = (
                f"epoch {found['epoch']} is taken instead"
                if found
                else "no other is left"
            )
            print(
                f"{self.folder}: {', '.join(damaged)} damaged; {instead}.",
                file=sys.stderr,
            )
        return found

    # -- what the run calls

    def begin(self, run: Any, resume: bool) -> None:
        """Prepare the folder, and continue from it where that is asked."""
        if self.best is not None and self.best not in run.curves:
            names = ", ".join(map(repr, run.curves))
            raise must("best", self.best, f"be a curve of this run: {names}")
        optimizer_state(run.trainer)  # raises if it could not be saved
        state = self.latest() if resume else None
        if state is not None and not run.seed_given:
            run.seed = state["history"]["seed"]
        self._identity = identity(run, self.config)
        if not resume and self.files():
            raise must(
                "checkpoint",
                str(self.folder),
                "be a folder without checkpoints, unless resume=True "
                "continues from them",
            )
        if state is not None:
            self._continue(run, state)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from None
        for left in self.folder.glob(".epoch-*.tmp"):  # by a killed process
            left.unlink()

    def save(self, run: Any) -> None:
        """Write the run's state, then remove what need not be kept."""
        content = {
            "format": FORMAT,
            "identity": self._identity,
            "epoch": run.epoch,
            "step": run.step,
            "history": run.history.state(),
            "parameters": run.parameters(),
            "optimizer": optimizer_state(run.trainer),
            "callbacks": [
                [type(callback).__name__, callback.state()]
                for callback in run.callbacks
                if hasattr(callback, "state")
            ],
            "best": self._best_epoch(run),
        }
        path = self.folder / f"epoch-{run.epoch:06d}.npz"
        write(path, pack(content))
        keep = {path, *self.files()[-self.keep :]}
        for old in self.files():
            number = int(NAME.fullmatch(old.name)[1])  # type: ignore[index]
            if old not in keep and number != content["best"]:
                old.unlink()

    def _best_epoch(self, run: Any) -> int:
        name = self.best
        if name is None:
            wanted = ("validation_error", "validation_loss", "loss")
            name = next(n for n in wanted if n in run.history)
        curve = onp.asarray(run.history[name])
        if larger_is_better(name, run.metrics):
            curve = -curve
        return 1 + int(onp.nanargmin(curve) if (curve == curve).any() else 0)

    def _continue(self, run: Any, state: dict[str, Any]) -> None:
        then, now = flat(state["identity"]), flat(self._identity)
        for name in sorted({*then, *now}):
            if then.get(name) != now.get(name):
                raise ValueError(
                    "`resume` (=True) must continue the same run; "
                    f"`{name}` is {_short(now.get(name))} here and was "
                    f"{_short(then.get(name))} in {self.folder}."
                )
        if state["epoch"] > run.epochs:
            raise must(
                "epochs",
                run.epochs,
                f"be at least {state['epoch']}, which the checkpoint in "
                f"{self.folder} has reached",
            )
        run.history.restore(state["history"])
        run.epoch, run.step = state["epoch"], state["step"]
        run.set_parameters(state["parameters"])
        restore_optimizer(run.trainer, state["optimizer"])
        kept = list(state["callbacks"])
        for callback in run.callbacks:
            if not hasattr(callback, "restore"):
                continue
            for i, (name, saved) in enumerate(kept):
                if name == type(callback).__name__:
                    callback.restore(saved)
                    del kept[i]
                    break


def load_parameters(
    net: Any, folder: Union[str, os.PathLike[str]], which: str = "latest"
) -> int:
    """Give a network the parameters that a run has saved.

    Nothing changes unless all names and shapes fit.

    Parameters
    ----------
    net : gluon.Block
        Of the same structure as the one that was trained. Parameters without
        values are placed on the best device.
    folder : path
        The run's checkpoints.
    which : {"latest", "best"}
        The last epoch, or the one that was best on the run's own measure.

    Returns
    -------
    int
        The number of that epoch.
    """
    checks.network(net)
    if which not in ("latest", "best"):
        raise must("which", which, "be 'latest' or 'best'")
    there = Checkpoints(folder)
    state = there.latest()
    if state is None:
        raise CheckpointError(f"{there.folder} holds no whole checkpoint.")
    if which == "best" and state["best"] != state["epoch"]:
        state = read(there.folder / f"epoch-{state['best']:06d}.npz")
    named = named_parameters(net)
    values = {
        name: value
        for name, value in state["parameters"].items()
        if not name.startswith("loss.")
    }
    if set(named) != set(values):
        odd = sorted(set(named) ^ set(values))[0]
        raise ValueError(
            f"`net` must have the parameters saved in {there.folder}; "
            f"{odd} is only in one of the two."
        )
    for name, parameter in named.items():
        if not _fits(values[name].shape, parameter.shape):
            raise ShapeError(
                f"`net` (={name}: {parameter.shape}) must have the shape "
                f"{values[name].shape} there, as saved in {there.folder}."
            )
    fresh = [
        parameter
        for parameter in named.values()
        if parameter._data is None and not parameter._deferred_init
    ]
    place(fresh, [device.best()])
    for name, parameter in named.items():
        parameter.set_data(np.array(values[name], dtype=values[name].dtype))
        if parameter._deferred_init:  # now its shape is known
            parameter._finish_deferred_init()
    return int(state["epoch"])


def _fits(shape: Sequence[int], wanted: Optional[Sequence[int]]) -> bool:
    """Whether an array can be a parameter's; a size below 1 is unknown."""
    return wanted is None or (
        len(shape) == len(wanted)
        and all(n in (size, -1, 0) for size, n in zip(shape, wanted))
    )


# -- what a run is


def identity(run: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be equal in a run and the one that continues it."""
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
        "curves": list(run.curves),
        "batches": {
            name: getattr(run.batches, name)
            for name in wanted
            if isinstance(getattr(run.batches, name, None), (int, str, bool))
        },
        "config": dict(config),
    }


def flat(tree: Any, name: str = "") -> dict[str, Any]:
    """Return the leaves of nested dictionaries, under dotted names."""
    if not isinstance(tree, dict):
        return {name: tree}
    found = {}
    for key, value in tree.items():
        found.update(flat(value, f"{name}.{key}" if name else str(key)))
    return found


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
    """Return the numbers, texts and arrays that an optimizer holds."""
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
    """Return all that an optimizer needs to go on as if nothing was."""
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
    """Make a trainer's optimizer what :func:`optimizer_state` saw."""
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
