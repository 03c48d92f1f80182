"""The catalog's rows of tagged and parsed sentences, and of word vectors."""

from __future__ import annotations

from fdl.data.entries import Content, Copy, Entry, File, Sample

__all__ = ["CONLL2000", "DEPENDENCY_TREEBANK", "GLOVE"]

_NLTK = (
    "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/"
    "corpora/"
)
_GRAMMAR = Sample(
    name="grammar",
    version="grammar-1",
    reader="conll:made_up",
    licence="Apache License 2.0",
    detail="sentences made up by a small grammar: 4,000 to train on, 500 to "
    "validate on and 1,000 to test on",
)


def _zip(name: str, size: int, md5: str, sha256: str) -> tuple[Copy, ...]:
    path = f"corpora/{name}.zip"
    file = File(path, size, md5, sha256, (f"{_NLTK}{name}.zip",))
    return (Copy("zip", "official", (file,)),)


CONLL2000 = Entry(
    name="conll2000",
    title="CoNLL-2000: 10,948 sentences of news with tags and phrases",
    licence="free for research; derived from the Penn Treebank",
    home="https://www.clips.uantwerpen.be/conll2000/chunking/",
    reader="conll:conll2000",
    folder="nltk_data",
    copies=_zip(
        "conll2000",
        756_607,
        "9529b285edd5fe47271da69df1052301",
        "01e65164f268366e7caa0db92332a1955d081908c87016e2c7640c3c5279b7cd",
    ),
    sample=_GRAMMAR,
)

DEPENDENCY_TREEBANK = Entry(
    name="dependency-treebank",
    title="3,914 sentences of the Penn Treebank with dependency trees",
    licence="non-commercial, LDC sample",
    home="https://www.nltk.org/nltk_data/",
    reader="conll:treebank",
    splits=("train", "valid", "test"),
    folder="nltk_data",
    copies=_zip(
        "dependency_treebank",
        457_429,
        "631e959acaa42eea718daf04c5cdfa76",
        "0df483999f1391f32b141d6047d8ce19efd0a5a3e63ca019bfc4af8530f51fbd",
    ),
    sample=_GRAMMAR,
)

_GLOVE_50 = Content(
    "glove.6B.50d.txt",
    171_350_079,
    "0fac3659c38a4c0e9432fe603de60b12",
    "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f",
)

GLOVE = Entry(
    name="glove",
    title="GloVe: vectors of 50 numbers for 400,000 words",
    licence="PDDL 1.0",
    home="https://nlp.stanford.edu/projects/glove/",
    reader="vectors:glove",
    splits=("train",),  # vectors have no parts
    copies=(
        Copy(
            "zip",
            "official",
            (
                File(
                    "glove.6B.zip",
                    urls=(
                        "https://nlp.stanford.edu/data/glove.6B.zip",
                        "https://downloads.cs.stanford.edu/nlp/data/"
                        "glove.6B.zip",
                    ),
                    member="glove.6B.50d.txt",
                    content=_GLOVE_50,
                ),
            ),
        ),
        Copy(
            "xz",
            "repacked",
            (
                File(
                    "glove.6B.50d.txt.xz",
                    57_124_852,
                    "fbdb2e21ca1a3925284353013dd12cc3",
                    "0404549d7000a862b74f210de37106a12b21ce0b025d133eb73596f"
                    "b4736a5fb",
                    content=_GLOVE_50,
                ),
            ),
            derived_from="glove.6B.zip",
            note="the same text in another wrapper",
        ),
    ),
    sample=Sample(
        name="counted",
        version="counted-1",
        reader="vectors:counted",
        licence="Apache License 2.0",
        detail="vectors of 50 numbers from the neighbours that words have in "
        "2,000 made-up sentences",
    ),
)
