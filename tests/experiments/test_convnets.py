"""The convolutional experiments, on the small offline samples.

Properties, determinism, learns. The networks are narrow ones here.
"""

import numpy as np
import pytest

from fdl import data, experiments, records, vision
from fdl.experiments.cifar import Cifar, crossing

NAMES = ("mnist_convnet", "cifar_convnet")
SET = {"mnist_convnet": "mnist", "cifar_convnet": "cifar10"}


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror: the samples are what there is."""
    pytest.importorskip("skimage")
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """Networks of the book's form that train in a second."""
    real = vision.ConvNet

    def build(image):
        def small(**settings):
            return real(image, (4, 4), (16,), 10, **settings)

        return small

    monkeypatch.setattr(vision, "mnist_convnet", build((1, 28, 28)))
    monkeypatch.setattr(vision, "cifar_convnet", build((3, 24, 24)))


def run(name, *, checkpoint=None, resume=False, callbacks=(), **changes):
    if name == "mnist_convnet":
        changes = {"schedule": "constant", **changes}
    config = experiments.configure(
        name, **{"epochs": 2, "batch_size": 100, **changes}
    )
    return experiments.get(name).run(
        config,
        checkpoint=checkpoint,
        resume=resume,
        callbacks=callbacks,
        device="cpu",
        offline=True,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_run_leaves_a_record_that_can_be_kept(name, tmp_path):
    done = run(name)
    assert done.experiment == done.name == name
    assert done.data == {SET[name]: "sample"}
    assert done.complete
    for key in ("loss", "validation_error"):
        assert len(done.curves[key]) == 2
    assert done.metrics["test_accuracy"] > 0.3
    assert done.metrics["test_error"] == 1 - done.metrics["test_accuracy"]
    done.save(tmp_path)
    assert records.read(name, tmp_path).metrics.keys() == done.metrics.keys()


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_resumed_run_ends_where_an_unbroken_one_does(name, norm, tmp_path):
    changes = {"norm": norm, "dropout": 0.5}
    unbroken = run(name, epochs=3, **changes)
    assert run(name, epochs=3, seed=1, **changes).curves != unbroken.curves
    run(name, epochs=1, checkpoint=tmp_path, **changes)
    resumed = run(name, epochs=3, checkpoint=tmp_path, resume=True, **changes)
    assert resumed.curves == unbroken.curves
    assert resumed.metrics == unbroken.metrics
    for key, value in unbroken.arrays.items():
        np.testing.assert_array_equal(value, resumed.arrays[key])


def test_the_validation_curve_goes_by_minibatches():
    done = run("cifar_convnet", epochs=3, batch_size=50)
    # 1,600 patches, a twelfth of them held out; only full minibatches
    each = (1600 - 1600 // 12) // 50
    assert done.curves["minibatches"] == [each, 2 * each, 3 * each]
    assert len(done.curves["batch_loss"]) == 3 * each
    assert done.metrics["minibatches"] == 3 * each
    assert done.metrics["share_of_book"] == 3 * each / 80_000


def test_a_level_is_crossed_where_it_is_first_reached():
    steps, errors = [10, 20, 30, 40], [0.5, 0.25, 0.3, 0.125]
    assert crossing(steps, errors, 0.75) == 20
    assert crossing(steps, errors, 0.8) == 40
    assert crossing(steps, errors, 0.875) == 40
    assert crossing(steps, errors, 0.9) is None


def test_the_best_epoch_by_validation_is_what_is_measured_and_kept():
    """A rate that is thrown far too high at last must not matter."""

    class Spoil:
        def on_epoch_end(self, run):
            if run.epoch == 2:
                run.trainer.set_learning_rate(0.5)

    done = run("mnist_convnet", epochs=3, callbacks=[Spoil()])
    errors = done.curves["validation_error"]
    assert errors[2] > errors[1]
    assert done.metrics["best_epoch"] == 1 + int(np.argmin(errors)) < 3
    assert done.metrics["best_validation_error"] == min(errors)
    assert done.metrics["test_error"] < errors[2]
    plain = run("mnist_convnet", epochs=2)
    for key, value in plain.arrays.items():
        np.testing.assert_array_equal(value, done.arrays[key])


def test_a_cosine_takes_the_rate_to_zero():
    class Rates:
        def on_fit_begin(self, run):
            self.seen = []

        def on_batch_end(self, run):
            self.seen.append(run.trainer.learning_rate)

    for schedule, last in (("constant", 0.002), ("cosine", 0.0)):
        rates = Rates()
        run("mnist_convnet", schedule=schedule, callbacks=[rates])
        assert rates.seen[0] == 0.002
        assert rates.seen[-1] == pytest.approx(last, abs=1e-5)


def test_the_mnist_record_keeps_the_convolutions_alone():
    kept = run("mnist_convnet", epochs=1).arrays
    assert sorted(kept) == [
        f"features.{k}.conv.{name}"
        for k in (0, 2)
        for name in ("bias", "weight")
    ]
    assert "output.weight" in run("cifar_convnet", epochs=1).arrays


def test_the_parts_share_no_image_and_only_training_is_distorted():
    config = experiments.configure("cifar_convnet", validation=400, seed=3)
    pictures = Cifar(config, offline=True)
    assert [
        part.examples
        for part in (pictures.train, pictures.validation, pictures.test)
    ] == [1200, 400, 400]
    plain = pictures.train.batches
    trained = {tuple(np.ravel(x)[:300]) for x in plain.x}
    whole = data.load("cifar10", offline=True)
    _, held_out = whole.split(400, seed=3)
    planes = held_out.images.transpose(0, 3, 1, 2)
    held = {tuple(np.ravel(x)[:300]) for x in planes}
    assert len(trained & held) <= 1  # two patches of one sky are alike
    # the held-out images are the whitened middles
    middle = planes[5, :, 4:28, 4:28] / 255.0
    want = (middle - middle.mean()) / middle.std()
    np.testing.assert_allclose(pictures.validation.x[5], want, atol=1e-4)
    x, y = next(pictures.train.epoch(0))
    assert x.shape == (128, 3, 24, 24)
    assert x.dtype == np.float32
    again, _ = next(pictures.train.epoch(1))
    assert (x != again).any()
    for part in (pictures.validation, pictures.test):
        assert not part.shuffle


def test_fewer_images_may_be_asked_for():
    config = experiments.configure("cifar_convnet", images=500, validation=100)
    pictures = Cifar(config, offline=True)
    assert pictures.train.examples == 400
    assert pictures.validation.examples == 100


def test_the_defaults_are_the_books_settings():
    mnist = experiments.configure("mnist_convnet", "full")
    assert (mnist.batch_size, mnist.learning_rate) == (100, 1e-4)
    assert (mnist.dropout, mnist.norm) == (0.5, False)
    assert mnist.schedule == "constant"
    cifar = experiments.configure("cifar_convnet", "full")
    assert (cifar.batch_size, cifar.learning_rate) == (128, 0.01)
    assert (cifar.dropout, cifar.norm) == (0, True)
    name, changes = experiments.recordings()["cifar_convnet_plain"]
    plain = experiments.configure(name, "full", **changes)
    assert (plain.learning_rate, plain.norm) == (0.001, False)
    assert plain.epochs == cifar.epochs
