"""Sparse coding: each point as a sum of few atoms of a learned dictionary.

[1] Duchi et al. 2008, "Efficient Projections onto the ℓ1-Ball", ICML;
[2] Beck and Teboulle 2009, SIAM J. Imaging Sci. 2:183 (accelerated steps);
[3] Mairal et al. 2009, "Online Dictionary Learning", ICML

Letters: ``N`` points of ``d`` dimensions; ``m`` atoms; ``D`` the dictionary,
an atom in each row, of length 1 at most; ``s`` codes; ``K`` the most that the
sizes of a code's values may add up to; ``L`` the largest eigenvalue of D Dᵀ.

Differences from the papers: [2] and [3] add λ‖s‖₁ to the error, where here
‖s‖₁ is bounded, as in the lectures; so a step is followed by a projection
[1] in place of a shrinking. Where [2] first looks ahead in its third step, we
do in the second. All points are used in each step.

Book: ch. 6, "Sparsity in Autoencoders"
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, positive, shaped, whole

__all__ = ["Dictionary", "learn_dictionary", "project_l1", "sparse_codes"]


class Dictionary(NamedTuple):
    """Atoms, and how well they do.

    Examples
    --------
    >>> words = Dictionary(np.eye(3), limit=2.0, errors=[])
    >>> s = words.encode([[5.0, 1.0, 0.0]])
    >>> s, words.decode(s)
    (array([[2., 0., 0.]]), array([[2., 0., 0.]]))
    """

    atoms: np.ndarray
    """D, `(m, d)`."""
    limit: float
    """K."""
    errors: list[float]
    """Mean ‖x − s D‖² after each round of learning."""

    def encode(self, x: Any, steps: int = 100) -> np.ndarray:
        """Return sparse codes `(B, m)` of points `(B, d)`."""
        return sparse_codes(x, self.atoms, self.limit, steps=steps)

    def decode(self, codes: Any) -> np.ndarray:
        """Return the points `(B, d)` that codes `(B, m)` stand for."""
        m = len(self.atoms)
        s = shaped("codes", floats("codes", codes), "B", m)
        return np.dot(s, self.atoms)


def project_l1(s: Any, limit: float) -> np.ndarray:
    """Return the nearest codes whose sizes add up to no more than K [1].

    ::

        s' = sign(s) max(|s| − θ, 0)      θ such that ‖s'‖₁ = K

    Parameters
    ----------
    s : array `(B, m)`
        Codes. Those that are within the limit stay as they are.
    limit : float
        K.

    Examples
    --------
    >>> project_l1([[3.0, -1.0, 0.2], [0.5, 0.0, 0.0]], 2.0)
    array([[2. , 0. , 0. ],
           [0.5, 0. , 0. ]])
    """
    s = shaped("s", floats("s", s), "B", "m")
    positive("limit", limit)
    size = np.abs(s)
    falling = -np.sort(-size, axis=1)
    # with the j largest left, θ_j = (Σ of them − K) / j; the right j is the
    # last at which the j-th itself is larger than that
    j = np.arange(1, s.shape[1] + 1)
    thetas = (falling.cumsum(axis=1) - limit) / j
    last = (falling > thetas).sum(axis=1) - 1
    theta = np.maximum(thetas[np.arange(len(s)), last], 0)
    left = np.maximum(size - theta[:, np.newaxis], 0)
    return np.where(left > 0, np.sign(s) * left, 0.0)


def sparse_codes(
    x: Any, atoms: Any, limit: float, *, steps: int = 100
) -> np.ndarray:
    """Return the codes that restore points best within the limit.

    ::

        s = argmin ‖x − s D‖²      subject to ‖s‖₁ ≤ K

    Parameters
    ----------
    x : array `(B, d)`
        Points.
    atoms : array `(m, d)`
        D.
    limit : float
        K.
    steps : int
        Of projected gradient descent, accelerated [2].

    Examples
    --------
    >>> sparse_codes([[3.0, 0.5]], [[1.0, 0.0], [0.0, 1.0]], 2.0)
    array([[2., 0.]])
    """
    D = shaped("atoms", floats("atoms", atoms), "m", "d")
    x = shaped("x", floats("x", x), "B", D.shape[1])
    whole("steps", steps)
    inner, wanted = np.dot(D, D.T), np.dot(x, D.T)
    L = np.linalg.eigvalsh(inner)[-1]
    if L == 0:
        raise must("atoms", D, "not all be zero")
    s = before = project_l1(np.zeros_like(wanted), limit)
    t = 1.0
    for _ in range(steps):
        # where the last two steps lead on to
        faster = 0.5 * (1 + np.sqrt(1 + 4 * t * t))
        ahead = s + (t - 1) / faster * (s - before)
        # s ← project(s − (s D − x) Dᵀ / L)
        gradient = np.dot(ahead, inner) - wanted
        before, t = s, faster
        s = project_l1(ahead - gradient / L, limit)
    return s


def learn_dictionary(
    x: Any,
    atoms: int,
    limit: float,
    *,
    rounds: int = 20,
    steps: int = 30,
    seed: int = 0,
) -> Dictionary:
    """Return a dictionary in which points have good sparse codes.

    Codes for the atoms that there are, then atoms for these codes, and so on.
    Each atom in its turn moves to where it serves best, the others fixed [3]::

        D_j ← D_j + s_jᵀ (X − S D) / ‖s_j‖²      then shortened to length 1

    Parameters
    ----------
    x : array `(N, d)`
        Points.
    atoms : int
        m; at the start, as many of the points.
    limit : float
        K.
    rounds : int
        How often to find codes, and then atoms.
    steps : int
        Of :func:`sparse_codes` in each.
    seed : int
        Chooses the first atoms.

    Examples
    --------
    Points along two directions:

    >>> x = [[2.0, 0.0], [0.0, 1.0], [3.0, 0.0], [0.0, 2.0]]
    >>> found = learn_dictionary(x, 2, limit=3.0, seed=1)
    >>> sorted(found.atoms.round(3).tolist()), found.errors[-1] < 1e-6
    ([[0.0, 1.0], [1.0, 0.0]], True)
    """
    x = shaped("x", floats("x", x), "N", "d")
    if whole("atoms", atoms) > len(x):
        raise must("atoms", atoms, f"be at most the {len(x)} points")
    whole("rounds", rounds)
    rng = np.random.default_rng(seed)
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    if (lengths > 0).sum() < atoms:
        rule = f"be at most the {(lengths > 0).sum()} points that are not zero"
        raise must("atoms", atoms, rule)
    unit = (x / np.maximum(lengths, 1e-12))[lengths[:, 0] > 0]
    D = unit[rng.choice(len(unit), atoms, replace=False)]
    errors = []
    for _ in range(rounds):
        S = sparse_codes(x, D, limit, steps=steps)
        A, B = np.dot(S.T, S), np.dot(S.T, x)
        for j in range(atoms):
            # nobody uses it: another point takes its place
            if A[j, j] < 1e-10:
                D[j] = unit[rng.integers(len(unit))]
                continue
            # D_j + s_jᵀ (X − S D) / ‖s_j‖²
            atom = D[j] + (B[j] - np.dot(A[j], D)) / A[j, j]
            D[j] = atom / max(1.0, float(np.linalg.norm(atom)))
        errors.append(float(((x - np.dot(S, D)) ** 2).sum(axis=1).mean()))
    return Dictionary(D, float(limit), errors)
