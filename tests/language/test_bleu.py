"""Oracle and property: BLEU and its interval."""

import numpy as np
import pytest

from fdl.language import score_bleu

REFERENCES = [
    "Deux jeunes hommes sont dehors près de buissons.",
    "Un homme en chemise bleue est debout sur une échelle.",
    "Une fille saute dans l'eau.",
    "Plusieurs personnes attendent le train.",
]
SAID = [
    "Deux hommes sont dehors près de buissons.",
    "Un homme en bleu est debout sur une échelle.",
    "Une fille saute dans la piscine.",
    "Des gens attendent un bus.",
]


def test_the_score_is_sacrebleus():
    sacrebleu = pytest.importorskip("sacrebleu")
    found = score_bleu(SAID, REFERENCES, draws=200)
    theirs = sacrebleu.metrics.BLEU()
    assert found.score == pytest.approx(
        theirs.corpus_score(SAID, [REFERENCES]).score
    )
    signature = str(theirs.get_signature())
    assert "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp" in signature
    assert found.low < found.score < found.high


def test_the_same_words_score_100_and_other_words_less():
    found = score_bleu(REFERENCES, REFERENCES, draws=20)
    assert tuple(found) == pytest.approx((100, 100, 100))
    mixed = score_bleu(REFERENCES[::-1], REFERENCES, draws=20)
    assert mixed.score < 10


def test_an_unknown_word_is_one_word_that_is_wrong():
    references = ["un homme en chemise rouge lit ici"]
    (found,) = {
        score_bleu([f"un homme en chemise rouge {word} ici"], references)
        for word in ("<unk>", "danse")
    }
    assert 0 < found.score < 100


def test_the_interval_follows_its_seed_and_shrinks_with_more():
    one, two = (score_bleu(SAID, REFERENCES, draws=300) for _ in range(2))
    assert one == two
    other = score_bleu(SAID, REFERENCES, draws=300, seed=1)
    assert other.score == one.score
    assert other != one
    many = score_bleu(SAID * 25, REFERENCES * 25, draws=300)
    assert many.score == pytest.approx(one.score)
    assert many.high - many.low < 0.5 * (one.high - one.low)


def test_one_reference_for_each():
    with pytest.raises(ValueError, match="be as many as `translations`, 1"):
        score_bleu(["a"], ["a", "b"])


def test_lists_of_sentences_and_draws_are_asked_for():
    with pytest.raises(ValueError, match="`translations` .* list of sentenc"):
        score_bleu("a b", "a b")
    with pytest.raises(ValueError, match=r"`draws` \(=0\) must be a whole"):
        score_bleu(["a"], ["a"], draws=0)
    with pytest.raises(ValueError, match="`references` .* be as many"):
        score_bleu([], [])


def test_the_interval_holds_95_of_100_draws():
    sacrebleu = pytest.importorskip("sacrebleu")
    found = score_bleu(SAID, REFERENCES, draws=300)
    rng = np.random.default_rng(5)
    metric, scores = sacrebleu.metrics.BLEU(), []
    for _ in range(300):
        rows = rng.integers(4, size=4)
        drawn = ([texts[k] for k in rows] for texts in (SAID, REFERENCES))
        said, references = drawn
        scores.append(metric.corpus_score(said, [references]).score)
    # 2.5 of 100 lie below, give or take four standard deviations
    assert np.mean(np.array(scores) < found.low) < 0.065
    assert np.mean(np.array(scores) > found.high) < 0.065
