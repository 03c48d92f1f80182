"""A3C: actors that play side by side, and a critic that says what is usual.

One network gives the logits of the actions and the value of the state. What a
step has brought, less that value, is its *advantage*; actions of positive
advantage are made likelier. Several actors, each in a process of its own,
play at once, and none of them waits for another::

    R_t = r_t + γ R_{t+1}              R_T = v(s_T), or 0 at an end
    E = mean(−(R − v) ln π(a) + c ½ (R − v)² − β H(π))

Letters: ``T`` steps; ``A`` actions; ``π`` the policy, ``v`` values; ``R``
returns; ``H`` entropy.

References: [1] Mnih et al. 2016, arXiv:1602.01783

Differences from the paper: (1) Actors send what happened; one learner takes
the steps, with all that has come in since the last. (2) Adam. (3) Layers of
plain units: pictures are taken as numbers in a row.

Book: ch. 9, "Asynchronous Advantage Actor-Critic Agent (A3C)"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as onp

from fdl import device as devices
from fdl import seeding
from fdl._mxnet import autograd, namespace, np
from fdl.nn.feed_forward import FeedForward
from fdl.rl import descent, saving
from fdl.rl.actors import ActorFailed, Alone, Crew, Roll, is_made
from fdl.rl.host_net import HostNet
from fdl.rl.policy_gradient import policy_loss
from fdl.rl.returns import discounted
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import not_negative, positive, share, whole

__all__ = ["A3C", "Config", "entropy"]

KEPT = ("steps", "returns", "lengths", "losses")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    Without processes of their own for the actors, a seed decides everything:

    >>> Config(actors=0, rollout=5).actors
    0
    >>> Config(actors=0, rollout=0)
    Traceback (most recent call last):
    ...
    ValueError: `rollout` (=0) must be a whole number from 1 up.
    """

    hidden: tuple[int, ...] = (64, 64)
    """Units of the hidden layers."""
    actors: int = 2
    """Processes that play; with 0, the agent's own process plays."""
    rollout: int = 20
    """Steps that an actor plays with the same weights."""
    learning_rate: float = 1e-3
    """Adam's ε."""
    gamma: float = 0.99
    """The discount."""
    value_weight: float = 0.5
    """c: what an error of the values weighs."""
    entropy_weight: float = 0.01
    """β: what it is worth to stay undecided."""

    def __post_init__(self) -> None:
        whole("actors", self.actors, 0)
        whole("rollout", self.rollout)
        positive("learning_rate", self.learning_rate)
        share("gamma", self.gamma)
        for name in ("value_weight", "entropy_weight"):
            not_negative(name, getattr(self, name))


def entropy(logits: Any) -> Any:
    """Return how undecided a policy is, H(π) = −Σ_a π(a) ln π(a).

    Parameters
    ----------
    logits : array `(T, A)`
        Of the actions.

    Returns
    -------
    array `(T,)`
        From 0 to ln A.

    Examples
    --------
    Of an even choice between two it is ln 2, of a clear one nearly 0:

    >>> from fdl._mxnet import np
    >>> entropy(np.array([[3.0, 3.0], [0.0, 9.0]])).round(3)
    array([0.693, 0.001])
    """
    _, npx = namespace(logits)
    log_pi = npx.log_softmax(logits, axis=-1)
    return -(npx.softmax(logits, axis=-1) * log_pi).sum(axis=-1)


class A3C:
    """Learns a policy and values from actors that play side by side.

    Parameters
    ----------
    env : gymnasium.Env
        A world like those it will act in: numbers seen, some actions.
    config : Config, optional
        Settings.
    seed : int
        Decides the first weights.
    device : device, optional
        See :func:`fdl.device.resolve`.

    Attributes
    ----------
    net : fdl.nn.FeedForward
        Observations → logits of the actions, and last the value.
    steps : int
        Steps taken by all actors.
    returns, lengths : list
        Of all episodes that were played to their end.
    losses : list of float
        Of all updates.

    Examples
    --------
    The second state is followed by 1; with γ = ½ the first is worth ½:

    >>> from fdl.rl import Delay
    >>> settings = Config((8,), actors=0, learning_rate=0.05, gamma=0.5)
    >>> agent = A3C(Delay(), settings)
    >>> agent.learn(Delay(), steps=120)
    >>> abs(agent.value([0.0]) - 0.5) < 0.2, abs(agent.value([1.0]) - 1) < 0.2
    (True, True)
    """

    def __init__(
        self,
        env: Any,
        config: Optional[Config] = None,
        *,
        seed: int = 0,
        device: Any = None,
    ) -> None:
        self.config = c = config or Config()
        inputs, self.actions = count_inputs(env), count_actions(env)
        self._sizes = inputs, self.actions
        self.device = devices.resolve(device)[0]
        seeding.seed_all(seed)
        self.net = FeedForward((inputs, *c.hidden, self.actions + 1))
        self.trainer = descent.adam(self.net, c.learning_rate, self.device)
        self._host = HostNet(self.net)
        self._rng = seeding.generator(seed, "acting")
        self.steps = 0
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.losses: list[float] = []

    def __repr__(self) -> str:
        return f"A3C({self.steps:,} steps, {len(self.returns)} episodes)"

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action: the likeliest, or one drawn from π."""
        logits = self._answer(observation)[:-1]
        if explore:
            logits = logits + self._rng.gumbel(size=len(logits))
        return int(logits.argmax())

    def value(self, observation: Any) -> float:
        """Return what a state is thought to be worth."""
        return float(self._answer(observation)[-1])

    def learn(
        self,
        env: Any,
        steps: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        path: Optional[saving.PathLike] = None,
    ) -> None:
        """Let the actors play, and learn from what they send.

        With one actor, or none, a seed decides everything; with more, it
        depends on which of them is faster.

        Parameters
        ----------
        env : gymnasium.Env or callable
            The world, of which each actor gets a copy, or what makes one.
        steps : int
            How many to take in all.
        seed : int
            Decides the worlds and the actions.
        callbacks : sequence of callable
            Called with the agent after every update; one that returns what
            counts as true ends the learning.
        path : path, optional
            Where to save the agent when this ends, be it by Ctrl-C or
            because of an actor that has failed.
        """
        whole("steps", steps)
        if is_made(env):
            check_sizes(env, self._sizes)
        try:
            self._learn(env, self.steps + steps, seed, callbacks)
        except (KeyboardInterrupt, ActorFailed):
            if path is not None:
                self.save(path)
            raise
        if path is not None:
            self.save(path)

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned to a file."""
        saving.save(path, self, KEPT)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        saving.load(path, self, KEPT)
        self._host.refresh()

    def _learn(
        self, env: Any, end: int, seed: int, callbacks: Sequence[Any]
    ) -> None:
        c = self.config
        seed = seeding.derive(seed, "learning", self.steps)
        given = env, self.actions, c.rollout, seed, self._host.layers
        with Crew(c.actors, *given) if c.actors else Alone(*given) as crew:
            while self.steps < end:
                found = crew.collect()
                rolls = [roll for _, roll in found]
                self.losses.append(self._update(rolls))
                for roll in rolls:
                    self.steps += len(roll.actions)
                    if roll.over:
                        self.returns.append(roll.total)
                        self.lengths.append(roll.length)
                if any([callback(self) for callback in callbacks]):
                    break
                crew.go_on([pipe for pipe, _ in found], self._host.layers)

    def _update(self, rolls: Sequence[Roll]) -> float:
        """Take a step with what some actors have sent; return the loss."""
        c = self.config
        # R_T = v(s_T), or 0 at an end
        R = onp.concatenate(
            [
                discounted(roll.rewards, c.gamma, self._expected(roll))
                for roll in rolls
            ]
        )
        seen = onp.concatenate([roll.seen[:-1] for roll in rolls])
        done = onp.concatenate([roll.actions for roll in rolls])
        A = R - self._host(seen)[:, -1]
        x, actions, R, A = (
            np.array(array, dtype=kind, ctx=self.device)
            for array, kind in zip(
                (seen, done, R, A), ("float32", "int32", "float32", "float32")
            )
        )
        with autograd.record():
            found = self.net(x)
            logits, v = found[:, :-1], found[:, -1]
            # −(R − v) ln π(a), where R − v is taken as a number
            loss = policy_loss(logits, actions, A)
            # + c ½ (R − v)²
            loss = loss + c.value_weight * ((R - v) ** 2).mean() / 2
            # − β H(π)
            loss = loss - c.entropy_weight * entropy(logits).mean()
        loss.backward()
        self.trainer.step(1)
        self._host.refresh()
        return descent.finite(loss, f"at step {self.steps}")

    def _expected(self, roll: Roll) -> float:
        """Return what is to come behind a roll: nothing where it has ended."""
        if roll.ended:
            return 0.0
        v = self._answer(roll.seen[-1])[-1]
        return descent.finite(v, f"at step {self.steps}", "value")

    def _answer(self, observation: Any) -> onp.ndarray:
        return self._host(onp.asarray(observation, onp.float32).ravel())
