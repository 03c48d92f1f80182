"""Known value, property: documents, their words, rows of one length."""

import io
import os
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdl import data
from fdl.data import catalog, documents
from fdl.data.documents import Documents, pad, words_of
from fdl.data.entries import Source
from fdl.data.text import PROSE_SHA256, packed
from fdl.errors import DataError

HERE = Source("notes", "official", "written down here")


def test_words_are_small_and_marks_are_words():
    assert words_of("I DON'T<br /><br />like it ... at_all!") == [
        *("i", "don't", "like", "it", ".", ".", ".", "at", "all", "!")
    ]
    assert words_of("") == []
    assert words_of("(7/10) “quotes”—dash") == [
        *("(", "7", "10", ")", "quotes", "dash")
    ]
    text = "one, two. three"
    for most in range(7):
        assert words_of(text, most) == words_of(text)[:most]


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_word_is_empty_and_none_holds_a_blank(text):
    for word in words_of(text):
        assert word == word.strip() != ""
        assert " " not in word


def test_rows_of_one_length():
    rows, lengths = pad([[1, 2, 3], [4, 5], [7], []], 3)
    assert rows.tolist() == [[1, 2, 3], [4, 5, 0], [7, 0, 0], [0, 0, 0]]
    assert lengths.tolist() == [3, 2, 1, 0]
    rows, lengths = pad([[1, 2, 3]], 2, padding=9)
    assert (rows.tolist(), lengths.tolist()) == ([[1, 2]], [2])
    for length in (0, True, 1.5):
        with pytest.raises(ValueError, match="`length` .* from 1 up"):
            pad([[1]], length)
    with pytest.raises(ValueError, match=r"`most` \(=-1\) must .* from 0 up"):
        words_of("one two", -1)


@pytest.mark.parametrize("row", [[1.5, 2], "abc", [[1], [2]], [True]])
def test_only_whole_numbers_are_padded(row):
    with pytest.raises(ValueError, match="`sequences` .* of whole numbers"):
        pad([[1], row], 3)


@given(st.lists(st.lists(st.integers(1, 99), max_size=6), max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_is_padded_comes_back(sequences):
    rows, lengths = pad(sequences, 6)
    back = [row[:n].tolist() for row, n in zip(rows, lengths)]
    assert back == sequences


def test_documents_keep_texts_and_labels_together():
    some = Documents(["a b", "c", "d d"], [0, 1, 0], ["x", "y"], HERE)
    taken = some.take([2, 1])
    assert taken.texts == ["d d", "c"]
    assert taken.labels.tolist() == [0, 1]
    assert list(some.text().lines()) == [["a", "b"], ["c"], ["d", "d"]]
    for mask in (np.array([True, True, True]), [False, True, True]):
        chosen = some.take(mask)
        assert chosen.texts == [t for t, m in zip(some.texts, mask) if m]
        assert len(chosen.labels) == len(chosen)
    for rows in (1, [], [0.5], "0"):
        with pytest.raises(ValueError, match=r"`rows` \(=.* must be a list"):
            some.take(rows)
    with pytest.raises(ValueError, match=r"`texts` \(='ab'\) must be a list"):
        Documents("ab", [0, 0], ["x"], HERE)
    with pytest.raises(ValueError, match="`labels` .* each of the 2 texts"):
        Documents(["a", "b"], [0], ["x"], HERE)
    with pytest.raises(ValueError, match=r"`labels` \(=2\) .* 2 classes"):
        Documents(["a", "b"], [0, 2], ["x", "y"], HERE)
    with pytest.raises(ValueError, match="`labels` .* be whole numbers"):
        Documents(["a", "b"], [0, 0.7], ["x", "y"], HERE)
    told = Documents(["a", "b"], [True, False], ["x", "y"], HERE)
    assert told.labels.tolist() == [1, 0]
    assert told.labels.dtype == np.int64


def tar(path, files):
    with tarfile.open(path, "w:xz") as pack:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            pack.addfile(info, io.BytesIO(body))
    return {"x": path}


REVIEWS = {
    "aclImdb/train/pos/1_9.txt": b"Good.",
    "aclImdb/test/neg/0_2.txt": b"Worst!",
    "aclImdb/train/neg/0_1.txt": "Café: b\0ad.".encode(),
    "aclImdb/train/unsup/0_0.txt": b"No verdict.",
    "aclImdb/README": b"about",
}


def test_reviews_are_read_by_split_and_sorted(tmp_path):
    row = catalog.entry("imdb")
    paths = tar(tmp_path / "a.tar.xz", REVIEWS)
    read = documents.imdb(row, row.copies[1], paths, "train")
    assert read.texts == ["Café: b ad.", "Good."]
    assert read.labels.tolist() == [0, 1]
    assert read.classes == ("bad", "good")
    assert read.source.kind == "derived"
    test = documents.imdb(row, row.copies[1], paths, "test")
    assert (test.texts, test.labels.tolist()) == (["Worst!"], [0])
    # the second time they come from the cache
    again = documents.imdb(row, row.copies[1], {"x": "gone"}, "train")
    assert again.texts == read.texts


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"aclImdb/train/pos/1_9.txt": b"\xff"}, "pos/1_9.txt is not UTF-8"),
        ({"aclImdb/train/unsup/1_0.txt": b"x"}, "no review for 'train'"),
        ({"../aclImdb/train/pos/1_9.txt": b"x"}, "outside its folder"),
    ],
)
def test_damaged_reviews_are_told(tmp_path, files, message):
    row = catalog.entry("imdb")
    with pytest.raises(DataError, match=message):
        documents.imdb(
            row, row.copies[1], tar(tmp_path / "a.xz", files), "train"
        )
    (tmp_path / "b.xz").write_bytes(b"no archive")
    with pytest.raises(DataError, match="cannot be read"):
        documents.imdb(row, row.copies[1], {"x": tmp_path / "b.xz"}, "train")


@given(st.binary(max_size=300))
@settings(max_examples=30, deadline=None)
def test_only_data_errors_come_out(tmp_path_factory, body):
    folder = tmp_path_factory.mktemp("fuzz")
    row = catalog.entry("imdb")
    for inside in (True, False):
        path = folder / "a"
        if inside:
            tar(path, {"aclImdb/train/pos/1_9.txt": body})
        else:
            path.write_bytes(body)
        try:
            documents.imdb(row, row.copies[1], {"x": path}, "train")
        except DataError:
            pass
        finally:
            for left in folder.parent.glob("**/reviews-*"):
                left.unlink()


def test_brown_has_kinds_and_every_fifth_is_for_testing(tmp_path):
    path = tmp_path / "brown.zip"
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("brown/README", "no/at text/nn")
        for k in range(1, 7):
            pack.writestr(f"brown/ca0{k}", f"\tNews/nn {k}/cd ./.\n")
        pack.writestr("brown/cr01", "Fun/nn ,/,\n")
    row = catalog.entry("brown-topics")
    train, test = (
        documents.brown(row, row.copies[0], {"x": path}, split)
        for split in ("train", "test")
    )
    assert [words_of(text) for text in test.texts] == [["news", "5", "."]]
    assert len(train) == 6
    names = [train.classes[k] for k in train.labels]
    assert names == ["news reports"] * 5 + ["humour"]


def test_the_sample_is_made_up_and_says_so(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    train, test = (
        data.load("imdb", split, offline=True) for split in ("train", "test")
    )
    assert (len(train), len(test)) == (2000, 500)
    assert not set(train.texts) & set(test.texts)
    assert np.bincount(train.labels).tolist() == [1000, 1000]
    assert train.source.kind == "sample"
    text = data.load("shakespeare", offline=True)
    assert text.source.kind == "sample"


REAL = os.environ.get("FDL_DATA_MIRROR", "")


@pytest.mark.slow
@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "imdb")),
    reason="needs FDL_DATA_MIRROR with the reviews",
)
def test_the_real_reviews(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", os.path.abspath(REAL))
    found = data.load("imdb", "test", offline=True)
    assert len(found) == 25_000
    assert np.bincount(found.labels).tolist() == [12_500, 12_500]
    assert "negative" not in found.classes


@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "nltk_data")),
    reason="needs FDL_DATA_MIRROR with the texts",
)
def test_the_real_texts(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", os.path.abspath(REAL))
    sizes = [
        len(data.load("brown-topics", split, offline=True))
        for split in ("train", "test")
    ]
    assert sizes == [407, 93]
    letters = "".join(data.load("shakespeare", offline=True).pieces())
    assert (len(letters), len(set(letters))) == (1_115_394, 65)
    assert letters.startswith("First Citizen:\n")


def test_the_sample_of_topics_is_prose_in_five_parts():
    train, test = (
        data.load("brown-topics", split, offline=True)
        for split in ("train", "test")
    )
    assert train.source.kind == test.source.kind == "sample"
    lines = packed("prose.txt.xz", PROSE_SHA256).splitlines()
    # twenty sentences each, and every fifth document is for testing
    pieces = [" ".join(lines[k : k + 20]) for k in range(0, len(lines), 20)]
    assert test.texts == pieces[4::5]
    assert train.texts == [p for k, p in enumerate(pieces) if k % 5 < 4]
    # the parts are equally long, and stand one behind the other
    labels = dict(zip(train.texts + test.texts, [*train.labels, *test.labels]))
    order = [int(labels[piece]) for piece in pieces]
    assert order == sorted(order)
    counts = np.bincount(order, minlength=5)
    assert counts.max() - counts.min() <= 1
    assert len(train.classes) == 5
