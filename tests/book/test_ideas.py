"""Property: what a reader looks for leads to the section that teaches it.

Known values: ideas and their sections. The search is Sphinx's own, run in a
JavaScript engine on the index of a small book; test_quality.py tries that of
the site in a browser.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import quickjs

from fdl.book.execution import execute, sphinx
from fdl.book.ideas import glossary, ideas
from fdl.book.project import Project
from fdl.book.site import section_slugs
from tests.book.conftest import REPOSITORY, Mini

IDEAS = {
    "activation function": "1-three-ways-to-bend",
    "Adam": "4-adam-both-and-a-correction",
    "attention": "7-looking-back",
    "autoencoder": "6-a-network-with-a-narrow-middle",
    "backpropagation": "2-blame-passed-backward",
    "batch norm": "5-batch-normalization",
    "beam search": "7-more-than-one-guess",
    "CNN": "5-filters-and-feature-maps",
    "cross entropy": "2-the-error-is-yours-to-choose",
    "data augmentation": "5-pictures-in-all-weathers",
    "DNC": "8-the-whole-machine",
    "DQN": "9-a-network-that-values",
    "dropout": "2-absent-neurons",
    "early stopping": "2-when-to-stop",
    "experience replay": "9-live-once-learn-often",
    "GRU": "7-two-generations-and-the-gru",
    "language model": "7-letter-by-letter",
    "learning rate": "2-how-long-may-a-step-be",
    "LSTM": "7-a-memory-with-gates",
    "machine translation": "7-a-translator",
    "momentum": "4-momentum",
    "neural turing machine": "8-a-network-with-a-sheet-of-paper",
    "overfitting": "2-fitting-too-well",
    "PCA": "6-the-directions-in-which-data-vary",
    "policy gradient": "9-the-trick-with-the-logarithm",
    "Q-learning": "9-when-they-are-not-try",
    "ResNet": "5-highways-and-residuals-a-way-around",
    "RNN": "7-networks-that-remember",
    "saddle point": "4-suspect-two-flat-places",
    "sentiment analysis": "7-did-they-like-the-film",
    "softmax": "1-answers-that-share-one-certainty",
    "style transfer": "5-painting-with-a-network",
    "t-SNE": "5-a-map-of-pictures",
    "VAE": "6-clouds-in-place-of-points",
    "vanishing gradients": "7-how-far-back-it-can-learn",
    "weight decay": "2-l2-shrink-everything",
    "word embedding": "6-words-by-the-company-they-keep",
    "word2vec": "6-skip-gram-reads-a-newspaper",
}


def test_every_idea_is_an_entry_of_its_section() -> None:
    book = Project(REPOSITORY, "fdl", "quick", lambda name: "")
    found = ideas(book)
    for words, section in IDEAS.items():
        entries = [
            word.lower()
            for word, _ in found.get(f"section-{section}", [])
            if words.lower() in word.lower() and len(words) >= len(word) / 2
        ]
        assert entries, words


def test_entries_lead_to_sections_that_are_there_and_to_one_each() -> None:
    book = Project(REPOSITORY, "fdl", "quick", lambda name: "")
    known = {
        f"section-{chapter.number}-{name}"
        for chapter in book.chapters
        for name in section_slugs(chapter).values()
    }
    found = ideas(book)
    assert set(found) <= known
    words = [word for made in found.values() for word, shown in made if shown]
    assert len(words) > 200
    twice = {word for word in words if words.count(word) > 1}
    # the words of a chapter's own mean what they mean there
    assert twice <= {"GPU"}
    assert len(glossary(book)) > 100


def test_a_word_leads_to_the_first_section_named_and_is_an_entry_once(
    mini: Mini,
) -> None:
    (mini.folder / "glossary.md").write_text(
        "Loop\n\n```{glossary}\nLoop\n  What goes\n  round.\n"
        "  {ref}`wheels <section-3-wheels>`,\n  {ref}`section-3-roads`\n\n"
        "Axle\n  It leads nowhere.\n\nRoad\n  {ref}`section-3-roads`\n```\n\n"
        "```{glossary}\nMile\n  {ref}`section-4-miles`\n```\n"
    )
    marks = "% book: Loop\n% index: cycle, Loop,\n% book: On Wheels"
    mini.write("03-loops", f"# Loops\n\n{marks}\n\n## Wheels\n\n## Hubs")
    assert glossary(mini) == {
        "Loop": "section-3-wheels",
        "Road": "section-3-roads",
        "Mile": "section-4-miles",
    }
    assert ideas(mini) == {
        "section-3-wheels": [
            ("Loop", True),
            ("cycle", True),
            ("On Wheels", False),
        ],
        "section-3-roads": [("Road", True)],
        "section-4-miles": [("Mile", True)],
    }
    (mini.folder / "glossary.md").unlink()
    assert glossary(mini) == {}


class Search:
    """The search page's script, with an index and without a page."""

    def __init__(self, site: Path) -> None:
        static = site / "_static"
        self.context = quickjs.Context()
        self.context.eval(
            "var window = this, DOCUMENTATION_OPTIONS = {},"
            " SPHINX_HIGHLIGHT_ENABLED = false, _ = text => text,"
            " _ready = () => 0,"
            " document = {getElementById: () => null};"
        )
        for path in (static / "language_data.js", static / "searchtools.js"):
            self.context.eval(path.read_text(encoding="utf-8"))
        self.context.eval((site / "searchindex.js").read_text("utf-8"))

    def __call__(self, words: str) -> list[list[str]]:
        """Return page, title and place of what is found, best first."""
        text = self.context.eval(
            "JSON.stringify(Search._performSearch("
            f"...Search._parseQuery({json.dumps(words)})).reverse()"
            ".map(r => [r[0], r[1], r[2]]))"
        )
        found: list[list[str]] = json.loads(text)
        return found


GLOSSARY = """\
# Glossary

```{glossary}
Loop
  What goes round. {ref}`section-3-round-and-round`

Wheel
  What a {term}`loop` needs. It leads nowhere.
```
"""
CHAPTER = """\
# Loops

% book: The Loop Itself
% index: cycle, ring road

## Round and round

A loop.

## Straight on

No loop, cycle or ring road.
"""


@pytest.mark.slow
def test_the_search_leads_from_ideas_to_sections(mini: Mini) -> None:
    mini.write("03-loops", CHAPTER)
    (mini.folder / "glossary.md").write_text(GLOSSARY)
    (mini.folder / "index.md").write_text(
        "# A book\n\n```{toctree}\n03-loops\nglossary\n```\n"
    )
    assert execute(mini.chapters) == {}
    assert sphinx(mini) == 0
    site = mini.root / "build" / "html"
    search = Search(site)
    for words in ("loop", "Cycle", "ring road", "the loop itself"):
        assert search(words)[0] == [
            "03-loops",
            "Loops > Round and round",
            "#round-and-round",
        ], words
    assert search("wheel")[0][0] == "glossary"
    assert search("straight on")[0][2] == "#straight-on"
    # the index has the ideas, and not the original's titles
    index = (site / "genindex.html").read_text()
    assert "03-loops.html#round-and-round" in index
    for word, there in (("cycle", True), ("The Loop Itself", False)):
        assert (f">{word}<" in index) == there
