"""What holds for every test: its seed, its folders, a quiet engine after it.

``--seed`` takes a number or ``random``. A test that fails says with which
seed it ran, and how to run it so again.
"""

import random
import sys
import zlib

import numpy as np
import pytest

DEFAULT = 20170


def pytest_addoption(parser):
    parser.addoption(
        "--seed",
        default=str(DEFAULT),
        help="seed of every test: a number, or random",
    )


def pytest_configure(config):
    given = config.getoption("--seed")
    if given == "random":
        # workers of one run must agree
        worker = getattr(config, "workerinput", {})
        config.fdl_seed = worker.get("fdl_seed", random.randrange(2**31))
        return
    if not given.isdecimal() or int(given) >= 2**31:
        raise pytest.UsageError(
            f"`--seed` (={given!r}) must be `random` or a whole number from "
            "0 up, less than 2147483648."
        )
    config.fdl_seed = int(given)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["fdl_seed"] = node.config.fdl_seed


def _seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    mxnet = sys.modules.get("mxnet")
    if hasattr(mxnet, "random"):
        mxnet.random.seed(seed)


def _seed_of(item):
    """Return a test's seed: its own, and the same in every order."""
    name = zlib.crc32(item.nodeid.encode())
    return (item.config.fdl_seed + name) % 2**31


@pytest.fixture(autouse=True)
def _seeded(request):
    _seed_everything(_seed_of(request.node))
    yield
    mxnet = sys.modules.get("mxnet")
    if hasattr(mxnet, "npx"):
        mxnet.npx.waitall()  # an error of this test must not hit the next


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch, tmp_path_factory):
    """Keep the user's data, results and settings out of the tests."""
    home = tmp_path_factory.mktemp("fdl", numbered=True)
    monkeypatch.setenv("FDL_DATA", str(home / "data"))
    monkeypatch.setenv("FDL_RESULTS", str(home / "results"))
    monkeypatch.delenv("FDL_PROFILE", raising=False)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        line = f"to repeat: pytest --seed {item.config.fdl_seed} '"
        report.sections.append(("seed", f"{line}{item.nodeid}'"))
