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
    """
    from fdl import records

    found = records.read(name)
    if name not in _read:
        _read.append(name)
    return found


def records_read() -> list[str]:
    """Return the names of the records that this process has read."""
    return list(_read)
