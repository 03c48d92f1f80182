"""Known value, oracle, bad input: neighbours, analogies, scores."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from fdl.data import Vocabulary
from fdl.errors import ShapeError
from fdl.representation.word_vectors import WordVectors, rank_correlation

ROYAL = {
    "man": (1, 0, 0.1),
    "woman": (1, 1, 0.1),
    "king": (1, 0, 2),
    "queen": (1, 1, 2),
    "prince": (1, 0.1, 1),
    "bank": (-3, 0, 0),
}


@pytest.fixture
def royal():
    words = Vocabulary(list(ROYAL), range(len(ROYAL), 0, -1))
    return WordVectors(words, list(ROYAL.values()))


def test_the_nearest_are_those_of_the_smallest_angle(royal):
    found = royal.nearest("king", 5)
    v = np.array(list(ROYAL.values()))
    cosine = v @ v[2] / np.linalg.norm(v, axis=1) / np.linalg.norm(v[2])
    order = [i for i in np.argsort(-cosine) if i != 2]
    assert [word for word, _ in found] == [list(ROYAL)[i] for i in order]
    assert [c for _, c in found] == pytest.approx(cosine[order], rel=1e-5)
    assert found[:2] == royal.nearest("king", 2)
    assert royal.similarity("king", found[0][0]) == pytest.approx(found[0][1])
    assert royal["king"].tolist() == [1, 0, 2]


def test_lengths_do_not_matter(royal):
    longer = WordVectors(royal.vocabulary, royal.vectors * [[5.0]] * 1)
    assert longer.nearest("man", 3)[0][0] == royal.nearest("man", 3)[0][0]
    zero = WordVectors(royal.vocabulary, royal.vectors * 0)
    assert np.isfinite(zero.unit).all()


def test_man_is_to_king_as_woman_is_to_queen(royal):
    assert royal.analogy("man", "king", "woman")[0][0] == "queen"
    v = royal.unit
    goal = v[2] - v[0] + v[1]
    cosine = goal @ v[3] / np.linalg.norm(goal)
    found = royal.analogy("man", "king", "woman")[0][1]
    assert found == pytest.approx(cosine, rel=1e-5)
    # none of the three asked about is ever the answer
    names = [w for w, _ in royal.analogy("man", "king", "woman", 3)]
    assert not {"man", "king", "woman"} & set(names)


def test_questions_with_unknown_words_are_not_asked(royal):
    sections = {
        "royal": [
            ("man", "King", "woman", "queen"),
            ("man", "woman", "king", "queen"),
            ("man", "king", "woman", "bank"),
            ("man", "king", "girl", "princess"),
        ],
        "none": [("a", "b", "c", "d")],
    }
    found = royal.score_analogies(sections)
    assert found["royal"] == (2, 3, 4)
    assert found["royal"].accuracy == pytest.approx(2 / 3)
    assert found["none"] == (0, 0, 1)
    assert np.isnan(found["none"].accuracy)
    assert royal.score_analogies(sections, lower=False)["royal"][:2] == (1, 2)
    # "queen" is not among the three commonest
    assert royal.score_analogies(sections, most=3)["royal"].asked == 0


def test_answers_in_blocks_are_the_single_answers(monkeypatch):
    from fdl.representation import word_vectors

    monkeypatch.setattr(word_vectors, "ROWS", 7)
    rng = np.random.default_rng(0)
    words = [f"w{k}" for k in range(30)]
    found = WordVectors(
        Vocabulary(words, range(30, 0, -1)), rng.normal(size=(30, 4))
    )
    rows = [tuple(rng.permutation(words)[:3]) for _ in range(50)]
    answers = [found.analogy(*row)[0][0] for row in rows]
    half = [
        (*row, answer if k % 2 else "w0")
        for k, (row, answer) in enumerate(zip(rows, answers))
    ]
    right = sum(row[3] == answer for row, answer in zip(half, answers))
    assert right >= 25
    assert found.score_analogies({"x": half})["x"].right == right


def test_a_words_nearest_other_word_tells_its_class(royal):
    classes = {
        "people": ["man", "Woman", "girl"],
        "rulers": ["king", "queen", "prince"],
        "alone": ["bank"],
    }
    cosine = royal.unit[:5] @ royal.unit[:5].T - 9 * np.eye(5)
    near = cosine.argmax(1) >= 2
    right = (near == [False, False, True, True, True]).sum()
    assert right == 5 - 1  # "man" is nearest to "prince"
    assert royal.score_classes(classes) == (right, 5, 7)
    other = {"a": ["man", "king"], "b": ["woman", "queen"]}
    assert royal.score_classes(other).asked == 4
    assert royal.score_classes({"a": ["x"]}) == (0, 0, 1)


def test_ratings_are_compared_by_rank(royal):
    rows = [
        ("king", "queen", 9.0),
        ("king", "Bank", 0.5),
        ("man", "bank", 0.4),
        ("man", "girl", 7.0),
    ]
    rho, pairs = royal.score_similarities(rows[3:])
    assert np.isnan(rho)  # no pair whose words are known
    assert pairs == 0
    rho, pairs = royal.score_similarities(rows)
    assert pairs == 3
    cosines = [royal.similarity(a, b.lower()) for a, b, _ in rows[:3]]
    assert rho == pytest.approx(spearmanr(cosines, [9, 0.5, 0.4])[0])


def test_the_rank_correlation_is_spearmans():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, 50), rng.integers(0, 9, 50)  # with ties
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x, y)[0])
    assert rank_correlation([1, 2], [9, 3]) == -1
    assert np.isnan(rank_correlation([1, 1], [1, 2]))
    with pytest.raises(ValueError, match="`x` .* two numbers or more"):
        rank_correlation([1], [1])
    with pytest.raises(ValueError, match="`y` .* finite"):
        rank_correlation([1, 2], [1, np.nan])
    with pytest.raises(ValueError, match="`x`"):
        rank_correlation([1, 2], [1, 2, 3])


def test_wrong_arguments_are_named(royal):
    with pytest.raises(ValueError, match=r"did you mean king\?"):
        royal.nearest("kinng")
    with pytest.raises(ValueError, match="'xyzzy'"):
        royal.analogy("man", "king", "xyzzy")
    for k in (0, 6, 1.5):
        with pytest.raises(ValueError, match="`k` .* from 1 to 5"):
            royal.nearest("king", k)
    for most in (0, 7):
        with pytest.raises(ValueError, match="`most` .* from 1 to 6"):
            royal.score_analogies({}, most=most)
    with pytest.raises(ValueError, match="`sections` .* four words"):
        royal.score_analogies({"short": [("man", "king", "woman")]})
    with pytest.raises(ValueError, match="`vectors` .* finite"):
        WordVectors(royal.vocabulary, royal.vectors * np.nan)
    with pytest.raises(ShapeError, match=r"\(6, d\), a row for each word"):
        WordVectors(royal.vocabulary, np.zeros((5, 2)))
