"""The Makefile's environment: whole or made anew; Python and pip are stubs.

Faults.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# stands for python3.11: makes environments whose python makes `fdl`
PYTHON = """\
#!/bin/sh
case "$1 $2" in
-c*) test ! -e no-ensurepip ;;
"-m venv")
  echo "venv $3" >> log
  mkdir -p $3/bin && touch $3/pyvenv.cfg $3/traces
  cp python $3/bin/python
  test ! -e venv-fails ;;
"-m pip")
  echo pip >> log
  if test -e slow; then sleep 1; fi
  test ! -e pip-fails || exit 1
  printf '#!/bin/sh\\necho "$FDL_PROFILE $FDL_DATA_MIRROR $@"' > .venv/bin/fdl
  chmod +x .venv/bin/fdl ;;
esac
"""

pytestmark = pytest.mark.skipif(
    not (shutil.which("make") and shutil.which("flock")),
    reason="needs make and flock",
)


@pytest.fixture
def clone(tmp_path):
    clone = tmp_path / "a clone"
    (clone / "build").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, clone)
    python = clone / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return clone


def start(clone, *words, **variables):
    for name in ("FDL_PROFILE", "FDL_DATA_MIRROR", "PROFILE"):
        variables.setdefault(name, "")
    variables.update(MAKEFLAGS="", MAKELEVEL="")  # of the make that tests
    command = ["make", "--no-print-directory", "PYTHON=./python", *words]
    return subprocess.Popen(
        command,
        cwd=clone,
        env={k: v for k, v in {**os.environ, **variables}.items() if v},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def make(clone, *words, **variables):
    process = start(clone, *words, **variables)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def log(clone):
    """Return what the stubs were asked for since the last time."""
    path = clone / "log"
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("")
    return lines


MADE = ["venv .venv", "pip", "pip"]


def test_the_environment_is_made_once(clone):
    code, out, err = make(clone, "html")
    assert (code, err) == (0, "")
    assert out.endswith("\nquick  book build --jobs 2\n")
    assert log(clone) == MADE
    assert make(clone, "html")[0] == 0
    assert log(clone) == []


def test_a_changed_lock_installs_into_the_same_environment(clone):
    make(clone, "html")
    log(clone)
    later = time.time() + 5
    os.utime(clone / "requirements.lock", (later, later))
    (clone / ".venv" / "kept").touch()
    assert make(clone, "html")[0] == 0
    assert log(clone) == ["pip", "pip"]
    assert (clone / ".venv" / "kept").exists()


@pytest.mark.parametrize("fault", ["venv-fails", "pip-fails"])
def test_a_half_made_environment_is_made_anew(clone, fault):
    (clone / fault).touch()
    assert make(clone, "html")[0] != 0
    assert (clone / ".venv" / "bin" / "python").exists()
    assert not (clone / ".venv" / ".ready").exists()
    (clone / ".venv" / "half").touch()
    (clone / fault).unlink()
    log(clone)
    code, _, err = make(clone, "html")
    assert (code, err) == (0, "")
    assert log(clone) == MADE
    assert not (clone / ".venv" / "half").exists()


def test_an_interrupted_update_makes_the_environment_anew(clone):
    make(clone, "html")
    later = time.time() + 5
    os.utime(clone / "requirements.lock", (later, later))
    (clone / "pip-fails").touch()
    assert make(clone, "html")[0] != 0
    (clone / "pip-fails").unlink()
    log(clone)
    assert make(clone, "html")[0] == 0
    assert log(clone) == MADE


def test_a_clone_that_was_moved_makes_its_own(clone):
    make(clone, "html")
    log(clone)
    moved = clone.rename(clone.with_name("elsewhere"))
    assert make(moved, "html")[0] == 0
    assert log(moved) == MADE
    assert make(moved, "html")[0] == 0
    assert log(moved) == []


def test_an_environment_without_its_python_is_made_anew(clone):
    make(clone, "html")
    log(clone)
    (clone / ".venv" / "bin" / "python").unlink()
    assert make(clone, "html")[0] == 0
    assert log(clone) == MADE


def test_no_other_folder_is_removed(clone):
    (clone / "mine").mkdir()
    (clone / "mine" / "thesis.tex").touch()
    make(clone, "html", "VENV=mine")
    assert (clone / "mine" / "thesis.tex").exists()


def test_a_python_without_its_venv_module_is_one_sentence(clone):
    (clone / "no-ensurepip").touch()
    code, out, err = make(clone, "html")
    assert code == 2
    first, second = err.splitlines()
    assert first.startswith("Python 3.11 was not found: please install it")
    assert second.startswith("make: ***")
    assert not (clone / ".venv").exists()


def test_two_makes_at_once_share_the_work(clone):
    (clone / "slow").touch()
    two = [start(clone, "html"), start(clone, "html")]
    said = [process.communicate(timeout=60) for process in two]
    assert [process.returncode for process in two] == [0, 0]
    assert log(clone) == MADE
    assert sorted(err for _, err in said) == [
        "",
        "Another make sets up the environment: waiting for it.\n",
    ]


@pytest.mark.parametrize(
    ("words", "variables", "profile"),
    [
        ([], {}, "quick"),
        (["PROFILE=full"], {}, "full"),
        ([], {"FDL_PROFILE": "full"}, "full"),
        (["PROFILE=quick"], {"FDL_PROFILE": "full"}, "quick"),
    ],
)
def test_the_profile_is_makes_or_the_environments(
    clone, words, variables, profile
):
    _, out, _ = make(clone, "html", *words, **variables)
    assert out.splitlines()[-1].startswith(f"{profile} ")


@pytest.mark.parametrize("place", ["~/data", "near by/data", "https://a.b/c"])
def test_a_mirror_is_handed_on_as_it_is_named(clone, place):
    (clone / "near by" / "data").mkdir(parents=True)
    for given in ({"FDL_DATA_MIRROR": place}, {}):
        words = [] if given else [f"FDL_DATA_MIRROR={place}"]
        _, out, _ = make(clone, "html", *words, **given)
        assert out.splitlines()[-1] == f"quick {place} book build --jobs 2"


def test_clean_waits_for_no_build_and_spoils_none(clone):
    made = clone / "build" / "html"
    made.mkdir()
    code = (
        "import sys, pathlib; from fdl import _folders\n"
        "with _folders.locked(pathlib.Path(sys.argv[1]), 0):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    builder = subprocess.Popen(
        [sys.executable, "-c", code, str(clone / "build")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert builder.stdout.readline() == b"held\n"
        code, _, err = make(clone, "clean")
        assert code == 2
        assert err.startswith("A build is at work in build/: wait for its end")
        assert made.exists()
    finally:
        builder.kill()
        builder.communicate()
    assert make(clone, "clean")[0] == 0
    assert not made.exists()
