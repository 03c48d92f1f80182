"""Known values and shares: exploration."""

import numpy as np
import pytest

from fdl.rl import EpsilonGreedy, epsilon_greedy


def test_epsilon_falls_in_a_straight_line_and_stays():
    epsilon = EpsilonGreedy(1.0, 0.2, 8)
    found = [epsilon(step) for step in range(11)]
    wanted = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.2, 0.2]
    np.testing.assert_allclose(found, wanted)
    assert [EpsilonGreedy(0.25, 0.25, 1)(k) for k in (0, 1)] == [0.25] * 2


@pytest.mark.parametrize("epsilon", [0.0, 0.3, 0.9, 1.0])
def test_by_chance_the_best_action_is_taken_too(epsilon):
    rng, n = np.random.default_rng(0), 20_000
    values = [0.0, 2.0, 1.0, -1.0]
    found = [epsilon_greedy(values, epsilon, rng) for _ in range(n)]
    shares = np.bincount(found, minlength=4) / n
    wanted = np.full(4, epsilon / 4) + [0, 1 - epsilon, 0, 0]
    np.testing.assert_allclose(shares, wanted, atol=0.015)
    if not epsilon:
        assert set(found) == {1}


def test_between_equals_chance_decides():
    rng = np.random.default_rng(0)
    values = [0.0, 2.0, 1.0, 2.0]
    found = [epsilon_greedy(values, 0.0, rng) for _ in range(4000)]
    shares = np.bincount(found, minlength=4) / 4000
    np.testing.assert_allclose(shares, [0, 0.5, 0, 0.5], atol=0.03)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: EpsilonGreedy(1.5, 0, 10), "`start` .=1.5. must be"),
        (lambda: EpsilonGreedy(1, -0.1, 10), "`end`"),
        (lambda: EpsilonGreedy(1, float("nan"), 10), "`end`"),
        (lambda: EpsilonGreedy(1, 0, 0), "`steps`"),
        (lambda: EpsilonGreedy(1, 0, 5)(-1), "`step` "),
        (lambda: epsilon_greedy([], 0.1, None), "`values`"),
        (lambda: epsilon_greedy([1.0], 2, None), "`epsilon`"),
        (lambda: epsilon_greedy([np.nan, 1.0], 0, None), "`values`.*NaN"),
    ],
)
def test_bad_input_is_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_falls_alike_is_equal():
    first, same = EpsilonGreedy(1.0, 0.1, 10), EpsilonGreedy(1, 0.1, 10)
    assert first == same
    assert hash(first) == hash(same)
    for other in (EpsilonGreedy(1.0, 0.1, 11), EpsilonGreedy(1, 0.2, 10), 1.0):
        assert first != other
