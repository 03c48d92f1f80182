"""Files of the data sets: found, fetched, verified and unpacked.

A file is looked for in the cache, then in the mirror, then at its official
addresses. It gets its name in the cache only after its checksum was right,
and the checksum is taken again on every later use.

Files in a mirror folder are verified and used where they are, not copied:
the folder may be read-only and large, and a second copy would gain nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from fdl.data import archives, download
from fdl.data._disk import DiskError, disk_errors
from fdl.data.catalog import Copy, Entry, File, Source, entry
from fdl.data.checksums import wrong, wrong_content
from fdl.data.places import cache, lock, mirror, notice
from fdl.errors import ChecksumError, DataError

__all__ = ["Found", "fetch", "find", "glance", "obtain", "unpacked", "verify"]


@dataclass(frozen=True)
class Found:
    """The verified files of one copy of a data set.

    Attributes
    ----------
    entry : Entry
        The data set.
    copy : Copy
        Which of its copies this is.
    paths : dict
        `File.kept` to the real file.

    Examples
    --------
    >>> copy = entry("shakespeare").copies[0]
    >>> found = Found(entry("shakespeare"), copy, {"input.txt": Path("a.txt")})
    >>> found.source.detail
    'the official files'
    """

    entry: Entry
    copy: Copy
    paths: dict[str, Path]

    @property
    def source(self) -> Source:
        """What outputs say about this data."""
        return self.copy.source(self.entry.name)


def _folder(row: Entry) -> Path:
    return cache() / row.folder


def _forms(file: File) -> tuple[File, ...]:
    """Return what can be had for a file: what the cache keeps comes first.

    For the member of an archive that is the member, and then the archive.
    """
    inner = file.content
    if not file.member or inner is None:
        return (file,)
    return File(inner.name, inner.size, inner.md5, inner.sha256), file


def _places(row: Entry, file: File) -> Iterator[tuple[str, Path, File]]:
    """Yield where a file may lie here, and what must lie there."""
    forms = _forms(file)
    yield "cached", _folder(row) / file.kept, forms[0]
    there = mirror()
    if isinstance(there, Path):
        for form in forms:
            yield "mirror", there / row.folder / form.path, form


def _local(
    row: Entry, file: File, problems: list[DataError], remember: bool = False
) -> Optional[Path]:
    """Return the file from the cache or the mirror folder, if it is there.

    A cached file that went bad is removed. What is wrong with a mirror's
    file is added to `problems`.
    """
    for where, path, want in _places(row, file):
        if not path.is_file():
            continue
        damage = wrong(path, want, remember)
        if not damage and want.kept != want.path:
            return _take_member(row, file, path)
        if not damage or (where == "cached" and _replaced(row, path, want)):
            return path
        if where == "mirror":
            problems.append(ChecksumError(f"{damage}."))
    return None


def _replaced(row: Entry, path: Path, want: File) -> bool:
    """Remove a cached file that went bad, unless it was just replaced."""
    try:
        with lock(_folder(row)):
            damage = wrong(path, want)
            if damage and path.is_file():
                notice(f"{damage}; it is not used")
                path.unlink()
            return not damage
    except (DiskError, OSError):  # a cache that cannot be written
        return False


def _take_member(row: Entry, file: File, archive: Path) -> Path:
    """Put the wanted member of an archive into the cache, verified."""
    plain = _forms(file)[0]
    path = _folder(row) / plain.path
    new = path.with_name(path.name + ".new")
    with lock(_folder(row)):
        with disk_errors(new):
            new.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy_member(archive, file.member, new, plain.size or 0)
        except DiskError:
            raise
        except DataError as error:
            raise ChecksumError(str(error)) from error
        damage = wrong(new, plain)
        if damage:
            new.unlink()
            raise ChecksumError(f"{archive}: {damage}.")
        with disk_errors(new):
            os.replace(new, path)
    return path


def _copy_member(archive: Path, member: str, new: Path, size: int) -> None:
    for name, stream in archives.members(archive):
        if name == member:
            archives.copy(stream, new, archive, size, sync=True)
            return
    raise DataError(f"{archive} has no member {member!r}.")


def find(row: Entry, remember: bool = False) -> Optional[Found]:
    """Return a data set from the cache or a mirror folder.

    Parameters
    ----------
    row : Entry
        The data set.
    remember : bool
        Trust what this process found out earlier about unchanged files.

    Returns
    -------
    Found or None
        The first copy of which every file is there.

    Raises
    ------
    ChecksumError
        If no copy is complete and a file of the mirror is damaged.

    Examples
    --------
    >>> file = File("hello.txt", 5, md5="5d41402abc4b2a76b9719d911017c592")
    >>> copy = Copy("text", "official", (file,))
    >>> row = Entry("hello", "one word", "CC0", "text:read", (copy,))
    >>> find(row) is None
    True
    >>> (cache() / "hello").mkdir(parents=True)
    >>> _ = (cache() / "hello" / "hello.txt").write_text("hello")
    >>> find(row).paths["hello.txt"].name
    'hello.txt'
    """
    problems: list[DataError] = []
    for copy in row.copies:
        paths = {}
        for file in copy.files:
            path = _local(row, file, problems, remember)
            if path is None:
                break
            paths[file.kept] = path
        else:
            return Found(row, copy, paths)
    if problems:
        raise problems[0]
    return None


def glance(row: Entry) -> tuple[str, Optional[Copy]]:
    """Return where a data set is, by names and sizes only.

    Returns
    -------
    where : str
        ``"cached"``, ``"mirror"`` or ``"absent"``.
    copy : Copy or None
        The copy that is there.

    Examples
    --------
    >>> file = File("seen.txt", 5, md5="5d41402abc4b2a76b9719d911017c592")
    >>> copy = Copy("text", "official", (file,))
    >>> row = Entry("seen", "one word", "CC0", "text:read", (copy,))
    >>> glance(row)
    ('absent', None)
    >>> (cache() / "seen").mkdir(parents=True)
    >>> _ = (cache() / "seen" / "seen.txt").write_text("other")
    >>> where, copy = glance(row)  # the size is right, the word is not
    >>> where, copy.name
    ('cached', 'text')
    """
    for copy in row.copies:
        words = []
        for file in copy.files:
            found = _sized(row, file)
            if found:
                words.append(found[0])
        if len(words) == len(copy.files):
            return max(words), copy  # one file in the mirror: "mirror"
    return "absent", None


def obtain(
    row: Entry,
    network: download.Network,
    progress: bool = True,
    official: bool = False,
) -> Found:
    """Return a data set, from the network if it is nowhere nearer.

    Parameters
    ----------
    row : Entry
        The data set.
    network : Network
        What is known about the hosts; shared by the sets of one errand.
    progress : bool
        Draw progress bars on stderr.
    official : bool
        Do not make do with a copy that is not official.

    Raises
    ------
    Unavailable
        If nobody can hand it over.
    ChecksumError
        If somebody did, and it was something else.
    DataError
        If it cannot be stored.

    Examples
    --------
    >>> file = File("lost.txt", 5, md5="5d41402abc4b2a76b9719d911017c592")
    >>> copy = Copy("text", "official", (file,))
    >>> row = Entry("lost", "one word", "CC0", "text:read", (copy,))
    >>> obtain(row, download.Network())
    Traceback (most recent call last):
    fdl.data.download.Unavailable: 'lost' cannot be had: no address is known;
    `FDL_DATA_MIRROR` can name a mirror.
    """
    problems: list[DataError] = []
    with contextlib.suppress(ChecksumError):  # comes again below
        found = find(row)
        if found and not (official and found.source.kind != "official"):
            return found
    copies = [
        copy
        for copy in row.copies
        if not official or copy.source_kind == "official"
    ]
    with lock(_folder(row)):
        for base in (_mirror_address(row), ""):
            for copy in copies:
                paths = {}
                for file in copy.files:
                    path = _local(row, file, problems) or _get(
                        row, file, base, network, progress, problems
                    )
                    if path is None:
                        break
                    paths[file.kept] = path
                else:
                    for text in _distinct(problems, ChecksumError):
                        notice(f"{text}; another place had it")
                    return Found(row, copy, paths)
    reasons = "; ".join(_distinct(problems, DataError))
    if not reasons:
        reasons = "no address is known; `FDL_DATA_MIRROR` can name a mirror"
    kind: type[DataError] = download.Unavailable
    if _distinct(problems, ChecksumError):
        kind = ChecksumError
    raise kind(f"{row.name!r} cannot be had: {reasons}.")


def _distinct(
    problems: list[DataError], kind: type[DataError]
) -> dict[str, None]:
    texts = (str(p).rstrip(".") for p in problems if isinstance(p, kind))
    return dict.fromkeys(texts)


def _mirror_address(row: Entry) -> str:
    there = mirror()
    return f"{there}{row.folder}/" if isinstance(there, str) else "-"


def _get(
    row: Entry,
    file: File,
    base: str,
    network: download.Network,
    progress: bool,
    problems: list[DataError],
) -> Optional[Path]:
    """Download one file into the cache, from the first address that can.

    The addresses are the file's own, or `base` before its name; a `base` of
    ``"-"`` has none.
    """
    if base == "-":
        return None
    if base:
        wants = [(base + form.path, form) for form in _forms(file)]
    else:
        wants = [(url, file) for url in file.urls]
    for url, want in wants:
        part = _folder(row) / (want.path + ".part")
        try:
            with disk_errors(part):
                part.parent.mkdir(parents=True, exist_ok=True)
            label = f"{row.name}/{want.path}"
            args = (url, part, want.size, network, progress, label)
            resumed = download.download(*args)
            try:
                return _publish(row, want, part, url)
            except ChecksumError:
                if not resumed:
                    raise
            # what was resumed may be the halves of two different files
            download.download(*args)
            return _publish(row, want, part, url)
        except (ChecksumError, download.Unavailable) as problem:
            problems.append(problem)
    return None


def _publish(row: Entry, want: File, part: Path, url: str) -> Path:
    """Give a downloaded file its name, if its bytes are right."""
    damage = wrong(part, want).replace(str(part), "what came")
    try:
        if damage:
            raise ChecksumError(f"{url}: {damage}.")
        if want.member:
            return _take_member(row, want, part)
        path = part.with_suffix("")
        with disk_errors(part):
            os.replace(part, path)
        return path
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def fetch(name: str, progress: bool = True, official: bool = False) -> Found:
    """Fetch and verify a data set, unless it is there already.

    Parameters
    ----------
    name : str
        The data set, one of ``fdl.data.names()``.
    progress : bool
        Draw progress bars on stderr.
    official : bool
        Insist on the official files where a mirror has a derived copy.

    Returns
    -------
    Found
        Its copy, and the paths of its files.

    Raises
    ------
    DataError
        If it cannot be had or stored.
    ChecksumError
        If what came is not what the catalog promises; nothing is kept.

    Examples
    --------
    >>> fetch("minst")
    Traceback (most recent call last):
    ValueError: `name` (='minst') must be a data set of the catalog: babi, ...
    """
    return obtain(entry(name), download.Network(), progress, official)


def verify(name: str) -> Source:
    """Check every byte of a data set that is there; fetch nothing.

    Where the catalog knows the checksum of what is inside a wrapper, that is
    checked, too.

    Raises
    ------
    DataError
        If the data set is not there.
    ChecksumError
        If a file is damaged.

    Examples
    --------
    >>> verify("glove")
    Traceback (most recent call last):
    fdl.errors.DataError: 'glove' is not here; fetch it first.
    """
    row = entry(name)
    copy = glance(row)[1]
    if copy is None:
        for file in (f for c in row.copies for f in c.files):
            for _, path, want in _places(row, file):
                if path.is_file() and wrong(path, want):
                    raise ChecksumError(
                        f"{wrong(path, want)}; fetch {name!r} again."
                    )
        raise DataError(f"{name!r} is not here; fetch it first.")
    for file in copy.files:
        found = _sized(row, file)
        if found is None:  # gone since the glance
            raise DataError(f"{name!r} is not here; fetch it first.")
        _, path, want = found
        damage = wrong(path, want)
        if not damage and want.content is not None and not want.member:
            damage = wrong_content(path, want.content)
        if damage:
            raise ChecksumError(f"{damage}; fetch {name!r} again.")
    return copy.source(name)


def _sized(row: Entry, file: File) -> Optional[tuple[str, Path, File]]:
    """Return the first place with a file of the right size, unread."""
    for where, path, want in _places(row, file):
        with contextlib.suppress(OSError):
            if want.size in (None, path.stat().st_size):
                return where, path, want
    return None


def unpacked(found: Found, kept: str, limit: int = archives.LIMIT) -> Path:
    """Return the folder with an archive's files, unpacking it once.

    Parameters
    ----------
    found : Found
        A data set that is there.
    kept : str
        Which of its files, by `File.kept`.
    limit : int
        Bytes that the archive may unpack to.

    Examples
    --------
    >>> import zipfile
    >>> with zipfile.ZipFile("pack.zip", "w") as pack:
    ...     pack.writestr("a/one.txt", "1")
    >>> copy = Copy("zip", "official", (File("pack.zip", md5="0" * 32),))
    >>> row = Entry("packed", "one file", "CC0", "text:read", (copy,))
    >>> found = Found(row, copy, {"pack.zip": Path("pack.zip")})
    >>> (unpacked(found, "pack.zip") / "a" / "one.txt").read_text()
    '1'
    """
    row = found.entry
    folder = _folder(row) / f"{kept}.{found.copy.digest}"
    if folder.is_dir():
        return folder
    with lock(_folder(row)):
        for old in folder.parent.glob(f"{archives.ROOM}*"):
            shutil.rmtree(old, ignore_errors=True)  # of a killed process
        return archives.extract(found.paths[kept], folder, limit)
