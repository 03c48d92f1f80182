"""How a claim and an erratum look: in a terminal, in Jupyter, on the site."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from fdl.book.values import value

__all__ = [
    "CLAIM_MIME",
    "ERRATUM_MIME",
    "claim_html",
    "erratum_html",
    "html",
    "said",
    "show",
    "text",
]

CLAIM_MIME = "application/vnd.fdl.claim+json"
ERRATUM_MIME = "application/vnd.fdl.erratum+json"
# a sign and a class for each verdict: colour never speaks alone
SIGNS = {
    "reproduced": ("✓", "reproduced"),
    "within reach of the quick profile": ("≈", "reach"),
    "not reproduced": ("✗", "missed"),
    "within our bound": ("✓", "reproduced"),
    "beyond our bound": ("✗", "missed"),
    "not comparable": ("?", "apart"),
}
# Jupyter has no style sheet of ours; these leave its colours alone
INLINE = {
    "fdl-card": "border:1px solid #8888;border-left-width:4px;"
    "border-radius:4px;padding:.5em .9em;margin:.5em 0;max-width:42em",
    "fdl-card-values": "display:flex;flex-wrap:wrap;gap:.3em 2em;"
    "margin:.3em 0",
    "fdl-card-value": "margin:0",
    "fdl-card-note": "margin:.3em 0 0;opacity:.85;font-size:.9em",
}


def show(mime: str, payload: dict[str, Any]) -> None:
    """Display a card in a notebook, or print it.

    Examples
    --------
    >>> slip = {"key": "sum", "book": "three", "correct": "two", "where": ""}
    >>> show(ERRATUM_MIME, slip)
    Erratum: the book has: three; right is: two.
    """
    try:
        from IPython import get_ipython
    except ImportError:
        get_ipython = None
    shell = get_ipython() if get_ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        print(text(mime, payload))
        return
    from IPython.display import display

    display(
        {
            mime: payload,
            "text/html": html(mime, payload, inline=True),
            "text/plain": text(mime, payload),
        },
        raw=True,
    )


def text(mime: str, payload: dict[str, Any]) -> str:
    """Return a card as one line of text.

    Examples
    --------
    >>> from fdl.book.claims import check
    >>> made = check("age", book=None, measured=7, at_least=5, data=())
    >>> text(CLAIM_MIME, made.payload())
    'age: the book gives no value, measured here 7: within our bound (required:
    at least 5).'
    """
    c = payload
    if mime == ERRATUM_MIME:
        place = f" ({c['where']})" if c["where"] else ""
        return (
            f"Erratum{place}: the book has: {c['book']}; "
            f"right is: {c['correct']}."
        )
    return (
        f"{c['label']}: the book {said(c)}, measured "
        f"here {value(c['measured'], c['unit'])}: {c['verdict']} "
        f"({c['finding'] or 'required: ' + c['bounds']})."
    )


def said(c: dict[str, Any]) -> str:
    """Return what the book says, in a few words.

    Examples
    --------
    >>> said({"book": 0.919, "unit": "%"}), said({"book": None, "unit": ""})
    ('91.9 %', 'gives no value')
    """
    if c["book"] is None:
        return "gives no value"
    return value(c["book"], c["unit"])


def html(mime: str, payload: dict[str, Any], *, inline: bool = False) -> str:
    """Return a card as HTML.

    Parameters
    ----------
    mime : str
        ``CLAIM_MIME`` or ``ERRATUM_MIME``.
    payload : dict
        What ``payload()`` of the claim or the erratum gave.
    inline : bool
        Carry the little style that Jupyter needs; the site has its own.

    Examples
    --------
    >>> slip = {"key": "a", "book": "`x<y`", "correct": "no", "where": ""}
    >>> "<dd><code>x&lt;y</code></dd>" in html(ERRATUM_MIME, slip)
    True
    >>> "style=" in html(ERRATUM_MIME, slip, inline=True)
    True
    """
    made = (claim_html if mime == CLAIM_MIME else erratum_html)(payload)
    if inline:
        for name, style in INLINE.items():
            made = re.sub(
                rf'class="({name}[ "])', rf'style="{style}" class="\1', made
            )
    return made


def claim_html(c: dict[str, Any]) -> str:
    """Return a claim's card.

    Examples
    --------
    >>> from fdl.book.claims import check
    >>> card = claim_html(check("n", book=2, measured=2, data=()).payload())
    >>> 'id="claim-n"' in card, "fdl-reproduced" in card
    (True, True)
    """
    sign, name = SIGNS[c["verdict"]]
    rows = [
        _value("The book", _small(said(c))),
        _value("Measured here", _small(value(c["measured"], c["unit"]))),
        _value(
            "Verdict",
            f'<span class="fdl-sign" aria-hidden="true">{sign}</span> '
            f"{escape(c['verdict'])}",
            " fdl-verdict",
        ),
    ]
    notes = []
    if c["finding"]:
        notes.append(f"<strong>Why:</strong> {_code(c['finding'])}")
    notes.append(" · ".join(context(c)))
    return _card(
        f"fdl-card fdl-claim fdl-{name}",
        f"claim-{c['key']}",
        escape(c["label"]),
        rows,
        notes,
    )


def context(c: dict[str, Any]) -> list[str]:
    """Return what a claim's number comes from, as HTML pieces."""
    pieces = [f"{escape(c['profile'])} profile"]
    if record := c["record"]:
        origin = f"record <code>{escape(record['name'])}</code>"
        if record.get("seed") is not None:
            origin += f", seed {record['seed']}"
        if record.get("date"):
            origin += f", {escape(str(record['date'])[:10])}"
        pieces.append(origin)
    for name, kind in sorted(c["data"].items()):
        words = {
            "official": escape(name),
            "sample": f"<strong>offline sample</strong> of {escape(name)}",
            "derived": f"<strong>derived copy</strong> of {escape(name)}",
        }
        pieces.append(words.get(kind, escape(f"{name} ({kind})")))
    pieces.append(f"required: {_small(c['bounds'])}")
    return pieces


def erratum_html(e: dict[str, Any]) -> str:
    """Return an erratum's card.

    Examples
    --------
    >>> slip = {"key": "a", "book": "1", "correct": "2", "where": "Figure 1-3"}
    >>> "Erratum · Figure 1-3" in erratum_html(slip)
    True
    """
    title = "Erratum"
    if e["where"]:
        title += f" · {escape(e['where'])}"
    rows = [
        _value("The book has", _code(e["book"])),
        _value("Right is", _code(e["correct"])),
    ]
    return _card(
        "fdl-card fdl-erratum", f"erratum-{e['key']}", title, rows, []
    )


def _card(
    classes: str, anchor: str, title: str, rows: list[str], notes: list[str]
) -> str:
    foot = "".join(f'<p class="fdl-card-note">{note}</p>' for note in notes)
    return (
        f'<div class="{classes}" id="{anchor}">'
        f'<p class="fdl-card-title"><strong>{title}</strong></p>'
        f'<dl class="fdl-card-values">{"".join(rows)}</dl>{foot}</div>'
    )


def _value(term: str, inner: str, more: str = "") -> str:
    return (
        f'<div class="fdl-card-value{more}"><dt>{term}</dt>'
        f"<dd>{inner}</dd></div>"
    )


def _small(words: str) -> str:
    """Escape, with 10^k as a power."""
    return re.sub(r"10\^(-?\d+)", r"10<sup>\1</sup>", escape(words))


def _code(words: str) -> str:
    """Escape, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))
