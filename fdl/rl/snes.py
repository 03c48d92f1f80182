"""Evolution strategy: improve a network by trying others near it.

Nothing is differentiated, and of an episode nothing counts but its sum of
rewards. Around the present weights others are drawn; the better one of them
does, the more the present weights move its way::

    w_k = w + σ z_k                    z_k ~ N(0, 1)
    w ← w + ε σ Σ_k u_k z_k

``u`` are *utilities*: they tell the rank of a try and not its return, so that
one lucky try does not count for more than all others together.

Letters: ``P`` tries in a generation; ``w`` weights, ``n`` of them; ``z``
noise; ``σ`` how far tries reach; ``u`` utilities; ``ε`` the learning rate.

References: [1] Wierstra et al. 2014, "Natural Evolution Strategies"

Differences from the paper: (1) σ is one number and stays as it is, where the
separable strategy (SNES) fits one to each weight. (2) Tries come in pairs, z
and −z.

Book: ch. 9, "Policy Versus Value Learning"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as onp

from fdl import seeding
from fdl.errors import must
from fdl.rl import saving
from fdl.rl.flat import Player, first_weights, unpack
from fdl.rl.playing import watch
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import floats, positive, shaped, whole

__all__ = ["SNES", "Config", "step", "utilities"]

KEPT = ("returns", "lengths", "w")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    >>> Config(population=50, sigma=0.1).learning_rate
    1.0
    >>> Config(population=25)
    Traceback (most recent call last):
    ...
    ValueError: `population` (=25) must be an even number.
    """

    hidden: tuple[int, ...] = (16,)
    """Units of the hidden layers."""
    population: int = 20
    """P, an even number."""
    sigma: float = 0.2
    """σ."""
    learning_rate: float = 1.0
    """ε."""

    def __post_init__(self) -> None:
        if whole("population", self.population, least=4) % 2:
            raise must("population", self.population, "be an even number")
        positive("sigma", self.sigma)
        positive("learning_rate", self.learning_rate)


def utilities(returns: Any) -> onp.ndarray:
    """Return what each try counts for, by its rank.

    ::

        u_k ∝ max(0, ln(P / 2 + 1) − ln(rank_k)),   less their mean 1 / P

    Tries of equal return share what their ranks would count.

    Parameters
    ----------
    returns : array `(P,)`
        Of the tries.

    Returns
    -------
    array `(P,)`
        They sum to 0.

    Examples
    --------
    >>> utilities([5.0, 90.0, 7.0, 6.0]).round(2).tolist()
    [-0.25, 0.48, 0.02, -0.25]
    """
    returns = shaped("returns", floats("returns", returns), "P")
    P = len(returns)
    by_rank = onp.log(P / 2 + 1) - onp.log(onp.arange(1, P + 1))
    by_rank = onp.maximum(by_rank, 0)
    u = onp.empty(P)
    u[onp.argsort(-returns)] = by_rank / by_rank.sum() - 1 / P
    _, kind = onp.unique(returns, return_inverse=True)
    return (onp.bincount(kind, u) / onp.bincount(kind))[kind]


def step(
    w: onp.ndarray,
    noise: onp.ndarray,
    returns: Any,
    *,
    sigma: float,
    learning_rate: float = 1.0,
) -> onp.ndarray:
    """Return weights that have moved the way of the better tries.

    Parameters
    ----------
    w : array `(n,)`
        Where they are.
    noise : array `(P, n)`
        z.
    returns : array `(P,)`
        What w + σ z has earned.
    sigma, learning_rate : float
        σ and ε.

    Examples
    --------
    Of a pair of tries the one above has earned more:

    >>> step(onp.zeros(1), onp.array([[1.0], [-1.0]]), [3.0, 1.0], sigma=0.2)
    array([0.2])
    """
    # w ← w + ε σ Σ_k u_k z_k
    return w + learning_rate * sigma * (utilities(returns) @ noise)


class SNES:
    """Learns by trying weights near its own.

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
        Of all episodes, those of a generation together.

    Examples
    --------
    >>> from fdl.rl import Choice
    >>> agent = SNES(Choice())
    >>> agent.learn(Choice(), episodes=200)
    >>> agent.act([0.0])
    1
    """

    def __init__(
        self, env: Any, config: Optional[Config] = None, *, seed: int = 0
    ) -> None:
        self.config = config or Config()
        inputs, actions = count_inputs(env), count_actions(env)
        self.sizes = (inputs, *self.config.hidden, actions)
        self.w = first_weights(self.sizes, seeding.generator(seed, "first"))
        self.returns: list[float] = []
        self.lengths: list[int] = []

    def __repr__(self) -> str:
        return f"SNES({len(self.w):,} weights, {len(self.returns)} episodes)"

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action; what it tries are weights, not actions."""
        return Player(unpack(self.w, self.sizes)).act(observation)

    def learn(
        self,
        env: Any,
        episodes: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        """Play whole generations, an episode with each try.

        All tries of a generation meet the same world.

        Parameters
        ----------
        env : gymnasium.Env
            The world.
        episodes : int
            How many to play; of a generation that would go beyond, none.
        seed : int
            Decides the worlds and the tries.
        callbacks : sequence of callable
            Called with the agent after every generation; one that returns
            what counts as true ends the learning.
        """
        c = self.config
        whole("episodes", episodes, least=c.population)
        check_sizes(env, self.sizes)
        for _ in range(episodes // c.population):
            now = len(self.returns)
            rng = seeding.generator(seed, "tries", now)
            half = rng.standard_normal((c.population // 2, len(self.w)))
            noise = onp.concatenate([half, -half]).astype(self.w.dtype)
            world = seeding.derive(seed, "world", now)
            for z in noise:
                player = Player(unpack(self.w + c.sigma * z, self.sizes))
                seen = watch(player, env, world, pictures=False)
                self.returns.append(float(seen.rewards.sum()))
                self.lengths.append(len(seen.rewards))
            self.w = step(
                self.w,
                noise,
                self.returns[now:],
                sigma=c.sigma,
                learning_rate=c.learning_rate,
            ).astype(onp.float32)
            if any([callback(self) for callback in callbacks]):
                break

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned to a file."""
        saving.save(path, self, KEPT)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        saving.load(path, self, KEPT)
