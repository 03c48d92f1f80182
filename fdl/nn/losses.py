"""Losses: pure functions of arrays, in their log-domain form.

Letters: ``B`` batch, ``C`` classes, ``T`` steps, ``K`` noise words, ``q``
their distribution, ``Z`` latent variables.

References: [1] Gutmann and Hyvärinen 2012, JMLR 13; [2] Mikolov et al. 2013,
arXiv:1310.4546; [3] Jean et al. 2015, arXiv:1412.2007; [4] Kingma and Welling
2014, arXiv:1312.6114.

Book: ch. 3, "Building a Multilayer Model for MNIST in TensorFlow"
"""

from __future__ import annotations

from typing import Any, Union

from fdl._mxnet import namespace, norm, softplus
from fdl.errors import must

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "distance",
    "kl_bernoulli",
    "kl_normal",
    "masked_cross_entropy",
    "nce",
    "sampled_softmax",
]


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


def binary_cross_entropy(logits: Any, targets: Any) -> Any:
    """Return −Σ [t ln σ(z) + (1 − t) ln(1 − σ(z))] over each row's outputs.

    Parameters
    ----------
    logits : mx.np.ndarray
        `(B, n)`, z.
    targets : mx.np.ndarray
        `(B, n)`, t, from 0 to 1.

    Returns
    -------
    mx.np.ndarray
        `(B,)`, finite for logits of any size.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> logits = np.array([[0.0, 120.0, -120.0]])
    >>> binary_cross_entropy(logits, np.array([[1.0, 1.0, 1.0]])).round(2)
    array([120.69])
    """
    F, _ = namespace(logits)
    # −ln σ(z) = ln(1 + eᶻ) − z,   −ln(1 − σ(z)) = ln(1 + eᶻ)
    return F.sum(softplus(logits) - targets * logits, axis=-1)


def distance(output: Any, target: Any) -> Any:
    """Return how far each output is from its target, in a straight line.

    Parameters
    ----------
    output, target : mx.np.ndarray
        `(B, …)`. Where the two are equal, the gradient is 0.

    Returns
    -------
    mx.np.ndarray
        `(B,)`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> distance(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0]]))
    array([5.])
    """
    _, npx = namespace(output)
    # ‖I − O‖ = √Σ_i (I_i − O_i)²
    return norm(npx.reshape(output - target, (-2, -1)))


def masked_cross_entropy(logits: Any, labels: Any, mask: Any) -> Any:
    """Return each sequence's mean cross-entropy over its real steps.

    Parameters
    ----------
    logits : mx.np.ndarray
        `(B, T, C)`.
    labels : mx.np.ndarray
        `(B, T)`, whole numbers from 0 to C − 1; anything where there is
        padding.
    mask : mx.np.ndarray
        `(B, T)`, 1 for a real step and 0 for padding. A sequence of padding
        alone has the loss 0.

    Returns
    -------
    mx.np.ndarray
        `(B,)`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> logits = np.array([[[0.0, 0.0], [0.0, 200.0]]])
    >>> labels, mask = np.zeros((1, 2)), np.array([[0, 1]])
    >>> masked_cross_entropy(logits, labels, mask)
    array([200.])
    """
    F, _ = namespace(logits)
    # E = Σ_t m_t E_t / Σ_t m_t
    total = F.sum(mask * cross_entropy(logits, labels), axis=-1)
    return total / F.maximum(F.sum(mask, axis=-1), 1.0)


def nce(
    scores: Any,
    noise_scores: Any,
    log_expected: Any = 0.0,
    noise_log_expected: Any = 0.0,
) -> Any:
    """Return each pair's loss of noise-contrastive estimation [1].

    The true word is told from K noise words by logistic regression. With
    ln K q as it should be, the scores come to be log-probabilities of their
    own accord, and as K grows, the gradient tends to the softmax's. With 0
    in its place this is negative sampling [2].

    Parameters
    ----------
    scores : mx.np.ndarray
        `(B,)`, s of the words that were there.
    noise_scores : mx.np.ndarray
        `(B, K)`, s of noise words.
    log_expected, noise_log_expected : mx.np.ndarray or float
        `(B,)` and `(B, K)`, or what broadcasts to it: ln K q of those words,
        how often each is expected among the noise.

    Returns
    -------
    mx.np.ndarray
        `(B,)`, one loss ≥ 0 for each pair.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> f"{float(nce(np.zeros(1), np.zeros((1, 1)))[0]):.4f}"  # 2 ln 2
    '1.3863'
    """
    F, _ = namespace(scores)
    # E = −ln σ(s − ln K q) − Σ_k ln(1 − σ(s_k − ln K q_k))   [1] eq. 8
    true = softplus(log_expected - scores)
    return true + F.sum(softplus(noise_scores - noise_log_expected), axis=-1)


def sampled_softmax(
    scores: Any,
    noise_scores: Any,
    log_expected: Any = 0.0,
    noise_log_expected: Any = 0.0,
) -> Any:
    """Return each pair's cross-entropy over its word and K sampled ones [3].

    Parameters
    ----------
    scores, noise_scores, log_expected, noise_log_expected
        As in :func:`nce`. Noise words that are the true one should have been
        taken out.

    Returns
    -------
    mx.np.ndarray
        `(B,)`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> loss = sampled_softmax(np.zeros(1), np.zeros((1, 3)))
    >>> f"{float(loss[0]):.4f}"  # ln 4
    '1.3863'
    """
    F, npx = namespace(scores)
    true = F.expand_dims(scores - log_expected, -1)  # (B, 1)
    among = F.concatenate([true, noise_scores - noise_log_expected], axis=-1)
    # E = −ln softmax(s − ln K q)_true, the true word first
    log_p = npx.log_softmax(among, axis=-1)
    return -npx.pick(log_p, F.zeros_like(scores), axis=-1)


def kl_normal(mean: Any, log_variance: Any) -> Any:
    """Return KL(N(μ, σ²) ‖ N(0, 1)), summed over the latent variables [4].

    Parameters
    ----------
    mean, log_variance : mx.np.ndarray
        `(B, Z)`, μ and ln σ².

    Returns
    -------
    mx.np.ndarray
        `(B,)`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> kl_normal(np.ones((1, 1)), np.zeros((1, 1)))
    array([0.5])
    """
    F, _ = namespace(mean)
    # KL = ½ Σ (μ² + σ² − 1 − ln σ²)
    inner = mean * mean + F.exp(log_variance) - 1 - log_variance
    return 0.5 * F.sum(inner, axis=-1)


def kl_bernoulli(
    target: Union[float, Any], mean: Any, epsilon: float = 1e-7
) -> Any:
    """Return KL of a unit's mean activation from the one wanted.

    ::

        KL(ρ ‖ ρ̂) = ρ ln(ρ / ρ̂) + (1 − ρ) ln((1 − ρ) / (1 − ρ̂))

    It is infinite where a unit is always off or always on, so ρ̂ is kept
    `epsilon` away from 0 and 1.

    Parameters
    ----------
    target : float
        ρ, between 0 and 1.
    mean : mx.np.ndarray
        ρ̂, of each unit.
    epsilon : float
        See above.

    Returns
    -------
    mx.np.ndarray
        One divergence for each unit.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> f"{float(kl_bernoulli(0.5, np.array([0.25]))[0]):.4f}"
    '0.1438'
    """
    if not 0 < target < 1:
        raise must("target", target, "be between 0 and 1")
    F, _ = namespace(mean)
    mean = F.clip(mean, epsilon, 1 - epsilon)
    return target * F.log(target / mean) + (1 - target) * (
        F.log((1 - target) / (1 - mean))
    )
