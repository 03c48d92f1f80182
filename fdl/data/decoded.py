"""Arrays that take long to decode, decoded once and kept in the cache.

What is kept lies in the set's folder, as plain bytes with their sha256
beside them. It is used only while that hash is right, and its name changes
when the copy that it was decoded from does.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Callable, Optional

import numpy as np

from fdl.data._disk import DiskError, disk_errors, writing
from fdl.data.entries import Copy, Entry
from fdl.data.places import cache, lock, notice

__all__ = ["decoded"]


def decoded(
    row: Entry,
    copy: Copy,
    split: str,
    width: int,
    decode: Callable[[], np.ndarray],
) -> np.ndarray:
    """Return what `decode` returns, from the cache if it was kept there.

    Parameters
    ----------
    row : Entry
        The data set.
    copy : Copy
        Which copy of it is decoded.
    split : str
        Which part of it.
    width : int
        Bytes in a row.
    decode : callable
        Reads the files; gives uint8 rows `(N, width)`.

    Returns
    -------
    ndarray
        `(N, width)`, uint8.

    Examples
    --------
    >>> from fdl.data.entries import File
    >>> copy = Copy("raw", "official", (File("squares", md5="0" * 32),))
    >>> row = Entry("example", "squares", "none", "images:read", (copy,))
    >>> def decode():
    ...     print("decoding")
    ...     return np.array([[1], [4], [9]], np.uint8)
    >>> decoded(row, copy, "train", 1, decode).tolist()
    decoding
    [[1], [4], [9]]
    >>> decoded(row, copy, "train", 1, decode).tolist()
    [[1], [4], [9]]
    """
    path = cache() / row.folder / f"{split}-{copy.name}-{copy.digest}.bin"
    rows = _kept(path, width)
    if rows is None:
        rows = decode()
        try:
            _keep(path, rows)
        except DiskError as error:  # next time it is decoded again
            notice(str(error))
    return rows


def _hash_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _kept(path: Path, width: int) -> Optional[np.ndarray]:
    try:
        want = _hash_file(path).read_text().strip()
        rows = np.fromfile(path, np.uint8)
    except (OSError, ValueError):
        return None
    if not rows.size or rows.size % width:
        return None
    if hashlib.sha256(rows.data).hexdigest() != want:
        return None
    return rows.reshape(-1, width)


def _keep(path: Path, rows: np.ndarray) -> None:
    content = np.ascontiguousarray(rows).data
    digest = f"{hashlib.sha256(content).hexdigest()}\n".encode()
    with lock(path.parent):
        for target, what in ((path, content), (_hash_file(path), digest)):
            new = target.with_name(target.name + ".new")
            try:
                with writing(new) as out, disk_errors(new):
                    out.write(what)
                with disk_errors(new):
                    os.replace(new, target)
            finally:
                with contextlib.suppress(OSError):
                    new.unlink()
