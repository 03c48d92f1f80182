"""What a chapter's cells ask of the book: the profile and the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fdl.profiles import profile

if TYPE_CHECKING:
    from fdl.records import Record

__all__ = ["profile", "record", "records_read"]

_read: list[str] = []


def record(name: str) -> Record:
    """Read the record of a full run, ``results/NAME.json``.

    Write the name out in the call: a chapter is run again when a record
    that it names has changed, and names are found without running anything.

    Parameters
    ----------
    name : str
        The record's name, which is its file's name without ``.json``.

    Returns
    -------
    Record
        Metrics, curves, configuration, versions and hardware of that run.

    Examples
    --------
    >>> from fdl import records
    >>> _ = records.Record("demo", "demo", {"test_error": 0.25}).save()
    >>> record("demo").metrics["test_error"]
    0.25
    """
    from fdl import records

    found = records.read(name)
    if name not in _read:
        _read.append(name)
    return found


def records_read() -> list[str]:
    """Return the names of the records that this process has read.

    Examples
    --------
    >>> from fdl import records
    >>> _ = records.Record("demo", "demo", {}).save()
    >>> found = record("demo"), record("demo")
    >>> records_read().count("demo")
    1
    """
    return list(_read)
