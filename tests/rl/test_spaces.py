"""Known values and faults: what an agent can serve."""

import types

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiDiscrete

from fdl.rl.spaces import check_sizes, count_actions, count_inputs


def world(actions, seen):
    return types.SimpleNamespace(action_space=actions, observation_space=seen)


def test_actions_and_numbers_are_counted():
    env = world(Discrete(5), Box(0, 255, (3, 4, 2), np.uint8))
    assert (count_actions(env), count_inputs(env)) == (5, 24)


@pytest.mark.parametrize(
    "actions", [Discrete(3, start=1), MultiDiscrete([2, 2]), None]
)
def test_actions_that_are_not_numbered_from_0_are_refused(actions):
    with pytest.raises(ValueError, match="`env` .*numbered from 0"):
        count_actions(world(actions, None))


def test_what_is_no_array_of_numbers_is_refused():
    for seen in (Discrete(3), None):
        with pytest.raises(ValueError, match="`env` .*arrays of numbers"):
            count_inputs(world(None, seen))
    with pytest.raises(ValueError, match="`env`"):
        count_actions(object())


def test_sizes_are_those_of_the_first_and_the_last_layer():
    env = world(Discrete(5), Box(0, 255, (3, 4), np.uint8))
    check_sizes(env, (12, 7, 5))
    for sizes in ((11, 5), (12, 6)):
        rule = f"show {sizes[0]} numbers and have {sizes[1]} .* 12 and has 5"
        with pytest.raises(ValueError, match=rule):
            check_sizes(env, sizes)
