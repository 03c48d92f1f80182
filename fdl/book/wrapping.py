"""Names of code that wrap on a phone where a reader would part them.

Those in tables, which share a line with others, and long ones everywhere.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["let_wrap", "with_breaks"]

TABLE = re.compile(r"<table\b.*?</table>", re.S)
LONG = re.compile(r'(?<=<span class="pre">)[\w.]{30,}')
PIECE = re.compile(r'(?<=<span class="pre">)[^<]+')
JOINT = re.compile(r"(?<=\w)[._](?=[A-Za-z])")


def with_breaks(html: str) -> str:
    """Allow a new line behind the dots and underscores of names.

    Examples
    --------
    >>> with_breaks('<table><span class="pre">fdl.nn.at_rest</span></table>')
    '<table><span class="pre">fdl.<wbr>nn.<wbr>at_<wbr>rest</span></table>'
    """

    def parted(name: re.Match[str]) -> str:
        return JOINT.sub(r"\g<0><wbr>", name[0])

    html = TABLE.sub(lambda table: PIECE.sub(parted, table[0]), html)
    return LONG.sub(parted, html)  # not those that have their breaks


def let_wrap(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Let the names in a page's tables wrap, and the long ones."""
    if app.builder.name == "html" and "body" in context:
        context["body"] = with_breaks(context["body"])
