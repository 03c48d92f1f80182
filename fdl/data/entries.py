"""Forms of the catalog: what a data set is, where it is, how to know it.

An `Entry` is one row. It is had as one of its `Copy` objects, in the order
given: the official files first, then what was repacked or converted from
them. A copy is made of `File` objects, each with its size and checksums, and
an entry may name an offline `Sample` that stands in where a caller allows it.

Rules that a row must keep are checked when the row is built, so a wrong row
is an error at import and never a wrong download.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple, Optional

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = [
    "Content",
    "Copy",
    "Entry",
    "File",
    "Sample",
    "Source",
    "table",
]

_DIGITS = {"md5": 32, "sha256": 64}


class Source(NamedTuple):
    """Where the data that a process works with came from.

    Attributes
    ----------
    name : str
        The data set, as in the catalog.
    kind : str
        ``"official"``, ``"derived"`` or ``"sample"``.
    detail : str
        One phrase about this copy, fit for a caption.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> entry("squeezenet").copies[1].source("squeezenet").kind
    'derived'
    """

    name: str
    kind: str
    detail: str


def _check_hashes(owner: str, md5: str, sha256: str) -> None:
    for label, value in (("md5", md5), ("sha256", sha256)):
        if value and not re.fullmatch(f"[0-9a-f]{{{_DIGITS[label]}}}", value):
            rule = f"be {_DIGITS[label]} lower-case hex digits in {owner!r}"
            raise must(label, value, rule)


def _check_reader(owner: str, reader: str) -> None:
    if not re.fullmatch(r"[a-z_]\w*:[a-z_]\w*", reader):
        raise must("reader", reader, f"be 'module:function' in {owner!r}")


def _check_path(argument: str, path: str) -> None:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or ".." in parts:
        raise must(argument, path, "be a relative path without '..'")


@dataclass(frozen=True)
class Content:
    """What a file holds once its wrapper (gzip, xz, zip) is taken off.

    Attributes
    ----------
    name : str
        File name of the content.
    size : int
        Its bytes; unpacking stops there, whatever the wrapper holds.
    md5, sha256 : str
        Its checksums; at least one is given.

    Examples
    --------
    >>> Content("letters.txt", 3)
    Traceback (most recent call last):
    ValueError: `sha256` (='') must be given for 'letters.txt', or its md5.
    """

    name: str
    size: int
    md5: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        _check_path("name", self.name)
        whole("size", self.size, 0)
        _check_hashes(self.name, self.md5, self.sha256)
        if not (self.md5 or self.sha256):
            raise must("sha256", "", f"be given for {self.name!r}, or its md5")


@dataclass(frozen=True)
class File:
    """One file of a copy, as it is downloaded and as a mirror holds it.

    Attributes
    ----------
    path : str
        Path inside the set's folder, in a mirror and in the cache.
    size : int or None
        Bytes; None where the publisher does not say.
    md5, sha256 : str
        Checksums of the file. Both may be missing only where the content's
        checksum is known and the file is unwrapped at once (`member`).
    urls : tuple of str
        Official addresses of exactly these bytes, best first. Empty for a
        file that only a mirror holds.
    member : str
        Where the file is an archive of which one member is wanted, that
        member's name. Then the cache keeps the content, not the archive.
    content : Content or None
        What is inside the wrapper.

    Examples
    --------
    >>> inner = Content("letters.txt", 3, md5="0" * 32)
    >>> File("letters.zip", member="letters.txt", content=inner).kept
    'letters.txt'
    >>> File("../a.txt", md5="0" * 32)
    Traceback (most recent call last):
    ValueError: `path` (='../a.txt') must be a relative path without '..'.
    """

    path: str
    size: Optional[int] = None
    md5: str = ""
    sha256: str = ""
    urls: tuple[str, ...] = ()
    member: str = ""
    content: Optional[Content] = None

    def __post_init__(self) -> None:
        _check_path("path", self.path)
        if self.size is not None:
            whole("size", self.size, 0)
        _check_hashes(self.path, self.md5, self.sha256)
        if self.member and self.content is None:
            raise must(
                "content", None, f"be given for the member {self.member!r}"
            )
        if not (self.md5 or self.sha256 or self.member):
            raise must("sha256", "", f"be given for {self.path!r}, or its md5")

    @property
    def kept(self) -> str:
        """Path of what the cache keeps: the file, or the member wanted."""
        if self.member and self.content is not None:
            return self.content.name
        return self.path


@dataclass(frozen=True)
class Copy:
    """One way to have a data set.

    Attributes
    ----------
    name : str
        Short name, by which a reader tells the copies apart.
    kind : str
        ``"official"``: the publisher's own bytes. ``"repacked"``: the
        publisher's content in another wrapper, or a part of it.
        ``"derived"``: converted or lossy.
    files : tuple of File
        All files of the copy.
    derived_from : str
        What a copy that is not official was made from.
    note : str
        What its user must know.

    Examples
    --------
    >>> parts = File("a", 3, md5="0" * 32), File("b", 4, md5="1" * 32)
    >>> small = Copy("small", "derived", parts, "the large files", "a half")
    >>> small.bytes
    7
    >>> small.source("letters").detail
    'derived from the large files (a half)'
    """

    name: str
    kind: str
    files: tuple[File, ...]
    derived_from: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("official", "repacked", "derived"):
            rule = "be 'official', 'repacked' or 'derived'"
            raise must("kind", self.kind, rule)
        if self.kind != "official" and not self.derived_from:
            rule = f"say what the {self.kind} copy {self.name!r} comes from"
            raise must("derived_from", "", rule)
        kept = [file.kept for file in self.files]
        if not kept or len(set(kept)) < len(kept):
            raise must("files", kept, "be one or more different files")

    @property
    def source_kind(self) -> str:
        """The word that outputs carry: ``"official"`` or ``"derived"``.

        A repacked copy counts as official where the publisher's checksum of
        every file's content is known, since then the content is proven.
        """
        if self.kind == "repacked":
            proven = all(file.content is not None for file in self.files)
            return "official" if proven else "derived"
        return self.kind

    @property
    def bytes(self) -> Optional[int]:
        """Bytes to download, or None where one size is not known."""
        sizes = [file.size for file in self.files if file.size is not None]
        return sum(sizes) if len(sizes) == len(self.files) else None

    @property
    def digest(self) -> str:
        """Twelve hex digits that change when what the copy holds changes."""
        rows = [
            (
                f.kept,
                f.md5,
                f.sha256,
                f.content and (f.content.md5, f.content.sha256),
            )
            for f in self.files
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]

    def source(self, name: str) -> Source:
        """Return the `Source` of data set `name` had as this copy."""
        detail = "the official files"
        if self.kind != "official":
            detail = f"{self.kind} from {self.derived_from}"
            if self.note:
                detail += f" ({self.note})"
        return Source(name, self.source_kind, detail)


@dataclass(frozen=True)
class Sample:
    """A small stand-in that is there without any download.

    Attributes
    ----------
    name : str
        Name that outputs show.
    version : str
        Changes when the rows or their split change.
    reader : str
        ``"module:function"`` inside ``fdl.data``; called with the entry and
        a split, and with None to learn whether the sample is installed.
    licence : str
        Terms of the sample.
    detail : str
        What it is, in one phrase.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> sample = entry("babi").sample
    >>> sample.name, sample.reader
    ('storyteller', 'stories:babi_sample')
    """

    name: str
    version: str
    reader: str
    licence: str
    detail: str

    def __post_init__(self) -> None:
        _check_reader(self.name, self.reader)


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes
    ----------
    name : str
        What ``fdl.data.load`` is called with.
    title : str
        What it is, in one phrase.
    licence : str
        Terms as far as they are known.
    reader : str
        ``"module:function"`` inside ``fdl.data``; called as ``reader(entry,
        copy, paths, split)``, where `paths` maps `File.kept` to real files.
    copies : tuple of Copy
        Ways to have it, the preferred one first.
    splits : tuple of str
        What ``load`` accepts as `split`.
    classes : tuple of str
        Names of the labels, where it has labels.
    sample : Sample or None
        The offline sample, if there is an honest one.
    home : str
        The page that describes the set.
    folder : str
        Folder in mirrors and in the cache; the name, unless given.

    Examples
    --------
    >>> copy = Copy("text", "official", (File("a.txt", 3, md5="0" * 32),))
    >>> letters = Entry("letters", "abc", "CC0", "text:read", (copy,))
    >>> letters.splits, letters.folder
    (('train', 'test'), 'letters')
    """

    name: str
    title: str
    licence: str
    reader: str
    copies: tuple[Copy, ...]
    splits: tuple[str, ...] = ("train", "test")
    classes: tuple[str, ...] = ()
    sample: Optional[Sample] = None
    home: str = ""
    folder: str = ""

    def __post_init__(self) -> None:
        _check_path("name", self.name)
        _check_reader(self.name, self.reader)
        if not self.splits:
            raise must("splits", self.splits, "name one part at least")
        if not self.licence:
            raise must("licence", "", f"be stated for {self.name!r}")
        if len({copy.name for copy in self.copies}) < len(self.copies):
            raise must("copies", self.copies, "have different names")
        if not self.copies:
            raise must("copies", (), "hold at least one copy")
        if not self.folder:
            object.__setattr__(self, "folder", self.name)
        _check_path("folder", self.folder)


def table(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return entries by name; two of one name are an error.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> list(table([entry("mnist"), entry("babi")]))
    ['mnist', 'babi']
    >>> table([entry("mnist"), entry("mnist")])
    Traceback (most recent call last):
    ValueError: `name` (='mnist') must be used by one entry only.
    """
    rows: dict[str, Entry] = {}
    for row in entries:
        if row.name in rows:
            raise must("name", row.name, "be used by one entry only")
        rows[row.name] = row
    return rows
