"""Take a picture of a page.

    python tests/book/screenshot.py URL OUT [WIDTH] [HEIGHT] [dark] [full]

URL may be a file; `dark` prefers dark colours, `full` takes the whole page.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.book.chromium import Browser


def main(words: list[str]) -> int:
    marks = {"dark", "full"} & set(words)
    values = [w for w in words if w not in marks]
    if not 2 <= len(values) <= 4:
        print(__doc__, file=sys.stderr)
        return 2
    url, out, *size = values
    width, height = (*map(int, size), *(1400, 900)[len(size) :])
    if "://" not in url:
        address, _, anchor = url.partition("#")
        url = Path(address).resolve().as_uri() + (f"#{anchor}" * bool(anchor))
    with Browser() as browser:
        browser.size(width, height)
        browser.colours("dark" if "dark" in marks else "light")
        browser.open(url)
        browser.screenshot(out, full="full" in marks)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
