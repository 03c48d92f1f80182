"""Property: the glossary's words are explained, sorted, linked and used."""

from __future__ import annotations

import re

import pytest

from fdl.book.project import Project
from fdl.book.site import section_slugs
from tests.book.conftest import REPOSITORY

FOLDER = REPOSITORY / "chapters"
TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<([^`>]+)>)?`")


@pytest.fixture(scope="module")
def terms() -> dict[str, str]:
    """The words, to what is said of them."""
    text = (FOLDER / "glossary.md").read_text().split("```{glossary}\n")[1]
    found: dict[str, str] = {}
    for line in text.split("\n```")[0].splitlines():
        if line and not line.startswith(" "):
            assert line not in found, line
            found[line] = ""
            word = line
        else:
            found[word] += line.strip() + " "
    return found


@pytest.fixture(scope="module")
def sections() -> set[str]:
    project = Project(REPOSITORY, "fdl", "quick", lambda name: "")
    return {
        f"section-{chapter.number}-{slug}"
        for chapter in project.chapters
        for slug in section_slugs(chapter).values()
    }


def test_there_are_words_enough(terms: dict[str, str]) -> None:
    assert len(terms) >= 80
    letters = [re.sub(r"[^a-z0-9]", "", word.lower()) for word in terms]
    assert letters == sorted(letters)


def test_every_word_leads_to_a_section_that_is_there(
    terms: dict[str, str], sections: set[str]
) -> None:
    for word, said in terms.items():
        links = re.findall(r"\{ref\}`(section-[\w-]+)`", said)
        assert links or "{doc}" in said, word
        assert set(links) <= sections, word


def test_every_term_in_the_text_is_in_the_glossary(
    terms: dict[str, str],
) -> None:
    known = {word.lower() for word in terms}
    for path in sorted(FOLDER.glob("*.md")):
        for shown, word in TERM.findall(path.read_text()):
            assert (word or shown).lower() in known, (path.name, shown)


def test_every_chapter_leads_to_the_glossary(terms: dict[str, str]) -> None:
    for path in sorted(FOLDER.glob("0[1-9]-*.md")):
        found = [
            word or shown for shown, word in TERM.findall(path.read_text())
        ]
        assert len({word.lower() for word in found}) >= 8, path.name
        # once is enough: later uses would be noise
        assert len(found) == len({word.lower() for word in found}), path.name
