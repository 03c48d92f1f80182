"""Known values, oracles, gradients, learning and refusals of networks."""

import itertools
import math
import pickle

import numpy as np
import pytest
from oracles import (
    assert_gradients_agree,
    backpropagation,
    central_differences,
    feed_forward,
)

from fdl import errors
from fdl.errors import ShapeError, TrainingDiverged
from fdl.scratch.history import Diverged
from fdl.scratch.losses import LOSSES
from fdl.scratch.network import FeedForward

HIDDEN = ["sigmoid", "tanh", "relu", "linear"]
CASES = [
    (hidden, output, loss)
    for hidden, (loss, output) in itertools.product(HIDDEN, LOSSES)
]
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0, 1, 1, 0]]).T


def case(rng, hidden, output, loss, sizes=(4, 5, 3, 3), batch=6):
    """Return a network with biases too, and a batch for it."""
    net = FeedForward(sizes, hidden, output, loss, seed=1)
    net.biases = [rng.normal(size=b.shape) for b in net.biases]
    x = rng.normal(size=(batch, sizes[0]))
    t = rng.normal(size=(batch, sizes[-1]))
    if loss == "cross_entropy":
        t = rng.random(t.shape)  # a softmax's need not sum to 1
    return net, x, t


def join(arrays):
    return np.concatenate([a.ravel() for a in arrays])


def pack(net):
    return join([*net.weights, *net.biases])


def unpack(net, vector):
    arrays, at = [], 0
    for a in (*net.weights, *net.biases):
        arrays.append(vector[at : at + a.size].reshape(a.shape))
        at += a.size
    n = len(net.weights)
    net.weights, net.biases = arrays[:n], arrays[n:]


# --- forward


@pytest.mark.parametrize(("hidden", "output", "loss"), CASES)
def test_outputs_equal_the_loops(hidden, output, loss, rng):
    net, x, _ = case(rng, hidden, output, loss)
    expected = [
        feed_forward(net.weights, net.biases, row, hidden, output)[1][-1]
        for row in x
    ]
    assert np.allclose(net.forward(x), expected, rtol=1e-12)
    assert net.forward(x[0]).shape == (3,)
    assert np.allclose(net.forward(x[0]), expected[0], rtol=1e-12)


def test_the_books_mnist_network_has_24790_parameters():
    net = FeedForward((784, 30, 30, 10), output="softmax")
    assert net.num_parameters == 24_790
    assert net.num_parameters == 784 * 30 + 30 + 30 * 30 + 30 + 30 * 10 + 10


def test_weights_are_inputs_by_outputs():
    net = FeedForward([2, 3, 1])
    assert [W.shape for W in net.weights] == [(2, 3), (3, 1)]
    assert [b.shape for b in net.biases] == [(3,), (1,)]


def test_linear_layers_are_one_matrix(rng):
    net, x, _ = case(rng, "linear", "linear", "squared")
    A, B, C = net.weights
    a, b, c = net.biases
    one = x @ (A @ B @ C) + (a @ B + b) @ C + c
    assert np.allclose(net.forward(x), one, rtol=1e-12)


@pytest.mark.parametrize(("hidden", "gain"), [("tanh", 1), ("relu", 2)])
def test_the_weights_start_with_their_variance(hidden, gain):
    W = FeedForward((400, 300, 1), hidden).weights[0]
    assert W.var() == pytest.approx(gain / 400, rel=0.02)
    assert abs(W.mean()) < 1e-3


def test_the_seed_decides_everything():
    def trained(seed):
        net = FeedForward((2, 3, 1), seed=seed)
        fit(net, *XOR, epochs=3, batch_size=2, keep=0.5)
        return pack(net)

    assert np.array_equal(trained(1), trained(1))
    assert not np.array_equal(trained(1), trained(2))


def test_a_network_shows_its_structure():
    net = FeedForward((2, 3, 1), "relu", "sigmoid")
    assert repr(net) == "FeedForward(2 → 3 relu → 1 sigmoid)"


# --- gradients


@pytest.mark.parametrize(("hidden", "output", "loss"), CASES)
def test_gradients_equal_backpropagation_by_loops(hidden, output, loss, rng):
    net, x, t = case(rng, hidden, output, loss)
    E, dW, db = net.gradients(x, t)
    slow_E, slow_dW, slow_db = backpropagation(
        net.weights, net.biases, x, t, hidden, output, loss
    )
    assert pytest.approx(slow_E, rel=1e-12) == E
    assert net.error(x, t) == E
    assert_gradients_agree(join(dW + db), join(slow_dW + slow_db), 1e-10)


@pytest.mark.parametrize(("hidden", "output", "loss"), CASES)
@pytest.mark.parametrize("classes", [2, 3])
def test_gradients_equal_numeric_ones(hidden, output, loss, classes, rng):
    net, x, t = case(rng, hidden, output, loss, sizes=(3, 4, 4, classes))
    _, dW, db = net.gradients(x, t)
    start = pack(net)

    def E(vector):
        unpack(net, vector)
        return net.error(x, t)

    assert_gradients_agree(join(dW + db), central_differences(E, start))


@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradients_under_a_fixed_dropout_mask_equal_numeric_ones(hidden, rng):
    net, x, t = case(rng, hidden, "softmax", "cross_entropy")
    masks = [2.0 * (rng.random((6, n)) < 0.5) for n in (5, 3)]
    E, dW, db = net.gradients(x, t, masks)
    start = pack(net)

    def dropped(vector):
        unpack(net, vector)
        return net.gradients(x, t, masks)[0]

    assert_gradients_agree(join(dW + db), central_differences(dropped, start))
    unpack(net, start)
    assert net.error(x, t) != pytest.approx(E)


def test_a_dropped_neuron_learns_nothing(rng):
    net, x, t = case(rng, "tanh", "linear", "squared", sizes=(2, 3, 1))
    mask = np.ones((6, 3))
    mask[:, 1] = 0.0
    _, dW, db = net.gradients(x, t, [mask])
    assert not dW[0][:, 1].any()
    assert not dW[1][1].any()
    assert db[0][1] == 0
    assert dW[0][:, [0, 2]].all()


@pytest.mark.parametrize(("hidden", "output", "loss"), CASES)
def test_gradients_equal_those_of_mxnet(hidden, output, loss, rng):
    from fdl._mxnet import autograd, npx
    from fdl._mxnet import np as mxnp

    net, x, t = case(rng, hidden, output, loss)

    def array(a):
        return mxnp.array(a, dtype="float64")

    parameters = [array(a) for a in (*net.weights, *net.biases)]
    for parameter in parameters:
        parameter.attach_grad()
    weights, biases = parameters[:3], parameters[3:]
    targets = array(t)
    with autograd.record():
        h = array(x)
        for W, b in zip(weights[:-1], biases[:-1]):
            h = mxnp.dot(h, W) + b
            if hidden != "linear":
                h = npx.activation(h, act_type=hidden)
        z = mxnp.dot(h, weights[-1]) + biases[-1]
        if loss == "cross_entropy" and output == "softmax":
            E = -(targets * npx.log_softmax(z)).sum()
        elif loss == "cross_entropy":
            E = npx.activation(z, act_type="softrelu") - targets * z
            E = E.sum()
        else:
            y = {
                "linear": lambda z: z,
                "sigmoid": npx.sigmoid,
                "softmax": npx.softmax,
            }[output](z)
            E = 0.5 * ((targets - y) ** 2).sum()
    E.backward()
    ours, dW, db = net.gradients(x, t)
    assert ours == pytest.approx(float(E.asnumpy()), rel=1e-10)
    theirs = [parameter.grad.asnumpy() for parameter in parameters]
    assert_gradients_agree(join(dW + db), join(theirs))


def test_one_example_is_a_batch_of_one(rng):
    net, x, t = case(rng, "tanh", "softmax", "cross_entropy", batch=1)
    one, batch = net.gradients(x[0], t[0]), net.gradients(x, t)
    assert one[0] == batch[0]
    for a, b in zip(one[1] + one[2], batch[1] + batch[2]):
        assert np.array_equal(a, b)


def test_gradients_sum_over_the_batch(rng):
    net, x, t = case(rng, "tanh", "linear", "squared")
    E, dW, _ = net.gradients(x, t)
    ones = [net.gradients(a, b) for a, b in zip(x, t)]
    assert pytest.approx(sum(one[0] for one in ones)) == E
    assert np.allclose(dW[0], sum(one[1][0] for one in ones))


def test_gradients_change_no_weight(rng):
    net, x, t = case(rng, "tanh", "linear", "squared")
    before = pack(net)
    net.gradients(x, t)
    assert np.array_equal(pack(net), before)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_cross_entropy_is_finite_for_certain_errors(output):
    net = FeedForward((1, 2), output=output, loss="cross_entropy")
    net.weights = [np.array([[1000.0, -1000.0]])]
    E, dW, _ = net.gradients([[1.0]], [[0.0, 1.0]])
    assert pytest.approx(2000.0) == E
    assert dW[0].tolist() == [[1.0, -1.0]]


# --- training


def fit(net, x, t, **settings):
    return net.fit(x, t, **{"learning_rate": 0.1, **settings})


def test_the_worked_network_takes_the_worked_step():
    net = FeedForward((3, 2, 1), output="sigmoid", loss="cross_entropy")
    net.weights = [
        np.array([[0.1, 0.2], [0.3, 0.1], [0.5, 0.0]]),
        np.array([[0.1], [0.2]]),
    ]
    net.biases = [np.array([0.1, 0.1]), np.array([1.0])]
    x = np.array([[0.6, 0.8, 0.7]])
    h = FeedForward((3, 2), output="sigmoid")
    h.weights, h.biases = net.weights[:1], net.biases[:1]
    assert np.allclose(h.forward(x), [[0.6791787, 0.5744425]], atol=5e-8)
    assert np.allclose(net.forward(x), [[0.7654520]], atol=5e-8)
    net.fit(x, [[0.0]], epochs=1, batch_size=1, learning_rate=0.1, l2=0.1)
    W1 = [[0.0979993, 0.1957546], [0.2956657, 0.0960061]]
    W1.append([0.4938325, -0.0026197])
    assert np.allclose(net.weights[0], W1, atol=1e-7)
    assert np.allclose(net.weights[1], [[0.0470121], [0.1540292]], atol=1e-7)
    assert np.allclose(net.biases[0], [0.0983321, 0.0962576], atol=1e-7)
    assert np.allclose(net.biases[1], [0.9234548], atol=1e-7)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
def test_a_network_learns_xor(hidden):
    net = FeedForward((2, 8, 1), hidden, "sigmoid", "cross_entropy", seed=3)
    history = fit(net, *XOR, epochs=2000, batch_size=4, learning_rate=0.3)
    assert np.array_equal(net.forward(XOR[0]).round(), XOR[1])
    assert history["loss"][-1] < 0.1 < history["loss"][0]


def test_an_epoch_is_as_many_steps_as_there_are_minibatches():
    x = np.ones((7, 2))
    history = fit(FeedForward((2, 1)), x, x[:, :1], epochs=3, batch_size=2)
    assert (history.epochs, history.steps) == (3, 12)
    assert history.stopped is None
    assert "validation_loss" not in history


def test_an_epochs_loss_is_the_mean_over_its_examples():
    x, t = np.zeros((5, 1)), np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
    net = FeedForward((1, 1))
    history = fit(net, x, t, epochs=1, batch_size=2, learning_rate=1e-12)
    assert history["loss"] == [pytest.approx(0.5 * (t**2).sum() / 5)]
    first, second, third = history.batch_loss
    assert history["loss"][0] == pytest.approx(
        (2 * first + 2 * second + third) / 5
    )


def test_a_full_batch_step_goes_against_the_summed_gradient(rng):
    net, x, t = case(rng, "tanh", "linear", "squared")
    _, dW, db = net.gradients(x, t)
    moved = [W - 0.01 * d for W, d in zip(net.weights, dW)]
    shifted = [b - 0.01 * d for b, d in zip(net.biases, db)]
    E = net.error(x, t)
    history = fit(net, x, t, epochs=1, batch_size=100, learning_rate=0.01)
    for ours, expected in zip(net.weights + net.biases, moved + shifted):
        assert np.allclose(ours, expected, rtol=1e-12)
    assert history["loss"] == [pytest.approx(E / 6)]
    assert history.batch_loss == history["loss"]


def test_every_example_is_met_once_an_epoch():
    # a linear neuron's bias gradient is −t where its weights stay at zero
    net = FeedForward((1, 1))
    net.weights = [np.zeros((1, 1))]
    t = np.array([[1.0], [10.0], [100.0], [1000.0], [10000.0]])
    seen = []
    original = net._backpropagate

    def spying(x, t, masks):
        seen.append(t[:, 0].tolist())
        return original(x, t, masks)

    net._backpropagate = spying
    fit(net, np.zeros((5, 1)), t, epochs=2, batch_size=2, learning_rate=1e-9)
    assert [len(batch) for batch in seen] == [2, 2, 1] * 2
    first, second = sum(seen[:3], []), sum(seen[3:], [])
    assert sorted(first) == sorted(second) == t[:, 0].tolist()
    assert first != second


def test_validation_is_measured_on_the_whole_network():
    net = FeedForward((2, 4, 1), "tanh", seed=2)
    x, t = np.eye(2), np.ones((2, 1))
    history = fit(
        net, *XOR, epochs=4, batch_size=4, keep=0.5, validation=(x, t)
    )
    assert len(history["validation_loss"]) == 4
    assert history["validation_loss"][-1] == pytest.approx(net.error(x, t) / 2)


def test_l2_alone_decays_weights_geometrically():
    net = FeedForward((2, 3, 1))
    start = net.weights[0]
    zeros = np.zeros((1, 2))
    net.weights[1] = np.zeros((3, 1))
    fit(net, zeros, [[0.0]], epochs=50, batch_size=1, l2=0.5)
    assert np.allclose(net.weights[0], start * (1 - 0.1 * 0.5) ** 50)


def test_l1_alone_decays_weights_linearly():
    net = FeedForward((2, 1))
    net.weights = [np.array([[2.0], [-3.0]])]
    zeros = np.zeros((1, 2))
    fit(net, zeros, [[0.0]], epochs=20, batch_size=1, l1=0.5)
    assert np.allclose(net.weights[0], [[1.0], [-2.0]])


def test_penalties_leave_biases_alone():
    net = FeedForward((2, 1))
    net.biases = [np.array([3.0])]
    fit(net, np.zeros((1, 2)), [[3.0]], epochs=5, batch_size=1, l2=1, l1=1)
    assert net.biases[0] == [3.0]


def spirals(rng, n=60):
    angle = rng.uniform(0, 2 * math.pi, n)
    radius = np.where(np.arange(n) % 2, 1.0, 2.0) + rng.normal(0, 0.1, n)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x, np.eye(2)[np.arange(n) % 2]


def trained(rng, **settings):
    net = FeedForward((2, 8, 6, 2), "tanh", "softmax", "cross_entropy", seed=4)
    net.fit(
        *spirals(rng),
        **{"epochs": 60, "batch_size": 10, "learning_rate": 0.05, **settings},
    )
    return net


def test_l2_makes_every_layer_smaller():
    nets = [trained(np.random.default_rng(5), l2=l2) for l2 in (0.0, 1.0)]
    for free, held in zip(nets[0].weights, nets[1].weights):
        assert np.abs(held).sum() < np.abs(free).sum()


def test_l1_makes_more_weights_vanish_than_l2():
    shares = {}
    for name in ("l1", "l2"):
        net = trained(np.random.default_rng(5), **{name: 0.2})
        W = np.abs(net.weights[0])
        shares[name] = (W < 0.02).mean()
    assert shares["l1"] > shares["l2"]


def test_max_norm_bounds_the_weights_into_each_neuron(rng):
    net = trained(rng, max_norm=0.5)
    norms = [np.sqrt((W**2).sum(axis=0)) for W in net.weights]
    assert max(n.max() for n in norms) <= 0.5 * (1 + 1e-12)
    assert max(n.max() for n in norms) > 0.49
    free = trained(rng)
    assert np.sqrt((free.weights[0] ** 2).sum(axis=0)).max() > 0.6


def test_dropout_silences_hidden_neurons_only_while_training():
    net = FeedForward((2, 1000, 1), "linear")
    net.weights = [np.ones((2, 1000)), np.full((1000, 1), 1e-3)]
    x = np.array([[0.5, 0.5]])
    masks = net._dropout(1, 0.25)
    assert len(masks) == 1
    assert set(masks[0].ravel()) == {0.0, 4.0}
    assert net.forward(x) == pytest.approx(1.0)
    assert net._dropout(1, 1.0) is None


def test_training_drops_neurons_anew_for_every_minibatch(monkeypatch):
    net = FeedForward((2, 50, 30, 1))
    seen = []
    original = net._backpropagate

    def spying(x, t, masks):
        seen.append(masks)
        return original(x, t, masks)

    monkeypatch.setattr(net, "_backpropagate", spying)
    fit(net, *XOR, epochs=2, batch_size=3, keep=0.5)
    assert [m.shape for m in seen[0]] == [(3, 50), (3, 30)]
    assert [m.shape for m in seen[1]] == [(1, 50), (1, 30)]
    assert {v for masks in seen for m in masks for v in m.flat} == {0.0, 2.0}
    assert not np.array_equal(seen[0][0], seen[2][0])


def test_early_stopping_goes_back_to_the_best_epoch(monkeypatch):
    net = FeedForward((2, 4, 1), "tanh")
    script = iter([5.0, 3.0, 4.0, 3.5, 9.9, 0.1])
    weights = []

    def scripted(x, t):
        weights.append(net.weights)
        return next(script) * len(t)

    monkeypatch.setattr(net, "error", scripted)
    history = fit(
        net, *XOR, epochs=6, batch_size=2, validation=XOR, patience=3
    )
    assert history["validation_loss"] == [5.0, 3.0, 4.0, 3.5, 9.9]
    assert history.stopped == "no progress for 3 epochs"
    assert history.best_epoch == 2
    assert net.weights is weights[1]
    assert not np.array_equal(weights[1][0], weights[4][0])


def test_patience_restores_the_best_even_at_the_last_epoch(monkeypatch):
    net = FeedForward((2, 1))
    script = iter([2.0, 1.0, 3.0])
    monkeypatch.setattr(net, "error", lambda x, t: next(script))
    history = fit(
        net, *XOR, epochs=3, batch_size=4, validation=XOR, patience=5
    )
    assert (history.stopped, history.best_epoch) == (None, 2)


def test_a_training_that_diverges_stops_and_gives_back_its_path():
    net = FeedForward((1, 1))
    x, t = np.array([[3.0], [1.0]]), np.array([[1.0], [2.0]])
    with pytest.raises(Diverged, match=r"step \d+: .*`learning_rate` \(=5\)"):
        fit(net, x, t, epochs=1000, batch_size=2, learning_rate=5.0)
    with pytest.raises(TrainingDiverged) as caught:
        fit(net, x, t, epochs=1000, batch_size=2, learning_rate=5.0)
    history = caught.value.history
    assert f"at step {caught.value.step}:" in str(caught.value)
    assert history.steps == history.epochs == caught.value.step - 1
    assert np.isfinite(history.batch_loss).all()
    assert history.stopped == f"diverged at step {caught.value.step}"
    # it is what searches raise, too, and reaches another process whole
    assert isinstance(caught.value, errors.Diverged)
    assert caught.value.path is None
    sent = pickle.loads(pickle.dumps(caught.value))
    assert (str(sent), sent.step) == (str(caught.value), caught.value.step)
    assert sent.history == history
    assert sent.history.batch_loss == history.batch_loss
    assert all(np.isfinite(a).all() for a in net.weights + net.biases)


@pytest.mark.parametrize(("weight", "rate"), [(1e200, 1e-9), (2.0, 1e308)])
def test_a_step_from_or_to_infinity_is_not_made(weight, rate):
    # the error of the first is 1e400, the second's weight would be −1e309
    net = FeedForward((1, 1))
    net.weights = [np.array([[weight]])]
    with pytest.raises(Diverged, match="at step 1:") as caught:
        fit(net, [[10.0]], [[0.0]], epochs=2, batch_size=1, learning_rate=rate)
    assert net.weights[0] == [[weight]]
    assert caught.value.history.steps == 0


def test_a_rate_beyond_two_over_lambda_max_diverges_and_one_below_does_not():
    x, t = np.array([[2.0]]), np.array([[1.0]])  # ∂²E/∂w² = 4, ∂²E/∂b² = 1
    limit = 2 / (4 + 1)
    for rate, grows in ((limit * 1.05, True), (limit * 0.95, False)):
        net = FeedForward((1, 1))
        history = fit(net, x, t, epochs=200, batch_size=1, learning_rate=rate)
        losses = history["loss"]
        assert (losses[-1] > losses[0]) == grows


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(sizes=5), r"`sizes` \(=5\) must list"),
        (dict(sizes=(5,)), r"`sizes` \(=\(5,\)\) must list"),
        (dict(sizes=(2, 0, 1)), r"`sizes\[1\]` \(=0\) must be a whole"),
        (dict(sizes=(2.5, 1)), r"`sizes\[0\]` \(=2.5\) must be a whole"),
        (dict(hidden="sine"), r"`hidden` \(='sine'\) must be one of linear"),
        (dict(hidden="step"), r"`hidden` \(='step'\) must be one of linear"),
        (dict(output="relu"), r"`output` \(='relu'\) must be one of"),
        (dict(loss="hinge"), r"`loss` \(='hinge'\) must be one of squared"),
        (dict(loss="cross_entropy"), r"`loss` .* 'squared' for linear"),
        (dict(seed=-1), r"`seed` \(=-1\) must be a whole number from 0"),
    ],
)
def test_a_bad_network_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        FeedForward(**{"sizes": (2, 1), **arguments})


@pytest.mark.parametrize(
    ("x", "t", "message"),
    [
        (np.ones((3, 4)), np.ones((3, 1)), r"`x` .*\(3, 4\).*\(B, 2\)"),
        (np.ones(3), [1.0], r"`x` .*\(3,\).*\(2,\)"),
        (np.ones((0, 2)), np.ones((0, 1)), r"`x` .*\(0, 2\).* not be empty"),
        (np.ones((3, 2)), np.ones((2, 1)), r"`t` .*\(2, 1\).*\(3, 1\)"),
        (np.ones((3, 2)), np.ones(3), r"`t` .*\(3,\).*\(3, 1\)"),
        ([[1.0, np.inf]], [[1.0]], r"`x` \(=inf at \(0, 1\)\)"),
        ([[1.0, 1.0]], [[np.nan]], r"`t` \(=nan at \(0, 0\)\)"),
        ([[1j, 1.0]], [[1.0]], r"`x` \(=.*1j.* must be an array of numbers"),
    ],
)
def test_bad_data_are_refused(x, t, message):
    net = FeedForward((2, 1))
    before = pack(net)
    for method in (net.gradients, net.error):
        with pytest.raises(ValueError, match=message):
            method(x, t)
    with pytest.raises(ValueError, match=message):
        fit(net, x, t, epochs=1, batch_size=1)
    valid = np.ones((1, 2)), np.ones((1, 1))
    where = message.replace("`x`", r"`validation\[0\]`")
    where = where.replace("`t`", r"`validation\[1\]`")
    with pytest.raises(ValueError, match=where):
        fit(net, *valid, epochs=1, batch_size=1, validation=(x, t))
    assert np.array_equal(pack(net), before)


def test_targets_of_cross_entropy_are_probabilities():
    net = FeedForward((2, 2), output="sigmoid", loss="cross_entropy")
    with pytest.raises(ValueError, match=r"`t` \(=-1.0\) must lie between"):
        net.gradients([1.0, 2.0], [-1.0, 1.0])
    with pytest.raises(ValueError, match=r"`t` \(=3.0\) must lie between"):
        net.gradients([1.0, 2.0], [3.0, 1.0])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (dict(epochs=0), r"`epochs` \(=0\) must be a whole"),
        (dict(batch_size=-1), r"`batch_size` \(=-1\) must be a whole"),
        (dict(batch_size=2.0), r"`batch_size` \(=2.0\) must be a whole"),
        (dict(learning_rate=-0.1), r"`learning_rate` \(=-0.1\) must be"),
        (dict(learning_rate=np.nan), r"`learning_rate` \(=nan\) must be"),
        (dict(l1=-1), r"`l1` \(=-1\) must be a number from 0"),
        (dict(l2=-1), r"`l2` \(=-1\) must be a number from 0"),
        (dict(max_norm=0), r"`max_norm` \(=0\) must be a number above 0"),
        (dict(keep=0), r"`keep` \(=0\) .*above 0 and at most 1"),
        (dict(keep=1.5), r"`keep` \(=1.5\) .*above 0 and at most 1"),
        (dict(patience=3), r"`patience` \(=3\) must come with"),
        (dict(patience=0, validation=XOR), r"`patience` \(=0\) must be"),
        (dict(validation=5), r"`validation` \(=5\) must be a pair"),
    ],
)
def test_bad_settings_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        fit(FeedForward((2, 1)), *XOR, **{**SETTINGS, **setting})


SETTINGS = {"epochs": 1, "batch_size": 2}


def test_masks_must_fit_the_hidden_layers():
    net = FeedForward((2, 3, 1))
    for masks in ([], 3):
        with pytest.raises(ValueError, match=r"`masks` .* must hold 1 arrays"):
            net.gradients(*XOR, masks)
    with pytest.raises(ShapeError, match=r"`masks\[0\]` .*\(4, 2\).*\(4, 3\)"):
        net.gradients(*XOR, [np.ones((4, 2))])
