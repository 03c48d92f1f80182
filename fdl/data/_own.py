"""What the readers of one's own files do alike, and how they complain."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np

from fdl._folders import reason
from fdl.data.entries import Source
from fdl.errors import DataError, must, refuse_text
from fdl.scratch._checks import whole

PathLike = Union[str, Path]
ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}
LARGEST = float(np.finfo(np.float32).max)


def path(argument: str, value: Any) -> Path:
    """Return `value` as a path."""
    if not isinstance(value, (str, os.PathLike)):
        raise must(argument, value, "be a path")
    return Path(value)


def listed(argument: str, value: Any) -> list[Any]:
    """Return the columns' names that `value` holds."""
    rule = "be a list of columns' names"
    refuse_text(argument, value, rule)
    try:
        return list(value)
    except TypeError:
        raise must(argument, value, rule) from None


def measures(argument: str, value: Any) -> tuple[int, int]:
    """Return `value` if it is H and W."""
    try:
        height, width = value
        return whole(argument, height), whole(argument, width)
    except (TypeError, ValueError):
        rule = "be two whole numbers from 1 up: height and width"
        raise must(argument, value, rule) from None


def source(file: Path) -> Source:
    """Return where a data set came from: the file's own name."""
    return Source(file.resolve().name, "official", "your own files")


def labelled(given: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the classes, sorted, and the number of each label."""
    classes = sorted(set(given))
    number = {name: k for k, name in enumerate(classes)}
    return tuple(classes), np.array([number[name] for name in given], np.int64)


def text(file: Path) -> str:
    """Return what a file in UTF-8 says."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is not UTF-8 text: {error}.") from None
    except OSError as error:
        raise DataError(f"{file} cannot be read: {reason(error)}.") from None


def rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file that are not empty, with their lines."""
    # strict: a quotation mark that nothing closes would swallow what follows
    reader = csv.reader(io.StringIO(text(file), newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise DataError(
            f"{file}, line {reader.line_num} is no line of a table: {error}."
        ) from None


def number(where: str, name: str, cell: str) -> float:
    """Return a cell of the column `name` as a number that float32 holds."""
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST:
        shown = cell if len(cell) <= 40 else cell[:37] + "..."
        rule = "be a number" if np.isnan(value) else "be a smaller number"
        raise DataError(f"{where}: {name!r} must {rule}; it is {shown!r}.")
    return value


def folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, by name."""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder.")
    found = [inner for inner in _visible(folder) if inner.is_dir()]
    if not found:
        raise DataError(
            f"{folder} must hold a folder of pictures for each class; it "
            "holds no folder."
        )
    return found


def pictures(folder: Path) -> list[Path]:
    """Return the pictures in a folder, by name."""
    found = [p for p in _visible(folder) if p.suffix.lower() in ENDINGS]
    if not found:
        raise DataError(f"{folder} holds no picture.")
    return found


def _visible(folder: Path) -> list[Path]:
    """Return what a folder holds, without what programs hide in it."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {reason(error)}.") from None
    return [inner for inner in inside if not inner.name.startswith(".")]


def pixels(
    file: Path, size: Optional[tuple[int, int]], grey: bool
) -> np.ndarray:
    """Return a picture as bytes, `(H, W)` or `(H, W, 3)`, upright."""
    from PIL import Image, ImageOps

    unreadable = OSError, ValueError, SyntaxError, Image.DecompressionBombError
    try:
        with Image.open(file) as picture:
            mode = picture.mode
            # cameras write how they were held beside the pixels
            upright = ImageOps.exif_transpose(picture)
            plain = upright.convert("L" if grey else "RGB")
    except unreadable as error:
        raise DataError(f"{file} is no picture: {error}.") from None
    if mode[0] in "IF":  # its numbers would be cut off at 255
        raise DataError(
            f"{file} has more than 8 bits a pixel (mode {mode}); save it "
            "with 8."
        )
    if size is not None:
        height, width = size
        plain = plain.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(plain, np.uint8)
