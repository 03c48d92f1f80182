"""Networks with a memory outside of themselves."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "addressing": "addressing",
    },
)
