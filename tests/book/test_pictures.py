"""Known value, property: figures that look the same and are shorter."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fdl.book.pictures import shrink, smaller


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
        (
            '<g transform="translate(1.2345 6)"/>',
            '<g transform="translate(1.23 6)"/>',
        ),
        ("<text>1.23456</text>", "<text>1.23456</text>"),
        (
            '<g transform="scale(0.015625 -0.015625)"/>',
            '<g transform="scale(0.015625 -0.015625)"/>',
        ),
    ],
)
def test_places_keep_two_digits(given: str, wanted: str) -> None:
    assert smaller(given) == wanted


def test_plain_areas_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    fields = rng.integers(0, 200, (12, 12, 3), np.uint8)
    grey = fields.repeat(15, 0).repeat(15, 1)
    svg = embedded(grey)
    kind, found = pixels(smaller(svg))
    assert kind == "webp"
    assert len(smaller(svg)) < len(svg)
    assert (found == grey).all()


def test_a_photograph_loses_what_no_eye_sees() -> None:
    x = np.linspace(0, 9, 200)
    waves = np.sin(x[:, None, None] + x[None, :, None] * [1, 2, 3])
    noise = np.random.default_rng(0).normal(0, 2, waves.shape)
    photo = (127 + 110 * waves + noise).astype(np.uint8)
    svg = embedded(photo)
    kind, found = pixels(smaller(svg))
    assert kind == "webp"
    assert len(smaller(svg)) < 0.2 * len(svg)
    assert 0 < abs(found.astype(int) - photo).mean() < 4


def test_what_shines_through_still_does() -> None:
    glass = np.zeros((40, 40, 4), np.uint8)
    glass[:, :20] = 200, 100, 50, 255
    glass[:, 20:, 3] = np.arange(40)[:, None]
    glass[:, 20:, 0] = np.arange(20) * 9
    assert not smaller(embedded(glass)) == embedded(glass)
    found = re.search(r"base64,([^\"]*)", smaller(embedded(glass)))
    assert found
    picture = Image.open(io.BytesIO(base64.b64decode(found[1])))
    assert (np.asarray(picture.convert("RGBA")) == glass).all()


def test_a_picture_that_packs_no_better_stays() -> None:
    dot = embedded(np.zeros((1, 1, 3), np.uint8))
    assert len(smaller(dot)) <= len(dot)


def test_the_site_keeps_the_pictures_that_it_shows(tmp_path: Path) -> None:
    folder = tmp_path / "_images"
    folder.mkdir()
    there = {
        "shown.svg": b'<path d="M 1 1 L 2 2"/>',
        "left.svg": b"<svg/>",
        "shown.png": b"\xff, no text",
    }
    for name, content in there.items():
        (folder / name).write_bytes(content)

    def after(builder: str, exception: Exception | None) -> dict[str, bytes]:
        images = {"a": "shown.svg", "b": "shown.png"}
        made = SimpleNamespace(name=builder, images=images)
        app = SimpleNamespace(builder=made, outdir=str(tmp_path))
        shrink(app, exception)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    assert after("epub", None) == after("html", OSError()) == there
    assert after("html", None) == {
        "shown.svg": b'<path d="m1 1 1 1"/>',
        "shown.png": there["shown.png"],
    }
