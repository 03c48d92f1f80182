"""A film review, word by word through an LSTM: good or bad?

Letters: none.

Differences from the book:

1. Reviews are cut into words by a rule of ours, and keep their marks.
2. Reviews of about equal length share a batch, which is only as long as it
   must be. What is computed for each is the same.
3. The validation reviews are held out of the training reviews, and the test
   reviews are measured once, at the end.
4. Dropout and read-out are as they should be; ``always_drop`` and ``read``
   make them as the book prints them.
5. Gradients are clipped.
6. The batch norm's moments are taken anew after training; see
   :meth:`fdl.language.Reader.settle`.

Book: ch. 7, "Implementing a Sentiment Analysis Model"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import data, profiles, seeding, train
from fdl.experiments.comparison import compared
from fdl.experiments.digits import thin
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "Encoded", "run"]

DATA = ("imdb",)
VARIANTS: dict[str, dict[str, Any]] = {}
SETTLING = 2000  # training reviews that the batch norm settles on
EDGES = (0.2, 0.3, 0.4, 0.5, 0.7)  # of the longest: where buckets end


@dataclass(frozen=True)
class Config:
    """The book's settings; it trained for longer.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("imdb_sentiment")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.words, c.length, c.hidden)
    full 30000 500 512
    quick 5000 100 32

    The book's listing reads out the last step:

    >>> configure("imdb_sentiment", read="last step").read
    'last step'
    >>> configure("imdb_sentiment", read="mean")
    Traceback (most recent call last):
    ...
    ValueError: `read` (='mean') must be "last word" or "last step".
    """

    epochs: int = setting(2, least=1)
    """Passes over the training reviews."""
    batch_size: int = setting(32, quick=64, least=1)
    """Reviews in a step."""
    learning_rate: float = setting(0.001, quick=0.005, above=0)
    """Adam's ε."""
    clip: float = setting(1.0, above=0)
    """How long a step's gradient may be."""
    words: int = setting(30_000, quick=5000, least=10)
    """Words of the vocabulary, padding and unknown words included."""
    length: int = setting(500, quick=100, least=1)
    """Words that are read of each review."""
    embedding: int = setting(512, quick=32, least=1)
    """Dimensions of an embedding."""
    hidden: int = setting(512, quick=32, least=1)
    """Units of the LSTM."""
    keep: float = setting(0.5, above=0)
    """Share that dropout keeps."""
    read: str = setting("last word", choices=("last word", "last step"))
    """Whose output is read out; the book takes that of the last step."""
    always_drop: bool = setting(False)
    """Whether dropout is never switched off, as in the book's listing."""
    validation: int = setting(2500, least=1)
    """Training reviews held out (of a smaller sample, one in ten)."""
    test: int = setting(25_000, quick=5000, least=1)
    """Test reviews to measure."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split, dropout and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class Encoded:
    """Documents as rows of numbers: 0 is padding, the rest are words.

    Parameters
    ----------
    documents : Documents
        What to encode.
    length : int
        How many words to keep of each.
    vocabulary : Vocabulary, optional
        Whose words are known, counted from `documents` if not given.
    words : int
        How many words to know then, padding and unknown words included.

    Examples
    --------
    >>> source = data.Source("notes", "official", "written down here")
    >>> texts, classes = ["Good, so good!", "Bad."], ("bad", "good")
    >>> some = data.Documents(texts, [1, 0], classes, source)
    >>> kept = Encoded(some, length=4, words=6)
    >>> kept.rows.tolist(), kept.lengths.tolist()
    ([[1, 2, 4, 1], [5, 3, 0, 0]], [4, 2])

    Of another review what the first ones have not said stays unknown:

    >>> other = data.Documents(["So bad, so long"], [0], classes, source)
    >>> held = Encoded(other, 5, kept.vocabulary)
    >>> [held.vocabulary.words[k - 1] for k in held.rows[0] if k]
    ['<unk>', 'bad', ',', '<unk>', '<unk>']
    """

    def __init__(
        self,
        documents: data.Documents,
        length: int,
        vocabulary: Optional[data.Vocabulary] = None,
        words: int = 0,
    ) -> None:
        lines = [
            " ".join(data.words_of(text, length)) for text in documents.texts
        ]
        if vocabulary is None:
            text = data.Text.of(lines, documents.source.name)
            vocabulary = data.Vocabulary.count(
                text, words - 1, unknown="<unk>"
            )
        self.vocabulary = vocabulary
        numbers = (vocabulary.encode(line) + 1 for line in lines)
        self.rows, self.lengths = data.pad(numbers, length)
        self.labels = documents.labels

    def batches(
        self,
        batch_size: int,
        rows: Any = slice(None),
        edges: Sequence[int] = (),
        **options: Any,
    ) -> data.Buckets:
        """Return minibatches of some of the documents."""
        return data.Buckets(
            self.rows[rows],
            self.lengths[rows],
            self.labels[rows],
            batch_size,
            edges,
            **options,
        )


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train, and measure the test reviews once.

    The record's metrics hold ``test_accuracy`` and ``validation_accuracy``,
    ``moving_accuracy``, which is the latter before the batch norm settled,
    ``mean_words`` read of a review, ``cut``, the share of reviews that are
    longer than that, and ``unknown``, the share of test words without a
    number. With ``always_drop``, ``test_accuracy`` is with dropout and
    ``undropped_accuracy`` without.

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
    On the command line: ``fdl train imdb_sentiment``.
    """
    from fdl import language, nn, optim

    known, unseen = (
        data.load("imdb", split, offline=offline)
        for split in ("train", "test")
    )
    rng = seeding.generator(config.seed, "test reviews")
    if config.test < len(unseen):
        unseen = unseen.take(rng.permutation(len(unseen))[: config.test])
    kept = Encoded(known, config.length, words=config.words)
    held = Encoded(unseen, config.length, kept.vocabulary)
    mixed = seeding.generator(config.seed, "split").permutation(len(known))
    count = min(config.validation, len(known) // 10)
    # the book's read-out asks for rows of one length
    whole = config.read == "last step"
    shares = () if whole else EDGES
    edges = sorted({int(config.length * share) for share in shares} - {0})

    def network(always_drop: bool) -> Any:
        return language.Reader(
            len(kept.vocabulary) + 1,
            embedding=config.embedding,
            hidden=config.hidden,
            keep=config.keep,
            read=config.read,
            always_drop=always_drop,
        )

    validation = kept.batches(100, mixed[:count], edges, shuffle=False)
    net = network(config.always_drop)
    history = train.fit(
        net,
        kept.batches(
            config.batch_size, mixed[count:], edges, seed=config.seed
        ),
        loss=nn.cross_entropy,
        optimizer=optim.Adam(config.learning_rate),
        epochs=config.epochs,
        validation=validation,
        metrics=["accuracy"],
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
        clip=config.clip,
    )
    tests = held.batches(100, edges=edges, shuffle=False)

    def accuracy(net: Any, batches: Any = tests) -> float:
        found = train.evaluate(net, batches, ["accuracy"], device=device)
        return found["accuracy"]

    settling = mixed[count : count + SETTLING]
    net.settle(kept.batches(100, settling, edges))
    metrics = {
        "test_accuracy": accuracy(net),
        "validation_accuracy": accuracy(net, validation),
        "moving_accuracy": history["validation_accuracy"][-1],
        "mean_words": float(kept.lengths.mean()),
        "cut": float((kept.lengths == config.length).mean()),
        "unknown": _unknown(held),
    }
    if config.always_drop:
        plain = network(False)
        nn.set_parameters(plain, nn.get_parameters(net))
        plain.settle(kept.batches(100, settling, edges))
        metrics["undropped_accuracy"] = accuracy(plain)
    return compared(
        "imdb_sentiment",
        config,
        metrics=metrics,
        curves={
            "batch_loss": thin(history.batch_loss),
            **{name: list(curve) for name, curve in history.items()},
        },
        seconds=history.seconds,
        net=net,
        sources=[known.source],
    )


def _unknown(encoded: Encoded) -> float:
    unknown = encoded.vocabulary.index("<unk>") + 1
    count = (encoded.rows == unknown).sum()
    return float(count / encoded.lengths.sum())
