"""What a training leaves behind, also when it fails.

Book: ch. 2, "Test Sets, Validation Sets, and Overfitting"
"""

from __future__ import annotations

from typing import Any, Optional

from fdl import errors

__all__ = ["Diverged", "History"]


class History(dict):
    """The path of a training: ``history["loss"]`` holds one value an epoch.

    ``"loss"`` is the mean error of an example as the epoch met it, dropout
    and all; ``"validation_loss"``, where there is a validation set, that of
    the whole network at the end of the epoch. Penalties are in neither.

    Attributes
    ----------
    batch_loss : list of float
        The mean error of an example, step by step.
    stopped : str or None
        Why the training ended before its last epoch.
    best_epoch : int or None
        The epoch that early stopping went back to, counted from 1.

    Examples
    --------
    >>> history = History()
    >>> history["loss"] += [0.5, 0.25]
    >>> history.batch_loss += [0.6, 0.4, 0.3, 0.2]
    >>> history.epochs, history.steps
    (2, 4)
    """

    def __init__(self) -> None:
        super().__init__(loss=[])
        self.batch_loss: list[float] = []
        self.stopped: Optional[str] = None
        self.best_epoch: Optional[int] = None

    @property
    def steps(self) -> int:
        """The number of updates."""
        return len(self.batch_loss)

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return len(self["loss"])


class Diverged(errors.TrainingDiverged, errors.Diverged):
    """A training left the finite numbers.

    Whoever catches :class:`fdl.errors.Diverged` catches this, too.

    Attributes
    ----------
    step : int
        The update that could not be made, counted from 1.
    history : History
        The path so far.

    Examples
    --------
    >>> from fdl.scratch import FeedForward
    >>> net = FeedForward((1, 1))
    >>> try:
    ...     net.fit(
    ...         [[1e200]], [[0.0]], epochs=1, batch_size=1, learning_rate=1)
    ... except Diverged as error:
    ...     print(error.step, error.history.stopped)
    1 diverged at step 1
    """

    def __init__(self, learning_rate: float, history: History) -> None:
        step = history.steps + 1
        super().__init__(
            f"Training diverged at step {step}: the loss or a weight is "
            f"no longer finite; `learning_rate` (={learning_rate:g}) must be "
            "smaller.",
            step=step,
        )
        self.learning_rate, self.history = learning_rate, history
        history.stopped = f"diverged at step {step}"

    def __reduce__(self) -> tuple[Any, ...]:
        # another process gets it with what it was made of
        return type(self), (self.learning_rate, self.history)
