"""Networks and what they are made of, as Gluon blocks."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "BatchNorm": "batch_norm",
        "ConvNorm": "convolution",
        "FeedForward": "feed_forward",
        "He": "initializers",
        "Summary": "summary",
        "TruncatedNormal": "initializers",
        "batch_norm": "batch_norm",
        "convolution": "convolution",
        "cross_entropy": "losses",
        "feed_forward": "feed_forward",
        "initializer": "initializers",
        "get_parameters": "parameters",
        "graph": "graph",
        "initializers": "initializers",
        "losses": "losses",
        "parameters": "parameters",
        "set_parameters": "parameters",
        "sight": "sight",
        "summarize": "summary",
        "summary": "summary",
        "trace": "graph",
    },
)
