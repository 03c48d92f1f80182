"""A learning rate that falls where a curve no longer does."""

from __future__ import annotations

import numbers
from typing import Any

from fdl.errors import must
from fdl.train import checks
from fdl.train.callbacks import Callback

__all__ = ["Plateau"]


class Plateau(Callback):
    """Lower the learning rate when a curve is above its recent values.

    After an epoch whose value exceeds all of the last `patience` before it,
    the rate is multiplied by `factor`.

    Parameters
    ----------
    monitor : str
        A curve of the history that should fall.
    factor : float
        What the rate is multiplied by.
    patience : int
        How many values must be exceeded; before there are so many, nothing
        happens.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from fdl import optim
    >>> run = SimpleNamespace(
    ...     history={"loss": [3.0, 2.0, 2.5]},
    ...     trainer=SimpleNamespace(optimizer=optim.SGD(0.1)))
    >>> Plateau(patience=2, factor=0.5).on_epoch_end(run)
    >>> run.trainer.optimizer.lr  # 2.5 is not above both 3 and 2
    0.1
    >>> Plateau(patience=1, factor=0.5).on_epoch_end(run)
    >>> run.trainer.optimizer.lr
    0.05
    """

    def __init__(
        self,
        monitor: str = "loss",
        factor: float = 0.99,
        patience: int = 3,
    ) -> None:
        real = isinstance(factor, numbers.Real) and 0 < factor < 1
        if not real:
            raise must("factor", factor, "be a number between 0 and 1")
        self.monitor, self.factor = str(monitor), float(factor)
        self.patience = checks.whole("patience", patience)
        self.name = f"Plateau {monitor}"

    def check(self, run: Any) -> None:
        """Refuse a curve that the run will not have, or a second rule."""
        checks.curve("monitor", self.monitor, run)
        schedule = run.optimizer.lr_scheduler
        if schedule is not None:
            rule = "have no schedule, which a Plateau could not change"
            raise must("optimizer", schedule, rule)

    def on_epoch_end(self, run: Any) -> None:
        """Compare the newest value with those before it."""
        *before, newest = run.history[self.monitor]
        recent = before[-self.patience :]
        if len(recent) == self.patience and newest > max(recent):
            optimizer = run.trainer.optimizer
            optimizer.lr = optimizer.lr * self.factor
