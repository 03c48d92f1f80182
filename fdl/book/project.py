"""A book on disk: its folder, its chapters, and when one of them is stale."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from fdl import _folders
from fdl.book.imports import Graph
from fdl.book.values import words
from fdl.errors import must, refuse_text

__all__ = ["EXTENSIONS", "Chapter", "Project", "find_root", "write_text"]

# the Markdown that a chapter may use; conf.py takes it from here
EXTENSIONS = [
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
    "substitution",
]
FORMAT = 1  # raise it when the executor itself changes what cells see
EXECUTION_TAGS = {"raises-exception", "skip-execution"}
MINUTES = 5.0
PART = ".*.tmp"  # the name of a file that is being written


def find_root(start: Path | None = None) -> Path:
    """Return the folder of the book: `start`, or the nearest one above it.

    Without `start` the search begins at the working directory and ends at
    the checkout that this package was imported from.

    Raises
    ------
    FileNotFoundError
        If none of these holds a ``conf.py`` and a folder ``chapters``.

    Examples
    --------
    >>> for name in ("book/chapters/deep", "other"):
    ...     Path(name).mkdir(parents=True)
    >>> Path("book/conf.py").touch()
    >>> find_root(Path("book/chapters/deep")).name
    'book'
    >>> find_root(Path("other"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: There is no book in ...other or above it: its folder
    holds conf.py and chapters/.
    """
    here = Path(start or Path.cwd()).resolve()
    tried = [here, *here.parents]
    if start is None:
        tried.append(Path(__file__).resolve().parents[2])
    for folder in tried:
        if (folder / "conf.py").is_file() and (folder / "chapters").is_dir():
            return folder
    raise FileNotFoundError(
        f"There is no book in {here} or above it: "
        "its folder holds conf.py and chapters/."
    )


def _data_state(name: str) -> str:
    from fdl import data

    return data.state(name)


def _profile() -> str:
    from fdl import profiles

    return profiles.current()


def _version() -> str:
    import fdl

    return fdl.__version__


def _sha(*parts: bytes) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(hashlib.sha256(part).digest())
    return sha.hexdigest()[:16]


def write_text(path: Path, text: str) -> None:
    """Write a text into a file, and make its folder; as a whole, or not.

    Examples
    --------
    >>> write_text(Path("new/folder/words.txt"), "Whole, or not at all.")
    >>> [path.name for path in Path("new/folder").iterdir()]
    ['words.txt']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _folders.write_whole(path, text.encode())


@dataclass
class Project:
    """A book: where it is, and what its chapters' results depend on.

    Parameters
    ----------
    root : Path
        The folder with ``chapters``, the package and the lock.
    package : str
        The package that the chapters import.
    profile : str
        The profile that the chapters run in.
    data_state : function
        From a data set's name to a short text that changes when loading it
        would give something else.

    Examples
    --------
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> _ = Path("chapters/04-loss.md").write_text("# Loss")
    >>> Project(Path()).chapters
    [Chapter('04-loss')]
    >>> Project(Path()).chapter("9")
    Traceback (most recent call last):
    ...
    ValueError: `name` (='9') must be one of ['04-loss'].
    """

    root: Path
    package: str = "fdl"
    profile: str = field(default_factory=_profile)
    data_state: Callable[[str], str] = _data_state

    def __post_init__(self) -> None:
        self.root = Path(self.root).resolve()

    @property
    def folder(self) -> Path:
        """Where the chapters are."""
        return self.root / "chapters"

    @property
    def executed(self) -> Path:
        """Where the executed notebooks of this profile go."""
        return self.root / "build" / "executed" / self.profile

    @property
    def results(self) -> Path:
        """Where the records of full runs are."""
        return _folders.named("FDL_RESULTS") or self.root / "results"

    @cached_property
    def graph(self) -> Graph:
        """The package's import graph."""
        return Graph(self.root, self.package)

    @cached_property
    def lock(self) -> str:
        """What identifies the pinned dependencies."""
        path = self.root / "requirements.lock"
        return _sha(path.read_bytes()) if path.exists() else "absent"

    @cached_property
    def chapters(self) -> list[Chapter]:
        """All chapters, by number."""
        return [
            Chapter(self, path)
            for path in sorted(self.folder.glob("[0-9][0-9]-*.md"))
        ]

    def chapter(self, name: str) -> Chapter:
        """Return the chapter called `name`, or the one of that number."""
        for chapter in self.chapters:
            if name in (chapter.name, str(chapter.number)):
                return chapter
        raise must(
            "name", name, f"be one of {[c.name for c in self.chapters]}"
        )

    def pages_digest(self) -> str:
        """Return a digest of everything that the pages are made of."""
        folders = [self.folder, self.root / self.package, self.executed]
        files = [self.root / "conf.py", self.root / "requirements.lock"]
        for folder in folders:
            files += [
                path
                for path in sorted(folder.rglob("*"))
                if path.is_file() and "__pycache__" not in path.parts
            ]
        parts = [
            part
            for path in files
            if path.exists()
            for part in (str(path).encode(), path.read_bytes())
        ]
        # an installed package is not below the root: its version counts
        return _sha(self.profile.encode(), _version().encode(), *parts)


class Chapter:
    r"""One chapter: its text, its cells, and what its results depend on.

    Examples
    --------
    >>> Path("chapters").mkdir(exist_ok=True)
    >>> text = "# Loss\n\n```{code-cell}\n1 + 1\n```"
    >>> _ = Path("chapters/04-loss.md").write_text(text)
    >>> chapter = Project(Path()).chapter("4")
    >>> chapter.title, [cell.source for cell in chapter.code]
    ('Loss', ['1 + 1'])
    >>> chapter.changes()
    ['never run']
    """

    def __init__(self, project: Project, path: Path) -> None:
        self.project = project
        self.path = path
        self.name = path.stem
        self.number = int(path.stem[:2])

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def notebook(self) -> Any:
        """The source as a notebook without outputs."""
        return read_notebook(self.text, self.path)

    @cached_property
    def title(self) -> str:
        """The first heading."""
        for _, title, _ in self.headings():
            return title
        return self.name

    def headings(self) -> Iterator[tuple[int, str, list[str]]]:
        """Yield level, title and other titles of each section.

        The other titles are those of the book's own sections that this one
        stands for, each in a comment above the heading: ``% book: TITLE``.
        """
        for level, title, marks in self._headings():
            yield level, title, marks["book"]

    def entries(self) -> Iterator[tuple[str, list[str], list[str]]]:
        """Yield of each section its title and its entries for the index.

        These are what stands above the heading in comments, parted by
        commas (``% index: WORDS, OTHER WORDS``), and the original's titles.
        """
        for _, title, marks in self._headings():
            words = [w.strip() for w in ",".join(marks["index"]).split(",")]
            yield title, [word for word in words if word], marks["book"]

    def _headings(self) -> Iterator[tuple[int, str, dict[str, list[str]]]]:
        marks: dict[str, list[str]] = {"book": [], "index": []}
        for cell in self.notebook.cells:
            if cell.cell_type != "markdown":
                continue
            fence = ""
            for line in cell.source.splitlines():
                mark = re.match(r"\s*(`{3,}|~{3,}|:{3,})", line)
                if mark and not fence:
                    fence = mark[1]
                elif mark and line.strip() == fence:
                    fence = ""
                elif fence:
                    continue
                elif m := re.match(r"%\s*(book|index):\s*(.+)$", line):
                    marks[m[1]].append(m[2].strip())
                elif m := re.match(r"(#+)\s+(.+?)\s*#*$", line):
                    yield len(m[1]), words(m[2]), marks
                    marks = {"book": [], "index": []}

    @property
    def options(self) -> dict[str, Any]:
        """The ``fdl`` block of the front matter."""
        return dict(self.notebook.metadata.get("fdl") or {})

    @property
    def data(self) -> list[str]:
        """The data sets that the chapter declares."""
        found = self.options.get("data") or []
        refuse_text("data", found, "be a list of names in the front matter")
        return sorted(found)

    @property
    def minutes(self) -> float:
        """The chapter's time limit."""
        return float(self.options.get("minutes", MINUTES))

    @property
    def code(self) -> list[Any]:
        """The code cells."""
        return [c for c in self.notebook.cells if c.cell_type == "code"]

    @cached_property
    def uses(self) -> Any:
        """What the cells use of the package."""
        return self.project.graph.uses_of_cells(c.source for c in self.code)

    @property
    def records(self) -> list[str]:
        """The records that the cells name."""
        return sorted(self.uses.records)

    @cached_property
    def parts(self) -> dict[str, str]:
        """Everything that the chapter's results depend on, by name."""
        project = self.project
        cells = [
            [
                c.source,
                sorted(EXECUTION_TAGS & set(c.metadata.get("tags", []))),
            ]
            for c in self.code
        ]
        parts = {
            "format": str(FORMAT),
            "cells": _sha(json.dumps(cells).encode()),
            "requirements.lock": project.lock,
            "profile": project.profile,
        }
        graph = project.graph
        for module in sorted(graph.closure(self.uses)):
            if module in graph.files:
                file = graph.files[module].relative_to(project.root)
                parts[file.as_posix()] = graph.digest(module)[:16]
        for name in self.data:
            parts[f"data {name}"] = project.data_state(name)
        for name in self.records:
            files = [project.results / f"{name}{s}" for s in (".json", ".npz")]
            there = [f.read_bytes() for f in files if f.exists()]
            parts[f"record {name}"] = _sha(*there) if there else "absent"
        return parts

    @property
    def key(self) -> str:
        """One digest of everything that the results depend on."""
        return hashlib.sha256(
            json.dumps(self.parts, sort_keys=True).encode()
        ).hexdigest()

    # --- what a run left

    @property
    def output(self) -> Path:
        """Where the executed notebook is, if there is one."""
        return self.project.executed / f"{self.name}.ipynb"

    def executed(self) -> Any | None:
        """Return the executed notebook, or None."""
        try:
            return nbformat.reads(
                self.output.read_text(encoding="utf-8"), as_version=4
            )
        except (OSError, ValueError, nbformat.reader.NotJSONError):
            return None

    def fresh(self) -> Any | None:
        """Return the executed notebook if it still holds, else None."""
        found = self.executed()
        if found is None or not found.metadata.get("fdl"):
            return None
        return found if found.metadata.fdl.key == self.key else None

    def changes(self) -> list[str]:
        """Return what changed since the last run; empty if it still holds."""
        found = self.executed()
        if found is None or not found.metadata.get("fdl"):
            return ["never run"]
        old, new = dict(found.metadata.fdl.parts), self.parts
        return sorted(
            name for name in {*old, *new} if old.get(name) != new.get(name)
        )

    def __repr__(self) -> str:
        return f"Chapter({self.name!r})"


def read_notebook(text: str, path: Path) -> Any:
    """Read a chapter's source as a notebook; cell identifiers are fixed."""
    notebook = read_myst_markdown_notebook(
        text,
        config=MdParserConfig(enable_extensions=set(EXTENSIONS)),
        add_source_map=True,
        path=str(path),
    )
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i}"
    return notebook
