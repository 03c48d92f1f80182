"""Smaller pictures for the site: what no eye sees is left out.

A figure is drawn with six digits behind each point, and the photographs in it
are stored as drawings are. Here coordinates keep two digits, pictures of few
colours a palette, and photographs become JPEGs.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

from docutils import nodes

from fdl.book.project import write_text

__all__ = ["load_when_near", "shrink", "smaller"]

PLACES = re.compile(r'\b(?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
NUMBER = re.compile(r"-?\d+\.\d{3,}(?!\d*e)")
PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
QUALITY = 88  # of a JPEG
WORTH = 0.8  # of the bytes: a JPEG must be so much smaller


def smaller(svg: str) -> str:
    """Return a figure that looks the same and is shorter.

    Parameters
    ----------
    svg : str
        The figure.

    Examples
    --------
    >>> smaller('<path d="M 1.234567 2.0000001 L 3 4.5"/>')
    '<path d="M 1.23 2 L 3 4.5"/>'
    """
    svg = PNG.sub(_packed, svg)
    return PLACES.sub(lambda found: NUMBER.sub(_rounded, found[0]), svg)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _packed(found: re.Match[str]) -> str:
    """Return a picture in the form that suits it."""
    from PIL import Image

    stored = base64.b64decode(found[1])
    picture = Image.open(io.BytesIO(stored)).convert("RGBA")
    if picture.getchannel("A").getextrema() != (255, 255):
        return found[0]  # something shines through
    picture = picture.convert("RGB")
    colours = picture.getcolors(256)
    file = io.BytesIO()
    if colours:
        few = picture.quantize(len(colours), dither=Image.Dither.NONE)
        if few.convert("RGB").tobytes() != picture.tobytes():
            return found[0]
        few.save(file, "PNG", optimize=True)
        kind, limit = "png", 1.0
    else:
        picture.save(file, "JPEG", quality=QUALITY, optimize=True)
        kind, limit = "jpeg", WORTH
    if len(file.getvalue()) >= limit * len(stored):
        return found[0]
    code = base64.b64encode(file.getvalue()).decode()
    return f"data:image/{kind};base64,{code}"


def shrink(app: Any, exception: Exception | None) -> None:
    """Make the site's figures smaller, and drop those that no page shows."""
    if exception is not None or app.builder.name != "html":
        return
    shown = set(app.builder.images.values())
    for path in (Path(app.outdir) / "_images").glob("*"):
        if path.name not in shown:
            path.unlink()
        elif path.suffix == ".svg":
            write_text(path, smaller(path.read_text(encoding="utf-8")))


def load_when_near(app: Any, document: nodes.document, docname: str) -> None:
    """Let browsers load a picture when the reader comes near it."""
    if app.builder.name == "html":
        for image in document.findall(nodes.image):
            image["loading"] = "lazy"
