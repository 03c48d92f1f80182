"""Scripts and styles that only the pages with live figures load."""

from __future__ import annotations

from typing import Any

from docutils import nodes

__all__ = ["add_figures"]

# what a page's HTML holds → what it then needs
FIGURES = {
    'class="fdl-atlas"': (
        ["js/live.js", "js/atlas.js"],
        ["live.css", "atlas.css"],
    ),
    'class="fdl-descent"': (
        ["js/live.js", "js/descent.js", "js/descent-ui.js"],
        ["live.css", "descent.css"],
    ),
    'class="fdl-glances"': (
        ["js/live.js", "js/glances.js"],
        ["live.css", "glances.css"],
    ),
    'class="fdl-movie"': (
        ["js/live.js", "js/movie.js"],
        ["live.css", "movie.css"],
    ),
    'class="fdl-planner"': (
        ["js/live.js", "js/planner.js"],
        ["live.css", "planner.css"],
    ),
    'class="fdl-stepper"': (
        ["js/live.js", "js/stepper.js"],
        ["live.css", "stepper.css"],
    ),
}


def add_figures(
    app: Any, pagename: str, template: str, context: Any, doctree: Any
) -> None:
    """Add to a page the files that its live figures ask for."""
    if doctree is None or app.builder.name != "html":
        return
    written = [node.astext() for node in doctree.findall(nodes.raw)]
    for mark, (scripts, styles) in FIGURES.items():
        if any(mark in text for text in written):
            for script in scripts:
                app.add_js_file(script)
            for style in styles:
                app.add_css_file(style)
