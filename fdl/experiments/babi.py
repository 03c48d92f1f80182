"""bAbI: a DNC reads stories word by word, and answers questions on them.

Letters: none.

Differences from the book: the quick profile and the variants have smaller
networks and another rule, and read several stories at once; a variant's
training ends long before 500,000 minibatches, and its record says what share
of them it took.

Book: ch. 8, "Teaching a DNC to Read and Comprehend"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, profiles, train
from fdl.data.stories import Story
from fdl.experiments.comparison import compared, parameters_of
from fdl.experiments.memory_tasks import EPOCH, lstm_of_size
from fdl.experiments.settings import check, setting
from fdl.memory.babi import (
    FAILED,
    StorySteps,
    encode,
    lexicon,
    one_hot,
    task_errors,
)
from fdl.memory.reading import StoryBatches, answer, answer_loss
from fdl.records import Record

__all__ = ["DATA", "ITERATIONS", "VARIANTS", "Config", "network", "run"]

DATA = ("babi",)
ITERATIONS = 500_000
"""The book's iterations, of one story each."""
_AFFORDABLE: dict[str, Any] = {
    "batch_size": 16,
    "rule": "adam",
    "schedule": "cosine",
    "clip": 1.0,
}
_SMALL: dict[str, Any] = {
    **_AFFORDABLE,
    "epochs": 20,
    "slots": 32,
    "word": 16,
    "reads": 2,
    "hidden": 64,
    "learning_rate": 0.003,
    "longest": 128,
}
_ALONE: dict[str, Any] = {
    **_AFFORDABLE,
    "slots": 16,
    "word": 16,
    "reads": 1,
    "hidden": 64,
    "learning_rate": 0.005,
}
VARIANTS: dict[str, dict[str, Any]] = {
    # all tasks together, for as long as a small machine can afford
    "babi_small": _SMALL,
    "babi_small_lstm": {**_SMALL, "network": "lstm"},
    "babi_longer": {**_SMALL, "epochs": 120},
    # one task alone, by a network of the quick profile's size
    "babi_task_1": {**_ALONE, "task": 1, "epochs": 50},
    "babi_task_4": {**_ALONE, "task": 4, "epochs": 50},
    "babi_task_20": {**_ALONE, "task": 20, "epochs": 8},
}


@dataclass(frozen=True)
class Config:
    """The book's settings; the clipping is ours.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("babi")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.task, c.slots, c.rule, c.learning_rate)
    full 0 256 rmsprop 0.0001
    quick 20 16 adam 0.005

    Another task alone, by an LSTM of as many parameters:

    >>> configure("babi", task=1, network="lstm").slots == quick.slots
    True
    >>> configure("babi", task=-1)
    Traceback (most recent call last):
    ...
    ValueError: `task` (=-1) must be a whole number from 0 up.
    """

    task: int = setting(0, quick=20, least=0)
    """The number of the only task to learn; 0 takes all that are there."""
    network: str = setting("dnc", choices=("dnc", "lstm"))
    """What learns: a DNC, or an LSTM of as many parameters."""
    epochs: int = setting(ITERATIONS // EPOCH, quick=7, least=1)
    """Times 100 minibatches."""
    batch_size: int = setting(1, quick=16, least=1)
    """Stories in each."""
    slots: int = setting(256, quick=16, least=1)
    """Of the memory."""
    word: int = setting(64, quick=16, least=1)
    """Numbers in a slot."""
    reads: int = setting(4, quick=1, least=1)
    """Read heads."""
    hidden: int = setting(256, quick=64, least=1)
    """Units of the controller, an LSTM."""
    rule: str = setting("rmsprop", quick="adam", choices=("rmsprop", "adam"))
    """How the gradients are followed."""
    learning_rate: float = setting(1e-4, quick=0.005, above=0)
    """ε."""
    schedule: str = setting(
        "constant", quick="cosine", choices=("constant", "cosine")
    )
    """Whether ε stays what it is, or falls to 0 along a cosine."""
    momentum: float = setting(0.9, least=0, below=1)
    """RMSProp's; Adam takes none."""
    clip: float = setting(10.0, quick=1.0, above=0)
    """How long a step's gradient may be."""
    questions: int = setting(0, quick=4, least=0)
    """Stories end at this question; 0 leaves them whole."""
    longest: int = setting(0, least=0)
    """Longer stories are not learned from; 0 leaves none out."""
    parts: int = setting(32, least=1)
    """Of the list of stories by length; a minibatch is drawn from one."""
    seed: int = setting(0, least=0)
    """Decides the first weights and the minibatches."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def network(config: Config, size: int) -> Any:
    """Return the network, untrained.

    Parameters
    ----------
    config : Config
        The settings.
    size : int
        How many tokens there are.

    Examples
    --------
    The LSTM gets about as many parameters as the DNC has:

    >>> from fdl.experiments import configure
    >>> from fdl._mxnet import np
    >>> dnc = network(configure("babi"), size=20)
    >>> lstm = network(configure("babi", network="lstm"), size=20)
    >>> lstm.initialize()
    >>> lstm(np.zeros((1, 3, 20))).shape
    (1, 3, 20)
    >>> 0.9 < parameters_of(lstm) / parameters_of(dnc) < 1.1
    True
    """
    from fdl import memory

    net = memory.DNC(
        size,
        slots=config.slots,
        word=config.word,
        reads=config.reads,
        hidden=config.hidden,
        inputs=size,
    )
    if config.network == "dnc":
        return net
    return lstm_of_size(parameters_of(net), size, size)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Learn to answer, and count wrong answers to the test questions.

    The record's metrics hold ``error``, the mean over the tasks that were
    taught, and ``failed``, how many of them have a larger one than 5 %;
    ``task_K_error`` of each task K that there are test stories of, taught or
    not, once the network knows its words; where stories end early, also
    ``whole_error``, that on whole ones; ``tasks``, how many were taught;
    ``share``, the iterations as a share of the book's 500,000; ``stories``,
    how many were read in training; and ``tokens``. The curves hold ``loss``
    by epoch. The arrays hold the first test story as numbers of tokens
    ``story``, ``answers`` and ``said``, and of a DNC also ``write_weights``
    and ``read_weights`` at each step.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train babi``, or ``fdl train babi --task 1``.
    """
    from fdl import optim

    taught, tested = (
        data.load("babi", split, offline=offline)
        for split in ("train", "test")
    )
    if config.task:
        taught, tested = (part.of([config.task]) for part in (taught, tested))
    tokens = lexicon(taught.stories + tested.stories)
    steps = encode(_cut(taught.stories, config), tokens)
    if config.longest:
        steps = steps.up_to(config.longest)
    net = network(config, len(tokens))
    iterations = EPOCH * config.epochs
    rate: dict[str, Any] = {"learning_rate": config.learning_rate}
    if config.schedule == "cosine":
        rate["lr_scheduler"] = optim.schedules.Cosine(
            config.learning_rate, steps=iterations
        )
    if config.rule == "rmsprop":
        rule = optim.RMSProp(momentum=config.momentum, **rate)
    else:
        rule = optim.Adam(**rate)
    history = train.fit(
        net,
        StoryBatches(
            steps,
            len(tokens),
            config.batch_size,
            count=EPOCH,
            parts=config.parts,
            seed=config.seed,
        ),
        loss=answer_loss,
        optimizer=rule,
        epochs=config.epochs,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
        clip=config.clip,
    )
    unseen = encode(_cut(tested.stories, config), tokens)
    said = answer(net, unseen, len(tokens), device)
    errors = task_errors(said, unseen)
    learned = onp.unique(steps.tasks)
    known = [errors[task] for task in learned]
    more = {}
    if config.questions:
        whole = encode(tested.stories, tokens)
        found = task_errors(answer(net, whole, len(tokens), device), whole)
        more["whole_error"] = onp.mean([found[task] for task in learned])
    return compared(
        "babi",
        config,
        metrics={
            "error": float(onp.mean(known)),
            "failed": sum(error > FAILED for error in known),
            **{f"task_{task}_error": e for task, e in errors.items()},
            **{name: float(error) for name, error in more.items()},
            "tasks": len(known),
            "tokens": len(tokens),
            "share": iterations / ITERATIONS,
            "stories": iterations * config.batch_size,
        },
        curves={"loss": list(history["loss"])},
        seconds=history.seconds,
        net=net,
        sources=[taught.source],
        arrays=_reading(net, unseen, said, len(tokens), device),
    )


def _cut(stories: tuple[Story, ...], config: Config) -> Sequence[Story]:
    if not config.questions:
        return stories
    return [story.up_to(config.questions) for story in stories]


def _reading(
    net: Any, steps: StorySteps, said: Any, size: int, device: Any
) -> dict[str, onp.ndarray]:
    """Return the first story, and what the network does as it reads it."""
    from fdl import device as devices
    from fdl._mxnet import np

    end = steps.starts[1]
    found = {
        "story": steps.tokens[:end],
        "answers": steps.answers[:end],
        "said": said[:end],
    }
    if hasattr(net, "trace"):
        x = one_hot(steps.rows([0])[0], size)
        _, story = net.trace(np.array(x, ctx=devices.resolve(device)[0]))
        for name in ("write_weights", "read_weights"):
            found[name] = story[name][0].asnumpy()
    return {name: a.astype(onp.float32) for name, a in found.items()}
