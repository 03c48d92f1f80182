"""Known value, property: every sequence once, in a bucket that holds it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl.data import Buckets


def rows_of(lengths, longest):
    """Return rows that tell their number and where they are real."""
    rows = np.zeros((len(lengths), longest), int)
    for k, length in enumerate(lengths):
        rows[k, :length] = k + 1
    return rows


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60),
    st.sets(st.integers(1, 8), max_size=4),
    st.integers(1, 7),
    st.integers(0, 3),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_each_sequence_comes_once_and_fits(lengths, edges, size, epoch, mix):
    rows, number = rows_of(lengths, 9), np.arange(len(lengths))
    batches = Buckets(rows, lengths, number, size, sorted(edges), mix)
    seen, count = [], 0
    for (x, real), y in batches.epoch(epoch):
        count += 1
        assert 1 <= len(y) <= size
        assert x.shape[1] in {*edges, 9}
        # no shorter bucket would hold any of them
        shorter = [edge for edge in edges if edge < x.shape[1]]
        assert all(n > max(shorter, default=-1) for n in real)
        assert real.tolist() == [lengths[k] for k in y]
        assert (x == rows[y, : x.shape[1]]).all()
        seen += y.tolist()
    assert sorted(seen) == number.tolist()
    assert count == len(batches)


def test_sixteen_lengths_in_two_buckets():
    lengths = list(range(16, 32))
    batches = Buckets(rows_of(lengths, 31), lengths, lengths, 8, [23])
    assert len(batches) == 2
    shapes = sorted(x.shape for (x, _), _ in batches)
    assert shapes == [(8, 23), (8, 31)]
    assert repr(batches) == "Buckets(8 to 23, 8 to 31)"
    assert batches.examples == 16


def test_an_order_is_the_seeds_and_the_epochs():
    lengths = np.arange(60) % 9
    rows = rows_of(lengths, 9)

    def order(seed, epoch):
        batches = Buckets(rows, lengths, np.arange(60), 4, [3, 6], seed=seed)
        return [y.tolist() for _, y in batches.epoch(epoch)]

    assert order(0, 1) == order(0, 1)
    assert order(0, 1) != order(0, 2)
    assert order(0, 1) != order(1, 1)
    # buckets take turns
    kinds = [lengths[rows[0]] > 6 for rows in order(0, 0)]
    assert kinds != sorted(kinds)
    assert kinds != sorted(kinds, reverse=True)
    # in other turns each time
    turns = [
        tuple(lengths[rows[0]] > 6 for rows in order(0, epoch))
        for epoch in range(4)
    ]
    assert len(set(turns)) > 1

    def together(seed, epoch):
        return set(map(frozenset, order(seed, epoch)))

    # and both decide also which rows share a batch
    assert together(0, 1) != together(0, 2)
    assert together(0, 1) != together(1, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros(3)}, r"`x` .* shape \(N, T, …\)"),
        ({"x": np.zeros((0, 4)), "lengths": [], "y": []}, "`x` .* at least"),
        ({"lengths": [1, 2]}, r"`lengths` .* shape \(3,\)"),
        ({"lengths": [1, 5, 2]}, r"`lengths` \(=5\) .* from 0 to 4"),
        ({"edges": [3, 2]}, r"`edges` .* rise from 1 or more to 4"),
        ({"edges": [2, 6]}, r"`edges` .* rise"),
        ({"edges": [0, 2]}, r"`edges` \(=0\) .* from 1 up"),
        ({"edges": [1.5, 2]}, r"`edges` \(=1.5\) .* whole number"),
        ({"lengths": [1, 1.5, 2]}, "`lengths` .* be whole numbers"),
        ({"batch_size": 0}, "`batch_size` .* from 1 up"),
        ({"y": [0, 0]}, r"`y` \(=\(2,\)\) must have 3 rows"),
    ],
)
def test_what_fits_no_bucket_is_told(change, message):
    given = {"x": np.zeros((3, 4)), "lengths": [1, 4, 2], "y": [0, 0, 0]}
    given |= {"batch_size": 2, "edges": [2]}
    assert len(Buckets(**given)) == 2
    with pytest.raises(ValueError, match=message):
        Buckets(**{**given, **change})
