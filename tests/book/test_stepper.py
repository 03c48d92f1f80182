"""A convolution to walk through: the numbers of the package, in a browser.

Oracle: scratch.conv2d. Negative controls: a stride or a padding more.
"""

from __future__ import annotations

import html
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fdl import scratch
from fdl.book import stepper, steppers
from tests.book import chromium, live_page, quality

PICTURES = {
    "steps": np.array(
        [[1, 0, 2, 0], [0, 3, 0, -1], [1, 1, 0, 0], [2, 0, 1, 1]]
    ),
    "black": np.ones((5, 6)),
}
FILTERS = {
    "slanted": np.array([[1, 2, 0], [0, 0, 0], [0, -1, 3]]),
    "blur": np.full((3, 3), 1 / 9),
}


def made() -> str:
    return stepper(PICTURES, FILTERS, about="A <walk>")._repr_html_()


def conv(x: np.ndarray, w: np.ndarray, stride: int, pad: int) -> np.ndarray:
    return scratch.conv2d(x[None, None], w[None, None], None, stride, pad)[
        0, 0
    ]


@pytest.fixture(scope="module")
def engine() -> live_page.Engine:
    return live_page.Engine("stepper.js")


@pytest.mark.parametrize("pad", [0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_script_convolves_as_the_package_does(engine, stride, pad):
    rng = np.random.default_rng(10 * stride + pad)
    for shape, extent in (
        ((7, 7), (3, 3)),
        ((5, 8), (3, 2)),
        ((3, 4), (3, 4)),
    ):
        x, w = rng.normal(size=shape), rng.normal(size=extent)
        words = x.tolist(), w.tolist(), stride, pad
        theirs = np.array(engine.call("fdlStepper.convolve", *words))
        ours = conv(x, w, stride, pad)
        np.testing.assert_allclose(theirs, ours, rtol=1e-12, atol=1e-12)
        i, j = (n - 1 for n in ours.shape)
        terms = engine.call("fdlStepper.terms", *words, i, j)
        assert sum(t["x"] * t["w"] for t in terms) == pytest.approx(
            ours[-1, -1]
        )
        assert len(terms) == w.size


def test_the_comparison_can_fail(engine):
    x, w = PICTURES["steps"], FILTERS["slanted"]
    words = x.tolist(), w.tolist()
    theirs = engine.call("fdlStepper.convolve", *words, 1, 1)
    assert np.array_equal(theirs, conv(x, w, 1, 1))
    assert not np.array_equal(theirs, conv(x, w.T, 1, 1))
    assert not np.array_equal(theirs, conv(x, w[::-1, ::-1], 1, 1))
    assert np.shape(theirs) != conv(x, w, 2, 1).shape


def test_the_element_holds_the_tables_and_a_picture():
    found = re.search(r'data-told="([^"]*)"', made())
    assert found
    told = json.loads(html.unescape(found[1]))
    assert told["pictures"][0]["cells"] == PICTURES["steps"].tolist()
    assert [f["name"] for f in told["filters"]] == list(FILTERS)
    assert (told["stride"], told["pad"]) == (1, 0)
    assert '<img alt="A &lt;walk&gt;" src="data:image/png;base64,' in made()
    open_ = plt.get_fignums()
    assert repr(stepper(PICTURES, FILTERS, about="")) == (
        "Convolution to step through: 2 pictures, 2 filters"
    )
    assert plt.get_fignums() == open_  # a notebook would show what is left


def test_the_picture_shows_the_output_of_the_place_it_begins(monkeypatch):
    shown = {}

    def still(parts):
        shown.update(parts)
        return plt.figure()

    monkeypatch.setattr(steppers, "_still", still)
    stepper(PICTURES, FILTERS, stride=2, pad=1, about="A walk")
    x, w = next(iter(PICTURES.values())), next(iter(FILTERS.values()))
    np.testing.assert_array_equal(
        shown["output"],
        scratch.conv2d(x[None, None], w[None, None], None, 2, 1)[0, 0],
    )


@pytest.mark.parametrize(
    ("pictures", "filters", "message"),
    [
        ({}, FILTERS, "`pictures`.*one array"),
        ({"flat": np.ones(5)}, FILTERS, "`pictures`.*'flat'.*table"),
        (PICTURES, {"hole": np.full((3, 3), np.nan)}, "'hole'.*finite"),
        (PICTURES, {"large": np.ones((5, 5))}, "`extent`.*at most"),
    ],
)
def test_bad_tables_are_refused(pictures, filters, message):
    with pytest.raises(ValueError, match=message):
        stepper(pictures, filters, about="Nothing")


def cell(title: str, i: int, j: int) -> str:
    """Return the expression of a cell of the grid with this title."""
    return (
        f"document.querySelectorAll('[aria-label=\"{title}\"] .fdl-row')[{i}]"
        f".children[{j}]"
    )


def shown(browser: chromium.Browser) -> np.ndarray:
    """Return the output's numbers, NaN where it is not filled."""
    rows = browser.evaluate(
        "[...document.querySelectorAll('[aria-label=output] .fdl-row')].map("
        "r => [...r.children].map(c => c.textContent))"
    )
    return np.array(
        [
            [np.nan if c == "·" else float(c.replace("−", "-")) for c in row]
            for row in rows
        ]
    )


def choose(browser: chromium.Browser, number: int, value: int) -> None:
    browser.evaluate(
        f"(s => {{ s.value = {value};"
        " s.dispatchEvent(new Event('change')); })"
        f"(document.querySelectorAll('.fdl-stepper select')[{number}])"
    )


SAID = "document.querySelector('.fdl-said').textContent"


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
@pytest.mark.parametrize(("width", "theme"), [(1000, "light"), (390, "dark")])
def test_a_browser_steps_and_obeys(width, theme, tmp_path):
    page = live_page.write(tmp_path / "page.html", made(), theme)
    x, w = PICTURES["steps"].astype(float), FILTERS["slanted"].astype(float)
    with chromium.Browser() as browser:
        browser.size(width, 844)
        browser.open(page)
        y = conv(x, w, 1, 0)
        first = shown(browser)
        assert first[0, 0] == y[0, 0]
        assert np.isnan(first.ravel()[1:]).all()
        assert browser.evaluate(SAID) == (
            "Output, row 1, column 1: 1·1 + 0·2 + 2·0 + 0·0 + 3·0 + 0·0"
            " + 1·0 + 1·(−1) + 0·3 = 0"
        )

        # the arrow keys walk over the output, which fills
        browser.evaluate(f"{cell('output', 0, 0)}.focus()")
        live_page.press(browser, "ArrowRight")
        assert shown(browser)[0].tolist() == y[0].tolist()
        assert np.isnan(shown(browser)[1, 0])
        live_page.press(browser, "ArrowDown")
        assert np.array_equal(shown(browser), y)
        inside = (
            "[...document.querySelectorAll('[aria-label=input] .fdl-in')]"
            ".map(c => c.dataset.at)"
        )
        assert browser.evaluate(inside) == [
            f"{i},{j}" for i in (1, 2, 3) for j in (1, 2, 3)
        ]

        # Home and End go to the ends of a row
        here = "document.activeElement.dataset.at"
        last = y.shape[1] - 1
        for key, column in (("Home", 0), ("End", last), ("End", last)):
            live_page.press(browser, key)
            assert browser.evaluate(here) == f"1,{column}"

        # a click and a digit change the input, a minus sign the filter
        live_page.click(browser, cell("input", 0, 1))
        x[0, 1] = 1
        assert np.array_equal(shown(browser), conv(x, w, 1, 0))
        live_page.press(browser, "ArrowDown")
        live_page.press(browser, "7")
        x[1, 1] = 7
        browser.evaluate(f"{cell('filter', 0, 1)}.focus()")
        live_page.press(browser, "-")
        w[0, 1] = -2
        assert np.array_equal(shown(browser), conv(x, w, 1, 0))

        # padding and stride; what is padding cannot be changed
        choose(browser, 3, 1)
        choose(browser, 2, 1)
        live_page.click(browser, "document.querySelectorAll('button')[2]")
        assert np.array_equal(shown(browser), conv(x, w, 2, 1))
        live_page.click(browser, cell("input, with padding", 0, 0))
        assert np.array_equal(shown(browser), conv(x, w, 2, 1))
        assert live_page.widest(browser, ".fdl-stepper") <= width

        # another picture, larger, and a blur
        choose(browser, 0, 1)
        choose(browser, 1, 1)
        choose(browser, 3, 2)
        live_page.click(browser, "document.querySelectorAll('button')[2]")
        blurred = conv(PICTURES["black"], FILTERS["blur"], 2, 2)
        assert np.allclose(shown(browser), blurred, atol=0.005)
        assert live_page.widest(browser, ".fdl-stepper") <= width
        assert quality.audit(browser) == []
        assert (
            browser.evaluate(
                "getComputedStyle(document.querySelector('.fdl-still')).display"
            )
            == "none"
        )
        assert browser.problems() == []


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_on_paper_the_picture_stands(tmp_path):
    page = live_page.write(tmp_path / "page.html", made())
    with chromium.Browser() as browser:
        browser.size(1000, 844)
        browser.open(page)
        browser.call("Emulation.setEmulatedMedia", media="print")
        visible = "document.querySelector('{}').checkVisibility()"
        assert browser.evaluate(visible.format(".fdl-still img"))
        assert not browser.evaluate(visible.format(".fdl-grid"))


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_a_broken_figure_keeps_its_picture_and_leaves_the_others(tmp_path):
    broken = re.sub('data-told="[^"]*"', 'data-told="{"', made())
    page = live_page.write(tmp_path / "page.html", broken + made() * 2)
    with chromium.Browser() as browser:
        browser.size(1000, 844)
        browser.open(page)
        shown = browser.evaluate(
            "[...document.querySelectorAll('.fdl-stepper')].map("
            "e => [e.querySelector('img').checkVisibility(),"
            " e.querySelectorAll('.fdl-grid').length])"
        )
        assert shown == [[True, 0], [False, 4], [False, 4]]
        figure = "document.querySelectorAll('.fdl-stepper')[{}]"
        step = figure.format(1) + ".querySelectorAll('button')[1]"
        live_page.click(browser, step)
        said = [
            browser.evaluate(
                figure.format(k) + ".querySelector('.fdl-said').textContent"
            )
            for k in (1, 2)
        ]
        assert [text.partition(":")[0] for text in said] == [
            "Output, row 1, column 2",
            "Output, row 1, column 1",
        ]


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_only_paddings_that_fit_are_offered(tmp_path):
    large = stepper(
        {"small": np.ones((3, 4))}, {"large": np.ones((5, 4))}, pad=1, about=""
    )
    page = live_page.write(tmp_path / "page.html", large.html + made())
    with chromium.Browser() as browser:
        browser.size(1000, 844)
        browser.open(page)
        offered = browser.evaluate(
            "[...document.querySelectorAll('.fdl-stepper')].map(e =>"
            " [...e.querySelectorAll('select')[3].options].map("
            "o => o.textContent + (o.selected ? '!' : '')))"
        )
        assert offered == [["1!", "2"], ["0!", "1", "2"]]


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_a_finger_fills_the_output(tmp_path):
    page = live_page.write(tmp_path / "page.html", made())
    y = conv(PICTURES["steps"], FILTERS["slanted"], 1, 0)
    with chromium.Browser() as browser:
        browser.size(390, 844)
        browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
        browser.open(page)
        browser.evaluate(
            f"{cell('output', 0, 0)}.scrollIntoView({{ block: 'center' }})"
        )
        ends = [
            live_page.middle(browser, cell("output", *at))
            for at in ((0, 0), (0, 1), (1, 1))
        ]
        for kind, (x, z) in zip(
            ("touchStart", "touchMove", "touchMove"), ends
        ):
            browser.call(
                "Input.dispatchTouchEvent",
                type=kind,
                touchPoints=[{"x": x, "y": z}],
            )
        browser.call(
            "Input.dispatchTouchEvent", type="touchEnd", touchPoints=[]
        )
        assert np.array_equal(shown(browser), y)
        assert browser.problems() == []
