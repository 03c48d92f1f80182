"""Against overfitting: penalties, max-norm, dropout, early stopping.

A penalty is added to the error, E + λ f(w), and so adds its gradient to each
step of the descent; a max-norm constraint pulls weights back after the step;
dropout silences neurons while a network learns; early stopping ends the
training where the validation error was lowest.

Letters: ``W`` `(n_in, n_out)` a layer's weights, one column for each neuron;
λ ``rate``; p ``keep``, the probability that a neuron stays.

Book: ch. 2, "Preventing Overfitting in Deep Neural Networks"
"""

from __future__ import annotations

import math
from typing import Any, Union

import numpy as np

from fdl.scratch._checks import floats, not_negative, positive, shaped, whole

__all__ = [
    "EarlyStopping",
    "dropout",
    "inverted_dropout",
    "l1_gradient",
    "l1_penalty",
    "l2_gradient",
    "l2_penalty",
    "max_norm",
]

Seed = Union[int, np.random.Generator]


def l2_penalty(w: Any, rate: float) -> float:
    """Return ½ λ Σ w².

    Parameters
    ----------
    w : array
        Weights, of any shape.
    rate : float
        λ, from 0 up.

    Examples
    --------
    >>> l2_penalty([3.0, -4.0], rate=0.1)
    1.25
    """
    # ½ λ w², for every weight
    return (
        0.5 * not_negative("rate", rate) * float((floats("w", w) ** 2).sum())
    )


def l2_gradient(w: Any, rate: float) -> np.ndarray:
    """Return λ w, the gradient of the L2 penalty.

    By itself it shrinks a weight by the factor 1 − ελ in each step, so that
    w(1 − ελ)^t is left after t: a geometric decay.

    Parameters
    ----------
    w, rate
        As of :func:`l2_penalty`; the result has the shape of w.

    Examples
    --------
    >>> l2_gradient([3.0, -4.0], rate=0.5)
    array([ 1.5, -2. ])
    """
    return not_negative("rate", rate) * floats("w", w)


def l1_penalty(w: Any, rate: float) -> float:
    """Return ``λ Σ |w|``.

    Parameters
    ----------
    w : array
        Weights, of any shape.
    rate : float
        λ, from 0 up.

    Examples
    --------
    >>> l1_penalty([3.0, -4.0], rate=0.5)
    3.5
    """
    # λ |w|, for every weight
    return not_negative("rate", rate) * float(np.abs(floats("w", w)).sum())


def l1_gradient(w: Any, rate: float) -> np.ndarray:
    """Return λ sign(w), the gradient of the L1 penalty (0 at the kink).

    By itself it takes ελ off a weight in each step, whatever its size: a
    linear decay, which brings useless weights within ελ of zero.

    Parameters
    ----------
    w, rate
        As of :func:`l1_penalty`; the result has the shape of w.

    Examples
    --------
    >>> l1_gradient([3.0, -4.0, 0.0], rate=0.5)
    array([ 0.5, -0.5,  0. ])
    """
    return not_negative("rate", rate) * np.sign(floats("w", w))


def max_norm(W: Any, limit: float) -> np.ndarray:
    """Project each neuron's incoming weights onto the ball ‖w‖ ≤ c.

    Parameters
    ----------
    W : array `(n_in, n_out)`
        Weights; column j leads into neuron j.
    limit : float
        The radius c; 3 and 4 are usual. Shorter columns stay as they are.

    Examples
    --------
    >>> max_norm([[3.0, 0.3], [4.0, 0.4]], limit=1.0)
    array([[0.6, 0.3],
           [0.8, 0.4]])
    """
    c = positive("limit", limit)
    W = shaped("W", floats("W", W), "n_in", "n_out")
    norm = np.linalg.norm(W, axis=0)  # (n_out,)
    # w ← w c / ‖w‖ where ‖w‖ > c
    return W * (c / np.maximum(norm, c))


def dropout(y: Any, keep: float, rng: Seed) -> np.ndarray:
    """Silence each neuron of y but with probability p: y or 0.

    The expectation is p y, so at test time every output has to be scaled by
    p; :func:`inverted_dropout` spares that.

    Parameters
    ----------
    y : array
        Outputs of a layer.
    keep : float
        p, above 0 and at most 1.
    rng : numpy.random.Generator or int
        Where the choices come from, or a seed.

    Examples
    --------
    >>> y = dropout(np.ones(1000), keep=0.8, rng=0)
    >>> sorted(set(y.tolist())), 0.75 < y.mean() < 0.85
    ([0.0, 1.0], True)
    """
    p = positive("keep", keep, most=1.0)
    y = floats("y", y)
    return y * (np.random.default_rng(rng).random(y.shape) < p)


def inverted_dropout(y: Any, keep: float, rng: Seed) -> np.ndarray:
    """Silence each neuron of y but with probability p: y / p or 0.

    The expectation is p · y/p = y, so nothing has to change at test time.
    The parameters are those of :func:`dropout`.

    Examples
    --------
    >>> sorted(set(inverted_dropout(np.ones(100), keep=0.5, rng=0).tolist()))
    [0.0, 2.0]
    """
    return dropout(y, keep, rng) / keep


class EarlyStopping:
    """Stop once the validation error has not improved for `patience` epochs.

    Parameters
    ----------
    patience : int
        Epochs without a new best that are borne.

    Attributes
    ----------
    best : float
        The lowest error so far.
    best_epoch : int
        When that was, counted from 1.
    state : object
        What :meth:`update` was given along with it: what to go back to.

    Examples
    --------
    >>> stopping = EarlyStopping(patience=2)
    >>> [stopping.update(error) for error in (5.0, 3.0, 4.0, 3.5)]
    [False, False, False, True]
    >>> stopping.best, stopping.best_epoch
    (3.0, 2)
    """

    def __init__(self, patience: int) -> None:
        self.patience = whole("patience", patience)
        self.best = math.inf
        self.best_epoch = 0
        self.state: Any = None
        self._epoch = 0

    def update(self, error: float, state: Any = None) -> bool:
        """Take in one epoch's error and say whether to stop."""
        self._epoch += 1
        if error < self.best:
            self.best, self.best_epoch = error, self._epoch
            self.state = state
        return self._epoch - self.best_epoch >= self.patience
