"""Pieces of made-up sentences, with their trees, and French word forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from fdl.data.lexicon import Adjective, Noun, Verb, vowel

__all__ = [
    "NounPhrase",
    "Phrase",
    "agree",
    "elide",
    "group",
    "join",
    "noun_group",
    "upper",
    "verb_group",
]


class Phrase(NamedTuple):
    """English words and the tree over them.

    Attributes
    ----------
    words, tags, chunks : tuple of str
        As of a `Sentence`.
    heads : tuple of int
        Within the phrase, counted from 1; 0 for its own head's.
    head : int
        The word that stands for the whole.
    hook : int
        The word on which what follows hangs.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    chunks: tuple[str, ...]
    heads: tuple[int, ...]
    head: int
    hook: int


def group(kind: str, text: str, head: int = 0, chain: bool = False) -> Phrase:
    """Return words that make one phrase of CoNLL's.

    Parameters
    ----------
    kind : str
        ``"NP"``, ``"VP"``, …; empty for words outside any.
    text : str
        Words and tags, ``"the/DT man/NN"``.
    head : int
        Which word the others hang on; the last one if 0.
    chain : bool
        Each verb hangs on the one before, and what follows on the last.
    """
    words, tags = zip(*(pair.rsplit("/", 1) for pair in text.split()))
    n = len(words)
    head = head or n
    heads = [0 if k == head else head for k in range(1, n + 1)]
    hook = head
    if chain:
        for k in range(1, n + 1):
            if k != head and tags[k - 1] != "RB":
                heads[k - 1], hook = hook, k
    chunks = [f"I-{kind}"] * n if kind else ["O"] * n
    if kind:
        chunks[0] = f"B-{kind}"
    return Phrase(words, tags, tuple(chunks), tuple(heads), head, hook)


def join(
    core: Phrase,
    left: Sequence[Phrase] = (),
    right: Sequence[Phrase] = (),
    at: int = 0,
) -> Phrase:
    """Return a phrase with others hanging on it.

    Those on the left hang on its head, those on the right on word `at`, its
    hook unless given.
    """
    parts = [*left, core, *right]
    start = sum(len(p.words) for p in left)
    over = [start + core.head] * len(left)
    over += [0] + [start + (at or core.hook)] * len(right)
    heads: list[int] = []
    for part, up in zip(parts, over):
        done = len(heads)
        heads += [h + done if h else up for h in part.heads]
    return Phrase(
        sum((p.words for p in parts), ()),
        sum((p.tags for p in parts), ()),
        sum((p.chunks for p in parts), ()),
        tuple(heads),
        start + core.head,
        start + core.hook,
    )


class NounPhrase(NamedTuple):
    """A noun with its words, in both languages, and what agrees with it."""

    english: Phrase
    french: list[str]
    plural: bool
    feminine: bool
    kind: str = "p"
    person: str = ""

    @classmethod
    def name(cls, english: str, french: str, feminine: bool) -> NounPhrase:
        """Return somebody's name."""
        return cls(group("NP", f"{english}/NNP"), [french], False, feminine)

    @classmethod
    def pronoun(cls, word: str) -> NounPhrase:
        """Return "he", "she" or "they"."""
        french = {"he": "il", "she": "elle", "they": "ils"}[word]
        english = group("NP", f"{word}/PRP")
        return cls(english, [french], word == "they", word == "she")

    @classmethod
    def me(cls) -> NounPhrase:
        """Return "I", whose verb has the plural's form in English."""
        return cls(group("NP", "I/PRP"), ["je"], True, False, person="I")

    @classmethod
    def us(cls) -> NounPhrase:
        """Return "we"."""
        english = group("NP", "we/PRP")
        return cls(english, ["nous"], True, False, person="we")

    @classmethod
    def relative(cls, noun: NounPhrase) -> NounPhrase:
        """Return "who", or "that" of an animal, with the noun's features."""
        word = "who/WP" if noun.kind == "p" else "that/WDT"
        return noun._replace(english=group("NP", word), french=["qui"])

    def and_(self, other: NounPhrase) -> NounPhrase:
        """Return both, joined by "and"."""
        joint = group("", "and/CC")
        return self._replace(
            english=join(
                self.english,
                right=[joint, other.english],
                at=self.english.head,
            ),
            french=[*self.french, "et", *other.french],
            plural=True,
            feminine=self.feminine and other.feminine,
        )


# English singular and plural; French masculine and feminine, singular and
# plural, with the form before a vowel behind a bar; "-" where there is none
_DETERMINERS = {
    row.split(":")[0]: row.split(":")[1].split()
    for row in """
the:the/DT the/DT le la les les
a:a/DT - un une - -
this:this/DT these/DT ce|cet cette ces ces
my:my/PRP$ my/PRP$ mon ma|mon mes mes
his:his/PRP$ his/PRP$ son sa|son ses ses
her:her/PRP$ her/PRP$ son sa|son ses ses
their:their/PRP$ their/PRP$ leur leur leurs leurs
every:every/DT - chaque chaque - -
some:- some/DT - - quelques quelques
two:- two/CD - - deux deux
three:- three/CD - - trois trois
#:- #/CD - - # #
many:- many/JJ - - beaucoup_de beaucoup_de
all the:- all/PDT_the/DT - - tous_les toutes_les
""".strip().splitlines()
}


def noun_group(
    noun: Noun,
    determiner: str,
    plural: bool,
    adjectives: Sequence[Adjective] = (),
    number: int = 0,
) -> NounPhrase:
    """Return determiner, adjectives and noun; `number` stands for "#"."""
    named = noun.french[plural]
    before = [a for a in adjectives if a.before]
    after = [a for a in adjectives if not a.before]
    forms = [agree(a, noun.feminine, plural, named) for a in before]
    french = [*forms, named]
    french += [agree(a, noun.feminine, plural) for a in after]
    words = [f"{a.english}/JJ" for a in [*before, *after]]
    words.append(f"{noun.english[plural]}/{'NNS' if plural else 'NN'}")
    if determiner:
        row = _DETERMINERS[determiner]
        word = row[plural].replace("#", str(number))
        if word == "a/DT" and words[0][0].lower() in "aeiou":
            word = "an/DT"
        form = row[2 + noun.feminine + 2 * plural].replace("#", str(number))
        plain, _, special = form.partition("|")
        chosen = special if special and vowel(french[0]) else plain
        words[:0], french[:0] = word.split("_"), chosen.split("_")
    else:
        # French has no bare plural: "des", and "de" before an adjective
        french.insert(0, "de" if before else "des")
    english = group("NP", " ".join(words))
    return NounPhrase(english, french, plural, noun.feminine, noun.kind)


def agree(
    adjective: Adjective, feminine: bool, plural: bool, following: str = ""
) -> str:
    """Return a French adjective's form, before the word `following`."""
    special = len(adjective.french) > 4 and not feminine and not plural
    if special and following and vowel(following):
        return adjective.french[4]
    return adjective.french[feminine + 2 * plural]


def verb_group(
    verb: Verb,
    tense: str,
    subject: NounPhrase,
    negated: bool = False,
    adverb: Optional[tuple[str, str]] = None,
) -> tuple[Phrase, list[str]]:
    """Return a verb in a tense, as its subject wants it.

    Parameters
    ----------
    verb : Verb
        Which.
    tense : str
        ``"present"``, ``"past"``, ``"progressive"``, or ``"can"``,
        ``"must"``, ``"want"`` and the infinitive.
    subject : NounPhrase
        Who.
    negated : bool
        Whether it does not.
    adverb : (str, str), optional
        What stands in the verb's midst, in both languages.
    """
    plural, many = subject.plural, subject.plural and not subject.person
    base, third, past, going = verb.english
    tag = "VBP" if plural else "VBZ"
    if tense in ("can", "must"):
        words = [f"{tense}/MD", f"{base}/VB"]
    elif tense == "want":
        words = [f"{('wants', 'want')[plural]}/{tag}", "to/TO", f"{base}/VB"]
        if negated:
            words[:1] = [f"{('does', 'do')[plural]}/{tag}", "want/VB"]
    elif tense == "progressive":
        words = [f"{('is', 'are')[plural]}/{tag}", f"{going}/VBG"]
    elif negated:
        do = (
            "did/VBD" if tense == "past" else f"{('does', 'do')[plural]}/{tag}"
        )
        words = [do, f"{base}/VB"]
    elif tense == "past":
        words = [f"{past}/VBD"]
    else:
        words = [f"{(third, base)[plural]}/{tag}"]
    if negated:
        words.insert(1, "not/RB")
    head = 1
    if adverb:
        words.insert(0, f"{adverb[0]}/RB")
        head = 2
    return (
        group("VP", " ".join(words), head=head, chain=True),
        _french_verb(verb, tense, subject.person, many, negated, adverb),
    )


_FINITE = {"can": ("peut", "peuvent"), "must": ("doit", "doivent")}
_FINITE |= {"want": ("veut", "veulent"), "past": ("a", "ont")}


def _french_verb(
    verb: Verb,
    tense: str,
    person: str,
    many: bool,
    negated: bool,
    adverb: Optional[tuple[str, str]],
) -> list[str]:
    *present, done, infinitive = verb.french
    rest = []
    if tense in ("present", "progressive"):
        finite = present[many]  # of "je", too: all such verbs end in "-er"
    else:
        finite = _FINITE[tense][many]
        rest = [done if tense == "past" else infinitive]
    if tense == "past" and person:
        finite = {"I": "ai", "we": "avons"}[person]
    found = ["ne", finite, "pas"] if negated else [finite]
    return [*found, *(adverb[1:] if adverb else ()), *rest]


_ELIDED = {"le", "la", "de", "ne", "que", "je", "ce"}
_SWALLOWED = {("de", "des"): "de", ("de", "de"): "de"}
_CONTRACTED = {
    ("de", "le"): "du",
    ("de", "les"): "des",
    ("à", "le"): "au",
    ("à", "les"): "aux",
}


def elide(words: Sequence[str]) -> list[str]:
    """Return French words as they meet: "l'homme", "du jardin".

    Examples
    --------
    >>> elide("le ami de le homme à le chapeau".split())
    ["l'", 'ami', 'de', "l'", 'homme', 'au', 'chapeau']
    """
    words = _merged(words, _SWALLOWED)
    words = [
        f"{word[:-1]}'" if word in _ELIDED and vowel(then) else word
        for word, then in zip(words, [*words[1:], "."])
    ]
    return _merged(words, _CONTRACTED)


def _merged(
    words: Sequence[str], pairs: dict[tuple[str, str], str]
) -> list[str]:
    found: list[str] = []
    for word in words:
        if found and (found[-1], word) in pairs:
            found[-1] = pairs[found[-1], word]
        else:
            found.append(word)
    return found


def upper(word: str) -> str:
    """Return a word with a capital letter in front."""
    return word[0].upper() + word[1:]
