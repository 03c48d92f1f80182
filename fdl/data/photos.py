"""A handful of photographs that two Python packages carry.

They need no download: scikit-image and scikit-learn have them on board, and
the extra ``book`` installs both. Each file is hashed before it is used, and
neither package is imported.

Letters: `N` pictures, `H` rows, `W` columns.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from pathlib import Path
from typing import NamedTuple, Optional, Union

import numpy as np

from fdl.data.archives import damage
from fdl.data.catalog import Source
from fdl.data.images import Images
from fdl.errors import ChecksumError, DataError, must
from fdl.scratch._checks import choice, whole

__all__ = ["PHOTOS", "Photo", "faces", "photo"]


class Photo(NamedTuple):
    """One photograph: what it shows, where it lies, and who made it.

    Examples
    --------
    >>> PHOTOS["chelsea"].shows, PHOTOS["chelsea"].credit
    ('a tabby cat', 'Stefan van der Walt, CC0')
    """

    shows: str
    package: str
    path: str
    sha256: str
    credit: str


PHOTOS = {
    "astronaut": Photo(
        "an astronaut, her face to the camera",
        *("skimage", "data/astronaut.png"),
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "NASA, public domain",
    ),
    "bricks": Photo(
        "a brick wall, grey",
        *("skimage", "data/brick.png"),
        "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
        "CC0Textures, CC0",
    ),
    "chelsea": Photo(
        "a tabby cat",
        *("skimage", "data/chelsea.png"),
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "Stefan van der Walt, CC0",
    ),
    "china": Photo(
        "a palace under a blue sky",
        *("sklearn", "datasets/images/china.jpg"),
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        "danielbuechele, CC BY 2.0",
    ),
    "coffee": Photo(
        "a cup of espresso on a wooden table",
        *("skimage", "data/coffee.png"),
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "Rachel Michetti, CC0",
    ),
    "coins": Photo(
        "coins from Pompeii on a grey ground",
        *("skimage", "data/coins.png"),
        "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
        "Brooklyn Museum, no known copyright",
    ),
    "flower": Photo(
        "an orange flower",
        *("sklearn", "datasets/images/flower.jpg"),
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        "vultilion, CC BY 2.0",
    ),
    "galaxies": Photo(
        "galaxies in the Hubble telescope's deep field",
        *("skimage", "data/hubble_deep_field.jpg"),
        "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
        "NASA and ESA, public domain",
    ),
    "grass": Photo(
        "a lawn from above, grey",
        *("skimage", "data/grass.png"),
        "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        "CC0 Textures, CC0",
    ),
    "gravel": Photo(
        "gravel from above, grey",
        *("skimage", "data/gravel.png"),
        "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
        "CC0Textures, CC0",
    ),
    "rocket": Photo(
        "a rocket that takes off at dusk",
        *("skimage", "data/rocket.jpg"),
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        "SpaceX, public domain",
    ),
    "tissue": Photo(
        "glands under a microscope, stained brown and violet",
        *("skimage", "data/ihc.png"),
        "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef",
        "Center for Microscopy and Molecular Imaging, no known copyright",
    ),
}
"""The photographs, by the names that ``photo`` takes."""
FACES = Photo(
    "100 faces and 100 pieces of background",
    *("skimage", "data/lfw_subset.npy"),
    "9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c",
    "Labeled Faces in the Wild, research use",
)


def photo(
    name: str, size: Optional[Union[int, tuple[int, int]]] = None
) -> np.ndarray:
    """Return a photograph.

    Parameters
    ----------
    name : str
        One of `PHOTOS`.
    size : int or (int, int), optional
        Height and width to shrink it to, one number for a square. What does
        not fit the new proportions is cut off at both sides alike.

    Returns
    -------
    ndarray
        `(H, W, 3)`, uint8, red, green, blue.

    Raises
    ------
    DataError
        If the package that carries it is not installed.
    ChecksumError
        If the file there is not the one that the book knows.

    Examples
    --------
    >>> photo("chelsea").shape, photo("chelsea", 64).shape
    ((300, 451, 3), (64, 64, 3))
    """
    choice("name", name, PHOTOS)
    from PIL import Image, ImageOps  # Matplotlib brings it

    height_width = None if size is None else _sides(size)
    content, path = _content(PHOTOS[name])
    with damage(path), Image.open(io.BytesIO(content)) as picture:
        picture = picture.convert("RGB")
        if height_width is not None:
            height, width = height_width
            picture = ImageOps.fit(
                picture, (width, height), Image.Resampling.LANCZOS
            )
        return np.array(picture)


def faces() -> Images:
    """Return 100 small grey faces (label 1) and 100 other things (label 0).

    Returns
    -------
    Images
        `(200, 25, 25)`; the faces come first.

    Raises
    ------
    DataError, ChecksumError
        As :func:`photo`.

    Examples
    --------
    >>> pictures = faces()
    >>> pictures.images.shape, int(pictures.labels.sum())
    ((200, 25, 25), 100)
    >>> pictures.classes[pictures.labels[0]]
    'face'
    """
    content, path = _content(FACES)
    with damage(path):
        pixels = np.load(io.BytesIO(content), allow_pickle=False)
    grey = np.round(255 * pixels).astype(np.uint8)
    labels = np.repeat([1, 0], 100)
    source = Source("faces", "official", f"{FACES.shows} in scikit-image")
    return Images(grey, labels, ("something else", "face"), source)


def _sides(size: Union[int, tuple[int, int]]) -> tuple[int, int]:
    sides = size if isinstance(size, tuple) else (size, size)
    try:
        height, width = sides
        return whole("size", height), whole("size", width)
    except ValueError:
        rule = "be a whole number from 1 up, or a pair (height, width) of them"
        raise must("size", size, rule) from None


def _content(of: Photo) -> tuple[bytes, Path]:
    """Return the bytes of a file inside a package, if they are right."""
    package = importlib.util.find_spec(of.package)
    folders = (package and package.submodule_search_locations) or ["."]
    path = Path(folders[0]) / of.path
    if package is None or not path.is_file():
        carrier = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
        raise DataError(
            f"The photograph {of.path!r} comes with the package "
            f"{carrier[of.package]}; install that, or fdl's extra `book`."
        )
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != of.sha256:
        raise ChecksumError(f"{path} is not the file that the book knows.")
    return content, path
