"""Experiments with memory tasks: learns, known values, properties."""

import numpy as np
import pytest

from fdl import experiments, records
from fdl._mxnet import np as mxnp
from fdl.experiments.comparison import parameters_of
from fdl.experiments.copy_series import alternation
from fdl.experiments.memory_tasks import (
    Tasks,
    asked_loss,
    lstm_of_size,
    with_asked,
)
from fdl.memory import tasks


def run(name, **changes):
    config = experiments.configure(name, **changes)
    return experiments.get(name).run(config, device="cpu", offline=True)


SMALL = {"bits": 2, "slots": 4, "word": 4, "hidden": 16, "tested": 16}


def test_short_copies_are_learned_and_recorded(tmp_path):
    more = {"longest": 1, "farthest": 3, "learning_rate": 0.01}
    done = run("copy_task", epochs=3, **SMALL, **more)
    assert done.metrics["ntm_error"] < 0.02
    assert done.curves["lengths"] == [1, 2, 3]
    # at trained lengths, of which there is one
    assert done.metrics["ntm_error"] == done.curves["ntm_errors"][0]
    assert done.curves["ntm_errors"][2] > 0.1  # nobody showed it how
    counts = [done.metrics[f"{n}_parameters"] for n in ("ntm", "lstm")]
    assert counts[0] == pytest.approx(counts[1], rel=0.2)
    assert done.arrays["write_weights"].shape == (3, 4)
    assert done.arrays["scores"].shape == done.arrays["y"].shape == (3, 2)
    done.save(tmp_path)
    assert records.read("copy_task", tmp_path).metrics == done.metrics


def test_a_short_series_is_learned_and_recorded(tmp_path):
    more = {"series": 2, "length": 1, "more_slots": 6, "learning_rate": 0.01}
    done = run("copy_series", epochs=4, **SMALL, **more)
    assert done.metrics["error"] < 0.02
    assert done.curves["loss"][0] > 2 * done.curves["loss"][-1]
    assert 0 <= done.metrics["more_slots_error"] <= 0.5
    for name in ("free_gates", "allocation_gate", "usage", "read_modes"):
        assert len(done.arrays[name]) == 6
    found = alternation(done.arrays, 1)
    assert found == {name: done.metrics[name] for name in found}
    done.save(tmp_path)


@pytest.mark.parametrize(
    ("name", "more", "sizes", "steps"),
    [
        ("associative_recall", {"most": 2, "length": 1}, [2, 3, 4], 8),
        ("repeat_copy", {"most": 1, "longest": 1}, [1, 2], 4),
    ],
)
def test_other_tasks_are_learned_and_recorded(
    name, more, sizes, steps, tmp_path
):
    changes = {**SMALL, "learning_rate": 0.01, **more}
    done = run(name, epochs=3, **changes)
    assert done.metrics["error"] < 0.1
    assert done.metrics["error"] <= done.metrics["worst"]
    curve = "more" if "more_sizes" in done.curves else "longer"
    assert done.curves[f"{curve}_sizes"] == sizes
    assert len(done.curves[curve]) == len(sizes)
    known = done.curves[curve][: len(sizes) // 2 or 1]
    assert max(known) <= done.metrics["worst"]
    assert done.arrays["read_weights"].shape == (steps, 1, 4)
    assert done.curves["loss"][0] > done.curves["loss"][-1]
    if name == "repeat_copy":
        assert_ends_are_measured(done)
    done.save(tmp_path)


def assert_ends_are_measured(done):
    """Each curve has its ends; taught sizes, one of each, make the mean."""
    ends = [done.curves[f"{curve}_ended"] for curve in ("longer", "oftener")]
    assert [len(shares) for shares in ends] == [2, 2]
    assert done.metrics["ended"] == np.mean([shares[0] for shares in ends])
    # one wrong bit in six makes a wrong end, or does not
    wrong = [done.curves[curve][0] for curve in ("longer", "oftener")]
    for share, error in zip((shares[0] for shares in ends), wrong):
        assert 1 - 6 * error <= share <= 1


def test_gates_are_told_apart_by_what_goes_on():
    """Two sequences of two vectors: show, show, mark, ask, ask."""
    steps = 10
    story = {
        "allocation_gate": np.array([1, 1, 0, 0, 0] * 2)[:, None],
        "write_gate": np.array([1, 1, 0.5, 0, 0] * 2)[:, None],
        # what is read at one step is freed at the next
        "free_gates": np.array([0, 0, 0, 1, 1] * 2)[:, None],
        "usage": np.zeros((steps, 3)),
        "write_weights": np.zeros((steps, 3)),
        "read_weights": np.zeros((steps, 1, 3)),
    }
    for start in (0, 5):
        for k in range(2):
            story["write_weights"][start + k, k] = 1
            story["usage"][start + 1 + k : start + 3 + k, k] = 0.75
            story["read_weights"][start + 2 + k, 0, k] = 1
    story["write_weights"][2, 0] = 0.5  # where 0.75 is in use: makes 0.875
    story["usage"][3, 0] = 0.25  # was not freed quite
    found = alternation(story, 2)
    assert found == {
        "allocation_writing": 1,
        "allocation_reading": 0,
        "write_writing": 1,
        "write_reading": 0,
        "free_writing": 0,
        "free_reading": 1,
        # of 1, which a write leaves at 0.75; the first step frees nothing
        "freed_writing": 0.25 / 2,
        "freed_reading": (0.625 + 1 + 0.75 + 0.75) / 4,
        "written_usage": 0.75,
        "read_usage": pytest.approx(0.25 / 4),
    }


def test_the_loss_counts_what_is_asked_for_only():
    task = tasks.copy(2, 3, bits=4, seed=1)
    targets = with_asked(task)
    assert targets.shape == (2, 7, 5)
    np.testing.assert_array_equal(targets[:, :, 4], [task.asked] * 2)
    scores = np.zeros((2, 7, 4), np.float32)
    scores[:, :4] = 9.0  # nobody asked
    found = asked_loss(mxnp.array(scores), mxnp.array(targets))
    assert float(found) == pytest.approx(np.log(2), rel=1e-5)


def test_every_epoch_has_tasks_of_its_own_that_a_seed_decides():
    def make(rng):
        length, seed = rng.integers(1, 6), rng.integers(1000)
        return tasks.copy(2, int(length), bits=3, seed=int(seed))

    batches = Tasks(make, 4, seed=1)
    first, again = list(batches.epoch(1)), list(batches.epoch(1))
    assert len(first) == len(batches) == 4
    for one, same in zip(first, again):
        np.testing.assert_array_equal(one[0], same[0])
    others = [x for x, _ in batches.epoch(2)]
    assert any(
        x.shape != y.shape or (x != y).any()
        for (x, _), y in zip(first, others)
    )


@pytest.mark.parametrize("wanted", [500, 5000, 20000, 20_000_000])
def test_an_lstm_has_as_many_parameters_as_it_shall(wanted):
    net = lstm_of_size(wanted, 9, 8)
    net.initialize()
    net(mxnp.zeros((1, 2, 9)))
    shapes = [p.shape for p in net.collect_params().values()]
    total = sum(int(np.prod(shape)) for shape in shapes)
    assert total == pytest.approx(wanted, rel=0.15)


@pytest.mark.parametrize("units", [3, 7, 50])
def test_an_lstm_of_a_size_that_can_be_had_has_it(units):
    # four gates, each with weights for inputs and states, and two biases
    layer = 4 * (units * 9 + units * units + 2 * units)
    wanted = layer + 8 * (units + 1)
    net = lstm_of_size(wanted, 9, 8)
    net.initialize()
    net(mxnp.zeros((1, 2, 9)))
    assert parameters_of(net) == wanted


def test_an_epoch_of_nothing_is_refused():
    for steps in (0, 2.5):
        with pytest.raises(ValueError, match=f"`steps` .={steps}. must be"):
            Tasks(None, steps, 0)
