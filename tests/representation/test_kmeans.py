"""k-means: oracle (scikit-learn), properties, errors."""

import numpy as np
import pytest

from fdl.representation import k_means, kmeans


def blobs(n=300, seed=0):
    rng = np.random.default_rng(seed)
    middles = np.array([[0.0, 0], [6, 0], [0, 6], [6, 6]])
    return middles[np.arange(n) % 4] + rng.normal(size=(n, 2)), middles


def test_one_step_is_scikit_learns():
    cluster = pytest.importorskip("sklearn.cluster")
    x, _ = blobs()
    found = k_means(x, 7, steps=100)
    theirs = cluster.KMeans(
        7, init=k_means(x, 7, steps=1).centres, n_init=1, tol=0
    ).fit(x)
    np.testing.assert_allclose(
        np.sort(found.centres, axis=0),
        np.sort(theirs.cluster_centers_, axis=0),
        atol=1e-8,
    )
    assert found.errors[-1] == pytest.approx(theirs.inertia_)


def test_it_finds_the_middles():
    x, middles = blobs(2000)
    centres = k_means(x, 4).centres
    far = np.linalg.norm(middles[:, None] - centres, axis=2)
    assert sorted(far.argmin(axis=1)) == [0, 1, 2, 3]
    assert far.min(axis=1).max() < 0.2


def test_the_error_never_rises_and_the_end_is_a_fixed_point():
    x, _ = blobs()
    for seed in range(10):
        found = k_means(x, 9, seed=seed)
        assert (np.diff(found.errors) <= 1e-9).all()
        z = found.assign(x)
        for j in range(9):
            np.testing.assert_allclose(
                found.centres[j], x[z == j].mean(axis=0), atol=1e-9
            )
        gap = x - found.decode(found.encode(x))
        assert (gap**2).sum() == pytest.approx(found.errors[-1])


def test_each_of_many_points_gets_the_nearest_centre():
    x, _ = blobs(2500)
    found = k_means(x, 9, steps=2)
    gaps = ((x[:, None] - found.centres) ** 2).sum(axis=2)
    np.testing.assert_array_equal(found.assign(x), gaps.argmin(axis=1))


def test_the_start_is_spread_by_squared_distances():
    """Of three far groups, each almost always gets a first centre."""
    x = np.repeat([[0.0], [100.0], [200.0]], [1000, 5, 5], axis=0)
    x += np.random.default_rng(0).normal(size=x.shape)
    hits = [
        len(set(np.round(k_means(x, 3, seed=s, steps=1).centres[:, 0], -2)))
        for s in range(20)
    ]
    assert np.mean(hits) > 2.9


def test_a_cluster_without_points_gets_the_farthest_one(monkeypatch):
    start = np.array([[0.0], [61.0], [70.0]])
    monkeypatch.setattr(kmeans, "_spread", lambda x, k, rng: start)
    x = [[0.0], [1.0], [2.0], [30.0]]  # all of them nearest to 0
    found = k_means(x, 3, steps=1)
    assert found.centres.ravel().tolist() == [33 / 4, 30, 2]


def test_as_many_clusters_as_points_leave_no_error():
    x, _ = blobs(12)
    assert k_means(x, 12).errors[-1] == pytest.approx(0)
    one = k_means(x, 1)
    np.testing.assert_allclose(one.centres[0], x.mean(axis=0))


def test_bad_input_gets_one_sentence():
    x, _ = blobs(12)
    with pytest.raises(ValueError, match=r"`k` \(=13\).*at most the 12 point"):
        k_means(x, 13)
    with pytest.raises(ValueError, match="at most the 3 different points"):
        k_means(np.repeat(x[:3], 2, axis=0), 4)
    with pytest.raises(ValueError, match="must not be empty"):
        k_means(x[:0], 1)
    with pytest.raises(ValueError, match="`k`.*whole number from 1 up"):
        k_means(x, 0)
    for wrong in (None, -1):  # None would be another one in each run
        with pytest.raises(ValueError, match="`seed`.*from 0 up"):
            k_means(x, 2, seed=wrong)
    with pytest.raises(ValueError, match=r"`x` .* the shape \(B, 2\)"):
        k_means(x, 2).assign(x[:, :1])
    with pytest.raises(ValueError, match=r"`codes` .* the shape \(B, 2\)"):
        k_means(x, 2).decode(np.eye(3))
