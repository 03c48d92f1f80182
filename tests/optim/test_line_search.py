"""Kinds: known value, oracle (SciPy), property."""

import math
import warnings

import numpy as onp
import pytest
import scipy.optimize

from fdl.optim import strong_wolfe

# φ, φ′: smooth falls from 0 with minima near and far, kinks and plateaus
LINES = {
    "bowl": (lambda a: (a - 3) ** 2, lambda a: 2 * (a - 3)),
    "far": (lambda a: (a - 400) ** 2, lambda a: 2 * (a - 400)),
    "near": (lambda a: (a - 1e-5) ** 2, lambda a: 2 * (a - 1e-5)),
    "quartic": (
        lambda a: (a - 2) ** 4 - a,
        lambda a: 4 * (a - 2) ** 3 - 1,
    ),
    "exponential": (
        lambda a: math.exp(min(a, 700)) - 5 * a,
        lambda a: math.exp(min(a, 700)) - 5,
    ),
    "waves": (
        lambda a: 0.1 * a * a - math.sin(3 * a) - 0.5 * a,
        lambda a: 0.2 * a - 3 * math.cos(3 * a) - 0.5,
    ),
    # Moré and Thuente 1994, functions 1 and 2
    "hyperbola": (
        lambda a: -a / (a * a + 2),
        lambda a: (a * a - 2) / (a * a + 2) ** 2,
    ),
    "fifth": (
        lambda a: (a + 0.004) ** 5 - 2 * (a + 0.004) ** 4,
        lambda a: 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3,
    ),
}


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 10.0, 1000.0])
@pytest.mark.parametrize(("c1", "c2"), [(1e-4, 0.9), (1e-4, 0.1), (0.1, 0.2)])
@pytest.mark.parametrize("name", LINES)
def test_both_conditions_hold(name, c1, c2, first):
    f, slope = LINES[name]
    step = strong_wolfe(
        lambda a: (f(a), slope(a)), (f(0), slope(0)), first, c1=c1, c2=c2
    )
    assert step.alpha > 0
    assert step.value == f(step.alpha)
    assert step.value <= f(0) + c1 * step.alpha * slope(0) + 1e-14
    assert abs(step.slope) <= c2 * abs(slope(0))


@pytest.mark.parametrize("name", LINES)
def test_scipys_step_is_one_that_ours_would_take_too(name):
    """The two need not agree, but the conditions are the same."""
    f, slope = LINES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alpha = scipy.optimize.line_search(
            lambda x: f(x[0]),
            lambda x: onp.array([slope(x[0])]),
            onp.zeros(1),
            onp.ones(1),
            c2=0.4,
        )[0]
    if alpha is None:
        assert name == "near"  # SciPy goes no further down than 2⁻¹⁰
        return
    ours = strong_wolfe(
        lambda a: (f(a), slope(a)), (f(0), slope(0)), alpha, c2=0.4
    )
    for a in (alpha, ours.alpha):
        assert f(a) <= f(0) + 1e-4 * a * slope(0) + 1e-14
        assert abs(slope(a)) <= 0.4 * abs(slope(0))


@pytest.mark.parametrize("first", [1e-3, 0.7, 1.0, 3.9, 9.0, 1e4])
def test_a_quadratic_line_is_searched_exactly(first):
    calls = []

    def phi(a):
        calls.append(a)
        return 0.5 * 7 * (a - 4) ** 2, 7 * (a - 4)

    step = strong_wolfe(phi, (56.0, -28.0), first)
    assert step.alpha == pytest.approx(4.0, rel=1e-9)
    assert len(calls) <= 6


def test_a_good_first_step_costs_nothing_more():
    calls = []

    def phi(a):
        calls.append(a)
        return (a - 1) ** 2, 2 * (a - 1)

    assert strong_wolfe(phi, (1.0, -2.0)).alpha == 1
    assert calls == [1.0]


@pytest.mark.parametrize(("interpolate", "tried"), [(True, 2), (False, 1)])
def test_a_first_step_that_will_do_is_taken_or_made_better(interpolate, tried):
    calls = []

    def phi(a):
        calls.append(a)
        return (a - 1.5) ** 2, 2 * (a - 1.5)

    # slope −1 after −3: good enough at c2 = 0.9
    step = strong_wolfe(phi, (2.25, -3.0), 1.0, interpolate=interpolate)
    assert len(calls) == tried
    assert step.alpha == (1.5 if interpolate else 1.0)


# ten times 0.001, 0.01, 0.1: the first of these with a slope above −2.7
@pytest.mark.parametrize(("first", "taken"), [(1e-3, 1.0), (40.0, 1.5)])
def test_a_first_step_that_will_not_do_is_not_taken(first, taken):
    def phi(a):
        return (a - 1.5) ** 2, 2 * (a - 1.5)

    step = strong_wolfe(phi, (2.25, -3.0), first, interpolate=False)
    assert step.alpha == pytest.approx(taken)


def test_a_wall_of_values_that_are_none():
    def phi(a):
        if a >= 2:
            return onp.nan, onp.nan
        return -a + a * a / 8, -1 + a / 4

    step = strong_wolfe(phi, (0.0, -1.0), 100.0, c2=0.9)
    assert 0 < step.alpha < 2
    assert abs(step.slope) <= 0.9


def test_no_step_where_none_lowers_the_error():
    assert strong_wolfe(lambda a: (a, 1.0), (0.0, -1.0)) is None
    assert strong_wolfe(lambda a: (onp.nan, 1.0), (0.0, -1.0)) is None


def test_a_kink_is_approached():
    def phi(a):
        return abs(a - 3), math.copysign(1.0, a - 3)

    step = strong_wolfe(phi, (3.0, -1.0))
    assert step.alpha == pytest.approx(3.0)
    assert step.value < 3


def test_an_endless_fall_is_an_error():
    with pytest.raises(OverflowError, match="falls without end"):
        strong_wolfe(lambda a: (-a, -1.0), (0.0, -1.0))
    with pytest.raises(OverflowError, match="to -inf at 1 times"):
        strong_wolfe(lambda a: (-onp.inf, -1.0), (0.0, -1.0))


def test_a_rise_within_rounding_is_none():
    """Near a minimum the values' difference drowns, the slopes' does not."""

    def phi(a):
        return 1e6 + 1e-10 * (a > 0), 1e-9 * (a - 1)

    assert strong_wolfe(phi, (1e6, -1e-9), 2.0).alpha == pytest.approx(1)
    assert strong_wolfe(phi, (1e6, -1e-9), 2.0, rounding=0.0) is None


def test_arguments():
    def phi(a):
        return (a - 3) ** 2, 2 * (a - 3)

    with pytest.raises(
        ValueError, match=r"`start` \(=.*\) must be finite, with a neg"
    ):
        strong_wolfe(phi, (9.0, 0.0))
    with pytest.raises(ValueError, match=r"`start` \(=.nan.* be finite"):
        strong_wolfe(phi, (float("nan"), -6.0))
    with pytest.raises(ValueError, match=r"`c1` \(=0.9\) must be positive"):
        strong_wolfe(phi, (9.0, -6.0), c1=0.9, c2=0.5)
    with pytest.raises(ValueError, match=r"`first` \(=-1\) must be positive"):
        strong_wolfe(phi, (9.0, -6.0), -1)
