"""What every agent makes of a broken world, of another one, and of a file."""

import functools

import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import TransformObservation, TransformReward

from fdl import rl
from fdl.rl import actor_critic, dqn, unreal

SMALL = dqn.Config(
    convolutions=(), hidden=(8,), history=1, capacity=200, start=5
)
# each with the least that it learns from
AGENTS = {
    "PolicyGradient": (rl.PolicyGradient, 8),
    "TRPO": (rl.TRPO, 16),
    "RecurrentPolicyGradient": (rl.RecurrentPolicyGradient, 16),
    "SNES": (rl.SNES, 20),
    "Genetic": (rl.Genetic, 20),
    "DQN": (functools.partial(rl.DQN, config=SMALL), 40),
    "A3C": (
        functools.partial(rl.A3C, config=actor_critic.Config(actors=0)),
        40,
    ),
    "UNREAL": (
        functools.partial(rl.UNREAL, config=unreal.Config(pixel_weight=0)),
        40,
    ),
}


@pytest.fixture(params=AGENTS)
def made(request):
    return AGENTS[request.param]


def seen_as(change):
    world = rl.Delay()
    return TransformObservation(world, change, world.observation_space)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_seen_must_be_numbers(made, number):
    make, least = made
    agent = make(rl.Delay())
    with pytest.raises(ValueError, match=r"`(observations?|frame)` .*finite"):
        agent.learn(seen_as(lambda x: x * 0 + number), least)
    assert not agent.returns


def test_what_is_earned_must_be_numbers(made):
    make, least = made
    agent = make(rl.Delay())
    world = TransformReward(rl.Delay(), lambda r: r * np.nan)
    with pytest.raises(ValueError, match=r"`rewards?` .*finite"):
        agent.learn(world, least)
    assert not agent.returns


def test_an_episode_may_be_cut_at_its_first_step(made):
    make, least = made
    agent = make(rl.Delay())
    agent.learn(gymnasium.wrappers.TimeLimit(rl.Delay(), 1), least)
    assert set(agent.lengths) == {1}
    assert set(agent.returns) == {0}


class Wide(rl.Delay):
    """Shows more numbers than the world that the agent was made for."""

    size = 2


class Many(rl.Delay):
    """Has more actions."""

    actions = 2


@pytest.mark.parametrize("world", [Wide(), Many()])
def test_a_world_of_other_sizes_is_refused_before_anything_is_done(
    made, world
):
    make, least = made
    agent = make(rl.Delay())
    with pytest.raises(
        ValueError, match="`env` .*must show 1 numbers and hav"
    ):
        agent.learn(world, least)
    assert not agent.returns


def test_one_that_is_loaded_acts_at_once_as_the_one_that_was_saved(
    made, tmp_path
):
    make, _ = made
    seen = np.random.default_rng(0).normal(size=(60, 3))
    agent, other = (make(rl.Echo(3), seed=seed) for seed in (1, 2))
    agent.save(tmp_path / "agent.npz")

    def acts(agent):
        getattr(agent, "begin", lambda: None)()
        return [agent.act(x) for x in seen]

    assert acts(other) != acts(agent)
    other.load(tmp_path / "agent.npz")
    assert acts(other) == acts(agent)
