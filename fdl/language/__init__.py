"""Language: networks that read and write."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Interpreter": "interpreter",
        "Marks": "words",
        "NGram": "tagger",
        "SampledTranslator": "translation_loss",
        "SentenceLoss": "translation_loss",
        "Tagger": "tagger",
        "Translation": "interpreter",
        "Translator": "translation",
        "WordTable": "words",
        "bleu": "bleu",
        "decoding": "decoding",
        "interpreter": "interpreter",
        "join_phrases": "words",
        "perplexities": "translation_loss",
        "score_bleu": "bleu",
        "shape": "words",
        "spellings": "words",
        "tagger": "tagger",
        "translation": "translation",
        "translation_loss": "translation_loss",
        "windows": "tagger",
        "words": "words",
    },
)
