"""Your own files: a table, a folder of pictures, lines of text.

Each reader says what it expects by what it refuses: an error names the file,
the line and what stands there.

Letters: ``N`` rows, ``D`` columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np

from fdl.data.documents import Documents
from fdl.data.entries import Source
from fdl.data.images import Images
from fdl.errors import DataError, must, refuse_text

__all__ = ["Table", "read_documents", "read_images", "read_table"]

PathLike = Union[str, Path]
ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class Table:
    """A table of numbers, and what one of its columns should be told from.

    Attributes
    ----------
    x : ndarray `(N, D)`
        float32.
    y : ndarray `(N,)`
        The target: int64 labels from 0 up, or float32 numbers.
    columns : tuple of str
        The names of the D columns of `x`.
    classes : tuple of str
        What labels mean; empty where the target is a number.
    source : Source
        Where the table came from.

    Examples
    --------
    >>> Table(np.zeros((3, 2)), np.arange(3), ("length", "width"))
    Table(3 rows, columns length, width)
    """

    x: np.ndarray
    y: np.ndarray
    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()
    source: Source = Source("", "official", "made by hand")

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        text = f"{len(self):,} rows, columns {', '.join(self.columns)}"
        if self.classes:
            text += f"; classes {', '.join(self.classes)}"
        return f"Table({text})"


def read_table(
    path: PathLike,
    target: str,
    *,
    kind: str = "classes",
    columns: Optional[Sequence[str]] = None,
) -> Table:
    r"""Read a CSV file whose first line names the columns.

    Parameters
    ----------
    path : path
        The file, in UTF-8, with commas.
    target : str
        The column to be told from the others.
    kind : {"classes", "numbers"}
        What the target holds: labels of any kind, or numbers.
    columns : sequence of str, optional
        The columns to tell it from; all others, unless given.

    Examples
    --------
    >>> lines = ["length,width,kind", "1.5,2,rose", "3,4.5,lily", "2,2,rose"]
    >>> _ = Path("flowers.csv").write_text("\n".join(lines))
    >>> flowers = read_table("flowers.csv", "kind")
    >>> flowers.x.tolist(), flowers.y.tolist(), flowers.classes
    ([[1.5, 2.0], [3.0, 4.5], [2.0, 2.0]], [1, 0, 1], ('lily', 'rose'))
    """
    if kind not in ("classes", "numbers"):
        raise must("kind", kind, "be 'classes' or 'numbers'")
    path = Path(path)
    numbered = _rows(path)
    _, head = next(numbered, (1, []))
    if columns is None:
        columns = [name for name in head if name != target]
    refuse_text("columns", columns, "be a list of columns' names")
    for name in (target, *columns):
        if name not in head:
            raise DataError(
                f"{path} has no column {name!r}; its first line names "
                f"{', '.join(map(repr, head)) or 'none'}."
            )
    if target in columns or not columns:
        rule = f"name a column or more, {target!r} not among them"
        raise must("columns", columns, rule)
    places = [head.index(name) for name in columns]
    x, given, lines = [], [], []
    for line, row in numbered:
        if len(row) != len(head):
            raise DataError(
                f"{path}, line {line} has {len(row)} cells; the first line "
                f"names {len(head)} columns."
            )
        x.append(
            [
                _number(path, line, name, row[k])
                for name, k in zip(columns, places)
            ]
        )
        given.append(row[head.index(target)])
        if not given[-1]:
            raise DataError(f"{path}, line {line}: {target!r} is empty.")
        lines.append(line)
    if not x:
        raise DataError(f"{path} has no row below its first line.")
    classes: tuple[str, ...] = ()
    if kind == "classes":
        classes, y = _labelled(given)
    else:
        values = [_number(path, k, target, c) for k, c in zip(lines, given)]
        y = np.asarray(values, np.float32)
    rows = np.asarray(x, np.float32)
    return Table(rows, y, tuple(columns), classes, _source(path))


def read_images(
    folder: PathLike,
    size: Optional[tuple[int, int]] = None,
    *,
    grey: bool = False,
) -> Images:
    """Read a folder with one folder of pictures for each class.

    ::

        pets/cat/1.jpg    pets/cat/2.jpg    pets/dog/a.png    …

    Parameters
    ----------
    folder : path
        The folder; its folders' names are the classes, in their order.
    size : (int, int), optional
        H and W that every picture is brought to; needed where they differ.
    grey : bool
        Read brightness `(N, H, W)`; otherwise colours `(N, H, W, 3)`.

    Examples
    --------
    >>> from PIL import Image
    >>> for name, brightness in (("day", 200), ("night", 20)):
    ...     Path("sky", name).mkdir(parents=True)
    ...     Image.new("L", (4, 3), brightness).save(f"sky/{name}/1.png")
    >>> sky = read_images("sky", grey=True)
    >>> sky
    Images(2 of 3 x 4, 2 classes, official: sky)
    >>> sky.classes, sky.images[:, 0, 0].tolist()
    (('day', 'night'), [200, 20])
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder.")
    kinds = sorted(p for p in folder.iterdir() if p.is_dir())
    found = [
        (path, label)
        for label, kind in enumerate(kinds)
        for path in sorted(kind.iterdir())
        if path.suffix.lower() in ENDINGS
    ]
    for label, kind in enumerate(kinds):
        if not any(label == other for _, other in found):
            raise DataError(f"{kind} holds no picture.")
    if not found:
        raise DataError(
            f"{folder} must hold a folder of pictures for each class; it "
            "holds no folder."
        )
    pixels = [_pixels(path, size, grey) for path, _ in found]
    for (path, _), one in zip(found, pixels):
        if one.shape != pixels[0].shape:
            raise DataError(
                f"{path} is {one.shape[0]} x {one.shape[1]}, and "
                f"{found[0][0]} is {pixels[0].shape[0]} x "
                f"{pixels[0].shape[1]}; `size` brings all to one size."
            )
    return Images(
        np.stack(pixels),
        np.array([label for _, label in found]),
        tuple(kind.name for kind in kinds),
        _source(folder),
    )


def read_documents(path: PathLike, separator: str = "\t") -> Documents:
    r"""Read a file with a label and a text in each line.

    Parameters
    ----------
    path : path
        The file, in UTF-8; empty lines are passed over.
    separator : str
        What stands between label and text, a tabulator unless given; what
        comes later in a line belongs to the text.

    Examples
    --------
    >>> _ = Path("notes.txt").write_text("good\tI like it.\nbad\tNever!\n")
    >>> notes = read_documents("notes.txt")
    >>> notes.texts, notes.labels.tolist(), notes.classes
    (['I like it.', 'Never!'], [1, 0], ('bad', 'good'))
    """
    path = Path(path)
    given, texts = [], []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        label, mark, text = line.partition(separator)
        if not mark or not label.strip() or not text.strip():
            raise DataError(
                f"{path}, line {number} must be a label, {separator!r} and a "
                f"text; it is {line[:40]!r}."
            )
        given.append(label.strip())
        texts.append(text.strip())
    if not texts:
        raise DataError(f"{path} has no line of text.")
    classes, labels = _labelled(given)
    return Documents(texts, labels, classes, _source(path))


def _labelled(given: Sequence[Any]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the classes, sorted, and the number of each label."""
    classes = sorted(set(given))
    number = {name: k for k, name in enumerate(classes)}
    return tuple(classes), np.array([number[name] for name in given], np.int64)


def _source(path: Path) -> Source:
    return Source(path.resolve().name, "official", "your own files")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file that are not empty, with their lines."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, [cell.strip() for cell in row]


def _number(path: Path, line: int, name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise DataError(
            f"{path}, line {line}: {name!r} must be a number; it is {cell!r}."
        )
    return value


def _pixels(
    path: Path, size: Optional[tuple[int, int]], grey: bool
) -> np.ndarray:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            plain = picture.convert("L" if grey else "RGB")
    except OSError as error:
        raise DataError(f"{path} is no picture: {error}.") from None
    if size is not None:
        height, width = size
        plain = plain.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(plain, np.uint8)
