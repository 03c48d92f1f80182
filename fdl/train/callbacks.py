"""Objects that watch a run, and may end it.

A callback is any object with one of the hooks below. One that must survive a
crash also has ``state()``, which returns numbers, text and arrays for the
checkpoint, and ``restore(state)``; if several of its kind may watch one run,
it has a ``name`` by which they are told apart. One that can be wrong for a run
has ``check(run)``, called before anything is trained.
"""

from __future__ import annotations

import math
import sys
from typing import Any, Optional

from fdl.errors import must
from fdl.scratch._checks import not_negative
from fdl.train import checks
from fdl.train.metrics import larger_is_better

__all__ = ["Callback", "EarlyStopping", "Progress"]


class Callback:
    """Hooks that do nothing; derive from it and write those you need.

    Examples
    --------
    >>> class Enough(Callback):
    ...     def on_epoch_end(self, run):
    ...         if run.history["loss"][-1] < 0.1:
    ...             run.stop("the loss is small enough")
    """

    def on_fit_begin(self, run: Any) -> None:
        """Before the first epoch; the run may just have been resumed."""

    def on_epoch_begin(self, run: Any) -> None:
        """Before an epoch's first minibatch; ``run.epoch`` is its number."""

    def on_batch_end(self, run: Any) -> None:
        """After the update of minibatch ``run.step``.

        ``run.history.batch_loss`` is one entry behind here, since the newest
        loss may not be computed yet; ``run.batch_loss`` waits for it.
        """

    def on_epoch_end(self, run: Any) -> None:
        """After validation, before the checkpoint is written."""

    def on_fit_end(self, run: Any) -> None:
        """At the end, whether it came by itself or by an exception."""


class EarlyStopping(Callback):
    """Stop when a curve no longer gets better, and go back to its best.

    Parameters
    ----------
    monitor : str
        A curve of the history, for example ``"validation_loss"``. It should
        fall, unless it is a metric of which more is better.
    patience : int
        Stop after so many epochs in a row without a new best.
    min_delta : float
        What counts as better must be better by more than this.
    restore : bool
        Whether the network ends with the parameters of the best epoch,
        however the run ends.

    Examples
    --------
    Hand it to ``fit(…, callbacks=[stop])``:

    >>> stop = EarlyStopping("validation_error", patience=3)
    >>> stop.patience, stop.best
    (3, None)
    """

    def __init__(
        self,
        monitor: str = "validation_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        restore: bool = True,
    ) -> None:
        if not isinstance(monitor, str):
            raise must("monitor", monitor, "be the name of a curve")
        self.monitor = monitor
        self.name = f"EarlyStopping {monitor}"
        self.patience = checks.whole("patience", patience)
        self.min_delta = not_negative("min_delta", min_delta)
        self.go_back = bool(restore)
        self._forget()

    def _forget(self) -> None:
        self.best: Optional[float] = None
        self.best_epoch = 0
        self.waited = 0
        self._parameters: Optional[dict[str, Any]] = None

    def check(self, run: Any) -> None:
        """Refuse a curve that the run will not have."""
        self._forget()
        checks.curve("monitor", self.monitor, run)

    def on_fit_begin(self, run: Any) -> None:
        """Stop at once where the run was resumed after its end."""
        self._stop_if_due(run)

    def on_epoch_end(self, run: Any) -> None:
        """Compare the newest value with the best."""
        value = run.history[self.monitor][-1]
        sign = -1 if larger_is_better(self.monitor, run.metrics) else 1
        better = self.best is None or (
            sign * value < sign * self.best - self.min_delta
        )
        if better and not math.isnan(value):
            self.best, self.best_epoch, self.waited = value, run.epoch, 0
            if self.go_back:
                self._parameters = run.parameters()
        else:
            self.waited += 1
        self._stop_if_due(run)

    def on_fit_end(self, run: Any) -> None:
        """Give the network the parameters of the best epoch."""
        if self._parameters is not None and self.best_epoch < run.epoch:
            run.set_parameters(self._parameters)

    def _stop_if_due(self, run: Any) -> None:
        if self.waited >= self.patience:
            best = "never a number"
            if self.best is not None:
                best = f"{self.best:.6g} in epoch {self.best_epoch}"
            run.stop(
                f"{self.monitor} did not get better for {self.waited} "
                f"epoch{'s' if self.waited > 1 else ''}; its best was {best}"
            )

    def state(self) -> dict[str, Any]:
        """Return the best so far, and how long ago it was."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "parameters": self._parameters,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.best = state["best"]
        self.best_epoch = state["best_epoch"]
        self.waited = state["waited"]
        self._parameters = state["parameters"]


class Progress(Callback):
    """Show how far the run is.

    At a terminal, a bar; in a notebook, a line for at most ten epochs, with
    nothing in it that changes from one run to the next; elsewhere, nothing.

    Parameters
    ----------
    mode : {"bar", "lines", "none"}, optional
        Which of these; chosen by where the output goes if not given.
    file : file, optional
        Where to; by default stderr for the bar and stdout for lines.

    Examples
    --------
    >>> from fdl import data, nn, train
    >>> toy = data.Minibatches([[0.0], [1.0]], [0, 1], 2)
    >>> net = nn.FeedForward((1, 2), init="zeros")
    >>> history = train.fit(
    ...     net, toy, loss=nn.cross_entropy, optimizer="sgd", epochs=2,
    ...     callbacks=[Progress("lines")], seed=0)
    epoch 1: loss 0.6931
    epoch 2: loss 0.6919
    """

    def __init__(self, mode: Optional[str] = None, file: Any = None) -> None:
        if mode not in (None, "bar", "lines", "none"):
            raise must("mode", mode, "be 'bar', 'lines' or 'none'")
        self.mode, self.file = mode, file
        self._bar: Any = None
        self._mode = "none"

    def on_fit_begin(self, run: Any) -> None:
        """Open the bar."""
        self._mode = self.mode or _place(self.file)
        self._every = max(1, math.ceil(run.epochs / 10))
        if self._mode == "bar":
            from tqdm import tqdm

            try:
                length = len(run.batches)
            except TypeError:
                length = 0
            self._bar = tqdm(
                total=length * run.epochs or None,
                initial=run.step,
                unit="batch",
                file=self.file or sys.stderr,
                dynamic_ncols=True,
            )

    def on_epoch_begin(self, run: Any) -> None:
        """Show the epoch's number."""
        if self._bar is not None:
            self._bar.set_description(f"epoch {run.epoch}/{run.epochs}")

    def on_batch_end(self, run: Any) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(1)

    def on_epoch_end(self, run: Any) -> None:
        """Show the epoch's numbers."""
        values = {name: f"{v[-1]:.4g}" for name, v in run.history.items()}
        if self._bar is not None:
            self._bar.set_postfix(values)
        last = run.epoch == run.epochs or run.stopped
        if self._mode == "lines" and (run.epoch % self._every == 0 or last):
            width = len(str(run.epochs))
            text = ", ".join(
                f"{name.replace('_', ' ')} {v}" for name, v in values.items()
            )
            print(
                f"epoch {run.epoch:{width}}: {text}",
                file=self.file or sys.stdout,
            )

    def on_fit_end(self, run: Any) -> None:
        """Close the bar, and say why the run ended if it did so early."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if run.stopped and self._mode != "none":
            usual = sys.stderr if self._mode == "bar" else sys.stdout
            print(f"stopped: {run.stopped}", file=self.file or usual)


def _place(file: Any) -> str:
    """Say what suits the place where output goes."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None and hasattr(shell, "kernel"):
        return "lines"
    stream = file or sys.stderr
    return "bar" if stream is not None and stream.isatty() else "none"
