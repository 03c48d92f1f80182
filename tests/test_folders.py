"""Folders that users name: one meaning, a try, a lock. Faults, property."""

import concurrent.futures
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from fdl import _folders, records
from fdl.data import places, store
from fdl.errors import DataError

HOLD = """
import sys, pathlib
from fdl import _folders
with _folders.locked(pathlib.Path(sys.argv[1]), 0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Hold the lock of a folder in another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("value", "there"),
    [
        ("~/data", "home/data"),
        ("data", "work/data"),
        ("../data", "work/../data"),
        (" data ", "work/data"),
        ("a b", "work/a b"),
    ],
)
def test_every_variable_means_the_same_folder(
    monkeypatch, tmp_path, value, there
):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    expected = tmp_path / there
    expected.mkdir(parents=True)
    found = {
        "FDL_DATA": store.cache,
        "FDL_DATA_MIRROR": places.mirror,
        "FDL_RESULTS": records.directory,
        "FDL_RUNS": lambda: _folders.named("FDL_RUNS"),
    }
    for variable, folder in found.items():
        monkeypatch.setenv(variable, value)
        assert folder() == expected, variable


@pytest.mark.parametrize("value", ["", "  "])
def test_a_blank_variable_names_nothing(monkeypatch, value):
    monkeypatch.setenv("FDL_RUNS", value)
    assert _folders.named("FDL_RUNS") is None


@pytest.mark.parametrize("folder", [store.cache, places.mirror])
def test_the_home_of_nobody_is_one_sentence(monkeypatch, folder):
    for variable in ("FDL_DATA", "FDL_DATA_MIRROR"):
        monkeypatch.setenv(variable, "~nobody-here/data")
    with pytest.raises(DataError, match=r"`FDL_DATA\w*` \(='~nobody.*must"):
        folder()


def test_trying_to_write_tells_why_and_leaves_nothing(tmp_path):
    _folders.try_writing(tmp_path / "a" / "b")
    assert os.listdir(tmp_path / "a" / "b") == []
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="exists") as caught:
        _folders.try_writing(tmp_path / "file")
    assert _folders.reason(caught.value) == "File exists"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_file_is_written_as_a_whole_or_not_at_all(
    tmp_path, monkeypatch, call
):
    path = tmp_path / "record.json"
    _folders.write_whole(path, b"old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match="No space"):
            _folders.write_whole(path, b"new")
    assert os.listdir(tmp_path) == ["record.json"]
    assert path.read_bytes() == b"old"
    _folders.write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_system_that_flushes_no_folders_will_do(tmp_path, monkeypatch):
    flushed, fsync = [], os.fsync

    def files_only(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flushed.append(handle)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    _folders.write_whole(tmp_path / "record.json", b"new")
    assert (tmp_path / "record.json").read_bytes() == b"new"
    assert len(flushed) == 1


def test_two_threads_may_write_one_file_and_its_sibling(tmp_path):
    names = ["a.json", "a.npz", "a.json"]
    contents = {k: bytes([k]) * 100_000 for k in range(len(names))}
    start = threading.Barrier(len(names))

    def write(k):
        start.wait()
        for _ in range(50):
            _folders.write_whole(tmp_path / names[k], contents[k])

    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(write, contents))
    assert sorted(os.listdir(tmp_path)) == ["a.json", "a.npz"]
    assert (tmp_path / "a.npz").read_bytes() == contents[1]
    assert (tmp_path / "a.json").read_bytes() in (contents[0], contents[2])


def test_a_full_disk_shows_when_writing_is_tried(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        _folders.try_writing(tmp_path)
    assert _folders.reason(caught.value) == "the disk is full"
    assert os.listdir(tmp_path) == []


def test_a_lock_keeps_others_out_until_its_holder_ends(holder, tmp_path):
    with pytest.raises(_folders.Busy, match=f"{tmp_path} has been locked"):
        with _folders.locked(tmp_path, 0):
            pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    for _ in range(2):  # and it is released each time
        with _folders.locked(tmp_path, 0):
            pass


def test_waiting_is_told_once_and_ends_with_the_lock(holder, tmp_path):
    told = []
    threading.Timer(0.3, holder.kill).start()
    began = time.monotonic()
    with _folders.locked(tmp_path, 30, lambda: told.append(1)):
        assert 0.2 < time.monotonic() - began < 20
    assert told == [1]
