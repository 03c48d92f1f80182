"""What the pages of one build know about the book."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fdl.book.cards import CLAIM_MIME, ERRATUM_MIME
from fdl.book.imports import Graph
from fdl.book.project import Chapter, Project

__all__ = ["Site", "book_links", "current", "section_slugs", "slug"]

BOOK = re.compile(r'ch\. (\d+), "([^"]+)"')
LISTING = re.compile(r"^\s*(?:`{3,}|:{3,})\{listing\}\s+(\S+)", re.M)

_current: list[Site] = []


def current() -> Site:
    """Return the site that is being built."""
    return _current[-1]


def slug(text: str) -> str:
    """Return text as an identifier for a link.

    Examples
    --------
    >>> slug("Sigmoid, Tanh, and ReLU Neurons")
    'sigmoid-tanh-and-relu-neurons'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@dataclass
class Site:
    r"""A book whose pages are being built.

    Parameters
    ----------
    project : Project
        The book.
    documented : dict
        Modules and packages with a page in the reference: to that page.

    Examples
    --------
    >>> from pathlib import Path
    >>> for folder in ("chapters", "demo"):
    ...     Path(folder).mkdir(exist_ok=True)
    >>> _ = Path("demo/__init__.py").write_text("")
    >>> page = "```{fdl-api} demo\n```"
    >>> _ = Path("chapters/reference.md").write_text(page)
    >>> site = Site.of(Project(Path(), "demo"))
    >>> site.documented, current() is site
    ({'demo': 'reference'}, True)
    """

    project: Project
    documented: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Project) -> Site:
        """Read the reference pages and make this the current site."""
        pages: dict[str, str] = {}
        for path in sorted(project.folder.rglob("*.md")):
            page = path.relative_to(project.folder).with_suffix("").as_posix()
            for name in re.findall(
                r"^(?:`{3,}|:{3,})\{fdl-api\}\s+(\S+)",
                path.read_text(encoding="utf-8"),
                re.M,
            ):
                pages[name] = page
        for home, page in list(pages.items()):
            for inner in _inner(project.graph, home):
                pages.setdefault(inner, page)
        site = cls(project, pages)
        _current[:] = [site]
        return site

    def on_page(self, home: str) -> list[str]:
        """Return what the page of `home` shows: it, and modules in it."""
        inner = _inner(self.project.graph, home)
        return [home, *inner]

    # --- results

    @cached_property
    def results(self) -> dict[str, Any]:
        """The executed notebooks that still hold, by chapter."""
        return {
            c.name: notebook
            for c in self.project.chapters
            if (notebook := c.fresh()) is not None
        }

    def cards(self, mime: str) -> list[tuple[Chapter, list[dict[str, Any]]]]:
        """Return the claims or the errata of each chapter, in order."""
        found = []
        for chapter in self.project.chapters:
            notebook = self.results.get(chapter.name)
            cards = [
                output.data[mime]
                for cell in (notebook.cells if notebook else [])
                if cell.cell_type == "code"
                for output in cell.outputs
                if mime in output.get("data", {})
            ]
            if cards:
                found.append((chapter, cards))
        return found

    def repeated(self) -> list[str]:
        """Return the anchors of cards that share their key with another."""
        seen: set[str] = set()
        again = []
        for prefix, mime in (("claim", CLAIM_MIME), ("erratum", ERRATUM_MIME)):
            for chapter, cards in self.cards(mime):
                for card in cards:
                    anchor = f"{prefix}-{card['key']}"
                    if anchor in seen:
                        again.append(f"{anchor} in {chapter.path.name}")
                    seen.add(anchor)
        return again

    # --- code

    @cached_property
    def public(self) -> dict[tuple[str, str], str]:
        """Where the reference shows an object: (module, name) to its name."""
        graph = self.project.graph
        found: dict[tuple[str, str], str] = {}
        handed_on: dict[tuple[str, str], str] = {}
        for home in self.documented:
            for name in graph.public(home):
                _, place, rest = graph.follow(
                    home.split(".")[0], [*home.split(".")[1:], name]
                )
                if place is not None and rest:
                    found[place, rest[0]] = f"{home}.{name}"
                    origin = graph.origin(place, rest[0])
                    handed_on.setdefault(origin, f"{home}.{name}")
        return {**handed_on, **found}

    def said(self, module: str, name: str) -> str:
        """Return what is said of a constant.

        Where nothing stands below it, a protocol that its package makes
        public speaks for the modules of the package.
        """
        graph = self.project.graph
        if words := graph.said(module, name):
            return words
        home = module.rpartition(".")[0]
        for public, place in graph.table(home).items() if home else ():
            inside = f"{home}.{place}"
            node = graph.find(inside, public) if public != place else None
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base) == "Protocol" for base in node.bases
            ):
                if words := graph.said(inside, f"{public}.{name}"):
                    return words
        return ""

    def reference(self, module: str, path: str) -> str | None:
        """Return the name under which the reference shows an object."""
        if not path:
            return module if module in self.documented else None
        top, *inner = path.split(".")
        public = self.public.get((module, top))
        if public is None or any(name.startswith("_") for name in inner):
            return public
        return ".".join([public, *inner])

    @cached_property
    def shown(self) -> dict[str, list[Chapter]]:
        """Which chapters list an object, by its name in the reference."""
        found: dict[str, list[Chapter]] = {}
        for chapter in self.project.chapters:
            for dotted in LISTING.findall(chapter.text):
                try:
                    place = self.project.graph.locate(dotted)
                except LookupError:
                    continue  # the listing itself complains
                name = self.reference(*place)
                if name and chapter not in found.setdefault(name, []):
                    found[name].append(chapter)
        return found


def _inner(graph: Graph, home: str) -> list[str]:
    """Modules that a package lists as such, to be shown on its page."""
    table = graph.table(home) if home in graph.files else {}
    spread = {module for name, module in table.items() if name != module}
    return [
        f"{home}.{name}"
        for name, module in sorted(table.items())
        if name == module
        and name not in spread
        and (full := f"{home}.{name}") in graph.files
        and not graph.is_package(full)
        and graph.public(full)
    ]


@dataclass(frozen=True)
class BookLink:
    """A docstring's pointer to a section of a chapter.

    Attributes
    ----------
    source : str
        The module or object whose docstring it stands in.
    chapter : int
        The chapter's number.
    section : str
        The section's title.
    state : str
        "there", "no such section", or "not written" for a chapter that
        does not exist yet.
    """

    source: str
    chapter: int
    section: str
    state: str


def section_slugs(chapter: Chapter) -> dict[str, str]:
    r"""Return the names of a chapter's sections: to the slug of its title.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> text = "# One\n\n% book: The Neuron\n\n## What it does"
    >>> _ = Path("chapters/01-one.md").write_text(text)
    >>> section_slugs(Project(Path()).chapter("1"))["the-neuron"]
    'what-it-does'
    """
    found: dict[str, str] = {}
    for _, title, others in chapter.headings():
        for name in (title, *others):
            found.setdefault(slug(name), slug(title))
    return found


def book_links(project: Project) -> list[BookLink]:
    r"""Return all pointers from docstrings to the book's sections.

    Examples
    --------
    >>> from pathlib import Path
    >>> for folder in ("chapters", "demo"):
    ...     Path(folder).mkdir(exist_ok=True)
    >>> _ = Path("demo/__init__.py").write_text("'Book: ch. 7, \"Gates\"'")
    >>> (link,) = book_links(Project(Path(), "demo"))
    >>> link.source, link.chapter, link.section, link.state
    ('demo', 7, 'Gates', 'not written')
    """
    sections = {c.number: section_slugs(c) for c in project.chapters}
    found = []
    for module in sorted(project.graph.files):
        for node in ast.walk(project.graph.tree(module)):
            if not isinstance(
                node, (ast.Module, ast.ClassDef, ast.FunctionDef)
            ):
                continue
            doc = ast.get_docstring(node) or ""
            name = getattr(node, "name", "")
            source = f"{module}.{name}" if name else module
            for line in doc.splitlines():
                if not line.startswith("Book:"):
                    continue
                for number, section in BOOK.findall(line):
                    chapter = int(number)
                    if chapter not in sections:
                        state = "not written"
                    elif slug(section) in sections[chapter]:
                        state = "there"
                    else:
                        state = "no such section"
                    found.append(BookLink(source, chapter, section, state))
    return found
