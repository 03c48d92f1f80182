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
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Union

from fdl.data._disk import disk_errors
from fdl.errors import DataError

try:
    import fcntl
except ImportError:  # Windows: two fetchers repeat work, hashes still hold
    fcntl = None  # type: ignore[assignment]

__all__ = ["cache", "lock", "mirror", "notice"]

LOCK_SECONDS = 3600.0  # how long to wait for another process's download

_held = threading.local()


def notice(text: str) -> None:
    """Say one line to the user, on stderr."""
    print(f"fdl: {text}", file=sys.stderr, flush=True)


def cache() -> Path:
    """Return the folder that downloads go to; it need not exist yet."""
    named = os.environ.get("FDL_DATA")
    if named:
        return Path(named).expanduser().absolute()
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
    """
    named = os.environ.get("FDL_DATA_MIRROR", "").strip()
    if not named:
        return None
    if named.lower().startswith(("http://", "https://")):
        return named.rstrip("/") + "/"
    folder = Path(named).expanduser().absolute()
    if not folder.is_dir():
        raise DataError(
            f"`FDL_DATA_MIRROR` (={named!r}) must be a folder that exists or "
            "an http(s) address."
        )
    return folder


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time change a set's folder.

    The lock is the kernel's, so it ends with its process however that ends.
    """
    mine: set[Path] = vars(_held).setdefault("folders", set())
    if folder in mine:
        yield
        return
    path = folder / ".lock"
    with disk_errors(path, remove=False):
        folder.mkdir(parents=True, exist_ok=True)
        handle = path.open("ab")
    with handle:
        if fcntl is not None:
            _wait(handle.fileno(), folder)
        mine.add(folder)
        try:
            yield
        finally:
            mine.discard(folder)


def _wait(descriptor: int, folder: Path) -> None:
    end = time.monotonic() + LOCK_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        except OSError:  # a file system without locks; hashes still hold
            return
        if not told:
            notice(f"waiting for another process that fetches {folder.name}")
            told = True
        if time.monotonic() > end:
            raise DataError(
                f"{folder} has been locked by another process for "
                f"{LOCK_SECONDS:.0f} s."
            )
        time.sleep(0.05)
