"""Known value: the imports that an example takes for granted."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fdl.book.examples import add_imports, imports

HOME = """
import math
import numpy as onp
from collections import Counter as Counts, deque


class Shown:
    pass


def hidden():
    pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "made_up"
    folder.mkdir()
    (folder / "__init__.py").write_text("__all__ = ['Shown']\n")
    (folder / "home.py").write_text(HOME)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("made_up", "made_up.home"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("made_up.home")


@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        (">>> 1 + 1", []),
        (">>> len(open)", []),
        (">>> Shown()", ["from made_up import Shown"]),
        (">>> hidden()", ["from made_up.home import hidden"]),
        (
            ">>> hidden(), Shown()",
            ["from made_up import Shown", "from made_up.home import hidden"],
        ),
        (">>> math.pi, onp.pi", ["import math", "import numpy as onp"]),
        (
            ">>> Counts(deque())",
            ["from collections import Counter as Counts, deque"],
        ),
        (">>> import math\n>>> math.pi", []),
        (">>> from a import b as math\n>>> math.pi", []),
        (">>> math = 3\n>>> math + 1", []),
        (">>> list(map(lambda math: math + 1, [1]))", []),
        (">>> def math():\n...     return 1\n>>> math()", []),
        (">>> somewhere_else()", []),
        ("No example names Shown.", []),
    ],
)
def test_what_an_example_does_not_import(
    example: str, wanted: list[str], module: ModuleType
) -> None:
    assert imports(example, module) == wanted


def test_imports_stand_before_the_first_example(module: ModuleType) -> None:
    lines = ["Words.", "", "  >>> Shown()", "  Shown", "", "  >>> math.pi"]
    add_imports(lines, module)
    assert lines == [
        "Words.",
        "",
        "  >>> from made_up import Shown",
        "  >>> import math",
        "  >>> Shown()",
        "  Shown",
        "",
        "  >>> math.pi",
    ]
    words = ["No example."]
    add_imports(words, module)
    assert words == ["No example."]
