"""What a training run leaves behind: its curves and its counters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

import numpy as onp

__all__ = ["History"]


class History(Mapping[str, "list[float]"]):
    """The curves of a run, one number per finished epoch.

    It reads as a dictionary: ``history["loss"]`` is the training loss, a mean
    over the epoch's examples while the parameters moved, and
    ``history["error"]`` a metric taken likewise; ``"validation_loss"`` and
    ``"validation_error"`` are taken on the validation data after the epoch.

    Attributes
    ----------
    batch_loss : list of float
        The mean loss of every minibatch, in order.
    steps, epochs : int
        Parameter updates, and epochs finished.
    seconds : float
        Wall time, over all sessions if the run was resumed.
    stopped : str or None
        Why a callback ended the run early, if one did.
    seed : int
        The run's seed: the one given, or the one it drew.

    Examples
    --------
    >>> history = History(seed=0)
    >>> history.add({"loss": 0.5})
    >>> history["loss"], history.epochs
    ([0.5], 1)
    """

    def __init__(self, seed: int) -> None:
        self._curves: dict[str, list[float]] = {}
        self.batch_loss: list[float] = []
        self.steps = 0
        self.epochs = 0
        self.seconds = 0.0
        self.stopped: Optional[str] = None
        self.seed = seed

    def __getitem__(self, name: str) -> list[float]:
        try:
            return self._curves[name]
        except KeyError:
            there = ", ".join(map(repr, self._curves)) or "nothing yet"
            raise KeyError(
                f"the history has no {name!r}; it has {there}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)

    def __repr__(self) -> str:
        last = ", ".join(f"{k} {v[-1]:.4g}" for k, v in self.items())
        return f"History({self.epochs} epochs, {self.steps} steps; {last})"

    def add(self, values: Mapping[str, float]) -> None:
        """Enter the numbers of an epoch that is finished."""
        for name, value in values.items():
            self._curves.setdefault(name, []).append(float(value))
        self.epochs += 1

    def state(self) -> dict[str, Any]:
        """Return all but `stopped`, as checkpoints store it."""
        return {
            "curves": {name: list(v) for name, v in self._curves.items()},
            "batch_loss": onp.asarray(self.batch_loss, dtype="float64"),
            "steps": self.steps,
            "epochs": self.epochs,
            "seconds": self.seconds,
            "seed": self.seed,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what :meth:`state` returned."""
        self._curves = {k: list(v) for k, v in state["curves"].items()}
        self.batch_loss = state["batch_loss"].tolist()
        self.steps = state["steps"]
        self.epochs = state["epochs"]
        self.seconds = state["seconds"]
        self.seed = state["seed"]
