"""A miniature book, with a package of its own."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes

from fdl.book.project import Project

REPOSITORY = Path(__file__).resolve().parents[2]

PACKAGE = {
    "__init__.py": """
        from mini._lazy import lazy
        __getattr__, __dir__, __all__ = lazy(
            __name__,
            {"data": "data", "train": "train", "other": "other",
             "fit": "train"},
        )
    """,
    "data/__init__.py": """
        '''What :func:`double` takes.'''
        from collections import namedtuple
        Source = namedtuple("Source", "name kind")
        _used = {}
        def load(name):
            _used[name] = Source(name, "official")
            return [1, 2, 3]
        def used():
            return dict(_used)
    """,
    "train/__init__.py": """
        from mini._lazy import lazy
        __getattr__, __dir__, __all__ = lazy(
            __name__, {"fit": "loop", "Watch": "watch", "HOURS": "watch",
                       "double": "loop"}
        )
    """,
    "train/loop.py": """
        '''The loop.'''
        from mini.helpers import double

        __all__ = ["fit"]

        def fit(n):
            '''Fit twice.

            Book: ch. 3, "The loop itself"
            '''

            return double(n)
    """,
    "train/watch.py": """
        HOURS = 24
        '''Of a day, as
        they are `counted`.'''

        class Watch:
            '''Something that watches.

            Attributes
            ----------
            hour, minute : int
                When it was wound up.
            '''

            def look(self):
                '''Look.'''
                from mini import late
                return late
    """,
    "helpers.py": """
        __all__ = ["double"]

        def double(n):
            'Twice n.'
            return 2 * n
    """,
    "late.py": "",
    "other.py": "value = 1\n",
    "records.py": """
        import json, os
        def environment():
            return {"versions": {"mini": "1"},
                    "hardware": {"processor": "abacus", "cores": 1}}
        def read(name):
            with open(f"{os.environ['FDL_RESULTS']}/{name}.json") as file:
                return json.load(file)
    """,
    "book/__init__.py": """
        from mini._lazy import lazy
        __getattr__, __dir__, __all__ = lazy(__name__, {"record": "chapter"})
    """,
    "book/chapter.py": """
        from mini import records
        _read = []
        def record(name):
            _read.append(name)
            return records.read(name)
        def records_read():
            return list(_read)
    """,
    "experiments/__init__.py": """
        from mini._lazy import lazy
        __getattr__, __dir__, __all__ = lazy(
            __name__, {"get": "registry"}
        )
    """,
    "experiments/registry.py": """
        import importlib
        def get(name):
            return importlib.import_module(f"mini.experiments.{name}")
    """,
    "experiments/first.py": "from mini.train import fit\n",
    "experiments/second.py": "",
    "device.py": "",
    "cli.py": """
        import argparse
        def main():
            from mini import data, device, train
            from mini.experiments import first, second
    """,
}

CONF = """
import runpy
globals().update(runpy.run_path({conf!r}))
fdl_package = "mini"
html_static_path = []
html_css_files = []
html_favicon = None
mathjax_path = "none.js"
bibtex_bibfiles = []
exclude_patterns = ["drafts"]
"""

FRONT = """\
---
file_format: mystnb
kernelspec: {name: python3}
fdl: {data: %s, minutes: %s}
---
"""


def cell(code: str, *options: str) -> str:
    """Return a code cell in MyST."""
    return "\n".join(
        ["```{code-cell} ipython3", *options, dedent(code).strip(), "```\n"]
    )


class Mini(Project):
    """The miniature book."""

    def write(
        self,
        name: str,
        *parts: str,
        data: str = "[]",
        minutes: float = 1,
    ) -> None:
        """Write a chapter; parts are Markdown or cells."""
        text = FRONT % (data, minutes) + "\n\n".join(parts)
        (self.folder / f"{name}.md").write_text(text)

    def change(self, path: str, text: str = "# changed\n") -> None:
        """Append to a file."""
        with open(self.root / path, "a") as file:
            file.write(text)

    def again(self, **changes: object) -> Mini:
        """Look at the book anew, as the next build does."""
        kept = {"profile": self.profile, "data_state": self.data_state}
        return Mini(self.root, "mini", **{**kept, **changes})  # type: ignore[arg-type]


def make(root: Path) -> Mini:
    """Write a book without chapters."""
    for name, text in PACKAGE.items():
        path = root / "mini" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip())
    lazy = (REPOSITORY / "fdl" / "_lazy.py").read_text()
    (root / "mini" / "_lazy.py").write_text(lazy)
    (root / "chapters").mkdir()
    (root / "results").mkdir()
    (root / "requirements.lock").write_text("everything==1\n")
    (root / "conf.py").write_text(
        CONF.format(conf=str(REPOSITORY / "conf.py"))
    )
    return Mini(root, "mini", "quick", lambda name: f"official:{name}")


def surroundings(patch: pytest.MonkeyPatch) -> None:
    """Let kernels and Sphinx find this package, and nothing of a user's."""
    patch.delenv("FDL_RESULTS", raising=False)
    patch.delenv("FDL_DATA_MIRROR", raising=False)
    patch.setenv(
        "PYTHONPATH",
        os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
    )


def on_page(kind: Any, content: str = "", *arguments: str) -> Any:
    """Return a directive as it stands on a page, without Sphinx."""

    class Directive(kind):
        env = SimpleNamespace(
            docname="page",
            note_dependency=lambda path: None,
            app=SimpleNamespace(
                builder=SimpleNamespace(
                    get_relative_uri=lambda here, there: f"{there}.html"
                ),
            ),
            doc2path=lambda name: f"chapters/{name}.md",
        )

        def __init__(self) -> None:
            self.content = content.splitlines()
            self.arguments = list(arguments)

    return Directive()


def rows(table: nodes.Element) -> list[list[str]]:
    """Return the words in a table's cells."""
    return [
        [cell.astext() for cell in row.findall(nodes.entry)]
        for row in table.findall(nodes.row)
    ]


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mini:
    """Return a book without chapters."""
    surroundings(monkeypatch)
    return make(tmp_path)
