"""Batch normalization, from its equations.

[1] Ioffe and Szegedy 2015, on batch normalization,
https://arxiv.org/abs/1502.03167

Letters: ``B`` batch; ``C`` channels (or units); ``H, W`` height and width;
``μ`` and ``σ²`` mean and variance of a channel; ``γ`` and ``β`` the new scale
and offset that it learns; ``ε`` keeps the division finite.

Differences from the paper: the running variance is that of the minibatch, σ²,
without the factor m/(m − 1), as the book's listing and Gluon have it.

Book: ch. 5, "Accelerating Training with Batch Normalization"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import autograd, gluon, np, variance
from fdl.errors import ShapeError, must
from fdl.nn._checks import check_positive, check_share, check_whole

__all__ = ["BatchNorm", "moments", "normalize"]


def moments(x: Any, axis: int = 1) -> tuple[Any, Any]:
    """Return mean and variance of each channel over all that it holds.

    For activities `(B, C)` of a dense layer that is the minibatch; for
    feature maps `(B, C, H, W)` every place of every image counts as well,
    since a kernel's logits are all made by the same weights.

    Parameters
    ----------
    x : mx.np.ndarray
        `(B, C, …)`.
    axis : int
        Where the channels are.

    Returns
    -------
    mean, variance : mx.np.ndarray
        `(C,)` each; both carry gradients.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> mean, var = moments(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> mean.tolist(), var.tolist()
    ([2.0, 5.0], [1.0, 0.0])
    """
    axis = _place(x, axis)
    others = tuple(k for k in range(x.ndim) if k != axis)
    # μ = 1/m Σ x,   σ² = 1/m Σ (x − μ)²   [1] algorithm 1
    return np.mean(x, axis=others), variance(x, axis=others)


def normalize(
    x: Any,
    mean: Any,
    var: Any,
    gamma: Any,
    beta: Any,
    epsilon: float = 1e-3,
    axis: int = 1,
) -> Any:
    """Shift and scale each channel to mean β and deviation γ.

    ::

        y = γ (x − μ) / √(σ² + ε) + β

    Parameters
    ----------
    x : mx.np.ndarray
        `(B, C, …)`.
    mean, var, gamma, beta : mx.np.ndarray
        `(C,)` each.
    epsilon : float
        ε.
    axis : int
        Where the channels are.

    Returns
    -------
    mx.np.ndarray
        Of the shape of x.

    Examples
    --------
    A channel of mean 5 and deviation 2 gets the mean 1 and the deviation 3:

    >>> from fdl._mxnet import np
    >>> x, one = np.array([[3.0], [7.0]]), np.ones(1)
    >>> y = normalize(x, 5 * one, 4 * one, gamma=3 * one, beta=one)
    >>> y.round(2).tolist()
    [[-2.0], [4.0]]
    """
    shape = [1] * x.ndim
    shape[_place(x, axis)] = -1
    mean, var, gamma, beta = (
        a.reshape(*shape) for a in (mean, var, gamma, beta)
    )
    # x̂ = (x − μ) / √(σ² + ε),   y = γ x̂ + β   [1] algorithm 1
    return gamma * ((x - mean) / np.sqrt(var + epsilon)) + beta


def _place(x: Any, axis: int) -> int:
    """Return which axis of x is meant, counted from the first."""
    if not -x.ndim <= axis < x.ndim:
        raise must("axis", axis, f"be one of x, of shape {x.shape}")
    return axis % x.ndim


class BatchNorm(gluon.Block):
    """Normalizes each channel over the minibatch.

    The from-scratch twin of ``gluon.nn.BatchNorm``: the same arguments (with
    the book's ε), the same parameters, the same numbers. While training it
    normalizes by the minibatch's own moments and keeps a running average of
    them; otherwise it uses that average, so that a prediction does not depend
    on its neighbours in the batch.

    It is a plain block and no part of a compiled graph, since it moves its
    averages in the forward pass; Gluon's moves them in the backward pass.

    Parameters
    ----------
    axis : int
        Where the channels are.
    momentum : float
        Which part of a running average stays at each step: the decay.
    epsilon : float
        ε.
    center, scale : bool
        Whether β and γ are learned; otherwise they stay 0 and 1.
    use_global_stats : bool
        Use the running averages in training, too, and leave them alone.
    beta_initializer, gamma_initializer : str or mx initializer
        How β and γ start.
    running_mean_initializer, running_variance_initializer : likewise
        How the averages start.
    in_channels : int
        C; told by the first input if 0.

    Examples
    --------
    >>> from fdl._mxnet import autograd, np
    >>> layer = BatchNorm()
    >>> layer.initialize()
    >>> with autograd.record():
    ...     y = layer(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> y.round(2).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    """

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_share(momentum=momentum)
        check_positive(epsilon=epsilon)
        check_whole(least=0, in_channels=in_channels)
        if axis == 0:
            raise must("axis", axis, "not be that of the batch, 0")
        self.axis, self.momentum, self.epsilon = axis, momentum, epsilon
        self.use_global_stats = use_global_stats
        C = in_channels
        starts = {
            "gamma": (gamma_initializer, scale),
            "beta": (beta_initializer, center),
            "running_mean": (running_mean_initializer, False),
            "running_var": (running_variance_initializer, False),
        }
        for name, (start, learned) in starts.items():
            parameter = self.params.get(
                name,
                shape=(C,),
                init=start,
                allow_deferred_init=True,
                grad_req="write" if learned else "null",
                differentiable=learned,
            )
            setattr(self, name, parameter)

    def forward(self, x: Any) -> Any:
        """Return x `(B, C, …)`, normalized."""
        self._settle(x)
        mean, var = (
            parameter.data(x.ctx)
            for parameter in (self.running_mean, self.running_var)
        )
        if autograd.is_training() and not self.use_global_stats:
            m = self.momentum
            here = moments(x, self.axis)
            with autograd.pause():
                # r ← m r + (1 − m) μ, and likewise for σ²
                mean[:] = m * mean + (1 - m) * here[0]
                var[:] = m * var + (1 - m) * here[1]
            mean, var = here
        gamma, beta = self.gamma.data(x.ctx), self.beta.data(x.ctx)
        return normalize(x, mean, var, gamma, beta, self.epsilon, self.axis)

    def _settle(self, x: Any) -> None:
        """Check the input, and let it tell how many channels there are."""
        there = 2 <= x.ndim and -x.ndim < self.axis < x.ndim
        if not there or x.size == 0:
            raise ShapeError(
                f"`x` (=of shape {x.shape}) must have a batch first and "
                f"channels on axis {self.axis}, and not be empty."
            )
        given, wanted = onp.dtype(x.dtype), onp.dtype(self.gamma.dtype)
        if given != wanted:
            raise TypeError(
                f"`x` (=of type {given.name}) must be of {wanted.name}."
            )
        C = x.shape[self.axis]
        for parameter in self.params.values():
            if parameter.shape[0] > 0 and parameter.shape[0] != C:
                raise ShapeError(
                    f"`x` (=of shape {x.shape}) must have "
                    f"{parameter.shape[0]} channels on axis {self.axis}."
                )
            if parameter._deferred_init:
                parameter.shape = (C,)
                parameter._finish_deferred_init()

    def __repr__(self) -> str:
        C = self.gamma.shape[0]
        return (
            f"BatchNorm({C if C > 0 else '?'} channels, "
            f"momentum={self.momentum}, epsilon={self.epsilon})"
        )
