"""Made-up points: known values, properties and refusals."""

import numpy as np
import pytest

from fdl.data import synthetic


def radius(x):
    return np.hypot(*x.T)


# --- rings


def test_points_lie_in_their_rings():
    x, ring = synthetic.rings(3000, seed=1)
    inner, outer = radius(x[ring == 0]), radius(x[ring == 1])
    assert inner.max() <= 1.0 < 1.6 <= outer.min() < outer.max() <= 2.4
    assert inner.min() < 0.1
    assert outer.max() > 2.39


def test_points_are_even_over_the_area():
    radii = [(0.0, 1.0), (1.0, 3.0)]
    x, ring = synthetic.rings(40_000, seed=2, radii=radii)
    # the share within r is (r² − a²) / (b² − a²); five standard errors: 0.018
    assert np.mean(radius(x[ring == 0]) < 0.5) == pytest.approx(
        1 / 4, abs=0.018
    )
    assert np.mean(radius(x[ring == 1]) < 2.0) == pytest.approx(
        3 / 8, abs=0.018
    )
    quarters = np.floor(np.arctan2(*x.T) / (np.pi / 2))
    shares = np.unique(quarters, return_counts=True)[1] / len(x)
    assert np.allclose(shares, 1 / 4, atol=0.011)


def test_rings_take_turns_and_may_be_circles():
    radii = [(0.5, 0.5), (1.0, 1.0), (2.0, 2.0)]
    x, ring = synthetic.rings(7, radii=radii)
    assert ring.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert np.allclose(radius(x), np.array([0.5, 1.0, 2.0])[ring])


def test_a_circle_with_noise_is_about_as_wide_as_the_noise():
    x, _ = synthetic.rings(20_000, 3, radii=[(5.0, 5.0)], noise=0.1)
    assert (radius(x) - 5).std() == pytest.approx(0.1, rel=0.03)


# --- moons


def test_moons_without_noise_are_half_circles():
    x, moon = synthetic.moons(2000, seed=4, noise=0.0)
    assert moon[:4].tolist() == [0, 1, 0, 1]
    upper, lower = x[moon == 1], x[moon == 0]
    assert np.allclose(radius(upper), 1)
    assert np.allclose(radius(lower - [1.0, 0.5]), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    for half in (upper[:, 0], lower[:, 0] - 1):
        assert half.min() < -0.99
        assert half.max() > 0.99


def test_the_moons_noise_is_normal_on_both_coordinates():
    still, _ = synthetic.moons(20_000, 5, noise=0.0)
    moved, _ = synthetic.moons(20_000, 5, noise=0.45)
    gap = moved - still
    assert np.allclose(gap.std(axis=0), 0.45, rtol=0.03)
    assert np.allclose(gap.mean(axis=0), 0, atol=0.016)
    assert abs(np.corrcoef(gap.T)[0, 1]) < 0.036  # five standard errors


# --- both


@pytest.mark.parametrize("make", [synthetic.rings, synthetic.moons])
def test_the_seed_decides(make):
    (a, k), (b, m), (c, _) = make(50, 6), make(50, 6), make(50, seed=7)
    assert a.shape == (50, 2)
    assert k.shape == (50,)
    assert k.dtype.kind == "i"
    assert np.array_equal(a, b)
    assert np.array_equal(k, m)
    assert not np.array_equal(a, c)


@pytest.mark.parametrize("make", [synthetic.rings, synthetic.moons])
@pytest.mark.parametrize("n", [0, -1, 2.0, "many", True])
def test_no_points_are_refused(make, n):
    with pytest.raises(ValueError, match=r"`n` \(=.*whole number from 1 up"):
        make(n)


@pytest.mark.parametrize("make", [synthetic.rings, synthetic.moons])
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_bad_noise_is_refused(make, noise):
    with pytest.raises(ValueError, match=r"`noise` \(=.*number from 0 up"):
        make(5, noise=noise)


@pytest.mark.parametrize(
    ("radii", "message"),
    [
        ([], r"`radii` \(=\[\]\) must hold at least one pair"),
        ([(0, 1), (2, 1)], r"`radii\[1\]` \(=\(2, 1\)\) must rise"),
        ([(-1, 1)], r"`radii\[0\]` \(=\(-1, 1\)\) must rise"),
        ([1.0, 2.0], r"`radii\[0\]` \(=1.0\) must be two numbers"),
        ([(0, np.inf)], r"`radii\[0\]` .* to a finite one"),
    ],
)
def test_bad_radii_are_refused(radii, message):
    with pytest.raises(ValueError, match=message):
        synthetic.rings(5, radii=radii)
