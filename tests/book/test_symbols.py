"""Property: the table of letters is complete, and lists nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from docutils import nodes
from docutils.parsers.rst import DirectiveError

from fdl.book.project import Project
from fdl.book.site import Site
from fdl.book.symbols import Notation, each, formulas, letters, symbols
from tests.book.conftest import REPOSITORY, Mini, cell, on_page, rows

OFTEN = 6  # formulas of a chapter in which a letter must be explained
NUMBERED = re.compile(r"\$\$([^$]+)\$\$ \(eq-")


@pytest.fixture(scope="module")
def book() -> Project:
    return Project(REPOSITORY, "fdl", "quick", lambda name: "")


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    text = (REPOSITORY / "chapters" / "notation.md").read_text()
    blocks = re.findall(r"```\{notation\}\n(.*?)```", text, re.S)
    return [entry for block in blocks for entry in yaml.safe_load(block)]


def test_every_letter_of_a_chapter_is_explained(
    book: Project, entries: list[dict[str, Any]]
) -> None:
    for chapter in book.chapters[:9]:
        listed = {
            name
            for entry in entries
            if chapter.number in entry["chapters"]
            for name in each(entry["symbol"])
        }
        counts = symbols(chapter)
        wanted = {name for name, many in counts.items() if many >= OFTEN}
        for part in chapter.notebook.cells:
            if part.cell_type == "markdown":
                for formula in NUMBERED.findall(part.source):
                    wanted |= letters(formula)
        assert wanted - listed == set(), chapter.number


def test_what_is_listed_stands_in_the_chapter(
    book: Project, entries: list[dict[str, Any]]
) -> None:
    counted = {c.number: symbols(c) for c in book.chapters}
    for entry in entries:
        names = each(entry["symbol"])
        for n in entry["chapters"]:
            assert any(counted[n][name] for name in names), (n, entry)
        for name in names:
            assert any(counted[n][name] for n in entry["chapters"]), entry


def test_logarithms_are_natural_and_called_so(book: Project) -> None:
    for chapter in book.chapters:
        for formula in formulas(chapter):
            assert not re.search(r"\\log(?!_)", formula), formula


def test_letters_are_counted_by_formula(mini: Mini) -> None:
    mini.write(
        "03-loops",
        "# Loops\n\nLet $x_1 = x_2$ and $\\mathbf x \\in \\text{rows}$, `$q$`",
        "$$\n\\hat{\\boldsymbol\\mu} = \\mathbf{W}\\,\\sigma(z)\n$$ (eq-a)",
        cell("y = '$n$'"),
        "```text\n$k$\n```\n\n$\\mathbf xW$ and $\\lambda\\mu$",
        "```{note} On $a$\n$b$\n```\n\nText $c$\n\n```{tip}\n$d$\n```",
        "```{math}\nf\n```",
    )
    assert symbols(mini.again().chapter("03-loops")) == {
        "x": 1,
        "\\mathbf x": 2,
        "\\boldsymbol \\mu": 1,
        "\\mathbf W": 1,
        "W": 1,
        "\\sigma": 1,
        "z": 1,
        "\\lambda": 1,
        "\\mu": 1,
        **dict.fromkeys("abcdf", 1),
    }


def test_no_letter_stands_in_a_word_or_in_money(mini: Mini) -> None:
    mini.write(
        "03-loops",
        "Of $\\operatorname{softmax} x$ and $\\mathrm{d}y$, at \\$5 or \\$6.",
        "$$\n\\begin{aligned} a \\end{aligned}\n$$\n\n`$q$` and `$$r$$`",
        "```{math} b\nc\n```",
        "```{note}\n~~~text\n$k$\n~~~\n```",
    )
    found = symbols(mini.again().chapter("3"))
    assert found == dict.fromkeys("xyabc", 1)
    assert letters("\\text{if} \\hat{x} \\betas") == {"\\hat x"}


def test_the_table_shows_letters_meanings_and_chapters(mini: Mini) -> None:
    mini.write("03-loops", "# Loops\n\n$x$")
    mini.write("04-more", "# More\n\n$y$")
    Site.of(mini)
    entry = "- {symbol: '%s', means: 'as $z$ is', chapters: [%s]}"
    (table,) = on_page(Notation, entry % ("x, y", "3, 4")).run()
    assert rows(table) == [
        ["Symbol", "Means", "In chapter"],
        ["x, y", "as z is", "3, 4"],
    ]
    assert [m.astext() for m in table.findall(nodes.math)] == ["x", "y", "z"]
    links = [link["refuri"] for link in table.findall(nodes.reference)]
    assert links == ["03-loops.html", "04-more.html"]
    for symbol, chapters, fault in (
        ("y", "3", "Chapter 3 has no y in a formula"),
        ("x", "3, 4", "Chapter 4 has no x in a formula"),
        ("x", "3, 5", "there is no chapter 5"),
    ):
        with pytest.raises(DirectiveError) as caught:
            on_page(Notation, entry % (symbol, chapters)).run()
        assert caught.value.msg == fault
    assert len(rows(on_page(Notation).run()[0])) == 1
