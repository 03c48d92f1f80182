"""Two sentences, and what each word of one looks at in the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fdl.book.live import Live, live
from fdl.errors import must
from fdl.plot.attention_maps import attention

__all__ = ["glances"]


def glances(
    pairs: Iterable[tuple[Sequence[str], Sequence[str], Any]],
    *,
    languages: tuple[str, str] = ("en", "fr"),
    about: str,
) -> Live:
    """Return pairs of sentences whose words show what they look at.

    Parameters
    ----------
    pairs : iterable of (source, target, weights)
        Words, words, and attention `(T, S)`: a row for each word of the
        target, from 0 to 1. A translation of `fdl.language.Interpreter` is
        one. A share is stored as a whole number of thousandths.
    languages : (str, str)
        Codes of the languages of source and target, for who reads aloud.
    about : str
        What the figure shows, for readers who do not see it.

    Examples
    --------
    >>> glances([(["a", "dog"], ["chien"], [[0.2, 0.8]])], about="…")
    Attention of 1 pair of sentences
    """
    told, still = [], None
    for source, target, weights in pairs:
        shares = np.asarray(weights, float)
        if shares.shape != (len(target), len(source)) or not shares.size:
            given = f"one with weights of shape {shares.shape}"
            rule = (
                f"have weights of shape ({len(target)}, {len(source)}) there"
            )
            raise must("pairs", given, rule)
        if not (shares >= 0).all() or not (shares <= 1.001).all():
            raise must("pairs", weights, "have weights from 0 to 1")
        if still is None:
            still, _ = attention(source, target, shares)
        told.append(
            {
                "source": list(source),
                "target": list(target),
                "weights": np.rint(1000 * shares).astype(int).tolist(),
            }
        )
    if still is None:
        raise must("pairs", told, "hold one pair at least")
    return live(
        "glances",
        {"pairs": told, "languages": list(languages)},
        still,
        about=about,
        text=f"Attention of {len(told)} pair{'s' * (len(told) > 1)} of"
        " sentences",
    )
