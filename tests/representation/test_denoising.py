"""Damage: properties."""

import numpy as np
import pytest

from fdl.representation import corrupt


def test_the_share_is_lost_and_the_rest_is_untouched():
    x = np.random.default_rng(0).uniform(1, 2, (200, 784)).astype("float32")
    before = x.copy()
    damaged = corrupt(x, 0.3, np.random.default_rng(1))
    assert (damaged == 0).mean() == pytest.approx(0.3, abs=0.005)
    np.testing.assert_array_equal(damaged[damaged > 0], x[damaged > 0])
    np.testing.assert_array_equal(x, before)
    assert damaged.dtype == np.float32
    # rows differ, and so does each column's share: draws are independent
    lost = damaged == 0
    assert lost.mean(axis=1).std() == pytest.approx(
        np.sqrt(0.3 * 0.7 / 784), rel=0.2
    )


def test_the_generator_decides():
    x = np.ones((5, 40))
    rng = np.random.default_rng
    a, b = corrupt(x, 0.5, rng(1)), corrupt(x, 0.5, rng(1))
    np.testing.assert_array_equal(a, b)
    assert (a != corrupt(x, 0.5, rng(2))).any()
    np.testing.assert_array_equal(corrupt(x, 0, rng(1)), x)


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="`share`.*from 0 up and below 1"):
        corrupt(np.ones((2, 2)), share, np.random.default_rng(0))
