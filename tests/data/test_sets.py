"""Property: what is loaded is what is said; nothing is replaced in silence."""

import os
import subprocess
import sys

import numpy as np
import pytest

import fdl.data
from data.conftest import make_entry, make_file
from data.test_images import idx, toy_set
from fdl.data import catalog, download, images, sets, store
from fdl.data.catalog import Copy, Sample, Source
from fdl.errors import ChecksumError, DataError

REAL = os.environ.get("FDL_DATA_MIRROR", "")
NAMES = [
    f"{split}-{what}-ubyte.gz"
    for split in ("train", "t10k")
    for what in ("images-idx3", "labels-idx1")
]
PICTURES, LABELS = toy_set(8)
FILES = dict(zip(NAMES, [idx(PICTURES), idx(LABELS)] * 2))
SAMPLE = Sample("tiny", "tiny-1", "images:tiny", "none", "two pictures")


def tiny(row, split):
    """Stand in for a sample's reader."""
    if split is None:
        return None
    source = Source(row.name, "sample", "tiny: two pictures")
    return images.Images(PICTURES[:2], LABELS[:2], row.classes, source)


@pytest.fixture
def toy(server, monkeypatch):
    """A set of the catalog with four small files, and a sample."""
    monkeypatch.setattr(images, "tiny", tiny, raising=False)

    def add(name="toy", kind="official", sample=SAMPLE):
        files = [
            make_file(path, data, server.url + path)
            for path, data in FILES.items()
        ]
        more = {} if kind == "official" else {"derived_from": "the original"}
        row = make_entry(
            name=name,
            copies=(Copy("idx", kind, tuple(files), **more),),
            reader="images:read_idx_set",
            classes=tuple("0123456789"),
            sample=sample,
        )
        monkeypatch.setitem(catalog.CATALOG, name, row)
        return row

    return add


def serve(server):
    server.routes.update({f"/{path}": data for path, data in FILES.items()})


def put(folder, name="toy"):
    (folder / name).mkdir(parents=True)
    for path, data in FILES.items():
        (folder / name / path).write_bytes(data)


def test_load_fetches_reads_and_remembers(server, toy):
    toy()
    serve(server)
    train = fdl.data.load("toy")
    assert train.images.tolist() == PICTURES.tolist()
    assert train.source == Source("toy", "official", "the official files")
    assert fdl.data.used() == {"toy": train.source}
    fdl.data.load("toy", "test", offline=True)
    assert len(server.asked) == 4


def test_used_is_a_copy(toy):
    fdl.data.used()["x"] = None
    assert fdl.data.used() == {}


def test_online_never_gives_the_sample(toy):
    toy()
    with pytest.raises(download.Unavailable, match="'toy' cannot be had"):
        fdl.data.load("toy")
    assert fdl.data.used() == {}


def test_offline_never_asks_the_network(server, toy, monkeypatch):
    toy()
    serve(server)
    monkeypatch.setenv("FDL_DATA_MIRROR", server.url)
    assert fdl.data.load("toy", offline=True).source.kind == "sample"
    assert server.asked == []


def test_the_sample_is_announced_once(toy, capsys):
    toy()
    for split in ("train", "test", "train"):
        got = fdl.data.load("toy", split, offline=True)
        assert got.source.kind == "sample"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "its offline sample tiny is used: two pictures" in err
    assert fdl.data.used()["toy"].kind == "sample"


def test_without_a_sample_offline_is_an_error(toy):
    toy(sample=None)
    with pytest.raises(DataError, match="no offline sample; `fdl data fetch"):
        fdl.data.load("toy", offline=True)
    with pytest.raises(DataError, match="'fashion-mnist' is not on this mach"):
        fdl.data.load("fashion-mnist", offline=True)


def test_the_most_doubtful_source_stands(server, toy, tmp_path, monkeypatch):
    toy()
    fdl.data.load("toy", offline=True)
    serve(server)
    assert fdl.data.load("toy").source.kind == "official"
    assert fdl.data.used()["toy"].kind == "sample"


def test_a_derived_copy_is_marked_everywhere(server, toy):
    toy(kind="derived")
    serve(server)
    assert fdl.data.load("toy").source.kind == "derived"
    assert fdl.data.used()["toy"].detail == "derived from the original"
    assert fdl.data.state("toy").startswith("derived:")
    assert fdl.data.describe(["toy"])[0].kind == "derived"


def test_a_damaged_mirror_does_not_lead_to_the_sample(
    toy, tmp_path, monkeypatch
):
    toy()
    put(tmp_path)
    monkeypatch.setenv("FDL_DATA_MIRROR", str(tmp_path))
    (tmp_path / "toy" / NAMES[2]).write_bytes(b"no idx")
    assert fdl.data.state("toy") == "damaged"
    with pytest.raises(ChecksumError, match=NAMES[2]):
        fdl.data.load("toy", offline=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["mnist"],), r"`name` \(=\['mnist'\]\) must be a data set"),
        (("minst",), r"`name` \(='minst'\) must be a data set .*: .*mnist"),
        (("mnist", "valid"), r"`split` \(='valid'\) must be 'train' or 'tes"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        fdl.data.load(*arguments)


# state


def test_state_says_what_offline_would_give(server, toy, cache):
    row = toy()
    assert fdl.data.state("toy") == "sample:tiny-1"
    serve(server)
    fdl.data.fetch("toy", progress=False)
    assert fdl.data.state("toy") == f"official:{row.copies[0].digest}"
    (cache / "toy" / NAMES[0]).unlink()
    assert fdl.data.state("toy") == "sample:tiny-1"
    toy(sample=None)
    assert fdl.data.state("toy") == "absent"


def test_state_sees_a_file_that_went_bad_after_it_was_seen(
    server, toy, cache, monkeypatch
):
    toy()
    serve(server)
    fdl.data.fetch("toy", progress=False)
    monkeypatch.setattr("fdl.data.checksums.time.time", lambda: 4e9)
    assert fdl.data.state("toy").startswith("official:")  # remembered now
    path = cache / "toy" / NAMES[0]
    stat = path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert fdl.data.state("toy") == "sample:tiny-1"
    assert fdl.data.load("toy", offline=True).source.kind == "sample"


def test_state_reads_unchanged_files_once(server, toy, monkeypatch):
    from fdl.data import checksums

    toy()
    serve(server)
    fdl.data.fetch("toy", progress=False)
    monkeypatch.setattr(checksums.time, "time", lambda: 4e9)
    read = []
    real = checksums._digest
    monkeypatch.setattr(
        checksums, "_digest", lambda *a: read.append(a) or real(*a)
    )
    for _ in range(3):
        fdl.data.state("toy")
    assert len(read) == 4
    fdl.data.load("toy", offline=True)  # load trusts no memory
    assert len(read) == 8


def test_a_sample_that_is_not_installed_is_absent(toy, monkeypatch):
    toy()

    def missing(row, split):
        raise DataError("not installed")

    monkeypatch.setattr(images, "tiny", missing)
    assert fdl.data.state("toy") == "absent"


# fetch_or_sample


def test_what_cannot_be_fetched_is_sampled_with_one_line(server, toy, capsys):
    toy()
    toy("bare", sample=None)
    states = fdl.data.fetch_or_sample(["toy", "bare"], progress=False)
    assert states == {"toy": "sample:tiny-1", "bare": "absent"}
    first, second = capsys.readouterr().err.splitlines()
    assert "'toy' cannot be had" in first
    assert "its offline sample tiny will be used" in first
    assert "it has no offline sample" in second


def test_what_can_be_fetched_is(server, toy, capsys):
    row = toy()
    serve(server)
    states = fdl.data.fetch_or_sample(["toy"], progress=False)
    assert states == {"toy": f"official:{row.copies[0].digest}"}
    assert capsys.readouterr().err == ""


def test_a_silent_host_is_waited_for_once_in_all(
    server, toy, monkeypatch, capsys
):
    monkeypatch.setattr(download, "READ_SECONDS", 0.2)
    toy()
    toy("toy2")
    for path in FILES:
        server.routes["/" + path] = lambda handler: server.stop_hanging.wait(
            20
        )
    states = fdl.data.fetch_or_sample(["toy", "toy2"], progress=False)
    assert set(states.values()) == {"sample:tiny-1"}
    assert len(server.asked) == 1


def test_wrong_bytes_are_never_answered_with_a_sample(server, toy):
    toy()
    serve(server)
    server.routes["/" + NAMES[3]] = FILES[NAMES[3]][:-1] + b"\1"
    with pytest.raises(ChecksumError, match="what came has the sha256"):
        fdl.data.fetch_or_sample(["toy"], progress=False)


def test_a_full_disk_is_never_answered_with_a_sample(server, toy, monkeypatch):
    from data.test_archives import full_disk

    toy()
    serve(server)
    full_disk(monkeypatch, after=50)
    with pytest.raises(DataError, match="the disk is full"):
        fdl.data.fetch_or_sample(["toy"], progress=False)


def test_no_network_at_all_is_quick_and_quiet(capsys):
    # the fixture lets no name but 127.0.0.1 be looked up
    states = fdl.data.fetch_or_sample(["mnist", "fashion-mnist"])
    assert states["fashion-mnist"] == "absent"
    assert states["mnist"].split(":")[0] in ("sample", "absent")
    assert len(capsys.readouterr().err.splitlines()) == 2


# describe


def test_describe_says_where_sets_are(server, toy, tmp_path, monkeypatch):
    toy()
    size = sum(map(len, FILES.values()))
    row = ("toy", "absent", "official", size, "none", "tiny")
    assert fdl.data.describe(["toy"]) == [row]
    put(tmp_path / "mirror")
    monkeypatch.setenv("FDL_DATA_MIRROR", str(tmp_path / "mirror"))
    assert fdl.data.describe(["toy"])[0].where == "mirror"
    monkeypatch.delenv("FDL_DATA_MIRROR")
    serve(server)
    fdl.data.fetch("toy", progress=False)
    assert fdl.data.describe(["toy"])[0].where == "cached"
    every = fdl.data.describe()
    assert [line.name for line in every] == fdl.data.names()
    assert all(line.licence for line in every)


# the package


def test_the_package_is_lazy_and_knows_no_mxnet():
    code = (
        "import sys, fdl.data; assert 'numpy' not in sys.modules;"
        "fdl.data.load; fdl.data.Minibatches; fdl.data.Images; fdl.data.fetch;"
        "assert {'mxnet', 'matplotlib'}.isdisjoint(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_public_names_are_there():
    for name in fdl.data.__all__:
        assert getattr(fdl.data, name) is not None
    assert fdl.data.DataError is DataError
    assert fdl.data.ChecksumError is ChecksumError
    assert fdl.data.fetch is store.fetch
    assert fdl.data.state is sets.state


@pytest.mark.parametrize("ask", [sets.describe, sets.fetch_or_sample])
def test_one_name_is_no_list_of_names(ask):
    with pytest.raises(ValueError, match=r"`wanted` \(='mnist'\) must be a l"):
        ask("mnist")


# the real files


@pytest.mark.parametrize(
    ("name", "first", "mean"),
    [
        # the published means of the training pixels
        ("mnist", [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], 0.1307),
        ("fashion-mnist", [9, 0, 0, 3, 0, 2, 7, 2, 5, 5], 0.2860),
    ],
)
def test_the_real_sets_are_as_published(name, first, mean, monkeypatch):
    if not os.path.isdir(os.path.join(REAL, name)):
        pytest.skip("FDL_DATA_MIRROR names no folder with the real files")
    monkeypatch.setenv("FDL_DATA_MIRROR", REAL)
    train, test = (
        fdl.data.load(name, split, offline=True) for split in ("train", "test")
    )
    assert train.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    assert train.labels[:10].tolist() == first
    assert set(test.labels) == set(range(10))
    assert train.flat().mean(dtype=np.float64) == pytest.approx(mean, abs=5e-5)
    assert train.source.kind == "official"
