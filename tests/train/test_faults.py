"""What goes wrong with a batch is said in a sentence of ours.

Kinds: property (each way in), known value, negative control.
"""

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import gluon, mx, nn, npx
from fdl._mxnet import np as mnp
from fdl.data import Minibatches
from fdl.errors import ShapeError, TrainingDiverged
from fdl.nn import FeedForward, cross_entropy
from fdl.train.faults import reason

from .tasks import LOSS, assert_same_bits, batches, dense, rows, sgd

NAN, INF = float("nan"), float("inf")


def net(*sizes):
    return FeedForward(sizes or (6, 5, 3))


def started(*sizes):
    made = net(*sizes)
    made.initialize()
    return made


def fit(ours, data, **settings):
    settings = {"loss": cross_entropy, "optimizer": sgd(), **settings}
    return train.fit(ours, data, epochs=2, seed=7, **settings)


def batch(shape=(16, 6), dtype="float32", labels=(16,)):
    return np.ones(shape, dtype), np.zeros(labels, "int32")


# -- shapes and types


WRONG = [
    ((16, 7), "float32", ShapeError, r"\(16, 7\) float32", r"\(5,6\) where"),
    ((16, 6), "uint8", TypeError, r"\(16, 6\) uint8", "uint8 meets float32"),
    ((16, 6), "int64", TypeError, r"\(16, 6\) int64", "int64 meets float32"),
    ((16, 6), "float16", TypeError, r"\(16, 6\) float16", "float16 meets fl"),
]


@pytest.mark.parametrize(("shape", "dtype", "error", "given", "why"), WRONG)
@pytest.mark.parametrize("hybridize", [False, True])
@pytest.mark.parametrize("loss", [cross_entropy, LOSS(), lambda o, y: o[:, 0]])
def test_inputs_that_do_not_fit_are_one_sentence(
    hybridize, loss, shape, dtype, error, given, why
):
    wrong, right = batch(shape, dtype), batch()
    settings = {"hybridize": hybridize, "loss": loss}
    words = "must have a (type|shape) that the network can take.*" + why
    for name, number, data, more in (
        ("batches", 1, [wrong], {}),
        ("batches", 3, [right, right, wrong], {}),
        ("batches", 1, [wrong], {"metrics": ["error"]}),
        ("validation", 2, [right], {"validation": [right, wrong]}),
    ):
        say = rf"^`{name}` \(=x {given} in batch {number}\) {words}"
        with pytest.raises(error, match=say) as caught:
            fit(net(), data, **settings, **more)
        assert str(caught.value).count("\n") == 0
        assert isinstance(caught.value.__cause__, mx.base.MXNetError)
    with pytest.raises(error, match=rf"^`batches` \(=x {given} in batch 2\)"):
        train.evaluate(started(), [right, wrong], ["error"])
    with pytest.raises(error, match=rf"^`x` \(={given}\) {words}"):
        train.predict(started(), wrong[0])


def test_a_network_that_learns_its_sizes_says_what_it_cannot_take():
    made = nn.HybridSequential()
    made.add(nn.Conv2D(2, 3))
    words = r"^`batches` \(=x \(16, 6\) .*network can take; .*should be 4D"
    with pytest.raises(ShapeError, match=words):
        fit(made, [batch()])


@pytest.mark.parametrize("loss", [cross_entropy, LOSS()])
def test_targets_that_do_not_fit_are_told_from_inputs(loss):
    words = r"^`batches` \(=y \(16, 2\) int32 in batch 1\) must have a shape "
    words += r"that the loss can take; the outputs are \(16, 3\)"
    with pytest.raises(ShapeError, match=words):
        fit(net(), [batch(labels=(16, 2))], loss=loss)


def test_after_a_failure_all_is_as_before():
    ours, theirs = dense(), dense()
    fit(ours, batches())
    fit(theirs, batches())
    x, y = rows(16)
    with pytest.raises(ShapeError):
        fit(ours, [(x[:, :4], y)])
    npx.waitall()
    assert_same_bits(ours, theirs)
    fit(ours, batches())
    fit(theirs, batches())
    assert_same_bits(ours, theirs)


def test_what_fails_late_is_told_too():
    unread = []

    def loss(output, y):
        far = mnp.array([99])
        unread.append(mnp.take(output * 2, far, axis=0))
        return mnp.take(output, far, axis=0).mean() + output.mean()

    words = r"^`batches` failed with x \(16, 6\) float32, y \(16,\) int32 in "
    with pytest.raises(mx.base.MXNetError, match=words + "batch 1: take"):
        fit(net(), [batch()], loss=loss)
    npx.waitall()  # and nothing is left behind
    words = words.replace("batches", "validation").replace("16", "9")
    with pytest.raises(mx.base.MXNetError, match=words + "batch 2"):
        fit(
            net(),
            [batch()],
            loss=lambda o, y: loss(o, y) if len(y) == 9 else o.mean(),
            validation=[batch(), batch((9, 6), labels=(9,))],
        )


def test_an_error_of_the_network_itself_stays_what_it_is():
    class Odd(gluon.Block):
        def __init__(self):
            super().__init__()
            self.inner = nn.Dense(3)

        def forward(self, x):
            raise ValueError("mine")

    with pytest.raises(ValueError, match="^mine$") as caught:
        fit(Odd(), [batch()])
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "data",
    [
        np.ones((16, 6), object),
        np.ones((16, 6), complex),
        np.full((16, 6), "a"),
        np.zeros((16, 6), "datetime64[D]"),
    ],
)
def test_only_numbers_are_taken(data):
    y = np.zeros(16, "int32")
    with pytest.raises(TypeError, match="^`batches` must hold real numbers"):
        fit(net(), [(data, y)])
    with pytest.raises(TypeError, match="^`batches` must.*in batch 2"):
        fit(net(), [batch(), (data, y)])
    with pytest.raises(TypeError, match="^`batches` must hold real numbers"):
        fit(net(), [(batch()[0], data[:, 0])])
    with pytest.raises(TypeError, match="^`x` must hold real numbers"):
        train.predict(started(), data)


def test_float64_is_float32_wherever_it_comes_from():
    x, y = rows(16)
    wide = x.astype("float64")
    theirs = dense()
    fit(theirs, [(x, y)])
    for given in (wide, mnp.array(wide)):
        ours = dense()
        fit(ours, [(given, y)], validation=[(given, y)])
        assert_same_bits(ours, theirs)
        np.testing.assert_array_equal(
            train.predict(ours, given), train.predict(theirs, x)
        )


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (5, r"the shapes \[\(\)\]"),
        ("words", r"the shapes \[\(\)\]"),
        (np.ones((0, 6)), r"`x` \(=\(0, 6\)\) must have at least one row"),
        ([[1.0], [2.0, 3.0]], "`x` .* must be an array"),
        ((np.ones((4, 6)), np.ones((3, 6))), r"\[\(4, 6\), \(3, 6\)\]"),
        (np.ones(6), r"of 6 rows, x \(6,\) float64, the network makes \(3,\)"),
    ],
)
def test_what_is_no_batch_cannot_be_predicted(x, words):
    with pytest.raises(ValueError, match=words):
        train.predict(started(), x)


def test_as_many_inputs_as_the_network_takes():
    class Two(gluon.Block):
        def forward(self, a, b):
            return a + b

    x, y = batch()
    words = "must have as many inputs as the network, a FeedForward, takes: t"
    with pytest.raises(TypeError, match=rf"^`x` \(=x of 2 arrays\) {words}"):
        train.predict(started(), (x, x))
    with pytest.raises(TypeError, match=rf"^`batches` .*{words}"):
        fit(net(), [((x, x), y)])
    with pytest.raises(TypeError, match=rf"^`batches` .*{words}"):
        train.evaluate(started(), [((x, x), y)], ["error"])
    with pytest.raises(TypeError, match="one array.*missing.*'b'"):
        train.predict(Two(), x)
    for made in (Two(), started()):
        with pytest.raises(TypeError):
            train.predict(made, (x, x, x))
    assert train.predict(Two(), (x, x)).sum() == 2 * x.sum()
    with pytest.raises(TypeError, match="`net`.*must be a gluon Block"):
        train.predict(print, x)
    with pytest.raises(TypeError, match="`net`.*must be a gluon Block"):
        train.evaluate(print, [(x, y)], ["error"])


# -- losses


@pytest.mark.parametrize(
    ("loss", "error", "words"),
    [
        (
            LOSS,
            TypeError,
            r"`loss` .* not a class; write SoftmaxCrossEntropyL",
        ),
        (lambda o, y: 1.0, TypeError, "`loss` must give an array.* got float"),
        (lambda o, y: None, TypeError, "`loss` must give.* got NoneType"),
        (lambda o, y: o.asnumpy()[:, 0], TypeError, "`loss`.* got ndarray"),
        (
            lambda o, y: mnp.ones(len(y)),
            ValueError,
            "`loss` must be computed from the network's outputs.*in batch 1",
        ),
        (lambda o, y: o[:, :1], ShapeError, r"of the 16 .*\(16, 1\) from o"),
        (
            lambda o, y: (o[:, :1] - y) ** 2,
            ShapeError,
            r"shape \(16, 16\) from outputs \(16, 3\) and y \(16,\)",
        ),
    ],
)
def test_what_a_loss_must_give(loss, error, words):
    ours = started()
    before = [p.data().asnumpy() for p in ours.collect_params().values()]
    with pytest.raises(error, match=words):
        fit(ours, [batch()], loss=loss)
    for one, p in zip(before, ours.collect_params().values()):
        np.testing.assert_array_equal(one, p.data().asnumpy())


def test_there_must_be_something_to_train():
    frozen = net()
    frozen.collect_params().setattr("grad_req", "null")
    for bad, why in ((nn.Activation("relu"), "has none"), (frozen, "frozen")):
        words = rf"^`net` \(={type(bad).__name__}\) must have a param.*{why}"
        with pytest.raises(ValueError, match=words):
            fit(bad, [batch()])


# -- numbers that are none


def spoilt(value, row=20):
    x, y = rows(50)
    x[row, 2] = value
    return Minibatches(x, y, 16, shuffle=False)


@pytest.mark.parametrize("metrics", [[], ["error"]])
def test_nan_in_validation_data_is_named(metrics):
    """The loss does not show it: a ReLU makes it 0."""
    words = r"^`validation` \(=x of batch 2\) must hold numbers; .* is NaN"
    with pytest.raises(ValueError, match=words) as caught:
        fit(net(), batches(), metrics=metrics, validation=spoilt(NAN))
    assert caught.value.history.steps == 4
    words = words.replace("validation", "batches")
    with pytest.raises(ValueError, match=words):
        train.evaluate(started(), spoilt(NAN), ["error"])
    with pytest.raises(ValueError, match="^`x` .* must hold numbers"):
        train.predict(started(), spoilt(NAN).x)


def test_a_network_can_hide_nan():
    """Negative control: why inputs are looked at, and not only results."""
    ours, x = started(), mnp.array(np.full((2, 6), NAN, "float32"))
    assert np.isfinite(ours(x).asnumpy()).all()
    assert np.isfinite(npx.activation(x, act_type="relu").asnumpy()).all()


def test_infinite_targets_of_validation_are_named():
    x, y = rows(16)
    good, bad = y.astype("float32"), y.astype("float32")
    bad[3] = INF
    words = r"`validation` \(=y of batch 2\) must hold finite numbers.*loss th"
    with pytest.raises(ValueError, match=words):
        fit(
            net(6, 1),
            [(x, good)],
            loss=gluon.loss.L2Loss(),
            validation=[(x, good), (x, bad)],
        )


def test_a_validation_loss_that_is_no_number_stops_the_run(tmp_path):
    def loss(output, y):  # fine on minibatches of 16
        return output.mean(axis=1) * (1.0 if len(y) == 16 else INF)

    x, y = rows(18)
    words = "^The loss of `validation`, batch 2, must be a finite number; got "
    with pytest.raises(TrainingDiverged, match=words) as caught:
        fit(
            net(),
            [(x[:16], y[:16])],
            loss=loss,
            validation=[(x[:16], y[:16]), (x, y)],
            checkpoint=tmp_path,
        )
    assert "x and y are finite there" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_metric_that_is_no_number_stops_the_run():
    odd = train.Metric("odd", lambda output, y: np.full(len(y), NAN))
    with pytest.raises(TrainingDiverged, match="^The odd of `batches`, batch"):
        fit(net(), batches(), metrics=[odd])
    with pytest.raises(TrainingDiverged, match="^The odd of `batches`, batch"):
        train.evaluate(started(), batches(), [odd])


@pytest.mark.parametrize("hidden", ["relu", "tanh"])
@pytest.mark.parametrize("value", [NAN, INF])
def test_a_batch_that_broke_the_parameters_is_named(hidden, value):
    broken = FeedForward((6, 5, 3), hidden=hidden)
    with pytest.raises(TrainingDiverged, match="The x of batch 2 holds NaN"):
        fit(broken, spoilt(value))


def test_a_target_that_broke_the_loss_is_named():
    x, y = rows(50)
    y = y.astype("float32")
    y[20] = NAN
    data = Minibatches(x, y, 16, shuffle=False)
    words = r"epoch 1, batch 2 .* got nan. The y of batch 2 holds NaN"
    with pytest.raises(TrainingDiverged, match=words):
        fit(net(6, 1), data, loss=gluon.loss.L2Loss())


def test_outputs_that_are_none_are_no_right_answers():
    error, accuracy = (train.metrics.METRICS[n] for n in ("error", "accuracy"))
    scores = np.array([[NAN, 0.0], [0.0, 1.0]])
    labels = np.array([0, 1])
    for metric, right in ((error, 0.0), (accuracy, 1.0)):
        found = metric(scores, labels)
        assert np.isnan(found[0])
        assert found[1] == right


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'Traceback (most recent call last):\n  File "../src/a.cc"\n'
            "MXNetError: Check failed: l == 1 || r == 1: operands could not "
            "be broadcast together with shapes [5,3] [5]",
            "operands could not be broadcast together with shapes [5,3] [5]",
        ),
        (
            "MXNetError: Error in operator conv1_fwd: [23:44:21] ../src/op/"
            "nn/convolution.cc:151: Check failed: dshp.ndim() == 4U (2 vs. 4)"
            " : Input data should be 4D in batch-num_filter-y-x",
            "conv1_fwd: Input data should be 4D in batch-num_filter-y-x",
        ),
        (
            "MXNetError: Shape inconsistent, Provided = [4,6], inferred "
            "shape=[-1,5]",
            "an operator has an array of shape (4,6) where (-1,5) would be "
            "needed",
        ),
    ],
)
def test_what_mxnet_says_without_its_own_places(text, said):
    assert reason(mx.base.MXNetError(text)) == said
