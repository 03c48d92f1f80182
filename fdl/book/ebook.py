"""The book as one file, which e-book readers open: an EPUB.

Formulas are MathML, which readers draw themselves; figures with controls are
the pictures that stand where no script runs. The pages are well-formed XML, as
the format demands, whatever the libraries that wrote them think of that.
"""

from __future__ import annotations

import functools
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from sphinx.util.math import get_node_equation_number

from fdl.book.project import write_text

__all__ = ["mathml", "pack", "settle", "setup_maths", "well_formed"]

# what an e-book has no use for: scripts, and pictures of the site's frame
LEFT_OUT = re.compile(
    r"\.(?:js|map|woff2?|ttf|epub)$|/images/|^_static/(?:mathjax|vendor)/"
    r"|^_static/(?:screenshot|file|minus|plus|check-solid|copy-button)\."
    r"|^_static/(?:copybutton|togglebutton)\.css$|^\."
)
ITEM = re.compile(r'\s*<item id="[^"]*" href="([^"]*)"[^>]*/>')
STYLE = re.compile(r'\s*<link rel="stylesheet"[^>]*href="([^"]*)"[^>]*/>')
TYPES = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
DATE = (1980, 1, 1, 0, 0, 0)  # of every file, so that builds are the same


def mathml(tex: str, display: str = "inline") -> str:
    """Return a formula as MathML.

    Parameters
    ----------
    tex : str
        What stands between the dollars.
    display : str
        "inline", or "block" for a formula on its own lines.

    Examples
    --------
    >>> "<msup><mi>x</mi><mn>2</mn></msup>" in mathml("x^2")
    True
    """
    from latex2mathml.converter import convert

    tex = re.sub(r"(?<!\\)\\\n", r"\\ ", tex.strip())
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    for ours, known in (("aligned", "align*"), ("gathered", "matrix")):
        tex = re.sub(rf"(begin|end){{{ours}}}", rf"\1{{{known}}}", tex)
    drawn = convert(tex, display=display)
    ElementTree.fromstring(drawn)
    return drawn


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math"))
    self.body.append(mathml(node.astext()) + "</span>")
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append(mathml(node.astext(), "block") + "</div>\n")
    raise nodes.SkipNode


def setup_maths(app: Any) -> None:
    """Offer MathML as a way to draw formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


def well_formed(page: str) -> str:
    """Return a page as XML that can be parsed.

    Parameters
    ----------
    page : str
        A page; it is returned as it is if it can be parsed already.

    Examples
    --------
    >>> print(well_formed("<p>a<br>b</p>"))
    <p>a<br/>b</p>
    """
    try:
        ElementTree.fromstring(page)
    except ElementTree.ParseError:
        from bs4 import BeautifulSoup

        head, body = page[: (at := page.find("<html"))], page[max(at, 0) :]
        page = (head if at > 0 else "") + str(
            BeautifulSoup(body, "html.parser")
        )
        ElementTree.fromstring(page)
    return page


def settle(folder: Path) -> None:
    """Mend what Sphinx has written for an e-book.

    Parameters
    ----------
    folder : Path
        Where it wrote: ``content.opf`` and what that lists.
    """
    traits: dict[str, str] = {}
    for path in sorted(folder.rglob("*.xhtml")):
        name = path.relative_to(folder).as_posix()
        page = path.read_text(encoding="utf-8")
        page = re.sub(r"<script\b.*?</script>|<script\b[^>]*/>", "", page)
        kept = functools.partial(_kept, base=path.parent, folder=folder)
        page = STYLE.sub(kept, page)
        page = well_formed(page)
        write_text(path, page)
        found = [n for n in ("math", "svg") if f"<{n} " in page]
        traits[name] = " ".join(found).replace("math", "mathml")
    package = folder / "content.opf"
    text = package.read_text(encoding="utf-8")
    text = ITEM.sub(lambda i: _kept(i, folder, folder, traits), text)
    listed = {match[1] for match in ITEM.finditer(text)}
    more = "".join(
        f'\n    <item id="more-{n}" href="{name}" media-type="{kind}" />'
        for n, name in enumerate(_packed(folder))
        if name not in listed and (kind := TYPES.get(Path(name).suffix))
    )
    write_text(
        package, text.replace("\n  </manifest>", f"{more}\n  </manifest>")
    )


def _kept(
    entry: re.Match[str],
    base: Path,
    folder: Path,
    traits: Mapping[str, str] | None = None,
) -> str:
    """Return an entry with its traits, or nothing if its file stays out."""
    path = (base / entry[1].partition("?")[0]).resolve()
    if not path.is_file():
        return ""
    name = path.relative_to(folder.resolve()).as_posix()
    if LEFT_OUT.search(name):
        return ""
    trait = (traits or {}).get(name)
    if not trait or "properties=" in entry[0]:
        return entry[0]
    return entry[0].replace("/>", f'properties="{trait}" />')


def _packed(folder: Path) -> list[str]:
    """Return what belongs into the file, in order."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )
    return [n for n in names if n != "mimetype" and not LEFT_OUT.search(n)]


def pack(folder: Path, file: Path) -> None:
    """Put an e-book's folder into its file.

    Parameters
    ----------
    folder : Path
        What Sphinx wrote.
    file : Path
        The e-book, which gets its name when it is whole.

    Examples
    --------
    >>> folder = Path("epub")
    >>> folder.mkdir()
    >>> for name in ("a.xhtml", "a.js", "mimetype"):
    ...     (folder / name).touch()
    >>> pack(folder, Path("book.epub"))
    >>> zipfile.ZipFile("book.epub").namelist()
    ['mimetype', 'a.xhtml']
    """
    part = file.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as book:
        for name in ["mimetype", *_packed(folder)]:  # first, and as it is
            book.writestr(
                zipfile.ZipInfo(name, DATE),
                (folder / name).read_bytes(),
                zipfile.ZIP_DEFLATED if name != "mimetype" else None,
            )
    part.replace(file)
