"""The probes are what they say: the best and the worst that can be had."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from fdl.rl import probes

ALL = [getattr(probes, name) for name in probes.__all__]


def returns(world, act, episodes=200):
    """Play by a rule of what is seen and what was seen first."""
    totals = []
    seen, _ = world.reset(seed=0)
    for _ in range(episodes):
        first, total, over = seen, 0.0, False
        while not over:
            seen, reward, ended, cut, _ = world.step(act(seen, first))
            total, over = total + reward, ended or cut
        totals.append(total)
        seen, _ = world.reset()
    return np.array(totals)


@pytest.mark.parametrize("world", ALL)
def test_they_keep_gymnasium_s_rules(world):
    check_env(world(), skip_render_check=True)


def test_some_bring_the_same_whatever_is_done():
    nothing = lambda *_: 0  # noqa: E731
    assert (returns(probes.Constant(), nothing) == 1).all()
    assert (returns(probes.Delay(), nothing) == 1).all()
    assert set(returns(probes.Sign(), nothing)) == {-1, 1}
    assert (returns(probes.ForEver(), nothing, 3) == 8).all()


def test_what_is_seen_tells_what_comes():
    world = probes.Sign()
    for seed in range(6):
        seen, _ = world.reset(seed=seed)
        assert world.step(0)[1] == seen[0]
    world = probes.Delay()
    first, _ = world.reset(seed=0)
    second, reward, over, *_ = world.step(0)
    assert (first[0], second[0], reward, over) == (0, 1, 0, False)
    assert world.step(0)[1:3] == (1, True)


@pytest.mark.parametrize(
    ("world", "best", "most"),
    [
        (probes.Choice(), lambda seen, first: 1, 1),
        (probes.Agreement(), lambda seen, first: int(seen[0] > 0), 1),
        (probes.Echo(3), lambda seen, first: int(seen.argmax()), 100),
        (probes.Recall(4), lambda seen, first: int(first[0] > 0), 1),
    ],
)
def test_some_ask_for_the_right_action(world, best, most):
    assert (returns(world, best, 30) == most).all()
    rng = np.random.default_rng(7)  # not the world's
    chance = returns(world, lambda *_: rng.integers(world.actions), 100)
    assert chance.mean() < most / 2


def test_memory_is_needed_where_it_is_said_to_be():
    seen_now = lambda seen, first: int(seen[0] > 0)  # noqa: E731
    mean = returns(probes.Recall(2), seen_now).mean()
    assert abs(mean) < 0.25  # one standard error is 0.07
    world = probes.Recall(2)
    world.reset(seed=0)
    steps = [world.step(1) for _ in range(3)]
    assert [reward for _, reward, *_ in steps[:2]] == [0, 0]
    assert all(seen[0] == 0 for seen, *_ in steps)
    assert steps[2][2]


def test_a_cut_is_no_end_unless_one_says_so():
    for ends in (False, True):
        world = probes.ForEver(2, ends=ends)
        world.reset(seed=0)
        assert world.step(0)[2:4] == (False, False)
        assert world.step(0)[2:4] == (ends, not ends)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: probes.ForEver(0), "`limit`"),
        (lambda: probes.Echo(1), "`actions`"),
        (lambda: probes.Recall(0), "`delay`"),
    ],
)
def test_bad_input_is_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("world", ALL)
def test_what_gymnasium_s_rules_forbid_is_refused(world):
    world = world()
    with pytest.raises(RuntimeError, match="call `reset` first"):
        world.step(0)
    world.reset(seed=0)
    for action in (-1, world.action_space.n, 0.5):
        with pytest.raises(ValueError, match="`action` .*whole number"):
            world.step(action)
    over = False
    while not over:
        _, _, ended, cut, _ = world.step(0)
        over = ended or cut
    with pytest.raises(RuntimeError, match="call `reset` first"):
        world.step(0)


def test_they_say_how_they_were_made():
    worlds = "Choice()", "ForEver(3, True)", "Echo(4)", "Recall(2)"
    for text in worlds:
        assert repr(eval(text, vars(probes))) == text
