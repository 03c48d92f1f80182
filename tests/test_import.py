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


def test_importing_fdl_takes_under_100_ms():
    # the best of three: neighbours on the machine can only slow it down
    assert min(times("import fdl")["fdl"][1] for _ in range(3)) < 0.1


def test_importing_the_networks_costs_little_more_than_mxnet():
    def beyond():
        found = times("from fdl.nn import FeedForward")
        own = {name: cost[0] for name, cost in found.items()}
        ours = sum(own[name] for name in own if name.split(".")[0] == "fdl")
        mxnet = found["mxnet"][1]
        door = found["fdl._mxnet"][1]
        assert mxnet > 0.05
        return ours, door - mxnet - found["numpy"][1]

    measured = [beyond() for _ in range(3)]
    assert min(ours for ours, _ in measured) < 0.1
    assert min(around for _, around in measured) < 0.1
