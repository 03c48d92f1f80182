"""A dependency parser: a network that chooses arc-standard actions.

At each step the network sees ten places of the configuration: the stack's
three topmost words, the buffer's first three, and of the stack's top two the
outermost words hung on either side. Of each it gets the word's vector and its
tag. Its three outputs are scores of the actions; illegal ones are passed over.

Greedy parsing takes the best action each time. With a beam, `width` sequences
of actions go on side by side, and their scores are added up: logarithms of
probabilities where the network is *locally* normalized, its plain outputs
where it is *globally* (see :mod:`fdl.language.global_training`).

Letters: ``B`` configurations; ``P`` places, 10; ``d`` numbers of a vector;
``K`` tags, two of our own among them; ``H`` hidden units.

References: [1] Chen and Manning 2014, doi:10.3115/v1/D14-1082. [2] Andor et
al. 2016, arXiv:1603.06042.

Differences from the papers: ten places in place of eighteen; word vectors are
not trained further; no labels on the arcs; ReLU in place of cubes.

Book: ch. 7, "Dependency Parsing and SyntaxNet"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Optional

import numpy as onp

from fdl.data.batches import Minibatches
from fdl.errors import NotFittedError, must
from fdl.language.arc_standard import Configuration, oracle
from fdl.language.words import WordTable
from fdl.nn.feed_forward import FeedForward
from fdl.scratch._checks import whole

__all__ = [
    "PLACES",
    "PUNCTUATION",
    "Hypothesis",
    "Parser",
    "Scorer",
    "attachment",
    "greedy",
    "search",
]

PLACES = 10
PUNCTUATION = ("``", "''", ":", ",", ".")
CHUNK = 128  # sentences that are parsed side by side


def places(c: Configuration, start: int) -> list[int]:
    """Return the rows of the words in the ten places; 0 where none is.

    The row of word k of a sentence is `start` + k, the root's `start`.
    """
    stack, first, n = c.stack, c.next, c.n
    top = stack[-1]
    second = stack[-2] if len(stack) > 1 else -1
    third = stack[-3] if len(stack) > 2 else -1
    buffer = [k if k <= n else -1 for k in (first, first + 1, first + 2)]
    found = [top, second, third, *buffer, c.left[top], c.right[top]]
    # `second` −1 would read the last word's
    found += [c.left[second], c.right[second]] if second >= 0 else [-1, -1]
    return [start + k if k >= 0 else 0 for k in found]


class Parser:
    """Finds the tree of a sentence; holds the network and its inputs.

    Parameters
    ----------
    vectors : Vectors or VectorFile
        Word vectors.
    tags : sequence of str
        The tags there are; another one counts as no tag.
    sentences : iterable
        Objects with ``words``, whose vectors are wanted.
    hidden : int
        H.

    Attributes
    ----------
    net : fdl.nn.FeedForward
        The network, P·(d + K) → H → 3.
    locally : bool
        Whether scores are normalized at each step.

    Examples
    --------
    Two words take four actions. Without training any tree may come out, but
    a tree it is:

    >>> from fdl.data import Parsed, Vectors
    >>> s = Parsed(("dogs", "bark"), ("NNS", "VBP"), (2, 0))
    >>> parser = Parser(Vectors(["dogs"], [[1.0]]), s.tags, [s], hidden=4)
    >>> ((x, y),) = parser.batches([s], batch_size=4, shuffle=False)
    >>> x.shape, y.tolist() == oracle(s.heads)
    ((4, 50), True)
    >>> parser.net.initialize()
    >>> parser.parse([s])[0] in ([2, 0], [0, 1])
    True
    """

    def __init__(
        self,
        vectors: Any,
        tags: Sequence[str],
        sentences: Iterable[Any],
        *,
        hidden: int = 200,
    ) -> None:
        self.tags = tuple(tags)
        # 0 is no word, 1 the root
        self._tag = {tag: k for k, tag in enumerate(self.tags, 2)}
        if not self.tags or len(self._tag) < len(self.tags):
            raise must("tags", tags, "be one or more, all different")
        words = (word for s in sentences for word in s.words)
        self.table = WordTable(vectors, words)
        self.width = self.table.rows.shape[1]
        size = PLACES * (self.width + len(self.tags) + 2)
        self.net = FeedForward((size, hidden, 3))
        self.locally = True

    def __repr__(self) -> str:
        return f"Parser({self.table}, {self.net})"

    def rows(self, sentences: Sequence[Any]) -> tuple[Any, Any, list[int]]:
        """Return word and tag of each row, and where sentences start.

        Row 0 is no word; each sentence's first row is the root's.

        Returns
        -------
        words, tags : array `(rows,)`
            Of each row the number of its vector, and of its tag.
        starts : list of int
            Of each sentence the root's row.
        """
        words, tags, starts = [0], [0], []
        for s in sentences:
            if len(s.tags) != len(s.words):
                raise must("sentences", s, "have one tag for each word")
            starts.append(len(words))
            words += [0, *self.table.numbers(s.words).tolist()]
            tags += [1, *(self._tag.get(tag, 0) for tag in s.tags)]
        return onp.array(words), onp.array(tags), starts

    def batches(
        self, sentences: Sequence[Any], batch_size: int, **kwargs: Any
    ) -> Minibatches:
        """Return minibatches of all configurations on the way to the trees.

        Their targets are the oracle's actions. Sentences whose arcs cross
        have none and are left out.
        """
        kept = buildable(sentences)
        words, tags, starts = self.rows(kept)
        x, y = [], []
        for s, start in zip(kept, starts):
            c = Configuration(len(s.words))
            for action in oracle(s.heads):
                x.append(places(c, start))
                y.append(action)
                c.take(action)
        rows = onp.array(x, onp.int32)
        found = onp.concatenate([words[rows], tags[rows]], 1)
        return _Batches(
            self, found, onp.array(y, onp.int32), batch_size, **kwargs
        )

    def inputs(self, words: Any, tags: Any) -> onp.ndarray:
        """Return the network's input for words and tags `(B, P)`."""
        kinds = len(self.tags) + 2
        marks = onp.zeros((len(tags) * PLACES, kinds), onp.float32)
        marks[onp.arange(tags.size), tags.ravel()] = tags.ravel() > 0
        vectors = self.table.rows[words].reshape(len(words), -1)
        return onp.concatenate([vectors, marks.reshape(len(tags), -1)], 1)

    def parse(
        self, sentences: Sequence[Any], width: int = 1
    ) -> list[list[int]]:
        """Return the heads of the words of each sentence.

        Parameters
        ----------
        sentences : sequence
            Objects with ``words`` and ``tags``, none empty.
        width : int
            Of the beam; 1 is greedy.
        """
        whole("width", width)
        found: list[list[int]] = []
        for k in range(0, len(sentences), CHUNK):
            some = sentences[k : k + CHUNK]
            scorer = Scorer(self, some)
            if width == 1:
                found += greedy(scorer)
                continue
            found += [
                search(scorer, j, width)[0].configuration.heads[1:]
                for j in range(len(some))
            ]
        return found


def buildable(sentences: Sequence[Any]) -> list[Any]:
    """Return the sentences whose arcs do not cross; raise if there is none."""
    kept = [s for s in sentences if s.projective]
    if not kept:
        rule = "hold one tree at least whose arcs do not cross"
        raise must("sentences", f"{len(sentences)} sentences", rule)
    return kept


class _Batches(Minibatches):
    """Configurations as numbers, made into the network's inputs in time."""

    def __init__(self, parser: Parser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parser = parser

    def _batches(self, epoch: int) -> Iterator[tuple[Any, Any]]:
        for x, y in super()._batches(epoch):
            yield self._parser.inputs(x[:, :PLACES], x[:, PLACES:]), y


class Scorer:
    """The network's scores for configurations of some sentences, in NumPy.

    What a word in a place adds to the hidden layer is the same wherever it
    stands there. It is computed once [1], so that a configuration costs two
    sums of ten rows and one small product.

    Parameters
    ----------
    parser : Parser
        Its network's weights are taken as they are now.
    sentences : sequence
        Objects with ``words`` and ``tags``.

    Examples
    --------
    >>> from fdl.data import Parsed, Vectors
    >>> s = Parsed(("dogs", "bark"), ("NNS", "VBP"), (2, 0))
    >>> parser = Parser(Vectors(["dogs"], [[1.0]]), s.tags, [s], hidden=4)
    >>> parser.net.initialize()
    >>> c = Configuration(2)
    >>> log_p = Scorer(parser, [s]).scores([places(c, 1)], [c.legal()])
    >>> onp.exp(log_p).round(3)  # only SHIFT is legal
    array([[1., 0., 0.]])
    """

    def __init__(self, parser: Parser, sentences: Sequence[Any]) -> None:
        if not all(len(s.words) for s in sentences):
            raise must("sentences", sentences, "have a word each")
        self.parser, self.sentences = parser, sentences
        self.words, self.tags, self.starts = parser.rows(sentences)
        W, b = _weights(parser.net.hidden1)
        cut = PLACES * parser.width
        # (H, P·d) → (P, d, H)
        of_words = W[:, :cut].reshape(len(b), PLACES, -1).transpose(1, 2, 0)
        of_tags = W[:, cut:].reshape(len(b), PLACES, -1).transpose(1, 2, 0)
        vectors = parser.table.rows[self.words]
        self._words = onp.einsum(
            "rd,pdh->rph", vectors, of_words, optimize=True
        )
        self._tags = of_tags.transpose(1, 0, 2).copy()  # (K, P, H)
        self._tags[0] = 0
        self._words += self._tags[self.tags]
        self._bias = b
        self._W, self._b = _weights(parser.net.output)
        self._place = onp.arange(PLACES)

    def scores(self, rows: Any, legal: Any) -> onp.ndarray:
        """Return scores `(B, 3)` of actions; −∞ of illegal ones.

        Parameters
        ----------
        rows : array `(B, P)`
            The words in the places.
        legal : array `(B, 3)`
            Of bool.
        """
        h = self._words[rows, self._place].sum(1) + self._bias  # (B, H)
        z = onp.maximum(h, 0) @ self._W.T + self._b
        z = onp.where(legal, z.astype(float), -onp.inf)
        if self.parser.locally:
            top = z.max(1, keepdims=True)
            z = z - top - onp.log(onp.exp(z - top).sum(1, keepdims=True))
        return z


def _weights(layer: Any) -> tuple[onp.ndarray, onp.ndarray]:
    if layer.weight._data is None:
        raise NotFittedError("The parser's network has no weights yet.")
    return layer.weight.data().asnumpy(), layer.bias.data().asnumpy()


class Hypothesis(NamedTuple):
    """A sequence of actions in a beam.

    An example is at :func:`search`.

    Attributes
    ----------
    configuration : Configuration
        What they lead to.
    score : float
        Their scores, added up.
    before : Hypothesis or None
        Without the last action.
    rows : list of int
        The places in which that was taken.
    action : int
        The last action; −1 if there was none.
    gold : bool
        Whether all of them are the oracle's.
    """

    configuration: Configuration
    score: float
    before: Optional[Any]
    rows: Optional[list[int]]
    action: int
    gold: bool


def search(
    scorer: Scorer,
    k: int,
    width: int,
    gold: Optional[Sequence[int]] = None,
) -> list[Hypothesis]:
    """Return a beam's hypotheses, the best first.

    Parameters
    ----------
    scorer : Scorer
        Of the sentences.
    k : int
        Which sentence.
    width : int
        Hypotheses kept.
    gold : sequence of int, optional
        The oracle's actions. As soon as they have left the beam, the search
        ends, and they come last, one more than `width`.

    Examples
    --------
    >>> from fdl.data import Parsed, Vectors
    >>> s = Parsed(("dogs", "bark"), ("NNS", "VBP"), (2, 0))
    >>> parser = Parser(Vectors(["dogs"], [[1.0]]), s.tags, [s], hidden=4)
    >>> parser.net.initialize()
    >>> beam = search(Scorer(parser, [s]), 0, width=3)
    >>> sorted(h.configuration.heads[1:] for h in beam)  # all trees there are
    [[0, 1], [2, 0]]
    >>> round(sum(onp.exp(h.score) for h in beam), 3)
    1.0
    """
    whole("k", k, 0, len(scorer.starts) - 1)
    whole("width", width)
    start, n = scorer.starts[k], len(scorer.sentences[k].words)
    if gold is not None and len(gold) != 2 * n:
        raise must("gold", gold, f"be the {2 * n} actions of {n} words")
    beam = [Hypothesis(Configuration(n), 0.0, None, None, -1, True)]
    for step in range(2 * n):
        rows = [places(h.configuration, start) for h in beam]
        legal = [h.configuration.legal() for h in beam]
        found = scorer.scores(onp.array(rows), onp.array(legal))
        total = found + onp.array([[h.score] for h in beam])  # (B, 3)
        order = onp.argsort(-total.ravel(), kind="stable")[:width]
        kept = [int(p) for p in order if total.flat[p] > -onp.inf]
        right, lost = -1, False
        if gold is not None:
            right = gold[step]
            (j,) = (j for j, h in enumerate(beam) if h.gold)
            lost = 3 * j + right not in kept
            kept += [3 * j + right] * lost
        beam = [
            _after(beam[p // 3], rows[p // 3], p % 3, total.flat[p], right)
            for p in kept
        ]
        if lost:
            break
    return beam


def _after(
    h: Hypothesis, rows: list[int], action: int, score: float, right: int
) -> Hypothesis:
    """Return a hypothesis with one more action."""
    c = h.configuration.copy()
    c.take(action)
    gold = h.gold and action == right
    return Hypothesis(c, float(score), h, rows, action, gold)


def greedy(scorer: Scorer) -> list[list[int]]:
    """Return the heads of all sentences, taking the best action each time.

    The sentences go on side by side, so that one product serves them all.

    Examples
    --------
    >>> from fdl.data import Parsed, Vectors
    >>> s = Parsed(("Go",), ("VB",), (0,))
    >>> parser = Parser(Vectors(["go"], [[1.0]]), ["VB"], [s], hidden=4)
    >>> parser.net.initialize()
    >>> greedy(Scorer(parser, [s, s]))
    [[0], [0]]
    """
    all_ = [Configuration(len(s.words)) for s in scorer.sentences]
    live = list(zip(all_, scorer.starts))
    while live:
        rows = onp.array([places(c, start) for c, start in live])
        legal = onp.array([c.legal() for c, _ in live])
        for (c, _), action in zip(live, scorer.scores(rows, legal).argmax(1)):
            c.take(int(action))
        live = [pair for pair in live if not pair[0].done]
    return [c.heads[1:] for c in all_]


def attachment(
    found: Sequence[Sequence[int]],
    sentences: Sequence[Any],
    punctuation: bool = True,
) -> float:
    """Return the share of words hung where they belong, the UAS.

    Parameters
    ----------
    found : sequence of sequences of int
        Heads, as a parser finds them.
    sentences : sequence
        Objects with ``heads`` and ``tags``.
    punctuation : bool
        Whether marks count as words; by convention they often do not.

    Examples
    --------
    >>> from fdl.data import Parsed
    >>> s = Parsed(("Go", "!"), ("VB", "."), (0, 1))
    >>> attachment([[0, 0]], [s]), attachment([[0, 0]], [s], False)
    (0.5, 1.0)
    """
    lengths = [len(s.heads) for s in sentences]
    if [len(heads) for heads in found] != lengths:
        rule = "hold one head for each word of `sentences`"
        raise must("found", found, rule)
    right = [
        head == wanted
        for heads, s in zip(found, sentences)
        for head, wanted, tag in zip(heads, s.heads, s.tags)
        if punctuation or tag not in PUNCTUATION
    ]
    if not right:
        raise must("sentences", sentences, "hold a word that counts")
    return sum(right) / len(right)
