"""Seeing: networks for pictures, and ways to look into them."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Augmented": "pipeline",
        "ConvNet": "lenet",
        "NeuralStyle": "style",
        "SqueezeNet": "squeezenet",
        "artwork": "artwork",
        "augment": "augment",
        "cifar_convnet": "lenet",
        "gram": "style",
        "lenet": "lenet",
        "mnist_convnet": "lenet",
        "paint": "style",
        "pipeline": "pipeline",
        "squeezenet": "squeezenet",
        "strokes": "artwork",
        "style": "style",
    },
)
