"""Smaller pictures for the site: what no eye sees is left out.

The drawing becomes a shorter one; the pictures in it are packed more tightly,
and photographs lose what only a machine would miss; what looks like plain
areas, as a map of numbers does, loses nothing.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

from docutils import nodes

from fdl.book.drawings import shorter
from fdl.book.project import write_text

__all__ = ["load_when_near", "shrink", "smaller"]

PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
QUALITY = 85  # of a photograph
BUSY = 0.25  # bytes a pixel, packed without loss: more are a photograph's
WORTH = 0.8  # of the bytes: what a photograph's loss must leave at most


def smaller(svg: str) -> str:
    """Return a figure that looks the same and is shorter.

    Parameters
    ----------
    svg : str
        The figure.

    Examples
    --------
    >>> smaller('<path d="M 1.234567 2.0000001 L 3 4.5"/>')
    '<path d="m1.23 2 1.77 2.5"/>'
    """
    return shorter(PICTURE.sub(_packed, svg))


def _packed(found: re.Match[str]) -> str:
    """Return a picture in the form that suits it."""
    from PIL import Image

    stored = base64.b64decode(found[1])
    picture = Image.open(io.BytesIO(stored)).convert("RGBA")
    best = _webp(picture, lossless=True, quality=75, exact=True)
    if len(best) > BUSY * picture.width * picture.height:
        lossy = _webp(picture, quality=QUALITY)
        if len(lossy) < WORTH * len(best):
            best = lossy
    if len(best) >= len(stored):
        return found[0]
    return f"data:image/webp;base64,{base64.b64encode(best).decode()}"


def _webp(picture: Any, **how: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", **how)
    return file.getvalue()


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
