"""Property: rows of an epoch; known value: sizes; negative: arguments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdl.data import Minibatches

X = np.arange(22).reshape(11, 2)
Y = np.arange(11) * 10


def rows(batches, epoch=0):
    return np.concatenate([y for _, y in batches.epoch(epoch)]) // 10


@given(
    n=st.integers(1, 60),
    size=st.integers(1, 70),
    seed=st.integers(0, 5),
    epoch=st.integers(0, 5),
    shuffle=st.booleans(),
)
def test_every_row_comes_exactly_once(n, size, seed, epoch, shuffle):
    x = np.arange(n)
    batches = Minibatches(x, x + 100, size, shuffle=shuffle, seed=seed)
    got = list(batches.epoch(epoch))
    assert sorted(np.concatenate([a for a, _ in got])) == list(range(n))
    assert all((b == a + 100).all() for a, b in got)
    assert len(got) == len(batches) == -(-n // size)
    assert all(len(a) == size for a, _ in got[:-1])
    assert batches.examples == n


@given(n=st.integers(1, 60), data=st.data())
def test_drop_leaves_only_full_batches(n, data):
    size = data.draw(st.integers(1, n))
    x = np.arange(n)
    batches = Minibatches(x, x, size, last="drop")
    got = [a for a, _ in batches.epoch(1)]
    assert len(got) == len(batches) == n // size
    assert {len(a) for a in got} == {size}
    kept = np.concatenate(got)
    assert len(set(kept)) == len(kept) == n // size * size


def test_the_order_depends_on_seed_and_epoch_only():
    first = Minibatches(X, Y, 3, seed=4)
    again = Minibatches(X, Y, 5, seed=4)
    list(first.epoch(0))
    list(first.epoch(9))
    assert rows(first, 7).tolist() == rows(again, 7).tolist()
    assert rows(first, 7).tolist() != rows(first, 6).tolist()
    other = Minibatches(X, Y, 3, seed=5)
    assert rows(first, 7).tolist() != rows(other, 7).tolist()
    # seed and epoch are not simply added
    assert rows(first, 8).tolist() != rows(other, 7).tolist()


def test_the_order_ignores_the_global_generator():
    batches = Minibatches(X, Y, 3)
    np.random.seed(1)
    one = rows(batches, 2)
    np.random.seed(2)
    assert rows(batches, 2).tolist() == one.tolist()


def test_the_order_stays_what_it_was():
    # a checkpoint of an earlier release must meet the same batches
    assert rows(Minibatches(X, Y, 4, seed=1), 2).tolist() == ORDER


ORDER = [6, 8, 0, 9, 3, 4, 10, 5, 1, 7, 2]


def test_plain_iteration_is_epoch_zero_each_time():
    batches = Minibatches(X, Y, 4, seed=2)
    for _ in range(2):
        got = np.concatenate([y for _, y in batches]) // 10
        assert got.tolist() == rows(batches, 0).tolist()


def test_without_shuffling_batches_are_views_in_order():
    batches = Minibatches(X, Y, 4, shuffle=False)
    assert rows(batches, 3).tolist() == list(range(11))
    x, _ = next(batches.epoch(0))
    assert np.shares_memory(x, X)


def test_shuffled_batches_are_copies():
    x, _ = next(Minibatches(X, Y, 4).epoch(0))
    assert not np.shares_memory(x, X)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 0}, r"`batch_size` \(=0\) must be a whole number"),
        ({"batch_size": 2.0}, r"`batch_size` \(=2.0\) must be a whole"),
        ({"batch_size": True}, r"`batch_size` \(=True\) must be a whole"),
        ({"batch_size": 12, "last": "drop"}, "at most the 11 rows"),
        ({"seed": -1}, r"`seed` \(=-1\) must be"),
        ({"last": "skip"}, r"`last` \(='skip'\) must be 'keep' or 'drop'"),
        ({"y": Y[:-1]}, r"`y` \(=\(10,\)\) must have as many rows as `x`, 11"),
        ({"x": X[:0], "y": Y[:0]}, "`x` .* at least one row"),
        ({"y": 3}, "`y` .* at least one row"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    arguments = {"x": X, "y": Y, "batch_size": 4, **change}
    with pytest.raises(ValueError, match=message):
        Minibatches(**arguments)


@pytest.mark.parametrize("epoch", [-1, 1.0, True])
def test_a_wrong_epoch_is_named_at_the_call(epoch):
    with pytest.raises(ValueError, match="`epoch` .* must be a whole number"):
        Minibatches(X, Y, 4).epoch(epoch)


def test_repr_says_what_it_is():
    text = repr(Minibatches(X, Y, 4, seed=3))
    assert text == (
        "Minibatches(11 rows in 3 batches of 4, shuffle=True, seed=3, "
        "last='keep')"
    )
