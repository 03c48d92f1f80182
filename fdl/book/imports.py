"""Which modules a piece of code depends on, found without running it.

The syntax trees of a package give its import graph; a chapter's cells give
the places where the chapter enters that graph, so ``from fdl.train import
fit`` depends on ``fdl.train.loop`` and not on everything beside it. Where
the answer cannot be read off, the whole package counts: too much runs again
rather than too little.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from fdl.book.package import SCOPES, Package

__all__ = ["Graph", "Uses"]

# what a subcommand of the command line leads to; others count everything
COMMANDS = {"data": "data", "devices": "device", "book": "book"}
EXPERIMENTS = ("train", "record")
# a name in code: the module where it starts, and the attributes from there
Place = tuple[str, tuple[str, ...]]


class Uses:
    """What a piece of code uses of the package.

    Attributes
    ----------
    modules : set of str
        Modules that it imports, with all their function-level imports.
    shallow : set of str
        Modules of which only the imports at the top count.
    records : set of str
        Names of the records that it reads.

    Examples
    --------
    >>> import fdl
    >>> graph = Graph(Path(fdl.__file__).parents[1])
    >>> cells = ["from fdl.book import record", "record('mnist_mlp')"]
    >>> graph.uses_of_cells(cells).records
    {'mnist_mlp'}
    """

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.shallow: set[str] = set()
        self.records: set[str] = set()


class Graph(Package):
    """The import graph of one package.

    Parameters
    ----------
    root : Path
        The folder that holds the package.
    package : str
        The package's name.

    Examples
    --------
    >>> import fdl
    >>> graph = Graph(Path(fdl.__file__).parents[1])
    >>> uses = graph.uses_of_cells(["from fdl.scratch import softmax"])
    >>> found = graph.closure(uses)
    >>> "fdl.scratch.neurons" in found, "fdl.scratch.network" in found
    (True, False)
    """

    def __init__(self, root: Path, package: str = "fdl") -> None:
        super().__init__(root, package)
        self._uses: dict[tuple[str, bool], Uses] = {}

    def uses(self, module: str, top: bool = False) -> Uses:
        """Return what `module` uses; with `top`, at its top level only."""
        if (module, top) not in self._uses:
            home = module
            if not self.is_package(module):
                home = module.rpartition(".")[0]
            tree = self.tree(module)
            if top:
                body = [s for s in tree.body if not isinstance(s, SCOPES)]
                tree = ast.Module(body, [])
            found = _Reader(self, home).read(tree)
            self._uses[module, top] = found
        return self._uses[module, top]

    def uses_of_cells(self, cells: Iterable[str]) -> Uses:
        """Return what the code cells of a chapter use, taken together."""
        return _Reader(self, "").cells(cells)

    def closure(self, uses: Uses) -> set[str]:
        """Return every module that is loaded sooner or later."""
        done: set[str] = set()
        waiting = set(uses.modules)
        for module in uses.shallow:
            waiting |= self.uses(module, top=True).modules - uses.shallow
        while waiting:
            module = waiting.pop()
            done.add(module)
            found = self.uses(module)
            waiting |= (found.modules | found.shallow) - done
        return done | uses.shallow


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a function that are not inside another function."""
    children = ast.iter_child_nodes(function)
    if isinstance(function, ast.If) and _type_checking(function.test):
        children = iter(function.orelse)
    for node in children:
        yield node
        if not isinstance(node, (*SCOPES, ast.Lambda)):
            yield from _own(node)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


class _Reader:
    """Walks code and collects what it uses."""

    def __init__(self, graph: Graph, home: str) -> None:
        self.graph = graph
        self.home = home  # the package that relative imports start from
        self.found = Uses()

    def read(self, tree: ast.AST) -> Uses:
        self.visit_scope(tree, {})
        return self.found

    def cells(self, cells: Iterable[str]) -> Uses:
        from IPython.core.inputtransformer2 import TransformerManager

        transform = TransformerManager().transform_cell
        bodies: list[ast.stmt] = []
        for source in cells:
            try:
                bodies += ast.parse(transform(source)).body
            except SyntaxError:
                continue  # running it will say so
        return self.read(ast.Module(bodies, []))

    # --- scopes

    def visit_scope(self, scope: ast.AST, outer: dict[str, Place]) -> None:
        names = dict(outer)
        for node in _own(scope):  # imports first: code may come before them
            if isinstance(node, ast.Import):
                self.plain_import(node, names)
            elif isinstance(node, ast.ImportFrom):
                self.from_import(node, names)
        for child in ast.iter_child_nodes(scope):
            self.visit(child, names)

    def visit(self, node: ast.AST, names: dict[str, Place]) -> None:
        if isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        ):
            taken = {
                a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)
            }
            taken |= {
                n.id
                for n in _own(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            free = {k: v for k, v in names.items() if k not in taken}
            self.visit_scope(node, free)
            return
        if isinstance(node, ast.ClassDef):
            self.visit_scope(node, names)
            return
        if isinstance(node, ast.If) and _type_checking(node.test):
            for statement in node.orelse:
                self.visit(statement, names)
            return
        if isinstance(node, (ast.Attribute, ast.Name)):
            place, inner = self.place(node, names)
            if place is not None:
                self.use(place)
            elif inner is not None:
                self.visit(inner, names)
            return
        if isinstance(node, ast.Call):
            self.call(node, names)
        for child in ast.iter_child_nodes(node):
            self.visit(child, names)

    def place(
        self, node: ast.AST, names: dict[str, Place]
    ) -> tuple[Place | None, ast.AST | None]:
        """The place that ``a.b.c`` means, or the expression at its start."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None, node
        if node.id not in names or not isinstance(node.ctx, ast.Load):
            return None, None
        module, path = names[node.id]
        return (module, path + tuple(reversed(attributes))), None

    def use(self, place: Place) -> None:
        modules, end, rest = self.graph.follow(*place)
        self.found.modules |= modules
        if end is not None and not rest and self.graph.is_package(end):
            self.found.modules |= self.graph.whole(end)

    # --- imports

    def plain_import(self, node: ast.Import, names: dict[str, Place]) -> None:
        for alias in node.names:
            top = alias.name.split(".")[0]
            if top != self.graph.package:
                names.pop(alias.asname or top, None)
                continue
            self.found.modules |= self.graph.load(alias.name)
            if alias.asname:
                names[alias.asname] = (top, tuple(alias.name.split(".")[1:]))
            else:
                names[top] = (top, ())

    def from_import(
        self, node: ast.ImportFrom, names: dict[str, Place]
    ) -> None:
        base = node.module or ""
        if node.level:
            parts = self.home.split(".")
            kept = parts[: len(parts) - node.level + 1]
            base = ".".join([*kept, *([base] if base else [])])
        inside = base.split(".")[0] == self.graph.package
        for alias in node.names:
            if not inside:
                names.pop(alias.asname or alias.name, None)
                continue
            self.found.modules |= self.graph.load(base)
            if alias.name == "*":
                self.found.modules |= self.graph.whole(base)
                continue
            top, *path = base.split(".")
            place = (top, (*path, alias.name))
            self.found.modules |= self.graph.follow(*place)[0]
            names[alias.asname or alias.name] = place

    # --- calls that name something by a string

    def call(self, node: ast.Call, names: dict[str, Place]) -> None:
        first = _text(node.args[0]) if node.args else None
        place, inner = self.place(node.func, names)
        package = self.graph.package
        if place is not None:
            dotted = ".".join((place[0], *place[1]))
            if dotted in (
                f"{package}.book.record",
                f"{package}.book.chapter.record",
                f"{package}.records.read",
            ):
                if first is not None:
                    self.found.records.add(first)
            elif dotted in (
                f"{package}.experiments.get",
                f"{package}.experiments.configure",
            ):
                self.experiment(first)
        elif (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "import_module"
            and first is not None
            and first.split(".")[0] == package
        ):
            self.found.modules |= self.graph.load(first)
        elif _is_get_ipython(inner) and isinstance(node.func, ast.Attribute):
            texts = [t for a in node.args if (t := _text(a)) is not None]
            if node.func.attr in ("system", "getoutput"):
                self.shell(" ".join(texts))
            elif texts and texts[0] in ("bash", "sh", "script", "system"):
                self.shell("\n".join(texts[1:]))
            else:  # %time, %%capture and their like hold Python
                for text in texts[1:]:
                    more = self.graph.uses_of_cells([text])
                    self.found.modules |= more.modules
                    self.found.shallow |= more.shallow
                    self.found.records |= more.records

    def experiment(self, name: str | None) -> None:
        folder = f"{self.graph.package}.experiments"
        if name is not None and f"{folder}.{name}" in self.graph.files:
            self.found.modules |= self.graph.load(f"{folder}.{name}")
        elif name is None and folder in self.graph.files:
            self.found.modules |= self.graph.whole(folder)

    def shell(self, text: str) -> None:
        """Count what a shell line runs of the package."""
        package = self.graph.package
        for line in text.splitlines():
            try:
                words = shlex.split(line, comments=True)
            except ValueError:
                words = line.split()
            for i, word in enumerate(words):
                if word.rpartition("/")[2] == package:
                    self.command(words[i + 1 :])
                    break
            else:
                for dotted in re.findall(rf"\b{package}(?:\.\w+)*", line):
                    top, *path = dotted.split(".")
                    modules, place, _ = self.graph.follow(top, path)
                    if place is not None:
                        self.found.modules |= modules
                if "-c" in words[:-1]:
                    code = words[words.index("-c") + 1]
                    more = self.graph.uses_of_cells([code])
                    self.found.modules |= more.modules

    def command(self, words: list[str]) -> None:
        package = self.graph.package
        cli = f"{package}.cli"
        if cli not in self.graph.files:
            return
        names = [w for w in words if not w.startswith("-")]
        verb = names[0] if names else ""
        for module in self.graph.whole(cli) | {f"{package}.__main__"}:
            if module in self.graph.files:
                self.found.shallow.add(module)
        if (
            verb in COMMANDS
            and f"{package}.{COMMANDS[verb]}" in self.graph.files
        ):
            module = f"{package}.{COMMANDS[verb]}"
            self.found.modules |= self.graph.whole(module)
        elif verb in EXPERIMENTS:
            self.found.modules |= self.graph.load(f"{package}.experiments")
            self.experiment(names[1] if len(names) > 1 else None)
        elif verb:
            self.found.modules |= self.graph.whole(cli)


def _type_checking(test: ast.AST) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _is_get_ipython(node: ast.AST | None) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "get_ipython"
    )
