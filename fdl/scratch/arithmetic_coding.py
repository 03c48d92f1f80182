"""Arithmetic coding: rounded codes become a file, as short as theory allows.

A coder turns each number into yes-or-no questions: is it 0? is it negative?
is it more than 1? Each answer cuts an interval in proportion to how probable
it is, so that an answer of probability p costs −log₂ p bits. How probable it
is, both sides learn as they go, by counting the answers to the questions of
one kind, which is a *context*.

Letters: ``m`` units of a code, ``h, w`` its places; ``n_0, n_1`` how many
times no and yes was the answer in a context.

References: [1] Witten, Neal and Cleary 1987, doi:10.1145/214762.214771;
[2] Krichevsky and Trofimov 1981, doi:10.1109/TIT.1981.1056331; [3] Weinberger,
Seroussi and Sapiro 2000, doi:10.1109/83.855427, whose guess of a value from
its neighbours is used.

Differences from the papers: (1) the interval's lower end is one whole number
of Python's, as long as the file, so carries look after themselves.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np

from fdl.errors import must

__all__ = [
    "Decoder",
    "code_length",
    "decode_codes",
    "encode_answers",
    "encode_codes",
    "questions",
]

BITS, BYTE = 48, 8  # of the interval that is looked at, and of a step
AHEAD = BITS // BYTE  # bytes that a decoder looks at together
NEAR = 4  # kinds of neighbourhoods: how many of 3 neighbours are not 0
MOST = 15  # magnitudes from here up share one context
LARGEST = 1 << 16
EACH = NEAR + 1 + MOST  # contexts of a unit


def encode_answers(answers: Any, contexts: Any) -> bytes:
    """Return the file that tells a row of answers.

    Parameters
    ----------
    answers : sequence of 0 or 1
        No or yes.
    contexts : sequence of int
        What kind of question each answers; both sides must know it.

    Examples
    --------
    >>> len(encode_answers([0] * 1000, [7] * 1000))
    1
    """
    _check(answers, contexts)
    low, span, steps = 0, 1 << BITS, 0
    counts = _counts()
    for answer, context in zip(answers, contexts):
        no = _share_of_no(span, counts[context])
        # [low, low + no) means no, [low + no, low + span) yes
        low, span = (low + no, span - no) if answer else (low, no)
        counts[context][answer] += 1
        while span < 1 << (BITS - BYTE):
            low, span, steps = low << BYTE, span << BYTE, steps + 1
    # the shortest number from low up: all bits but the first 8 are 0
    number = -(-low >> (BITS - BYTE))
    return number.to_bytes(steps + 1, "big")


class Decoder:
    """Reads answers from a file, one after the other.

    Parameters
    ----------
    file : bytes
        From :func:`encode_answers`.

    Examples
    --------
    >>> decoder = Decoder(encode_answers([1, 0, 1], [0, 0, 5]))
    >>> [decoder.ask(context) for context in (0, 0, 5)]
    [1, 0, 1]
    """

    def __init__(self, file: bytes) -> None:
        self._file, self._read = file, AHEAD
        self._counts = _counts()
        # behind the end come zeros
        first = file[:AHEAD].ljust(AHEAD, b"\0")
        self._span, self._offset = 1 << BITS, int.from_bytes(first, "big")

    def ask(self, context: int) -> int:
        """Return the next answer, which is to a question of this kind."""
        count = self._counts[context]
        no = _share_of_no(self._span, count)
        # the file's number, measured from the interval's lower end
        answer = int(self._offset >= no)
        if answer:
            self._offset, self._span = self._offset - no, self._span - no
        else:
            self._span = no
        count[answer] += 1
        while self._span < 1 << (BITS - BYTE):
            if self._read >= len(self._file) + AHEAD - 1:
                raise _damaged(self._file)  # answers are missing
            (byte,) = self._file[self._read : self._read + 1] or b"\0"
            self._offset = self._offset << BYTE | byte
            self._span, self._read = self._span << BYTE, self._read + 1
        return answer

    def close(self) -> None:
        """Raise unless the file ends where the last answer does."""
        # its last byte is the first of those that are looked at together
        if self._read != len(self._file) + AHEAD - 1:
            raise _damaged(self._file)


def encode_codes(codes: Any) -> bytes:
    """Return rounded codes `(m, h, w)` as a file.

    Examples
    --------
    >>> codes = np.zeros((2, 4, 4), int)
    >>> codes[0, 1, 2] = -3
    >>> file = encode_codes(codes)
    >>> bool((decode_codes(file, codes.shape) == codes).all())
    True
    """
    contexts, answers = questions(codes)
    return encode_answers(answers.tolist(), contexts.tolist())


def decode_codes(file: bytes, shape: tuple[int, int, int]) -> np.ndarray:
    """Return the codes `(m, h, w)` that a file tells, integers.

    Parameters
    ----------
    file : bytes
        From :func:`encode_codes`.
    shape : (int, int, int)
        m, h and w, which the file does not tell.

    Examples
    --------
    >>> codes = np.array([[[1, 2], [3, -4]]])
    >>> file = encode_codes(codes)
    >>> decode_codes(file, (1, 2, 2)).tolist()
    [[[1, 2], [3, -4]]]
    >>> decode_codes(file + b"?", (1, 2, 2))
    Traceback (most recent call last):
    ...
    ValueError: `file` (='4 bytes') must be undamaged.
    """
    decoder = Decoder(file)
    ask = decoder.ask
    m, h, w = shape
    # a border of zeros above and on the left, and a unit before the first
    codes = np.zeros((m + 1, h + 1, w + 1), int)
    told = codes.copy()
    for j, y, x in np.ndindex(m, h, w):
        before, here = told[j], told[j + 1]
        near = (here[y + 1, x], here[y, x + 1], before[y + 1, x + 1])
        first = j * EACH
        value = 0
        if ask(first + sum(v != 0 for v in near)):
            negative = ask(first + NEAR)
            value = 1
            while ask(first + NEAR + min(value, MOST)):
                value += 1
                if value > LARGEST:
                    raise _damaged(file)
            value = -value if negative else value
        here[y + 1, x + 1] = value
        if j == 0:
            value += foretold(codes[1, y : y + 2, x : x + 2])[0, 0]
        codes[j + 1, y + 1, x + 1] = value
    decoder.close()
    return codes[1:, 1:, 1:]


def code_length(codes: Any) -> float:
    """Return how many bits theory gives the file of codes `(m, h, w)`.

    ::

        p(yes) = (n_1 + ½) / (n_0 + n_1 + 1)                    [2]
        Σ −log₂ p = −log₂ (Γ(n_0 + ½) Γ(n_1 + ½) / (π (n_0 + n_1)!))

    The sum over a context's answers depends only on how many they are in the
    end, so it takes no coder; the file is at most a few bytes longer.

    Examples
    --------
    The first of all answers costs one bit, as yes and no are equally likely:

    >>> round(code_length([[[0]]]), 6)
    1.0
    >>> codes = np.random.default_rng(0).integers(-2, 3, (4, 8, 8))
    >>> 0 <= 8 * len(encode_codes(codes)) - code_length(codes) < 16
    True
    """
    contexts, answers = questions(codes)
    yes = np.bincount(contexts[answers == 1], minlength=contexts.max() + 1)
    no = np.bincount(contexts[answers == 0], minlength=len(yes))
    ln_gamma = np.vectorize(math.lgamma)
    nats = ln_gamma(no + 0.5) + ln_gamma(yes + 0.5) - ln_gamma(no + yes + 1.0)
    return float((math.log(math.pi) - nats).sum() / math.log(2))


def questions(codes: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the contexts and the answers that tell codes `(m, h, w)`.

    Unit by unit, row by row: Is it 0? (A context for each unit and for how
    many of three neighbours are not 0: the one on the left, the one above,
    and the unit before at this place.) Is it negative? Is it more than 1?
    More than 2? … Of unit 0, which is as good as the block's mean grey, what
    is told is how far it is from what its neighbours foretell.

    Examples
    --------
    0 takes one question, −2 four: it is not 0, is negative, more than 1 and
    not more than 2.

    >>> contexts, answers = questions([[[0]], [[-2]]])
    >>> answers
    array([0, 1, 1, 1, 0])
    """
    codes = np.asarray(codes)
    whole = np.issubdtype(codes.dtype, np.integer)
    if not whole or codes.ndim != 3 or not codes.size:
        raise must("codes", codes, "be whole numbers `(m, h, w)`")
    told = codes.copy()
    told[0] -= foretold(np.pad(codes[0], ((1, 0), (1, 0))))
    if abs(told).max() > LARGEST:
        rule = f"be at most {LARGEST} from what foretells them"
        raise must("codes", abs(told).max(), rule)
    some = np.pad(told != 0, ((1, 0), (1, 0), (1, 0))).astype(int)
    near = some[1:, 1:, :-1] + some[1:, :-1, 1:] + some[:-1, 1:, 1:]
    unit = np.arange(len(codes))[:, None, None]
    kind = (unit * EACH + near).ravel()
    value = told.ravel()
    # 0 takes one question, ±v takes v + 2
    count = np.where(value == 0, 1, abs(value) + 2)
    k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    kind, near, value = (
        np.repeat(a, count) for a in (kind, near.ravel(), value)
    )
    later = kind - near + NEAR + np.minimum(np.maximum(k - 1, 0), MOST)
    answers = np.select([k == 0, k == 1], [value != 0, value < 0], False)
    answers = np.where(k > 1, abs(value) > k - 1, answers)
    return np.where(k == 0, kind, later), answers.astype(int)


def foretold(values: np.ndarray) -> np.ndarray:
    """Return what `(h + 1, w + 1)` values foretell of those on the right.

    It is the median of the value on the left, the one above, and left + above
    − above on the left [3]: an edge, whichever way it runs, is foretold.
    """
    left, above, corner = values[1:, :-1], values[:-1, 1:], values[:-1, :-1]
    return np.median([left, above, left + above - corner], axis=0).astype(int)


def _check(answers: Any, contexts: Any) -> None:
    """Raise unless each answer is 0 or 1 and has a context."""
    if len(answers) != len(contexts):
        rule = f"be as many as the {len(answers)} answers"
        raise must("contexts", f"{len(contexts)} numbers", rule)
    if not {0, 1}.issuperset(answers):
        raise must("answers", answers, "hold nothing but 0 and 1")


def _damaged(file: bytes) -> ValueError:
    return must("file", f"{len(file)} bytes", "be undamaged")


def _counts() -> Any:
    return defaultdict(lambda: [0, 0])


def _share_of_no(span: int, count: list[int]) -> int:
    """Return how much of the interval goes to a no: (n_0 + ½) / (n + 1)."""
    no, yes = count
    return span * (2 * no + 1) // (2 * (no + yes) + 2)
