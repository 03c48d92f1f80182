"""Against planning, and where the two rules differ: learning by table."""

import types

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Discrete, MultiBinary

from fdl.rl import (
    EpsilonGreedy,
    Maze,
    policy_values,
    q_learning,
    q_values,
    sarsa,
    value_iteration,
)

CLIFF = """
........
........
mxxxxxxc
"""


def cliff(**kwargs):
    return Maze(
        CLIFF, {"x": -100.0, "c": 0.0}, step_reward=-1.0, limit=500, **kwargs
    )


def spaces(space):
    return types.SimpleNamespace(observation_space=space, action_space=space)


def test_q_learning_finds_the_values_of_the_best_policy():
    maze = Maze(limit=100)
    best, _ = value_iteration(maze.P, maze.R, 0.9)
    wanted = q_values(maze.P, maze.R, best, 0.9)
    # whatever is played: here nothing but chance
    found = q_learning(maze, 800, gamma=0.9, learning_rate=0.5, epsilon=1.0)
    np.testing.assert_allclose(found.q, wanted, atol=1e-2)


def test_sarsa_finds_the_values_of_what_is_played():
    maze = Maze("m.c", {"c": 1.0}, limit=50)
    # by chance only: v = r + γ P v, solved as a policy's values
    chance = np.full(maze.R.shape, 0.25)
    v = policy_values(maze.P, maze.R, chance, 0.9)
    wanted = q_values(maze.P, maze.R, v, 0.9)
    found = sarsa(maze, 1500, gamma=0.9, learning_rate=0.03, epsilon=1.0)
    np.testing.assert_allclose(found.q, wanted, atol=0.05)
    best = q_learning(maze, 600, gamma=0.9, learning_rate=0.5, epsilon=1.0)
    assert best.q[0, 1] - found.q[0, 1] > 0.2


def test_sarsa_falls_off_the_cliff_less_often_than_q_learning():
    settings = {"gamma": 1.0, "learning_rate": 0.2, "epsilon": 0.2}
    best = q_learning(cliff(), 800, **settings)
    careful = sarsa(cliff(), 800, **settings)
    # Q-learning knows the shortest way, along the edge …
    env = cliff()
    s, steps = env.reset(seed=0)[0], 0
    ended = False
    while not ended and steps < 20:
        s, _, ended, _, _ = env.step(int(best.policy[s]))
        steps += 1
    assert (ended, steps) == (True, 9)
    # … and falls off it while it explores
    gain = careful.returns[-400:].mean() - best.returns[-400:].mean()
    assert gain > 10


def test_the_greedy_mouse_drinks_water_for_ever():
    greedy = q_learning(Maze(limit=100), 300, epsilon=0.0, seed=0)
    curious = q_learning(
        Maze(limit=100),
        500,
        epsilon=EpsilonGreedy(1.0, 0.05, 300),
        learning_rate=0.5,
        seed=0,
    )
    assert greedy.returns[-20:].mean() == 1
    assert curious.returns[-50:].mean() > 80


class ForEver(gymnasium.Env):
    """A reward of 1 for ever, cut after eight steps."""

    observation_space = gymnasium.spaces.Discrete(1)
    action_space = gymnasium.spaces.Discrete(1)

    def __init__(self, ends):
        self.ends = ends

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return 0, {}

    def step(self, action):
        self.t += 1
        over = self.t == 8
        return 0, 1.0, over and self.ends, over and not self.ends, {}


@pytest.mark.parametrize("learn", [q_learning, sarsa])
def test_what_is_cut_goes_on_and_what_ends_does_not(learn):
    found = learn(ForEver(False), 500, gamma=0.98, learning_rate=0.1)
    assert found.q[0, 0] == pytest.approx(50, abs=1)
    # were the limit taken for an end, it would be worth far less
    found = learn(ForEver(True), 500, gamma=0.98, learning_rate=0.1)
    assert found.q[0, 0] < 49


def test_one_seed_gives_one_run():
    runs = [q_learning(cliff(slip=0.3), 20, seed=k) for k in (3, 3, 4)]
    np.testing.assert_array_equal(runs[0].q, runs[1].q)
    assert (runs[0].q != runs[2].q).any()


def test_what_is_reported_is_what_was_played():
    found = q_learning(Maze("mc", {"c": 3.0}), 30, first=1.0)
    assert (found.returns == 3).all()
    assert found.lengths.min() >= 1
    assert found.q[0, 1] == pytest.approx(3, abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"episodes": 0}, "`episodes` .=0. must be"),
        ({"gamma": 2}, "`gamma` .=2. must be"),
        ({"learning_rate": 1.5}, "`learning_rate` .=1.5. must be"),
        ({"epsilon": -1}, "`epsilon` .=-1. must be"),
        ({"env": gymnasium.make("CartPole-v1")}, "`env`.*Discrete states"),
        ({"env": spaces(MultiBinary(3))}, "`env`.*from 0 up.*MultiBinary"),
        ({"env": spaces(Discrete(3, start=1))}, "`env`.*from 0 up.*start=1"),
    ],
)
def test_bad_input_is_told(arguments, message):
    given = {"env": Maze(), "episodes": 1, **arguments}
    with pytest.raises(ValueError, match=message):
        q_learning(**given)
