"""Known value, property: how far back gradients reach."""

import numpy as onp
import pytest

from fdl import scratch
from fdl._mxnet import mx, np
from fdl.nn import LSTMCell, RNNCell, gradient_through_time


def test_of_one_neuron_it_is_the_twins():
    cell = RNNCell(1, inputs=1)
    cell.initialize()
    w_in, w_rec = 0.8, -1.2
    cell.i2h_weight.set_data(np.array([[w_in]]))
    cell.h2h_weight.set_data(np.array([[w_rec]]))
    x = 0.4 * onp.random.default_rng(0).normal(size=(1, 12, 1))
    found = gradient_through_time(cell, np.array(x, dtype="float32"))
    h = scratch.rnn(x[0], [[w_in]], [[w_rec]], [0.0])[:, 0]
    wanted = abs(scratch.reach(h, w_in, w_rec))
    onp.testing.assert_allclose(found, wanted, rtol=1e-4)
    assert (found <= abs(w_in) * abs(w_rec) ** onp.arange(12) + 1e-6).all()


def test_of_two_inputs_it_is_the_length_and_of_two_rows_the_mean():
    cell = RNNCell(1, inputs=2)
    cell.initialize()
    w_in, w_rec = onp.array([0.3, 0.4]), 0.7
    cell.i2h_weight.set_data(np.array([w_in]))
    cell.h2h_weight.set_data(np.array([[w_rec]]))
    x = onp.random.default_rng(0).normal(size=(2, 9, 2))
    found = gradient_through_time(cell, np.array(x, dtype="float32"))
    each = []
    for row in x:
        h = scratch.rnn(row, w_in[:, None], [[w_rec]], [0.0])[:, 0]
        each.append(scratch.reach(h, 0.5, w_rec))  # 0.5 = ‖w_in‖
    onp.testing.assert_allclose(found, onp.mean(each, axis=0), rtol=1e-4)


def test_an_lstm_that_keeps_reaches_farther_than_small_weights():
    x = np.random.normal(size=(8, 60, 4))
    reach = {}
    for name, cell in {
        "rnn": RNNCell(16),
        "lstm": LSTMCell(16, forget_bias=4.0),
    }.items():
        cell.initialize(mx.init.Xavier())
        cell.h2h_weight.initialize(mx.init.Uniform(0.15), force_reinit=True)
        reach[name] = gradient_through_time(cell, x)
    # the plain layer forgets by a factor in each step, the LSTM hardly
    assert reach["rnn"][50] < 1e-8 * reach["rnn"][0]
    assert reach["lstm"][50] > 1e-3 * reach["lstm"][0]


def test_large_recurrent_weights_explode():
    cell = RNNCell(16)
    cell.initialize(mx.init.Xavier())
    x = 1e-6 * np.random.normal(size=(4, 20, 4))
    gradient_through_time(cell, x)  # now the inputs' size is known
    q, _ = onp.linalg.qr(onp.random.default_rng(1).normal(size=(16, 16)))
    cell.h2h_weight.set_data(np.array(1.5 * q, dtype="float32"))
    found = gradient_through_time(cell, x)
    # orthogonal times 1.5, and tanh has the slope 1 at 0
    growth = (found[15] / found[5]) ** 0.1
    assert growth == pytest.approx(1.5, rel=0.02)
