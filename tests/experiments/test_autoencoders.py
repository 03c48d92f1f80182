"""The experiments on codes, on the small offline sample.

Properties, determinism, learns. The networks are narrow ones here.
"""

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.experiments import awgn_channel, mnist_autoencoder, mnist_codes
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
    monkeypatch.setattr(mnist_codes, "HIDDEN", (50, 20))
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


def test_every_way_is_measured_alike(tmp_path):
    config = experiments.configure(
        "mnist_codes", images=1000, tested=500, epochs=4, code=10, units=60
    )
    done = mnist_codes.run(config, device="cpu", offline=True)
    names = ("l2", "damaged_l2", "neighbour_accuracy", "linear_accuracy")
    for way in mnist_codes.WAYS:
        for name in (*names, "active"):
            assert np.isfinite(done.metrics[f"{way}_{name}"])
        assert done.arrays[way].shape == (10, 28, 28)
        assert way == "pca" or len(done.curves[f"{way}_loss"]) >= 2
    found = done.metrics
    # measured apart: k of the units, and the better half of all axes
    assert found["k_sparse_active"] < 20 / 60 < found["normalized_active"]
    assert found["pca_l2"] < found["pca_damaged_l2"]
    assert found["stacked_l2"] < found["stacked_before_l2"]
    codes = done.arrays["k_sparse_codes"]
    assert ((codes != 0).sum(axis=1) == 20).all()
    # each way's pictures are of the ten digits, in their order
    digits = done.arrays["digits"].reshape(10, -1)
    for way in ("pca", "k_sparse"):
        gap = digits[:, None] - done.arrays[way].reshape(10, -1)
        far = np.linalg.norm(gap, axis=2)
        assert np.diag(far).mean() < 0.8 * far.mean()
    done.save(tmp_path)
    again = mnist_codes.run(config, device="cpu", offline=True)
    assert again.metrics == done.metrics


def test_active_counts_what_carries_a_code():
    codes = np.zeros((5, 40))
    codes[:, :10] = 3
    assert mnist_codes.active(codes) == pytest.approx(0.25)
    assert mnist_codes.active(-2 * codes) == pytest.approx(0.25)
    assert mnist_codes.active(np.ones((2, 7))) == pytest.approx(1)


def test_the_learned_modulation_meets_the_theory():
    config = experiments.configure("awgn_channel", words=100_000)
    done = awgn_channel.run(config, device="cpu")
    assert done.curves["decibels"] == list(range(9))
    for rate, low, high, theory in zip(
        *(done.curves[key] for key in ("rate", "low", "high", "theory"))
    ):
        assert low <= rate <= high
        assert 0.9 * low < theory < 1.1 * high
    assert np.ptp(np.linalg.norm(done.arrays["points"], axis=1)) < 1e-3
    assert done.complete
    assert done.data == {}
