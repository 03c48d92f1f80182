"""Directives that lead from the original's sections and figures to ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docutils import nodes
from sphinx import addnodes

from fdl.book.listing import code_link
from fdl.book.original import FIGURES, LEFT_OUT, SECTIONS
from fdl.book.pages import Page, listed, table
from fdl.book.project import Chapter
from fdl.book.site import book_links, current, slug

__all__ = ["FigureMap", "SectionMap", "places"]


def places(chapter: Chapter) -> Iterator[tuple[str, list[str]]]:
    r"""Yield the original's sections, with ours that stand for them.

    Parameters
    ----------
    chapter : Chapter
        One of our chapters.

    Yields
    ------
    tuple
        A title of the original, and the titles of ours, in their order;
        none if it was left out.

    Examples
    --------
    >>> from pathlib import Path
    >>> from fdl.book.project import Project
    >>> text = "# One\n\n% book: The Neuron\n\n## What a neuron does"
    >>> Path("chapters").mkdir()
    >>> _ = Path("chapters/01-one.md").write_text(text)
    >>> chapter = Project(Path()).chapter("1")
    >>> [ours for title, ours in places(chapter) if title == "The Neuron"]
    [['What a neuron does']]
    """
    for title in SECTIONS.get(chapter.number, ()):
        ours = [
            name
            for _, name, others in chapter.headings()
            if slug(title) in {slug(other) for other in (name, *others)}
        ]
        yield title, ours


class SectionMap(Page):
    """Show, chapter by chapter, where each section of the original is."""

    def run(self) -> list[nodes.Node]:
        """Return a table for each chapter."""
        self.note()
        made: list[nodes.Node] = []
        site = current()
        code = self._code()
        for chapter in site.project.chapters:
            rows = []
            for title, ours in places(chapter):
                here: Iterable[nodes.Node] = (
                    _ref(self, _label(chapter, name), name) for name in ours
                )
                if not ours:
                    why = LEFT_OUT[chapter.number, title]
                    here = [nodes.emphasis("", why)]
                names = code.get((chapter.number, slug(title)), [])
                rows.append([title, listed(here), listed(self._links(names))])
            if rows:
                made.append(self.title(chapter))
                made.append(table(["The original", "Here", "Code"], rows))
        return made

    def _links(self, names: list[str]) -> Iterator[nodes.Node]:
        for name in names:
            shown = nodes.literal("", name.removeprefix("fdl."))
            yield code_link(self.env.docname, name, shown)

    def _code(self) -> dict[tuple[int, str], list[str]]:
        """Return what the package has for a section, by their docstrings."""
        site = current()
        found: dict[tuple[int, str], list[str]] = {}
        for link in book_links(site.project):
            module = link.source
            while module not in site.project.graph.files:
                module = module.rpartition(".")[0]
            path = link.source[len(module) + 1 :]
            if path:
                name = site.reference(module, path)
                names = [name] if name else []
            else:
                names = [module] if module in site.documented else []
            key = (link.chapter, slug(link.section))
            for name in names:
                if name not in found.setdefault(key, []):
                    found[key].append(name)
        return found


class FigureMap(Page):
    """Show where each figure of the original is drawn anew."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        self.note()
        rows = []
        for number, labels in FIGURES.items():
            if isinstance(labels, str):
                here: list[nodes.Node] = [nodes.emphasis("", labels)]
            else:
                here = listed(_ref(self, label) for label in labels)
            rows.append([f"Figure {number}", here])
        return [table(["The original", "Here"], rows)]


def _label(chapter: Chapter, title: str) -> str:
    return f"section-{chapter.number}-{slug(title)}"


def _ref(page: Page, label: str, text: str = "") -> nodes.Node:
    """Return a reference to a section or a figure."""
    figure = label.startswith("fig-")
    reference = addnodes.pending_xref(
        "",
        refdomain="std",
        reftype="numref" if figure else "ref",
        reftarget=label,
        refexplicit=bool(text),
        refwarn=True,
        refdoc=page.env.docname,
    )
    reference += nodes.inline("", text or label, classes=["std", "std-ref"])
    return reference
