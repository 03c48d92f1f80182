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
    models = text.split("## Parts to build with")[0]
    rows = [line for line in models.splitlines() if line.startswith("| {py")]
    named = {re.sub(r"[|` ]", "", row.split("|")[-2]) for row in rows} - {""}
    assert len(named) > 20
    assert named <= set(experiments.names())


def test_what_models_are_made_of_is_listed_too(text: str) -> None:
    parts = text.split("## Parts to build with")[1]
    rows = [line for line in parts.splitlines() if line.startswith("| {py")]
    for row in rows:
        _, names, what, _, _ = row.split("|")
        assert names.count("{py:obj}") >= 1, row
        assert len(what.split()) >= 3, row
    for name in (
        *("nn.BatchNorm", "nn.Highway", "nn.dot_attention", "nn.nce"),
        *("nn.cross_entropy", "optim.Adam", "optim.Nesterov"),
        *("optim.schedules", "optim.regularize", "train.EarlyStopping"),
        *("rl.Replay", "rl.EpsilonGreedy", "memory.addressing"),
    ):
        assert f"`fdl.{name}`" in parts, name
