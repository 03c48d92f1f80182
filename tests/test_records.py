"""Records: round trips, stable bytes, and every fault named with its file.

Known values, properties, negative controls.
"""

import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest

from fdl import records
from fdl.errors import ChecksumError, DataError


def make(**changes):
    values = {
        "name": "demo",
        "experiment": "mnist_logistic",
        "metrics": {"test_accuracy": 0.9191234567, "test_errors": 808},
        "curves": {"loss": [0.5, 1 / 3, 1e-12], "steps": [1, 2]},
        "config": {"init": "zeros", "sizes": [784, 10]},
        "seed": 7,
        "profile": "full",
        "data": {"mnist": "official"},
        "versions": {"python": "3.11.7"},
        "hardware": {"cores": 2},
        "seconds": 12.3456,
        "date": "2024-05-06",
    }
    return records.Record(**{**values, **changes})


@pytest.fixture
def saved(tmp_path):
    make(arrays={"w": np.arange(6.0).reshape(2, 3) / 3}).save(tmp_path)
    return tmp_path


def test_a_record_comes_back_as_it_was_saved(tmp_path):
    path = make().save(tmp_path)
    assert path == tmp_path / "demo.json"
    back = records.read("demo", tmp_path)
    assert back == make(
        metrics={"test_accuracy": 0.919123, "test_errors": 808},
        curves={"loss": [0.5, 0.333333, 1e-12], "steps": [1, 2]},
        seconds=12.3,
    )
    assert records.names(tmp_path) == ["demo"]


def test_reading_and_saving_again_changes_no_byte(saved, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    records.read("demo", saved).save(other)
    for name in ("demo.json", "demo.npz"):
        assert (other / name).read_bytes() == (saved / name).read_bytes()


def test_the_file_has_sorted_keys_and_one_line_per_curve(saved):
    text = (saved / "demo.json").read_text()
    content = json.loads(text)
    assert list(content) == sorted(content)
    assert '  "loss": [0.5, 0.333333, 1e-12],\n' in text
    assert text.endswith("}\n")


def test_arrays_come_back_as_float16_and_integers_stay(tmp_path):
    arrays = {"w": np.array([[1 / 3, -2.0]]), "n": np.array([3, 70000])}
    make(arrays=arrays).save(tmp_path)
    back = records.read("demo", tmp_path).arrays
    assert sorted(back) == ["n", "w"]
    assert back["w"].dtype == np.float16
    np.testing.assert_array_equal(back["w"], np.float16([[1 / 3, -2]]))
    np.testing.assert_array_equal(back["n"], [3, 70000])


def test_nothing_temporary_is_left(saved):
    assert sorted(os.listdir(saved)) == ["demo.json", "demo.npz"]


def test_saving_without_arrays_takes_the_old_ones_away(saved):
    make().save(saved)
    assert os.listdir(saved) == ["demo.json"]
    assert records.read("demo", saved).arrays == {}


def test_a_full_disk_leaves_the_old_record(saved, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    before = (saved / "demo.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="demo.json .* the disk is full"):
        make(seconds=99, arrays={"w": np.arange(6.0).reshape(2, 3) / 3}).save(
            saved
        )
    assert sorted(os.listdir(saved)) == ["demo.json", "demo.npz"]
    assert (saved / "demo.json").read_bytes() == before


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_a_kill_between_two_writes_never_shows_a_mixed_record(
    saved, monkeypatch, stop
):
    """New arrays never stand beside an old JSON file, nor the reverse."""

    class Killed(BaseException):
        pass

    calls = []

    def counted(real):
        def wrapper(*args, **kwargs):
            calls.append(real)
            if len(calls) == stop:
                raise Killed
            return real(*args, **kwargs)

        return wrapper

    monkeypatch.setattr(os, "replace", counted(os.replace))
    monkeypatch.setattr(records.Path, "unlink", counted(records.Path.unlink))
    new = make(metrics={"test_accuracy": 0.5}, arrays={"w": np.ones(2)})
    try:
        new.save(saved)
    except Killed:
        pass
    else:
        assert len(calls) == 3
    monkeypatch.undo()
    if records.names(saved):
        back = records.read("demo", saved)
        expected = 0.5 if back.arrays["w"].shape == (2,) else 0.919123
        assert back.metrics["test_accuracy"] == expected


@pytest.mark.parametrize(
    "value",
    [float("nan"), -float("inf"), True, "1", None, 10**400, np.ones(2)],
)
def test_a_number_that_is_none_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match=r"`metrics\['a'\]` .* finite number"):
        make(metrics={"a": value}).save(tmp_path)
    with pytest.raises(ValueError, match=r"`curves\['a'\]` .* finite number"):
        make(curves={"a": [1.0, value]}).save(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["", "a/b", "../up", "Name", "a b", 3])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="`name` .* small letters"):
        make(name=name).save(tmp_path)
    with pytest.raises(ValueError, match="`name` .* small letters"):
        records.read(name, tmp_path)


def test_an_unknown_profile_is_refused(tmp_path):
    with pytest.raises(ValueError, match="profile is 'fast'"):
        make(profile="fast").save(tmp_path)


def test_arrays_of_objects_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`arrays\['w'\]` .* not objects"):
        make(arrays={"w": np.array([{}])}).save(tmp_path)


@pytest.mark.parametrize("value", [1e6, np.nan])
def test_arrays_that_float16_cannot_hold_are_refused(tmp_path, value):
    with pytest.raises(ValueError, match=r"`arrays\['w'\]` .* fit float16"):
        make(arrays={"w": np.array([value])}).save(tmp_path)


def test_arrays_beyond_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "LARGEST", 1000)
    noise = np.random.default_rng(0).normal(size=600)
    with pytest.raises(ValueError, match="at most 1,000 bytes"):
        make(arrays={"w": noise}).save(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_missing_record_says_which_there_are(saved):
    with pytest.raises(DataError, match=r"no record 'other'.* there is: demo"):
        records.read("other", saved)


NAN, INF = float("nan"), float("inf")
FAULTS = {
    "not a JSON object": lambda c: [c],
    "its format is 2": lambda c: {**c, "format": 2},
    "it lacks metrics": lambda c: {
        k: v for k, v in c.items() if k != "metrics"
    },
    "it has the unknown extra": lambda c: {**c, "extra": 1},
    "metrics is not an object": lambda c: {**c, "metrics": [1]},
    r"metrics\['a'\] is not a fin": lambda c: {**c, "metrics": {"a": "1"}},
    r"metrics\['b'\] is not a fin": lambda c: {**c, "metrics": {"b": NAN}},
    r"metrics\['c'\] is not a fin": lambda c: {**c, "metrics": {"c": 9**999}},
    r"curves\['b'\] is not a list": lambda c: {**c, "curves": {"b": [-INF]}},
    r"curves\['a'\] is not a list": lambda c: {**c, "curves": {"a": 1}},
    "profile is 'fast'": lambda c: {**c, "profile": "fast"},
    r"data\['mnist'\] is \['fake'\]": lambda c: {
        **c,
        "data": {"mnist": ["fake"]},
    },
    r"data\['mnist'\] is 'fake'": lambda c: {**c, "data": {"mnist": "fake"}},
    "complete is neither": lambda c: {**c, "complete": 1},
    "seed is not": lambda c: {**c, "seed": 1.5},
    "seconds is not a finite": lambda c: {**c, "seconds": NAN},
    "seconds is not": lambda c: {**c, "seconds": None},
    "date is not a string": lambda c: {**c, "date": 3},
    "its name is 'other'": lambda c: {**c, "name": "other", "arrays": None},
    "does not name its file": lambda c: {
        **c,
        "arrays": {"file": "../x.npz", "sha256": ""},
    },
}


@pytest.mark.parametrize("problem", FAULTS)
def test_a_file_that_is_no_record_is_named(saved, problem):
    path = saved / "demo.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(FAULTS[problem](content)))
    with pytest.raises(DataError, match=rf"demo\.json is not.*{problem}"):
        records.read("demo", saved)


def test_broken_json_is_named(saved):
    (saved / "demo.json").write_text('{"name": ')
    with pytest.raises(DataError, match=r"demo\.json cannot be read"):
        records.read("demo", saved)


def test_changed_arrays_are_found_out(saved):
    path = saved / "demo.npz"
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 1
    path.write_bytes(packed)
    with pytest.raises(ChecksumError, match=r"demo\.npz must have the sha256"):
        records.read("demo", saved)


def replace_arrays(folder, packed):
    """Put bytes in the place of the arrays, and their hash in the record."""
    path = folder / "demo.json"
    content = json.loads(path.read_text())
    content["arrays"]["sha256"] = hashlib.sha256(packed).hexdigest()
    path.write_text(json.dumps(content))
    (folder / "demo.npz").write_bytes(packed)


def saved_by(function, *args, **kwargs):
    buffer = io.BytesIO()
    function(buffer, *args, **kwargs)
    return buffer.getvalue()


def truncated_inside():
    """An archive in order, one of whose members ends early."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("w.npy", saved_by(np.save, np.ones(99))[:-8])
    return buffer.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"no archive at all",
        b"PK\x03\x04 and then nothing",
        saved_by(np.savez, w=np.ones(99))[:-100],
        saved_by(np.save, np.ones(3)),
        saved_by(np.savez, w=np.array([{}])),
        truncated_inside(),
    ],
)
def test_arrays_that_are_no_archive_are_one_sentence(saved, packed):
    replace_arrays(saved, packed)
    with pytest.raises(DataError, match=r"demo\.npz cannot be read: .*\.$"):
        records.read("demo", saved)


def test_json_too_deep_to_read_is_named(saved):
    (saved / "demo.json").write_text("[" * 100_000)
    with pytest.raises(DataError, match=r"demo\.json cannot be read"):
        records.read("demo", saved)


def test_a_number_of_any_library_is_kept_as_a_number(tmp_path):
    metrics = {
        "a": np.float32(0.5),
        "b": np.int64(3),
        "c": np.array(0.25),
        "d": np.float64(1) / 3,
    }
    make(metrics=metrics).save(tmp_path)
    back = records.read("demo", tmp_path).metrics
    assert back == {"a": 0.5, "b": 3, "c": 0.25, "d": 0.333333}


def test_a_folder_that_takes_nothing_is_told_before_and_after(
    tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("in the way")
    there = tmp_path / "file" / "results"
    monkeypatch.setenv("FDL_RESULTS", str(there))
    said = f"{there}.* cannot be written: Not a directory"
    for attempt in (records.try_writing, make().save):
        with pytest.raises(DataError, match=f"{said}; `FDL_RESULTS` can name"):
            attempt()
        with pytest.raises(DataError, match=rf"{said}\.$"):
            attempt(there)


def test_trying_to_write_leaves_nothing_in_the_folder(tmp_path):
    records.try_writing(tmp_path / "new")
    assert os.listdir(tmp_path / "new") == []


def test_missing_arrays_are_found_out(saved):
    (saved / "demo.npz").unlink()
    with pytest.raises(DataError, match=r"demo\.npz cannot be read"):
        records.read("demo", saved)


def test_the_archive_holds_no_pickle_and_no_date(saved):
    with zipfile.ZipFile(saved / "demo.npz") as archive:
        entry = archive.getinfo("w.npy")
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert b"|O" not in archive.read("w.npy")[:128]


def test_the_folder_is_the_variable_or_the_repositorys(monkeypatch, tmp_path):
    monkeypatch.setenv("FDL_RESULTS", str(tmp_path))
    assert records.directory() == tmp_path
    make().save()
    assert records.read("demo").seed == 7
    monkeypatch.setenv("FDL_RESULTS", "~/there")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert records.directory() == tmp_path / "there"
    monkeypatch.delenv("FDL_RESULTS")
    assert records.directory().name == "results"
    assert (records.directory().parent / "pyproject.toml").exists()


def test_the_environment_names_no_machine_and_no_path(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    here = records.environment()
    assert here["hardware"]["threads"] == 1
    assert here["versions"]["numpy"] == np.__version__
    assert here["versions"]["mxnet"].startswith("1.9")
    text = json.dumps(here)
    assert os.uname().nodename not in text
    assert "/" not in text.replace("n/a", "")
