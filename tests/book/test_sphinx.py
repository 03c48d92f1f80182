"""Property: pages are made of today's prose and the outputs of the run."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from fdl.book.execution import build, sphinx
from fdl.book.numbers import number
from tests.book.conftest import Mini, cell, make, surroundings

pytestmark = pytest.mark.slow

INDEX = """\
# A book

```{toctree}
:glob:
:numbered:

[0-9][0-9]-*
```

```{toctree}
:glob:

claims
errata
report
reference/*
```
"""
CLAIM = """
from fdl.book import claim, erratum
claim("two", book=2, measured=2, data=(), label="A pair")
claim("far", book=2, measured=9e-12, data=(), label="Far off",
      finding="it is `nine`", unit="m")
erratum("slip", book="`one`", correct="two", proof=True, where="Figure 1")
"""
FIRST = [
    """\
# Loops

```{chapter-box}
A *loop*.
```

% book: The loop itself

## Round and round

```{listing} mini.train.fit
:nodoc:
```

```{listing} mini.train.loop
:lines: 1-2
```

```{listing} mini.train.Watch.look
:caption: How it looks
:name: code-look
```

```{listing} mini.train.fit
:lines: 1
```

$$
x = 1
$$ (eq-one)

See {eq}`eq-one`, {numref}`fig-one`, {numref}`code-look`, {ref}`claim-far`,
{ref}`ex-one` and {numref}`fig-other`.
""",
    cell(
        "from mini.train import fit\nprint('hello,', 'reader' * (fit(1) - 1))"
    ),
    cell(
        "import base64, IPython.display as d",
        "---",
        "tags: [remove-cell]",
        "---",
    ),
    cell(
        'd.SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="9" '
        'height="9"/>\')',
        "---",
        "mystnb: {figure: {name: fig-one, caption: 'The caption'}}",
        "---",
    ),
    cell(CLAIM),
    """\
```{exercise-start}
:label: ex-one
```
Do it.
```{exercise-end}
```

````{solution-start} ex-one
:class: dropdown
````
""",
    cell("print('solved')"),
    """\
````{solution-end}
````
""",
]
SECOND = [
    "# Pictures\n\n```{chapter-box}\nA picture.\n```\n\n## Part",
    cell(
        "import IPython.display as d\n"
        'd.SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="9" '
        'height="9"/>\')',
        "---",
        "mystnb: {figure: {name: fig-other, caption: 'Other'}}",
        "---",
    ),
    cell("d.Markdown('| word | tag |\\n| :-- | --: |\\n| sky | 12 |')"),
]


def write(mini: Mini) -> None:
    mini.write("03-loops", *FIRST, data="[]")
    mini.write("07-pictures", *SECOND)
    folder = mini.folder
    (folder / "index.md").write_text(INDEX)
    for name in ("claims-table", "errata-table", "build-report"):
        page = folder / f"{name.replace('build-', '').split('-')[0]}.md"
        page.write_text(f"# {name}\n\n```{{{name}}}\n```\n")
    (folder / "reference").mkdir(exist_ok=True)
    for name in ("train", "data", "helpers"):
        (folder / "reference" / f"{name}.md").write_text(
            f"# {name}\n\n```{{fdl-api}} mini.{name}\n```\n"
        )


def run(mini: Mini, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    out = io.StringIO()
    code = build(project=mini.again(), out=out)
    captured = capfd.readouterr()
    return code, out.getvalue() + captured.out + captured.err


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mini]:
    with pytest.MonkeyPatch.context() as patch:
        surroundings(patch)
        mini = make(tmp_path_factory.mktemp("book"))
        write(mini)
        assert build(project=mini, out=io.StringIO()) == 0
        yield mini


def page(mini: Mini, name: str) -> BeautifulSoup:
    path = mini.root / "build" / "html" / f"{name}.html"
    return BeautifulSoup(path.read_text(), "html.parser")


def article(mini: Mini, name: str) -> str:
    found = page(mini, name).select_one("article")
    assert found is not None
    return re.sub(r"\s+", " ", found.get_text(" "))


def test_chapters_keep_their_numbers(book: Mini) -> None:
    assert "3 Loops" in article(book, "03-loops")
    assert "3.1 Round and round" in article(book, "03-loops")
    assert "7.1 Part" in article(book, "07-pictures")
    menu = page(book, "index").select_one(".bd-sidebar-primary")
    assert menu is not None
    assert "7\u2002Pictures" in menu.get_text()


def test_references_have_the_chapters_numbers(book: Mini) -> None:
    text = article(book, "03-loops")
    assert (
        "See (3.1) , Figure 3.1 , Listing 3.3 , Far off , Exercise 3.1 and "
        "Figure 7.1 ." in text
    )
    for name in ("03-loops", "07-pictures"):
        chapter = book.again().chapter(name)
        shown = article(book, name)
        for words in number(chapter).order:
            if not words.startswith("Equation"):
                assert words in shown


def test_formulas_are_left_to_mathjax(book: Mini) -> None:
    soup = page(book, "03-loops")
    formula = soup.select_one("div.math")
    assert formula is not None
    assert "x = 1" in formula.get_text()
    assert soup.find("math") is None


def test_outputs_are_on_the_page(book: Mini) -> None:
    soup = page(book, "03-loops")
    assert "hello, reader" in soup.get_text()
    assert "solved" in soup.get_text()
    figure = soup.select_one("figure#fig-one img")
    assert figure is not None
    assert (book.root / "build" / "html" / str(figure["src"])).is_file()
    assert "IPython.display" not in article(book, "03-loops")


def test_tables_that_a_cell_writes_are_tables(book: Mini) -> None:
    table = page(book, "07-pictures").select_one("div.cell_output table")
    assert table is not None
    rows = [list(row.stripped_strings) for row in table.select("tr")]
    assert rows == [["word", "tag"], ["sky", "12"]]


def test_the_box_tells_what_the_run_took(book: Mini) -> None:
    box = page(book, "03-loops").select_one(".chapter-box")
    assert box is not None
    text = re.sub(r"\s+", " ", box.get_text(" "))
    assert "What you will build A loop ." in text
    assert re.search(r"Time \d+ s on one thread", text)
    assert re.search(r"Memory \d+ MiB", text)
    assert "Profile quick" in text
    assert "abacus" in text
    assert "as a notebook (the arrow above)" in text
    assert "Checked 2 claims, 1 erratum" in re.sub(r" ,", ",", text)
    assert ".venv/bin/fdl book build 3 in the book’s folder, where" in text


def test_the_box_leaves_out_what_there_is_none_of(book: Mini) -> None:
    box = page(book, "07-pictures").select_one(".chapter-box")
    assert box is not None
    assert "Time" in box.get_text()
    assert "Checked" not in box.get_text()
    assert "claim" not in box.get_text()


def test_listings_show_code_and_lead_to_the_reference(book: Mini) -> None:
    listings = page(book, "03-loops").select(".fdl-listing")
    assert len(listings) == 4
    texts = [item.get_text() for item in listings]
    assert "def fit(n):\n    return double(n)\n" in texts[0]
    assert "Fit twice" not in texts[0]
    assert "in mini/train/loop.py" in texts[0]
    link = listings[0].select_one("a.reference.internal")
    assert link is not None
    assert link["href"] == "reference/train.html#mini.train.fit"
    assert "'''The loop.'''\nfrom mini.helpers" in texts[1]
    assert texts[2].lstrip().startswith("Listing 3.3")
    assert "How it looks (Watch.look in mini/train/watch.py)" in texts[2]
    assert "\ndef look(self):\n    '''Look.'''\n" in texts[2]


def test_an_object_shown_twice_has_two_numbers(book: Mini) -> None:
    listings = page(book, "03-loops").select(".fdl-listing")
    first, *_, again = (item.get_text().lstrip() for item in listings)
    assert first.startswith("Listing 3.1 fit")
    assert again.startswith("Listing 3.4 fit")
    ids = [item["id"] for item in listings]
    assert len(set(ids)) == 4


def test_the_reference_leads_back_to_the_chapters(book: Mini) -> None:
    soup = page(book, "reference/train")
    fit = soup.find(id="mini.train.fit")
    assert fit is not None
    body = fit.find_next("dd")
    links = {a.get_text(): a["href"] for a in body.find_all("a")}
    assert links["ch. 3, “The loop itself”"] == (
        "../03-loops.html#round-and-round"
    )
    assert links["Chapter 3"] == "../03-loops.html#listing-mini-train-fit"
    target = page(book, "03-loops").find(id="listing-mini-train-fit")
    assert target is not None


def test_attributes_described_at_once_are_all_attributes(book: Mini) -> None:
    fields = page(book, "reference/train").select(".field-list li")
    assert [field.get_text(" ", strip=True) for field in fields] == [
        "hour ( int )",
        "minute ( int ) – When it was wound up.",
    ]


def test_data_have_their_modules_name_once(book: Mini) -> None:
    hours = page(book, "reference/train").find(id="mini.train.HOURS")
    assert hours is not None
    assert "mini.train.mini" not in hours.get_text()
    assert "= 24" in hours.get_text()
    text = hours.find_next_sibling("dd")
    assert text.get_text().strip() == "Of a day, as\nthey are counted."
    assert text.code.get_text() == "counted"


def test_what_a_module_hands_on_is_described_as_what_it_is(book: Mini) -> None:
    double = page(book, "reference/train").find(id="mini.train.double")
    assert double is not None
    assert "(n)" in double.get_text()
    assert double.find_next_sibling("dd").get_text().strip() == "Twice n."
    # elsewhere a bare name means the place where it is made
    link = page(book, "reference/data").select_one("article a:has(code)")
    assert link is not None
    assert link["href"] == "helpers.html#mini.helpers.double"


def test_cards_are_redrawn_and_collected(book: Mini) -> None:
    soup = page(book, "03-loops")
    assert soup.find(id="claim-two") is not None
    assert soup.find(id="erratum-slip") is not None
    assert "style=" not in str(soup.find(id="claim-two"))
    claims = page(book, "claims")
    assert "2 claims: 1 reproduced, 1 not reproduced." in article(
        book, "claims"
    )
    link = claims.find("a", string="Far off")
    assert link["href"] == "03-loops.html#claim-far"
    row = link.find_parent("tr")
    assert "2 m" in row.get_text(" ")
    assert "9 × 10-12 m" in row.get_text()
    assert row.find("sup").get_text() == "-12"  # a power, as on the card
    errata = page(book, "errata").find("a", string="Figure 1")
    assert errata["href"] == "03-loops.html#erratum-slip"


def test_the_report_has_every_chapter(book: Mini) -> None:
    text = article(book, "report")
    assert "3 Loops" in text
    assert "7 Pictures" in text
    assert "abacus" in text


def test_notebooks_are_offered(book: Mini) -> None:
    link = page(book, "03-loops").select_one('a[href$=".ipynb"]')
    assert link is not None
    path = book.root / "build" / "html" / str(link["href"])
    assert json.loads(path.read_text())["cells"]
    assert page(book, "claims").select_one('a[href$=".ipynb"]') is None


def test_pages_name_no_other_host(book: Mini) -> None:
    for path in (book.root / "build" / "html").rglob("*.html"):
        soup = BeautifulSoup(path.read_text(), "html.parser")
        for tag in soup.find_all(["script", "link", "img", "iframe"]):
            source = str(tag.get("src") or tag.get("href") or "")
            assert "//" not in source, f"{path.name}: {tag}"


def test_a_second_build_runs_nothing_and_is_the_same(
    book: Mini, capfd: pytest.CaptureFixture[str]
) -> None:
    html = book.root / "build" / "html"

    def content() -> dict[str, bytes]:
        return {
            path.relative_to(html).as_posix(): path.read_bytes()
            for path in html.rglob("*")
            if path.is_file() and path.name not in (".buildinfo",)
        }

    before, began = content(), time.monotonic()
    code, text = run(book, capfd)
    assert (code, time.monotonic() - began < 10) == (0, True)
    assert "All 2 chapters are up to date." in text
    assert "is up to date" in text.splitlines()[-1]
    assert sphinx(book.again()) == 0
    after = content()
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == []


def change(book: Mini, *pairs: tuple[str, str]) -> None:
    write(book)
    path = book.folder / "03-loops.md"
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def test_prose_is_todays_and_runs_nothing(
    book: Mini, capfd: pytest.CaptureFixture[str]
) -> None:
    change(book, ("A *loop*.", "A promise."), ("The caption", "New words"))
    code, words = run(book, capfd)
    assert code == 0
    assert "All 2 chapters are up to date." in words
    assert "A promise." in article(book, "03-loops")
    assert "New words" in article(book, "03-loops")
    assert "hello, reader" in article(book, "03-loops")


def test_warnings_fail_the_build_again_and_again(
    book: Mini, capfd: pytest.CaptureFixture[str]
) -> None:
    change(
        book,
        ("{eq}`eq-one`", "{eq}`eq-gone`"),
        ("{numref}`fig-other`", "{numref}`fig-gone`"),
        ("{listing} mini.train.loop", "{listing} mini.train.lop"),
        (
            "# Loops",
            "# Loops\n\n{py:func}`mini.train.fitt` {py:obj}`.twice`\n\n"
            "```{py:function} one.twice()\n```\n"
            "```{py:function} two.twice()\n```",
        ),
    )
    for _ in range(2):
        code, words = run(book, capfd)
        assert code == 1
        for warning in (
            "equation not found: eq-gone",
            "fig-gone",
            "there is no mini.train.lop",
            "py:func reference target not found: mini.train.fitt",
            "more than one target found for cross-reference 'twice'",
        ):
            assert warning in words, words


def test_keys_are_unique_in_the_book(
    book: Mini, capfd: pytest.CaptureFixture[str]
) -> None:
    change(book)
    again = CLAIM.replace("slip", "slop")
    book.write("07-pictures", *SECOND, cell(again))
    code, words = run(book, capfd)
    assert code == 1
    assert "claim-two in 07-pictures.md" in words
    assert "erratum" not in words


def test_pages_of_removed_chapters_go_and_stale_ones_are_refused(
    book: Mini, capfd: pytest.CaptureFixture[str]
) -> None:
    html = Path(book.root / "build" / "html")
    assert (html / "07-pictures.html").exists()
    change(book, (" and {numref}`fig-other`", ""))
    (book.folder / "07-pictures.md").unlink()
    assert run(book, capfd)[0] == 0
    assert not (html / "07-pictures.html").exists()
    assert not (html / "notebooks" / "07-pictures.ipynb").exists()
    book.change("mini/train/loop.py")
    assert sphinx(book.again()) == 1
    assert "missing or stale" in capfd.readouterr().err
