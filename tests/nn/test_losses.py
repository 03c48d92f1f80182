"""Losses: known values, numeric gradient, extreme logits."""

import numpy as onp
import pytest

from fdl import scratch
from fdl._mxnet import autograd, gluon, np
from fdl.nn import (
    cross_entropy,
    distance,
    kl_bernoulli,
    kl_normal,
    masked_cross_entropy,
    nce,
    sampled_softmax,
)


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


def gradients(function, *arrays):
    """Return a loss, summed, and its gradients."""
    arrays = [np.array(a) for a in arrays]
    for a in arrays:
        a.attach_grad()
    with autograd.record():
        loss = function(*arrays)
        total = loss.sum()
    total.backward()
    return loss.asnumpy(), [a.grad.asnumpy() for a in arrays]


class Mean(gluon.HybridBlock):
    def hybrid_forward(self, F, logits, labels, mask):
        return masked_cross_entropy(logits, labels, mask)


@pytest.mark.parametrize("hybrid", [False, True])
def test_padding_does_not_count(hybrid):
    rng = onp.random.default_rng(0)
    z, labels = rng.normal(size=(3, 4, 5)), rng.integers(0, 5, (3, 4))
    mask = onp.array([[1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]], float)
    loss = Mean()
    if hybrid:
        loss.hybridize()
    p = onp.exp(z) / onp.exp(z).sum(-1, keepdims=True)
    each = -onp.log(onp.take_along_axis(p, labels[..., None], -1))[..., 0]
    found = []
    for filler in (0, 4):  # labels of padding may be anything
        filled = onp.where(mask > 0, labels, filler).astype("float64")
        found.append(loss(*map(np.array, (z, filled, mask))).asnumpy())
    expected = [each[0, :3].mean(), each[1, 0], 0]
    onp.testing.assert_allclose(found, [expected, expected], rtol=1e-6)


def test_nce_of_one_pair_and_one_noise_word_has_a_closed_form():
    s, n, a, b = 1.5, -0.5, onp.log(0.2), onp.log(0.7)
    loss, (ds, dn) = gradients(
        lambda s, n: nce(s, n, a, b), onp.array([s]), onp.array([[n]])
    )

    def sigmoid(x):
        return 1 / (1 + onp.exp(-x))

    right, wrong = sigmoid(s - a), sigmoid(n - b)
    assert loss[0] == pytest.approx(-onp.log(right) - onp.log(1 - wrong))
    assert ds[0] == pytest.approx(right - 1)
    assert dn[0, 0] == pytest.approx(wrong)


def test_nce_and_its_loops_agree():
    rng = onp.random.default_rng(1)
    q = rng.dirichlet(onp.ones(7))
    s = rng.normal(size=(3, 7))
    context, noise = [0, 3, 3], [6, 3, 2, 2]
    rows = onp.arange(3)
    log_kq = onp.log(len(noise) * q)
    for given, shift in ((None, 0 * q), (q, log_kq)):
        loss, (ds, dn) = gradients(
            lambda s, n, shift=shift: nce(
                s, n, np.array(shift[context]), np.array(shift[noise])
            ),
            s[rows, context],
            s[:, noise],
        )
        for b in range(3):
            args = (s[b], context[b], noise, given)
            assert loss[b] == pytest.approx(scratch.nce_loss(*args))
            full = onp.zeros(7)
            full[context[b]] += ds[b]
            onp.add.at(full, noise, dn[b])
            onp.testing.assert_allclose(
                full, scratch.nce_gradient(*args), atol=1e-9
            )


def test_losses_of_noise_stay_finite():
    far = onp.array([-1000.0, 1000.0])
    for loss in (nce, sampled_softmax):
        value, (ds, dn) = gradients(loss, far, onp.array([[1000.0]] * 2))
        assert onp.isfinite([value, ds, dn[:, 0]]).all()
    assert nce(np.array(far), np.array([[-1000.0]] * 2))[1] == 0


def test_sampling_every_word_once_is_the_softmax():
    rng = onp.random.default_rng(2)
    z = rng.normal(size=(4, 6))
    labels = onp.array([5, 0, 2, 2])
    others = [[w for w in range(6) if w != c] for c in labels]
    scores = z[onp.arange(4), labels]
    noise = onp.take_along_axis(z, onp.array(others), 1)
    # however often words are expected, if they are equally often
    for shift in (0.0, -1.3):
        loss, (ds, dn) = gradients(
            lambda s, n, shift=shift: sampled_softmax(s, n, shift, shift),
            scores,
            noise,
        )
        expected, (dz,) = gradients(
            lambda z: cross_entropy(z, np.array(labels)), z
        )
        onp.testing.assert_allclose(loss, expected, rtol=1e-9)
        onp.testing.assert_allclose(
            dn, onp.take_along_axis(dz, onp.array(others), 1), atol=1e-9
        )
        onp.testing.assert_allclose(ds, dz[onp.arange(4), labels], atol=1e-9)
    # a word that is drawn twice as often counts half in each draw
    half, _ = gradients(
        lambda s, n: sampled_softmax(s, n, 0.0, onp.log(2.0)),
        scores,
        onp.repeat(noise, 2, axis=1),
    )
    onp.testing.assert_allclose(half, expected, rtol=1e-9)


def test_the_sampled_softmax_hybridizes():
    class Sampled(gluon.HybridBlock):
        def hybrid_forward(self, F, s, n):
            return sampled_softmax(s, n) + nce(s, n)

    net = Sampled()
    s, n = np.array([0.3, -1.0]), np.array([[0.1, 0.2], [1.0, 2.0]])
    eager = net(s, n).asnumpy()
    net.hybridize()
    onp.testing.assert_allclose(net(s, n).asnumpy(), eager, rtol=1e-6)


def test_the_divergence_of_normals_is_the_integral():
    mean, log_variance = 0.7, -0.4
    x = onp.linspace(-12, 12, 200_001)
    sigma = onp.exp(log_variance / 2)
    log_p = -0.5 * ((x - mean) / sigma) ** 2 - onp.log(sigma)
    log_q = -0.5 * x**2
    p = onp.exp(log_p) / onp.sqrt(2 * onp.pi)
    integral = (p * (log_p - log_q)).sum() * (x[1] - x[0])
    both = kl_normal(np.array([[mean, 0.0]]), np.array([[log_variance, 0.0]]))
    assert float(both[0]) == pytest.approx(integral, rel=1e-5)
    assert float(kl_normal(np.zeros((1, 3)), np.zeros((1, 3)))[0]) == 0
    assert float(kl_normal(np.ones((1, 2)), np.zeros((1, 2)))[0]) == 1


def test_the_divergence_of_units_is_zero_at_the_target_and_finite_at_0():
    found, (slope,) = gradients(
        lambda m: kl_bernoulli(0.2, m), onp.array([0.2, 0.5, 0.0, 1.0])
    )
    expected = 0.2 * onp.log(0.2 / 0.5) + 0.8 * onp.log(0.8 / 0.5)
    assert found[:2] == pytest.approx([0, expected])
    assert found[2] == pytest.approx(
        0.2 * onp.log(0.2 / 1e-7) + 0.8 * onp.log(0.8), rel=1e-6
    )
    assert onp.isfinite(found).all()
    # −ρ/ρ̂ + (1 − ρ)/(1 − ρ̂)
    assert slope[:2] == pytest.approx([0, -0.4 + 1.6])
    for target in (0.0, 1.0):
        with pytest.raises(ValueError, match="`target` .* between 0 and 1"):
            kl_bernoulli(target, np.ones(1))


def test_distance_is_the_length_of_the_gap_with_a_gradient_of_length_one():
    a, b = np.array([[1.0, 5.0], [2.0, 2.0]]), np.array([[4.0, 1.0], [2, 2]])
    a.attach_grad()
    with autograd.record():
        loss = distance(a, b)
    loss.backward()
    assert loss.tolist() == [5, 0]
    # no direction where nothing is missing
    onp.testing.assert_allclose(
        a.grad.asnumpy(), [[-0.6, 0.8], [0, 0]], rtol=1e-6
    )


@pytest.mark.parametrize("hybrid", [False, True])
def test_distance_of_pictures_counts_all_their_pixels(hybrid):
    class Far(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b):
            return distance(a, b)

    far = Far()
    if hybrid:
        far.hybridize(static_alloc=True, static_shape=True)
    a, b = np.random.normal(size=(2, 5, 1, 3, 4))
    gap = (a - b).asnumpy().reshape(5, -1)
    onp.testing.assert_allclose(
        far(a, b).asnumpy(), onp.linalg.norm(gap, axis=1), rtol=1e-6
    )
