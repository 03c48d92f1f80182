"""Known values, properties and probes: search among weights."""

import dataclasses

import gymnasium
import numpy as np
import pytest

from fdl import rl
from fdl.errors import CheckpointError
from fdl.rl import SNES, Genetic, genetic, snes
from fdl.rl.flat import Player, first_weights, unpack, weight_count

AGENTS = {
    SNES: snes.Config(hidden=(8,), sigma=0.5),
    Genetic: genetic.Config(hidden=(8,), sigma=0.5),
}
EACH = pytest.mark.parametrize("kind", AGENTS)


def learned(kind, world, episodes, seed=0, **changes):
    config = dataclasses.replace(AGENTS[kind], **changes)
    agent = kind(world, config, seed=seed)
    agent.learn(world, episodes, seed=seed)
    return agent


def test_a_vector_holds_all_layers():
    sizes = (3, 4, 2)
    assert weight_count(sizes) == 3 * 4 + 4 + 4 * 2 + 2
    layers = unpack(np.arange(26.0), sizes)
    np.testing.assert_array_equal(layers[0][0], np.arange(12).reshape(3, 4))
    np.testing.assert_array_equal(layers[0][1], [12, 13, 14, 15])
    np.testing.assert_array_equal(layers[1][0][-1], [22, 23])
    np.testing.assert_array_equal(layers[1][1], [24, 25])
    with pytest.raises(ValueError, match=r"`w`.*must have the shape .26,"):
        unpack(np.zeros(25), sizes)


def test_first_weights_are_he_s():
    w = first_weights((200, 100, 2), np.random.default_rng(0))
    (W, b), (V, c) = unpack(w, (200, 100, 2))
    assert np.std(W) == pytest.approx(0.1, rel=0.05)
    assert np.std(V) == pytest.approx(np.sqrt(0.02), rel=0.2)
    assert not b.any()
    assert not c.any()


def test_a_player_takes_the_largest_output():
    player = Player([(np.eye(3), np.array([0.0, 0.0, 0.5]))])
    assert player.act([[1.0], [0.2], [0.4]]) == 0
    assert player.act([0.0, 0.2, 0.4], explore=True) == 2


def test_utilities_of_known_values():
    # P = 4: ln 3 − ln 1, ln 3 − ln 2, 0, 0 (ln 3 − ln 3; and less), scaled
    raw = np.array([np.log(3), np.log(1.5), 0, 0])
    wanted = raw / raw.sum() - 0.25
    found = snes.utilities([1.0, -5.0, 7.0, 3.0])
    np.testing.assert_allclose(found, wanted[[2, 3, 0, 1]])


def test_utilities_tell_ranks_and_sum_to_zero():
    returns = np.random.default_rng(0).normal(size=30)
    u = snes.utilities(returns)
    assert u.sum() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(snes.utilities(np.exp(5 * returns)), u)
    assert (snes.utilities(-returns) != u).any()
    # equals count the same, and all equal count nothing
    tied = snes.utilities([2.0, 1.0, 2.0, 0.0])
    assert tied[0] == tied[2]
    np.testing.assert_allclose(snes.utilities(np.ones(6)), 0, atol=1e-12)


def test_a_step_of_known_values():
    noise = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    u = snes.utilities([4.0, 1.0, 3.0, 2.0])
    wanted = [5 + 0.5 * 2 * (u[0] - u[1]), 0.5 * 2 * (u[2] - u[3])]
    found = snes.step(
        np.array([5.0, 0.0]), noise, [4, 1, 3, 2], sigma=0.5, learning_rate=2
    )
    np.testing.assert_allclose(found, wanted)


def test_it_finds_the_top_of_a_sphere():
    rng, w = np.random.default_rng(0), np.full(5, 3.0)
    for _ in range(400):
        half = rng.normal(size=(10, 5))
        z = np.concatenate([half, -half])
        returns = -((w + 0.1 * z) ** 2).sum(axis=1)
        w = snes.step(w, z, returns, sigma=0.1, learning_rate=1.0)
    assert np.abs(w).max() < 0.1


def test_children_are_near_the_best_and_the_best_lives_on():
    members = np.array([[0.0] * 50, [10.0] * 50, [20.0] * 50, [30.0] * 50])
    rng = np.random.default_rng(0)
    found = genetic.offspring(members, [5, 7, 1, 3], 2, 0.1, rng)
    assert found.shape == members.shape
    np.testing.assert_array_equal(found[0], members[1])
    for child in found[1:]:
        near = [np.sqrt(np.mean((child - members[k]) ** 2)) for k in (0, 1)]
        assert min(near) == pytest.approx(0.1, rel=0.3)
    many = np.repeat(members, 50, axis=0)
    found = genetic.offspring(many, np.arange(200), 100, 0.1, rng)
    # the worse half has none
    assert found.mean(axis=1).min() > 19
    assert {round(m / 10) for m in found.mean(axis=1)} == {2, 3}


@EACH
def test_it_learns_what_pays_and_that_it_depends_on_what_is_seen(kind):
    assert learned(kind, rl.Choice(), 200).act([0.0]) == 1
    agent = learned(kind, rl.Agreement(), 1200)
    assert [agent.act([sign]) for sign in (-1.0, 1.0)] == [0, 1]
    negated = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: -r)
    assert learned(kind, negated, 200).act([0.0]) == 0


@EACH
def test_it_echoes(kind):
    agent = learned(kind, rl.Echo(3), 600)
    assert rl.play(agent, rl.Echo(3))[0] > 90


@EACH
def test_it_learns_nothing_where_nothing_can_be_known(kind):
    # negative control: what would be right was shown three steps before
    agent = learned(kind, rl.Recall(3), 400)
    assert abs(np.mean(rl.play(agent, rl.Recall(3), 200, seed=1))) < 0.3


@EACH
def test_one_seed_gives_one_run(kind):
    runs = [learned(kind, rl.Echo(2), 60, seed=s) for s in (1, 1, 2)]
    assert runs[0].returns == runs[1].returns
    assert runs[0].returns != runs[2].returns


@EACH
def test_what_is_saved_goes_on_as_if_nothing_was(kind, tmp_path):
    world, path = rl.Echo(2), tmp_path / "agent.npz"
    agent = learned(kind, world, 40)
    agent.save(path)
    other = kind(world, AGENTS[kind], seed=9)
    other.load(path)
    for one in (agent, other):
        one.learn(world, 40)
    assert other.returns == agent.returns
    assert other.lengths == agent.lengths == [100] * 80
    with pytest.raises(CheckpointError, match="one has"):
        kind(world).load(path)
    with pytest.raises(ValueError, match="`(w|members)`.*this agent"):
        kind(rl.Echo(3), AGENTS[kind]).load(path)


@EACH
def test_a_generation_is_whole_and_a_callback_may_end_the_learning(kind):
    agent = learned(kind, rl.Choice(), 59)
    assert len(agent.returns) == 40  # two generations of 20
    agent.learn(rl.Choice(), 999, callbacks=[lambda a: True])
    assert len(agent.returns) == 60


def test_all_of_a_generation_meet_the_same_worlds():
    agent = Genetic(rl.Sign(), genetic.Config(trials=3))
    agent.learn(rl.Sign(), 60)
    returns = np.reshape(agent.returns, (20, 3))
    assert (returns == returns[0]).all()
    agent = SNES(rl.Sign(), AGENTS[SNES])
    agent.learn(rl.Sign(), 200)
    returns = np.reshape(agent.returns, (10, 20))
    assert (returns == returns[:, :1]).all()
    assert len(set(returns[:, 0])) == 2


@EACH
@pytest.mark.parametrize(
    ("world", "message"),
    [
        (gymnasium.make("Pendulum-v1"), "`env`.*actions numbered from 0"),
        (rl.Maze(), "`env`.*arrays of numbers"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(kind, world, message):
    with pytest.raises(ValueError, match=message):
        kind(world)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (snes, "population", 7),
        (snes, "population", 2),
        (snes, "sigma", 0),
        (snes, "learning_rate", 0),
        (genetic, "population", 1),
        (genetic, "parents", 20),
        (genetic, "sigma", 0),
        (genetic, "trials", 0),
    ],
)
def test_bad_settings_are_told(kind, name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        kind.Config(**{name: value})


@EACH
def test_too_few_episodes_are_told(kind):
    with pytest.raises(ValueError, match="`episodes`"):
        learned(kind, rl.Choice(), 19)


@EACH
@pytest.mark.parametrize("units", [0, -1, 2.0])
def test_layers_without_units_are_told(kind, units):
    config = (snes if kind is SNES else genetic).Config(hidden=(units,))
    with pytest.raises(ValueError, match=f"`sizes` .={units}. must be"):
        kind(rl.Choice(), config)


def test_utilities_are_of_a_row_of_returns():
    for returns in (1.0, [[1.0, 2.0]]):
        with pytest.raises(ValueError, match=r"`returns`.*shape \(P,\)"):
            snes.utilities(returns)
