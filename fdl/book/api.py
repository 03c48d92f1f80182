"""The directive ``fdl-api``: the reference of one package or module."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from typing import Any

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser as RSTParser
from docutils.utils import new_document
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from fdl.book.examples import add_imports
from fdl.book.site import BOOK, current, section_slugs, slug

__all__ = [
    "Api",
    "keep_words",
    "missing_reference",
    "one_by_one",
    "process_docstring",
    "skip_foreign",
]

SEVERAL = re.compile(r":(ivar|vartype) (\w+(?:, \w+)+):(.*)")

LETTER = re.compile(r"^(\s*)([A-Za-z]\.)(?=\s|$)")


class Api(SphinxDirective):
    """Describe all public names of a package or of a module.

    A package's names are those of its lazy table, a module's those of its
    ``__all__``; what they say is their docstrings. Modules that a package
    lists as such follow on its page.
    """

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Return the descriptions."""
        graph = current().project.graph
        home = self.arguments[0]
        if home not in graph.files:
            return [
                self.state.document.reporter.warning(
                    f"fdl-api: there is no module {home}", line=self.lineno
                )
            ]
        text: list[str] = []
        for module in current().on_page(home):
            self.env.note_dependency(str(graph.files[module]))
            if module != home:
                text += [f".. rubric:: {module}", "   :class: fdl-module", ""]
            text += [f".. automodule:: {module}", "   :no-members:", ""]
            for name in graph.public(module):
                text += self._entry(module, name)
        found = _parse_rst("\n".join(text), self.state.document)
        self._mark_handed_on(home)
        return found

    def _mark_handed_on(self, home: str) -> None:
        """Let a bare name mean the object where it is made, if it is there.

        Sphinx would find it twice otherwise, and warn.
        """
        site, objects = current(), self.env.domains.python_domain.objects
        for module in site.on_page(home):
            for name in site.project.graph.public(module):
                full = f"{module}.{name}"
                if full not in objects:
                    continue
                place = site.project.graph.locate(full)
                origin = site.project.graph.origin(*place)
                if site.reference(*origin) == full:
                    continue
                for other, entry in list(objects.items()):
                    if f"{other}.".startswith(f"{full}."):
                        objects[other] = entry._replace(aliased=True)

    def _entry(self, home: str, name: str) -> list[str]:
        graph = current().project.graph
        _, place, rest = graph.follow(
            home.split(".")[0], [*home.split(".")[1:], name]
        )
        if place is None or not rest:
            return []  # a module: it has its own page
        place, own = graph.origin(place, rest[0])
        self.env.note_dependency(str(graph.files[place]))
        node = graph.find(place, own)
        full = f"{home}.{name}"
        if isinstance(node, ast.ClassDef):
            return [f".. autoclass:: {full}", "   :members:", ""]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [f".. autofunction:: {full}", ""]
        lines = [f".. py:data:: {name}", f"   :module: {home}"]
        value = _value(node, own)
        if value and len(value) < 60:
            lines.append(f"   :value: {value}")
        said = current().said(place, own).splitlines()
        return [*lines, "", *(f"   {line}".rstrip() for line in said), ""]


def _value(node: ast.AST | None, name: str) -> str:
    value = getattr(node, "value", None)
    if isinstance(node, ast.Assign) and isinstance(value, ast.Tuple):
        (target, *_) = node.targets
        if isinstance(target, ast.Tuple):  # several names at once
            names = [ast.unparse(n) for n in target.elts]
            return ast.unparse(value.elts[names.index(name)])
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and value is not None:
        return ast.unparse(value)
    return ""


def _parse_rst(text: str, document: nodes.document) -> list[nodes.Node]:
    """Parse reStructuredText inside a Markdown page."""
    inner = new_document(document["source"], get_default_settings(RSTParser))
    inner.settings = document.settings
    inner.reporter = document.reporter
    RSTParser().parse(text, inner)
    for node in inner:
        if isinstance(node, nodes.Element) and node["names"]:
            document.note_explicit_target(node, node)
    return list(inner.children)


def keep_words(
    app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Keep words from being taken for something else.

    An attribute's first words would be its type, and a size's letter, alone
    before a full stop, the number of an item in a list.
    """
    lines[:] = [LETTER.sub(r"\1\\\2", line) for line in lines]
    if what in ("attribute", "property", "data"):
        lines.insert(0, "")


def skip_foreign(
    app: Any, what: str, name: str, found: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out methods that another library has put into a class."""
    module = getattr(found, "__module__", None) or ""
    foreign = module.split(".")[0] != app.config.fdl_package
    return True if inspect.isfunction(found) and foreign else None


def process_docstring(
    app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Make a docstring's last line a link to the book, and link back.

    Its examples get the imports that a reader needs to copy them.
    """
    site = current()
    lines[:] = one_by_one(lines)
    module = inspect.getmodule(obj.fget if what == "property" else obj)
    if module is not None and name.startswith(app.config.fdl_package):
        add_imports(lines, module)
    chapters = {c.number: c for c in site.project.chapters}
    for i, line in enumerate(lines):
        if line.startswith("Book:"):

            def link(match: re.Match[str]) -> str:
                words = f"ch. {match[1]}, “{match[2]}”"
                if int(match[1]) not in chapters:
                    return words
                number = int(match[1])
                section = section_slugs(chapters[number]).get(slug(match[2]))
                if section is None:  # a test asks for it; the page need not
                    return f":doc:`{words} </{chapters[number].name}>`"
                return f":ref:`{words} <section-{number}-{section}>`"

            lines[i] = BOOK.sub(link, line)
    shown = site.shown.get(name, [])
    if shown:
        links = ", ".join(
            f":ref:`Chapter {c.number} <listing-{c.number}-{slug(name)}>`"
            for c in shown
        )
        lines += ["", f"Shown in {links}.", ""]


def one_by_one(lines: list[str]) -> list[str]:
    """Give each of several attributes that are described at once a field.

    Sphinx would take all of ``a, b`` but the last name for its type.

    Examples
    --------
    >>> one_by_one([":ivar a, b: Numbers.", ":vartype a, b: int"])
    [':ivar a:', ':ivar b: Numbers.', ':vartype a: int', ':vartype b: int']
    """
    fields = []
    for line in lines:
        found = SEVERAL.fullmatch(line)
        if not found:
            fields.append(line)
            continue
        kind, names, text = found[1], found[2].split(", "), found[3]
        first = text if kind == "vartype" else ""
        fields += [f":{kind} {name}:{first}" for name in names[:-1]]
        fields.append(f":{kind} {names[-1]}:{text}")
    return fields


def missing_reference(
    app: Any, env: Any, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.Node | None:
    """Resolve Python names as a reader of the code would.

    An object may be named by the module that defines it or, within its
    package, by its last part; Python's own names stay without a link.
    """
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    site = current()
    if hasattr(builtins, target.split(".")[0]):
        return content
    if "refwarn" not in node and not target.startswith(
        f"{site.project.package}."
    ):
        return content  # an annotation that names NumPy, MXNet or the like
    domain = env.domains["py"]
    names = []
    try:
        names.append(site.reference(*site.project.graph.locate(target)))
    except LookupError:
        pass
    last = "." + target.rpartition(".")[2]
    ends = [
        name
        for name, found in domain.objects.items()
        if name.endswith(last) and not found.aliased
    ]
    home = str(node.get("py:module") or "")
    near = [n for n in ends if n.startswith(home)] or ends
    if len(near) == 1:
        names.append(near[0])
    for name in names:
        if name in domain.objects:
            return domain.resolve_xref(
                env,
                node["refdoc"],
                app.builder,
                "obj",
                name,
                node,
                content,
            )
    return None
