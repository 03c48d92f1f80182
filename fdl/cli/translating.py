"""``fdl translate``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fdl import errors, records
from fdl.cli.parsing import Parser, UsageError, parse, typed

__all__ = ["translate"]

RECORD = "translation"


def translate(words: list[str]) -> int:
    """Run ``fdl translate``.

    Examples
    --------
    >>> translate(["--beam", "0", "A dog."])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: `--beam` (=0) must be a whole number from 1 up.
    """
    parser = Parser(
        "fdl translate",
        usage="fdl translate [flags] [SENTENCE ...]",
        description="Translate from English to French: each SENTENCE, or "
        "each line of the input.\nAn empty line stays one.",
        epilog="examples:\n"
        '  fdl translate "A dog runs through the snow."\n'
        "  fdl translate --beam 5 < captions.txt",
    )
    parser.add_argument(
        "sentences",
        nargs="*",
        metavar="SENTENCE",
        help="English, in quotation marks (else the input's lines)",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help=f"an .npz file of a run (else that of the record {RECORD})",
    )
    parser.add_argument(
        "--beam",
        type=typed("--beam", int),
        default=1,
        metavar="N",
        help="how many hypotheses to keep (1)",
    )
    parser.add_argument(
        "--fill",
        action="store_true",
        help="put the source's word where the decoder knows none",
    )
    parsed = parse(parser, words)
    if parsed.beam < 1:
        rule = "be a whole number from 1 up"
        raise UsageError(errors.must("--beam", parsed.beam, rule))
    if any(not sentence.strip() for sentence in parsed.sentences):
        raise UsageError(errors.must("SENTENCE", "", "hold a word"))
    interpreter = _interpreter(parsed.weights)
    for sentence in parsed.sentences or _lines():
        found = [""]
        if sentence.strip():
            found = interpreter.translate(
                [sentence], beam=parsed.beam, fill=parsed.fill
            )
        print(found[0], flush=True)
    return 0


def _lines() -> Iterator[str]:
    """Yield the lines of the input, one as soon as it is there."""
    number = 0
    try:
        for line in sys.stdin:
            number += 1
            yield line.rstrip("\n")
    except UnicodeDecodeError as error:
        raise errors.DataError(
            f"The input is not UTF-8 text after line {number:,}: {error}."
        ) from None


def _interpreter(path: Any) -> Any:
    """Return the interpreter of a file, or of the record."""
    from fdl.language import Interpreter

    if path is None:
        if RECORD not in records.names():
            raise errors.DataError(
                f"There is no record {RECORD} in {records.directory()}; "
                f"--weights names a file, and fdl train {RECORD} makes one."
            )
        return Interpreter.of(records.read(RECORD).arrays)
    return Interpreter.load(path)
