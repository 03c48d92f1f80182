"""Losses: pure functions of arrays, in their log-domain form.

Letters: ``B`` batch, ``C`` classes.

Book: ch. 3, "Building a Multilayer Model for MNIST in TensorFlow"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import namespace

__all__ = ["cross_entropy"]


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Return each example's −ln softmax(logits)[label].

    Softmax and logarithm are taken together, so that a probability too small
    for a float costs a large loss and not NaN.

    Parameters
    ----------
    logits : mx.np.ndarray
        `(B, C)`, the network's outputs before any softmax.
    labels : mx.np.ndarray
        `(B,)`, whole numbers from 0 to C − 1. MXNet clips others without a
        word; :func:`fdl.train.fit` refuses them, a loop of your own should.

    Returns
    -------
    mx.np.ndarray
        `(B,)`, one loss ≥ 0 for each example.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> logits = np.array([[0.0, 0.0], [0.0, 200.0]])
    >>> cross_entropy(logits, np.array([1, 0])).round(3)
    array([  0.693, 200.   ])
    """
    _, npx = namespace(logits)
    # E = −ln p_label,   ln p = z − ln Σ_c exp z_c
    return -npx.pick(npx.log_softmax(logits, axis=-1), labels, axis=-1)


# what `fit` reads to know that targets number classes, and where these are
cross_entropy.class_axis = -1  # type: ignore[attr-defined]
