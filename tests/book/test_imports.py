"""Known values: which modules a piece of code depends on."""

from __future__ import annotations

import pytest

from tests.book.conftest import Mini

ROOT = {"mini", "mini._lazy"}


def closure(mini: Mini, *cells: str) -> set[str]:
    graph = mini.graph
    return graph.closure(graph.uses_of_cells(cells)) - ROOT


LOOP = {"mini.train", "mini.train.loop", "mini.helpers"}
WATCH = {"mini.train", "mini.train.watch", "mini.late"}


@pytest.mark.parametrize(
    "code",
    [
        "from mini.train import fit",
        "from mini import fit",
        "from mini.train import fit as f\nf(1)",
        "from mini import train\ntrain.fit(1)",
        "from mini import train as t\nprint([t.fit(i) for i in range(3)])",
        "import mini\nmini.train.fit(1)",
        "import mini as m\nm.train.fit(1)",
        "import mini.train as t\nt.fit(1)",
        "import mini.train\nmini.train.fit(1)",
        "import mini.train.loop",
        "from mini.train.loop import fit",
        "def f():\n    from mini.train import fit",
        "def f():\n    return train.fit\nfrom mini import train",
        "import importlib\nimportlib.import_module('mini.train.loop')",
        "%time from mini.train import fit",
        "%%time\nfrom mini.train import fit",
        "!python -c 'from mini.train import fit; fit(1)'",
        "%%bash\npython -m mini.train.loop",
    ],
)
def test_a_lazy_name_leads_to_the_module_that_defines_it(
    mini: Mini, code: str
) -> None:
    assert closure(mini, code) == LOOP


def test_names_bound_in_one_cell_are_followed_in_the_next(mini: Mini) -> None:
    assert closure(mini, "from mini import train", "train.fit(1)") == LOOP


def test_imports_inside_functions_count(mini: Mini) -> None:
    assert closure(mini, "from mini.train import Watch") == WATCH


@pytest.mark.parametrize(
    "code",
    [
        "from mini import train\nprint(train)",
        "from mini import train\ngetattr(train, 'fit')",
        "from mini import train\ntrain.unknown",
        "from mini.train import *",
    ],
)
def test_what_cannot_be_followed_counts_as_the_whole_package(
    mini: Mini, code: str
) -> None:
    assert closure(mini, code) == LOOP | WATCH


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as train\ntrain.anything",
        "from mini import train\ndef f(train):\n    return train.anything",
        "from mini import train\ndef f():\n    train = 1\n    return train",
        "from mini import train\nf = lambda train: train.anything",
        "from typing import TYPE_CHECKING\nimport mini.train\n"
        "if TYPE_CHECKING:\n    from mini.train import fit",
        "import mini.train",
        "from mini import train\ntrain.__name__",
    ],
)
def test_other_things_of_the_same_name_do_not_count(
    mini: Mini, code: str
) -> None:
    assert closure(mini, code) <= {"mini.train"}


def test_relative_imports_are_followed(mini: Mini) -> None:
    path = mini.root / "mini" / "train" / "watch.py"
    path.write_text("from .loop import fit\nfrom ..other import value\n")
    found = closure(mini, "from mini.train import Watch")
    assert found == {*LOOP, "mini.train.watch", "mini.other"}


def test_experiments_are_counted_by_their_names(mini: Mini) -> None:
    registry = {"mini.experiments", "mini.experiments.registry"}
    get = "from mini import experiments\nexperiments.get({})"
    assert closure(mini, get.format("'first'")) == {
        *registry,
        *LOOP,
        "mini.experiments.first",
    }
    assert closure(mini, get.format("'second'")) == {
        *registry,
        "mini.experiments.second",
    }
    assert closure(mini, get.format("name")) == {
        *registry,
        *LOOP,
        "mini.experiments.first",
        "mini.experiments.second",
    }


def test_a_command_counts_what_its_subcommand_runs(mini: Mini) -> None:
    assert closure(mini, "!mini devices") == {"mini.cli", "mini.device"}
    assert closure(mini, "out = !mini data list") == {"mini.cli", "mini.data"}
    assert closure(mini, "!mini train second --epochs 3") == {
        "mini.cli",
        "mini.experiments",
        "mini.experiments.second",
    }
    everything = closure(mini, "!mini unheard-of")
    assert {"mini.cli", "mini.device", *LOOP} <= everything
    assert closure(mini, "!ls -l mini.txt") == set()


def test_records_are_found_where_their_names_are_written(mini: Mini) -> None:
    uses = mini.graph.uses_of_cells(
        [
            "from mini.book import record\nfrom mini import book, records",
            "a = record('one')\nb = book.record('two')",
            "records.read('three'); other.read('four'); record(name)",
        ]
    )
    assert uses.records == {"one", "two", "three"}


def test_a_cell_with_an_error_hides_no_other(mini: Mini) -> None:
    assert closure(mini, "1 +", "from mini.train import fit") == LOOP


def test_locate_finds_objects_and_says_what_is_not_there(mini: Mini) -> None:
    graph = mini.graph
    assert graph.locate("mini.train.fit") == ("mini.train.loop", "fit")
    assert graph.locate("mini.train.loop") == ("mini.train.loop", "")
    assert graph.locate("mini.train.Watch.look") == (
        "mini.train.watch",
        "Watch.look",
    )
    for name in ("mini.train.loop.fitt", "mini.no", "nothing.at.all"):
        with pytest.raises(LookupError, match=name):
            graph.locate(name)


def test_lines_of_an_object_with_and_without_docstrings(mini: Mini) -> None:
    graph = mini.graph
    lines = graph.files["mini.train.loop"].read_text().splitlines()

    def shown(nodoc: bool) -> list[str]:
        numbers = graph.lines("mini.train.loop", "fit", nodoc)
        return [lines[i - 1] for i in numbers]

    assert shown(False)[0] == "def fit(n):"
    assert shown(False)[-1] == "    return double(n)"
    assert shown(True) == ["def fit(n):", "    return double(n)"]
    every = graph.lines("mini.train.loop", "", nodoc=True)
    assert 1 not in every
    assert len(lines) in every
