"""What readers look for, and the sections that have it.

The titles of the sections seldom name what they teach, so the search and the
index are told: by the glossary, whose explanations lead to a section, by the
titles of the original's sections (``% book: TITLE`` above a heading), and by
what else an author writes there (``% index: WORDS, OTHER WORDS``).
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes

from fdl.book.project import Project
from fdl.book.site import current, slug

__all__ = ["add_entries", "glossary", "ideas"]

GLOSSARY = re.compile(r"^```\{glossary\}\n(.*?)^```", re.M | re.S)
SECTION = re.compile(r"\{ref\}`(?:[^`<]*<)?(section-\d+-[\w-]+)>?`")


def glossary(project: Project) -> dict[str, str]:
    r"""Return the glossary's words: to the section that explains each.

    Words whose explanation leads to no section are left out.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> said = "  It weighs inputs. {ref}`section-1-what-it-does`"
    >>> text = f"```{{glossary}}\nNeuron\n{said}\n```"
    >>> _ = Path("chapters/glossary.md").write_text(text)
    >>> glossary(Project(Path()))
    {'Neuron': 'section-1-what-it-does'}
    """
    path = project.folder / "glossary.md"
    found: dict[str, str] = {}
    if not path.exists():
        return found
    for block in GLOSSARY.findall(path.read_text(encoding="utf-8")):
        word = ""
        for line in block.splitlines():
            if line and not line.startswith(" "):
                word = line.strip()
            elif section := SECTION.search(line):
                found.setdefault(word, section[1])
    return found


def ideas(project: Project) -> dict[str, list[tuple[str, bool]]]:
    r"""Return the sections that have entries, by their labels.

    Returns
    -------
    dict
        Label to the entries, and whether the printed index shows each; of
        the original's titles it shows none.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> text = "# One\n\n% book: Neurons\n% index: unit\n\n## What they do"
    >>> _ = Path("chapters/01-one.md").write_text(text)
    >>> ideas(Project(Path()))["section-1-what-they-do"]
    [('unit', True), ('Neurons', False)]
    """
    found: dict[str, dict[str, bool]] = {}
    for word, label in glossary(project).items():
        found.setdefault(label, {})[word] = True
    for chapter in project.chapters:
        for title, words, originals in chapter.entries():
            made = found.setdefault(
                f"section-{chapter.number}-{slug(title)}", {}
            )
            made.update(dict.fromkeys(words, True))
            for original in originals:
                made.setdefault(original, False)
    return {label: [*made.items()] for label, made in found.items() if made}


def add_entries(app: Any, document: nodes.document) -> None:
    """Put the entries of a chapter's sections into its page."""
    docname = app.env.docname
    known = {chapter.name: chapter for chapter in current().project.chapters}
    if docname not in known:
        return
    number = known[docname].number
    listed = app.env.domains.index_domain.entries.setdefault(docname, [])
    left = ideas(current().project)
    for section in list(document.findall(nodes.section)):
        label = f"section-{number}-{slug(section[0].astext())}"
        entries = [
            (("single", word, section["ids"][0], "main", None), shown)
            for word, shown in left.pop(label, [])
        ]
        if entries:
            listed += [entry for entry, shown in entries if shown]
            index = addnodes.index(entries=[entry for entry, _ in entries])
            section.insert(1, index)
