"""What names in a piece of code stand for, read from its syntax tree.

``np`` may be MXNet's or NumPy's. Names are followed from their imports, past
aliases and through functions, and values from what they were made with.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Optional

__all__ = [
    "DOOR",
    "MXNET",
    "NUMPY",
    "Names",
    "first_argument",
    "imported",
    "in_mxnet",
    "literal",
]

NUMPY, MXNET = "numpy", "mxnet"
DOOR = "fdl._mxnet"
# of our own packages, those that know NumPy's arrays only
PLAIN = ("fdl.data.", "fdl.scratch.", "fdl.seeding.")
# what the door hands on, and where it is in MXNet
HANDED = {
    "mx": MXNET,
    "nn": f"{MXNET}.gluon.nn",
    **{name: f"{MXNET}.{name}" for name in ("np", "npx", "autograd", "gluon")},
}


class Scope:
    """The names of a module or a function, and what is assigned to them."""

    def __init__(self, parent: Optional[Scope] = None) -> None:
        self.parent = parent
        self.modules: dict[str, str] = {}
        self.values: dict[str, list[Optional[ast.expr]]] = {}
        self.kinds: dict[str, str] = {}

    def find(self, name: str) -> Optional[Scope]:
        """Return the innermost scope that knows a name."""
        scope: Optional[Scope] = self
        while scope is not None:
            if name in scope.modules or name in scope.values:
                return scope
            scope = scope.parent
        return None


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Names(ast.NodeVisitor):
    """Walks a module and knows, at each place, what its names stand for."""

    def __init__(self, tree: ast.AST) -> None:
        self.scope = Scope()
        self.asking: set[tuple[int, str]] = set()
        self.uses_mxnet = any(
            in_mxnet(name).split(".")[0] == MXNET
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in imported(node, whole=True).values()
        )
        self._gather(tree)

    # -- names

    def _gather(self, node: ast.AST) -> None:
        """Note what the current scope's own statements bind."""
        for child in _own(node):
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                for name, target in imported(child).items():
                    # a name that is both is MXNet's: that one is watched
                    known = self.scope.modules.get(name, "")
                    if not in_mxnet(known).startswith(MXNET):
                        self.scope.modules[name] = target
            elif isinstance(child, ast.Assign):
                for target in child.targets:
                    self._bind(target, child.value)
            elif isinstance(child, ast.AnnAssign) and child.value:
                self._bind(child.target, child.value)
            elif isinstance(child, ast.NamedExpr):
                self._bind(child.target, child.value)
            elif isinstance(child, (ast.For, ast.AsyncFor)):
                self._bind(child.target, None)
            elif isinstance(child, ast.comprehension):
                self._bind(child.target, None)
            elif isinstance(child, ast.withitem) and child.optional_vars:
                self._bind(child.optional_vars, None)

    def _bind(self, target: ast.expr, value: Optional[ast.expr]) -> None:
        if isinstance(target, ast.Name):
            self.scope.values.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, None)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts: list[Optional[ast.expr]] = [None] * len(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(
                value.elts
            ) == len(parts):
                parts = list(value.elts)
            elif value is not None and self._is_namespace(value):
                # F, Fx = namespace(x)
                names = (f"{MXNET}.np", f"{MXNET}.npx")
                for part, name in zip(target.elts, names):
                    if isinstance(part, ast.Name):
                        self.scope.modules[part.id] = name
                return
            for part, one in zip(target.elts, parts):
                self._bind(part, one)

    def _is_namespace(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Call)
            and (self.dotted(node.func) or "") == f"{DOOR}.namespace"
        )

    def dotted(self, node: ast.AST) -> Optional[str]:
        """Return what a name or an attribute stands for, if it is known."""
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            if base is None:
                return None
            if base == f"{MXNET}.door":
                base = DOOR
            return in_mxnet(f"{base}.{node.attr}")
        if isinstance(node, ast.Call):
            # getattr(np, "var")
            if ast.unparse(node.func) != "getattr" or len(node.args) < 2:
                return None
            base, name = self.dotted(node.args[0]), literal(node.args[1])
            return in_mxnet(f"{base}.{name}") if base and name else None
        if isinstance(node, ast.Subscript):
            # namespace(x)[0]
            if self._is_namespace(node.value):
                first = ast.unparse(node.slice) == "0"
                return f"{MXNET}.np" if first else f"{MXNET}.npx"
            return None
        if not isinstance(node, ast.Name):
            return None
        scope = self.scope.find(node.id)
        if scope is None:
            return None
        if node.id in scope.modules:
            return in_mxnet(scope.modules[node.id])
        (value, *more) = scope.values[node.id]
        if more or value is None:
            return None
        with self._once(scope, node.id) as first:
            return self.dotted(value) if first else None

    def _once(self, scope: Scope, name: str) -> _Once:
        return _Once(self.asking, (id(scope), name))

    # -- kinds of values

    def kind(self, node: Optional[ast.AST]) -> Optional[str]:
        """Return "numpy", "mxnet" or "number", or None if it is not known."""
        if isinstance(node, ast.Constant):
            number = isinstance(node.value, (bool, int, float))
            return "number" if number else None
        if isinstance(node, ast.UnaryOp):
            return self.kind(node.operand)
        if isinstance(node, ast.BinOp):
            kinds = {self.kind(node.left), self.kind(node.right)}
            for kind in (MXNET, NUMPY):
                if kind in kinds:
                    return kind
            return "number" if kinds == {"number"} else None
        if isinstance(node, ast.Compare):
            return self.kind(node.left)
        if isinstance(node, ast.Subscript):
            return self.kind(node.value)
        if isinstance(node, ast.IfExp):
            kinds = {self.kind(node.body), self.kind(node.orelse)}
            return kinds.pop() if len(kinds) == 1 else None
        if isinstance(node, ast.Attribute):
            name = self.dotted(node)
            if name and name.split(".")[0] in (NUMPY, MXNET, "math"):
                constant = name.split(".")[-1] in ("inf", "nan", "pi", "e")
                return "number" if constant else None
            return self.kind(node.value)
        if isinstance(node, ast.Call):
            return self._kind_of_call(node)
        if isinstance(node, ast.Name):
            return self._kind_of_name(node.id)
        return None

    def _kind_of_call(self, node: ast.Call) -> Optional[str]:
        if isinstance(node.func, ast.Name) and node.func.id in (
            *("float", "int", "bool", "len", "round"),
        ):
            return "number"
        name = self.dotted(node.func)
        if name:
            root = name.split(".")[0]
            if root in (NUMPY, "scipy", "math"):
                scalars = ("float32", "float64", "int32", "int64")
                plain = root == "math" or name.split(".")[-1] in scalars
                return "number" if plain else NUMPY
            if name.startswith(f"{MXNET}.") or name.startswith(DOOR):
                return MXNET
            if name.startswith(PLAIN):
                return NUMPY
            return None
        if isinstance(node.func, ast.Attribute):
            if node.func.attr == "asnumpy":
                return NUMPY
            if node.func.attr == "item":
                return "number"
            return self.kind(node.func.value)
        return None

    def _kind_of_name(self, name: str) -> Optional[str]:
        scope = self.scope.find(name)
        if scope is None or name in scope.modules:
            return None
        if name in scope.kinds:
            return scope.kinds[name]
        with self._once(scope, name) as first:
            kinds = {self.kind(v) for v in scope.values[name]} if first else {}
        return kinds.pop() if len(kinds) == 1 else None

    # -- scopes

    def _function(self, node: ast.AST) -> None:
        outer, self.scope = self.scope, Scope(self.scope)
        arguments = node.args  # type: ignore[attr-defined]
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            *filter(None, (arguments.vararg, arguments.kwarg)),
        ]
        for argument in every:
            self._argument(argument, outer)
        self._gather(node)
        self.generic_visit(node)
        self.scope = outer

    def _argument(self, argument: ast.arg, outer: Scope) -> None:
        name, note = argument.arg, argument.annotation
        if self.uses_mxnet and name in ("F", "np"):
            # hybrid_forward(self, F, x), or a namespace that is handed in
            self.scope.modules[name] = MXNET + (".np" if name == "np" else "")
            return
        self.scope.values[name] = [None]
        if note is None:
            return
        if isinstance(note, ast.Name) and note.id in ("float", "int", "bool"):
            self.scope.kinds[name] = "number"
        elif self.dotted(note) == f"{NUMPY}.ndarray":
            self.scope.kinds[name] = NUMPY

    visit_FunctionDef = _function
    visit_AsyncFunctionDef = _function
    visit_Lambda = _function


def in_mxnet(dotted: str) -> str:
    """Return a dotted name as MXNet has it, past our own door."""
    if dotted == DOOR or dotted.startswith(DOOR + "."):
        head, _, rest = dotted[len(DOOR) + 1 :].partition(".")
        if head in HANDED:
            return HANDED[head] + ("." + rest if rest else "")
        # our own replacements, or the door itself
        return dotted if head else MXNET + ".door"
    return dotted


class _Once:
    """Lets a question through that is not being asked already."""

    def __init__(self, asking: set, key: tuple[int, str]) -> None:
        self.asking, self.key = asking, key

    def __enter__(self) -> bool:
        self.first = self.key not in self.asking
        self.asking.add(self.key)
        return self.first

    def __exit__(self, *_: object) -> None:
        if self.first:
            self.asking.discard(self.key)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a scope without the functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, FUNCTIONS):
            yield from _own(child)


def imported(
    node: ast.Import | ast.ImportFrom, whole: bool = False
) -> dict[str, str]:
    """Return what an import binds: names to dotted names."""
    if isinstance(node, ast.Import):
        return {
            (a.asname or (a.name if whole else a.name.split(".")[0])): (
                a.name if a.asname or whole else a.name.split(".")[0]
            )
            for a in node.names
        }
    module = node.module or ""
    if node.level:
        # inside the package; only the door matters here
        module = f"fdl.{module}".rstrip(".")
        if module.split(".")[-1] == "_mxnet":
            module = DOOR
    return {a.asname or a.name: f"{module}.{a.name}" for a in node.names}


def first_argument(node: ast.Call) -> Optional[ast.expr]:
    return node.args[0] if node.args else None


def literal(node: Optional[ast.expr]) -> Optional[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None
