"""Pages that load quickly, and that say what they are about."""

from __future__ import annotations

import functools
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token

from fdl.book.project import write_text
from fdl.book.styles import without_unused

__all__ = [
    "add_description",
    "keep_what_is_used",
    "lighten",
    "without_others",
]

WORD = re.compile(r"[\w-]+")
# name:[width,height,[other names],"code","path"], as the icons' script has it
ENTRY = re.compile(
    r'(?:"(?P<quoted>[\w-]+)"|(?P<plain>[A-Za-z_$][\w$]*)):'
    r'\[\d+,\d+,\[(?P<others>[^\]]*)\],"[0-9a-f]+",'
    r'(?:"[^"]*"|\["[^"]*","[^"]*"\])\],?'
)
# what a signature is made of cannot be parted, as its lines are
SIGNATURE = re.compile(r'<dt class="sig .*?</dt>', re.S)
PRE = re.compile(r'<span class="pre">([^<]*)</span>')
FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
STYLES_OF_CODE = ("a11y-high-contrast-light", "a11y-high-contrast-dark")
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


def keep_what_is_used(app: Any, exception: Exception | None) -> None:
    """Leave out icons and styles that no page uses: 1.9 megabytes."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    texts = [
        path.read_text(encoding="utf-8")
        for path in [*out.rglob("*.html"), *static.rglob("*.js")]
        if path.name not in ("fontawesome.js", "tex-svg-full.js")
    ]
    words = set(WORD.findall(" ".join(texts)))
    used = {w[3:] for w in words if w.startswith("fa-")}
    icons = static / "scripts" / "fontawesome.js"
    if icons.exists():
        write_text(icons, without_others(icons.read_text("utf-8"), used))
    for path in static.rglob("*.css"):
        style = path.read_text(encoding="utf-8")
        write_text(path, without_unused(FACE.sub("", style), words))


@functools.cache
def _plain() -> re.Pattern[str]:
    """Return what finds words of code that no style draws differently.

    Operators go with them: they are their own marks, and every third mark.
    """
    styles = [get_style_by_name(name) for name in STYLES_OF_CODE]
    classes = [
        short
        for token, short in STANDARD_TYPES.items()
        if short
        and all(
            token is Token.Operator
            or style.style_for_token(token)
            == style.style_for_token(Token.Text)
            for style in styles
        )
    ]
    return re.compile(rf'<span class="(?:{"|".join(classes)})">([^<]*)</span>')


def lighten(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Take marks away from code that look like no mark: a third of a page."""
    if app.builder.name == "html" and "body" in context:
        body = _plain().sub(r"\1", context["body"])
        context["body"] = SIGNATURE.sub(lambda s: PRE.sub(r"\1", s[0]), body)


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
