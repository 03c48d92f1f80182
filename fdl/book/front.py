"""Directives of the front page: the score, the chapters, their pictures.

Everything that they count or show comes from the runs.
"""

from __future__ import annotations

import ast
import base64
import os
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes

from fdl.book import cards, claims
from fdl.book.pages import Page, duration, verdicts
from fdl.book.project import Chapter, Project
from fdl.book.site import current

__all__ = [
    "ChapterCards",
    "Picture",
    "Score",
    "Unrecorded",
    "add_style",
    "find_picture",
    "unrecorded",
]

KINDS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


def find_picture(notebook: Any, label: str) -> tuple[str, bytes, str] | None:
    r"""Return a figure of an executed chapter.

    Parameters
    ----------
    notebook : NotebookNode
        The executed chapter.
    label : str
        The figure's name.

    Returns
    -------
    tuple or None
        The suffix of its file, its content and its alternative text; None if
        no cell drew such a figure.

    Examples
    --------
    >>> from nbformat import v4
    >>> drawn = v4.new_output("display_data", {"image/png": "AAEC"})
    >>> cell = v4.new_code_cell("draw()", outputs=[drawn])
    >>> cell.metadata["mystnb"] = {
    ...     "figure": {"name": "fig-a"}, "image": {"alt": "A dot."}}
    >>> find_picture(v4.new_notebook(cells=[cell]), "fig-a")
    ('png', b'\x00\x01\x02', 'A dot.')
    """
    for cell in notebook.cells:
        options = cell.metadata.get("mystnb", {})
        if options.get("figure", {}).get("name") != label:
            continue
        for output in cell.get("outputs", []):
            for mime, suffix in KINDS.items():
                drawn = output.get("data", {}).get(mime)
                if drawn is None:
                    continue
                content = (
                    drawn.encode()
                    if suffix == "svg"
                    else base64.b64decode(drawn)
                )
                return suffix, content, options.get("image", {}).get("alt", "")
    return None


class _Pictures(Page):
    """What shows figures of chapters on another page."""

    def image(self, chapter: Chapter, label: str) -> nodes.image | None:
        """Return a chapter's figure; None while the chapter has no run."""
        site = current()
        notebook = site.results.get(chapter.name)
        if notebook is None:
            return None
        found = find_picture(notebook, label)
        if found is None:
            raise self.error(f"{chapter.path.name} draws no figure {label}")
        suffix, content, alt = found
        path = site.project.root / "build" / "pictures" / f"{label}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        home = Path(self.env.doc2path(self.env.docname)).parent
        return nodes.image(
            uri=Path(os.path.relpath(path, home)).as_posix(),
            alt=" ".join(alt.split()),
            loading="lazy",
            classes=["dark-light"],  # on white: the theme need not dim it
        )


class Picture(_Pictures):
    """Show a figure of a chapter on another page: ``NUMBER LABEL``."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the picture, with a link to where it is explained."""
        self.note()
        number, label = self.arguments
        chapter = self.chapter(number)
        image = self.image(chapter, label)
        if image is None:
            return []
        source = self.link(
            chapter, f"From Chapter {number}: {chapter.title}", label
        )
        return [
            nodes.paragraph("", "", image),
            nodes.paragraph("", "", source, classes=["fdl-source"]),
        ]


class ChapterCards(_Pictures):
    """Show the chapters as cards.

    The content is a YAML list of ``chapter`` (its number), ``figure`` (the
    name of one of its figures) and ``text``.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the cards."""
        self.note()
        entries = yaml.safe_load("\n".join(self.content)) or []
        grid = nodes.container(classes=["fdl-chapters"])
        for entry in entries:
            chapter = self.chapter(entry["chapter"])
            card = nodes.container(classes=["fdl-chapter"])
            image = self.image(chapter, entry["figure"])
            if image is not None:
                card += nodes.paragraph(
                    "", "", image, classes=["fdl-chapter-picture"]
                )
            card += nodes.paragraph(
                "",
                f"Chapter {chapter.number}",
                classes=["fdl-chapter-number"],
            )
            card += nodes.paragraph(
                "",
                "",
                self.link(chapter, chapter.title),
                classes=["fdl-chapter-title"],
            )
            card += nodes.paragraph("", entry["text"])
            grid += card
        return [grid]


class Score(Page):
    """Tell how many claims there are and what came of them."""

    def run(self) -> list[nodes.Node]:
        """Return the numbers, each with what it counts."""
        self.note()
        site = current()
        if not site.results:
            return [nodes.paragraph("", "No chapter has been run.")]
        counts = verdicts(site.cards(cards.CLAIM_MIME))
        errata = sum(len(e) for _, e in site.cards(cards.ERRATUM_MIME))
        ours = counts[claims.MET] + counts[claims.MISSED]
        tiles = [
            (counts.total() - ours, "claims of the original, checked", ""),
            (counts[claims.REPRODUCED], claims.REPRODUCED, "reproduced"),
            (
                counts[claims.WITHIN_REACH],
                claims.WITHIN_REACH,
                "reach",
            ),
            (
                counts[claims.NOT_REPRODUCED],
                f"{claims.NOT_REPRODUCED}, each with the reason",
                "missed",
            ),
            (counts[claims.NOT_COMPARABLE], claims.NOT_COMPARABLE, "apart"),
        ]
        board = nodes.container(classes=["fdl-score"])
        for number, what, name in tiles:
            if number or name != "apart":
                board += self._tile(number, what, "claims", name)
        noun = "error" if errata == 1 else "errors"
        board += self._tile(
            errata, f"{noun} of the original, proved", "errata"
        )
        took = sum(n.metadata.fdl.run.seconds for n in site.results.values())
        missed = counts[claims.MISSED]
        more = (
            f"Another {ours} numbers are held against bounds of our own"
            + (f" ({missed} miss them). " if missed else ". ")
            if ours
            else ""
        )
        chapters = len(site.results)
        noun = "chapter" if chapters == 1 else "chapters"
        return [
            board,
            nodes.paragraph(
                "",
                f"{more}All of this was counted when the site was built: "
                f"{chapters} {noun}, {duration(took)} of one thread each.",
                classes=["fdl-quiet"],
            ),
        ]

    def _tile(
        self, number: int, what: str, page: str, name: str = ""
    ) -> nodes.container:
        uri = self.env.app.builder.get_relative_uri(self.env.docname, page)
        tone = [f"fdl-{name}"] if name else []
        tile = nodes.container(classes=["fdl-tile", *tone])
        tile += nodes.paragraph("", str(number), classes=["fdl-tile-number"])
        tile += nodes.paragraph(
            "", "", nodes.reference("", what, internal=True, refuri=uri)
        )
        return tile


def unrecorded(project: Project) -> dict[str, str]:
    """Return the experiments without a record: to what they are."""
    from fdl import experiments

    found = {}
    for name in experiments.names():
        if not (project.results / f"{name}.json").exists():
            tree = project.graph.tree(f"fdl.experiments.{name}")
            doc = ast.get_docstring(tree) or ""
            found[name] = doc.split("\n", 1)[0]
    return found


class Unrecorded(Page):
    """Name the experiments without a record at the original's scale."""

    def run(self) -> list[nodes.Node]:
        """Return their list."""
        left = unrecorded(current().project)
        listing = nodes.bullet_list()
        for name, words in left.items():
            listing += nodes.list_item(
                "",
                nodes.paragraph(
                    "", "", nodes.literal("", name), nodes.Text(f" ({words})")
                ),
            )
        return [listing] if left else [nodes.paragraph("", "None is left.")]


def add_style(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Give the front page its style."""
    if doctree is not None and any(
        "fdl-chapters" in node["classes"]
        for node in doctree.findall(nodes.container)
    ):
        app.add_css_file("front.css")
