"""A network that writes, letter by letter.

It learns which letter comes next. Asked again and again, and told each time
what it has said, it writes.

[1] Graves 2013, "Generating Sequences With Recurrent Neural Networks",
arXiv:1308.0850

Letters: ``B`` batch; ``T`` letters of a piece; ``V`` different letters; ``H``
hidden units.

Differences from the paper: one small network in place of seven layers.

Book: ch. 7, "Recurrent Neural Networks"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

import numpy as onp

from fdl import seeding
from fdl._mxnet import gluon, mx, nn, np
from fdl.errors import must
from fdl.nn._checks import check_positive, check_share, check_whole
from fdl.nn.cells import LSTMCell
from fdl.nn.deep_recurrent import DropoutCell, Stacked
from fdl.nn.losses import cross_entropy
from fdl.nn.recurrent import run
from fdl.scratch._checks import numbered, whole
from fdl.scratch.neurons import softmax

__all__ = ["CharRNN", "Letters", "Pieces", "letter_loss", "sharpen"]


class Letters:
    """The letters of a text, numbered in their order.

    Parameters
    ----------
    text : str
        Where they come from.

    Examples
    --------
    >>> letters = Letters("abba c")
    >>> len(letters), letters.encode("cab").tolist(), letters.decode([1, 1])
    (4, [3, 1, 2], 'aa')
    """

    def __init__(self, text: str) -> None:
        self.letters = sorted(set(text))
        if not self.letters:
            raise must("text", text, "hold a letter")
        self._number = {letter: k for k, letter in enumerate(self.letters)}

    def __len__(self) -> int:
        return len(self.letters)

    def encode(self, text: str) -> onp.ndarray:
        """Return the numbers of a text's letters, int32 `(n,)`."""
        strange = set(text) - set(self._number)
        if strange:
            rule = f"hold only the {len(self)} letters that were learned"
            raise must("text", min(strange), rule)
        return onp.array([self._number[letter] for letter in text], onp.int32)

    def decode(self, numbers: Any) -> str:
        """Return the text with these numbers `(n,)`."""
        numbers = numbered(numbers)
        _check_letters("numbers", numbers, len(self))
        return "".join(self.letters[k] for k in numbers)


class Pieces:
    """Minibatches of pieces of a text, and as targets the same a letter on.

    Each epoch cuts the text anew, from another first letter.

    Parameters
    ----------
    numbers : array `(n,)`
        The text, encoded.
    length : int
        T.
    batch_size : int
        B.
    seed : int
        Chooses where to cut, and the order.

    Examples
    --------
    >>> ((x, y),) = Pieces(onp.arange(10), length=3, batch_size=2)
    >>> x.shape, bool((y == x + 1).all())
    ((2, 3), True)
    """

    def __init__(
        self, numbers: Any, length: int, batch_size: int, seed: int = 0
    ) -> None:
        check_whole(length=length, batch_size=batch_size)
        whole("seed", seed, 0)
        numbers = numbered(numbers)
        _check_letters("numbers", numbers)
        self.numbers = numbers.astype(onp.int32)
        self.length, self.batch_size, self.seed = length, batch_size, seed
        self._count = (len(self.numbers) - 1) // length - 1
        if self._count < batch_size:
            rule = f"fill {batch_size} pieces of {length} letters, and two"
            raise must("numbers", f"{len(self.numbers)} letters", rule)

    def __len__(self) -> int:
        return self._count // self.batch_size

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield pairs of arrays `(B, T)`."""
        rng = onp.random.default_rng([self.seed, epoch])
        first = int(rng.integers(self.length))
        order = rng.permutation(self._count)
        steps = onp.arange(self.length)
        for batch in range(len(self)):
            rows = order[batch * self.batch_size :][: self.batch_size]
            at = first + self.length * rows[:, None] + steps  # (B, T)
            yield self.numbers[at], self.numbers[at + 1]


class CharRNN(gluon.HybridBlock):
    """Scores `(B, T, V)` of the letter that comes next, at every step.

    Parameters
    ----------
    letters : int
        V.
    hidden : int
        H, of each layer.
    layers : int
        How many LSTMs stand on each other.
    drop : float
        Share of each layer's outputs that is dropped while training.

    Examples
    --------
    >>> net = CharRNN(20, hidden=8)
    >>> net.initialize()
    >>> net(np.zeros((2, 5), dtype="int32")).shape
    (2, 5, 20)
    """

    def __init__(
        self,
        letters: int,
        *,
        hidden: int = 512,
        layers: int = 2,
        drop: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(letters=letters, hidden=hidden, layers=layers)
        check_share(drop=drop)
        self.letters, self.hidden = letters, hidden
        width = min(64, hidden)
        with self.name_scope():
            self.embedding = nn.Embedding(
                letters, width, weight_initializer=mx.init.Normal(0.3)
            )
            self.cell = Stacked(
                DropoutCell(
                    LSTMCell(hidden, inputs=hidden if layer else width),
                    outputs=drop,
                )
                for layer in range(layers)
            )
            self.output = nn.Dense(
                letters, flatten=False, weight_initializer="xavier"
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the scores for numbers of letters x `(B, T)`."""
        outputs, _ = run(self.cell, self.embedding(x))
        return self.output(outputs)

    def step(self, x: Any, state: Any) -> tuple[Any, Any]:
        """Return scores `(B, V)` and state after one more letter x `(B,)`."""
        output, state = self.cell(self.embedding(x), state)
        return self.output(output), state

    def write(
        self,
        start: Any,
        count: int,
        temperature: float = 1.0,
        seed: int = 0,
    ) -> onp.ndarray:
        """Go on writing.

        Parameters
        ----------
        start : array `(n,)`
            Numbers of the letters that are there already, one at least.
        count : int
            How many letters to add.
        temperature : float
            Below 1 the likely letters become likelier, above 1 all become
            more alike.
        seed : int
            Decides what is drawn.

        Returns
        -------
        array `(count,)`
            Numbers of letters, int32.
        """
        check_whole(count=count)
        check_positive(temperature=temperature)
        start = numbered(start)
        if not start.size:
            raise must("start", start, "hold one letter at least")
        _check_letters("start", start, self.letters)
        rng = seeding.generator(seed, "writing")
        device = self.output.weight.list_ctx()[0]
        state = self.cell.begin_state(1, device)
        found: list[int] = []
        said = list(start)
        while len(found) < count:
            for letter in said:
                x = np.array([letter], dtype="int32", ctx=device)
                scores, state = self.step(x, state)
            p = sharpen(scores.asnumpy()[0], temperature)
            said = [int(rng.choice(self.letters, p=p))]
            found += said
        return onp.array(found, onp.int32)


def _check_letters(
    name: str, numbers: onp.ndarray, letters: Optional[int] = None
) -> None:
    """Raise unless these are numbers of letters, one behind the other."""
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        found = f"of shape {numbers.shape} and type {numbers.dtype}"
        raise must(name, found, "be a row of whole numbers")
    wrong = numbers < 0
    if letters is not None:
        wrong |= numbers >= letters
    if wrong.any():
        end = "up" if letters is None else f"to {letters - 1}"
        rule = f"hold numbers of letters from 0 {end}"
        raise must(name, int(numbers[wrong][0]), rule)


def letter_loss(scores: Any, letters: Any) -> Any:
    """Return each piece's mean cross-entropy of a letter, `(B,)`.

    Parameters
    ----------
    scores : array `(B, T, V)`
        What the network puts out.
    letters : array `(B, T)`
        What really came next.

    Examples
    --------
    Scores that do not differ are a guess among four letters, which costs ln 4:

    >>> letter_loss(np.zeros((1, 3, 4)), np.array([[0, 3, 1]])).round(2)
    array([1.39])
    """
    return cross_entropy(scores, letters).mean(axis=1)


letter_loss.class_axis = -1  # type: ignore[attr-defined]


def sharpen(scores: Any, temperature: float) -> onp.ndarray:
    """Return p = softmax(scores / temperature), in float64.

    Examples
    --------
    >>> for temperature in (0.1, 1.0, 100.0):
    ...     print(sharpen([1.0, 2.0], temperature).round(2))
    [0. 1.]
    [0.27 0.73]
    [0.5 0.5]
    """
    check_positive(temperature=temperature)
    return softmax(onp.asarray(scores, float) / temperature)
