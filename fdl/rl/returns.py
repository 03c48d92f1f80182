"""Returns, advantages and targets: what an agent learns from rewards.

Pure functions of arrays. Time is the first axis; a second one holds
environments that run side by side. γ may be a number, or an array with one
for each step, in which a 0 ends an episode: nothing behind it counts.

Letters: ``T`` steps; ``B`` environments or transitions; ``A`` actions; ``r``
rewards, ``r_t`` what the action at step t brings; ``v`` values; ``γ`` the
discount; ``G`` returns.

References: [1] Sutton and Barto 2018, "Reinforcement Learning"; [2] Schulman
et al. 2016, arXiv:1506.02438; [3] van Hasselt et al. 2016, arXiv:1509.06461

Differences from the papers: none.

Book: ch. 9, "Discounted Future Return"
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from fdl.errors import ShapeError, must
from fdl.scratch._checks import floats, shaped, share, whole

__all__ = [
    "advantages",
    "discounted",
    "double_q_target",
    "lambda_returns",
    "n_step",
    "q_target",
    "sarsa_target",
    "td_target",
]


def discounted(rewards: Any, gamma: Any, bootstrap: Any = 0.0) -> np.ndarray:
    """Return what each step's future is worth, rewards discounted.

    ::

        G_t = r_t + γ_t G_{t+1}        G_T = bootstrap

    Parameters
    ----------
    rewards : array `(T,)` or `(T, B)`
        r.
    gamma : float or array `(T,)` or `(T, B)`
        γ, from 0 to 1.
    bootstrap : float or array `(B,)`
        What is expected behind the last step: the value of the state that an
        episode was cut in, and 0 where it ended.

    Returns
    -------
    array like `rewards`

    Examples
    --------
    >>> discounted([0.0, 0.0, 1.0], 0.5)
    array([0.25, 0.5 , 1.  ])
    """
    r, gamma = _steps(rewards, gamma)
    G = _like("bootstrap", bootstrap, r[0])
    returns = np.empty_like(r)
    for t in reversed(range(len(r))):
        # G_t = r_t + γ_t G_{t+1}
        G = r[t] + gamma[t] * G
        returns[t] = G
    return returns


def n_step(rewards: Any, gamma: Any, values: Any, n: int) -> np.ndarray:
    """Return n steps' rewards and the value of the state behind them.

    ::

        G_t = r_t + γ_t r_{t+1} + … + γ_t ⋯ γ_{t+n−1} v(s_{t+n})

    Near the end there are fewer steps; the last state's value closes them.

    Parameters
    ----------
    rewards, gamma
        As of :func:`discounted`.
    values : array like `rewards`
        v(s_{t+1}): of the state that step t leads to.
    n : int
        Steps.

    Returns
    -------
    array like `rewards`

    Examples
    --------
    >>> n_step([1.0, 1.0, 1.0], 0.5, [8.0, 8.0, 8.0], 1)
    array([5., 5., 5.])
    """
    whole("n", n)
    r, gamma = _steps(rewards, gamma)
    v = _like("values", values, r)
    T = len(r)
    # G starts as v(s_{t+n}), or as the last value, and takes in n rewards
    G = np.concatenate([v[n - 1 :], np.repeat(v[-1:], min(n - 1, T), 0)])[:T]
    ones, zeros = np.ones_like(r), np.zeros_like(r)
    for k in reversed(range(min(n, T))):
        reward = np.concatenate([r[k:], zeros[:k]])
        discount = np.concatenate([gamma[k:], ones[:k]])
        G = reward + discount * G
    return G


def lambda_returns(
    rewards: Any, gamma: Any, values: Any, lam: float
) -> np.ndarray:
    """Return a blend of all n-step returns, those of more steps fading.

    ::

        G_t = r_t + γ_t ((1 − λ) v(s_{t+1}) + λ G_{t+1})

    With λ = 0 it is one step's return, with λ = 1 the discounted one.

    Parameters
    ----------
    rewards, gamma, values
        As of :func:`n_step`.
    lam : float
        λ, from 0 to 1.

    Returns
    -------
    array like `rewards`

    Examples
    --------
    Between one step's return and the discounted one:

    >>> r, v = [1.0, 1.0], [4.0, 0.0]
    >>> for lam in (0.0, 0.5, 1.0):
    ...     print(lam, lambda_returns(r, 0.5, v, lam))
    0.0 [3. 1.]
    0.5 [2.25 1.  ]
    1.0 [1.5 1. ]
    """
    lam = share("lam", lam)
    r, gamma = _steps(rewards, gamma)
    v = _like("values", values, r)
    G = v[-1]
    returns = np.empty_like(r)
    for t in reversed(range(len(r))):
        # G_t = r_t + γ_t ((1 − λ) v_{t+1} + λ G_{t+1})
        G = r[t] + gamma[t] * ((1 - lam) * v[t] + lam * G)
        returns[t] = G
    return returns


def advantages(
    rewards: Any,
    values: Any,
    gamma: Any,
    lam: float,
    dones: Optional[Any] = None,
) -> np.ndarray:
    """Return how much better each step went than expected [2].

    ::

        δ_t = r_t + γ_t v_{t+1} − v_t
        A_t = δ_t + γ_t λ A_{t+1}

    Parameters
    ----------
    rewards, gamma
        As of :func:`discounted`.
    values : array `(T + 1,)` or `(T + 1, B)`
        v of the states that the steps start in, and of the one at the end.
    lam : float
        λ: 0 trusts the values, 1 the rewards.
    dones : array like `rewards`, optional
        Where an episode ends for good: neither the next value nor the next
        advantage counts. One that a time limit cuts does not end so; its
        stretch is to be given apart.

    Returns
    -------
    array like `rewards`

    Examples
    --------
    >>> advantages([1.0, 1.0], [0.5, 0.5, 0.5], 1.0, 1.0)
    array([2., 1.])
    """
    lam = share("lam", lam)
    r, gamma = _steps(rewards, gamma)
    v = shaped("values", floats("values", values), len(r) + 1, *r.shape[1:])
    if dones is not None:
        done = _like("dones", dones, r)
        if not np.isin(done, (0, 1)).all():
            raise must("dones", dones, "hold nothing but 0 and 1")
        gamma = gamma * (1 - done)
    A = np.zeros_like(r[0])
    found = np.empty_like(r)
    for t in reversed(range(len(r))):
        # δ_t = r_t + γ_t v_{t+1} − v_t
        delta = r[t] + gamma[t] * v[t + 1] - v[t]
        # A_t = δ_t + γ_t λ A_{t+1}
        A = delta + gamma[t] * lam * A
        found[t] = A
    return found


def td_target(rewards: Any, gamma: Any, next_values: Any) -> np.ndarray:
    """Return r + γ v(s′): what a state's value should be, one step on.

    Parameters
    ----------
    rewards : array `(B,)`
        r.
    gamma : float or array `(B,)`
        γ; 0 where s′ is an end.
    next_values : array `(B,)`
        v(s′).

    Returns
    -------
    array `(B,)`

    Examples
    --------
    >>> td_target([-1.0, -1.0], [0.5, 0.0], [2.0, 2.0])
    array([ 0., -1.])
    """
    r, gamma = _steps(rewards, gamma)
    return r + gamma * _like("next_values", next_values, r)


def q_target(rewards: Any, gamma: Any, next_q: Any) -> np.ndarray:
    """Return r + γ max_a q(s′, a): Q-learning's target.

    Parameters
    ----------
    rewards, gamma
        As of :func:`td_target`.
    next_q : array `(B, A)`
        q(s′, ·).

    Returns
    -------
    array `(B,)`

    Examples
    --------
    The second transition has led to an end, so nothing follows:

    >>> q_target([1.0, 1.0], [0.5, 0.0], [[2.0, 8.0], [2.0, 8.0]])
    array([5., 1.])
    """
    next_q = shaped("next_q", floats("next_q", next_q), "B", "A")
    return td_target(rewards, gamma, next_q.max(axis=1))


def double_q_target(
    rewards: Any, gamma: Any, next_q: Any, chooser: Any
) -> np.ndarray:
    """Return r + γ q(s′, argmax_a q̂(s′, a)): one net chooses, one judges [3].

    A maximum of noisy guesses is too high; two nets seldom err alike.

    Parameters
    ----------
    rewards, gamma, next_q
        As of :func:`q_target`; `next_q` is the judge's.
    chooser : array `(B, A)`
        q̂(s′, ·).

    Returns
    -------
    array `(B,)`

    Examples
    --------
    The judge's own favourite is the first action, the chooser's the second:

    >>> double_q_target([1.0], 0.5, [[9.0, 4.0]], [[0.0, 1.0]])
    array([3.])
    >>> q_target([1.0], 0.5, [[9.0, 4.0]])
    array([5.5])
    """
    chooser = shaped("chooser", floats("chooser", chooser), "B", "A")
    return sarsa_target(rewards, gamma, next_q, chooser.argmax(axis=1))


def sarsa_target(
    rewards: Any, gamma: Any, next_q: Any, next_actions: Any
) -> np.ndarray:
    """Return r + γ q(s′, a′), of the action that is taken next.

    Parameters
    ----------
    rewards, gamma, next_q
        As of :func:`q_target`.
    next_actions : array `(B,)`
        a′.

    Returns
    -------
    array `(B,)`

    Examples
    --------
    >>> sarsa_target([1.0], 0.5, [[9.0, 4.0]], [1])
    array([3.])
    """
    next_q = shaped("next_q", floats("next_q", next_q), "B", "A")
    B, A = next_q.shape
    a = np.asarray(next_actions)
    if a.shape != (B,) or not np.issubdtype(a.dtype, np.integer):
        raise must("next_actions", next_actions, f"be {B} whole numbers")
    if a.min() < 0 or a.max() >= A:
        raise must("next_actions", next_actions, f"be from 0 to {A - 1}")
    return td_target(rewards, gamma, next_q[np.arange(B), a])


def _steps(rewards: Any, gamma: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays of one shape, time first."""
    r = floats("rewards", rewards)
    if r.ndim not in (1, 2):
        raise ShapeError(
            f"`rewards` (=array of shape {r.shape}) must have the shape (T,) "
            "or (T, B)."
        )
    discount = floats("gamma", gamma)
    if discount.min() < 0 or discount.max() > 1:
        raise must("gamma", gamma, "be from 0 to 1")
    if discount.shape == r.shape[:1] and r.ndim == 2:
        discount = np.repeat(discount[:, np.newaxis], r.shape[1], axis=1)
    return r, _like("gamma", discount, r)


def _like(argument: str, value: Any, array: np.ndarray) -> np.ndarray:
    """Return a number or an array, in the shape of another."""
    found = floats(argument, value)
    if found.shape not in ((), np.shape(array)):
        raise ShapeError(
            f"`{argument}` (=array of shape {found.shape}) must be a number "
            f"or have the shape {np.shape(array)}."
        )
    return np.broadcast_to(found, np.shape(array))
