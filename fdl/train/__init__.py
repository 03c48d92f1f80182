"""Training: the loop, what watches it, and what survives a crash."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Callback": "callbacks",
        "Checkpoints": "checkpoint",
        "EarlyStopping": "callbacks",
        "History": "history",
        "Metric": "metrics",
        "Plateau": "plateau",
        "Progress": "callbacks",
        "Run": "run",
        "TensorBoard": "tensorboard",
        "clip_by_norm": "clipping",
        "clipping": "clipping",
        "evaluate": "inference",
        "fit": "loop",
        "load_parameters": "checkpoint",
        "predict": "inference",
    },
)
