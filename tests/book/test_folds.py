"""Known value: what the buttons of solutions are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book import chromium, live_page

BUTTON = (
    '<div class="solution"><p>Solution'
    ' <button class="toggle-button" aria-label="Toggle"></button></p></div>'
)
TITLE = (
    '<div class="exercise"><p class="caption-number">Exercise {} </p></div>'
)


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_each_solution_says_whose_it_is(tmp_path: Path) -> None:
    script = (live_page.STATIC / "js" / "page.js").as_uri()
    body = BUTTON + "".join(
        TITLE.format(number) + more + BUTTON
        for number, more in (("5.1", ""), ("5.2", "<p>A hint.</p>"))
    )
    page = live_page.write(
        tmp_path / "page.html", f'{body}<script src="{script}"></script>'
    )
    with chromium.Browser() as browser:
        browser.open(page)
        names = browser.evaluate(
            "[...document.querySelectorAll('button')].map(b => b.ariaLabel)"
        )
    assert names == [
        "Toggle",
        "Solution of Exercise 5.1",
        "Solution of Exercise 5.2",
    ]
