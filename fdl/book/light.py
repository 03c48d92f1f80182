"""Pages that load quickly, and that say what they are about."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes

from fdl.book.project import write_text

__all__ = ["add_description", "keep_used_icons", "without_others"]

ICON = re.compile(r"\bfa-([a-z0-9-]+)")
# name:[width,height,[other names],"code","path"], as the icons' script has it
ENTRY = re.compile(
    r'(?:"(?P<quoted>[\w-]+)"|(?P<plain>[A-Za-z_$][\w$]*)):'
    r'\[\d+,\d+,\[(?P<others>[^\]]*)\],"[0-9a-f]+",'
    r'(?:"[^"]*"|\["[^"]*","[^"]*"\])\],?'
)
SCRIPTS = "_static/scripts"
LONGEST = 155  # characters of a description


def without_others(script: str, used: set[str]) -> str:
    """Return a script of icons with only those of some names.

    Parameters
    ----------
    script : str
        Font Awesome's.
    used : set of str
        The names to keep.

    Examples
    --------
    >>> icons = '{sun:[5,5,[97],"f1","M0"],moon:[5,5,["night"],"f2","M1"]}'
    >>> without_others(icons, {"night"})
    '{moon:[5,5,["night"],"f2","M1"]}'
    """

    def kept(entry: re.Match[str]) -> str:
        names = {entry["quoted"] or entry["plain"]}
        names |= set(re.findall(r'"([\w-]+)"', entry["others"]))
        return entry[0] if names & used else ""

    return ENTRY.sub(kept, script).replace(",}", "}")


def keep_used_icons(app: Any, exception: Exception | None) -> None:
    """Leave out the icons that no page shows: 1.4 of 1.6 megabytes."""
    out = Path(app.outdir)
    icons = out / SCRIPTS / "fontawesome.js"
    if exception is not None or app.builder.name != "html":
        return
    if not icons.exists():
        return
    used: set[str] = set()
    for path in [*out.rglob("*.html"), *(out / SCRIPTS).glob("*theme.js")]:
        used |= set(ICON.findall(path.read_text(encoding="utf-8")))
    write_text(icons, without_others(icons.read_text(encoding="utf-8"), used))


def add_description(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Say in a page's head what it is about: its first paragraph."""
    if app.builder.name != "html":
        return
    text = ""
    if doctree is not None:
        for node in doctree.findall(nodes.paragraph):
            if not isinstance(node.parent, nodes.section):
                continue  # of a box or a card
            text = " ".join(node.astext().split())
            break
    text = text or f"{context.get('title') or 'Page'}: {app.config.html_title}"
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0].rstrip(",.;:") + " …"
    tag = f'<meta name="description" content="{escape(text)}" />'
    context["metatags"] = context.get("metatags", "") + tag
