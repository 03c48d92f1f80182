"""Property: a number on a formula is for somebody, who then finds it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.book.conftest import REPOSITORY
from tests.book.test_chapters import EQUATION

FOLDER = REPOSITORY / "chapters"
CHAPTERS = sorted(FOLDER.glob("[01][0-9]-*.md"))
PAGES = sorted(set(FOLDER.glob("*.md")) - set(CHAPTERS))
REFERENCE = re.compile(r"\{eq\}`(?:[^`<]*<)?([^`<>]+)>?`")


def faults(*chapters: str, others: str = "") -> list[str]:
    """Return what is wrong with the numbers of some chapters' formulas.

    A list in `others`, such as the glossary's, is no use that a number has.
    """
    text = "\n".join(chapters)
    labels = Counter("".join(names) for names in EQUATION.findall(text))
    used = set(REFERENCE.findall(text))
    wanted = used | set(REFERENCE.findall(others))
    return [
        *(f"{name} is there twice" for name in labels if labels[name] > 1),
        *(f"nobody refers to {name}" for name in labels if name not in used),
        *(f"{name} is nowhere" for name in sorted(wanted - set(labels))),
    ]


def test_every_number_is_referred_to_and_every_reference_arrives() -> None:
    chapters = [path.read_text() for path in CHAPTERS]
    others = "\n".join(path.read_text() for path in PAGES)
    assert len(chapters) == 10
    assert faults(*chapters, others=others) == []


ONE = "$$\nx = 1\n$$ (eq-one)\n"
TWO = "```{math}\n:label: eq-two\ny = 2\n```\n"


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ((ONE, "By {eq}`eq-one`."), []),
        ((ONE + TWO, "By {eq}`the second <eq-two>` and {eq}`eq-one`."), []),
        ((ONE + TWO, "By {eq}`eq-two`."), ["nobody refers to eq-one"]),
        ((ONE, "By `eq-one`, that is eq-one."), ["nobody refers to eq-one"]),
        ((ONE, "By {eq}`eq-one` and {eq}`eq-six`."), ["eq-six is nowhere"]),
        ((ONE, ONE + "By {eq}`eq-one`."), ["eq-one is there twice"]),
        (("$$\nz = 3\n$$\n",), []),
    ],
)
def test_what_is_missing_is_found(
    pages: tuple[str, ...], found: list[str]
) -> None:
    assert faults(*pages) == found


def test_a_list_of_all_equations_is_no_use_of_one() -> None:
    found = faults(ONE, others="{eq}`eq-one`, {eq}`eq-six`")
    assert found == ["nobody refers to eq-one", "eq-six is nowhere"]


def torn(page: str) -> list[str]:
    """Return lines in the midst of a formula that begin a list or a quote."""
    page = re.sub(r"^(`{3,}) *\{code.*?^\1", "", page, flags=re.M | re.S)
    found, within = [], False
    for line in page.splitlines():
        if within and re.match(r"\s*(?:[-+*>#]|\d+[.)])\s", line):
            found.append(line)
        line = re.sub(r"`[^`]*`", "", line)
        count = len(re.findall(r"(?<![\\$])\$(?!\$)", line))
        within = bool(line.strip()) and within != bool(count % 2)
    return found


def test_no_line_of_a_formula_begins_a_list() -> None:
    for path in CHAPTERS + PAGES:
        assert torn(path.read_text()) == [], path.name


def test_a_torn_formula_is_found() -> None:
    assert torn("So $b = (a\n+ c)$ it is.") == ["+ c)$ it is."]
    assert torn("So $b$ and\n+ c $a\nb$ it is.") == []
    assert torn("Costs `$`\n- one") == []
