"""Known value: style sheets without the rules that no page can use."""

from __future__ import annotations

import pytest

from fdl.book.figures import FIGURES
from fdl.book.light import WORD
from fdl.book.styles import COMMENT, classes, without_unused
from tests.book.conftest import REPOSITORY

STATIC = REPOSITORY / "chapters" / "_static"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (".a{x:y}", ".a{x:y}"),
        (".b{x:y}", ""),
        (".a,.b{x:y}", ".a{x:y}"),
        (".a .b{x:y}", ""),
        ("p{x:y}", "p{x:y}"),
        ("p:not(.b){x:y}", "p:not(.b){x:y}"),
        (":is(.a,p){x:y}", ":is(.a,p){x:y}"),
        ('p[q=".b"]{x:y}', 'p[q=".b"]{x:y}'),
        ("@media print{.b{x:y}.a{x:y}}", "@media print{.a{x:y}}"),
        ("@media print{.b{x:y}}.a{x:y}", ".a{x:y}"),
        ('@font-face{src:"}.b{"}', '@font-face{src:"}.b{"}'),
        ("@keyframes k{0%{x:y}}", "@keyframes k{0%{x:y}}"),
        ('@import "u";.b{x:y}', '@import "u";'),
        ('@import "u;v{";.b{x:y}', '@import "u;v{";'),
        ("/* .c{ */.a{x:y}", ".a{x:y}"),
        ('.a:after{content:"{;}"}.b{x:y}', '.a:after{content:"{;}"}'),
        (r'.a:after{content:"\"}"}', r'.a:after{content:"\"}"}'),
        (".a{x:y}\n", ".a{x:y}"),
        (":root{--w:1.5em}", ":root{--w:1.5em}"),
    ],
)
def test_rules_stay_if_something_may_use_them(given: str, wanted: str) -> None:
    assert without_unused(given, {"a"}).strip() == wanted


def test_classes_of_a_selector() -> None:
    assert classes("a.b-c.d_e>.f:hover") == {"b-c", "d_e", "f"}
    assert classes("p") == set()


SHEETS = sorted({name for _, styles in FIGURES.values() for name in styles})


@pytest.mark.parametrize("sheet", SHEETS)
def test_scripts_name_in_full_what_a_figures_style_draws(sheet: str) -> None:
    """Or else its rules do not come into the site."""
    words: set[str] = set()
    for mark, (scripts, styles) in FIGURES.items():
        if sheet in styles:
            words.update(*map(WORD.findall, [mark, *map(_static, scripts)]))
    drawn = classes(COMMENT.sub("", _static(sheet)))
    assert {name for name in drawn if name.startswith("fdl-")} <= words


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
