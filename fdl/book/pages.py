"""Directives that show what the runs left: boxes, tables and the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from fdl.book import cards
from fdl.book.claims import VERDICTS
from fdl.book.project import Chapter
from fdl.book.site import current
from fdl.book.values import value

__all__ = [
    "BuildReport",
    "ChapterBox",
    "ClaimsTable",
    "ErrataTable",
    "Page",
    "duration",
    "listed",
    "table",
    "verdicts",
]

KINDS = {
    "official": "",
    "sample": "offline sample of ",
    "derived": "derived copy of ",
}


class Page(SphinxDirective):
    """What these directives share."""

    has_content = False

    def note(self) -> None:
        """Read this page again when a chapter has been run."""
        for chapter in current().project.chapters:
            self.env.note_dependency(str(chapter.output))
            self.env.note_dependency(str(chapter.path))

    def chapter(self, number: int | str) -> Chapter:
        """Return the chapter of that number; there must be one."""
        for chapter in current().project.chapters:
            if str(chapter.number) == str(number):
                return chapter
        raise self.error(f"there is no chapter {number}")

    def link(
        self, chapter: Chapter, text: str, anchor: str = ""
    ) -> nodes.reference:
        """Return a link to a chapter, or to a place in it."""
        uri = self.env.app.builder.get_relative_uri(
            self.env.docname, chapter.name
        )
        if anchor:
            uri += f"#{anchor}"
        return nodes.reference("", text, internal=True, refuri=uri)

    def title(self, chapter: Chapter) -> nodes.paragraph:
        """Return the heading of a chapter's part."""
        return nodes.paragraph(
            "",
            "",
            self.link(chapter, f"Chapter {chapter.number}: {chapter.title}"),
            classes=["fdl-part-title"],
        )


def duration(seconds: float) -> str:
    """Return a time as a reader says it.

    Examples
    --------
    >>> duration(7.4), duration(59.6), duration(125)
    ('7 s', '1 min 00 s', '2 min 05 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _memory(size: float) -> str:
    return f"{size / 2**20:,.0f} MiB"


def _data(kinds: dict[str, str]) -> list[nodes.Node]:
    """Name the data sets; what is not original stands out."""
    found: list[nodes.Node] = []
    for name, kind in sorted(kinds.items()):
        text = KINDS.get(kind, f"{kind}: ") + name
        if kind == "official":
            found.append(nodes.Text(text))
        else:
            found.append(nodes.strong("", text, classes=["fdl-substitute"]))
    return listed(found) or [nodes.Text("none")]


def _hardware(hardware: dict[str, Any]) -> str:
    words = [str(hardware.get("processor", "unknown processor"))]
    if hardware.get("cores"):
        words.append(f"{hardware['cores']} cores")
    if hardware.get("memory_gib"):
        words.append(f"{hardware['memory_gib']:g} GiB")
    return ", ".join(words)


def listed(found: Iterable[nodes.Node]) -> list[nodes.Node]:
    """Return nodes with a comma after each but the last.

    Examples
    --------
    >>> [node.astext() for node in listed([nodes.math("", "x")] * 2)]
    ['x', ', ', 'x']
    """
    made: list[nodes.Node] = []
    for node in found:
        made += [nodes.Text(", "), node] if made else [node]
    return made


def _row(cells: Sequence[Any]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        if isinstance(cell, str):
            cell = [nodes.Text(cell)]
        elif isinstance(cell, nodes.Node):
            cell = [cell]
        entry = nodes.entry()
        entry += nodes.paragraph("", "", *cell)
        row += entry
    return row


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> nodes.table:
    """Return a table; a cell is text, a node or several nodes.

    Examples
    --------
    >>> made = table(["Letter", "Count"], [[nodes.math("", "x"), "2"]])
    >>> [[cell.astext() for cell in row] for row in made.findall(nodes.row)]
    [['Letter', 'Count'], ['x', '2']]
    """
    made = nodes.table(classes=["fdl-table"])
    group = nodes.tgroup(cols=len(head))
    for _ in head:
        group += nodes.colspec(colwidth=1)
    top, body = nodes.thead(), nodes.tbody()
    top += _row(head)
    body += [_row(row) for row in rows]
    group += [top, body]
    made += group
    return made


def verdicts(
    chapters: Sequence[tuple[Chapter, Sequence[dict[str, Any]]]],
) -> Counter[str]:
    """Count the verdicts of all claims.

    Examples
    --------
    >>> claims = [{"verdict": "reproduced"}, {"verdict": "not reproduced"}]
    >>> verdicts([("ch. 1", claims), ("ch. 2", claims[:1])])["reproduced"]
    2
    """
    return Counter(c["verdict"] for _, found in chapters for c in found)


class ChapterBox(Page):
    """Open a chapter: what it builds, and what running it took.

    The content says what will be built; the rest is read from the run.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        box = nodes.container(classes=["chapter-box"])
        box += nodes.paragraph(
            "", "What you will build", classes=["chapter-box-title"]
        )
        inner = nodes.container(classes=["chapter-box-goal"])
        self.state.nested_parse(self.content, self.content_offset, inner)
        box += inner
        notebook = current().results.get(self.env.docname)
        if notebook is None:
            return [box]
        took = notebook.metadata.fdl.run
        one = took.threads == 1
        facts: list[tuple[str, list[nodes.Node]]] = [
            (
                "Time",
                [
                    nodes.Text(
                        f"{duration(took.seconds)} on "
                        f"{'one thread' if one else took.threads}"
                    )
                ],
            ),
            ("Memory", [nodes.Text(_memory(took.memory))]),
            ("Profile", [nodes.Text(took.profile)]),
            ("Data", _data(took.data)),
        ]
        if took.get("hardware"):
            facts.append(("Machine", [nodes.Text(_hardware(took.hardware))]))
        if checked := self._checked():
            facts.append(("Checked", checked))
        facts.append(("Run it", self._again()))
        listing = nodes.definition_list(classes=["chapter-box-facts"])
        for term, text in facts:
            item = nodes.definition_list_item()
            item += nodes.term("", term)
            item += nodes.definition("", nodes.paragraph("", "", *text))
            listing += item
        box += listing
        return [box]

    def _checked(self) -> list[nodes.Node]:
        """Say how much of the original this chapter checks, if it does."""
        words: list[nodes.Node] = []
        for page, mime, one, many in (
            ("claims", cards.CLAIM_MIME, "claim", "claims"),
            ("errata", cards.ERRATUM_MIME, "erratum", "errata"),
        ):
            found = sum(
                len(made)
                for chapter, made in current().cards(mime)
                if chapter.name == self.env.docname
            )
            if not found:
                continue
            text = f"{found} {one if found == 1 else many}"
            uri = self.env.app.builder.get_relative_uri(self.env.docname, page)
            words.append(nodes.reference("", text, internal=True, refuri=uri))
        return listed(words)

    def _again(self) -> list[nodes.Node]:
        """Say how a reader runs this chapter."""
        number = self.env.docname.split("-")[0].lstrip("0")
        arrow = nodes.Text("as a notebook (the arrow above), or ")
        return [
            addnodes.only("", arrow, expr="not epub"),  # there is no arrow
            nodes.literal("", f".venv/bin/fdl book build {number}"),
            nodes.Text(" in the book’s folder, where "),
            nodes.literal("", "make environment"),
            nodes.Text(" sets it up"),
        ]


class ClaimsTable(Page):
    """Show every claim of the book by chapter, with the totals."""

    def run(self) -> list[nodes.Node]:
        """Return the tables."""
        self.note()
        chapters = current().cards(cards.CLAIM_MIME)
        counts = verdicts(chapters)
        total = sum(counts.values())
        parts = [
            f"{counts[verdict]} {verdict}"
            for verdict in VERDICTS
            if counts[verdict]
        ]
        noun = "claim" if total == 1 else "claims"
        summary = f"{total} {noun}" + (
            f": {', '.join(parts)}" if parts else ""
        )
        made: list[nodes.Node] = [
            nodes.paragraph("", f"{summary}.", classes=["fdl-totals"])
        ]
        for chapter, found in chapters:
            made.append(self.title(chapter))
            made.append(
                table(
                    ["Claim", "The book", "Measured", "Verdict", "From"],
                    [self._cells(chapter, c) for c in found],
                )
            )
        return made

    def _cells(self, chapter: Chapter, c: dict[str, Any]) -> list[Any]:
        sign, name = cards.SIGNS[c["verdict"]]
        verdict = nodes.inline(
            "", f"{sign} {c['verdict']}", classes=[f"fdl-word-{name}"]
        )
        record = c["record"].get("name")
        origin: list[nodes.Node] = [nodes.Text(f"{c['profile']} profile")]
        if record:
            origin = [nodes.Text("record "), nodes.literal("", record)]
        return [
            self.link(chapter, c["label"], f"claim-{c['key']}"),
            _raised(cards.said(c)),
            _raised(value(c["measured"], c["unit"])),
            verdict,
            origin,
        ]


class ErrataTable(Page):
    """Show every erratum of the book by chapter, or a chapter's own.

    On a chapter's page, the table of that chapter; elsewhere all of them.
    """

    def run(self) -> list[nodes.Node]:
        """Return the tables."""
        self.note()
        made: list[nodes.Node] = []
        everything = current().cards(cards.ERRATUM_MIME)
        own = self.env.docname in {c.name for c in current().project.chapters}
        for chapter, found in everything:
            if own and chapter.name != self.env.docname:
                continue
            if not own:
                made.append(self.title(chapter))
            made.append(
                table(
                    ["Where", "The book has", "Right is"],
                    [
                        [
                            self.link(
                                chapter,
                                e["where"] or e["key"],
                                f"erratum-{e['key']}",
                            ),
                            _marked(e["book"]),
                            _marked(e["correct"]),
                        ]
                        for e in found
                    ],
                )
            )
        return made or [nodes.paragraph("", "None found so far.")]


def _raised(text: str) -> list[nodes.Node]:
    """Text with 10^k as a power, as on the cards."""
    return [
        nodes.superscript("", piece) if i % 2 else nodes.Text(piece)
        for i, piece in enumerate(re.split(r"(?<=10)\^(-?\d+)", text))
        if piece
    ]


def _marked(text: str) -> list[nodes.Node]:
    """Text with `code` between backticks."""
    return [
        nodes.literal("", piece) if i % 2 else nodes.Text(piece)
        for i, piece in enumerate(text.split("`"))
        if piece
    ]


class BuildReport(Page):
    """Show what running each chapter took, and with what."""

    def run(self) -> list[nodes.Node]:
        """Return the tables."""
        self.note()
        site = current()
        rows, runs = [], []
        for chapter in site.project.chapters:
            notebook = site.results.get(chapter.name)
            if notebook is None:
                continue
            took = notebook.metadata.fdl.run
            runs.append(took)
            rows.append(
                [
                    self.link(chapter, f"{chapter.number} {chapter.title}"),
                    duration(took.seconds),
                    _memory(took.memory),
                    took.profile,
                    _data(took.data),
                    took.date,
                ]
            )
        if not runs:
            return [nodes.paragraph("", "No chapter has been run.")]
        total = sum(r.seconds for r in runs)
        largest = max(r.memory for r in runs)
        made: list[nodes.Node] = [
            nodes.paragraph(
                "",
                f"All chapters together: {duration(total)} of one thread "
                "each, two chapters at a time; the largest took "
                f"{_memory(largest)}.",
            ),
            table(
                ["Chapter", "Time", "Memory", "Profile", "Data", "Run on"],
                rows,
            ),
        ]
        machines: dict[str, list[str]] = {}
        versions: dict[str, dict[str, None]] = {}
        for run in runs:
            machine = _hardware(run.get("hardware", {}))
            machines.setdefault(machine, []).append(run.date)
            for package, version in run.get("versions", {}).items():
                versions.setdefault(package, {})[version] = None
        made.append(
            nodes.paragraph("", "Machine and versions", classes=["rubric"])
        )
        made.append(
            table(
                ["What", "Which"],
                [
                    *[["Machine", machine] for machine in machines],
                    *[
                        [name, ", ".join(found)]
                        for name, found in sorted(versions.items())
                    ],
                ],
            )
        )
        return made
