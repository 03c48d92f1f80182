"""What importing costs, measured in a fresh interpreter."""

import os
import subprocess
import sys

import pytest


def run(code, *flags):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )


def times(code):
    """Return module → (own seconds, seconds with what it imports)."""
    found = {}
    for line in run(code, "-X", "importtime").stderr.splitlines():
        if line.startswith("import time:") and "self" not in line:
            own, whole, name = line.split(":", 1)[1].split("|")
            found[name.strip()] = (int(own) / 1e6, int(whole) / 1e6)
    return found


@pytest.mark.parametrize(
    "code",
    [
        "import fdl",
        "import fdl.cli",
        "import fdl.nn, fdl.train, fdl.experiments",
        "import fdl.data, fdl.profiles, fdl.records; fdl.data.names()",
    ],
)
def test_importing_loads_neither_mxnet_nor_matplotlib(code):
    heavy = run(
        f"import sys; {code}; print(sorted({{'mxnet', 'matplotlib', "
        "'tensorboardX', 'pandas'} & set(sys.modules)))"
    ).stdout
    assert heavy.strip() == "[]"


def assert_soon_below(limit, measure):
    """Measure until below the limit, five times at most.

    Neighbours on the machine can only slow an import down.
    """
    measured = []
    for _ in range(5):
        measured.append(measure())
        if measured[-1] < limit:
            return
    raise AssertionError(f"{measured} s are all above {limit} s")


def test_importing_fdl_takes_under_100_ms():
    assert_soon_below(0.1, lambda: times("import fdl")["fdl"][1])


def test_importing_the_networks_costs_little_more_than_mxnet():
    def beyond():
        found = times("from fdl.nn import FeedForward")
        start = sum(own for own, _ in times("pass").values())
        needed = start + found["numpy"][1] + found["mxnet"][1]
        return sum(own for own, _ in found.values()) - needed

    assert_soon_below(0.15, beyond)


def test_a_slow_import_is_seen():
    with pytest.raises(AssertionError, match="all above 0.1 s"):
        assert_soon_below(0.1, lambda: 0.2)
