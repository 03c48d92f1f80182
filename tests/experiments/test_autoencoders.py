"""The autoencoder's experiment, on the small offline sample.

Properties, determinism, learns. The networks are narrow ones here.
"""

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.experiments import mnist_autoencoder
from fdl.experiments import validation as validation_

HIDDEN = mnist_autoencoder.HIDDEN  # before a narrow one takes its place


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror, and a network that trains in a second."""
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())
    monkeypatch.setattr(mnist_autoencoder, "HIDDEN", (50, 20))
    validation_._say.cache_clear()


def run(*, checkpoint=None, resume=False, **changes):
    changes = {"epochs": 4, "learning_rate": 0.01, "images": 2000, **changes}
    return mnist_autoencoder.run(
        experiments.configure("mnist_autoencoder", **changes),
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


def test_a_run_leaves_a_record_that_can_be_kept(tmp_path):
    done = run()
    assert done.data == {"mnist": "sample"}
    assert done.complete
    assert len(done.curves["validation_loss"]) == 4
    found = done.metrics
    assert found["validation_l2"] == pytest.approx(
        done.curves["validation_loss"][-1], rel=1e-5
    )
    assert found["pca_validation_l2"] < found["validation_l2"] < 12
    for who in ("", "pca_"):
        for means in ("neighbour", "linear"):
            assert 0.15 < found[f"{who}{means}_accuracy"] < 0.9
    assert sorted(name for name in done.arrays if "restored" in name) == [
        "pca_restored",
        "restored_1",
        "restored_2",
        "restored_4",
    ]
    # two digits of each class, by class, and 15 by 15 of the plane
    assert done.arrays["digits"].shape == (20, 28, 28)
    assert done.arrays["plane"].shape == (225, 28, 28)
    np.testing.assert_array_equal(done.arrays["given"], done.arrays["digits"])
    done.save(tmp_path)
    kept = records.read("mnist_autoencoder", tmp_path)
    assert kept.arrays["codes"].shape == (1000, 2)


def test_the_pictures_are_what_the_network_makes_of_the_digits():
    done = run()
    seen, digits = done.arrays["restored_4"], done.arrays["digits"]
    gap = (seen / 255.0 - digits / 255.0).reshape(20, -1)
    far = np.linalg.norm(gap, axis=1).mean()
    assert far == pytest.approx(done.metrics["validation_l2"], abs=1.5)
    other = (seen / 255.0 - digits[::-1] / 255.0).reshape(20, -1)
    assert far < np.linalg.norm(other, axis=1).mean()


def test_codes_of_a_batch_lie_around_its_own_middle():
    """Normalized by themselves, the digits of each class look alike."""
    found = run().arrays
    labels = found["labels"]

    def spread(codes):
        middles = [codes[labels == c].mean(axis=0) for c in range(10)]
        return np.std(middles, axis=0).mean()

    assert spread(found["class_codes"]) < 0.3 * spread(found["batch_codes"])
    assert not np.allclose(found["batch_codes"], found["codes"], atol=1e-4)


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path):
    unbroken = run(damage=0.5)
    assert run(damage=0.5, seed=1).curves != unbroken.curves
    run(damage=0.5, epochs=2, checkpoint=tmp_path)
    resumed = run(damage=0.5, checkpoint=tmp_path, resume=True)
    assert resumed.curves == unbroken.curves
    assert resumed.metrics == unbroken.metrics
    for key in ("restored_4", "codes", "plane"):
        np.testing.assert_array_equal(
            unbroken.arrays[key], resumed.arrays[key]
        )
    # the first look was taken before the break
    assert {"restored_1", "restored_2"} <= set(resumed.arrays)


def test_damage_goes_in_and_whole_digits_should_come_out():
    done = run(code=30, damage=0.5)
    digits, given = done.arrays["digits"], done.arrays["given"]
    ink = digits > 0
    lost = (given[ink] == 0).mean()
    assert 0.45 < lost < 0.55
    np.testing.assert_array_equal(given[given > 0], digits[given > 0])
    assert "plane" not in done.arrays
    assert done.arrays["codes"].shape == (1000, 30)


def test_the_defaults_are_the_books_settings():
    full = experiments.configure("mnist_autoencoder", "full")
    assert (full.code, full.epochs, full.batch_size) == (2, 200, 100)
    assert (full.learning_rate, full.damage) == (0.001, 0)
    assert full.images == 60_000
    assert HIDDEN == (1000, 500, 250)


def test_a_damage_of_all_is_refused():
    with pytest.raises(ValueError, match=r"`share` \(=1.0\) must be"):
        run(damage=1.0)
