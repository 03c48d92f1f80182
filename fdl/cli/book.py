"""``fdl book build``, ``status``, ``serve``, ``notebooks``, ``ebook`` …."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fdl import data, errors
from fdl.cli.parsing import (
    Parser,
    UsageError,
    choose,
    folder_for,
    offline_flag,
    parse,
    profile_in_force,
    typed,
)

__all__ = ["book", "declared"]


def book(words: list[str]) -> int:
    """Run ``fdl book``.

    Examples
    --------
    >>> book(["build", "--jobs", "0"])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: `--jobs` (=0) must be a whole number from 1 up.
    """
    parser = Parser(
        "fdl book",
        usage="fdl book build|status|serve|notebooks|ebook|linkcheck …",
        description="build      run the stale chapters and build the site\n"
        "status     say which chapters are stale, and why\n"
        "serve      show the built site in a browser\n"
        "notebooks  write the chapters as plain Jupyter notebooks\n"
        "ebook      write the book as one file, an EPUB\n"
        "linkcheck  try every link that leads out of the book",
        epilog="examples:\n"
        "  fdl book status\n"
        "  fdl book build 3 --jobs 1\n"
        "  fdl book serve --port 8000",
        add_help=False,
    )
    verbs = {
        "build": _build,
        "status": _status,
        "serve": _serve,
        "notebooks": _notebooks,
        "ebook": _ebook,
        "linkcheck": _linkcheck,
    }
    return verbs[choose(words, parser, verbs)](words[1:])


def _build(words: list[str]) -> int:
    parser = Parser(
        "fdl book build",
        description="Run the stale chapters, then build the site.",
    )
    parser.add_argument(
        "chapters",
        nargs="*",
        metavar="CHAPTER",
        help="numbers or names (else all)",
    )
    project, parsed = _ready(parser, words)
    return _module("execution").build(
        parsed.jobs, project=project, only=parsed.chapters
    )


def _ebook(words: list[str]) -> int:
    parser = Parser(
        "fdl book ebook",
        description="Run the stale chapters, then write the book as one file.",
    )
    project, parsed = _ready(parser, words)
    return _module("execution").ebook(parsed.jobs, project=project)


def _ready(parser: Parser, words: list[str]) -> tuple[Any, Any]:
    """Return the book, its data fetched, and what was asked for."""
    parser.add_argument(
        "--jobs",
        type=typed("--jobs", int),
        default=2,
        metavar="N",
        help="chapters that run at the same time (2)",
    )
    offline_flag(parser)
    parsed = parse(parser, words)
    if parsed.jobs < 1:
        raise UsageError(
            errors.must("--jobs", parsed.jobs, "be a whole number from 1 up")
        )
    profile_in_force()
    _module("execution")
    project = _module("project").Project(_root())
    # a name that is wrong is said before anything is downloaded
    try:
        chosen = [project.chapter(n) for n in getattr(parsed, "chapters", ())]
    except ValueError as error:
        raise UsageError(error) from None
    if not parsed.offline:
        data.fetch_or_sample(_declared(chosen or project.chapters))
    return project, parsed


def _status(words: list[str]) -> int:
    parser = Parser(
        "fdl book status",
        description="Say which chapters are stale, and why.",
    )
    parse(parser, words)
    profile_in_force()
    _root()
    for row in _module("execution").status():
        if row.fresh:
            print(f"{row.name}: fresh ({row.seconds:.0f} s)")
        else:
            print(f"{row.name}: stale ({', '.join(row.changes)})")
    return 0


def _serve(words: list[str]) -> int:
    parser = Parser(
        "fdl book serve",
        description="Show the built site in a browser, until Ctrl-C.",
    )
    parser.add_argument(
        "--port",
        type=typed("--port", int),
        default=8000,
        metavar="N",
        help="where on this machine (8000; 0 takes a free one)",
    )
    parsed = parse(parser, words)
    folder = _root() / "build" / "html"
    _module("server").serve(folder, parsed.port)
    return 0


def _notebooks(words: list[str]) -> int:
    parser = Parser(
        "fdl book notebooks",
        description="Write the chapters as plain Jupyter notebooks.",
    )
    parser.add_argument(
        "--folder",
        type=folder_for("--folder"),
        metavar="DIR",
        help="where (else build/notebooks)",
    )
    parsed = parse(parser, words)
    project = _module("project").Project(_root())
    folder = parsed.folder or project.root / "build" / "notebooks"
    written = _module("notebooks").write(folder, project)
    for path in written:
        print(path)
    if not written:
        print("No chapter has a run that holds: fdl book build runs them.")
    return 0


def _linkcheck(words: list[str]) -> int:
    parser = Parser(
        "fdl book linkcheck",
        description="Try every link that leads out of the book.",
    )
    parse(parser, words)
    _root()
    return int(_module("execution").linkcheck())


def _module(name: str) -> Any:
    """Import a module of ``fdl.book``, which needs the extra packages."""
    try:
        return importlib.import_module(f"fdl.book.{name}")
    except ImportError as error:
        raise errors.DataError(
            f"fdl book needs Python 3.11 and the extra packages of "
            f"pip install 'fdl[book]': {error}."
        ) from None


def _root() -> Path:
    return _module("project").find_root()


def declared() -> list[str]:
    """Return the data sets that the chapters declare.

    Examples
    --------
    >>> "mnist" in declared()
    True
    """
    return _declared(_module("project").Project(_root()).chapters)


def _declared(chapters: Iterable[Any]) -> list[str]:
    return sorted({name for chapter in chapters for name in chapter.data})
