"""Your own files: a table, a folder of pictures, lines of text.

Each reader says what it expects by what it refuses: an error names the file,
the line and what stands there.

Letters: ``N`` rows, ``D`` columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from fdl.data import _own
from fdl.data._own import PathLike
from fdl.data.documents import Documents
from fdl.data.entries import Source
from fdl.data.images import Images
from fdl.errors import DataError, must

__all__ = ["Table", "read_documents", "read_images", "read_table"]


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

    def __post_init__(self) -> None:
        x, y = np.asarray(self.x), np.asarray(self.y)
        if x.ndim != 2 or x.shape[1] != len(self.columns):
            rule = f"have the shape (N, {len(self.columns)}), as `columns`"
            raise must("x", f"array of shape {x.shape}", rule)
        if y.shape != x.shape[:1]:
            rule = f"have the shape ({len(x)},), one for each row of `x`"
            raise must("y", f"array of shape {y.shape}", rule)
        object.__setattr__(self, "x", x.astype(np.float32))
        kind = np.int64 if y.dtype.kind in "iub" else np.float32
        object.__setattr__(self, "y", y.astype(kind))

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
    >>> from pathlib import Path
    >>> lines = ["length,width,kind", "1.5,2,rose", "3,4.5,lily", "2,2,rose"]
    >>> _ = Path("flowers.csv").write_text("\n".join(lines))
    >>> flowers = read_table("flowers.csv", "kind")
    >>> flowers.x.tolist(), flowers.y.tolist(), flowers.classes
    ([[1.5, 2.0], [3.0, 4.5], [2.0, 2.0]], [1, 0, 1], ('lily', 'rose'))
    """
    if kind not in ("classes", "numbers"):
        raise must("kind", kind, "be 'classes' or 'numbers'")
    path = _own.path("path", path)
    rows = _own.rows(path)
    _, head = next(rows, (1, []))
    if columns is None:
        columns = [name for name in head if name != target]
    chosen = _own.listed("columns", columns)
    for name in (target, *chosen):
        if name not in head:
            raise DataError(
                f"{path} has no column {name!r}; its first line names "
                f"{', '.join(map(repr, head)) or 'none'}."
            )
        if head.count(name) > 1:
            raise DataError(f"{path} names two columns {name!r}.")
    if target in chosen or not chosen or len(set(chosen)) < len(chosen):
        rule = f"name a column or more, once each, {target!r} not among them"
        raise must("columns", columns, rule)
    places = [head.index(name) for name in chosen]
    x, y = [], []
    for line, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(head):
            raise DataError(
                f"{where} has {len(row)} cells; the first line names "
                f"{len(head)} columns."
            )
        x.append([_own.number(where, head[k], row[k]) for k in places])
        given: Any = row[head.index(target)]
        if not given:
            raise DataError(f"{where}: {target!r} is empty.")
        if kind == "numbers":
            given = _own.number(where, target, given)
        y.append(given)
    if not x:
        raise DataError(f"{path} has no row below its first line.")
    classes: tuple[str, ...] = ()
    if kind == "classes":
        classes, targets = _own.labelled(y)
    else:
        targets = np.asarray(y, np.float32)
    return Table(
        np.asarray(x, np.float32),
        targets,
        tuple(chosen),
        classes,
        _own.source(path),
    )


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
        The folder; its folders' names are the classes, in their order. What
        begins with a dot is passed over, and so are files of other kinds.
    size : (int, int), optional
        H and W that every picture is brought to; needed where they differ.
    grey : bool
        Read brightness `(N, H, W)`; otherwise colours `(N, H, W, 3)`.

    Examples
    --------
    >>> from pathlib import Path
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
    folder = _own.path("folder", folder)
    if size is not None:
        size = _own.measures("size", size)
    kinds = _own.folders(folder)
    found = [
        (path, label)
        for label, kind in enumerate(kinds)
        for path in _own.pictures(kind)
    ]
    pixels = [_own.pixels(path, size, grey) for path, _ in found]
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
        _own.source(folder),
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
    >>> from pathlib import Path
    >>> _ = Path("notes.txt").write_text("good\tI like it.\nbad\tNever!\n")
    >>> notes = read_documents("notes.txt")
    >>> notes.texts, notes.labels.tolist(), notes.classes
    (['I like it.', 'Never!'], [1, 0], ('bad', 'good'))
    """
    path = _own.path("path", path)
    if not isinstance(separator, str) or not separator:
        raise must("separator", separator, "be a character or more")
    given, texts = [], []
    for number, line in enumerate(_own.text(path).split("\n"), 1):
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
    classes, labels = _own.labelled(given)
    return Documents(texts, labels, classes, _own.source(path))
