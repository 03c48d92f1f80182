"""Predicting and evaluating: against the network called by hand."""

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import gluon, mx
from fdl._mxnet import np as mnp
from fdl.errors import NotFittedError
from fdl.train.metrics import METRICS

from .tasks import LOSS, batches, dense, everything, rows


@pytest.fixture
def net():
    net = everything()
    net.initialize(mx.init.Normal(1))
    return net


@pytest.mark.parametrize("size", [1, 7, 20, 1000])
@pytest.mark.parametrize("device", [None, "cpu:0", "cpu:1", "cpu:0,cpu:1"])
def test_predicting_is_calling_in_parts(net, size, device):
    x, _ = rows(20)
    expected = net(mnp.array(x)).asnumpy()
    found = train.predict(net, x, batch_size=size, device=device)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_networks_of_several_inputs_and_outputs():
    class Swap(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b):
            return b + 0, a + b

    a, b = np.arange(6.0).reshape(3, 2), np.ones((3, 2))
    first, second = train.predict(Swap(), (a, b), batch_size=2)
    np.testing.assert_array_equal(first, b)
    np.testing.assert_array_equal(second, a + b)


def test_evaluating_weighs_every_example_alike(net):
    x, y = rows(50)
    output = net(mnp.array(x)).asnumpy()
    found = train.evaluate(
        net, batches(), ["error", "cross_entropy"], loss=LOSS()
    )
    error = METRICS["error"](output, y).mean()
    assert found["error"] == pytest.approx(error, rel=1e-12)
    assert list(found) == ["loss", "error", "cross_entropy"]
    entropy = METRICS["cross_entropy"](output, y).mean()
    assert found["cross_entropy"] == pytest.approx(entropy, rel=1e-5)
    assert found["loss"] == pytest.approx(entropy, rel=1e-5)
    one = train.evaluate(net, [(x, y)], "error", device="cpu:0,cpu:1,cpu:2")
    assert one["error"] == pytest.approx(error, rel=1e-12)


def test_nothing_is_changed_by_looking(net):
    x, _ = rows(20)
    train.predict(net, x)
    before = [p.data().asnumpy() for p in net.collect_params().values()]
    train.evaluate(net, batches(), ["error"])
    after = [p.data().asnumpy() for p in net.collect_params().values()]
    for one, two in zip(before, after):
        np.testing.assert_array_equal(one, two)


def test_what_cannot_be_done_is_said(net):
    x, _ = rows(4)
    with pytest.raises(NotFittedError, match="`net` must have values"):
        train.predict(dense(), x)
    with pytest.raises(ValueError, match="`x`.*at least one row"):
        train.predict(net, x[:0])
    with pytest.raises(ValueError, match="`batch_size`"):
        train.predict(net, x, batch_size=0)
    with pytest.raises(ValueError, match="`metrics`"):
        train.evaluate(net, batches(), [])
    with pytest.raises(ValueError, match="`batches`"):
        train.evaluate(net, [], ["error"])
