"""Known value, property and bad input: texts in files, sets and the sample."""

import gzip
import lzma
import os
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from fdl import data
from fdl.data import catalog, text
from fdl.data.entries import Copy, File, Source
from fdl.data.word_lists import analogies, word_classes
from fdl.errors import ChecksumError, DataError

REAL = os.environ.get("FDL_DATA_MIRROR", "")
SHORT = "the boy went\n\nto the bank\n"


@pytest.mark.parametrize(
    "wrap", [bytes, gzip.compress, lzma.compress], ids=["plain", "gz", "xz"]
)
def test_a_file_is_read_in_lines_whatever_its_wrapper(tmp_path, wrap):
    path = tmp_path / "a"
    path.write_bytes(wrap(SHORT.encode()))
    read = text.read(path)
    for _ in range(2):  # a text can be read again
        assert list(read.lines()) == [
            ["the", "boy", "went"],
            ["to", "the", "bank"],
        ]
    assert "".join(read.pieces()) == SHORT


def test_a_text_says_where_it_is_from(tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("A Tale")
    assert text.read(path).source.name == "tale.txt"
    assert "tale.txt" in repr(text.read(path))
    assert list(text.read(path, lower=True).lines()) == [["a", "tale"]]


def test_a_mark_in_front_of_a_file_is_no_letter(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(SHORT.encode("utf-8-sig"))
    assert "".join(text.read(path).pieces()) == SHORT


@pytest.mark.parametrize("piece", [7, 8, 9, 10, 11])
def test_pieces_end_with_lines_and_words(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(text, "PIECE", piece)
    content = "näive words\nof many lines\nand one more\nend"
    path = tmp_path / "a"
    path.write_text(content, encoding="utf-8")
    pieces = list(text.read(path).pieces())
    assert "".join(pieces) == content
    assert len(pieces) > 1
    for one in pieces[:-1]:
        assert one[-1] in "\n "


def test_a_line_without_end_is_cut_between_words(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "PIECE", 16)
    words = [f"w{k}" for k in range(100)]
    path = tmp_path / "a"
    path.write_text(" ".join(words))
    pieces = list(text.read(path).pieces())
    assert [w for piece in pieces for w in piece.split()] == words
    assert max(map(len, pieces)) <= 3 * 16


def test_what_is_no_text_is_refused(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="nowhere is not a file"):
        text.read(tmp_path / "nowhere")
    path = tmp_path / "latin"
    path.write_bytes(b"na\xefve")
    with pytest.raises(DataError, match="latin is not UTF-8 text"):
        list(text.read(path).pieces())
    path.write_bytes("naï".encode()[:-1])  # ends within a letter
    with pytest.raises(DataError, match="latin is not UTF-8 text"):
        list(text.read(path).pieces())
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"x y z" * 999)[:40])
    with pytest.raises(DataError, match=r"broken.gz cannot be read"):
        list(text.read(broken).pieces())
    monkeypatch.setattr(text, "PIECE", 10)
    monkeypatch.setattr(text, "LONGEST", 20)
    path.write_bytes(b"x" * 200)
    with pytest.raises(DataError, match="a word of more than 20 characters"):
        list(text.read(path).pieces())


def test_brown_loses_its_tags_and_capitals(tmp_path):
    path = tmp_path / "brown.zip"
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("brown/README", "no/at text/nn")
        pack.writestr(
            "brown/ca01", "\n\n\tThe/at Jury/nn-tl 1/2/cd ``/`` ./.\n"
        )
        pack.writestr("brown/cr09", "\tEnd/vb ,/,\n")
    row = catalog.entry("brown")
    read = text.brown(row, row.copies[0], {"x": path}, "train")
    assert list(read.lines()) == [
        ["the", "jury", "1/2", "``", "."],
        ["end", ","],
    ]
    assert read.source == Source("brown", "official", "the official files")


def test_ptb_reads_the_split_that_is_asked_for(tmp_path):
    row = catalog.entry("ptb")
    paths = {}
    for split in row.splits:
        kept = f"ptb.{split}.txt.gz"
        paths[kept] = tmp_path / kept
        paths[kept].write_bytes(gzip.compress(f" {split} N \n".encode()))
    copy = Copy(
        "x",
        "official",
        tuple(File(name, sha256="0" * 64) for name in paths),
    )
    for split in row.splits:
        read = text.ptb(row, copy, paths, split)
        assert list(read.lines()) == [[split, "N"]]


@pytest.mark.parametrize("name", ["ptb", "brown"])
def test_the_sample_is_marked_as_a_sample(name, capsys):
    read = data.load(name, offline=True)
    assert read.source.kind == "sample"
    assert "own prose" in read.source.detail
    assert "offline sample prose is used" in capsys.readouterr().err
    words = [word for line in read.lines() for word in line]
    assert {"gradient", "network", "the"} <= set(words)
    assert all(word.strip("'-").replace("'", "").replace("-", "").isalpha()
               for word in words)  # fmt: skip
    assert not [word for word in words if word != word.lower()]


def test_the_samples_splits_share_no_line():
    parts = [
        Counter(map(tuple, data.load("ptb", split, offline=True).lines()))
        for split in ("train", "valid", "test")
    ]
    whole = Counter(map(tuple, data.load("brown", offline=True).lines()))
    # a sentence that the book has twice may be in two of them
    assert sum(parts, Counter()) == whole
    for part, share in zip(parts, (0.8, 0.1, 0.1)):
        wanted = share * whole.total()
        assert part.total() == pytest.approx(wanted, abs=2)
    detail = data.load("brown", offline=True).source.detail
    count = sum(map(len, data.load("brown", offline=True).lines()))
    assert f"{count:,} words" in detail


def test_the_packed_texts_are_checked():
    with pytest.raises(ChecksumError, match=r"prose.txt.xz does not hold"):
        text.packed("prose.txt.xz", "0" * 64)


def test_the_analogies_are_the_published_ones():
    sections = analogies()
    assert {name: len(qs) for name, qs in sections.items()} == {
        "capital-common-countries": 506,
        "capital-world": 4524,
        "currency": 866,
        "city-in-state": 2467,
        "family": 506,
        "gram1-adjective-to-adverb": 992,
        "gram2-opposite": 812,
        "gram3-comparative": 1332,
        "gram4-superlative": 1122,
        "gram5-present-participle": 1056,
        "gram6-nationality-adjective": 1599,
        "gram7-past-tense": 1560,
        "gram8-plural": 1332,
        "gram9-plural-verbs": 870,
    }
    athens = ("Athens", "Greece", "Baghdad", "Iraq")
    assert sections["capital-common-countries"][0] == athens


def test_every_word_is_in_one_class_at_most():
    classes = word_classes()
    words = [word for row in classes.values() for word in row]
    assert len(set(words)) == len(words)
    assert "Baghdad" in classes["capital"]
    assert "Iraq" in classes["country"]
    assert "walking" in classes["participle"]
    assert "walked" in classes["past"]
    published = {w for qs in analogies().values() for q in qs for w in q}
    assert set(words) < published
    # what is left out is of two classes, like "go" and "write"
    assert len(published - set(words)) < 0.05 * len(published)


@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "ptb")),
    reason="FDL_DATA_MIRROR names no folder with the real texts",
)
def test_the_real_texts_are_what_the_book_says(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", str(Path(REAL).resolve()))
    found = {}
    for name, split in (("ptb", "train"), ("ptb", "test"), ("brown", "train")):
        read = data.load(name, split, offline=True)
        assert read.source.kind == "official"
        counts, missing = data.vocabulary.tally(read)
        assert missing == 0
        found[name, split] = (sum(counts.values()), len(counts))
    assert found["ptb", "train"] == (887_521, 9_999)
    assert found["ptb", "test"][0] == 78_669
    # NLTK's own count of Brown
    assert found["brown", "train"][0] == 1_161_192
