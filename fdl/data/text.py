"""Texts: read anew for every pass, a piece at a time, never all at once.

A `Text` hands out pieces of about a megabyte that hold whole lines; a line is
as far as words see each other. `read` opens any text file, with gzip, xz or
bzip2 around it or without.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Callable, Optional, Union

from fdl.data.archives import damage, members, open_plain
from fdl.data.entries import Copy, Entry, Source
from fdl.errors import ChecksumError, DataError, must

__all__ = [
    "Text",
    "brown",
    "packed",
    "prose",
    "ptb",
    "read",
    "shakespeare",
]

PIECE = 1 << 20  # characters
LONGEST = 1 << 16  # of one word; a file with longer ones is no text
PROSE_SHA256 = (
    "3f454becd6382ad1cf4bbb86ad468f927520b7f62f8648fd11c2741c6c6c959c"
)


class Text:
    """Lines of words that can be read again and again.

    Parameters
    ----------
    pieces : callable
        Returns a fresh iterator over strings of whole lines.
    source : Source
        Where the text comes from.

    Examples
    --------
    >>> text = Text.of(["the boy went", "to the bank"])
    >>> list(text.lines())
    [['the', 'boy', 'went'], ['to', 'the', 'bank']]
    """

    def __init__(
        self, pieces: Callable[[], Iterable[str]], source: Source
    ) -> None:
        self._pieces = pieces
        self.source = source

    @classmethod
    def of(cls, lines: Iterable[str], name: str = "text") -> Text:
        """Return a text of these lines."""
        if isinstance(lines, str):
            lines = lines.splitlines()
        kept = [f"{line}\n" for line in lines]
        return cls(lambda: kept, Source(name, "official", "given in full"))

    def __repr__(self) -> str:
        return f"Text({self.source.name!r}, {self.source.detail!r})"

    def pieces(self) -> Iterator[str]:
        """Yield the text, some lines at a time."""
        yield from self._pieces()

    def lines(self) -> Iterator[list[str]]:
        """Yield the words of each line."""
        for piece in self._pieces():
            for line in piece.split("\n"):
                words = line.split()
                if words:
                    yield words


def read(path: Union[str, Path], lower: bool = False) -> Text:
    r"""Return the text in a file.

    Words are what stands between blanks; nothing else is done to them. The
    file is read once for each pass and never held in memory. In a line of
    more than a megabyte, words see each other as far as a piece reaches.

    Parameters
    ----------
    path : str or Path
        UTF-8, plain or in gzip, xz or bzip2.
    lower : bool
        Make all letters small.

    Raises
    ------
    DataError
        If the file is missing, or, while it is read, is no text.

    Examples
    --------
    >>> _ = Path("notes.txt").write_text("The boy went\nto the bank\n")
    >>> list(read("notes.txt", lower=True).lines())
    [['the', 'boy', 'went'], ['to', 'the', 'bank']]
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not a file that can be read.")

    def pieces() -> Iterator[str]:
        with damage(path), open_plain(path) as stream:
            for piece in _decoded(stream, path):
                yield piece.lower() if lower else piece

    return Text(pieces, Source(path.name, "official", "a text file"))


def _decoded(stream: IO[bytes], path: Path) -> Iterator[str]:
    """Yield strings that end where a line or at least a word ends."""
    # some programs put a mark in front of UTF-8, which is no letter
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    while True:
        chunk = stream.read(PIECE)
        try:
            text = rest + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise DataError(f"{path} is not UTF-8 text: {error}.") from None
        if not chunk:
            if text:
                yield text
            return
        end = text.rfind("\n") + 1
        if not end and len(text) > PIECE:
            # one endless line: cut it at its last blank
            found = re.search(r"\s\S*\Z", text)
            end = found.start() + 1 if found else 0
        if len(text) - end > PIECE + LONGEST:
            raise DataError(
                f"{path} has a word of more than {LONGEST:,} characters, so "
                "it is not a text."
            )
        if end:
            yield text[:end]
        rest = text[end:]


def ptb(row: Entry, copy: Copy, paths: Mapping[str, Path], split: str) -> Text:
    r"""Return one split of the Penn Treebank text, a sentence a line.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> _ = Path("valid").write_text(" no it was n't <unk> \n")
    >>> row, paths = entry("ptb"), {"ptb.valid.txt": Path("valid")}
    >>> next(ptb(row, row.copies[0], paths, "valid").lines())
    ['no', 'it', 'was', "n't", '<unk>']
    """
    start = f"ptb.{split}.txt"
    (path,) = (p for kept, p in paths.items() if kept.startswith(start))
    return Text(read(path).pieces, copy.source(row.name))


def brown(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Text:
    """Return the Brown corpus, a sentence a line, small letters, no tags.

    Examples
    --------
    >>> import zipfile
    >>> from fdl.data.catalog import entry
    >>> with zipfile.ZipFile("brown.zip", "w") as pack:
    ...     pack.writestr("brown/ca01", "The/at jury/nn said/vbd ./.")
    >>> row, paths = entry("brown"), {"brown.zip": Path("brown.zip")}
    >>> list(brown(row, row.copies[0], paths, "train").lines())
    [['the', 'jury', 'said', '.']]
    """
    (archive,) = paths.values()

    def pieces() -> Iterator[str]:
        for name, stream in members(archive):
            if re.fullmatch(r".*/c[a-r]\d\d", name) is None:
                continue
            with damage(archive):
                body = stream.read().decode("ascii")
            # "The/at jury/nn said/vbd ./." → "the jury said ."
            yield re.sub(r"/[^/\s]+(?=\s|\Z)", "", body).lower()

    return Text(pieces, copy.source(row.name))


def shakespeare(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Text:
    r"""Return the plays, letter by letter as they are.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> _ = Path("input.txt").write_text("First Citizen:\nSpeak, speak.\n")
    >>> row, paths = entry("shakespeare"), {"input.txt": Path("input.txt")}
    >>> "".join(shakespeare(row, row.copies[0], paths, "train").pieces())
    'First Citizen:\nSpeak, speak.\n'
    """
    (path,) = paths.values()
    return Text(read(path).pieces, copy.source(row.name))


def packed(name: str, sha256: str) -> str:
    """Return a text that ``fdl`` carries.

    Parameters
    ----------
    name : str
        The file beside this module.
    sha256 : str
        Of its content.

    Raises
    ------
    ChecksumError
        If it holds something else.

    Examples
    --------
    >>> len(packed("prose.txt.xz", PROSE_SHA256).split())
    24401
    >>> packed("prose.txt.xz", "0" * 64)
    Traceback (most recent call last):
    fdl.errors.ChecksumError: ...prose.txt.xz does not hold what fdl carries
    there.
    """
    path = Path(__file__).parent / name
    with damage(path), open_plain(path) as stream:
        body = stream.read()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise ChecksumError(f"{path} does not hold what fdl carries there.")
    return body.decode("ascii")


def prose(row: Entry, split: Optional[str]) -> Optional[Text]:
    """Return prose of this book's first five chapters, a sentence a line.

    Of every ten sentences the ninth is for validation and the tenth for
    testing. Small letters, no marks, no formulas.

    Parameters
    ----------
    row : Entry
        The set for which it stands in.
    split : str or None
        Which part, or None, which only makes sure that the file is there.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> test = prose(entry("ptb"), "test")
    >>> test.source.kind, sum(map(len, test.lines())) < 24401 / 5
    ('sample', True)
    """
    lines = packed("prose.txt.xz", PROSE_SHA256).splitlines()
    if split is None:
        return None
    parts = {
        "train": [s for k, s in enumerate(lines) if k % 10 < 8],
        "valid": lines[8::10],
        "test": lines[9::10],
    }
    if len(row.splits) == 1:
        parts["train"] = lines
    if row.sample is None:
        raise must("row", row.name, "have a sample")
    detail = f"{row.sample.name}: {row.sample.detail}"
    text = Text.of(parts[split], row.name)
    return Text(text.pieces, Source(row.name, "sample", detail))
