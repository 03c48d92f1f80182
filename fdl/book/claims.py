"""Claims: a number of the book beside the one measured here.

A claim's bounds are written down before anything is measured. Out of them
the cell fails, unless it carries the reason that was found; then it stands
as not reproduced, and coming back within bounds fails. A number that rests
on a sample or on a derived data set compares with nothing and never fails.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from fdl import profiles
from fdl.book import bounds, cards
from fdl.book.values import check_key, check_text, finite, plain, value
from fdl.errors import must

if TYPE_CHECKING:
    from fdl.records import Record

__all__ = ["VERDICTS", "Claim", "ClaimError", "check", "claim"]

REPRODUCED = "reproduced"
WITHIN_REACH = "within reach of the quick profile"
NOT_REPRODUCED = "not reproduced"
NOT_COMPARABLE = "not comparable"
# where the book gives no value, and the bound is only ours
MET = "within our bound"
MISSED = "beyond our bound"
VERDICTS = (
    REPRODUCED,
    WITHIN_REACH,
    NOT_REPRODUCED,
    MET,
    MISSED,
    NOT_COMPARABLE,
)


class ClaimError(RuntimeError):
    """A claim is out of its bounds, or back within them.

    Examples
    --------
    >>> claim("rate", book=0.919, measured=0.7, within=0.005, data=())
    Traceback (most recent call last):
    ...
    fdl.book.claims.ClaimError: Claim 'rate' is out of bounds: the book says
    0.919, measured here 0.7, but must be within 0.005 of it; mend the code, or
    say in `finding` why.
    """


@dataclass(frozen=True)
class Claim:
    """A claim and what came of it.

    Attributes
    ----------
    key : str
        Its name, unique in the book; the card's anchor is ``claim-KEY``.
    book, measured : object
        The two values: numbers, lists of numbers, words or truth values; the
        book's is None where it gives none.
    verdict : str
        One of `VERDICTS`.
    bounds : str
        The rule that `measured` was held against, in words.
    profile : str
        The profile that `measured` comes from.
    data : dict
        The data sets that `measured` rests on: name to kind.
    finding : str or None
        Why the book's value is not met.
    unit, label : str
        For display.
    record : dict
        Name, seed, date and hardware of the run that `measured` was read
        from; empty if this very cell measured it.

    Examples
    --------
    >>> made = check("two-words", book=2, measured=3, within=1, data=())
    >>> made.anchor, made.label, made.bounds
    ('claim-two-words', 'two words', 'within 1 of it')
    """

    key: str
    book: Any
    measured: Any
    verdict: str
    bounds: str
    profile: str
    data: dict[str, str] = field(default_factory=dict)
    finding: str | None = None
    unit: str = ""
    label: str = ""
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """The card's place on its page."""
        return f"claim-{self.key}"

    def payload(self) -> dict[str, Any]:
        """Return the claim as plain values, for JSON."""
        return asdict(self)


def claim(
    key: str,
    *,
    book: Any,
    measured: Any,
    within: Any = None,
    at_least: Any = None,
    at_most: Any = None,
    quick: Any = None,
    finding: str | None = None,
    data: str | Sequence[str] | None = None,
    source: Record | None = None,
    unit: str = "",
    label: str = "",
) -> None:
    """Put the book's value and the measured one side by side.

    Parameters
    ----------
    key : str
        The claim's name, unique in the book: lower-case words and hyphens.
    book : number, sequence of numbers, str, bool or None
        What the book says; None if it says nothing, and only a bound of
        ours is held.
    measured : number, array, str or bool
        What was computed here.
    within : number or (low, high), optional
        How far from `book` it may be, or the interval that it must be in.
    at_least, at_most : number, optional
        The bound on one side. Without any bound the two must be equal.
    quick : number or (low, high), optional
        A looser bound of the same kind, which holds in the quick profile
        only; what only it allows is "within reach of the quick profile".
    finding : str, optional
        Why the bounds are *not* met; with it the claim must miss them.
    data : str, list or tuple of str, optional
        The data sets that `measured` rests on; by default all that this
        process has loaded, and ``()`` for none.
    source : Record, optional
        The record that `measured` was read from.
    unit : str
        Follows both numbers. With ``"%"`` they, and the bounds, are shares of
        one: 0.919 is shown as 91.9 %.
    label : str
        What is measured, in a few words.

    Raises
    ------
    ClaimError
        If the bounds are not met and there is no `finding`, or if they are
        met although there is one.

    Examples
    --------
    >>> claim("exam-weights", book=3, measured=3, data=(), label="Weights")
    Weights: the book 3, measured here 3: reproduced (required: equal to it).
    """
    cards.show(
        cards.CLAIM_MIME,
        check(
            key,
            book=book,
            measured=measured,
            within=within,
            at_least=at_least,
            at_most=at_most,
            quick=quick,
            finding=finding,
            data=data,
            source=source,
            unit=unit,
            label=label,
        ).payload(),
    )


def check(
    key: str,
    *,
    book: Any,
    measured: Any,
    within: Any = None,
    at_least: Any = None,
    at_most: Any = None,
    quick: Any = None,
    finding: str | None = None,
    data: str | Sequence[str] | None = None,
    source: Record | None = None,
    unit: str = "",
    label: str = "",
) -> Claim:
    """Return the claim with its verdict; see `claim` for the arguments.

    Examples
    --------
    >>> check("rate", book=0.919, measured=0.92, within=0.005, data=()).verdict
    'reproduced'
    """
    check_key(key)
    check_text(unit=unit, label=label)
    measured = plain(measured)
    book = None if book is None else plain(book, "book")
    if book is not None and (not finite(book) or book == []):
        raise must("book", book, "be finite numbers, text or truth values")
    given = {
        name: plain(bound, name)
        for name, bound in (
            ("within", within),
            ("at_least", at_least),
            ("at_most", at_most),
        )
        if bound is not None
    }
    if len(given) > 1:
        raise ValueError(
            f"`{'` and `'.join(given)}` must not be given together; a claim "
            "has one kind of bound."
        )
    kind, bound = next(iter(given.items()), ("", None))
    if book is None and not kind:
        raise must("book", book, "be given, or a bound to hold instead")
    if quick is not None and not kind:
        raise must("quick", quick, "loosen a bound; there is none")
    if finding is not None:
        check_text(finding=finding)
        if not finding.strip():
            raise must("finding", finding, "say why the bounds are not met")
    if source is not None and not getattr(source, "complete", False):
        name = getattr(source, "name", source)
        raise must("source", name, "be the record of a finished run")
    met, rule = bounds.rule(kind, bound, book, unit)
    profile = profiles.current() if source is None else source.profile
    kinds = _kinds(data, source)
    passed = met(measured)
    good, bad = (MET, MISSED) if book is None else (REPRODUCED, NOT_REPRODUCED)
    verdict = good if passed else bad
    if quick is not None:
        quick = plain(quick, "quick")
        met_quick, quick_rule = bounds.rule(kind, quick, book, unit, "quick")
        if not bounds.looser(kind, quick, bound, book):
            raise must("quick", quick, f"be looser than {kind}={bound}")
    if quick is not None and profile == "quick":
        rule += f"; in the quick profile {quick_rule}"
        if not passed and met_quick(measured):
            verdict = WITHIN_REACH
    result = Claim(
        key=key,
        book=book,
        measured=measured,
        verdict=verdict,
        bounds=rule,
        profile=profile,
        data=kinds,
        finding=finding,
        unit=unit,
        label=label or key.replace("-", " "),
        record=_origin(source),
    )
    if any(kind != "official" for kind in kinds.values()):
        return _with(result, verdict=NOT_COMPARABLE, finding=None)
    if not finite(measured):
        raise must(
            "measured",
            measured,
            "be finite numbers, text or truth values; a finding explains a "
            "number that is there",
        )
    if verdict == bad and finding is None:
        raise ClaimError(
            f"Claim {key!r} is out of bounds: {_values(book, measured, unit)}"
            f", but must be {rule}; mend the code, or say in `finding` why."
        )
    if verdict != bad and finding is not None:
        raise ClaimError(
            f"Claim {key!r} is back within bounds: "
            f"{_values(book, measured, unit)}, which is {rule}; take its "
            "`finding` away."
        )
    return result


def _values(book: Any, measured: Any, unit: str) -> str:
    said = "no value" if book is None else value(book, unit)
    return f"the book says {said}, measured here {value(measured, unit)}"


def _with(claim: Claim, **changes: Any) -> Claim:
    return Claim(**{**vars(claim), **changes})


def _kinds(
    data: str | Sequence[str] | None, source: Record | None
) -> dict[str, str]:
    """Return the data sets that a number rests on, with their kinds."""
    if source is not None:
        kinds = dict(source.data)
    elif "fdl.data" in sys.modules:
        kinds = {n: s.kind for n, s in sys.modules["fdl.data"].used().items()}
    else:
        kinds = {}
    if data is None:
        return kinds
    if not isinstance(data, (str, list, tuple)):
        raise must("data", data, "be the names of data sets that were loaded")
    names = [data] if isinstance(data, str) else list(data)
    for name in names:
        if name not in kinds:
            raise must("data", name, f"be a loaded set, one of {list(kinds)}")
    return {name: kinds[name] for name in names}


def _origin(source: Record | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {
        "name": source.name,
        "seed": source.seed,
        "date": getattr(source, "date", None),
        "hardware": source.hardware,
        "seconds": source.seconds,
    }
