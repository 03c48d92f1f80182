"""Errata: where the book is wrong, and the cell that proves it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from fdl.book import cards
from fdl.book.claims import ClaimError
from fdl.book.values import check_key, check_text, plain
from fdl.errors import must

__all__ = ["Erratum", "check", "erratum"]


@dataclass(frozen=True)
class Erratum:
    """A slip in the book and what is right.

    Attributes
    ----------
    key : str
        Its name, unique in the book; the card's anchor is ``erratum-KEY``.
    book, correct : str
        What the book says, and what is right.
    where : str
        The place in the book: a section, a figure, a listing.

    Examples
    --------
    >>> slip = check("sum", book="3", correct="2", proof=True, where="Ch. 1")
    >>> slip.anchor, slip.payload()["where"]
    ('erratum-sum', 'Ch. 1')
    """

    key: str
    book: str
    correct: str
    where: str = ""

    @property
    def anchor(self) -> str:
        """The card's place on its page."""
        return f"erratum-{self.key}"

    def payload(self) -> dict[str, Any]:
        """Return the erratum as plain values, for JSON."""
        return asdict(self)


def erratum(
    key: str, *, book: str, correct: str, proof: Any, where: str = ""
) -> None:
    """Say that the book errs, with a proof that this cell has computed.

    Parameters
    ----------
    key : str
        The erratum's name, unique in the book.
    book : str
        What the book says, in our own words.
    correct : str
        What is right.
    proof : bool or array of bool
        What the cell found; all of it must hold.
    where : str
        The place in the book, for example ``"Figure 4-3"``.

    Raises
    ------
    ClaimError
        If the proof does not hold.

    Examples
    --------
    >>> erratum("sum", book="1 + 1 is 3", correct="It is 2", proof=1 + 1 == 2)
    Erratum: the book has: 1 + 1 is 3; right is: It is 2.
    """
    found = check(key, book=book, correct=correct, proof=proof, where=where)
    cards.show(cards.ERRATUM_MIME, found.payload())


def check(
    key: str, *, book: str, correct: str, proof: Any, where: str = ""
) -> Erratum:
    """Return the erratum if its proof holds; see `erratum`.

    Examples
    --------
    >>> check("sum", book="1 + 1 is 3", correct="It is 2", proof=1 + 1 == 3)
    Traceback (most recent call last):
    ...
    fdl.book.claims.ClaimError: Erratum 'sum' is not proved: `proof` must hold,
    got False; the book may be right.
    """
    check_key(key)
    check_text(book=book, correct=correct, where=where)
    found = plain(proof, "proof")
    if not _whole(found):
        raise must("proof", found, "be a truth value or an array of them")
    if not _holds(found):
        raise ClaimError(
            f"Erratum {key!r} is not proved: `proof` must hold, got "
            f"{proof!r}; the book may be right."
        )
    return Erratum(key, book, correct, where)


def _whole(proof: Any) -> bool:
    """Whether it is a comparison's outcome, or a count of such."""
    if isinstance(proof, list):
        return all(map(_whole, proof))
    return isinstance(proof, int)


def _holds(proof: Any) -> bool:
    if isinstance(proof, list):
        return bool(proof) and all(map(_holds, proof))
    return bool(proof)
