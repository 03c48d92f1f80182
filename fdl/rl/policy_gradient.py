"""Policy gradient: do more often what has turned out well.

A network gives each action a probability. After some episodes every action
that was taken is made likelier, the more so the larger the return that came
after it::

    E = −1/T Σ_t A_t ln π(a_t | s_t)      A_t = G_t, or G_t less its mean

Letters: ``T`` steps of all episodes in an update; ``A`` actions; ``π`` the
policy; ``G`` discounted returns.

References: [1] Williams 1992, "Simple Statistical Gradient-Following
Algorithms for Connectionist Reinforcement Learning"

Differences from the paper: (1) Adam. (2) With `epsilon` actions are taken
greedily or by chance, as the book's listing does, and not from π; the gradient
is then another one. (3) With `normalize` returns are measured from their mean,
in standard deviations. (4) What would come behind a time limit counts nothing.

Book: ch. 9, "Pole-Cart with Policy Gradients"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional, Union

import numpy as onp

from fdl import device as devices
from fdl import seeding
from fdl._mxnet import autograd, namespace, np
from fdl.nn.feed_forward import FeedForward
from fdl.rl import descent, saving
from fdl.rl.episodes import Lived, batches
from fdl.rl.explore import EpsilonGreedy, epsilon_greedy
from fdl.rl.host_net import HostNet
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import positive, share, whole

__all__ = ["Config", "PolicyGradient", "policy_loss"]

KEPT = ("returns", "lengths", "losses")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    All actions drawn from the policy, or some by chance, ever fewer:

    >>> Config().epsilon is None
    True
    >>> Config(epsilon=EpsilonGreedy(0.9, 0.1, 300)).epsilon(150)
    0.5
    >>> Config(epsilon=2)
    Traceback (most recent call last):
    ...
    ValueError: `epsilon` (=2) must be a number from 0 to 1.
    """

    hidden: tuple[int, ...] = (16, 16)
    """Units of the hidden layers."""
    learning_rate: float = 1e-3
    """Adam's ε."""
    gamma: float = 0.98
    """The discount."""
    batch: int = 8
    """Episodes in an update."""
    epsilon: Optional[Union[float, EpsilonGreedy]] = None
    """Share of actions by chance, or how it falls from episode to episode;
    the others are the likeliest ones. None: all are drawn from π."""
    normalize: bool = False
    """Whether returns are centred and scaled within an update."""

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        share("gamma", self.gamma)
        whole("batch", self.batch)
        if not isinstance(self.epsilon, (type(None), EpsilonGreedy)):
            share("epsilon", self.epsilon)


def policy_loss(logits: Any, actions: Any, advantages: Any) -> Any:
    """Return the mean of −A ln π(a), whose descent makes good actions likely.

    Parameters
    ----------
    logits : array `(T, A)`
        The network's outputs.
    actions : array `(T,)`
        What was done.
    advantages : array `(T,)`
        How well it turned out.

    Returns
    -------
    array `()`

    Examples
    --------
    Of two equal chances one was taken, −ln ½ = 0.693, and turned out well:

    >>> from fdl._mxnet import np
    >>> logits = np.zeros((2, 2))
    >>> policy_loss(logits[:1], np.array([0]), np.array([2.0])).round(3)
    array(1.386)

    In the mean, the other one, which turned out badly, weighs against it:

    >>> policy_loss(logits, np.array([0, 1]), np.array([2.0, -1.0])).round(3)
    array(0.347)
    """
    _, npx = namespace(logits)
    log_pi = npx.pick(npx.log_softmax(logits, axis=-1), actions, axis=-1)
    # E = −1/T Σ_t A_t ln π(a_t | s_t)
    return -(advantages * log_pi).mean()


class PolicyGradient:
    """Learns which actions pay, whole episodes at a time.

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
        Observations → logits of the actions.
    returns, lengths : list
        Of all episodes it has learned from.
    losses : list of float
        Of all updates.

    Examples
    --------
    >>> from fdl.rl import Choice
    >>> agent = PolicyGradient(Choice(), Config(learning_rate=0.01))
    >>> agent.learn(Choice(), episodes=400)
    >>> agent.act([0.0])
    1
    """

    def __init__(
        self,
        env: Any,
        config: Optional[Config] = None,
        *,
        seed: int = 0,
        device: Any = None,
    ) -> None:
        self.config = config or Config()
        inputs, actions = count_inputs(env), count_actions(env)
        self._sizes = inputs, actions
        self.device = devices.resolve(device)[0]
        seeding.seed_all(seed)
        self.net = FeedForward((inputs, *self.config.hidden, actions))
        self.trainer = descent.adam(
            self.net, self.config.learning_rate, self.device
        )
        self._loss = descent.Judged(self.net, policy_loss)
        self._host = HostNet(self.net)
        self._rng = seeding.generator(seed, "actions")
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.losses: list[float] = []

    def __repr__(self) -> str:
        return f"PolicyGradient({self.net}, {len(self.returns)} episodes)"

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action: the likeliest, or as it explores in learning."""
        x = onp.asarray(observation, onp.float32).ravel()
        logits = self._host(x)
        if not explore:
            return int(logits.argmax())
        if self.config.epsilon is not None:
            return epsilon_greedy(logits, self._epsilon(), self._rng)
        # a Gumbel variable added to each logit: the largest is drawn from π
        noise = self._rng.gumbel(size=len(logits))
        return int((logits + noise).argmax())

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
        check_sizes(env, self._sizes)
        self._rng = seeding.generator(seed, "actions", len(self.returns))
        for batch in batches(self, env, episodes, seed, callbacks):
            self.losses.append(self._update(batch))

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned to a file."""
        saving.save(path, self, KEPT)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        saving.load(path, self, KEPT)
        self._host.refresh()

    def _epsilon(self) -> float:
        epsilon = self.config.epsilon
        if isinstance(epsilon, EpsilonGreedy):
            return epsilon(len(self.returns))
        assert epsilon is not None
        return epsilon

    def _update(self, batch: Sequence[Lived]) -> float:
        """Take a step with some episodes; return the loss."""
        x, actions, A = (onp.concatenate(parts) for parts in zip(*batch))
        if self.config.normalize:
            A = (A - A.mean()) / (onp.std(A) + 1e-8)
        x, actions, A = (
            np.array(array, dtype=kind, ctx=self.device)
            for array, kind in zip(
                (x, actions, A), ("float32", "int32", "float32")
            )
        )
        with autograd.record():
            loss = self._loss(x, actions, A)  # policy_loss of net(x)
        loss.backward()
        self.trainer.step(1)
        self._host.refresh()
        return descent.finite(loss, f"in update {len(self.losses)}")
