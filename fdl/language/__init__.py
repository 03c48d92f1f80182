"""Language: networks that read and write."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Interpreter": "interpreter",
        "SampledTranslator": "translation_loss",
        "SentenceLoss": "translation_loss",
        "Translation": "interpreter",
        "Translator": "translation",
        "bleu": "bleu",
        "score_bleu": "bleu",
        "interpreter": "interpreter",
        "decoding": "decoding",
        "perplexities": "translation_loss",
        "translation_loss": "translation_loss",
        "translation": "translation",
    },
)
