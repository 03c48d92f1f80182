"""CIFAR-10: known values, damage, the cache of decoded records, the sample."""

import io
import lzma
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fdl.data
from fdl.data import catalog, cifar, decoded, images, patches, photos
from fdl.data.store import find
from fdl.errors import ChecksumError, DataError

ROW = catalog.entry("cifar10")
BINARY, JPEG = ROW.copies
REAL = os.environ.get("FDL_DATA_MIRROR", "")
real = pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "cifar10")),
    reason="FDL_DATA_MIRROR names no folder with the real pictures",
)


def records(n, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 256, (n, 3073), dtype=np.uint8)
    rows[:, 0] = np.arange(n) % 10
    return rows


def pack(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def official(path, **changed):
    """An archive like the publisher's, with a few records in each file."""
    files = {
        f"data_batch_{k}.bin": records(20, k).tobytes() for k in range(1, 6)
    }
    files["test_batch.bin"] = records(30, 6).tobytes()
    files["readme.html"] = files["batches.meta.txt"] = b"..."
    files.update(changed)
    folder = "cifar-10-batches-bin/"
    # the order inside is not that of the names
    return pack(path, {folder + k: files[k] for k in sorted(files)[::-1]})


def jpeg(picture):
    body = io.BytesIO()
    Image.fromarray(picture).save(body, "JPEG", quality=95)
    return body.getvalue()


def flat(colour, size=32):
    return np.full((size, size, 3), colour, np.uint8)


def jpegs(each=2):
    """Files of one colour each: red tells the class, green the number."""
    return {
        f"{split}/{name}/{number:04}.jpg": jpeg(
            flat((20 * label, 50 * number, 100 * (split == "test")))
        )
        for split in ("test", "train")
        for label, name in enumerate(ROW.classes)
        for number in range(each)
    }


def read(copy, path, split="train"):
    return cifar.read_cifar10(ROW, copy, {path.name: path}, split)


# the binary records


def test_the_binary_records_are_read_in_their_order(tmp_path):
    path = official(tmp_path / "a.tar.gz")
    train, test = read(BINARY, path), read(BINARY, path, "test")
    rows = np.concatenate([records(20, k) for k in range(1, 6)])
    assert train.labels.tolist() == rows[:, 0].tolist()
    assert train.images.shape == (100, 32, 32, 3)
    # 1,024 red bytes row by row, then the green ones, then the blue ones
    for row, column, colour in ((0, 1, 0), (1, 0, 0), (31, 30, 1), (5, 7, 2)):
        place = 1 + 1024 * colour + 32 * row + column
        got = train.images[:, row, column, colour]
        assert (got == rows[:, place]).all()
    assert (test.labels == records(30, 6)[:, 0]).all()
    assert train.source.kind == "official"
    assert train.classes[6] == "frog"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"data_batch_3.bin": records(20).tobytes()[:-1]},
            "data_batch_3.bin must hold records of 3,073 bytes; got 61,459",
        ),
        ({"data_batch_2.bin": b""}, "data_batch_2.bin .* got 0 bytes"),
        (
            {"data_batch_5.bin": b"\x0a" + records(1).tobytes()[1:]},
            "data_batch_5.bin must hold labels from 0 to 9; got 10",
        ),
    ],
)
def test_a_damaged_binary_file_is_named(tmp_path, changed, message):
    path = official(tmp_path / "a.tar.gz", **changed)
    with pytest.raises(DataError, match=f"a.tar.gz: .*{message}"):
        read(BINARY, path)
    assert not list((tmp_path / "cache").rglob("*.bin"))  # nothing is kept


def test_an_archive_without_the_split_is_refused(tmp_path):
    path = pack(tmp_path / "a.tar.gz", {"x/test_batch.bin": b"1"})
    with pytest.raises(DataError, match="a.tar.gz holds no train records"):
        read(BINARY, path)


@pytest.mark.parametrize("copy", [BINARY, JPEG])
def test_a_truncated_archive_is_named(tmp_path, copy):
    path = tmp_path / "a.tar"
    if copy is BINARY:
        official(path)
    else:
        pack(path, jpegs(), "w:xz")
    body = path.read_bytes()
    for end in (-2000, len(body) // 2):
        path.write_bytes(body[:end])
        with pytest.raises(DataError, match="a.tar cannot be read"):
            read(copy, path)


# the JPEG files


def test_the_classes_of_the_jpeg_copy_take_turns(tmp_path):
    path = pack(tmp_path / "a.tar.xz", jpegs(), "w:xz")
    train, test = read(JPEG, path), read(JPEG, path, "test")
    assert train.labels.tolist() == [*range(10), *range(10)]
    red, green, blue = train.images.mean(axis=(1, 2)).T
    np.testing.assert_allclose(red, 20 * train.labels, atol=3)
    np.testing.assert_allclose(green, 10 * [0] + 10 * [50], atol=3)
    np.testing.assert_allclose(blue, 0, atol=3)
    np.testing.assert_allclose(test.images[..., 2], 100, atol=3)
    assert train.source.kind == "derived"
    assert "not comparable" in train.source.detail


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        (
            "train/horse/0001.jpg",
            jpeg(flat(1))[:300],
            "must be an RGB picture",
        ),
        ("train/horse/0001.jpg", b"no picture", "must be an RGB picture"),
        ("train/horse/0001.jpg", jpeg(flat(1, 31)), r"got RGB of \(31, 31\)"),
        (
            "train/horse/0001.jpg",
            jpeg(flat(1)[:, :, 0]),
            r"got L of \(32, 32\)",
        ),
        ("train/mouse/0000.jpg", jpeg(flat(1)), "must be named SPLIT/CLASS"),
        ("train/horse.jpg", jpeg(flat(1)), "must be named SPLIT/CLASS"),
    ],
)
def test_a_damaged_or_mislabelled_picture_is_named(
    tmp_path, name, body, message
):
    files = {**jpegs(), name: body}
    path = pack(tmp_path / "a.tar.xz", files, "w:xz")
    with pytest.raises(DataError, match=f"a.tar.xz: .?{name}.* {message}"):
        read(JPEG, path)
    assert not list((tmp_path / "cache").rglob("*.bin"))


def test_a_picture_that_is_missing_is_noticed(tmp_path):
    files = jpegs(3)
    del files["train/ship/0001.jpg"]
    path = pack(tmp_path / "a.tar.xz", files, "w:xz")
    with pytest.raises(DataError, match="as many train pictures .* got 29"):
        read(JPEG, path)
    assert len(read(JPEG, path, "test")) == 30


# what was decoded is kept


@pytest.fixture
def kept(cache):
    """Call `decoded` with rows that say how often they were asked for."""
    asked = []

    def decode():
        asked.append(1)
        return np.full((4, 5), len(asked), np.uint8)

    def call(copy=JPEG, split="train"):
        return decoded.decoded(ROW, copy, split, 5, decode)

    call.asked, call.folder = asked, cache / "cifar10"
    return call


def test_what_was_decoded_is_read_from_the_cache(kept):
    assert kept().tolist() == kept().tolist() == [[1] * 5] * 4
    assert len(kept.asked) == 1
    kept(split="test")
    kept(copy=BINARY)
    assert len(kept.asked) == 3
    names = {path.suffix for path in kept.folder.iterdir()}
    assert names == {".bin", ".sha256", ""}  # and the lock


@pytest.mark.parametrize("what", ["bit", "cut", "row", "hash", "gone"])
def test_what_is_damaged_there_is_decoded_again(kept, what):
    kept()
    (path,) = kept.folder.glob("*.bin")
    body = bytearray(path.read_bytes())
    if what == "bit":
        body[7] ^= 1
    if what == "hash":
        path.with_name(path.name + ".sha256").write_text("0" * 64)
    if what == "gone":
        path.with_name(path.name + ".sha256").unlink()
    path.write_bytes(body[: {"cut": -1, "row": -5}.get(what)])
    assert (kept() == 2).all()
    assert (kept() == 2).all()  # and kept again


def test_a_cache_that_cannot_be_written_is_told_and_done_without(kept, capsys):
    kept.folder.mkdir(parents=True)
    (kept.folder / ".lock").mkdir()  # so that no lock can be had
    assert (kept() == 1).all()
    assert (kept() == 2).all()
    assert "cannot take" in capsys.readouterr().err


# the real copies


@real
def test_the_jpeg_copy_is_complete_and_close_to_the_exact_pictures(
    monkeypatch,
):
    monkeypatch.setenv("FDL_DATA_MIRROR", REAL)
    train = fdl.data.load("cifar10", offline=True)
    test = fdl.data.load("cifar10", "test", offline=True)
    assert np.bincount(train.labels).tolist() == [5000] * 10
    assert np.bincount(test.labels).tolist() == [1000] * 10
    assert train.source.kind == "derived"
    found = find(ROW)
    assert found is not None
    assert found.copy.name == "jpeg"
    # the first records of data_batch_1.bin, pixel for pixel
    with lzma.open(Path(REAL, "cifar10/cifar10_first4000.bin.xz")) as file:
        exact = np.frombuffer(file.read(), np.uint8).reshape(-1, 3073)
    assert exact[:5, 0].tolist() == [6, 9, 9, 4, 1]  # frog, truck, …
    for label in range(10):
        ours = train.images[train.labels == label]
        theirs = exact[exact[:, 0] == label, 1:].reshape(-1, 3, 32, 32)
        theirs = theirs.transpose(0, 2, 3, 1).astype(float)
        error = ((ours[: len(theirs)] - theirs) ** 2).mean()
        assert 28 < 10 * np.log10(255**2 / error) < 34  # PSNR in dB


# the sample


def test_the_sample_is_patches_labelled_by_their_picture():
    pytest.importorskip("skimage")
    train, test = (
        patches.cifar_sample(ROW, split) for split in ("train", "test")
    )
    assert (len(train), len(test)) == (1600, 400)
    for part in (train, test):
        assert part.labels[:11].tolist() == [*range(10), 0]
        assert part.source.kind == "sample"
        assert ROW.sample.name in part.source.detail
    for part in (train, test):
        for k in (0, 5, 9):
            picture = fdl.data.photo(part.classes[k])
            windows = np.lib.stride_tricks.sliding_window_view(
                picture, (32, 32, 3)
            )[::16, ::16, 0]
            there = {window.tobytes() for window in windows.reshape(-1, 3072)}
            for patch in part.images[part.labels == k][:20]:
                assert patch.tobytes() in there


def test_the_first_patches_are_the_ones_of_this_version():
    pytest.importorskip("skimage")
    assert ROW.sample.version == "scikit-image-patches-1"
    picture = fdl.data.photo("astronaut")
    for split, left in (("train", 0), ("test", 3 * 64)):
        first = patches.cifar_sample(ROW, split).images[0]
        assert np.array_equal(first, picture[:32, left : left + 32])


def test_no_pixel_of_the_sample_is_in_both_splits(monkeypatch):
    # pictures whose pixels all differ: each tells its own place
    def numbered(name):
        k = patches.CLASSES.index(name)
        pixels = np.arange(320 * 384)
        code = np.stack([pixels // 65536 + 4 * k, pixels // 256, pixels], 1)
        return (code % 256).astype(np.uint8).reshape(320, 384, 3)

    monkeypatch.setattr(patches, "photo", numbered)
    train, test = (
        {
            pixel.tobytes()
            for patch in patches.cifar_sample(ROW, split).images
            for pixel in patch.reshape(-1, 3)
        }
        for split in ("train", "test")
    )
    assert not train & test
    assert len(test) > 10 * 3000


def test_without_scikit_image_there_is_no_sample(monkeypatch):
    monkeypatch.setattr(photos.importlib.util, "find_spec", lambda name: None)
    for split in ("train", None):
        with pytest.raises(DataError, match="sample needs scikit-image"):
            patches.cifar_sample(ROW, split)


def test_other_pictures_are_not_taken(monkeypatch):
    pytest.importorskip("skimage")
    other = photos.PHOTOS["coins"]._replace(sha256="0" * 64)
    monkeypatch.setitem(photos.PHOTOS, "coins", other)
    with pytest.raises(ChecksumError, match="coins"):
        patches.cifar_sample(ROW, "train")


def test_offline_without_the_pictures_the_sample_is_loaded(capsys):
    pytest.importorskip("skimage")
    found = fdl.data.load("cifar10", "test", offline=True)
    assert isinstance(found, images.Images)
    assert fdl.data.state("cifar10") == f"sample:{ROW.sample.version}"
    assert "scikit-image-patches is used" in capsys.readouterr().err
