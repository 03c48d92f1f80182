"""Writes made-up sentences: what may follow what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

import numpy as np

from fdl.data import lexicon
from fdl.data._phrases import (
    NounPhrase,
    Phrase,
    agree,
    elide,
    group,
    join,
    noun_group,
    upper,
    verb_group,
)

__all__ = ["Sentence", "Writer"]

PLACES = (("in", "dans"), ("near", "près de"), ("behind", "derrière"))
WHEN = (  # English, French, tense that goes with it
    ("today/NN", "aujourd'hui", "present"),
    ("now/RB", "maintenant", "present"),
    ("sometimes/RB", "parfois", "present"),
    ("every/DT morning/NN", "chaque matin", "present"),
    ("yesterday/NN", "hier", "past"),
    ("last/JJ week/NN", "la semaine dernière", "past"),
    ("in/IN {year}/CD", "en {year}", "past"),
)
HOW = (
    ("slowly", "lentement"),
    ("quickly", "rapidement"),
    ("carefully", "prudemment"),
    ("quietly", "doucement"),
)
SAYING = (
    ("says", "say", "dit", "disent"),
    ("thinks", "think", "pense", "pensent"),
    ("knows", "know", "sait", "savent"),
    ("believes", "believe", "croit", "croient"),
)
NOUNS = {
    kind: [noun for noun in lexicon.NOUNS if noun.kind == kind]
    for kind in "patflro"
}
STATIVE = ("see", "hear", "like", "know")  # nobody is knowing
TENSES = ("present", "past", "progressive", "can", "must", "want")


class Sentence(NamedTuple):
    """One sentence, `n` words long.

    Attributes
    ----------
    words : tuple of str
        English; marks are words of their own.
    tags : tuple of str
        Part of speech of each, as in the Penn Treebank.
    heads : tuple of int
        The word that each hangs on, counted from 1; 0 for the root's.
    french : tuple of str
        The translation's words; ``"l'"`` is one.
    sentiment : int or None
        1 for a good opinion, 0 for a bad one, None for none.
    chunks : tuple of str
        Phrases, as in CoNLL-2000: ``B-NP`` begins one, ``I-NP`` goes on.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    french: tuple[str, ...]
    sentiment: Optional[int]
    chunks: tuple[str, ...]


class _Clause(NamedTuple):
    english: Phrase
    french: list[str]
    sentiment: Optional[int] = None


class Writer:
    """Makes one sentence after the other."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def pick(self, options: Sequence[Any]) -> Any:
        # four times as fast as `rng.integers`
        return options[int(self.rng.random() * len(options))]

    def sentence(self, opinions: Optional[bool] = None) -> Sentence:
        """Return one, with an opinion or without."""
        if opinions is None:
            opinions = self.chance(0.4)
        clause = self.opinions() if opinions else self.fact()
        stop = group("", "./.")
        english = join(clause.english, right=[stop], at=clause.english.head)
        words = (upper(english.words[0]), *english.words[1:])
        french = elide([*clause.french, "."])
        return Sentence(
            words,
            english.tags,
            english.heads,
            (upper(french[0]), *french[1:]),
            clause.sentiment,
            english.chunks,
        )

    def judged(self, label: int) -> Sentence:
        """Return a sentence of that opinion."""
        while True:
            sentence = self.sentence(True)
            if sentence.sentiment == label:
                return sentence

    # facts

    def fact(self) -> _Clause:
        kind = self.rng.random()
        if kind < 0.45:
            return self.clause()
        if kind < 0.6:
            return self.dated()
        if kind < 0.7:
            return self.told()
        if kind < 0.8:
            return self.both(("and", "et"), self.clause(1), self.clause(1))
        if kind < 0.86:
            return self.because()
        return self.pick((self.state, self.compared, self.there))()

    def clause(self, depth: int = 2, tense: str = "") -> _Clause:
        """Somebody does something, perhaps somewhere and somehow."""
        verb = self.pick(lexicon.VERBS)
        subject = self.subject(verb.subjects, depth)
        return self.doing(subject, verb, depth, tense)

    def doing(
        self, subject: NounPhrase, verb: lexicon.Verb, depth: int, tense: str
    ) -> _Clause:
        tense = tense or self.pick(TENSES)
        if tense == "progressive" and verb.english[0] in STATIVE:
            tense = "present"
        negated = self.chance(0.15)
        often = not negated and tense in ("present", "past")
        adverb = ("often", "souvent") if often and self.chance(0.1) else None
        english, french = verb_group(verb, tense, subject, negated, adverb)
        right = []
        if verb.objects:
            what = self.noun_phrase(verb.objects, depth - 1, sure=negated)
            right.append(what.english)
            french += what.french
            if verb.english[0] in ("sell", "show", "read", "write"):
                if self.chance(0.3):
                    self.add(right, french, "to/TO", "à", "p")
        if self.chance(0.15 if verb.objects else 0.6):
            place = self.pick(PLACES)
            self.add(right, french, f"{place[0]}/IN", place[1], "l")
        if self.chance(0.15):
            how = self.pick(HOW)
            right.append(group("ADVP", f"{how[0]}/RB"))
            french.append(how[1])
        english = join(english, right=right)
        english = join(english, left=[subject.english])
        return _Clause(english, [*subject.french, *french])

    def add(
        self,
        right: list[Phrase],
        french: list[str],
        preposition: str,
        translation: str,
        kinds: str,
    ) -> None:
        """Add a preposition and its noun to both languages."""
        noun = self.noun_phrase(kinds, 0)
        right.append(join(group("PP", preposition), right=[noun.english]))
        french += [*translation.split(), *noun.french]

    def dated(self) -> _Clause:
        """When it happened, then what."""
        english, french, tense = self.pick(WHEN)
        year = int(self.rng.integers(1900, 2000))
        when = english.format(year=year)
        if when.startswith("in/IN"):
            first = group("PP", "in/IN")
            first = join(first, right=[group("NP", f"{year}/CD")])
        else:
            first = group("ADVP" if "/RB" in when else "NP", when)
        clause = self.clause(1, tense)
        return _Clause(
            join(clause.english, left=[first, group("", ",/,")]),
            [*french.format(year=year).split(), ",", *clause.french],
        )

    def told(self) -> _Clause:
        """Somebody says that something is so."""
        subject = self.subject("p", 0)
        says = self.pick(SAYING)
        tag = "VBP" if subject.plural else "VBZ"
        verb = group("VP", f"{says[subject.plural]}/{tag}")
        that = self.clause(1)
        clause = join(group("SBAR", "that/IN"), right=[that.english])
        english = join(verb, left=[subject.english], right=[clause])
        said = says[2 + subject.plural]
        return _Clause(english, [*subject.french, said, "que", *that.french])

    def because(self) -> _Clause:
        """Something happens, and why."""
        fact, reason = self.clause(1), self.clause(0)
        why = join(group("SBAR", "because/IN"), right=[reason.english])
        return _Clause(
            join(fact.english, right=[why], at=fact.english.head),
            [*fact.french, "parce", "que", *reason.french],
        )

    def both(
        self, word: tuple[str, str], first: _Clause, second: _Clause
    ) -> _Clause:
        """Return two clauses with a comma and a word between them."""
        between = [group("", ",/,"), group("", f"{word[0]}/CC")]
        english = join(
            first.english,
            right=[*between, second.english],
            at=first.english.head,
        )
        french = [*first.french, ",", word[1], *second.french]
        return _Clause(english, french, second.sentiment)

    def state(self) -> _Clause:
        """Something is so."""
        subject = self.subject("patl", 1)
        adjective = self.pick(self.fitting(subject.kind))
        words = f"{adjective.english}/JJ"
        return self.being(subject, words, adjective, [])

    def compared(self) -> _Clause:
        """Something is more so than something else."""
        first = self.noun_phrase(self.pick("patl"), 0)
        second = self.noun_phrase(first.kind, 0)
        adjective = self.pick(
            [a for a in self.fitting(first.kind) if a.comparative]
        )
        more = f"{adjective.comparative}/JJR"
        if " " in adjective.comparative:
            more = f"more/RBR {adjective.english}/JJ"
        than = join(group("PP", "than/IN"), right=[second.english])
        clause = self.being(first, more, adjective, [than], ["plus"])
        return _Clause(clause.english, [*clause.french, "que", *second.french])

    def fitting(self, kind: str) -> list[lexicon.Adjective]:
        return [a for a in lexicon.ADJECTIVES if kind in a.kinds]

    def being(
        self,
        subject: NounPhrase,
        words: str,
        adjective: lexicon.Adjective,
        after: Sequence[Phrase],
        degree: Sequence[str] = (),
        negated: bool = False,
    ) -> _Clause:
        """Return "… is …", now or then."""
        past = self.chance(0.5)
        be = (("is", "are"), ("was", "were"))[past][subject.plural]
        tag = "VBD" if past else "VBP" if subject.plural else "VBZ"
        est = (("est", "sont"), ("était", "étaient"))[past][subject.plural]
        verb = group("VP", f"{be}/{tag}" + " not/RB" * negated, head=1)
        what = join(group("ADJP", words), right=after)
        english = join(verb, left=[subject.english], right=[what])
        french = ["ne", est, "pas"] if negated else [est]
        form = agree(adjective, subject.feminine, subject.plural)
        return _Clause(english, [*subject.french, *french, *degree, form])

    def there(self) -> _Clause:
        """Something is somewhere."""
        what = self.noun_phrase("pat", 0, new=True)
        right, french = [what.english], ["il", "y", "a", *what.french]
        place = self.pick(PLACES)
        self.add(right, french, f"{place[0]}/IN", place[1], "l")
        be = "are/VBP" if what.plural else "is/VBZ"
        left = [group("NP", "there/EX")]
        return _Clause(join(group("VP", be), left=left, right=right), french)

    # opinions

    def opinions(self) -> _Clause:
        first = self.opinion()
        kind = self.rng.random()
        if kind < 0.6:
            return first
        second = self.opinion()
        same = first.sentiment == second.sentiment
        word = ("and", "et") if same else ("but", "mais")
        # what comes after "but" weighs more
        return self.both(word, first, second)

    def opinion(self) -> _Clause:
        return self.pick((self.judgement, self.feeling, self.this))()

    def judgement(self) -> _Clause:
        """A work is good or bad, or is not."""
        good, negated = self.chance(0.5), self.chance(0.3)
        adjective = self.pick(lexicon.GOOD if good else lexicon.BAD)
        subject = self.noun_phrase("o", 0, sure=True)
        degrees = [("", ""), ("really", "vraiment"), ("very", "très")]
        # nothing is very excellent
        english, french = self.pick(degrees[: 2 + bool(adjective.comparative)])
        words = f"{english}/RB " * bool(english) + f"{adjective.english}/JJ"
        degree = french.split()
        clause = self.being(subject, words, adjective, [], degree, negated)
        return clause._replace(sentiment=int(good != negated))

    def feeling(self) -> _Clause:
        """Somebody loves a work or hates it, or does not."""
        verb, good = self.pick(lexicon.OPINIONS)
        negated = self.chance(0.3)
        subject, tense = self.subject("p", 0), "present"
        if self.chance(0.5):
            subject = self.pick((NounPhrase.me(), NounPhrase.us()))
        if subject.person == "we" or self.chance(0.5):
            tense = "past"
        english, french = verb_group(verb, tense, subject, negated)
        what = self.noun_phrase("o", 0, sure=True)
        english = join(english, right=[what.english])
        english = join(english, left=[subject.english])
        french = [*subject.french, *french, *what.french]
        return _Clause(english, french, good ^ negated)

    def this(self) -> _Clause:
        """Name a work, and call it good or bad."""
        good, negated, past = (self.chance(p) for p in (0.5, 0.3, 0.5))
        adjective = self.pick(lexicon.GOOD if good else lexicon.BAD)
        noun = self.pick(NOUNS["o"])
        what = noun_group(noun, "a", False, [adjective])
        it, be = ("it/PRP", "was/VBD") if past else ("this/DT", "is/VBZ")
        verb = group("VP", be + " not/RB" * negated, head=1)
        left = [group("NP", it)]
        english = join(verb, left=left, right=[what.english])
        be = "était" if past else "est"
        french = ["ce", "ne", be, "pas"] if negated else ["ce", be]
        return _Clause(english, [*french, *what.french], int(good != negated))

    # nouns

    def subject(self, kinds: str, depth: int) -> NounPhrase:
        if "p" in kinds and self.chance(0.15):
            return NounPhrase.pronoun(self.pick(("he", "she", "they")))
        return self.noun_phrase(kinds, depth)

    def noun_phrase(
        self, kinds: str, depth: int, sure: bool = False, new: bool = False
    ) -> NounPhrase:
        """Return a noun with what belongs to it.

        Parameters
        ----------
        kinds : str
            What it may be.
        depth : int
            How many more may hang on it, one on the other.
        sure, new : bool
            Whether it is one that is known, "the", or one that is not, "a".
        """
        kind = self.pick(kinds)
        if kind == "p" and not new and self.chance(0.15):
            return NounPhrase.name(*self.pick(lexicon.NAMES))
        noun = self.pick(NOUNS[kind])
        plural = self.chance(0.35)
        phrase = noun_group(
            noun,
            self.pick(_determiners(plural, sure, new)),
            plural,
            self.adjectives(kind),
            number=int(self.rng.integers(12, 100)),
        )
        if depth > 0 and self.chance(0.25):
            phrase = self.modified(phrase)
        elif depth > 0 and not sure and self.chance(0.08):
            phrase = phrase.and_(self.noun_phrase(kind, 0))
        return phrase

    def adjectives(self, kind: str) -> list[lexicon.Adjective]:
        """Return none, one, or one for each side of a French noun."""
        fitting = self.fitting(kind)
        some: list[lexicon.Adjective] = []
        for before, probability in ((True, 0.25), (False, 0.2)):
            side = [a for a in fitting if a.before == before]
            if side and self.chance(probability):
                some.append(self.pick(side))
        return some

    def modified(self, phrase: NounPhrase) -> NounPhrase:
        """Return a noun with another phrase hanging on it."""
        if phrase.kind in "tlro":
            verbs = [v for v in lexicon.VERBS if phrase.kind in v.objects]
            if self.chance(0.3):
                return self.done_by(phrase, self.pick(verbs))
            right: list[Phrase] = []
            french = list(phrase.french)
            self.add(right, french, "of/IN", "de", "p" + phrase.kind)
        elif phrase.kind in "pa" and self.chance(0.5):
            verb = self.pick(
                [v for v in lexicon.VERBS if phrase.kind in v.subjects]
            )
            # "the man who …": its clause has no other subject
            who = NounPhrase.relative(phrase)
            clause = self.doing(who, verb, 0, "present")
            right, french = [clause.english], [*phrase.french, *clause.french]
        else:
            right, french = [], list(phrase.french)
            self.add(right, french, "with/IN", "avec", "t")
        english = join(phrase.english, right=right)
        return phrase._replace(english=english, french=french)

    def done_by(self, phrase: NounPhrase, verb: lexicon.Verb) -> NounPhrase:
        """Return "the book that the boy reads"."""
        subject = self.subject(verb.subjects, 0)
        english, french = verb_group(verb, "present", subject)
        that = group("NP", "that/WDT")
        clause = join(english, left=[that, subject.english])
        return phrase._replace(
            english=join(phrase.english, right=[clause]),
            french=[*phrase.french, "que", *subject.french, *french],
        )


def _determiners(plural: bool, sure: bool, new: bool) -> list[str]:
    if new:
        return ["some", "two", "many", "#"] if plural else ["a"]
    known = ["the"] * 6 + ["this", "my", "his", "her", "their"]
    if sure:
        return known
    if plural:
        return [*known, "some", "two", "three", "#", "many", "all the", ""]
    return [*known, *["a"] * 5, "every"]
