"""Films of arrays: what is stored is what was given, and a browser shows it.

Oracle: NumPy's bytes. Negative controls: another step, another cell.
"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

import numpy as np
import pytest

from fdl.book import movie
from tests.book import chromium, live_page

STEPS = ["a vector comes in", "it's <read>"]
USAGE = np.array([[0, 0.2, 0.4], [1, 0.6, 0]])
MEMORY = np.array([[[-2.0, 0.0], [1.0, 2.0]], [[0.0, 0.0], [0.0, -1.0]]])


def film() -> str:
    made = movie({"M": MEMORY, "u": USAGE}, STEPS, about="A memory at work")
    return made._repr_html_()


def stored(source: str) -> Any:
    found = re.search(r'data-told="([^"]*)"', source)
    assert found
    return json.loads(html.unescape(found[1]))


def test_a_film_stores_each_number_as_a_byte():
    told = stored(film())
    assert told["steps"] == STEPS
    memory, usage = told["panels"]
    for panel, values in ((memory, MEMORY), (usage, USAGE)):
        cells = np.frombuffer(base64.b64decode(panel["cells"]), np.uint8)
        step = (panel["top"] - panel["low"]) / 255
        back = panel["low"] + cells.reshape(values.shape) * step
        assert abs(back - values).max() <= step / 2
    assert (memory["rows"], memory["columns"]) == (2, 2)
    assert (usage["rows"], usage["columns"]) == (3, 1)
    assert (memory["low"], memory["top"]) == (-2, 2)
    assert (usage["low"], usage["top"]) == (0, 1)


@pytest.mark.parametrize(
    ("cells", "runs"),
    [
        ([7] * 255 + [9] * 3, [255, 7, 3, 9]),
        ([7] * 256, [255, 7, 1, 7]),
        ([0] * 510 + [255], [255, 0, 255, 0, 1, 255]),
        ([5] * 9, [9, 5]),
    ],
)
def test_what_repeats_is_counted(cells, runs):
    film = np.array(cells, float).reshape(-1, 1) / 255
    made = movie({"a": film}, [""] * len(film), about="Runs")
    (panel,) = stored(made._repr_html_())["panels"]
    assert "cells" not in panel
    assert list(base64.b64decode(panel["runs"])) == runs


def test_a_film_says_what_it_is_and_stays_small():
    made = movie({"L": np.zeros((44, 10, 10))}, ["-"] * 44, about="Links")
    assert repr(made) == "Movie of 44 steps: L (10 × 10)"
    assert len(made._repr_html_()) < 60_000


def test_without_scripts_there_is_a_picture():
    found = re.search(
        r'<img alt="A memory at work"'
        r' src="data:image/png;base64,([^"]+)">',
        film(),
    )
    assert found
    assert base64.b64decode(found[1])[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("parts", "steps", "message"),
    [
        ({}, STEPS, "`parts`.*name one array"),
        ({"u": USAGE[:0]}, [], "`parts`.*name one array"),
        ({"u": USAGE}, STEPS + ["again"], r"named 'u'.*\(3, rows, columns\)"),
        ({"u": USAGE[0]}, STEPS, "named 'u'"),
        ({"u": USAGE * np.nan}, STEPS, "named 'u'.*finite"),
    ],
)
def test_bad_films_are_refused(parts, steps, message):
    with pytest.raises(ValueError, match=message):
        movie(parts, steps, about="Nothing")


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
@pytest.mark.parametrize("width", [1000, 390])
def test_a_browser_shows_the_film_and_obeys(width, tmp_path):
    page = live_page.write(tmp_path / "page.html", film())
    said = "document.querySelector('.fdl-movie-said').textContent"
    pixel = (
        "[...document.querySelectorAll('canvas')[{}].getContext('2d')"
        ".getImageData({}, {}, 1, 1).data].slice(0, 3)"
    )
    with chromium.Browser() as browser:
        browser.size(width, 844)
        browser.open(page)
        assert not browser.evaluate(
            "document.querySelector('img').checkVisibility()"
        )
        assert browser.evaluate(said) == "Picture 1 of 2. A vector comes in"
        for row, value in enumerate(USAGE[0]):
            grey = 255 - round(255 * value)
            shown = browser.evaluate(pixel.format(1, 0, row))
            assert shown == [grey] * 3
        blue, white = (
            browser.evaluate(pixel.format(0, column, 0)) for column in (0, 1)
        )
        assert blue[2] > blue[0] + 80
        assert min(white) > 250
        red = browser.evaluate(pixel.format(0, 1, 1))
        assert red[0] > red[2] + 80

        # an arrow key on the slider goes on by a step
        browser.evaluate("document.querySelector('input').focus()")
        live_page.press(browser, "ArrowRight")
        assert browser.evaluate(said) == "Picture 2 of 2. It's <read>"
        assert browser.evaluate(pixel.format(1, 0, 0)) == [0, 0, 0]

        # so do the buttons, to the ends, and they are heard
        button = "document.querySelectorAll('.fdl-movie button')[{}]"
        live = "document.querySelector('[aria-live=polite]').textContent"
        for number, step in ((1, 1), (1, 1), (2, 2), (2, 2)):
            live_page.click(browser, button.format(number))
            assert browser.evaluate(live).startswith(f"Picture {step} of 2.")

        # the button plays from the beginning
        play = button.format(0)
        live_page.click(browser, play)
        assert browser.evaluate(said).startswith("Picture 1 of 2.")
        assert "Pause" in browser.evaluate(f"{play}.textContent")
        assert browser.evaluate(
            "!document.querySelector('[aria-live=polite]')"
        )
        assert live_page.widest(browser, ".fdl-movie") <= width
        # reading pixels back, as this test does, is slow, says the browser
        ours = [p for p in browser.problems() if "getImageData" not in p]
        assert ours == []


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_a_wide_film_is_whole_on_a_phone(tmp_path):
    wide = movie({"w": np.zeros((1, 16, 41))}, ["-"], about="A cart")
    page = live_page.write(tmp_path / "page.html", wide.html)
    with chromium.Browser() as browser:
        browser.size(390, 844)
        browser.open(page)
        left, right, tall = browser.evaluate(
            "(b => [b.left, b.right, b.height])"
            "(document.querySelector('canvas').getBoundingClientRect())"
        )
        frame = browser.evaluate(
            "document.querySelector('.fdl-movie').getBoundingClientRect()"
            ".right"
        )
        assert right < frame <= 390
        # and its cells are squares
        assert (right - left) / tall == pytest.approx(41 / 16, rel=0.01)


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_a_film_of_numbers_says_what_its_colours_mean(tmp_path):
    plain = movie({"u": USAGE}, STEPS, about="")._repr_html_()
    page = live_page.write(tmp_path / "page.html", film() + plain)
    with chromium.Browser() as browser:
        browser.open(page)
        numbers, pictures = browser.evaluate(
            "[...document.querySelectorAll('.fdl-hint')]"
            ".map(e => e.textContent)"
        )
    assert numbers.startswith(
        "In M, blue is −2, white 0 and red 2."
        " In u, white is 0 and black 1. Pull"
    )
    assert pictures.startswith("Pull")


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_a_browser_unrolls_what_was_counted(tmp_path):
    film = np.zeros((3, 20, 30))
    film[2, 4, 7] = 1
    made = movie({"dot": film}, ["a", "b", "c"], about="A dot")
    assert "runs" in stored(made.html)["panels"][0]
    page = live_page.write(tmp_path / "page.html", made.html)
    with chromium.Browser() as browser:
        browser.open(page)
        browser.evaluate("document.querySelector('input').focus()")
        live_page.press(browser, "End")
        found = browser.evaluate(
            "(() => { const c = document.querySelector('canvas');"
            "const d = c.getContext('2d').getImageData(0, 0, 30, 20).data;"
            "return [...d].map((v, k) => [v, k]).filter(p => p[0] < 255)"
            ".map(p => p[1]); })()"
        )
    place = 4 * (4 * 30 + 7)
    assert found == [place, place + 1, place + 2]
