"""Kinds: known value, property, gradient."""

import numpy as onp
import pytest

from fdl import optim
from fdl._mxnet import autograd, gluon, mx, np
from fdl.optim.regularize import l1, l2, max_norm_


def network(devices=None):
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(4, in_units=3), gluon.nn.Dense(2, in_units=4))
    net.initialize(mx.init.Normal(1.0), ctx=devices or mx.cpu())
    for parameter in net.collect_params().values():
        if parameter.name.endswith("bias"):
            parameter.set_data(np.full(parameter.shape, 5.0))
    return net


def values(net, ending="weight"):
    return [
        p.data().asnumpy()
        for p in net.collect_params().values()
        if p.name.endswith(ending)
    ]


def test_penalties_count_weights_and_not_biases():
    net = network()
    weights = values(net)
    expected = 0.3 * sum(abs(w).sum() for w in weights)
    assert float(l1(net, 0.3)) == pytest.approx(expected, rel=1e-6)
    expected = 0.5 * 0.3 * sum((w**2).sum() for w in weights)
    assert float(l2(net, 0.3)) == pytest.approx(expected, rel=1e-6)


def test_networks_parameters_and_arrays_are_taken():
    net = network()
    parameters = net.collect_params()
    arrays = [p.data() for p in parameters.values()]
    found = {
        float(l2(given, 0.3))
        for given in (net, parameters, list(parameters.values()), arrays)
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [(l1, onp.sign), (l2, lambda w: w)],
    ids=["l1", "l2"],
)
def test_gradients(penalty, expected):
    net = network()
    with autograd.record():
        loss = penalty(net, 0.3)
    loss.backward()
    for parameter in net.collect_params().values():
        g = parameter.grad().asnumpy()
        if parameter.name.endswith("bias"):
            assert (g == 0).all()
        else:
            w = parameter.data().asnumpy()
            onp.testing.assert_allclose(g, 0.3 * expected(w), rtol=1e-6)


def test_l2_is_weight_decay(seed):
    """One step with the penalty and one with ``wd`` move weights alike."""
    x = np.array(onp.random.default_rng(seed).normal(size=(6, 3)), "float32")
    ours, theirs = network(), network()
    for a, b in zip(
        ours.collect_params().values(), theirs.collect_params().values()
    ):
        b.set_data(a.data())
    for net, strength, wd in ((ours, 0.3, 0.0), (theirs, 0.0, 0.3)):
        trainer = gluon.Trainer(net.collect_params(), optim.SGD(0.1, wd=wd))
        with autograd.record():
            # a loss for each example, to which the penalty is added
            loss = (net(x) ** 2).sum(axis=1) + l2(net, strength)
        loss.backward()
        trainer.step(6)
    for a, b in zip(values(ours), values(theirs)):
        onp.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    for a, b in zip(values(ours, "bias"), values(theirs, "bias")):
        assert abs(a - b).max() > 0.1  # wd takes the biases in


def test_long_rows_are_shortened_and_short_ones_untouched(seed):
    random = onp.random.default_rng(seed)
    w = random.normal(size=(50, 6)).astype("float32")
    w[3] = 0
    array = np.array(w)
    max_norm_([array], c=2.2)
    norms = onp.linalg.norm(w, axis=1)
    short = norms <= 2.2
    assert 5 < short.sum() < 45
    after = array.asnumpy()
    assert (after[short] == w[short]).all()
    onp.testing.assert_allclose(
        onp.linalg.norm(after[~short], axis=1), 2.2, rtol=1e-6
    )
    onp.testing.assert_allclose(
        after[~short],
        w[~short] * (2.2 / norms[~short])[:, None],
        rtol=1e-6,
    )


def test_filters_count_as_rows():
    w = np.ones((2, 3, 2, 2))
    w[1] *= 0.01
    max_norm_([w], c=1.0)
    assert float((w[0] ** 2).sum()) == pytest.approx(1.0)
    assert (w[1].asnumpy() == onp.float32(0.01)).all()


def test_a_network_is_bounded_on_each_device():
    net = network([mx.cpu(0), mx.cpu(1)])
    max_norm_(net, c=0.5)
    for parameter in net.collect_params().values():
        for array in parameter.list_data():
            if array.ndim == 2:
                norms = onp.linalg.norm(array.asnumpy(), axis=1)
                assert (norms <= 0.5 + 1e-6).all()
            else:
                assert (array.asnumpy() == 5).all()


def test_the_device_can_be_chosen():
    devices = [mx.cpu(0), mx.cpu(1)]
    net = network(devices)
    assert l1(net, 1.0).context == devices[0]
    assert l1(net, 1.0, device=devices[1]).context == devices[1]
    assert float(l1(net, 1.0)) == float(l1(net, 1.0, devices[1]))


def test_arguments():
    net = network()
    for penalty in (l1, l2):
        with pytest.raises(ValueError, match=r"`strength` \(=-1\) must be a"):
            penalty(net, -1)
    with pytest.raises(ValueError, match=r"`c` \(=0\) must be positive"):
        max_norm_(net, 0)
    with pytest.raises(TypeError, match=r"`parameters` .* got str among"):
        l1(["w"], 1.0)
    with pytest.raises(TypeError, match=r"`parameters` \(=3\) must be a net"):
        l1(3, 1.0)
    with pytest.raises(ValueError, match="at least one array of two or more"):
        l2([np.ones(3)], 1.0)
