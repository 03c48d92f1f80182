"""The directive ``listing``: a piece of the package, shown in a chapter."""

from __future__ import annotations

from itertools import count
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.directives.code import (
    LiteralInclude,
    LiteralIncludeReader,
    parse_line_num_spec,
)

from fdl.book.site import current, slug

__all__ = ["Listing", "code_link"]


def code_link(
    docname: str, name: str, shown: nodes.Node
) -> addnodes.pending_xref:
    """Return a link to an object's entry in the reference.

    Parameters
    ----------
    docname : str
        The page that it stands on.
    name : str
        The object's full name.
    shown : Node
        What is shown of it.

    Examples
    --------
    >>> link = code_link("03-loops", "fdl.nn", nodes.literal("", "nn"))
    >>> link["reftarget"], link.astext()
    ('fdl.nn', 'nn')
    """
    link = addnodes.pending_xref(
        "",
        refdomain="py",
        reftype="obj",
        reftarget=name,
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )
    link += shown
    return link


class Listing(LiteralInclude):
    """Show a module, class, function or method of the package.

    The argument is its dotted name; names of lazy packages are followed to
    the file that defines them. The caption names that file and leads to the
    reference. The options of ``literalinclude`` apply (`lines` count from
    the object's first line); ``nodoc`` leaves the docstrings out.
    """

    option_spec: ClassVar[Any] = {
        **(LiteralInclude.option_spec or {}),
        "nodoc": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the listing, or a warning."""
        site = current()
        graph = site.project.graph
        dotted = self.arguments[0]
        try:
            module, path = graph.locate(dotted)
            file = graph.files[module]
            self.env.note_dependency(str(file))
            reader = _Reader(str(file), self.options, self.config)
            reader.kept = graph.lines(
                module, path, nodoc="nodoc" in self.options
            )
            if path:
                self.options.setdefault("dedent", None)
            text, length = reader.read()
        except (LookupError, OSError, ValueError) as error:
            return [
                self.state.document.reporter.warning(
                    f"listing: {error}", line=self.lineno
                )
            ]
        block = nodes.literal_block(text, text, source=str(file))
        block["language"] = self.options.get("language", "python")
        block["classes"] += self.options.get("class", [])
        block["highlight_args"] = {"linenostart": reader.lineno_start}
        if {"linenos", "lineno-start", "lineno-match"} & set(self.options):
            block["linenos"] = True
        if "emphasize-lines" in self.options:
            marked = parse_line_num_spec(
                self.options["emphasize-lines"], length
            )
            block["highlight_args"]["hl_lines"] = [i + 1 for i in marked]
        self.set_source_info(block)
        wrapper = nodes.container(
            "",
            literal_block_wrapper=True,
            classes=["literal-block-wrapper", "fdl-listing"],
        )
        caption = nodes.caption()
        caption.extend(self._caption(module, path))
        self.set_source_info(caption)
        wrapper += [caption, block]
        self.set_source_info(wrapper)
        wrapper["listing"] = site.reference(module, path) or dotted
        self.add_name(wrapper)
        wrapper["ids"].append(self._id(wrapper))
        return [wrapper]

    def _id(self, wrapper: nodes.Element) -> str:
        """Return an id of this listing's own; numbers hang on it.

        Private methods go by the name of their class, and an object may be
        shown in parts, so a page can have several listings of one name.
        """
        taken = self.state.document.ids
        first = f"listing-{slug(wrapper['listing'])}"
        names = (f"{first}-{k}" if k > 1 else first for k in count(1))
        chosen = next(name for name in names if name not in taken)
        taken[chosen] = wrapper
        return chosen

    def _caption(self, module: str, path: str) -> list[nodes.Node]:
        site = current()
        root = site.project.root
        file = site.project.graph.files[module].relative_to(root).as_posix()
        shown: nodes.Element = nodes.literal(text=path or module)
        name = site.reference(module, path)
        if name is not None:
            shown = code_link(self.env.docname, name, shown)
        if self.options.get("caption"):
            words, _ = self.state.inline_text(
                self.options["caption"], self.lineno
            )
            return [
                *words,
                nodes.Text(" ("),
                shown,
                nodes.Text(f" in {file})"),
            ]
        return [shown, nodes.Text(f" in {file}")]


class _Reader(LiteralIncludeReader):
    """Reads the chosen part of a file."""

    kept: list[int]

    def pyobject_filter(
        self, lines: list[str], location: tuple[str, int] | None = None
    ) -> list[str]:
        self.lineno_start = self.kept[0]
        return [lines[i - 1] for i in self.kept if i <= len(lines)]
