"""The architectures on equal budgets: properties, known values, resumes."""

import pytest

from fdl import data, experiments, nn, records
from fdl.experiments import cifar_architectures
from fdl.experiments.cifar_architectures import NETWORKS, fit_scale


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror: the samples are what there is."""
    pytest.importorskip("skimage")
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())


def run(*, checkpoint=None, resume=False, **changes):
    config = experiments.configure(
        "cifar_architectures",
        **{"budget": 300_000, "images": 400, "validation": 40, **changes},
    )
    return experiments.get("cifar_architectures").run(
        config,
        checkpoint=checkpoint,
        resume=resume,
        device="cpu",
        offline=True,
    )


@pytest.fixture
def few(monkeypatch):
    kept = {name: NETWORKS[name] for name in ("lenet5", "resnet20")}
    monkeypatch.setattr(cifar_architectures, "NETWORKS", kept)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_costs_what_the_budget_allows(name):
    build = NETWORKS[name]
    found = nn.summarize(
        build(fit_scale(build, (3, 24, 24), 5_000_000)), (3, 24, 24)
    )
    assert found.multiply_adds == pytest.approx(5_000_000, rel=0.06)
    assert found.weighted[-1].shape == (10,)
    assert found.depth == {
        "lenet5": 5,
        "alexnet": 8,
        "vgg": 9,
        "googlenet": 22,
    }.get(name, int("".join(filter(str.isdigit, name)) or 0))


def test_plain_and_residual_differ_in_nothing_but_the_shortcuts():
    scales = [
        fit_scale(NETWORKS[name], (3, 24, 24), 5_000_000)
        for name in ("plain20", "resnet20")
    ]
    assert scales[0] == scales[1]


def test_the_scale_is_the_nearest_there_is():
    build = NETWORKS["resnet20"]

    def cost(scale):
        return nn.summarize(build(scale), (3, 24, 24)).multiply_adds

    best = fit_scale(build, (3, 24, 24), 2_000_000)
    gaps = [abs(cost(k / 100) - 2_000_000) for k in range(2, 60)]
    assert abs(cost(best) - 2_000_000) <= min(gaps)
    with pytest.raises(ValueError, match=r"`budget` \(=10\) must be one that"):
        fit_scale(build, (3, 24, 24), 10)


def test_a_run_leaves_a_record_of_all_networks(few, tmp_path):
    done = run(epochs=2)
    assert done.data == {"cifar10": "sample"}
    for name in ("lenet5", "resnet20"):
        assert len(done.curves[f"{name}_loss"]) == 2
        assert len(done.curves[f"{name}_validation_error"]) == 2
        assert 0 <= done.metrics[f"{name}_test_accuracy"] <= 1
        assert done.metrics[f"{name}_multiply_adds"] == pytest.approx(
            300_000, rel=0.3
        )
        assert 0 < done.metrics[f"{name}_milliseconds"] < 100
    # it trains: the second epoch costs less than the first
    assert done.curves["lenet5_loss"][1] < done.curves["lenet5_loss"][0]
    assert done.seconds > 0
    done.save(tmp_path)
    assert records.read("cifar_architectures", tmp_path).curves


def test_a_run_can_be_taken_up_again(few, tmp_path):
    unbroken = run(epochs=2)
    run(epochs=1, checkpoint=tmp_path)
    resumed = run(epochs=2, checkpoint=tmp_path, resume=True)
    assert resumed.curves == unbroken.curves


def test_no_time_is_the_mean_of_no_steps():
    net = nn.FeedForward((2, 2))
    net.initialize()
    with pytest.raises(ValueError, match="`steps` .=0. must be"):
        cifar_architectures.milliseconds(net, [[1.0, 2.0]], [0], steps=0)


def test_time_is_that_of_one_image_in_one_step(monkeypatch):
    net = nn.FeedForward((2, 2))
    net.initialize()
    clock = iter((7.0, 9.0))
    monkeypatch.setattr(
        cifar_architectures.time, "process_time", lambda: next(clock)
    )
    found = cifar_architectures.milliseconds(
        net, [[1.0, 2.0]] * 4, [0, 1, 0, 1], steps=5
    )
    assert found == pytest.approx(1000 * 2.0 / 5 / 4)
