"""The letters of the chapters' formulas, and the table that explains them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import yaml
from docutils import nodes

from fdl.book.markdown import Block, blocks
from fdl.book.pages import Page, listed, table
from fdl.book.project import Chapter
from fdl.book.site import current

__all__ = ["Notation", "each", "formulas", "letters", "symbols"]

FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+?)\$(?!\$)", re.S)
CODE = re.compile(r"`[^`\n]*`")
WORDS = re.compile(r"\\(?:text|operatorname|mathrm|begin|end)\{[^}]*\}")
GREEK = (
    "alpha|beta|gamma|delta|varepsilon|epsilon|eta|theta|kappa|lambda|mu|nu|"
    "pi|psi|rho|sigma|tau|varphi|phi|chi|omega|zeta|Delta|Sigma|Theta|nabla"
)
STYLE = r"\\(?:mathbf|boldsymbol|mathcal|mathbb|hat|bar|tilde)"
SYMBOL = re.compile(
    rf"({STYLE})\s*\{{?\s*(\\(?:{GREEK})(?![A-Za-z])|[A-Za-z])"
    rf"|(\\(?:{GREEK}))(?![A-Za-z])|\\[A-Za-z]+|([A-Za-z])"
)


def formulas(chapter: Chapter) -> list[str]:
    r"""Return the formulas of a chapter's text, without words in them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from fdl.book.project import Project
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> text = r"Let $y = wx$, not `$z$`, where $a \text{ or } b$."
    >>> _ = Path("chapters/01-one.md").write_text(text)
    >>> formulas(Project(Path()).chapter("1"))
    ['y = wx', 'a  b']
    """
    found = []
    for cell in chapter.notebook.cells:
        if cell.cell_type == "markdown":
            text = CODE.sub("", "\n".join(_prose(cell.source.splitlines())))
            for long, short in FORMULA.findall(text):
                found.append(WORDS.sub("", long or short))
    return found


def _prose(lines: list[str]) -> Iterator[str]:
    """Yield the lines that are not code, those inside directives too."""
    for block in blocks(lines):
        if not isinstance(block, Block):
            yield from [] if block.code else block.lines
        elif block.name == "math":
            yield from ["$$", block.argument, *block.body, "$$"]
        else:
            yield block.argument
            yield from _prose(block.body)


def symbols(chapter: Chapter) -> Counter[str]:
    r"""Count in how many formulas of a chapter each letter stands.

    A letter with a style is another letter: ``x`` and ``\mathbf x`` are two.

    Examples
    --------
    >>> from pathlib import Path
    >>> from fdl.book.project import Project
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> text = r"Let $x = x$ and $\mathbf x \cdot x$."
    >>> _ = Path("chapters/02-two.md").write_text(text)
    >>> sorted(symbols(Project(Path()).chapter("2")).items())
    [('\\mathbf x', 1), ('x', 2)]
    """
    counts: Counter[str] = Counter()
    for formula in formulas(chapter):
        counts.update(letters(formula))
    return counts


def letters(formula: str) -> set[str]:
    r"""Return the letters of a formula, each with its style before it.

    Examples
    --------
    >>> sorted(letters(r"\mathbf{W} x_i + \alpha \le \log 2"))
    ['\\alpha', '\\mathbf W', 'i', 'x']
    """
    return {
        " ".join(filter(None, match.groups()))
        for match in SYMBOL.finditer(WORDS.sub("", formula))
        if any(match.groups())
    }


class Notation(Page):
    r"""Show what letters mean, and where.

    The content is a YAML list of ``symbol``, ``means`` and ``chapters``; a
    symbol may be several, separated by commas. Each must stand in a formula of
    each of its chapters.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        self.note()
        counted = {c.number: symbols(c) for c in current().project.chapters}
        rows = []
        for entry in yaml.safe_load("\n".join(self.content)) or []:
            names = each(entry["symbol"])
            chapters = [self.chapter(n) for n in entry["chapters"]]
            for n in entry["chapters"]:
                if not any(counted[n][name] for name in names):
                    raise self.error(
                        f"Chapter {n} has no {entry['symbol']} in a formula"
                    )
            rows.append(
                [
                    listed(nodes.math("", name) for name in names),
                    self._words(entry["means"]),
                    listed(self.link(c, str(c.number)) for c in chapters),
                ]
            )
        return [table(["Symbol", "Means", "In chapter"], rows)]

    def _words(self, text: str) -> list[nodes.Node]:
        return [
            nodes.math("", piece) if i % 2 else nodes.Text(piece)
            for i, piece in enumerate(text.split("$"))
            if piece
        ]


def each(symbol: str) -> list[str]:
    r"""Return the single symbols of an entry.

    Examples
    --------
    >>> each(r"x, \mathbf x")
    ['x', '\\mathbf x']
    """
    return [name.strip() for name in symbol.split(",")]
