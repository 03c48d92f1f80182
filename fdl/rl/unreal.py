"""UNREAL: an actor-critic that sets itself tasks where rewards are rare.

A world that seldom rewards teaches seldom. So the network that chooses the
actions is asked for more, all of which can be learned from whatever happens:
how to make pixels change, and what reward comes next. And what was lived
through is kept for a while, and is worth to be valued again::

    E = E_A3C + λ_P E_P + λ_R E_R + λ_V E_V

    E_P = mean ½ (y − q(s, a))²        pixel control, y = Δ + γ_P y′
    E_R = mean −ln p(sign of r)        reward prediction, from three frames
    E_V = mean ½ (R − v(s))²           value replay

Letters: ``T`` steps of a roll; ``n`` numbers seen; ``F`` features; ``H``
units that remember; ``A`` actions; ``C`` cells of the picture, ``Δ`` how much
they change; ``q`` what that will sum to; ``v`` values, ``R`` returns.

References: [1] Jaderberg et al. 2016, arXiv:1611.05397

Differences from the paper: (1) One actor. (2) A layer of plain units looks,
where the paper has convolutions, and a GRU remembers, not an LSTM; neither
sees the last action and reward. (3) q is one layer, not a duel of two, and
its error is a mean over cells. (4) What is learned from again is one roll as
it was played, with what was remembered then. (5) Adam.

Book: ch. 9, "UNsupervised REinforcement and Auxiliary Learning (UNREAL)"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as onp

from fdl import device as devices
from fdl import seeding
from fdl._mxnet import autograd, np
from fdl.errors import must
from fdl.nn.losses import cross_entropy
from fdl.rl import actor_critic, descent, saving
from fdl.rl.actor_critic import entropy
from fdl.rl.actors import Actor, Roll
from fdl.rl.auxiliary import (
    control_loss,
    pixel_changes,
    skewed,
    triples,
    value_loss,
)
from fdl.rl.policy_gradient import policy_loss
from fdl.rl.returns import discounted
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.rl.unreal_network import Host, Network
from fdl.scratch._checks import not_negative, share, whole

__all__ = ["UNREAL", "Config"]

KEPT = ("steps", "returns", "lengths", "losses")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings; each task is left out whose weight is 0.

    Examples
    --------
    Where no pictures are seen there is nothing to be made of them:

    >>> Config(pixel_weight=0).reward_weight
    1.0
    >>> Config(pixel_weight=-1)
    Traceback (most recent call last):
    ...
    ValueError: `pixel_weight` (=-1) must be a number from 0 up.
    """

    features: int = 64
    """F."""
    hidden: int = 64
    """H."""
    rollout: int = 20
    """Steps that are played with the same weights."""
    learning_rate: float = 1e-3
    """Adam's ε."""
    gamma: float = 0.99
    """The discount."""
    value_weight: float = 0.5
    """What an error of the values weighs."""
    entropy_weight: float = 0.01
    """What it is worth to stay undecided."""
    kept: int = 2000
    """Steps that are kept to learn from again."""
    cell: int = 3
    """Pixels on each side of a cell."""
    pixel_gamma: float = 0.9
    """γ_P."""
    pixel_weight: float = 1.0
    """λ_P; 0 where no pictures are seen."""
    reward_weight: float = 1.0
    """λ_R."""
    replay_weight: float = 1.0
    """λ_V."""
    foretold: int = 8
    """Rewards to be foretold in an update."""

    def __post_init__(self) -> None:
        # what it shares with the actor-critic is checked there
        actor_critic.Config(
            rollout=self.rollout,
            learning_rate=self.learning_rate,
            gamma=self.gamma,
            value_weight=self.value_weight,
            entropy_weight=self.entropy_weight,
        )
        share("pixel_gamma", self.pixel_gamma)
        for name in ("features", "hidden", "kept", "cell", "foretold"):
            whole(name, getattr(self, name))
        for name in ("pixel_weight", "reward_weight", "replay_weight"):
            not_negative(name, getattr(self, name))


class UNREAL:
    """Learns a policy, values, and what else it can from what happens.

    Parameters
    ----------
    env : gymnasium.Env
        A world like those it will act in: numbers or pictures seen, one at a
        time, and some actions.
    config : Config, optional
        Settings.
    seed : int
        Decides the first weights.
    device : device, optional
        See :func:`fdl.device.resolve`.

    Attributes
    ----------
    net : Network
        All that it has learned.
    steps : int
        Steps taken.
    returns, lengths : list
        Of all episodes that were played to their end.
    losses : list of float
        Of all updates.

    Examples
    --------
    Catch shows 7 × 5 fields, of which two cells of 3 × 3 are looked at:

    >>> from fdl.rl import Catch
    >>> agent = UNREAL(Catch(), Config(features=8, hidden=8, rollout=6))
    >>> agent.net.control.weight.shape  # 3 actions × 2 cells, 8 units
    (6, 8)
    >>> agent.learn(Catch(), steps=18)
    >>> agent, len(agent.losses)
    (UNREAL(18 steps, 3 episodes), 3)
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
        self._shape = tuple(env.observation_space.shape)
        self._scale = 255 if env.observation_space.dtype == onp.uint8 else 1
        cells = 0
        if c.pixel_weight:
            if len(self._shape) != 2 or min(self._shape) < c.cell:
                rule = f"be 0 where what is seen has the shape {self._shape}"
                raise must("pixel_weight", c.pixel_weight, rule)
            cells = (self._shape[0] // c.cell) * (self._shape[1] // c.cell)
        self.device = devices.resolve(device)[0]
        seeding.seed_all(seed)
        self.net = Network(inputs, c.features, c.hidden, self.actions, cells)
        self.trainer = descent.adam(self.net, c.learning_rate, self.device)
        self._host = Host(self.net)
        self._rng = seeding.generator(seed, "actions")
        self._kept: list[tuple[onp.ndarray, Roll]] = []
        self.steps = 0
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.losses: list[float] = []

    def __repr__(self) -> str:
        return f"UNREAL({self.steps:,} steps, {len(self.returns)} episodes)"

    def begin(self) -> None:
        """Forget what was seen: an episode begins."""
        self._host.begin()

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action: the likeliest, or one drawn from π.

        What is seen is remembered until `begin` is called.
        """
        x = onp.asarray(observation, onp.float32).ravel()
        logits = self._answer(self._host, x)[:-1]
        if explore:
            logits = logits + self._rng.gumbel(size=self.actions)
        return int(logits.argmax())

    def value(self, observation: Any) -> float:
        """Return what a state is thought to be worth; it is not remembered."""
        h = self._host.h
        x = onp.asarray(observation, onp.float32).ravel()
        v = float(self._answer(self._host, x)[-1])
        self._host.h = h
        return v

    def learn(
        self,
        env: Any,
        steps: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        """Play, and learn from what happens and from what has happened.

        Parameters
        ----------
        env : gymnasium.Env
            The world.
        steps : int
            How many to take.
        seed : int
            Decides the world, the actions and what is learned from again.
        callbacks : sequence of callable
            Called with the agent after every update; one that returns what
            counts as true ends the learning.
        """
        whole("steps", steps)
        check_sizes(env, self._sizes)
        c, end = self.config, self.steps + steps
        seed = seeding.derive(seed, "learning", self.steps)
        self._rng = seeding.generator(seed, "again")
        actor = Actor(env, self.actions, c.rollout, seed, self._answer)
        self.begin()
        while self.steps < end:
            h = self._host.h
            roll = actor.roll(self._host)
            self.steps += len(roll.actions)
            self._kept.append((h, roll))
            self._forget()
            self.losses.append(self._update(h, roll))
            if roll.over:
                self.returns.append(roll.total)
                self.lengths.append(roll.length)
                self.begin()
            h = self._host.h
            stop = any([callback(self) for callback in callbacks])
            self._host.h = h  # one that has let it play has made it forget
            if stop:
                break

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned, and what it has kept, to a file."""
        kept = [(h, *roll) for h, roll in self._kept]
        saving.save(path, self, KEPT, kept=kept)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        kept = saving.load(path, self, KEPT)["kept"]
        self._kept = [(h, Roll(*roll)) for h, *roll in kept]
        self._host.refresh()

    def _answer(self, host: Host, x: onp.ndarray) -> onp.ndarray:
        return host(x / self._scale)

    def _forget(self) -> None:
        """Drop the oldest rolls, until no more steps are kept than may be."""
        steps = sum(len(roll.actions) for _, roll in self._kept)
        while steps > self.config.kept and len(self._kept) > 1:
            steps -= len(self._kept.pop(0)[1].actions)

    def _update(self, h: onp.ndarray, roll: Roll) -> float:
        """Take a step with a roll, and with what is kept; return the loss."""
        c = self.config
        then, old = self._kept[self._rng.integers(len(self._kept))]
        x = onp.zeros((2, c.rollout + 1, roll.seen.shape[1]), onp.float32)
        for row, some in zip(x, (roll, old)):
            row[: len(some.seen)] = some.seen / self._scale
        frames, signs = self._foretold()
        given = x, onp.stack([h, then]), frames / self._scale
        with autograd.record():
            found, cells, foretold = self.net(*map(self._array, given))
            loss = self._actions_loss(found[0], roll)
            if c.replay_weight:
                loss = loss + c.replay_weight * self._value_loss(found[1], old)
            if c.pixel_weight:
                loss = loss + c.pixel_weight * self._pixel_loss(cells[1], old)
            if c.reward_weight:
                error = cross_entropy(foretold, self._array(signs)).mean()
                loss = loss + c.reward_weight * error
        loss.backward()
        self.trainer.step(1)
        self._host.refresh()
        return descent.finite(loss, f"at step {self.steps}")

    def _actions_loss(self, found: Any, roll: Roll) -> Any:
        """Return E_A3C, as A3C has it, for the roll just played."""
        c, T = self.config, len(roll.actions)
        R = self._returns(found, roll)
        A = R - found[:T, -1].asnumpy()  # a number: it is not learned from
        logits = found[:T, :-1]
        loss = policy_loss(logits, self._array(roll.actions), self._array(A))
        loss = loss + c.value_weight * self._value_loss(found, roll)
        return loss - c.entropy_weight * entropy(logits).mean()

    def _value_loss(self, found: Any, roll: Roll) -> Any:
        """Return E_V: how far values are from what came of a roll."""
        R = self._array(self._returns(found, roll))
        return value_loss(found[: len(R), -1], R)

    def _pixel_loss(self, cells: Any, roll: Roll) -> Any:
        """Return E_P: how far from what a roll has made of the picture."""
        c, T = self.config, len(roll.actions)
        frames = roll.seen.reshape(-1, *self._shape) / self._scale
        q = cells[: T + 1].reshape(T + 1, self.actions, -1)  # (T + 1, A, C)
        # y_t = Δ_t + γ_P y_{t+1},   y_T = max_a q(s_T, a), or 0 at an end
        last = 0.0
        if not roll.ended:
            last = q[T].asnumpy().max(axis=0)
            descent.finite(last.sum(), f"at step {self.steps}", "value")
        y = discounted(pixel_changes(frames, c.cell), c.pixel_gamma, last)
        return control_loss(q[:T], self._array(roll.actions), self._array(y))

    def _foretold(self) -> tuple[onp.ndarray, onp.ndarray]:
        """Return frames to foretell a reward from, and the rewards' signs."""
        rolls = [roll for _, roll in self._kept]
        rewards = [roll.rewards for roll in rolls]
        places = skewed(
            onp.concatenate(rewards), self.config.foretold, self._rng
        )
        return triples([roll.seen for roll in rolls], rewards, places)

    def _returns(self, found: Any, roll: Roll) -> onp.ndarray:
        """Return R: rewards, and the value of the state they led to."""
        v = 0.0
        if not roll.ended:
            v = found[len(roll.actions), -1]
            v = descent.finite(v, f"at step {self.steps}", "value")
        return discounted(roll.rewards, self.config.gamma, v)

    def _array(self, values: Any) -> Any:
        return np.array(values, dtype="float32", ctx=self.device)
