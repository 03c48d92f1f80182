"""Parameters as arrays. Kinds: property, negative control."""

from __future__ import annotations

import numpy as onp
import pytest

from fdl._mxnet import gluon, np
from fdl.errors import ShapeError
from fdl.nn import FeedForward, get_parameters, set_parameters


def network(sizes=(4, 3, 2)):
    net = FeedForward(sizes)
    net.initialize()
    return net


def test_parameters_move_between_networks_of_one_structure():
    a, b = network(), FeedForward((4, 3, 2))  # b is not initialized
    x = np.random.normal(size=(5, 4))
    set_parameters(b, get_parameters(a))
    assert (a(x) == b(x)).all()


def test_half_precision_is_taken_as_single():
    a, b = network(), network()
    half = {k: v.astype("float16") for k, v in get_parameters(a).items()}
    set_parameters(b, half)
    for name, value in get_parameters(b).items():
        assert value.dtype == onp.float32
        onp.testing.assert_array_equal(value, half[name])


def test_a_layer_that_waits_for_its_input_gets_its_shape():
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(3))
    set_parameters(net, {"0.weight": onp.ones((3, 5)), "0.bias": [0, 1, 2]})
    assert net(np.ones((1, 5))).tolist() == [[5, 6, 7]]


def test_nothing_changes_unless_everything_fits():
    net = network()
    before = get_parameters(net)
    wrong_shape = {**before, "output.bias": onp.zeros(7)}
    for name in before:
        wrong_shape[name] = wrong_shape[name] + 1
    with pytest.raises(ValueError, match=r"output\.bias.*\(2,\)"):
        set_parameters(net, wrong_shape)
    with pytest.raises(ValueError, match="exactly the names"):
        set_parameters(net, {"output.bias": onp.zeros(2)})
    for name, value in get_parameters(net).items():
        onp.testing.assert_array_equal(value, before[name])


def test_nothing_changes_where_a_size_is_not_known_yet():
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(3), gluon.nn.Dense(2))
    arrays = {
        "0.weight": onp.ones((3, 5)),
        "0.bias": onp.zeros(3),
        "1.weight": onp.ones((4, 3)),
        "1.bias": onp.zeros(2),
    }
    with pytest.raises(ShapeError, match=r"`arrays` \(=1\.weight: \(4, 3\)"):
        set_parameters(net, arrays)
    assert all(p._data is None for p in net.collect_params().values())
