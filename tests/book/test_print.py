"""Property: what a page is on paper.

Negative control: the same page on a screen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book import chromium, live_page

LINE = "x" * 120
BODY = f"""<div class="bd-article"><style>div.box {{ overflow: auto; }}</style>
<div class="box"><div class="highlight"><pre>{LINE}</pre></div></div>
<details class="hide"><summary>Show the source</summary>code</details>
<details class="hide" open><summary>Hide the source</summary>code</details>
<div class="fdl-descent" data-steps="3" data-view="surface"></div>
</div>"""
SEEN = """(() => {
  const shown = s => [...document.querySelectorAll(s)].map(
    e => e.checkVisibility());
  const pre = document.querySelector('pre');
  return {
    cut: pre.scrollWidth > pre.clientWidth,
    box: getComputedStyle(document.querySelector('.box')).overflowX,
    folds: shown('details'),
    controls: shown('.fdl-controls, .fdl-hint').some(v => v),
    said: shown('.fdl-said, canvas').every(v => v),
  };
})()"""


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_nothing_is_cut_and_nothing_is_to_be_pressed(tmp_path: Path) -> None:
    page = live_page.write(tmp_path / "page.html", BODY)
    with chromium.Browser() as browser:
        browser.size(720, 1000)
        browser.open(page)
        screen = browser.evaluate(SEEN)
        browser.call("Emulation.setEmulatedMedia", media="print")
        paper = browser.evaluate(SEEN)
    assert paper == {
        "cut": False,
        "box": "visible",
        "folds": [False, True],
        "controls": False,
        "said": True,
    }
    assert screen["cut"]
    assert screen["box"] == "auto"
    assert screen["folds"] == [True, True]
    assert screen["controls"]


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paper_is_white_and_the_screen_as_before(
    theme: str, tmp_path: Path
) -> None:
    script = (live_page.STATIC / "js" / "page.js").as_uri()
    page = live_page.write(
        tmp_path / "page.html",
        f'<p>Words</p><script src="{script}"></script><script>'
        "const seen = [], now = () => document.documentElement.dataset.theme;"
        "for (const kind of ['beforeprint', 'afterprint'])"
        " addEventListener(kind, () => seen.push(now()));</script>",
        theme,
    )
    with chromium.Browser() as browser:
        browser.open(page)
        assert browser.evaluate("now()") == theme
        browser.call("Page.printToPDF")
        assert browser.evaluate("seen") == ["light", theme]
        assert browser.evaluate("now()") == theme
