"""Known value, negative control: what every page gets once it is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.book.chromium import Browser, find
from tests.book.live_page import STATIC

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find() is None, reason="Chromium is not on the PATH"),
]
BOX = '<div class="math" style="overflow:auto"><p style="width:%s">f</p></div>'
REACHED = [0, "group", "Formula, wider than the page"]
LEFT = [-1, None, None]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        found.size(1400, 900)
        yield found


def show(browser: Browser, folder: Path, body: str) -> None:
    script = (STATIC / "js" / "page.js").as_uri()
    path = folder / "page.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>'
        f'<body>{body}<script src="{script}" defer></script>',
        encoding="utf-8",
    )
    browser.open(path.as_uri())
    assert browser.problems() == []


def formulas(browser: Browser) -> list[Any]:
    """Return of each formula its place among the tabs, role and name."""
    return browser.evaluate(
        "[...document.querySelectorAll('.math')].map(e => [e.tabIndex,"
        " e.getAttribute('role'), e.getAttribute('aria-label')])"
    )


def test_keys_reach_a_formula_while_it_is_wider_than_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    boxes = BOX % "1000px" + BOX % "9px"
    show(
        browser,
        tmp_path,
        f'<article class="bd-article">{boxes}'
        '<span class="math">in a line</span></article>' + BOX % "9000px",
    )
    narrow = [LEFT, LEFT, LEFT, LEFT]
    assert formulas(browser) == narrow
    wide = [REACHED, LEFT, LEFT, LEFT]
    for width, wanted in ((700, wide), (1400, narrow)):
        browser.size(width, 900)
        for _ in range(100):
            if formulas(browser) == wanted:
                break
            browser.evaluate("new Promise(done => setTimeout(done, 50))")
        assert formulas(browser) == wanted, width


def test_formulas_are_measured_when_they_are_set(
    browser: Browser, tmp_path: Path
) -> None:
    show(
        browser,
        tmp_path,
        "<script>window.MathJax = {startup: {promise: new Promise(done =>"
        " window.addEventListener('load', () => setTimeout(() => {"
        " document.querySelector('.math p').style.width = '5000px';"
        " done(); }, 100)))}};</script>"
        f'<article class="bd-article">{BOX % "9px"}</article>',
    )
    assert formulas(browser) == [REACHED]


def test_what_unfolds_is_called_after_what_it_belongs_to(
    browser: Browser, tmp_path: Path
) -> None:
    fold = "<details><summary%s></summary></details>"
    show(
        browser,
        tmp_path,
        f"<nav><ul><li><a href='#'> Loops </a>{fold % ''}</li>"
        f"<li><a href='#'>More</a>{fold % ' aria-label=mine'}</li>"
        f"<li>No link{fold % ''}</li></ul>{fold % ''}</nav>"
        f"<ul><li><a href='#'>Text</a>{fold % ''}</li></ul>"
        "<table class=indextable></table><table></table>",
    )
    assert browser.evaluate(
        "[...document.querySelectorAll('summary')].map("
        "e => e.getAttribute('aria-label'))"
    ) == ["Sections of Loops", "mine", None, None, None]
    assert browser.evaluate(
        "[...document.querySelectorAll('table')].map("
        "e => e.getAttribute('role'))"
    ) == ["presentation", None]
