"""Known values and properties: Breakout on a grid."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from fdl.rl import Breakout, Flicker

STAY, RIGHT, LEFT = range(3)


def game(**kwargs):
    made = Breakout(12, rows=2, **kwargs)
    made.reset(seed=0)
    return made


def put(made, row, column, down, across, left=4):
    made.row, made.column, made.left = row, column, left
    made.down, made.across = down, across
    return made


def where(made):
    return made.row, made.column, made.down, made.across


def follow(made, rng):
    """Keep some part of the paddle under the ball, whichever."""
    aim = made.column + made.across - rng.integers(made.paddle)
    if made.left == aim:
        return STAY
    return RIGHT if made.left < aim else LEFT


def test_the_ball_flies_aslant():
    made = put(game(), 6, 5, 1, -1)
    _, reward, *_ = made.step(STAY)
    assert (where(made), reward) == ((7, 4, 1, -1), 0)


def test_it_turns_at_both_sides_and_at_the_top():
    made = put(game(), 7, 0, 1, -1)
    made.step(STAY)
    assert where(made) == (8, 0, 1, 1)
    made = put(game(), 7, 11, -1, 1)
    made.step(STAY)
    assert where(made) == (6, 11, -1, -1)
    made = put(game(), 0, 5, -1, 1)
    made.step(STAY)
    assert where(made) == (0, 6, 1, 1)


@pytest.mark.parametrize(("column", "across"), [(4, -1), (5, -1), (6, 1)])
def test_either_half_of_the_paddle_sends_it_another_way(column, across):
    # the paddle is on 4 to 7
    made = put(game(), 10, column - 1, 1, 1)
    over = made.step(STAY)[2]
    assert (where(made), over) == ((10, column, -1, across), False)


@pytest.mark.parametrize("column", [3, 8])
def test_beside_the_paddle_it_is_lost(column):
    made = put(game(), 10, column - 1, 1, 1)
    frame, reward, over, cut, _ = made.step(STAY)
    assert (reward, over, cut) == (0, True, False)
    assert frame[-1, column] == 255
    with pytest.raises(RuntimeError, match="call `reset` first"):
        made.step(STAY)


def test_the_paddle_moves_before_the_ball_and_stops_at_the_sides():
    made = put(game(), 10, 7, 1, 1)
    assert not made.step(RIGHT)[2]
    made = put(game(), 10, 7, 1, 1)
    assert made.step(LEFT)[2]
    for action, end in ((RIGHT, 8), (LEFT, 0)):
        made = game()
        for _ in range(20):
            put(made, 6, 5, -1, 1, made.left).step(action)
        assert made.left == end


def test_a_brick_is_knocked_out_once():
    # two rows of bricks, 3 and 4, each three fields wide
    made = put(game(), 5, 2, -1, 1)
    reward = made.step(STAY)[1]
    assert (where(made), reward) == ((5, 3, 1, 1), 1)
    assert not made.bricks[1, 1]
    assert made.bricks.sum() == 7
    made = put(made, 5, 2, -1, 1)
    assert made.step(STAY)[1] == 0
    assert where(made) == (4, 3, -1, 1)
    assert made.step(STAY)[1] == 1
    assert not made.bricks[0, 1]


def test_a_wall_that_is_down_is_built_up_again():
    made = game()
    made.bricks[:] = False
    made.bricks[1, 1] = True
    assert put(made, 5, 2, -1, 1).step(STAY)[1] == 1
    assert made.bricks.all()


def test_the_picture_shows_it_all():
    made = put(game(), 7, 2, -1, 1, left=3)
    frame = made.frame()
    assert frame[7, 2] == 255
    assert np.flatnonzero(frame[-1]).tolist() == [3, 4, 5, 6]
    assert (frame[3] == 160).all()
    assert (frame[4] == 120).all()
    assert np.count_nonzero(frame) == 1 + 4 + 24
    large = put(game(scale=3), 7, 2, -1, 1, left=3)
    np.testing.assert_array_equal(large.frame()[1::3, 1::3], frame)
    assert large.render().shape == (36, 36, 3)


def test_who_follows_the_ball_never_misses_and_clears_the_wall():
    rng = np.random.default_rng(0)
    made = Breakout(limit=3000)
    made.reset(seed=1)
    total, over, cut = 0.0, False, False
    while not (over or cut):
        _, reward, over, cut, _ = made.step(follow(made, rng))
        total += reward
    assert (over, cut) == (False, True)
    assert total > made.bricks.size  # every brick can be reached


def test_one_seed_gives_one_game():
    made, other = Breakout(), Breakout()
    for seed in (0, 1):
        frames = [m.reset(seed=seed)[0] for m in (made, other)]
        np.testing.assert_array_equal(*frames)
    assert (made.reset(seed=0)[0] != frames[0]).any()


def test_it_keeps_gymnasium_s_rules():
    check_env(Breakout(12, scale=2, limit=9), skip_render_check=True)


def test_flickering_loses_its_share_and_nothing_else():
    world = Flicker(Breakout(), 0.3)
    seen = [world.reset(seed=0)[0]]
    seen += [world.reset()[0] for _ in range(999)]
    lost = np.mean([not frame.any() for frame in seen])
    assert lost == pytest.approx(0.3, abs=0.05)
    whole = Flicker(Breakout(), 0.0).reset(seed=5)[0]
    np.testing.assert_array_equal(whole, Breakout().reset(seed=5)[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 20}, "`size` .=20. must be a multiple of 3"),
        ({"size": 9}, "`size` .=9. must be"),
        ({"rows": 6}, "`rows` .=6. must be"),
        ({"paddle": 3}, "`paddle` .=3. must be an even"),
        ({"scale": 0}, "`scale` .=0. must be"),
        ({"limit": 0}, "`limit` .=0. must be"),
    ],
)
def test_bad_input_is_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        Breakout(**arguments)


def test_a_bad_action_is_told():
    made = game()
    with pytest.raises(ValueError, match="`action` .=3. must be 0, 1 or 2"):
        made.step(3)
    with pytest.raises(ValueError, match="`share` .=2. must be"):
        Flicker(made, 2)
    with pytest.raises(RuntimeError, match="reset"):
        Breakout().step(0)
