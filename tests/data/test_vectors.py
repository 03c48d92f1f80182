"""Known value, bad input, fuzz, memory and time: files of word vectors."""

from __future__ import annotations

import contextlib
import gzip
import json
import lzma
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fdl import data
from fdl.data import kept_vectors
from fdl.data.vectors import VectorFile, Vectors, read_vectors
from fdl.errors import DataError, ShapeError

REAL = os.environ.get("FDL_DATA_MIRROR", "")
WORDS = ["the", "naïve", "New_York", ".", "12"]
NUMBERS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
gentle = settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    return tmp_path / "cache" / "vectors"


def glove(words=WORDS, numbers=NUMBERS):
    rows = zip(words, numbers.tolist())
    return "".join(f"{w} {' '.join(map(repr, v))}\n" for w, v in rows).encode()


def text(words=WORDS, numbers=NUMBERS):
    return b"%d %d\n" % numbers.shape + glove(words, numbers)


def spaced(words=WORDS, numbers=NUMBERS):
    return text(words, numbers).replace(b"\n", b" \n")


def binary(words=WORDS, numbers=NUMBERS, end=b"\n"):
    rows = zip(words, numbers)
    return b"%d %d\n" % numbers.shape + b"".join(
        w.encode() + b" " + v.tobytes() + end for w, v in rows
    )


def joined(words=WORDS, numbers=NUMBERS):
    return binary(words, numbers, end=b"")


FORMS = {f.__name__: f for f in (glove, text, spaced, binary, joined)}


def put(tmp_path, body, name="a"):
    path = tmp_path / name
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("wrap", [bytes, gzip.compress, lzma.compress])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_words_asked_for(tmp_path, form, wrap):
    path = put(tmp_path, wrap(FORMS[form]()))
    found = read_vectors(path, ["12", "naïve", "nowhere", "the", "12"])
    assert found.words == ["12", "naïve", "the"]
    assert (found.vectors == NUMBERS[[4, 1, 0]]).all()
    assert found.width == 3
    assert "nowhere" not in found
    assert (found["the"] == NUMBERS[0]).all()


def test_numbers_that_look_like_a_field_are_no_text(tmp_path):
    one = np.float32([[1.5], [2.5]])  # in bytes, without blank or line end
    found = read_vectors(put(tmp_path, binary(["a", "b"], one)), ["a", "b"])
    assert found.vectors.tolist() == [[1.5], [2.5]]


@pytest.mark.parametrize("form", FORMS)
def test_of_a_word_twice_the_first_counts(tmp_path, form):
    path = put(tmp_path, FORMS[form](["a", "b", "a"], NUMBERS[:3]))
    assert (read_vectors(path, ["a"])["a"] == NUMBERS[0]).all()


def test_words_with_blanks_and_lines_with_tabs(tmp_path):
    path = put(tmp_path, b"the 1 2 3\n. . . 4 5 6\nof\t7\t8\t9\n")
    found = read_vectors(path, [". . .", "of"])
    assert found.vectors.tolist() == [[4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", r"a, line 1, must begin a file of word vectors"),
        (b"word\n", r"a, line 1, must begin a file"),
        (b"the 1 2 3\nof 1 2\n", r"a, line 2, must hold a word and 3 numbers"),
        (b"the 1 2 3\nof 1 2 3 4\n", r"a, line 2, must hold a word and 3 num"),
        (b"the 1 2\n\nof 1 2\n", r"a, line 2, must hold a word and 2 numbers"),
        (b"2 2\nthe 1 2\nof 1 2 3\n", r"a, line 3, must hold a word and 2 n"),
        (b"the 1 2\nof 1 x\n", r"a, line 2, has could not convert"),
        (b"the 1 2\nof 1 nan\n", r"a, line 2, has a number that is not fin"),
        (b"the 1 2\nof 1 1e99\n", r"a, line 2, has a number that is not fin"),
        (b"3 2\nthe 1 2\nof 1 2\n", r"a, line 1, promises 3 words; there are"),
        (b"1 2\nthe 1 2\nof 1 2\n", r"a, line 1, promises 1 words; there are"),
        (b"1 99999\nthe 1 2\n", r"a, line 1, must begin a file"),
        (b"1 0\nthe\n", r"a, line 1, must begin a file"),
        (b"the 1 2\nof 1 1e39\n", r"a, line 2, has a number that is not fin"),
        (binary()[:-9], r"a, word 5 of 5, is cut off"),
        (joined()[:-1], r"a, word 5 of 5, is cut off"),
        (b"2 2\n" + b"x" * 600_000, r"a, word 1 of 2, is too long"),
        (gzip.compress(glove() * 99, mtime=0)[:90], r"a cannot be read"),
    ],
)
def test_a_bad_file_is_told_by_file_and_place(tmp_path, body, said):
    with pytest.raises(DataError, match=said):
        read_vectors(put(tmp_path, body), ["the", "of"])


def test_numbers_that_are_none_are_told_in_binary_files_too(tmp_path):
    bad = NUMBERS.copy()
    bad[1, 1] = np.inf
    path = put(tmp_path, binary(numbers=bad))
    with pytest.raises(DataError, match="a, word 2, has a number that is not"):
        read_vectors(path, ["naïve"])
    assert len(read_vectors(path, ["the"])) == 1  # it is not asked for


def test_another_width_than_wanted_is_told(tmp_path):
    path = put(tmp_path, glove())
    assert read_vectors(path, ["the"], width=3).width == 3
    for _ in range(2):  # from the file and from what was kept
        with pytest.raises(
            DataError, match="a holds vectors of 3 numbers, no"
        ):
            read_vectors(path, ["the"], width=300)


@pytest.mark.parametrize("form", ["glove", "text"])
def test_a_byte_order_mark_is_no_letter(tmp_path, form):
    path = put(tmp_path, b"\xef\xbb\xbf" + FORMS[form]())
    assert (read_vectors(path, ["the"])["the"] == NUMBERS[0]).all()


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match="`words` .* be a list of words"):
        read_vectors(put(tmp_path, glove()), "the")
    with pytest.raises(DataError, match="nowhere is not a file"):
        read_vectors(tmp_path / "nowhere", ["a"])
    with pytest.raises(ValueError, match="`words` .* must be strings"):
        read_vectors(put(tmp_path, glove()), ["the", 3])
    with pytest.raises(ShapeError, match=r"`vectors` .* the shape \(2, d\)"):
        Vectors(["a", "b"], NUMBERS[:1])
    with pytest.raises(ValueError, match="`words` .* must all differ"):
        Vectors(["a", "a"], NUMBERS[:2])
    # a word that UTF-8 cannot spell is in no file
    assert len(read_vectors(put(tmp_path, glove()), ["\ud800"])) == 0


def kept(cache):
    (path,) = cache.glob("*.vectors")
    return path


def test_what_was_found_is_kept_and_mapped(tmp_path, cache, monkeypatch):
    path = put(tmp_path, glove())
    read_vectors(path, ["12", "the", "nowhere"])
    monkeypatch.setattr("fdl.data.vectors._search", None)  # not again
    again = read_vectors(path, ["12", "the", "nowhere"])
    assert again.words == ["12", "the"]
    assert isinstance(again.vectors, np.memmap)
    assert (again.vectors == NUMBERS[[4, 0]]).all()
    assert [p.name for p in cache.iterdir() if p.suffix == ".new"] == []


def test_two_files_alike_in_size_and_time_are_two(tmp_path):
    """As a copied folder's are; and a longer one of the same time is new."""
    paths = []
    for name, numbers in (("a", NUMBERS), ("b", NUMBERS[::-1])):
        path = put(tmp_path, glove(numbers=numbers), name)
        os.utime(path, ns=(1, 1))
        paths.append(path)
    sizes = {path.stat().st_size for path in paths}
    assert len(sizes) == 1
    one, two = (read_vectors(path, ["the"])["the"] for path in paths)
    assert one.tolist() == NUMBERS[0].tolist()
    assert two.tolist() == NUMBERS[4].tolist()
    put(tmp_path, b"the 7 8 9\n", "a")
    os.utime(paths[0], ns=(1, 1))
    assert read_vectors(paths[0], ["the"])["the"].tolist() == [7, 8, 9]


@pytest.mark.parametrize("what", ["words", "file"])
def test_another_question_is_another_file(tmp_path, cache, what):
    path = put(tmp_path, glove())
    first = read_vectors(path, ["the"])
    if what == "words":
        assert read_vectors(path, ["12"]).words == ["12"]
    else:
        put(tmp_path, glove(numbers=NUMBERS[::-1]))  # as many bytes
        os.utime(path, ns=(1, 1))
        assert (read_vectors(path, ["the"])["the"] != first["the"]).all()
    assert len(list(cache.glob("*.vectors"))) == 2


def spoil(body, how):
    head, rest = body[:512], body[512:]
    if how == "cut off":
        return body[:-5]
    if how == "only begun":
        return body[:100]
    if how == "empty":
        return b""
    if how == "one bit":
        return body[:-1] + bytes([body[-1] ^ 1])
    if how == "zeros at the end":  # what some file systems leave of a crash
        return body[:-8] + bytes(8)
    told = json.loads(head)
    told[{"other form": "form", "other width": "width"}[how]] = "x"
    return json.dumps(told).ljust(512).encode() + rest


@pytest.mark.parametrize(
    "how",
    [
        "cut off",
        "only begun",
        "empty",
        "one bit",
        "zeros at the end",
        "other form",
        "other width",
    ],
)
def test_a_half_written_cache_is_made_anew(tmp_path, cache, how):
    path = put(tmp_path, glove())
    read_vectors(path, ["the", "12"])
    whole = kept(cache).read_bytes()
    kept(cache).write_bytes(spoil(whole, how))
    assert kept_vectors.read(kept(cache)) is None
    found = read_vectors(path, ["the", "12"])
    assert (found.vectors == NUMBERS[[0, 4]]).all()
    assert kept(cache).read_bytes() == whole


def test_a_write_that_breaks_leaves_nothing(
    tmp_path, cache, monkeypatch, capsys
):
    path = put(tmp_path, glove())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fdl.data.kept_vectors.os.replace", full)
    assert len(read_vectors(path, ["the"])) == 1
    assert "the disk is full" in capsys.readouterr().err
    assert [p for p in cache.iterdir() if p.name != ".lock"] == []


def test_nothing_found_can_be_kept_too(tmp_path):
    path = put(tmp_path, glove())
    for _ in range(2):
        assert len(read_vectors(path, ["nowhere"])) == 0


@gentle
@given(
    st.sampled_from(sorted(FORMS)),
    st.integers(0, 200),
    st.binary(max_size=6),
    st.integers(0, 6),
)
def test_spoiled_files_raise_nothing_but_data_errors(
    tmp_path, form, place, new, gone
):
    body = FORMS[form]()
    body = body[:place] + new + body[place + gone :]
    with contextlib.suppress(DataError):
        found = read_vectors(put(tmp_path, body), WORDS, keep=False)
        assert np.isfinite(found.vectors).all()


@gentle
@given(st.binary(max_size=120))
def test_any_bytes_raise_nothing_but_data_errors(tmp_path, body):
    with contextlib.suppress(DataError):
        read_vectors(put(tmp_path, body), ["a", "the"], keep=False)


MEASURE = """
import resource, sys
from fdl.data.vectors import read_vectors
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
before = peak()
found = read_vectors(sys.argv[1], map(str, range(0, int(sys.argv[2]), 20)))
print(len(found), peak() - before)
"""


@pytest.mark.parametrize("form", ["glove", "binary"])
def test_memory_is_that_of_the_words_asked_for(tmp_path, form):
    """40,000 × 50 of which 2,000: the file has 8 MB or 20, they have 0.4."""
    n = 40_000
    numbers = np.random.default_rng(1).normal(size=(n, 50))
    body = FORMS[form](list(map(str, range(n))), numbers.astype(np.float32))
    path = put(tmp_path, body * 1, "big")
    args = [sys.executable, "-c", MEASURE, str(path), str(n)]
    found, grown = subprocess.check_output(args, text=True).split()
    assert int(found) == 2000
    assert int(grown) < 12


def test_the_second_start_is_quick(tmp_path):
    n = 20_000
    numbers = np.random.default_rng(1).normal(size=(n, 50))
    words = list(map(str, range(n)))
    path = put(tmp_path, binary(words, numbers.astype(np.float32)), "big")
    read_vectors(path, words)
    begin = time.perf_counter()
    read_vectors(path, words)
    assert time.perf_counter() - begin < 1


def test_the_sample_is_marked_and_knows_what_is_alike():
    found = data.load("glove", offline=True)
    assert found.source.kind == "sample"
    assert found.width == 50
    unit = found.vectors / np.linalg.norm(found.vectors, axis=1)[:, None]
    near = unit @ unit[found.row["buys"]]
    order = [found.words[k] for k in np.argsort(-near)[1:4]]
    assert all(word.endswith("s") for word in order), order
    some = found.read(["sells", "nowhere", "buys", "sells"])
    assert some.words == ["sells", "buys"]
    assert (some["buys"] == found["buys"]).all()


def test_a_word_is_no_list_of_words():
    some = Vectors(["t", "h"], np.eye(2))
    for call in (some.read, lambda words: Vectors(words, np.eye(2))):
        with pytest.raises(ValueError, match=r"`words` \(='th'\) .* a list"):
            call("th")


@pytest.mark.skipif(
    not os.path.isfile(os.path.join(REAL, "glove/glove.6B.50d.txt.xz")),
    reason="FDL_DATA_MIRROR names no folder with the real file",
)
@pytest.mark.slow
def test_the_real_file(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", str(Path(REAL).resolve()))
    file = data.load("glove", offline=True)
    assert isinstance(file, VectorFile)
    found = file.read(["the", "king", "xyzzyx"])
    assert found.words == ["the", "king"]
    assert found["the"][:2].tolist() == pytest.approx([0.418, 0.24968])
