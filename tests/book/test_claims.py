"""Known values and negative controls: verdicts, and when a claim raises."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from fdl import data, profiles
from fdl.book import claim
from fdl.book.bounds import looser
from fdl.book.cards import CLAIM_MIME, html, text
from fdl.book.claims import ClaimError, check
from fdl.book.values import value

INF, NAN = float("inf"), float("nan")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FDL_PROFILE", "quick")
    monkeypatch.setattr(data, "used", dict)


def load(monkeypatch: pytest.MonkeyPatch, **kinds: str) -> None:
    sources = {
        name: types.SimpleNamespace(kind=kind) for name, kind in kinds.items()
    }
    monkeypatch.setattr(data, "used", lambda: sources)


@pytest.mark.parametrize(
    ("book", "measured", "bounds"),
    [
        (0.919, 0.92, {"within": 0.001}),
        (0.919, 0.918, {"within": 0.001}),
        (98.2, 97.9, {"within": (97.9, 98.5)}),
        (98.2, 98.5, {"within": (97.9, 98.5)}),
        (98.2, 98.2, {"at_least": 98.2}),
        (5, 5, {"at_most": 5}),
        (3, 3, {}),
        ("diverges", "diverges", {}),
        (True, np.bool_(True), {}),
        ([4, 9, 25], np.array([4.0, 9.0, 25.0]), {}),
        ([1.0, 2.0], [1.01, 1.99], {"within": 0.011}),
        ("nearly 25,000", 24790, {"within": (24000, 25000)}),
    ],
)
def test_a_value_within_bounds_is_reproduced(
    book: Any, measured: Any, bounds: dict[str, Any]
) -> None:
    found = check("key", book=book, measured=measured, **bounds)
    assert found.verdict == "reproduced"
    with pytest.raises(ClaimError, match="back within bounds"):
        check("key", book=book, measured=measured, finding="x", **bounds)


@pytest.mark.parametrize(
    ("book", "measured", "bounds"),
    [
        (0.919, 0.9201, {"within": 0.001}),
        (0.919, 0.9179, {"within": 0.001}),
        (98.2, 97.8, {"within": (97.9, 98.5)}),
        (98.2, 98.6, {"within": (97.9, 98.5)}),
        (98.2, 98.1, {"at_least": 98.2}),
        (5, 6, {"at_most": 5}),
        (3, 4, {}),
        (1, True, {}),
        ([4, 9, 25], [4, 9], {}),
        ([1.0, 2.0], [1.0, 2.1], {"within": 0.05}),
        ([1.0, 2.0], 1.0, {"within": 5}),
        (5, [], {"at_most": 5}),
        (5, "many", {"at_most": 5}),
    ],
)
def test_a_value_out_of_bounds_raises_unless_there_is_a_finding(
    book: Any, measured: Any, bounds: dict[str, Any]
) -> None:
    with pytest.raises(ClaimError, match=r"'key' is out of bounds: the book"):
        check("key", book=book, measured=measured, **bounds)
    found = check("key", book=book, measured=measured, finding="x", **bounds)
    assert found.verdict == "not reproduced"


def test_the_error_names_both_values_and_the_bound() -> None:
    with pytest.raises(ClaimError) as error:
        check("a", book=0.982, measured=0.915, at_least=0.98, unit="%")
    assert "the book says 98.2 %" in str(error.value)
    assert "measured here 91.5 %" in str(error.value)
    assert "at least 98 %" in str(error.value)


@pytest.mark.parametrize("bounds", [{"at_least": 98}, {"within": 0.2}])
def test_the_quick_bound_holds_in_the_quick_profile_only(
    bounds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = next(iter(bounds))
    quick = 97 if kind == "at_least" else 1.2
    bounds.update(book=98.2, quick=quick)
    assert check("a", measured=97.2, **bounds).verdict == (
        "within reach of the quick profile"
    )
    assert check("a", measured=98.3, **bounds).verdict == "reproduced"
    with pytest.raises(ClaimError):
        check("a", measured=96.9, **bounds)
    with pytest.raises(ClaimError, match="back within"):
        check("a", measured=97.2, finding="x", **bounds)
    monkeypatch.setenv("FDL_PROFILE", "full")
    with pytest.raises(ClaimError):
        check("a", measured=97.2, **bounds)


@pytest.mark.parametrize("kind", ["sample", "derived"])
def test_what_rests_on_other_data_is_not_comparable(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(monkeypatch, digits=kind, words="official")
    arguments: dict[str, Any] = {"book": 98, "measured": 12, "at_least": 97}
    assert check("a", **arguments).verdict == "not comparable"
    assert check("a", data="digits", finding="x", **arguments).verdict == (
        "not comparable"
    )
    assert check("a", data=["digits"], **arguments).data == {"digits": kind}
    for chosen in ((), "words"):
        with pytest.raises(ClaimError):
            check("a", data=chosen, **arguments)
    with pytest.raises(ValueError, match="`data`"):
        check("a", data="faces", **arguments)


def record(**changes: Any) -> Any:
    values = {
        "name": "mlp",
        "profile": "full",
        "data": {"mnist": "official"},
        "seed": 7,
        "date": "2026-01-02",
        "hardware": {"processor": "abacus"},
        "seconds": 3.0,
        "complete": True,
    }
    return types.SimpleNamespace(**{**values, **changes})


def test_a_record_brings_its_own_profile_and_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load(monkeypatch, mnist="sample")
    arguments: dict[str, Any] = {"book": 98, "at_least": 97, "quick": 90}
    found = check("a", measured=97.5, source=record(), **arguments)
    assert (found.verdict, found.profile) == ("reproduced", "full")
    assert found.record["seed"] == 7
    with pytest.raises(ClaimError):  # the quick bound is not the record's
        check("a", measured=96, source=record(), **arguments)
    sample = record(data={"mnist": "sample"})
    found = check("a", measured=96, source=sample, **arguments)
    assert found.verdict == "not comparable"
    with pytest.raises(ValueError, match="`source`"):
        check("a", measured=96, source=record(complete=False), **arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"key": "Not a key"}, "key"),
        ({"within": 1, "at_least": 2}, "within"),
        ({"quick": 1}, "quick"),
        ({"at_least": 1, "quick": 2}, "quick"),
        ({"at_most": 5, "quick": 4}, "quick"),
        ({"within": 5, "quick": 4}, "quick"),
        ({"within": (2, 4), "quick": (2.5, 5)}, "quick"),
        ({"within": (2, 4), "quick": 2}, "quick"),
        ({"within": -1}, "within"),
        ({"within": (2, 1)}, "within"),
        ({"at_most": "much"}, "at_most"),
        ({"book": "some", "within": 1}, "within"),
        ({"finding": " "}, "finding"),
        ({"finding": 0}, "finding"),
        ({"unit": 1}, "unit"),
        ({"label": 1}, "label"),
        ({"data": 3}, "data"),
        ({"source": "mlp"}, "source"),
        ({"book": INF, "at_least": 1}, "book"),
        ({"book": [1, NAN]}, "book"),
        ({"book": [], "measured": []}, "book"),
        ({"within": INF}, "within"),
        ({"within": NAN}, "within"),
        ({"within": (1, 2, 3)}, "within"),
        ({"within": ("a", "b")}, "within"),
        ({"within": (1, INF)}, "within"),
        ({"within": (NAN, 1)}, "within"),
        ({"at_least": -INF}, "at_least"),
        ({"at_least": NAN}, "at_least"),
        ({"at_least": [1]}, "at_least"),
        ({"at_least": True}, "at_least"),
        ({"at_least": 1, "quick": "low"}, "quick"),
        ({"at_least": 1, "quick": -INF}, "quick"),
        ({"within": (0, 4), "quick": (0, 4, 5)}, "quick"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], name: str) -> None:
    rule = rf"`{name}` (\(=.*\) |and `\w+` )must "
    with pytest.raises(ValueError, match=rule):
        check(**{"key": "a", "book": 1, "measured": 3, **arguments})


@pytest.mark.parametrize("name", ["book", "measured", "at_least", "quick"])
def test_only_values_can_be_claimed(name: str) -> None:
    arguments = {"book": 1, "measured": 1, "at_least": 1, "quick": 0}
    for bad in (object(), {"a": 1}, 1j):
        with pytest.raises(TypeError, match=rf"^`{name}` .* must be a num"):
            check("a", **{**arguments, name: bad})


@pytest.mark.parametrize("measured", [NAN, INF, -INF, [3, NAN], np.inf])
@pytest.mark.parametrize("finding", [None, "x"])
@pytest.mark.parametrize(
    "bounds", [{}, {"at_least": 1}, {"at_most": 5}, {"within": 100}]
)
def test_what_is_not_finite_was_not_measured(
    measured: Any,
    finding: Any,
    bounds: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValueError, match=r"`measured` .*must be finite"):
        check("a", book=5, measured=measured, finding=finding, **bounds)
    load(monkeypatch, digits="sample")  # a sample never raises
    found = check("a", book=5, measured=measured, **bounds)
    assert found.verdict == "not comparable"


def test_a_list_has_as_many_numbers_as_the_books() -> None:
    given: dict[str, Any] = {"book": [1, 2], "within": 0.1, "data": ()}
    assert check("a", measured=[1, 2.1], **given).verdict == "reproduced"
    for measured in ([1, 2, 3], [1], 1, [[1], [2]]):
        with pytest.raises(ClaimError, match="out of bounds"):
            check("a", measured=measured, **given)
    found = check("a", measured=[1, 2.4], quick=0.5, **given)
    assert found.verdict == "within reach of the quick profile"


@pytest.mark.parametrize(
    ("kind", "quick", "bound", "book", "wanted"),
    [
        ("at_least", 0.9, 0.9, None, True),
        ("at_least", 1.0, 0.9, None, False),
        ("at_most", 2, 2, None, True),
        ("at_most", 1, 2, None, False),
        ("within", 0.2, 0.1, [1, 2], True),
        ("within", 0.1, 0.2, [1, 2], False),
        ("within", [0, 3], [1, 3], None, True),
        ("within", [1, 2], [1, 3], None, False),
        ("within", [0, 3], 1, 2, True),
        ("within", [0, 2.5], 1, 2, False),
    ],
)
def test_a_looser_bound_lets_all_pass_that_the_other_does(
    kind: str, quick: Any, bound: Any, book: Any, wanted: bool
) -> None:
    assert looser(kind, quick, bound, book) is wanted


def test_a_claim_is_printed_outside_notebooks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert claim("a-b", book=24790, measured=24790) is None
    assert capsys.readouterr().out == (
        "a b: the book 24,790, measured here 24,790: reproduced "
        "(required: equal to it).\n"
    )


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (0.0, "0"),
        (97.83, "97.83"),
        (0.0012346, "0.001235"),
        (1e-9, "1 × 10^-9"),
        (1.5e12, "1.5 × 10^12"),
        (123456.7, "123,457"),
        (123450.0, "123,450"),
        (float("nan"), "not a number"),
        (-0.5, "-0.5"),
        (100.0, "100"),
        (True, "yes"),
    ],
)
def test_values_are_written_for_readers(x: Any, shown: str) -> None:
    assert value(x) == shown


def card(**arguments: Any) -> str:
    values: dict[str, Any] = {"book": 1, "measured": 1, **arguments}
    return html(CLAIM_MIME, check("a", **values).payload())


def test_a_card_shows_both_values_and_says_its_verdict_in_words() -> None:
    made = card(
        book=0.9825, measured=0.975, at_least=0.98, quick=0.97, unit="%"
    )
    for words in (
        'id="claim-a"',
        "98.25 %",
        "97.5 %",
        "within reach of the quick profile",
        "quick profile",
    ):
        assert words in made
    assert "<script" not in made


def test_a_card_escapes_what_it_is_given() -> None:
    made = card(book="<b>", measured="x", finding="<i> `a<b`", label="&")
    assert "&lt;b&gt;" in made
    assert "&lt;i&gt; <code>a&lt;b</code>" in made
    assert "<b>" not in made


def test_a_card_marks_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, mnist="sample")
    assert "<strong>offline sample</strong> of mnist" in card()


def test_the_card_for_jupyter_carries_its_style() -> None:
    payload = check("a", book=1, measured=1).payload()
    assert "style=" in html(CLAIM_MIME, payload, inline=True)
    assert "style=" not in html(CLAIM_MIME, payload)
    assert "reproduced" in text(CLAIM_MIME, payload)


def test_where_the_book_gives_no_value_only_our_bound_is_held() -> None:
    ours = {"book": None, "at_least": 40}
    assert check("a", measured=41, **ours).verdict == "within our bound"
    missed = check("a", measured=39, finding="tired", **ours)
    assert missed.verdict == "beyond our bound"
    with pytest.raises(ClaimError, match="book says no value, measured"):
        check("a", measured=39, **ours)
    with pytest.raises(ClaimError, match="take its `finding` away"):
        check("a", measured=41, finding="tired", **ours)
    with pytest.raises(ValueError, match="or a bound to hold instead"):
        check("a", book=None, measured=1)
    with pytest.raises(ValueError, match="if the book has no number"):
        check("a", book=None, measured=1, within=2)
    wide = {"within": [0, 1], "quick": [0, 2]}
    assert check("a", book=None, measured=1.5, **wide).verdict == (
        "within reach of the quick profile"
    )
    assert "gives no value" in card(book=None, measured=41, at_least=40)
    assert "the book gives no value" in text(CLAIM_MIME, missed.payload())


def test_the_profile_is_the_one_in_force() -> None:
    assert check("a", book=1, measured=1).profile == profiles.current()


def test_a_per_cent_unit_shows_shares_of_one_and_does_not_change_them():
    found = check("a", book=0.919, measured=0.92, within=0.002, unit="%")
    assert found.measured == 0.92
    assert found.bounds == "within 0.2 percentage points of it"
    assert value(0.57, "%") == "57 %"
    assert value([0.5, 1], "%") == "[50, 100] %"
