"""Experiment with stories: learns, known values, properties."""

import numpy as np
import pytest

from fdl import experiments, records
from fdl.experiments.babi import ITERATIONS, network

SMALL = {"slots": 4, "word": 4, "hidden": 16, "epochs": 1, "batch_size": 8}


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)

    def with_settings(*, checkpoint=None, resume=False, callbacks=(), **more):
        return experiments.get("babi").run(
            experiments.configure("babi", **{**SMALL, **more}),
            checkpoint=checkpoint,
            resume=resume,
            callbacks=callbacks,
            device="cpu",
            offline=True,
        )

    return with_settings


def test_made_up_relations_are_read_and_recorded(run, tmp_path):
    done = run(task=4)
    metrics = done.metrics
    assert metrics["error"] == metrics["task_4_error"]
    assert metrics["failed"] == (metrics["error"] > 0.05)
    assert metrics["tasks"] == 1
    assert metrics["tokens"] == 1 + 2 + 6 + 4 + 6  # -, marks, rooms, sides, …
    assert metrics["stories"] == 800
    assert metrics["share"] == 100 / ITERATIONS
    steps = len(done.arrays["story"])
    assert done.arrays["write_weights"].shape == (steps, 4)
    assert done.arrays["read_weights"].shape == (steps, 1, 4)
    asked = done.arrays["answers"] >= 0
    assert asked.tolist() == [False] * (steps - 1) + [True]
    assert done.arrays["said"].max() < metrics["tokens"]
    assert done.data == {"babi": "sample"}
    done.save(tmp_path)
    assert records.read("babi", tmp_path).metrics == metrics


def test_all_tasks_are_learned_together_by_an_lstm(run):
    done = run(task=0, network="lstm", questions=1, longest=40, rule="rmsprop")
    errors = [
        value for key, value in done.metrics.items() if key.startswith("task_")
    ]
    assert len(errors) == done.metrics["tasks"] == 8
    assert done.metrics["error"] == pytest.approx(np.mean(errors))
    assert done.metrics["failed"] == sum(error > 0.05 for error in errors)
    assert "write_weights" not in done.arrays
    # of later questions nothing was taught
    assert done.metrics["whole_error"] != done.metrics["error"]


def test_a_task_whose_stories_are_all_too_long_was_not_taught(run):
    done = run(task=0, network="lstm", longest=25)
    learned = [4]  # the one with two sentences
    assert done.metrics["tasks"] == len(learned)
    assert done.metrics["error"] == done.metrics["task_4_error"]
    assert "task_1_error" in done.metrics  # asked all the same


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(run, tmp_path):
    class Stop:
        def on_batch_end(self, run):
            if run.step == 150:
                raise KeyboardInterrupt

    settings = {"task": 4, "epochs": 2, "schedule": "cosine"}
    whole = run(**settings)
    with pytest.raises(KeyboardInterrupt):
        run(**settings, checkpoint=tmp_path, callbacks=[Stop()])
    again = run(**settings, checkpoint=tmp_path, resume=True)
    assert again.curves == whole.curves
    assert again.metrics == whole.metrics
    for name, array in whole.arrays.items():
        assert np.array_equal(again.arrays[name], array), name


def test_the_lstm_has_as_many_parameters():
    counts = []
    for kind in ("dnc", "lstm"):
        config = experiments.configure("babi", "full", network=kind)
        net = network(config, 159)
        net.initialize()
        net(np_zeros(159))
        counts.append(
            sum(p.data().size for p in net.collect_params().values())
        )
    assert counts[0] == pytest.approx(counts[1], rel=0.01)


def np_zeros(size):
    from fdl._mxnet import np as mxnp

    return mxnp.zeros((1, 1, size))


def test_the_books_settings_are_the_defaults():
    config = experiments.configure("babi", "full")
    assert (config.slots, config.word, config.reads) == (256, 64, 4)
    assert (config.hidden, config.rule, config.momentum) == (
        256,
        "rmsprop",
        0.9,
    )
    assert config.epochs * 100 == ITERATIONS == 500_000
