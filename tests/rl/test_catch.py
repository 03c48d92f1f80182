"""Known values, properties and faults: a ball to be caught."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from fdl.rl import Catch


def flight(game):
    """Where the ball is seen in each row, from the pictures alone."""
    frames = [game.frame()]
    over = False
    while not over:
        frame, reward, over, cut, _ = game.step(0)
        frames.append(frame)
        assert not cut
        assert (reward != 0) == over
    return [int(f[k].argmax()) for k, f in enumerate(frames)], reward


def test_it_keeps_to_the_rules_of_gymnasium():
    check_env(Catch(), skip_render_check=True)


def test_a_ball_falls_straight_or_aslant_and_turns_at_the_sides():
    game = Catch(6, 4)
    ways = set()
    for seed in range(40):
        game.reset(seed=seed)
        start, across = game.column, game.across
        place, wanted = start, [start]
        for _ in range(5):
            if place + across in (-1, 4):
                across = -across
            else:
                place += across
            wanted.append(place)
        found, reward = flight(game)
        assert found == wanted
        assert reward == (1 if wanted[-1] == 2 else -1)  # who stays is there
        ways.add((start, game.across))
    assert len(ways) > 8


def test_who_goes_where_it_lands_always_catches_it():
    game, caught = Catch(), []
    for seed in range(50):
        game.reset(seed=seed)
        there = flight(game)[0][-1]
        game.reset(seed=seed)
        over = False
        while not over:
            action = (there > game.hand) - (there < game.hand)
            _, reward, over, *_ = game.step(action % 3)
        caught.append(reward)
    assert caught == [1] * 50


def test_a_hand_stays_inside_and_a_ball_hides_it():
    game = Catch(9, 3)
    game.reset(seed=0)
    for action, wanted in ((1, 2), (1, 2), (2, 1), (2, 0), (2, 0), (0, 0)):
        frame = game.step(action)[0]
        assert list(frame[-1]).index(0.5) == wanted
    assert game.render().shape == (9, 3, 3)
    assert set(np.unique(game.render())) == {0, 128, 255}


def test_faults_are_told():
    game = Catch(2, 2)
    game.reset(seed=0)
    with pytest.raises(ValueError, match="`action`"):
        game.step(3)
    game.step(0)
    with pytest.raises(RuntimeError, match="`reset`"):
        game.step(0)
    for sizes in ((1, 5), (7, 1)):
        with pytest.raises(ValueError, match=r"`(height|width)`"):
            Catch(*sizes)


def test_before_the_ball_is_down_the_reward_is_zero_and_not_minus_zero():
    game = Catch(3, 4)
    game.reset(seed=0)
    assert not np.signbit(game.step(0)[1])
