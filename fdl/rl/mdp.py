"""Planning: the best policy of a world whose rules are known.

A Markov decision process is two tables: where each action leads, and what it
brings. A state in which episodes end leads to itself and brings nothing.

::

    q(s, a) = R(s, a) + γ Σ_s′ P(s, a, s′) v(s′)        v(s) = max_a q(s, a)

Letters: ``S`` states; ``A`` actions; ``P`` `(S, A, S)` probabilities, ``R``
`(S, A)` mean rewards; ``γ`` the discount; ``v`` `(S,)`, ``q`` `(S, A)` values;
``π`` a policy.

References: [1] Sutton and Barto 2018, "Reinforcement Learning", chapters 3, 4

Differences from the book: none.

Book: ch. 9, "Markov Decision Processes (MDP)"
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, positive, shaped, share, whole

__all__ = [
    "policy_iteration",
    "policy_values",
    "q_values",
    "value_iteration",
]

MOST = 100_000  # sweeps


def q_values(P: Any, R: Any, values: Any, gamma: float) -> np.ndarray:
    """Return what each action is worth if states are worth `values`.

    ::

        q = R + γ P v

    Parameters
    ----------
    P, R : arrays `(S, A, S)` and `(S, A)`
        Where actions lead, and what they bring.
    values : array `(S,)`
        v.
    gamma : float
        γ, from 0 to 1.

    Returns
    -------
    array `(S, A)`

    Examples
    --------
    Stay for 1 a step, or leave for 5 and be done:

    >>> P, R = [[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[1, 5], [0, 0]]
    >>> q_values(P, R, [2.0, 0.0], 0.5)
    array([[2., 5.],
           [0., 0.]])
    """
    P, R, gamma = _process(P, R, gamma)
    values = shaped("values", floats("values", values), len(R))
    # q = R + γ P v
    return R + gamma * P @ values


def value_iteration(
    P: Any,
    R: Any,
    gamma: float,
    *,
    tolerance: float = 1e-5,
    sweeps: Optional[int] = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best values, and a policy that reaches them.

    Starting from nothing, each sweep looks one step further ahead: after k of
    them the values are right for one who has k steps left.

    Parameters
    ----------
    P, R, gamma
        As of :func:`q_values`.
    tolerance : float
        How far the values may be off.
    sweeps : int, optional
        So many sweeps, whatever the tolerance.

    Returns
    -------
    values : array `(S,)`
    policy : array `(S,)`
        Of equally good actions the first.

    Raises
    ------
    ValueError
        If the values grow for ever, which needs γ = 1.

    Examples
    --------
    Stay for 1 a step, or leave for 5 and be done:

    >>> P, R = [[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[1, 5], [0, 0]]
    >>> value_iteration(P, R, 0.5)[1], value_iteration(P, R, 0.9)[1]
    (array([1, 0]), array([0, 0]))
    """
    P, R, gamma = _process(P, R, gamma)
    positive("tolerance", tolerance)
    if sweeps is not None:
        whole("sweeps", sweeps, 0)
    values = np.zeros(len(R))
    # what is still missing is at most γ / (1 − γ) times the last change
    small = tolerance * min(1.0, (1 - gamma) / gamma) if gamma else tolerance
    if gamma == 1:
        small = tolerance * 1e-3  # there is no such bound
    for _ in range(MOST if sweeps is None else sweeps):
        before = values
        # v(s) = max_a q(s, a)
        values = (R + gamma * P @ values).max(axis=1)
        if sweeps is None and abs(values - before).max() <= small:
            break
    else:
        if sweeps is None:
            rule = f"be less: after {MOST} sweeps the values still grow"
            raise must("gamma", gamma, rule)
    return values, _greedy(R + gamma * P @ values)


def policy_values(P: Any, R: Any, policy: Any, gamma: float) -> np.ndarray:
    """Return what states are worth to one who keeps to a policy.

    ::

        v = R_π + γ P_π v      so      (1 − γ P_π) v = R_π

    Parameters
    ----------
    P, R, gamma
        As of :func:`q_values`, γ below 1.
    policy : array `(S,)` or `(S, A)`
        An action for each state, or each action's probability.

    Returns
    -------
    array `(S,)`

    Examples
    --------
    To stay for ever brings 1 + γ + γ² + … = 1 / (1 − γ):

    >>> P, R = [[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[1, 5], [0, 0]]
    >>> policy_values(P, R, [0, 0], 0.75).round(6)
    array([4., 0.])
    >>> policy_values(P, R, [[0.5, 0.5], [1.0, 0.0]], 0.0)
    array([3., 0.])
    """
    P, R, gamma = _process(P, R, gamma)
    if gamma == 1:
        raise must("gamma", gamma, "be less than 1")
    pi = _probabilities(policy, *R.shape)
    mean_R = (pi * R).sum(axis=1)
    mean_P = np.einsum("sa,sat->st", pi, P)
    # (1 − γ P_π) v = R_π
    return np.linalg.solve(np.eye(len(R)) - gamma * mean_P, mean_R)


def policy_iteration(
    P: Any, R: Any, gamma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best values and policy, by bettering one until it stays.

    Parameters
    ----------
    P, R, gamma
        As of :func:`policy_values`.

    Returns
    -------
    values, policy : arrays `(S,)`

    Examples
    --------
    >>> P, R = [[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[1, 5], [0, 0]]
    >>> values, policy = policy_iteration(P, R, 0.9)
    >>> values.round(6), policy
    (array([10.,  0.]), array([0, 0]))
    """
    P, R, gamma = _process(P, R, gamma)
    policy = np.zeros(len(R), int)
    while True:
        values = policy_values(P, R, policy, gamma)
        q = R + gamma * P @ values
        # change what is truly better, so that ties cannot go round for ever
        now = q[np.arange(len(R)), policy]
        better = q.max(axis=1) > now + 1e-9 * (1 + abs(now))
        if not better.any():
            return values, policy
        policy = np.where(better, q.argmax(axis=1), policy)


def _greedy(q: np.ndarray) -> np.ndarray:
    """Return the best actions; what differs by rounding only is equal."""
    top = q.max(axis=1, keepdims=True)
    return (q >= top - 1e-9 * (1 + abs(top))).argmax(axis=1)


def _process(
    P: Any, R: Any, gamma: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the tables as arrays, if they are a decision process."""
    R = shaped("R", floats("R", R), "S", "A")
    S, A = R.shape
    P = shaped("P", floats("P", P), S, A, S)
    if P.min() < 0 or abs(P.sum(axis=2) - 1).max() > 1e-6:
        raise must("P", P, "hold probabilities that add up to 1 for each s, a")
    return P, R, share("gamma", gamma)


def _probabilities(policy: Any, S: int, A: int) -> np.ndarray:
    """Return a policy as `(S, A)`."""
    pi = np.asarray(policy)
    if pi.ndim == 2:
        pi = shaped("policy", floats("policy", pi), S, A)
        if pi.min() < 0 or abs(pi.sum(axis=1) - 1).max() > 1e-6:
            raise must("policy", policy, "have rows that add up to 1")
        return pi
    whole_ = pi.shape == (S,) and np.issubdtype(pi.dtype, np.integer)
    if not whole_ or pi.min() < 0 or pi.max() >= A:
        rule = f"hold an action from 0 to {A - 1} for each of {S} states"
        raise must("policy", policy, rule)
    return np.eye(A)[pi]
