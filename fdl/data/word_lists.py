"""Published lists that test what word vectors know.

The analogies are those of Mikolov et al. 2013 (Apache License 2.0), carried
by ``fdl`` as their authors publish them: 19,544 questions of the kind "Athens
is to Greece as Baghdad to …" in 14 sections.

References: [1] Mikolov et al. 2013, arXiv:1301.3781; the file is
``questions-words.txt`` of https://github.com/tmikolov/word2vec.
"""

from __future__ import annotations

from collections import Counter

from fdl.data.text import packed

__all__ = ["analogies", "word_classes"]

SHA256 = "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"


def analogies() -> dict[str, list[tuple[str, str, str, str]]]:
    """Return the questions, section by section.

    Returns
    -------
    dict
        Section → questions ``(a, b, c, d)``: a is to b as c is to d. The
        words are as they were published, with capitals.

    Examples
    --------
    >>> sections = analogies()
    >>> len(sections), sum(map(len, sections.values()))
    (14, 19544)
    >>> sections["family"][0]
    ('boy', 'girl', 'brother', 'sister')
    """
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    for line in packed("questions-words.txt.xz", SHA256).splitlines():
        if line.startswith(":"):
            section = sections.setdefault(line[1:].strip(), [])
        else:
            a, b, c, d = line.split()
            section.append((a, b, c, d))
    return sections


# what stands on the left (0) and on the right (1) of a section's pairs
CLASSES = {
    "capital": ("capital-common-countries/0", "capital-world/0"),
    "country": (
        "capital-common-countries/1",
        "capital-world/1",
        "currency/0",
        "gram6-nationality-adjective/0",
    ),
    "currency": ("currency/1",),
    "city": ("city-in-state/0",),
    "state": ("city-in-state/1",),
    "he": ("family/0",),
    "she": ("family/1",),
    "adjective": (
        "gram1-adjective-to-adverb/0",
        "gram2-opposite/0",
        "gram2-opposite/1",
        "gram3-comparative/0",
        "gram4-superlative/0",
    ),
    "adverb": ("gram1-adjective-to-adverb/1",),
    "comparative": ("gram3-comparative/1",),
    "superlative": ("gram4-superlative/1",),
    "verb": ("gram5-present-participle/0", "gram9-plural-verbs/0"),
    "participle": ("gram5-present-participle/1", "gram7-past-tense/0"),
    "past": ("gram7-past-tense/1",),
    "third person": ("gram9-plural-verbs/1",),
    "nationality": ("gram6-nationality-adjective/1",),
    "noun": ("gram8-plural/0",),
    "plural": ("gram8-plural/1",),
}


def word_classes() -> dict[str, list[str]]:
    """Return the words of the analogies by the part they play there.

    Each section asks about pairs, for example adjectives and superlatives;
    what stands on the same side is of one class. Words of two classes are
    left out.

    Returns
    -------
    dict
        Class → words, as published, sorted.

    Examples
    --------
    >>> classes = word_classes()
    >>> len(classes), classes["superlative"][:3]
    (18, ['best', 'biggest', 'brightest'])
    """
    sides: dict[str, set[str]] = {}
    for section, questions in analogies().items():
        for a, b, c, d in questions:
            sides.setdefault(f"{section}/0", set()).update((a, c))
            sides.setdefault(f"{section}/1", set()).update((b, d))
    found = {
        name: set().union(*(sides[side] for side in parts))
        for name, parts in CLASSES.items()
    }
    times = Counter(word for words in found.values() for word in words)
    return {
        name: sorted(word for word in words if times[word] == 1)
        for name, words in found.items()
    }
