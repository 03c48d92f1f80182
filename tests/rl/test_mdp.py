"""Known values, brute force and finite horizons: planning."""

import itertools

import numpy as np
import pytest

from fdl.rl import (
    policy_iteration,
    policy_values,
    q_values,
    value_iteration,
)


def process(S=4, A=3, seed=0):
    rng = np.random.default_rng(seed)
    P = rng.random((S, A, S)) ** 3
    return P / P.sum(axis=2, keepdims=True), rng.normal(size=(S, A))


def by_brute_force(P, R, gamma):
    """The best of all policies, each followed for a thousand steps."""
    S, A = R.shape
    best = np.full(S, -np.inf)
    for policy in itertools.product(range(A), repeat=S):
        v = np.zeros(S)
        for _ in range(1000):
            v = np.array(
                [R[s, a] + gamma * P[s, a] @ v for s, a in enumerate(policy)]
            )
        best = np.maximum(best, v)
    return best


@pytest.mark.parametrize("seed", [0, 1])
def test_both_ways_find_the_best_of_all_policies(seed):
    P, R = process(3, 2, seed)
    wanted = by_brute_force(P, R, 0.8)
    for found in (value_iteration, policy_iteration):
        values, policy = found(P, R, 0.8)
        np.testing.assert_allclose(values, wanted, atol=1e-5)
        np.testing.assert_allclose(
            policy_values(P, R, policy, 0.8), wanted, atol=1e-5
        )


@pytest.mark.parametrize("gamma", [0.5, 0.99, 0.999])
def test_values_are_as_near_as_is_asked(gamma):
    P, R = process(8, 3, 2)
    exact, _ = policy_iteration(P, R, gamma)
    for tolerance in (1e-1, 1e-5):
        values, _ = value_iteration(P, R, gamma, tolerance=tolerance)
        assert abs(values - exact).max() <= tolerance


def test_after_k_sweeps_k_steps_are_seen_ahead():
    P, R = process(4, 2, 3)

    def ahead(s, k):
        if not k:
            return 0.0
        return max(
            R[s, a] + 0.9 * sum(P[s, a, t] * ahead(t, k - 1) for t in range(4))
            for a in range(2)
        )

    for k in range(4):
        values, _ = value_iteration(P, R, 0.9, sweeps=k)
        np.testing.assert_allclose(values, [ahead(s, k) for s in range(4)])


def test_a_corridor_is_worth_what_its_end_is_discounted():
    # 0 → 1 → 2 → 3, an end; the last step brings 1; action 1 goes back
    P, R = np.zeros((4, 2, 4)), np.zeros((4, 2))
    for s in range(3):
        P[s, 0, s + 1] = P[s, 1, max(s - 1, 0)] = 1
    P[3, :, 3], R[2, 0] = 1, 1
    values, policy = value_iteration(P, R, 0.5)
    np.testing.assert_allclose(values, [0.25, 0.5, 1, 0])
    assert policy.tolist() == [0, 0, 0, 0]
    q = q_values(P, R, values, 0.5)
    np.testing.assert_allclose(q[:, 1], [0.125, 0.125, 0.25, 0])
    # without a discount the end is as good from everywhere
    values, policy = value_iteration(P, R, 1.0)
    np.testing.assert_allclose(values, [1, 1, 1, 0])
    # to go back for ever is worth nothing
    np.testing.assert_allclose(policy_values(P, R, [1, 1, 1, 1], 0.5), 0)


def test_a_policy_of_chance_is_worth_its_mean():
    P, R = process(5, 3, 4)
    pi = np.random.default_rng(5).dirichlet(np.ones(3), size=5)
    v = np.zeros(5)
    for _ in range(500):
        v = (pi * (R + 0.7 * P @ v)).sum(axis=1)
    np.testing.assert_allclose(policy_values(P, R, pi, 0.7), v)
    sure = np.array([0, 1, 2, 1, 0])
    np.testing.assert_allclose(
        policy_values(P, R, sure, 0.7),
        policy_values(P, R, np.eye(3)[sure], 0.7),
    )


def test_equal_actions_do_not_go_round_for_ever():
    P = np.full((2, 3, 2), 0.5)
    values, policy = policy_iteration(P, np.ones((2, 3)), 0.9)
    np.testing.assert_allclose(values, 10)
    assert policy.tolist() == [0, 0]


P0, R0 = process(2, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: value_iteration(2 * P0, R0, 0.9), "`P`.*add up to 1"),
        (lambda: value_iteration(P0[:1], R0, 0.9), "`P`.*shape"),
        (lambda: value_iteration(P0, R0[0], 0.9), "`R`.*shape"),
        (lambda: value_iteration(P0, R0 * np.nan, 0.9), "`R`.*finite"),
        (lambda: value_iteration(P0, R0, 1.1), "`gamma` .=1.1. must be"),
        (lambda: value_iteration(P0, R0, 0.9, tolerance=0), "`tolerance`"),
        (lambda: value_iteration(P0, R0, 0.9, sweeps=-1), "`sweeps`"),
        (lambda: value_iteration(P0, abs(R0) + 1, 1), "`gamma`.*still grow"),
        (lambda: policy_iteration(P0, R0, 1), "`gamma`.*less than 1"),
        (lambda: policy_values(P0, R0, [0, 2], 0.9), "`policy`.*0 to 1"),
        (lambda: policy_values(P0, R0, [0.0, 1.0], 0.9), "`policy`"),
        (lambda: policy_values(P0, R0, [[1, 1], [0, 1]], 0.9), "`policy`"),
        (lambda: q_values(P0, R0, [0.0], 0.9), "`values`.*shape"),
    ],
)
def test_bad_input_is_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()
