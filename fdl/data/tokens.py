"""Tokenisers: a sentence in pieces, and the pieces as a sentence again.

For each of them ``join(split(sentence)) == sentence``, to the letter, however
odd the sentence is, as long as single blanks stand between its words and it
does not hold the two signs, ␣ and ⁀, by which words remember odd blanks.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Callable, NamedTuple

from fdl.errors import must

__all__ = [
    "TOKENIZERS",
    "Tokenizer",
    "join_words",
    "split_characters",
    "split_pairs",
    "split_words",
    "squeeze",
]

# a word, with the hyphens inside it and the apostrophe after it ("l'"); or a
# mark
WORD = re.compile(r"\w+(?:-\w+)*['’]?|[^\w\s]")
BLANK, NONE = "␣", "⁀"  # a blank, or none, where the rule would have it else
_LEFT = frozenset(".,;:!?)]}%…")  # no blank stands before these
_RIGHT = frozenset("([{'’\"-/")  # and none after these


class Tokenizer(NamedTuple):
    """Two functions that undo each other.

    Attributes
    ----------
    split : callable
        A sentence → its tokens.
    join : callable
        Tokens → the sentence.

    Examples
    --------
    >>> pairs = TOKENIZERS["pairs"]
    >>> pairs.split("I read."), pairs.join(pairs.split("I read."))
    (['I ', 're', 'ad', '.'], 'I read.')
    """

    split: Callable[[str], list[str]]
    join: Callable[[Iterable[str]], str]


def squeeze(sentence: str) -> str:
    """Return a sentence with single blanks between its words.

    Examples
    --------
    >>> squeeze("  Je   lis. ")
    'Je lis.'
    """
    return " ".join(sentence.split())


def split_words(sentence: str) -> list[str]:
    """Return words and marks; an elided word keeps its apostrophe.

    Where a blank stands against the rule of :func:`join_words`, or is missing
    against it, a token of its own says so.

    Examples
    --------
    >>> split_words("Je lis l'heure.")
    ['Je', 'lis', "l'", 'heure', '.']
    >>> split_words("Quoi ?")
    ['Quoi', '␣', '?']
    """
    sentence = squeeze(sentence)
    tokens: list[str] = []
    end = 0
    for found in WORD.finditer(sentence):
        if tokens:
            apart = found.start() > end
            if apart != _apart(tokens[-1], found[0]):
                tokens.append(BLANK if apart else NONE)
        tokens.append(found[0])
        end = found.end()
    return tokens


def join_words(tokens: Iterable[str]) -> str:
    """Return the sentence of these words and marks.

    A blank stands between two of them unless the left one ends in an
    apostrophe, a hyphen or an opening bracket, or the right one is a stop, a
    comma or their like.

    Examples
    --------
    >>> join_words(["A", "tout", "a", "l'", "heure", "."])
    "A tout a l'heure."
    """
    sentence, left, forced = "", "", None
    for token in tokens:
        if not token:
            raise must("tokens", token, "hold no empty token")
        if token in (BLANK, NONE):
            forced = token
            continue
        if left:
            apart = _apart(left, token) if forced is None else forced == BLANK
            sentence += " " if apart else ""
        sentence += token
        left, forced = token, None
    return sentence


def _apart(left: str, right: str) -> bool:
    """Say whether a blank stands between two tokens as a rule."""
    return left[-1] not in _RIGHT and right[0] not in _LEFT


def split_pairs(sentence: str) -> list[str]:
    """Return the characters two by two.

    Examples
    --------
    >>> split_pairs("I read.")
    ['I ', 're', 'ad', '.']
    """
    sentence = squeeze(sentence)
    return [sentence[k : k + 2] for k in range(0, len(sentence), 2)]


def split_characters(sentence: str) -> list[str]:
    """Return the characters.

    Examples
    --------
    >>> split_characters("I read.")
    ['I', ' ', 'r', 'e', 'a', 'd', '.']
    """
    return list(squeeze(sentence))


TOKENIZERS = {
    "words": Tokenizer(split_words, join_words),
    "characters": Tokenizer(split_characters, "".join),
    "pairs": Tokenizer(split_pairs, "".join),
}
"""The ways to cut a text into tokens and to join them again, by name."""
