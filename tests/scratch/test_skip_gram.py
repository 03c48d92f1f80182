"""Known value, property: pairs, NCE and the softmax it stands for."""

import numpy as np
import pytest

from fdl.scratch import (
    cbow_pairs,
    lookup,
    nce_gradient,
    nce_loss,
    numeric_gradient,
    probability_objective,
    skip_gram_pairs,
    softmax_gradient,
)

BANK = "the boy went to the bank".split()


def test_the_pairs_of_the_book():
    assert cbow_pairs(BANK, full=True) == [
        ("boy", ["the", "went"]),
        ("went", ["boy", "to"]),
        ("to", ["went", "the"]),
        ("the", ["to", "bank"]),
    ]
    pairs = skip_gram_pairs(BANK, full=True)
    assert len(pairs) == 8
    assert pairs[:3] == [("boy", "the"), ("boy", "went"), ("went", "boy")]
    # the first and the last word have a neighbour, too
    every = skip_gram_pairs(BANK)
    assert every == [("the", "boy"), *pairs, ("bank", "the")]


def test_windows_end_with_the_line():
    assert cbow_pairs("abcd", 2) == [
        ("a", ["b", "c"]),
        ("b", ["a", "c", "d"]),
        ("c", ["a", "b", "d"]),
        ("d", ["b", "c"]),
    ]
    assert skip_gram_pairs("abcd", 99) == [
        (x, y) for x in "abcd" for y in "abcd" if x != y
    ]
    assert skip_gram_pairs("a", 5) == []
    assert cbow_pairs("a", 5) == []  # nothing foretells a word alone


def test_lookup_is_a_row():
    table = np.arange(12.0).reshape(4, 3)
    for word in range(4):
        assert lookup(table, word).tolist() == table[word].tolist()
    for word in (-1, 4):
        with pytest.raises(ValueError, match="`word` .* from 0 to 3"):
            lookup(table, word)


def test_numbers_of_no_word_and_impossible_noise_are_named():
    s = [0.5, -0.5]
    for make, message in (
        (lambda: lookup([[1.0]], 0.5), "`word` .* from 0 to 0"),
        (lambda: nce_loss(s, 2, [1]), "`context` .* from 0 to 1"),
        (lambda: nce_gradient(s, -1, [1]), "`context` .* from 0 to 1"),
        (lambda: softmax_gradient(s, 2), "`context` .* from 0 to 1"),
        (lambda: nce_loss(s, 0, [1, 2]), r"`noise` \(=2\) .* from 0 to 1"),
        (lambda: nce_loss([0.5, np.nan], 0, [1]), "`scores` .* finite"),
        (lambda: nce_loss(s, 0, [1], [1.0, 0.0]), "`q` .* above 0"),
        (lambda: nce_loss(s, 0, [1], [1.0]), "`q` .* 2 probabilities"),
        (lambda: nce_loss(s, 0, [], [0.5, 0.5]), "`noise` .* at least one"),
        (lambda: nce_loss(s, True, [1]), "`context` .* whole number"),
        (lambda: probability_objective(s, -1, [1]), "`context` .* from 0 to"),
        (lambda: probability_objective(s, 0, [2]), "`noise` .* from 0 to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_nce_of_one_pair_and_one_noise_word_by_hand():
    # σ(ln 3) = 3/4: both comparisons are right with 3 : 1
    scores, q = [np.log(3) + np.log(0.5), np.log(0.5) - np.log(3)], [0.5, 0.5]
    assert nce_loss(scores, 0, [1], q) == pytest.approx(2 * np.log(4 / 3))
    assert nce_gradient(scores, 0, [1], q) == pytest.approx([-0.25, 0.25])
    assert nce_loss([np.log(3), -np.log(3)], 0, [1]) == pytest.approx(
        2 * np.log(4 / 3)
    )
    assert nce_loss([-800.0, 800.0], 0, [1]) == 1600
    # noise that is told for what it is still has a slope
    slope = nce_gradient([0.0, -40.0], 0, [1])[1]
    assert slope == pytest.approx(np.exp(-40.0))


@pytest.mark.parametrize("q", [None, [0.1, 0.2, 0.3, 0.4]])
def test_the_gradient_is_the_losss(q):
    s = np.random.default_rng(0).normal(size=4)
    noise = [1, 3, 3, 2]  # noise may repeat, and hit the context
    numeric = numeric_gradient(lambda s: nce_loss(s, 2, noise, q), s)
    found = nce_gradient(s, 2, noise, q)
    np.testing.assert_allclose(found, numeric, atol=1e-8)


def test_the_gradient_tends_to_the_softmaxs_as_noise_grows():
    q = np.array([0.1, 0.2, 0.3, 0.4])
    s = np.array([1.0, -0.5, 0.3, 0.0])
    s -= np.log(np.exp(s).sum())  # NCE asks for scores that are normalized
    wanted = softmax_gradient(s, 0)
    distances = []
    for k in (10, 100, 1000, 10_000):
        # each word as often as it is expected: the mean over all draws
        noise = np.repeat(np.arange(4), np.round(k * q).astype(int))
        found = nce_gradient(s, 0, noise, q)
        distances.append(np.abs(found - wanted).max())
    assert distances[-1] < 1e-3
    for before, after in zip(distances, distances[1:]):
        assert 5 < before / after < 11  # like 1 / k
    # not so if the noise is taken to be another one than it is
    found = nce_gradient(s, 0, noise, q[::-1])
    assert np.abs(found - wanted).max() > 0.1
    # nor without ln k q: the scores are pushed down for ever
    assert nce_gradient(s, 0, noise)[1] > 100


def test_the_softmaxs_gradient_is_p_minus_one_hot():
    s = np.random.default_rng(1).normal(size=5)
    numeric = numeric_gradient(lambda s: -s[3] + np.log(np.exp(s).sum()), s)
    np.testing.assert_allclose(softmax_gradient(s, 3), numeric, atol=1e-8)


def test_the_books_words_describe_another_objective():
    assert probability_objective([50.0, -50.0, -50.0], 0, [1, 2]) == -1
    s = np.array([-9.0, 9.0])  # as wrong as can be
    slope = numeric_gradient(lambda s: probability_objective(s, 0, [1]), s)
    assert np.abs(slope).max() < 2e-4
    assert np.abs(nce_gradient(s, 0, [1])).min() > 0.99
