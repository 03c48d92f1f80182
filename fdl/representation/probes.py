"""What codes are good for: labels read off them by simple means.

Letters: ``N`` codes with labels, ``M`` without, ``m`` their size, ``K``
classes.

Book: ch. 6, "Implementing an Autoencoder in TensorFlow"
"""

from __future__ import annotations

from typing import Any, Callable

import numpy as onp

from fdl._mxnet import np
from fdl.errors import must
from fdl.nn.losses import cross_entropy
from fdl.optim.search import lbfgs
from fdl.scratch._checks import floats, shaped, whole

__all__ = ["linear_probe", "nearest_neighbour"]

ROWS = 500  # codes without labels at a time: N of them make a table each


def nearest_neighbour(codes: Any, labels: Any, new: Any) -> onp.ndarray:
    """Return for each new code the label of the nearest that has one.

    Parameters
    ----------
    codes : array `(N, m)`
        Codes.
    labels : array `(N,)`
        Their labels.
    new : array `(M, m)`
        Codes without labels.

    Returns
    -------
    array `(M,)`
        Labels. Of equally near ones the first decides.

    Examples
    --------
    >>> nearest_neighbour([[0.0], [1.0]], [3, 7], [[0.6], [-2.0]])
    array([7, 3])
    """
    codes, labels = _pairs(codes, labels)
    new = shaped("new", floats("new", new), "M", codes.shape[1])
    square = (codes**2).sum(axis=1)
    found = []
    for start in range(0, len(new), ROWS):
        rows = new[start : start + ROWS]
        # ‖c − n‖² = ‖c‖² − 2 c·n + ‖n‖²; the last decides nothing
        found.append((square - 2 * onp.dot(rows, codes.T)).argmin(axis=1))
    return labels[onp.concatenate(found)]


def linear_probe(
    codes: Any, labels: Any, *, steps: int = 100
) -> Callable[[Any], onp.ndarray]:
    """Return a logistic regression on codes: scores `(M, K)` of `(M, m)`.

    Parameters
    ----------
    codes : array `(N, m)`
        Codes; each dimension is centred and divided by its deviation.
    labels : array `(N,)`
        Whole numbers from 0 up.
    steps : int
        Of L-BFGS on the cross-entropy of all codes.

    Examples
    --------
    >>> probe = linear_probe([[0.0], [1.0], [4.0], [5.0]], [0, 0, 1, 1])
    >>> probe([[-1.0], [2.0], [9.0]]).argmax(axis=1)
    array([0, 0, 1])
    """
    codes, labels = _pairs(codes, labels)
    whole("steps", steps)
    if labels.dtype.kind not in "iu" or labels.min() < 0:
        raise must("labels", labels, "be whole numbers from 0 up")
    m, K = codes.shape[1], int(labels.max()) + 1
    mean, size = codes.mean(axis=0), onp.std(codes, axis=0) + 1e-9

    def features(x: Any) -> onp.ndarray:
        x = shaped("new", floats("new", x), "M", m)
        return onp.hstack([(x - mean) / size, onp.ones((len(x), 1))])

    # in float64, or the last steps would follow what is rounded off
    X, y = np.array(features(codes)), np.array(labels.astype("float64"))

    def error(W: Any) -> Any:
        return cross_entropy(np.dot(X, W.reshape(m + 1, K)), y).mean()

    W = lbfgs(error, onp.zeros((m + 1) * K), steps)[-1].reshape(m + 1, K)
    return lambda new: onp.dot(features(new), W)


def _pairs(codes: Any, labels: Any) -> tuple[onp.ndarray, onp.ndarray]:
    codes = shaped("codes", floats("codes", codes), "N", "m")
    labels = onp.asarray(labels)
    if labels.shape != codes.shape[:1]:
        rule = f"hold one label for each of the {len(codes)} codes"
        raise must("labels", f"of shape {labels.shape}", rule)
    return codes, labels
