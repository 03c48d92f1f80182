"""BLEU: how many runs of words a translation shares with a person's.

Computed by sacrebleu, which the package itself does not need; its signature
for what is measured here is ``nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp``.

References: [1] Papineni et al. 2002, doi:10.3115/1073083.1073135; [2] Post
2018, arXiv:1804.08771; [3] Koehn 2004, "Statistical Significance Tests for
Machine Translation Evaluation".

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fdl.data.pair_buckets import MARKS, UNK
from fdl.errors import must, refuse_text
from fdl.scratch._checks import whole
from fdl.seeding import generator

__all__ = ["Bleu", "score_bleu"]


class Bleu(NamedTuple):
    """A score, and where it would lie on other sentences of the kind.

    An example is at :func:`score_bleu`.

    Attributes
    ----------
    score : float
        From 0 to 100.
    low, high : float
        95 % interval, by drawing the sentences anew [3].
    """

    score: float
    low: float
    high: float


def score_bleu(
    translations: Sequence[str],
    references: Sequence[str],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Bleu:
    """Return the BLEU of translations against one reference each [1, 2].

    Parameters
    ----------
    translations, references : sequence of str
        As they would be printed; sacrebleu splits them itself. The mark of
        an unknown word counts as one word, which no reference has.
    draws : int
        How often the sentences are drawn anew.
    seed : int
        Decides the draws.

    Raises
    ------
    ModuleNotFoundError
        Without sacrebleu.

    Examples
    --------
    Half of the sentences are right to the word:

    >>> said = ["the dog barks at the cat", "no , not at all"]
    >>> wanted = ["the dog barks at the cat", "yes , she said so"]
    >>> found = score_bleu(said, wanted, draws=50)
    >>> found.low < found.score < found.high
    True
    >>> round(score_bleu(wanted, wanted, draws=50).score, 3)
    100.0
    """
    try:
        from sacrebleu.metrics import BLEU
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "BLEU is computed by sacrebleu: pip install sacrebleu."
        ) from None
    whole("draws", draws)
    for name, lines in (
        ("translations", translations),
        ("references", references),
    ):
        refuse_text(name, lines, "be a list of sentences")
    if len(translations) != len(references) or not len(references):
        rule = f"be as many as `translations`, {len(translations)}"
        raise must("references", f"{len(references)} of them", rule)
    # sacrebleu would split the mark's brackets off: three words for one
    translations = [one.replace(MARKS[UNK], "unk") for one in translations]
    metric = BLEU()
    # matches and totals of runs of 1 to 4 words, and both lengths
    rows = np.array(
        [
            [*one.counts, *one.totals, one.sys_len, one.ref_len]
            for one in (
                metric.corpus_score([a], [[b]])
                for a, b in zip(translations, references)
            )
        ]
    )

    def score(sums: np.ndarray) -> float:
        found = BLEU.compute_bleu(
            list(map(int, sums[:4])),
            list(map(int, sums[4:8])),
            int(sums[8]),
            int(sums[9]),
        )
        return float(found.score)

    rng = generator(seed, "bleu")
    again = [
        score(rows[rng.integers(len(rows), size=len(rows))].sum(axis=0))
        for _ in range(draws)
    ]
    low, high = np.percentile(again, [2.5, 97.5])
    return Bleu(score(rows.sum(axis=0)), float(low), float(high))
