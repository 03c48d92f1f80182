"""Made-up films: a square followed by hand, properties."""

import numpy as np
import pytest

from fdl.data.clips import DIRECTIONS, moving_squares


def test_the_square_moves_one_place_a_frame_and_comes_in_again():
    clips, directions = moving_squares(60, frames=9, size=7, noise=0.0)
    assert clips.shape == (60, 1, 9, 7, 7)
    assert clips.dtype == np.float32
    seen = set()
    for clip, direction in zip(clips[:, 0], directions):
        name = DIRECTIONS[direction]
        axis = 0 if name in ("up", "down") else 1
        step = 1 if name in ("down", "right") else -1
        for before, after in zip(clip, clip[1:]):
            expected = np.empty_like(before)
            for i, j in np.ndindex(7, 7):
                to = [i, j]
                to[axis] = (to[axis] + step) % 7
                expected[to[0], to[1]] = before[i, j]
            np.testing.assert_array_equal(after, expected)
        assert clip[0].sum() == 9
        assert set(np.unique(clip)) == {0.0, 1.0}
        # three rows and three columns that neighbour each other on a ring
        for around in (0, 1):
            line = clip[0].max(axis=around)
            edges = (line != np.roll(line, 1)).sum()
            assert (line.sum(), edges) == (3, 2)
        seen.add(name)
    assert seen == set(DIRECTIONS)


def test_a_single_frame_tells_nothing():
    clips, directions = moving_squares(4000, frames=2, size=5, noise=0.0)
    for frame in (0, 1):
        means = [clips[directions == k, 0, frame].mean(0) for k in range(4)]
        assert np.ptp(means, axis=0).max() < 0.1


def test_the_noise_is_the_grounds():
    clips, _ = moving_squares(30, frames=3, size=20, extent=1, noise=0.7)
    assert clips.std() == pytest.approx(0.7, rel=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 0}, "`n` .* whole number from 1 up"),
        ({"frames": 0}, "`frames` .* whole number"),
        ({"extent": 16}, "`extent` .* below 16"),
        ({"n": True}, r"`n` \(=True\) must be a whole"),
        ({"extent": 2.5}, r"`extent` \(=2.5\) must be a whole"),
        ({"noise": -0.1}, "`noise` .* from 0 up"),
        ({"noise": "a"}, "`noise` .* from 0 up"),
        ({"noise": float("inf")}, "`noise` .* from 0 up"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        moving_squares(**{"n": 2, **change})
