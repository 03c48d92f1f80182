"""Property: the built site in a browser without scripts, and its files.

Skipped where Chromium is not on the PATH or the site has not been built.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.book.chromium import Browser, find
from tests.book.test_browser import PAGES, SITE

TEXTS = [p for p in PAGES if p[:2].isdigit() or p == "index.html"]
REFERENCE = [p for p in PAGES if p.startswith("reference/")]
# what a reader sees of a page; a box that is folded shows its title
LOOK = """(() => {
  const article = document.querySelector('article');
  const seen = e => e.getClientRects().length > 0;
  const folded = e => e.closest('details:not([open])');
  const all = name => [...article.querySelectorAll(name)];
  const lost = (name, good) => all(name)
    .filter(e => !folded(e) && !good(e))
    .map(e => e.outerHTML.slice(0, 150));
  return {
    scripts: typeof window.MathJax !== 'undefined',
    words: article.innerText.trim().split(/\\s+/).length,
    headings: lost('h1, h2, h3', e => seen(e) && e.innerText.trim()),
    paragraphs: lost('section > p', e => seen(e)),
    outputs: lost('div.cell_output', e => seen(e)),
    pictures: lost('img', e => seen(e) && e.naturalWidth > 0),
    formulas: lost('.math', e => seen(e) && e.innerText.trim()),
    figures: lost(
      '.fdl-atlas, .fdl-descent, .fdl-glances, .fdl-movie, .fdl-planner, ' +
        '.fdl-stepper',
      e => seen(e) && (e.innerText.trim() || e.querySelector('img, svg'))),
    counts: ['.math', 'img', 'div.cell_output'].map(n => all(n).length),
  };
})()"""
BORROWED = """(() => {
  const generic = /^(serif|sans-serif|monospace|system-ui|ui-.*|inherit)$/;
  const carried = new Set([...document.fonts].map(
    f => f.family.replace(/["']/g, '')));
  const found = new Set();
  for (const e of document.querySelectorAll('*')) {
    const own = getComputedStyle(e).fontFamily;
    for (const place of ['::before', '::after']) {
      const style = getComputedStyle(e, place);
      if (/^(none|normal|"")$/.test(style.content)) continue;
      const first = style.fontFamily.split(',')[0].replace(/["']/g, '').trim();
      if (style.fontFamily !== own && !generic.test(first) &&
          !carried.has(first)) found.add(first + ' of ' + e.className);
    }
  }
  return [...found];
})()"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find() is None, reason="Chromium is not on the PATH"),
    pytest.mark.skipif(
        not PAGES, reason="the site has not been built: make html"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        found.size(1000, 900)
        yield found


@pytest.fixture
def quiet(browser: Browser) -> Iterator[Browser]:
    """Return the browser with scripts switched off."""
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    yield browser
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def look_at(browser: Browser, url: str) -> Any:
    """Open a page and look at it; no promise is kept without scripts."""
    browser.events.clear()
    browser.call("Page.navigate", url=url)
    limit = time.monotonic() + 60
    while not any(
        e["method"] == "Page.loadEventFired" for e in browser.events
    ):
        assert time.monotonic() < limit, f"{url} did not load"
        browser.evaluate("0")
        time.sleep(0.02)
    browser.evaluate(
        "document.querySelectorAll('img').forEach(i => i.loading = 'eager')"
    )
    while not browser.evaluate("[...document.images].every(i => i.complete)"):
        assert time.monotonic() < limit, f"the pictures of {url} did not load"
        time.sleep(0.02)
    return browser.evaluate(LOOK)


def lost(look: dict[str, object]) -> dict[str, object]:
    """Return what is not to be seen."""
    names = ["headings", "paragraphs", "outputs", "pictures"]
    names += ["formulas", "figures"]
    return {name: look[name] for name in names if look[name]}


@pytest.mark.parametrize("page", TEXTS)
def test_a_page_can_be_read_without_scripts(page: str, quiet: Browser) -> None:
    look = look_at(quiet, (SITE / page).as_uri())
    assert not look["scripts"]
    assert lost(look) == {}
    assert look["words"] > (300 if page == "index.html" else 2000)
    if page[0] == "0":
        assert min(look["counts"]) > 5


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<h2></h2>", "headings"),
        ("<section><p hidden>words</p></section>", "paragraphs"),
        ("<div class=cell_output style='display:none'>9</div>", "outputs"),
        ("<img src='gone.png'>", "pictures"),
        ("<span class=math></span>", "formulas"),
        ("<div class=fdl-movie></div>", "figures"),
    ],
)
def test_what_is_lost_without_scripts_is_seen(
    body: str, name: str, quiet: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        f"<!doctype html><title>t</title><article>{body}</article>"
        "<script>window.MathJax = 1</script>"
    )
    look = look_at(quiet, path.as_uri())
    assert not look["scripts"]
    assert list(lost(look)) == [name]


def test_links_of_the_pages_lead_somewhere() -> None:
    soups: dict[Path, BeautifulSoup] = {}

    def soup(path: Path) -> BeautifulSoup:
        if path not in soups:
            soups[path] = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        return soups[path]

    broken, links = [], 0
    for page in TEXTS:
        for link in soup(SITE / page).select("article a[href]"):
            parts = urlsplit(str(link["href"]))
            if parts.scheme:
                continue
            links += 1
            path = (SITE / page).parent / unquote(parts.path)
            path = path.resolve() if parts.path else SITE / page
            anchor = unquote(parts.fragment)
            if not path.exists() or (
                anchor
                and path.suffix == ".html"
                and soup(path).find(attrs={"id": anchor}) is None
            ):
                broken.append(f"{page}: {link['href']}")
    assert links > 1000
    assert broken == []


@pytest.mark.parametrize("page", REFERENCE)
def test_the_reference_calls_things_by_their_names(page: str) -> None:
    soup = BeautifulSoup((SITE / page).read_text("utf-8"), "html.parser")
    for term in soup.select("dt.sig[id]"):
        name = "".join(
            part.get_text() for part in term.select(".sig-prename, .sig-name")
        )
        # the whole of it, or its end, and no part of it twice
        assert f".{term['id']}".endswith(f".{name}"), (term["id"], name)


@pytest.mark.parametrize("page", [*TEXTS, "search.html", "glossary.html"])
def test_what_styles_draw_needs_no_font_that_is_not_here(
    page: str, browser: Browser
) -> None:
    browser.open((SITE / page).as_uri())
    assert browser.evaluate(BORROWED) == []


def test_a_font_that_is_not_here_is_seen(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><title>t</title><style>"
        "b::after { content: 'x'; font-family: Nowhere, serif }"
        "i::before { content: 'y'; font-family: serif }</style><b>a</b><i>"
    )
    browser.open(path.as_uri())
    assert browser.evaluate(BORROWED) == ["Nowhere of "]
