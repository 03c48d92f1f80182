"""PCA: oracle (scikit-learn), known values, properties."""

import numpy as np
import pytest

from fdl.data.synthetic import rings
from fdl.representation import PCA, principal_axes


def cloud(n=200, d=6, seed=0):
    """Points of unequal spread, far from the origin."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    return rng.normal(size=(n, d)) * [5, 3, 2, 1, 0.5, 0.2] @ turn + 7


def test_it_is_scikit_learns_up_to_the_sign():
    decomposition = pytest.importorskip("sklearn.decomposition")
    x, new = cloud(), cloud(seed=1)
    theirs = decomposition.PCA(3).fit(x)
    ours = principal_axes(x, 3)
    signs = np.sign((ours.axes.T * theirs.components_).sum(axis=1))
    np.testing.assert_allclose(
        ours.axes.T, theirs.components_ * signs[:, np.newaxis], atol=1e-9
    )
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_)
    np.testing.assert_allclose(
        ours.variances / ours.total, theirs.explained_variance_ratio_
    )
    codes = ours.encode(new)
    np.testing.assert_allclose(codes, theirs.transform(new) * signs)
    np.testing.assert_allclose(
        ours.decode(codes), theirs.inverse_transform(theirs.transform(new))
    )


def test_codes_are_uncorrelated_and_have_the_variances():
    x = cloud()
    axes = principal_axes(x, 6)
    inner = np.cov(axes.encode(x).T)
    np.testing.assert_allclose(inner, np.diag(axes.variances), atol=1e-9)
    assert (np.diff(axes.variances) < 0).all()
    np.testing.assert_allclose(axes.variances.sum(), axes.total)
    # all axes restore all of it
    np.testing.assert_allclose(axes.decode(axes.encode(x)), x)


def test_no_other_axis_has_more_variance():
    x = cloud()
    first = principal_axes(x, 1)
    rng = np.random.default_rng(0)
    for _ in range(100):
        w = rng.normal(size=6)
        w /= np.linalg.norm(w)
        assert (x @ w).var(ddof=1) < first.variances[0]


def test_signs_are_fixed():
    axes = principal_axes(cloud(), 6).axes
    again = principal_axes(-cloud() + 3, 6).axes
    np.testing.assert_allclose(axes, again)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(6)] > 0).all()


def test_without_centring_the_first_axis_is_the_mean():
    x = cloud() + 30
    mean = x.mean(axis=0)
    first = principal_axes(x, 1, centre=False).axes[:, 0]
    assert first @ mean / np.linalg.norm(mean) > 0.9999
    centred = principal_axes(x, 1).axes[:, 0]
    assert abs(centred @ mean) / np.linalg.norm(mean) < 0.9
    assert (principal_axes(x, 1, centre=False).mean == 0).all()


def test_circles_have_no_first_axis_and_radii_do():
    x, ring = rings(4000, radii=[(1.0, 1.0), (2.0, 2.0)])
    axes = principal_axes(x, 2)
    assert axes.variances[0] / axes.variances[1] < 1.1

    def best_split(t):
        return max(
            ((t > cut) == ring).mean() for cut in np.quantile(t, np.r_[:1:99j])
        )

    assert best_split(axes.encode(x)[:, 0]) < 0.75
    assert best_split(np.hypot(*x.T)) == 1


def test_it_is_a_tuple_that_reads_well():
    axes = principal_axes(cloud(), 2)
    assert isinstance(axes, PCA)
    assert (axes.mean.shape, axes.axes.shape) == ((6,), (6, 2))


def test_bad_input_gets_one_sentence():
    x = cloud()
    with pytest.raises(ValueError, match=r"`m` \(=7\) must be at most the 6"):
        principal_axes(x, 7)
    with pytest.raises(ValueError, match=r"`m` \(=0\) must be a whole"):
        principal_axes(x, 0)
    with pytest.raises(ValueError, match="at least two rows"):
        principal_axes(x[:1], 1)
    with pytest.raises(ValueError, match="must not be empty"):
        principal_axes(x[:0], 1)
    with pytest.raises(ValueError, match=r"`x` .* must have the shape \(N, d"):
        principal_axes(x[0], 1)
    axes = principal_axes(x, 2)
    with pytest.raises(ValueError, match=r"`x` .* must have the shape \(B, 6"):
        axes.encode(x[:, :5])
    with pytest.raises(ValueError, match=r"`codes` .* the shape \(B, 2\)"):
        axes.decode(x)
