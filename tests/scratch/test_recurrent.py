"""Known value, oracle, property, gradient: recurrent units by hand."""

import numpy as np
import oracles
import pytest

from fdl.errors import ShapeError
from fdl.scratch import (
    first_lstm,
    gru,
    lstm,
    numeric_gradient,
    reach,
    rnn,
    rnn_backward,
    sigmoid,
)

T, N, H = 6, 3, 4


def draw(names, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    shapes = ((N, H), (H, H), (H,))
    return {
        name: tuple(scale * rng.normal(size=shape) for shape in shapes)
        for name in names
    }


@pytest.fixture
def x():
    return np.random.default_rng(9).normal(size=(T, N))


def state(seed):
    return np.random.default_rng(seed).normal(size=H)


def test_a_recurrent_layer_remembers_a_blink():
    # by hand: tanh 1, tanh(½ tanh 1), …
    one = np.tanh(1.0)
    found = rnn([[1.0], [0.0]], [[1.0]], [[0.5]], [0.0])
    np.testing.assert_allclose(found[:, 0], [one, np.tanh(one / 2)])
    found = rnn([[0.0]], [[1.0]], [[0.5]], [0.25], h0=[0.5])
    np.testing.assert_allclose(found, [[np.tanh(0.5)]])


def test_a_recurrent_layer_has_r_squared_recurrent_weights(x):
    W, U, b = draw("a")["a"]
    assert U.size == H**2
    hs, h = [], np.zeros(H)
    for row in x:
        h = [np.tanh(oracles.logit((W, U, b), row, h, j)) for j in range(H)]
        hs.append(h)
    np.testing.assert_allclose(rnn(x, W, U, b), hs, atol=1e-14)


def test_backpropagation_through_time_finds_the_gradients(x):
    W, U, b = draw("a", 1)["a"]
    h0, pull = state(2), np.random.default_rng(3).normal(size=(T, H))
    given = {"x": x, "W": W, "U": U, "b": b, "h0": h0}
    found = rnn_backward(pull, **given)
    for name in given:

        def error(value, name=name):
            return float((pull * rnn(**{**given, name: value})).sum())

        numeric = numeric_gradient(error, given[name])
        oracles.assert_gradients_agree(getattr(found, name), numeric)


def test_an_lstm_is_its_loop_over_numbers(x):
    weights, h, c = draw("fiog", 4), state(5), state(6)
    p = {name: state(k) for k, name in enumerate("fio", 7)}
    for peephole in (None, p):
        rows = peephole and [peephole[name] for name in "fio"]
        found = lstm(x, weights, (h, c), peephole)
        wanted = oracles.lstm(x, weights, h, c, rows)
        np.testing.assert_allclose(found, wanted, atol=1e-13)
    # on the lecture's slides the output gate sees the old memory
    slides, _ = lstm(x, weights, (h, c), p, old_memory=True)
    assert np.abs(slides - found[0]).max() > 0.01
    zero = {name: np.zeros(H) for name in "fio"}
    plain = lstm(x, weights, (h, c))
    for old in (False, True):
        again = lstm(x, weights, (h, c), zero, old_memory=old)
        np.testing.assert_array_equal(again, plain)


def test_the_worked_lstm():
    z = np.full(2, 2.0)  # two biases of 1
    ones = {k: (np.ones((2, 2)), np.ones((2, 2)), z) for k in "fiog"}
    h, c = lstm(np.ones((1, 2)), ones)
    s = sigmoid(4.0)
    np.testing.assert_allclose(c, s * np.tanh(4), atol=1e-15)
    np.testing.assert_allclose(h, 0.7400966, atol=1e-7)


def with_bias(weights, **biases):
    found = dict(weights)
    for name, bias in biases.items():
        W, U, _ = weights[name]
        found[name] = (0 * W, 0 * U, np.full(H, bias))
    return found


def test_open_and_shut_gates(x):
    weights, h, c = draw("fiog", 4), state(5), state(6)
    # keep all, write nothing
    kept = with_bias(weights, f=999.0, i=-999.0)
    _, memories = lstm(x, kept, (h, c))
    np.testing.assert_array_equal(memories, np.tile(c, (T, 1)))
    # keep nothing: what was there before leaves no trace
    fresh = with_bias(weights, f=-999.0)
    _, memories = lstm(x[:1], fresh, (h, c))
    _, others = lstm(x[:1], fresh, (h, 10 * c))
    np.testing.assert_array_equal(memories, others)
    # a shut output gate says nothing
    outputs, _ = lstm(x, with_bias(weights, o=-999.0), (h, c))
    np.testing.assert_array_equal(outputs, 0)
    always = with_bias(draw("rzn", 8), z=999.0)
    np.testing.assert_array_equal(gru(x, always, h), np.tile(h, (T, 1)))


@pytest.mark.parametrize("inside", [False, True])
def test_a_gru_is_its_loop_over_numbers(x, inside):
    weights, h = draw("rzn", 8), state(5)
    b = state(6) if inside else None
    found = gru(x, weights, h, b)
    np.testing.assert_allclose(
        found, oracles.gru(x, weights, h, b), atol=1e-14
    )
    # where the reset gate acts makes a difference
    other = gru(x, weights, h, None if inside else 0 * h)
    assert np.abs(found - other).max() > 0.01


def test_the_first_generation_with_i_for_1_minus_f_is_the_gru(x):
    weights, s = draw("iofs", 3), state(4)
    renamed = {"r": weights["o"], "z": weights["f"], "n": weights["s"]}
    tied = {name: weights[name] for name in "ofs"}
    np.testing.assert_allclose(
        first_lstm(x, tied, s), gru(x, renamed, s), atol=1e-14
    )
    # negative control: with a gate i of its own it is not
    apart = first_lstm(x, weights, s)
    assert np.abs(apart - gru(x, renamed, s)).max() > 0.01
    # and its first step is what the equations say

    def gate(name, back=s):
        return [oracles.logit(weights[name], x[0], back, j) for j in range(H)]

    i, o, f = (list(map(oracles.squash, gate(name))) for name in "iof")
    os = [a * b for a, b in zip(o, s)]
    new = np.tanh(gate("s", os))
    wanted = [f[j] * s[j] + i[j] * new[j] for j in range(H)]
    np.testing.assert_allclose(apart[0], wanted)


@pytest.mark.parametrize(("w_in", "w_rec"), [(0.7, 0.9), (-0.5, -1.4)])
def test_the_reach_of_an_input_is_its_gradient_and_under_the_bound(
    w_in, w_rec
):
    i = 0.3 * np.random.default_rng(1).normal(size=9)
    h = rnn(i[:, None], [[w_in]], [[w_rec]], [0.0])[:, 0]
    found = reach(h, w_in, w_rec)

    def end(i):
        return float(rnn(i[:, None], [[w_in]], [[w_rec]], [0.0])[-1, 0])

    wanted = numeric_gradient(end, i)[::-1]
    np.testing.assert_allclose(found, wanted, atol=1e-8)
    k = np.arange(9)
    assert (np.abs(found) <= abs(w_in) * abs(w_rec) ** k).all()


def test_bad_weights_are_told(x):
    weights = draw("fiog")
    del weights["o"]
    with pytest.raises(ValueError, match=r"`weights` .* gates f, i, o, g"):
        lstm(x, weights)
    W, U, b = draw("a")["a"]
    with pytest.raises(ValueError, match=r"`W, U, b` .* must have the shape"):
        rnn(x, W, U[:, :2], b)
    with pytest.raises(ValueError, match="`h0` .*"):
        rnn(x, W, U, b, h0=np.zeros(H + 1))
    with pytest.raises(ValueError, match="`dh` .*"):
        rnn_backward(np.zeros((T, H + 1)), x, W, U, b)


def test_weights_that_fit_neither_the_input_nor_each_other_are_told(x):
    W, U, b = draw("a")["a"]
    with pytest.raises(ShapeError, match="`W, U, b` .* must have the shape"):
        rnn(x, W[1:], U, b)
    weights = draw("rzn")
    weights["z"] = (W[:, 1:], U[1:, 1:], b[1:])
    with pytest.raises(ShapeError, match=r"`weights\['z'\]` .* the shape"):
        gru(x, weights)


def test_a_peephole_of_what_is_no_gate_is_refused(x):
    with pytest.raises(ValueError, match=r"`peephole` .*'g'.* gates f, i, o"):
        lstm(x, draw("fiog"), peephole={"g": np.ones(H)})
