"""Stories with questions, in the format of the bAbI tasks.

A line has its number in the story, and a sentence; or a question, what
answers it, and the numbers of the lines that show it, parted by tabs::

    1 Mary took the milk.
    2 Mary went to the office.
    3 Where is the milk?	office	1 2

[1] Weston et al. 2015, "Towards AI-Complete Question Answering",
arXiv:1502.05698

Letters: none.

Book: ch. 8, "Teaching a DNC to Read and Comprehend"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Optional, Union

from fdl.data import storyteller
from fdl.data.archives import damage, members, open_plain
from fdl.data.entries import Copy, Entry, Source
from fdl.errors import DataError, must
from fdl.scratch._checks import whole

__all__ = [
    "TASKS",
    "Line",
    "Stories",
    "Story",
    "babi",
    "babi_sample",
    "read_stories",
]

TASKS = (
    "single supporting fact",
    "two supporting facts",
    "three supporting facts",
    "two arg relations",
    "three arg relations",
    "yes no questions",
    "counting",
    "lists sets",
    "simple negation",
    "indefinite knowledge",
    "basic coreference",
    "conjunction",
    "compound coreference",
    "time reasoning",
    "basic deduction",
    "basic induction",
    "positional reasoning",
    "size reasoning",
    "path finding",
    "agents motivations",
)
SAMPLE = {"train": 300, "test": 60}  # made-up stories of each task


class Line(NamedTuple):
    """A sentence of a story, or a question about it.

    Attributes
    ----------
    text : str
        What it says.
    answers : tuple of str
        The words that answer it; none, if it is a sentence.
    facts : tuple of int
        Which lines show the answer; the story's first one is 1.

    Examples
    --------
    >>> asked = Line("Where is the milk?", ("office",), (1, 2))
    >>> [bool(line.answers) for line in (Line("Mary left."), asked)]
    [False, True]
    """

    text: str
    answers: tuple[str, ...] = ()
    facts: tuple[int, ...] = ()


class Story(NamedTuple):
    """What happens, and what is asked about it, line by line.

    Attributes
    ----------
    task : int
        The task's number, 1 for the first of ``TASKS``.
    lines : tuple of Line
        At least one of them is a question.

    Examples
    --------
    >>> told = Line("Ada came in.")
    >>> asked = Line("Who came in?", ("Ada",), (1,))
    >>> story = Story(1, (told, asked, told, asked))
    >>> len(story.questions), len(story.up_to(1).lines)
    (2, 2)
    """

    task: int
    lines: tuple[Line, ...]

    @property
    def questions(self) -> tuple[Line, ...]:
        """The lines that ask something."""
        return tuple(line for line in self.lines if line.answers)

    def up_to(self, questions: int) -> Story:
        """Return the story as far as this question."""
        whole("questions", questions)
        asked = [k for k, line in enumerate(self.lines) if line.answers]
        end = asked[min(questions, len(asked)) - 1] + 1
        return Story(self.task, self.lines[:end])


class Stories(NamedTuple):
    """Stories of several tasks.

    Attributes
    ----------
    stories : tuple of Story
        The stories.
    source : Source
        Where they come from.

    Examples
    --------
    >>> asked = Line("Is it late?", ("no",))
    >>> source = Source("stories", "official", "written down here")
    >>> some = Stories((Story(1, (asked,)), Story(6, (asked,))), source)
    >>> some.tasks, some.of([6]).tasks
    ((1, 6), (6,))
    """

    stories: tuple[Story, ...]
    source: Source

    @property
    def tasks(self) -> tuple[int, ...]:
        """Numbers of the tasks that there are stories of."""
        return tuple(sorted({story.task for story in self.stories}))

    def of(self, tasks: Iterable[int]) -> Stories:
        """Return the stories of some tasks.

        Parameters
        ----------
        tasks : iterable of int
            Their numbers.
        """
        if isinstance(tasks, str) or not isinstance(tasks, Iterable):
            raise must("tasks", tasks, "be a list of numbers")
        wanted = tuple(tasks)
        for task in wanted:
            if task not in self.tasks:
                known = ", ".join(map(str, self.tasks))
                raise must("tasks", task, f"be among the ones here: {known}")
        kept = tuple(s for s in self.stories if s.task in wanted)
        return Stories(kept, self.source)

    def __repr__(self) -> str:
        return (
            f"Stories({len(self.stories):,} of {len(self.tasks)} tasks, "
            f"{self.source.name})"
        )


def read_stories(path: Union[str, Path], task: int = 1) -> Stories:
    r"""Read a file of stories.

    Parameters
    ----------
    path : str or Path
        The file, perhaps compressed.
    task : int
        The number of the task that it belongs to, 1 to 20.

    Raises
    ------
    DataError
        What is wrong, by file and line.

    Examples
    --------
    >>> lines = ["1 Mary took the milk.", "2 Who has the milk?\tMary\t1"]
    >>> _ = Path("milk.txt").write_text("\n".join(lines))
    >>> milk = read_stories("milk.txt")
    >>> milk.stories[0].questions
    (Line(text='Who has the milk?', answers=('Mary',), facts=(1,)),)
    >>> _ = Path("milk.txt").write_text("\n".join(reversed(lines)))
    >>> read_stories("milk.txt")
    Traceback (most recent call last):
    fdl.errors.DataError: milk.txt, line 1 has the number 2, and not 1.
    """
    whole("task", task, 1, len(TASKS))
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not a file.")
    with damage(path), open_plain(path) as stream:
        body = stream.read()
    source = Source(path.name, "official", "read from a file")
    return Stories(tuple(_stories(body, str(path), task)), source)


def babi(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Stories:
    r"""Return the stories of a part, those with 10,000 questions a task.

    Examples
    --------
    >>> import zipfile
    >>> from fdl.data.catalog import entry
    >>> with zipfile.ZipFile("pack.zip", "w") as pack:
    ...     for task, kind in ((4, "two-arg"), (6, "yes-no")):
    ...         name = f"tasks/en-10k/qa{task}_{kind}_test.txt"
    ...         pack.writestr(name, "1 Is it late?\tno\t")
    >>> row, paths = entry("babi"), {"pack.zip": Path("pack.zip")}
    >>> babi(row, row.copies[0], paths, "test").tasks
    (4, 6)
    """
    (archive,) = paths.values()
    pattern = re.compile(rf".*/en-10k/qa(\d{{1,2}})_[a-z-]+_{split}\.txt")
    found: dict[int, list[Story]] = {}
    for name, stream in members(archive):
        match = pattern.fullmatch(name)
        task = int(match[1]) if match else 0
        if 1 <= task <= len(TASKS):
            with damage(archive):
                body = stream.read()
            found[task] = _stories(body, f"{archive}: {name}", task)
    if not found:
        raise DataError(f"{archive} holds no story for {split!r}.")
    stories = tuple(story for task in sorted(found) for story in found[task])
    return Stories(stories, copy.source(row.name))


def babi_sample(row: Entry, split: Optional[str]) -> Optional[Stories]:
    """Return stories of our own in the same format.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> babi_sample(entry("squeezenet"), "train")
    Traceback (most recent call last):
    ValueError: `row` (='squeezenet') must have a sample.
    """
    if split is None:
        return None
    if row.sample is None:
        raise must("row", row.name, "have a sample")
    detail = f"{row.sample.name}: {row.sample.detail}"
    return Stories(_made_up(split), Source(row.name, "sample", detail))


@cache
def _made_up(split: str) -> tuple[Story, ...]:
    found: list[Story] = []
    for task in storyteller.TELLERS:
        # the two parts are parts of one list
        told = storyteller.tell(task, sum(SAMPLE.values()))
        first, last = told[: SAMPLE["train"]], told[SAMPLE["train"] :]
        body = "".join(first if split == "train" else last)
        found += _stories(body.encode(), f"the made-up task {task}", task)
    return tuple(found)


# -- the format

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def _stories(body: bytes, where: str, task: int) -> list[Story]:
    """Return the stories of a file, or say which line is wrong."""

    def wrong(line: int, what: str) -> DataError:
        return DataError(f"{where}, line {line} {what}.")

    rows = body.split(b"\n")
    if not rows[-1]:
        rows.pop()
    found: list[Story] = []
    lines: list[Line] = []
    known: dict[str, Line] = {}  # most sentences come many times
    for at, row in enumerate(rows, 1):
        try:
            text = row.decode("utf-8").removesuffix("\r")
        except UnicodeDecodeError:
            raise wrong(at, "is not UTF-8 text") from None
        number, _, said = text.partition(" ")
        if number == "1" and lines:
            found.append(_whole(lines, task, wrong, at - 1))
            lines = []
        if number != str(len(lines) + 1):
            if not _NUMBER.fullmatch(number):
                raise wrong(at, "does not begin with its number")
            first = f"1 or {len(lines) + 1}" if lines else "1"
            raise wrong(at, f"has the number {number}, and not {first}")
        if said not in known:
            try:
                known[said] = _line(said)
            except ValueError as error:
                raise wrong(at, str(error)) from None
        line = known[said]
        if line.facts and max(line.facts) > len(lines):
            fact = max(line.facts)
            raise wrong(at, f"names {fact}, which is no line before it")
        lines.append(line)
    if not lines:
        raise DataError(f"{where} holds no story.")
    found.append(_whole(lines, task, wrong, len(rows)))
    return found


def _line(said: str) -> Line:
    """Return a line, or raise a ``ValueError`` that says what it does."""
    for letter in said.replace("\t", ""):
        if not letter.isprintable():
            raise ValueError(f"holds {letter!r}, which cannot be seen")
    text, *more = said.split("\t")
    if not _LETTER.search(text):
        raise ValueError("says nothing")
    if not more:
        return Line(text.strip())
    if len(more) != 2:
        raise ValueError(f"has {len(more)} tabs, where a question has 2")
    answers = tuple(more[0].split(","))
    for answer in answers:
        if not _WORD.fullmatch(answer):
            raise ValueError(f"has the answer {answer!r}, which is no word")
    facts = more[1].split()
    for fact in facts:
        if not _NUMBER.fullmatch(fact):
            raise ValueError(f"names {fact!r}, which is no line before it")
    return Line(text.strip(), answers, tuple(map(int, facts)))


def _whole(
    lines: list[Line], task: int, wrong: Callable[..., DataError], at: int
) -> Story:
    if not any(line.answers for line in lines):
        raise wrong(at, "ends a story without a question")
    return Story(task, tuple(lines))
