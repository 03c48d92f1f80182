"""What the experiments with memory tasks share: tasks, loss and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as onp

from fdl.memory.tasks import Sequences, bit_errors

__all__ = ["Tasks", "asked_loss", "error_of", "lstm_of_size", "with_asked"]

Maker = Callable[[Any], Sequences]


class Tasks:
    """Minibatches of made-up tasks, others in every epoch.

    Parameters
    ----------
    make : callable
        Returns a task, given a random generator. What it draws may decide
        how long the task is; its minibatch is as long throughout.
    steps : int
        Minibatches in an epoch.
    seed : int
        Chooses the tasks.
    """

    def __init__(self, make: Maker, steps: int, seed: int) -> None:
        self.make, self.steps, self.seed = make, steps, seed

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield pairs of sequences and what is asked of them."""
        for step in range(self.steps):
            task = self.make(onp.random.default_rng([self.seed, epoch, step]))
            yield task.x, with_asked(task)


def with_asked(task: Sequences) -> onp.ndarray:
    """Return the targets `(B, T, Y + 1)`, and last where they are asked."""
    asked = onp.broadcast_to(
        task.asked[:, None], (*task.y.shape[:2], 1)
    ).astype(task.y.dtype)
    return onp.concatenate([task.y, asked], axis=2)


def asked_loss(scores: Any, targets: Any) -> Any:
    """Return the mean cross-entropy of a bit that is asked for.

    Parameters
    ----------
    scores : array `(B, T, Y)`
        Of a 1.
    targets : array `(B, T, Y + 1)`
        Of :func:`with_asked`.
    """
    from fdl import nn

    bits, asked = targets[:, :, :-1], targets[:, :, -1]
    losses = nn.binary_cross_entropy(scores, bits)  # (B, T)
    return (losses * asked).sum() / asked.sum() / bits.shape[2]


def error_of(net: Any, tasks: Sequence[Sequences], device: Any) -> float:
    """Return the share of wrong bits, a mean over tasks."""
    from fdl import train

    return float(
        onp.mean(
            [
                bit_errors(
                    train.predict(net, task.x, batch_size=64, device=device),
                    task,
                )
                for task in tasks
            ]
        )
    )


def lstm_of_size(parameters: int, inputs: int, outputs: int) -> Any:
    """Return an LSTM that answers at each step, with so many parameters.

    The number of its units is the one that comes nearest.
    """
    from fdl import language, nn

    def count(hidden: int) -> int:
        return 4 * hidden * (inputs + hidden + 2) + outputs * (hidden + 1)

    hidden = min(range(1, 2000), key=lambda h: abs(count(h) - parameters))
    return language.StepReader(nn.LSTMCell(hidden, inputs=inputs), outputs)
