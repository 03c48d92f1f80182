"""Negative controls: an erratum stands only on a proof."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fdl.book import ClaimError, erratum
from fdl.book.cards import ERRATUM_MIME, html
from fdl.book.errata import check


@pytest.mark.parametrize("proof", [True, 1, np.array([True, True]), [[1]]])
def test_a_proof_that_holds_makes_an_erratum(
    proof: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    erratum("k", book="one", correct="two", proof=proof, where="Figure 1")
    assert "Figure 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "proof", [False, 0, np.array([True, False]), [], [[1], [0]]]
)
def test_a_proof_that_fails_raises(proof: Any) -> None:
    with pytest.raises(ClaimError, match="'k' is not proved"):
        check("k", book="one", correct="two", proof=proof)


def test_a_card_holds_both_sides() -> None:
    payload = check("k", book="`a<b`", correct="c", proof=True).payload()
    made = html(ERRATUM_MIME, payload)
    assert 'id="erratum-k"' in made
    assert "<code>a&lt;b</code>" in made


@pytest.mark.parametrize("proof", [float("nan"), 0.3, "no", [True, "no"]])
def test_what_is_no_truth_value_is_no_proof(proof: Any) -> None:
    with pytest.raises(ValueError, match=r"^`proof` .* must be a truth val"):
        check("k", book="one", correct="two", proof=proof)


@pytest.mark.parametrize("name", ["book", "correct", "where"])
def test_both_sides_are_text(name: str) -> None:
    texts: dict[str, Any] = {"book": "one", "correct": "two", name: 3}
    with pytest.raises(ValueError, match=rf"^`{name}` \(=3\) must be text"):
        check("k", proof=True, **texts)
