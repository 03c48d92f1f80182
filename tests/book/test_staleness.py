"""Property: what makes a chapter stale, and what does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fdl.book.project import Project
from tests.book.conftest import REPOSITORY, Mini, cell

PLAIN = cell("from mini.train import fit\nfit(1)")
FIGURE = cell(
    "fit(2)",
    "---",
    "mystnb:",
    "  figure: {caption: Old, name: fig}",
    "tags: [hide-input]",
    "---",
)


@pytest.fixture
def book(mini: Mini) -> Mini:
    mini.write(
        "03-first",
        "# First",
        PLAIN,
        "Prose.",
        FIGURE,
        cell("from mini.book import record\nrecord('one')"),
        data="[digits]",
    )
    (mini.results / "one.json").write_text("{}")
    return mini


def test_a_chapter_declares_names_not_letters(book: Mini) -> None:
    edit(book, "data: [digits]", "data: digits")
    with pytest.raises(ValueError, match=r"`data` \(='digits'\) must be a l"):
        _ = book.again().chapters[0].parts


def key(book: Mini, **changes: object) -> str:
    return book.again(**changes).chapters[0].key


def edit(book: Mini, old: str, new: str) -> None:
    path = book.folder / "03-first.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "path",
    [
        "mini/train/loop.py",
        "mini/train/__init__.py",
        "mini/__init__.py",
        "mini/_lazy.py",
        "mini/helpers.py",
        "requirements.lock",
        "results/one.json",
    ],
)
def test_a_change_in_what_it_uses_makes_a_chapter_stale(
    book: Mini, path: str
) -> None:
    before = key(book)
    book.change(path)
    assert key(book) != before


@pytest.mark.parametrize(
    "path",
    [
        "mini/other.py",
        "mini/train/watch.py",
        "mini/late.py",
        "mini/experiments/first.py",
        "mini/cli.py",
        "results/two.json",
        "conf.py",
        "README.md",
    ],
)
def test_a_change_elsewhere_leaves_it_fresh(book: Mini, path: str) -> None:
    before = key(book)
    book.change(path)
    assert key(book) == before


def test_arrays_beside_a_record_count(book: Mini) -> None:
    before = key(book)
    (book.results / "one.npz").write_bytes(b"arrays")
    assert key(book) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Prose.", "Other words, and more of them.\n\n## A section"),
        ("# First", "# Second"),
        ("caption: Old", "caption: A new caption"),
        ("name: fig", "name: other"),
        ("tags: [hide-input]", "tags: [hide-output]"),
        ("minutes: 1", "minutes: 9"),
    ],
)
def test_prose_and_captions_run_nothing(
    book: Mini, old: str, new: str
) -> None:
    before = key(book)
    edit(book, old, new)
    assert key(book) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fit(1)", "fit(3)"),
        ("fit(1)", "fit(1)  # a comment"),
        ("tags: [hide-input]", "tags: [raises-exception]"),
        ("data: [digits]", "data: [digits, words]"),
        ("record('one')", "record('two')"),
    ],
)
def test_cells_and_declarations_run_it_again(
    book: Mini, old: str, new: str
) -> None:
    before = key(book)
    edit(book, old, new)
    assert key(book) != before


def test_the_order_of_cells_counts(book: Mini) -> None:
    book.write("03-first", cell("a = 1"), cell("a = 2"))
    before = key(book)
    book.write("03-first", cell("a = 2"), cell("a = 1"))
    assert key(book) != before


def test_profile_and_data_count(book: Mini) -> None:
    assert key(book, profile="full") != key(book)
    sample = key(book, data_state=lambda name: f"sample:{name}")
    assert sample != key(book)


def test_only_declared_data_is_asked_for(book: Mini) -> None:
    asked = []

    def state(name: str) -> str:
        asked.append(name)
        return "official"

    key(book, data_state=state)
    assert asked == ["digits"]


def test_a_renamed_module_of_the_same_content_counts(book: Mini) -> None:
    before = key(book)
    folder = book.root / "mini"
    loop = (folder / "train" / "loop.py").read_text()
    (folder / "again.py").write_text((folder / "helpers.py").read_text())
    (folder / "train" / "loop.py").write_text(loop.replace("helpers", "again"))
    assert key(book) != before


def test_chapter_3_depends_on_the_training_loop(tmp_path: Path) -> None:
    chapter = REPOSITORY / "chapters" / "03-implementing-neural-networks.md"
    loop = Path("fdl") / "train" / "loop.py"
    if not chapter.exists() or not (REPOSITORY / loop).exists():
        pytest.skip("Chapter 3 or the training loop is not written yet")
    shutil.copytree(
        REPOSITORY / "fdl",
        tmp_path / "fdl",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (tmp_path / "chapters").mkdir()
    shutil.copy(chapter, tmp_path / "chapters")

    def look() -> Project:
        return Project(tmp_path, "fdl", "quick", lambda name: "official")

    before = look().chapters[0]
    parts = before.parts
    assert loop.as_posix() in parts
    unrelated = [
        path
        for path in sorted((tmp_path / "fdl").rglob("*.py"))
        if path.relative_to(tmp_path).as_posix() not in parts
    ]
    names = {path.relative_to(tmp_path).as_posix() for path in unrelated}
    assert "fdl/book/sphinx.py" in names  # not everything counts
    for path in unrelated:
        path.write_text(path.read_text() + "# changed\n")
    assert look().chapters[0].key == before.key
    with open(tmp_path / loop, "a") as file:
        file.write("# changed\n")
    assert look().chapters[0].key != before.key
