"""A maze to plan in: the values of the package, sweep by sweep.

Oracle: rl.value_iteration on rl.Maze. Negative controls: another discount,
one sweep more.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fdl import rl
from fdl.book import planner, planners
from tests.book import chromium, live_page, quality

PLAN = """
c..#.
.#.x.
...#m
"""
PRIZES = {"c": 1.0, "x": -2.0}


def maze(**options: float) -> rl.Maze:
    return rl.Maze(PLAN, PRIZES, **options)


def told(source: str) -> Any:
    found = re.search(r'data-told="([^"]*)"', source)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.fixture(scope="module")
def engine() -> live_page.Engine:
    return live_page.Engine("planner.js")


def theirs(
    engine: live_page.Engine, world: rl.Maze, gamma: float, sweeps: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the script's values and policy, and what changed last."""
    made = {
        "rows": [list(row) for row in world.rows],
        "prizes": world.prizes,
        "reward": world.step_reward,
        "slip": world.slip,
    }
    found = engine.call("fdlPlanner.iterate", made, gamma, sweeps)
    fields = tuple(np.transpose(world.fields))
    return (
        np.array(found["values"])[fields],
        np.array(found["policy"])[fields],
        found["change"],
    )


@pytest.mark.parametrize("sweeps", [0, 1, 2, 5, 25])
@pytest.mark.parametrize(
    ("slip", "step_reward", "gamma"),
    [(0.0, 0.0, 0.9), (0.3, -0.1, 1.0), (0.5, 0.05, 0.7)],
)
def test_the_script_plans_as_the_package_does(
    engine, slip, step_reward, gamma, sweeps
):
    world = maze(slip=slip, step_reward=step_reward)
    v, policy = rl.value_iteration(world.P, world.R, gamma, sweeps=sweeps)
    values, ways, change = theirs(engine, world, gamma, sweeps)
    before, _ = rl.value_iteration(
        world.P, world.R, gamma, sweeps=max(sweeps - 1, 0)
    )
    assert change == pytest.approx(abs(v - before).max(), abs=1e-12)
    np.testing.assert_allclose(values, v, rtol=1e-12, atol=1e-12)
    q = world.R + gamma * np.dot(world.P, v)
    clear = np.ptp(q, axis=1) > 1e-8
    assert np.array_equal(ways[clear], policy[clear])
    assert (ways[~clear] == -1).all()


def test_the_script_plans_in_mazes_of_chance(engine):
    rng = np.random.default_rng(9)
    for _ in range(20):
        letters = rng.choice(list("..#cx"), size=(5, 6))
        letters[tuple(rng.integers((5, 6)))] = "m"
        plan = "\n".join("".join(row) for row in letters)
        world = rl.Maze(plan, PRIZES, slip=rng.uniform(0, 0.5))
        gamma, sweeps = rng.uniform(0.5, 1), int(rng.integers(1, 12))
        v, _ = rl.value_iteration(world.P, world.R, gamma, sweeps=sweeps)
        values, *_ = theirs(engine, world, gamma, sweeps)
        np.testing.assert_allclose(values, v, rtol=1e-12, atol=1e-12)


def test_the_comparison_can_fail(engine):
    world = maze(slip=0.2)
    v, _ = rl.value_iteration(world.P, world.R, 0.9, sweeps=4)
    assert np.allclose(theirs(engine, world, 0.9, 4)[0], v)
    assert not np.allclose(theirs(engine, world, 0.9, 5)[0], v)
    assert not np.allclose(theirs(engine, world, 0.89, 4)[0], v)
    assert not np.allclose(theirs(engine, maze(slip=0.1), 0.9, 4)[0], v)


def test_the_element_holds_the_maze_and_a_picture():
    made = planner(maze(slip=0.1), 0.8, sweeps=12, about="A maze")
    assert repr(made) == "Maze to plan in: 3 × 5 fields"
    assert told(made.html) == {
        "rows": ["c..#.", ".#.x.", "...#m"],
        "prizes": PRIZES,
        "reward": 0.0,
        "slip": 0.1,
        "gamma": 0.8,
        "sweeps": 12,
    }
    assert '<img alt="A maze" src="data:image/png;base64,' in made.html
    ragged = planner(rl.Maze("m.\n..c", {"c": 1.0}), 0.9, about="")
    assert told(ragged.html)["rows"] == ["m.#", "..c"]


def test_the_picture_shows_the_values_after_the_sweeps(monkeypatch):
    drawn = {}

    def keep(kind, told, still, **words):
        drawn["texts"] = [t.get_text() for t in still.axes[0].texts]
        plt.close(still)

    monkeypatch.setattr(planners, "live", keep)
    world = maze(step_reward=-0.1)
    planner(world, 0.9, sweeps=2, about="")
    v, policy = rl.value_iteration(world.P, world.R, 0.9, sweeps=2)
    shown = dict(zip(world.fields, drawn["texts"]))
    for s, (i, j) in enumerate(world.fields):
        if world.rows[i][j] in PRIZES:
            assert shown[i, j] == world.rows[i][j]
        else:
            value, _, arrow = shown[i, j].partition("\n")
            assert value == f"{v[s]:.2f}"
            assert arrow in ("", "↑→↓←"[policy[s]])


def test_numbers_may_be_numpys():
    world = rl.Maze("m.c", {"c": np.float32(1)}, slip=np.float32(0.5))
    made = planner(world, np.float64(0.5), sweeps=np.int64(3), about="")
    kept = told(made.html)
    assert kept["prizes"] == {"c": 1}
    assert (kept["slip"], kept["gamma"], kept["sweeps"]) == (0.5, 0.5, 3)


@pytest.mark.parametrize(
    ("gamma", "sweeps", "message"),
    [(1.2, 5, "`gamma`"), (0.9, 0, "`sweeps`")],
)
def test_bad_numbers_are_refused(gamma, sweeps, message):
    with pytest.raises(ValueError, match=message):
        planner(maze(), gamma, sweeps=sweeps, about="Nothing")


CELL = "document.querySelectorAll('.fdl-row')[{}].children[{}]"
SAID = "document.querySelector('.fdl-said').textContent"


def assert_shows(
    browser: chromium.Browser, world: rl.Maze, gamma: float, sweeps: int
) -> None:
    """Compare what stands in the fields with the package."""
    labels = browser.evaluate(
        "[...document.querySelectorAll('.fdl-row')].map("
        "r => [...r.children].map(c => c.getAttribute('aria-label')))"
    )
    v, policy = rl.value_iteration(world.P, world.R, gamma, sweeps=sweeps)
    q = world.R + gamma * np.dot(world.P, v)
    for s, (i, j) in enumerate(world.fields):
        prize = world.prizes.get(world.rows[i][j])
        if prize is not None:
            assert labels[i][j] == ("cheese" if prize > 0 else "cat")
            continue
        value, _, way = labels[i][j].partition(", go ")
        assert "-" not in value  # but a minus sign
        number = float(value.replace("−", "-"))
        assert number == pytest.approx(v[s], abs=0.0051)
        words = ["up", "right", "down", "left"]
        assert way == ("" if np.ptp(q[s]) < 1e-8 else words[policy[s]])
    walls = {
        (i, j)
        for i, row in enumerate(world.rows)
        for j, letter in enumerate(row)
        if letter == "#"
    }
    assert {
        (i, j)
        for i, row in enumerate(labels)
        for j, label in enumerate(row)
        if label == "wall"
    } == walls


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
@pytest.mark.parametrize(("width", "theme"), [(1000, "light"), (390, "dark")])
def test_a_browser_sweeps_and_obeys(width, theme, tmp_path):
    made = planner(maze(), 0.9, about="A maze")
    page = live_page.write(tmp_path / "page.html", made.html, theme)
    with chromium.Browser() as browser:
        browser.size(width, 844)
        browser.open(page)
        assert_shows(browser, maze(), 0.9, 0)
        assert "After 0 sweeps there are arrows" in browser.evaluate(SAID)

        # by the button, by the space bar in the maze, by the slider
        live_page.click(browser, "document.querySelectorAll('button')[0]")
        assert_shows(browser, maze(), 0.9, 1)
        browser.evaluate(f"{CELL.format(1, 2)}.focus()")
        live_page.press(browser, " ")
        assert_shows(browser, maze(), 0.9, 2)
        browser.evaluate("document.querySelector('input').focus()")
        for _ in range(5):
            live_page.press(browser, "ArrowRight")
        assert_shows(browser, maze(), 0.9, 7)
        assert "After 7 sweeps" in browser.evaluate(SAID)

        # the discount, and a floor that is slippery
        for number, value in ((1, 0.7), (2, 0.3)):
            browser.evaluate(
                f"(e => {{ e.value = {value};"
                " e.dispatchEvent(new Event('input')); })"
                f"(document.querySelectorAll('input')[{number}])"
            )
        assert_shows(browser, maze(slip=0.3), 0.7, 7)

        # a click makes a wall of a field, and a cheese of the wall
        live_page.click(browser, CELL.format(2, 1))
        rows = PLAN.replace("...#m", ".#.#m")
        assert_shows(browser, rl.Maze(rows, PRIZES, slip=0.3), 0.7, 7)
        live_page.press(browser, "Enter")
        rows = PLAN.replace("...#m", ".c.#m")
        assert_shows(browser, rl.Maze(rows, PRIZES, slip=0.3), 0.7, 7)
        live_page.press(browser, "x")
        live_page.press(browser, "ArrowRight")
        live_page.press(browser, "#")
        rows = PLAN.replace("...#m", ".x##m")
        assert_shows(browser, rl.Maze(rows, PRIZES, slip=0.3), 0.7, 7)

        assert live_page.widest(browser, ".fdl-planner") <= width
        assert quality.audit(browser) == []
        assert browser.problems() == []
