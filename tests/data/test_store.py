"""Negative control: every way in which the store could keep wrong bytes."""

import gzip
import json
import lzma
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from functools import partial
from io import BytesIO

import pytest

from data.conftest import (
    files_in,
    make_entry,
    make_file,
    md5,
    send,
    sha256,
    wait_until,
)
from data.test_archives import full_disk, tar
from fdl.data import archives, catalog, download, places, store
from fdl.data.catalog import Content, Copy, File
from fdl.errors import ChecksumError, DataError

BODY = os.urandom(200_000)
OTHER = os.urandom(200_000)


def obtain(row, **more):
    more.setdefault("progress", False)
    return store.obtain(row, download.Network(), **more)


@pytest.fixture
def row(server):
    return make_entry(make_file("x.gz", BODY, server.url + "x.gz"))


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("FDL_DATA_MIRROR", str(folder))
    return folder


def put(folder, name, data):
    path = folder / "toy" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# where things are


def test_the_cache_is_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FDL_DATA", "~/mine")
    assert places.cache() == tmp_path / "mine"
    monkeypatch.delenv("FDL_DATA")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert places.cache() == tmp_path / ".cache" / "fdl"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert places.cache() == tmp_path / "xdg" / "fdl"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the standard: ignore
    assert places.cache() == tmp_path / ".cache" / "fdl"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert places.cache() == tmp_path / "Library" / "Caches" / "fdl"


def test_a_mirror_is_a_folder_or_an_address(monkeypatch, tmp_path):
    assert places.mirror() is None
    monkeypatch.setenv("FDL_DATA_MIRROR", str(tmp_path))
    assert places.mirror() == tmp_path
    monkeypatch.setenv("FDL_DATA_MIRROR", "https://a.example/data")
    assert places.mirror() == "https://a.example/data/"
    monkeypatch.setenv("FDL_DATA_MIRROR", str(tmp_path / "none"))
    with pytest.raises(DataError, match="`FDL_DATA_MIRROR` .*none.* must be"):
        places.mirror()


# the order of places


def test_a_fetched_file_is_in_the_cache_and_asked_for_once(server, row, cache):
    server.routes["/x.gz"] = BODY
    found = obtain(row)
    assert found.paths == {"x.gz": cache / "toy" / "x.gz"}
    assert found.paths["x.gz"].read_bytes() == BODY
    assert found.source.kind == "official"
    obtain(row)
    assert len(server.asked) == 1
    assert files_in(cache) == ["toy/x.gz"]
    assert store.find(row).paths == found.paths


def test_nothing_here_is_nothing_found(row, cache):
    assert store.find(row) is None
    assert not cache.exists()  # looking leaves no trace


def test_a_mirror_folder_is_used_in_place(server, row, mirror, cache):
    path = put(mirror, "x.gz", BODY)
    for found in (store.find(row), obtain(row)):
        assert found.paths == {"x.gz": path}
    assert server.asked == []
    assert not cache.exists()


def test_a_mirror_and_a_cache_that_are_read_only_will_do(
    row, mirror, cache, monkeypatch
):
    put(mirror, "x.gz", BODY)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    for name in ("mkdir", "write_bytes", "unlink", "touch"):
        monkeypatch.setattr(places.Path, name, refuse)
    monkeypatch.setattr(os, "replace", refuse)
    assert obtain(row).paths["x.gz"].read_bytes() == BODY


def test_the_cache_comes_before_the_mirror(row, mirror, cache):
    put(mirror, "x.gz", BODY)
    path = put(cache, "x.gz", BODY)
    assert store.find(row).paths == {"x.gz": path}


def test_a_mirror_address_comes_before_the_official_one(
    server, row, monkeypatch
):
    monkeypatch.setenv("FDL_DATA_MIRROR", server.url + "all")
    server.routes.update({"/all/toy/x.gz": BODY, "/x.gz": BODY})
    assert store.find(row) is None  # an address is never asked offline
    obtain(row)
    assert server.asked == [("/all/toy/x.gz", None)]


def test_the_official_address_follows_a_mirror_without_the_file(
    server, row, monkeypatch, capsys
):
    monkeypatch.setenv("FDL_DATA_MIRROR", server.url + "all/")
    server.routes["/x.gz"] = BODY
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    assert [path for path, _ in server.asked] == ["/all/toy/x.gz", "/x.gz"]


def test_addresses_are_tried_in_their_order(server, capsys):
    names = ("none", "wrong", "right", "never")
    urls = [server.url + name for name in names]
    row = make_entry(make_file("x.gz", BODY, *urls))
    server.routes.update({"/wrong": OTHER, "/right": BODY, "/never": BODY})
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    asked = [path for path, _ in server.asked]
    assert asked == ["/none", "/wrong", "/right"]
    # what was wrong on the way is told, since it should not be
    assert "/wrong: what came has the sha256" in capsys.readouterr().err


def test_all_reasons_are_told_when_nobody_has_it(server):
    urls = [server.url + "a", server.url + "b"]
    row = make_entry(make_file("x.gz", BODY, *urls))
    with pytest.raises(
        download.Unavailable, match="'toy' cannot be had: .*/a: HTTP 404.*/b:"
    ):
        obtain(row)


def test_a_set_without_an_address_says_so():
    with pytest.raises(download.Unavailable, match="no address is known"):
        obtain(make_entry(make_file("x.gz", BODY)))


def test_files_come_from_different_places(server, mirror, cache):
    files = [
        make_file(name, name.encode(), server.url + name) for name in "abc"
    ]
    row = make_entry(*files)
    put(cache, "a", b"a")
    put(mirror, "b", b"b")
    server.routes["/c"] = b"c"
    assert store.find(row) is None
    assert store.glance(row)[0] == "absent"
    found = obtain(row)
    assert list(found.paths) == ["a", "b", "c"]
    assert [p.read_bytes() for p in found.paths.values()] == [b"a", b"b", b"c"]
    assert store.glance(row) == ("mirror", row.copies[0])
    assert server.asked == [("/c", None)]


# wrong bytes


def test_a_wrong_hash_leaves_no_file(server, row, cache):
    server.routes["/x.gz"] = OTHER
    with pytest.raises(ChecksumError, match="/x.gz: what came has the sha256"):
        obtain(row)
    assert files_in(cache) == []


def test_md5_is_checked_where_there_is_no_sha256(server, cache):
    file = File("x", len(BODY), md5(BODY), urls=(server.url + "x",))
    server.routes["/x"] = OTHER
    with pytest.raises(ChecksumError, match="has the md5"):
        obtain(make_entry(file))
    server.routes["/x"] = BODY
    obtain(make_entry(file))
    assert files_in(cache) == ["toy/x"]


def test_a_truncated_transfer_leaves_a_part_and_no_file(server, row, cache):
    server.routes["/x.gz"] = partial(send, body=BODY, upto=1000)
    with pytest.raises(download.Unavailable, match="broke off after 1,000"):
        obtain(row)
    assert files_in(cache) == ["toy/x.gz.part"]
    server.routes["/x.gz"] = BODY
    obtain(row)
    assert server.asked[-1] == ("/x.gz", "bytes=1000-")
    assert files_in(cache) == ["toy/x.gz"]


def test_a_part_of_another_file_is_thrown_away_once(server, row, cache):
    server.routes["/x.gz"] = BODY
    put(cache, "x.gz.part", OTHER[:1000])
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    assert [ask for _, ask in server.asked] == ["bytes=1000-", None]
    assert files_in(cache) == ["toy/x.gz"]


def test_a_complete_part_is_used_only_if_it_is_right(server, row, cache):
    server.routes["/x.gz"] = BODY
    put(cache, "x.gz.part", BODY)
    obtain(row)
    assert server.asked == []
    (cache / "toy" / "x.gz").unlink()
    put(cache, "x.gz.part", OTHER)
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    assert [ask for _, ask in server.asked] == [None]


def corrupt(path, keep_times=True):
    """Turn one bit in the middle, and cover the tracks."""
    stat = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    if keep_times:
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_cached_file_that_went_bad_is_fetched_again(
    server, row, cache, capsys
):
    server.routes["/x.gz"] = BODY
    path = obtain(row).paths["x.gz"]
    corrupt(path)
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    assert len(server.asked) == 2
    assert "x.gz has the sha256" in capsys.readouterr().err


def test_a_cached_file_that_went_bad_is_not_used_offline(
    server, row, cache, mirror, capsys
):
    corrupt(put(cache, "x.gz", BODY))
    assert store.find(row) is None
    assert files_in(cache) == []  # so nobody meets it again
    assert capsys.readouterr().err.count("it is not used") == 1
    corrupt(put(cache, "x.gz", BODY))
    path = put(mirror, "x.gz", BODY)
    assert store.find(row).paths == {"x.gz": path}


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_cached_file_that_was_cut_is_fetched_again(server, row, cache, keep):
    server.routes["/x.gz"] = BODY
    put(cache, "x.gz", BODY[:keep])
    assert obtain(row).paths["x.gz"].read_bytes() == BODY


def test_a_damaged_mirror_is_an_error_and_not_a_reason_for_less(
    server, row, mirror, capsys
):
    path = put(mirror, "x.gz", BODY)
    corrupt(path)
    with pytest.raises(ChecksumError, match="mirror/toy/x.gz has the sha256"):
        store.find(row)
    with pytest.raises(ChecksumError, match="mirror/toy/x.gz has the sha256"):
        obtain(row)  # the official address has nothing either
    assert path.exists()  # it is not ours to remove
    server.routes["/x.gz"] = BODY
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    assert "mirror/toy/x.gz has the sha256" in capsys.readouterr().err


# disks and processes


def test_a_full_disk_is_one_error_and_leaves_nothing(
    server, row, cache, monkeypatch
):
    server.routes["/x.gz"] = BODY
    full_disk(monkeypatch, after=100_000)
    with pytest.raises(DataError, match="the disk is full") as caught:
        obtain(row)
    assert not isinstance(caught.value, download.Unavailable)
    assert files_in(cache) == []


FETCH = """
import json, resource, sys
from fdl.data import download, store
from fdl.data.catalog import Copy, Entry, File
from fdl.errors import DataError
path, size, sha256, url, limit = json.loads(sys.argv[1])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
file = File(path, size, "", sha256, (url,))
row = Entry("toy", "a toy", "none", "toys:read", (
    Copy("plain", "official", (file,)),))
try:
    found = store.obtain(row, download.Network(), progress=False)
except DataError as error:
    sys.exit(f"DataError: {error}")
print(found.paths[path])
"""


def fetcher(server, body=BODY, name="x.gz", limit=0):
    """Start another process that fetches."""
    args = [name, len(body), sha256(body), server.url + name, limit]
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, json.dumps(args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_disk_quota_in_another_process_leaves_nothing(server, cache):
    pytest.importorskip("resource")
    server.routes["/x.gz"] = BODY
    code, _, err = finish(fetcher(server, limit=100_000))
    assert code == 1
    assert err.startswith("DataError: ")
    assert "cannot take x.gz.part: the disk is full" in err
    assert len(err.splitlines()) == 1
    assert files_in(cache) == []


def test_two_fetchers_at_once_download_once(server, cache):
    server.routes["/x.gz"] = partial(send, body=BODY, pause=0.2)
    both = [fetcher(server), fetcher(server)]
    done = [finish(process) for process in both]
    assert [code for code, _, _ in done] == [0, 0], done
    assert len(server.asked) == 1
    assert files_in(cache) == ["toy/x.gz"]
    waited = [err for _, _, err in done if "waiting for another" in err]
    assert len(waited) == 1


def test_two_threads_at_once_download_once(server, row):
    server.routes["/x.gz"] = partial(send, body=BODY, pause=0.05)
    got = []
    threads = [
        threading.Thread(target=lambda: got.append(obtain(row)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 3
    assert len(server.asked) == 1


def test_kill_9_in_mid_download_is_repaired_by_the_next_fetch(
    server, row, cache
):
    server.routes["/x.gz"] = partial(send, body=BODY, pause=0.05, step=20_000)
    process = fetcher(server)
    part = cache / "toy" / "x.gz.part"
    wait_until(lambda: part.exists() and part.stat().st_size > 30_000)
    process.send_signal(signal.SIGKILL)
    assert finish(process)[0] == -signal.SIGKILL
    assert files_in(cache) == ["toy/x.gz.part"]
    assert store.find(row) is None  # half a file is no file
    assert store.glance(row)[0] == "absent"
    server.routes["/x.gz"] = BODY
    assert obtain(row).paths["x.gz"].read_bytes() == BODY
    (_, first), (_, second) = server.asked
    assert first is None
    assert second.startswith("bytes=")  # and went on, not anew
    assert files_in(cache) == ["toy/x.gz"]


def test_a_lock_that_is_never_released_is_told(
    server, row, cache, monkeypatch, capsys
):
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(places, "LOCK_SECONDS", 0.1)
    (cache / "toy").mkdir(parents=True)
    with open(cache / "toy" / ".lock", "ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="toy has been locked by another"):
            obtain(row)
    assert "waiting for another process" in capsys.readouterr().err


# content in wrappers


def zipped(members):
    store_in = BytesIO()
    with zipfile.ZipFile(store_in, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in members.items():
            pack.writestr(name, data)
    return store_in.getvalue()


TEXT = b"the 0.1 0.2\n" * 5000


def vectors(server, archive_hash=True, member="v.txt", text=TEXT):
    """A set of the form of GloVe's: a member in a zip, or our own xz."""
    data = zipped({"other.txt": b"no", "v.txt": text})
    content = Content("v.txt", len(TEXT), sha256=sha256(TEXT))
    archive = File(
        "v.zip",
        len(data) if archive_hash else None,
        "",
        sha256(data) if archive_hash else "",
        (server.url + "v.zip",),
        member,
        content,
    )
    ours = make_file("v.txt.xz", lzma.compress(TEXT), content=content)
    server.routes["/v.zip"] = data
    return make_entry(
        copies=(
            Copy("zip", "official", (archive,)),
            Copy("xz", "repacked", (ours,), derived_from="v.zip"),
        )
    )


@pytest.mark.parametrize("archive_hash", [True, False])
def test_of_an_archive_only_the_wanted_member_is_kept(
    server, cache, archive_hash
):
    row = vectors(server, archive_hash)
    found = obtain(row)
    assert found.paths["v.txt"].read_bytes() == TEXT
    assert files_in(cache) == ["toy/v.txt"]
    assert found.source.kind == "official"
    obtain(row)
    assert len(server.asked) == 1
    # and what is kept is what is verified
    corrupt(cache / "toy" / "v.txt")
    assert store.find(row) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"member": "none.txt"}, "has no member 'none.txt'"),
        ({"text": TEXT[:-1]}, "v.txt.new has .* bytes; the catalog says"),
        ({"text": TEXT + b"x"}, "unpacks to more than 60,000 bytes"),
        ({"text": TEXT.upper()}, "v.txt.new has the sha256"),
    ],
)
@pytest.mark.parametrize("archive_hash", [True, False])
def test_a_wrong_member_leaves_nothing(
    server, cache, change, message, archive_hash
):
    row = vectors(server, archive_hash, **change)
    with pytest.raises(ChecksumError, match=message):
        obtain(row)
    assert files_in(cache) == []


def test_a_zip_that_is_none_leaves_nothing(server, cache):
    row = vectors(server, archive_hash=False)
    server.routes["/v.zip"] = b"not a zip"
    with pytest.raises(ChecksumError, match="cannot be read"):
        obtain(row)
    assert files_in(cache) == []


def test_halves_of_two_archives_are_fetched_anew(server, cache):
    row = vectors(server, archive_hash=False)
    put(cache, "v.zip.part", b"of an older release")
    assert obtain(row).paths["v.txt"].read_bytes() == TEXT
    assert [ask for _, ask in server.asked] == ["bytes=19-", None]


def test_a_mirror_may_have_the_archive_its_member_or_our_wrapper(
    server, mirror, cache
):
    row = vectors(server)
    path = put(mirror, "v.txt.xz", lzma.compress(TEXT))
    found = store.find(row)
    assert found.paths == {"v.txt.xz": path}
    assert found.source.kind == "official"  # its content's hash is known
    assert found.copy.name == "xz"
    put(mirror, "v.zip", server.routes["/v.zip"])
    assert store.find(row).paths == {"v.txt": cache / "toy" / "v.txt"}
    assert files_in(cache) == ["toy/v.txt"]
    (cache / "toy" / "v.txt").unlink()
    path = put(mirror, "v.txt", TEXT)
    assert store.find(row).paths == {"v.txt": path}
    assert server.asked == []


def test_a_mirror_address_may_have_the_member_itself(
    server, monkeypatch, cache
):
    row = vectors(server)
    monkeypatch.setenv("FDL_DATA_MIRROR", server.url)
    server.routes["/toy/v.txt"] = TEXT
    assert obtain(row).paths == {"v.txt": cache / "toy" / "v.txt"}
    assert [path for path, _ in server.asked] == ["/toy/v.txt"]


def derived(server):
    """A set of the form of CIFAR-10's: official archive, lossy copy."""
    return make_entry(
        copies=(
            Copy(
                "binary",
                "official",
                (make_file("b.tar", BODY, server.url + "b.tar"),),
            ),
            Copy(
                "jpeg",
                "derived",
                (make_file("j.tar", OTHER),),
                derived_from="b.tar",
                note="lossy",
            ),
        )
    )


def test_a_derived_copy_serves_and_is_marked(server, mirror):
    row = derived(server)
    server.routes["/b.tar"] = BODY
    put(mirror, "j.tar", OTHER)
    for found in (store.find(row), obtain(row)):
        assert found.copy.name == "jpeg"
        assert found.source.kind == "derived"
        assert found.source.detail == "derived from b.tar (lossy)"
    assert server.asked == []
    found = obtain(row, official=True)
    assert found.source.kind == "official"
    # and from now on the official copy is preferred
    assert store.find(row).copy.name == "binary"


def test_a_derived_copy_at_a_mirror_address_comes_before_the_official_host(
    server, monkeypatch
):
    row = derived(server)
    monkeypatch.setenv("FDL_DATA_MIRROR", server.url)
    server.routes["/toy/j.tar"] = OTHER
    assert obtain(row).copy.name == "jpeg"


# verify and unpacked


def test_verify_reads_every_byte_and_changes_nothing(
    server, cache, monkeypatch
):
    row = make_entry(make_file("x.gz", BODY, server.url + "x.gz"))
    monkeypatch.setitem(catalog.CATALOG, "toy", row)
    with pytest.raises(DataError, match="'toy' is not here; fetch it first"):
        store.verify("toy")
    path = put(cache, "x.gz", BODY)
    assert store.verify("toy") == row.copies[0].source("toy")
    corrupt(path)
    with pytest.raises(ChecksumError, match="x.gz has the sha256.*fetch 'toy"):
        store.verify("toy")
    put(cache, "x.gz", BODY[:-1])
    with pytest.raises(ChecksumError, match="x.gz has 199,999 bytes"):
        store.verify("toy")
    assert path.exists()


@pytest.mark.parametrize("kept", [TEXT, TEXT[:-1], TEXT + b"x", TEXT.upper()])
def test_verify_looks_into_wrappers_of_ours(server, mirror, monkeypatch, kept):
    packed = gzip.compress(kept)
    content = Content("t.txt", len(TEXT), md5(TEXT))
    file = make_file("t.txt.gz", packed, content=content)
    copies = (Copy("gz", "repacked", (file,), derived_from="t.txt"),)
    row = make_entry(copies=copies)
    monkeypatch.setitem(catalog.CATALOG, "toy", row)
    put(mirror, "t.txt.gz", packed)
    if kept == TEXT:
        assert store.verify("toy").kind == "official"
        return
    with pytest.raises(ChecksumError, match="does not hold the t.txt that"):
        store.verify("toy")


def test_archives_are_unpacked_once_and_again_when_they_change(
    tmp_path, mirror, cache
):
    packed = []
    for text in (b"one", b"two"):
        path = tar(tmp_path / "made", [("a/b", text)])
        packed.append(path.read_bytes())
    for data, text in zip(packed, (b"one", b"two")):
        put(mirror, "t.tgz", data)
        found = store.find(make_entry(make_file("t.tgz", data)))
        folder = store.unpacked(found, "t.tgz")
        assert (folder / "a" / "b").read_bytes() == text
        marker = folder / "marker"
        marker.touch()
        assert store.unpacked(found, "t.tgz") == folder
        assert marker.exists()
    assert mirror.joinpath("toy").joinpath("t.tgz").exists()
    assert len(list((cache / "toy").glob("t.tgz.*"))) == 2


def test_what_a_killed_unpacking_left_is_removed(tmp_path, mirror, cache):
    data = tar(tmp_path / "made", [("a", b"1")]).read_bytes()
    put(mirror, "t.tgz", data)
    put(cache, f"{archives.ROOM}123/half", b"")
    found = store.find(make_entry(make_file("t.tgz", data)))
    folder = store.unpacked(found, "t.tgz")
    assert files_in(cache) == [f"toy/{folder.name}/a"]


# the real files


@pytest.mark.parametrize("name", sorted(catalog.CATALOG))
def test_the_real_files_are_the_catalogs(name, monkeypatch):
    folder = REAL
    if not os.path.isdir(os.path.join(folder, name)):
        pytest.skip("FDL_DATA_MIRROR names no folder with the real files")
    monkeypatch.setenv("FDL_DATA_MIRROR", folder)
    derived = ("babi", "cifar10", "imdb", "squeezenet")
    kind = "derived" if name in derived else "official"
    assert store.verify(name).kind == kind


REAL = os.environ.get("FDL_DATA_MIRROR", "")


def test_hashing_a_cached_set_is_fast_enough_to_do_each_time(cache):
    files = [make_file(f"{i}", OTHER * 25) for i in range(2)]
    row = make_entry(*files)
    for file in files:
        put(cache, file.path, OTHER * 25)
    begin = time.monotonic()
    store.find(row)
    assert time.monotonic() - begin < 2  # 10 MB; some 0.01 s on a quiet one
