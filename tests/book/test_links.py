"""Property: docstrings and chapters point at each other, and both exist."""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from fdl.book.api import skip_foreign
from fdl.book.project import Project
from fdl.book.site import LISTING, Site, book_links
from tests.book.conftest import REPOSITORY, Mini

CHAPTERS = sorted((REPOSITORY / "chapters").glob("[0-9][0-9]-*.md"))


@pytest.fixture(scope="module")
def book() -> Project:
    return Project(REPOSITORY, "fdl", "quick", lambda name: "")


def test_every_section_that_a_docstring_names_is_there(book: Project) -> None:
    lost = [link for link in book_links(book) if link.state.startswith("no ")]
    assert lost == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_listing_is_in_the_package_and_in_the_reference(
    path: Path, book: Project
) -> None:
    site = Site.of(book)
    for dotted in LISTING.findall(path.read_text(encoding="utf-8")):
        place = book.graph.locate(dotted)
        assert site.reference(*place) is not None, dotted


def test_every_public_module_has_a_page_in_the_reference(
    book: Project,
) -> None:
    graph = book.graph
    tops = {m.split(".")[1] for m in graph.files if "." in m}
    wanted = {
        f"fdl.{top}"
        for top in tops
        if not top.startswith("_") and graph.public(f"fdl.{top}")
    } - {"fdl.cli"}
    assert wanted <= set(Site.of(book).documented)


def test_methods_of_other_libraries_stay_out_of_the_reference() -> None:
    app = SimpleNamespace(config=SimpleNamespace(fdl_package="fdl"))

    def skipped(found: object) -> bool | None:
        return skip_foreign(app, "class", "name", found, False, {})

    assert skipped(textwrap.dedent) is True
    assert skipped(book_links) is None
    assert skipped(Site.of) is None
    assert skipped(3) is None


def test_links_are_judged(mini: Mini) -> None:
    def state(section: str) -> str:
        mini.write("03-loops", f"# Loops\n\n## {section}")
        (link,) = book_links(mini.again())
        assert (link.source, link.chapter, link.section) == (
            "mini.train.loop.fit",
            3,
            "The loop itself",
        )
        return link.state

    assert book_links(mini)[0].state == "not written"
    assert state("The loop itself") == "there"
    assert state("The *loop* itself {#name}") == "there"
    assert state("The loop") == "no such section"
    assert state("Round\n\n% book: The loop itself\n\n## And round") == "there"
    assert state("Round\n\n    % book: The loop itself") == "no such section"
