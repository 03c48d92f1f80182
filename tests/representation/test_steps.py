"""Oracle, gradient, property: a step equals loops, autograd, and is sparse."""

import numpy as onp
import pytest

from fdl._mxnet import autograd, np
from fdl.data import Vocabulary
from fdl.representation import Word2Vec, add_rows, sum_rows
from fdl.representation.steps import Batch, Tables, cbow_step, skip_gram_step

from .oracles_words import loops

STEP = {"skip_gram": skip_gram_step, "cbow": cbow_step}
V, D = 30, 6


def setting(T, w, K=4, groups=None, dtype="float64"):
    rng = onp.random.default_rng(T + w)
    L = max(16, 2 * w)
    groups = groups or max(1, T // L)
    tables = Tables(
        rng.normal(size=(V, D)).astype(dtype),
        rng.normal(size=(V, D)).astype(dtype),
        rng.normal(size=(V, 1)).astype(dtype),
    )
    chosen = rng.random((T, 2 * w + 1)) < 0.5
    chosen[:, w] = False
    chosen[T // 2] = False  # one that meets nobody
    words = rng.integers(0, V, T + 2 * w)
    words[:3] = words[4]  # repeated rows
    batch = Batch(
        words,
        chosen,
        rng.integers(0, V, (groups, K)),
        rng.normal(size=V).astype(dtype),
    )
    return tables, batch


@pytest.mark.parametrize("model", ["skip_gram", "cbow"])
@pytest.mark.parametrize(
    ("T", "w"), [(5, 2), (1, 5), (16, 5), (48, 3), (60, 10)]
)
def test_a_step_equals_loops_over_pairs(model, T, w):
    tables, batch = setting(T, w)
    wanted, loss = loops(model, tables, *batch, 0.1)
    found = STEP[model](tables, batch, 0.1)
    assert found == pytest.approx(loss, rel=1e-9)
    for one, other in zip(tables[:3], wanted):
        onp.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("model", ["skip_gram", "cbow"])
def test_not_measuring_changes_no_step(model):
    tables, batch = setting(32, 2)
    other = Tables(*(t.copy() for t in tables[:3]))
    assert onp.isnan(STEP[model](tables, batch, 0.1, measure=False))
    STEP[model](other, batch, 0.1)
    for one, two in zip(tables[:3], other):
        assert (one == two).all()


@pytest.mark.parametrize("model", ["skip_gram", "cbow"])
def test_rows_that_are_not_named_are_not_touched(model):
    tables, batch = setting(16, 2)
    batch = batch._replace(words=batch.words % 10, noise=batch.noise % 10 + 10)
    before = [t.copy() for t in tables[:3]]
    STEP[model](tables, batch, 0.1)
    moved = [
        (a != b).reshape(V, -1).any(1) for a, b in zip(tables[:3], before)
    ]
    assert not moved[0][10:].any()
    assert moved[0][:10].any()
    assert not moved[1][20:].any()
    assert moved[1][10:20].any()
    assert not moved[2][20:].any()


def test_extreme_scores_stay_finite():
    for step in STEP.values():
        tables, batch = setting(16, 2, dtype="float32")
        tables.inputs[:] *= 1e3
        loss = step(tables, batch, 1e-6)
        assert onp.isfinite(loss)
        assert all(onp.isfinite(t).all() for t in tables[:3])


@pytest.mark.parametrize("loss", ["nce", "negative_sampling"])
@pytest.mark.parametrize("model", ["skip_gram", "cbow"])
def test_autograd_on_the_block_takes_the_same_step(model, loss):
    words = [f"w{k}" for k in range(V)]
    net = Word2Vec(
        Vocabulary(words, range(V, 0, -1)),
        D,
        model=model,
        loss=loss,
        negatives=4,
        window=2,
    )
    tables, batch = setting(8, 2, groups=1, dtype="float32")
    batch = batch._replace(log_expected=net.log_expected)
    net.initialize()
    for parameter, value in zip((net.inputs, net.outputs, net.bias), tables):
        parameter.set_data(np.array(value))
    contexts, weights, targets = [], [], []
    for t, row in enumerate(batch.chosen):
        around = [int(batch.words[t + j]) for j in range(5) if row[j]]
        centre = int(batch.words[t + 2])
        if model == "skip_gram":
            for other in around:
                contexts.append([centre])
                weights.append([1.0])
                targets.append(other)
        elif around:
            more = 4 - len(around)
            contexts.append(around + [0] * more)
            weights.append([1 / len(around)] * len(around) + [0.0] * more)
            targets.append(centre)
    args = [
        np.array(onp.array(a))
        for a in (
            onp.array(contexts, "int32"),
            onp.array(weights, "float32"),
            onp.array(targets, "int32"),
            batch.noise[0].astype("int32"),
        )
    ]
    for hybrid in (False, True):
        if hybrid:
            net.hybridize()
        with autograd.record():
            total = net(*args).sum()
        total.backward()
    before = float(total)
    assert STEP[model](tables, batch, 0.1) == pytest.approx(before, rel=1e-5)
    for parameter, value in zip((net.inputs, net.outputs, net.bias), tables):
        stepped = parameter.data() - 0.1 * parameter.grad()
        onp.testing.assert_allclose(stepped.asnumpy(), value, atol=2e-6)


@pytest.mark.parametrize("n", [1, 2, 50, 161, 1000])
@pytest.mark.parametrize("rows", [1, 7, 5000])
def test_rows_are_added_as_often_as_they_are_named(n, rows):
    rng = onp.random.default_rng(n)
    which = rng.integers(0, rows, n)
    values = rng.integers(-9, 9, (n, 3)).astype(float)
    table = rng.integers(-9, 9, (rows, 3)).astype(float)
    wanted = table.copy()
    for row, value in zip(which, values):
        wanted[row] += value
    different, sums = sum_rows(which, values.copy())
    assert different.tolist() == sorted(set(which.tolist()))
    assert (sums.sum(0) == values.sum(0)).all()
    add_rows(table, which, values)
    assert (table == wanted).all()


@pytest.mark.parametrize("n", [3, 500])
def test_adagrad_has_one_rate_a_row(n):
    rng = onp.random.default_rng(n)
    table, squares = onp.zeros((9, 4)), onp.ones(9)
    wanted, r = table.copy(), squares.copy()
    for _ in range(3):
        which, values = rng.integers(0, 8, n), rng.normal(size=(n, 4))
        for row in set(which.tolist()):
            g = values[which == row].sum(0)
            r[row] += (g**2).mean()
            wanted[row] += 0.3 * g / onp.sqrt(r[row])
        add_rows(table, which, values, 0.3, squares)
    onp.testing.assert_allclose(table, wanted, rtol=1e-9)
    onp.testing.assert_allclose(squares, r, rtol=1e-9)
    # a row that gets nothing stays where it is
    add_rows(table, onp.array([8]), onp.zeros((1, 4)), 0.3, onp.zeros(9))
    assert (table[8] == 0).all()
