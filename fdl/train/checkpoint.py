"""Checkpoints: all of a run's state, in files that are whole or not there.

A checkpoint is one ``.npz`` file: arrays, and a header of JSON that says how
they hang together. It is written under a temporary name, flushed to the disk
and then renamed, so a crash leaves the old files or the new one, never half
of one. The archive's comment is the SHA-256 of everything before it; a file
in which a single bit has changed is recognized and passed over.

In it: the parameters with the running statistics, the optimizer's state and
counters, the history, the seed (from which each epoch's chance follows), what
the callbacks want to keep, and what the run was, so that a different one is
not continued by mistake. Nothing is pickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import device
from fdl._mxnet import mx, np, npx
from fdl.errors import CheckpointError, must
from fdl.train import checks
from fdl.train.metrics import larger_is_better
from fdl.train.parameters import named_parameters, place

__all__ = ["Checkpoints", "load_parameters", "pack", "unpack"]

FORMAT = 1
NAME = re.compile(r"epoch-(\d{6})\.npz")
HEX = 64  # letters of a SHA-256


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
            raise _unwritable(self.folder, error) from None
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
        _write(path, pack(content))
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


# -- files


class Saved(onp.ndarray):
    """An array read back, which remembers what kind it was."""

    kind: str = "numpy"


def pack(tree: Any) -> bytes:
    """Return the bytes of a checkpoint file.

    Parameters
    ----------
    tree : object
        Nested dictionaries, lists and tuples of numbers, text, None and
        arrays.

    Examples
    --------
    >>> unpack(pack({"a": (1, onp.ones(2)), 7: None}))["a"][1]
    Saved([1., 1.])
    """
    arrays: dict[str, onp.ndarray] = {}
    header = json.dumps(_encode(tree, arrays, "it"))
    buffer = io.BytesIO()
    onp.savez(
        buffer,
        header=onp.frombuffer(header.encode(), dtype="uint8"),
        **arrays,
    )
    content = bytearray(buffer.getvalue())
    # a zip archive ends with the length of its comment: make that the hash
    content[-2:] = HEX.to_bytes(2, "little")
    return bytes(content) + hashlib.sha256(content).hexdigest().encode()


def unpack(content: bytes) -> Any:
    """Return what :func:`pack` was given.

    Raises
    ------
    CheckpointError
        The bytes are not those that were written.
    """
    body, digest = content[:-HEX], content[-HEX:]
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise CheckpointError("the checkpoint is damaged")
    with onp.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return _decode(json.loads(arrays["header"].tobytes()), arrays)


def read(path: Path) -> dict[str, Any]:
    """Return a checkpoint file's content, if it is whole."""
    try:
        state = unpack(path.read_bytes())
    except (CheckpointError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from None
    if state["format"] != FORMAT:
        raise CheckpointError(
            f"{path} has format {state['format']}; this version of fdl reads "
            f"format {FORMAT}."
        )
    return state


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole, or not at all."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where that can be asked."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> CheckpointError:
    return CheckpointError(
        f"{path} cannot be written: {error.strerror or error}."
    )


# -- trees of arrays as JSON: a dictionary with the key "is" is no plain one


def _encode(tree: Any, arrays: dict[str, onp.ndarray], name: str) -> Any:
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if isinstance(tree, onp.generic):
        return tree.item()
    if isinstance(tree, (onp.ndarray, mx.nd.NDArray)):
        key = f"array{len(arrays)}"
        kind = "numpy"
        if isinstance(tree, mx.nd.NDArray):
            kind = "np" if isinstance(tree, np.ndarray) else "nd"
            tree = tree.asnumpy()
        if tree.dtype.hasobject:
            raise TypeError(f"{name} is an array of Python objects")
        arrays[key] = onp.asarray(tree)
        return {"is": kind, "key": key}
    if isinstance(tree, list):
        return [_encode(v, arrays, name) for v in tree]
    if isinstance(tree, tuple):
        return {"is": "tuple", "of": _encode(list(tree), arrays, name)}
    if isinstance(tree, Mapping):
        if "is" not in tree and all(isinstance(key, str) for key in tree):
            return {k: _encode(v, arrays, k) for k, v in tree.items()}
        pairs = [
            [_encode(k, arrays, name), _encode(v, arrays, str(k))]
            for k, v in tree.items()
        ]
        return {"is": "dict", "of": pairs}
    raise TypeError(f"{name} is of type {type(tree).__name__}")


def _decode(tree: Any, arrays: Mapping[str, onp.ndarray]) -> Any:
    if isinstance(tree, list):
        return [_decode(v, arrays) for v in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree.get("is")
    if kind is None:
        return {k: _decode(v, arrays) for k, v in tree.items()}
    if kind == "tuple":
        return tuple(_decode(tree["of"], arrays))
    if kind == "dict":
        return {_decode(k, arrays): _decode(v, arrays) for k, v in tree["of"]}
    array = arrays[tree["key"]].view(Saved)
    array.kind = kind
    return array


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
