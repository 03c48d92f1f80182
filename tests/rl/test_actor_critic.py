"""Known values, probes with known answers, and faults: A3C."""

import dataclasses
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import worlds
from gymnasium.spaces import Discrete

from fdl import rl
from fdl._mxnet import mx
from fdl.errors import CheckpointError, TrainingDiverged
from fdl.rl import A3C
from fdl.rl.actor_critic import Config, entropy
from fdl.rl.actors import Actor, ActorFailed, Alone, Crew, Roll, answer

SMALL = Config(
    hidden=(16,), actors=0, rollout=8, learning_rate=0.02, gamma=0.9
)


def learned(world, steps=600, config=SMALL, **kwargs):
    agent = A3C(world, config, **kwargs)
    agent.learn(world, steps)
    return agent


def values(agent):
    return [p.data().asnumpy() for p in agent.net.collect_params().values()]


def same(one, other):
    return all((a == b).all() for a, b in zip(values(one), values(other)))


def test_undecidedness_is_a_logarithm_at_most_and_zero_at_least():
    z = np.array([[0.0, 0.0, 0.0], [100.0, 0.0, 0.0], [1.0, 0.0, -1.0]])
    p = np.exp(z[2]) / np.exp(z[2]).sum()
    wanted = [np.log(3), 0, -(p * np.log(p)).sum()]
    found = entropy(mx.np.array(z, dtype="float64")).asnumpy()
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_it_is_the_mean_of_minus_log_pi():
    z = np.array([1.0, 0.5, -1.0])
    p = np.exp(z) / np.exp(z).sum()
    drawn = np.random.default_rng(0).choice(3, size=20_000, p=p)
    found = float(entropy(mx.np.array(z[None], dtype="float64")).item())
    assert found == pytest.approx(-np.log(p)[drawn].mean(), abs=0.01)


@pytest.mark.parametrize(
    ("world", "wanted"),
    [
        (rl.Constant(), {0: 1}),
        (rl.Sign(), {-1: -1, 1: 1}),
        (rl.Delay(), {0: 0.9, 1: 1}),
    ],
)
def test_probes_are_worth_what_they_are(world, wanted):
    agent = learned(world, 400)
    for seen, worth in wanted.items():
        assert agent.value([seen]) == pytest.approx(worth, abs=0.1)


def test_it_learns_what_pays_and_that_it_depends_on_what_is_seen():
    assert learned(rl.Choice(), 300).act([0.0]) == 1
    agent = learned(rl.Agreement(), 600)
    assert [agent.act([sign]) for sign in (-1.0, 1.0)] == [0, 1]
    negated = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: -r)
    assert learned(negated, 300).act([0.0]) == 0


def test_it_learns_nothing_where_nothing_can_be_known():
    # negative control: what would be right was shown three steps before
    agent = learned(rl.Recall(3), 800)
    assert abs(np.mean(agent.returns[-150:])) < 0.3


def test_what_is_cut_goes_on_and_what_ends_does_not():
    worth = {}
    for ends in (False, True):
        config = dataclasses.replace(SMALL, gamma=0.8, learning_rate=0.05)
        agent = learned(rl.ForEver(8, ends=ends), 2400, config)
        worth[ends] = agent.value([0.0])
    # 1 / (1 − γ) = 5; were the limit taken for an end, it must miss
    assert worth[False] == pytest.approx(5, abs=0.5)
    assert worth[True] < 4.5


def test_a_roll_ends_where_its_episode_does():
    actor = Actor(rl.Delay(), 1, 5, 0)
    layers = [(np.zeros((1, 2)), np.zeros(2))]
    for _ in range(2):
        roll = actor.roll(layers)
        np.testing.assert_array_equal(roll.seen, [[0], [1], [1]])
        np.testing.assert_array_equal(roll.rewards, [0, 1])
        assert (roll.ended, roll.over) == (True, True)
        assert (roll.total, roll.length) == (1, 2)
    actor = Actor(rl.ForEver(7), 1, 5, 0)
    first, second, third = (actor.roll(layers) for _ in range(3))
    assert [len(r.actions) for r in (first, second, third)] == [5, 2, 5]
    assert (first.ended, first.over, second.over) == (False, False, True)
    assert not second.ended  # it was cut
    assert (second.total, second.length, third.total) == (7, 7, 5)


def test_an_actor_draws_from_the_policy():
    world = rl.ForEver(10**6)
    world.action_space = Discrete(3)
    actor = Actor(world, 3, 4000, 2)
    layers = [(np.zeros((1, 4)), np.array([1.0, 0.0, -1.0, 9.0]))]
    drawn = np.bincount(actor.roll(layers).actions, minlength=3) / 4000
    p = np.exp([1.0, 0, -1]) / np.exp([1.0, 0, -1]).sum()
    np.testing.assert_allclose(drawn, p, atol=0.03)


def test_an_update_is_of_the_loss_that_the_equations_state():
    config = dataclasses.replace(SMALL, gamma=0.5, entropy_weight=0.1)
    agent = A3C(rl.Echo(2), config, seed=3)
    rng = np.random.default_rng(0)
    rolls = [
        Roll(
            rng.normal(size=(T + 1, 2)).astype("float32"),
            rng.integers(2, size=T).astype("int32"),
            rng.normal(size=T).astype("float32"),
            ended,
            ended,
            0.0,
            T,
        )
        for T, ended in ((3, False), (2, True))
    ]
    terms = []
    for roll in rolls:
        out = answer(agent._host.layers, roll.seen)
        R = 0.0 if roll.ended else out[-1, 2]
        for t in reversed(range(len(roll.actions))):
            R = roll.rewards[t] + 0.5 * R
            p = np.exp(out[t, :2]) / np.exp(out[t, :2]).sum()
            error = R - out[t, 2]
            terms.append(
                -error * np.log(p[roll.actions[t]])
                + 0.5 * error**2 / 2
                + 0.1 * (p * np.log(p)).sum()
            )
    before = values(agent)
    assert agent._update(rolls) == pytest.approx(np.mean(terms), rel=1e-4)
    assert any((a != b).any() for a, b in zip(before, values(agent)))


def test_actors_in_processes_teach_and_load_no_mxnet():
    world = worlds.Alone(2)
    config = dataclasses.replace(SMALL, gamma=0.5, actors=2, rollout=25)
    agent = learned(world, 3000, config, device="cpu:1")
    assert str(agent.device) == "cpu(1)"
    assert agent.steps >= 3000
    assert rl.play(agent, rl.Echo(2))[0] > 90
    assert sum(agent.lengths) <= agent.steps
    assert not multiprocessing.active_children()


def test_one_seed_gives_one_run_and_one_actor_the_same_as_none():
    runs = [
        learned(
            rl.Echo(2), 160, dataclasses.replace(SMALL, actors=n), seed=seed
        )
        for n, seed in ((0, 1), (0, 1), (1, 1), (0, 2))
    ]
    for other in runs[1:3]:
        assert other.losses == runs[0].losses
        assert same(other, runs[0])
    assert runs[3].losses != runs[0].losses


def test_an_actor_that_fails_ends_the_run_with_its_traceback():
    config = dataclasses.replace(SMALL, actors=1)
    with pytest.raises(ActorFailed, match="(?s)in step.*what broke it"):
        learned(worlds.Broken(2), 100, config)
    assert not multiprocessing.active_children()


def test_what_was_learned_before_all_actors_failed_is_saved(tmp_path):
    config = dataclasses.replace(SMALL, actors=1, rollout=5)
    agent, path = A3C(worlds.Broken(2), config), tmp_path / "agent.npz"
    with pytest.raises(ActorFailed):
        agent.learn(worlds.Broken(2), 100, path=path)
    other = A3C(worlds.Broken(2), config)
    other.load(path)
    assert other.steps == agent.steps == 10


def test_an_actor_that_dies_is_replaced(tmp_path):
    world = worlds.Deadly(str(tmp_path / "died"))
    config = dataclasses.replace(SMALL, actors=1)
    with pytest.warns(RuntimeWarning, match="exit code -9. and is replaced"):
        agent = learned(world, 100, config)
    assert agent.steps >= 100


def test_a_run_whose_actors_all_die_is_given_up():
    config = dataclasses.replace(SMALL, actors=1)
    with (
        pytest.warns(RuntimeWarning),
        pytest.raises(
            ActorFailed, match="died .exit code -9., as 3 have before.*noteb"
        ),
    ):
        learned(worlds.Deadly(None), 100, config)
    assert not multiprocessing.active_children()


def test_ctrl_c_saves_and_leaves_no_process_behind(tmp_path):
    path, go = tmp_path / "agent.npz", tmp_path / "go"
    code = f"""
        import multiprocessing
        from pathlib import Path
        from fdl import rl
        from fdl.rl.actor_critic import Config

        def tell(agent):
            if len(agent.losses) == 5:
                names = [str(p.pid) for p in multiprocessing.active_children()]
                Path({str(go)!r}).write_text(" ".join(names))

        if __name__ == "__main__":
            world = rl.Echo(2)
            agent = rl.A3C(world, Config(hidden=(16,)))
            agent.learn(world, 10**9, 0, [tell], {str(path)!r})
    """
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(code))
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C goes to all of it, and not to us
        text=True,
    )
    while not (go.exists() and go.read_text()):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert "KeyboardInterrupt" in errors
    assert process.returncode != 0
    actors = go.read_text().split()
    assert len(actors) == 2
    for pid in actors:
        assert not Path(f"/proc/{pid}").exists()
    agent = A3C(rl.Echo(2), Config(hidden=(16,)))
    agent.load(path)
    assert agent.steps > 0


def test_what_is_saved_goes_on_as_if_nothing_was(tmp_path):
    world, path = rl.Echo(2), tmp_path / "agent.npz"
    agent = A3C(world, SMALL)
    agent.learn(world, 120, path=path)
    other = A3C(world, SMALL, seed=9)
    other.load(path)
    assert (other.steps, other.returns) == (agent.steps, agent.returns)
    for one in (agent, other):
        one.learn(world, 120)
    assert other.losses == agent.losses
    assert same(other, agent)
    with pytest.raises(CheckpointError, match="one has"):
        A3C(world, dataclasses.replace(SMALL, gamma=0.5)).load(path)


def test_acting_changes_nothing_and_repeats():
    agent = A3C(rl.Echo(3))
    before = values(agent)
    seen = np.eye(3)[1]
    assert len({agent.act(seen) for _ in range(20)}) == 1
    assert len({agent.act(seen, explore=True) for _ in range(200)}) == 3
    assert all((a == b).all() for a, b in zip(before, values(agent)))


def test_a_callback_may_end_the_learning():
    agent = A3C(rl.Echo(2), SMALL)
    agent.learn(rl.Echo(2), 999, callbacks=[lambda a: len(a.losses) == 3])
    assert agent.steps == 24


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_loss_that_is_no_number_is_told(tmp_path):
    world = gymnasium.wrappers.TransformReward(rl.Choice(), lambda r: 1e38 * r)
    config = dataclasses.replace(SMALL, learning_rate=1e30)
    agent = A3C(world, config)
    with pytest.raises(TrainingDiverged, match="`learning_rate`"):
        agent.learn(world, 80, path=tmp_path / "agent.npz")
    # be it a value that is none, behind what is cut
    agent = A3C(rl.Echo(2), config)
    with pytest.raises(TrainingDiverged, match="The (value|loss) is"):
        agent.learn(rl.Echo(2), 80, path=tmp_path / "agent.npz")
    # and what is no longer good for anything is not saved
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("world", "message"),
    [
        (gymnasium.make("Pendulum-v1"), "`env`.*actions numbered from 0"),
        (rl.Maze(), "`env`.*arrays of numbers"),
    ],
)
def test_worlds_it_cannot_serve_are_refused(world, message):
    with pytest.raises(ValueError, match=message):
        A3C(world)


def test_a_world_that_cannot_be_sent_is_refused_and_a_maker_is_not():
    world = rl.Echo(2)
    world.open = open(os.devnull)
    with world.open, pytest.raises(ValueError, match="`env`.*other proces"):
        learned(world, 100, dataclasses.replace(SMALL, actors=1))
    with Alone(rl.Delay, 1, 5, 0, [(np.zeros((1, 2)), np.zeros(2))]) as crew:
        assert crew.collect()[0][1].total == 1
    assert pickle.loads(pickle.dumps(gymnasium.make("CartPole-v1"))).spec


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actors", -1),
        ("rollout", 0),
        ("learning_rate", 0),
        ("gamma", 1.5),
        ("value_weight", -1),
        ("entropy_weight", -1),
    ],
)
def test_bad_settings_are_told(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        dataclasses.replace(SMALL, **{name: value})
    with pytest.raises(ValueError, match="`steps`"):
        A3C(rl.Choice(), SMALL).learn(rl.Choice(), 0)


@pytest.mark.parametrize("given", [(0, 5), (1, 0), (1, 2.0), (True, 5)])
def test_an_actor_without_actions_or_steps_is_refused(given):
    with pytest.raises(ValueError, match="`(actions|steps)`"):
        Actor(rl.Delay(), *given, 0)


def test_a_crew_of_nobody_is_refused():
    with pytest.raises(ValueError, match="`size` .=0. must be"):
        Crew(0, rl.Delay, 1, 5, 0, [(np.zeros((1, 2)), np.zeros(2))])
