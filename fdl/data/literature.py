"""The catalog's rows of reviews, stories and plays, and of kinds of texts."""

from __future__ import annotations

from fdl.data.corpora import BROWN, PROSE
from fdl.data.entries import Copy, Entry, File, Sample

__all__ = ["BABI", "BROWN_TOPICS", "IMDB", "SHAKESPEARE"]

BROWN_TOPICS = Entry(
    name="brown-topics",
    title="The 500 texts of the Brown corpus, of 15 kinds",
    licence="non-commercial",
    home="https://www.nltk.org/nltk_data/",
    reader="documents:brown",
    folder="nltk_data",
    classes=(
        "news reports",
        "editorials",
        "reviews",
        "religion",
        "hobbies",
        "lore",
        "essays",
        "government",
        "learned",
        "fiction",
        "mystery",
        "science fiction",
        "adventure",
        "romance",
        "humour",
    ),
    copies=BROWN.copies,
    sample=Sample(
        name="prose-parts",
        version="prose-parts-1",
        reader="documents:brown_sample",
        licence="Apache License 2.0",
        detail="this book's own prose in pieces of twenty sentences, each of "
        "one of five parts",
    ),
)

IMDB = Entry(
    name="imdb",
    title="50,000 film reviews, each good or bad",
    licence="free for research with citation (Maas et al. 2011)",
    home="https://ai.stanford.edu/~amaas/data/sentiment/",
    reader="documents:imdb",
    classes=("bad", "good"),
    copies=(
        Copy(
            "tar.gz",
            "official",
            (
                File(
                    "aclImdb_v1.tar.gz",
                    84_125_825,
                    "7c2ac02c03563afcf9b574c7e56c153a",
                    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e919"
                    "23d1658fe",
                    (
                        "https://ai.stanford.edu/~amaas/data/sentiment/"
                        "aclImdb_v1.tar.gz",
                    ),
                ),
            ),
        ),
        Copy(
            "labelled",
            "repacked",
            (
                File(
                    "aclImdb_labelled.tar.xz",
                    18_634_704,
                    "22ca1ecf015a611f37fdda26d6730e90",
                    "901c32b1d1d7bea275f2ddbaa804727f094ed57f78074189ba167e8"
                    "80f081793",
                ),
            ),
            derived_from="aclImdb_v1.tar.gz",
            note="the same reviews, without the unlabelled ones",
        ),
    ),
    sample=Sample(
        name="grammar-reviews",
        version="grammar-reviews-1",
        reader="documents:imdb_sample",
        licence="Apache License 2.0",
        detail="2,500 little reviews that a grammar makes up; 2,000 to train "
        "on and 500 to test on",
    ),
)

SHAKESPEARE = Entry(
    name="shakespeare",
    title="A million letters of Shakespeare's plays",
    licence="public domain",
    home="https://github.com/karpathy/char-rnn",
    reader="text:shakespeare",
    splits=("train",),
    folder="tinyshakespeare",
    copies=(
        Copy(
            "text",
            "official",
            (
                File(
                    "input.txt",
                    1_115_394,
                    "6fb458f1232090904fb40fe944165e91",
                    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57"
                    "e2dc565ed",
                    (
                        "https://raw.githubusercontent.com/karpathy/char-rnn/"
                        "master/data/tinyshakespeare/input.txt",
                    ),
                ),
            ),
        ),
    ),
    sample=PROSE,
)

BABI = Entry(
    name="babi",
    title="20 tasks of reading: stories, and 11,000 questions on each",
    licence="CC BY 3.0 (Facebook)",
    home="https://research.fb.com/downloads/babi/",
    reader="stories:babi",
    copies=(
        Copy(
            "tar.gz",
            "official",
            (
                File(
                    "tasks_1-20_v1-2.tar.gz",
                    15_719_851,
                    sha256="0364ebde659f14d11bc21744516c5ec49d3d06cb692733f6"
                    "6680771244998898",
                    urls=(
                        "http://www.thespermwhale.com/jaseweston/babi/"
                        "tasks_1-20_v1-2.tar.gz",
                    ),
                ),
            ),
        ),
        Copy(
            "english",
            "repacked",
            (
                File(
                    "tasks_1-20_v1-2_en.tar.gz",
                    2_995_406,
                    "d2f0f840142c0c2ba7bc4e01e1f865c9",
                    "c099c88dc48c752965e0ee6403470162000e7e3b1a20a57857e974f"
                    "b10f63a9b",
                ),
            ),
            derived_from="tasks_1-20_v1-2.tar.gz",
            note="the stories in English, without 10,000 questions that task "
            "3 is taught with",
        ),
    ),
    sample=Sample(
        name="storyteller",
        version="storyteller-1",
        reader="stories:babi_sample",
        licence="Apache License 2.0",
        detail="made-up stories of our own for eight of the tasks; of each "
        "300 to train on and 60 to test on",
    ),
)
