"""Tasks: known values, properties, bad input."""

import numpy as np
import pytest

from fdl.memory import tasks

MAKERS = {
    "copy": lambda **o: tasks.copy(3, 4, **o),
    "copy_series": lambda **o: tasks.copy_series(3, 2, 4, **o),
    "repeat_copy": lambda **o: tasks.repeat_copy(3, 4, 2, **o),
    "associative_recall": lambda **o: tasks.associative_recall(3, 4, **o),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_seed_decides_and_bits_are_fair(name):
    one, same, other = (MAKERS[name](seed=seed) for seed in (1, 1, 2))
    for a, b in zip(one, same):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == np.float32
    assert (one.x != other.x).any()
    many = {"copy": (500, 4), "copy_series": (500, 2, 4)}
    many |= {"repeat_copy": (500, 4, 2), "associative_recall": (500, 4)}
    task = getattr(tasks, name)(*many[name], bits=5, seed=3)
    shown = task.x[:, 1, :5]
    assert shown.mean() == pytest.approx(0.5, abs=0.05)
    assert set(np.unique(shown)) == {0, 1}
    assert task.x.shape[:2] == task.y.shape[:2]
    assert task.asked.shape == (task.x.shape[1],)
    # nothing is shown where something is asked, and nothing asked elsewhere
    assert not task.x[:, task.asked > 0].any()
    assert not task.y[:, task.asked == 0].any()


@pytest.mark.parametrize(
    ("name", "inputs", "steps"),
    [
        ("copy", 8 + 1, 9),
        ("copy_series", 8 + 1, 18),
        ("repeat_copy", 8 + 1, 14),
        ("associative_recall", 6 + 2, 24),
    ],
)
def test_what_is_not_said_is_the_papers_or_zero(name, inputs, steps):
    task = MAKERS[name]()
    assert task.x.shape == (3, steps, inputs)
    np.testing.assert_array_equal(task.x, MAKERS[name](seed=0).x)


def test_a_copy_is_what_was_shown():
    x, y, asked = tasks.copy(3, 4, bits=5, seed=1)
    assert x.shape == (3, 9, 6)
    np.testing.assert_array_equal(y[:, 5:], x[:, :4, :5])
    np.testing.assert_array_equal(x[0, :, 5], [0, 0, 0, 0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(asked, [0] * 5 + [1] * 4)


def test_a_series_is_copies_one_after_the_other():
    x, y, asked = tasks.copy_series(3, 4, 5, bits=6, seed=1)
    assert x.shape == (3, 44, 7)
    for k in range(4):
        start = 11 * k
        shown = x[:, start : start + 5, :6]
        np.testing.assert_array_equal(y[:, start + 6 : start + 11], shown)
        assert (x[:, start + 5, 6] == 1).all()
        assert asked[start : start + 11].tolist() == [0] * 6 + [1] * 5
    assert x[:, :, 6].sum() == 3 * 4
    assert (x[:, :5] != x[:, 11:16]).any()


def test_repetitions_end_with_a_mark():
    x, y, asked = tasks.repeat_copy(2, 3, 4, bits=5, seed=1)
    assert x.shape == y.shape == (2, 3 + 1 + 12 + 1, 6)
    assert x[:, 3, 5] == pytest.approx(0.4)
    for k in range(4):
        again = y[:, 4 + 3 * k : 7 + 3 * k, :5]
        np.testing.assert_array_equal(again, x[:, :3, :5])
    np.testing.assert_array_equal(y[:, -1], [[0, 0, 0, 0, 0, 1]] * 2)
    assert not y[:, :-1, 5].any()
    assert asked.tolist() == [0] * 4 + [1] * 13


def test_the_item_behind_the_one_shown_again_is_asked_for():
    x, y, asked = tasks.associative_recall(40, 5, length=3, bits=6, seed=1)
    assert x.shape == (40, 28, 8)
    items = x[:, :20].reshape(40, 5, 4, 8)
    assert (items[:, :, 0] == [0] * 6 + [1, 0]).all()
    assert (x[:, [20, 24]] == [0] * 6 + [0, 1]).all()
    seen = set()
    for b in range(40):
        again = x[b, 21:24, :6]
        (k,) = (k for k in range(5) if (items[b, k, 1:, :6] == again).all())
        np.testing.assert_array_equal(y[b, 25:], items[b, k + 1, 1:, :6])
        seen.add(k)
    assert seen == {0, 1, 2, 3}
    assert asked.tolist() == [0] * 25 + [1] * 3


def test_errors_count_where_something_is_asked_only():
    task = tasks.copy(2, 3, bits=4, seed=1)
    scores = task.y - 0.5
    scores[:, :4] = 7.0  # nobody asked
    assert tasks.bit_errors(scores, task) == 0
    scores[0, 4] *= -1  # one vector of six
    assert tasks.bit_errors(scores, task) == pytest.approx(1 / 6)
    none = tasks.bit_errors(np.zeros_like(scores), task)  # says 0
    assert none == pytest.approx(task.y[:, 4:].mean())


def test_an_end_is_right_if_it_comes_once_and_on_time():
    task = tasks.repeat_copy(5, 2, 3, bits=4, seed=1)
    scores = task.y - 0.5
    scores[:, :3] = 7.0  # nobody asked
    scores[0, 4, 4] = 0.1  # too early, and once more on time
    scores[1, -1, 4] = -0.1  # never
    scores[2, 5, :4] *= -1  # wrong bits, but the end is right
    assert tasks.right_ends(scores, task) == pytest.approx(3 / 5)
    assert tasks.right_ends(task.y - 0.5, task) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tasks.copy(0, 3), r"`count` \(=0\) must be a whole"),
        (lambda: tasks.copy(1, 0), r"`length` \(=0\) must be a whole"),
        (lambda: tasks.copy(1, 3, bits=0), r"`bits` \(=0\) must be a"),
        (lambda: tasks.copy_series(1, 0, 3), r"`series` \(=0\) must"),
        (lambda: tasks.repeat_copy(1, 2, 0), r"`repeats` \(=0\) must"),
        (lambda: tasks.repeat_copy(1, 2.5, 1), r"`length` \(=2.5\) must"),
        (
            lambda: tasks.associative_recall(1, 1),
            r"`items` \(=1\) must be a whole number from 2 up",
        ),
        (
            lambda: tasks.copy(2, 3, seed=-1),
            r"`seed` \(=-1\) must be a whole number from 0 up",
        ),
        (
            lambda: tasks.bit_errors(np.zeros((1, 2, 8)), tasks.copy(1, 2)),
            r"`scores` \(=of shape \(1, 2, 8\)\) must be of shape \(1, 5, 8\)",
        ),
        (
            lambda: tasks.bit_errors(
                np.full((1, 5, 8), np.nan), tasks.copy(1, 2)
            ),
            r"`scores` \(=nan at \(0, 0, 0\)\) must be finite everywhere",
        ),
        (
            lambda: tasks.right_ends(
                np.zeros((1, 2, 9)), tasks.repeat_copy(1, 2, 2)
            ),
            r"`scores` \(=of shape \(1, 2, 9\)\) must be of shape \(1, 8, 9\)",
        ),
    ],
)
def test_impossible_tasks_are_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()
