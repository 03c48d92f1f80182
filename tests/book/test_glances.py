"""Attention on two sentences: the shares that were given, on either side.

Oracle: the weights themselves, read by rows and by columns.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import numpy as np
import pytest

from fdl.book import glances
from tests.book import chromium, live_page, quality

SOURCE = ["a", "red", "shirt", "<unk>"]
TARGET = ["une", "chemise", "rouge"]
WEIGHTS = np.array(
    [[0.95, 0.05, 0.0, 0.0], [0.1, 0.204, 0.692, 0.004], [0.0, 0.9, 0.1, 0.0]]
)
OTHER = (["dogs"], ["des", "chiens"], [[1.0], [1.0]])


def made() -> Any:
    return glances([(SOURCE, TARGET, WEIGHTS), OTHER], about="It looks")


@pytest.fixture(scope="module")
def engine() -> live_page.Engine:
    return live_page.Engine("glances.js")


def test_the_element_holds_shares_as_thousandths_and_a_picture():
    found = re.search(r'data-told="([^"]*)"', made().html)
    assert found
    told = json.loads(html.unescape(found[1]))
    first, second = told["pairs"]
    assert (first["source"], first["target"]) == (SOURCE, TARGET)
    assert np.abs(np.array(first["weights"]) / 1000 - WEIGHTS).max() < 5e-4
    assert second["weights"] == [[1000], [1000]]
    assert told["languages"] == ["en", "fr"]
    assert '<img alt="It looks" src="data:image/png;base64,' in made().html
    assert repr(made()) == "Attention of 2 pairs of sentences"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "`pairs`.*one pair"),
        ([(SOURCE, TARGET, WEIGHTS.T)], r"`pairs`.*\(3, 4\)"),
        ([(SOURCE, TARGET, -WEIGHTS)], "`pairs`.*from 0 to 1"),
        ([(SOURCE, TARGET, 1 + WEIGHTS)], "`pairs`.*from 0 to 1"),
        ([(SOURCE, TARGET, WEIGHTS * np.nan)], "`pairs`.*from 0 to 1"),
    ],
)
def test_bad_pairs_are_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        glances(pairs, about="Nothing")


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_word_looks_where_its_weights_are(engine, side):
    rng = np.random.default_rng(7)
    weights = rng.integers(0, 1000, (5, 8))
    mine = weights if side == "target" else weights.T
    for k, shares in enumerate(mine):
        looks = engine.call("fdlGlances.looks", weights.tolist(), side, k)
        order = [look["word"] for look in looks]
        assert sorted(order) == list(range(len(shares)))
        assert [look["share"] for look in looks] == pytest.approx(
            list(shares[order] / 1000)
        )
        assert (np.diff(shares[order]) <= 0).all()


def test_what_is_below_half_a_percent_is_not_said(engine):
    pair = {
        "source": ["a", "b", "c"],
        "target": ["x"],
        "weights": [[5, 4, 991]],
    }
    found = engine.call("fdlGlances.say", pair, "target", 0)
    assert found == "“x” looks at “c” 99 %, “a” 1 %"
    found = engine.call("fdlGlances.say", pair, "source", 1)
    assert found == "“b” is looked at by nobody"


SAID = "document.querySelector('.fdl-said').textContent"
WORD = "document.querySelectorAll('.fdl-sentences ul')[{}].children[{}]"


def shares(browser: chromium.Browser, column: int) -> list[str]:
    return browser.evaluate(
        "[...document.querySelectorAll('.fdl-sentences ul')"
        f"[{column}].children].map("
        "e => e.querySelector('.fdl-share').textContent)"
    )


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
@pytest.mark.parametrize(("width", "theme"), [(1000, "light"), (390, "dark")])
def test_a_browser_shows_what_a_word_looks_at(width, theme, tmp_path):
    page = live_page.write(tmp_path / "page.html", made().html, theme)
    with chromium.Browser() as browser:
        browser.size(width, 844)
        browser.open(page)
        assert browser.evaluate(SAID) == "“une” looks at “a” 95 %, “red” 5 %."
        assert shares(browser, 0) == ["95 %", "5 %", "", ""]

        # a tap on a word of the translation, and on one of the source
        live_page.click(browser, WORD.format(1, 1) + ".firstChild")
        assert browser.evaluate(SAID) == (
            "“chemise” looks at “shirt” 69 %, “red” 20 %, “a” 10 %."
        )
        assert shares(browser, 0) == ["10 %", "20 %", "69 %", ""]
        live_page.click(browser, WORD.format(0, 1) + ".firstChild")
        assert browser.evaluate(SAID) == (
            "“red” is looked at by “rouge” 90 %, “chemise” 20 %, “une” 5 %."
        )
        assert shares(browser, 0) == [""] * 4
        assert shares(browser, 1) == ["5 %", "20 %", "90 %"]

        # the arrow keys, which stop at the ends
        live_page.press(browser, "ArrowDown")
        live_page.press(browser, "ArrowDown")
        live_page.press(browser, "ArrowDown")
        assert browser.evaluate(SAID) == "“<unk>” is looked at by nobody."
        live_page.press(browser, "ArrowRight")
        assert browser.evaluate(SAID).startswith("“rouge” looks at “red” 90 %")
        live_page.press(browser, "Home")
        assert browser.evaluate(SAID).startswith("“une” looks at “a” 95 %")
        live_page.press(browser, "End")
        assert browser.evaluate(SAID).startswith("“rouge” looks at “red” 90 %")
        stops = "document.querySelectorAll('.fdl-sentences [tabindex=\"0\"]')"
        assert browser.evaluate(f"{stops}.length") == 1

        # a pointer that only passes
        x, y = live_page.middle(browser, WORD.format(1, 0) + ".firstChild")
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        assert browser.evaluate(SAID).startswith("“une” looks at “a” 95 %")
        lines = "document.querySelectorAll('line.fdl-mine').length"
        assert browser.evaluate(lines) == 2
        assert live_page.widest(browser, ".fdl-glances") <= width
        assert quality.audit(browser) == []

        # the other sentence
        browser.evaluate(
            "(s => { s.value = 1; s.dispatchEvent(new Event('change')); })"
            "(document.querySelector('select'))"
        )
        assert browser.evaluate(SAID) == "“des” looks at “dogs” 100 %."
        assert browser.problems() == []
