"""Deep Q-network: learn what actions are worth from what was lived through.

A network gives each action's worth in a state. It learns from transitions
drawn at random from all that are kept, towards what Bellman's equation asks,
which a second network computes, the *target*, a copy that lags behind::

    y = r + γ max_a q̂(s′, a)          0 instead of the maximum at an end
    E = huber(y − q(s, a))

Letters: ``B`` transitions; ``A`` actions; ``q`` the network, ``q̂`` the target;
``y`` what should have been said.

References: [1] Mnih et al. 2015, doi:10.1038/nature14236; [2] van Hasselt et
al. 2016, arXiv:1509.06461

Differences from the paper: (1) Adam. (2) Rewards are taken as they come. (3)
Targets may look several steps ahead, and the network may choose the action
that the target judges [2].

Book: ch. 9, "Deep Q-Network (DQN)"
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
from fdl.nn.feed_forward import FeedForward
from fdl.rl import descent, saving
from fdl.rl.explore import EpsilonGreedy, epsilon_greedy
from fdl.rl.host_net import HostNet
from fdl.rl.q_network import Layers, QNetwork, q_loss
from fdl.rl.replay import Replay
from fdl.rl.returns import double_q_target, q_target
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import positive, share, whole
from fdl.train.parameters import named_parameters

__all__ = ["DQN", "Config"]

KEPT = ("steps", "returns", "lengths", "losses")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    For a world of numbers, and not of pictures:

    >>> plain = Config(convolutions=(), hidden=(16,), history=1)
    >>> plain.gamma, plain.epsilon
    (0.98, EpsilonGreedy(1, 0.1, 100000))
    >>> dataclasses.replace(plain, capacity=50)
    Traceback (most recent call last):
    ...
    ValueError: `capacity` (=50) must be more than `start` (=100), or nothing
    is learned.
    """

    convolutions: Layers = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
    """Maps, window and stride of each convolution; none for numbers."""
    hidden: tuple[int, ...] = (512,)
    """Units of the layers behind them."""
    history: int = 4
    """Frames that are seen at once; 1 for numbers."""
    learning_rate: float = 1e-3
    """Adam's ε."""
    gamma: float = 0.98
    """The discount."""
    capacity: int = 5000
    """Frames kept."""
    start: int = 100
    """Frames kept before the first update."""
    batch: int = 32
    """Transitions in an update."""
    every: int = 4
    """Steps from update to update."""
    target_every: int = 16
    """Steps from copy to copy of the network into the target."""
    epsilon: EpsilonGreedy = EpsilonGreedy(1.0, 0.1, 100_000)
    """Share of actions by chance, from step to step."""
    steps_ahead: int = 1
    """Rewards in a target."""
    double: bool = False
    """Whether the network chooses the action that the target judges."""

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        share("gamma", self.gamma)
        for name in (
            "history",
            "start",
            "batch",
            "every",
            "target_every",
            "steps_ahead",
        ):
            whole(name, getattr(self, name))
        if whole("capacity", self.capacity) <= self.start:
            rule = (
                f"be more than `start` (={self.start}), or nothing is learned"
            )
            raise must("capacity", self.capacity, rule)
        if not isinstance(self.epsilon, EpsilonGreedy):
            raise must("epsilon", self.epsilon, "be an EpsilonGreedy")


class DQN:
    """Learns the worth of actions from what it has lived through.

    Parameters
    ----------
    env : gymnasium.Env
        A world like those it will act in. One of several frames shows them
        stacked, as a wrapper of Gymnasium's does, the newest last.
    config : Config, optional
        Settings.
    seed : int
        Decides the first weights.
    device : device, optional
        See :func:`fdl.device.resolve`.

    Attributes
    ----------
    net, target : HybridBlock
        q and q̂.
    replay : Replay
        What it has lived through.
    steps : int
        Steps taken.
    returns, lengths : list
        Of all episodes that were played to their end.
    losses : list of float
        Of all updates.

    Examples
    --------
    Action 1 brings 1 and action 0 costs 1:

    >>> from fdl.rl import Choice
    >>> settings = Config((), (8,), history=1, learning_rate=0.05, start=20)
    >>> agent = DQN(Choice(), settings)
    >>> agent.learn(Choice(), steps=140)
    >>> agent.worth([0.0]).round().tolist(), agent.act([0.0])
    ([-1.0, 1.0], 1)
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
        actions, inputs = count_actions(env), count_inputs(env)
        self._sizes = inputs, actions
        space = env.observation_space
        shape = tuple(space.shape)
        if c.history > 1:
            if shape[:1] != (c.history,):
                rule = f"show {c.history} frames; its shape is {shape}"
                raise must("env", env, rule)
            shape = shape[1:]
        kind = "uint8" if space.dtype == onp.uint8 else "float32"
        self._scale = 255 if kind == "uint8" else 1
        self.device = devices.resolve(device)[0]
        self.replay = Replay(c.capacity, shape, c.history, kind)
        seeding.seed_all(seed)
        self.net, self.target = (
            self._network(shape, inputs, actions) for _ in "qt"
        )
        self.trainer = descent.adam(self.net, c.learning_rate, self.device)
        self._loss = descent.Judged(self.net, q_loss)
        self.target.initialize(ctx=self.device)
        self.target.hybridize()
        # networks of numbers are so small that the call is what costs
        plain = isinstance(self.net, FeedForward)
        nets = (self.net, self.target) if plain else ()
        self._hosts = {net: HostNet(net) for net in nets}
        self._rng = seeding.generator(seed, "actions")
        self.steps = 0
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.losses: list[float] = []
        self._sync()

    def __repr__(self) -> str:
        return f"DQN({self.steps:,} steps, {len(self.returns)} episodes)"

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action: the one of most worth, or ε-greedily any."""
        worth = self.worth(observation)
        if not explore:  # watching it takes nothing from learning's chance
            return int(worth.argmax())
        epsilon = self.config.epsilon(self.steps)
        return epsilon_greedy(worth, epsilon, self._rng)

    def worth(self, observation: Any) -> onp.ndarray:
        """Return what each action is worth, `(A,)`."""
        return self._answers(self.net, onp.asarray(observation)[None])[0]

    def learn(
        self,
        env: Any,
        steps: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        """Play, keep what happens, and learn from some of it now and then.

        Parameters
        ----------
        env : gymnasium.Env
            The world.
        steps : int
            How many to take.
        seed : int
            Decides the world, the actions and what is drawn.
        callbacks : sequence of callable
            Called with the agent after every episode; one that returns what
            counts as true ends the learning.
        """
        whole("steps", steps)
        check_sizes(env, self._sizes)
        c, end = self.config, self.steps + steps
        self._rng = seeding.generator(seed, "actions", self.steps)
        seen, _ = env.reset(seed=seeding.derive(seed, "world", self.steps))
        self.replay.begin(self._frame(seen))
        total, length = 0.0, 0
        while self.steps < end:
            action = self.act(seen, explore=True)
            seen, reward, ended, cut, _ = env.step(action)
            self.replay.add(action, self._frame(seen), reward, ended, cut)
            self.steps += 1
            total, length = total + float(reward), length + 1
            if len(self.replay) > c.start and self.steps % c.every == 0:
                self.losses.append(self._update())
            if self.steps % c.target_every == 0:
                self._sync()
            if ended or cut:
                self.returns.append(total)
                self.lengths.append(length)
                total, length = 0.0, 0
                if any([callback(self) for callback in callbacks]):
                    break
                seen, _ = env.reset()
                self.replay.begin(self._frame(seen))

    def save(self, path: saving.PathLike, replay: bool = True) -> None:
        """Write all that it has learned to a file.

        Parameters
        ----------
        path : path
            The file.
        replay : bool
            Whether what it has lived through goes with it. Without it, an
            agent that goes on lives through `start` steps before it learns.
        """
        saving.save(
            path,
            self,
            KEPT,
            target=_values(self.target),
            replay=self.replay.state() if replay else None,
        )

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        kept = saving.load(path, self, KEPT)
        if kept["replay"] is not None:
            self.replay.restore(kept["replay"])
        for name, parameter in named_parameters(self.target).items():
            parameter.set_data(np.array(onp.asarray(kept["target"][name])))
        for host in self._hosts.values():
            host.refresh()

    def _network(
        self, shape: tuple[int, ...], inputs: int, actions: int
    ) -> Any:
        c = self.config
        if c.convolutions:
            if len(shape) != 2:
                rule = "be () where no pictures are seen"
                raise must("convolutions", c.convolutions, rule)
            frames = (c.history, *shape)
            return QNetwork(
                frames, c.convolutions, c.hidden, actions, self._scale
            )
        return FeedForward((inputs, *c.hidden, actions))

    def _frame(self, observation: Any) -> Any:
        """Return what is new in an observation."""
        return observation[-1] if self.config.history > 1 else observation

    def _answers(self, net: Any, seen: onp.ndarray) -> onp.ndarray:
        """Return a network's outputs for observations `(B, …)`."""
        if net in self._hosts:
            x = seen.reshape(len(seen), -1).astype(onp.float32)
            return self._hosts[net](x)
        x = np.array(seen, dtype=seen.dtype, ctx=self.device)
        found: onp.ndarray = net(x).asnumpy()
        return found

    def _update(self) -> float:
        """Take a step with some transitions; return the loss."""
        c = self.config
        batch = self.replay.sample(
            c.batch, self._rng, gamma=c.gamma, n=c.steps_ahead
        )
        judged = self._answers(self.target, batch.following)
        if c.double:
            chooser = self._answers(self.net, batch.following)
            y = double_q_target(
                batch.rewards, batch.discounts, judged, chooser
            )
        else:
            # y = r + γ max_a q̂(s′, a), where γ is 0 at an end
            y = q_target(batch.rewards, batch.discounts, judged)
        seen = batch.observations
        if self._hosts:
            seen = seen.reshape(len(seen), -1)
        x = np.array(seen, dtype=seen.dtype, ctx=self.device)
        actions = np.array(batch.actions, dtype="int32", ctx=self.device)
        targets = np.array(y, dtype="float32", ctx=self.device)
        with autograd.record():
            loss = self._loss(x, actions, targets)  # q_loss of net(x)
        loss.backward()
        self.trainer.step(1)
        if self._hosts:
            self._hosts[self.net].refresh()
        return descent.finite(loss, f"at step {self.steps}")

    def _sync(self) -> None:
        """Copy the network into the target."""
        now = named_parameters(self.net)
        for name, parameter in named_parameters(self.target).items():
            parameter.set_data(now[name].data())
        if self._hosts:
            self._hosts[self.target].refresh()


def _values(net: Any) -> dict[str, onp.ndarray]:
    return {
        name: p.data().asnumpy() for name, p in named_parameters(net).items()
    }
