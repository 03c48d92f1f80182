"""Pairs of sentences as numbers, in buckets: little padding, few shapes.

Letters: ``B`` batch, ``S`` a bucket's length of sources, ``T`` of targets.

Differences from the book's listing: a source may be as long as its bucket
says, not only shorter; an epoch takes each pair once, where the listing draws
buckets and pairs by chance with what may come twice.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import index
from typing import Any

import numpy as np

from fdl.data.vocabulary import Vocabulary
from fdl.errors import must, refuse_text
from fdl.scratch._checks import numbered, whole
from fdl.seeding import generator

__all__ = [
    "BUCKETS",
    "EOS",
    "GO",
    "MARKS",
    "PAD",
    "UNK",
    "PairBuckets",
    "marked_vocabulary",
    "place_pair",
    "place_sources",
]

MARKS = ("<pad>", "<go>", "<eos>", "<unk>")
"""The marks with which a vocabulary begins, in the order of their numbers."""
PAD, GO, EOS, UNK = range(4)  # padding, first input, sentence's end, unknown
BUCKETS = ((5, 10), (10, 15), (20, 25), (30, 40))
"""The book's buckets: the longest source and the longest target of each."""

Numbers = Sequence[int]


def marked_vocabulary(
    sentences: Iterable[Iterable[str]], size: int
) -> Vocabulary:
    """Return the commonest tokens, after the four marks.

    Parameters
    ----------
    sentences : iterable of iterable of str
        Their tokens.
    size : int
        How many words at most, marks included.

    Examples
    --------
    >>> words = marked_vocabulary([["je", "lis"], ["je", "dors"]], 6)
    >>> words.words
    ['<pad>', '<go>', '<eos>', '<unk>', 'je', 'dors']
    >>> words.numbers(["je", "mange"]).tolist()
    [4, 3]
    """
    if whole("size", size) <= len(MARKS):
        raise must("size", size, f"be more than the {len(MARKS)} marks")
    counts: Counter[str] = Counter()
    for tokens in sentences:
        refuse_text("sentences", tokens, "be lists of tokens")
        counts.update(tokens)
    for mark in MARKS:  # who writes "<pad>" in a text means no padding
        counts.pop(mark, None)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = ranked[: size - len(MARKS)]
    if not kept:
        raise must("sentences", "no token", "hold one token or more")
    words, numbers = zip(*kept)
    rest = sum(n for _, n in ranked[len(kept) :])
    return Vocabulary([*MARKS, *words], [0, 0, 0, rest, *numbers], MARKS[UNK])


def place_sources(
    sources: Sequence[Numbers], length: int, reverse: bool = True
) -> np.ndarray:
    """Return sources as rows of one length, `(B, S)` int32.

    The padding comes first, so that the last thing that the encoder reads is
    a word: with `reverse`, the sentence's first.

    Examples
    --------
    >>> place_sources([[7, 8, 9], [5]], 4)
    array([[0, 9, 8, 7],
           [0, 0, 0, 5]], dtype=int32)
    """
    rows = np.full((len(sources), length), PAD, np.int32)
    for row, given in zip(rows, sources):
        source = _tokens("sources", given, length)
        row[length - len(source) :] = source[::-1] if reverse else source
    return rows


def _tokens(argument: str, given: Numbers, most: int) -> np.ndarray:
    """Return one sentence's numbers, from 1 to `most` of them."""
    found = numbered(given)
    if not 0 < len(found) <= most:
        rule = f"have from 1 to {most} tokens each"
        raise must(argument, f"one of {len(found)}", rule)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise must(argument, given, "be lists of whole numbers")
    return found


def place_pair(
    sources: Sequence[Numbers],
    targets: Sequence[Numbers],
    bucket: tuple[int, int],
    reverse: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what goes in and what should come out.

    Parameters
    ----------
    sources, targets : sequence of sequence of int
        Tokens' numbers, without marks.
    bucket : (int, int)
        S, and T, which has room for one mark beside the target.
    reverse : bool
        Whether sources are turned round.

    Returns
    -------
    sources : array `(B, S)`
        See :func:`place_sources`.
    given : array `(B, T)`
        What the decoder is given at each step: GO, then the target's tokens.
    wanted : array `(B, T)`
        What it should answer: the target's tokens, then EOS. Where this is
        PAD, the answer's weight is 0.

    Examples
    --------
    >>> _, given, wanted = place_pair([[7]], [[5, 6]], (2, 4))
    >>> given, wanted
    (array([[1, 5, 6, 0]], dtype=int32), array([[5, 6, 2, 0]], dtype=int32))
    """
    if len(sources) != len(targets):
        rule = f"be as many as `sources`, {len(sources)}"
        raise must("targets", f"{len(targets)} of them", rule)
    length = bucket[1]
    given = np.full((len(targets), length), PAD, np.int32)
    wanted = given.copy()
    for row, tokens in enumerate(targets):
        target = _tokens("targets", tokens, length - 1)
        n = len(target)
        given[row, 0] = GO
        given[row, 1 : n + 1] = target
        wanted[row, :n] = target
        wanted[row, n] = EOS
    return place_sources(sources, bucket[0], reverse), given, wanted


class PairBuckets:
    """Minibatches of pairs, each from one bucket.

    A pair is in the first bucket that it fits in: its source has at most S
    tokens and its target at most T with its mark. The order of an epoch
    depends on the seed and the epoch's number alone, as that of
    :class:`fdl.data.Minibatches` does; iterating yields epoch 0, every time.

    Parameters
    ----------
    sources, targets : sequence of sequence of int
        Tokens' numbers, without marks.
    batch_size : int
        Pairs at a time.
    buckets : sequence of (int, int)
        S and T of each, growing.
    reverse : bool
        Whether sources are turned round.
    seed : int
        Chooses the orders.
    shuffle : bool
        Mix pairs and batches anew in each epoch; otherwise bucket follows
        bucket, in the order given.

    Attributes
    ----------
    members : list of list of int
        Which pairs are in each bucket.
    dropped : list of int
        Those that fit in none; they are in no batch.
    examples : int
        How many pairs an epoch has.

    Examples
    --------
    >>> pairs = PairBuckets([[5, 6, 7], [5] * 6], [[8, 9, 8], [8] * 5], 2)
    >>> pairs.members
    [[0], [1], [], []]
    """

    def __init__(
        self,
        sources: Sequence[Numbers],
        targets: Sequence[Numbers],
        batch_size: int,
        *,
        buckets: Sequence[tuple[int, int]] = BUCKETS,
        reverse: bool = True,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        if len(sources) != len(targets) or not len(sources):
            rule = f"be as many as `sources`, {len(sources)}, and one at least"
            raise must("targets", f"{len(targets)} of them", rule)
        self.buckets = _growing(buckets)
        self.sources, self.targets = list(sources), list(targets)
        self.batch_size = whole("batch_size", batch_size)
        self.seed = whole("seed", seed, 0)
        self.reverse, self.shuffle = bool(reverse), bool(shuffle)
        self.members: list[list[int]] = [[] for _ in self.buckets]
        self.dropped: list[int] = []
        for k, (source, target) in enumerate(zip(sources, targets)):
            if not len(source) or not len(target):
                raise must("sources", f"pair {k}", "hold no empty sentence")
            self._home(len(source), len(target)).append(k)
        self.examples = sum(map(len, self.members))
        if not self.examples:
            rule = "have room for one pair at least"
            raise must("buckets", self.buckets, rule)

    def _home(self, source: int, target: int) -> list[int]:
        for home, (longest, room) in zip(self.members, self.buckets):
            if source <= longest and target < room:
                return home
        return self.dropped

    def __repr__(self) -> str:
        inside = ", ".join(
            f"{len(m):,} in {bucket}"
            for m, bucket in zip(self.members, self.buckets)
        )
        return f"PairBuckets({inside}; {len(self.dropped):,} in none)"

    def __len__(self) -> int:
        return sum(-(-len(m) // self.batch_size) for m in self.members)

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield the batches of one epoch: ((sources, given), wanted).

        Parameters
        ----------
        epoch : int
            The epoch's number, from 0 up.
        """
        whole("epoch", epoch, 0)
        plan = []
        rng = generator(self.seed, "buckets", int(epoch))
        for bucket, members in zip(self.buckets, self.members):
            rows = rng.permutation(members) if self.shuffle else members
            plan += [
                (bucket, rows[k : k + self.batch_size])
                for k in range(0, len(members), self.batch_size)
            ]
        if self.shuffle:
            plan = [plan[k] for k in rng.permutation(len(plan))]
        for bucket, chosen in plan:
            sources, given, wanted = place_pair(
                [self.sources[k] for k in chosen],
                [self.targets[k] for k in chosen],
                bucket,
                self.reverse,
            )
            yield (sources, given), wanted


def _growing(
    buckets: Sequence[tuple[int, int]],
) -> tuple[tuple[int, int], ...]:
    try:
        found = tuple((index(s), index(t)) for s, t in buckets)
    except (TypeError, ValueError):
        found = ()
    after = zip(found, found[1:])
    grows = all(
        a <= c and b <= d and (a, b) != (c, d) for (a, b), (c, d) in after
    )
    if not found or not grows or found[0][0] < 1 or found[0][1] < 2:
        raise must("buckets", buckets, "be pairs of lengths that grow")
    return found
