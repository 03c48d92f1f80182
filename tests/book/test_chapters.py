"""Property: each of the nine chapters has what a reader may expect."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from fdl.book.markdown import Block, blocks
from fdl.book.project import Project
from tests.book.conftest import REPOSITORY

CHAPTERS = sorted((REPOSITORY / "chapters").glob("0[1-9]-*.md"))
EQUATION = re.compile(r"\$\$ *\(([\w-]+)\)|:label: (eq-[\w-]+)")


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def directives(path: Path, name: str) -> list[Block]:
    """Return the directives of that name, also inside others."""

    def inner(lines: list[str]) -> list[Block]:
        found = []
        for block in blocks(lines):
            if isinstance(block, Block):
                found += [block] if block.name == name else []
                found += inner(block.body)
        return found

    return inner(path.read_text().splitlines())


def test_it_opens_with_what_you_will_build(path: Path) -> None:
    (box,) = directives(path, "chapter-box")
    assert len(" ".join(box.body).split()) >= 20
    headings = path.read_text().split("```{chapter-box}")[0]
    assert len(re.findall(r"^#+ ", headings, re.M)) == 1


def test_every_figure_has_a_caption_and_words_for_who_cannot_see_it(
    path: Path,
) -> None:
    project = Project(REPOSITORY, "fdl", "quick", lambda name: "")
    drawn = 0
    for cell in project.chapter(path.stem).code:
        options = cell.metadata.get("mystnb", {})
        if "figure" in options:
            drawn += 1
            assert options["figure"]["caption"].strip(), options
            assert len(options["image"]["alt"].split()) >= 4, options
    for name in ("figure", "image"):
        for block in directives(path, name):
            assert block.options.get("alt"), block.argument
    assert drawn >= 10


def test_every_exercise_has_a_folded_solution(path: Path) -> None:
    asked = [b.options["label"] for b in directives(path, "exercise-start")]
    asked += [b.options["label"] for b in directives(path, "exercise")]
    solved = directives(path, "solution-start") + directives(path, "solution")
    assert len(asked) >= 5
    assert Counter(asked) == Counter(block.argument for block in solved)
    assert all("dropdown" in block.options["class"] for block in solved)


def test_every_equation_that_is_referred_to_is_there(path: Path) -> None:
    known = {
        name
        for other in CHAPTERS
        for match in EQUATION.findall(other.read_text())
        for name in match
    }
    text = path.read_text()
    assert set(re.findall(r"\{eq\}`([^`]+)`", text)) <= known
    assert len(EQUATION.findall(text)) >= 4


def test_it_ends_with_what_was_wrong_and_what_to_read(path: Path) -> None:
    text = path.read_text()
    titles = re.findall(r"^## (.+)$", text, re.M)
    assert titles[-3:] == [
        "Summary",
        "What the original got wrong",
        "Further reading",
    ]
    assert len(directives(path, "errata-table")) == 1
    assert "erratum(" in text
    further = text.split("\n## Further reading\n")[1]
    assert len(set(re.findall(r"\{cite:[tp]\}`([^`]+)`", further))) >= 3


def test_what_to_install_is_said_before_the_first_import() -> None:
    text = (REPOSITORY / "chapters" / "10-your-own-project.md").read_text()
    said, _, rest = text.partition("from fdl import")
    assert rest
    assert "`pip install .`" in said


def test_chapter_9_names_what_it_does_not_build() -> None:
    path = next(p for p in CHAPTERS if p.stem.startswith("09-"))
    further = path.read_text().split("\n## Further reading\n")[1]
    for word, paper in (("dueling", "wang2016"), ("prioriti", "schaul2016")):
        (said,) = (s for s in re.split(r"[.] ", further) if word in s)
        assert paper in said
