"""Probes of codes: oracles (scikit-learn, loops), properties."""

import numpy as np
import pytest

from fdl.representation import linear_probe, nearest_neighbour


def blobs(n=1300, m=3, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 4
    middles = np.random.default_rng(9).normal(0, 1.2, (4, m))
    return middles[labels] + rng.normal(size=(n, m)), labels


def test_the_nearest_is_the_nearest():
    codes, labels = blobs(60)
    new, _ = blobs(1100, seed=1)  # more than one table
    found = nearest_neighbour(codes, labels, new)
    for i in (0, 499, 500, 1099):
        gaps = [np.linalg.norm(new[i] - c) for c in codes]
        assert found[i] == labels[int(np.argmin(gaps))]
    assert found.shape == (1100,)
    one = nearest_neighbour(codes, labels, new[:1])
    np.testing.assert_array_equal(one, found[:1])
    np.testing.assert_array_equal(
        nearest_neighbour(codes, labels, codes), labels
    )


def test_far_from_the_origin_it_still_is():
    codes, labels = blobs(200)
    new, _ = blobs(100, seed=1)
    near = nearest_neighbour(codes, labels, new)
    np.testing.assert_array_equal(
        near, nearest_neighbour(codes + 1000, labels, new + 1000)
    )


def test_the_line_is_logistic_regressions():
    models = pytest.importorskip("sklearn.linear_model")
    codes, labels = blobs()
    new, truth = blobs(seed=1)
    theirs = models.LogisticRegression(C=1e8, max_iter=5000, tol=1e-8)
    theirs.fit((codes - codes.mean(0)) / codes.std(0), labels)
    scores = linear_probe(codes, labels)(new)
    assert scores.shape == (1300, 4)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    want = theirs.predict_proba((new - codes.mean(0)) / codes.std(0))
    np.testing.assert_allclose(p, want, atol=1e-5)
    assert (scores.argmax(axis=1) == truth).mean() > 0.6


def test_scale_and_place_of_the_codes_do_not_matter():
    codes, labels = blobs()
    plain = linear_probe(codes, labels)(codes)
    moved = codes * [1e-4, 1, 1e4] + [0, 50, -3e4]
    there = linear_probe(moved, labels)(moved)
    np.testing.assert_allclose(there, plain, atol=1e-3)


def test_a_dimension_that_never_changes_is_no_trouble():
    codes, labels = blobs()
    flat = np.hstack([codes, np.full((len(codes), 1), 0.1)])
    assert np.isfinite(linear_probe(flat, labels)(flat)).all()


def test_bad_input_gets_one_sentence():
    codes, labels = blobs(20)
    for probe in (nearest_neighbour, linear_probe):
        rest = (codes,) if probe is nearest_neighbour else ()
        with pytest.raises(ValueError, match="one label for each of the 20"):
            probe(codes, labels[:19], *rest)
        with pytest.raises(ValueError, match="must not be empty"):
            probe(codes[:0], labels[:0], *rest)
    with pytest.raises(ValueError, match=r"`new` .* the shape \(M, 3\)"):
        nearest_neighbour(codes, labels, codes[:, :2])
    with pytest.raises(ValueError, match=r"`new` .* the shape \(M, 3\)"):
        linear_probe(codes, labels)(codes[:, :2])
    with pytest.raises(ValueError, match="`labels`.*whole numbers from 0"):
        linear_probe(codes, labels - 1)
    with pytest.raises(ValueError, match="`labels`.*whole numbers from 0"):
        linear_probe(codes, labels * 0.5)
