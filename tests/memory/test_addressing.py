"""Addressing: oracle, known values, properties, gradients, bad input.

DeepMind's and pytorch-ntm's cases stand here in our words. Their utilities,
such as a batched inverse permutation, have no counterpart: ours compares
usages instead of sorting them.
"""

import numpy as np
import pytest

from fdl._mxnet import autograd, gluon, mx
from fdl.memory import addressing
from tests.memory import oracles
from tests.oracles import assert_gradients_agree, central_differences

B, N, W, R, S = 3, 6, 5, 2, 3


def simplex(rng, *shape):
    """Return weights that add up to 1."""
    weights = rng.uniform(0.05, 1, shape)
    return weights / weights.sum(axis=-1, keepdims=True)


def arguments(rng):
    """Return arguments of every function, by its name."""
    one = rng.uniform
    return {
        "content": (
            rng.normal(size=(B, N, W)),
            rng.normal(size=(B, R, W)),
            one(1, 5, (B, R)),
        ),
        "interpolate": (
            simplex(rng, B, R, N),
            simplex(rng, B, R, N),
            one(0.1, 0.9, (B, R)),
        ),
        "shift": (simplex(rng, B, R, N), simplex(rng, B, R, S)),
        "sharpen": (simplex(rng, B, R, N), one(1.5, 4, (B, R))),
        "retention": (one(0.1, 0.9, (B, R)), simplex(rng, B, R, N)),
        "usage": (
            one(0.1, 0.9, (B, N)),
            simplex(rng, B, N),
            one(0.1, 0.9, (B, N)),
        ),
        # a gap between any two, so that no step of a difference meets a tie
        "allocation": (
            rng.permuted(np.tile(np.linspace(0.1, 0.9, N), (B, 1)), axis=1),
        ),
        "write_weights": (
            simplex(rng, B, N),
            simplex(rng, B, N),
            one(0.1, 0.9, (B, 1)),
            one(0.1, 0.9, (B, 1)),
        ),
        "erase_and_write": (
            rng.normal(size=(B, N, W)),
            simplex(rng, B, N),
            one(0.1, 0.9, (B, W)),
            rng.normal(size=(B, W)),
        ),
        "precedence": (0.7 * simplex(rng, B, N), 0.8 * simplex(rng, B, N)),
        "link": (
            one(0, 0.2, (B, N, N)),
            0.8 * simplex(rng, B, N),
            0.7 * simplex(rng, B, N),
        ),
        "directions": (one(0, 0.2, (B, N, N)), simplex(rng, B, R, N)),
        "read_weights": (
            simplex(rng, B, R, N),
            simplex(rng, B, R, N),
            simplex(rng, B, R, N),
            simplex(rng, B, R, 3),
        ),
        "read": (rng.normal(size=(B, N, W)), simplex(rng, B, R, N)),
    }


FUNCTIONS = sorted(arguments(np.random.default_rng(0)))


class Block(gluon.HybridBlock):
    """One of the functions, in a graph."""

    def __init__(self, name):
        super().__init__()
        self.called = name

    def hybrid_forward(self, F, *inputs):
        return getattr(addressing, self.called)(*inputs)


def call(name, *arrays, dtype="float64"):
    """Return what a function returns, NumPy in and out."""
    arrays = [mx.np.array(a, dtype=dtype) for a in arrays]
    found = getattr(addressing, name)(*arrays)
    if isinstance(found, tuple):
        return tuple(part.asnumpy() for part in found)
    return found.asnumpy()


def weighted(found):
    """Return one number of all outputs, no two of which weigh alike."""
    parts = found if isinstance(found, tuple) else (found,)
    return sum(
        (
            part
            * (np.cos(2.0 * np.arange(part.size)) + 0.2).reshape(part.shape)
        ).sum()
        for part in parts
    )


def gradients(name, *arrays, dtype="float64", block=None):
    """Return the outputs and the gradients of their weighted sum."""
    arrays = [mx.np.array(a, dtype=dtype) for a in arrays]
    for array in arrays:
        array.attach_grad()
    with autograd.record():
        found = (block or getattr(addressing, name))(*arrays)
        parts = found if isinstance(found, (list, tuple)) else (found,)
        total = 0
        for part in parts:
            weights = np.cos(2.0 * np.arange(part.size)) + 0.2
            weights = mx.np.array(weights.reshape(part.shape), dtype=dtype)
            total = total + (part * weights).sum()
    total.backward()
    return [p.asnumpy() for p in parts], [a.grad.asnumpy() for a in arrays]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_those_of_differences(name, rng):
    arrays = [array[:2] for array in arguments(rng)[name]]
    _, found = gradients(name, *arrays)
    for k in range(len(arrays)):

        def total(changed, k=k):
            given = [*arrays[:k], changed, *arrays[k + 1 :]]
            return weighted(call(name, *given))

        numeric = central_differences(total, arrays[k], eps=1e-6)
        assert_gradients_agree(found[k], numeric, 1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_graph_computes_what_arrays_do(name, dtype, rng):
    arrays = arguments(rng)[name]
    block = Block(name)
    block.hybridize(static_alloc=True, static_shape=True)
    eager = gradients(name, *arrays, dtype=dtype)
    for _ in range(2):  # the second time runs what the first has compiled
        graph = gradients(name, *arrays, dtype=dtype, block=block)
    near = 1e-6 if dtype == "float32" else 1e-12
    for ours, other in zip(eager[0] + eager[1], graph[0] + graph[1]):
        assert ours.dtype == other.dtype == dtype
        np.testing.assert_allclose(ours, other, rtol=near, atol=near)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples_of_a_batch_do_not_meet(name, rng):
    arrays = arguments(rng)[name]
    before = call(name, *arrays)
    changed = [np.array(a) for a in arrays]
    for array, other in zip(changed, arguments(rng)[name]):
        array[1] = other[1]
    after = call(name, *changed)
    if not isinstance(before, tuple):
        before, after = (before,), (after,)
    for ours, other in zip(before, after):
        assert np.array_equal(ours[[0, 2]], other[[0, 2]])
        assert not np.array_equal(ours[1], other[1])


# --- content


def test_content_is_the_papers_loop(rng):
    memory, keys, strengths = arguments(rng)["content"]
    keys[0, 1] = memory[0, 2]  # one key that is in memory
    found = call("content", memory, keys, strengths)
    for b in range(B):
        for r in range(R):
            want = oracles.content(memory[b], keys[b, r], strengths[b, r])
            np.testing.assert_allclose(found[b, r], want, atol=1e-5)
    assert found.shape == (B, R, N)


def test_at_strength_one_content_is_a_softmax(rng):
    memory, keys, strengths = arguments(rng)["content"]
    found = call("content", memory, keys, np.ones_like(strengths))
    lengths = np.sqrt((memory**2).sum(-1))[:, None]
    cosine = keys @ memory.transpose(0, 2, 1) / lengths
    cosine /= np.sqrt((keys**2).sum(-1))[:, :, None]
    want = np.exp(cosine) / np.exp(cosine).sum(-1, keepdims=True)
    np.testing.assert_allclose(found, want, atol=1e-5)


def test_at_strength_zero_all_slots_are_alike(rng):
    memory, keys, strengths = arguments(rng)["content"]
    found = call("content", memory, keys, 0 * strengths)
    np.testing.assert_allclose(found, np.full((B, R, N), 1 / N))


def test_a_strong_key_finds_its_row_whatever_its_length(rng):
    memory, keys, strengths = arguments(rng)["content"]
    memory = np.linalg.qr(rng.normal(size=(B, N, N)))[0]  # rows apart
    keys = np.stack([memory[:, 3], 7 * memory[:, 1]], axis=1)
    found = call("content", memory, keys, np.full((B, R), 100.0))
    np.testing.assert_allclose(found, np.eye(N)[[[3, 1]] * B], atol=1e-3)
    scaled = memory * rng.uniform(1, 3, (B, N, 1))
    again = call("content", scaled, keys, np.full((B, R), 100.0))
    np.testing.assert_allclose(found, again, atol=1e-4)


@pytest.mark.parametrize("strength", [1.0, 1e4])
def test_zero_rows_and_keys_have_finite_gradients(strength, rng):
    memory = np.zeros((B, N, W))
    memory[:, 0] = 1
    keys = rng.normal(size=(B, R, W))
    keys[:, 1] = 0
    outputs, found = gradients(
        "content", memory, keys, np.full((B, R), strength), dtype="float32"
    )
    for array in outputs + found:
        assert np.isfinite(array).all()
    # a key of zeros is like nothing more than like anything else
    np.testing.assert_allclose(outputs[0][:, 1], 1 / N, atol=1e-6)


# --- interpolation, shift and sharpening


def test_a_closed_gate_keeps_and_an_open_one_takes(rng):
    content, previous, _ = arguments(rng)["interpolate"]
    gate = np.zeros((B, R))
    assert np.array_equal(
        call("interpolate", content, previous, gate), previous
    )
    assert np.array_equal(
        call("interpolate", content, previous, gate + 1), content
    )


@pytest.mark.parametrize("shifts", [1, 3, 5, 7])
def test_a_shift_is_the_papers_sum(shifts, rng):
    weights = simplex(rng, B, R, N)
    moves = simplex(rng, B, R, shifts)
    found = call("shift", weights, moves)
    for b in range(B):
        for r in range(R):
            want = oracles.shift(weights[b, r], moves[b, r])
            np.testing.assert_allclose(found[b, r], want, atol=1e-12)
    np.testing.assert_allclose(found.sum(-1), 1)


def test_the_last_slot_is_followed_by_the_first():
    last = np.eye(4)[[[3]]]
    ahead = np.array([[[0.0, 0.0, 1.0]]])
    assert call("shift", last, ahead).tolist() == [[[1, 0, 0, 0]]]
    back = ahead[:, :, ::-1]
    assert call("shift", last, back).tolist() == [[[0, 0, 1, 0]]]


def test_sharpening_is_the_papers_quotient(rng):
    weights, gamma = arguments(rng)["sharpen"]
    found = call("sharpen", weights, gamma)
    for b in range(B):
        for r in range(R):
            want = oracles.sharpen(weights[b, r], gamma[b, r])
            np.testing.assert_allclose(found[b, r], want, atol=1e-12)
    same = call("sharpen", weights, np.ones((B, R)))
    np.testing.assert_allclose(same, weights, atol=1e-12)


@pytest.mark.parametrize("gamma", [1.0, 100.0, 1e4])
def test_zero_weights_have_finite_gradients(gamma):
    weights = np.zeros((1, 3, 4))
    weights[0, 0] = [0.1, 0.2, 0, 0]
    weights[0, 1] = [0, 0, 0, 1]
    outputs, found = gradients(
        "sharpen", weights, np.full((1, 3), gamma), dtype="float32"
    )
    for array in outputs + found:
        assert np.isfinite(array).all()
    (sharp,) = outputs
    want = [1 / 3, 2 / 3, 0, 0] if gamma == 1 else [0, 1, 0, 0]
    np.testing.assert_allclose(sharp[0, 0], want, atol=1e-6)
    np.testing.assert_allclose(sharp[0, 1], [0, 0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(sharp[0, 2], 0, atol=1e-6)


def test_at_gamma_one_a_zero_weight_has_its_gradient():
    weights = np.array([[[0.0, 0.5, 0.5]]])
    _, (found, _) = gradients("sharpen", weights, np.ones((1, 1)))
    up = np.cos(2.0 * np.arange(3)) + 0.2
    np.testing.assert_allclose(found[0, 0], up - up[1:].mean(), atol=1e-9)


def test_an_ntm_head_finds_its_slot():
    key, ones = np.eye(4)[[[0]]], np.ones((1, 1))
    w = call("content", np.eye(4)[None], key, 100 * ones)
    w = call("interpolate", w, np.full((1, 1, 4), 0.25), ones)
    w = call("shift", w, np.array([[[0.0, 1.0, 0.0]]]))
    w = call("sharpen", w, 100 * ones)
    np.testing.assert_allclose(w, key, atol=1e-6)


def test_every_stage_returns_weights(rng):
    w = call("content", *arguments(rng)["content"])
    others = arguments(rng)
    for name in ("interpolate", "shift", "sharpen"):
        w = call(name, w, *others[name][1:])
        assert (w >= 0).all()
        np.testing.assert_allclose(w.sum(-1), 1)


# --- usage and allocation


def test_usage_is_the_papers_formula(rng):
    previous, write, _ = arguments(rng)["usage"]
    gates, reads = arguments(rng)["retention"]
    found = call("usage", previous, write, call("retention", gates, reads))
    for b in range(B):
        want = oracles.usage(previous[b], write[b], gates[b], reads[b])
        np.testing.assert_allclose(found[b], want, atol=1e-12)
    assert ((found >= 0) & (found <= 1)).all()


def test_a_full_write_makes_a_slot_used_and_a_freed_read_free(rng):
    previous, write, _ = arguments(rng)["usage"]
    write[:, 3], write[:, 4] = 1, 0
    reads = np.zeros((B, R, N))
    reads[:, 1, 4] = 1
    kept = call("retention", np.ones((B, R)), reads)
    found = call("usage", previous, write, kept)
    np.testing.assert_allclose(found[:, 3], 1)
    assert (found[:, 4] == 0).all()


def test_without_writes_and_frees_usage_stays(rng):
    previous = rng.uniform(0, 1, (B, N))
    none, reads = np.zeros((B, N)), np.zeros((B, R, N))
    reads[:, 0, 1] = reads[:, 1, 2] = 1
    kept = call("retention", np.zeros((B, R)), reads)
    assert np.array_equal(call("usage", previous, none, kept), previous)
    # one head frees what it has read, and nothing else
    kept = call("retention", np.array([[0.0, 1.0]] * B), reads)
    found = call("usage", previous, none, kept)
    assert (found[:, 2] == 0).all()
    others = [0, 1, 3, 4, 5]
    assert np.array_equal(found[:, others], previous[:, others])


@pytest.mark.parametrize("gate", [0.0, 1.0])
def test_retention_has_finite_gradients(gate):
    reads = np.zeros((1, 3, 4))
    reads[:, :, 1] = 1
    outputs, found = gradients(
        "retention", np.full((1, 3), gate), reads, dtype="float32"
    )
    assert outputs[0][0, 1] == 1 - gate
    for array in found:
        assert np.isfinite(array).all()


def test_allocation_is_the_papers_loop(rng):
    usage = rng.uniform(0, 1, (B, N))
    found = call("allocation", usage)
    for b in range(B):
        want = oracles.allocation(usage[b])
        np.testing.assert_allclose(found[b], want, atol=1e-12)
    np.testing.assert_allclose(found.sum(-1), 1 - usage.prod(-1))
    assert (found.argmax(-1) == usage.argmin(-1)).all()
    assert (found.argmin(-1) == usage.argmax(-1)).all()
    order = rng.permutation(N)
    moved = call("allocation", usage[:, order])
    np.testing.assert_allclose(moved, found[:, order])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("usage", "want"),
    [
        ([1, 0.7, 0.2, 0.4], [0, 0.024, 0.8, 0.12]),  # the book's
        ([0.5, 0.2, 0.8], [0.1, 0.8, 0.02]),
        ([1, 1, 1], [0, 0, 0]),
        ([0, 0, 0], [1, 0, 0]),
        ([0.5, 0.5, 0.5], [0.5, 0.25, 0.125]),
        ([0.3, 0, 1], [0, 1, 0]),
    ],
)
def test_known_usages(usage, want, dtype):
    found = call("allocation", [usage], dtype=dtype)
    np.testing.assert_allclose(found, [want], atol=1e-6)


def test_ties_and_free_slots_have_their_gradient():
    usage = np.array([[0.0, 0.5, 0.5, 0.0], [0.0, 0.2, 0.4, 0.9]])
    usage = np.stack([*usage, np.ones(4), np.zeros(4)])
    for dtype in ("float32", "float64"):
        _, (found,) = gradients("allocation", usage, dtype=dtype)
        assert np.isfinite(found).all()
    # row 1 has no tie, and its slopes to the right are those there
    up = (np.cos(2.0 * np.arange(16)) + 0.2).reshape(4, 4)[1]
    start = call("allocation", usage)[1] @ up
    for i in range(4):
        there = usage.copy()
        there[1, i] += 1e-7
        slope = (call("allocation", there)[1] @ up - start) / 1e-7
        assert found[1, i] == pytest.approx(slope, abs=1e-5)


def test_rounding_beyond_the_limits_gives_no_nan():
    usage = np.array([[-1e-7, 1 + 1e-7, 0.5]])
    outputs, found = gradients("allocation", usage, dtype="float32")
    assert np.isfinite(outputs[0]).all()
    assert np.isfinite(found[0]).all()


def several(usage, gates):
    arrays = [
        mx.np.array(gates[:, [k]], dtype="float64")
        for k in range(gates.shape[1])
    ]
    found = addressing.allocations(mx.np.array(usage, dtype="float64"), arrays)
    return np.stack([a.asnumpy() for a in found], axis=1)


def test_heads_with_closed_gates_leave_slots_to_the_next(rng):
    usage = rng.permuted(np.tile(np.linspace(0.1, 0.9, N), (B, 1)), axis=1)
    found = several(usage, np.array([[1.0, 0, 1, 0, 0]] * B))
    assert np.array_equal(found[:, 1], found[:, 2])
    assert np.array_equal(found[:, 3], found[:, 4])
    assert (abs(found[:, 0] - found[:, 1]).max(-1) > 0.1).all()
    assert (abs(found[:, 2] - found[:, 3]).max(-1) > 0.1).all()


def test_open_heads_take_different_slots(rng):
    usage = rng.uniform(0.1, 1, (B, N))
    usage[:, 4], usage[:, 3] = 0, 1e-4
    found = several(usage, np.ones((B, 2)))
    np.testing.assert_allclose(found, np.eye(N)[[[4, 3]] * B], atol=1e-3)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.array_equal(found[:, 0].sum(-1), np.ones(B))
    left = 1 - np.delete(usage, 4, axis=1).prod(-1)
    np.testing.assert_allclose(found[:, 1].sum(-1), left)


# --- writing


def test_gates_decide_where_to_write(rng):
    content, _, write, allocate = arguments(rng)["write_weights"]
    usage = rng.uniform(0.2, 1, (B, N))
    usage[:, 3] = 0
    free, one = call("allocation", usage), np.ones((B, 1))
    found = call("write_weights", content, free, one, one)
    np.testing.assert_allclose(found, np.eye(N)[[3] * B], atol=1e-3)
    found = call("write_weights", content, free, write, allocate)
    np.testing.assert_allclose(found.sum(-1), write[:, 0], atol=1e-6)
    assert np.array_equal(
        call("write_weights", content, free, one, 0 * one), content
    )
    assert not call("write_weights", content, free, 0 * one, one).any()


def test_a_closed_write_gate_changes_nothing(rng):
    memory, _, erase, value = arguments(rng)["erase_and_write"]
    links, _, before = arguments(rng)["link"]
    links *= 1 - np.eye(N)
    none = np.zeros((B, N))
    found = call("erase_and_write", memory, none, erase, value)
    assert np.array_equal(found, memory)
    assert np.array_equal(call("link", links, none, before), links)
    assert np.array_equal(call("precedence", before, none), before)


def test_erase_and_write_is_the_papers_formula(rng):
    arrays = arguments(rng)["erase_and_write"]
    found = call("erase_and_write", *arrays)
    for b in range(B):
        want = oracles.erase_and_write(*(a[b] for a in arrays))
        np.testing.assert_allclose(found[b], want, atol=1e-12)
    memory, weights, erase, value = arrays
    weights = np.eye(N)[[2] * B]
    found = call("erase_and_write", memory, weights, 0 * erase + 1, value)
    np.testing.assert_allclose(found[:, 2], value)
    others = [0, 1, 3, 4, 5]
    assert np.array_equal(found[:, others], memory[:, others])


@pytest.mark.parametrize(
    ("weights", "erase", "value", "want"),
    [
        ([1, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]),
        ([0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0]),
        ([0, 0, 0, 1], [0, 0, 0, 0.5], [0, 0, 0, 0.2], [0, 0, 0, 0.7]),
        ([0.5, 0.5, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [0.25, 0.25, 0, 0]),
    ],
)
def test_what_an_ntm_writes_it_reads(weights, erase, value, want):
    memory = np.eye(4)[None]
    after = call("erase_and_write", memory, [weights], [erase], [value])
    found = call("read", after, [[weights]])
    np.testing.assert_allclose(found, [[want]], atol=1e-12)


# --- links


def written(writes):
    """Return links and precedence after writes `(steps, B, N)`."""
    links, before = np.zeros((B, N, N)), np.zeros((B, N))
    for w in writes:
        links = call("link", links, w, before)
        before = call("precedence", before, w)
    return links, before


def test_links_are_the_papers_loop(rng):
    arrays = arguments(rng)["link"]
    found = call("link", *arrays)
    for b in range(B):
        want = oracles.link(*(a[b] for a in arrays))
        np.testing.assert_allclose(found[b], want, atol=1e-12)
    before, w = arguments(rng)["precedence"]
    found = call("precedence", before, w)
    for b in range(B):
        want = oracles.precedence(before[b], w[b])
        np.testing.assert_allclose(found[b], want, atol=1e-12)


@pytest.mark.parametrize(("first", "then"), [(0, 1), (3, 2)])
def test_a_link_leads_from_one_write_to_the_next(first, then, rng):
    random = [simplex(rng, B, N) * rng.uniform(0, 1, (B, 1)) for _ in range(5)]
    one = np.eye(N)
    links, last = written([*random, one[[first] * B], one[[then] * B]])
    assert ((links >= 0) & (links <= 1)).all()
    assert (np.diagonal(links, axis1=1, axis2=2) == 0).all()
    assert (links.sum(1) <= 1 + 1e-9).all()
    assert (links.sum(2) <= 1 + 1e-9).all()
    np.testing.assert_allclose(links[:, :, first], one[[then] * B], atol=1e-9)
    np.testing.assert_allclose(last, one[[then] * B], atol=1e-9)
    assert ((last >= 0) & (last <= 1)).all()
    # and from where a head has read to what was written next, or before
    reads = one[[[first, then]] * B]
    forward, backward = call("directions", links, reads)
    np.testing.assert_allclose(forward[:, 0], one[[then] * B], atol=1e-9)
    np.testing.assert_allclose(backward[:, 1], one[[first] * B], atol=1e-9)


def test_directions_are_products_with_the_links(rng):
    links, reads = arguments(rng)["directions"]
    forward, backward = call("directions", links, reads)
    for b in range(B):
        for r in range(R):
            np.testing.assert_allclose(forward[b, r], links[b] @ reads[b, r])
            want = links[b].T @ reads[b, r]
            np.testing.assert_allclose(backward[b, r], want)


# --- reading


def test_read_weights_are_a_mixture_in_the_books_order(rng):
    backward, content, forward, _ = arguments(rng)["read_weights"]
    for k, want in enumerate((backward, content, forward)):
        modes = np.eye(3)[[[k] * R] * B]
        found = call("read_weights", backward, content, forward, modes)
        assert np.array_equal(found, want)


def test_a_strong_key_in_content_mode_reads_its_slot(rng):
    memory = np.linalg.qr(rng.normal(size=(B, N, N)))[0]  # rows apart
    keys = np.stack([memory[:, 3]] * R, axis=1)
    found = call("content", memory, keys, np.full((B, R), 100.0))
    links, last = rng.uniform(0, 0.2, (B, N, N)), simplex(rng, B, R, N)
    forward, backward = call("directions", links, last)
    modes = np.array([[[0.0, 1.0, 0.0]] * R] * B)
    weights = call("read_weights", backward, found, forward, modes)
    np.testing.assert_allclose(weights, np.eye(N)[[[3] * R] * B], atol=1e-3)
    reads = call("read", memory, weights)
    np.testing.assert_allclose(reads, keys, atol=1e-3)


def test_what_is_read_is_the_memorys_weighted_sum(rng):
    memory, weights = arguments(rng)["read"]
    found = call("read", memory, weights)
    for b in range(B):
        for r in range(R):
            want = memory[b].T @ weights[b, r]
            np.testing.assert_allclose(found[b, r], want)


def test_oneplus_is_never_below_one():
    x = np.array([-1e4, -1.0, 0.0, 1.0, 1e4])
    outputs, (slope,) = gradients("oneplus", x, dtype="float32")
    want = [1, 1 + np.log1p(np.exp(-1)), 1 + np.log(2), 1 + np.log1p(np.e)]
    np.testing.assert_allclose(outputs[0], [*want, 1e4 + 1], rtol=1e-6)
    assert np.isfinite(slope).all()


# --- bad input


@pytest.mark.parametrize(
    ("name", "position", "value", "message"),
    [
        ("content", 2, -1.0, r"`strengths` \(=-1.0\) must hold numbers from "),
        ("content", 2, np.nan, r"`strengths` \(=nan\) must hold numbers"),
        ("interpolate", 2, 1.5, r"`gate` \(=1.5\) must .* from 0 to 1"),
        ("shift", 1, -0.5, r"`shifts` \(=-0.5\) must .* from 0 to 1"),
        ("sharpen", 1, 0.5, r"`gamma` \(=0.5\) must hold numbers from 1 up"),
        ("retention", 0, -0.5, r"`free_gates` \(=-0.5\) must .* 0 to 1"),
        ("allocation", 0, 2.0, r"`usage` \(=2.0\) must .* 0 to 1"),
        ("write_weights", 2, 2.0, r"`write_gate` \(=2.0\) must .* 0 to 1"),
        ("write_weights", 3, 2.0, r"`allocation_gate` \(=2.0\) must"),
        ("erase_and_write", 2, -1.0, r"`erase` \(=-1.0\) must .* 0 to 1"),
        ("read_weights", 3, 3.0, r"`modes` \(=3.0\) must .* 0 to 1"),
    ],
)
def test_numbers_out_of_range_are_told(name, position, value, message, rng):
    arrays = [np.array(a) for a in arguments(rng)[name]]
    arrays[position].flat[-1] = value
    with pytest.raises(ValueError, match=message):
        call(name, *arrays)


def test_only_rounding_may_lead_beyond_the_limits(rng):
    content, previous, gate = arguments(rng)["interpolate"]
    for beyond in (0, 5e-5):
        for edge in (-beyond, 1 + beyond):
            call("interpolate", content, previous, 0 * gate + edge)
    for wrong in (-1e-3, 1 + 1e-3):
        with pytest.raises(ValueError, match=r"`gate` \(=.*from 0 to 1"):
            call("interpolate", content, previous, 0 * gate + wrong)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arrays_that_do_not_fit_are_told(name, rng):
    arrays = arguments(rng)[name]
    for k in range(len(arrays)):
        given = [*arrays[:k], arrays[k][..., None], *arrays[k + 1 :]]
        with pytest.raises(ValueError, match=r"^`\w+` \(=of shape .*must be"):
            call(name, *given)
    with pytest.raises(TypeError, match=r"^`\w+` \(=a list\) must be an arr"):
        getattr(addressing, name)(*([1.0] for _ in arrays))
    rule = r"^`\w+` \(=a numpy.ndarray\) must be an array of mx\.np\."
    with pytest.raises(TypeError, match=rule):
        getattr(addressing, name)(*arrays)
    whole = [mx.np.array(a, dtype="int32") for a in arrays]
    with pytest.raises(TypeError, match=r"\(=of int32\) must hold floats"):
        getattr(addressing, name)(*whole)


def test_sizes_that_differ_are_told(rng):
    memory, keys, strengths = arguments(rng)["content"]
    rule = r"`keys` \(=of shape .*must be \(B, R, W\), where W = 5 in `memory`"
    with pytest.raises(ValueError, match=rule):
        call("content", memory, keys[:, :, :3], strengths)
    with pytest.raises(ValueError, match="none of them 0"):
        call("content", memory[:, :0], keys, strengths)
    usage, gate = mx.np.ones((B, N)), mx.np.ones((B, 2))
    with pytest.raises(ValueError, match=r"`write_gate` .* be \(B, 1\)"):
        addressing.allocations(usage, [gate])
    ways = arguments(rng)["read_weights"][:3]
    with pytest.raises(ValueError, match=r"`modes` .* must be \(B, R, 3\)"):
        call("read_weights", *ways, simplex(rng, B, R, 4))
    weights = simplex(rng, B, R, N)
    with pytest.raises(ValueError, match="must have an odd number"):
        call("shift", weights, simplex(rng, B, R, 2))
