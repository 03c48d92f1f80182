"""Checkpoints: all of a run's state, from which it can go on exactly.

It holds the parameters with the running statistics, the optimizer's state and
counters, the history, the seed (from which each epoch's chance follows), what
the callbacks want to keep, and what the run was, so that a different one is
not continued by mistake. How the file is kept whole: :mod:`.archive`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import device
from fdl._folders import try_writing
from fdl._mxnet import np
from fdl.errors import CheckpointError, must
from fdl.train import checks
from fdl.train.archive import (
    FORMAT,
    pack,
    read,
    unwritable,
    write,
)
from fdl.train.identity import identity, refuse_another
from fdl.train.metrics import larger_is_better
from fdl.train.optimizer_state import optimizer_state, restore_optimizer
from fdl.train.parameters import check_fit, named_parameters, place

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

    Examples
    --------
    >>> from fdl import data, nn, train
    >>> toy = data.Minibatches([[0.0], [1.0]], [0, 1], 2)
    >>> def train_on(epochs):
    ...     return train.fit(
    ...         nn.FeedForward((1, 2)), toy, loss=nn.cross_entropy,
    ...         optimizer="sgd", epochs=epochs, seed=0, resume=True,
    ...         checkpoint=Checkpoints("run", keep=2))
    >>> _ = train_on(3)
    >>> [path.name for path in Checkpoints("run").files()]
    ['epoch-000002.npz', 'epoch-000003.npz']
    >>> len(train_on(5)["loss"])  # two more epochs, and the curve of all five
    5
    """

    def __init__(
        self,
        folder: Union[str, os.PathLike[str]],
        keep: int = 5,
        best: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self.folder = checks.path("folder", folder)
        self.keep = checks.whole("keep", keep)
        self.best = best
        if not isinstance(config, (Mapping, type(None))):
            raise must("config", config, "be a mapping")
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
        if self.best is not None:
            checks.curve("best", self.best, run)
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
            try_writing(self.folder)
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
                [_name(callback), callback.state()]
                for callback in run.callbacks
                if hasattr(callback, "state")
            ],
            "best": self._best_epoch(run),
        }
        path = self.folder / f"epoch-{run.epoch:06d}.npz"
        try:
            packed = pack(content)
        except TypeError as error:
            raise TypeError(
                "`callbacks` must have a state that a checkpoint can hold, "
                f"numbers, text and arrays; {error}."
            ) from None
        write(path, packed)
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
        saved = state["identity"]
        refuse_another(run, saved, self._identity, self.folder)
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
            # files of earlier versions have the class alone
            for name in (_name(callback), type(callback).__name__):
                found = [one for one in kept if one[0] == name]
                if found:
                    callback.restore(found[0][1])
                    kept.remove(found[0])
                    break


def _name(callback: Any) -> str:
    return str(getattr(callback, "name", type(callback).__name__))


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

    Examples
    --------
    >>> from fdl import data, nn, train
    >>> toy = data.Minibatches([[0.0], [1.0]], [0, 1], 2)
    >>> net, other = nn.FeedForward((1, 2)), nn.FeedForward((1, 2))
    >>> _ = train.fit(
    ...     net, toy, loss=nn.cross_entropy, optimizer="sgd", epochs=3,
    ...     seed=0, checkpoint="saved")
    >>> load_parameters(other, "saved")
    3
    >>> x = onp.array([[-1.0], [2.0]])
    >>> bool((train.predict(other, x) == train.predict(net, x)).all())
    True
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
    check_fit("net", named, values, f"as saved in {there.folder}")
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
