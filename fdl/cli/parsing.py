"""How the ``fdl`` command reads words and speaks: one line for an error."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Callable, NoReturn, Optional

from fdl import _folders, errors, profiles

__all__ = [
    "EXPECTED",
    "Parser",
    "UsageError",
    "choose",
    "exit_code",
    "folder_for",
    "metavar",
    "offline_flag",
    "one_of",
    "parse",
    "profile_in_force",
    "say",
    "table",
    "typed",
    "unknown",
    "words",
]

CLOSE, CLOSE_PART = 0.6, 0.8  # likeness of a slip, in a name or in its part
MANY = 12  # names that one does not read through
NO = ("", "0", "no", "false", "off")
# what a user can cause, beyond a bad argument; the rest is a bug and shows
# its traceback
EXPECTED: tuple[type[Exception], ...] = (
    *(
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
    OSError,
)


# the form of fdl.errors.must: somebody's argument, not our mistake
RULE = re.compile(r"`[^`]+` \(=.*\) must ", re.DOTALL)


class UsageError(Exception):
    """A flag or an argument that makes no sense.

    Examples
    --------
    >>> exit_code(UsageError("fdl data takes no flag '--fast'."))
    2
    """


def exit_code(error: BaseException) -> Optional[int]:
    """Return the exit code of what a user can cause; None for a bug.

    Examples
    --------
    >>> from fdl.errors import DataError
    >>> exit_code(DataError("no mnist"))
    1
    >>> exit_code(errors.must("k", 0, "be 1"))
    2
    >>> exit_code(KeyError("a slip of ours")) is None
    True
    """
    if isinstance(error, (UsageError, errors.DeviceError)):
        return 2
    if isinstance(error, ValueError) and RULE.match(str(error)):
        return 2
    return 1 if isinstance(error, EXPECTED) else None


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of printing its usage.

    Examples
    --------
    >>> parser = Parser("fdl demo")
    >>> _ = parser.add_argument("--port", type=int)
    >>> parser.parse_args(["--port", "x"])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: Argument --port: invalid int value: 'x'; see
    fdl demo --help.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", Formatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong as one sentence."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}; {self.hint}")

    @property
    def hint(self) -> str:
        """Where to read on."""
        return f"see {self.prog} --help."


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help in two columns, the first wide enough for our flags."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)


def say(message: object, code: int) -> int:
    """Print one line on stderr, whatever the message looks like.

    Examples
    --------
    >>> import contextlib
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     say("Two lines, " + chr(10) + "which become one.", 1)
    fdl: Two lines, which become one.
    1
    """
    line = re.sub(r"\s+", " ", words(message)).strip()
    mark = "" if line.startswith("fdl ") else "fdl: "
    print(f"{mark}{line}", file=sys.stderr)
    return code


def words(message: object) -> str:
    """Return a message or an error in words, never in Python's.

    Examples
    --------
    >>> words(FileNotFoundError(2, "No such file or directory", "a.txt"))
    'a.txt: No such file or directory.'
    >>> words(MemoryError())
    'MemoryError'
    """
    if isinstance(message, OSError):
        where = f"{message.filename}: " if message.filename else ""
        return f"{where}{_folders.reason(message)}."
    return str(message) or type(message).__name__


def unknown(what: str, word: str, known: Sequence[str], prog: str) -> str:
    """Return the sentence that says what there is instead of `word`.

    Examples
    --------
    >>> unknown("command", "biuld", ["build", "serve"], "fdl book")
    "fdl book has no command 'biuld' (did you mean build?); there is: build,
    serve."
    """
    there = ", ".join(known)
    near = _near(word, known)
    return f"{prog} has no {what} {word!r}{near}; there is: {there}."


def _near(word: str, known: Sequence[str]) -> str:
    """Return the hint at the name, or at a part of one, that is like `word`.

    A list that is too long to be looked through always gets one.
    """

    def like(text: str) -> float:
        matcher = difflib.SequenceMatcher(None, word.lower(), text.lower())
        return matcher.ratio()

    def rank(name: str) -> tuple[float, float]:
        parts = [like(part) for part in re.split(r"[-_]", name)]
        whole = like(name)
        return max([whole, *(p for p in parts if p >= CLOSE_PART)]), whole

    if not known:
        return ""
    name = max(known, key=rank)
    if rank(name)[0] >= CLOSE:
        return f" (did you mean {name}?)"
    return f" (the nearest is {name})" if len(known) > MANY else ""


def parse(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """Parse, and refuse what is left over.

    Examples
    --------
    >>> parser = Parser("fdl demo")
    >>> _ = parser.add_argument("--quiet", action="store_true")
    >>> parse(parser, ["--quiet"]).quiet
    True
    >>> parse(parser, ["--quite"])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: fdl demo takes no flag '--quite' (did you mean
    --quiet?); see fdl demo --help.
    """
    parsed, over = parser.parse_known_args(list(words))
    if over:
        flags = [
            flag
            for action in parser._actions
            for flag in action.option_strings
            if flag.startswith("--")
        ]
        word = over[0].partition("=")[0]
        close = difflib.get_close_matches(word, flags, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        kind = "flag" if word.startswith("-") else "argument"
        raise UsageError(
            f"{parser.prog} takes no {kind} {word!r}{hint}; {parser.hint}"
        )
    return parsed


def choose(words: list[str], parser: Parser, known: dict[str, Any]) -> str:
    """Return the subcommand that `words` begin with.

    Examples
    --------
    >>> choose(["list", "--help"], Parser("fdl data"), {"list": 0, "fetch": 1})
    'list'
    """
    if not words or words[0] in ("-h", "--help"):
        print(parser.format_help(), end="")
        raise SystemExit(0)
    if words[0] not in known:
        what = "flag" if words[0].startswith("-") else "command"
        raise UsageError(unknown(what, words[0], list(known), parser.prog))
    return words[0]


def folder_for(flag: str) -> Callable[[str], Path]:
    """Return what turns a flag's text into a folder; ``~`` is the home.

    Examples
    --------
    >>> folder = folder_for("--folder")
    >>> folder("~").is_absolute(), folder("runs").is_absolute()
    (True, False)
    >>> folder(" ")
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: `--folder` (=' ') must name a folder.
    """

    def convert(text: str) -> Path:
        if not text.strip():
            raise UsageError(errors.must(flag, text, "name a folder"))
        if not text.startswith("~"):
            return Path(text)
        try:
            return _folders.absolute(flag, text)
        except errors.DataError as error:
            raise UsageError(error) from None

    return convert


def offline_flag(parser: Any) -> None:
    """Add ``--offline``.

    Examples
    --------
    >>> parser = Parser("fdl demo")
    >>> offline_flag(parser)
    >>> parse(parser, ["--offline"]).offline
    True
    """
    parser.add_argument(
        "--offline",
        action="store_true",
        default=os.environ.get("FDL_OFFLINE", "").strip().lower() not in NO,
        help="use no network, and samples where data are missing "
        "(FDL_OFFLINE=1 says so for good)",
    )


def metavar(kind: type) -> str:
    """Return what stands for a value in the help.

    Examples
    --------
    >>> [metavar(kind) for kind in (int, float, str)]
    ['N', 'X', 'TEXT']
    """
    return {int: "N", float: "X"}.get(kind, "TEXT")


def typed(flag: str, kind: type) -> Callable[[str], Any]:
    """Return what turns a flag's text into a value of a type.

    Examples
    --------
    >>> typed("--epochs", int)("3"), typed("--nesterov", bool)("true")
    (3, True)
    >>> typed("--epochs", int)("3.5")
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: `--epochs` (='3.5') must be a whole number.
    """
    names = {int: "a whole number", float: "a number", bool: "true or false"}

    def convert(text: str) -> Any:
        try:
            if kind is bool:
                return {"true": True, "false": False}[text.lower()]
            return kind(text)
        except (KeyError, ValueError):
            rule = f"be {names.get(kind, kind.__name__)}"
            raise UsageError(errors.must(flag, text, rule)) from None

    return convert


def one_of(flag: str, known: Iterable[str]) -> Callable[[str], str]:
    """Return what lets a flag's text pass if it is known.

    Examples
    --------
    >>> profile = one_of("--profile", ("quick", "full"))
    >>> profile("full")
    'full'
    >>> profile("slow")
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: `--profile` (='slow') must be quick or full.
    """

    def convert(text: str) -> str:
        if text not in known:
            rule = "be " + " or ".join(known)
            raise UsageError(errors.must(flag, text, rule))
        return text

    return convert


def profile_in_force() -> str:
    """Return the profile that ``FDL_PROFILE`` chooses.

    Examples
    --------
    >>> profile_in_force()
    'quick'
    """
    try:
        return profiles.current()
    except ValueError as error:
        raise UsageError(error) from None


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> None:
    """Print rows as columns; those in `right` are flush right.

    Examples
    --------
    >>> table([("name", "size"), ("mnist", "9"), ("ptb", "10")], right={1})
    name   size
    mnist     9
    ptb      10
    """
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ]
        print("  ".join(cells).rstrip())
