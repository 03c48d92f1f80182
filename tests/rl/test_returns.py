"""Known values, limits and oracles: returns, advantages and targets."""

import numpy as np
import pytest

from fdl.errors import ShapeError
from fdl.rl import returns

R = np.array([1.0, 0.0, -1.0, 0.0, 1.0])
GAMMA = np.array([0.5, 0.9, 1.0, 0.5, 0.8])
V = np.array([3.0, 1.0, 5.0, -5.0, 3.0])


def draw(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), rng.random(shape), rng.normal(size=shape)


def summed(r, gamma, v, t, n):
    """By the definition: rewards times products of γ, then a value."""
    total, weight = 0.0, 1.0
    last = min(t + n, len(r))
    for k in range(t, last):
        total += weight * r[k]
        weight *= gamma[k]
    return total + weight * v[last - 1]


def test_discounted_returns():
    found = returns.discounted(R, GAMMA, V[-1])
    np.testing.assert_allclose(found, [1.315, 0.63, 0.7, 1.7, 3.4])
    np.testing.assert_allclose(
        returns.discounted([1.0, 1.0, 1.0], 0.5), [1.75, 1.5, 1.0]
    )


def test_n_steps():
    found = returns.n_step(R, GAMMA, V, 3)
    np.testing.assert_allclose(found, [2.8, -3.15, 0.7, 1.7, 3.4])


@pytest.mark.parametrize("n", [1, 2, 4, 5, 6, 50])
def test_n_steps_are_their_definition(n):
    r, gamma, v = draw(5)
    wanted = [summed(r, gamma, v, t, n) for t in range(5)]
    np.testing.assert_allclose(returns.n_step(r, gamma, v, n), wanted)


def test_as_many_steps_as_there_are_give_the_discounted_return():
    r, gamma, v = draw((6, 3), 1)
    whole = returns.discounted(r, gamma, v[-1])
    for n in (6, 7, 100):
        np.testing.assert_allclose(returns.n_step(r, gamma, v, n), whole)
    np.testing.assert_allclose(returns.lambda_returns(r, gamma, v, 1), whole)
    one = returns.n_step(r, gamma, v, 1)
    np.testing.assert_allclose(returns.lambda_returns(r, gamma, v, 0), one)


def test_a_return_of_lambda():
    found = returns.lambda_returns(R, GAMMA, V, 0.75)
    wanted = [1.6460547, 0.7228125, 0.7375, 0.65, 3.4]
    np.testing.assert_allclose(found, wanted, atol=1e-7)


def test_a_return_of_lambda_is_a_weighted_sum():
    r, gamma, v = draw(4, 2)
    lam, T = 0.6, 4
    wanted = []
    for t in range(T):
        left = T - t
        weights = [(1 - lam) * lam**k for k in range(left - 1)]
        weights += [lam ** (left - 1)]
        wanted.append(
            sum(
                w * summed(r, gamma, v, t, n)
                for n, w in enumerate(weights, start=1)
            )
        )
    found = returns.lambda_returns(r, gamma, v, lam)
    np.testing.assert_allclose(found, wanted)


def test_generalized_advantages():
    r = [[1.0, 0.0], [0.0, 0.0], [-1.0, 1.0]]
    dones = [[0, 0], [1, 0], [0, 0]]
    found = returns.advantages(r, np.ones((4, 2)), 0.5, 0.25, dones)
    wanted = [[0.375, -0.5546875], [-1.0, -0.4375], [-1.5, 0.5]]
    np.testing.assert_allclose(found, wanted)


@pytest.mark.parametrize(
    ("lam", "wanted"),
    [(1.0, [3, 2, 1, 0, -4.9]), (0.7, [2.2899, 1.73, 1, 0, -4.9])],
)
def test_an_end_inside_cuts_the_advantage(lam, wanted):
    r, v = [0, 0, 0, 0, 1], [-3, -2, -1, 0, 5, -1]
    by_gamma = returns.advantages(r, v, [0.9, 0.9, 0.9, 0, 0.9], lam)
    by_done = returns.advantages(r, v, 0.9, lam, [0, 0, 0, 1, 0])
    np.testing.assert_allclose(by_gamma, wanted, atol=1e-12)
    np.testing.assert_allclose(by_done, wanted, atol=1e-12)


def test_advantages_are_returns_less_values():
    r, gamma, _ = draw((5, 2), 3)
    v = draw((6, 2), 4)[0]
    for lam in (0.0, 0.3, 1.0):
        wanted = returns.lambda_returns(r, gamma, v[1:], lam) - v[:-1]
        found = returns.advantages(r, v, gamma, lam)
        np.testing.assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.parametrize("lam", [1.0, 0.9])
@pytest.mark.parametrize("gamma", [1.0, 0.99])
@pytest.mark.parametrize("episodes", [1, 3])
def test_a_reward_at_the_end_reaches_back(lam, gamma, episodes):
    # constant values v, a reward of 1 at step 64 of each episode
    T, value = 64, 0.4
    r, dones = np.zeros(T), np.zeros(T)
    r[-1] = dones[-1] = 1
    r, dones = np.tile(r, episodes), np.tile(dones, episodes)
    v = np.full(episodes * T + 1, value)
    found = returns.advantages(r, v, gamma, lam, dones)
    # A_t = Σ_k (γλ)^k δ_{t+k}, of which only the last is another
    k = np.arange(T)[::-1]
    early = (gamma - 1) * value
    sums = np.array([sum((gamma * lam) ** i for i in range(n)) for n in k])
    wanted = early * sums + (gamma * lam) ** k * (1 - value)
    np.testing.assert_allclose(found, np.tile(wanted, episodes), atol=1e-12)


def test_errors_of_one_step():
    v, r = np.ones(9), -np.ones(9)
    gamma, after = np.repeat([0, 0.5, 1], 3), np.tile([0, 1, 2], 3)
    found = returns.td_target(r, gamma, after) - v
    wanted = [-2, -2, -2, -2, -1.5, -1, -2, -1, 0]
    np.testing.assert_allclose(found, wanted)


def test_targets_of_q_learning():
    q = np.array([[1, 1, 0], [1, 2, 0]])
    after = [[0, 1, 0], [1, 2, 0]]
    found = returns.q_target([1, 1], [0, 1], after)
    np.testing.assert_allclose(found - q[[0, 1], [0, 1]], [0, 1])


def test_double_q_judges_by_another_net():
    q = np.array([[1, 1, 0], [1, 2, 0]])
    judge = [[99, 1, 98], [91, 2, 66]]
    chooser = [[2, 10, 1], [11, 20, 1]]
    found = returns.double_q_target([1, 1], [0, 1], judge, chooser)
    np.testing.assert_allclose(found - q[[0, 1], [0, 1]], [0, 1])
    assert returns.q_target([1, 1], [0, 1], judge)[1] == 92


def test_targets_of_sarsa():
    after = [[0, 1, 0], [3, 2, 0]]
    found = returns.sarsa_target([1, 1], [0, 1], after, [1, 0])
    np.testing.assert_allclose(found - [1, 1], [0, 3])


def test_environments_side_by_side_do_not_mix():
    r, gamma, v = draw((5, 3), 5)
    for function in (
        lambda r, g, v: returns.discounted(r, g, v[-1]),
        lambda r, g, v: returns.n_step(r, g, v, 2),
        lambda r, g, v: returns.lambda_returns(r, g, v, 0.5),
    ):
        apart = [function(r[:, b], gamma[:, b], v[:, b]) for b in range(3)]
        both = function(r, gamma, v)
        np.testing.assert_allclose(both, np.stack(apart, axis=1))
    # one γ a step serves all environments
    found = returns.discounted(r, gamma[:, 0])
    wanted = returns.discounted(r, np.repeat(gamma[:, :1], 3, axis=1))
    np.testing.assert_allclose(found, wanted)


def test_what_is_given_stays_as_it_was():
    r, gamma, v = draw(5, 6)
    before = r.copy(), gamma.copy(), v.copy()
    found = returns.discounted(r, gamma)
    found[:] = 9
    returns.n_step(r, gamma, v, 3)[:] = 9
    for now, then in zip((r, gamma, v), before):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: returns.discounted([], 0.9), "`rewards`.*not be empty"),
        (lambda: returns.discounted(1.0, 0.9), r"`rewards`.*\(T,\)"),
        (lambda: returns.discounted([1, np.nan], 0.9), "`rewards`.*finite"),
        (lambda: returns.discounted([1.0], 1.5), "`gamma` .=1.5. must be"),
        (lambda: returns.discounted([1.0], [0.5, 0.5]), "`gamma`"),
        (lambda: returns.discounted([1.0], 0.5, [1, 2]), "`bootstrap`"),
        (lambda: returns.n_step([[1.0, 1]], 0.5, [1.0, 1], 1), "`values`"),
        (lambda: returns.n_step([1.0], 0.5, [1.0], 0), "`n` .=0. must be"),
        (lambda: returns.n_step([1.0, 1], 0.5, [1.0, 2, 3], 1), "`values`"),
        (lambda: returns.lambda_returns([1.0], 0.5, [1.0], 2), "`lam`"),
        (lambda: returns.advantages([1.0], [1.0], 0.5, 1), "`values`"),
        (
            lambda: returns.advantages([1.0], [1, 1], 0.5, 1, [0, 1]),
            "`dones`",
        ),
        (
            lambda: returns.advantages([1.0], [1, 1], 0.5, 1, [0.5]),
            "`dones`.*nothing but 0 and 1",
        ),
        (
            lambda: returns.advantages([1.0], [1, 1], 0.5, 1, ["no"]),
            "`dones`.*array of numbers",
        ),
        (lambda: returns.q_target([1.0], 0.5, [1.0]), "`next_q`"),
        (
            lambda: returns.sarsa_target([1.0], 0.5, [[1.0]], [1]),
            "`next_actions`.*from 0 to 0",
        ),
        (
            lambda: returns.sarsa_target([1.0], 0.5, [[1.0]], [0.0]),
            "`next_actions`.*whole",
        ),
    ],
)
def test_bad_input_is_told(call, message):
    with pytest.raises((ValueError, ShapeError), match=message):
        call()
