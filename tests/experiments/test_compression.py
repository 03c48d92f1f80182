"""Photographs compressed four ways: properties, determinism, learns.

The network is narrow here, and meets few squares.
"""

import numpy as np
import pytest

from fdl import experiments, records, representation
from fdl.experiments import image_compression


@pytest.fixture(autouse=True)
def fewer(monkeypatch):
    """Two pictures at two steps, and fifteen halvings less."""
    monkeypatch.setattr(image_compression, "SCORED", ("coffee", "chelsea"))
    monkeypatch.setattr(image_compression, "STEPS", (25, 80))
    monkeypatch.setattr(image_compression, "QUALITIES", (10, 40))


def run(*, checkpoint=None, resume=False, **changes):
    changes = {"hidden": 8, "epochs": 2, "batch_size": 2, **changes}
    return image_compression.run(
        experiments.configure("image_compression", **changes),
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


def test_a_run_leaves_a_record_that_can_be_kept(tmp_path):
    done = run()
    assert done.complete
    assert len(done.curves["loss"]) == 2
    found = done.metrics
    for way in ("jpeg", *image_compression.RUNGS):
        # 300 × 451 pixels at 0.161 bits
        assert 0.9 * 2723 < found[f"{way}_bytes"] <= 2723
        for name in image_compression.SCORED:
            rates = done.curves[f"{name}_{way}_rate"]
            ratios = done.curves[f"{name}_{way}_psnr"]
            assert np.argsort(rates).tolist() == np.argsort(ratios).tolist()
        seen = done.arrays[way].astype(float) - done.arrays["original"]
        rmse = np.sqrt(np.square(seen).mean())
        # a part of the picture, whose whole the metric is of
        assert 20 * np.log10(255 / rmse) == pytest.approx(
            found[f"{way}_psnr"], abs=2
        )
    done.save(tmp_path)
    kept = records.read("image_compression", tmp_path)
    assert kept.arrays["network"].shape == (160, 240)


def test_the_means_are_over_the_pictures():
    done = run(epochs=1)
    curve = {
        (name, way): representation.Curve(
            *(done.curves[f"{name}_{way}_{axis}"] for axis in ("rate", "psnr"))
        )
        for name in image_compression.SCORED
        for way in ("jpeg", *image_compression.RUNGS)
    }
    for way, other in (("pca", "jpeg"), ("network", "cosines")):
        gains = [
            representation.advantage(curve[name, way], curve[name, other])
            for name in image_compression.SCORED
        ]
        assert done.metrics[f"{way}_over_{other}"] == pytest.approx(
            sum(gains) / 2
        )


def test_what_is_scored_is_not_trained_on(monkeypatch):
    seen = []
    crops = representation.Crops
    monkeypatch.setattr(
        representation.block_coder,
        "Crops",
        lambda pictures, *a, **k: (
            seen.extend(pictures) or crops(pictures, *a, **k)
        ),
    )
    monkeypatch.setattr(
        representation, "Crops", representation.block_coder.Crops
    )
    run(epochs=1)
    assert len(seen) == 10
    from fdl import data

    for name in image_compression.SCORED:
        scored = representation.grey(data.photo(name))
        assert not any(
            p.shape == scored.shape and (p == scored).all() for p in seen
        )


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path):
    unbroken = run()
    assert run(seed=1).curves != unbroken.curves
    run(epochs=1, checkpoint=tmp_path)
    resumed = run(checkpoint=tmp_path, resume=True)
    assert resumed.curves == unbroken.curves
    assert resumed.metrics == unbroken.metrics
