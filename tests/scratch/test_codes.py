"""Codes from first principles: known values, numeric gradients."""

import numpy as np
import pytest

from fdl.scratch import (
    draw_latent,
    k_largest,
    normal_divergence,
    numeric_gradient,
    unit_divergence,
)

RNG = np.random.default_rng(0)


def test_exactly_k_stay_and_they_are_the_largest():
    z = RNG.normal(size=(50, 9))
    z[0] = 0  # all equal
    h, slope = k_largest(z, 4)
    assert (slope.sum(axis=1) == 4).all()
    np.testing.assert_array_equal(slope[0], [1, 1, 1, 1, 0, 0, 0, 0, 0])
    for row, kept, out in zip(z[1:], slope[1:], h[1:]):
        assert row[kept == 1].min() > row[kept == 0].max()
        np.testing.assert_array_equal(out, np.where(kept == 1, row, 0))


def test_of_many_equal_values_the_first_stay():
    # an unstable sort keeps the order of a few, and mixes more
    z = np.tile([1.0, 2.0, 1.0], 40)[None]
    _, slope = k_largest(z, 60)
    wanted = (z[0] == 2) | (np.cumsum(z[0] == 1) <= 20)
    np.testing.assert_array_equal(slope[0], wanted)


def test_k_of_all_changes_nothing_and_more_is_refused():
    z = RNG.normal(size=(3, 5))
    np.testing.assert_array_equal(k_largest(z, 5)[0], z)
    with pytest.raises(ValueError, match=r"`k` \(=6\) must be at most the 5"):
        k_largest(z, 6)
    with pytest.raises(ValueError, match=r"`k` \(=0\) must be a whole"):
        k_largest(z, 0)


def test_a_unit_as_active_as_wanted_costs_nothing():
    h = np.array([[0.1, 0.4], [0.3, 0.0]])
    kl, gradient = unit_divergence(0.2, h)
    assert kl == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(gradient, 0, atol=1e-15)
    # a coin of 1/2 from one of 1/4: ½ ln 2 + ½ ln 2/3
    kl, _ = unit_divergence(0.5, [[0.25]])
    assert kl == pytest.approx(0.5 * np.log(4 / 3))


def test_the_divergence_of_units_has_its_gradient():
    h = RNG.uniform(0.05, 0.95, (4, 3))
    _, gradient = unit_divergence(0.1, h)
    numeric = numeric_gradient(lambda h: unit_divergence(0.1, h)[0], h)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6)


def test_a_unit_that_is_never_active_is_infinitely_far():
    assert unit_divergence(0.1, [[0.0], [0.0]])[0] == np.inf
    for target in (0, 1, -0.5):
        with pytest.raises(ValueError, match="`target`.*between 0 and 1"):
            unit_divergence(target, [[0.5]])
    for code in (-0.1, 1.1):
        with pytest.raises(ValueError, match="`h`.*between 0 and 1"):
            unit_divergence(0.5, [[0.5], [code]])


def test_the_divergence_of_normals_is_known():
    kl, *_ = normal_divergence([[0.0, 0.0], [1.0, 0.0]], np.zeros((2, 2)))
    np.testing.assert_allclose(kl, [0, 0.5])
    # by numerical integration of q ln(q/p), q = N(0.7, 0.4²)
    x = np.linspace(-12, 12, 200_001)

    def density(mean, deviation):
        z = (x - mean) / deviation
        return np.exp(-0.5 * z**2) / (deviation * np.sqrt(2 * np.pi))

    q, p = density(0.7, 0.4), density(0, 1)
    inner = np.where(q > 0, q * np.log(np.maximum(q, 1e-300) / p), 0)
    kl, *_ = normal_divergence([[0.7]], [[2 * np.log(0.4)]])
    assert kl[0] == pytest.approx(inner.sum() * (x[1] - x[0]), rel=1e-6)


def test_the_divergence_of_normals_has_its_gradients():
    mean, ln_v = RNG.normal(size=(3, 2)), RNG.normal(size=(3, 2))
    _, by_mean, by_ln_v = normal_divergence(mean, ln_v)

    def kl(mean, ln_v):
        return normal_divergence(mean, ln_v)[0].sum()

    np.testing.assert_allclose(
        by_mean, numeric_gradient(lambda a: kl(a, ln_v), mean), rtol=1e-6
    )
    np.testing.assert_allclose(
        by_ln_v, numeric_gradient(lambda a: kl(mean, a), ln_v), rtol=1e-6
    )


def test_mean_variance_and_noise_have_one_shape():
    one, two = np.zeros((1, 1)), np.zeros((1, 2))
    with pytest.raises(ValueError, match=r"`log_variance`.*shape \(1, 1\)"):
        normal_divergence(one, two)
    with pytest.raises(ValueError, match=r"`log_variance`.*shape \(1, 1\)"):
        draw_latent(one, two, two)
    with pytest.raises(ValueError, match=r"`noise`.*shape \(1, 1\)"):
        draw_latent(one, one, two)
    with pytest.raises(ValueError, match="`log_variance`.*finite"):
        draw_latent(one, one * np.nan, one)


def test_latent_draws_have_mean_and_deviation():
    noise = RNG.normal(size=(100_000, 1))
    z = draw_latent(
        np.full((100_000, 1), 3.0), np.full_like(noise, 2.0), noise
    )
    assert z.mean() == pytest.approx(3, abs=0.05)
    assert z.std() == pytest.approx(np.e, rel=0.01)
