"""The import graph of ``fdl``: floors, circles, and the one door to MXNet.

The graph is read from the syntax trees, imports inside functions included.
Each rule has a negative control: a made-up package that breaks it.
"""

import ast
from pathlib import Path
from typing import NamedTuple

import pytest

import fdl

# name below the package → (floor, order within it); among equals of floor 0
# the graph must merely be without circles, elsewhere packages keep apart
FLOORS = {
    "": (0, 0),
    "_lazy": (0, 0),
    "errors": (0, 0),
    "_folders": (0, 1),
    "_machine": (0, 1),
    "_mxnet": (0, 1),
    **dict.fromkeys(
        "data scratch device plot seeding profiles records".split(), (0, 2)
    ),
    **dict.fromkeys("nn optim train".split(), (1, 0)),
    **dict.fromkeys(
        "vision representation language memory generative graph rl".split(),
        (2, 0),
    ),
    "estimators": (3, 0),
    "experiments": (3, 0),
    "book": (4, 0),
    "cli": (4, 1),
    "__main__": (4, 2),
}
DOOR = "_mxnet"
NEVER = ("scratch", "data", "profiles", "records", "plot", "errors", "")


class Import(NamedTuple):
    """One import: who, what, and whether it happens when code runs."""

    source: str
    target: str
    runs: bool


class Tree:
    """The imports of the package in a folder."""

    def __init__(self, folder):
        self.package = folder.name
        self.files = {}
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            module = ".".join(parts).removesuffix(".__init__")
            self.files[module] = path
        self.trees = {
            module: ast.parse(path.read_bytes())
            for module, path in self.files.items()
        }
        self.tables = {
            module: _table(tree) for module, tree in self.trees.items()
        }
        self.imports = {
            Import(module, target, runs)
            for module, tree in self.trees.items()
            for target, runs in self._targets(module, tree)
        }

    def _targets(self, module, tree):
        typing_only = {
            id(node)
            for block in ast.walk(tree)
            if isinstance(block, ast.If)
            and ast.unparse(block.test).endswith("TYPE_CHECKING")
            for child in block.body
            for node in ast.walk(child)
        }
        for node in ast.walk(tree):
            runs = id(node) not in typing_only
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, runs
            elif isinstance(node, ast.ImportFrom):
                start = node.module or ""
                if node.level:
                    here = module.split(".")
                    packaged = self.files[module].name == "__init__.py"
                    up = node.level - packaged
                    here = here[: len(here) - up] if up else here
                    start = ".".join([*here, *filter(None, [start])])
                for alias in node.names:
                    for target in self.resolve(start, alias.name):
                        yield target, runs

    def resolve(self, start, name):
        """Return the modules that ``from start import name`` loads."""
        if f"{start}.{name}" in self.files:
            return [start, f"{start}.{name}"]
        if name in self.tables.get(start, ()):
            return [start, f"{start}.{self.tables[start][name]}"]
        return [start]

    def inside(self, target):
        return target == self.package or target.startswith(f"{self.package}.")

    def unit(self, module):
        """Return the name below the package, for example "data"."""
        return (module.split(".") + [""])[1]


def _table(tree):
    """Return the table of lazy names that an ``__init__`` hands over."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazy":
            return ast.literal_eval(node.args[1])
    return {}


def unknown_units(tree):
    return sorted({tree.unit(module) for module in tree.files} - set(FLOORS))


def upward(tree):
    """Return the imports that climb, or cross to a neighbour's package."""
    found = []
    for source, target, _ in sorted(tree.imports):
        if not tree.inside(target):
            continue
        here, there = tree.unit(source), tree.unit(target)
        if here == there or there == "":
            continue
        low, high = FLOORS[there], FLOORS[here]
        neighbours = low == high and low[0] == 0
        if not (low < high or neighbours):
            found.append((source, target))
    return found


def circle(tree):
    """Return one circle of run-time imports, or an empty list."""
    after = {module: set() for module in tree.files}
    for source, target, runs in tree.imports:
        if runs and target in after and target != source:
            # a package's __init__ names its modules lazily and a module's
            # import of its own package loads nothing more
            if not source.startswith(f"{target}."):
                after[source].add(target)
    state, path = {}, []

    def visit(module):
        state[module] = "open"
        path.append(module)
        for other in sorted(after[module]):
            if state.get(other) == "open":
                return [*path[path.index(other) :], other]
            if other not in state and (found := visit(other)):
                return found
        path.pop()
        state[module] = "done"
        return []

    for module in sorted(after):
        if module not in state and (found := visit(module)):
            return found
    return []


def importers_of_mxnet(tree):
    return sorted(
        {
            source
            for source, target, _ in tree.imports
            if target.split(".")[0] == "mxnet"
        }
    )


def reaches_mxnet(tree):
    """Return the modules that must not lead to MXNet and do."""
    after = {}
    for source, target, runs in tree.imports:
        if runs:
            after.setdefault(source, set()).add(target)
    door = f"{tree.package}.{DOOR}"
    found = []
    for module in tree.files:
        if tree.unit(module) not in NEVER:
            continue
        seen, todo = set(), [module]
        while todo:
            here = todo.pop()
            if here not in seen:
                seen.add(here)
                todo += after.get(here, ())
        if door in seen or any(m.split(".")[0] == "mxnet" for m in seen):
            found.append(module)
    return found


@pytest.fixture(scope="module")
def tree():
    return Tree(Path(fdl.__file__).parent)


def test_every_module_has_a_floor(tree):
    assert unknown_units(tree) == []


def test_no_module_imports_upwards(tree):
    assert upward(tree) == []


def test_there_are_no_circles(tree):
    assert circle(tree) == []


def test_only_the_door_imports_mxnet(tree):
    assert importers_of_mxnet(tree) == ["fdl._mxnet"]


def test_first_principles_and_data_never_reach_mxnet(tree):
    assert reaches_mxnet(tree) == []


def test_the_graph_is_not_empty(tree):
    pairs = {(source, target) for source, target, _ in tree.imports}
    assert ("fdl.nn.feed_forward", "fdl._mxnet") in pairs
    assert ("fdl.records", "fdl.profiles") in pairs


# --- negative controls


def make(folder, **files):
    """Write a package "fdl" whose module ``a__b`` is the file a/b.py."""
    top = folder / "fdl"
    files = {"__init__": "", **files}
    for name, text in files.items():
        path = top / (name.replace("__in__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        package = path.parent / "__init__.py"
        if not package.exists():
            package.write_text("")
    return Tree(top)


def test_a_unit_without_a_floor_is_seen(tmp_path):
    assert unknown_units(make(tmp_path, cellar__in__x="")) == ["cellar"]


@pytest.mark.parametrize(
    "line",
    [
        "import fdl.train.loop",
        "from fdl import train",
        "from fdl.train.loop import fit",
        "from ..train import loop",
        "def f():\n    from fdl.train import loop",
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from fdl.train import loop",
    ],
)
@pytest.mark.parametrize("unit", ["data", "nn"])
def test_an_import_upwards_or_sideways_is_seen(tmp_path, line, unit):
    made = make(tmp_path, train__in__loop="", **{f"{unit}__in__deep": line})
    found = upward(made)
    assert found
    assert {source for source, _ in found} == {f"fdl.{unit}.deep"}


def test_an_import_downwards_is_allowed(tmp_path):
    made = make(
        tmp_path,
        train__in__loop="from fdl import data, errors\nimport numpy",
        data__in__store="from fdl.errors import must",
        errors="",
        plot="from fdl import data",
        cli="from fdl import book, train",
        book__in__x="from fdl.book import y",
        book__in__y="",
    )
    assert upward(made) == []
    assert circle(made) == []
    assert reaches_mxnet(made) == []


def test_errors_that_import_their_neighbours_are_seen(tmp_path):
    made = make(tmp_path, errors="from fdl import records", records="")
    assert upward(made) == [("fdl.errors", "fdl.records")]


def test_a_circle_is_seen_even_through_a_function(tmp_path):
    made = make(
        tmp_path,
        data__in__a="from fdl.data.b import x",
        data__in__b="def f():\n    from .c import y",
        data__in__c="import fdl.data.a",
    )
    found = circle(made)
    assert found[0] == found[-1]
    assert set(found) == {"fdl.data.a", "fdl.data.b", "fdl.data.c"}


def test_a_circle_through_a_lazy_name_is_seen(tmp_path):
    made = make(
        tmp_path,
        nn__in____init__='a, b, c = lazy(__name__, {"A": "one"})',
        nn__in__one="from fdl.nn.two import B",
        nn__in__two="from fdl.nn import A",
    )
    assert set(circle(made)) == {"fdl.nn.one", "fdl.nn.two"}


def test_an_import_for_types_only_is_no_circle(tmp_path):
    made = make(
        tmp_path,
        data__in__a="from fdl.data import b",
        data__in__b="import typing\n"
        "if typing.TYPE_CHECKING:\n    from fdl.data import a",
    )
    assert circle(made) == []


@pytest.mark.parametrize(
    "line",
    [
        "import mxnet as mx",
        "from mxnet.gluon import nn",
        "def f():\n    import mxnet.ndarray",
    ],
)
def test_a_second_door_to_mxnet_is_seen(tmp_path, line):
    made = make(tmp_path, _mxnet="import mxnet", nn__in__x=line)
    assert importers_of_mxnet(made) == ["fdl._mxnet", "fdl.nn.x"]


@pytest.mark.parametrize("unit", ["data__in__x", "records", "scratch__in__x"])
def test_a_way_round_to_mxnet_is_seen(tmp_path, unit):
    made = make(
        tmp_path,
        _mxnet="import mxnet",
        device="def f():\n    from fdl._mxnet import mx",
        seeding="from fdl import device",
        **{unit: "from fdl.seeding import seed_all"},
    )
    assert reaches_mxnet(made) == ["fdl." + unit.replace("__in__", ".")]


def test_mxnet_behind_a_lazy_name_is_seen(tmp_path):
    made = make(
        tmp_path,
        _mxnet="import mxnet",
        nn__in____init__='a, b, c = lazy(__name__, {"A": "one"})',
        nn__in__one="from fdl._mxnet import nn",
        plot="from fdl.nn import A",
    )
    assert reaches_mxnet(made) == ["fdl.plot"]
