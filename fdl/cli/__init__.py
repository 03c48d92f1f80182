"""The ``fdl`` command.

Each subcommand loads only what it needs. What a user can cause ends in one
line on stderr: exit code 2 for a flag or an argument, 1 for everything else
that :mod:`fdl.errors` knows, 130 for Ctrl-C.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Callable, Optional

import fdl
from fdl import device
from fdl.cli import book, data_sets
from fdl.cli.parsing import (
    Parser,
    UsageError,
    exit_code,
    parse,
    say,
    unknown,
)
from fdl.cli.training import record, train
from fdl.cli.translating import translate

__all__ = ["main"]

OVERVIEW = """\
usage: fdl COMMAND ...

The code behind an executable book on deep learning.

  fdl data list               what data sets there are, and which are here
  fdl data fetch mnist        download and verify one
  fdl data verify             check every byte of those that are here

  fdl train mnist_mlp         train at the quick profile: seconds to minutes
  fdl train mnist_mlp --help  its settings, each of them a flag
  fdl record mnist_mlp        train at the book's own scale, keep the record

  fdl translate "A dog."      translate into French

  fdl book build              run the stale chapters and build the site
  fdl book status             which chapters are stale, and why
  fdl book serve              show the built site in a browser
  fdl devices                 what MXNet can run on here

fdl COMMAND --help tells more about each of them.
"""


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        What stands after ``fdl``; from the command line if not given.

    Examples
    --------
    >>> main(["--version"])
    fdl 0.1.0
    0
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode
    try:
        done = _run(words)
        if sys.stdout is not None:
            sys.stdout.flush()
        return done
    except BrokenPipeError:  # the reader of our output has gone
        _drop_output()
        return 1
    except KeyboardInterrupt as error:
        return say(str(error) or "interrupted.", 130)
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError:  # and Python would try once more at its end
            _drop_output()
        return say(error, code)


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(OVERVIEW, end="")
        return 0
    if words[0] == "--version":
        print(f"fdl {fdl.__version__}")
        return 0
    command, rest = words[0], words[1:]
    if command not in COMMANDS:
        what = "flag" if command.startswith("-") else "command"
        raise UsageError(unknown(what, command, list(COMMANDS), "fdl"))
    try:
        return COMMANDS[command](rest)
    except SystemExit as finished:  # --help of a subcommand
        return int(finished.code or 0)


def _devices(words: list[str]) -> int:
    parser = Parser(
        "fdl devices", description="Say what MXNet can run on here."
    )
    parse(parser, words)
    print(device.describe())
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "data": data_sets.data_sets,
    "train": train,
    "record": record,
    "translate": translate,
    "devices": _devices,
    "book": book.book,
}
