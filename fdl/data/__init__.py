"""Data sets: the catalog, the store, the readers and minibatches.

Nothing here loads MXNet.
"""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "ChecksumError": "store",
        "DataError": "store",
        "Images": "images",
        "Minibatches": "batches",
        "PHOTOS": "photos",
        "Source": "catalog",
        "Text": "text",
        "Vocabulary": "vocabulary",
        "Weights": "weights",
        "analogies": "word_lists",
        "archives": "archives",
        "batches": "batches",
        "catalog": "catalog",
        "clips": "clips",
        "describe": "sets",
        "faces": "photos",
        "fetch": "store",
        "fetch_or_sample": "sets",
        "grammar": "grammar",
        "images": "images",
        "keep_probability": "vocabulary",
        "lexicon": "lexicon",
        "load": "sets",
        "names": "sets",
        "photo": "photos",
        "photos": "photos",
        "read_caffemodel": "weights",
        "read_idx": "images",
        "sets": "sets",
        "signals": "signals",
        "state": "sets",
        "store": "store",
        "synthetic": "synthetic",
        "text": "text",
        "used": "sets",
        "verify": "store",
        "vocabulary": "vocabulary",
        "weights": "weights",
        "word_classes": "word_lists",
        "word_lists": "word_lists",
    },
)
