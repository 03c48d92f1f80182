"""Known value: MyST cut into directives, code and plain lines."""

from __future__ import annotations

from typing import Any

import pytest

from fdl.book.markdown import Block, blocks


def cut(text: str) -> list[Any]:
    """Return directives as name and body, code as a tuple, text as a list."""
    return [
        (found.name, found.body)
        if isinstance(found, Block)
        else tuple(found.lines)
        if found.code
        else found.lines
        for found in blocks(text.split("\n"))
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\n```{b} c\nd\n```\ne", [["a"], ("b", ["d"]), ["e"]]),
        ("```text\na\n```", [("```text", "a", "```")]),
        (":::{b}\na\n:::", [("b", ["a"])]),
        ("~~~{b}\na\n~~~", [("b", ["a"])]),
        # a longer fence closes, a shorter or another one does not
        ("```{b}\na\n`````\nc", [("b", ["a"]), ["c"]]),
        ("````{b}\n```\na\n```\n````", [("b", ["```", "a", "```"])]),
        ("```{b}\n~~~\n```", [("b", ["~~~"])]),
        # one that nothing closes goes on to the end
        ("```{b}\na\nc", [("b", ["a", "c"])]),
        # neither code in a line nor colons alone open anything
        ("```a``` is code\nb", [["```a``` is code", "b"]]),
        (":::\na\n:::", [[":::", "a", ":::"]]),
    ],
)
def test_fences_hold_what_stands_between_them(
    text: str, wanted: list[Any]
) -> None:
    assert cut(text) == wanted


@pytest.mark.parametrize(
    "options", [[":name: a", ":lines: 1-2"], ["---", "name: a", "---"]]
)
def test_options_are_cut_off_the_body(options: list[str]) -> None:
    lines = ["```{figure} x.svg", *options, "text", "```"]
    (found,) = blocks(lines)
    assert isinstance(found, Block)
    assert (found.argument, found.options["name"]) == ("x.svg", "a")
    assert found.body == ["text"]
    assert found.raw == "\n".join(lines[1:-1])
