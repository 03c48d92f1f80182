"""Known values: where the names in tables may wrap."""

from __future__ import annotations

import pytest

from fdl.book.wrapping import with_breaks

CELL = '<table><tr><td><code><span class="pre">{}</span></code></td></table>'


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [
        ("fdl.vision.NeuralStyle", "fdl.<wbr>vision.<wbr>NeuralStyle"),
        ("mnist_mlp_seed0", "mnist_<wbr>mlp_<wbr>seed0"),
        ("fdl.train.fit(clip=0.5)", "fdl.<wbr>train.<wbr>fit(clip=0.5)"),
        (".astype", ".astype"),
        ("_private", "_private"),
        ("&lt;go&gt;", "&lt;go&gt;"),
    ],
)
def test_a_name_wraps_behind_dots_and_underscores(
    name: str, wrapped: str
) -> None:
    assert with_breaks(CELL.format(name)) == CELL.format(wrapped)


def test_a_long_name_wraps_everywhere() -> None:
    long = "fdl.experiments.associative_recall.run"
    code = '<code><span class="pre">{}()</span></code>'
    wrapped = "fdl.<wbr>experiments.<wbr>associative_<wbr>recall.<wbr>run"
    assert with_breaks(code.format(long)) == code.format(wrapped)


def test_what_is_not_in_a_table_stays_as_it_is() -> None:
    code = '<code><span class="pre">fdl.nn</span></code>'
    page = f"{code}<table><td>fdl.nn {code}</td></table>{code}"
    made = with_breaks(page)
    assert made.count("<wbr>") == 1
    assert made.startswith(code)
    assert made.endswith(code)
    assert "<td>fdl.nn " in made
