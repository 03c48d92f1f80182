"""The interactive figures take the steps that fdl.optim takes.

Oracle: fdl.optim walks the same landscapes. Negative controls: another
momentum, another surface.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from fdl import optim
from fdl.errors import Diverged
from tests.book import chromium, live_page
from tests.book.live_page import press

STEPS = 60
landscapes = optim.landscapes
SURFACES = {
    "bowl": landscapes.bowl(),
    "valley": landscapes.valley(),
    "saddle": landscapes.saddle,
    "rosenbrock": landscapes.rosenbrock,
    "cross": landscapes.cross,
    "flat": landscapes.flat,
}
RULES = (
    "SGD",
    "Momentum",
    "Nesterov",
    "AdaGrad",
    "RMSProp",
    "AdaDelta",
    "Adam",
)


class Engine(live_page.Engine):
    """descent.js in a JavaScript engine without a document."""

    def path(
        self, surface: str, rule: str, start: Any, **options: float
    ) -> np.ndarray:
        words = json.dumps([surface, rule, list(start), STEPS, options])
        return np.array(self(f"fdlDescent.path(...{words})"))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine("descent.js")


def walk(surface: str, rule: str, start: Any, rate: float) -> np.ndarray:
    """Return the points of fdl.optim, as far as they are numbers."""
    try:
        return optim.minimize(
            SURFACES[surface], start, getattr(optim, rule)(rate), STEPS
        )
    except Diverged as error:
        return error.path


def assert_same_path(a: np.ndarray, b: np.ndarray) -> None:
    """Compare point by point; a path far out is compared by its size."""
    np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


def test_it_knows_the_surfaces_and_the_rules_of_the_package(engine):
    assert engine("Object.keys(fdlDescent.landscapes)") == list(SURFACES)
    assert engine("Object.keys(fdlDescent.rules)") == list(RULES)
    for key, surface in SURFACES.items():
        there = f"fdlDescent.landscapes.{key}"
        assert engine(f"{there}.title") == surface.name
        assert engine(f"{there}.start") == list(surface.start)
        assert engine(f"{there}.window") == [list(w) for w in surface.window]
        lowest = surface.minimum
        assert engine(f"{there}.minimum") == (lowest and list(lowest))
        assert set(engine(f"{there}.rates")) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_the_settings_of_the_package(engine, rule):
    ours = getattr(optim, rule)()
    theirs = engine(f"fdlDescent.defaults.{rule}")
    assert theirs == {
        name: getattr(ours, name)
        for name in ours.settings
        if (rule, name) != ("RMSProp", "momentum")
    }


@pytest.mark.parametrize("surface", SURFACES)
def test_errors_and_gradients_are_those_of_the_surface(engine, surface):
    f = SURFACES[surface]
    rng = np.random.default_rng(0)
    for _ in range(5):
        x = rng.uniform(*np.transpose(f.window))
        value, gradient = optim.value_and_gradient(f, x)
        there, point = f"fdlDescent.landscapes.{surface}", list(x)
        assert engine(f"{there}.value({point})") == pytest.approx(value)
        assert engine(f"{there}.gradient({point})") == pytest.approx(
            list(gradient), rel=1e-9, abs=1e-12
        )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("surface", SURFACES)
def test_the_paths_are_those_of_the_package(engine, surface, rule):
    start = SURFACES[surface].start
    elsewhere = [0.9 * x + 0.05 for x in start]
    rate = engine(f"fdlDescent.landscapes.{surface}.rates.{rule}")
    assert_same_path(
        engine.path(surface, rule, start), walk(surface, rule, start, rate)
    )
    assert_same_path(
        engine.path(surface, rule, elsewhere, learning_rate=rate / 3),
        walk(surface, rule, elsewhere, rate / 3),
    )


def test_a_path_that_leaves_the_numbers_ends_where_ours_does(engine):
    start = SURFACES["rosenbrock"].start
    theirs = engine.path("rosenbrock", "SGD", start, learning_rate=1.0)
    ours = walk("rosenbrock", "SGD", start, 1.0)
    assert 1 < len(theirs) < STEPS
    assert abs(len(theirs) - len(ours)) <= 1
    both = min(len(theirs), len(ours))
    np.testing.assert_allclose(theirs[:both], ours[:both], rtol=1e-6)


def test_the_comparison_can_fail(engine):
    start = SURFACES["valley"].start
    ours = walk("valley", "Momentum", start, 0.01)
    other = engine.path(
        "valley", "Momentum", start, learning_rate=0.01, momentum=0.901
    )
    with pytest.raises(AssertionError):
        assert_same_path(other, ours)
    with pytest.raises(AssertionError):
        assert_same_path(engine.path("valley", "Nesterov", start), ours)


FIGURES = """
<div class="fdl-descent" data-landscape="valley" data-steps="60"
     data-rules="SGD,Momentum,Nesterov,AdaGrad,RMSProp,Adam">still</div>
<div class="fdl-descent" data-landscape="bowl" data-rules="SGD"
     data-view="surface" data-steps="40">still</div>
<div class="fdl-descent" data-landscape="saddle" data-rules="SGD"
     data-steps="40">still</div>
"""


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_a_browser_draws_the_race_and_obeys(engine, tmp_path):
    page = live_page.write(tmp_path / "page.html", FIGURES)
    with chromium.Browser() as browser:
        browser.size(1000, 900)
        browser.open(page)
        said = "document.querySelectorAll('.fdl-said')[{}].textContent"
        first = browser.evaluate(said.format(0))
        f = SURFACES["valley"]
        for rule in ("SGD", "Momentum", "Nesterov", "AdaGrad", "Adam"):
            last = walk(
                "valley",
                rule,
                f.start,
                engine(f"fdlDescent.landscapes.valley.rates.{rule}"),
            )[-1]
            # toPrecision(3) of JavaScript
            shown = engine(f"({float(f(last))!r}).toPrecision(3)")
            shown = shown.replace("-", "−")
            assert f"{rule} {shown}" in first
        # the same engine, the same numbers
        drawn = browser.evaluate(
            f"fdlDescent.path('valley', 'Adam', {list(f.start)}, {STEPS})"
        )
        assert_same_path(
            np.array(drawn), engine.path("valley", "Adam", f.start)
        )
        # something is drawn, and a click moves the start
        ink = (
            "[...document.querySelector('canvas').getContext('2d')"
            ".getImageData(0, 0, 900, 400).data].some(v => v)"
        )
        assert browser.evaluate(ink)
        # 1/4 of the height above the middle is 0.6 of the window's 2.4
        where = browser.evaluate(
            "(b => [b.left + 0.5 * b.width + 0.25 * b.height,"
            " b.top + 0.25 * b.height])"
            "(document.querySelector('canvas').getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            browser.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=where[0],
                y=where[1],
                button="left",
                clickCount=1,
            )
        second = browser.evaluate(said.format(0))
        assert "(0.60, 0.60)" in second
        assert second != first
        # what to do depends on the view; changes are heard
        hints = browser.evaluate(
            "[...document.querySelectorAll('.fdl-hint')]"
            ".map(e => e.textContent)"
        )
        assert ["start elsewhere" in hint for hint in hints] == [1, 0, 1]
        assert ["turn it" in hint for hint in hints] == [0, 1, 0]
        live = "document.querySelectorAll('.fdl-said[aria-live=polite]')"
        assert browser.evaluate(f"{live}.length") == 3
        # on the saddle, errors are below zero, and have a minus sign
        assert re.search(r"SGD −0\.\d+\.", browser.evaluate(said.format(2)))
        # the rule of the other figure can be chosen
        browser.evaluate(
            "(s => { s.value = 'Adam';"
            " s.dispatchEvent(new Event('change')); })"
            "(document.querySelectorAll('.fdl-racer select')[0])"
        )
        assert "Adam" in browser.evaluate(said.format(1))
        assert browser.problems() == []


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_the_race_can_be_run_on_a_phone_and_from_the_keyboard(
    engine, tmp_path
):
    page = live_page.write(tmp_path / "page.html", FIGURES)
    with chromium.Browser() as browser:
        browser.size(390, 844)
        browser.open(page)
        assert live_page.widest(browser, ".fdl-live") <= 390
        said = "document.querySelector('.fdl-said').textContent"

        # an arrow moves the start by a fiftieth of the window
        browser.evaluate("document.querySelector('canvas').focus()")
        press(browser, "ArrowRight")
        assert "(−0.95, −0.20)" in browser.evaluate(said)
        press(browser, "ArrowUp")
        assert "(−0.95, −0.15)" in browser.evaluate(said)

        # the space bar takes a racer out
        assert "Momentum" in browser.evaluate(said)
        browser.evaluate(
            "document.querySelectorAll('.fdl-racer [type=checkbox]')[1]"
            ".focus()"
        )
        press(browser, " ", " ")
        assert "Momentum" not in browser.evaluate(said)

        # an arrow on its slider changes the rate of another
        browser.evaluate(
            "document.querySelector('[aria-label=\"rate of SGD\"]').focus()"
        )
        for _ in range(20):
            press(browser, "ArrowRight")
        rate = 10 ** float(
            browser.evaluate(
                "document.querySelector('[aria-label=\"rate of SGD\"]').value"
            )
        )
        assert rate == pytest.approx(0.03 * 10**0.2, rel=0.03)
        last = walk("valley", "SGD", [-0.952, -0.152], rate)[-1]
        value = engine(f"({float(SURFACES['valley'](last))!r}).toPrecision(3)")
        value = value.replace("-", "−")
        assert f"SGD {value}" in browser.evaluate(said)

        # and the space bar plays
        browser.evaluate("document.querySelector('button').focus()")
        press(browser, " ", " ")
        assert "Pause" in browser.evaluate(
            "document.querySelector('button').textContent"
        )
        assert browser.problems() == []
