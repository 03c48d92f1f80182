"""The numbers of a chapter's figures, tables, equations and exercises.

Sphinx gives a page its numbers; this gives the same ones to the notebook,
which has no Sphinx. A test holds the two against each other.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from fdl.book.markdown import Block, blocks
from fdl.book.project import Chapter
from fdl.book.values import words

__all__ = ["Numbers", "number"]

EQUATION_END = re.compile(r"^\s*\$\$\s*\(([^)]+)\)\s*$")
ONE_LINE = re.compile(r"^\s*\$\$.+\$\$\s*\(([^)]+)\)\s*$")
LABEL = re.compile(r"^\(([^)]+)\)=\s*$")
KINDS = {
    "figure": "Figure",
    "glue:figure": "Figure",
    "table": "Table",
    "list-table": "Table",
    "csv-table": "Table",
    "listing": "Listing",
    "exercise": "Exercise",
    "exercise-start": "Exercise",
}


@dataclass
class Numbers:
    """What labels of a chapter stand for.

    Attributes
    ----------
    labels : dict
        Label to text, for example ``"Figure 3.2"``, or a section's title.
    equations : dict
        Label to number, for example ``"3.1"``.
    captions : dict
        For the code cells that are figures, by position: ``"Figure 3.2"``.
    order : list of str
        The numbers in the order in which their owners come.
    """

    labels: dict[str, str] = field(default_factory=dict)
    equations: dict[str, str] = field(default_factory=dict)
    captions: dict[int, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


def number(chapter: Chapter) -> Numbers:
    r"""Number everything in a chapter that has a number.

    Examples
    --------
    >>> from pathlib import Path
    >>> from fdl.book.project import Project
    >>> text = "# Two\n\n$$\nx = y\n$$ (eq-a)\n\n(here)=\n## A part"
    >>> Path("chapters").mkdir()
    >>> _ = Path("chapters/02-two.md").write_text(text)
    >>> found = number(Project(Path()).chapter("2"))
    >>> found.equations, found.labels
    ({'eq-a': '2.1'}, {'here': 'A part'})
    """
    found = Numbers()
    counts: Counter[str] = Counter()

    def take(kind: str, label: str = "") -> str:
        counts[kind] += 1
        text = f"{kind} {chapter.number}.{counts[kind]}"
        found.order.append(text)
        if label:
            found.labels[label] = text
        return text

    def equation(label: str) -> None:
        found.equations[label] = take("Equation").split()[1]

    def visit(source: str) -> None:
        pending: list[str] = []
        for block in blocks(source.splitlines()):
            if isinstance(block, Block):
                label = block.options.get("name") or block.options.get(
                    "label", ""
                )
                kind = KINDS.get(block.name)
                if block.name in ("table", "list-table", "csv-table"):
                    kind = kind if block.argument else None
                if block.name in ("figure", "glue:figure"):
                    kind = kind if any(map(str.strip, block.body)) else None
                if block.name in ("code-block", "code", "literalinclude"):
                    kind = "Listing" if "caption" in block.options else None
                if block.name == "math":
                    if label:
                        equation(label)
                elif kind and ":nonumber:" not in block.raw:
                    take(kind, label)
                visit("\n".join(block.body))
                continue
            if block.code:
                continue
            for line in block.lines:
                if m := LABEL.match(line):
                    pending.append(m[1])
                elif m := re.match(r"#+\s+(.+)$", line):
                    for label in pending:
                        found.labels[label] = words(m[1])
                    pending = []
                elif m := ONE_LINE.match(line) or EQUATION_END.match(line):
                    equation(m[1])
                elif line.strip():
                    pending = []

    position = -1
    for cell in chapter.notebook.cells:
        if cell.cell_type == "markdown":
            visit(cell.source)
        elif cell.cell_type == "code":
            position += 1
            figure = (cell.metadata.get("mystnb") or {}).get("figure") or {}
            if figure.get("caption"):
                found.captions[position] = take(
                    "Figure", figure.get("name", "")
                )
    return found
