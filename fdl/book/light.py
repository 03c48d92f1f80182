"""Pages that load quickly, and that say what they are about."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes

from fdl.book.project import write_text

__all__ = [
    "add_description",
    "keep_used_icons",
    "without_other_rules",
    "without_others",
]

ICON = re.compile(r"\bfa-([a-z0-9-]+)")
# name:[width,height,[other names],"code","path"], as the icons' script has it
ENTRY = re.compile(
    r'(?:"(?P<quoted>[\w-]+)"|(?P<plain>[A-Za-z_$][\w$]*)):'
    r'\[\d+,\d+,\[(?P<others>[^\]]*)\],"[0-9a-f]+",'
    r'(?:"[^"]*"|\["[^"]*","[^"]*"\])\],?'
)
# .fa-name,.fa-other{--fa:"\\f185"}, as the style sheet has it
RULE = re.compile(r'(\.fa-[\w-]+(?:,\.fa-[\w-]+)*)\{--fa:"[^"]*"\}')
FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
SCRIPTS = "_static/scripts"
STYLES = "_static/styles"
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


def without_other_rules(style: str, used: set[str]) -> str:
    """Return a style sheet with only the icons of some names.

    Their font is left out, too: the script draws them.

    Parameters
    ----------
    style : str
        The theme's.
    used : set of str
        The names to keep.

    Examples
    --------
    >>> icons = '.fa-sun,.fa-day{--fa:"1"}.fa-moon{--fa:"2"}.fa-lg{width:1em}'
    >>> without_other_rules(icons, {"day"})
    '.fa-sun,.fa-day{--fa:"1"}.fa-lg{width:1em}'
    """

    def kept(rule: re.Match[str]) -> str:
        return rule[0] if used & set(ICON.findall(rule[1])) else ""

    return RULE.sub(kept, FACE.sub("", style))


def keep_used_icons(app: Any, exception: Exception | None) -> None:
    """Leave out the icons that no page shows: 1.5 of 2 megabytes."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    used: set[str] = set()
    for path in [*out.rglob("*.html"), *(out / SCRIPTS).glob("*theme.js")]:
        used |= set(ICON.findall(path.read_text(encoding="utf-8")))
    for name, shorten in (
        (f"{SCRIPTS}/fontawesome.js", without_others),
        (f"{STYLES}/pydata-sphinx-theme.css", without_other_rules),
    ):
        path = out / name
        if path.exists():
            text = path.read_text(encoding="utf-8")
            write_text(path, shorten(text, used))


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
