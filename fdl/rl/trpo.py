"""Trust region policy optimization: as far as the policy bears it, no further.

A step of a given length in the weights may change a policy hardly or wholly.
Here its length is measured in what it does: by the divergence between the
policy as it was and as it is. Near the present weights that is ½ ẇᵀ F ẇ, with
Fisher's matrix F, and the best direction within a given divergence solves a
linear system::

    F s = g                            g the gradient of the surrogate
    w ← w + β s,   ½ β² sᵀ F s = δ     shorter until KL ≤ δ and L grows
    L = mean(π(a | s) / π_old(a | s) · A)

F has the square of as many entries as there are weights. It is never written
down: conjugate gradients only ask for its product with a vector, which is a
derivative forward, a small matrix for each state, and a derivative back::

    F v = Jᵀ (diag(π) − π πᵀ) J v      J how logits change with weights

Letters: ``n`` weights; ``T`` steps; ``A`` actions, or advantages; ``w``
weights; ``g`` gradient; ``s`` direction; ``F`` Fisher's matrix; ``J`` the
Jacobian; ``δ`` the largest divergence; ``L`` the surrogate.

References: [1] Schulman et al. 2015, arXiv:1502.05477

Differences from the paper: (1) Advantages are returns less their mean, in
standard deviations. (2) Fisher's matrix is that of the policy's own actions,
not of a sample, and has a little added to its diagonal. (3) What would come
behind a time limit counts nothing.

Book: ch. 9, "Policy Gradients"
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple, Optional

import numpy as onp

from fdl import seeding
from fdl.rl import saving
from fdl.rl.actors import answer
from fdl.rl.episodes import batches
from fdl.rl.flat import along, back, first_weights, forward, unpack
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import not_negative, positive, share, whole
from fdl.scratch.neurons import softmax

__all__ = [
    "TRPO",
    "Config",
    "conjugate_gradient",
    "divergence",
    "fisher_product",
]

KEPT = ("returns", "lengths", "steps", "w")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    >>> dataclasses.replace(Config(), delta=0.001).batch
    16
    >>> Config(delta=0)
    Traceback (most recent call last):
    ...
    ValueError: `delta` (=0) must be a number above 0.
    """

    hidden: tuple[int, ...] = (32,)
    """Units of the hidden layers."""
    gamma: float = 0.99
    """The discount."""
    batch: int = 16
    """Episodes in an update."""
    delta: float = 0.01
    """δ."""
    directions: int = 10
    """Steps of conjugate gradients."""
    damping: float = 0.1
    """What is added to the diagonal of Fisher's matrix."""
    halvings: int = 10
    """How often a step is made half as long before none is taken."""

    def __post_init__(self) -> None:
        share("gamma", self.gamma)
        for name in ("batch", "directions", "halvings"):
            whole(name, getattr(self, name))
        positive("delta", self.delta)
        not_negative("damping", self.damping)


class Update(NamedTuple):
    """What an update has done.

    Attributes
    ----------
    divergence : float
        Of the policy from the one before; at most δ.
    gain : float
        Of the surrogate.
    halvings : int
        How often the step had to be made shorter.
    """

    divergence: float
    gain: float
    halvings: int


def divergence(old: Any, new: Any) -> float:
    """Return the mean of KL(π_old, π_new) = Σ_a π_old ln(π_old / π_new).

    Parameters
    ----------
    old, new : array `(T, A)`
        Logits.

    Examples
    --------
    >>> divergence([[0.0, 1.0]], [[5.0, 6.0]])
    0.0
    """
    p, q = _log_softmax(old), _log_softmax(new)
    return float((onp.exp(p) * (p - q)).sum(axis=-1).mean())


def fisher_product(
    w: onp.ndarray,
    sizes: Sequence[int],
    h: Sequence[onp.ndarray],
    v: onp.ndarray,
) -> onp.ndarray:
    """Return F v, `(n,)`, for the mean of Fisher's matrix over states.

    Parameters
    ----------
    w, sizes, h
        As of `along`.
    v : array `(n,)`
        What F is multiplied by.

    Examples
    --------
    One state, two actions of equal chance, weights of zero: of the two biases
    Fisher's matrix is that of a coin, ± ¼:

    >>> w, sizes = onp.zeros(4), (1, 2)
    >>> h = forward(w, sizes, [[0.0]])
    >>> fisher_product(w, sizes, h, onp.array([0.0, 0.0, 1.0, 0.0]))
    array([ 0.  ,  0.  ,  0.25, -0.25])
    >>> fisher_product(w, sizes, h, onp.array([0.0, 0.0, 1.0, 1.0]))
    array([0., 0., 0., 0.])
    """
    pi = softmax(h[-1])
    z = along(w, sizes, h, v)  # J v
    # (diag(π) − π πᵀ) z
    z = pi * (z - (pi * z).sum(axis=-1, keepdims=True))
    return back(w, sizes, h, z / len(z))  # Jᵀ of it


def conjugate_gradient(
    product: Callable[[onp.ndarray], onp.ndarray],
    b: onp.ndarray,
    steps: int,
    enough: float = 1e-10,
) -> onp.ndarray:
    """Return x with F x = b, for a positive definite F.

    Parameters
    ----------
    product : callable
        Returns F v for a vector v.
    b : array `(n,)`
        The right side.
    steps : int
        How many at most; n of them suffice.
    enough : float
        The squared length of b − F x at which to stop.

    Examples
    --------
    >>> F = onp.array([[4.0, 1.0], [1.0, 3.0]])
    >>> x = conjugate_gradient(lambda v: F @ v, onp.array([1.0, 2.0]), 2)
    >>> bool(onp.allclose(11 * x, [1, 7]))
    True
    """
    x = onp.zeros_like(b)
    r = p = b
    rr = r @ r
    for _ in range(steps):
        if rr <= enough:
            break
        Fp = product(p)
        a = rr / (p @ Fp)
        x, r = x + a * p, r - a * Fp
        rr, before = r @ r, rr
        p = r + rr / before * p
    return x


class TRPO:
    """Learns a policy in steps that change it by no more than δ.

    Parameters
    ----------
    env : gymnasium.Env
        A world like those it will act in: numbers seen, some actions.
    config : Config, optional
        Settings.
    seed : int
        Decides the first weights.

    Attributes
    ----------
    w : array `(n,)`
        The weights.
    returns, lengths : list
        Of all episodes.
    steps : list of Update
        What the updates have done.

    Examples
    --------
    >>> from fdl.rl import Choice
    >>> agent = TRPO(Choice(), Config(delta=0.05))
    >>> agent.learn(Choice(), episodes=320)
    >>> agent.act([0.0])
    1
    >>> max(step.divergence for step in agent.steps) <= 0.05
    True
    """

    def __init__(
        self, env: Any, config: Optional[Config] = None, *, seed: int = 0
    ) -> None:
        self.config = config or Config()
        inputs, actions = count_inputs(env), count_actions(env)
        self.sizes = (inputs, *self.config.hidden, actions)
        self._rng = seeding.generator(seed, "actions")
        w = first_weights(self.sizes, seeding.generator(seed, "first"))
        self.w = w.astype(float)
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.steps: list[Update] = []

    def __repr__(self) -> str:
        return f"TRPO({len(self.w):,} weights, {len(self.returns)} episodes)"

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action: the likeliest, or one drawn from π."""
        x = onp.asarray(observation, float).ravel()
        logits = answer(unpack(self.w, self.sizes), x)
        if explore:
            logits = logits + self._rng.gumbel(size=len(logits))
        return int(logits.argmax())

    def learn(
        self,
        env: Any,
        episodes: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        """Play, and learn from each `batch` of episodes.

        Parameters
        ----------
        env, episodes, seed, callbacks
            As of :func:`fdl.rl.episodes.batches`; the seed decides the
            actions as well.
        """
        check_sizes(env, self.sizes)
        self._rng = seeding.generator(seed, "actions", len(self.returns))
        for batch in batches(self, env, episodes, seed, callbacks):
            x, actions, G = (onp.concatenate(parts) for parts in zip(*batch))
            A = (G - G.mean()) / (onp.std(G) + 1e-8)
            self.steps.append(self._update(x, actions, A))

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned to a file."""
        saving.save(path, self, KEPT)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        saving.load(path, self, KEPT)
        self.steps = [Update(*step) for step in self.steps]

    def _update(self, x: onp.ndarray, done: onp.ndarray, A: Any) -> Update:
        """Take a step within the region; return what it has done."""
        c, w, sizes = self.config, self.w, self.sizes
        h = forward(w, sizes, x)
        old, rows = _log_softmax(h[-1]), onp.arange(len(x))

        def surrogate(logits: onp.ndarray) -> float:
            new = _log_softmax(logits)
            # L = mean(π(a | s) / π_old(a | s) · A)
            ratio = onp.exp(new[rows, done] - old[rows, done])
            return float((ratio * A).mean())

        def product(v: onp.ndarray) -> onp.ndarray:
            return fisher_product(w, sizes, h, v) + c.damping * v

        # g = mean(A ∇ ln π(a | s)), where ∂ ln π(a) / ∂ z = 1_a − π
        u = -onp.exp(old)
        u[rows, done] += 1
        g = back(w, sizes, h, u * onp.asarray(A)[:, onp.newaxis] / len(x))
        s = conjugate_gradient(product, g, c.directions)
        size = float(s @ product(s))
        if size <= 0:  # nothing to be gained anywhere
            return Update(0.0, 0.0, 0)
        beta = math.sqrt(2 * c.delta / size)
        for halvings in range(c.halvings + 1):
            tried = w + beta * 0.5**halvings * s
            logits = forward(tried, sizes, x)[-1]
            gain = surrogate(logits) - surrogate(h[-1])
            kl = divergence(h[-1], logits)
            if gain > 0 and kl <= c.delta:
                self.w = tried
                return Update(kl, gain, halvings)
        return Update(0.0, 0.0, c.halvings + 1)


def _log_softmax(z: Any) -> onp.ndarray:
    z = onp.asarray(z, float)
    z = z - z.max(axis=-1, keepdims=True)
    return onp.asarray(z - onp.log(onp.exp(z).sum(axis=-1, keepdims=True)))
