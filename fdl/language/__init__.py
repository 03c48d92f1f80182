"""Language: networks that read and write."""

from fdl._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Configuration": "arc_standard",
        "Interpreter": "interpreter",
        "Marks": "words",
        "NGram": "tagger",
        "SampledTranslator": "translation_loss",
        "SentenceLoss": "translation_loss",
        "Tagger": "tagger",
        "Translation": "interpreter",
        "Translator": "translation",
        "WordTable": "words",
        "arc_standard": "arc_standard",
        "beam": "beam",
        "beam_search": "beam",
        "bleu": "bleu",
        "decoding": "decoding",
        "interpreter": "interpreter",
        "join_phrases": "words",
        "length_penalty": "beam",
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
