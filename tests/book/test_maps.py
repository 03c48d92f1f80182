"""Property: the original's sections, figures and functions lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from sphinx import addnodes

from fdl._mxnet import autograd, gluon, mx, npx
from fdl.book import maps
from fdl.book.maps import places
from fdl.book.original import FIGURES, LEFT_OUT, SECTIONS
from fdl.book.project import Project
from fdl.book.site import Site, section_slugs
from tests.book.conftest import REPOSITORY, Mini, on_page, rows

FOLDER = REPOSITORY / "chapters"


@pytest.fixture(scope="module")
def book() -> Project:
    return Project(REPOSITORY, "fdl", "quick", lambda name: "")


def test_every_section_is_here_or_left_out_with_a_reason(
    book: Project,
) -> None:
    assert set(SECTIONS) <= {chapter.number for chapter in book.chapters}
    lost = {
        (chapter.number, title)
        for chapter in book.chapters
        for title, ours in places(chapter)
        if not ours
    }
    assert lost == set(LEFT_OUT)


def test_every_figure_leads_to_one_of_ours(book: Project) -> None:
    known = {
        f"section-{chapter.number}-{slug}"
        for chapter in book.chapters
        for slug in section_slugs(chapter).values()
    }
    for chapter in book.chapters:
        known |= set(re.findall(r"\bname: (fig-[\w-]+)$", chapter.text, re.M))
    for number, labels in FIGURES.items():
        if isinstance(labels, tuple):
            assert set(labels) <= known, number


def test_no_figure_is_missed() -> None:
    found = Counter(int(number.split("-")[0]) for number in FIGURES)
    assert [found[n] for n in range(1, 10)] == [
        *(13, 16, 7, 10, 20, 21, 33, 11, 7)
    ]
    for n, many in found.items():
        assert all(f"{n}-{k}" in FIGURES for k in range(1, many + 1))


def test_what_takes_a_functions_place_is_there(book: Project) -> None:
    text = (FOLDER / "tensorflow.md").read_text()
    doors = {"mx": mx, "npx": npx, "gluon": gluon, "autograd": autograd}
    names = set(re.findall(r"`((?:mx|npx|gluon|autograd)(?:\.\w+)+)", text))
    assert len(names) >= 40
    for name in names:
        first, *rest = name.split(".")
        found = doors[first]
        for attribute in rest:
            found = getattr(found, attribute)
    site = Site.of(book)
    for name in re.findall(r"\{py:(?:obj|mod)\}`([\w.]+)`", text):
        assert site.reference(*book.graph.locate(name)) is not None, name


def test_every_function_is_named_once() -> None:
    text = (FOLDER / "tensorflow.md").read_text()
    left = [
        line.split("|")[1]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    found = Counter(re.findall(r"`([\w.]+)", " ".join(left)))
    assert len(found) > 80
    assert [name for name, many in found.items() if many > 1] == []


def references(found: list[Any]) -> list[tuple[str, str, bool]]:
    """Return of each reference its kind, its target and if it has words."""
    every = [x for node in found for x in node.findall(addnodes.pending_xref)]
    assert all(x["refwarn"] and x["refdoc"] == "page" for x in every)
    return [(x["reftype"], x["reftarget"], x["refexplicit"]) for x in every]


def test_a_section_leads_to_ours_and_to_code(
    mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "SECTIONS", {3: ("The Loop Itself", "Gone")})
    monkeypatch.setattr(maps, "LEFT_OUT", {(3, "Gone"): "nobody needs it"})
    book = "% book: The Loop Itself\n\n## Round"
    mini.write("03-loops", f"# Loops\n\n{book}\n\n## The loop itself")
    mini.write("04-more", "# More")
    for module in ("late", "other"):  # the first has no page
        (mini.root / "mini" / f"{module}.py").write_text(
            "'Book: ch. 3, \"The loop itself\"'\n__all__ = []\n"
        )
    (mini.folder / "reference.md").write_text(
        "```{fdl-api} mini.train\n```\n\n```{fdl-api} mini.other\n```\n"
    )
    Site.of(mini.again())
    title, table = found = on_page(maps.SectionMap).run()
    assert title.astext() == "Chapter 3: Loops"
    assert rows(table) == [
        ["The original", "Here", "Code"],
        [
            "The Loop Itself",
            "Round, The loop itself",
            "mini.other, mini.train.fit",
        ],
        ["Gone", "nobody needs it", ""],
    ]
    assert references(found) == [
        ("ref", "section-3-round", True),
        ("ref", "section-3-the-loop-itself", True),
        ("obj", "mini.other", True),
        ("obj", "mini.train.fit", True),
    ]


def test_our_own_names_go_without_the_packages(
    book: Project,
) -> None:
    Site.of(book)
    names = [
        name.astext()
        for name in on_page(maps.SectionMap)._links(["fdl.nn.run"])
    ]
    assert names == ["nn.run"]


def test_a_figure_leads_to_those_that_draw_it_anew(
    mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    Site.of(mini)
    figures = {"1-1": ("fig-a", "section-3-b"), "1-2": "a photograph"}
    monkeypatch.setattr(maps, "FIGURES", figures)
    found = on_page(maps.FigureMap).run()
    assert rows(found[0])[1:] == [
        ["Figure 1-1", "fig-a, section-3-b"],
        ["Figure 1-2", "a photograph"],
    ]
    assert references(found) == [
        ("numref", "fig-a", False),
        ("ref", "section-3-b", False),
    ]
