"""Every example in a docstring of ``fdl`` runs and shows what it says."""

import doctest
import importlib
import pkgutil
import sys

import pytest

import fdl

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
# what only the extra "book" brings, and what wants Python 3.11
NEEDS_BOOK = "fdl.book"


def modules():
    yield "fdl"
    for found in pkgutil.walk_packages(fdl.__path__, "fdl."):
        if not found.name.endswith("__main__"):
            yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_the_examples_of(name, tmp_path, monkeypatch):
    if name.startswith(NEEDS_BOOK) and sys.version_info < (3, 11):
        pytest.skip("the book is built with Python 3.11")
    module = importlib.import_module(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FDL_OFFLINE", "1")
    # a mirror named from the folder of the project is not one of this folder
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    # the globals are copied: an example must not leak into another
    failed, _ = doctest.testmod(module, optionflags=FLAGS)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot:  # which warns of more than twenty open figures
        pyplot.close("all")
    assert failed == 0


def test_a_wrong_example_fails():
    finder = doctest.DocTestParser()
    wrong = finder.get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(wrong, out=lambda text: None).failed == 1
