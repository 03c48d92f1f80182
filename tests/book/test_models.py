"""Property: what the list of models names is there, and nothing is missed."""

from __future__ import annotations

import re

import pytest

from fdl import experiments
from fdl.book.project import Project
from fdl.book.site import Site, section_slugs
from tests.book.conftest import REPOSITORY


@pytest.fixture(scope="module")
def text() -> str:
    return (REPOSITORY / "chapters" / "models.md").read_text()


def test_every_name_and_section_is_there(text: str) -> None:
    book = Project(REPOSITORY, "fdl", "quick", lambda name: "")
    site = Site.of(book)
    names = re.findall(r"\{py:obj\}`([\w.]+)`", text)
    assert len(names) > 40
    for name in names:
        assert site.reference(*book.graph.locate(name)) is not None, name
    known = {
        f"section-{chapter.number}-{slug}"
        for chapter in book.chapters
        for slug in section_slugs(chapter).values()
    }
    assert set(re.findall(r"\{ref\}`([\w-]+)`", text)) <= known


def test_every_experiment_is_one(text: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith("| {py")]
    named = {re.sub(r"[|` ]", "", row.split("|")[-2]) for row in rows} - {""}
    assert len(named) > 20
    assert named <= set(experiments.names())
