"""Photographs compressed four ways: properties, determinism, learns.

The network is narrow here, and meets few squares.
"""

import numpy as np
import pytest

from fdl import data, experiments, records, representation
from fdl.experiments import image_compression

NAMES = ("coffee", "chelsea")
SHOWN = ("chelsea", slice(10, 90), slice(20, 140))
pictures = image_compression.pictures  # before small ones take their place


@pytest.fixture(autouse=True, scope="module")
def fewer():
    """Two small pictures at two steps."""
    names = ("coins", "flower", *NAMES)
    small = {n: representation.grey(data.photo(n, (120, 160))) for n in names}
    scored = {name: small.pop(name) for name in NAMES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            image_compression,
            "pictures",
            lambda: (list(small.values()), scored),
        )
        patch.setattr(image_compression, "RATE", 0.5)
        patch.setattr(image_compression, "BATCHES", 10)
        patch.setattr(image_compression, "SHOWN", SHOWN)
        patch.setattr(image_compression, "SCORED", NAMES)
        patch.setattr(image_compression, "STEPS", (25, 80))
        patch.setattr(image_compression, "QUALITIES", (10, 40))
        yield


def run(*, callbacks=(), checkpoint=None, resume=False, **changes):
    changes = {"hidden": 4, "epochs": 2, "batch_size": 1, **changes}
    return image_compression.run(
        experiments.configure("image_compression", **changes),
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


@pytest.fixture(scope="module")
def done():
    return run()


def test_a_run_leaves_a_record_that_can_be_kept(done, tmp_path):
    assert done.complete
    assert len(done.curves["loss"]) == 2
    found = done.metrics
    for way in ("jpeg", *image_compression.RUNGS):
        # 120 × 160 pixels at half a bit
        assert 0.9 * 1200 < found[f"{way}_bytes"] <= 1200
        for name in NAMES:
            rates = done.curves[f"{name}_{way}_rate"]
            ratios = done.curves[f"{name}_{way}_psnr"]
            assert np.argsort(rates).tolist() == np.argsort(ratios).tolist()
        # a part of the picture, whose whole the metric is of
        seen = representation.psnr(done.arrays[way], done.arrays["original"])
        assert seen == pytest.approx(found[f"{way}_psnr"], abs=2)
    done.save(tmp_path)
    kept = records.read("image_compression", tmp_path)
    assert kept.arrays["network"].shape == (80, 120)


def test_the_means_are_over_the_pictures(done):
    curve = {
        (name, way): representation.Curve(
            *(done.curves[f"{name}_{way}_{axis}"] for axis in ("rate", "psnr"))
        )
        for name in NAMES
        for way in ("jpeg", *image_compression.RUNGS)
    }
    for way, other in (("pca", "jpeg"), ("network", "cosines")):
        gains = [
            representation.advantage(curve[name, way], curve[name, other])
            for name in NAMES
        ]
        assert done.metrics[f"{way}_over_{other}"] == pytest.approx(
            sum(gains) / 2
        )


def test_what_is_scored_is_not_trained_on():
    known, scored = pictures()
    assert (len(known), len(scored)) == (10, 2)
    for name in NAMES:
        assert (scored[name] == representation.grey(data.photo(name))).all()
        assert not any(np.array_equal(p, scored[name]) for p in known)


class Break:
    """Breaks a run off after its first epoch."""

    def on_epoch_end(self, run):
        raise InterruptedError


def test_a_resumed_run_ends_where_an_unbroken_one_does(done, tmp_path):
    with pytest.raises(InterruptedError):
        run(checkpoint=tmp_path, callbacks=[Break()])
    resumed = run(checkpoint=tmp_path, resume=True)
    assert resumed.curves == done.curves
    assert resumed.metrics == done.metrics
    assert run(seed=1).curves["loss"] != done.curves["loss"]
