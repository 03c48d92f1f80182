"""Known values, numeric gradients and properties of the regularizers."""

import math

import numpy as np
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl.scratch import regularize
from fdl.scratch.regularize import EarlyStopping

W = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])


def test_penalties_are_the_books():
    w = np.array([[1.0, -2.0], [0.5, 0.0]])
    assert regularize.l2_penalty(w, 0.4) == pytest.approx(0.2 * 5.25)
    assert regularize.l1_penalty(w, 0.4) == pytest.approx(0.4 * 3.5)


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_penalty_gradients_are_the_numeric_ones(name):
    w = np.array([[1.0, -2.0], [0.5, 3.0]])
    penalty = getattr(regularize, f"{name}_penalty")
    gradient = getattr(regularize, f"{name}_gradient")
    numeric = central_differences(lambda w: penalty(w, 0.3), w)
    assert_gradients_agree(gradient(w, 0.3), numeric)


def test_l1_is_flat_at_its_kink():
    assert regularize.l1_gradient([0.0], 1.0).tolist() == [0.0]


def test_l2_decay_is_geometric_and_l1_decay_linear():
    rate, step, t = 0.5, 0.1, 30
    two = one = np.array([4.0, -8.0])
    for _ in range(t):
        two = two - step * regularize.l2_gradient(two, rate)
        one = one - step * regularize.l1_gradient(one, rate)
    assert np.allclose(two, [4 * 0.95**t, -8 * 0.95**t], rtol=1e-12)
    assert np.allclose(one, [4 - 0.05 * t, -8 + 0.05 * t], rtol=1e-12)


def test_max_norm_pulls_long_columns_onto_the_ball():
    held = regularize.max_norm(W, 1.0)
    assert np.allclose(held[:, 0], [0.6, 0.8], rtol=1e-15)
    assert np.array_equal(held[:, 1:], W[:, 1:])
    assert np.array_equal(regularize.max_norm(W, 5.0), W)


def test_max_norm_leaves_its_argument_alone():
    before = W.copy()
    regularize.max_norm(W, 0.1)
    assert np.array_equal(W, before)


def test_inverted_dropout_keeps_the_expectation_and_plain_scales_it(rng):
    y = np.full(100_000, 3.0)
    plain = regularize.dropout(y, 0.25, rng)
    inverted = regularize.inverted_dropout(y, 0.25, rng)
    assert set(plain) == {0.0, 3.0}
    assert set(inverted) == {0.0, 12.0}
    # five standard errors: 3 √(p(1 − p)/n) and the same divided by p
    assert plain.mean() == pytest.approx(0.25 * 3.0, abs=0.021)
    assert inverted.mean() == pytest.approx(3.0, abs=0.083)


def test_dropout_draws_each_entry_anew_and_its_seed_decides():
    y = np.ones((50, 20))
    once, again = (regularize.dropout(y, 0.5, 7) for _ in range(2))
    assert np.array_equal(once, again)
    assert len(np.unique(once, axis=0)) == 50
    rng = np.random.default_rng(7)
    assert np.array_equal(regularize.dropout(y, 0.5, rng), once)
    assert not np.array_equal(regularize.dropout(y, 0.5, rng), once)


def test_keeping_everything_changes_nothing():
    y = np.array([1.0, -2.0, 0.0])
    assert np.array_equal(regularize.dropout(y, 1.0, 0), y)
    assert np.array_equal(regularize.inverted_dropout(y, 1, 0), y)


# --- early stopping


def stopped_after(errors, patience):
    stopping = EarlyStopping(patience)
    for epoch, error in enumerate(errors, 1):
        if stopping.update(error, state=f"epoch {epoch}"):
            return epoch, stopping
    return None, stopping


@pytest.mark.parametrize(
    ("errors", "patience", "stop", "best"),
    [
        ([5, 4, 3, 2, 1], 1, None, 5),
        ([5, 4, 4, 3], 1, 3, 2),
        ([5, 4, 4, 3, 3, 3], 2, 6, 4),
        ([5, 6, 7, 4], 3, None, 4),
        ([5, 6, 7, 8, 1], 3, 4, 1),
        ([5, math.nan, math.nan, 1], 2, 3, 1),
    ],
)
def test_scripted_errors_stop_at_the_right_epoch(errors, patience, stop, best):
    at, stopping = stopped_after(errors, patience)
    assert at == stop
    assert stopping.best_epoch == best
    assert stopping.best == errors[best - 1]
    assert stopping.state == f"epoch {best}"


# --- bad input


@pytest.mark.parametrize(
    "name", ["l1_penalty", "l2_penalty", "l1_gradient", "l2_gradient"]
)
def test_bad_penalties_are_refused(name):
    f = getattr(regularize, name)
    with pytest.raises(ValueError, match=r"`rate` \(=-0.1\) must be a number"):
        f([1.0], -0.1)
    with pytest.raises(
        ValueError, match=r"`w` \(=nan at \(1,\)\) must be fin"
    ):
        f([1.0, np.nan], 0.1)
    with pytest.raises(ValueError, match=r"`w` \(=array of shape \(0,\)\)"):
        f([], 0.1)


@pytest.mark.parametrize(
    ("W", "limit", "message"),
    [
        ([1.0, 2.0], 1.0, r"`W` .*\(2,\)\) must have the shape \(n_in, n_out"),
        ([[np.inf]], 1.0, r"`W` \(=inf at \(0, 0\)\)"),
        ([[1.0]], 0.0, r"`limit` \(=0.0\) must be a number above 0"),
        ([[1.0]], True, r"`limit` \(=True\) must be a number above 0"),
    ],
)
def test_bad_norms_are_refused(W, limit, message):
    with pytest.raises(ValueError, match=message):
        regularize.max_norm(W, limit)


@pytest.mark.parametrize("keep", [0.0, -0.5, 1.01, np.nan, "half"])
@pytest.mark.parametrize("name", ["dropout", "inverted_dropout"])
def test_bad_probabilities_are_refused(name, keep):
    with pytest.raises(ValueError, match=r"`keep` .*above 0 and at most 1"):
        getattr(regularize, name)([1.0], keep, 0)


def test_patience_is_a_whole_number():
    with pytest.raises(ValueError, match=r"`patience` \(=0\) must be a whole"):
        EarlyStopping(0)
