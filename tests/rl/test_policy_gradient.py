"""Known values, probes with known answers, and faults: policy gradient."""

import gymnasium
import numpy as np
import oracles
import pytest

from fdl import rl
from fdl._mxnet import autograd, mx
from fdl.errors import CheckpointError, TrainingDiverged
from fdl.rl import EpsilonGreedy, PolicyGradient, policy_loss
from fdl.rl.episodes import Lived
from fdl.rl.policy_gradient import Config
from fdl.scratch import numeric_gradient

FAST = Config(learning_rate=0.02, gamma=0.9, normalize=True)


def learned(world, episodes=400, config=FAST, **kwargs):
    agent = PolicyGradient(world, config, **kwargs)
    agent.learn(world, episodes)
    return agent


def probability(agent, observation):
    x = mx.np.array([observation], dtype="float32", ctx=agent.device)
    z = agent.net(x).asnumpy()[0]
    return np.exp(z - z.max()) / np.exp(z - z.max()).sum()


def test_the_loss_of_known_values():
    logits = np.array([[1, 1, 1], [2, 0, 0], [-1, -2, -3]], float)
    advantages = np.array([0.3, 0.2, 0.1]) * [-2, 2, 0]
    given = (mx.np.array(v) for v in (logits, [0, 1, 2], advantages))
    assert float(policy_loss(*given).item()) == pytest.approx(0.0788835)


@pytest.mark.parametrize("normalize", [False, True])
def test_an_update_is_of_the_loss_that_the_equations_state(normalize):
    agent = PolicyGradient(
        rl.Echo(2), Config(gamma=0.5, normalize=normalize), seed=3
    )
    rng = np.random.default_rng(0)
    batch = [
        Lived(rng.normal(size=(T, 2)), rng.integers(2, size=T), 5 * G)
        for T, G in ((3, rng.normal(size=3)), (2, rng.normal(size=2)))
    ]
    A = np.concatenate([lived.G for lived in batch])
    if normalize:  # a mean of 0, and a mean square of 1
        A = A - np.mean(A)
        A = A / np.sqrt(np.mean(A**2))
    x, actions = (
        np.concatenate([lived[k] for lived in batch]) for k in (0, 1)
    )
    pi = np.array([probability(agent, row) for row in x])
    wanted = np.mean(-A * np.log(pi[np.arange(5), actions]))
    assert agent._update(batch) == pytest.approx(wanted, rel=1e-4)


def test_its_gradient_pushes_what_paid():
    rng = np.random.default_rng(0)
    logits, A = rng.normal(size=(4, 3)), rng.normal(size=4)
    actions = np.array([0, 2, 1, 1])

    def loss(z):
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return float(np.mean(-A * np.log(p[np.arange(4), actions])))

    z = mx.np.array(logits, dtype="float64")
    z.attach_grad()
    with autograd.record():
        value = policy_loss(
            z, mx.np.array(actions), mx.np.array(A, dtype="float64")
        )
    value.backward()
    assert float(value.item()) == pytest.approx(loss(logits))
    wanted = numeric_gradient(loss, logits)
    oracles.assert_gradients_agree(z.grad.asnumpy(), wanted)


@pytest.mark.parametrize("device", ["cpu:0", "cpu:1"])
def test_it_learns_which_action_pays(device):
    agent = learned(rl.Choice(), 800, device=device)
    assert str(agent.device) == device.replace(":", "(") + ")"
    assert agent.act([0.0]) == 1
    assert probability(agent, [0.0])[1] > 0.9


def test_it_learns_that_it_depends_on_what_is_seen():
    agent = learned(rl.Agreement())
    assert [agent.act([sign]) for sign in (-1.0, 1.0)] == [0, 1]


def test_it_echoes():
    # a hundred steps: more than 90 right, where chance would be 33
    agent = learned(rl.Echo(3), 80, Config(learning_rate=0.02, gamma=0.0))
    assert np.mean(agent.returns[-8:]) > 60
    world = rl.Echo(3)
    seen, _ = world.reset(seed=5)
    total, over = 0.0, False
    while not over:
        seen, reward, over, _, _ = world.step(agent.act(seen))
        total += reward
    assert total > 90


def test_it_learns_nothing_where_nothing_can_be_known():
    # negative control: what would be right was shown three steps before
    agent = learned(rl.Recall(3))
    assert abs(np.mean(agent.returns[-200:])) < 0.3


def test_a_negated_reward_teaches_the_opposite():
    world = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: -r)
    assert learned(world).act([0.0]) == 0


def test_it_draws_from_its_policy():
    agent = PolicyGradient(rl.Echo(4), seed=4)
    agent.net.output.bias.set_data(mx.np.array([2.0, 0.0, 0.0, 0.0]))
    agent._host.refresh()
    seen = [0.0, 0.0, 0.0, 0.0]
    found = [agent.act(seen, explore=True) for _ in range(6000)]
    shares = np.bincount(found, minlength=4) / 6000
    np.testing.assert_allclose(shares, probability(agent, seen), atol=0.03)
    assert agent.act(seen) == probability(agent, seen).argmax()


def test_with_epsilon_it_takes_the_likeliest_or_any():
    config = Config(epsilon=0.5)
    agent = PolicyGradient(rl.Echo(2), config, seed=0)
    seen = [0.0, 1.0]
    found = [agent.act(seen, explore=True) for _ in range(4000)]
    assert np.mean(np.equal(found, agent.act(seen))) == pytest.approx(
        0.75, abs=0.03
    )


def test_epsilon_falls_from_episode_to_episode():
    config = Config(epsilon=EpsilonGreedy(1.0, 0.0, 4))
    agent = PolicyGradient(rl.Choice(), config)
    found = []
    agent.learn(
        rl.Choice(), 6, callbacks=[lambda a: found.append(a._epsilon())]
    )
    assert found == [0.75, 0.5, 0.25, 0, 0, 0]


def test_an_update_takes_whole_episodes_and_their_own_returns():
    agent = PolicyGradient(rl.Delay(), Config(batch=2, gamma=0.5))
    given = []
    agent._update = lambda batch: given.append(batch) or 0.0
    agent.learn(rl.Delay(), 5)
    assert [len(batch) for batch in given] == [2, 2]
    for seen, done, returns in given[0]:
        assert [float(s[0]) for s in seen] == [0, 1]
        assert list(done) == [0, 0]
        np.testing.assert_allclose(returns, [0.5, 1.0])


def test_a_seed_gives_one_run():
    runs = [
        learned(rl.Echo(2), 8, Config(batch=2), seed=seed)
        for seed in (1, 1, 2)
    ]
    assert runs[0].returns == runs[1].returns
    assert runs[0].losses == runs[1].losses
    assert runs[0].returns != runs[2].returns


def test_a_callback_may_end_the_learning():
    agent = PolicyGradient(rl.Choice())
    agent.learn(
        rl.Choice(), 50, callbacks=[lambda a: np.equal(len(a.returns), 7)]
    )
    assert len(agent.returns) == 7


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = rl.Echo(2), tmp_path / "agent.npz"
    agent = learned(world, 8, Config(batch=2))
    agent.save(path)
    other = PolicyGradient(world, Config(batch=2), seed=9)
    other.load(path)
    assert other.returns == agent.returns
    for one in (agent, other):
        one.learn(world, 8)
    assert other.losses == agent.losses
    assert other.returns == agent.returns
    seen = np.eye(2)[0]
    assert other.act(seen) == agent.act(seen)


def test_a_file_of_another_kind_is_refused(tmp_path):
    world, path = rl.Echo(2), tmp_path / "agent.npz"
    agent = PolicyGradient(world)
    agent.save(path)
    with pytest.raises(CheckpointError, match="one has"):
        PolicyGradient(world, Config(gamma=0.5)).load(path)
    with pytest.raises(ValueError, match="same shapes"):
        PolicyGradient(rl.Echo(3)).load(path)
    path.write_bytes(path.read_bytes()[:-70])
    before = agent.act(np.eye(2)[0])
    with pytest.raises(CheckpointError, match="cannot be read"):
        agent.load(path)
    assert agent.act(np.eye(2)[0]) == before
    with pytest.raises(CheckpointError, match="cannot be written"):
        agent.save(tmp_path)


def test_acting_changes_nothing_and_repeats():
    agent = PolicyGradient(rl.Echo(2))
    before = [p.data().asnumpy() for p in agent.net.collect_params().values()]
    seen = np.eye(2)[0]
    assert len({agent.act(seen) for _ in range(20)}) == 1
    for then, p in zip(before, agent.net.collect_params().values()):
        np.testing.assert_array_equal(then, p.data().asnumpy())


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_is_told():
    world = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: 1e38 * r)
    agent = PolicyGradient(world, Config(learning_rate=1e30))
    with pytest.raises(TrainingDiverged, match="`learning_rate`"):
        agent.learn(world, 80)


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (gymnasium.make("Pendulum-v1"), "`env`.*actions numbered from 0"),
        (rl.Maze(), "`env`.*arrays of numbers"),
        (None, "`env`"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(world, message):
    with pytest.raises(ValueError, match=message):
        PolicyGradient(world)


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0},
        {"gamma": 1.5},
        {"batch": 0},
        {"epsilon": 2.0},
    ],
)
def test_bad_settings_are_told(settings):
    (name,) = settings
    with pytest.raises(ValueError, match=f"`{name}`"):
        Config(**settings)
    with pytest.raises(ValueError, match="`episodes`"):
        PolicyGradient(rl.Choice()).learn(rl.Choice(), 0)


def test_the_host_answers_as_the_network_does():
    net = PolicyGradient(rl.Echo(5), seed=3).net
    for k, layer in enumerate(net._hidden):
        layer.bias.set_data(mx.np.linspace(-0.5, 1, 16) * (-1) ** k)
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    host = rl.HostNet(net)
    wanted = net(mx.np.array(x)).asnumpy()
    np.testing.assert_allclose(host(x), wanted, atol=1e-6)
    np.testing.assert_allclose(host(x[0]), wanted[0], atol=1e-6)
    net.output.bias.set_data(mx.np.arange(5.0))
    np.testing.assert_allclose(host(x), wanted, atol=1e-6)
    host.refresh()
    np.testing.assert_allclose(host(x), wanted + np.arange(5), atol=1e-6)
    with pytest.raises(ValueError, match="`net`.*ReLU, then linear"):
        rl.HostNet(mx.gluon.nn.Dense(2))
