"""Property: a number on a formula is for somebody, who then finds it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.book.conftest import REPOSITORY
from tests.book.test_chapters import EQUATION

PAGES = sorted((REPOSITORY / "chapters").glob("*.md"))
REFERENCE = re.compile(r"\{eq\}`(?:[^`<]*<)?([^`<>]+)>?`")


def faults(*pages: str) -> list[str]:
    """Return what is wrong with the numbers of some pages' formulas."""
    text = "\n".join(pages)
    labels = Counter("".join(names) for names in EQUATION.findall(text))
    wanted = set(REFERENCE.findall(text))
    return [
        *(f"{name} is there twice" for name in labels if labels[name] > 1),
        *(f"nobody refers to {name}" for name in labels if name not in wanted),
        *(f"{name} is nowhere" for name in sorted(wanted - set(labels))),
    ]


def test_every_number_is_referred_to_and_every_reference_arrives() -> None:
    assert faults(*(path.read_text() for path in PAGES)) == []


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
