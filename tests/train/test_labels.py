"""Labels that number no class: refused wherever they would count.

Kinds: property (every way in), known value, negative control.
"""

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import gluon, mx, nn
from fdl._mxnet import np as mnp
from fdl.data import Minibatches
from fdl.nn import FeedForward, cross_entropy
from fdl.train.labels import class_axes, stray

from .tasks import LOSS, assert_same_bits, dense, rows, sgd, values

NAN, INF = float("nan"), float("inf")


def net():
    return FeedForward((6, 5, 3))


def spoilt(label, dtype="float32", row=20):
    """Return batches of 16 rows of which one has another label."""
    x, y = rows(50)
    y = y.astype(dtype)
    y[row] = label
    return Minibatches(x, y, 16, shuffle=False)


def fit(ours, data, **settings):
    settings = {"loss": cross_entropy, "optimizer": sgd(), **settings}
    return train.fit(ours, data, epochs=1, seed=7, **settings)


def squares(output, y):
    return mnp.mean(output * output, axis=1)


@pytest.mark.parametrize(
    ("label", "dtype", "shown"),
    [
        (3, "int32", "3"),
        (-1, "int32", "-1"),
        (-1, "int64", "-1"),
        (255, "uint8", "255"),
        (3, "float32", "3"),
        (1.5, "float32", "1.5"),
        (-0.5, "float64", "-0.5"),
        (NAN, "float32", "nan"),
        (INF, "float32", "inf"),
    ],
)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"hybridize": False},
        {"loss": LOSS()},
        {"metrics": ["error"]},
        {"loss": squares, "metrics": ["accuracy"]},
        {"device": "cpu:0,cpu:1"},
    ],
)
def test_a_label_that_numbers_no_class_is_refused(
    settings, label, dtype, shown
):
    ours, after_one = net(), net()
    words = rf"^`batches` \(=a label {shown} in batch 2\) must hold labels "
    with pytest.raises(ValueError, match=words + "that .* from 0 to 2.$"):
        fit(ours, spoilt(label, dtype), **settings)
    # the batch before it was trained on, this one was not
    x, y = rows(50)
    fit(after_one, [(x[:16], y[:16].astype(dtype))], **settings)
    assert_same_bits(ours, after_one)


@pytest.mark.parametrize("label", [3, -1, 0.5, NAN])
def test_other_data_are_looked_at_too(label):
    words = rf"^`validation` \(=a label {label} in batch 2\) must"
    with pytest.raises(ValueError, match=words):
        fit(net(), [rows(16)], validation=spoilt(label))
    words = words.replace("validation", "batches")
    ours = net()
    ours.initialize()
    with pytest.raises(ValueError, match=words):
        train.evaluate(ours, spoilt(label), ["error"])
    with pytest.raises(ValueError, match=words):
        train.evaluate(ours, spoilt(label), [], loss=LOSS())


def test_arrays_of_mxnet_are_looked_at():
    x, y = rows(16)
    with pytest.raises(ValueError, match=r"`batches` \(=a label 3 in batch 1"):
        fit(net(), [(mnp.array(x), mnp.array(y + 1))])


def test_what_numbers_no_classes_is_left_alone():
    x, _ = rows(50)
    targets = Minibatches(x, 100 * x[:, :3] - 0.5, 16)
    fit(net(), targets, loss=gluon.loss.L2Loss())
    fit(net(), spoilt(7.5), loss=squares)
    one_hot = np.eye(3, dtype="float32")[rows(50)[1]] * 0.9
    soft = Minibatches(x, one_hot, 16)
    fit(net(), soft, loss=LOSS(sparse_label=False), metrics=["error"])


def test_a_loss_of_your_own_can_ask_for_the_check():
    def own(output, y):
        return squares(output, y)

    fit(net(), spoilt(7), loss=own)
    own.class_axis = -1
    with pytest.raises(ValueError, match="a label 7 in batch 2"):
        fit(net(), spoilt(7), loss=own)


def test_classes_may_be_on_another_axis():
    convolution = nn.Conv2D(3, 1)
    x = np.ones((4, 2, 5, 5), "float32")
    y = np.zeros((4, 5, 5), "int32")
    y[2, 4, 4] = 2
    loss = LOSS(axis=1)
    fit(convolution, [(x, y)], loss=loss)
    y[2, 4, 4] = 3  # fewer than the 5 of the last axis
    with pytest.raises(ValueError, match="a label 3 .* from 0 to 2"):
        fit(convolution, [(x, y)], loss=loss)


def test_the_number_of_classes_may_change_from_batch_to_batch():
    """A score for each step, as a pointer has it."""

    class Steps(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.score = nn.Dense(1, flatten=False, in_units=2)

        def hybrid_forward(self, F, x):
            return F.np.squeeze(self.score(x), axis=-1)

    def batch(steps, label):
        return np.ones((4, steps, 2), "float32"), np.full(4, label, "int32")

    fit(Steps(), [batch(3, 2), batch(7, 6), batch(4, 3)])
    words = "label 4 in batch 3.* from 0 to 3"
    with pytest.raises(ValueError, match=words):
        fit(Steps(), [batch(3, 2), batch(7, 6), batch(4, 4)])


@pytest.mark.parametrize("loss", [cross_entropy, LOSS()])
def test_labels_in_a_column_are_labels(loss):
    x, y = rows(50)
    flat, column = dense(), dense()
    settings = {"loss": loss, "metrics": ["error", "cross_entropy"]}
    one = fit(flat, [(x, y)], **settings)
    two = fit(column, [(x, y[:, None])], **settings)
    assert_same_bits(flat, column)
    assert dict(one) == dict(two)
    with pytest.raises(ValueError, match="a label 3 in batch 1"):
        fit(column, [(x, y[:, None] + 1)], **settings)


def test_without_the_check_a_wrong_label_trains(monkeypatch):
    """Negative control: MXNet takes 7 for class 2."""
    monkeypatch.setattr(train.labels, "check", lambda *given: None)
    ours, theirs = net(), net()
    fit(ours, spoilt(7))
    fit(theirs, spoilt(2))
    assert_same_bits(ours, theirs)
    assert np.isfinite(values(ours)[0]).all()


def test_the_first_stray_label_is_found():
    assert stray(np.array([[0, 2], [1, 0]]), 3) is None
    assert stray(np.array([[0, 2], [5, 4]]), 3) == 5
    assert stray(np.array([True, False]), 2) is None
    assert stray(np.array([0.0, 2.0]), 3) is None
    assert stray(np.array([0.0, 2.5, -1.0]), 3) == 2.5


def test_who_takes_classes():
    metric = train.Metric("own", squares, class_axis=1)
    takers = [cross_entropy, LOSS(), LOSS(axis=2), metric, squares, None]
    assert class_axes(takers) == (-1, 2, 1)
    assert class_axes([LOSS(sparse_label=False), mx.np.sum]) == ()
