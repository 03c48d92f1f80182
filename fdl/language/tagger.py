"""Tags for words by a neural n-gram: a word and the two before it.

The tag of a word is read off a window that ends with it. The vectors of the
window's words, end to end, go through two hidden layers, each normalized over
the batch, to one output a tag.

Letters: ``B`` batch; ``n`` words of a window; ``d`` numbers of a vector;
``K`` tags; ``BN`` batch normalization.

Differences from the book: a window does not reach into the sentence before
(``across=True`` lets it); the rows of an epoch are mixed; vectors are
GloVe's; what a word looks like can go in beside its vector.

Book: ch. 7, "Implementing a Part-of-Speech Tagger"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional

import numpy as onp

from fdl._mxnet import mx, nn
from fdl.data.batches import Minibatches
from fdl.errors import must, refuse_text
from fdl.language.words import Marks, WordTable
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.train.inference import predict

__all__ = ["NGram", "Tagger", "WindowBatches", "windows"]

CHUNK = 4096  # windows that are tagged at a time


class NGram(Checked):
    """The network: a window's numbers in, a score for each tag out.

    ::

        h_1 = σ(BN(W_1 x))      h_2 = σ(BN(W_2 h_1))
        y   = W_3 h_2 + b_3

    Parameters
    ----------
    inputs : int
        Numbers of a window, n·d and what else goes in.
    outputs : int
        K.
    hidden : sequence of int
        Units of the hidden layers.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = NGram(900, 44)
    >>> net.initialize()
    >>> net(np.zeros((2, 900))).shape
    (2, 44)
    >>> net
    NGram(900 → 512 → 256 → 44)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        hidden: Sequence[int] = (512, 256),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(inputs=inputs, outputs=outputs)
        for number, units in enumerate(hidden):
            check_whole(**{f"hidden[{number}]": units})
        self.sizes = (inputs, *hidden, outputs)
        self.takes = Batch("windows", (inputs,))
        with self.name_scope():
            self.hidden = nn.HybridSequential()
            for n_in, n_out in zip(self.sizes, self.sizes[1:-1]):
                # normalizing takes away what a bias would add
                layer = nn.Dense(
                    n_out,
                    in_units=n_in,
                    use_bias=False,
                    weight_initializer=mx.init.Xavier(),
                )
                norm = nn.BatchNorm(epsilon=1e-3, in_channels=n_out)
                self.hidden.add(layer, norm, nn.Activation("sigmoid"))
            self.output = nn.Dense(
                outputs,
                in_units=self.sizes[-2],
                weight_initializer=mx.init.Xavier(),
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return scores `(B, K)` for windows x `(B, n·d)`."""
        return self.output(self.hidden(x))

    def __repr__(self) -> str:
        return f"NGram({' → '.join(map(str, self.sizes))})"


def windows(
    sentences: Iterable[Any], n: int = 3, across: bool = False
) -> onp.ndarray:
    """Return the window that ends with each word.

    Parameters
    ----------
    sentences : iterable of sequences of int
        The words' numbers, from 1 up.
    n : int
        Words of a window.
    across : bool
        Let windows reach into the sentence before. Otherwise, and before the
        text begins, they are filled up with 0.

    Returns
    -------
    array `(N, n)`
        int32; the word itself is the last.

    Examples
    --------
    >>> windows([[7, 8], [9]])
    array([[0, 0, 7],
           [0, 7, 8],
           [0, 0, 9]], dtype=int32)
    >>> windows([[7, 8], [9]], across=True)[-1]
    array([7, 8, 9], dtype=int32)
    """
    check_whole(n=n)
    lines = [onp.asarray(s, onp.int32) for s in sentences]
    if across and lines:
        lines = [onp.concatenate(lines)]
    found = [onp.zeros((0, n), onp.int32)]
    for line in lines:
        padded = onp.concatenate([onp.zeros(n - 1, onp.int32), line])
        starts = onp.arange(len(line))[:, None]
        found.append(padded[starts + onp.arange(n)])
    return onp.concatenate(found)


class WindowBatches(Minibatches):
    """Minibatches of windows, whose words become numbers only when needed.

    All windows of a corpus at once would take a gigabyte; their words'
    numbers take a few megabytes.

    Parameters
    ----------
    x : array `(N, n)`
        Windows.
    y : array `(N,)`
        Tags.
    batch_size : int
        Windows at a time.
    tables : sequence of (array, int)
        What to put in for a word, a row each, and for how many of a window's
        last words.
    **kwargs
        As of `Minibatches`.

    Examples
    --------
    A table of one number for each word, 10 times its own:

    >>> rows = 10 * onp.arange(4.0)[:, None]
    >>> x, y = windows([[1, 2, 3]], 2), onp.array([0, 1, 0])
    >>> batches = WindowBatches(x, y, 3, [(rows, 2)], shuffle=False)
    >>> ((found, tags),) = batches
    >>> found.tolist()
    [[0.0, 10.0], [10.0, 20.0], [20.0, 30.0]]
    """

    def __init__(
        self,
        x: onp.ndarray,
        y: onp.ndarray,
        batch_size: int,
        tables: Sequence[tuple[onp.ndarray, int]],
        **kwargs: Any,
    ) -> None:
        super().__init__(x, y, batch_size, **kwargs)
        self.tables = tables

    def _batches(self, epoch: int) -> Iterator[tuple[Any, Any]]:
        for x, y in super()._batches(epoch):
            yield _look_up(x, self.tables), y


def _look_up(
    x: onp.ndarray, tables: Sequence[tuple[onp.ndarray, int]]
) -> onp.ndarray:
    """Return the numbers of windows `(B, n)`, end to end."""
    parts = [rows[x[:, -last:]].reshape(len(x), -1) for rows, last in tables]
    return onp.concatenate(parts, 1) if len(parts) > 1 else parts[0]


class Tagger:
    """Tags words; holds the network and what turns words into its inputs.

    Parameters
    ----------
    vectors : Vectors or VectorFile
        Word vectors.
    tags : sequence of str
        The tags there are.
    sentences : iterable
        Objects with ``words``; all of which vectors are wanted, so that a
        file of vectors is passed over once.
    n : int
        Words of a window.
    across : bool
        Whether windows reach into the sentence before.
    marks : Marks, optional
        Signs of spelling, of the word and of the one before it, to put in
        beside the vectors.
    hidden : sequence of int
        Units of the hidden layers.

    Attributes
    ----------
    net : NGram
        The network; train it with :func:`fdl.train.fit`.
    tags : tuple of str
        The tags, as the network numbers them.
    table : WordTable
        The words' vectors.

    Examples
    --------
    >>> from fdl.data import Tagged, Vectors
    >>> s = Tagged(("the", "dog"), ("DT", "NN"), ("B-NP", "I-NP"))
    >>> vectors = Vectors(["the", "dog"], [[1.0, 0.0], [0.0, 1.0]])
    >>> tagger = Tagger(vectors, ["DT", "NN"], [s], hidden=(4,))
    >>> tagger
    Tagger(WordTable(2 words, 0 unknown), NGram(6 → 4 → 2))
    >>> ((x, y),) = tagger.batches([s], batch_size=2, shuffle=False)
    >>> x.shape, y
    ((2, 6), array([0, 1], dtype=int32))
    """

    def __init__(
        self,
        vectors: Any,
        tags: Sequence[str],
        sentences: Iterable[Any],
        *,
        n: int = 3,
        across: bool = False,
        marks: Optional[Marks] = None,
        hidden: Sequence[int] = (512, 256),
    ) -> None:
        check_whole(n=n)
        self.tags = tuple(tags)
        self._tag = {tag: k for k, tag in enumerate(self.tags)}
        if len(self._tag) < max(2, len(self.tags)):
            raise must("tags", tags, "be two or more, all different")
        self.n, self.across, self.marks = n, across, marks
        self.table = WordTable(
            vectors, (w for s in sentences for w in s.words)
        )
        self._signs = onp.zeros((1, len(marks) if marks else 0), onp.float32)
        inputs = sum(rows.shape[1] * last for rows, last in self._tables())
        self.net = NGram(inputs, len(self.tags), hidden=hidden)

    def __repr__(self) -> str:
        return f"Tagger({self.table}, {self.net})"

    def _tables(self) -> list[tuple[onp.ndarray, int]]:
        """Return what goes in for a word, as far as words are known."""
        tables = [(self.table.rows, self.n)]
        if self.marks is not None:
            new = list(self.table.number)[len(self._signs) - 1 :]
            if new:
                signs = onp.stack([self.marks.of(word) for word in new])
                self._signs = onp.concatenate([self._signs, signs])
            tables.append((self._signs, min(2, self.n)))
        return tables

    def _windows(self, sentences: Iterable[Any]) -> onp.ndarray:
        lines = [self.table.numbers(s.words) for s in sentences]
        return windows(lines, self.n, self.across)

    def batches(
        self, sentences: Sequence[Any], batch_size: int, **kwargs: Any
    ) -> WindowBatches:
        """Return minibatches of the windows of tagged sentences.

        Raises
        ------
        ValueError
            If a sentence has a tag that is not among those given.
        """
        given = _tags(sentences)
        strange = sorted(set(given) - set(self.tags))
        if strange:
            rule = f"have no tags but the {len(self.tags)} that were given"
            raise must("sentences", strange, rule)
        y = onp.array([self._tag[tag] for tag in given], onp.int32)
        x = self._windows(sentences)
        return WindowBatches(x, y, batch_size, self._tables(), **kwargs)

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return a tag for each word of a sentence."""
        refuse_text("words", words, "be a list of words")
        if not words:
            return []
        lines = windows([self.table.numbers(words)], self.n)
        return [self.tags[k] for k in self._predict(lines)]

    def _predict(self, lines: onp.ndarray) -> onp.ndarray:
        tables = self._tables()
        found = [
            predict(self.net, _look_up(lines[k : k + CHUNK], tables)).argmax(1)
            for k in range(0, len(lines), CHUNK)
        ]
        return onp.concatenate(found)

    def right(self, sentences: Sequence[Any]) -> onp.ndarray:
        """Return for each word whether its tag is found, `(N,)` of bool.

        A tag that is not among those given counts as missed.
        """
        given = _tags(sentences)
        if not given:
            return onp.zeros(0, bool)
        wanted = onp.array([self._tag.get(tag, -1) for tag in given])
        return self._predict(self._windows(sentences)) == wanted


def _tags(sentences: Iterable[Any]) -> list[str]:
    """Return the tags of all words, one a word."""
    found: list[str] = []
    for s in sentences:
        if len(s.tags) != len(s.words):
            raise must("sentences", s, "have one tag for each word")
        found += s.tags
    return found
