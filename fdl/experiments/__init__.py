"""The runnable recipes: one module per experiment of the book.

Each holds a frozen ``Config`` whose defaults are the book's own settings, and
``run(config)``, which returns a :class:`fdl.records.Record`.
"""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "cifar": "cifar",
        "cifar_architectures": "cifar_architectures",
        "cifar_convnet": "cifar_convnet",
        "configure": "registry",
        "digits": "digits",
        "get": "registry",
        "mnist_convnet": "mnist_convnet",
        "mnist_lecture": "mnist_lecture",
        "mnist_logistic": "mnist_logistic",
        "mnist_mlp": "mnist_mlp",
        "mnist_momentum": "mnist_momentum",
        "mnist_optimizers": "mnist_optimizers",
        "names": "registry",
        "neural_style": "neural_style",
        "recordings": "registry",
        "registry": "registry",
        "settings": "settings",
    },
)
