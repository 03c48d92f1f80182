"""Reading MyST Markdown as blocks: directives, code and plain lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

__all__ = ["Block", "Lines", "blocks"]

OPEN = re.compile(r"^(\s*)(`{3,}|~{3,}|:{3,})\s*(?:\{([\w:.-]+)\}\s*)?(.*)$")


@dataclass
class Block:
    """A directive.

    Attributes
    ----------
    name, argument : str
        What stands in its first line.
    options : dict
        Its options.
    body : list of str
        Its content.
    raw : str
        All of it, between the fences.

    Examples
    --------
    >>> (found,) = blocks(["```{note} On a", ":class: tip", "Text.", "```"])
    >>> found.name, found.argument, found.options, found.body
    ('note', 'On a', {'class': 'tip'}, ['Text.'])
    """

    name: str
    argument: str
    options: dict[str, Any]
    body: list[str]
    raw: str


@dataclass
class Lines:
    """Lines that are not a directive; `code` if they are fenced code.

    Examples
    --------
    >>> [found.code for found in blocks(["Text.", "```text", "code", "```"])]
    [False, True]
    """

    lines: list[str] = field(default_factory=list)
    code: bool = False


def blocks(lines: list[str]) -> Iterator[Block | Lines]:
    """Cut lines into directives and what stands between them.

    Examples
    --------
    >>> [type(found).__name__ for found in blocks(["a", "```{b}", "```", "c"])]
    ['Lines', 'Block', 'Lines']
    """
    plain: list[str] = []
    i = 0
    while i < len(lines):
        found = OPEN.match(lines[i])
        if not found or (found[2][0] == "`" and "`" in found[4]):
            plain.append(lines[i])
            i += 1
            continue
        if found[2][0] == ":" and not found[3]:
            plain.append(lines[i])
            i += 1
            continue
        end = _closing(lines, i + 1, found[2])
        inner = lines[i + 1 : end]
        if plain:
            yield Lines(plain)
            plain = []
        if found[3]:
            options, body = _options(inner)
            yield Block(
                found[3], found[4].strip(), options, body, "\n".join(inner)
            )
        else:
            yield Lines(lines[i : end + 1], code=True)
        i = end + 1
    if plain:
        yield Lines(plain)


def _closing(lines: list[str], start: int, fence: str) -> int:
    """Return the line that closes a fence, or the one after the last."""
    for i in range(start, len(lines)):
        text = lines[i].strip()
        if len(text) >= len(fence) and set(text) == {fence[0]}:
            return i
    return len(lines)


def _options(lines: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Cut the options off a directive's content."""
    if lines and lines[0].strip() == "---":
        for i in range(1, len(lines)):
            if lines[i].strip() == "---":
                found = yaml.safe_load("\n".join(lines[1:i])) or {}
                return dict(found), lines[i + 1 :]
    options: dict[str, Any] = {}
    i = 0
    while i < len(lines) and (
        m := re.match(r"\s*:([\w-]+):\s*(.*)", lines[i])
    ):
        options[m[1]] = m[2].strip()
        i += 1
    return options, lines[i:]
