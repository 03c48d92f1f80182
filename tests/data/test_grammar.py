"""Made-up sentences. Known values, properties by independent rules."""

from __future__ import annotations

import re

import pytest

from fdl.data import grammar, lexicon
from fdl.data._phrases import agree, elide, group, join, noun_group

NOUNS = {noun.english[0]: noun for noun in lexicon.NOUNS}
ADJECTIVES = {
    a.english: a for a in (*lexicon.ADJECTIVES, *lexicon.GOOD, *lexicon.BAD)
}


@pytest.fixture(scope="module")
def made() -> list[grammar.Sentence]:
    return grammar.sentences(1500, seed=5)


def test_sentences_differ_and_longer_lists_go_on(made):
    assert len({s.words for s in made}) == len(made)
    assert grammar.sentences(40, seed=5) == made[:40]
    assert grammar.sentences(40, seed=6) != made[:40]


def test_every_tree_is_projective_with_one_word_under_the_root(made):
    for s in made:
        assert s.heads.count(0) == 1, s
        # every word leads to the root
        for k in range(1, len(s.words) + 1):
            seen = set()
            while k:
                assert k not in seen, s
                seen.add(k)
                k = s.heads[k - 1]
        # no two arcs cross
        arcs = [sorted((k, h)) for k, h in enumerate(s.heads, 1)]
        for a, b in arcs:
            for c, d in arcs:
                assert not a < c < b < d, (s, (a, b), (c, d))


def test_columns_have_one_entry_a_word(made):
    for s in made:
        assert len(s.words) == len(s.tags) == len(s.heads) == len(s.chunks)
        assert s.words[-1] == s.tags[-1] == s.french[-1] == "."
        for word in (s.words[0], s.french[0]):
            assert word[0].isupper() or word[0].isdigit()


def test_phrases_begin_before_they_go_on(made):
    for s in made:
        for last, now in zip(("O", *s.chunks), s.chunks):
            assert now[0] in "BIO"
            if now[0] == "I":
                assert last[1:] == now[1:], s


def test_what_the_tags_promise(made):
    words = {}
    for s in made:
        for word, tag in zip(s.words, s.tags):
            words.setdefault(tag, set()).add(word.lower())
    assert len(words) == 26
    assert {"watch", "saw", "cook", "play", "dance", "show"} <= words["NN"]
    assert len(words["VBG"]) > 10
    assert all(w.endswith("ing") for w in words["VBG"])
    assert all(re.fullmatch(r"\d+|two|three", w) for w in words["CD"])
    assert words["MD"] == {"can", "must"}
    # words that only their neighbours tell apart
    assert {"watch", "walk", "cook"} & words["VB"]
    assert "that" in words["IN"] & words["WDT"]


def test_verbs_agree_with_the_nouns_that_hang_on_them(made):
    checked = 0
    for s in made:
        for k, tag in enumerate(s.tags, 1):
            if tag not in ("VBZ", "VBP"):
                continue
            left = [
                (s.tags[j], s.words[j].lower(), j)
                for j in range(k - 1)
                if s.heads[j] == k
                and s.tags[j] in ("NN", "NNS", "NNP", "PRP")
                and s.words[j].lower() not in ("today", "morning")
            ]
            if len(left) != 1:
                continue
            ((kind, word, j),) = left
            joined = any(
                s.heads[i] == j + 1 and s.tags[i] == "CC"
                for i in range(len(s.tags))
            )
            many = kind == "NNS" or word in ("i", "we", "they") or joined
            assert (tag == "VBP") == many, s
            checked += 1
    assert checked > 300


def test_a_becomes_an_before_a_vowel(made):
    for s in made:
        for now, then in zip(s.words, s.words[1:]):
            if now.lower() in ("a", "an"):
                vowel = then[0].lower() in "aeiou"
                assert (now.lower() == "an") == vowel, s


def test_french_words_meet_as_they_must(made):
    vowels = "aeiouâàéèêîôœh"  # no word of ours has an h that is aspirated
    for s in made:
        words = [w.lower() for w in s.french]
        for now, then in zip(words, words[1:]):
            open_ = then[0] in vowels
            assert not (
                open_ and now in "le la de ne que je ma ta sa ce".split()
            )
            assert open_ or not now.endswith("'"), s
            assert (now, then) not in {
                ("de", "le"),
                ("de", "les"),
                ("de", "de"),
                ("à", "le"),
                ("à", "les"),
            }, s
            if now in ("du", "au"):
                assert not open_, s


def test_french_articles_and_adjectives_agree_with_their_noun(made):
    """Each determiner right before a noun, by tables of another shape."""
    forms = {}
    for noun in lexicon.NOUNS:
        for plural, word in enumerate(noun.french):
            forms.setdefault(word, set()).add((noun.feminine, plural))
    wanted = {
        "le": {(False, 0)},
        "un": {(False, 0)},
        "ce": {(False, 0)},
        "cet": {(False, 0)},
        "du": {(False, 0)},
        "au": {(False, 0)},
        "la": {(True, 0)},
        "une": {(True, 0)},
        "cette": {(True, 0)},
        "ma": {(True, 0)},
        "sa": {(True, 0)},
        "les": {(False, 1), (True, 1)},
        "des": {(False, 1), (True, 1)},
        "ces": {(False, 1), (True, 1)},
        "mes": {(False, 1), (True, 1)},
        "quelques": {(False, 1), (True, 1)},
        "chaque": {(False, 0), (True, 0)},
    }
    for row in (*lexicon.ADJECTIVES, *lexicon.GOOD, *lexicon.BAD):
        if row.before:
            ms, fs, mp, fp, *_ = row.french
            for form, what in ((ms, 0), (fs, 1), (mp, 2), (fp, 3)):
                pair = (bool(what % 2), what // 2)
                wanted.setdefault(form, set()).add(pair)
    checked = 0
    for s in made:
        words = [w.lower() for w in s.french]
        for now, then in zip(words, words[1:]):
            if now in wanted and then in forms:
                assert wanted[now] & forms[then], (now, then, s)
                checked += 1
    assert checked > 1500


def opinion(words):
    """Return 1 or 0 by the last word of praise or blame; None without one."""
    good = {a.english for a in lexicon.GOOD}
    bad = {a.english for a in lexicon.BAD}
    for verb, label in lexicon.OPINIONS:
        (good if label else bad).update(verb.english)
    part = [w.lower() for w in words]
    if not (good | bad) & set(part):
        return None
    if "," in part:
        part = part[part.index(",") + 1 :]
    (word,) = (w for w in part if w in good | bad)
    return int((word in good) != ("not" in part))


def test_the_label_is_that_of_the_last_opinion(made):
    for s in made:
        assert s.sentiment == opinion(s.words), s
    labels = [s.sentiment for s in made if s.sentiment is not None]
    assert 0.4 < sum(labels) / len(labels) < 0.6


def test_opinions_can_be_asked_for():
    assert all(
        (s.sentiment is not None) == wanted
        for wanted in (True, False)
        for s in grammar.sentences(30, 1, opinions=wanted)
    )


def test_but_stands_between_opinions_that_differ():
    texts = grammar.sentences(200, 2, opinions=True)
    assert any("but" in s.words for s in texts)
    for s in texts:
        assert not {"but", "and"} <= set(s.words)


@pytest.mark.parametrize(
    ("noun", "determiner", "plural", "adjectives", "meaning"),
    [
        ("man", "a", 0, "old", "an old man: un vieil homme"),
        ("man", "the", 1, "old", "the old men: les vieux hommes"),
        ("student", "this", 0, "", "this student: cet étudiant"),
        ("story", "this", 0, "", "this story: cette histoire"),
        ("church", "my", 0, "", "my church: mon église"),
        ("church", "my", 0, "new", "my new church: ma nouvelle église"),
        ("hotel", "the", 0, "", "the hotel: l' hôtel"),
        ("song", "", 1, "beautiful", "beautiful songs: de belles chansons"),
        ("key", "", 1, "", "keys: des clés"),
        ("egg", "many", 1, "", "many eggs: beaucoup d' œufs"),
        ("horse", "all the", 1, "", "all the horses: tous les chevaux"),
        ("key", "all the", 1, "", "all the keys: toutes les clés"),
        ("car", "a", 0, "small red", "a small red car: une petite voiture"
         " rouge"),
        ("film", "#", 1, "", "12 films: 12 films"),
    ],
)  # fmt: skip
def test_noun_groups(noun, determiner, plural, adjectives, meaning):
    made = noun_group(
        NOUNS[noun],
        determiner,
        bool(plural),
        [ADJECTIVES[a] for a in adjectives.split()],
        number=12,
    )
    english, french = meaning.split(": ")
    assert " ".join(made.english.words) == english
    assert " ".join(elide(made.french)) == french


def test_words_that_swallow_each_other():
    text = "près de des églises de le village à les enfants de de jeunes"
    want = "près d' églises du village aux enfants de jeunes"
    assert " ".join(elide(text.split())) == want


def test_adjectives_bow_to_nouns():
    white = ADJECTIVES["white"]
    forms = [agree(white, f, p) for p in (False, True) for f in (False, True)]
    assert forms == ["blanc", "blanche", "blancs", "blanches"]
    assert agree(ADJECTIVES["new"], False, False, "outil") == "nouvel"
    assert agree(ADJECTIVES["new"], False, True, "outils") == "nouveaux"
    assert agree(ADJECTIVES["new"], False, False, "sac") == "nouveau"


def test_joined_phrases_keep_their_trees():
    # 1 the 2 man 3 does 4 not 5 see 6 the 7 dog
    verb = group("VP", "does/VBZ not/RB see/VB", head=1, chain=True)
    dog, man = group("NP", "the/DT dog/NN"), group("NP", "the/DT man/NN")
    whole = join(join(verb, right=[dog]), left=[man])
    assert whole.heads == (2, 3, 0, 3, 3, 7, 5)
    assert whole.chunks[:3] == ("B-NP", "I-NP", "B-VP")


def test_reviews_end_with_their_label():
    made = grammar.reviews(60, seed=1)
    assert [label for _, label in made] == [0, 1] * 30
    assert len({text for text, _ in made}) == 60
    assert all(1 < text.count(".") < 7 for text, _ in made)
    agree, none, others = 0, 0, 0
    for text, label in made:
        text = text.replace("cannot", "can not").removesuffix(".")
        *before, last = (
            opinion(re.findall(r"[\w'-]+|,", sentence))
            for sentence in text.split(". ")
        )
        assert last == label, text
        agree += before.count(label)
        others += before.count(1 - label)
        none += before.count(None)
    # one in five holds none, and of the others 65 in 80 agree
    assert 0.1 < none / (none + agree + others) < 0.3
    assert 0.68 < agree / (agree + others) < 0.94


@pytest.mark.parametrize("n", [0, -1, 1.5, "many", True])
@pytest.mark.parametrize("make", [grammar.sentences, grammar.reviews])
def test_n_must_be_a_number(make, n):
    with pytest.raises(ValueError, match=r"`n` \(=.*must be a whole number"):
        make(n)


@pytest.mark.parametrize("make", [grammar.sentences, grammar.reviews])
def test_the_seed_must_be_a_number(make):
    with pytest.raises(ValueError, match=r"`seed` \(=-1\) must be a whole"):
        make(1, seed=-1)


def test_spelling():
    assert (
        grammar.spelled("L' homme , qu' il voit , dort .".split())
        == "L'homme, qu'il voit, dort."
    )
    assert grammar.spelled(["He", "can", "not", "wait", "."]) == (
        "He cannot wait."
    )


def test_verbs_say_what_is_thought_of_a_work():
    said = {verb.english[0]: good for verb, good in lexicon.OPINIONS}
    assert said.pop("love") == said.pop("enjoy") == said.pop("admire") == 1
    assert set(said.values()) == {0}


def test_what_is_more_so_is_so_than_something(made):
    compared = [s for s in made if "than" in s.words]
    assert len(compared) > 10
    for s in compared:
        after = s.french[s.french.index("plus") + 1 :]
        assert {"que", "qu'"} & set(after), s.french
