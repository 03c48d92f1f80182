"""Finds the operators of MXNet that are wrong without a word.

The guard reads syntax trees and runs nothing. It follows names from their
imports: ``np`` may be MXNet's or NumPy's, and only the first is dangerous.
Where an array's kind cannot be told from its name, it is MXNet's as soon as
the module imports MXNet at all; asking NumPy by name (``onp.var(x)``) settles
it. In a chapter all cells are one module.

A cell that shows a trap says so by the tag ``trap``, which is for one section
of one chapter. Products of plain matrices say so too: ``# guard: 2-D``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from guard_names import (
    MXNET,
    NUMPY,
    Names,
    first_argument,
    imported,
    in_mxnet,
    literal,
)

from fdl.book.markdown import Block, blocks

__all__ = ["RULES", "Cell", "Finding", "cells", "check", "check_chapter"]

OURS = "fdl._mxnet."
RULES = {
    "variance": (
        f"has gradient 0; use {OURS}variance, or NumPy's by name (np.var(x), "
        "not x.var())"
    ),
    "where": (
        "with a plain number sends the gradient to the other branch; use "
        f"{OURS}where"
    ),
    "selu": f"has a wrong gradient; use {OURS}selu",
    "prod": f"has gradient NaN at a factor 0; use {OURS}prod",
    "norm": f"has gradient NaN at length 0; use {OURS}norm",
    "matmul": (
        "has a wrong gradient where an inner leading size is 1; use "
        f"np.dot, npx.batch_dot or {OURS}matmul, or say `# guard: 2-D`"
    ),
    "undifferentiated": (
        "has a wrong gradient, or one of 0; use reshape, transpose or flip, "
        "or NumPy outside of gradients"
    ),
    "arctan2": "with a number first has a wrong gradient; use an array",
    "insert": "fails in backward; concatenate slices",
    "clip": "fails on NumPy arrays; clip by a function of our own",
    "states": "writes a pickle; save the optimizer's arrays",
    "rest": (
        "loses where the maxima of max pooling were, and sends gradients "
        "astray; use fdl.nn.at_rest"
    ),
    "second": "fails: MXNet has no second derivatives of its NumPy operators",
    "pickle": "runs whatever a file says; write arrays and JSON",
    "load": "must say allow_pickle=False",
    "trap": "is a tag for the section of chapter 3 that shows MXNet's traps",
}

# what an operator's last name says, wherever in MXNet it comes from
OPERATORS = {
    "var": "variance",
    "std": "variance",
    "prod": "prod",
    "norm": "norm",
    "matmul": "matmul",
    "SELU": "selu",
    "insert": "insert",
    "delete": "insert",
    "clip_global_norm": "clip",
    **dict.fromkeys(
        (
            *("rot90", "atleast_1d", "atleast_2d", "atleast_3d", "unique"),
            *("percentile", "quantile", "polyval", "pinv"),
            *("eig", "eigh", "eigvals", "eigvalsh"),
        ),
        "undifferentiated",
    ),
}
METHODS = {
    "var": "variance",
    "std": "variance",
    "prod": "prod",
    "norm": "norm",
}
STATES = {"save_states", "load_states", "get_states", "set_states"}
STATES |= {"save_optimizer_states", "load_optimizer_states"}
PICKLES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib"}
PICKLES |= {"shelve", "marshal"}
# a variable of a graph, not a variance
HARMLESS = {f"{MXNET}.sym.var", f"{MXNET}.symbol.var"}
HARMLESS |= {f"{MXNET}.gluon.Parameter.var"}
SECTION = re.compile(r"what mxnet (will|does) not tell", re.IGNORECASE)
COMMAND = re.compile(r"^(\s*)([!%]+[A-Za-z].*|\??[\w.]+\?+)$")
ALLOWED = re.compile(r"#\s*guard:\s*2-D")


class Finding(NamedTuple):
    """A rule that is broken, and where."""

    file: str
    line: int
    rule: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {RULES[self.rule]}"


class Cell(NamedTuple):
    """A code cell of a chapter."""

    line: int
    source: str
    tags: tuple[str, ...]
    section: str


class Guard(Names):
    """Looks at one module."""

    def __init__(
        self, tree: ast.AST, source: str, file: str, mixed: bool
    ) -> None:
        super().__init__(tree)
        self.file = file
        # both kinds of arrays side by side: `@` counts if it is MXNet's
        self.mixed = mixed
        self.lines = source.splitlines()
        self.findings: list[Finding] = []
        self.visit(tree)

    def report(self, node: ast.AST, rule: str, code: str = "") -> None:
        """Note a finding, once for each place."""
        code = code or ast.unparse(node)
        code = code if len(code) < 60 else code[:57] + "..."
        found = Finding(self.file, node.lineno, rule, f"`{code}`")
        if found not in self.findings:
            self.findings.append(found)

    def _operator(self, node: ast.expr) -> None:
        name = self.dotted(node)
        if not name or not name.startswith(f"{MXNET}.") or name in HARMLESS:
            return
        rule = OPERATORS.get(name.split(".")[-1])
        if rule == "matmul" and self._is_allowed():
            return
        if rule:
            self.report(node, rule)

    def _is_allowed(self) -> bool:
        """Whether the statement at hand speaks of plain matrices."""
        lines = self.lines[self.statement]
        return any(ALLOWED.search(line) for line in lines)

    def visit(self, node: ast.AST) -> None:
        """Visit a node, and know the statement that it is part of."""
        if isinstance(node, ast.stmt):
            end = node.end_lineno
            if hasattr(node, "body"):  # of a block, its head
                end = max(node.lineno, node.body[0].lineno - 1)
            self.statement = slice(node.lineno - 1, end)
        super().visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Look at a name that is used."""
        if isinstance(node.ctx, ast.Load):
            self._operator(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Look at ``np.var``, called or not."""
        self._operator(node)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Look for pickle, and for operators imported by name."""
        self._imports(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Look for pickle, and for operators imported by name."""
        self._imports(node)

    def _imports(self, node: ast.Import | ast.ImportFrom) -> None:
        for dotted in imported(node, whole=True).values():
            parts = in_mxnet(dotted).split(".")
            if parts[0] in PICKLES:
                self.report(node, "pickle")
            elif parts[0] == MXNET and parts[-1] in OPERATORS:
                self.report(node, OPERATORS[parts[-1]])

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Look at ``a @ b``."""
        if isinstance(node.op, ast.MatMult) and self.uses_mxnet:
            kinds = {self.kind(node.left), self.kind(node.right)}
            doubtful = MXNET in kinds if self.mixed else NUMPY not in kinds
            if doubtful and not self._is_allowed():
                self.report(node, "matmul")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Look at what is called, and with what."""
        name = self.dotted(node.func) or ""
        last = name.split(".")[-1]
        given = {k.arg: k.value for k in node.keywords if k.arg}
        if isinstance(node.func, ast.Call):
            self._operator(node.func)  # getattr(np, "var")(x)
        if name.startswith(f"{MXNET}."):
            self._mxnet_call(node, name, given)
        elif name in (f"{NUMPY}.load", f"{NUMPY}.save"):
            value = given.get("allow_pickle")
            if not (isinstance(value, ast.Constant) and value.value is False):
                self.report(node, "load")
        elif last == "read_pickle" or last == "to_pickle":
            self.report(node, "pickle")
        if self.uses_mxnet and literal(given.get("act_type")) == "selu":
            self.report(node, "selu")
        if isinstance(node.func, ast.Attribute):
            self._method(node, node.func, name)
        self.generic_visit(node)

    def _mxnet_call(
        self, node: ast.Call, name: str, given: dict[str, ast.expr]
    ) -> None:
        last = name.split(".")[-1]
        if "selu" in (
            literal(given.get("activation")),
            literal(first_argument(node)),
        ):
            self.report(node, "selu")
        if last == "where":
            branches = [*node.args[1:3], given.get("x"), given.get("y")]
            # NumPy's numbers count too; its arrays would not be taken at all
            if any(self.kind(b) in ("number", NUMPY) for b in branches if b):
                self.report(node, "where")
        if last == "arctan2":
            first = given.get("x1", first_argument(node))
            if self.kind(first) == "number":
                self.report(node, "arctan2")
        if name == f"{MXNET}.autograd.record":
            value = given.get("train_mode", first_argument(node))
            if isinstance(value, ast.Constant) and not value.value:
                self.report(node, "rest")
        if name == f"{MXNET}.autograd.grad":
            value = given.get("create_graph")
            if len(node.args) > 4:
                value = node.args[4]
            no = value is None or (
                isinstance(value, ast.Constant) and not value.value
            )
            if not no:
                self.report(node, "second")

    def _method(
        self, node: ast.Call, function: ast.Attribute, name: str
    ) -> None:
        if not self.uses_mxnet:
            return
        if function.attr in STATES:
            self.report(node, "states")
        if name or function.attr not in METHODS:
            return  # a function of a module: seen by its name
        if self.kind(function.value) not in (NUMPY, "number"):
            self.report(node, METHODS[function.attr])


def check(
    source: str, file: str = "code", mixed: bool = False
) -> list[Finding]:
    """Return what is wrong with the source of a module."""
    return Guard(ast.parse(source), source, file, mixed).findings


def cells(text: str) -> list[Cell]:
    """Return the code cells of a chapter, those inside exercises too."""
    return list(_cells(text.splitlines(), 0, [""]))


def _cells(lines: list[str], start: int, section: list[str]) -> Iterator[Cell]:
    at = 0
    for block in blocks(lines):
        if not isinstance(block, Block):
            if not block.code:
                for line in block.lines:
                    if line.startswith("## "):
                        section[0] = line[3:].strip()
            at += len(block.lines)
            continue
        inside = block.raw.split("\n") if block.raw else []
        body = start + at + 1 + len(inside) - len(block.body)
        if block.name == "code-cell":
            yield Cell(
                body + 1, "\n".join(block.body), _tags(block), section[0]
            )
        else:
            yield from _cells(block.body, body, section)
        at += len(inside) + 2


def _tags(block: Block) -> tuple[str, ...]:
    tags = block.options.get("tags", [])
    if isinstance(tags, str):
        tags = tags.strip("[] ").split(",")
    return tuple(str(tag).strip(" '\"") for tag in tags)


def check_chapter(text: str, file: str) -> list[Finding]:
    """Return what is wrong with a chapter's cells."""
    found = cells(text)
    lines = [""] * len(text.splitlines())
    for cell in found:
        for i, line in enumerate(cell.source.splitlines(), cell.line - 1):
            lines[i] = _python(line)
    source = "\n".join(lines)
    trapped: set[int] = set()
    findings = []
    for cell in found:
        if "trap" in cell.tags:
            size = len(cell.source.splitlines())
            trapped.update(range(cell.line, cell.line + size))
            if not (
                Path(file).name.startswith("03-")
                and SECTION.search(cell.section)
            ):
                findings.append(Finding(file, cell.line, "trap", "`trap`"))
    findings += [
        f for f in check(source, file, mixed=True) if f.line not in trapped
    ]
    return findings


def _python(line: str) -> str:
    """Return a line of a cell without IPython's own commands."""
    return COMMAND.sub(r"\1pass", line)
