"""Known values, an explicit matrix, probes and faults: trust regions."""

import dataclasses

import gymnasium
import numpy as np
import oracles
import pytest

from fdl import rl
from fdl._mxnet import autograd, mx
from fdl.errors import CheckpointError
from fdl.nn import FeedForward
from fdl.rl import TRPO, trpo
from fdl.rl.flat import along, back, forward, unpack, weight_count
from fdl.rl.trpo import (
    Config,
    conjugate_gradient,
    divergence,
    fisher_product,
)
from fdl.scratch import numeric_gradient

SIZES = (3, 4, 5, 2)
FAST = Config(hidden=(16,), gamma=0.9, delta=0.05)


def some(seed=0, states=7):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=weight_count(SIZES))
    return w, rng.normal(size=(states, 3)), rng


def learned(world, episodes, config=FAST, **kwargs):
    agent = TRPO(world, config, **kwargs)
    agent.learn(world, episodes)
    return agent


def log_pi(w, x):
    z = forward(w, SIZES, x)[-1]
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def test_outputs_and_gradients_are_those_of_the_same_network():
    w, x, rng = some()
    net = FeedForward(SIZES)
    net.initialize()
    layers = [net.hidden1, net.hidden2, net.output]
    for layer, (W, b) in zip(layers, unpack(w, SIZES)):
        layer.weight.set_data(mx.np.array(W.T))
        layer.bias.set_data(mx.np.array(b))
    u = rng.normal(size=(7, 2))
    with autograd.record():
        y = net(mx.np.array(x, dtype="float32"))
        total = (y * mx.np.array(u, dtype="float32")).sum()
    total.backward()
    h = forward(w, SIZES, x)
    assert [a.shape for a in h] == [(7, 3), (7, 4), (7, 5), (7, 2)]
    np.testing.assert_allclose(h[-1], y.asnumpy(), atol=1e-4)
    found = unpack(back(w, SIZES, h, u), SIZES)
    for layer, (W, b) in zip(layers, found):
        np.testing.assert_allclose(
            W.T, layer.weight.grad().asnumpy(), atol=1e-4
        )
        np.testing.assert_allclose(b, layer.bias.grad().asnumpy(), atol=1e-4)


def test_a_derivative_along_a_direction_is_the_limit_of_differences():
    w, x, rng = some()
    w[-2:] -= 4  # outputs of both signs, which no rectifier is to see
    v = rng.normal(size=w.shape)
    h = forward(w, SIZES, x)
    assert {*np.sign(h[-1]).ravel()} == {-1, 1}
    found = along(w, SIZES, h, v)
    ahead, behind = (forward(w + e * v, SIZES, x)[-1] for e in (1e-6, -1e-6))
    oracles.assert_gradients_agree(found, (ahead - behind) / 2e-6)


def test_products_are_those_with_the_explicit_matrix():
    w, x, rng = some()
    pi = np.exp(log_pi(w, x))
    # F = E Σ_a π(a) ∇ ln π(a) ∇ ln π(a)ᵀ, by differences of every weight
    F = np.zeros((len(w), len(w)))
    for k in range(len(x)):
        for a in range(2):
            g = numeric_gradient(
                lambda w, k=k, a=a: float(log_pi(w, x[k : k + 1])[0, a]), w
            )
            F += pi[k, a] * np.outer(g, g) / len(x)
    h = forward(w, SIZES, x)
    found = np.stack(
        [fisher_product(w, SIZES, h, e) for e in np.eye(len(w))], axis=1
    )
    np.testing.assert_allclose(found, F, atol=1e-7)
    assert np.linalg.eigvalsh(found).min() > -1e-9
    # and half of vᵀ F v is how policies diverge near w
    v = 1e-4 * rng.normal(size=w.shape)
    there = forward(w + v, SIZES, x)[-1]
    assert divergence(h[-1], there) == pytest.approx(v @ F @ v / 2, rel=0.01)


def test_conjugate_gradients_solve_in_as_many_steps_as_there_are_unknowns():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(5, 5))
    F, b = root @ root.T + np.eye(5), rng.normal(size=5)
    x = conjugate_gradient(lambda v: F @ v, b, 5)
    assert np.abs(F @ x - b).max() < 1e-8
    few = conjugate_gradient(lambda v: F @ v, b, 2)
    assert np.abs(F @ few - b).max() > 1e-3
    none = conjugate_gradient(lambda v: F @ v, np.zeros(5), 5)
    np.testing.assert_array_equal(none, np.zeros(5))


def test_divergences_of_known_values():
    old, new = np.log([[0.5, 0.5]]), np.log([[0.9, 0.1]])
    wanted = 0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1)
    assert divergence(old, new) == pytest.approx(wanted)
    assert divergence(new, old) != pytest.approx(wanted)
    assert divergence(old, old + 3) == pytest.approx(0, abs=1e-12)
    # as a mean over what is drawn
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(2, 1, 4))
    p, q = np.exp(z) / np.exp(z).sum(), np.exp(y) / np.exp(y).sum()
    drawn = rng.choice(4, size=50_000, p=p[0])
    sampled = np.log(p[0] / q[0])[drawn].mean()
    assert divergence(z, y) == pytest.approx(sampled, abs=0.02)


def test_a_step_gains_and_stays_in_the_region():
    agent = TRPO(rl.Echo(3), Config(hidden=(8,), delta=0.02), seed=1)
    rng = np.random.default_rng(0)
    x, done = np.eye(3)[rng.integers(3, size=60)], rng.integers(3, size=60)
    A = rng.normal(size=60)
    w = agent.w
    h = forward(w, agent.sizes, x)
    before = h[-1]
    step = agent._update(x, done, A)
    # ½ β² sᵀ F s = δ, before it is made shorter
    v = (agent.w - w) * 2**step.halvings
    Fv = fisher_product(w, agent.sizes, h, v) + agent.config.damping * v
    assert v @ Fv / 2 == pytest.approx(0.02)
    after = forward(agent.w, agent.sizes, x)[-1]
    assert step.divergence == pytest.approx(divergence(before, after))
    assert 0.002 < step.divergence <= 0.02
    p, q = (np.exp(z) / np.exp(z).sum(1)[:, None] for z in (before, after))
    rows = np.arange(60)
    ratio = q[rows, done] / p[rows, done]
    assert step.gain == pytest.approx(((ratio - 1) * A).mean())
    assert step.gain > 0


def test_a_step_too_long_is_halved_and_one_that_gains_nothing_not_taken(
    monkeypatch,
):
    x, done = np.eye(3), np.array([0, 1, 2])
    A = np.array([1.0, -1.0, 1.0])
    config = Config(hidden=(8,), delta=0.02, damping=0.0)
    agent = TRPO(rl.Echo(3), config, seed=1)
    before = agent.w.copy()
    assert agent._update(x, done, np.zeros(3)) == (0, 0, 0)
    np.testing.assert_array_equal(agent.w, before)
    # as if the policy hardly changed with its weights
    monkeypatch.setattr(trpo, "fisher_product", lambda w, s, h, v: 0.001 * v)
    step = agent._update(x, done, A)
    assert 0 < step.halvings <= config.halvings
    assert 0 < step.divergence <= 0.02
    assert step.gain > 0
    # and where no halving is allowed, nothing is done
    agent = TRPO(rl.Echo(3), dataclasses.replace(config, halvings=1), seed=1)
    assert agent._update(x, done, A) == (0, 0, 2)
    np.testing.assert_array_equal(agent.w, before)


def test_a_step_that_loses_is_not_taken_however_short(monkeypatch):
    agent = TRPO(rl.Echo(3), Config(hidden=(8,)), seed=1)
    before, A = agent.w.copy(), np.array([1.0, -1.0, 1.0])
    # as if what is downhill had been found
    monkeypatch.setattr(trpo, "conjugate_gradient", lambda _, g, n: -g)
    step = agent._update(np.eye(3), np.array([0, 1, 2]), A)
    assert step == (0, 0, agent.config.halvings + 1)
    np.testing.assert_array_equal(agent.w, before)


def test_it_learns_what_pays_and_that_it_depends_on_what_is_seen():
    assert learned(rl.Choice(), 400).act([0.0]) == 1
    agent = learned(rl.Agreement(), 800)
    assert [agent.act([sign]) for sign in (-1.0, 1.0)] == [0, 1]
    negated = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: -r)
    assert learned(negated, 400).act([0.0]) == 0
    assert max(step.divergence for step in agent.steps) <= FAST.delta


def test_it_echoes():
    agent = learned(rl.Echo(3), 160, dataclasses.replace(FAST, gamma=0.0))
    assert rl.play(agent, rl.Echo(3))[0] > 90


def test_it_learns_nothing_where_nothing_can_be_known():
    # negative control: what would be right was shown three steps before
    agent = learned(rl.Recall(3), 480)
    assert abs(np.mean(agent.returns[-200:])) < 0.3


def test_one_seed_gives_one_run():
    runs = [learned(rl.Echo(2), 32, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].returns == runs[1].returns
    assert runs[0].steps == runs[1].steps
    assert runs[0].returns != runs[2].returns


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = rl.Echo(2), tmp_path / "agent.npz"
    agent = learned(world, 32)
    agent.save(path)
    other = TRPO(world, FAST, seed=9)
    other.load(path)
    assert other.steps == agent.steps
    for one in (agent, other):
        one.learn(world, 32)
    assert other.steps == agent.steps
    np.testing.assert_array_equal(other.w, agent.w)
    with pytest.raises(CheckpointError, match="one has"):
        TRPO(world).load(path)
    with pytest.raises(ValueError, match="`w`"):
        TRPO(rl.Echo(3), FAST).load(path)


def test_a_callback_may_end_the_learning():
    agent = TRPO(rl.Choice())
    agent.learn(rl.Choice(), 50, callbacks=[lambda a: len(a.returns) == 3])
    assert agent.lengths == [1, 1, 1]


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (gymnasium.make("Pendulum-v1"), "`env`.*actions numbered from 0"),
        (rl.Maze(), "`env`.*arrays of numbers"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(world, message):
    with pytest.raises(ValueError, match=message):
        TRPO(world)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gamma", 2),
        ("batch", 0),
        ("directions", 0),
        ("halvings", 0),
        ("delta", 0),
        ("damping", -1),
    ],
)
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        Config(**{name: value})
    with pytest.raises(ValueError, match="`episodes`"):
        learned(rl.Choice(), 0)
