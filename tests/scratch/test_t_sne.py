"""Oracle, gradient, property, comparison with scikit-learn's: t-SNE."""

import itertools
import math

import numpy as np
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl.errors import ShapeError
from fdl.scratch.t_sne import affinities, divergence, tsne


def clusters(rng, count=3, size=25, d=6, apart=8.0):
    middles = apart * rng.normal(size=(count, d))
    x = np.repeat(middles, size, axis=0) + rng.normal(size=(count * size, d))
    return x, np.repeat(np.arange(count), size)


def affinities_by_hand(x, perplexity):
    """Bisect each point's β on its own, with loops."""
    n = len(x)
    p = np.zeros((n, n))
    for i in range(n):
        low, high = 1e-12, 1e12
        for _ in range(200):
            beta = math.sqrt(low * high)
            row = [
                math.exp(-beta * sum((x[i] - x[j]) ** 2)) if j != i else 0.0
                for j in range(n)
            ]
            total = sum(row)
            row = [value / total for value in row] if total else row
            entropy = -sum(v * math.log(v) for v in row if v > 0)
            low, high = (
                (beta, high) if entropy > math.log(perplexity) else (low, beta)
            )
        p[i] = row
    return (p + p.T) / (2 * n)


def divergence_by_hand(p, y):
    n = len(y)
    w = [
        [
            0.0 if i == j else 1 / (1 + sum((y[i] - y[j]) ** 2))
            for j in range(n)
        ]
        for i in range(n)
    ]
    total = sum(map(sum, w))
    return sum(
        p[pair] * math.log(p[pair] / (w[pair[0]][pair[1]] / total))
        for pair in itertools.product(range(n), repeat=2)
        if p[pair] > 0
    )


@pytest.mark.parametrize("perplexity", [2.0, 5.5, 9.0])
def test_affinities_are_those_of_loops(perplexity):
    x = np.random.default_rng(0).normal(size=(12, 3))
    ours = affinities(x, perplexity)
    expected = affinities_by_hand(x, perplexity)
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-15)


def test_affinities_are_a_distribution_over_pairs():
    x = 1000 * np.random.default_rng(1).normal(size=(30, 4))
    p = affinities(x, 10)
    assert (p == p.T).all()
    assert (np.diag(p) == 0).all()
    assert p.sum() == pytest.approx(1)
    # neither scale nor place of the points matters
    np.testing.assert_allclose(affinities(1e-7 * x + 3, 10), p, rtol=1e-4)


@pytest.mark.parametrize(
    ("shift", "scale"), [(0, 1e200), (0, 1e-200), (2.0**30, 1), (0, 1e30)]
)
def test_affinities_are_the_same_elsewhere_and_in_other_units(shift, scale):
    x = np.random.default_rng(2).integers(-8, 8, (20, 3)) / 8.0
    np.testing.assert_allclose(
        affinities(scale * x + shift, 5), affinities(x, 5), rtol=1e-9
    )


def test_the_perplexity_counts_neighbours():
    """Of points in pairs, one neighbour is near; ever more are let in."""
    x = np.repeat(np.arange(10.0)[:, None] * 100, 2, axis=0)
    x[1::2] += 1
    tight, loose = affinities(x, 1.01), affinities(x, 8.0)
    partners = np.arange(20) ^ 1
    assert (tight.argmax(axis=1) == partners).all()
    assert tight[np.arange(20), partners].sum() > 0.97
    assert loose[np.arange(20), partners].sum() < 0.5


def test_the_divergence_is_the_formula():
    rng = np.random.default_rng(2)
    p = affinities(rng.normal(size=(9, 3)), 3)
    y = rng.normal(size=(9, 2))
    value, _ = divergence(p, y)
    assert value == pytest.approx(divergence_by_hand(p, y), rel=1e-12)
    assert value > 0.01


def test_the_gradient_is_the_numeric_one():
    rng = np.random.default_rng(3)
    p = affinities(rng.normal(size=(8, 3)), 3)
    y = rng.normal(size=(8, 2))
    _, gradient = divergence(p, y)
    numeric = central_differences(lambda y: divergence(p, y)[0], y)
    assert_gradients_agree(gradient, numeric)


def test_clusters_stay_together():
    x, label = clusters(np.random.default_rng(4))
    y = tsne(x, perplexity=10).points
    assert y.shape == (75, 2)
    middles = np.array([y[label == k].mean(axis=0) for k in range(3)])
    nearest = ((y[:, None] - middles) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == label).all()
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-4)


def test_a_map_of_noise_is_not_torn_apart():
    """The negative control: one cloud stays one."""
    x = np.random.default_rng(5).normal(size=(100, 5))
    y = tsne(x, perplexity=20).points
    radius = np.hypot(*(y - np.median(y, axis=0)).T)
    assert radius.max() < 4 * np.median(radius)


def test_more_steps_agree_better():
    x, _ = clusters(np.random.default_rng(6))
    few, many = (tsne(x, perplexity=10, steps=n) for n in (20, 500))
    assert many.divergence < 0.5 * few.divergence
    p = affinities(x, 10)
    assert many.divergence == pytest.approx(divergence(p, many.points)[0])


def test_it_repeats_and_the_seed_decides():
    x, _ = clusters(np.random.default_rng(7))
    one, again = (tsne(x, perplexity=10, steps=50) for _ in range(2))
    assert (one.points == again.points).all()
    other = tsne(x, perplexity=10, steps=50, seed=1)
    assert (one.points != other.points).any()


def test_the_map_is_the_same_in_other_units():
    x, _ = clusters(np.random.default_rng(4), size=6)
    one, other = (tsne(unit * x, perplexity=4, steps=9) for unit in (1, 4096))
    np.testing.assert_array_equal(one.points, other.points)


def test_equal_points_come_apart_and_stay_finite():
    x = np.zeros((40, 3))
    x[20:] = 1
    y = tsne(x, perplexity=5, steps=100).points
    assert np.isfinite(y).all()
    assert len(np.unique(y.round(6), axis=0)) == 40


def test_points_that_are_all_as_far_apart_are_no_trouble():
    p = affinities(np.eye(6), 3)
    assert np.allclose(p, (1 - np.eye(6)) / 30)


def test_three_dimensions_from_two_work():
    x = np.random.default_rng(8).normal(size=(30, 2))
    assert tsne(x, 3, perplexity=5, steps=50).points.shape == (30, 3)


def test_it_keeps_neighbours_as_well_as_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    manifold = pytest.importorskip("sklearn.manifold")
    x = datasets.load_digits().data[:250]
    ours = tsne(x, perplexity=20)
    theirs = manifold.TSNE(
        method="exact", init="pca", perplexity=20, max_iter=500, random_state=0
    ).fit(x)
    kept = [
        manifold.trustworthiness(x, y, n_neighbors=10)
        for y in (ours.points, theirs.embedding_)
    ]
    assert kept[0] > kept[1] - 0.01
    assert ours.divergence < 1.05 * theirs.kl_divergence_
    # their measure of our p: the same map has the same divergence
    p = affinities(x, 20)
    value, _ = divergence(p, theirs.embedding_)
    assert value == pytest.approx(theirs.kl_divergence_, rel=0.01)
    # and a map by two principal axes keeps fewer
    centred = x - x.mean(axis=0)
    flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    assert manifold.trustworthiness(x, flat, n_neighbors=10) < kept[0] - 0.05


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros(5), {}, r"`x` .*\(5,\).* must have the shape \(n, d\)"),
        (np.zeros((3, 2)), {}, "`x` .*3 points.* must hold 4 points"),
        (np.full((9, 2), np.nan), {}, "`x` .* must be finite"),
        (np.eye(9), {"perplexity": 8}, "`perplexity` .* below 8, n − 1"),
        (np.eye(9), {"perplexity": 1}, "`perplexity` .* above 1"),
        (np.eye(9), {"perplexity": 3, "steps": 0}, "`steps` .* from 1 up"),
        (
            np.eye(9),
            {"perplexity": 3, "learning_rate": 0},
            "`learning_rate` .* above 0",
        ),
        (np.eye(9), {"dimensions": 0}, "`dimensions` .* from 1 up"),
    ],
)
def test_wrong_arguments_are_told(x, options, message):
    with pytest.raises(ValueError, match=message):
        tsne(x, **options)


def test_affinities_of_other_points_do_not_fit():
    with pytest.raises(ShapeError, match="`p` .* must have the shape"):
        divergence(np.zeros((5, 5)), np.zeros((4, 2)))
