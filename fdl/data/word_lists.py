"""Published lists that test what word vectors know.

The analogies are those of Mikolov et al. 2013 (Apache License 2.0), carried
by ``fdl`` as their authors publish them: 19,544 questions of the kind "Athens
is to Greece as Baghdad to …" in 14 sections.

References: [1] Mikolov et al. 2013, arXiv:1301.3781; the file is
``questions-words.txt`` of https://github.com/tmikolov/word2vec.
"""

from __future__ import annotations

from fdl.data.text import packed

__all__ = ["analogies"]

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
