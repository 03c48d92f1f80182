"""Examples of the reference as one can copy them: with their imports.

In a docstring an example sees what its module sees, and does not import it.
"""

from __future__ import annotations

import ast
import builtins
import doctest
import importlib
import inspect
from types import ModuleType

__all__ = ["add_imports", "imports"]


def imports(docstring: str, module: ModuleType) -> list[str]:
    """Return the import statements that examples take for granted.

    Parameters
    ----------
    docstring : str
        Examples and other words.
    module : module
        Where they stand, and what they see.

    Examples
    --------
    >>> import fdl.rl.dqn
    >>> text = ">>> agent = DQN(world, Config())"
    >>> imports(text, fdl.rl.dqn)
    ['from fdl.rl import DQN', 'from fdl.rl.dqn import Config']
    """
    sources = [
        e.source for e in doctest.DocTestParser().get_examples(docstring)
    ]
    nodes = list(ast.walk(ast.parse("".join(sources))))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    made = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            made |= {_bound(alias) for alias in node.names}
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.add(node.name)
    wanted = {n.id for n in names} - made - set(dir(builtins))
    taken: dict[str, list[str]] = {}
    for name in sorted(wanted & set(vars(module))):
        start, what = _origin(name, module)
        taken.setdefault(start, []).extend(what)
    return sorted(
        f"{start} {', '.join(what)}".strip() for start, what in taken.items()
    )


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


def _origin(name: str, module: ModuleType) -> tuple[str, list[str]]:
    """Return a name's import statement; its end, if others can share it."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if _bound(alias) == name:
                    if isinstance(node, ast.Import):
                        return f"import {ast.unparse(alias)}", []
                    return f"from {node.module} import", [ast.unparse(alias)]
    home = module.__name__.rpartition(".")[0]
    if home:
        package = importlib.import_module(home)
        if name in getattr(package, "__all__", ()):
            return f"from {home} import", [name]
    return f"from {module.__name__} import", [name]


def add_imports(lines: list[str], module: ModuleType) -> None:
    """Put the imports that examples take for granted before the first.

    Examples
    --------
    >>> import fdl.rl.returns
    >>> lines = ["A reward:", "", "  >>> discounted([1.0], 0.9)", "  [1.]"]
    >>> add_imports(lines, fdl.rl.returns)
    >>> lines[2]
    '  >>> from fdl.rl import discounted'
    """
    first = [k for k, t in enumerate(lines) if t.lstrip().startswith(">>>")]
    if first:
        line = lines[first[0]]
        space = line[: len(line) - len(line.lstrip())]
        found = imports("\n".join(lines), module)
        lines[first[0] : first[0]] = [f"{space}>>> {text}" for text in found]
