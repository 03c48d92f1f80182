"""Property: every page of the built site, wide and on a phone, in the light
of day and in the dark.

Skipped where Chromium is not on the PATH or the site has not been built.
"""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book.chromium import Browser, find
from tests.book.quality import HEAVIEST, WHOLE, audit, weight

SITE = Path(
    os.environ.get("FDL_SITE")
    or Path(__file__).resolve().parents[2] / "build" / "html"
)
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.parts
)
LOOK = """(() => {
  const root = document.documentElement;
  const wide = [...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect();
    if (!box.width || box.right <= root.clientWidth + 1) return false;
    for (let p = e; p && p !== document.body; p = p.parentElement) {
      const style = getComputedStyle(p);
      if (style.position === 'fixed' || style.visibility === 'hidden' ||
          p.tagName === 'DIALOG' || p.tagName === 'MJX-ASSISTIVE-MML' ||
          (p !== e && style.overflowX !== 'visible')) return false;
    }
    return true;
  });
  const broken = [...document.images].filter(
    i => !(i.complete && i.naturalWidth > 0));
  const maths = [...document.querySelectorAll('.math')];
  const wrong = maths.filter(m => !m.querySelector('mjx-container svg'));
  const bad = '[data-mjx-error], mjx-merror, [data-mml-node="merror"], ' +
    'mjx-container g[data-mml-node="mtext"][fill="red"]';
  return {
    scroll: root.scrollWidth - root.clientWidth,
    wide: wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120)),
    broken: broken.map(i => i.src),
    unset: wrong.map(m => m.textContent.slice(0, 80)),
    errors: [...document.querySelectorAll(bad)].map(
      e => e.closest('mjx-container').textContent.slice(0, 80)),
    title: document.title,
    text: (document.querySelector('article, main') || {}).innerText || '',
  };
})()"""

CUT = """(() => {
  const all = [...document.querySelectorAll('div.math mjx-container')];
  return all.filter(c => c.querySelector('svg').getBoundingClientRect().width
                         > c.clientWidth + 1)
    .map(c => c.parentElement.id || c.textContent.slice(0, 80));
})()"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find() is None, reason="Chromium is not on the PATH"),
    pytest.mark.skipif(
        not PAGES, reason="the site has not been built: make html"
    ),
]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{found.server_address[1]}"
        found.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        found.call("Network.setCacheDisabled", cacheDisabled=True)
        yield found


def faults(browser: Browser, url: str) -> list[str]:
    """Open a page and say what is wrong with it."""
    browser.open(url)
    found = browser.problems()
    origin = "/".join(url.split("/")[:3]) + "/"
    found += [
        f"asks another host: {address}"
        for address in browser.requests()
        if not address.startswith((origin, "data:", "blob:"))
    ]
    look = browser.evaluate(LOOK)
    for name in ("broken", "unset", "errors", "wide"):
        found += [f"{name}: {item}" for item in look[name]]
    if look["scroll"] > 0:
        found.append(f"the page is {look['scroll']} pixels too wide")
    if not look["title"]:
        found.append("there is no title")
    if not look["text"].strip():
        found.append("there is no text")
    return found


@pytest.mark.parametrize("size", [(1400, 900), (390, 844)], ids=str)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_all_it_has(
    page: str, size: tuple[int, int], browser: Browser, server: str
) -> None:
    browser.size(*size)
    browser.colours("dark" if size[0] < 600 else "light")
    found = faults(browser, f"{server}/{page}")
    if (heavy := weight(browser)) > HEAVIEST:
        found.append(f"it loads {heavy:,} bytes")
    if (heavy := weight(browser, whole=True)) > WHOLE:
        found.append(f"with all pictures it loads {heavy:,} bytes")
    assert found + audit(browser) == []


@pytest.mark.parametrize("page", [p for p in PAGES if p[:2].isdigit()])
def test_a_formula_is_seen_whole_on_a_phone(
    page: str, browser: Browser, server: str
) -> None:
    browser.size(390, 844)
    browser.open(f"{server}/{page}")
    assert browser.evaluate(CUT) == []


def test_a_formula_that_is_cut_is_found(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    boxes = "".join(
        f"<div class=math id={name}><mjx-container style='display: block;"
        f" width: 300px; overflow: auto'><svg width={width} height=9></svg>"
        "</mjx-container></div>"
        for name, width in (("whole", 300), ("cut", 310))
    )
    page.write_text(f"<!doctype html><title>t</title>{boxes}")
    browser.size(390, 844)
    browser.open(page.as_uri())
    assert browser.evaluate(CUT) == ["cut"]


def test_pages_work_from_a_folder(browser: Browser) -> None:
    browser.size(1400, 900)
    chapters = [page for page in PAGES if page[:2].isdigit()]
    for page in ["index.html", *chapters[:1]]:
        assert faults(browser, (SITE / page).as_uri()) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<script>throw new Error('oh')</script>", "oh"),
        ("<script>console.error('dear')</script>", "dear"),
        ("<img src='gone.png'>", "broken"),
        ("<img src='http://127.0.0.2:9/a.png'>", "another host"),
        ("<span class='math'>\\\\(x\\\\)</span>", "unset"),
        ("<p style='width: 3000px'>wide</p>", "too wide"),
        ("<mjx-container><g data-mjx-error='x'></g></mjx-container>", "error"),
    ],
)
def test_a_fault_is_seen(
    body: str, fault: str, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><meta name=viewport content='width=device-width'>"
        f"<title>t</title><article>{body}</article>"
    )
    browser.size(390, 844)
    assert any(fault in found for found in faults(browser, path.as_uri()))


def test_a_page_without_faults_has_none(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><title>t</title><article>a</article>")
    assert faults(browser, path.as_uri()) == []
