"""Made-up sentences in English and French, tagged, parsed and judged.

A small grammar stands in where no corpus can be had. Every sentence comes
with its Penn Treebank tags, its phrases, its dependency tree, a French
translation and, if it holds an opinion, whether that is a good one. Both
languages are correct: articles, agreement, elision and the places of
adjectives included.

The trees follow the habit of the Penn Treebank's conversions: the finite verb
is the root, an auxiliary verb governs the next one, a preposition governs its
noun, and of two things joined by "and" the first governs both.

Letters: none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np

from fdl.data._writer import Sentence, Writer
from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = ["Sentence", "reviews", "sentences", "spelled"]


def sentences(
    n: int, seed: int = 0, opinions: Optional[bool] = None
) -> list[Sentence]:
    """Return different sentences.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        Another seed makes others. The first sentences of a longer list are
        those of a shorter one.
    opinions : bool, optional
        True for such as hold an opinion only, False for others only.

    Examples
    --------
    >>> one, two = sentences(2, seed=3)
    >>> spelled(one.words)
    'His new scenes are really boring, and the endings are terrible.'
    """
    whole("n", n)
    writer = Writer(np.random.default_rng(whole("seed", seed, 0)))
    found: dict[tuple[str, ...], Sentence] = {}
    for _ in range(100 * n):
        sentence = writer.sentence(opinions)
        found.setdefault(sentence.words, sentence)
        if len(found) == n:
            return list(found.values())
    raise must("n", n, "be a number of sentences that the grammar can make")


def reviews(n: int, seed: int = 0) -> list[tuple[str, int]]:
    """Return little reviews and their labels, 1 for good and 0 for bad.

    Two to six sentences each. Most of its opinions, the last one always, are
    the label's; some sentences hold none.

    Examples
    --------
    >>> [(text, label)] = reviews(1)
    >>> label in (0, 1), text.endswith(".")
    (True, True)
    """
    whole("n", n)
    rng = np.random.default_rng(whole("seed", seed, 0))
    writer = Writer(rng)
    made = []
    for k in range(n):
        label = k % 2
        lines = []
        for _ in range(int(rng.integers(1, 6))):
            kind = rng.random()
            if kind < 0.2:
                lines.append(writer.sentence(False))
            else:
                lines.append(
                    writer.judged(label if kind < 0.85 else 1 - label)
                )
        lines.append(writer.judged(label))
        made.append((" ".join(spelled(s.words) for s in lines), label))
    return made


def spelled(words: Sequence[str]) -> str:
    """Return words as one writes them: no blank before a mark.

    Examples
    --------
    >>> spelled(["L'", "homme", "dort", "."])
    "L'homme dort."
    """
    text = " ".join(words).replace("' ", "'").replace("can not", "cannot")
    return text.replace(" ,", ",").replace(" .", ".")
