"""Oracles, known values and properties: tasks that need no reward."""

import numpy as np
import oracles
import pytest

from fdl._mxnet import autograd, mx
from fdl.rl import auxiliary
from fdl.rl.auxiliary import (
    control_loss,
    pixel_changes,
    skewed,
    value_loss,
)


def test_changes_are_means_over_cells_and_leave_the_rest_out():
    frames = np.random.default_rng(0).random((4, 7, 8))
    found = pixel_changes(frames, 3)
    assert found.shape == (3, 4)  # two rows and two columns of cells
    for t in range(3):
        for row in range(2):
            for column in range(2):
                total = 0.0
                for i in range(3 * row, 3 * row + 3):
                    for j in range(3 * column, 3 * column + 3):
                        total += abs(frames[t + 1, i, j] - frames[t, i, j])
                wanted = total / 9
                assert found[t, 2 * row + column] == pytest.approx(wanted)


def test_control_is_of_what_was_done_in_every_cell():
    rng = np.random.default_rng(1)
    q, y = rng.normal(size=(5, 3, 4)), rng.normal(size=(5, 4))
    actions = np.array([0, 2, 1, 2, 0])
    total = 0.0
    wanted = np.zeros_like(q)  # the gradient: none for what was not done
    for t in range(5):
        for c in range(4):
            miss = q[t, actions[t], c] - y[t, c]
            total += miss**2 / 2
            wanted[t, actions[t], c] = miss / 20
    arrays = [mx.np.array(a, dtype="float64") for a in (q, actions, y)]
    arrays[0].attach_grad()
    with autograd.record():
        loss = control_loss(*arrays)
    loss.backward()
    assert float(loss.item()) == pytest.approx(total / 20)
    oracles.assert_gradients_agree(arrays[0].grad.asnumpy(), wanted)


def test_values_are_judged_by_half_their_squared_error():
    v, R = mx.np.array([1.0, 2.0]), mx.np.array([4.0, 2.0])
    assert float(value_loss(v, R).item()) == pytest.approx(9 / 4)


def test_half_of_the_places_are_those_of_rewards():
    rewards = np.zeros(1000)
    rewards[[7, 400, 999]] = 1, -1, 5
    rng = np.random.default_rng(2)
    found = skewed(rewards, 4000, rng)
    at = np.isin(found, [7, 400, 999])
    assert at.mean() == pytest.approx(0.5, abs=0.03)
    # each of its kind as often as any other
    for place in (7, 400, 999):
        assert (found == place).mean() == pytest.approx(1 / 6, abs=0.02)
    assert len(set(found[~at])) > 800
    # where one kind is missing, all are alike
    for same in (np.zeros(10), np.ones(10)):
        found = skewed(same, 2000, rng)
        assert set(found) == set(range(10))
        assert (found == 9).mean() == pytest.approx(0.1, abs=0.03)


def test_a_reward_goes_with_the_frames_up_to_where_it_was_earned():
    seen = [np.arange(5.0).reshape(5, 1), np.arange(10.0, 13).reshape(3, 1)]
    rewards = [np.array([0, 0, 0, 2.5]), np.array([-1.0, 0])]
    frames, signs = auxiliary.triples(seen, rewards, [3, 0, 1, 4, 5])
    np.testing.assert_array_equal(
        frames[..., 0],
        [[1, 2, 3], [0, 0, 0], [0, 0, 1], [10, 10, 10], [10, 10, 11]],
    )
    np.testing.assert_array_equal(signs, [1, 0, 0, 2, 0])
