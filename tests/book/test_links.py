"""Property: docstrings and chapters point at each other, and both exist."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from fdl.book.api import keep_words, skip_foreign
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


def test_the_settings_of_every_agent_are_in_the_reference(
    book: Project,
) -> None:
    page = book.folder / "reference" / "rl.md"
    shown = re.findall(r"autoclass:: (\S+)\.Config$", page.read_text(), re.M)
    wanted = [
        module
        for module in book.graph.files
        if module.startswith("fdl.rl.")
        and "Config" in book.graph.public(module)
    ]
    assert "fdl.rl.dqn" in wanted
    assert sorted(shown) == sorted(wanted)


def test_every_public_constant_is_described(book: Project) -> None:
    site = Site.of(book)
    seen = []
    for home in site.documented:
        for name in book.graph.public(home):
            place = book.graph.locate(f"{home}.{name}")
            if not place[1]:
                continue  # a module
            module, own = book.graph.origin(*place)
            node = book.graph.find(module, own)
            assert not isinstance(node, ast.ImportFrom), (home, name)
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                seen.append(f"{home}.{name}")
                assert site.said(module, own).endswith("."), seen[-1]
    assert {"fdl.plot.GREY", "fdl.experiments.n_back.DATA"} <= {*seen}


def test_a_name_is_followed_to_where_it_is_made(book: Project) -> None:
    def origin(dotted: str) -> str:
        return ".".join(book.graph.origin(*book.graph.locate(dotted)))

    assert origin("fdl.memory.addressing.link") == "fdl.memory.links.link"
    assert origin("fdl.data.DataError") == "fdl.errors.DataError"
    assert origin("fdl.data.load") == "fdl.data.sets.load"
    site = Site.of(book)
    # and has its own place in the reference, or that which hands it on
    assert site.reference("fdl.errors", "DataError") == "fdl.errors.DataError"
    there = site.reference("fdl._machine", "environment")
    assert there == "fdl.records.environment"


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


def test_a_letter_alone_is_no_number_of_an_item() -> None:
    lines = ["Parameters", "    H. Or none.", "    C.", "H.", "    e.g. x"]
    keep_words(None, "class", "a.B", None, {}, lines)
    assert lines == [
        "Parameters",
        "    \\H. Or none.",
        "    \\C.",
        "\\H.",
        "    e.g. x",
    ]
