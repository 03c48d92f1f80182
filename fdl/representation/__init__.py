"""Representations learned without labels."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Autoencoder": "autoencoder",
        "Coder": "autoencoder",
        "PCA": "pca",
        "autoencoder": "autoencoder",
        "corrupt": "denoising",
        "denoising": "denoising",
        "linear_probe": "probes",
        "nearest_neighbour": "probes",
        "pca": "pca",
        "principal_axes": "pca",
        "probes": "probes",
    },
)
