"""Known values, oracles, probes with known answers, faults: UNREAL."""

import dataclasses

import gymnasium
import numpy as np
import pytest

from fdl import rl
from fdl._mxnet import mx
from fdl.errors import CheckpointError, TrainingDiverged
from fdl.rl import UNREAL
from fdl.rl.unreal import Config
from fdl.rl.unreal_network import Host, Network

FAST = Config(
    features=16, hidden=16, learning_rate=0.005, gamma=0.9, pixel_weight=0
)
SMALL = Config(features=8, hidden=8, rollout=4, learning_rate=0.01)
OFF = {"pixel_weight": 0, "reward_weight": 0, "replay_weight": 0}


class Lamp(gymnasium.Env):
    """Action 1 turns the left half of a picture on or off; it never ends."""

    def __init__(self, works=True):
        self.observation_space = gymnasium.spaces.Box(0, 255, (2, 4), np.uint8)
        self.action_space = gymnasium.spaces.Discrete(2)
        self.works = works

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.on = 0
        return self.picture(), {}

    def picture(self):
        found = np.zeros((2, 4), np.uint8)
        found[:, :2] = 255 * self.on
        return found

    def step(self, action):
        self.on ^= int(action) & self.works
        return self.picture(), 0.0, False, False, {}


def learned(world, steps, config=FAST, **kwargs):
    agent = UNREAL(world, config, **kwargs)
    agent.learn(world, steps)
    return agent


def test_the_host_answers_as_the_network_does():
    mx.random.seed(3)
    net = Network(3, 4, 5, 2, 0)
    net.initialize(mx.init.Normal(0.7))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 3)).astype("float32")
    h = rng.normal(size=5).astype("float32")
    frames = mx.np.zeros((1, 3, 3))
    found = net(mx.np.array(x[None]), mx.np.array(h[None]), frames)
    assert [a.shape for a in found] == [(1, 6, 3), (1, 6, 3), (1, 3)]
    host = Host(net)
    host.h = h
    wanted = found[0].asnumpy()[0]
    np.testing.assert_allclose([host(row) for row in x], wanted, atol=1e-5)


def test_an_update_is_of_the_losses_that_the_equations_state():
    world = rl.Breakout(12, rows=2)
    config = dataclasses.replace(
        SMALL, pixel_weight=0.3, reward_weight=0.7, replay_weight=1.3
    )
    agent = UNREAL(world, config, seed=1)
    agent._update, update = lambda h, roll: 0.0, agent._update
    agent.learn(world, 12)
    # as if all were over, be it that they were only cut
    kept = [(h, roll._replace(over=True)) for h, roll in agent._kept]
    agent._kept = kept
    h, roll = kept[-2]
    # what is drawn: an old roll, and places of rewards
    state = agent._rng.bit_generator.state
    k = agent._rng.integers(len(kept))
    rewards = [roll.rewards for _, roll in kept]
    places = rl.auxiliary.skewed(np.concatenate(rewards), 8, agent._rng)
    agent._rng.bit_generator.state = state

    def read(h, roll):
        host = Host(agent.net)
        host.h, states, found = h, [], []
        for x in roll.seen / 255:
            found.append(host(x))
            states.append(host.h)
        return np.array(found), np.array(states)

    def to_come(rewards, gamma, last):
        found = []
        for reward in rewards[::-1]:
            last = reward + gamma * last
            found.insert(0, last)
        return np.array(found)

    def log_softmax(z):
        return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))

    found, _ = read(h, roll)
    R = to_come(roll.rewards, 0.99, (not roll.ended) * found[-1, -1])
    log_pi = log_softmax(found[:-1, :-1])
    wanted = np.mean((R - found[:-1, -1]) ** 2) * 0.5 / 2
    done = log_pi[np.arange(len(R)), roll.actions]
    wanted -= np.mean((R - found[:-1, -1]) * done)
    wanted += 0.01 * np.mean((np.exp(log_pi) * log_pi).sum(axis=1))
    then, old = kept[k]
    found, states = read(then, old)
    R = to_come(old.rewards, 0.99, (not old.ended) * found[-1, -1])
    wanted += 1.3 * np.mean((R - found[:-1, -1]) ** 2) / 2
    control = agent.net.control
    W, b = (p.data().asnumpy() for p in (control.weight, control.bias))
    q = (states @ W.T + b).reshape(-1, 3, 16)
    frames = old.seen.reshape(-1, 12, 12) / 255
    changes = rl.auxiliary.pixel_changes(frames, 3)
    y = to_come(changes, 0.9, (not old.ended) * q[-1].max(axis=0))
    done = q[np.arange(len(y)), old.actions]
    wanted += 0.3 * np.mean((y - done) ** 2) / 2
    seen = [roll.seen for _, roll in kept]
    frames, signs = rl.auxiliary.triples(seen, rewards, places)
    x = mx.np.array(frames / 255, dtype="float32")
    empty = mx.np.zeros((1, 1, 144)), mx.np.zeros((1, 8))
    logits = agent.net(*empty, x)[2].asnumpy()
    wanted -= 0.7 * log_softmax(logits)[np.arange(8), signs].mean()
    assert update(h, roll) == pytest.approx(wanted, rel=1e-4)


def test_what_becomes_of_pixels_is_learned_where_no_reward_comes():
    config = Config(
        features=8,
        hidden=8,
        cell=2,
        learning_rate=0.02,
        pixel_gamma=0.5,
        entropy_weight=1.0,
    )

    def worths(agent):
        x = mx.np.zeros((1, 1, 8)), mx.np.zeros((1, 8)), mx.np.zeros((1, 3, 8))
        return agent.net(*x)[1].asnumpy().reshape(2, 2)

    def lamp(works):
        return gymnasium.wrappers.TimeLimit(Lamp(works), 20)

    agent = learned(lamp(True), 6000, config)
    assert set(agent.returns) == {0}
    # each way half of the time, so ½ + ¼ + … = ½ · 2 from then on
    q = worths(agent)
    np.testing.assert_allclose(q[:, 0], [0.5, 1.5], atol=0.2)
    np.testing.assert_allclose(q[:, 1], [0, 0], atol=0.1)
    # negative control: a lamp that is broken
    np.testing.assert_allclose(
        worths(learned(lamp(False), 1000, config)), 0, atol=0.1
    )


def test_rewards_that_can_be_seen_coming_are_foretold():
    def foretold(agent):
        x = mx.np.array([[[1.0]] * 3, [[-1.0]] * 3])
        empty = mx.np.zeros((1, 1, 1)), mx.np.zeros((1, 16))
        return agent.net(*empty, x)[2].asnumpy()

    z = foretold(learned(rl.Sign(), 250))
    assert list(z.argmax(axis=1)) == [1, 2]
    # negative control: as sure as it was before it was taught
    untaught = dataclasses.replace(FAST, reward_weight=0)
    sure = [np.abs(foretold(learned(rl.Sign(), n, untaught))) for n in (1, 40)]
    assert np.abs(z[[0, 1], [1, 2]] - z[[0, 1], [2, 1]]).min() > 2
    assert np.abs(sure[0] - sure[1]).max() < 0.5


@pytest.mark.parametrize("ends", [False, True])
def test_what_is_cut_goes_on_and_what_ends_does_not(ends):
    config = dataclasses.replace(FAST, learning_rate=0.02, rollout=8)
    worth = learned(rl.ForEver(8, ends), 4000, config).value([0.0])
    # 1 + γ + γ² + … = 1 / (1 − γ), or no more than eight of them
    assert worth < 8 if ends else abs(worth - 10) < 1


def test_it_learns_what_pays_and_that_it_depends_on_what_is_seen():
    agent = learned(rl.Agreement(), 400)
    for sign, action in ((-1.0, 0), (1.0, 1)):
        agent.begin()
        assert agent.act([sign]) == action
    negated = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: -r)
    agent = learned(negated, 300)
    agent.begin()
    assert agent.act([0.0]) == 0


def test_it_remembers_what_was_shown_three_steps_before():
    config = dataclasses.replace(FAST, learning_rate=0.01, gamma=1.0)
    agent = learned(rl.Recall(3), 4000, config, device="cpu:1")
    assert str(agent.device) == "cpu(1)"
    assert rl.play(agent, rl.Recall(3), 50).mean() > 0.9
    # negative control: who forgets at each step earns nothing
    act = agent.act
    agent.act = lambda seen: (agent.begin(), act(seen))[1]
    assert abs(rl.play(agent, rl.Recall(3), 50).mean()) < 0.5


def test_of_what_was_lived_the_last_is_kept():
    config = dataclasses.replace(FAST, kept=50)
    agent = learned(rl.Echo(2), 200, config)
    assert [len(roll.actions) for _, roll in agent._kept] == [20, 20]
    assert agent._kept[-1][1].over
    # a roll longer than what may be kept is there until the next one
    few = dataclasses.replace(FAST, kept=5)
    assert len(learned(rl.Echo(2), 60, few)._kept) == 1


def test_one_seed_gives_one_run_and_asking_changes_nothing():
    runs = []
    for seed in (1, 1, 2):
        agent = UNREAL(rl.Echo(2), FAST, seed=seed)
        ask = [lambda a: a.value([1.0, 0.0]) and None] if runs else []
        agent.learn(rl.Echo(2), 200, seed, ask)
        runs.append(agent)
    assert runs[0].returns == runs[1].returns
    assert runs[0].losses == runs[1].losses
    assert runs[0].losses != runs[2].losses


def test_one_that_is_watched_while_it_learns_forgets_nothing():
    runs = []
    for looks in ([], [lambda a: rl.play(a, rl.Echo(2)) is None]):
        agent = UNREAL(rl.Echo(2), FAST)
        agent.learn(rl.Echo(2), 120, callbacks=looks)
        runs.append(agent.losses)
    assert runs[0] == runs[1]


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = rl.Breakout(12, rows=2), tmp_path / "agent.npz"
    agent = learned(world, 100, SMALL)
    agent.save(path)
    other = UNREAL(world, SMALL, seed=9)
    other.load(path)
    for one in (agent, other):
        one.learn(world, 60)
    assert other.losses == agent.losses
    assert other.steps == agent.steps >= 160
    other.save(path)
    with pytest.raises(CheckpointError, match="one has"):
        UNREAL(world).load(path)


def test_a_callback_may_end_the_learning():
    agent = UNREAL(rl.Echo(2), FAST)
    agent.learn(rl.Echo(2), 999, callbacks=[lambda a: len(a.losses) == 3])
    assert agent.steps == 60


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_is_told():
    config = dataclasses.replace(FAST, learning_rate=1e38)
    with pytest.raises(TrainingDiverged, match="`learning_rate`"):
        learned(rl.Echo(2), 400, config)
    agent = UNREAL(rl.Echo(2), FAST)
    agent.net.output.bias.set_data(mx.np.array([0, 0, np.inf]))
    agent._host.refresh()
    with pytest.raises(TrainingDiverged, match="The value is inf at step 20"):
        agent.learn(rl.Echo(2), 20)


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (gymnasium.make("Pendulum-v1"), "`env`.*actions numbered from 0"),
        (rl.Maze(), "`env`.*arrays of numbers"),
        (rl.Echo(2), r"`pixel_weight`.*be 0 where.*\(2,\)"),
        (Lamp(), r"`pixel_weight`.*be 0 where.*\(2, 4\)"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(world, message):
    with pytest.raises(ValueError, match=message):
        UNREAL(world)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("features", 0),
        ("hidden", 0),
        ("rollout", 0),
        ("learning_rate", 0),
        ("gamma", 1.5),
        ("pixel_gamma", -1),
        ("kept", 0),
        ("cell", 0),
        ("foretold", 0),
        ("pixel_weight", -1),
        ("reward_weight", -1),
        ("replay_weight", -1),
    ],
)
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        Config(**{name: value})
    with pytest.raises(ValueError, match="`steps`"):
        learned(rl.Choice(), 0)
