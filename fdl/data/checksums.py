"""Whether a file's bytes are the ones that the catalog promises."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any, Union

from fdl.data import archives
from fdl.data.catalog import Content, File

__all__ = ["wrong", "wrong_content"]

_known: dict[tuple[object, ...], str] = {}


def _hash(want: Union[File, Content]) -> tuple[str, str]:
    return ("sha256", want.sha256) if want.sha256 else ("md5", want.md5)


def _new(name: str) -> Any:
    # md5 is what some publishers give; nobody's safety rests on it here
    return hashlib.new(name, usedforsecurity=False)


def _digest(path: Path, name: str) -> str:
    digest = _new(name)
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def wrong(path: Path, want: File, remember: bool = False) -> str:
    """Return what is wrong with a file's bytes, or an empty string.

    With `remember`, an answer of this process stands for as long as the
    file's size, times and inode do.

    Examples
    --------
    >>> letters = hashlib.sha256(b"abc").hexdigest()
    >>> want = File("letters.txt", 3, sha256=letters)
    >>> path = Path("letters.txt")
    >>> _ = path.write_bytes(b"abc")
    >>> wrong(path, want)
    ''
    >>> _ = path.write_bytes(b"abcd")
    >>> wrong(path, want)
    'letters.txt has 4 bytes; the catalog says 3'
    """
    try:
        stat = path.stat()
        if want.size is not None and stat.st_size != want.size:
            return (
                f"{path} has {stat.st_size:,} bytes; the catalog says "
                f"{want.size:,}"
            )
        name, expected = _hash(want)
        if not expected:
            return ""
        times = (stat.st_mtime_ns, stat.st_ctime_ns)
        key = (path, stat.st_ino, stat.st_size, times, expected)
        if remember and key in _known:
            return _known[key]
        got = _digest(path, name)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    answer = ""
    if got != expected:
        answer = (
            f"{path} has the {name} {got[:12]}…; the catalog says "
            f"{expected[:12]}…"
        )
    if time.time() - stat.st_ctime > 2:  # clocks of file systems are coarse
        _known[key] = answer
    return answer


def wrong_content(path: Path, want: Content) -> str:
    """Return what is wrong with a wrapped file's content, if anything.

    Examples
    --------
    >>> import gzip
    >>> letters = hashlib.sha256(b"abc").hexdigest()
    >>> want = Content("letters.txt", 3, sha256=letters)
    >>> path = Path("letters.txt.gz")
    >>> _ = path.write_bytes(gzip.compress(b"abc"))
    >>> wrong_content(path, want)
    ''
    >>> _ = path.write_bytes(gzip.compress(b"abd"))
    >>> wrong_content(path, want)
    'letters.txt.gz does not hold the letters.txt that the catalog says'
    """
    name, expected = _hash(want)
    digest = _new(name)
    size = 0
    with archives.damage(path), archives.open_plain(path) as stream:
        while size <= want.size and (chunk := stream.read(1 << 20)):
            size += len(chunk)
            digest.update(chunk)
    if size != want.size or digest.hexdigest() != expected:
        return f"{path} does not hold the {want.name} that the catalog says"
    return ""
