"""Names of code that wrap on a phone where a reader would part them."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["let_wrap", "with_breaks"]

TABLE = re.compile(r"<table\b.*?</table>", re.S)
PIECE = re.compile(r'(?<=<span class="pre">)[^<]+')
JOINT = re.compile(r"(?<=\w)[._](?=[A-Za-z])")


def with_breaks(html: str) -> str:
    """Allow a new line behind the dots and underscores of names in tables.

    Examples
    --------
    >>> with_breaks('<table><span class="pre">fdl.nn.at_rest</span></table>')
    '<table><span class="pre">fdl.<wbr>nn.<wbr>at_<wbr>rest</span></table>'
    """

    def parted(table: re.Match[str]) -> str:
        return PIECE.sub(lambda m: JOINT.sub(r"\g<0><wbr>", m[0]), table[0])

    return TABLE.sub(parted, html)


def let_wrap(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Let the names in a page's tables wrap."""
    if app.builder.name == "html" and "body" in context:
        context["body"] = with_breaks(context["body"])
