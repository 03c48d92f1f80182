"""The runnable recipes: one module per experiment of the book.

Each holds a frozen ``Config`` whose defaults are the book's own settings, and
``run(config)``, which returns a :class:`fdl.records.Record`.
"""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "associative_recall": "associative_recall",
        "awgn_channel": "awgn_channel",
        "babi": "babi",
        "brown_topics": "brown_topics",
        "cbow_or_skip_gram": "cbow_or_skip_gram",
        "cifar": "cifar",
        "cifar_architectures": "cifar_architectures",
        "cifar_convnet": "cifar_convnet",
        "comparison": "comparison",
        "configure": "registry",
        "copy_series": "copy_series",
        "copy_task": "copy_task",
        "dependency_parser": "dependency_parser",
        "digits": "digits",
        "echo_wavenet": "echo_wavenet",
        "few": "few",
        "get": "registry",
        "image_compression": "image_compression",
        "imdb_sentiment": "imdb_sentiment",
        "memory_tasks": "memory_tasks",
        "mnist_autoencoder": "mnist_autoencoder",
        "mnist_codes": "mnist_codes",
        "mnist_convnet": "mnist_convnet",
        "mnist_depth": "mnist_depth",
        "mnist_lecture": "mnist_lecture",
        "mnist_logistic": "mnist_logistic",
        "mnist_mlp": "mnist_mlp",
        "mnist_momentum": "mnist_momentum",
        "mnist_optimizers": "mnist_optimizers",
        "moving_squares": "moving_squares",
        "multi_task": "multi_task",
        "n_back": "n_back",
        "names": "registry",
        "neural_style": "neural_style",
        "pos_tagger": "pos_tagger",
        "pretraining": "pretraining",
        "recordings": "registry",
        "registry": "registry",
        "repeat_copy": "repeat_copy",
        "settings": "settings",
        "shakespeare": "shakespeare",
        "skip_gram": "skip_gram",
        "skip_thought": "skip_thought",
        "transfer": "transfer",
        "translation": "translation",
        "words": "words",
    },
)
