"""A map of points with pictures, and of what is decoded between them.

Oracles: NumPy's interpolation, first down the columns and then along the rows;
all distances; Pillow reads the sheets. Negative controls: a corner more.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fdl.book import atlas
from tests.book import chromium, live_page, quality

rng = np.random.default_rng(6)
POINTS = np.array([[-1.0, -1.0], [1.0, -0.5], [0.2, 0.9], [0.1, 0.0]])
LABELS = np.array([0, 1, 1, 2])
PICTURES = rng.integers(0, 16, (4, 5, 6)) / 15
PLANE = rng.integers(0, 16, (3, 4, 5, 6)) / 15
WINDOW = (-1.5, 1.5, -1.0, 2.0)
NAMES = ["cat", "car", "dog"]


def made(plane: bool = True) -> Any:
    more = {"plane": PLANE, "window": WINDOW} if plane else {}
    return atlas(POINTS, LABELS, PICTURES, names=NAMES, about="A map", **more)


def told(source: str) -> Any:
    found = re.search(r'data-told="([^"]*)"', source)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.fixture(scope="module")
def engine() -> live_page.Engine:
    return live_page.Engine("atlas.js")


def blend(x: float, y: float) -> np.ndarray:
    """Return the plane's picture at a place, by NumPy."""
    rows = np.linspace(WINDOW[3], WINDOW[2], 3)[::-1]
    columns = np.linspace(WINDOW[0], WINDOW[1], 4)
    upward = PLANE[::-1]
    lines = np.apply_along_axis(lambda v: np.interp(y, rows, v), 0, upward)
    return np.apply_along_axis(lambda v: np.interp(x, columns, v), 0, lines)


def by_corners(engine: live_page.Engine, x: float, y: float) -> np.ndarray:
    found = engine.call("fdlAtlas.corners", 3, 4, list(WINDOW), x, y)
    assert sum(weight for _, _, weight in found) == pytest.approx(1)
    return sum(weight * PLANE[i, j] for i, j, weight in found)


def test_between_four_places_their_pictures_are_blended(engine):
    places = rng.uniform(-2.5, 2.5, (40, 2)).tolist()  # some outside
    for x, y in [*places, WINDOW[:3:2], WINDOW[1::2], (0.5, 0.5)]:
        np.testing.assert_allclose(
            by_corners(engine, x, y), blend(x, y), atol=1e-12
        )
    assert not np.allclose(by_corners(engine, 0.3, 0.6), blend(0.3, -0.6))


def test_the_nearest_point_and_the_next_one_are_found(engine):
    points = rng.normal(size=(30, 2))
    for x, y in rng.normal(size=(10, 2)):
        far = np.hypot(*(points - (x, y)).T)
        found = engine.call("fdlAtlas.nearest", points.tolist(), x, y)
        assert found == far.argmin()
    # from the one in the middle; none is within 45° of straight down
    ways = {(0, 1): 2, (1, 0): 1, (-1, 0): 0, (0, -1): 3}
    for way, where in ways.items():
        words = POINTS.tolist(), 3, list(way)
        assert engine.call("fdlAtlas.next", *words) == where
    assert engine.call("fdlAtlas.next", POINTS.tolist(), 2, [0, 1]) == 2


def test_sheets_hold_the_pictures():
    kept = told(made().html)
    for name, pictures in (("pictures", PICTURES), ("plane", PLANE)):
        sheet = kept[name]
        image = Image.open(io.BytesIO(base64.b64decode(sheet["png"])))
        pixels = np.asarray(image).reshape(
            sheet["rows"], sheet["height"], sheet["columns"], sheet["width"]
        )
        found = pixels.swapaxes(1, 2).reshape(-1, 5, 6) / 255
        flat = pictures.reshape(-1, 5, 6)
        np.testing.assert_allclose(found[: len(flat)], flat, atol=1e-9)
        assert sheet["ink"]
    assert kept["points"] == POINTS.tolist()
    assert kept["labels"] == LABELS.tolist()
    assert kept["marks"] == ["c", "a", "d"]
    assert "plane" not in told(made(plane=False).html)
    colour = atlas(
        POINTS, LABELS, np.ones((4, 2, 2, 3)), names=NAMES, about=""
    )
    assert not told(colour.html)["pictures"]["ink"]
    assert '<img alt="A map" src="data:image/png;base64,' in made().html
    assert repr(made()) == "Map of 4 points in 3 classes"


def test_ink_beyond_black_is_black():
    beyond = np.full((4, 2, 2), 1.5)
    beyond[:2] = -0.5
    kept = told(atlas(POINTS, LABELS, beyond, names=NAMES, about="").html)[
        "pictures"
    ]
    sheet = Image.open(io.BytesIO(base64.b64decode(kept["png"])))
    assert kept["columns"] == 3  # the first row: two white, one black
    assert np.asarray(sheet)[0].tolist() == [0] * 4 + [255] * 2


def test_hundreds_of_digits_fit_into_a_page():
    digits = np.clip(rng.normal(-1.5, 1, (300, 28, 28)), 0, 1)
    large = atlas(
        rng.normal(size=(300, 2)),
        rng.integers(0, 10, 300),
        digits,
        names=[str(k) for k in range(10)],
        about="",
    )
    assert len(large.html) < 150_000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": POINTS[:, :1]}, r"`points`.*\(N, 2\)"),
        ({"points": POINTS * np.nan}, "`points`.*finite"),
        ({"points": POINTS[:0]}, r"`points`.*\(N, 2\)"),
        ({"pictures": PICTURES * np.nan}, "`pictures`.*finite"),
        ({"pictures": PICTURES[:, 0]}, r"`pictures`.*\(N, H, W\)"),
        ({"plane": PLANE * np.nan, "window": WINDOW}, "`plane`.*finite"),
        ({"plane": PLANE, "window": WINDOW[::-1]}, "`window`.*left"),
        ({"labels": LABELS[:3]}, "`labels, pictures`.*4 points"),
        ({"pictures": PICTURES[:2]}, "`labels, pictures`.*4 points"),
        ({"pictures": PICTURES[..., None]}, r"`pictures`.*\(N, H, W, 3\)"),
        ({"labels": [0.0, 1.0, 2.0, 0.0]}, "`labels`.*float64.*whole"),
        ({"labels": [True, False] * 2}, "`labels`.*bool.*whole"),
        ({"names": NAMES[:2]}, "`names`.*labels"),
        ({"names": list("abcdefghijk")}, "`names`.*10 at most"),
        ({"plane": PLANE}, "`plane`.*`window`"),
        ({"plane": PLANE[0], "window": WINDOW}, r"`plane`.*\(P, Q, H, W\)"),
        ({"plane": PLANE[:1], "window": WINDOW}, r"`plane`.*\(P, Q, H, W\)"),
    ],
)
def test_bad_maps_are_refused(changes, message):
    given = {
        "points": POINTS,
        "labels": LABELS,
        "pictures": PICTURES,
        "names": NAMES,
        "about": "Nothing",
    }
    with pytest.raises(ValueError, match=message):
        atlas(**{**given, **changes})


SAID = "document.querySelector('.fdl-said').textContent"
LOOK = (
    "[...document.querySelectorAll('.fdl-look')[{}].getContext('2d')"
    ".getImageData(0, 0, 6, 5).data].filter((v, k) => k % 4 == 0)"
)


def look(browser: chromium.Browser, number: int) -> np.ndarray:
    """Return the ink of a picture that is shown."""
    grey = np.array(browser.evaluate(LOOK.format(number)))
    return 1 - grey.reshape(5, 6) / 255


def point(browser: chromium.Browser, x: float, y: float, box: Any) -> None:
    """Move the pointer to a place of the map, whose window is `box`."""
    where = browser.evaluate(
        "(e => { e.scrollIntoView({ block: 'center' });"
        " const b = e.getBoundingClientRect();"
        " return [b.left, b.top, b.width, b.height]; })"
        "(document.querySelector('.fdl-map'))"
    )
    browser.call(
        "Input.dispatchMouseEvent",
        type="mouseMoved",
        x=where[0] + where[2] * (x - box[0]) / (box[1] - box[0]),
        y=where[1] + where[3] * (box[3] - y) / (box[3] - box[2]),
    )


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
@pytest.mark.parametrize(("width", "theme"), [(1000, "light"), (390, "dark")])
def test_a_browser_decodes_where_one_points(width, theme, tmp_path):
    page = live_page.write(tmp_path / "page.html", made().html, theme)
    with chromium.Browser() as browser:
        browser.size(width, 844)
        browser.open(page)
        assert browser.evaluate(SAID) == (
            "At (0.00, 0.50) the nearest point is: car."
        )
        np.testing.assert_allclose(look(browser, 1), blend(0, 0.5), atol=0.003)
        np.testing.assert_allclose(look(browser, 0), PICTURES[2], atol=0.003)

        point(browser, 0.75, -0.6, WINDOW)
        assert "the nearest point is: car" in browser.evaluate(SAID)
        np.testing.assert_allclose(look(browser, 0), PICTURES[1], atol=0.003)
        place = [
            float(number.replace("−", "-"))
            for number in re.findall(r"−?\d+\.\d+", browser.evaluate(SAID))
        ]
        # a pixel is a part of the window, and the place is rounded
        assert place == pytest.approx([0.75, -0.6], abs=0.02)
        np.testing.assert_allclose(look(browser, 1), blend(*place), atol=0.03)

        # the arrow keys walk by a fortieth of the window
        browser.evaluate("document.querySelector('.fdl-map').focus()")
        live_page.press(browser, "ArrowLeft")
        live_page.press(browser, "ArrowUp")
        moved = [
            float(number.replace("−", "-"))
            for number in re.findall(r"−?\d+\.\d+", browser.evaluate(SAID))
        ]
        assert moved == pytest.approx(
            [place[0] - 0.075, place[1] + 0.075], abs=0.011
        )

        # a class of the list stands out, until it is pressed again
        pressed = (
            "[...document.querySelectorAll('.fdl-legend button')]"
            ".map(b => b.getAttribute('aria-pressed'))"
        )
        first = "document.querySelector('.fdl-legend button')"
        live_page.click(browser, first)
        assert browser.evaluate(pressed) == ["true", "false", "false"]
        live_page.click(browser, first)
        assert browser.evaluate(pressed) == ["false"] * 3
        assert live_page.widest(browser, ".fdl-atlas") <= width
        assert quality.audit(browser) == []
        assert [p for p in browser.problems() if "getImageData" not in p] == []


@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="Chromium is not here")
def test_without_a_decoder_the_keys_go_from_point_to_point(tmp_path):
    page = live_page.write(tmp_path / "page.html", made(plane=False).html)
    with chromium.Browser() as browser:
        browser.size(1000, 844)
        browser.open(page)
        assert browser.evaluate(SAID).startswith("At (−1.00, −1.00)")
        browser.evaluate("document.querySelector('.fdl-map').focus()")
        live_page.press(browser, "ArrowRight")
        assert browser.evaluate(SAID) == (
            "At (0.10, 0.00) the nearest point is: dog."
        )
        np.testing.assert_allclose(look(browser, 0), PICTURES[3], atol=0.003)
        live_page.press(browser, "ArrowUp")
        assert "(0.20, 0.90)" in browser.evaluate(SAID)
        assert (
            browser.evaluate("document.querySelectorAll('.fdl-look').length")
            == 1
        )
        assert [p for p in browser.problems() if "getImageData" not in p] == []
