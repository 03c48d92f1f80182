"""Known values and shares: the maze as a world and as tables."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from fdl.rl import Maze, value_iteration

UP, RIGHT, DOWN, LEFT = range(4)


def test_a_maze_is_what_is_drawn():
    maze = Maze("mc\n#x", {"c": 5.0, "x": -3.0}, step_reward=-1.0)
    assert maze.fields == [(0, 0), (0, 1), (1, 1)]
    assert maze.start == 0
    to = maze.P[0].argmax(axis=1)
    assert to.tolist() == [0, 1, 0, 0]  # beyond the plan and in # is no way
    np.testing.assert_allclose(maze.R[0], [-1, 4, -1, -1])
    for end in (1, 2):
        np.testing.assert_allclose(maze.P[end, :, end], 1)
        np.testing.assert_allclose(maze.R[end], 0)


def test_all_four_ways_lead_where_they_say():
    maze = Maze("#a#\nbmc\n#d#", dict.fromkeys("abcd", 1.0))
    # fields in rows: a, b, m, c, d
    assert maze.P[maze.start].argmax(axis=1).tolist() == [0, 3, 4, 1]


def test_slipping_goes_to_both_sides():
    maze = Maze("#a#\nbmc\n#d#", dict.fromkeys("abcd", 1.0), slip=0.4)
    np.testing.assert_allclose(maze.P[2, UP], [0.6, 0.2, 0, 0.2, 0])
    np.testing.assert_allclose(maze.P[2, LEFT], [0.2, 0.6, 0, 0, 0.2])
    np.testing.assert_allclose(maze.P.sum(axis=2), 1)
    maze.reset(seed=0)
    found = []
    for _ in range(4000):
        maze.reset()
        found.append(maze.step(DOWN)[0])
    shares = np.bincount(found, minlength=5) / 4000
    np.testing.assert_allclose(shares, maze.P[2, DOWN], atol=0.03)


def test_a_sure_step_never_slips():
    maze = Maze("#.#\n.m.\n#.#", {})
    maze.reset(seed=3)
    for _ in range(200):
        maze.reset()
        assert maze.step(RIGHT)[0] == 3


def test_an_episode_ends_at_a_prize_and_is_cut_at_the_limit():
    maze = Maze("m..c", {"c": 2.0}, limit=3)
    maze.reset(seed=0)
    steps = [maze.step(RIGHT)[1:4] for _ in range(3)]
    # the third step is both the last allowed and the end: it has ended
    assert steps[2] == (2.0, True, False)
    maze.reset()
    steps = [maze.step(LEFT)[1:4] for _ in range(3)]
    assert steps == [(0.0, False, False)] * 2 + [(0.0, False, True)]
    with pytest.raises(RuntimeError, match="call `reset` first"):
        maze.step(LEFT)


def test_the_mouse_is_best_off_with_the_cheese():
    maze = Maze()
    values, policy = value_iteration(maze.P, maze.R, 0.98)
    assert values[maze.start] == pytest.approx(100 * 0.98**3)
    s, total = maze.reset(seed=0)[0], 0.0
    for _ in range(4):
        s, reward, ended, _, _ = maze.step(int(policy[s]))
        total += reward
    assert (ended, total) == (True, 100)
    # who looks one step ahead only takes the water
    _, blind = value_iteration(maze.P, maze.R, 0.98, sweeps=0)
    assert blind[maze.start] == RIGHT


def test_it_keeps_gymnasium_s_rules():
    check_env(Maze(slip=0.1, limit=9), skip_render_check=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("..",), "`plan`.*one m"),
        (("mm",), "`plan`.*one m"),
        (("mz",), "`plan`.*no letters but #, ., m, w, x, c"),
    ],
)
def test_bad_plans_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        Maze(*arguments)


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="`slip` .=2. must be"):
        Maze(slip=2)
    with pytest.raises(ValueError, match="`limit` .=0. must be"):
        Maze(limit=0)
    for letter in ("#", ".", "m", "cheese"):
        with pytest.raises(ValueError, match="`prizes`.*by one letter each"):
            Maze("m.", {letter: 1.0})
    maze = Maze()
    with pytest.raises(RuntimeError, match="reset"):
        maze.step(0)
    maze.reset()
    with pytest.raises(ValueError, match="`action` .=4. must be"):
        maze.step(4)
