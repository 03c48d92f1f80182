"""Known values, gradients and refusals of the descent's step."""

import numpy as np
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl.scratch.descent import Step

W = np.array([[3.0, -0.3], [4.0, 0.0]])
D = np.array([[1.0, -2.0], [0.5, 10.0]])


def test_a_plain_step_goes_against_the_gradient():
    step = Step(0.1)
    assert np.allclose(step.weights(W, D), W - 0.1 * D, rtol=1e-15)
    b, d = np.array([1.0, -2.0]), np.array([10.0, 20.0])
    assert step.biases(b, d).tolist() == [0.0, -4.0]
    assert step.fence(W) is W


def test_penalties_are_added_to_the_error(rng):
    start = rng.normal(size=(3, 2))
    slope = rng.normal(size=(3, 2))

    def error(w):
        penalty = 0.7 * np.abs(w).sum() + 0.5 * 0.4 * (w**2).sum()
        return (slope * w).sum() + penalty

    step = Step(0.01, l1=0.7, l2=0.4)
    moved = (start - step.weights(start, slope)) / 0.01
    assert_gradients_agree(moved, central_differences(error, start), 1e-6)


def test_each_penalty_is_there_without_the_other():
    w, none = np.array([[2.0, -4.0]]), np.zeros((1, 2))
    assert Step(0.5, l1=1.0).weights(w, none).tolist() == [[1.5, -3.5]]
    assert Step(0.5, l2=1.0).weights(w, none).tolist() == [[1.0, -2.0]]


def test_penalties_leave_biases_and_arguments_alone():
    step = Step(0.1, l1=1.0, l2=1.0, max_norm=0.1)
    b = np.array([5.0])
    assert step.biases(b, np.zeros(1)).tolist() == [5.0]
    before, slope = W.copy(), D.copy()
    step.fence(step.weights(W, D))
    assert np.array_equal(W, before)
    assert np.array_equal(D, slope)


def test_the_fence_stands_around_columns():
    held = Step(0.1, max_norm=1.0).fence(W)
    assert np.allclose(held, [[0.6, -0.3], [0.8, 0.0]], rtol=1e-15)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (dict(learning_rate=0), r"`learning_rate` \(=0\) .*above 0"),
        (dict(learning_rate=0.1, l1=-1), r"`l1` \(=-1\) .*from 0 up"),
        (dict(learning_rate=0.1, l2=np.nan), r"`l2` \(=nan\) .*from 0 up"),
        (dict(learning_rate=0.1, max_norm=0), r"`max_norm` \(=0\) .*above 0"),
    ],
)
def test_bad_steps_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Step(**setting)
