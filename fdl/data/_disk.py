"""Writing files so that a full disk is one clear error and leaves nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from fdl._folders import reason
from fdl.errors import DataError

__all__ = ["DiskError", "disk_errors", "size_of", "writing"]


class DiskError(DataError):
    """A file cannot be written."""


@contextlib.contextmanager
def disk_errors(path: Path, remove: bool = True) -> Iterator[None]:
    """Turn what goes wrong while writing `path` into one `DiskError`.

    The unfinished file is removed: it would only keep the disk full.
    """
    try:
        yield
    except OSError as error:
        if remove:
            with contextlib.suppress(OSError):
                path.unlink()
        raise DiskError(
            f"{path.parent} cannot take {path.name}: {reason(error)}; "
            "`FDL_DATA` can name another folder."
        ) from error


@contextlib.contextmanager
def writing(
    path: Path, mode: str = "wb", sync: bool = False
) -> Iterator[BinaryIO]:
    """Open `path` to write, and close it whatever happens.

    What goes wrong on opening and closing (a full disk may show only then)
    comes out of `disk_errors`; wrap each write in it, too.
    """
    with disk_errors(path):
        handle = cast("BinaryIO", path.open(mode))
    try:
        yield handle
    except BaseException:
        with contextlib.suppress(OSError):
            handle.close()
        raise
    with disk_errors(path):
        try:
            handle.flush()
            if sync:
                os.fsync(handle.fileno())
        finally:
            handle.close()


def size_of(path: Path) -> int:
    """Return a file's bytes, or 0 if there is no such file."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
