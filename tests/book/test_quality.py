"""Negative control, property: what a page owes its readers.

The pages themselves are judged in test_browser.py, as they are open there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.book.chromium import Browser, find
from tests.book.quality import audit, weight
from tests.book.test_browser import PAGES, SITE
from tests.book.test_ideas import IDEAS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find() is None, reason="Chromium is not on the PATH"),
]
site = pytest.mark.skipif(
    not PAGES, reason="the site has not been built: make html"
)
WHOLE = (
    "<!doctype html><html lang=en><title>t</title>"
    "<meta name=viewport content='width=device-width'>"
    "<meta name=description content='a page'>"
    "<main><h1>One</h1>%s</main>"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        found.size(390, 844)
        yield found


def judged(browser: Browser, folder: Path, page: str) -> list[str]:
    path = folder / "page.html"
    path.write_text(page)
    browser.open(path.as_uri())
    return audit(browser)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<h3>Three</h3>", "a heading level left out"),
        ("<h1>Another</h1>", "not one h1"),
        ("<p id=a>a</p><p id=a>b</p>", "id twice"),
        ("<button><i></i></button>", "nothing to call it by"),
        ("<a href='#'><img src='data:,' alt=''></a>", "nothing to call"),
        ("<img src='data:,'>", "a picture without words"),
        ("<p tabindex=3>a</p>", "an order of tabs"),
        ("<table><tr><td>1</table>", "a table without heads"),
        ("<p style='color:#888'>grey</p>", "too little contrast"),
        ("<p style='color:#0008'>thin</p>", "too little contrast"),
        (
            "<div style='background:#333'><p style='color:#777'>dark</div>",
            "too little contrast",
        ),
        (
            "<pre style='overflow:auto'>" + "wide " * 99 + "</pre>",
            "keys cannot scroll it",
        ),
        ("<select></select>", "nothing to call it by"),
        ("<textarea></textarea>", "nothing to call it by"),
        ("<details><summary></summary></details>", "nothing to call it by"),
        ("<input type=range>", "nothing to call it by"),
        ("<p role=slider></p>", "nothing to call it by"),
        ("<p role=group tabindex=0></p>", "nothing to call it by"),
        ("<button aria-labelledby=gone></button>", "nothing to call it by"),
        ("<svg role=img></svg>", "a picture without words"),
        (
            "<div style='background:#000'>"
            "<p style='color:#fff;background:#fffa'>no</div>",
            "too little contrast",
        ),
        ("<p style='color:#949494;font-size:23px'>no", "too little contrast"),
        ("<p style='color:#999;font-size:24px'>no", "too little contrast"),
        ("<p style='color:#fff;background:#0008'>no", "too little contrast"),
        ("<svg><text y=9 fill='#999'>no</text></svg>", "too little contrast"),
        (
            "<mjx-container style='color:#bbb'><svg></svg></mjx-container>",
            "too little contrast",
        ),
    ],
)
def test_a_fault_is_seen(
    body: str, fault: str, browser: Browser, tmp_path: Path
) -> None:
    found = judged(browser, tmp_path, WHOLE % body)
    assert [text for text in found if fault in text] == found != []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<h2>Two</h2><h3>Three</h3><h2>Two</h2>",
        "<p style='color:#767676'>just enough</p>",
        "<p style='color:#949494;font-size:24px'>large</p>",
        "<button aria-label=go><i></i></button><label>a<input></label>",
        "<img src='data:,' alt='a dot'>",
        "<pre tabindex=0 style='overflow:auto'>" + "wide " * 99 + "</pre>",
        "<pre style='overflow:auto'><a href='#'>a</a>" + "wide " * 99,
        "<p tabindex=0><span style='overflow:auto;display:block;"
        "white-space:pre'>" + "wide " * 99,
        "<pre style='overflow:hidden'>" + "wide " * 99,
        "<pre style='overflow:auto'>short</pre>",
        "<h4 style='display:none'>Four</h4>",
        "<p id=MJX-1>a</p><p id=MJX-1>b</p>",
        "<b id=by>a</b><button aria-labelledby=by></button>",
        "<button title=go></button><input placeholder=go><input type=hidden>",
        "<button aria-hidden=true></button>",
        "<button style='visibility:hidden'></button>",
        "<a href='#'><img src='data:,' alt='a dot'></a>",
        "<svg role=img aria-label='a dot'></svg>",
        "<img src='data:,' role=presentation>",
        "<button aria-label=go><img src='data:,'></button>",
        "<table role=presentation><tr><td>1</table>",
        "<table><tr><th>1</table>",
        "<p style='color:#949494;font-size:19px;font-weight:700'>bold</p>",
        "<p style='color:#f00;font-size:24px'>large and red</p>",
        "<p style='color:#fff;background:#000a'>on a veil</p>",
        "<p style='color:#ddd;opacity:0'>not seen</p>",
        "<p style='color:#ddd;position:absolute;clip:rect(0,0,0,0)'>heard</p>",
        "<button disabled style='color:#ddd'>off</button>",
        "<svg><text y=9 style='color:#ddd'>by its fill</text></svg>",
        "<p style='background-image:url(a.png);color:#ddd'>who knows</p>",
    ],
)
def test_what_is_right_is_let_pass(
    body: str, browser: Browser, tmp_path: Path
) -> None:
    assert judged(browser, tmp_path, WHOLE % body) == []


@pytest.mark.parametrize(
    ("lost", "fault"),
    [
        ("lang=en", "no language"),
        ("name=viewport", "no meta viewport"),
        ("name=description", "no meta description"),
        ("<main>", "no main landmark"),
        ("<h1>One</h1>", "not one h1"),
    ],
)
def test_a_page_that_lacks_something_is_seen(
    lost: str, fault: str, browser: Browser, tmp_path: Path
) -> None:
    page = WHOLE.replace(lost, "data-x=y") % ""
    (found,) = judged(browser, tmp_path, page)
    assert found.startswith(fault)


def test_a_fault_is_told_once(browser: Browser, tmp_path: Path) -> None:
    page = WHOLE % ("<p style='color:#888'>grey</p>" * 2)
    assert len(judged(browser, tmp_path, page)) == 1


def test_a_page_weighs_what_it_has_loaded_by_then() -> None:
    def asks(key: str, url: str) -> dict[str, Any]:
        params = {"requestId": key, "request": {"url": url}}
        return {"method": "Network.requestWillBeSent", "params": params}

    def gets(key: str, size: float) -> dict[str, Any]:
        params = {"requestId": key, "encodedDataLength": size}
        return {"method": "Network.loadingFinished", "params": params}

    page: Any = SimpleNamespace(
        events=[
            asks("a", "index.html"),
            asks("b", "mathjax/tex.js"),
            asks("c", "never.png"),
            gets("a", 10.0),
            gets("b", 1000.0),
            asks("d", "below.png"),
            asks("e", "late.png"),
            gets("d", 5.0),
            gets("e", 2.0),
        ],
        first=6,
    )
    assert (weight(page), weight(page, whole=True)) == (15, 17)


@site
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("backpropagation", "02-training-feed-forward-networks.html"),
        ("word2vec", "06-embedding-and-representation-learning.html"),
        ("beam search", "07-models-for-sequence-analysis.html"),
        ("value iteration", "09-deep-reinforcement-learning.html"),
        ("DNC", "reference/memory.html"),
        ("erase_and_write", "reference/memory.html"),
        ("Nesterov", "reference/optim.html"),
    ],
)
def test_search_finds_ideas_and_functions(
    words: str, page: str, browser: Browser
) -> None:
    address = (SITE / "search.html").as_uri()
    browser.open(f"{address}?q={words.replace(' ', '+')}")
    found = browser.evaluate(
        """(async () => {
          const list = () => document.querySelectorAll(
            '#search-results li a');
          const told = () => (document.querySelector(
            '#search-results .search-summary') || {}).textContent || '';
          for (let i = 0; i < 200 && !/finished|found|match/.test(told());
               i++)
            await new Promise(done => setTimeout(done, 50));
          return [...list()].map(a => a.href);
        })()"""
    )
    assert any(f"/{page}" in address for address in found[:12]), found[:12]


@site
def test_search_leads_from_ideas_to_sections(browser: Browser) -> None:
    browser.open(f"{(SITE / 'search.html').as_uri()}?q=dropout")
    first = browser.evaluate(
        """(async () => {
          for (let i = 0; i < 200; i++) {
            const link = document.querySelector('#search-results li a');
            if (link) return [link.href, link.textContent];
            await new Promise(done => setTimeout(done, 50));
          }
        })()"""
    )
    assert first[0].endswith("#absent-neurons")
    assert first[1].endswith("> Absent neurons")
    for words, section in IDEAS.items():
        found = browser.evaluate(
            "Search._performSearch(...Search._parseQuery("
            f"{json.dumps(words)})).reverse().slice(0, 2)"
            ".map(r => [r[0].split('-')[0], r[2].slice(1)])"
        )
        number, _, slug = section.partition("-")
        assert [number.zfill(2), slug] in found, (words, found)


@site
@pytest.mark.parametrize(
    "page", ["models", "tensorflow", "book-map", "claims"]
)
def test_names_in_tables_wrap_between_their_parts(
    page: str, browser: Browser
) -> None:
    browser.size(390, 844)
    browser.open((SITE / f"{page}.html").as_uri())
    parts, torn = browser.evaluate(
        """(() => {
          let parts = 0;
          const torn = [];
          for (const name of document.querySelectorAll(
               'article table code .pre'))
            for (const node of name.childNodes) {
              if (node.nodeType !== Node.TEXT_NODE) continue;
              const range = document.createRange();
              range.selectNodeContents(node);
              parts++;
              // a hyphen may end a line, too
              if (!/[-/ ]/.test(node.data) &&
                  range.getClientRects().length > 1) torn.push(node.data);
            }
          return [parts, torn];
        })()"""
    )
    assert parts > 30
    assert torn == []


@site
def test_the_first_key_leads_past_the_menu(browser: Browser) -> None:
    browser.open((SITE / "index.html").as_uri())
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Tab",
            code="Tab",
            windowsVirtualKeyCode=9,
        )
    assert browser.evaluate("document.activeElement.textContent") == (
        "Skip to main content"
    )


@site
def test_paper_shows_what_the_screen_folds(browser: Browser) -> None:
    page = next(page for page in PAGES if page.startswith("01-"))
    browser.open((SITE / page).as_uri())
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        hidden = browser.evaluate(
            """(() => {
              window.dispatchEvent(new Event('beforeprint'));
              return [...document.querySelectorAll('main .solution p')]
                .filter(e => !e.getClientRects().length).length;
            })()"""
        )
        menu = browser.evaluate(
            "document.querySelector('.bd-sidebar-primary')"
            ".getClientRects().length"
        )
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
    assert (hidden, menu) == (0, 0)


WHEN_FIRST_SET = """new MutationObserver((_, watch) => {
  if (!document.querySelector('.bd-article mjx-container')) return;
  watch.disconnect();
  const all = [...document.querySelectorAll('.math')];
  const is = box => !!box.querySelector('mjx-container');
  %s
}).observe(document, {childList: true, subtree: true});"""


def opened(browser: Browser, page: str, script: str) -> Any:
    """Open a page; return what a script saw at the first set formula."""
    added = browser.call(
        "Page.addScriptToEvaluateOnNewDocument",
        source=WHEN_FIRST_SET % script,
    )
    browser.open("about:blank")  # or a hash would only scroll a page
    browser.open(f"{SITE.as_uri()}/{page}")
    browser.call("Page.removeScriptToEvaluateOnNewDocument", **added)
    return browser.evaluate("window.seen")


@site
def test_formulas_in_sight_are_set_first(browser: Browser) -> None:
    done, waiting = opened(
        browser,
        "01-the-neural-network.html#exercises",
        """const far = box => {
          const place = box.getBoundingClientRect();
          return Math.max(0, place.top - innerHeight, -place.bottom);
        };
        window.seen = [all.filter(is).map(far),
          all.filter(box => !is(box)).map(far)];""",
    )
    assert done
    assert len(waiting) > len(done)
    # the places were taken before the first formulas changed their heights
    assert max(done) < min(waiting) + 300


@site
def test_paper_gets_all_formulas_at_once(browser: Browser) -> None:
    before, after, wanted = opened(
        browser,
        "04-beyond-gradient-descent.html",
        """const before = all.filter(is).length;
        window.dispatchEvent(new Event('beforeprint'));
        window.seen = [before, all.filter(is).length, all.length];""",
    )
    assert before < after == wanted
