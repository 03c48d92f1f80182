"""The README's promises: its example runs, its commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf8")


def example() -> str:
    return re.search(r"```python\n(.*?)```", README, re.S).group(1)


def test_the_example_has_about_ten_lines():
    lines = [line for line in example().splitlines() if line.strip()]
    assert len(lines) <= 12


def test_the_example_runs_in_a_plain_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", example()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "FDL_DATA": str(tmp_path),
            "FDL_DATA_MIRROR": "",
            "OMP_NUM_THREADS": "1",
        },
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    errors = [float(x) for x in re.findall(r"\d\.\d+", last)]
    assert len(errors) == 3
    assert errors[-1] < 0.3  # chance is 0.9


def test_every_make_target_that_it_names_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    named = set(re.findall(r"`?make ([a-z]+)`?", README)) - {"tells"}
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    assert named
    assert named <= targets


def test_every_file_and_folder_that_it_names_exists():
    for name in re.findall(r"`((?:[a-z.]+/)+|[\w/]+\.py)`", README):
        if not name.startswith("build/"):
            assert (ROOT / name).exists(), name
