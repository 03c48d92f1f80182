"""Unpacking that trusts no archive: gzip, xz and bzip2 streams, tar and zip.

Nothing is written outside the folder that was asked for, links and devices
are refused, and sizes are counted while unpacking, because the sizes that an
archive states may be lies.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import secrets
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Union, cast

from fdl.data._disk import disk_errors, writing
from fdl.errors import DataError

__all__ = ["copy", "damage", "extract", "members", "open_plain"]

CHUNK = 1 << 20
LIMIT = 4 << 30  # bytes that an archive may unpack to, unless told otherwise
COUNT = 1_000_000  # members
ROOM = ".part-"  # prefix of a folder that is being filled

# everything that a damaged or hostile wrapper makes the readers raise
DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
)


@contextlib.contextmanager
def damage(path: Path) -> Iterator[None]:
    """Turn every complaint about a wrapper into a `DataError` with its name.

    Examples
    --------
    >>> with damage(Path("digits.gz")):
    ...     raise EOFError("ended early")
    Traceback (most recent call last):
    fdl.errors.DataError: digits.gz cannot be read: ended early.
    """
    try:
        yield
    except DataError:
        raise
    except DAMAGE as error:
        said = str(error).rstrip(".") or type(error).__name__
        raise DataError(f"{path} cannot be read: {said}.") from error


def open_plain(path: Union[str, Path]) -> IO[bytes]:
    """Open a file and take its wrapper off while reading.

    The wrapper (gzip, xz, bzip2 or none) is told from the first bytes, not
    from the name. Read inside `damage`, since a broken wrapper shows late.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    binary file
        Gives the unwrapped bytes.

    Examples
    --------
    >>> import gzip
    >>> _ = Path("note").write_bytes(gzip.compress(b"in plain words"))
    >>> with open_plain("note") as stream:
    ...     stream.read()
    b'in plain words'
    """
    with open(path, "rb") as handle:
        start = handle.read(6)
    if start[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if start == b"\xfd7zXZ\x00":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if start[:3] == b"BZh":
        return cast("IO[bytes]", bz2.open(path, "rb"))
    return open(path, "rb")


def _safe(name: str, archive: Path) -> str:
    clean = name.replace("\\", "/")
    parts = PurePosixPath(clean).parts
    bad = (
        clean.startswith("/")
        or ".." in parts
        or "\0" in clean
        or (parts and parts[0].endswith(":"))
    )
    if bad:
        raise DataError(
            f"{archive} has a member {name!r} that would land outside its "
            "folder; nothing was unpacked."
        )
    return "/".join(parts)


def members(
    archive: Union[str, Path], limit: int = LIMIT
) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files in a tar or zip archive in their order.

    Parameters
    ----------
    archive : str or Path
        The archive; a tar may be wrapped in gzip, xz or bzip2.
    limit : int
        Bytes that all files together may unpack to.

    Yields
    ------
    name : str
        Checked relative path, with ``/`` between its parts.
    stream : binary file
        Its bytes; read it before asking for the next one.

    Raises
    ------
    DataError
        If the archive is damaged, holds a link, a device or a path that
        leads out of it, or unpacks to more than `limit`.

    Examples
    --------
    >>> import zipfile
    >>> with zipfile.ZipFile("two.zip", "w") as pack:
    ...     pack.writestr("a/one.txt", "1")
    ...     pack.writestr("two.txt", "22")
    >>> [(name, stream.read()) for name, stream in members("two.zip")]
    [('a/one.txt', b'1'), ('two.txt', b'22')]
    """
    archive = Path(archive)
    with damage(archive):
        if zipfile.is_zipfile(archive):
            yield from _zip_members(archive, limit)
        else:
            yield from _tar_members(archive, limit)


def _over(archive: Path, total: int, count: int, limit: int) -> None:
    if total > limit or count > COUNT:
        raise DataError(
            f"{archive} unpacks to more than {limit:,} bytes or {COUNT:,} "
            "files; it is not what the catalog describes."
        )


def _zip_members(archive: Path, limit: int) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as pack:
        infos = pack.infolist()
        _over(archive, sum(i.file_size for i in infos), len(infos), limit)
        for info in infos:
            name = _safe(info.filename, archive)
            kind = (info.external_attr >> 16) & 0o170000
            if kind not in (0, 0o100000, 0o040000):
                raise DataError(f"{archive}: {name!r} is a link or a device.")
            if not info.is_dir():
                # reading stops at the stated size, and the sum is checked
                with pack.open(info) as stream:
                    yield name, stream


def _tar_members(archive: Path, limit: int) -> Iterator[tuple[str, IO[bytes]]]:
    total = count = 0
    with tarfile.open(archive, "r:*") as pack:
        for info in pack:
            name = _safe(info.name, archive)
            total, count = total + info.size, count + 1
            _over(archive, total, count, limit)
            if info.isdir():
                continue
            if not info.isfile():
                raise DataError(f"{archive}: {name!r} is a link or a device.")
            stream = pack.extractfile(info)
            if stream is not None:
                with stream:
                    yield name, stream


def copy(
    stream: IO[bytes],
    target: Path,
    archive: Path,
    limit: int = LIMIT,
    sync: bool = False,
) -> None:
    """Write a stream that comes out of `archive` to a new file.

    Parameters
    ----------
    stream : binary file
        What to write.
    target : Path
        The file; removed again when anything goes wrong.
    archive : Path
        What the stream comes out of, for the message.
    limit : int
        Bytes that may come.
    sync : bool
        Wait until the disk has the bytes.

    Examples
    --------
    >>> import io
    >>> copy(io.BytesIO(b"abc"), Path("three.txt"), Path("letters.zip"))
    >>> Path("three.txt").read_text()
    'abc'
    >>> copy(io.BytesIO(b"abc"), Path("two.txt"), Path("letters.zip"), limit=2)
    Traceback (most recent call last):
    fdl.errors.DataError: letters.zip unpacks to more than 2 bytes ...
    >>> Path("two.txt").exists()
    False
    """
    left = limit
    try:
        with writing(target, sync=sync) as out:
            while True:
                with damage(archive):
                    chunk = stream.read(CHUNK)
                if not chunk:
                    return
                left -= len(chunk)
                _over(archive, limit - left, 1, limit)
                with disk_errors(target):
                    out.write(chunk)
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink()
        raise


def extract(
    archive: Union[str, Path], folder: Union[str, Path], limit: int = LIMIT
) -> Path:
    """Unpack a tar or zip archive into a folder that appears when complete.

    Parameters
    ----------
    archive : str or Path
        The archive.
    folder : str or Path
        Where the files go. If it is there already, it is left as it is.
    limit : int
        Bytes that all files together may take.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataError
        As `members`; also if the disk is full. Then no folder is left.

    Examples
    --------
    >>> import zipfile
    >>> with zipfile.ZipFile("bad.zip", "w") as pack:
    ...     pack.writestr("good.txt", "")
    ...     pack.writestr("../bad.txt", "")
    >>> extract("bad.zip", "inside")
    Traceback (most recent call last):
    fdl.errors.DataError: bad.zip has a member '../bad.txt' that would land
    outside its folder; nothing was unpacked.
    >>> Path("inside").exists()
    False
    """
    archive, folder = Path(archive), Path(folder)
    if folder.is_dir():
        return folder
    room = folder.parent / f"{ROOM}{os.getpid()}-{secrets.token_hex(4)}"
    with disk_errors(folder, remove=False):
        room.mkdir(parents=True)
    seen = set()
    try:
        for name, stream in members(archive, limit):
            if name in seen:
                raise DataError(f"{archive} holds {name!r} twice.")
            seen.add(name)
            target = room / name
            with disk_errors(target, remove=False):
                target.parent.mkdir(parents=True, exist_ok=True)
            copy(stream, target, archive)
        with contextlib.suppress(OSError):  # another process was first
            os.replace(room, folder)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    if not folder.is_dir():
        raise DataError(f"{folder} cannot be made: a file is in its place.")
    return folder
