"""Seeing: networks for pictures, and ways to look into them."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Augmented": "pipeline",
        "ConvNet": "lenet",
        "NeuralStyle": "style",
        "SqueezeNet": "squeezenet",
        "Stages": "views",
        "activations": "views",
        "artwork": "artwork",
        "augment": "augment",
        "cifar_convnet": "lenet",
        "filter_pictures": "views",
        "gram": "style",
        "lenet": "lenet",
        "mnist_convnet": "lenet",
        "nearest": "views",
        "occlusion": "views",
        "paint": "style",
        "pipeline": "pipeline",
        "rectangles": "rectangles",
        "saliency": "views",
        "squeezenet": "squeezenet",
        "strokes": "artwork",
        "style": "style",
        "views": "views",
    },
)
