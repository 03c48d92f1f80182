"""fdl: the code behind an executable book on deep learning.

Importing this package is cheap: neither MXNet nor Matplotlib is loaded until
a part that needs them is used.
"""

from fdl._lazy import lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "book": "book",
        "data": "data",
        "device": "device",
        "errors": "errors",
        "estimators": "estimators",
        "experiments": "experiments",
        "nn": "nn",
        "optim": "optim",
        "plot": "plot",
        "profiles": "profiles",
        "records": "records",
        "scratch": "scratch",
        "seeding": "seeding",
        "train": "train",
    },
)
