"""Translation of captions from English to French.

Letters: none.

Differences from the book: the sentences are Multi30k's 29,000 captions of
photographs, since WMT's 22 million pairs are out of reach here, and so the
network is small; the rule is Adam; the full softmax is affordable at this
vocabulary. A variant has the book's rule, clipping and sampled softmax.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import data, profiles, train
from fdl.data.pair_buckets import BUCKETS, UNK
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "FINE", "TESTS", "VARIANTS", "Captions", "Config", "run"]

DATA = ("multi30k",)
TESTS = ("test2016", "test2017", "mscoco")
"""The test sets."""
FINE = ((9, 11), (11, 13), (13, 16), (16, 20), (21, 26), (30, 40), (40, 51))
"""Buckets of as many captions each: less padding than in the book's four."""
_SMALL: dict[str, Any] = {
    "epochs": 10,
    "longest": 12,
    "words": 3000,
    "hidden": 128,
}
VARIANTS: dict[str, dict[str, Any]] = {
    # short captions and a smaller network, to compare
    "translation_dot": _SMALL,
    "translation_additive": {**_SMALL, "attention": "additive"},
    "translation_none": {**_SMALL, "attention": "none"},
    "translation_unreversed": {**_SMALL, "reverse": False},
    "translation_none_unreversed": {
        **_SMALL,
        "attention": "none",
        "reverse": False,
    },
    # cells that see what attention found before, one step at a time
    "translation_feed": {**_SMALL, "feed": True},
    # the book's rule, clipping and sampled softmax
    "translation_book": {
        **_SMALL,
        "rule": "sgd",
        "learning_rate": 0.5,
        "decay": 0.99,
        "patience": 3,
        "clip": 5.0,
        "sampled": 512,
    },
}


@dataclass(frozen=True)
class Config:
    """The settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("translation")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.longest, c.words, c.hidden)
    full 12 50 5000 256
    quick 8 10 2000 128

    How the decoder looks back:

    >>> configure("translation", attention="everywhere")
    Traceback (most recent call last):
    ...
    ValueError: `attention` (='everywhere') must be "dot" or "additive" or
    "none".
    """

    epochs: int = setting(12, quick=8, least=1)
    """Passes over the captions, at most."""
    batch_size: int = setting(64, quick=32, least=1)
    """Pairs in a step."""
    rule: str = setting("adam", choices=("adam", "sgd"))
    """How the gradients are followed."""
    learning_rate: float = setting(0.001, quick=0.002, above=0)
    """ε."""
    decay: float = setting(0.5, above=0, below=1)
    """What the rate is multiplied by when the loss is above its last ones."""
    patience: int = setting(1, least=1)
    """How many of its last ones."""
    clip: float = setting(0.0, least=0)
    """Largest norm of all gradients together; 0 leaves them alone."""
    sampled: int = setting(0, least=0)
    """Noise words of the sampled softmax; 0 takes the full one."""
    longest: int = setting(50, quick=10, least=1)
    """Words that a caption may have, on both sides."""
    words: int = setting(5000, quick=2000, least=10)
    """Words of each vocabulary, marks included."""
    tokenizer: str = setting("words", choices=tuple(data.TOKENIZERS))
    """What a token is."""
    buckets: str = setting("fine", choices=("fine", "book"))
    """Whose lengths the buckets have."""
    reverse: bool = setting(True)
    """Whether sources are turned round."""
    attention: str = setting("dot", choices=("dot", "additive", "none"))
    """How the decoder looks back."""
    feed: bool = setting(False)
    """Whether the decoder's cells see what attention found a step before."""
    cell: str = setting("gru", choices=("gru", "lstm"))
    """What the layers are made of."""
    layers: int = setting(1, least=1)
    """Of the encoder, and of the decoder."""
    hidden: int = setting(256, quick=128, least=1)
    """Units of a layer."""
    embedding: int = setting(128, quick=64, least=1)
    """Numbers of a word's vector."""
    dropout: float = setting(0.3, quick=0.2, least=0, below=1)
    """Share dropped while training."""
    beam: int = setting(4, quick=1, least=1)
    """Hypotheses kept in a second translation; 1 makes none."""
    alpha: float = setting(0.6, least=0)
    """By how much a beam favours the long."""
    seed: int = setting(0, least=0)
    """Decides first values, orders and dropout."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class Captions:
    """Captions, an untrained interpreter for them, and minibatches.

    Parameters
    ----------
    config : Config
        The settings.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Attributes
    ----------
    interpreter : Interpreter
        The network with the vocabularies of the training captions.
    train, validation : PairBuckets
        Minibatches.
    source : Source
        Where the captions come from.

    Examples
    --------
    From the offline sample; sources are turned round:

    >>> from fdl.experiments import configure
    >>> captions = Captions(configure("translation", words=500), offline=True)
    >>> captions.source.kind, captions.interpreter.reverse
    ('sample', True)
    >>> x, wanted = next(iter(captions.train.epoch(0)))
    >>> [part.shape[0] for part in x]
    [32, 32]
    """

    def __init__(self, config: Config, offline: bool) -> None:
        from fdl.language import Interpreter, Translator

        self._longest, self._offline = config.longest, offline
        learned, held_out = self.part("train"), self.part("val")
        self.source = learned.source
        split = data.TOKENIZERS[config.tokenizer].split
        sources, targets = (
            data.marked_vocabulary(map(split, side), config.words)
            for side in (learned.inputs, learned.targets)
        )
        self.interpreter = Interpreter(
            Translator(
                len(sources),
                len(targets),
                embedding=config.embedding,
                hidden=config.hidden,
                layers=config.layers,
                cell=config.cell,
                attention=config.attention,
                feed=config.feed,
                dropout=config.dropout,
            ),
            sources,
            targets,
            tokenizer=config.tokenizer,
            reverse=config.reverse,
        )
        self.train, self.validation = (
            data.PairBuckets(
                *self.interpreter.numbers(pairs),
                batch_size,
                buckets=FINE if config.buckets == "fine" else BUCKETS,
                reverse=config.reverse,
                seed=config.seed,
                shuffle=shuffle,
            )
            for pairs, batch_size, shuffle in (
                (learned, config.batch_size, True),
                (held_out, 100, False),
            )
        )

    def part(self, split: str) -> data.Parallel:
        """Return one part's captions, the long ones left out."""
        return data.load("multi30k", split, offline=self._offline).up_to(
            self._longest
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
    """Train, and translate the test captions once.

    The record's metrics hold, for each of ``TESTS``, ``NAME_score`` with its
    95 % interval ``NAME_low`` and ``NAME_high``, the BLEU of what greedy
    decoding says, ``NAME_unknown``, which share of its tokens is unknown, and
    the same with source words filled in (``NAME_filled_score``); on the first
    test, if asked for, what a beam finds (``test2016_beam_score``); and
    ``perplexity_S_T`` of the validation captions of each of the book's
    buckets. Its arrays are those of :meth:`fdl.language.Interpreter.arrays`.

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
    On the command line: ``fdl train translation``, or ``fdl train
    translation --attention none``.
    """
    from fdl import optim
    from fdl.language import SampledTranslator, SentenceLoss

    captions = Captions(config, offline)
    net: Any = captions.interpreter.net
    batches: list[Any] = [captions.train, captions.validation]
    loss: Any = SentenceLoss()
    if config.sampled:
        net, loss = SampledTranslator(net, config.sampled), _given
        batches = [_Wanted(each) for each in batches]
    rules = {"adam": optim.Adam, "sgd": optim.SGD}
    history = train.fit(
        net,
        batches[0],
        loss=loss,
        optimizer=rules[config.rule](config.learning_rate),
        epochs=config.epochs,
        validation=batches[1],
        callbacks=[
            train.Plateau("validation_loss", config.decay, config.patience),
            train.EarlyStopping("validation_loss", patience=3),
            *callbacks,
        ],
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
        clip=config.clip or None,
        hybridize=not config.feed,
    )
    return compared(
        "translation",
        config,
        metrics={**_perplexities(captions), **_scores(config, captions)},
        curves=dict(history.items()),
        seconds=history.seconds,
        net=captions.interpreter.net,
        sources=[captions.source],
        arrays=captions.interpreter.arrays(),
    )


class _Wanted:
    """Minibatches that give the network also what is wanted."""

    def __init__(self, pairs: data.PairBuckets) -> None:
        self._pairs = pairs
        self.examples, self.batch_size = pairs.examples, pairs.batch_size

    def __len__(self) -> int:
        return len(self._pairs)

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Any]:
        for x, wanted in self._pairs.epoch(epoch):
            yield (*x, wanted), wanted


def _given(losses: Any, wanted: Any) -> Any:
    """Return what the network gives: its losses."""
    return losses


def _perplexities(captions: Captions) -> dict[str, float]:
    """Return the perplexity of each bucket of the book's that has captions."""
    from fdl.language import perplexities

    pairs = data.PairBuckets(
        *captions.interpreter.numbers(captions.part("val")),
        100,
        buckets=BUCKETS,
        reverse=captions.interpreter.reverse,
        shuffle=False,
    )
    found = perplexities(captions.interpreter.net, pairs)
    return {
        f"perplexity_{s}_{t}": value
        for (s, t), value in zip(BUCKETS, found)
        if value is not None
    }


def _scores(config: Config, captions: Captions) -> dict[str, float]:
    from fdl.language import score_bleu

    join = data.TOKENIZERS[config.tokenizer].join
    unknown = data.MARKS[UNK]
    metrics: dict[str, float] = {}

    def enter(name: str, said: list[str], part: data.Parallel) -> None:
        found = score_bleu(said, part.targets, seed=config.seed)
        for key, value in found._asdict().items():
            metrics[f"{name}_{key}"] = value

    for split in TESTS:
        part = captions.part(split)
        found = captions.interpreter.explain(part.inputs)
        tokens = [token for one in found for token in one.target]
        share = tokens.count(unknown) / max(len(tokens), 1)
        metrics[f"{split}_unknown"] = share
        enter(split, [join(one.target) for one in found], part)
        enter(f"{split}_filled", [join(one.filled()) for one in found], part)
        if split == TESTS[0] and config.beam > 1:
            said = captions.interpreter.translate(
                part.inputs, config.beam, alpha=config.alpha
            )
            enter(f"{split}_beam", said, part)
    return metrics
