"""Seeing: networks for pictures, and ways to look into them."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "SqueezeNet": "squeezenet",
        "squeezenet": "squeezenet",
    },
)
