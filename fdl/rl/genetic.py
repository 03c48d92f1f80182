"""Genetic algorithm: the best of a generation have children, slightly changed.

Letters: ``P`` members of a generation; ``w`` weights; ``z`` noise; ``σ`` how
far a child is from its parent.

References: [1] Such et al. 2017, arXiv:1712.06567

Differences from the paper: (1) All of a generation meet the same worlds, by
whose mean return the best is known as well. (2) Weights are kept, not the
seeds of their changes.

Book: ch. 9, "Policy Versus Value Learning"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as onp

from fdl import seeding
from fdl.rl import saving
from fdl.rl.flat import Player, first_weights, unpack
from fdl.rl.playing import watch
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import positive, whole

__all__ = ["Config", "Genetic", "offspring"]

KEPT = ("returns", "lengths", "members")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    >>> Config(population=50, parents=10).sigma
    0.2
    >>> Config(population=10, parents=10)
    Traceback (most recent call last):
    ...
    ValueError: `parents` (=10) must be a whole number from 1 to 9.
    """

    hidden: tuple[int, ...] = (16,)
    """Units of the hidden layers."""
    population: int = 20
    """P."""
    parents: int = 5
    """How many of them have children."""
    sigma: float = 0.2
    """σ."""
    trials: int = 1
    """Episodes that each member plays."""

    def __post_init__(self) -> None:
        whole("population", self.population, least=2)
        whole("parents", self.parents, most=self.population - 1)
        positive("sigma", self.sigma)
        whole("trials", self.trials)


def offspring(
    members: onp.ndarray,
    fitness: Any,
    parents: int,
    sigma: float,
    rng: onp.random.Generator,
) -> onp.ndarray:
    """Return the next generation: the best as it is, then children.

    Parameters
    ----------
    members : array `(P, n)`
        The weights of all.
    fitness : array `(P,)`
        What each has earned.
    parents : int
        How many of the best have children, each as many by chance.
    sigma : float
        σ.
    rng : numpy.random.Generator
        Decides.

    Returns
    -------
    array `(P, n)`

    Examples
    --------
    The best of three as it is, then children of the two best:

    >>> members = onp.array([[0.0], [100.0], [200.0]])
    >>> rng = onp.random.default_rng(0)
    >>> offspring(members, [1.0, 9.0, 5.0], 2, 0.1, rng).round().tolist()
    [[100.0], [200.0], [200.0]]
    """
    best = onp.argsort(-onp.asarray(fitness), kind="stable")[:parents]
    chosen = rng.integers(parents, size=len(members) - 1)
    z = rng.standard_normal((len(members) - 1, members.shape[1]))
    # w of a child = w of its parent + σ z
    children = members[best[chosen]] + sigma * z
    return onp.concatenate([members[best[:1]], children]).astype(members.dtype)


class Genetic:
    """Learns by selection.

    Parameters
    ----------
    env : gymnasium.Env
        A world like those it will act in: numbers seen, some actions.
    config : Config, optional
        Settings.
    seed : int
        Decides the first generation.

    Attributes
    ----------
    members : array `(P, n)`
        The weights of a generation, the best of the one before first.
    returns, lengths : list
        Of all episodes, those of a generation together.

    Examples
    --------
    >>> from fdl.rl import Choice
    >>> agent = Genetic(Choice())
    >>> agent.learn(Choice(), episodes=100)
    >>> agent.act([0.0])
    1
    """

    def __init__(
        self, env: Any, config: Optional[Config] = None, *, seed: int = 0
    ) -> None:
        self.config = c = config or Config()
        inputs, actions = count_inputs(env), count_actions(env)
        self.sizes = (inputs, *c.hidden, actions)
        rng = seeding.generator(seed, "first")
        self.members = onp.stack(
            [first_weights(self.sizes, rng) for _ in range(c.population)]
        )
        self.returns: list[float] = []
        self.lengths: list[int] = []

    def __repr__(self) -> str:
        n = self.members.shape[1]
        return f"Genetic({n:,} weights, {len(self.returns)} episodes)"

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return the best member's action."""
        return self._player(0).act(observation)

    def learn(
        self,
        env: Any,
        episodes: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        """Play whole generations.

        Parameters
        ----------
        env : gymnasium.Env
            The world.
        episodes : int
            How many to play; of a generation that would go beyond, none.
        seed : int
            Decides the worlds and the children.
        callbacks : sequence of callable
            Called with the agent after every generation; one that returns
            what counts as true ends the learning.
        """
        c = self.config
        each = c.population * c.trials
        whole("episodes", episodes, least=each)
        check_sizes(env, self.sizes)
        for _ in range(episodes // each):
            now = len(self.returns)
            for k in range(c.population):
                for trial in range(c.trials):
                    world = seeding.derive(seed, "world", now, trial)
                    seen = watch(self._player(k), env, world, pictures=False)
                    self.returns.append(float(seen.rewards.sum()))
                    self.lengths.append(len(seen.rewards))
            earned = onp.reshape(self.returns[now:], (-1, c.trials))
            rng = seeding.generator(seed, "children", now)
            self.members = offspring(
                self.members, earned.mean(axis=1), c.parents, c.sigma, rng
            )
            if any([callback(self) for callback in callbacks]):
                break

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned to a file."""
        saving.save(path, self, KEPT)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        saving.load(path, self, KEPT)

    def _player(self, k: int) -> Player:
        return Player(unpack(self.members[k], self.sizes))
