"""Word vectors that were found once, kept to be mapped into memory.

One file holds a line that tells what follows, the words, a line each, and the
vectors as float32. It is written under another name and renamed when it is
whole. The first line holds the size and the sha256 of the rest, so a file
that is cut off, or changed, is told from a whole one; it is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Optional

import numpy as np

from fdl.data._disk import DiskError, disk_errors, writing
from fdl.data.places import cache, lock, notice

__all__ = ["place", "read", "write"]

FORM = "fdl vectors 1"
HEAD = 512  # bytes of the first line, filled up with blanks

Found = tuple[list[str], np.ndarray]


def place(path: Path, words: list[str]) -> Path:
    """Return where these words of this file are kept.

    Another size or time of the file, or another word, is another place.

    Examples
    --------
    >>> _ = Path("glove.txt").write_text("the 1 2")
    >>> one = place(Path("glove.txt"), ["the"])
    >>> one == place(Path("glove.txt"), ["the"])
    True
    >>> one == place(Path("glove.txt"), ["the", "a"])
    False
    """
    stat = path.stat()
    key = [str(path.resolve()), stat.st_size, stat.st_mtime_ns, words]
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    return cache() / "vectors" / f"{digest}.vectors"


def read(kept: Path) -> Optional[Found]:
    """Return words and vectors, these mapped into memory; None if unfit.

    Examples
    --------
    >>> write(Path("kept"), ["the"], np.array([[1.0, 2.0]], np.float32))
    >>> words, vectors = read(Path("kept"))
    >>> words, vectors.tolist(), type(vectors).__name__
    (['the'], [[1.0, 2.0]], 'memmap')
    >>> _ = Path("kept").write_bytes(Path("kept").read_bytes()[:-1])
    >>> read(Path("kept")) is None
    True
    """
    try:
        with kept.open("rb") as handle:
            head = json.loads(handle.read(HEAD))
            if head["form"] != FORM or kept.stat().st_size != head["size"]:
                return None
            digest = hashlib.sha256()
            while chunk := handle.read(1 << 20):
                digest.update(chunk)
            if digest.hexdigest() != head["sha256"]:
                return None
            handle.seek(HEAD)
            text = handle.read(head["text"]).decode()
        words = text.split("\n")[:-1]
        shape = (len(words), head["width"])
        if not words:
            return [], np.empty(shape, np.float32)
        start = HEAD + head["text"] + head["gap"]
        return words, np.memmap(kept, np.float32, "r", start, shape)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(kept: Path, words: list[str], vectors: np.ndarray) -> None:
    """Keep words and vectors; a disk that is full is only told of.

    Examples
    --------
    >>> write(Path("kept"), ["a", "b"], np.eye(2, dtype=np.float32))
    >>> read(Path("kept"))[0]
    ['a', 'b']
    """
    text = "".join(f"{word}\n" for word in words).encode()
    gap = -(HEAD + len(text)) % 64  # where processors like numbers to start
    body = text + b"\n" * gap + np.ascontiguousarray(vectors, "<f4").tobytes()
    head = {
        "form": FORM,
        "size": HEAD + len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "text": len(text),
        "gap": gap,
        "width": vectors.shape[1],
    }
    new = kept.with_name(f"{kept.name}.new")
    try:
        with disk_errors(kept, remove=False):
            kept.parent.mkdir(parents=True, exist_ok=True)
        with lock(kept.parent):
            with writing(new, sync=True) as out, disk_errors(new):
                out.write(json.dumps(head).ljust(HEAD).encode())
                out.write(body)
            with disk_errors(new):
                os.replace(new, kept)
    except DiskError as error:  # next time they are looked for again
        notice(str(error))
    finally:
        with contextlib.suppress(OSError):
            new.unlink()
