"""Known values: MyST becomes Markdown that Jupyter can show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fdl.book import notebooks
from fdl.book.markdown import Block, Lines, blocks
from fdl.book.numbers import number
from fdl.book.plain import Writer
from tests.book.conftest import Mini, cell

REPOSITORY = Path(__file__).resolve().parents[2]

CHAPTER = [
    """\
(start)=
# The first *chapter*

```{chapter-box}
A **thing**.
```

See {eq}`eq-one`, {numref}`fig-two`, {numref}`Table %s <tab>`,
{ref}`start`, {ref}`words <start>`, {numref}`code-fit`, [](#start),
[text](#start), [page](claims.md), [out](https://example.org/a_(b)),
{doc}`claims`, {cite:p}`he2015`, {cite:t}`he2015`, {py:func}`~mini.train.fit`
and H{sub}`2`O; `{role}` and `[x](#y)` stay.
% a comment

$$
x = 1
$$ (eq-one)

$$ y = 2 $$ (eq-two)

```{math}
:label: eq-three
z &= 3
```

:::{note}
Mind {eq}`eq-three`.

- one
- two
:::

```{warning} Mind *this*
Words.
```

```{listing} mini.train.fit
:name: code-fit
:nodoc:
```

```{code-block} python
:caption: By hand
x = "{eq}`no`"
```

```python
plain = "[](#start)"
```

{.class #id}
A paragraph with [a span]{.mark}.

```{table} Words of *two* kinds
:name: tab
| a | b |
| - | - |
| 1 | {eq}`eq-two` |
```

```{list-table} Listed
:header-rows: 1
* - one
  - two
* - three
    more
  - four
```

::::{tab-set}
:::{tab-item} One
Tab text
:::
::::

```{toctree}
claims
```
""",
    cell(
        "figure = 1", "---", "mystnb: {figure: {caption: No outputs}}", "---"
    ),
    cell(
        "print('hello')",
        "---",
        "mystnb:",
        "  figure:",
        "    name: fig-two",
        "    caption: A picture of {eq}`eq-one`",
        "tags: [hide-input]",
        "---",
    ),
    """\
```{exercise-start} Easy
:label: ex-one
```
Do it.
```{exercise-end}
```

````{solution-start} ex-one
:class: dropdown
````
Done:
""",
    cell("1 + 1"),
    """\
````{solution-end}
````

```{exercise}
:label: ex-two
After {ref}`ex-one`.
```
""",
]


@pytest.fixture
def made(mini: Mini, tmp_path: Path) -> Any:
    mini.write("03-first", *CHAPTER)
    (mini.folder / "refs.bib").write_text(
        (REPOSITORY / "chapters" / "refs.bib").read_text()
    )
    chapter = mini.chapters[0]
    run = chapter.notebook.copy()
    for c in run.cells:
        if c.cell_type == "code":
            c.execution_count = 1
            c.outputs = [nbformat.v4.new_output("stream", text=c.source)]
    run.metadata["fdl"] = {
        "key": chapter.key,
        "parts": chapter.parts,
        "run": {
            "seconds": 2.5,
            "memory": 3 * 2**20,
            "profile": "quick",
            "data": {"mnist": "sample"},
        },
    }
    chapter.output.parent.mkdir(parents=True)
    chapter.output.write_text(nbformat.writes(run))
    paths = notebooks.write(tmp_path / "out", project=mini.again())
    assert paths == [tmp_path / "out" / "03-first.ipynb"]
    return nbformat.read(paths[0], as_version=4)


def markdown(made: Any) -> str:
    return "\n\n".join(
        c.source for c in made.cells if c.cell_type == "markdown"
    )


def test_nothing_is_left_that_jupyter_cannot_show(made: Any) -> None:
    nbformat.validate(made)
    text = re.sub(r"^```.*?^```", "", markdown(made), flags=re.S | re.M)
    text = text.replace("`{role}` and `[x](#y)` stay.", "")
    for pattern in (r"\{[\w:.-]+\}`", r"^:::", r"\)=$", r"^%", r"\]\(#"):
        assert not re.search(pattern, text, re.M), pattern
    assert "```{" not in markdown(made)
    assert "{.class" not in text
    assert "{.mark}" not in text


@pytest.mark.parametrize(
    "words",
    [
        "> **What you will build**",
        "> A **thing**.",
        "data: mnist (sample)",
        "See (3.1), Figure 3.2, Table 3.1,\n"
        "The first chapter, words, Listing 3.1, The first chapter,\n"
        "text, page, [out](https://example.org/a_(b)),\n"
        "claims, (He et al., 2015), He et al. (2015), `mini.train.fit`\n"
        "and H<sub>2</sub>O; `{role}` and `[x](#y)` stay.",
        "$$\nx = 1 \\tag{3.1}\n$$",
        "$$ y = 2 \\tag{3.2} $$",
        "$$\nz &= 3\n\\tag{3.3}\n$$",
        "> **Note**\n>\n> Mind (3.3).\n>\n> - one\n> - two",
        "> **Mind *this***\n>\n> Words.",
        "**Listing 3.1.** `fit` in `mini/train/loop.py`\n\n"
        "```python\ndef fit(n):\n    return double(n)\n```",
        '**Listing 3.2.** By hand\n\n```python\nx = "{eq}`no`"\n```',
        'plain = "[](#start)"',
        "A paragraph with [a span].",
        "**Table 3.1.** Words of *two* kinds\n\n| a | b |",
        "| 1 | (3.2) |",
        "**Table 3.2.** Listed\n\n"
        "| one | two |\n| --- | --- |\n| three more | four |",
        "**One**\n\nTab text",
        "**Figure 3.2.** A picture of (3.1)",
        "### Exercise 3.1 (Easy)\n\nDo it.",
        "### Solution of Exercise 3.1",
        "### Exercise 3.2\n\nAfter Exercise 3.1.",
    ],
)
def test_what_jupyter_shows(made: Any, words: str) -> None:
    assert words in markdown(made)


def test_the_outputs_and_the_code_stay(made: Any) -> None:
    code = [c for c in made.cells if c.cell_type == "code"]
    assert [c.source for c in code] == [
        "figure = 1",
        "print('hello')",
        "1 + 1",
    ]
    assert code[1].outputs[0].text == "print('hello')"
    assert code[1].metadata.jupyter == {"source_hidden": True}
    assert "jupyter" not in code[0].metadata
    after = made.cells[made.cells.index(code[1]) + 1]
    assert after.source.startswith("**Figure 3.2.**")


def test_it_is_the_same_each_time(made: Any, mini: Mini) -> None:
    assert len({c.id for c in made.cells}) == len(made.cells)
    folder = mini.root / "twice"
    path = notebooks.write(folder, project=mini.again())[0]
    assert path.read_text() == nbformat.writes(made) + "\n"
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_stale_chapter_is_not_written(made: Any, mini: Mini) -> None:
    mini.write("03-first", cell("2"))
    assert notebooks.write(mini.root / "none", project=mini.again()) == []


def test_pictures_become_attachments(mini: Mini) -> None:
    (mini.folder / "a.png").write_bytes(b"picture")
    mini.write(
        "03-a",
        "```{figure} a.png\n:name: pic\n:alt: See\nCap\n```",
        cell("1"),
        "Text.",
        cell("2"),
        "```{toctree}\n```",
    )
    chapter = mini.chapters[0]
    run = chapter.notebook.copy()
    run.metadata["fdl"] = {"key": "", "run": {}}
    for c in run.cells:
        if c.cell_type == "code":
            c.outputs, c.execution_count = [], 1
    first, _, second, *rest = notebooks.notebook(chapter, run).cells
    assert "attachments" not in second
    assert [c.cell_type for c in rest] == ["code"]  # nothing, no empty cell
    assert first.source == "![See](attachment:a.png)\n\n**Figure 3.1.** Cap"
    assert first.attachments == {"a.png": {"image/png": "cGljdHVyZQ=="}}


def test_blocks_nest_and_keep_code_apart() -> None:
    text = """\
before
::::{tip} Title
---
class: dropdown
---
:::{note}
inner
:::
::::
```text
:::{note}
```
after"""
    tip, code, after = list(blocks(text.split("\n")))[1:]
    assert isinstance(tip, Block)
    assert (tip.name, tip.argument, tip.options) == (
        "tip",
        "Title",
        {"class": "dropdown"},
    )
    assert tip.body == [":::{note}", "inner", ":::"]
    assert isinstance(code, Lines)
    assert code.code
    assert isinstance(after, Lines)
    assert after.lines == ["after"]


def test_what_another_chapter_numbers_has_its_number_here(mini: Mini) -> None:
    mini.write("03-first", *CHAPTER)
    mini.write("04-second", "# Later")
    writer = Writer(mini.chapters[1], None)
    assert writer.convert("By {eq}`eq-two` and {numref}`fig-two`") == (
        "By (3.2) and Figure 3.2"
    )
    assert writer.convert("{eq}`eq-gone`") == "(eq-gone)"


BOOKS = """
@book{one, title = {T}, author = {Ann Bo and Cy Do}, year = {1999}}
@book{two, title = {T}, author = {Ann Bo and Cy Do and Ed Fu}, year = {2001}}
"""


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("{cite:p}`one, two`", "(Bo and Do, 1999; Bo et al., 2001)"),
        ("{cite:t}`one, two`", "Bo and Do (1999); Bo et al. (2001)"),
        ("{glue:text}`share:.0%` {glue:}`word`", "25% yes"),
        ("{glue:text}`word:.0%` {glue:}`none`", "yes none"),
        ("[](attachment:a.png)", "[](attachment:a.png)"),
        ("{doc}`04-later` {doc}`/claims`", "Chapter 4 claims"),
        ("a\n```{toctree}\nclaims\n```", "a"),
        ("```{list-table}\n* - a|b\n```", "| a\\|b |\n| --- |"),
    ],
)
def test_what_stands_in_a_line_becomes_words(
    mini: Mini, given: str, wanted: str
) -> None:
    mini.write("03-first", "# First")
    (mini.folder / "refs.bib").write_text(BOOKS)
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"text/plain": text},
            metadata={"scrapbook": {"name": name}},
        )
        for name, text in (("share", "0.25"), ("word", "'yes'"))
    ]
    cells = [nbformat.v4.new_code_cell("", outputs=outputs)]
    writer = Writer(mini.chapters[0], nbformat.v4.new_notebook(cells=cells))
    assert writer.convert(given).strip() == wanted


def test_numbers_follow_the_order_on_the_page(mini: Mini) -> None:
    mini.write("03-first", *CHAPTER)
    found = number(mini.chapters[0])
    assert found.labels["fig-two"] == "Figure 3.2"
    assert found.labels["ex-two"] == "Exercise 3.2"
    assert found.labels["start"] == "The first chapter"
    assert found.equations == {
        "eq-one": "3.1",
        "eq-two": "3.2",
        "eq-three": "3.3",
    }
    assert found.captions == {0: "Figure 3.1", 1: "Figure 3.2"}


def test_only_what_has_a_caption_has_a_number(mini: Mini) -> None:
    mini.write(
        "03-first",
        "(text)=\n\nA text.\n\n(here)=\n\n## A *part*\n\n## Another",
        "```{table}\n:name: bare\n| a |\n```",
        "```{figure} a.png\n:name: dumb\n\n```",
        "```{code-block} python\n:name: quiet\nx\n```",
        "```{exercise}\n:label: apart\n:nonumber:\nDo it.\n```",
        "```text\n(code)=\n# No title\n```",
        "````{note}\n```{figure} a.png\n:name: inner\nA dot.\n```\n````",
        "```{table} Words\n:name: words\n| a |\n```",
        "```{code-block} python\n:caption: One\n:name: said\nx\n```",
        "```{exercise}\n:label: task\nDo it.\n```",
    )
    found = number(mini.chapters[0])
    assert found.labels == {
        "here": "A part",
        "inner": "Figure 3.1",
        "words": "Table 3.1",
        "said": "Listing 3.1",
        "task": "Exercise 3.1",
    }
    assert found.order == list(found.labels.values())[1:]


@pytest.mark.parametrize(
    ("tag", "hidden"),
    [
        ("hide-input", True),
        ("remove-cell", True),
        ("hide-output", False),
        ("trap", False),
    ],
)
def test_what_the_page_hides_is_folded(
    mini: Mini, tag: str, hidden: bool
) -> None:
    mini.write("03-first", cell("1", f":tags: [{tag}]"))
    chapter = mini.chapters[0]
    run = chapter.notebook.copy()
    run.cells[0].outputs, run.cells[0].execution_count = [], 1
    run.metadata["fdl"] = {"key": "", "run": {}}
    (made,) = notebooks.notebook(chapter, run).cells
    assert made.metadata.get("jupyter", {}).get("source_hidden", False) == (
        hidden
    )
