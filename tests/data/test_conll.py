"""Known value, oracle, bad input and fuzz: files of tagged words and trees."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fdl import data
from fdl.data import catalog, conll
from fdl.data.conll import Parsed, Sentences, Tagged, read_parsed, read_tagged
from fdl.errors import DataError

REAL = os.environ.get("FDL_DATA_MIRROR", "")
TAGGED = "He PRP B-NP\nslept VBD B-VP\n. . O\n\nStop VB B-VP\n! . O\n"
HE = ("He", "slept", ".")
PARSED = "He\tPRP\t2\nslept\tVBD\t0\n.\t.\t2\n\nStop\tVB\t0\n!\t.\t1\n"
needs_real = pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "nltk_data")),
    reason="FDL_DATA_MIRROR names no folder with the real files",
)
gentle = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def no_mirror(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)


def put(tmp_path, text, name="a"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
@pytest.mark.parametrize(
    "change",
    [
        str,
        lambda t: t.replace("\n", "\r\n"),
        lambda t: "\n \n" + t.replace("\n\n", "\n\n\t\n\n") + "\n\n\n",
        lambda t: "\ufeff" + t.rstrip(),
    ],
    ids=["plain", "Windows", "many empty lines", "mark and no last end"],
)
def test_both_kinds_of_file_are_read(tmp_path, wrap, change):
    read = read_tagged(put(tmp_path, wrap(change(TAGGED).encode())))
    assert list(read) == [
        Tagged(HE, ("PRP", "VBD", "."), ("B-NP", "B-VP", "O")),
        Tagged(("Stop", "!"), ("VB", "."), ("B-VP", "O")),
    ]
    read = read_parsed(put(tmp_path, wrap(change(PARSED).encode())))
    assert list(read) == [
        Parsed(HE, ("PRP", "VBD", "."), (2, 0, 2)),
        Parsed(("Stop", "!"), ("VB", "."), (0, 1)),
    ]


def test_sentences_know_their_words_and_tags(tmp_path):
    read = read_tagged(put(tmp_path, TAGGED, "tale"))
    assert (len(read), read.words) == (2, 5)
    assert read.tags == (".", "PRP", "VB", "VBD")
    assert read.source.name == "tale"
    assert isinstance(read[:1], Sentences)
    assert read[:1].words == 3
    assert repr(read) == "Sentences(2 of 'tale', 5 words)"
    with pytest.raises(ValueError, match="`sentences` .* hold at least one"):
        read[:0]


def test_phrases_may_be_missing(tmp_path):
    (one,) = read_tagged(put(tmp_path, "He PRP\nslept VBD\n"))
    assert one.chunks == ("O", "O")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TAGGED + "\nlone\n", r"a, line 8, must be 'word tag' or 'word tag p"),
        (TAGGED + "\na b c d\n", r"a, line 8, must be .*; got 'a b c d'\."),
        (TAGGED + "x X NP\n", r"a, line 7, must end with a phrase: O, B-…"),
        (b"He PRP\n\nna\xefve JJ\n", r"a, line 3, is not UTF-8: "),
        ("", r"a holds no sentence\."),
        ("\n \n\n", r"a holds no sentence\."),
        ("x" * 70_000, r"a, line 1, is longer than 65,536 bytes\."),
    ],
)
def test_a_bad_line_is_told_by_file_and_line(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        read_tagged(put(tmp_path, text))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a X", r"a, line 1, must be 'word tag head'; got 'a X'"),
        ("a X 0\nb X 3", r"a, line 2, must hang on a word from 1 to 2, or"),
        ("a X -1", r"a, line 1, must hang on .*; got '-1'\."),
        ("a X ²", r"a, line 1, must hang on .*; got '²'\."),
        ("a X " + "9" * 5000, r"a, line 1, must hang on a word"),
        ("a X 0\nb X 0", r"a, lines 1 to 2, are no tree: 2 words hang on th"),
        ("a X 0\n\na X 1", r"a, lines 3 to 3, are no tree: 0 words hang on"),
        ("a X 0\nb X 3\nc X 2", r"are no tree: word 2 hangs on itself in the"),
    ],
)
def test_what_is_no_tree_is_refused(tmp_path, rows, said):
    with pytest.raises(DataError, match=said):
        read_parsed(put(tmp_path, rows))


def test_one_string_is_no_list_of_sentences():
    with pytest.raises(ValueError, match="`sentences` .* list of sentences"):
        Sentences("Go !")


def test_tags_can_be_held_to_a_list(tmp_path):
    path = put(tmp_path, TAGGED)
    assert len(read_tagged(path, ["PRP", "VBD", "VB", "."])) == 2
    with pytest.raises(
        DataError, match=r"a, line 5, has an unknown tag, 'VB'"
    ):
        read_tagged(path, ["PRP", "VBD", "."])
    with pytest.raises(DataError, match=r"a, line 1, has an unknown tag"):
        read_parsed(put(tmp_path, PARSED), ["VB"])
    for read in (read_tagged, read_parsed):
        with pytest.raises(ValueError, match="`tags` .* be a list of tags"):
            read(path, "VB")


def test_a_missing_or_broken_file_is_told(tmp_path):
    with pytest.raises(DataError, match="nowhere is not a file"):
        read_tagged(tmp_path / "nowhere")
    broken = gzip.compress(TAGGED.encode() * 99)[:60]
    with pytest.raises(DataError, match="a cannot be read"):
        read_tagged(put(tmp_path, broken))


def crossing(heads):
    """Whether arcs cross, by trying all pairs."""
    arcs = [sorted(arc) for arc in enumerate(heads, 1)]
    return any(
        a < c < b < d or c < a < d < b
        for (a, b), (c, d) in itertools.combinations(arcs, 2)
    )


def test_projective_is_that_no_arcs_cross():
    """All trees of up to five words, and all other heads too."""
    seen = set()
    for n in range(1, 6):
        for heads in itertools.product(range(n + 1), repeat=n):
            if any(k == h for k, h in enumerate(heads, 1)):
                continue
            found = Parsed(("w",) * n, ("t",) * n, heads).projective
            assert found == (not crossing(heads)), heads
            seen.add(found)
    assert seen == {True, False}


words = st.text(
    st.characters(blacklist_categories=("Z", "C")), min_size=1, max_size=5
).filter(lambda word: not word.isspace() and len(word.split()) == 1)


@gentle
@given(body=st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(
        [b"a", b"NN", b"0", b"1", b"2", b"B-NP", b" ", b"\t", b"\n", b"\n\n",
         b"\r", b"\xff", b"\x00", "é".encode(), b"\x85", b"\x0b", b"-"]
    ), max_size=40).map(b"".join),
))  # fmt: skip
def test_readers_raise_nothing_but_data_errors(tmp_path, body):
    path = put(tmp_path, body)
    for read in (read_tagged, read_parsed):
        with contextlib.suppress(DataError):
            for sentence in read(path):
                assert len(sentence.words) == len(sentence.tags)


@gentle
@given(st.lists(st.lists(words, min_size=1, max_size=6), min_size=1))
def test_what_is_written_is_read(tmp_path, lines):
    text = "\n\n".join("\n".join(f"{w} NN O" for w in s) for s in lines)
    read = read_tagged(put(tmp_path, text))
    # a byte order mark before the first word is taken for what it is
    assert [list(s.words) for s in read] == lines


def test_the_sets_are_read_from_their_archives(tmp_path):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("conll2000/README", "no sentence")
        pack.writestr("conll2000/train.txt", TAGGED)
        for k in range(1, 200):
            text = PARSED.replace("He", f"w{k}")
            pack.writestr(f"dependency_treebank/wsj_{k:04}.dp", text)
    row = catalog.entry("conll2000")
    args = (row, row.copies[0], {"x": archive})
    assert conll.conll2000(*args, "train").words == 5
    with pytest.raises(DataError, match="has no member 'conll2000/test.txt'"):
        conll.conll2000(*args, "test")
    row = catalog.entry("dependency-treebank")
    parts = {
        split: [
            int(s.words[0][1:])
            for s in conll.treebank(row, row.copies[0], args[2], split)[::2]
        ]
        for split in row.splits
    }
    assert parts["valid"][:2] == [9, 19]
    assert parts["test"][:2] == [10, 20]
    assert sorted(sum(parts.values(), [])) == list(range(1, 200))


def test_the_samples_are_marked_and_share_no_sentence(no_mirror, monkeypatch):
    monkeypatch.setattr(conll, "SIZES", {"train": 40, "valid": 5, "test": 10})
    tagged = {
        split: data.load("conll2000", split, offline=True)
        for split in ("train", "test")
    }
    trees = data.load("dependency-treebank", offline=True)
    for read in (*tagged.values(), trees):
        assert read.source.kind == "sample"
        assert "grammar: sentences made up" in read.source.detail
    assert len(tagged["train"]) == 40
    assert len(tagged["test"]) == 10
    assert not {s.words for s in tagged["train"]} & {
        s.words for s in tagged["test"]
    }
    assert all(s.projective for s in trees)
    assert conll.made_up(catalog.entry("conll2000"), None) is None


@needs_real
def test_the_real_sets(monkeypatch):
    """Their sizes as published, and 44 tags, as the book counts."""
    monkeypatch.setenv("FDL_DATA_MIRROR", str(Path(REAL).resolve()))
    train, test = (
        data.load("conll2000", split, offline=True)
        for split in ("train", "test")
    )
    assert (len(train), train.words) == (8936, 211_727)
    assert (len(test), test.words) == (2012, 47_377)
    assert len({*train.tags, *test.tags}) == 44
    parts = [
        data.load("dependency-treebank", split, offline=True)
        for split in ("train", "valid", "test")
    ]
    assert sum(map(len, parts)) == 3914
    assert all(s.projective for part in parts for s in part)
