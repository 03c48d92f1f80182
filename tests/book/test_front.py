"""Known value: the front page counts what ran and shows what was drawn."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from docutils.parsers.rst import DirectiveError

from fdl import experiments
from fdl.book.cards import CLAIM_MIME
from fdl.book.execution import build
from fdl.book.front import (
    ChapterCards,
    Picture,
    Score,
    add_style,
    find_picture,
    unrecorded,
)
from fdl.book.project import Project
from fdl.book.site import Site
from tests.book.conftest import (
    REPOSITORY,
    Mini,
    cell,
    make,
    on_page,
    surroundings,
)

INDEX = """\
# A book

```{picture} 3 fig-dot
```

```{score}
```

```{chapter-cards}
- {chapter: 3, figure: fig-dot, text: It draws a dot.}
```

```{toctree}
:glob:
:numbered:

[0-9][0-9]-*
claims
errata
```
"""
CELLS = """
from fdl.book import claim, erratum
claim("a", book=2, measured=2, data=())
claim("b", book=2, measured=2, data=())
claim("c", book=2, measured=9, data=(), finding="it is nine")
claim("d", book=2, measured=4, within=1, quick=3, data=())
claim("e", book=None, measured=1, at_most=3, data=())
claim("f", book=None, measured=4, at_most=3, data=(), finding="it is four")
claim("g", book=None, measured=4, at_most=3, data=(), finding="it is so")
erratum("slip", book="`one`", correct="two", proof=True, where="Figure 1")
"""
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        surroundings(patch)
        mini = make(tmp_path_factory.mktemp("book"))
        mini.write(
            "03-loops",
            "# Loops",
            "```{chapter-box}\nA dot.\n```",
            "```{errata-table}\n```",
            cell(CELLS),
            cell(
                f"import IPython.display as d\nd.SVG('{DOT}')",
                "---",
                "mystnb:",
                "  figure: {name: fig-dot, caption: A dot}",
                "  image: {alt: a small dot}",
                "---",
            ),
        )
        (mini.folder / "index.md").write_text(INDEX)
        for name in ("claims", "errata"):
            (mini.folder / f"{name}.md").write_text(f"# {name}\n")
        assert build(project=mini, out=io.StringIO()) == 0
        yield mini.root / "build" / "html"


@pytest.fixture(scope="module")
def front(html: Path) -> Tag:
    soup = BeautifulSoup((html / "index.html").read_text(), "html.parser")
    for image in soup.select("article img"):
        image["there"] = str((html / str(image["src"])).is_file())
    found = soup.select_one("article")
    assert found is not None
    return found


def text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def test_the_score_counts_the_runs_claims(front: Tag) -> None:
    assert [text(tile) for tile in front.select(".fdl-tile")] == [
        "4 claims of the original, checked",
        "2 reproduced",
        "1 within reach of the quick profile",
        "1 not reproduced, each with the reason",
        "1 error of the original, proved",
    ]
    assert "Another 3 numbers are held against bounds of our own (2 miss" in (
        text(front)
    )
    assert "1 chapter, " in text(front)
    pages = {tile.a["href"] for tile in front.select(".fdl-tile") if tile.a}
    assert pages == {"claims.html", "errata.html"}


def test_a_card_shows_what_its_chapter_drew(front: Tag) -> None:
    (card,) = front.select(".fdl-chapter")
    assert text(card) == "Chapter 3 Loops It draws a dot."
    assert card.img is not None
    assert card.a is not None
    assert (card.img["alt"], card.img["there"]) == ("a small dot", "True")
    assert card.a["href"] == "03-loops.html"


def test_a_picture_leads_to_where_it_is_explained(front: Tag) -> None:
    source = front.select_one(".fdl-source a")
    assert source is not None
    assert source["href"] == "03-loops.html#fig-dot"


def test_a_chapter_tells_what_it_checks_and_what_was_wrong(
    html: Path,
) -> None:
    page = (html / "03-loops.html").read_text()
    soup = BeautifulSoup(page, "html.parser")
    facts = soup.select_one(".chapter-box-facts")
    assert facts is not None
    assert "Checked 7 claims , 1 erratum" in text(facts)
    assert "fdl book build 3" in text(facts)
    links = {str(a["href"]) for a in facts.select("a")}
    assert links == {"claims.html", "errata.html"}
    (row,) = soup.select("table.fdl-table tbody tr")
    assert text(row) == "Figure 1 one two"
    assert "Chapter 3: Loops" not in text(soup)


def test_a_figure_is_found_by_its_name() -> None:
    new = nbformat.v4.new_notebook()
    for name, mime, data in (
        ("fig-a", "image/svg+xml", DOT),
        ("fig-b", "image/png", "AAEC"),
        ("fig-c", "text/plain", "no picture"),
    ):
        output = nbformat.v4.new_output("display_data", {mime: data})
        drawn = nbformat.v4.new_code_cell("draw()", outputs=[output])
        drawn.metadata["mystnb"] = {"figure": {"name": name}}
        new.cells.append(drawn)
    assert find_picture(new, "fig-a") == ("svg", DOT.encode(), "")
    assert find_picture(new, "fig-b") == ("png", b"\0\1\2", "")
    assert find_picture(new, "fig-c") is None
    assert find_picture(new, "fig-d") is None


def test_every_card_names_a_figure_of_its_chapter() -> None:
    folder = REPOSITORY / "chapters"
    index = (folder / "index.md").read_text()
    block = index.split("```{chapter-cards}\n")[1].split("```")[0]
    entries = yaml.safe_load(block)
    numbers = [entry["chapter"] for entry in entries]
    assert numbers[:9] == list(range(1, 10))
    for entry in entries:
        (path,) = folder.glob(f"{entry['chapter']:02}-*.md")
        assert f"name: {entry['figure']}\n" in path.read_text()


def test_what_lacks_a_record_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist_mlp.json").write_text("{}")
    monkeypatch.setenv("FDL_RESULTS", str(tmp_path))
    left = unrecorded(Project(REPOSITORY, "fdl", "quick", lambda name: ""))
    assert set(left) == set(experiments.names()) - {"mnist_mlp"}
    assert left["babi"].startswith("bAbI: a DNC reads stories")
    assert not any("\n" in words for words in left.values())


def score(
    monkeypatch: pytest.MonkeyPatch,
    seconds: Sequence[float],
    verdicts: Sequence[str] = (),
    errata: int = 0,
) -> list[str]:
    """Return the tiles and the words below of a site with these results."""

    def cards(mime: str) -> list[tuple[Any, list[dict[str, str]]]]:
        claims = [{"verdict": verdict} for verdict in verdicts]
        return [(None, claims if mime == CLAIM_MIME else [{}] * errata)]

    site = SimpleNamespace(
        project=SimpleNamespace(chapters=[]),
        cards=cards,
        results={
            k: SimpleNamespace(
                metadata=SimpleNamespace(
                    fdl=SimpleNamespace(run=SimpleNamespace(seconds=s))
                )
            )
            for k, s in enumerate(seconds)
        },
    )
    monkeypatch.setattr("fdl.book.site._current", [site])
    board, *words = on_page(Score).run()
    tiles = [tile.astext().replace("\n\n", " ") for tile in board.children]
    return [*tiles, *(node.astext() for node in words)]


def test_the_score_tells_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    met = ["reproduced", "not comparable", "within our bound"]
    assert score(monkeypatch, [59.7, 60], met, errata=2) == [
        "2 claims of the original, checked",
        "1 reproduced",
        "0 within reach of the quick profile",
        "0 not reproduced, each with the reason",
        "1 not comparable",
        "2 errors of the original, proved",
        "Another 1 numbers are held against bounds of our own. All of this "
        "was counted when the site was built: 2 chapters, 2 min 00 s of one "
        "thread each.",
    ]
    *_, words = score(monkeypatch, [7])
    assert words.startswith("All of this was counted")
    assert score(monkeypatch, []) == ["No chapter has been run."]


CARD = "- {chapter: %s, figure: fig-dot, text: A dot.}"


def test_a_chapter_without_a_run_has_a_card_without_a_picture(
    mini: Mini,
) -> None:
    mini.write("03-loops", "# Loops")
    Site.of(mini)
    (grid,) = on_page(ChapterCards, CARD % 3).run()
    assert grid.astext().split("\n\n") == ["Chapter 3", "Loops", "A dot."]
    assert on_page(Picture, "", "3", "fig-dot").run() == []
    for directive in (
        on_page(ChapterCards, CARD % 9),
        on_page(Picture, "", "nine", "fig-dot"),
    ):
        with pytest.raises(DirectiveError) as caught:
            directive.run()
        assert caught.value.msg.startswith("there is no chapter ")


def test_a_figure_that_no_cell_draws_is_an_error(mini: Mini) -> None:
    mini.write("03-loops", "# Loops")
    site = Site.of(mini)
    site.__dict__["results"] = {"03-loops": nbformat.v4.new_notebook()}
    with pytest.raises(DirectiveError) as caught:
        on_page(ChapterCards, CARD % 3).run()
    assert caught.value.msg == "03-loops.md draws no figure fig-dot"


def test_only_the_page_with_cards_gets_their_style() -> None:
    added: list[str] = []
    app = SimpleNamespace(add_css_file=added.append)
    plain = nodes.section("", nodes.container(classes=["fdl-score"]))
    for page in (None, plain):
        add_style(app, "a", "page.html", {}, page)
    assert added == []
    plain += nodes.container(classes=["fdl-chapters"])
    add_style(app, "a", "page.html", {}, plain)
    assert added == ["front.css"]
