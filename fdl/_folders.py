"""Folders that users name: found, tried before long work, and locked.

A variable such as ``FDL_DATA`` means the same to every part of the package:
``~`` is the home folder, and a relative name is seen from the folder in which
the command was called.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable, Optional

from fdl.errors import DataError

try:
    import fcntl
except ImportError:  # Windows: two processes may do the same work twice
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "Busy",
    "absolute",
    "locked",
    "named",
    "reason",
    "try_writing",
    "write_whole",
]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# what file systems say that flush files, but no folders
UNASKED = (errno.EINVAL, errno.ENOTSUP)


class Busy(DataError):
    """Another process has held a lock for too long."""


def named(variable: str) -> Optional[Path]:
    """Return the folder that an environment variable names, if it does.

    Raises
    ------
    DataError
        If it begins with the home of a user who has none.

    Examples
    --------
    >>> named("FDL_OF_NOBODY") is None
    True
    """
    value = os.environ.get(variable, "").strip()
    return absolute(variable, value) if value else None


def absolute(variable: str, value: str) -> Path:
    """Return the folder that `value`, from a variable or a flag, means.

    Examples
    --------
    >>> absolute("FDL_DATA", "data") == Path.cwd() / "data"
    True
    """
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError:
        raise DataError(
            f"`{variable}` (={value!r}) must begin with a home folder that "
            "this machine has."
        ) from None


def reason(error: OSError) -> str:
    """Return why a file could not be written, in a few words.

    Examples
    --------
    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full'
    """
    if error.errno in FULL:
        return "the disk is full"
    return error.strerror or str(error) or type(error).__name__


def try_writing(folder: Path) -> None:
    """Make a folder and write into it, so that it fails now or not at all.

    Raises
    ------
    OSError
        If the folder takes no file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"a")
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole, or not at all.

    It is written under a temporary name, ``.NAME.NUMBERS.tmp``, flushed to
    the disk and then renamed: a crash leaves the old file or the new one.

    Raises
    ------
    OSError
        If the disk does not take it.

    Examples
    --------
    >>> write_whole(Path("note.txt"), b"all of it")
    >>> Path("note.txt").read_bytes()
    b'all of it'
    """
    # of its own for each file, process and thread
    writer = f"{os.getpid()}-{threading.get_ident()}"
    temporary = path.with_name(f".{path.name}.{writer}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _flush(path.parent)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _flush(folder: Path) -> None:
    """Make a rename last through a power cut, where that can be asked."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in UNASKED:
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(
    folder: Path,
    seconds: float,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Hold a folder's lock, which one process at a time can hold.

    The lock is the kernel's, so it ends with its process however that ends.
    A file system without locks, or Windows, lets everybody in.

    Parameters
    ----------
    folder : Path
        Made if need be. Its file ``.lock`` stays there, since the lock of a
        file that is gone would be another lock.
    seconds : float
        How long to wait for another process.
    waiting : function
        Called once, when waiting begins.

    Raises
    ------
    Busy
        If another process still holds it then.

    Examples
    --------
    >>> with locked(Path("work"), seconds=1):
    ...     write_whole(Path("work/note.txt"), b"nobody else writes now")
    >>> sorted(path.name for path in Path("work").iterdir())
    ['.lock', 'note.txt']
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            _wait(handle, folder, seconds, waiting)
        yield
    finally:
        os.close(handle)


def _wait(
    handle: int, folder: Path, seconds: float, waiting: Callable[[], None]
) -> None:
    end = time.monotonic() + seconds
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        except OSError:
            return
        if time.monotonic() >= end:
            raise Busy(
                f"{folder} has been locked by another process for "
                f"{seconds:.0f} s."
            )
        if not told:
            waiting()
            told = True
        time.sleep(0.05)
