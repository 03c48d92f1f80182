"""Known value: rows of every form that the book's data sets need."""

import dataclasses

import pytest

from fdl.data import catalog
from fdl.data.catalog import Content, Copy, File

CIFAR10 = catalog.entry("cifar10")
GLOVE = catalog.entry("glove")
IMDB = catalog.entry("imdb")
PTB = catalog.entry("ptb")


def test_every_form_of_set_is_a_row():
    wanted = {"mnist", "fashion-mnist", "squeezenet", "glove", "imdb", "ptb"}
    assert wanted <= set(catalog.CATALOG)


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        (CIFAR10, ["official", "derived"]),
        (GLOVE, ["official", "official"]),  # the content's hash proves it
        (IMDB, ["official", "derived"]),  # nothing proves the content
        (PTB, ["official", "official"]),
    ],
)
def test_copies_say_whether_they_are_the_official_content(row, kinds):
    assert [copy.source_kind for copy in row.copies] == kinds


def test_one_unproven_file_makes_a_repacked_copy_derived():
    copy = GLOVE.copies[1]
    bare = File("more.xz", sha256="0" * 64)
    copy = dataclasses.replace(copy, files=(*copy.files, bare))
    assert copy.source_kind == "derived"


def test_a_derived_source_says_what_it_was_made_from():
    source = CIFAR10.copies[1].source("cifar10")
    assert source.name == "cifar10"
    assert source.kind == "derived"
    assert "cifar-10-binary.tar.gz" in source.detail
    assert "lossy" in source.detail


def test_the_cache_keeps_a_wanted_member_and_not_its_archive():
    assert GLOVE.copies[0].files[0].kept == "glove.6B.50d.txt"
    assert GLOVE.copies[1].files[0].kept == "glove.6B.50d.txt.xz"


def test_bytes_are_summed_where_all_are_known():
    assert catalog.entry("mnist").copies[0].bytes == 11_594_722
    assert catalog.entry("fashion-mnist").copies[0].bytes == 30_878_645
    assert CIFAR10.copies[0].bytes == 170_052_171
    assert GLOVE.copies[0].bytes is None


def test_every_file_of_the_catalog_has_an_address_and_a_sha256():
    for row in catalog.CATALOG.values():
        assert row.copies[0].kind == "official"
        for file in row.copies[0].files:
            assert file.urls
            # of an archive of which one member is wanted, that one counts
            known = file.content if file.member else file
            assert len(known.sha256) == 64
            assert known.size


@pytest.mark.parametrize("field", ["md5", "sha256", "content"])
def test_the_digest_follows_the_bytes(field):
    copy = GLOVE.copies[1]
    other = {
        "md5": "0" * 32,
        "sha256": "0" * 64,
        "content": dataclasses.replace(copy.files[0].content, sha256="0" * 64),
    }
    file = dataclasses.replace(copy.files[0], **{field: other[field]})
    changed = dataclasses.replace(copy, files=(file,))
    assert changed.digest != copy.digest
    assert dataclasses.replace(copy, note="reworded").digest == copy.digest


HASH = "0" * 64


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: File("a.gz"), "`sha256` .* must be given for 'a.gz'"),
        (lambda: File("a", sha256="0" * 63), "`sha256` .* 64 lower-case"),
        (lambda: File("a", md5="X" * 32), "`md5` .* must be 32 lower-case"),
        (lambda: File("../a", sha256=HASH), "`path` .* relative path"),
        (lambda: File("/a", sha256=HASH), "`path` .* relative path"),
        (lambda: File("a\\b", sha256=HASH), "`path` .* relative path"),
        (lambda: File("a.zip", member="b"), "`content` .* member 'b'"),
        (lambda: Content("a", 1), "`sha256` .* must be given for 'a'"),
        (lambda: Copy("c", "borrowed", ()), "`kind` .*'borrowed'.* must"),
        (lambda: Copy("c", "official", ()), "`files` .* one or more"),
        (
            lambda: Copy("c", "derived", (File("a", sha256=HASH),)),
            "`derived_from` .* must say what the derived copy 'c' comes",
        ),
        (
            lambda: Copy("c", "official", (File("a", sha256=HASH),) * 2),
            "`files` .* different files",
        ),
        (lambda: File("a", -1, sha256=HASH), r"`size` \(=-1\) .* from 0 up"),
        (lambda: Content("a", -1, HASH), r"`size` \(=-1\) .* from 0 up"),
        (lambda: dataclasses.replace(IMDB, licence=""), "`licence` .* stated"),
        (lambda: dataclasses.replace(IMDB, splits=()), "`splits` .* one part"),
        (
            lambda: dataclasses.replace(IMDB, reader="documents.imdb"),
            "`reader` .* must be 'module:function' in 'imdb'",
        ),
        (
            lambda: dataclasses.replace(IMDB.sample, reader=":"),
            "`reader` .* must be 'module:function' in 'grammar-reviews'",
        ),
        (lambda: dataclasses.replace(IMDB, copies=()), "`copies` .* one copy"),
        (
            lambda: dataclasses.replace(IMDB, copies=IMDB.copies[:1] * 2),
            "`copies` .* different names",
        ),
        (lambda: catalog.table((IMDB, IMDB)), "`name` .* by one entry only"),
        (lambda: catalog.entry("minst"), "`name` .'minst'. must be .* mnist"),
    ],
)
def test_a_wrong_row_is_refused_when_it_is_built(make, message):
    message = message.replace(".'minst'.", r"\(='minst'\)")
    with pytest.raises(ValueError, match=message):
        make()
