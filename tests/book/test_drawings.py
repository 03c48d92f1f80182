"""Known value, property, oracle: drawings that look the same and are shorter.

The oracle is a walk along both outlines, and the browser that draws them.
"""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from fdl.book.drawings import outline, shorter
from tests.book.chromium import Browser, find

DRAWN = """(async () => {
  const drawn = async address => {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement('canvas');
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    const pen = canvas.getContext('2d');
    pen.drawImage(picture, 0, 0);
    return pen.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const [one, other] = [await drawn(%s), await drawn(%s)];
  if (one.length !== other.length) return 255;
  return one.reduce((sum, v, k) => sum + Math.abs(v - other[k]), 0)
    / one.length;
})()"""


def points(d: str) -> list[tuple[float, float]]:
    """Walk along a path and return all points that it names."""
    here, start, found = np.zeros(2), np.zeros(2), []
    takes = {"m": 2, "l": 2, "q": 4, "c": 6, "h": 1, "v": 1, "z": 0}
    words = re.findall(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)", d)
    while words:
        if words[0].isalpha():
            command = words.pop(0)
        kind = command.lower()
        given = [float(words.pop(0)) for _ in range(takes[kind])]
        if kind == "z":
            here = start
        if kind in "hv":
            given = [given[0], 0.0] if kind == "h" else [0.0, given[0]]
        pairs = np.reshape(given, (-1, 2))
        if command.islower():
            pairs = pairs + here
        if len(pairs):
            here = pairs[-1]
        if kind == "m":
            start = here
            command = "l" if command == "m" else "L"
        found += [tuple(pair) for pair in pairs]
    return found


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("M 1 2 L 3 4", "m1 2 2 2"),
        ("M 1 2 \nL 3 2 \nL 3 9 \nz", "m1 2h2v7z"),
        ("M 0.25 -0.5 L 0.5 0.25", "m.25-.5.25.75"),
        ("M 0 0 Q 1 2 3 4 Q 5 5 6 8", "m0 0q1 2 3 4 2 1 3 4"),
        ("M 0 0 C 1 2 3 4 5 6", "m0 0c1 2 3 4 5 6"),
        ("M 1 1 L 2 2 z M 5 5 L 6 7", "m1 1 1 1zm4 4 1 2"),
        ("M 1 1 M 5 5 L 6 7", "m1 1m4 4 1 2"),
        ("M 1 1 L 1 1", "m1 1h0"),
        ("M 1 1 L 2 3 L 2 3 L 3 5", "m1 1 1 2 1 2"),
        ("M 1e-05 100 L 0.001 100.5", "m0 100v.5"),
        ("M 1 1 A 1 1 0 0 1 2 2", "M 1 1 A 1 1 0 0 1 2 2"),
        ("m 1 1 l 2 2", "m 1 1 l 2 2"),
        ("M 1 1 L 2 2 z L 1 1", "m1 1 1 1zh0"),
        ("M 1 1 L 2 2 M 3 3 L 4 4", "m1 1 1 1m1 1 1 1"),
        ("M 1 1 Q 1 1 1 1", "m1 1q0 0 0 0"),
        ("M 1 1 L 2", "M 1 1 L 2"),
        ("M 1 1 2 2", "M 1 1 2 2"),
        ("M 1 1 L", "M 1 1 L"),
        ("", ""),
    ],
)
def test_an_outline_goes_by_steps(given: str, wanted: str) -> None:
    assert outline(given) == wanted


@pytest.mark.parametrize("seed", range(20))
def test_rounding_does_not_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names, d = {"L": 1, "Q": 2, "C": 3}, "M 3.14159 2.71828 "
    for _ in range(300):
        name = rng.choice(list(names))
        places = rng.normal(0, 9, 2 * names[name]) + [5, 0] * names[name]
        d += f"{name} {' '.join(f'{p:.6f}' for p in places)} \n"
        if rng.random() < 0.1:
            d += "z \nM " + " ".join(f"{p:.6f}" for p in rng.normal(0, 9, 2))
    short = outline(d)
    assert len(short) < 0.7 * len(d)
    apart = np.abs(np.subtract(points(short), points(d)))
    assert apart.max() < 0.005001


def test_marks_of_one_look_share_their_style() -> None:
    mark = '<use xlink:href="#m1" x="{}" y="2" style="fill: #f00"/>'
    other = '<use xlink:href="#m2" x="{}" y="2" style="fill: #f00"/>'
    svg = "\n ".join(
        ['<path id="m1" d=""/><path id="m2" d=""/>']
        + [mark.format(k) for k in (1, 2, 3)]
        + [other.format(4)]
    )
    assert shorter(svg) == (
        '<path id="a0" d=""/><path id="a1" d=""/><g style="fill:#f00">'
        '<use xlink:href="#a0" x="1" y="2"/>'
        '<use xlink:href="#a0" x="2" y="2"/>'
        '<use xlink:href="#a0" x="3" y="2"/></g>'
        '<use xlink:href="#a1" x="4" y="2" style="fill:#f00"/>'
    )


def test_names_that_are_referred_to_stay_with_what_they_name() -> None:
    svg = (
        '<g id="axes_1"/><clipPath id="p12"/><path id="D-26" d="M 1 1"/>'
        '<g clip-path="url(#p12)"><use xlink:href="#D-26"/></g>'
    )
    assert shorter(svg) == (
        '<g/><clipPath id="a0"/><path id="a1" d="m1 1"/>'
        '<g clip-path="url(#a0)"><use xlink:href="#a1"/></g>'
    )


def test_blanks_between_words_stay() -> None:
    assert "<b> </b>" in shorter("<text><a>x</a> <b> </b></text>")


def test_what_no_eye_sees_goes_and_places_are_rounded() -> None:
    svg = (
        "<!DOCTYPE svg><svg><!-- of\ntwo lines -->\n<metadata>me</metadata>"
        '<g transform="translate(1.23456 -0.9876)"><rect x="0.12345" y="1.5"'
        ' rx="0.12345"/>\n<polygon points="7.129999,2 1.2345e-05,3"/></g>'
        "</svg>"
    )
    assert shorter(svg) == (
        '<svg><g transform="translate(1.23 -0.99)"><rect x="0.12" y="1.5"'
        ' rx="0.12345"/><polygon points="7.13,2 1.2345e-05,3"/></g></svg>'
    )


def figure() -> str:
    rng = np.random.default_rng(0)
    fig = Figure((6, 5))
    axes = fig.subplots(2, 2).ravel()
    axes[0].plot(np.sin(np.arange(400) / 9), "--", label="a sine, √2 ≈ $x_1$")
    axes[0].legend()
    axes[1].scatter(*rng.normal(size=(2, 300)), c=rng.random(300), alpha=0.4)
    axes[1].plot(*rng.normal(size=(2, 40)), "s")
    axes[2].contourf(rng.normal(size=(12, 12)))
    axes[3].imshow(rng.random((9, 9)))
    axes[3].annotate("here", (3, 3), (6, 6), arrowprops={"arrowstyle": "->"})
    file = io.StringIO()
    fig.savefig(file, format="svg")
    return file.getvalue()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(find() is None, reason="Chromium is not on the PATH")
def test_a_browser_draws_the_same() -> None:
    long = figure()
    short = shorter(long)
    assert len(short) < 0.65 * len(long)

    def apart(one: str, other: str) -> float:
        addresses = [
            json.dumps(
                "data:image/svg+xml;base64,"
                + base64.b64encode(svg.encode()).decode()
            )
            for svg in (one, other)
        ]
        found = browser.evaluate(DRAWN % tuple(addresses))
        assert isinstance(found, (int, float))
        return found

    with Browser() as browser:
        browser.open("about:blank")
        assert apart(long, short) < 0.1
        # and the comparison sees a part that is gone
        assert apart(long, re.sub(r"<path d=[^>]*>", "", short)) > 1
