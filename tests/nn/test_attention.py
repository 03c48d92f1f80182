"""Known value, oracle, property, gradient: attention."""

import math
from functools import partial

import numpy as onp
import pytest

from fdl._mxnet import autograd, gluon, np
from fdl.errors import ShapeError
from fdl.nn import AdditiveAttention, dot_attention

B, Q, N, W = 3, 2, 5, 4
MASK = onp.array([[1, 1, 1, 1, 1], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]])


def by_hand(score, keys, mask):
    """Return context and weights of one query, number by number."""
    there = [n for n in range(len(keys)) if mask[n]]
    total = sum(math.exp(score(keys[n])) for n in there)
    weights = [
        math.exp(score(keys[n])) / total if n in there else 0.0
        for n in range(len(keys))
    ]
    context = [
        sum(w * key[i] for w, key in zip(weights, keys)) for i in range(W)
    ]
    return context, weights


@pytest.fixture
def keys():
    return np.random.normal(size=(B, N, W))


def assert_as_by_hand(found, score, keys, queries):
    context, weights = (a.asnumpy() for a in found)
    for b in range(B):
        for q in range(Q):
            wanted = by_hand(partial(score, queries[b, q]), keys[b], MASK[b])
            onp.testing.assert_allclose(context[b, q], wanted[0], atol=1e-5)
            onp.testing.assert_allclose(weights[b, q], wanted[1], atol=1e-6)
            assert (weights[b, q][MASK[b] == 0] == 0).all()


def test_dot_attention_is_its_sum(keys):
    queries = np.random.normal(size=(B, Q, W))
    found = dot_attention(queries, keys, np.array(MASK))
    host, asked = keys.asnumpy(), queries.asnumpy()
    assert_as_by_hand(found, onp.dot, host, asked)
    # one query alone is the same
    for q in range(Q):
        one = dot_attention(queries[:, q], keys, np.array(MASK))
        for a, b in zip(one, found):
            onp.testing.assert_allclose(
                a.asnumpy(), b[:, q].asnumpy(), atol=1e-6
            )


def test_additive_attention_is_its_sum(keys):
    look = AdditiveAttention(6)
    look.initialize()
    queries = np.random.normal(size=(B, Q, 7))
    found = look(queries, keys, np.array(MASK))
    names = ("of_query", "of_key", "score")
    Wq, Uk, v = (getattr(look, name).weight.data().asnumpy() for name in names)
    assert min(abs(weight).max() for weight in (Wq, Uk, v)) > 0.1
    look.of_key.bias.set_data(np.random.normal(size=6))
    found = look(queries, keys, np.array(MASK))
    bias = look.of_key.bias.data().asnumpy()

    def score(query, key):
        return float(v[0] @ onp.tanh(Wq @ query + Uk @ key + bias))

    assert_as_by_hand(found, score, keys.asnumpy(), queries.asnumpy())
    one = look(queries[:, 1], keys, np.array(MASK))
    for a, b in zip(one, found):
        onp.testing.assert_allclose(a.asnumpy(), b[:, 1].asnumpy(), atol=1e-6)


def test_a_scorer_needs_no_query(keys):
    look = AdditiveAttention(6)
    look.initialize()
    context, weights = look(None, keys, np.array(MASK))
    Uk, v = (
        getattr(look, name).weight.data().asnumpy()
        for name in ("of_key", "score")
    )
    for b in range(B):
        wanted = by_hand(
            lambda key: float(v[0] @ onp.tanh(Uk @ key)),
            keys[b].asnumpy(),
            MASK[b],
        )
        onp.testing.assert_allclose(context[b].asnumpy(), wanted[0], atol=1e-5)
        onp.testing.assert_allclose(weights[b].asnumpy(), wanted[1], atol=1e-6)


def test_padded_keys_change_nothing_and_get_no_gradient(keys):
    query, mask = np.random.normal(size=(B, W)), np.array(MASK)
    wild = keys + 1000 * (1 - np.array(MASK)[:, :, None])
    for other in (keys, wild):
        other.attach_grad()
    with autograd.record():
        one, _ = dot_attention(query, keys, mask)
        two, _ = dot_attention(query, wild, mask)
        loss = (one * one).sum() + (two * two).sum()
    loss.backward()
    onp.testing.assert_allclose(one.asnumpy(), two.asnumpy(), atol=1e-5)
    for other in (keys, wild):
        gradient = other.grad.asnumpy()
        assert onp.isfinite(gradient).all()
        assert (gradient[MASK == 0] == 0).all()
        assert onp.abs(gradient[MASK == 1]).min() > 0


class Look(gluon.HybridBlock):
    """Both kinds, inside a network."""

    def __init__(self):
        super().__init__()
        self.look = AdditiveAttention(6)

    def hybrid_forward(self, F, query, keys, mask):
        one, _ = dot_attention(query, keys, mask)
        two, _ = self.look(query, keys, mask)
        return one + two


def test_compiled_is_not_compiled(keys):
    net = Look()
    net.initialize()
    query, mask = np.random.normal(size=(B, W)), np.array(MASK)
    plain = net(query, keys, mask).asnumpy()
    net.hybridize(static_alloc=True, static_shape=True)
    onp.testing.assert_allclose(
        net(query, keys, mask).asnumpy(), plain, atol=1e-6
    )


def test_what_does_not_fit_is_told(keys):
    with pytest.raises(ShapeError, match=r"`query` .* must be \(3, 4\) or"):
        dot_attention(np.ones((B, W + 1)), keys)
    with pytest.raises(ShapeError, match=r"`keys` .* must be \(B, N, W\)"):
        dot_attention(np.ones((B, W)), keys[0])
    with pytest.raises(ShapeError, match=r"`mask` .* must be \(3, 5\)"):
        dot_attention(np.ones((B, W)), keys, np.ones((B, N + 1)))
    look = AdditiveAttention(6)
    with pytest.raises(ShapeError, match=r"`query` .* must be \(3, …\) or"):
        look(np.ones((B + 1, W)), keys)
    with pytest.raises(ValueError, match="`units` .* from 1 up"):
        AdditiveAttention(0)
