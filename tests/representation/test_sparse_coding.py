"""Sparse coding: oracles (SciPy, scikit-learn), properties, learns."""

import numpy as np
import pytest

from fdl.representation import (
    learn_dictionary,
    project_l1,
    sparse_codes,
    sparse_coding,
)


def problem(n=4, m=8, d=5, seed=0):
    rng = np.random.default_rng(seed)
    D = rng.normal(size=(m, d))
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    return rng.normal(size=(n, d)), D


def test_the_projection_is_the_nearest_point():
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(0)
    s = rng.normal(0, 2, (6, 5))
    found = project_l1(s, 1.5)
    for row, near in zip(s, found):
        # s = p − q with p, q ≥ 0 makes the limit linear
        def far(pq, row=row):
            return ((pq[:5] - pq[5:] - row) ** 2).sum()

        best = optimize.minimize(
            far,
            np.full(10, 0.1),
            bounds=[(0, None)] * 10,
            constraints={"type": "ineq", "fun": lambda v: 1.5 - v.sum()},
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 500},
        ).x
        np.testing.assert_allclose(near, best[:5] - best[5:], atol=1e-4)
    np.testing.assert_allclose(np.abs(found).sum(axis=1), 1.5)


def test_what_is_within_the_limit_stays():
    s = np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 0.0]])
    for limit in (1.0, 1.3, 9.0):
        np.testing.assert_array_equal(project_l1(s, limit), s)
    # and one value alone is cut to the limit
    np.testing.assert_allclose(project_l1([[-7.0, 0, 0]], 2), [[-2, 0, 0]])


def test_the_codes_are_the_lassos():
    linear = pytest.importorskip("sklearn.linear_model")
    x, D = problem()
    for row in x:
        lasso = linear.Lasso(
            alpha=0.05, fit_intercept=False, tol=1e-12, max_iter=100_000
        )
        want = lasso.fit(D.T, row).coef_
        limit = np.abs(want).sum()
        found = sparse_codes(row[np.newaxis], D, limit, steps=3000)[0]
        np.testing.assert_allclose(found, want, atol=1e-4)


def test_no_direction_within_the_limit_is_better():
    x, D = problem()
    s = sparse_codes(x, D, 1.0, steps=2000)

    def error(s):
        return ((x - s @ D) ** 2).sum(axis=1)

    rng = np.random.default_rng(1)
    for _ in range(200):
        other = project_l1(s + 0.1 * rng.normal(size=s.shape), 1.0)
        assert (error(other) >= error(s) - 1e-9).all()
    assert (np.abs(s).sum(axis=1) <= 1 + 1e-9).all()
    assert (s == 0).mean() > 0.4


def test_few_accelerated_steps_go_farther_than_plain_ones():
    x, D = problem(n=20, m=20, d=10)
    D = D + 2 * D[0]  # much alike, so that plain steps are slow
    L = np.linalg.eigvalsh(D @ D.T)[-1]
    plain = np.zeros((20, 20))
    for _ in range(60):
        plain = project_l1(plain - (plain @ D - x) @ D.T / L, 1.0)

    def error(s):
        return ((x - s @ D) ** 2).sum()

    best = error(sparse_codes(x, D, 1.0, steps=5000))
    ours = error(sparse_codes(x, D, 1.0, steps=60))
    assert ours - best < 0.1 * (error(plain) - best)


def test_steps_look_ahead_as_the_paper_does_one_later():
    x, D = problem()
    L = np.linalg.eigvalsh(D @ D.T)[-1]
    t = [1.0]
    for _ in range(5):
        t.append((1 + np.sqrt(1 + 4 * t[-1] ** 2)) / 2)
    s = [np.zeros((4, 8))]
    for k in range(4):
        y = s[k]
        if k:
            # [2] eq. 4.2 and 4.3, with k + 1 for k
            y = s[k] + (t[k] - 1) / t[k + 1] * (s[k] - s[k - 1])
        s.append(project_l1(y - (y @ D - x) @ D.T / L, 1.0))
    for steps in (1, 2, 3, 4):
        found = sparse_codes(x, D, 1.0, steps=steps)
        np.testing.assert_allclose(found, s[steps], atol=1e-12)
    assert abs(s[4] - s[3]).max() > 0.01  # it has not come to rest


def test_a_small_limit_means_few_atoms():
    x, D = problem(n=50, m=20, d=10)
    used = [
        (sparse_codes(x, D, limit) != 0).sum(axis=1).mean()
        for limit in (0.3, 1.0, 3.0)
    ]
    assert used[0] < used[1] < used[2]


def test_learning_finds_the_atoms_that_made_the_points():
    rng = np.random.default_rng(0)
    D = rng.normal(size=(12, 20))
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    codes = np.zeros((1500, 12))
    for row in codes:
        row[rng.choice(12, 2, replace=False)] = rng.choice([-1, 1], 2)
    x = codes @ D
    learned = learn_dictionary(x, 12, 2.0, rounds=30, seed=1)
    likeness = np.abs(D @ learned.atoms.T).max(axis=1)
    assert np.median(likeness) > 0.97
    assert learned.errors[-1] < 0.2 * learned.errors[0]
    assert (np.linalg.norm(learned.atoms, axis=1) <= 1 + 1e-9).all()
    gap = x - learned.decode(learned.encode(x))
    assert (gap**2).sum(axis=1).mean() < 1.1 * learned.errors[-1]


def test_an_atom_moves_to_where_it_serves_best_within_length_one(monkeypatch):
    codes = []

    def watched(*args, **settings):
        codes.append(sparse_codes(*args, **settings))
        return codes[-1]

    monkeypatch.setattr(sparse_coding, "sparse_codes", watched)
    shorter = 0
    for seed in range(8):
        x, _ = problem(n=40, seed=seed)
        D = learn_dictionary(x, 6, 10.0, rounds=1, seed=seed).atoms
        # half the slope of the error by the atom that moved last
        slope = (codes[-1] @ D - x).T @ codes[-1][:, -1]
        length = np.linalg.norm(D[-1])
        if length < 1 - 1e-9:
            shorter += 1
            np.testing.assert_allclose(slope, 0, atol=1e-8)
        else:  # only growing longer would help
            along = slope @ D[-1]
            assert along <= 1e-8
            np.testing.assert_allclose(slope, along * D[-1], atol=1e-8)
    assert 0 < shorter < 8


def test_an_atom_that_nobody_uses_gives_way_to_a_point():
    rng = np.random.default_rng(0)
    x = np.zeros((12, 5))
    x[:11, :4] = rng.normal(size=(11, 4))
    x[11, 4] = 1e-6  # at first every point is an atom, and this one, too
    left = [
        (learn_dictionary(x, 12, 1.0, rounds=1, seed=seed).atoms[:, 4] > 0.5)
        for seed in range(4)
    ]
    # by chance it may take its own place again
    assert np.sum(left) <= 1


def test_points_that_are_zero_are_no_atoms():
    x = np.zeros((50, 4))
    x[:3] = 3 * np.eye(4)[:3]
    atoms = learn_dictionary(x, 3, 1.0, rounds=1).atoms
    np.testing.assert_allclose(np.linalg.norm(atoms, axis=1), 1)


def test_no_round_makes_the_error_larger():
    x, _ = problem(n=200, d=8)
    errors = learn_dictionary(x, 12, 1.0, rounds=25, steps=400).errors
    assert (np.diff(errors) < 1e-6).all()
    assert errors[-1] < 0.96 * errors[0]


def test_the_seed_decides():
    x, _ = problem(n=30)
    a, b, c = (
        learn_dictionary(x, 6, 1.0, rounds=3, seed=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(a.atoms, b.atoms)
    assert (a.atoms != c.atoms).any()


def test_bad_input_gets_one_sentence():
    x, D = problem()
    with pytest.raises(ValueError, match="`limit`.*above 0"):
        project_l1(x, 0)
    with pytest.raises(ValueError, match=r"`x` .* the shape \(B, 5\)"):
        sparse_codes(x[:, :4], D, 1.0)
    with pytest.raises(ValueError, match="`atoms`.*not all be zero"):
        sparse_codes(x, 0 * D, 1.0)
    with pytest.raises(ValueError, match="`atoms`.*at most the 4 points"):
        learn_dictionary(x, 5, 1.0)
    with pytest.raises(ValueError, match="at most the 2 points that are not"):
        learn_dictionary(x * [[1], [1], [0], [0]], 3, 1.0)
    with pytest.raises(ValueError, match="must not be empty"):
        learn_dictionary(x[:0], 1, 1.0)
