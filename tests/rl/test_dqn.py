"""Known values, probes with known answers, and faults: the Q-network."""

import dataclasses

import gymnasium
import numpy as np
import oracles
import pytest
from gymnasium.wrappers import FrameStackObservation, TransformReward

from fdl import rl
from fdl._mxnet import autograd, mx
from fdl.errors import CheckpointError, TrainingDiverged
from fdl.rl import DQN, EpsilonGreedy, QNetwork, drqn, q_loss
from fdl.rl.dqn import Config
from fdl.scratch import numeric_gradient

SMALL = Config(
    convolutions=(),
    hidden=(32,),
    history=1,
    learning_rate=0.005,
    gamma=0.9,
    capacity=2000,
    start=50,
    every=1,
    target_every=20,
    epsilon=EpsilonGreedy(1.0, 0.1, 300),
)
PICTURES = Config(
    convolutions=((4, 4, 2),), hidden=(8,), history=2, capacity=60, start=8
)


RECURRENT = drqn.Config(
    convolutions=((4, 4, 2),), hidden=(8,), history=2, capacity=60, start=8
)


def learned(world, steps=500, config=SMALL, **kwargs):
    agent = DQN(world, config, **kwargs)
    agent.learn(world, steps)
    return agent


def breakout():
    return FrameStackObservation(rl.Breakout(12, rows=1), 2)


def number():
    world = rl.Choice()
    space = gymnasium.spaces.Box(-1, 1, ())
    return gymnasium.wrappers.TransformObservation(
        world, lambda seen: seen[0], space
    )


def values(net):
    return [p.data().asnumpy() for p in net.collect_params().values()]


def same(one, other):
    return all((a == b).all() for a, b in zip(one, other))


def test_the_loss_is_huber_s():
    q = np.array([[1.0, 9.0], [9.0, 2.0], [0.5, 9.0]])
    actions, y = np.array([0, 1, 0]), np.array([1.5, -1.0, 0.5])

    def loss(z):
        d = abs(y - z[np.arange(3), actions])
        return float(np.mean(np.where(d < 1, d**2 / 2, d - 0.5)))

    x = mx.np.array(q, dtype="float64")
    x.attach_grad()
    with autograd.record():
        value = q_loss(x, mx.np.array(actions), mx.np.array(y))
    value.backward()
    assert float(value.item()) == pytest.approx((0.125 + 2.5 + 0) / 3)
    wanted = numeric_gradient(loss, q)
    oracles.assert_gradients_agree(x.grad.asnumpy(), wanted)


@pytest.mark.parametrize(
    ("world", "wanted"),
    [
        (rl.Constant(), {0: [1]}),
        (rl.Sign(), {-1: [-1], 1: [1]}),
        (rl.Delay(), {0: [0.9], 1: [1]}),
        (rl.Choice(), {0: [-1, 1]}),
        (rl.Agreement(), {-1: [1, -1], 1: [-1, 1]}),
    ],
)
@pytest.mark.parametrize("double", [False, True])
def test_probes_are_worth_what_they_are(world, wanted, double):
    agent = learned(world, 500, dataclasses.replace(SMALL, double=double))
    for seen, worths in wanted.items():
        np.testing.assert_allclose(agent.worth([seen]), worths, atol=0.1)


def test_it_echoes():
    world = rl.Echo(2)
    agent = learned(world, 1000, device="cpu:1")
    assert str(agent.device) == "cpu(1)"
    seen, _ = world.reset(seed=3)
    total, over = 0.0, False
    while not over:
        seen, reward, over, _, _ = world.step(agent.act(seen))
        total += reward
    assert total > 90


@pytest.mark.parametrize("ahead", [1, 3])
def test_what_is_cut_goes_on_and_what_ends_does_not(ahead):
    config = dataclasses.replace(
        SMALL,
        learning_rate=0.02,
        target_every=8,
        steps_ahead=ahead,
    )
    worth = {}
    for ends in (False, True):
        agent = learned(rl.ForEver(8, ends=ends), 1500, config)
        worth[ends] = float(agent.worth([0.0])[0])
    # 1 / (1 − γ) = 10; were the limit taken for an end, it must miss
    assert worth[False] == pytest.approx(10, abs=1)
    assert worth[True] < 9


@pytest.mark.parametrize("double", [False, True])
def test_an_update_is_of_the_loss_that_the_equations_state(double):
    config = dataclasses.replace(
        SMALL, gamma=0.5, start=20, double=double, steps_ahead=2
    )
    agent = DQN(rl.Echo(3), config, seed=1)
    agent.learn(rl.Echo(3), 19)
    # two networks that say different things
    mx.random.seed(5)
    for net in (agent.net, agent.target):
        net.initialize(mx.init.Normal(1.0), force_reinit=True)
        agent._hosts[net].refresh()
    state = agent._rng.bit_generator.state
    batch = agent.replay.sample(32, agent._rng, gamma=0.5, n=2)
    agent._rng.bit_generator.state = state

    def worths(net, seen):
        return net(mx.np.array(seen[:, 0])).asnumpy()

    q, following = (
        worths(net, seen)
        for net, seen in (
            (agent.net, batch.observations),
            (agent.target, batch.following),
        )
    )
    if double:
        best = worths(agent.net, batch.following).argmax(axis=1)
        assert (best != following.argmax(axis=1)).any()
    else:
        best = following.argmax(axis=1)
    rows = np.arange(32)
    y = batch.rewards + batch.discounts * following[rows, best]
    d = abs(y - q[rows, batch.actions])
    wanted = np.mean(np.where(d < 1, d**2 / 2, d - 0.5))
    assert agent._update() == pytest.approx(wanted, rel=1e-4)


def test_a_target_stays_between_copies():
    agent = DQN(rl.Echo(2), dataclasses.replace(SMALL, target_every=100))
    assert same(values(agent.net), values(agent.target))
    start = values(agent.target)
    agent.learn(rl.Echo(2), 99)
    assert same(values(agent.target), start)
    assert not same(values(agent.net), start)
    agent.learn(rl.Echo(2), 1)
    assert same(values(agent.target), values(agent.net))
    seen = np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    seen = seen[:, : agent._sizes[0]]
    for net in (agent.net, agent.target):
        assert agent._answers(net, seen) == pytest.approx(
            net(mx.np.array(seen)).asnumpy(), abs=1e-6
        )


def test_updates_come_when_they_should():
    config = dataclasses.replace(SMALL, every=4, start=50)
    agent = learned(rl.Echo(2), 80, config)
    # 50 frames are kept after 49 steps; more than that from step 50 on
    assert len(agent.losses) == len([k for k in range(50, 81) if k % 4 == 0])


def test_exploring_falls_from_step_to_step():
    config = dataclasses.replace(SMALL, epsilon=EpsilonGreedy(1.0, 0.0, 200))
    world = rl.Echo(2)
    agent = DQN(world, config)
    seen = np.eye(2)[0]
    shares = []
    for steps in (0, 100, 200):
        agent.steps = steps
        best = agent.act(seen)
        found = [agent.act(seen, explore=True) == best for _ in range(2000)]
        shares.append(np.mean(found))
    np.testing.assert_allclose(shares, [0.5, 0.75, 1.0], atol=0.04)


def test_the_host_and_the_network_agree():
    agent = learned(rl.Echo(3), 120)
    seen = np.eye(3)[1].astype("float32")
    x = mx.np.array(seen[None], ctx=agent.device)
    np.testing.assert_allclose(
        agent.worth(seen), agent.net(x).asnumpy()[0], atol=1e-5
    )


def test_a_network_of_pictures_has_the_sizes_of_the_paper():
    net = QNetwork((4, 84, 84), Config.convolutions, (512,), 3)
    net.initialize()
    x = mx.np.zeros((2, 4, 84, 84), dtype="uint8")
    assert net(x).shape == (2, 3)
    shapes = [p.shape for p in net.collect_params(".*weight").values()]
    assert shapes == [
        (32, 4, 8, 8),
        (64, 32, 4, 4),
        (64, 64, 3, 3),
        (512, 64 * 7 * 7),
        (3, 512),
    ]
    # bytes are scaled: ten times as bright is not ten times as large inside
    bright = net(x + 255).asnumpy()
    first = net.body[0](mx.np.ones((1, 4, 84, 84)))
    assert np.isfinite(bright).all()
    assert float(abs(first).max()) < 10


def test_pictures_are_scaled_if_they_are_bytes_and_not_if_they_are_not():
    bright = [FrameStackObservation(rl.Breakout(12, rows=1), 2)]
    bright.append(
        gymnasium.wrappers.TransformObservation(
            bright[0],
            lambda seen: seen / np.float32(255),
            gymnasium.spaces.Box(0, 1, (2, 12, 12), np.float32),
        )
    )
    for kind, config in ((DQN, PICTURES), (rl.DRQN, RECURRENT)):
        worths = []
        for world in bright:
            agent = kind(world, config)
            worths.append(agent.worth(world.reset(seed=1)[0]))
        np.testing.assert_allclose(*worths, rtol=1e-4, atol=1e-6)
        assert np.abs(worths[0]).max() > 0.01


def test_pictures_are_kept_once_and_seen_as_stacks():
    world = breakout()
    agent = learned(world, 40, PICTURES)
    assert len(agent.losses) > 0
    assert agent.replay.frame_shape == (12, 12)
    seen, _ = world.reset(seed=1)
    assert agent.worth(seen).shape == (3,)
    # what it sees in play is what it will be taught from
    agent.replay.begin(seen[-1])
    np.testing.assert_array_equal(agent.replay.latest(), seen)
    after, *_ = world.step(0)
    agent.replay.add(0, after[-1], 0.0)
    np.testing.assert_array_equal(agent.replay.latest(), after)


def test_one_seed_gives_one_run():
    runs = [learned(rl.Echo(2), 300, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].losses == runs[1].losses
    assert runs[0].returns == runs[1].returns
    assert runs[0].losses != runs[2].losses


def test_one_that_is_watched_learns_as_if_it_were_not():
    runs = []
    for looks in ([], [lambda a: rl.play(a, rl.Choice(), 3) is None]):
        agent = DQN(rl.Choice(), SMALL)
        agent.learn(rl.Choice(), 120, callbacks=looks)
        runs.append((agent.losses, agent.returns))
    assert runs[0] == runs[1]


def test_a_replay_too_small_to_begin_with_is_refused():
    with pytest.raises(ValueError, match=r"`capacity` .=50.*`start` .=50"):
        dataclasses.replace(SMALL, capacity=50)
    config = dataclasses.replace(SMALL, capacity=51)
    assert learned(rl.Echo(2), 60, config).losses


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = rl.Echo(2), tmp_path / "agent.npz"
    agent = learned(world, 230)
    agent.save(path)
    other = DQN(world, SMALL, seed=9)
    other.load(path)
    assert (other.steps, other.returns) == (230, agent.returns)
    for one in (agent, other):
        one.learn(world, 150)
    assert other.losses == agent.losses
    assert same(values(other.net), values(agent.net))
    # without what it lived through, it lives through some before it learns
    agent.save(path, replay=False)
    empty = DQN(world, SMALL)
    empty.load(path)
    before = len(empty.losses)
    empty.learn(world, 40)
    assert len(empty.losses) == before
    empty.learn(world, 40)
    assert len(empty.losses) > before


def test_a_file_of_another_kind_is_refused(tmp_path):
    world, path = rl.Choice(), tmp_path / "agent.npz"
    rl.PolicyGradient(world).save(path)
    agent = DQN(world, SMALL)
    with pytest.raises(CheckpointError, match="holds PolicyGradient"):
        agent.load(path)
    agent.save(path)
    other = dataclasses.replace(SMALL, gamma=0.5)
    with pytest.raises(CheckpointError, match="one has"):
        DQN(world, other).load(path)


def test_acting_changes_nothing_and_repeats():
    agent = learned(breakout(), 20, PICTURES)
    before = values(agent.net)
    seen, _ = breakout().reset(seed=0)
    assert len({agent.act(seen) for _ in range(5)}) == 1
    assert same(before, values(agent.net))


def test_a_callback_may_end_the_learning():
    agent = DQN(rl.Choice(), SMALL)
    agent.learn(
        rl.Choice(), 50, callbacks=[lambda a: np.equal(len(a.returns), 7)]
    )
    assert agent.steps == 7


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_is_told():
    world = TransformReward(rl.Choice(), lambda r: 1e38 * r)
    config = dataclasses.replace(SMALL, learning_rate=1e30)
    with pytest.raises((TrainingDiverged, ValueError), match="must be"):
        DQN(world, config).learn(world, 200)


@pytest.mark.parametrize(
    ("world", "config", "message"),
    [
        (gymnasium.make("Pendulum-v1"), SMALL, "`env`.*actions numbered"),
        (rl.Maze(), SMALL, "`env`.*arrays of numbers"),
        (rl.Choice(), Config(history=1), "`convolutions`.*no pictures"),
        (breakout(), Config(history=4), "`env`.*show 4 frames"),
        (number(), Config(history=4), r"`env`.*show 4 frames.*\(\)"),
        (breakout(), Config(history=2), "`convolutions`.*fit into frames"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(world, config, message):
    with pytest.raises(ValueError, match=message):
        DQN(world, config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0),
        ("gamma", 1.5),
        ("history", 0),
        ("start", 0),
        ("batch", 0),
        ("every", 0),
        ("target_every", 0),
        ("steps_ahead", 0),
        ("epsilon", 0.5),
    ],
)
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        dataclasses.replace(SMALL, **{name: value})
    with pytest.raises(ValueError, match="`capacity`"):
        DQN(rl.Choice(), dataclasses.replace(SMALL, capacity=1))
    with pytest.raises(ValueError, match="`steps`"):
        DQN(rl.Choice(), SMALL).learn(rl.Choice(), 0)


@pytest.mark.parametrize(("steps", "updates"), [(6, 0), (7, 1), (8, 2)])
def test_the_first_update_comes_when_more_than_start_frames_are_kept(
    steps, updates
):
    config = Config((), (4,), history=1, capacity=50, start=7, every=1)
    agent = DQN(rl.Echo(2), config)
    agent.learn(rl.Echo(2), steps)  # and the frame before the first of them
    assert len(agent.losses) == updates
