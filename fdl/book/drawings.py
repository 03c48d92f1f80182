"""Shorter drawings: SVG that looks the same in fewer characters.

Matplotlib writes each place from the corner of the figure, each style in
full and a name for every part. Here outlines go from point to point, marks of
one look share their style, and only what is referred to has a name.
"""

from __future__ import annotations

import re

__all__ = ["outline", "shorter"]

DIGITS = 2  # behind the point, of a place
POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}  # that a command takes
STEP = re.compile(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)")  # e: exponents
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
PATH = re.compile(r'(?<= d=")[^"]*')
PLACES = re.compile(r'\b(?:x|y|points)="[^"]*"|translate\([^)]*\)')
LONG = re.compile(r"-?\d+\.\d{3,}(?!\d*e)")
UNSEEN = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<!DOCTYPE.*?>", re.S)
STYLE = re.compile(r'(?<=style=")[^"]*')
MARK = r'<use xlink:href="#{}" x="[^"]*" y="[^"]*" style="{}"/>'
MARKS = re.compile(
    MARK.format('([^"]*)', '([^"]*)')
    + "(?:"
    + MARK.format(r"\1", r"\2")
    + ")+"
)
NAME = re.compile(r' id="([^"]*)"')
NAMED = re.compile(r'(?<=href="#)[^"]*|(?<=url\(#)[^)]*')


def outline(d: str) -> str:
    """Return a path's data, each point given as the step that leads to it.

    Places are rounded, not steps: errors do not add up. Data with commands
    that Matplotlib does not write come back as they are.

    Parameters
    ----------
    d : str
        Commands M, L, Q, C and z, all places absolute.

    Examples
    --------
    >>> outline("M 10 20 L 10 25.5 L 12.25 26 L 12.75 27 z")
    'm10 20v5.5l2.25.5.5 1z'
    """
    parts: list[str] = []
    here, start, drawn = (0, 0), (0, 0), ""
    for command, numbers in STEP.findall(d):
        if command in "zZ":
            parts.append("z")
            here, drawn = start, "z"
            continue
        if command not in POINTS:
            return d
        given = [round(float(n) * 10**DIGITS) for n in NUMBER.findall(numbers)]
        if len(given) != 2 * POINTS[command]:
            return d
        steps = [n - here[k % 2] for k, n in enumerate(given)]
        here = (given[-2], given[-1])
        name = command.lower()
        if command == "M":
            start = here
        elif command == "L":
            if steps == [0, 0] and drawn not in ("m", "z"):
                continue  # alone it would be a dot, here it is nothing
            name = "h" if not steps[1] else "v" if not steps[0] else "l"
            steps = [step for step in steps if step] or [0]
        if name != {"m": "l"}.get(drawn, drawn):
            parts.append(name)
        parts += map(_number, steps)
        drawn = name
    return _joined(parts)


def _number(hundredths: int) -> str:
    text = f"{hundredths / 10**DIGITS:.{DIGITS}f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0\.", r"\1.", text)


def _joined(parts: list[str]) -> str:
    """Join commands and numbers, blanks only where they would run together."""
    text, before = [], "z"
    for part in parts:
        apart = part[0] == "-" or (part[0] == "." and "." in before)
        if not (before.isalpha() or part.isalpha() or apart):
            text.append(" ")
        text.append(part)
        before = part
    return "".join(text)


def shorter(svg: str) -> str:
    """Return a drawing of Matplotlib's that looks the same and is shorter.

    Parameters
    ----------
    svg : str
        The drawing; names in it are no longer those that it had.

    Examples
    --------
    >>> shorter('<path id="line2d_1" d="M 1 2.0000001 L 3 4.5"/>')
    '<path d="m1 2 2 2.5"/>'
    """
    svg = UNSEEN.sub("", svg)
    if "<text" not in svg:
        svg = re.sub(r">\s+<", "><", svg)
    svg = STYLE.sub(lambda s: re.sub(r"\s*([:;])\s*", r"\1", s[0]), svg)
    svg = PATH.sub(lambda d: outline(d[0]), svg)
    svg = PLACES.sub(lambda place: LONG.sub(_rounded, place[0]), svg)
    return _renamed(MARKS.sub(_grouped, svg))


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.{DIGITS}f}".rstrip("0").rstrip(".")


def _grouped(marks: re.Match[str]) -> str:
    """Let marks of one look share their style."""
    style = f' style="{marks[2]}"'
    return f"<g{style}>{marks[0].replace(style, '')}</g>"


def _renamed(svg: str) -> str:
    """Give what is referred to the shortest names, and the rest none."""
    used = dict.fromkeys(NAMED.findall(svg))
    taken = {name: f"a{k}" for k, name in enumerate(used)}
    svg = NAME.sub(
        lambda n: f' id="{taken[n[1]]}"' if n[1] in taken else "", svg
    )
    return NAMED.sub(lambda n: taken[n[0]], svg)
