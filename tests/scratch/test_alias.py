"""Known value, property, bad input: boxes of at most two things."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.scratch import alias_draw, alias_tables


def shares(own, alias):
    """Return how likely each thing is to be drawn, from the boxes."""
    p = np.zeros(len(own))
    for box in range(len(own)):
        p[box] += own[box] / len(own)
        p[alias[box]] += (1 - own[box]) / len(own)
    return p


def test_vose_by_hand():
    own, alias = alias_tables([0.5, 0.25, 0.125, 0.125])
    assert shares(own, alias) == pytest.approx([0.5, 0.25, 0.125, 0.125])
    assert own.tolist() == [1.0, 0.5, 0.5, 0.5]
    assert alias[3] == 1  # the last of the large ones gives first


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(
        lambda w: sum(w) > 1e-3
    )
)
@settings(deadline=None, max_examples=100)
def test_the_boxes_hold_the_distribution(weights):
    own, alias = alias_tables(weights)
    assert ((own >= 0) & (own <= 1)).all()
    p = np.array(weights) / sum(weights)
    np.testing.assert_allclose(shares(own, alias), p, atol=1e-9)


def test_draws_come_as_often_as_they_should():
    p = np.array([0.6, 0.0, 0.3, 0.1])
    tables, rng = alias_tables(p), np.random.default_rng(0)
    found = np.bincount([alias_draw(*tables, rng) for _ in range(20_000)])
    assert found[1] == 0
    error = np.sqrt(20_000 * p * (1 - p)) + 1e-9
    assert (np.abs(found - 20_000 * p) <= 4 * error).all()


@pytest.mark.parametrize("weights", [[0, 0], [1, -1], [[1.0]], []])
def test_what_is_no_distribution_is_refused(weights):
    with pytest.raises(ValueError, match="`weights`"):
        alias_tables(weights)
