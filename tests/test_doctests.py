"""Every example in a docstring of ``fdl`` runs and shows what it says."""

import doctest
import importlib
import inspect
import pkgutil
import sys

import pytest

import fdl
from fdl.book.examples import imports

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
# what only the extra "book" brings, and what wants Python 3.11
NEEDS_BOOK = "fdl.book"


# What the examples of those who return or raise it show.
SHOWN_ELSEWHERE = set(
    "ActorFailed ClaimError Curve DNCState Heads Interface NTMState Tables"
    " record".split()
)
PACKAGES = (
    "scratch data plot optim nn train vision representation language memory"
    " rl experiments book"
).split()
ALONE = "device errors estimators profiles records seeding".split()


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
    for test in doctest.DocTestFinder().find(module, globs={}):
        if not test.examples:
            continue
        # in an empty namespace, as who copies it from the site would run it
        test.globs = {"__name__": "__main__"}
        test.examples[:0] = [
            doctest.Example(f"{line}\n", "")
            for line in imports(test.docstring, module)
        ]
        runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
        assert runner.run(test).failed == 0, test.name


def test_a_wrong_example_fails():
    finder = doctest.DocTestParser()
    wrong = finder.get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(wrong, out=lambda text: None).failed == 1


def public(module):
    """Yield the functions and classes that a module or package offers."""
    for name in module.__all__:
        found = getattr(module, name)
        if inspect.isfunction(found) or inspect.isclass(found):
            yield name, found


def shows(found):
    """Tell whether an object's docstring, or a method's, has an example."""
    texts = [found.__doc__]
    if inspect.isclass(found):
        texts += [
            getattr(part, "__doc__", "") for part in vars(found).values()
        ]
    return any(">>>" in (text or "") for text in texts)


@pytest.mark.parametrize("home", [*PACKAGES, *ALONE])
def test_every_public_name_has_an_example(home):
    if home == "book" and sys.version_info < (3, 11):
        pytest.skip("the book is built with Python 3.11")
    module = importlib.import_module(f"fdl.{home}")
    bare = {name for name, found in public(module) if not shows(found)}
    assert bare - SHOWN_ELSEWHERE == set()


def test_a_name_without_an_example_is_seen():
    def bare():
        """Say nothing."""

    class Full:
        """Say nothing either."""

        def call(self):
            """>>> 1 + 1
            2
            """

    assert not shows(bare)
    assert shows(Full)
