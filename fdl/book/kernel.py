"""Running one chapter in a kernel of its own."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import copy
import json
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from fdl import _folders
from fdl.data import places

if TYPE_CHECKING:
    from fdl.book.project import Chapter

__all__ = ["ChapterError", "Kernels", "run"]

THREADS = 1
# Lines that native code writes to the error stream for its own developers.
NOISE = re.compile(r"^\[\d\d:\d\d:\d\d\] .*\.(cc|cu|h):\d+: .*\n?", re.M)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Asked of the kernel at the end: what it used, and how much memory it took.
REPORT = """
def _fdl_report():
    import json, resource, sys
    unit = 1 if sys.platform == "darwin" else 1024
    def peak(who):
        return resource.getrusage(who).ru_maxrss * unit
    own = peak(resource.RUSAGE_SELF)
    try:
        with open("/proc/self/status") as status:
            own = next(int(line.split()[1]) * 1024 for line in status
                       if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    data = sys.modules.get("PACKAGE.data")
    chapter = sys.modules.get("PACKAGE.book.chapter")
    records = sys.modules.get("PACKAGE.records")
    if records is None:
        try:
            from PACKAGE import records
        except ImportError:
            pass
    used = data.used() if hasattr(data, "used") else {}
    return json.dumps({
        "memory": max(own, peak(resource.RUSAGE_CHILDREN)),
        "data": {n: s.kind for n, s in sorted(used.items())},
        "records": chapter.records_read() if chapter else [],
        "environment": records.environment() if records else {},
    })
"""


class ChapterError(Exception):
    """A chapter could not be run to its end.

    Parameters
    ----------
    message : str
        What happened, in one sentence.
    cell : str
        The source of the cell in which it happened, if it was in one.
    line : int
        Where that cell starts in the chapter's file.
    trace : str
        The end of its traceback.

    Examples
    --------
    >>> error = ChapterError("A cell failed.", cell="1 / 0", line=12)
    >>> f"line {error.line}: {error}"
    'line 12: A cell failed.'
    """

    def __init__(
        self, message: str, cell: str = "", line: int = 0, trace: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.cell = message, cell
        self.line, self.trace = line, trace


class Kernels:
    """The kernels that are running, so that none outlives the build.

    Examples
    --------
    >>> import subprocess
    >>> process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    >>> kernels = Kernels()
    >>> kernels.add(process.pid)
    >>> kernels.stop()
    >>> process.wait() == -signal.SIGKILL
    True
    """

    def __init__(self) -> None:
        self.pids: set[int] = set()
        self.stopped = False
        self.lock = threading.Lock()

    def add(self, pid: int) -> None:
        """Take note of a kernel; it dies at once if the build has stopped."""
        with self.lock:
            self.pids.add(pid)
            stopped = self.stopped
        if stopped:
            _kill(pid)

    def remove(self, pid: int) -> None:
        """Kill a kernel and everything that it has started."""
        _kill(pid)
        with self.lock:
            self.pids.discard(pid)

    def stop(self) -> None:
        """Kill all of them, and those that are just being started."""
        with self.lock:
            self.stopped = True
            pids = set(self.pids)
        for pid in pids:
            _kill(pid)


def _kill(pid: int) -> None:
    # a kernel leads a session of its own, so this takes its children along
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


class _Spec(KernelSpecManager):
    """The kernel of the running interpreter, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
            ],
            display_name="Python 3",
            language="python",
        )


def environment(chapter: Chapter, folder: Path) -> dict[str, str]:
    """Return the environment of a chapter's kernel."""
    project = chapter.project
    variables = dict(os.environ)
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ):
        variables[name] = str(THREADS)
    path = [str(project.root), variables.get("PYTHONPATH", "")]
    variables.update(
        FDL_PROFILE=project.profile,
        FDL_RESULTS=str(project.results.absolute()),
        IPYTHONDIR=str(folder / "ipython"),
        OMP_WAIT_POLICY="PASSIVE",
        PATH=os.pathsep.join(
            [str(Path(sys.executable).parent), variables.get("PATH", "")]
        ),
        PYTHONHASHSEED="0",
        PYTHONPATH=os.pathsep.join(p for p in path if p),
        PYDEVD_DISABLE_FILE_VALIDATION="1",
        TQDM_DISABLE="1",
    )
    variables.pop("MPLBACKEND", None)
    # kernels start in chapters/: relative names would mean other folders there
    for name in ("FDL_DATA", "FDL_DATA_MIRROR", "FDL_RUNS"):
        value = variables.get(name, "")
        named = None if places.is_address(value) else _folders.named(name)
        if named is not None:
            variables[name] = str(named)
    return variables


def run(
    chapter: Chapter,
    kernels: Kernels,
    progress: Callable[[int], None] = lambda cell: None,
) -> Any:
    """Run a chapter and return its notebook with outputs and metadata.

    Parameters
    ----------
    chapter : Chapter
        What to run.
    kernels : Kernels
        Where the kernel is noted down while it runs.
    progress : function
        Called with the number of each cell (from 1) as it starts.

    Raises
    ------
    ChapterError
        If a cell fails, the time is up, the kernel dies, or the cells used
        what the chapter does not declare.
    """
    return asyncio.run(_run(chapter, kernels, progress))


async def _run(
    chapter: Chapter, kernels: Kernels, progress: Callable[[int], None]
) -> Any:
    parts, key = chapter.parts, chapter.key  # as they were before the run
    notebook = copy.deepcopy(chapter.notebook)
    code = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code"]
    current = -1

    def started(cell: Any, cell_index: int) -> None:
        nonlocal current
        if cell.cell_type == "code":
            current = cell_index
            progress(code.index(cell_index) + 1)

    def failure(message: str, trace: str = "") -> ChapterError:
        if current < 0:
            return ChapterError(message, trace=trace)
        line = chapter.notebook.metadata.source_map[current]
        return ChapterError(
            message, notebook.cells[current].source, line, trace
        )

    begun = time.perf_counter()
    # a short path: Unix sockets allow about a hundred characters
    with tempfile.TemporaryDirectory(prefix="fdl-") as temporary:
        folder = Path(temporary)
        manager = AsyncKernelManager(
            kernel_spec_manager=_Spec(),
            connection_file=str(folder / "kernel.json"),
            transport="ipc",
            ip=str(folder / "ipc"),
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=None,
            startup_timeout=120,
            record_timing=False,
            on_cell_start=started,
        )
        pid = 0
        with open(folder / "log", "w+b") as log:
            try:
                await manager.start_kernel(
                    env=environment(chapter, folder),
                    cwd=str(chapter.project.folder),
                    stdout=log,
                    stderr=log,
                    extra_arguments=["--HistoryManager.enabled=False"],
                )
                pid = getattr(manager.provisioner, "pid", 0)
                kernels.add(pid)
                report = await asyncio.wait_for(
                    _cells(client, chapter), chapter.minutes * 60
                )
            except CellExecutionError as error:
                raise failure(
                    f"A cell failed with {error.ename}: "
                    f"{ANSI.sub('', error.evalue)}",
                    _trace(notebook.cells[current]),
                ) from None
            except (
                asyncio.TimeoutError,
                DeadKernelError,
                RuntimeError,
            ) as error:
                # a chapter out of time looks dead to some waiting calls
                if time.perf_counter() - begun >= chapter.minutes * 60:
                    raise failure(
                        f"The chapter took more than its {chapter.minutes:g} "
                        "minutes (`minutes` in its front matter)."
                    ) from None
                log.seek(0)
                raise failure(
                    "The kernel died.",
                    _end(log.read().decode(errors="replace") or str(error)),
                ) from None
            finally:
                if pid:
                    kernels.remove(pid)
                with contextlib.suppress(Exception):
                    if client.kc is not None:
                        client.kc.stop_channels()
                    await manager.shutdown_kernel(now=True)
    seconds = time.perf_counter() - begun
    _check(chapter, report)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = tidy(cell.outputs)
    notebook.metadata["fdl"] = {
        "key": key,
        "parts": parts,
        "run": {
            "seconds": round(seconds, 1),
            "memory": report["memory"],
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "profile": chapter.project.profile,
            "threads": THREADS,
            "data": report["data"],
            "records": report["records"],
            **report["environment"],
        },
    }
    return notebook


async def _cells(client: NotebookClient, chapter: Chapter) -> dict[str, Any]:
    await client.async_execute()
    return await _ask(client, chapter.project.package)


async def _ask(client: NotebookClient, package: str) -> dict[str, Any]:
    """Ask the kernel what it has used."""
    assert client.kc is not None
    message = client.kc.execute(
        REPORT.replace("PACKAGE", package),
        silent=True,
        store_history=False,
        user_expressions={"report": "_fdl_report()"},
    )
    reply = await client.async_wait_for_reply(message)
    answer = (reply or {})["content"]["user_expressions"]["report"]
    if answer["status"] != "ok":
        raise ChapterError(
            f"The kernel could not say what it used: {answer['evalue']}."
        )
    found: dict[str, Any] = json.loads(
        ast.literal_eval(answer["data"]["text/plain"])
    )
    return found


def _check(chapter: Chapter, report: dict[str, Any]) -> None:
    """Refuse what the key of the chapter does not cover."""
    extra = sorted(set(report["data"]) - set(chapter.data))
    if extra:
        raise ChapterError(
            f"The cells load {', '.join(extra)}, but the front matter "
            f"declares only {', '.join(chapter.data) or 'nothing'} under "
            "`data`."
        )
    extra = sorted(set(report["records"]) - set(chapter.records))
    if extra:
        raise ChapterError(
            f"The cells read the record {', '.join(extra)} by a computed "
            "name; write the name out in the call of `record`."
        )


def tidy(outputs: list[Any]) -> list[Any]:
    """Return outputs without native chatter, and text in one piece.

    A kernel sends what a cell prints whenever it gets to it, perhaps in the
    middle of a line.
    """
    kept: list[Any] = []
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
            continue
        if output.name == "stderr":
            output.text = NOISE.sub("", output.text)
            if not output.text.strip():
                continue
        before: Any = kept[-1] if kept else {}
        if before.get("name") == output.name:
            before.text += output.text
        else:
            kept.append(output)
    return kept


def _trace(cell: Any) -> str:
    """The end of the traceback that a failed cell holds."""
    for output in cell.outputs:
        if output.output_type == "error":
            return _end(ANSI.sub("", "\n".join(output.traceback)))
    return ""


def _end(trace: str, lines: int = 16) -> str:
    kept = trace.rstrip().splitlines()
    return "\n".join(kept[-lines:])
