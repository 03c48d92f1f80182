"""What is done to codes, and what they cost, with the gradients.

Letters: ``B`` batch, ``m`` units of a code; ``ρ`` the activity wanted of a
unit and ``ρ̂`` its mean over the batch; ``μ`` and ``σ²`` mean and variance of
a latent variable, ``ε`` a standard normal number.

References: [1] Makhzani and Frey 2014, arXiv:1312.5663; [2] Kingma and
Welling 2014, arXiv:1312.6114.

Book: ch. 6, "Sparsity in Autoencoders"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped, whole

__all__ = ["draw_latent", "k_largest", "normal_divergence", "unit_divergence"]

Pair = tuple[Any, np.ndarray]


def k_largest(z: Any, k: int) -> Pair:
    """Return z with all but its k largest values zero, and dh/dz [1].

    Parameters
    ----------
    z : array `(B, m)`
        Codes.
    k : int
        How many values of each to keep; of equal ones the first.

    Returns
    -------
    h, slope : arrays `(B, m)`
        The slope is 1 where a value was kept and 0 elsewhere.

    Examples
    --------
    >>> h, slope = k_largest([[0.3, -1.0, 2.0, 0.5]], 2)
    >>> h, slope
    (array([[0. , 0. , 2. , 0.5]]), array([[0., 0., 1., 1.]]))
    """
    z = shaped("z", floats("z", z), "B", "m")
    if whole("k", k) > z.shape[1]:
        raise must("k", k, f"be at most the {z.shape[1]} units of a code")
    largest = np.argsort(-z, axis=1, kind="stable")[:, :k]
    slope = np.zeros_like(z)
    np.put_along_axis(slope, largest, 1, axis=1)
    return np.where(slope > 0, z, 0.0), slope


def unit_divergence(target: float, h: Any) -> Pair:
    """Return Σ_j KL(ρ ‖ ρ̂_j) of a batch of codes, and its gradient.

    ::

        ρ̂_j = 1/B Σ_b h_bj
        KL  = ρ ln(ρ / ρ̂) + (1 − ρ) ln((1 − ρ) / (1 − ρ̂))

    Parameters
    ----------
    target : float
        ρ, above 0 and below 1. Where it were 0, KL would be −ln(1 − ρ̂), and
        where a unit's ρ̂ is 0 and ρ is not, KL is infinite.
    h : array `(B, m)`
        Codes between 0 and 1.

    Examples
    --------
    >>> kl, gradient = unit_divergence(0.5, [[0.5], [0.0]])
    >>> f"{kl:.4f}", gradient
    ('0.1438', array([[-0.66666667],
           [-0.66666667]]))
    """
    if not 0 < target < 1:
        raise must("target", target, "be between 0 and 1")
    h = shaped("h", floats("h", h), "B", "m")
    if h.min() < 0 or h.max() > 1:
        raise must("h", h, "be between 0 and 1")
    mean = h.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        kl = target * np.log(target / mean) + (1 - target) * np.log(
            (1 - target) / (1 - mean)
        )
        # ∂KL/∂ρ̂ = −ρ/ρ̂ + (1 − ρ)/(1 − ρ̂),   ∂ρ̂/∂h = 1/B
        slope = -target / mean + (1 - target) / (1 - mean)
    return kl.sum(), np.tile(slope / len(h), (len(h), 1))


def normal_divergence(mean: Any, log_variance: Any) -> tuple[Any, Any, Any]:
    """Return KL(N(μ, σ²) ‖ N(0, 1)) of codes, and its two gradients [2].

    ::

        KL = ½ Σ (μ² + σ² − 1 − ln σ²)

    Parameters
    ----------
    mean, log_variance : arrays `(B, m)`
        μ and ln σ².

    Returns
    -------
    kl : array `(B,)`
        0 where all μ = 0 and all σ² = 1.
    by_mean, by_log_variance : arrays `(B, m)`
        ∂KL/∂μ = μ and ∂KL/∂ln σ² = ½ (σ² − 1).

    Examples
    --------
    >>> normal_divergence([[1.0]], [[0.0]])
    (array([0.5]), array([[1.]]), array([[0.]]))
    """
    mu = shaped("mean", floats("mean", mean), "B", "m")
    ln_v = floats("log_variance", log_variance)
    shaped("log_variance", ln_v, *mu.shape)
    v = np.exp(ln_v)
    kl = 0.5 * (mu**2 + v - 1 - ln_v).sum(axis=1)
    return kl, mu, 0.5 * (v - 1)


def draw_latent(mean: Any, log_variance: Any, noise: Any) -> np.ndarray:
    """Return latent variables drawn so that gradients reach μ and σ [2].

    ::

        z = μ + σ ε

    Parameters
    ----------
    mean, log_variance, noise : arrays `(B, m)`
        μ, ln σ² and ε.

    Examples
    --------
    >>> draw_latent([[1.0]], [[np.log(4.0)]], [[-0.5]])
    array([[0.]])
    """
    mu = shaped("mean", floats("mean", mean), "B", "m")
    ln_v = floats("log_variance", log_variance)
    shaped("log_variance", ln_v, *mu.shape)
    epsilon = shaped("noise", floats("noise", noise), *mu.shape)
    # z = μ + σ ε
    return mu + np.exp(0.5 * ln_v) * epsilon
