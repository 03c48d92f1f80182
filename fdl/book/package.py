"""A package as its files show it: modules, lazy tables, objects.

Nothing is imported. Names of lazy packages (the table handed to ``lazy`` in
their ``__init__``) lead to the module that defines them.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["SCOPES", "Package"]

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _bound(node: ast.AST) -> set[str]:
    """Names that a statement binds."""
    if isinstance(node, SCOPES):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {
            n.id
            for target in node.targets
            for n in ast.walk(target)
            if isinstance(n, ast.Name)
        }
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(a.asname or a.name).split(".")[0] for a in node.names}
    if isinstance(node, (ast.If, ast.Try, ast.With)):
        return set().union(*(_bound(n) for n in ast.iter_child_nodes(node)))
    return set()


def _words(node: ast.AST) -> str | None:
    """Return the string that a statement is, if it is one."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        value = node.value.value
        return value if isinstance(value, str) else None
    return None


class Package:
    """One package.

    Parameters
    ----------
    root : Path
        The folder that holds the package.
    package : str
        The package's name.
    """

    def __init__(self, root: Path, package: str = "fdl") -> None:
        self.root = Path(root)
        self.package = package
        self.files: dict[str, Path] = {}
        for path in sorted((self.root / package).rglob("*.py")):
            parts = path.relative_to(self.root).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
            self.files[".".join(parts)] = path
        self._trees: dict[str, ast.Module] = {}
        self._tables: dict[str, dict[str, str]] = {}
        self._digests: dict[str, str] = {}

    # --- what stands in the files

    def tree(self, module: str) -> ast.Module:
        """Return the syntax tree of `module`."""
        if module not in self._trees:
            self._trees[module] = ast.parse(
                self.files[module].read_bytes(), str(self.files[module])
            )
        return self._trees[module]

    def is_package(self, module: str) -> bool:
        """Whether `module` is a package."""
        return self.files[module].name == "__init__.py"

    def table(self, module: str) -> dict[str, str]:
        """Return the lazy table of a package: public name to submodule."""
        if module not in self._tables:
            found: dict[str, str] = {}
            for node in ast.walk(self.tree(module)):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "lazy"
                    and len(node.args) == 2
                    and isinstance(node.args[1], ast.Dict)
                ):
                    found.update(ast.literal_eval(node.args[1]))
            self._tables[module] = found
        return self._tables[module]

    def defines(self, module: str, name: str) -> bool:
        """Whether `name` is bound at the top level of `module`."""
        return any(name in _bound(node) for node in self.tree(module).body)

    def public(self, module: str) -> list[str]:
        """Return the public names of a module or of a lazy package."""
        if names := self.table(module):
            return sorted(names)
        for node in self.tree(module).body:
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "__all__"
                for t in node.targets
            ):
                try:
                    return sorted(ast.literal_eval(node.value))
                except ValueError:
                    return []
        return []

    def digest(self, module: str) -> str:
        """Return the SHA-256 of a module's bytes.

        A package's also covers the other files in its folder.
        """
        if module not in self._digests:
            path = self.files[module]
            sha = hashlib.sha256(path.read_bytes())
            if self.is_package(module):
                for other in sorted(path.parent.iterdir()):
                    if other.is_file() and other.suffix not in (".py", ".pyc"):
                        sha.update(other.name.encode() + other.read_bytes())
            self._digests[module] = sha.hexdigest()
        return self._digests[module]

    # --- following names

    def load(self, module: str) -> set[str]:
        """Return what ``import module`` itself runs: it and its parents."""
        parts = module.split(".")
        names = {".".join(parts[: i + 1]) for i in range(len(parts))}
        return {name for name in names if name in self.files}

    def whole(self, module: str) -> set[str]:
        """Return `module` and all modules below it."""
        below = {m for m in self.files if m.startswith(module + ".")}
        return self.load(module) | below

    def follow(
        self, module: str, names: Iterable[str]
    ) -> tuple[set[str], str | None, tuple[str, ...]]:
        """Follow attributes from a module.

        Returns
        -------
        modules : set of str
            What getting there loads.
        place : str or None
            The module that the last name is, or in which it is defined;
            None where it cannot be found.
        rest : tuple of str
            The attributes that are left inside `place`: empty where the
            last name is a module itself.
        """
        modules, here, left = self.load(module), module, list(names)
        while left:
            name = left[0]
            if not self.is_package(here):
                break
            lazy = self.table(here).get(name)
            if lazy is not None and f"{here}.{lazy}" in self.files:
                below = f"{here}.{lazy}"
                modules |= self.load(below)
                here = below
                if self.is_package(below) and lazy != name:
                    continue
                if lazy != name:
                    break
            elif f"{here}.{name}" in self.files:
                here = f"{here}.{name}"
                modules |= self.load(here)
            elif self.defines(here, name) or name.startswith("__"):
                break
            else:
                return modules | self.whole(here), None, tuple(left)
            left.pop(0)
        return modules, here, tuple(left)

    def locate(self, dotted: str) -> tuple[str, str]:
        """Return the module and the object's path in it for a dotted name.

        Raises
        ------
        LookupError
            If there is no such object.

        Examples
        --------
        >>> import fdl
        >>> package = Package(Path(fdl.__file__).parents[1])
        >>> package.locate("fdl.errors.must")
        ('fdl.errors', 'must')
        """
        top, *names = dotted.split(".")
        if top in self.files:
            _, place, rest = self.follow(top, names)
            if place is not None:
                path = ".".join(rest)
                if not path or self.find(place, path) is not None:
                    return place, path
        raise LookupError(f"there is no {dotted} in the package {top}")

    def find(self, module: str, path: str) -> ast.AST | None:
        """Return the syntax tree of a class, function or method."""
        node: ast.AST = self.tree(module)
        for name in path.split("."):
            for child in ast.iter_child_nodes(node):
                if name in _bound(child):
                    node = child
                    break
            else:
                return None
        return node

    def origin(self, module: str, name: str) -> tuple[str, str]:
        """Return the module that makes `name`, and what it is called there.

        Examples
        --------
        >>> import fdl
        >>> package = Package(Path(fdl.__file__).parents[1])
        >>> package.origin("fdl.book.chapter", "profile")
        ('fdl.profiles', 'profile')
        """
        node = self.find(module, name)
        if isinstance(node, ast.ImportFrom) and not node.level:
            base = node.module or ""
            for alias in node.names:
                if (alias.asname or alias.name) == name and base in self.files:
                    top, *path = base.split(".")
                    _, place, rest = self.follow(top, [*path, alias.name])
                    if place is not None and len(rest) == 1:
                        return self.origin(place, rest[0])
        return module, name

    def said(self, module: str, name: str) -> str:
        """Return the string below a constant or an attribute, else nothing.

        Examples
        --------
        >>> import fdl
        >>> package = Package(Path(fdl.__file__).parents[1])
        >>> package.said("fdl.profiles", "NAMES")
        'The profiles that there are.'
        """
        *outer, last = name.split(".")
        home: Any = self.tree(module)
        if outer:
            home = self.find(module, ".".join(outer))
        body = getattr(home, "body", [])
        for statement, follower in zip(body, body[1:]):
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                if last in _bound(statement):
                    return inspect.cleandoc(_words(follower) or "")
        return ""

    def span(self, module: str, path: str) -> tuple[int, int]:
        """Return the first and the last line of an object in its file."""
        node: Any = self.find(module, path)
        if node is None:
            raise LookupError(f"there is no {path} in {module}")
        decorators = getattr(node, "decorator_list", [])
        return min(n.lineno for n in [node, *decorators]), node.end_lineno

    def lines(
        self, module: str, path: str = "", nodoc: bool = False
    ) -> list[int]:
        """Return the numbers of the lines that an object takes.

        Parameters
        ----------
        module, path : str
            The module, and the object in it; all of the module if empty.
        nodoc : bool
            Leave the docstrings out.
        """
        node: Any = self.tree(module)
        first, last = 1, len(self.files[module].read_bytes().splitlines())
        if path:
            node = self.find(module, path)
            first, last = self.span(module, path)
        dropped = set(_docstrings(node)) if nodoc else set()
        return [i for i in range(first, last + 1) if i not in dropped]


def _docstrings(node: ast.AST) -> list[int]:
    """Numbers of the lines that hold docstrings, and of those left blank."""
    dropped: list[int] = []
    for inner in ast.walk(node):
        if not isinstance(
            inner,
            (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef),
        ):
            continue
        for i, statement in enumerate(inner.body):
            if _words(statement) is None:
                continue
            last = statement.end_lineno or statement.lineno
            if i == 0 and i + 1 < len(inner.body):
                # the blank line between a docstring and the body goes too
                follower = inner.body[i + 1]
                start = min(
                    n.lineno
                    for n in [
                        follower,
                        *getattr(follower, "decorator_list", []),
                    ]
                )
                last = max(last, min(start - 1, last + 1))
            dropped += range(statement.lineno, last + 1)
    return dropped
