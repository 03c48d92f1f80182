"""Property and faults: which chapters run, and what a failure leaves."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from fdl.book.execution import build, status
from fdl.book.kernel import environment
from fdl.book.project import find_root
from tests.book.conftest import REPOSITORY, Mini, cell

LOAD = "from mini import data\ndata.load('digits')"


def run(mini: Mini, jobs: int = 2, **changes: object) -> tuple[int, str]:
    out = io.StringIO()
    code = build(jobs, project=mini.again(**changes), site=False, out=out)
    return code, out.getvalue()


def test_only_stale_chapters_run(mini: Mini) -> None:
    mini.write(
        "01-fit", "# One", cell("from mini.train import fit\nprint(fit(21))")
    )
    mini.write("02-other", "# Two", cell("import mini\nprint(mini.other)"))
    code, text = run(mini)
    assert code == 0, text
    assert [row.fresh for row in status(mini.again())] == [True, True]
    first, second = mini.again().chapters
    before = {c.name: c.output.stat().st_mtime_ns for c in (first, second)}
    assert first.executed().cells[1].outputs[0].text == "42\n"

    mini.change("mini/train/loop.py")
    rows = {row.name: row for row in status(mini.again())}
    assert rows["01-fit"].changes == ["mini/train/loop.py"]
    assert rows["02-other"].fresh
    code, text = run(mini)
    assert code == 0
    assert "02-other: running" not in text
    after = {c.name: c.output.stat().st_mtime_ns for c in (first, second)}
    assert after["01-fit"] > before["01-fit"]
    assert after["02-other"] == before["02-other"]

    code, text = run(mini)
    assert (code, text) == (0, "All 2 chapters are up to date.\n")


def test_a_run_says_what_it_took(mini: Mini) -> None:
    mini.write("01-a", cell(LOAD), data="[digits]")
    assert run(mini)[0] == 0
    took = mini.again().chapters[0].executed().metadata.fdl.run
    assert took.data == {"digits": "official"}
    assert took.profile == "quick"
    assert took.threads == 1
    assert 0 < took.seconds < 60
    assert 20e6 < took.memory < 2e9
    assert took.versions == {"mini": "1"}


def test_kernels_run_on_one_thread_in_the_profile(
    mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    mini.write(
        "01-a",
        cell(
            """
            import os, pathlib
            env = os.environ
            print(env["OMP_NUM_THREADS"], env["OPENBLAS_NUM_THREADS"],
                  env["PYTHONHASHSEED"], env["FDL_PROFILE"],
                  pathlib.Path.cwd().name)
            """
        ),
    )
    assert run(mini, profile="full")[0] == 0
    chapter = mini.again(profile="full").chapters[0]
    assert chapter.executed().cells[0].outputs[0].text == (
        "1 1 0 full chapters\n"
    )


@pytest.mark.parametrize(
    ("value", "there"),
    [
        ("near", "{cwd}/near"),
        ("~/near", "{home}/near"),
        ("/far", "/far"),
        ("", ""),
    ],
)
def test_a_folder_means_the_same_in_the_build_and_in_kernels(
    mini: Mini,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    value: str,
    there: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    names = ["FDL_DATA", "FDL_DATA_MIRROR", "FDL_RESULTS", "FDL_RUNS"]
    for name in names:
        monkeypatch.setenv(name, value)
    mini.write("01-a", cell("1"))
    (chapter,) = mini.again().chapters
    found = environment(chapter, tmp_path)
    there = there.format(cwd=Path.cwd(), home=tmp_path / "home")
    for name in names:
        alone = name == "FDL_RESULTS" and not value
        expected = str(mini.root / "results") if alone else there
        assert found[name] == expected, name


def test_a_mirrors_address_reaches_kernels_as_it_is(
    mini: Mini, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FDL_DATA_MIRROR", "HTTPS://a.example/~data/")
    mini.write("01-a", cell("1"))
    (chapter,) = mini.again().chapters
    found = environment(chapter, tmp_path)
    assert found["FDL_DATA_MIRROR"] == "HTTPS://a.example/~data/"


def test_all_failures_are_reported_and_leave_nothing(mini: Mini) -> None:
    mini.write("01-good", cell("1 + 1"))
    mini.write("02-bad", "# Two", cell("x = 1"), cell("y = x / 0  # here"))
    mini.write("03-worse", cell("def f():\n    {}['gone']\nf()"))
    code, text = run(mini)
    assert code == 1
    assert "chapters/02-bad.md, line 13: A cell failed with ZeroDivi" in text
    assert "y = x / 0  # here" in text
    assert "chapters/03-worse.md" in text
    assert "KeyError: 'gone'" in text
    left = [p.name for p in mini.executed.iterdir()]
    assert left == ["01-good.ipynb"]
    code, text = run(mini)  # it fails again, and does not run what is good
    assert code == 1
    assert "01-good: running" not in text
    assert text.count("FAILED") == 2


def test_a_failure_takes_the_old_result_away(mini: Mini) -> None:
    mini.write("01-a", cell("1"))
    assert run(mini)[0] == 0
    mini.write("01-a", cell("1 / 0"))
    assert run(mini)[0] == 1
    assert mini.again().chapters[0].executed() is None


def test_an_expected_exception_is_no_failure(mini: Mini) -> None:
    mini.write("01-a", cell("1 / 0", ":tags: [raises-exception]"))
    assert run(mini)[0] == 0


@pytest.mark.slow
def test_a_chapter_has_a_time_limit(mini: Mini) -> None:
    mini.write("01-a", cell("import time; time.sleep(90)"), minutes=0.12)
    began = time.monotonic()
    code, text = run(mini)
    assert code == 1
    assert time.monotonic() - began < 60
    assert "more than its 0.12 minutes" in text
    assert "time.sleep(90)" in text
    assert not list(mini.executed.glob("*.ipynb"))


def test_undeclared_data_is_refused(mini: Mini) -> None:
    mini.write("01-a", cell(LOAD), data="[words]")
    code, text = run(mini)
    assert code == 1
    assert "load digits, but the front matter declares only words" in text
    assert not list(mini.executed.glob("*.ipynb"))


def test_a_record_read_by_a_computed_name_is_refused(mini: Mini) -> None:
    (mini.results / "one.json").write_text("{}")
    code = "from mini.book import record\nname = 'one'\nrecord({})"
    mini.write("01-a", cell(code.format("name")))
    result, text = run(mini)
    assert result == 1
    assert "read the record one by a computed name" in text
    mini.write("01-a", cell(code.format("'one'")))
    assert run(mini)[0] == 0


def test_a_kernel_that_dies_is_reported(mini: Mini) -> None:
    mini.write(
        "01-a",
        cell("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    )
    code, text = run(mini)
    assert code == 1
    assert "The kernel died." in text
    assert "signal.SIGKILL" in text


def test_native_chatter_is_left_out(
    mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # kernels heed it
    mini.write(
        "01-a",
        cell(
            """
            import os
            os.write(2, b"[12:34:56] src/a/b.cc:7: tuning\\n")
            os.write(2, b"[12:34:56] src/a/b.cc:8: more\\n")
            import time; time.sleep(0.5)
            """
        ),
        cell("os.write(2, b'a notice\\n'); time.sleep(0.5)"),
    )
    assert run(mini)[0] == 0
    cells = mini.again().chapters[0].executed().cells
    assert cells[0].outputs == []
    assert cells[1].outputs[0].text == "a notice\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_the_cell_that_runs(mini: Mini) -> None:
    mini.write("01-a", cell("1"), cell("import time; time.sleep(1.5)"))
    out = Terminal()
    assert build(project=mini, site=False, out=out) == 0
    text = out.getvalue()
    assert "\x1b[1A\x1b[J01-a: cell 2 of 2, " in text
    assert "\x1b[1A\x1b[J" in text  # the line is drawn over
    assert "running" not in text


def test_one_chapter_can_be_chosen(mini: Mini) -> None:
    mini.write("01-a", cell("1"))
    mini.write("02-b", cell("2"))
    out = io.StringIO()
    assert build(project=mini, only=["2"], site=False, out=out) == 0
    assert [c.fresh() is not None for c in mini.chapters] == [False, True]
    with pytest.raises(ValueError, match="01-a"):
        build(project=mini, only=["9"], site=False)


def test_the_slowest_chapters_begin(mini: Mini) -> None:
    for name, minutes in (("01-a", 1), ("02-b", 3), ("03-c", 2)):
        mini.write(name, cell("1"), minutes=minutes)
    said = run(mini, jobs=1)[1]
    begun = [said.index(f"{name}: running") for name in ("02-b", "03-c")]
    assert begun == sorted(begun)
    assert begun[-1] < said.index("01-a: running")


@pytest.mark.parametrize("jobs", [0, True, 1.0])
def test_bad_arguments_are_named(jobs: Any) -> None:
    with pytest.raises(ValueError, match=rf"`jobs` \(={jobs}\) must be a"):
        build(jobs)


def test_the_book_is_found_from_below(mini: Mini, tmp_path: Path) -> None:
    assert find_root(mini.folder) == mini.root
    with pytest.raises(FileNotFoundError, match="no book in"):
        find_root(Path("/"))


SCRIPT = """
import sys
from pathlib import Path
from typing import Any
from fdl.book.execution import build
from fdl.book.project import Project
project = Project(Path(sys.argv[1]), "mini", "quick", str)
sys.exit(build(2, project=project, site=False))
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_no_kernel(
    mini: Mini, number: signal.Signals
) -> None:
    for name in ("01-a", "02-b", "03-c"):
        mini.write(
            name,
            cell(
                f"""
                import os, pathlib, subprocess, time
                child = subprocess.Popen(["sleep", "99"])
                pathlib.Path("{name}.pid").write_text(
                    f"{{os.getpid()}} {{child.pid}}")
                time.sleep(99)
                """
            ),
        )
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(mini.root)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + 30
        while len(list(mini.folder.glob("*.pid"))) < 2:
            assert time.monotonic() < limit
            time.sleep(0.05)
        time.sleep(0.2)
        pids = [
            int(word)
            for path in mini.folder.glob("*.pid")
            for word in path.read_text().split()
        ]
        assert len(pids) == 4
        assert all(psutil.pid_exists(pid) for pid in pids)
        process.send_signal(number)
        assert process.wait(20) != 0
    finally:
        process.kill()
        process.wait()
    limit = time.monotonic() + 10
    while any(map(alive, pids)):
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert not list((mini.root / "build").rglob("*.ipynb"))
    assert len(list(mini.folder.glob("*.pid"))) == 2  # the third never began


@pytest.mark.slow
def test_of_two_builds_at_once_one_waits(mini: Mini) -> None:
    log = mini.root / "runs"
    mini.write(
        "01-a",
        cell(
            f"""
            import time
            with open({str(log)!r}, "a") as file:
                file.write("run ")
            time.sleep(2)
            """
        ),
    )
    (mini.executed).mkdir(parents=True)
    (mini.executed / ".01-a.ipynb.77.tmp").touch()  # by a killed build
    two = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(mini.root)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=120)[0] for process in two)
    assert [process.returncode for process in two] == [0, 0]
    assert log.read_text() == "run "
    assert said[0].startswith("01-a: running 1 cells\n")
    assert said[1] == (
        f"Another build is at work in {mini.root / 'build'}; waiting for its "
        "end.\nAll 1 chapters are up to date.\n"
    )
    assert [path.name for path in mini.executed.iterdir()] == ["01-a.ipynb"]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
