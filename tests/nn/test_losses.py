"""Losses: known values, numeric gradient, extreme logits."""

import numpy as onp
import pytest

from fdl._mxnet import autograd, gluon, np
from fdl.nn import cross_entropy


class Loss(gluon.HybridBlock):
    def hybrid_forward(self, F, logits, labels):
        return cross_entropy(logits, labels)


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32"])
def test_cross_entropy_is_minus_the_log_probability(dtype):
    logits = onp.log(onp.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]))
    labels = onp.array([2, 1], dtype)
    loss = cross_entropy(np.array(logits + 3), np.array(labels)).asnumpy()
    onp.testing.assert_allclose(loss, [-onp.log(0.7), onp.log(4)], rtol=1e-12)


def test_extreme_logits_cost_much_and_are_finite():
    logits = np.array(onp.array([[0.0, 1000.0], [-1000.0, 0.0]]))
    labels = np.array(onp.array([0, 1]))
    logits.attach_grad()
    with autograd.record():
        loss = cross_entropy(logits, labels)
        total = loss.sum()
    total.backward()
    onp.testing.assert_array_equal(loss.asnumpy(), [1000, 0])
    onp.testing.assert_array_equal(logits.grad.asnumpy(), [[-1, 1], [0, 0]])


@pytest.mark.parametrize("hybrid", [False, True])
def test_the_gradient_is_softmax_minus_one_hot(hybrid):
    loss = Loss()
    if hybrid:
        loss.hybridize(static_alloc=True, static_shape=True)
    z = onp.random.default_rng(0).normal(size=(5, 4))
    labels = onp.array([3, 0, 1, 1, 2], "int32")
    logits = np.array(z)
    logits.attach_grad()
    with autograd.record():
        total = loss(logits, np.array(labels)).sum()
    total.backward()
    expected = onp.exp(z) / onp.exp(z).sum(axis=1, keepdims=True)
    expected[range(5), labels] -= 1
    onp.testing.assert_allclose(logits.grad.asnumpy(), expected, atol=1e-12)
