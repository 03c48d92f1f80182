"""What a figure with controls is made of: numbers, words and a picture.

The site's scripts turn such an element into a figure that answers. Where no
script runs, and on paper, the picture inside it stands.
"""

from __future__ import annotations

import base64
import io
import json
from html import escape
from typing import Any

__all__ = ["Live", "live"]


class Live:
    """A figure with controls, which a notebook and the site show.

    Parameters
    ----------
    html : str
        What they show.
    text : str
        What a terminal shows.
    """

    def __init__(self, html: str, text: str) -> None:
        self.html, self.text = html, text

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def live(kind: str, told: Any, still: Any, *, about: str, text: str) -> Live:
    """Return an element that a script of the site brings to life.

    Parameters
    ----------
    kind : str
        The script's name; it looks for the class ``fdl-`` and this.
    told : object
        What the script is told, as JSON.
    still : Figure
        The picture that stands where no script runs; it is closed.
    about : str
        What the figure shows, for readers who do not see it.
    text : str
        What a terminal shows.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = live("demo", {"a": [1, 2]}, Figure(), about="…", text="Demo")
    >>> figure
    Demo
    >>> figure.html[:51]
    '<div class="fdl-demo" data-told="{&quot;a&quot;:[1,'
    """
    stored = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    return Live(
        f'<div class="fdl-{kind}" data-told="{escape(stored)}"'
        f' data-about="{escape(about)}">'
        f'<img alt="{escape(about)}"'
        f' src="data:image/png;base64,{_png(still)}"></div>',
        text,
    )


def _png(figure: Any) -> str:
    """Return a Matplotlib figure as a PNG in base64, and close it."""
    import matplotlib.pyplot as plt

    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=80, metadata={"Software": None})
    plt.close(figure)
    return base64.b64encode(file.getvalue()).decode()
