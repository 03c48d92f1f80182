"""Experiments with agents: learns, known values, properties."""

import numpy as np
import pytest

from fdl import experiments, records
from fdl.experiments.agents import points, taught
from fdl.experiments.cartpole_exploration import WAYS


def run(name, *, checkpoint=None, resume=False, **changes):
    config = experiments.configure(name, **changes)
    return experiments.get(name).run(
        config,
        device="cpu",
        offline=True,
        checkpoint=checkpoint,
        resume=resume,
    )


FEW = {"episodes": 100, "falling": 60, "block": 25, "tested": 2}


def test_nine_ways_to_explore_are_compared_and_recorded(tmp_path):
    done = run("cartpole_exploration", **FEW)
    assert len(WAYS) == 9
    for way in WAYS:
        mean, least, most = (
            np.array(done.curves[f"{way}{end}"])
            for end in ("", "_least", "_most")
        )
        assert mean.shape == (4,)
        np.testing.assert_allclose(mean, (least + most) / 2)  # of two seeds
        for name in ("last", "tested"):
            both = done.curves[f"{way}_{name}"]
            assert done.metrics[f"{way}_{name}"] == pytest.approx(
                np.mean(both)
            )
            assert len(set(both)) <= len(both) == 2
        # all hundred episodes, which are the last hundred
        assert mean.mean() == pytest.approx(done.metrics[f"{way}_last"])
    returns = sum(sum(done.curves[way]) for way in WAYS)
    assert done.metrics["steps"] == pytest.approx(returns * 25 * 2)
    done.save(tmp_path)
    assert records.read(done.name, tmp_path).metrics == pytest.approx(
        done.metrics, rel=1e-5
    )


def test_the_share_of_chance_is_each_way_s_own(monkeypatch):
    from fdl import rl

    shares = []

    class Idle(rl.PolicyGradient):
        def learn(self, env, episodes, seed=0, callbacks=()):
            fall = self.config.epsilon
            shares.append(fall and [fall(k) for k in (0, 3000)])
            self.returns, self.lengths = [0.0] * 100, [0] * 100

    monkeypatch.setattr(rl, "PolicyGradient", Idle)
    run("cartpole_exploration", falling=3000, seeds=1, tested=1)
    assert shares == [
        [0, 0],
        [0.05, 0.05],
        [0.25, 0.25],
        [0.5, 0.5],
        [0.9, 0.9],
        [1, 0.001],
        [0.5, 0.001],
        [0.25, 0.001],
        None,
    ]


def test_a_pole_is_balanced_longer_than_at_first(tmp_path):
    done = run("cartpole", episodes=200, tested=5, checkpoint=tmp_path)
    returns = done.curves["returns_0"]
    assert len(returns) == 10
    assert returns[-1] > 2 * returns[0]
    assert done.metrics["tested"] > 2 * returns[0]
    assert done.curves["episodes"] == [200]
    assert done.metrics["steps"] == pytest.approx(20 * sum(returns))
    # what has been learned is not learned again
    again = run(
        "cartpole", episodes=200, tested=5, checkpoint=tmp_path, resume=True
    )
    assert again.metrics == done.metrics
    assert again.seconds < done.seconds / 2


def test_enough_is_enough():
    done = run("cartpole", enough=15, tested=1)
    assert done.curves["episodes"] == [50]


SHORT = {"steps": 600, "falling": 300, "start": 50, "tested": 3, "block": 5}


def test_breakout_is_learned_recorded_and_watched(tmp_path):
    done = run("breakout_dqn", **SHORT)
    assert done.metrics["steps"] == 600
    games = done.metrics["games"]
    assert len(done.curves["returns"]) == games // 5
    frames = done.arrays["frames"]
    assert frames.shape[1:] == (12, 12)
    assert frames.dtype == np.uint8
    assert len(done.arrays["actions"]) == len(frames) - 1
    # the game that is shown is the best of those tested
    bricks = [np.count_nonzero(f[3:5]) // 3 for f in (frames[0], frames[-1])]
    paid = max(done.curves["tested"])
    assert bricks[0] - bricks[1] == pytest.approx(paid, abs=1)
    done.save(tmp_path)
    read = records.read("breakout_dqn", tmp_path).arrays["frames"]
    np.testing.assert_array_equal(read, frames)


def test_a_game_of_pixels_is_kept_as_fields():
    done = run("breakout_dqn", scale=2, **{**SHORT, "steps": 100})
    assert done.arrays["frames"].shape[1:] == (12, 12)


class Counter:
    """Knows only how often it has learned."""

    def __init__(self):
        self.count = 0

    def learn(self):
        self.count += 1
        if self.count == 3:
            raise KeyboardInterrupt

    def save(self, path):
        path.write_text(str(self.count))

    def load(self, path):
        self.count = int(path.read_text())


def test_learning_goes_on_where_it_was_interrupted(tmp_path):
    place = tmp_path / "kept"
    agent = Counter()
    with pytest.raises(KeyboardInterrupt):
        taught(agent, agent.learn, 4, place)
    assert [p.name for p in place.iterdir()] == ["epoch-000002.npz"]
    other = Counter()
    calls = []
    taught(other, lambda: calls.append(other.count), 4, place, resume=True)
    assert calls == [2, 2]
    assert [p.name for p in place.iterdir()] == ["epoch-000004.npz"]
    for _ in range(2):  # begun anew, what was there is replaced
        taught(Counter(), lambda: calls.append(0), 1, place)
        assert [p.name for p in place.iterdir()] == ["epoch-000001.npz"]
    assert calls[2:] == [0, 0]


def test_points_are_means_of_whole_blocks():
    assert points([1.0, 2.0, 3.0, 6.0, 9.0], 2) == [1.5, 4.5]
    assert points([1.0], 2) == []


BRIEF = {"steps": 700, "tested": 20, "block": 20, "hidden": 8, "units": 8}


def test_three_networks_learn_in_one_flicker_and_are_tested_in_four():
    done = run("flicker_drqn", **BRIEF, seeds=2)
    assert done.curves["shares"] == [0, 0.25, 0.5, 0.75]
    for kind in ("dqn", "dqn_longer", "drqn"):
        tested = done.curves[f"{kind}_tested"]
        assert len(tested) == 2
        assert done.metrics[f"{kind}_tested"] == pytest.approx(np.mean(tested))
        shares = done.curves[f"{kind}_shares"]
        # it was taught in half of the frames
        assert shares[2] == pytest.approx(np.mean(tested))
        assert all(-1 <= value <= 1 for value in shares)
        assert len(done.curves[kind]) == 87 // 20  # episodes of eight steps
        mean = np.mean(done.curves[kind])
        assert done.metrics[f"{kind}_last"] == pytest.approx(mean, abs=0.1)
    # 27 numbers of each frame, eight units, three actions
    assert done.metrics["dqn_weights"] == 4 * 27 * 8 + 8 + 8 * 3 + 3
    assert done.metrics["dqn_longer_weights"] == 8 * 27 * 8 + 8 + 8 * 3 + 3
    gates = 3 * (8 * 8 + 8 * 8 + 8 + 8)
    assert done.metrics["drqn_weights"] == 27 * 8 + 8 + gates + 8 * 3 + 3


def test_what_was_taught_in_flicker_is_not_taught_again(tmp_path):
    both = [
        run("flicker_drqn", **BRIEF, checkpoint=tmp_path, resume=resume)
        for resume in (False, True)
    ]
    assert both[0].metrics == both[1].metrics
    assert both[0].curves == both[1].curves


def test_a_pause_in_every_step_is_what_more_actors_make_up_for():
    done = run("a3c_speed", most=4, steps=200, waited=250, pause=20)
    assert done.curves["actors"] == [0, 1, 2, 4]
    assert len(done.curves["breakout"]) == 4
    rates = done.curves["waiting"]
    # of one actor at most fifty steps a second, as it sleeps at each
    assert rates[0] <= 50
    assert rates[1] <= 50
    assert done.metrics["waiting_gain"] == pytest.approx(rates[3] / rates[1])
    assert done.metrics["waiting_gain"] > 1.5
    assert done.metrics["load"] >= 0


def test_no_parts_and_no_blocks_are_refused():
    for parts in (0, True):
        with pytest.raises(ValueError, match=f"`parts` .={parts}. must be"):
            taught(None, None, parts)
    for block in (0, 2.0):
        with pytest.raises(ValueError, match=f"`block` .={block}. must be"):
            points([1.0, 2.0], block)
