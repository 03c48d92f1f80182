"""CIFAR-10: the publisher's binary records, and a copy in JPEG files.

A record is one byte for the label and 3,072 for the picture: 32 rows of 32
red values, then the green ones, then the blue ones.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fdl.data.archives import damage, members
from fdl.data.decoded import decoded
from fdl.data.entries import Copy, Entry
from fdl.data.images import Images
from fdl.errors import DataError

__all__ = ["read_binary", "read_cifar10", "read_jpeg"]

SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE
LIMIT = 1 << 29  # bytes that an archive may unpack to
BINARY = {"train": r"data_batch_\d\.bin", "test": r"test_batch\.bin"}


def read_cifar10(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Images:
    """Read one split of CIFAR-10.

    Parameters
    ----------
    row : Entry
        The data set; its classes say which labels there are.
    copy : Copy
        Which copy of it: ``"binary"`` or ``"jpeg"``.
    paths : mapping
        Its one archive, by its name in the catalog.
    split : str
        ``"train"`` or ``"test"``.

    Returns
    -------
    Images
        `(N, 32, 32, 3)`.

    Raises
    ------
    DataError
        If the archive or a picture in it is damaged or has a wrong label.

    Examples
    --------
    >>> import dataclasses, zipfile
    >>> from fdl.data.catalog import entry
    >>> cat = bytes([3]) + bytes(1024) + bytes([255]) * 1024 + bytes(1024)
    >>> with zipfile.ZipFile("one.zip", "w") as pack:
    ...     pack.writestr("data_batch_1.bin", cat)
    >>> row = dataclasses.replace(entry("cifar10"), folder="example")
    >>> paths = {"one.zip": Path("one.zip")}
    >>> one = read_cifar10(row, row.copies[0], paths, "train")
    >>> one.images.shape, one.images[0, 0, 0].tolist()
    ((1, 32, 32, 3), [0, 255, 0])
    >>> one.classes[one.labels[0]]
    'cat'
    """
    (archive,) = paths.values()
    read = {"binary": read_binary, "jpeg": read_jpeg}[copy.name]

    def decode() -> np.ndarray:
        return read(archive, split, row.classes)

    records = decoded(row, copy, split, RECORD, decode)
    planes = records[:, 1:].reshape(-1, 3, SIDE, SIDE)
    return Images(
        planes.transpose(0, 2, 3, 1),  # (N, H, W, 3)
        records[:, 0].astype(np.int32),
        row.classes,
        copy.source(row.name),
    )


def read_binary(
    archive: Path, split: str, classes: tuple[str, ...]
) -> np.ndarray:
    """Return the records of the official archive, `(N, 3073)` uint8.

    Examples
    --------
    >>> import zipfile
    >>> with zipfile.ZipFile("two.zip", "w") as pack:
    ...     pack.writestr("data_batch_1.bin", bytes(2 * 3073))
    >>> read_binary(Path("two.zip"), "train", ("airplane",)).shape
    (2, 3073)
    >>> read_binary(Path("two.zip"), "test", ("airplane",))
    Traceback (most recent call last):
    fdl.errors.DataError: two.zip holds no test records.
    """
    parts = {}
    for name, stream in members(archive, LIMIT):
        file = name.rpartition("/")[2]
        if not re.fullmatch(BINARY[split], file):
            continue
        with damage(archive):
            body = stream.read()
        if not body or len(body) % RECORD:
            raise DataError(
                f"{archive}: {name} must hold records of {RECORD:,} bytes; "
                f"got {len(body):,} bytes."
            )
        records = np.frombuffer(body, np.uint8).reshape(-1, RECORD)
        worst = records[:, 0].max()
        if worst >= len(classes):
            raise DataError(
                f"{archive}: {name} must hold labels from 0 to "
                f"{len(classes) - 1}; got {worst}."
            )
        parts[file] = records
    if not parts:
        raise DataError(f"{archive} holds no {split} records.")
    return np.concatenate([parts[file] for file in sorted(parts)])


def read_jpeg(
    archive: Path, split: str, classes: tuple[str, ...]
) -> np.ndarray:
    """Return the files ``SPLIT/CLASS/NUMBER.jpg`` as such records.

    The classes take turns: picture 0 of each, then picture 1 of each, so any
    run of records holds them evenly.

    Examples
    --------
    >>> import zipfile
    >>> from PIL import Image
    >>> Image.new("RGB", (32, 32), (255, 255, 255)).save("white.jpg")
    >>> with zipfile.ZipFile("one.zip", "w") as pack:
    ...     pack.write("white.jpg", "test/ship/0.jpg")
    >>> record = read_jpeg(Path("one.zip"), "test", ("ship",))
    >>> record.shape, record[0, :3].tolist()
    ((1, 3073), [0, 255, 255])
    """
    found: dict[tuple[int, int], np.ndarray] = {}
    for name, stream in members(archive, LIMIT):
        part = re.fullmatch(r"(?:.*/)?(train|test)/([^/]+)/(\d+)\.jpg", name)
        if part is None or part[2] not in classes:
            raise DataError(
                f"{archive}: {name!r} must be named SPLIT/CLASS/NUMBER.jpg, "
                f"with a class of {', '.join(classes)}."
            )
        if part[1] == split:
            label = classes.index(part[2])
            with damage(archive):
                body = stream.read()
            found[int(part[3]), label] = _picture(archive, name, body)
    count = len(found) // len(classes)
    turns = [(i, k) for i in range(count) for k in range(len(classes))]
    if not found or sorted(found) != turns:
        raise DataError(
            f"{archive} must hold as many {split} pictures of each class, "
            f"numbered from 0 without a gap; got {len(found):,} pictures."
        )
    records = np.empty((len(turns), RECORD), np.uint8)
    for record, (number, label) in zip(records, turns):
        record[0] = label
        planes = found[number, label].transpose(2, 0, 1)
        record[1:].reshape(3, SIDE, SIDE)[:] = planes
    return records


def _picture(archive: Path, name: str, body: bytes) -> np.ndarray:
    """Decode one file to `(32, 32, 3)` uint8."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(body), formats=["JPEG"]) as picture:
            if picture.mode == "RGB" and picture.size == (SIDE, SIDE):
                return np.asarray(picture)
            got = f"{picture.mode} of {picture.size}"
    except (OSError, SyntaxError, ValueError) as error:
        got = str(error).rstrip(".")
    raise DataError(
        f"{archive}: {name} must be an RGB picture of {SIDE} x {SIDE}; "
        f"got {got}."
    )
