"""Seeing: networks for pictures, and ways to look into them."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Augmented": "pipeline",
        "ConvNet": "lenet",
        "SqueezeNet": "squeezenet",
        "augment": "augment",
        "cifar_convnet": "lenet",
        "lenet": "lenet",
        "mnist_convnet": "lenet",
        "pipeline": "pipeline",
        "squeezenet": "squeezenet",
    },
)
