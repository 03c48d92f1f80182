"""Figures in the book's style.

Matplotlib only, so that plotting never loads MXNet.
"""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "BLUE": "style",
        "CYCLE": "style",
        "GREEN": "style",
        "GREY": "style",
        "ORANGE": "style",
        "PURPLE": "style",
        "RED": "style",
        "SKY": "style",
        "attention": "attention_maps",
        "book_line": "style",
        "graph": "diagrams",
        "images": "pictures",
        "network": "diagrams",
        "neuron": "diagrams",
        "points": "plane",
        "shade": "plane",
        "strips": "strip_charts",
        "subplots": "style",
        "tree": "trees",
        "use": "style",
    },
)
