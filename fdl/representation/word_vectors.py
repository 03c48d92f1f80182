"""What word vectors know: neighbours, analogies, and scores for them.

Letters: ``V`` words, ``d`` dimensions.

References: [1] Mikolov et al. 2013, arXiv:1301.3781.

Book: ch. 6, "Implementing the Skip-Gram Architecture"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

import numpy as onp

from fdl.data.vocabulary import Vocabulary
from fdl.errors import ShapeError, must
from fdl.scratch._checks import floats, whole

__all__ = ["Score", "WordVectors", "rank_correlation"]

NAN = float("nan")  # a score where nothing was asked
ROWS = 256  # questions that are compared with all words together


class Score(NamedTuple):
    """How many questions were answered.

    Attributes
    ----------
    right : int
        Answered rightly.
    asked : int
        Of those whose words are all known.
    published : int
        Of all.

    Examples
    --------
    >>> score = Score(right=3, asked=4, published=10)
    >>> score.accuracy
    0.75
    """

    right: int
    asked: int
    published: int

    @property
    def accuracy(self) -> float:
        """Share of the questions asked; NaN if there were none."""
        return self.right / self.asked if self.asked else NAN


class WordVectors:
    """Words and their vectors.

    Parameters
    ----------
    vocabulary : Vocabulary
        The words.
    vectors : array `(V, d)`
        Their vectors.

    Attributes
    ----------
    unit : array `(V, d)`
        The vectors, each of length 1 (0 stays 0).

    Examples
    --------
    >>> words = Vocabulary(["king", "queen", "bank"], [3, 2, 1])
    >>> found = WordVectors(words, [[1, 0], [3, 1], [0, 1]])
    >>> found.nearest("king", 1)[0][0]
    'queen'
    """

    def __init__(self, vocabulary: Vocabulary, vectors: Any) -> None:
        if not isinstance(vocabulary, Vocabulary):
            raise must("vocabulary", vocabulary, "be a Vocabulary")
        vectors = onp.asarray(vectors, onp.float32)
        if vectors.ndim != 2 or len(vectors) != len(vocabulary):
            raise ShapeError(
                f"`vectors` (=array of shape {vectors.shape}) must have the "
                f"shape ({len(vocabulary)}, d), a row for each word."
            )
        self.vocabulary = vocabulary
        self.vectors = vectors
        length = onp.sqrt((vectors * vectors).sum(1, keepdims=True))
        if not onp.isfinite(length).all():
            raise must("vectors", vectors, "be finite everywhere")
        self.unit = vectors / onp.where(length > 0, length, 1)

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, word: str) -> onp.ndarray:
        return self.vectors[self.vocabulary.index(word)]

    def __repr__(self) -> str:
        size = self.vectors.shape[1]
        return f"WordVectors({len(self):,} words, {size} dimensions)"

    def similarity(self, one: str, other: str) -> float:
        """Return the cosine of the angle between two words."""
        i, j = self.vocabulary.index(one), self.vocabulary.index(other)
        return float(onp.dot(self.unit[i], self.unit[j]))

    def nearest(self, word: str, k: int = 8) -> list[tuple[str, float]]:
        """Return the k words of the smallest angle to a word, with cosines.

        Raises
        ------
        ValueError
            If the word is not in the vocabulary; the message offers the
            nearest spellings.
        """
        number = self.vocabulary.index(word)
        return self._best(self.unit[number], [number], k)

    def analogy(
        self, a: str, b: str, c: str, k: int = 1
    ) -> list[tuple[str, float]]:
        """Return which words are to c as b is to a.

        The words nearest to b − a + c, these three left out.

        Parameters
        ----------
        a, b, c : str
            The question.
        k : int
            How many answers.
        """
        i, j, m = (self.vocabulary.index(word) for word in (a, b, c))
        goal = self.unit[j] - self.unit[i] + self.unit[m]
        return self._best(goal, [i, j, m], k)

    def _best(
        self, goal: onp.ndarray, without: list[int], k: int
    ) -> list[tuple[str, float]]:
        most = len(self) - len(set(without))
        whole("k", k, most=most)
        length = float(onp.sqrt((goal * goal).sum())) or 1.0
        cosine = onp.dot(self.unit, goal / length)
        cosine[without] = -onp.inf
        first = onp.argpartition(-cosine, k - 1)[:k]
        first = first[onp.argsort(-cosine[first], kind="stable")]
        return [(self.vocabulary.words[i], float(cosine[i])) for i in first]

    def score_analogies(
        self,
        sections: Mapping[str, Sequence[tuple[str, str, str, str]]],
        lower: bool = True,
        most: Optional[int] = None,
    ) -> dict[str, Score]:
        """Answer published questions, section by section.

        Parameters
        ----------
        sections : mapping
            As :func:`fdl.data.analogies` returns them.
        lower : bool
            Ask in small letters.
        most : int, optional
            Answer with the commonest words only, so many.

        Returns
        -------
        dict
            Section → Score.
        """
        if most is not None:
            whole("most", most, most=len(self))
        table = self.unit[:most]
        found = {}
        for section, questions in sections.items():
            for row in questions:
                if len(row) != 4:
                    raise must("sections", row, "hold questions of four words")
            numbers = onp.array(
                [
                    [self._number(word, lower, len(table)) for word in row]
                    for row in questions
                ]
            ).reshape(-1, 4)
            known = numbers[(numbers >= 0).all(1)]
            right = 0
            for start in range(0, len(known), ROWS):
                right += _right(table, known[start : start + ROWS])
            found[section] = Score(right, len(known), len(questions))
        return found

    def _number(self, word: str, lower: bool, most: int) -> int:
        word = word.lower() if lower else word
        if word not in self.vocabulary:
            return -1
        number = self.vocabulary.index(word)
        return number if number < most else -1

    def score_classes(
        self, classes: Mapping[str, Sequence[str]], lower: bool = True
    ) -> Score:
        """Ask whether a word's nearest other word is of its own class.

        Parameters
        ----------
        classes : mapping
            Class → words, as :func:`fdl.data.word_classes` returns them.
            Classes with fewer than two known words are left out.
        lower : bool
            Ask in small letters.

        Returns
        -------
        Score
            ``published`` counts all words of the classes.
        """
        numbers: list[int] = []
        labels: list[int] = []
        for label, words in enumerate(classes.values()):
            known = {self._number(w, lower, len(self)) for w in words} - {-1}
            if len(known) > 1:
                numbers += sorted(known)
                labels += [label] * len(known)
        unit = self.unit[numbers]
        cosine = onp.dot(unit, unit.T)
        onp.fill_diagonal(cosine, -onp.inf)
        right = 0
        if numbers:
            own = onp.array(labels)
            right = int((own[cosine.argmax(1)] == own).sum())
        return Score(right, len(numbers), sum(map(len, classes.values())))

    def score_similarities(
        self, rows: Sequence[tuple[str, str, float]], lower: bool = True
    ) -> tuple[float, int]:
        """Compare cosines with people's ratings of pairs of words.

        Parameters
        ----------
        rows : sequence of (word, word, rating)
            A published list.
        lower : bool
            Ask in small letters.

        Returns
        -------
        float, int
            Spearman's rank correlation, NaN for fewer than two pairs; and of
            how many pairs: those whose words are both known.
        """
        cosines, ratings = [], []
        for one, other, rating in rows:
            i, j = (
                self._number(word, lower, len(self)) for word in (one, other)
            )
            if min(i, j) >= 0:
                cosines.append(float(onp.dot(self.unit[i], self.unit[j])))
                ratings.append(rating)
        rho = rank_correlation(cosines, ratings) if len(ratings) > 1 else NAN
        return rho, len(ratings)


def _right(table: onp.ndarray, known: onp.ndarray) -> int:
    """Return how many of the questions `(n, 4)` are answered rightly."""
    a, b, c, d = known.T
    goal = table[b] - table[a] + table[c]
    cosine = onp.dot(goal, table.T)  # up to a factor in each row
    rows = onp.arange(len(known))
    for word in (a, b, c):
        cosine[rows, word] = -onp.inf
    return int((cosine.argmax(1) == d).sum())


def rank_correlation(x: Any, y: Any) -> float:
    """Return Spearman's correlation: that of the ranks, ties sharing theirs.

    Examples
    --------
    >>> rank_correlation([1, 2, 3], [10, 20, 1000])
    1.0
    """
    x, y = floats("x", x), floats("y", y)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        rule = f"be one row of two numbers or more, as `y`, {y.shape}"
        raise must("x", x.shape, rule)
    x, y = _ranks(x), _ranks(y)
    x, y = x - x.mean(), y - y.mean()
    length = onp.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / length) if length else NAN


def _ranks(x: onp.ndarray) -> onp.ndarray:
    _, which, count = onp.unique(x, return_inverse=True, return_counts=True)
    return (onp.cumsum(count) - (count - 1) / 2)[which]
