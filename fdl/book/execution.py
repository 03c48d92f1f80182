"""Running the stale chapters, and building the site from what they left.

A chapter is stale when its cells, a module that it imports, the lock, the
profile, a record that it reads or its data changed, and not otherwise; see
`Chapter.parts`. Sphinx runs nothing: it reads the executed notebooks.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

import nbformat

from fdl import _folders
from fdl.book.kernel import ChapterError, Kernels, run
from fdl.book.project import (
    PART,
    Chapter,
    Project,
    find_root,
    write_text,
)
from fdl.scratch._checks import whole

__all__ = [
    "Row",
    "build",
    "ebook",
    "execute",
    "linkcheck",
    "sphinx",
    "status",
]


@dataclass(frozen=True)
class Row:
    """A chapter and whether its results still hold.

    Attributes
    ----------
    name : str
        The chapter's file, without ``.md``.
    fresh : bool
        Whether its results still hold.
    changes : list of str
        What changed since they were made.
    seconds, memory : float
        What the last run took; 0 if there is none.
    """

    name: str
    fresh: bool
    changes: list[str]
    seconds: float = 0.0
    memory: float = 0.0


def status(project: Project | None = None) -> list[Row]:
    """Return for every chapter whether it is stale, and why.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("chapters").mkdir()
    >>> _ = Path("chapters/04-loss.md").write_text("# Loss")
    >>> (row,) = status(Project(Path()))
    >>> row.name, row.fresh, row.changes
    ('04-loss', False, ['never run'])
    """
    project = project or Project(find_root())
    rows = []
    for chapter in project.chapters:
        changes = chapter.changes()
        found = chapter.executed()
        took = found.metadata.fdl.run if found and not changes else {}
        rows.append(
            Row(
                chapter.name,
                not changes,
                changes,
                took.get("seconds", 0.0),
                took.get("memory", 0.0),
            )
        )
    return rows


def build(
    jobs: int = 2,
    *,
    project: Project | None = None,
    only: Sequence[str] = (),
    site: bool = True,
    out: TextIO | None = None,
) -> int:
    """Run the stale chapters, then build the site.

    Parameters
    ----------
    jobs : int
        How many chapters may run at the same time.
    project : Project, optional
        The book; by default the one around the working directory.
    only : sequence of str
        Names or numbers of chapters; all if empty.
    site : bool
        Whether to build the site when all chapters have run.
    out : file, optional
        Where to report; standard output by default.

    Returns
    -------
    int
        0 if everything went well, else 1.
    """
    jobs = whole("jobs", jobs)
    project = project or Project(find_root())
    out = out or sys.stdout
    chosen = (
        [project.chapter(name) for name in only] if only else project.chapters
    )
    with _alone(project, out):
        failures = execute(chosen, jobs=jobs, out=out)
        if failures:
            return 1
        return _site(project, out) if site else 0


@contextmanager
def _alone(project: Project, out: TextIO) -> Iterator[None]:
    """Keep other builds of this book waiting."""
    folder = project.root / "build"

    def waiting() -> None:
        text = f"Another build is at work in {folder}; waiting for its end."
        print(text, file=out, flush=True)

    with _folders.locked(folder, float("inf"), waiting):
        for place in ("executed", "html"):
            for left in (folder / place).rglob(PART):
                left.unlink()  # a killed build had begun to write it
        yield


def _site(project: Project, out: TextIO) -> int:
    """Build the pages unless nothing that they show has changed."""
    folder = project.root / "build" / "html"
    stamp, now = folder / ".built-from", project.pages_digest()
    try:
        if stamp.read_text() == now and (folder / "index.html").exists():
            print(f"The site in {folder} is up to date.", file=out)
            return 0
    except OSError:
        pass
    stamp.unlink(missing_ok=True)
    code = sphinx(project)
    if code == 0:
        write_text(stamp, now)
        print(f"The site is in {folder}.", file=out)
    return code


def execute(
    chapters: Sequence[Chapter], *, jobs: int = 2, out: TextIO | None = None
) -> dict[str, ChapterError]:
    """Run those of the chapters that are stale; return what failed."""
    out = out or sys.stdout
    stale = [c for c in chapters if c.fresh() is None]
    failures: dict[str, ChapterError] = {}
    if stale:
        failures = _run_all(stale, jobs, out)
        _summary(chapters, stale, failures, out)
        for chapter in stale:
            if chapter.name in failures:
                _explain(chapter, failures[chapter.name], out)
    elif chapters:
        print(f"All {len(chapters)} chapters are up to date.", file=out)
    return failures


def _run_all(
    stale: list[Chapter], jobs: int, out: TextIO
) -> dict[str, ChapterError]:
    kernels, board = Kernels(), _Board(out)
    failures: dict[str, ChapterError] = {}
    with _terminable(), ThreadPoolExecutor(jobs) as pool:
        # the slowest first, or one job waits for it alone at the end
        running: dict[Future[Any], Chapter] = {
            pool.submit(_one, c, kernels, board): c
            for c in sorted(stale, key=lambda c: -c.minutes)
        }
        waiting = set(running)
        try:
            while waiting:
                done, waiting = wait(
                    waiting, timeout=0.5, return_when=FIRST_COMPLETED
                )
                board.draw()
                for future in done:
                    error = future.exception()
                    if isinstance(error, ChapterError):
                        failures[running[future].name] = error
                    elif error is not None:
                        raise error
        except BaseException:
            for future in waiting:
                future.cancel()
            kernels.stop()
            raise
        finally:
            board.close()
    return failures


def _one(chapter: Chapter, kernels: Kernels, board: _Board) -> None:
    """Run one chapter and keep its notebook if it came to its end."""
    chapter.output.unlink(missing_ok=True)
    if kernels.stopped:
        return
    board.start(chapter)
    try:
        notebook = run(
            chapter, kernels, lambda cell: board.cell(chapter.name, cell)
        )
    except BaseException:
        board.end(chapter.name, "failed")
        raise
    write_text(chapter.output, nbformat.writes(notebook))
    board.end(chapter.name, "done")


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a polite kill end the build as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Board:
    """One line per running chapter; on a terminal they are redrawn."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.live = out.isatty()
        self.lock = threading.Lock()
        self.rows: dict[str, list[float]] = {}  # cells, cell, begun
        self.drawn = 0

    def start(self, chapter: Chapter) -> None:
        with self.lock:
            self.rows[chapter.name] = [
                len(chapter.code),
                0,
                time.perf_counter(),
            ]
            if not self.live:
                print(
                    f"{chapter.name}: running {len(chapter.code)} cells",
                    file=self.out,
                    flush=True,
                )

    def cell(self, name: str, cell: int) -> None:
        with self.lock:
            self.rows[name][1] = cell

    def end(self, name: str, word: str) -> None:
        with self.lock:
            cells, cell, begun = self.rows.pop(name)
            seconds = time.perf_counter() - begun
            self._erase()
            print(
                f"{name}: {word} at cell {cell:.0f} of {cells:.0f} "
                f"after {seconds:.0f} s",
                file=self.out,
                flush=True,
            )

    def draw(self) -> None:
        if not self.live:
            return
        with self.lock:
            self._erase()
            for name, (cells, cell, begun) in self.rows.items():
                seconds = time.perf_counter() - begun
                line = f"{name}: cell {cell:.0f} of {cells:.0f}"
                print(f"{line[:60]}, {seconds:.0f} s", file=self.out)
            self.drawn = len(self.rows)
            self.out.flush()

    def close(self) -> None:
        with self.lock:
            self._erase()

    def _erase(self) -> None:
        if self.drawn:
            self.out.write(f"\x1b[{self.drawn}A\x1b[J")
            self.drawn = 0


def _summary(
    chapters: Sequence[Chapter],
    stale: Sequence[Chapter],
    failures: dict[str, ChapterError],
    out: TextIO,
) -> None:
    width = max(len(c.name) for c in chapters)
    for chapter in chapters:
        found = chapter.executed()
        word = "run" if chapter in stale else "up to date"
        line = f"{chapter.name:{width}}  "
        if chapter.name in failures:
            line += "FAILED"
        elif found is not None:
            took = found.metadata.fdl.run
            data = ", ".join(f"{n} ({k})" for n, k in took.data.items())
            line += (
                f"{word:10}  {took.seconds:6.1f} s  "
                f"{took.memory / 2**20:6.0f} MiB  {data}"
            )
        print(line.rstrip(), file=out)


def _explain(chapter: Chapter, error: ChapterError, out: TextIO) -> None:
    place = f"chapters/{chapter.path.name}"
    if error.line:
        place += f", line {error.line}"
    print(f"\n{place}: {error.message}", file=out)
    for text in (error.cell, error.trace):
        if text:
            print(textwrap.indent(text.rstrip(), "    "), file=out)
            print(file=out)


def ebook(
    jobs: int = 2, *, project: Project | None = None, out: TextIO | None = None
) -> int:
    """Run the stale chapters, then write the book as one file.

    Parameters
    ----------
    jobs : int
        How many chapters may run at the same time.
    project : Project, optional
        The book; by default the one around the working directory.
    out : file, optional
        Where to report; standard output by default.

    Returns
    -------
    int
        0 if everything went well, else 1.
    """
    from fdl.book.ebook import pack, settle

    project = project or Project(find_root())
    out = out or sys.stdout
    code = build(jobs, project=project, site=False, out=out)
    if code:
        return code
    folder = project.root / "build" / "epub"
    file = project.root / "build" / "book.epub"
    with _alone(project, out):
        shutil.rmtree(folder, ignore_errors=True)
        code = sphinx(project, "epub", "-D", "html_math_renderer=mathml")
        if code == 0:
            settle(folder)
            pack(folder, file)
            print(f"The book is in {file}.", file=out)
    return code


def sphinx(project: Project, builder: str = "html", *options: str) -> int:
    """Build the site from the executed notebooks; every warning counts.

    The environment is fresh each time: a page that failed once would not be
    read again otherwise, and its warning would be gone.
    """
    linking = builder == "linkcheck"
    strict = [] if linking else ["-n", "-W", "--keep-going"]
    command = [
        sys.executable,
        *("-m", "sphinx", "-q", "-E", "-b", builder, "-j", "2", *strict),
        *options,
        *("-c", str(project.root)),
        *("-d", str(project.root / "build" / "doctrees")),
        str(project.folder),
        str(project.root / "build" / builder),
    ]
    path = [str(project.root), os.environ.get("PYTHONPATH", "")]
    variables = {
        **os.environ,
        "FDL_PROFILE": project.profile,
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(p for p in path if p),
    }
    code = subprocess.run(command, env=variables, check=False).returncode
    return 1 if code else 0


def linkcheck(project: Project | None = None) -> int:
    """Try every link that leads out of the book; 0 if all of them answer."""
    project = project or Project(find_root())
    with _alone(project, sys.stdout):
        return sphinx(project, "linkcheck")
