"""Property, known value, bad input: boxes filled without a loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.representation import Alias
from fdl.representation.alias import noise_weights


def shares(own, alias):
    p = own.astype(float) / len(own)
    np.add.at(p, alias, (1 - own.astype(float)) / len(own))
    return p


@given(
    st.lists(
        st.one_of(st.integers(0, 4), st.floats(0, 1e3)),
        min_size=1,
        max_size=30,
    ).filter(lambda w: sum(w) > 1e-3)
)
@settings(deadline=None, max_examples=300)
def test_the_boxes_hold_the_distribution(weights):
    found = Alias(weights)
    assert ((found.own >= 0) & (found.own <= 1)).all()
    p = np.array(weights, float) / sum(weights)
    np.testing.assert_allclose(found.probability, p, atol=1e-12)
    np.testing.assert_allclose(shares(found.own, found.alias), p, atol=1e-6)


def test_ties_between_room_and_surplus_are_settled():
    # the surplus of one box ends where the room of another does
    for weights in ([2, 4, 0], [1, 1, 1], [0, 0, 3], [2, 0, 2, 0, 1], [5]):
        p = np.array(weights) / sum(weights)
        found = Alias(weights)
        np.testing.assert_allclose(shares(found.own, found.alias), p)


def test_draws_come_as_often_as_they_should():
    p = 1 / np.arange(1, 101)
    noise, rng = Alias(p), np.random.default_rng(0)
    draws = noise.draw((100, 2000), rng)
    assert draws.shape == (100, 2000)
    assert draws.dtype == np.int32
    expected = 200_000 * noise.probability
    found = np.bincount(draws.ravel(), minlength=100)
    chi_squared = ((found - expected) ** 2 / expected).sum()
    assert chi_squared < 99 + 5 * np.sqrt(2 * 99)
    again = noise.draw((100, 2000), np.random.default_rng(0))
    assert (draws == again).all()


@pytest.mark.parametrize("weights", [[0, 0], [1, -1], [[1.0]], [], [np.nan]])
def test_what_is_no_distribution_is_refused(weights):
    with pytest.raises(ValueError, match="`weights`"):
        Alias(weights)


def test_the_two_kinds_of_noise():
    counts = np.array([16, 1, 0])
    q = noise_weights("log_uniform", counts)
    assert q == pytest.approx(np.log([2, 3 / 2, 4 / 3]))
    assert q.sum() == pytest.approx(np.log(4))
    # a word that never came can still be drawn
    assert noise_weights("unigram", counts) == pytest.approx([8, 1, 1])
    with pytest.raises(ValueError, match='`kind` .* "log_uniform" or'):
        noise_weights("even", counts)
    for wrong in ([], [np.nan], [[1.0]]):
        with pytest.raises(ValueError, match="`counts`"):
            noise_weights("unigram", wrong)


def test_equal_weights_may_all_round_below_their_mean():
    weights = next(
        w
        for n in range(2, 60)
        for w in (np.full(n, 1 / 3), np.full(n, 819.4583))
        if (w / w.sum() * n < 1).all()
    )
    boxes = Alias(weights)
    assert (boxes.own == 1).all()
    drawn = boxes.draw(1000, np.random.default_rng(0))
    assert set(drawn) == set(range(len(weights)))
