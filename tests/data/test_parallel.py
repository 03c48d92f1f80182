"""Known value, property and bad input: sentences and their translations."""

import gzip
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdl import data
from fdl.data import catalog
from fdl.data.parallel import FILES, MADE_UP, multi30k, read_parallel
from fdl.errors import DataError

REAL = os.environ.get("FDL_DATA_MIRROR", "")
BOTH = (b"I read.\n  See   you \n", "Je lis.\nÀ bientôt\n".encode())


def write(folder, *bodies):
    paths = [Path(folder) / name for name in ("a.en", "a.fr")]
    for path, body in zip(paths, bodies):
        path.write_bytes(body)
    return paths


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["plain", "gz"])
def test_two_files_are_read_side_by_side(tmp_path, wrap):
    read = read_parallel(*write(tmp_path, *map(wrap, BOTH)))
    assert read.inputs == ("I read.", "See you")
    assert read.targets == ("Je lis.", "À bientôt")
    assert read.source.name == "a.en"


def test_a_last_line_may_be_without_end(tmp_path):
    read = read_parallel(*write(tmp_path, b"a\r\nb", b"c\nd\n"))
    assert read.inputs == ("a", "b")


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        (b"a\nb\n", b"c\n", r"as many lines as each other; got 2 and 1\."),
        (b"a\nb\n", b"c\nd\xe9\n", r"a\.fr, line 2 is not UTF-8 text"),
        (b"a\n \t\nb\n", b"c\nd\ne\n", r"a\.en, line 2 is empty\."),
        (b"a\n\n", b"c\nd\n", r"a\.en, line 2 is empty\."),
        (b"a\n\x00b\n", b"c\nd\n", r"a\.en, line 2 holds a control char"),
        (b"", b"", r"a\.en holds no sentence"),
        (b"\x1f\x8b\x08rest", b"c", r"a\.en cannot be read"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(
    tmp_path, left, right, message
):
    paths = write(tmp_path, left, right)
    with pytest.raises(DataError, match=message):
        read_parallel(*paths)
    with pytest.raises(DataError, match=r"no\.en is not a file"):
        read_parallel(tmp_path / "no.en", paths[1])


@given(left=st.binary(max_size=60), right=st.binary(max_size=60))
def test_nothing_but_a_data_error_comes_out(left, right):
    with tempfile.TemporaryDirectory() as folder:
        paths = write(folder, left, right)
        try:
            read = read_parallel(*paths)
        except DataError:
            return
    assert len(read.inputs) == len(read.targets) > 0
    assert all(map(str.strip, read.inputs + read.targets))


def test_pairs_are_given_in_full_and_kept_by_length():
    both = data.Parallel.of([("I read.", "Je  lis."), ("a b c", "d")])
    assert both.up_to(2).targets == ("Je lis.",)
    assert both.up_to(3).inputs == both.inputs
    assert "2 pairs" in repr(both)
    with pytest.raises(ValueError, match=r"`words` \(=1\) must leave a pair"):
        data.Parallel.of([("a b", "c")]).up_to(1)
    with pytest.raises(ValueError, match="two sentences in pair 1"):
        data.Parallel.of([("a", "b"), ("", "c")])
    with pytest.raises(ValueError, match="hold one pair or more"):
        data.Parallel.of([])


def test_the_part_that_is_asked_for_is_read(tmp_path):
    row = catalog.entry("multi30k")
    paths = {}
    for file in row.copies[0].files:
        paths[file.kept] = tmp_path / file.kept
        paths[file.kept].write_bytes(gzip.compress(file.kept.encode()))
    for split in row.splits:
        read = multi30k(row, row.copies[0], paths, split)
        assert read.inputs == (f"{FILES[split]}.en.gz",)
        assert read.targets == (f"{FILES[split]}.fr.gz",)
        assert read.source.kind == "official"
    assert set(row.splits) == set(FILES) == set(MADE_UP)


def test_the_samples_parts_share_no_sentence(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    seen = {}
    for split, size in MADE_UP.items():
        read = data.load("multi30k", split, offline=True)
        assert read.source.kind == "sample"
        assert len(read.inputs) == size
        seen[split] = set(read.inputs)
    assert len(set().union(*seen.values())) == sum(MADE_UP.values())
    assert f"{sum(MADE_UP.values()):,} made-up" in read.source.detail


@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "multi30k")),
    reason="FDL_DATA_MIRROR names no folder with the real captions",
)
def test_the_real_captions_come_whole(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", str(Path(REAL).resolve()))
    sizes = {"train": 29_000, "val": 1014, "test2016": 1000}
    split, join = data.TOKENIZERS["words"]
    for name, size in {**sizes, "test2017": 1000, "mscoco": 461}.items():
        read = data.load("multi30k", name, offline=True)
        assert len(read.inputs) == len(read.targets) == size
        for sentence in read.inputs + read.targets:
            assert join(split(sentence)) == sentence


def test_a_byte_order_mark_is_no_letter(tmp_path):
    for name, text in (("en", "I read."), ("fr", "Je lis.")):
        (tmp_path / name).write_text(f"\ufeff{text}\n", "utf-8")
    both = read_parallel(tmp_path / "en", tmp_path / "fr")
    assert both.inputs == ("I read.",)
    assert both.targets == ("Je lis.",)


@pytest.mark.parametrize("pair", ["ab", ("a",), ("a", "b", "c"), ("a", " ")])
def test_what_is_no_pair_is_told(pair):
    with pytest.raises(ValueError, match="`pairs` .* two sentences in pair 1"):
        data.Parallel.of([("I read.", "Je lis."), pair])
