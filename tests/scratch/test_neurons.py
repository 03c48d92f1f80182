"""Known values, gradients and refusals of single neurons."""

import math

import numpy as np
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl.errors import ShapeError
from fdl.scratch import neurons
from fdl.scratch.neurons import ACTIVATIONS, Neuron

Z = np.array([-40.0, -3.0, -0.5, 0.25, 1.0, 7.0])


# --- functions


def test_step_is_plus_one_from_zero_up():
    z = [-1e-300, -0.0, 0.0, 2.0]
    assert neurons.step(z).tolist() == [-1.0, 1.0, 1.0, 1.0]


def test_step_of_nan_is_nan():
    assert np.isnan(neurons.step(math.nan))


def test_sigmoid_equals_its_formula():
    expected = [1 / (1 + math.exp(-z)) for z in Z]
    assert np.allclose(neurons.sigmoid(Z), expected, rtol=1e-14, atol=0)


def test_sigmoid_is_stable_at_a_thousand():
    assert neurons.sigmoid([-1e3, 1e3]).tolist() == [0.0, 1.0]
    assert neurons.sigmoid(-700.0) == pytest.approx(math.exp(-700), rel=1e-12)


def test_sigmoid_of_a_sum_is_symmetric():
    assert np.allclose(neurons.sigmoid(Z) + neurons.sigmoid(-Z), 1, atol=1e-15)


def test_tanh_is_a_stretched_sigmoid():
    stretched = 2 * neurons.sigmoid(2 * Z) - 1
    assert np.allclose(neurons.tanh(Z), stretched, atol=1e-15)


def test_relu_cuts_below_zero():
    assert neurons.relu([-2, 0, 3]).tolist() == [0.0, 0.0, 3.0]


def test_linear_hands_on_a_copy():
    z = np.array([1.0, -2.0])
    y = neurons.linear(z)
    y[0] = 5.0
    assert z.tolist() == [1.0, -2.0]


def test_softmax_equals_its_formula_along_each_axis(rng):
    z = rng.normal(size=(3, 4, 5))
    for axis in range(3):
        e = np.exp(z)
        expected = e / e.sum(axis=axis, keepdims=True)
        assert np.allclose(neurons.softmax(z, axis), expected, rtol=1e-13)
    assert np.allclose(neurons.softmax(z), neurons.softmax(z, axis=2))


def test_softmax_sums_to_one_at_any_size():
    y = neurons.softmax([[1e3, -1e3, 999.0], [-1e300, 0.0, 1e300]])
    assert np.allclose(y.sum(axis=-1), 1.0, rtol=1e-15)
    assert y[0, 0] == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_shift_of_the_logits_changes_no_softmax():
    z = np.array([0.1, 2.0, -1.0])
    assert np.allclose(neurons.softmax(z + 17), neurons.softmax(z), rtol=1e-13)


def test_log_softmax_is_finite_where_softmax_is_zero():
    y = neurons.log_softmax([0.0, 2000.0])
    assert y.tolist() == [-2000.0, 0.0]
    z = np.array([[0.3, -1.0, 2.0], [1.0, 0.0, 0.0]])
    for axis in (0, 1):
        ours = neurons.log_softmax(z, axis)
        assert np.allclose(ours, np.log(neurons.softmax(z, axis)))


@pytest.mark.parametrize("z", [3.0, [], np.zeros((0, 4))])
def test_softmax_of_nothing_is_refused(z):
    with pytest.raises(ShapeError, match=r"`z` \(=array of shape"):
        neurons.softmax(z)


# --- slopes


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_slope_from_the_output_is_the_numeric_one(name):
    f, slope = ACTIVATIONS[name]
    z = np.array([-2.0, -0.3, 0.4, 1.5])
    numeric = central_differences(lambda z: f(z).sum(), z)
    assert_gradients_agree(slope(f(z)), numeric)


def test_relu_is_flat_at_its_kink():
    assert neurons.relu_slope(neurons.relu(np.array([0.0]))).tolist() == [0.0]


def test_the_softmax_slope_is_the_numeric_matrix():
    z = np.array([0.2, -1.0, 0.7])
    slope = neurons.softmax_slope(neurons.softmax(z))
    for j in range(3):
        numeric = central_differences(
            lambda z, j=j: neurons.softmax(z)[j],
            z,
        )
        assert_gradients_agree(slope[j], numeric)


def test_softmax_slopes_come_one_for_each_row(rng):
    y = neurons.softmax(rng.normal(size=(4, 3)))
    slopes = neurons.softmax_slope(y)
    assert slopes.shape == (4, 3, 3)
    for row, slope in zip(y, slopes):
        assert np.allclose(slope, np.diag(row) - np.outer(row, row))


# --- the neuron


def test_the_exam_perceptron_classifies_by_its_line():
    exam = Neuron([3.0, 4.0], bias=-24.0, activation="step")
    hours = np.array([[8.0, 0.0], [0.0, 6.0], [7.9, 0.0], [5.0, 5.0]])
    assert exam(hours).tolist() == [1.0, 1.0, -1.0, 1.0]
    scaled = Neuron([30.0, 40.0], bias=-240.0, activation="step")
    assert scaled(hours).tolist() == exam(hours).tolist()


def test_one_example_gives_a_number():
    y = Neuron([1.0, -2.0], bias=0.5)([3.0, 1.0])
    assert isinstance(y, float)
    assert y == 1.5


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_batch_is_its_examples(name, rng):
    neuron = Neuron(rng.normal(size=3), rng.normal(), name)
    x = rng.normal(size=(5, 3))
    assert np.allclose(neuron(x), [neuron(row) for row in x], rtol=1e-14)


def test_the_delta_rule_is_the_books():
    x = np.array([[2.0, 5.0, 3.0], [1.0, 1.0, 1.0]])
    t = np.array([850.0, 300.0])
    neuron = Neuron([50.0, 50.0, 50.0])
    dw, db = neuron.gradient(x, t)
    step = [
        sum(x[i][k] * (t[i] - neuron(x[i])) for i in range(2))
        for k in range(3)
    ]
    assert np.allclose(-dw, step)
    assert db == pytest.approx(-(350.0 + 150.0))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("batch", [None, 4])
def test_a_neurons_gradient_is_the_numeric_one(name, batch, rng):
    w, b = rng.normal(size=3), 0.3
    x = rng.normal(size=3 if batch is None else (batch, 3))
    if name == "relu":
        b = 5.0  # away from its kink
    t = rng.normal(size=() if batch is None else batch)
    dw, db = Neuron(w, b, name).gradient(x, t)

    def error(wb):
        y = Neuron(wb[:3], wb[3], name)(x)
        return 0.5 * ((t - y) ** 2).sum()

    numeric = central_differences(error, [*w, b])
    assert_gradients_agree([*dw, db], numeric)
    assert Neuron(w, b, name).error(x, t) == pytest.approx(error([*w, b]))


def test_fast_food_prices_are_found_by_the_delta_rule():
    prices = np.array([150.0, 50.0, 100.0])
    x = np.array([[2.0, 5.0, 3.0], [1.0, 2.0, 4.0], [3.0, 1.0, 1.0]])
    neuron = Neuron(np.zeros(3))
    for _ in range(3000):
        neuron.weights -= 0.02 * neuron.gradient(x, x @ prices)[0]
    assert np.allclose(neuron.weights, prices, atol=1e-3)


def test_a_neuron_shows_its_structure():
    assert repr(Neuron([3.0, 4.0], -24.0, "step")) == (
        "Neuron([3., 4.], -24, 'step')"
    )


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            dict(weights=[]),
            r"`weights` \(=array of shape \(0,\)\) must not be",
        ),
        (dict(weights=[[1.0]]), r"`weights` .*\(1, 1\).* shape \(n,\)"),
        (dict(weights=[1.0, np.nan]), r"`weights` \(=nan at \(1,\)\)"),
        (dict(weights="ab"), r"`weights` \(='ab'\) must be an array"),
        (dict(weights=[1.0], bias=np.inf), r"`bias` \(=inf\) must be finite"),
        (dict(weights=[1.0], bias=[1.0]), r"`bias` .*shape \(\)"),
        (
            dict(weights=[1.0], activation="sine"),
            r"`activation` \(='sine'\) must be one of step, linear",
        ),
    ],
)
def test_a_bad_neuron_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Neuron(**arguments)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, 2.0, 3.0], r"`x` .*\(3,\).* shape \(2,\)"),
        ([[1.0], [2.0]], r"`x` .*\(2, 1\).* shape \(B, 2\)"),
        (np.zeros((1, 1, 2)), r"`x` .*\(1, 1, 2\).* shape \(B, 2\)"),
        (np.zeros((0, 2)), r"`x` .*\(0, 2\)\) must not be empty"),
        ([[1.0, 2.0], [3.0, -np.inf]], r"`x` \(=-inf at \(1, 1\)\)"),
    ],
)
def test_bad_data_are_refused(x, message):
    neuron = Neuron([1.0, 2.0])
    with pytest.raises(ValueError, match=message):
        neuron(x)
    with pytest.raises(ValueError, match=message):
        neuron.gradient(x, [0.0, 0.0])


@pytest.mark.parametrize(
    ("t", "message"),
    [
        ([1.0], r"`t` .*\(1,\).* shape \(2,\)"),
        ([[1.0, 2.0]], r"`t` .*\(1, 2\).* shape \(2,\)"),
        ([1.0, np.nan], r"`t` \(=nan at \(1,\)\)"),
    ],
)
def test_bad_targets_are_refused(t, message):
    with pytest.raises(ValueError, match=message):
        Neuron([1.0, 2.0]).gradient(np.ones((2, 2)), t)


def test_a_step_has_no_slope_to_learn_by():
    with pytest.raises(
        ValueError, match=r"`activation` \(='step'\) must have"
    ):
        Neuron([1.0], activation="step").gradient([1.0], 1.0)
