"""Oracle, property: chunks, windows and what a step is given."""

import numpy as np
import pytest

from fdl.representation.windows import (
    Chunk,
    block,
    check_window,
    chosen,
    chunks,
    stretches,
)
from fdl.scratch import skip_gram_pairs

TEXT = np.array([4, 7, 1, -1, -1, 5, 2, -1, 9, 3, 8, 6, 0, -1], np.int32)


def pairs(words, near):
    w = near.shape[1] // 2
    padded = np.pad(words, w)
    return [
        (int(words[t]), int(padded[t + j]))
        for t in range(len(words))
        for j in range(2 * w + 1)
        if near[t, j]
    ]


@pytest.mark.parametrize("window", [1, 2, 4])
def test_every_neighbour_of_the_line_is_a_pair(window):
    (chunk,) = chunks([TEXT])
    rng = np.random.default_rng(0)
    near = chosen(chunk.lines, window, 2 * window, rng)
    lines = [
        line.tolist() for line in np.split(TEXT, np.flatnonzero(TEXT < 0))
    ]
    wanted = [
        pair
        for line in lines
        for pair in skip_gram_pairs([w for w in line if w >= 0], window)
    ]
    assert pairs(chunk.words, near) == wanted


def test_pieces_of_any_size_give_the_same_text():
    wanted = TEXT[TEXT >= 0].tolist()
    for cut in (1, 5, 9):
        for size in (3, 4, 100):
            found = list(chunks(np.split(TEXT, [cut]), size=size))
            words = np.concatenate([c.words for c in found])
            assert words.tolist() == wanted
            assert max(len(c.words) for c in found) <= size
    assert list(chunks([])) == []


def test_words_of_two_lines_are_in_two_lines():
    (chunk,) = chunks([TEXT])
    same = np.diff(chunk.lines) == 0
    assert same.tolist() == [1, 1, 0, 1, 0, 1, 1, 1, 1]


def test_so_many_neighbours_are_taken_and_none_twice():
    lines = np.zeros(4000, int)
    near = chosen(lines, 5, 4, np.random.default_rng(0))
    assert near.shape == (4000, 11)
    assert (near[5:-5].sum(1) == 4).all()
    assert not near[:, 5].any()
    # each of the ten places equally often: 1,600 ± 4 σ
    found = near.sum(0)[np.arange(11) != 5]
    assert np.abs(found - 1600).max() < 4 * np.sqrt(4000 * 0.4 * 0.6)
    assert near[0].sum() == 4  # of the five to its right
    assert chosen(lines[:3], 5, 4, np.random.default_rng(0)).sum() == 6


def test_near_neighbours_come_more_often_within_a_drawn_radius():
    lines = np.zeros(20_000, int)
    near = chosen(lines, 4, None, np.random.default_rng(0))
    share = near[4:-4].mean(0)
    wanted = [0.25, 0.5, 0.75, 1, 0, 1, 0.75, 0.5, 0.25]
    np.testing.assert_allclose(share, wanted, atol=0.02)


def test_common_words_are_thinned_out():
    words = np.array([0, 1] * 5000, np.int32)
    keep = np.array([0.2, 1.0])
    (chunk,) = chunks([words], keep, np.random.default_rng(0))
    count = np.bincount(chunk.words)
    assert count[1] == 5000
    assert abs(count[0] - 1000) < 4 * np.sqrt(5000 * 0.2 * 0.8)
    # the neighbours of what is gone move together
    assert len(chunk.lines) == len(chunk.words)


@pytest.mark.parametrize("T", [1, 3, 15, 16, 40, 64])
@pytest.mark.parametrize("window", [2, 9])
def test_stretches_hold_every_word_once_with_its_neighbours(T, window):
    rng = np.random.default_rng(0)
    words = rng.integers(1, 50, 100)
    near = chosen(np.arange(100) // 12, window, None, rng)
    found = []
    for stretch, marks in stretches(words, near, T):
        assert len(stretch) == len(marks) + 2 * window
        if T >= block(window):
            assert len(marks) % block(window) == 0
        else:
            assert len(marks) == T
        middle = stretch[window : window + len(marks)]
        w = np.lib.stride_tricks.sliding_window_view(stretch, 2 * window + 1)
        found += [
            (int(middle[t]), int(w[t, j])) for t, j in zip(*marks.nonzero())
        ]
    assert found == pairs(words, near)


def test_a_window_longer_than_every_line_is_refused():
    (chunk,) = chunks([TEXT])
    check_window(4, chunk)
    with pytest.raises(ValueError, match=r"`window` \(=5\) must be below 5"):
        check_window(5, chunk)
    check_window(5, Chunk(TEXT[:2], TEXT[:2], 2))  # no two words in a line
