"""Known values, probes with known answers, and faults: memory in a policy."""

import dataclasses

import gymnasium
import numpy as np
import pytest

from fdl import rl
from fdl._mxnet import mx
from fdl.errors import CheckpointError, TrainingDiverged
from fdl.rl import RecurrentPolicyGradient
from fdl.rl.recurrent_policy import Config, HostGRU, Memory

FAST = Config(learning_rate=0.03, gamma=1.0)


def learned(world, episodes, config=FAST, **kwargs):
    agent = RecurrentPolicyGradient(world, config, **kwargs)
    agent.learn(world, episodes)
    return agent


def test_it_remembers_what_was_shown_three_steps_before():
    agent = learned(rl.Recall(3), 800, device="cpu:1")
    assert str(agent.device) == "cpu(1)"
    assert rl.play(agent, rl.Recall(3), 50).mean() > 0.9
    # negative control: who forgets at each step earns nothing
    act = agent.act
    agent.act = lambda seen: (agent.begin(), act(seen))[1]
    assert abs(rl.play(agent, rl.Recall(3), 50).mean()) < 0.5


def test_it_learns_what_pays_and_that_it_depends_on_what_is_seen():
    agent = learned(rl.Agreement(), 400)
    for sign, action in ((-1.0, 0), (1.0, 1)):
        agent.begin()
        assert agent.act([sign]) == action
    negated = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: -r)
    agent = learned(negated, 300)
    assert agent.act([0.0]) == 0


def test_it_echoes():
    config = dataclasses.replace(FAST, gamma=0.0, batch=4)
    agent = learned(rl.Echo(2), 60, config)
    assert rl.play(agent, rl.Echo(2))[0] > 90


def test_the_host_answers_as_the_network_does():
    mx.random.seed(3)
    net = Memory(3, 5, 2)
    net.initialize(mx.init.Normal(0.7))
    x = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    wanted = net(mx.np.array(x[None])).asnumpy()[0]
    assert wanted.shape == (6, 2)
    host = HostGRU(net)
    np.testing.assert_allclose([host(row) for row in x], wanted, atol=1e-5)
    # it goes on remembering until it is told to forget
    assert np.abs(host(x[0]) - wanted[0]).max() > 0.01
    host.begin()
    np.testing.assert_allclose(host(x[0]), wanted[0], atol=1e-5)


def test_an_update_is_of_the_loss_that_the_equations_state():
    agent = RecurrentPolicyGradient(rl.Echo(2), seed=1)
    rng = np.random.default_rng(0)
    batch = [
        (
            list(rng.normal(size=(T, 2)).astype("float32")),
            list(rng.integers(2, size=T)),
            rng.normal(size=T),
        )
        for T in (3, 5)
    ]
    # less the mean at each step, of those who got there; then scaled
    A = [G.copy() for _, _, G in batch]
    both = (A[0] + A[1][:3]) / 2
    A[0], A[1][:3], A[1][3:] = A[0] - both, A[1][:3] - both, 0
    scale = np.sqrt(np.mean(np.concatenate(A) ** 2))
    total = 0.0
    for (seen, done, _), advantage in zip(batch, A):
        host = HostGRU(agent.net)
        for x, a, weight in zip(seen, done, advantage):
            z = host(x)
            total += weight / scale * (z[a] - np.log(np.exp(z).sum()))
    assert agent._update(batch) == pytest.approx(-total / 8, rel=1e-3)


def test_one_seed_gives_one_run():
    runs = [learned(rl.Echo(2), 16, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].returns == runs[1].returns
    assert runs[0].losses == runs[1].losses
    assert runs[0].returns != runs[2].returns


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = rl.Recall(2), tmp_path / "agent.npz"
    agent = learned(world, 32)
    agent.save(path)
    other = RecurrentPolicyGradient(world, FAST, seed=9)
    other.load(path)
    for one in (agent, other):
        one.learn(world, 32)
    assert other.losses == agent.losses
    assert other.returns == agent.returns
    with pytest.raises(CheckpointError, match="one has"):
        RecurrentPolicyGradient(world).load(path)


def test_acting_changes_no_weight_and_a_callback_may_end_the_learning():
    agent = RecurrentPolicyGradient(rl.Echo(2), FAST)
    before = [p.data().asnumpy() for p in agent.net.collect_params().values()]
    agent.learn(rl.Echo(2), 50, callbacks=[lambda a: len(a.returns) == 3])
    assert agent.lengths == [100] * 3
    after = [p.data().asnumpy() for p in agent.net.collect_params().values()]
    for one, other in zip(before, after):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_is_told():
    config = dataclasses.replace(FAST, learning_rate=1e38)
    with pytest.raises(TrainingDiverged, match="`learning_rate`"):
        learned(rl.Echo(2), 200, config)


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (gymnasium.make("Pendulum-v1"), "`env`.*actions numbered from 0"),
        (rl.Maze(), "`env`.*arrays of numbers"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(world, message):
    with pytest.raises(ValueError, match=message):
        RecurrentPolicyGradient(world)


@pytest.mark.parametrize(
    ("name", "value"),
    [("hidden", 0), ("learning_rate", 0), ("gamma", 1.5), ("batch", 0)],
)
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        Config(**{name: value})
    with pytest.raises(ValueError, match="`episodes`"):
        learned(rl.Choice(), 0)
