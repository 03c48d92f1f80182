"""Data sets by name: load them, and know what was loaded.

Nothing is replaced in silence. `load` raises when a set cannot be had;
``load(name, offline=True)`` may give the catalog's offline sample instead,
says so on stderr, and marks it in ``.source``, as it marks derived copies.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

from fdl.data import store
from fdl.data.catalog import CATALOG, Sample, Source, entry
from fdl.data.download import Network, Unavailable
from fdl.data.places import notice
from fdl.errors import ChecksumError, DataError, must, refuse_text

__all__ = [
    "Row",
    "describe",
    "fetch_or_sample",
    "load",
    "names",
    "state",
    "used",
]

NAMES = "be a list of names of data sets"

_used: dict[str, Source] = {}
_told: set[str] = set()


class Row(NamedTuple):
    """One line of ``fdl data list``.

    Attributes
    ----------
    name : str
        The data set.
    where : str
        ``"cached"``, ``"mirror"`` or ``"absent"``.
    kind : str
        ``"official"`` or ``"derived"``: the copy that is there, or the one
        that a fetch would try to get.
    bytes : int or None
        Size of that copy's files; None where it is not known.
    licence : str
        Terms of use.
    sample : str
        Name of the offline sample, or an empty string.

    Examples
    --------
    >>> [row] = describe(["babi"])
    >>> row.bytes, row.licence, row.sample
    (15719851, 'CC BY 3.0 (Facebook)', 'storyteller')
    """

    name: str
    where: str
    kind: str
    bytes: Optional[int]
    licence: str
    sample: str


def names() -> list[str]:
    """Return the names of all data sets.

    Examples
    --------
    >>> "mnist" in names()
    True
    """
    return sorted(CATALOG)


def used() -> dict[str, Source]:
    """Return the sources of all data sets that this process has loaded.

    Examples
    --------
    >>> _ = load("shakespeare", offline=True)
    >>> used()["shakespeare"].kind
    'sample'
    """
    return dict(_used)


def _reader(path: str) -> Any:
    module, function = path.split(":")
    return getattr(importlib.import_module(f"fdl.data.{module}"), function)


def load(name: str, split: str = "train", offline: bool = False) -> Any:
    """Load one split of a data set.

    Parameters
    ----------
    name : str
        The data set, one of `names()`.
    split : str
        Which part of it, usually ``"train"`` or ``"test"``.
    offline : bool
        Never use the network. If neither the cache nor a mirror folder has
        the set, its offline sample is loaded, with one notice on stderr.

    Returns
    -------
    dataset
        An object with a ``.source``; for pictures, an `Images`.

    Raises
    ------
    DataError
        If the data set cannot be had.
    ChecksumError
        If what was had is not what the catalog promises.

    Examples
    --------
    >>> digits = load("mnist", "test", offline=True)
    >>> digits.images.shape[1:], digits.classes[7]
    ((28, 28), '7')
    """
    row = entry(name)
    if split not in row.splits:
        one_of = " or ".join(map(repr, row.splits))
        raise must("split", split, f"be {one_of} for {name!r}")
    if offline:
        found = store.find(row)
    else:
        found = store.obtain(row, Network())
    if found is not None:
        dataset = _reader(row.reader)(row, found.copy, found.paths, split)
    else:
        if row.sample is None:
            raise DataError(
                f"{name!r} is not on this machine and has no offline sample; "
                f"`fdl data fetch {name}` gets it."
            )
        dataset = _reader(row.sample.reader)(row, split)
        if name not in _told:
            notice(_stand_in(name, row.sample))
            _told.add(name)
    # one sampled split makes the whole set a sample in what it leads to
    before = _used.get(name, dataset.source)
    _used[name] = max(before, dataset.source, key=_doubt)
    return dataset


def _doubt(source: Source) -> int:
    return ("official", "derived", "sample").index(source.kind)


def _stand_in(name: str, sample: Sample) -> str:
    return (
        f"{name} is not on this machine, so its offline sample "
        f"{sample.name} is used: {sample.detail}"
    )


def state(name: str) -> str:
    """Return what ``load(name, offline=True)`` would give now.

    Returns
    -------
    str
        ``"official:DIGEST"``, ``"derived:DIGEST"``, ``"sample:VERSION"``,
        ``"absent"``, or ``"damaged"`` when a mirror's file is. It changes
        when what a caller would get changes.

    Examples
    --------
    >>> state("shakespeare"), state("fashion-mnist")
    ('sample:prose-1', 'absent')
    """
    row = entry(name)
    try:
        found = store.find(row, remember=True)
    except ChecksumError:
        return "damaged"
    if found is not None:
        return f"{found.source.kind}:{found.copy.digest}"
    if row.sample is not None:
        try:
            _reader(row.sample.reader)(row, None)
        except DataError:
            return "absent"
        return f"sample:{row.sample.version}"
    return "absent"


def fetch_or_sample(
    wanted: Iterable[str], progress: bool = True
) -> dict[str, str]:
    """Fetch what can be fetched, and say what will stand in for the rest.

    A host that does not answer is asked once, for all data sets together,
    so that a machine without a network is not kept waiting.

    Parameters
    ----------
    wanted : iterable of str
        Names of data sets.
    progress : bool
        Draw progress bars on stderr.

    Returns
    -------
    dict
        Name to its `state` afterwards.

    Raises
    ------
    ChecksumError
        If something was had that is not what the catalog promises.
    DataError
        If what came cannot be stored. Never for trouble with the network.

    Examples
    --------
    >>> fetch_or_sample("mnist")
    Traceback (most recent call last):
    ValueError: `wanted` (='mnist') must be a list of names of data sets.
    """
    refuse_text("wanted", wanted, NAMES)
    network = Network()
    states = {}
    for name in wanted:
        row = entry(name)
        try:
            store.obtain(row, network, progress)
        except Unavailable as error:
            now = state(name)
            if now.startswith("sample:") and row.sample is not None:
                then = f"its offline sample {row.sample.name} will be used"
            else:
                then = "it has no offline sample"
            notice(f"{str(error).rstrip('.')}; {then}")
            states[name] = now
        else:
            states[name] = state(name)
    return states


def describe(wanted: Optional[Iterable[str]] = None) -> list[Row]:
    """Return one row per data set, for a listing; reads no file.

    Parameters
    ----------
    wanted : iterable of str, optional
        Names of data sets; all of them, unless given.

    Examples
    --------
    >>> [(row.name, row.where) for row in describe(["mnist", "glove"])]
    [('mnist', 'absent'), ('glove', 'absent')]
    """
    refuse_text("wanted", wanted, NAMES)
    rows = []
    for name in names() if wanted is None else wanted:
        row = entry(name)
        where, copy = store.glance(row)
        copy = copy or row.copies[0]
        sample = row.sample.name if row.sample else ""
        rows.append(
            Row(name, where, copy.source_kind, copy.bytes, row.licence, sample)
        )
    return rows
