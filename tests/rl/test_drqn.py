"""Known values, probes with known answers, and faults: recurrent DQNs."""

import dataclasses

import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import FrameStackObservation

from fdl import rl
from fdl._mxnet import mx
from fdl.errors import CheckpointError
from fdl.rl import DRQN, EpsilonGreedy, RecurrentQNetwork
from fdl.rl.drqn import Config

SMALL = Config(
    convolutions=(),
    hidden=(8,),
    history=4,
    units=8,
    learning_rate=0.01,
    gamma=0.9,
    capacity=2000,
    start=50,
    every=2,
    target_every=40,
    epsilon=EpsilonGreedy(1.0, 0.1, 400),
)
PICTURES = dataclasses.replace(
    SMALL, convolutions=((4, 4, 2),), history=3, capacity=60, start=8
)


def recall():
    return FrameStackObservation(rl.Recall(3), 4)


def breakout():
    return FrameStackObservation(rl.Flicker(rl.Breakout(12, rows=1)), 3)


def learned(world, steps, config=SMALL, **kwargs):
    agent = DRQN(world, config, **kwargs)
    agent.learn(world, steps)
    return agent


@pytest.mark.parametrize("attention", [False, True])
def test_it_remembers_what_was_shown_three_steps_before(attention):
    config = dataclasses.replace(SMALL, attention=attention)
    agent = learned(recall(), 1200, config, device="cpu:1")
    assert str(agent.device) == "cpu(1)"
    assert rl.play(agent, recall(), 30).mean() > 0.9
    # negative control: who sees the last frame alone cannot know
    seen, _ = recall().reset(seed=0)
    shown = seen.copy()
    shown[:] = 0
    first = agent.act(shown)
    earned = []
    for seed in range(40):
        world = rl.Recall(3)
        world.reset(seed=seed)
        rewards = [world.step(first)[1] for _ in range(4)]
        earned.append(sum(rewards))
    assert abs(np.mean(earned)) < 0.5


@pytest.mark.parametrize("attention", [False, True])
def test_frames_are_read_one_by_one_and_in_their_order(attention):
    mx.random.seed(0)
    net = RecurrentQNetwork((3, 6, 6), ((4, 3, 1),), (5,), 7, 2, attention)
    net.initialize()
    x = np.random.default_rng(0).integers(0, 256, (2, 3, 6, 6)).astype("uint8")
    found = net(mx.np.array(x, dtype="uint8")).asnumpy()
    # the same, by hand from the network's parts
    for row, wanted in zip(x, found):
        h, states = mx.np.zeros((1, 7)), []
        for frame in row:
            pixels = mx.np.array(frame[None, None].astype("float32") / 255)
            h, _ = net.cell(net.body(pixels), [h])
            states.append(h.asnumpy()[0])
        h = states[-1]
        if attention:
            a = np.exp(np.array(states) @ h)
            h = np.concatenate([h, a / a.sum() @ np.array(states)])
        q = net.output(mx.np.array(h[None])).asnumpy()[0]
        np.testing.assert_allclose(wanted, q, atol=1e-4)
    turned = net(mx.np.array(x[:, ::-1].copy(), dtype="uint8")).asnumpy()
    assert np.abs(turned - found).max() > 1e-3
    net.hybridize()
    again = net(mx.np.array(x, dtype="uint8")).asnumpy()
    np.testing.assert_allclose(again, found, atol=1e-5)


def test_it_learns_from_pictures_that_flicker():
    agent = learned(breakout(), 40, PICTURES)
    assert len(agent.losses) > 0
    assert agent.replay.history == 3
    seen, _ = breakout().reset(seed=0)
    assert agent.worth(seen).shape == (3,)
    assert repr(agent).startswith("DRQN(40 steps")


def test_one_seed_gives_one_run():
    runs = [learned(recall(), 100, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].losses == runs[1].losses
    assert runs[0].returns == runs[1].returns
    assert runs[0].losses != runs[2].losses


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = recall(), tmp_path / "agent.npz"
    agent = learned(world, 90)
    agent.save(path)
    other = DRQN(world, SMALL, seed=9)
    other.load(path)
    for one in (agent, other):
        one.learn(world, 60)
    assert other.losses == agent.losses
    with pytest.raises(CheckpointError, match="one has"):
        DRQN(world, dataclasses.replace(SMALL, attention=True)).load(path)


@pytest.mark.parametrize(
    ("world", "config", "message"),
    [
        (gymnasium.make("Pendulum-v1"), SMALL, "`env`.*actions numbered"),
        (rl.Maze(), SMALL, "`env`.*arrays of numbers"),
        (recall(), Config(history=4), "`convolutions`.*no pictures"),
        (breakout(), Config(history=3), "`convolutions`.*fit into frames"),
        (recall(), Config(), "`env`.*show 10 frames"),
        (recall(), rl.dqn.Config(convolutions=()), "`config`.*drqn"),
    ],
)
def test_worlds_and_settings_that_do_not_go_together(world, config, message):
    with pytest.raises(ValueError, match=message):
        DRQN(world, config)


@pytest.mark.parametrize(("name", "value"), [("history", 1), ("units", 0)])
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        dataclasses.replace(SMALL, **{name: value})
    with pytest.raises(ValueError, match="`gamma`"):
        dataclasses.replace(SMALL, gamma=2.0)
