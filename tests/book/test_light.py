"""Known value: icons that no page shows, and what a page says of itself."""

from __future__ import annotations

import pytest
import quickjs
from docutils import nodes

from fdl.book.light import (
    STYLES_OF_CODE,
    add_description,
    lighten,
    without_others,
)
from tests.book.conftest import REPOSITORY

ICONS = (
    'var a={sun:[5,5,[9728],"f185","M0 1"],"at-once":[5,5,[],"f1","M1"],'
    'moon:[5,5,[97,"night"],"f2",["M2","M3"]]},b={other:[5,5,[],"f3","M4"]};'
)


def kept(*names: str) -> dict[str, list[str]]:
    context = quickjs.Context()
    context.eval(without_others(ICONS, set(names)))
    return {
        name: list(context.eval(f"Object.keys({name}).join()").split(","))
        for name in "ab"
    }


def test_only_icons_that_are_used_stay() -> None:
    assert kept("sun") == {"a": ["sun"], "b": [""]}
    assert kept("at-once", "other") == {"a": ["at-once"], "b": ["other"]}


def test_an_icon_stays_for_its_other_name() -> None:
    assert kept("night")["a"] == ["moon"]


def test_the_rest_of_the_script_stays() -> None:
    assert without_others("f({a:[1,2]},'sun')", set()) == "f({a:[1,2]},'sun')"
    icons = 'a={sun:[5,5,[],"f1","M1"],at:[5,5,[],"f2","M2"]}'
    assert without_others(icons, {"sun"}) == 'a={sun:[5,5,[],"f1","M1"]}'


def test_the_search_index_is_left_to_the_search_page() -> None:
    template = REPOSITORY / "chapters" / "_templates" / "layout.html"
    assert "{% block extrahead %}{% endblock %}" in template.read_text()


def test_words_of_code_that_look_plain_lose_their_marks() -> None:
    code = (
        '<span class="k">if</span> <span class="n">x</span>'
        '<span class="o">&lt;</span>'
    )
    context = {"body": code + '<span class="pre">x</span>'}
    lighten(App, "a", "", context, None)
    assert context["body"] == (
        '<span class="k">if</span> x&lt;<span class="pre">x</span>'
    )


def test_signatures_lose_the_marks_of_every_piece() -> None:
    class App:
        class builder:
            name = "html"

    pre = '<span class="pre">{}</span>'
    code = f"<code>{pre.format('x')}</code>"
    sign = '<dt class="sig sig-object py" id="f">{}(<em>{}</em>)</dt>'
    body = code + sign.format(pre.format("f"), pre.format("x")) + code
    context = {"body": body}
    lighten(App, "a", "", context, None)
    assert context["body"] == code + sign.format("f", "x") + code


def test_the_styles_that_are_looked_at_are_those_of_the_book() -> None:
    text = (REPOSITORY / "conf.py").read_text()
    assert all(f'"{name}"' in text for name in STYLES_OF_CODE)


class App:
    class builder:
        name = "html"

    class config:
        html_title = "The book"


def test_a_page_without_paragraphs_says_its_title() -> None:
    context = {"title": 'Of "this" & that', "metatags": "<meta/>"}
    add_description(App, "genindex", "", context, None)
    assert context["metatags"] == (
        '<meta/><meta name="description" '
        'content="Of &quot;this&quot; &amp; that: The book" />'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What  it\nis about.", "What it is about."),
        ("x" * 155, "x" * 155),
        ("word, " * 40, "word, " * 24 + "word …"),
    ],
)
def test_a_page_says_its_first_paragraph_up_to_a_whole_word(
    text: str, said: str
) -> None:
    box = nodes.container("", nodes.paragraph("", "What you will build"))
    page = nodes.section("", box, nodes.paragraph("", text))
    page += nodes.paragraph("", "Later.")
    context: dict[str, str] = {}
    add_description(App, "a", "", context, page)
    assert f'content="{said}"' in context["metatags"]
    assert len(said) <= 157  # as search engines show it
