"""Style sheets without the rules that no page can use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

__all__ = ["classes", "without_unused"]

COMMENT = re.compile(r"/\*.*?\*/", re.S)
TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.S)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
NOT = re.compile(r":not\([^()]*\)")
# between selectors, not within brackets
COMMA = re.compile(r",(?![^()\[\]]*[)\]])")
NESTED = ("@media", "@supports", "@layer")


def without_unused(style: str, words: Set[str]) -> str:
    """Return a style sheet without rules for classes that nothing has.

    Parameters
    ----------
    style : str
        The style sheet.
    words : set of str
        What may be a class: all words of all pages and scripts.

    Examples
    --------
    >>> without_unused("a.x,b.y{c:d}.z{e:f}@media print{.z{g:h}}", {"x"})
    'a.x{c:d}'
    """
    kept = []
    for head, body in _rules(COMMENT.sub("", style)):
        name = head.strip()
        if body is None:
            kept.append(head)
        elif name.startswith(NESTED):
            if inner := without_unused(body, words):
                kept.append(f"{head}{{{inner}}}")
        elif name.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            used = [s for s in COMMA.split(head) if classes(s) <= words]
            if used:
                kept.append(f"{','.join(used)}{{{body}}}")
    return "".join(kept)


def classes(selector: str) -> set[str]:
    """Return the classes that an element needs for a selector to match.

    Examples
    --------
    >>> sorted(classes('ul.a > li.b:not(.c)[href$=".d"]'))
    ['a', 'b']
    """
    return set(CLASS.findall(NOT.sub("", TEXT.sub("", selector))))


def _rules(style: str) -> Iterator[tuple[str, str | None]]:
    """Cut a style sheet into heads and bodies; a statement has no body."""
    begin = at = 0
    while at < len(style):
        if text := TEXT.match(style, at):
            at = text.end()
        elif style[at] == ";":
            yield style[begin : at + 1], None
            begin = at = at + 1
        elif style[at] == "{":
            end = _close(style, at)
            yield style[begin:at], style[at + 1 : end]
            begin = at = end + 1
        else:
            at += 1


def _close(style: str, at: int) -> int:
    """Return where the bracket closes that opens at a place."""
    depth = 0
    while at < len(style):
        if text := TEXT.match(style, at):
            at = text.end()
            continue
        depth += {"{": 1, "}": -1}.get(style[at], 0)
        if depth == 0:
            return at
        at += 1
    return at
