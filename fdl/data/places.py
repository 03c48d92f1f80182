"""Where data sets are kept on this machine, and who may change them now.

``FDL_DATA`` names the cache folder; without it, it is ``fdl`` in the user's
cache folder. ``FDL_DATA_MIRROR`` names a folder or the start of an http
address under which the files lie as ``SET/FILE``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Union

from fdl._folders import absolute, locked, named
from fdl.data._disk import disk_errors
from fdl.errors import DataError

__all__ = ["cache", "is_address", "lock", "mirror", "notice"]

LOCK_SECONDS = 3600.0  # how long to wait for another process's download

_held = threading.local()


def notice(text: str) -> None:
    """Say one line to the user, on stderr.

    Examples
    --------
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     notice("the disk is full")
    fdl: the disk is full
    """
    print(f"fdl: {text}", file=sys.stderr, flush=True)


def cache() -> Path:
    """Return the folder that downloads go to; it need not exist yet.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, FDL_DATA="/data"):
    ...     cache().as_posix()
    '/data'
    """
    chosen = named("FDL_DATA")
    if chosen is not None:
        return chosen
    try:
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "fdl"
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            return Path(local or Path.home() / "AppData" / "Local") / "fdl"
        base = os.environ.get("XDG_CACHE_HOME", "")
        if os.path.isabs(base):
            return Path(base) / "fdl"
        return Path.home() / ".cache" / "fdl"
    except RuntimeError as error:  # no home
        raise DataError(
            "`FDL_DATA` must name a folder for data sets, since this user "
            "has no home folder."
        ) from error


def mirror() -> Union[Path, str, None]:
    """Return the mirror: a folder, the start of an address, or None.

    Raises
    ------
    DataError
        If ``FDL_DATA_MIRROR`` is neither a folder nor an http address.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, FDL_DATA_MIRROR="http://example.org/a"):
    ...     mirror()
    'http://example.org/a/'
    >>> with patch.dict(os.environ, FDL_DATA_MIRROR=""):
    ...     mirror() is None
    True
    """
    value = os.environ.get("FDL_DATA_MIRROR", "").strip()
    if not value:
        return None
    if is_address(value):
        return value.rstrip("/") + "/"
    folder = absolute("FDL_DATA_MIRROR", value)
    if not folder.is_dir():
        raise DataError(
            f"`FDL_DATA_MIRROR` (={value!r}) must be a folder that exists or "
            "an http(s) address."
        )
    return folder


def is_address(value: str) -> bool:
    """Return whether a mirror is named by an address, not by a folder.

    Examples
    --------
    >>> is_address("https://example.org/sets"), is_address("/mnt/sets")
    (True, False)
    """
    return value.strip().lower().startswith(("http://", "https://"))


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time change a set's folder.

    Examples
    --------
    >>> with lock(Path("sets")):
    ...     with lock(Path("sets")):  # who has it does not wait for it
    ...         Path("sets", ".lock").exists()
    True
    """
    mine: set[Path] = vars(_held).setdefault("folders", set())
    if folder in mine:
        yield
        return

    def waiting() -> None:
        notice(f"waiting for another process that fetches {folder.name}")

    with contextlib.ExitStack() as stack:
        with disk_errors(folder / ".lock", remove=False):
            stack.enter_context(locked(folder, LOCK_SECONDS, waiting))
        mine.add(folder)
        try:
            yield
        finally:
            mine.discard(folder)
