"""Sentences and their translations, in two files, a line each."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Optional, Union

from fdl.data import grammar
from fdl.data.archives import damage, open_plain
from fdl.data.entries import Copy, Entry, Source
from fdl.data.tokens import squeeze
from fdl.errors import DataError, must

__all__ = ["Parallel", "made_up", "multi30k", "read_parallel"]

# what the publisher calls the parts
FILES = {
    "train": "train",
    "val": "val",
    "test2016": "test_2016_flickr",
    "test2017": "test_2017_flickr",
    "mscoco": "test_2017_mscoco",
}
# made-up sentences: the first for learning, then those of the other parts
MADE_UP = {"train": 4000, "val": 300, **dict.fromkeys(list(FILES)[2:], 200)}


class Parallel(NamedTuple):
    """Sentences in one language and in another.

    Attributes
    ----------
    inputs : tuple of str
        What is to be translated.
    targets : tuple of str
        Their translations.
    source : Source
        Where both come from.

    Examples
    --------
    >>> both = Parallel.of([("I read.", "Je lis.")])
    >>> both.inputs, both.targets
    (('I read.',), ('Je lis.',))
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    source: Source

    @classmethod
    def of(
        cls, pairs: Iterable[tuple[str, str]], name: str = "pairs"
    ) -> Parallel:
        """Return these pairs, blanks squeezed."""
        found = []
        for k, pair in enumerate(pairs):
            if isinstance(pair, str) or len(pair) != 2:
                raise must("pairs", pair, f"hold two sentences in pair {k}")
            found.append((squeeze(pair[0]), squeeze(pair[1])))
        if not found:
            raise must("pairs", found, "hold one pair or more")
        for k, pair in enumerate(found):
            if not all(pair):
                raise must("pairs", pair, f"hold two sentences in pair {k}")
        inputs, targets = zip(*found)
        return cls(inputs, targets, Source(name, "official", "given in full"))

    def __repr__(self) -> str:
        return f"Parallel({len(self.inputs):,} pairs of {self.source.name})"

    def up_to(self, words: int) -> Parallel:
        """Return the pairs in which neither has more words than this.

        Parameters
        ----------
        words : int
            What stands between blanks is a word here.
        """
        kept = [
            pair
            for pair in zip(self.inputs, self.targets)
            if max(len(s.split()) for s in pair) <= words
        ]
        if not kept:
            raise must("words", words, "leave a pair")
        inputs, targets = zip(*kept)
        return Parallel(inputs, targets, self.source)


def read_parallel(
    inputs: Union[str, Path], targets: Union[str, Path]
) -> Parallel:
    r"""Return what two files hold, line k of one beside line k of the other.

    Blanks at the ends of a line are dropped, and several in a row are one.

    Parameters
    ----------
    inputs, targets : str or Path
        UTF-8, a sentence a line, plain or in gzip, xz or bzip2.

    Raises
    ------
    DataError
        If a file is missing or no text, a line is empty or holds a control
        character, or one file has more lines; file and line are named.

    Examples
    --------
    >>> _ = Path("en.txt").write_text("I  read.\nI sleep.\n")
    >>> _ = Path("fr.txt").write_text("Je lis.\nJe dors.\n")
    >>> both = read_parallel("en.txt", "fr.txt")
    >>> both.inputs[0], both.targets[0]
    ('I read.', 'Je lis.')
    >>> _ = Path("fr.txt").write_text("Je lis.\n")
    >>> read_parallel("en.txt", "fr.txt")
    Traceback (most recent call last):
    fdl.errors.DataError: en.txt and fr.txt must have as many lines as each
    other; got 2 and 1.
    """
    paths = [Path(inputs), Path(targets)]
    left, right = (_lines(path) for path in paths)
    if len(left) != len(right):
        raise DataError(
            f"{paths[0]} and {paths[1]} must have as many lines as each "
            f"other; got {len(left):,} and {len(right):,}."
        )
    name = paths[0].name
    source = Source(name, "official", "a pair of text files")
    return Parallel(tuple(left), tuple(right), source)


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise DataError(f"{path} is not a file that can be read.")
    with damage(path), open_plain(path) as stream:
        body = stream.read()
    rows = body.split(b"\n")
    if rows[-1] == b"":  # the end of the last line
        rows.pop()
    if not rows:
        raise DataError(f"{path} holds no sentence.")
    return [_line(row, path, number) for number, row in enumerate(rows, 1)]


def _line(row: bytes, path: Path, number: int) -> str:
    try:
        # some editors begin a file with a mark of its byte order
        text = row.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        where = f"{path}, line {number:,}"
        raise DataError(f"{where} is not UTF-8 text: {error}.") from None
    line = squeeze(text)
    if not line:
        raise DataError(f"{path}, line {number:,} is empty.")
    if not line.isprintable() and any(ord(c) < 32 for c in line):
        raise DataError(f"{path}, line {number:,} holds a control character.")
    return line


def multi30k(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Parallel:
    """Return one part of Multi30k, English and French.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> row, paths = entry("multi30k"), {}
    >>> for language, text in (("en", "I read."), ("fr", "Je lis.")):
    ...     paths[f"val.{language}.gz"] = Path(language)  # it may be plain
    ...     _ = Path(language).write_text(text)
    >>> multi30k(row, row.copies[0], paths, "val")
    Parallel(1 pairs of multi30k)
    """
    english, french = (
        paths[f"{FILES[split]}.{language}.gz"] for language in ("en", "fr")
    )
    read = read_parallel(english, french)
    return read._replace(source=copy.source(row.name))


def made_up(row: Entry, split: Optional[str]) -> Optional[Parallel]:
    """Return one part of the grammar's sentences and their translations.

    Parameters
    ----------
    row : Entry
        The set for which they stand in.
    split : str or None
        Which part, or None, which asks for nothing.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> made_up(entry("squeezenet"), "train")
    Traceback (most recent call last):
    ValueError: `row` (='squeezenet') must have a sample.
    """
    if split is None:
        return None
    if row.sample is None:
        raise must("row", row.name, "have a sample")
    names = list(MADE_UP)
    start = sum(MADE_UP[name] for name in names[: names.index(split)])
    part = _sentences()[start : start + MADE_UP[split]]
    detail = f"{row.sample.name}: {row.sample.detail}"
    return Parallel.of(part)._replace(
        source=Source(row.name, "sample", detail)
    )


@functools.cache
def _sentences() -> list[tuple[str, str]]:
    made = grammar.sentences(sum(MADE_UP.values()))
    return [
        (grammar.spelled(one.words), grammar.spelled(one.french))
        for one in made
    ]
