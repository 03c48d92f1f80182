"""Known value, property: sequences for networks with a memory."""

import numpy as np
import pytest

from fdl.data.sequences import n_back


def test_again_is_what_was_there_n_steps_before():
    digits, again, lengths = n_back(50, 3, n=3, k=4)
    assert digits.shape == again.shape
    assert digits.shape[1] == lengths.max()
    for row, marks, length in zip(digits, again, lengths):
        for t in range(len(row)):
            is_again = 3 <= t < length and row[t] == row[t - 3]
            assert marks[t] == is_again
            assert 0 <= row[t] < 4
        assert (row[length:] == 0).all()


def test_the_lectures_settings():
    _, again, lengths = n_back(512)
    assert 19 < lengths.mean() < 20  # half a step is cut off
    assert 4.5 < np.sqrt(((lengths - lengths.mean()) ** 2).mean()) < 5.5
    assert lengths.min() >= 4
    # a quarter of all but the first three
    ones = again.sum() / lengths.sum()
    assert ones == pytest.approx((1 - 3 / lengths.mean()) / 4, abs=0.01)


def test_the_seed_decides():
    one, two, other = n_back(5, 1), n_back(5, 1), n_back(5, 2)
    assert all((a == b).all() for a, b in zip(one, two))
    assert one[2].tolist() != other[2].tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 0}, "`count` .* from 1 up"),
        ({"n": 0}, "`n` .* from 1 up"),
        ({"n": True}, "`n` .* from 1 up"),
        ({"k": 1}, "`k` .* from 2 up"),
        ({"spread": -1.0}, "`spread` .* from 0 up"),
        ({"mean": float("nan")}, r"`mean` \(=nan\) must be a number"),
    ],
)
def test_what_makes_no_sequences_is_told(changes, message):
    with pytest.raises(ValueError, match=message):
        n_back(**{"count": 5, **changes})
