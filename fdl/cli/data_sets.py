"""``fdl data list``, ``fdl data fetch`` and ``fdl data verify``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from fdl import data, errors
from fdl.cli.book import declared
from fdl.cli.parsing import (
    Parser,
    UsageError,
    choose,
    parse,
    say,
    table,
    unknown,
)

__all__ = ["data_sets"]


def data_sets(words: list[str]) -> int:
    """Run ``fdl data``.

    Examples
    --------
    >>> data_sets(["fetch", "mnits"])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: fdl data fetch has no data set 'mnits' (did you
    mean mnist?); there is: ...
    """
    parser = Parser(
        "fdl data",
        usage="fdl data list|fetch|verify …",
        description="list    what data sets there are, and which are here\n"
        "fetch   download and verify data sets\n"
        "verify  check every byte of data sets that are here",
        epilog="examples:\n"
        "  fdl data list\n"
        "  fdl data fetch mnist fashion-mnist\n"
        "  fdl data verify mnist",
        add_help=False,
    )
    verbs = {"list": _list, "fetch": _fetch, "verify": _verify}
    return verbs[choose(words, parser, verbs)](words[1:])


def _list(words: list[str]) -> int:
    parser = Parser(
        "fdl data list",
        description="List the data sets: which are here, how large they are, "
        "whether\na sample stands in for them offline, and their licences.",
    )
    parse(parser, words)
    head = ("name", "here", "copy", "size", "sample", "licence")
    rows = [
        (
            row.name,
            row.where,
            row.kind,
            _size(row.bytes),
            row.sample or "-",
            row.licence,
        )
        for row in data.describe()
    ]
    table([head, *rows], right={3})
    return 0


def _fetch(words: list[str]) -> int:
    parser = Parser(
        "fdl data fetch", description="Download and verify data sets."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="see fdl data list"
    )
    parser.add_argument(
        "--book", action="store_true", help="those that the chapters declare"
    )
    parser.add_argument("--all", action="store_true", help="all of them")
    parser.add_argument(
        "--quiet", action="store_true", help="draw no progress bars"
    )
    parsed = parse(parser, words)
    if bool(parsed.names) + parsed.book + parsed.all != 1:
        raise UsageError(
            "fdl data fetch must be given names, --book or --all; there is: "
            + ", ".join(data.names())
            + "."
        )
    wanted = _known(parsed.names, "fdl data fetch")
    if parsed.all:
        wanted = data.names()
    elif parsed.book:
        wanted = declared()
    worst = 0
    for name in wanted:
        try:
            found = data.fetch(name, progress=not parsed.quiet)
        except errors.DataError as error:
            worst = say(error, 1)
        else:
            print(f"{name}: here ({found.source.kind})")
    return worst


def _verify(words: list[str]) -> int:
    parser = Parser(
        "fdl data verify",
        description="Check every byte of data sets; fetch nothing.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="(else all that are here)"
    )
    parsed = parse(parser, words)
    wanted = _known(parsed.names, "fdl data verify") or [
        row.name for row in data.describe() if row.where != "absent"
    ]
    if not wanted:
        print("No data set is here yet; fdl data fetch gets them.")
    worst = 0
    for name in wanted:
        try:
            source = data.verify(name)
        except errors.DataError as error:
            worst = say(error, 1)
        else:
            print(f"{name}: every byte is right ({source.kind})")
    return worst


def _known(names: Sequence[str], prog: str) -> list[str]:
    for name in names:
        if name not in data.names():
            raise UsageError(unknown("data set", name, data.names(), prog))
    return list(dict.fromkeys(names))


def _size(count: Optional[int]) -> str:
    if count is None:
        return "?"
    if count < 1_000_000:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e6:.1f} MB"
