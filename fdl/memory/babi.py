"""Stories as a network with a memory reads them, word by word.

Each word or mark is one step. Where a question is answered, the input is a
"-" for each word of the answer, and that word is what should come out; what
the network says at other steps is nobody's business::

    in    where  is  mary  ?  -
    out                       bathroom

Letters: ``B`` stories; ``T`` steps; ``V`` tokens.

Differences from the book: none.

Book: ch. 8, "Teaching a DNC to Read and Comprehend"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fdl.data.stories import Stories, Story
from fdl.errors import ShapeError, must
from fdl.scratch._checks import whole

__all__ = [
    "BLANK",
    "FAILED",
    "NOTHING",
    "StorySteps",
    "encode",
    "lexicon",
    "one_hot",
    "task_errors",
    "tokens_of",
]

BLANK = "-"  # stands in the input where an answer belongs
NOTHING = -1  # no token: padding, or a step at which nothing is asked
FAILED = 0.05  # a task with a larger error counts as failed
_TOKEN = re.compile(r"[^\W\d_]+|[.?]")


def tokens_of(text: str) -> list[str]:
    """Return the words and marks of a sentence, in small letters.

    Numbers are left out, and all marks but the full stop and the question
    mark.

    Examples
    --------
    >>> tokens_of("Where is the milk, Mary?")
    ['where', 'is', 'the', 'milk', 'mary', '?']
    """
    return _TOKEN.findall(text.lower())


def lexicon(stories: Iterable[Story]) -> list[str]:
    """Return all tokens of stories and their answers, "-" first.

    The others are in alphabetical order.

    Examples
    --------
    >>> from fdl.data.stories import Line, Story
    >>> lines = Line("Mary is here."), Line("Where is Mary?", ("here",))
    >>> lexicon([Story(1, lines)])
    ['-', '.', '?', 'here', 'is', 'mary', 'where']
    """
    _refuse_whole(stories)
    texts: set[str] = set()
    answers: set[str] = set()
    for story in stories:
        for line in story.lines:
            texts.add(line.text)
            answers.update(line.answers)
    found = {answer.lower() for answer in answers}
    for text in texts:
        found.update(tokens_of(text))
    return [BLANK, *sorted(found)]


class StorySteps(NamedTuple):
    """Stories as numbers of tokens, one story after the other.

    Attributes
    ----------
    tokens : array `(P,)`
        What goes in at each step of all stories.
    answers : array `(P,)`
        What should come out; ``NOTHING`` where that is nobody's business.
    questions : array `(P,)`
        Which question is answered there, from 0 up through all stories;
        else ``NOTHING``.
    starts : array `(S + 1,)`
        Where each of the S stories begins, and where the last one ends.
    tasks : array `(S,)`
        The stories' tasks.

    Examples
    --------
    >>> from fdl.data.stories import Line, Story
    >>> short = Story(1, (Line("Who?", ("Ben",)),))
    >>> long = Story(1, (Line("Ben ran."), Line("Who ran?", ("Ben",))))
    >>> stories = [short, long]
    >>> steps = encode(stories, lexicon(stories))
    >>> steps.lengths
    array([3, 7])
    >>> steps.rows([0, 1])[0]  # tokens by number, padded
    array([[ 5,  2,  0, -1, -1, -1, -1],
           [ 3,  4,  1,  5,  4,  2,  0]], dtype=int32)
    >>> len(steps.up_to(4).tasks)
    1
    """

    tokens: np.ndarray
    answers: np.ndarray
    questions: np.ndarray
    starts: np.ndarray
    tasks: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each story, `(S,)`."""
        return np.diff(self.starts)

    def rows(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return some stories, padded to the longest.

        Parameters
        ----------
        rows : array `(B,)`
            Their numbers, 0 for the first; at least one.

        Returns
        -------
        tokens, answers : array `(B, T)`
            ``NOTHING`` where a story has ended.
        """
        rows = np.asarray(rows)
        if rows.ndim != 1 or not rows.size:
            text = f"`rows` (=of shape {rows.shape}) must be (B,), B ≥ 1."
            raise ShapeError(text)
        _among("rows", rows, 0, len(self.tasks) - 1)
        lengths = self.lengths[rows][:, None]
        steps = np.arange(lengths.max())
        real = steps < lengths
        places = np.where(real, self.starts[rows][:, None] + steps, 0)
        return (
            np.where(real, self.tokens[places], NOTHING),
            np.where(real, self.answers[places], NOTHING),
        )

    def up_to(self, longest: int) -> StorySteps:
        """Return the stories that are no longer than this.

        Parameters
        ----------
        longest : int
            Steps.
        """
        short = self.lengths <= whole("longest", longest)
        if not short.any():
            rule = f"leave a story; the shortest has {self.lengths.min()}"
            raise must("longest", longest, rule)
        kept = np.repeat(short, self.lengths)
        return StorySteps(
            tokens=self.tokens[kept],
            answers=self.answers[kept],
            questions=self.questions[kept],
            starts=np.cumsum([0, *self.lengths[short]]),
            tasks=self.tasks[short],
        )


def encode(stories: Sequence[Story], tokens: Sequence[str]) -> StorySteps:
    """Return stories as numbers.

    Parameters
    ----------
    stories : sequence of Story
        What to encode.
    tokens : sequence of str
        Of :func:`lexicon`.

    Raises
    ------
    ValueError
        If a word has no number.

    Examples
    --------
    >>> from fdl.data.stories import Line, Story
    >>> lines = Line("Mary is here."), Line("Where is Mary?", ("here",))
    >>> stories = [Story(1, lines)]
    >>> tokens = lexicon(stories)
    >>> steps = encode(stories, tokens)
    >>> " ".join(tokens[k] for k in steps.tokens)
    'mary is here . where is mary ? -'
    >>> steps.answers.tolist()
    [-1, -1, -1, -1, -1, -1, -1, -1, 3]
    """
    _refuse_whole(stories)
    if not stories:
        raise must("stories", stories, "hold at least one story")
    number = {token: k for k, token in enumerate(tokens)}
    if BLANK not in number:
        raise must("tokens", list(tokens)[:3], f"have {BLANK!r} among them")

    def numbers(words: Iterable[str]) -> list[int]:
        try:
            return [number[word] for word in words]
        except KeyError as error:
            rule = f"hold the story's word {error}"
            raise must("tokens", f"{len(tokens)} tokens", rule) from None

    known: dict[str, list[int]] = {}  # most sentences come many times
    shown: list[int] = []
    asked: list[int] = []
    which: list[int] = []
    starts, question = [0], 0
    for story in stories:
        for line in story.lines:
            if line.text not in known:
                known[line.text] = numbers(tokens_of(line.text))
            text = known[line.text]
            answers = numbers(word.lower() for word in line.answers)
            shown += [*text, *[number[BLANK]] * len(answers)]
            asked += [*[NOTHING] * len(text), *answers]
            which += [*[NOTHING] * len(text), *[question] * len(answers)]
            question += bool(answers)
        starts.append(len(shown))
    return StorySteps(
        np.array(shown, np.int32),
        np.array(asked, np.int32),
        np.array(which, np.int32),
        np.array(starts),
        np.array([story.task for story in stories]),
    )


def one_hot(numbers: np.ndarray, size: int) -> np.ndarray:
    """Return a 1 in the place of each number, and zeros for ``NOTHING``.

    Parameters
    ----------
    numbers : array `(B, T)`
        ``NOTHING`` to size − 1.
    size : int
        V.

    Returns
    -------
    array `(B, T, V)`
        Of float32.

    Examples
    --------
    >>> one_hot(np.array([[1, NOTHING]]), 3)
    array([[[0., 1., 0.],
            [0., 0., 0.]]], dtype=float32)
    """
    numbers = np.asarray(numbers)
    _among("numbers", numbers, NOTHING, whole("size", size) - 1)
    # NOTHING, which is -1, takes the last row: that of zeros
    return np.eye(size + 1, size, dtype=np.float32)[numbers]


def task_errors(said: np.ndarray, steps: StorySteps) -> dict[int, float]:
    """Return the share of questions answered wrongly, task by task.

    An answer of several words is right if all of them are, each in its
    place.

    Parameters
    ----------
    said : array `(P,)`
        Of ``fdl.memory.reading.answer``.
    steps : StorySteps
        The stories.

    Examples
    --------
    An answer of two words, of which one is wrong, is wrong:

    >>> from fdl.data.stories import Line, Story
    >>> stories = [Story(8, (Line("What?", ("map", "lamp")),))]
    >>> steps = encode(stories, lexicon(stories))
    >>> said = steps.answers.copy()
    >>> task_errors(said, steps)
    {8: 0.0}
    >>> said[-1] = 0
    >>> task_errors(said, steps)
    {8: 1.0}
    """
    said = np.asarray(said)
    if said.shape != steps.answers.shape:
        raise ShapeError(
            f"`said` (=of shape {said.shape}) must be of shape "
            f"{steps.answers.shape}, as `steps.answers`."
        )
    asked = np.flatnonzero(steps.questions != NOTHING)
    _, first, which = np.unique(
        steps.questions[asked], return_index=True, return_inverse=True
    )
    missed = np.bincount(which, said[asked] != steps.answers[asked]) > 0
    # the task of each question: that of the story in which it stands
    story = np.searchsorted(steps.starts, asked[first], "right") - 1
    task = steps.tasks[story]
    return {int(k): float(missed[task == k].mean()) for k in np.unique(task)}


def _refuse_whole(stories: Any) -> None:
    """Raise if these are what was loaded, which holds more than stories."""
    if isinstance(stories, Stories):
        raise must("stories", stories, "be a list: take its `.stories`")


def _among(name: str, numbers: np.ndarray, least: int, most: int) -> None:
    """Raise unless all are whole numbers between two limits."""
    rule = f"hold whole numbers from {least} to {most}"
    if not np.issubdtype(numbers.dtype, np.integer):
        raise must(name, f"of type {numbers.dtype}", rule)
    wrong = (numbers < least) | (numbers > most)
    if wrong.any():
        raise must(name, numbers[wrong][0].item(), rule)
