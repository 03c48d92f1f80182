"""Known values and properties: an agent that is only watched."""

import numpy as np
import pytest

from fdl import rl


class Always:
    """Does the same again and again."""

    def __init__(self, action):
        self.action = action

    def act(self, observation, explore=False):
        assert not explore
        return self.action


def test_returns_are_sums_of_an_episode_s_rewards():
    np.testing.assert_array_equal(
        rl.play(Always(1), rl.Choice(), 3), [1, 1, 1]
    )
    np.testing.assert_array_equal(rl.play(Always(0), rl.Choice(), 2), [-1, -1])
    world = rl.ForEver(7)  # is cut, which is the end of watching
    assert rl.play(Always(0), world).tolist() == [7]


def test_a_seed_decides_the_worlds_one_by_one():
    found = rl.play(Always(0), rl.Sign(), 40, seed=3)
    assert set(found) == {-1.0, 1.0}
    again = rl.play(Always(0), rl.Sign(), 20, seed=3)
    np.testing.assert_array_equal(again, found[:20])
    assert (rl.play(Always(0), rl.Sign(), 40, seed=4) != found).any()


def test_an_episode_is_kept_from_before_its_first_step_to_its_end():
    game = rl.Breakout(12)
    seen = rl.watch(Always(2), game, seed=5)
    steps = len(seen.actions)
    assert seen.frames.shape == (steps + 1, 12, 12, 3)
    first, _ = game.reset(seed=5)
    np.testing.assert_array_equal(seen.frames[0, :, :, 0], first)
    last = [game.step(2) for _ in range(steps)][-1]
    np.testing.assert_array_equal(seen.frames[-1, :, :, 0], last[0])
    assert last[2]  # terminated, then and not before
    assert (seen.actions == 2).all()
    assert (
        seen.rewards.sum()
        == rl.watch(Always(2), game, seed=5, pictures=False).rewards.sum()
    )


def test_without_pictures_the_world_draws_none():
    seen = rl.watch(Always(1), rl.Echo(2), pictures=False)
    assert seen.frames.shape == (0,)
    assert len(seen.rewards) == 100


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="`episodes` .=0. must be"):
        rl.play(Always(0), rl.Choice(), 0)


def test_a_world_that_draws_nothing_is_told():
    class Blank(rl.Choice):
        def render(self):
            return None

    blank = Blank()
    with pytest.raises(ValueError, match="`env` .*draw pictures.*rgb_array"):
        rl.watch(Always(1), blank)
    assert blank.t == 0  # nothing has been played
    assert rl.watch(Always(1), Blank(), pictures=False).rewards == [1.0]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_seen_must_be_numbers(number):
    class Broken(rl.Delay):
        def _seen(self):
            return np.float32([number if self.t else 0.0])

    with pytest.raises(ValueError, match="`observation` .*must be finite"):
        rl.play(Always(0), Broken())


def test_what_is_seen_need_not_be_an_array():
    maze = rl.Maze("mc", {"c": 2.0})
    assert rl.play(Always(1), maze).tolist() == [2.0]
