"""Negative control: archives that want to do harm; known value: the rest."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.conftest import files_in
from fdl.data import archives
from fdl.errors import DataError


def tar(path, members, mode="w:gz"):
    """Write a tar from (name, bytes) or ready `TarInfo`s."""
    with tarfile.open(path, mode) as pack:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                pack.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                pack.addfile(info, io.BytesIO(member[1]))
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in members:
            pack.writestr(name, data)
    return path


def special(kind, target="", name="odd"):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


GOOD = [("a/b.txt", b"one"), ("a/c/d.txt", b"two" * 1000), ("e", b"")]


@pytest.mark.parametrize("kind", ["w:", "w:gz", "w:xz", "w:bz2", "zip"])
def test_good_archives_unpack_with_their_paths(tmp_path, kind):
    path = tmp_path / "pack"
    if kind == "zip":
        zipped(path, GOOD)
    else:
        tar(path, GOOD, kind)
    got = {name: s.read() for name, s in archives.members(path)}
    assert got == dict(GOOD)
    folder = archives.extract(path, tmp_path / "out")
    assert files_in(folder) == ["a/b.txt", "a/c/d.txt", "e"]
    assert (folder / "a/c/d.txt").read_bytes() == b"two" * 1000
    assert sorted(os.listdir(tmp_path)) == ["out", "pack"]


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    path = tar(tmp_path / "pack", GOOD)
    (tmp_path / "out").mkdir()
    archives.extract(path, tmp_path / "out")
    assert files_in(tmp_path / "out") == []


BAD_NAMES = [
    "../out.txt",
    "a/../../out.txt",
    "/etc/out.txt",
    "..\\out.txt",
    "C:/out.txt",
    "C:\\out.txt",
    "\\\\host\\out.txt",
]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("make", [tar, zipped])
def test_a_member_that_leads_out_is_refused(tmp_path, make, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = make(tmp_path / "pack", [("good", b"1"), (name, b"2")])
    with pytest.raises(DataError, match="pack has a member .* land outside"):
        archives.extract(path, inside / "out")
    assert os.listdir(inside) == []
    assert sorted(os.listdir(tmp_path)) == ["inside", "pack"]


@pytest.mark.parametrize(
    "info",
    [
        special(tarfile.SYMTYPE, "/etc"),
        special(tarfile.SYMTYPE, "../.."),
        special(tarfile.LNKTYPE, "/etc/hostname"),
        special(tarfile.LNKTYPE, "good"),
        special(tarfile.FIFOTYPE),
        special(tarfile.CHRTYPE),
    ],
)
def test_links_and_devices_are_refused(tmp_path, info):
    path = tar(tmp_path / "pack", [("good", b"1"), info])
    with pytest.raises(DataError, match="'odd' is a link or a device"):
        archives.extract(path, tmp_path / "out")
    assert os.listdir(tmp_path) == ["pack"]


def test_a_link_in_a_zip_is_refused(tmp_path):
    path = tmp_path / "pack"
    info = zipfile.ZipInfo("odd")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr(info, "/etc")
    with pytest.raises(DataError, match="'odd' is a link or a device"):
        archives.extract(path, tmp_path / "out")


@pytest.mark.parametrize("make", [tar, zipped])
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, make):
    path = make(tmp_path / "pack", [("a", bytes(6000)), ("b", bytes(6000))])
    with pytest.raises(DataError, match="unpacks to more than 10,000 bytes"):
        archives.extract(path, tmp_path / "out", limit=10_000)
    assert os.listdir(tmp_path) == ["pack"]
    archives.extract(path, tmp_path / "out", limit=12_000)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    path = zipped(tmp_path / "pack", [("a", bytes(100_000))])
    data = path.read_bytes()
    lie = data.replace((100_000).to_bytes(4, "little"), b"\x10\0\0\0")
    assert lie != data
    path.write_bytes(lie)
    with pytest.raises(DataError, match="pack cannot be read"):
        archives.extract(path, tmp_path / "out", limit=1000)
    assert os.listdir(tmp_path) == ["pack"]


@pytest.mark.parametrize("make", [tar, zipped])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path, make):
    path = make(tmp_path / "pack", [("a", b"1"), ("a", b"2")])
    with pytest.raises(DataError, match="holds 'a' twice"):
        archives.extract(path, tmp_path / "out")


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path):
    path = tar(tmp_path / "pack", [("a", b"1"), ("a/b", b"2")])
    with pytest.raises(DataError):
        archives.extract(path, tmp_path / "out")
    assert os.listdir(tmp_path) == ["pack"]


def test_a_file_where_the_folder_should_be_stays(tmp_path):
    path = tar(tmp_path / "pack", GOOD)
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DataError, match="out cannot be made"):
        archives.extract(path, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("make", [tar, zipped])
@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.9])
def test_a_cut_archive_leaves_nothing(tmp_path, make, keep):
    path = make(tmp_path / "pack", [("a", os.urandom(50_000)), *GOOD])
    data = path.read_bytes()
    keep = int(keep * len(data)) if isinstance(keep, float) else keep
    path.write_bytes(data[:keep])
    with pytest.raises(DataError, match="pack cannot be read"):
        archives.extract(path, tmp_path / "out")
    assert os.listdir(tmp_path) == ["pack"]


def test_a_full_disk_while_unpacking_leaves_nothing(tmp_path, monkeypatch):
    path = tar(tmp_path / "pack", GOOD)
    full_disk(monkeypatch, after=1500)
    with pytest.raises(DataError, match="the disk is full"):
        archives.extract(path, tmp_path / "out")
    assert os.listdir(tmp_path) == ["pack"]


def full_disk(monkeypatch, after):
    """Let files take `after` bytes in all, then fail as a full disk does."""
    import errno

    from fdl.data import _disk

    left = [after]
    real = _disk.Path.open

    class Full:
        def __init__(self, handle):
            self.handle = handle

        def __getattr__(self, name):
            return getattr(self.handle, name)

        def write(self, data):
            left[0] -= len(data)
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.handle.write(data)

    def opened(self, mode="r", *args, **kwargs):
        handle = real(self, mode, *args, **kwargs)
        return Full(handle) if set(mode) & set("wx+") else handle

    monkeypatch.setattr(_disk.Path, "open", opened)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=150,
)
@given(
    place=st.integers(0, 100_000), value=st.integers(0, 255), data=st.data()
)
def test_any_changed_byte_gives_the_files_or_a_data_error(
    tmp_path, place, value, data
):
    make = data.draw(st.sampled_from([tar, zipped]))
    path = make(tmp_path / "pack", GOOD)
    packed = bytearray(path.read_bytes())
    packed[place % len(packed)] = value
    path.write_bytes(packed)
    try:
        for _, stream in archives.members(path):
            with archives.damage(path):
                stream.read()
    except DataError:
        pass


@pytest.mark.parametrize(
    "wrap", [bytes, gzip.compress, lzma.compress, bz2.compress]
)
def test_wrappers_are_told_from_their_bytes(tmp_path, wrap):
    path = tmp_path / "any.name"
    path.write_bytes(wrap(b"hello" * 100))
    with archives.open_plain(path) as stream:
        assert stream.read() == b"hello" * 100


def test_all_pieces_of_a_stream_count_towards_its_limit(tmp_path):
    body, target = bytes(archives.CHUNK + 10), tmp_path / "zeros"
    archives.copy(io.BytesIO(body), target, tmp_path / "a.zip", len(body))
    assert target.stat().st_size == len(body)
    target.unlink()
    with pytest.raises(DataError, match="a.zip unpacks to more than 1,048,5"):
        archives.copy(
            io.BytesIO(body), target, tmp_path / "a.zip", len(body) - 1
        )
    assert not target.exists()
