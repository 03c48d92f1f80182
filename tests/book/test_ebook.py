"""Known value, property: the book as one file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fdl.book.ebook import mathml, pack, settle, well_formed
from fdl.book.execution import ebook
from tests.book import chromium
from tests.book.conftest import REPOSITORY, Mini, make, surroundings
from tests.book.test_sphinx import write

STATIC = REPOSITORY / "chapters" / "_static"
OPF = "{http://www.idpf.org/2007/opf}"


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mini]:
    with pytest.MonkeyPatch.context() as patch:
        surroundings(patch)
        mini = make(tmp_path_factory.mktemp("book"))
        write(mini)
        assert ebook(project=mini, out=io.StringIO()) == 0
        yield mini


@pytest.fixture
def book(mini: Mini) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(mini.root / "build" / "book.epub") as found:
        yield found


def test_the_first_entry_says_what_it_is(book: zipfile.ZipFile) -> None:
    first = book.infolist()[0]
    assert first.filename == "mimetype"
    assert first.compress_type == zipfile.ZIP_STORED
    assert book.read("mimetype") == b"application/epub+zip"


def test_every_page_is_well_formed(book: zipfile.ZipFile) -> None:
    pages = [n for n in book.namelist() if n.endswith(("xhtml", "opf", "ncx"))]
    assert len(pages) > 5
    for name in pages:
        ElementTree.fromstring(book.read(name))


def test_what_is_listed_is_there_and_the_other_way_round(
    book: zipfile.ZipFile,
) -> None:
    package = ElementTree.fromstring(book.read("content.opf"))
    listed = {item.get("href") for item in package.iter(f"{OPF}item")}
    there = set(book.namelist())
    assert listed <= there
    rest = there - listed
    assert rest == {"mimetype", "META-INF/container.xml", "content.opf"}


def test_styles_that_pages_ask_for_are_there(book: zipfile.ZipFile) -> None:
    page = ElementTree.fromstring(book.read("03-loops.xhtml"))
    asked = {
        link.get("href", "").partition("?")[0]
        for link in page.iter("{http://www.w3.org/1999/xhtml}link")
        if link.get("rel") == "stylesheet"
    }
    assert asked
    assert asked <= set(book.namelist())


def test_formulas_are_drawn_by_the_reader(book: zipfile.ZipFile) -> None:
    text = book.read("03-loops.xhtml").decode()
    assert "http://www.w3.org/1998/Math/MathML" in text
    assert "<script" not in text
    package = book.read("content.opf").decode()
    assert 'href="03-loops.xhtml"' in package
    line = next(x for x in package.splitlines() if "03-loops.xhtml" in x)
    assert 'properties="mathml' in line


def test_outputs_and_cards_are_in_the_book(book: zipfile.ZipFile) -> None:
    text = book.read("03-loops.xhtml").decode()
    assert 'class="fdl-card' in text
    assert "_images/" in book.read("07-pictures.xhtml").decode()


def test_nothing_sends_readers_to_what_only_the_site_has(
    book: zipfile.ZipFile,
) -> None:
    text = re.sub("<[^>]*>", "", book.read("03-loops.xhtml").decode())
    assert "fdl book build 3" in text
    assert "the arrow above" not in text


def test_packing_twice_gives_the_same_bytes(mini: Mini) -> None:
    folder = mini.root / "build" / "epub"
    for name in ("a.epub", "b.epub"):
        pack(folder, mini.root / name)
    bytes_ = [(mini.root / n).read_bytes() for n in ("a.epub", "b.epub")]
    assert bytes_[0] == bytes_[1]
    assert not list(mini.root.glob("*.part"))


def test_settling_twice_changes_nothing(mini: Mini) -> None:
    folder = mini.root / "build" / "epub"
    before = (folder / "content.opf").read_text()
    settle(folder)
    assert (folder / "content.opf").read_text() == before


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<p hidden>a</p>", '<p hidden="">a</p>'),
        ("<p>a<img src='b'></p>", '<p>a<img src="b"/></p>'),
        ("<p>a &amp; b</p>", "<p>a &amp; b</p>"),
        ("<p>a&nbsp;b</p>", "<p>a\u00a0b</p>"),
    ],
)
def test_html_becomes_xml(given: str, wanted: str) -> None:
    assert well_formed(given) == wanted


def test_a_line_of_tex_may_end_in_a_space_command() -> None:
    assert "\\" not in mathml("a\\\n\\le b")


def test_lines_are_one_above_the_other() -> None:
    assert mathml(r"a &= b \\ &= c", "block").count("<mtr>") == 2


def test_every_formula_of_the_book_becomes_mathml() -> None:
    count = 0
    for path in sorted((REPOSITORY / "chapters").glob("[0-9]*.md")):
        text = path.read_text()
        text = re.sub(r"^(`{3,}).*?^\1", "", text, flags=re.M | re.S)
        blocks = re.findall(r"^\$\$\n(.+?)^\$\$", text, re.M | re.S)
        text = re.sub(r"^\$\$\n(.+?)^\$\$", "", text, flags=re.M | re.S)
        lines = re.findall(r"(?<![\\\w`])\$([^$`\n]+)\$", text)
        for tex, display in [(b, "block") for b in blocks] + [
            (line, "inline") for line in lines
        ]:
            drawn = re.sub("<[^>]*>", "", mathml(tex, display))
            assert "\\" not in drawn, tex
            count += 1
    assert count > 1000


def test_a_failed_chapter_leaves_the_last_book(
    mini: Mini, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = mini.root / "build" / "book.epub"
    before = file.read_bytes()
    path = mini.folder / "07-pictures.md"
    text = path.read_text()
    path.write_text(text + "\n```{code-cell}\n1 / 0\n```\n")
    try:
        assert ebook(project=mini.again(), out=io.StringIO()) == 1
    finally:
        path.write_text(text)
    assert file.read_bytes() == before


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_titles_and_buttons_need_no_colours_or_icons_of_the_site(
    tmp_path: Path,
) -> None:
    body = (
        '<div class="exercise admonition"><p class="admonition-title">E</p>'
        '</div><div class="fdl-buttons"><p><a href="#">Start</a></p></div>'
    )
    icon = r'.exercise p.admonition-title::after { content: "\f303"; }'
    seen = (
        "[getComputedStyle(document.querySelector('.admonition-title'),"
        " '::after').content,"
        " getComputedStyle(document.querySelector('a')).color]"
    )
    shown = []
    with chromium.Browser() as browser:
        for names in (["front"], ["front", "ebook"]):
            links = "".join(
                f'<link rel="stylesheet"'
                f' href="{(STATIC / name).as_uri()}.css">'
                for name in names
            )
            path = tmp_path / "page.html"
            path.write_text(f"<style>{icon}</style>{links}{body}")
            browser.open(path.as_uri())
            shown.append(browser.evaluate(seen))
    assert shown == [
        ['"\uf303"', "rgb(255, 255, 255)"],
        ["none", "rgb(0, 0, 0)"],
    ]
