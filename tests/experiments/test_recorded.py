"""The records in the repository: whole, real, and of today's recipes."""

from pathlib import Path

import pytest

from fdl import experiments, records

FOLDER = Path(records.__file__).resolve().parents[1] / "results"
NAMES = records.names(FOLDER)


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_whole_and_on_real_data(name):
    record = records.read(name, FOLDER)
    assert record.complete
    assert record.profile == "full"
    assert "sample" not in record.data.values()
    assert record.hardware["threads"] >= 1
    assert record.seconds > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_record_has_the_settings_of_its_recipe(name):
    """A recipe that changed asks for its records to be run again."""
    experiment, changes = experiments.recordings()[name]
    record = records.read(name, FOLDER)
    config = experiments.configure(experiment, "full", **changes)
    assert record.experiment == experiment
    assert record.config == vars(config)


TRAINED = [
    name for name in NAMES if "loss" in records.read(name, FOLDER).curves
]


@pytest.mark.parametrize("name", TRAINED)
def test_a_record_has_a_point_per_epoch(name):
    record = records.read(name, FOLDER)
    for key in {"loss", "validation_loss"} & set(record.curves):
        assert len(record.curves[key]) == record.config["epochs"]


CLASSIFIED = [
    name
    for name in NAMES
    if "validation_error" in records.read(name, FOLDER).metrics
]


@pytest.mark.parametrize("name", CLASSIFIED)
def test_accuracy_and_error_make_one(name):
    record = records.read(name, FOLDER)
    curve = record.curves["validation_error"]
    assert len(curve) == record.config["epochs"]
    assert record.metrics["test_accuracy"] + record.metrics[
        "test_error"
    ] == pytest.approx(1)


def test_the_records_arrays_take_little_room():
    sizes = [path.stat().st_size for path in FOLDER.glob("*.npz")]
    assert sum(sizes) < 40 * 2**20
    assert max(sizes, default=0) <= records.LARGEST


def test_no_array_is_without_its_record():
    names = set(records.names(FOLDER))
    assert {path.stem for path in FOLDER.glob("*.npz")} <= names
