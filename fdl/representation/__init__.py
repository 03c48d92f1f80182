"""Representations learned without labels."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Alias": "alias",
        "Autoencoder": "autoencoder",
        "Coder": "autoencoder",
        "PCA": "pca",
        "Tables": "steps",
        "Word2Vec": "word2vec",
        "WordVectors": "word_vectors",
        "add_rows": "rows",
        "alias": "alias",
        "autoencoder": "autoencoder",
        "cbow_step": "steps",
        "corrupt": "denoising",
        "denoising": "denoising",
        "host": "host",
        "linear_probe": "probes",
        "nearest_neighbour": "probes",
        "noise_weights": "alias",
        "pca": "pca",
        "principal_axes": "pca",
        "probes": "probes",
        "rank_correlation": "word_vectors",
        "rows": "rows",
        "skip_gram_step": "steps",
        "steps": "steps",
        "sum_rows": "rows",
        "windows": "windows",
        "word2vec": "word2vec",
        "word_vectors": "word_vectors",
    },
)
