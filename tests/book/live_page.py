"""What the tests of live figures share: an engine, a page, keys and clicks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import quickjs

from fdl.book.figures import FIGURES
from tests.book.chromium import Browser

STATIC = Path(__file__).resolve().parents[2] / "chapters" / "_static"
# what the theme sets, in the light and in the dark
THEME = {
    "light": ("#fff", "#222832", "#0a7d91"),
    "dark": ("#14181e", "#ced6dd", "#3fb1c5"),
}
KEYS = {
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "Home": 36,
    "End": 35,
    "Enter": 13,
}


class Engine:
    """A script of the site in a JavaScript engine without a document."""

    def __init__(self, script: str) -> None:
        self.context = quickjs.Context()
        path = STATIC / "js" / script
        self.context.eval(path.read_text(encoding="utf-8"))

    def __call__(self, expression: str) -> Any:
        return json.loads(self.context.eval(f"JSON.stringify({expression})"))

    def call(self, function: str, *arguments: Any) -> Any:
        """Return what a function of the script makes of these arguments."""
        return self(f"{function}(...{json.dumps(arguments)})")


def write(path: Path, body: str, theme: str = "light") -> str:
    """Write a page with what its figures ask for; return its address."""
    scripts, styles = [], ["book.css"]
    for mark, (needed, sheets) in FIGURES.items():
        if mark in body:
            scripts += [name for name in needed if name not in scripts]
            styles += [name for name in sheets if name not in styles]
    back, ink, primary = THEME[theme]
    head = "".join(
        f'<link rel="stylesheet" href="{(STATIC / name).as_uri()}">'
        for name in styles
    )
    foot = "".join(
        f'<script src="{(STATIC / "js" / Path(name).name).as_uri()}"></script>'
        for name in scripts
    )
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}">'
        '<meta charset="utf-8"><title>figures</title>'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="description" content="figures">'
        f"{head}<style>:root {{ --pst-color-background: {back};"
        f" --pst-color-text-base: {ink}; --pst-color-primary: {primary}; }}"
        f" body {{ margin: 16px; font: 17px sans-serif; color: {ink};"
        f" background: {back}; }}"
        " *, *::before { box-sizing: border-box; }</style>"
        f"<body><main><h1>figures</h1>{body}</main>{foot}",
        encoding="utf-8",
    )
    return path.as_uri()


def press(browser: Browser, key: str, text: str = "") -> None:
    """Press and release a key."""
    text = text or (key if len(key) == 1 else "")
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            code="Space" if key == " " else key,
            windowsVirtualKeyCode=KEYS.get(key, ord(key[0].upper())),
            **({"text": text} if text and kind == "keyDown" else {}),
        )


def middle(browser: Browser, element: str) -> list[float]:
    """Return where the middle of an element is; it is scrolled there."""
    return browser.evaluate(
        f"(e => {{ e.scrollIntoView({{ block: 'center' }});"
        " const b = e.getBoundingClientRect();"
        " return [b.left + b.width / 2, b.top + b.height / 2]; })"
        f"({element})"
    )


def click(browser: Browser, element: str) -> None:
    """Click in the middle of an element, given as an expression."""
    x, y = middle(browser, element)
    for kind in ("mousePressed", "mouseReleased"):
        browser.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left",
            clickCount=1,
        )


def widest(browser: Browser, figure: str) -> float:
    """Return how far to the right the parts of a figure reach."""
    return browser.evaluate(
        f"Math.max(...[...document.querySelectorAll('{figure} *')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
