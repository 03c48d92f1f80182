"""Towers train the network that one device would.

Kinds: oracle (one device), property, negative control. CPU contexts stand for
several devices.
"""

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import mx, nn, npx
from fdl._mxnet import np as mnp
from fdl.train import distributed
from fdl.train.parts import gather, load, split

from .tasks import LOSS, batches, dense, rows, sgd, values

CPUS = [mx.cpu(i) for i in range(5)]


def fit(net, devices, data=None, **settings):
    return train.fit(
        net,
        data or batches(),
        **{
            "loss": LOSS(),
            "optimizer": sgd(0.2, momentum=0.9),
            "epochs": 4,
            "seed": 7,
            "device": devices,
            **settings,
        },
    )


def assert_close(one, two, rtol=1e-4):
    for a, b in zip(values(one), values(two)):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6)


def mean_loss(output, y):
    return -mnp.mean(npx.pick(npx.log_softmax(output), y))


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("loss", [LOSS(), mean_loss])
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: sgd(0.2, momentum=0.9),
        lambda: mx.optimizer.Adam(learning_rate=0.01),
        # keeps a product of its own per update: two updates would spoil it
        lambda: mx.optimizer.Nadam(learning_rate=0.01),
    ],
)
def test_towers_equal_one_device(count, loss, optimizer):
    """16, 16, 16 and 2 examples: unequal parts, and towers without any."""
    alone, towers = dense(), dense()
    settings = {"loss": loss, "metrics": ["error"], "validation": batches(9)}
    one = fit(alone, CPUS[:1], optimizer=optimizer(), **settings)
    several = fit(towers, CPUS[:count], optimizer=optimizer(), **settings)
    assert_close(alone, towers)
    np.testing.assert_allclose(one.batch_loss, several.batch_loss, rtol=1e-4)
    assert one["error"] == several["error"]
    assert one["validation_error"] == several["validation_error"]


def test_all_copies_stay_equal():
    net = dense()
    fit(net, CPUS[:3])
    for device in CPUS[1:3]:
        for a, b in zip(values(net, CPUS[0]), values(net, device)):
            np.testing.assert_array_equal(a, b)


def test_a_tower_left_out_of_the_sum_is_noticed(monkeypatch):
    """Negative control: the comparison sees a wrong gradient."""
    monkeypatch.setattr(distributed.Trainer, "_allreduce_grads", lambda s: 0)
    alone, towers = dense(), dense()
    fit(alone, CPUS[:1])
    fit(towers, CPUS[:2])
    with pytest.raises(AssertionError):
        assert_close(alone, towers)


def test_running_statistics_are_averaged():
    net = nn.HybridSequential()
    net.add(nn.BatchNorm(momentum=0.0), nn.Dense(3))
    x, y = rows(8)
    fit(net, CPUS[:2], [(x, y)], epochs=1, optimizer=sgd(0.0))
    halves = [x[:4].mean(axis=0), x[4:].mean(axis=0)]
    for device in CPUS[:2]:
        np.testing.assert_allclose(
            net[0].running_mean.data(device).asnumpy(),
            np.mean(halves, axis=0),
            rtol=1e-5,
        )


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 16, 17])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_parts_are_even_in_order_and_never_empty(n, count):
    x, y = np.arange(n * 2.0).reshape(n, 2), np.arange(n)
    parts = split((x,), y, CPUS[:count])
    sizes = [part.size for part in parts]
    assert sum(sizes) == n
    assert len(parts) == min(n, count)
    assert max(sizes) - min(sizes) <= 1
    for i, part in enumerate(parts):
        assert part.y.ctx == part.x[0].ctx == CPUS[i]
    np.testing.assert_array_equal(gather([p.x[0] for p in parts]), x)
    np.testing.assert_array_equal(gather([p.y for p in parts]), y)


@pytest.mark.parametrize(
    ("given", "there"),
    [
        ("float64", "float32"),
        ("float32", "float32"),
        ("uint8", "uint8"),
        ("int32", "int32"),
        ("int64", "int64"),
        ("uint16", "int64"),
        ("bool", "bool"),
    ],
)
def test_types_on_the_device(given, there):
    array = np.array([[0, 1, 2], [1, 0, 1]]).astype(given)
    for host in (array, np.asfortranarray(array), array[:, ::2]):
        found = load(host, mx.cpu(1))
        assert found.dtype == np.dtype(there)
        assert found.ctx == mx.cpu(1)
        np.testing.assert_array_equal(found.asnumpy(), host.astype(there))


def test_the_host_array_may_change_afterwards():
    host = np.ones(3, "float32")
    there = load(host, mx.cpu())
    host[:] = 5
    assert there.asnumpy().tolist() == [1, 1, 1]
    assert host.flags.writeable
