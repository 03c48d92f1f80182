"""Known value, property: figures that look the same and are shorter."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from fdl.book.pictures import smaller


def embedded(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    code = base64.b64encode(file.getvalue()).decode()
    return f'<image xlink:href="data:image/png;base64,{code}"/>'


def pixels(svg: str) -> tuple[str, np.ndarray]:
    found = re.search(r"data:image/(\w+);base64,([^\"]*)", svg)
    assert found
    picture = Image.open(io.BytesIO(base64.b64decode(found[2])))
    return found[1], np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ('<use x="178.552743" y="0.004"/>', '<use x="178.55" y="0"/>'),
        ('<a d="M -1.999999 -0.001"/>', '<a d="M -2 -0"/>'),
        ('<a d="M 1.5 20 300"/>', '<a d="M 1.5 20 300"/>'),
        (
            '<g transform="translate(1.2345 6)"/>',
            '<g transform="translate(1.23 6)"/>',
        ),
        ("<text>1.23456</text>", "<text>1.23456</text>"),
        ('<a id="x1.23456"/>', '<a id="x1.23456"/>'),
        (
            '<g transform="scale(0.015625 -0.015625)"/>',
            '<g transform="scale(0.015625 -0.015625)"/>',
        ),
    ],
)
def test_places_keep_two_digits(given: str, wanted: str) -> None:
    assert smaller(given) == wanted


def test_few_colours_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 200, (60, 60, 1), np.uint8).repeat(3, 2)
    svg = embedded(grey)
    kind, found = pixels(smaller(svg))
    assert kind == "png"
    assert len(smaller(svg)) < len(svg)
    assert (found == grey).all()


def test_photographs_become_jpegs() -> None:
    x = np.linspace(0, 9, 200)
    waves = np.sin(x[:, None, None] + x[None, :, None] * [1, 2, 3])
    photo = (127 + 120 * waves).astype(np.uint8)
    svg = embedded(photo)
    kind, found = pixels(smaller(svg))
    assert kind == "jpeg"
    assert len(smaller(svg)) < 0.8 * len(svg)
    assert abs(found.astype(int) - photo).mean() < 3


def test_what_shines_through_stays() -> None:
    glass = np.zeros((20, 20, 4), np.uint8)
    glass[:, :10, 3] = 255
    assert smaller(embedded(glass)) == embedded(glass)
