"""Known value and refusals: the photographs that other packages carry."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from fdl import data
from fdl.data import photos
from fdl.errors import ChecksumError, DataError

pytest.importorskip("skimage")
SIZES = {
    "astronaut": (512, 512),
    "bricks": (512, 512),
    "chelsea": (300, 451),
    "china": (427, 640),
    "coffee": (400, 600),
    "coins": (303, 384),
    "flower": (427, 640),
    "galaxies": (872, 1000),
    "grass": (512, 512),
    "gravel": (512, 512),
    "rocket": (427, 640),
    "tissue": (512, 512),
}


def test_every_photograph_has_its_size():
    assert {name: data.photo(name).shape for name in data.PHOTOS} == {
        name: (*size, 3) for name, size in SIZES.items()
    }


def test_a_photograph_is_what_the_package_gives():
    from skimage import data as theirs

    assert np.array_equal(data.photo("coffee"), theirs.coffee())


def test_colours_are_in_the_order_red_green_blue():
    # the flower is orange: much red, some green, hardly any blue
    red, green, blue = data.photo("flower")[200:250, 300:350].mean((0, 1))
    assert red > green + 50 > blue + 50


def test_shrinking_keeps_the_middle_and_the_proportions():
    whole = data.photo("chelsea").astype(float)  # 300 x 451
    square = data.photo("chelsea", 150).astype(float)
    # the middle 300 columns, each 2 x 2 made one; filters differ a little
    middle = whole[:, 75:375].reshape(150, 2, 150, 2, 3).mean((1, 3))
    assert np.abs(square - middle).mean() < 3
    assert np.abs(square - middle[:, ::-1]).mean() > 10
    flat = data.photo("chelsea", (75, 150)).astype(float)
    assert flat.shape == (75, 150, 3)


def test_faces_come_first():
    faces = data.faces()
    assert faces.images.shape == (200, 25, 25)
    assert faces.images.max() == 255
    assert faces.labels.tolist() == [1] * 100 + [0] * 100
    assert faces.classes[1] == "face"
    # faces look alike, backgrounds do not
    spread = [faces.images[faces.labels == k].std(0).mean() for k in (0, 1)]
    assert spread[1] < 0.85 * spread[0]


def test_an_unknown_photograph_is_told_what_there_is():
    with pytest.raises(ValueError, match=r"`name` \(='lena'\) must be one of"):
        data.photo("lena")


@pytest.mark.parametrize("size", [0, -1, 2.0, True, (3,), (3, 0), "10"])
def test_a_wrong_size_is_told(size):
    with pytest.raises((ValueError, TypeError), match="`size`"):
        data.photo("coffee", size)


def test_without_the_package_there_is_no_photograph(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="comes with the package scikit-image"):
        data.photo("coffee")


def test_another_file_is_not_used(monkeypatch):
    other = photos.PHOTOS["coffee"]._replace(sha256="0" * 64)
    monkeypatch.setitem(photos.PHOTOS, "coffee", other)
    with pytest.raises(ChecksumError, match=r"coffee.png is not the file"):
        data.photo("coffee")


def test_no_package_is_imported():
    code = (
        "import sys; from fdl import data; data.photo('coffee'); data.faces()"
        "; print('skimage' in sys.modules, 'mxnet' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.stdout.strip() == "False False", done.stderr
