"""The recipe of neural style, with drawn weights and with the real ones."""

from __future__ import annotations

import os

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.data import Source, Weights
from fdl.errors import DataError
from fdl.vision import SqueezeNet

pytest.importorskip("skimage")
REAL = os.environ.get("FDL_DATA_MIRROR", "")


@pytest.fixture
def drawn(monkeypatch):
    """Weights of the right shapes that nobody trained."""
    rng = np.random.default_rng(0)
    arrays = {
        name: rng.normal(0, 1.4 / np.sqrt(np.prod(p.shape[1:])), p.shape)
        for name, p in SqueezeNet()._collect_params_with_prefix().items()
    }
    source = Source("squeezenet", "sample", "drawn")
    weights = Weights(arrays, (), source)
    monkeypatch.setattr(data, "load", lambda name, offline: weights)


def painted(**changes):
    settings = {"size": 32, "artwork_size": 40, "evaluations": 6, **changes}
    config = experiments.configure("neural_style", **settings)
    return experiments.get("neural_style").run(config, offline=True)


def test_both_methods_evaluate_equally_often_from_the_same_start(drawn):
    record = painted()
    for method in ("lbfgs", "adam"):
        curve = {
            error: record.curves[f"{method}_{error}"]
            for error in ("content", "style", "variation", "total")
        }
        assert [len(values) for values in curve.values()] == [6] * 4
        assert np.allclose(
            curve["total"],
            np.sum([curve[e] for e in ("content", "style", "variation")], 0),
            rtol=1e-5,
        )
        assert record.metrics[f"{method}_total"] == min(curve["total"])
        assert record.metrics[f"{method}_total"] < curve["total"][0]
    assert record.curves["lbfgs_total"][0] == pytest.approx(
        record.curves["adam_total"][0], rel=1e-5
    )
    assert record.metrics["lbfgs_to_adam"] == pytest.approx(
        record.metrics["lbfgs_total"] / record.metrics["adam_total"]
    )


def test_the_record_keeps_pictures_and_can_be_read_back(drawn, tmp_path):
    record = painted(photograph="chelsea")
    shapes = {key: value.shape for key, value in record.arrays.items()}
    assert shapes == {
        "photograph": (32, 32, 3),
        "artwork": (40, 40, 3),
        "lbfgs": (32, 32, 3),
        "adam": (32, 32, 3),
    }
    assert (record.arrays["photograph"] == data.photo("chelsea", 32)).all()
    assert (record.arrays["lbfgs"] != record.arrays["photograph"]).any()
    record.save(tmp_path)
    again = records.read("neural_style", tmp_path)
    assert again.arrays["adam"].dtype == np.uint8
    assert (again.arrays["adam"] == record.arrays["adam"]).all()
    assert again.data == {"squeezenet": "sample"}


def test_the_seed_changes_the_artwork(drawn):
    one, two = (painted(seed=seed, evaluations=1) for seed in (0, 1))
    assert (one.arrays["artwork"] != two.arrays["artwork"]).any()


def test_the_methods_get_what_the_settings_say(drawn):
    slow, fast = (painted(learning_rate=rate) for rate in (0.01, 10.0))
    moved = [
        np.abs(r.arrays["adam"].astype(int) - r.arrays["photograph"]).mean()
        for r in (slow, fast)
    ]
    assert moved[0] < 1 < moved[1]
    plain = painted(style_weight=0.0, variation_weight=0.0)
    assert max(plain.curves["adam_style"]) == 0
    assert max(plain.curves["adam_variation"]) == 0


def test_without_weights_nothing_stands_in(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    with pytest.raises(DataError, match="'squeezenet'"):
        painted()


@pytest.mark.slow
@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "squeezenet")),
    reason="FDL_DATA_MIRROR names no folder with the real weights",
)
def test_the_real_network_paints(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", REAL)
    record = painted(size=64, artwork_size=96, evaluations=40)
    assert record.data == {"squeezenet": "derived"}
    for method in ("lbfgs", "adam"):
        totals = record.curves[f"{method}_total"]
        assert min(totals) < 0.2 * totals[0]
