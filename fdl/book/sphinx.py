"""The Sphinx extension: pages from chapters that have already been run.

Nothing is executed here. The prose comes from the chapter as it is now, the
outputs from the executed notebook, cell by cell; where the two do not belong
together Sphinx warns, and the build, in which every warning counts, fails.
"""

from __future__ import annotations

import gc
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util import logging
from sphinx_exercise import copy_asset_files

from fdl.book import (
    api,
    cards,
    ebook,
    figures,
    front,
    ideas,
    light,
    listing,
    maps,
    notebooks,
    pages,
    pictures,
    symbols,
    wrapping,
)
from fdl.book.project import Project, read_notebook
from fdl.book.site import Site, current, slug

__all__ = ["read_chapter", "setup"]

LOGGER = logging.getLogger(__name__)
CHAPTER = re.compile(r"^(\d\d)-")
MIMES = (cards.CLAIM_MIME, cards.ERRATUM_MIME)


def read_chapter(text: str, source: str, executed: str, key: str) -> Any:
    """Return a chapter with today's prose and the outputs of its run.

    Parameters
    ----------
    text : str
        The chapter as Sphinx has read it.
    source, executed : str
        The paths of the chapter and of its executed notebook.
    key : str
        The key that the executed notebook must carry.
    """
    notebook = read_notebook(text, Path(source))
    notebook.metadata.pop("fdl", None)
    try:
        stored = nbformat.read(executed, as_version=4)
        holds = stored.metadata.fdl.key == key
    except (OSError, ValueError, AttributeError):
        holds = False
    if not holds:
        LOGGER.warning(
            "the results of this chapter are missing or stale: "
            "build the book with `make html`",
            location=source,
            type="fdl",
            subtype="stale",
        )
        return notebook
    notebook.metadata["language_info"] = stored.metadata.language_info
    done = [c for c in stored.cells if c.cell_type == "code"]
    todo = [c for c in notebook.cells if c.cell_type == "code"]
    for cell, run in zip(todo, done):
        cell.execution_count = run.execution_count
        cell.outputs = [_site_output(output) for output in run.outputs]
    return notebook


def _site_output(output: Any) -> Any:
    """Draw cards anew, with the site's style instead of Jupyter's."""
    for mime in MIMES:
        if mime in output.get("data", {}):
            payload = output.data.pop(mime)
            output.data["text/html"] = cards.html(mime, payload)
    return output


def prepare(app: Any) -> None:
    """Look at the book once, before any page is read."""
    project = Project(Path(app.confdir), package=app.config.fdl_package)
    site = Site.of(project)
    for chapter in project.chapters:
        # one reader per chapter; other pages stay ordinary Markdown
        app.env.mystnb_config.custom_formats[f"/{chapter.path.name}"] = (
            "fdl.book.sphinx.read_chapter",
            {
                "source": str(chapter.path),
                "executed": str(chapter.output),
                "key": chapter.key,
            },
            False,
        )
    for anchor in site.repeated():
        LOGGER.warning("the key of %s is taken twice", anchor, type="fdl")


def settle_styles(app: Any) -> None:
    """Copy style sheets before pages name them with their checksums.

    Their extensions copy them at the end, so the first build's pages would
    differ from the second's.
    """
    if app.builder.name == "html":
        # the last build's were shortened, and would not be written over
        shutil.rmtree(Path(app.outdir) / "_static", ignore_errors=True)
        (Path(app.outdir) / "_static").mkdir(parents=True)
        add_global_html_resources(app, None)
        copy_asset_files(app, None)


def note_run(app: Any, docname: str, source: list[str]) -> None:
    """Read a chapter again when it has been run."""
    if CHAPTER.match(docname):
        output = current().project.executed / f"{docname}.ipynb"
        app.env.note_dependency(str(output))


def drop_shared_ids(app: Any, document: nodes.document, docname: str) -> None:
    """Take the names away that every exercise gives to its content."""
    for section in document.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def add_labels(app: Any, document: nodes.document) -> None:
    """Give sections, listings and cards of a chapter their labels."""
    docname = app.env.docname
    found = CHAPTER.match(docname)
    if not found:
        return
    number = int(found[1])
    labels: dict[str, tuple[str, str]] = {}
    for section in document.findall(nodes.section):
        title = section[0].astext()
        name = f"section-{number}-{slug(title)}"
        labels.setdefault(name, (section["ids"][0], title))
    for node in document.findall(nodes.container):
        if "listing" in node:
            name = f"listing-{number}-{slug(node['listing'])}"
            labels.setdefault(name, (node["ids"][-1], node["listing"]))
    for prefix, mime in (
        ("claim", cards.CLAIM_MIME),
        ("erratum", cards.ERRATUM_MIME),
    ):
        for chapter, made in current().cards(mime):
            if chapter.name != docname:
                continue
            for card in made:
                name = f"{prefix}-{card['key']}"
                title = card.get("label") or card["key"]
                labels.setdefault(name, (name, title))
    domain = app.env.domains.standard_domain
    for name, (anchor, title) in labels.items():
        domain.anonlabels[name] = docname, anchor
        domain.labels[name] = docname, anchor, title


def number_chapters(env: Any) -> None:
    """Let chapters carry the numbers of their files, gaps and all."""
    for docname, numbers in env.toc_secnumbers.items():
        found = CHAPTER.match(docname)
        if not found:
            continue
        first = int(found[1])
        for anchor, number in numbers.items():
            if number:
                numbers[anchor] = (first, *number[1:])
        marked: list[Any] = list(env.tocs[docname].findall(nodes.reference))
        if docname in env.titles:
            marked.append(env.titles[docname])
        for node in marked:
            if node.get("secnumber"):
                node["secnumber"] = [first, *node["secnumber"][1:]]


def _numbering(
    assign: Callable[[Any, Any], list[str]],
) -> Callable[[Any, Any], list[str]]:
    def assign_section_numbers(self: Any, env: Any) -> list[str]:
        changed = assign(self, env)
        number_chapters(env)
        return changed

    return assign_section_numbers


# Sphinx counts chapters from 1 and offers no hook between that and the
# figures, which take their first number from there.
_numbered = _numbering(TocTreeCollector.assign_section_numbers)


def show_maths(app: Any, env: Any) -> list[str]:
    """Load MathJax everywhere if the menu, which is everywhere, has maths."""
    if any(any(t.findall(nodes.math)) for t in env.titles.values()):
        app.set_html_assets_policy("always")
    return []


def add_download(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Offer a chapter's notebook in the head of its page."""
    if not CHAPTER.match(pagename) or "header_buttons" not in context:
        return
    context["header_buttons"].insert(
        0,
        {
            "type": "link",
            "url": context["pathto"](f"notebooks/{pagename}.ipynb", 1),
            "tooltip": "Download this chapter as a Jupyter notebook",
            "icon": "fas fa-download",
            "label": "download-notebook",
            "text": "",
        },
    )


def finish(app: Any, exception: Exception | None) -> None:
    """Write the notebooks, and drop pages whose source is gone."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    written = notebooks.write(out / "notebooks", project=current().project)
    known = {path.relative_to(out).as_posix() for path in written}
    known |= {f"{name}.html" for name in app.env.found_docs}
    known |= {"genindex.html", "py-modindex.html", "search.html"}
    for page in [*out.rglob("*.html"), *out.glob("notebooks/*.ipynb")]:
        name = page.relative_to(out).as_posix()
        if name not in known:  # also templates that the themes copy along
            page.unlink()


def setup(app: Any) -> dict[str, Any]:
    """Connect everything."""
    # pages are read back hundreds of times, and each time the collector would
    # look through all that is there: a third of the build
    gc.set_threshold(200_000, 20, 50)
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx.ext.autodoc")
    app.add_config_value("fdl_package", "fdl", "env", str)
    app.add_directive("listing", listing.Listing)
    app.add_directive("fdl-api", api.Api)
    app.add_directive("chapter-box", pages.ChapterBox)
    app.add_directive("claims-table", pages.ClaimsTable)
    app.add_directive("errata-table", pages.ErrataTable)
    app.add_directive("build-report", pages.BuildReport)
    app.add_directive("chapter-cards", front.ChapterCards)
    app.add_directive("figure-map", maps.FigureMap)
    app.add_directive("notation", symbols.Notation)
    app.add_directive("picture", front.Picture)
    app.add_directive("score", front.Score)
    app.add_directive("section-map", maps.SectionMap)
    app.add_directive("unrecorded", front.Unrecorded)
    ebook.setup_maths(app)
    app.connect("builder-inited", prepare, priority=600)
    app.connect("builder-inited", settle_styles)
    app.connect("source-read", note_run)
    app.connect("doctree-resolved", drop_shared_ids)
    app.connect("doctree-resolved", pictures.load_when_near)
    app.connect("doctree-read", add_labels)
    app.connect("doctree-read", ideas.add_entries)
    app.connect("autodoc-skip-member", api.skip_foreign)
    # before napoleon reads it, and after
    app.connect("autodoc-process-docstring", api.keep_words, priority=400)
    app.connect("autodoc-process-docstring", api.process_docstring)
    app.connect("missing-reference", api.missing_reference)
    app.connect("env-updated", show_maths)
    app.connect("html-page-context", add_download, priority=600)
    app.connect("html-page-context", figures.add_figures)
    app.connect("html-page-context", front.add_style)
    app.connect("html-page-context", light.add_description)
    app.connect("html-page-context", light.lighten)
    app.connect("html-page-context", wrapping.let_wrap)
    app.connect("build-finished", finish)
    app.connect("build-finished", light.keep_what_is_used, priority=900)
    app.connect("build-finished", pictures.shrink)
    TocTreeCollector.assign_section_numbers = _numbered  # type: ignore
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
