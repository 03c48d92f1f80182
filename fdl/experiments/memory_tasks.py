"""What the experiments with memory tasks share: tasks, loss and errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Optional

import numpy as onp

from fdl.experiments.comparison import compared
from fdl.memory.tasks import Sequences, bit_errors
from fdl.records import Record
from fdl.scratch._checks import whole

__all__ = [
    "EPOCH",
    "Tasks",
    "asked_loss",
    "error_of",
    "lstm_of_size",
    "story",
    "teach",
    "with_asked",
]

Maker = Callable[[Any], Sequences]
Measure = Callable[[onp.ndarray, Sequences], float]
EPOCH = 100
"""Minibatches in an epoch, as there is no set of examples to pass over."""


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

    Examples
    --------
    Copies of one to three vectors, as chance will have it, and the same ones
    again in the same epoch:

    >>> from fdl.memory import tasks
    >>> def make(rng):
    ...     return tasks.copy(2, int(rng.integers(1, 4)), bits=3)
    >>> some = Tasks(make, steps=4, seed=0)
    >>> lengths = [x.shape for x, _ in some.epoch(0)]
    >>> lengths, lengths == [x.shape for x, _ in some.epoch(0)]
    ([(2, 7, 4), (2, 7, 4), (2, 3, 4), (2, 7, 4)], True)
    """

    def __init__(self, make: Maker, steps: int, seed: int) -> None:
        self.make, self.steps, self.seed = make, whole("steps", steps), seed

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
    """Return the targets `(B, T, Y + 1)`, and last where they are asked.

    Examples
    --------
    Two bits are shown, a mark, and then they are asked for:

    >>> from fdl.memory import tasks
    >>> task = tasks.copy(1, 2, bits=1)
    >>> task.x[0].tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    >>> with_asked(task)[0].tolist()
    [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]
    """
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

    Examples
    --------
    Of an even choice −ln ½, whatever is said where nothing is asked:

    >>> from fdl._mxnet import np
    >>> targets = np.array([[[0.0, 0.0], [1.0, 1.0]]])
    >>> asked_loss(np.array([[[99.0], [0.0]]]), targets).round(3)
    array(0.693)
    """
    from fdl import nn

    bits, asked = targets[:, :, :-1], targets[:, :, -1]
    losses = nn.binary_cross_entropy(scores, bits)  # (B, T)
    return (losses * asked).sum() / asked.sum() / bits.shape[2]


def error_of(
    net: Any,
    tasks: Sequence[Sequences],
    device: Any,
    measure: Measure = bit_errors,
) -> float:
    """Return the share of wrong bits, or another measure, over tasks.

    Examples
    --------
    The share of wrong bits over two tasks, and another measure in its place:

    >>> from fdl.memory import tasks
    >>> some = [tasks.copy(3, n, bits=4) for n in (1, 2)]
    >>> net = lstm_of_size(500, inputs=5, outputs=4)
    >>> net.initialize()
    >>> 0 < error_of(net, some, None) < 1
    True
    >>> error_of(net, some, None, lambda scores, task: scores.shape[1])
    4.0
    """
    from fdl import train

    return float(
        onp.mean(
            [
                measure(
                    train.predict(net, task.x, batch_size=64, device=device),
                    task,
                )
                for task in tasks
            ]
        )
    )


def teach(
    name: str,
    config: Any,
    make: Maker,
    tests: Mapping[str, Mapping[int, Sequences]],
    taught: Mapping[str, int],
    *,
    also: Optional[Mapping[str, Measure]] = None,
    device: Any = None,
    **options: Any,
) -> Record:
    """Return the record of a network that learns a task.

    Parameters
    ----------
    name : str
        The experiment.
    config : object
        Its settings; ``network``, ``controller``, ``slots``, ``word`` and
        ``hidden`` among them.
    make : callable
        As of :class:`Tasks`.
    tests : mapping
        Curve → size → the task that measures an error there.
    taught : mapping
        Curve → the largest size that was taught.
    also : mapping, optional
        Name → what else is measured where errors are, from the scores and
        the task; the record gets a mean over the sizes that were taught, and
        ``CURVE_NAME`` for each curve.
    device, **options
        Handed on to :func:`fdl.train.fit`.

    Examples
    --------
    The recipes hand on what they teach and test: see
    :func:`fdl.experiments.associative_recall.run`.
    """
    from fdl import memory, optim, train

    example = make(onp.random.default_rng(0))
    inputs, outputs = example.x.shape[2], example.y.shape[2]
    kind = {"ntm": memory.NTM, "dnc": memory.DNC}[config.network]
    net = kind(
        outputs,
        slots=config.slots,
        word=config.word,
        reads=1,
        controller=config.controller,
        hidden=config.hidden,
        inputs=inputs,
    )
    rate = optim.schedules.Cosine(
        config.learning_rate, steps=EPOCH * config.epochs
    )
    history = train.fit(
        net,
        Tasks(make, EPOCH, config.seed),
        loss=asked_loss,
        optimizer=optim.Adam(config.learning_rate, lr_scheduler=rate),
        epochs=config.epochs,
        seed=config.seed,
        clip=config.clip,
        device=device,
        **options,
    )
    curves = {"loss": list(history["loss"])}
    metrics = {}
    for curve, tasks in tests.items():
        curves[f"{curve}_sizes"] = [float(size) for size in tasks]
    for named, measure in {"error": bit_errors, **(also or {})}.items():
        known = []
        for curve, tasks in tests.items():
            found = [
                error_of(net, [task], device, measure)
                for task in tasks.values()
            ]
            curves[curve if named == "error" else f"{curve}_{named}"] = found
            known += [e for n, e in zip(tasks, found) if n <= taught[curve]]
        metrics[named] = float(onp.mean(known))
        if named == "error":
            metrics["worst"] = max(known)
    curve, largest = next(iter(taught.items()))
    kept = ("write_weights", "read_weights")
    return compared(
        name,
        config,
        metrics=metrics,
        curves=curves,
        seconds=history.seconds,
        net=net,
        arrays=story(net, tests[curve][largest], kept, device),
    )


def story(
    net: Any, task: Sequences, kept: Sequence[str], device: Any = None
) -> dict[str, onp.ndarray]:
    """Return what a network does, step by step, on a task's first sequence.

    Parameters
    ----------
    net : MemoryNetwork
        The network.
    task : Sequences
        What it is asked.
    kept : sequence of str
        Which parts of its trace are wanted.
    device : optional
        Where the network is.

    Returns
    -------
    dict
        ``x``, ``y``, ``scores`` and the parts, arrays `(T, …)`.

    Examples
    --------
    >>> from fdl import memory
    >>> from fdl.memory import tasks
    >>> net = memory.NTM(3, slots=8, word=4, reads=1, hidden=5, inputs=4)
    >>> net.initialize()
    >>> steps = story(net, tasks.copy(2, 3, bits=3), ["read_weights"])
    >>> {name: array.shape for name, array in steps.items()}
    {'x': (7, 4), 'y': (7, 3), 'read_weights': (7, 1, 8), 'scores': (7, 3)}
    """
    from fdl import device as devices
    from fdl._mxnet import np

    x = np.array(task.x[:1], ctx=devices.resolve(device)[0])
    scores, steps = net.trace(x)
    found = {name: steps[name][0].asnumpy() for name in kept}
    found["scores"] = scores[0].asnumpy()
    return {"x": task.x[0], "y": task.y[0], **found}


def lstm_of_size(parameters: int, inputs: int, outputs: int) -> Any:
    """Return an LSTM that answers at each step, with so many parameters.

    The number of its units is the one that comes nearest.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = lstm_of_size(10_000, inputs=9, outputs=8)
    >>> net.initialize()
    >>> net(np.zeros((3, 5, 9))).shape
    (3, 5, 8)
    >>> sum(p.data().size for p in net.collect_params().values())
    10040
    """
    from fdl import language, nn

    def count(hidden: int) -> int:
        return 4 * hidden * (inputs + hidden + 2) + outputs * (hidden + 1)

    # 4 h² alone are fewer than all
    most = math.isqrt(whole("parameters", parameters)) + 1
    hidden = min(range(1, most + 1), key=lambda h: abs(count(h) - parameters))
    return language.StepReader(nn.LSTMCell(hidden, inputs=inputs), outputs)
