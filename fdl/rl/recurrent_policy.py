"""Recurrent policy gradient: a policy that remembers what it has seen.

A unit with gates reads an episode step by step, and the policy looks at what
it remembers. Learning is that of the policy gradient, but through time: an
action that pays late also teaches what to keep in mind long before::

    h_t = GRU(s_t, h_{t−1})            h_{−1} = 0
    π_t = softmax(V h_t + b)
    E = −1/Σ T Σ_t A_t ln π_t(a_t)

Letters: ``B`` episodes; ``T`` steps; ``n`` numbers seen; ``H`` units; ``A``
actions, ``A_t`` how well what was done at step t turned out.

References: [1] Wierstra et al. 2010, "Recurrent policy gradients"

Differences from the paper: (1) A GRU, where the paper has an LSTM. (2) Adam.
(3) Returns are measured from their mean at each step of the episode, in
standard deviations of all. (4) What would come behind a time limit counts
nothing.

Book: ch. 9, "Deep Recurrent Q-Networks (DRQN)"
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as onp

from fdl import device as devices
from fdl import seeding
from fdl._mxnet import autograd, gluon, nn, np, npx
from fdl.nn.cells import GRUCell
from fdl.nn.recurrent import run
from fdl.rl import descent, saving
from fdl.rl.episodes import Lived, batches
from fdl.rl.spaces import check_sizes, count_actions, count_inputs
from fdl.scratch._checks import positive, share, whole
from fdl.scratch.neurons import sigmoid

__all__ = ["Config", "HostGRU", "Memory", "RecurrentPolicyGradient"]

KEPT = ("returns", "lengths", "losses")


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    >>> dataclasses.replace(Config(), hidden=32, batch=4)
    Config(hidden=32, learning_rate=0.01, gamma=0.98, batch=4)
    >>> Config(hidden=0)
    Traceback (most recent call last):
    ...
    ValueError: `hidden` (=0) must be a whole number from 1 up.
    """

    hidden: int = 16
    """H."""
    learning_rate: float = 0.01
    """Adam's ε."""
    gamma: float = 0.98
    """The discount."""
    batch: int = 16
    """Episodes in an update."""

    def __post_init__(self) -> None:
        whole("hidden", self.hidden)
        positive("learning_rate", self.learning_rate)
        share("gamma", self.gamma)
        whole("batch", self.batch)


class Memory(gluon.HybridBlock):
    """Episodes `(B, T, n)` → logits of the actions at each step, `(B, T, A)`.

    Parameters
    ----------
    inputs, hidden, actions : int
        n, H and A.

    Examples
    --------
    Two episodes of five steps. What comes at the last step changes nothing
    before it, and what came at the first is remembered:

    >>> from fdl._mxnet import np
    >>> net = Memory(inputs=1, hidden=4, actions=3)
    >>> net.initialize()
    >>> x = np.zeros((2, 5, 1))
    >>> x[0, 4], x[1, 0] = 1, 1
    >>> differ = net(x) != net(np.zeros((2, 5, 1)))
    >>> differ.shape, differ.asnumpy().any(axis=2).tolist()
    ((2, 5, 3), [[False, False, False, False, True], [True, True, True, True,
    True]])
    """

    def __init__(self, inputs: int, hidden: int, actions: int) -> None:
        super().__init__()
        self.cell = GRUCell(hidden, inputs=inputs)
        self.output = nn.Dense(
            actions,
            in_units=hidden,
            flatten=False,
            weight_initializer="xavier",
        )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the logits."""
        h, _ = run(self.cell, x)
        return self.output(h)


class HostGRU:
    """A step of `Memory` from NumPy, for one observation at a time.

    Parameters
    ----------
    net : Memory
        Initialized.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = Memory(inputs=1, hidden=4, actions=2)
    >>> net.initialize()
    >>> host, x = HostGRU(net), onp.array([[1.0], [0.0], [2.0]])
    >>> steps = onp.stack([host(seen) for seen in x])
    >>> all_at_once = net(np.array(x[None], dtype="float32"))[0]
    >>> onp.allclose(steps, all_at_once.asnumpy(), atol=1e-6)
    True
    """

    def __init__(self, net: Any) -> None:
        self.net = net
        self.begin()
        self.refresh()

    def begin(self) -> None:
        """Forget."""
        self.h = onp.zeros(self.net.cell.hidden, onp.float32)

    def refresh(self) -> None:
        """Copy the weights as they are now."""
        cell = self.net.cell
        self._weights = [
            p.data().asnumpy()
            for p in (
                cell.i2h_weight,
                cell.i2h_bias,
                cell.h2h_weight,
                cell.h2h_bias,
                self.net.output.weight,
                self.net.output.bias,
            )
        ]

    def __call__(self, x: onp.ndarray) -> onp.ndarray:
        """Return the logits `(A,)` for x `(n,)`, and remember it."""
        W, b, U, c, V, d = self._weights
        r_x, z_x, n_x = onp.split(onp.dot(W, x) + b, 3)
        r_h, z_h, n_h = onp.split(onp.dot(U, self.h) + c, 3)
        r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
        # h_t = (1 − z) ⊙ tanh(W x_t + b + r ⊙ (U h_{t−1} + c)) + z ⊙ h_{t−1}
        self.h = (1 - z) * onp.tanh(n_x + r * n_h) + z * self.h
        return onp.dot(V, self.h) + d


class RecurrentPolicyGradient:
    """Learns which actions pay, given all that was seen in an episode.

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
    net : Memory
        Observations → logits of the actions.
    returns, lengths : list
        Of all episodes.
    losses : list of float
        Of all updates.

    Examples
    --------
    It has to remember that it has seen a 1, or a −1, when it sees a 0:

    >>> from fdl.rl import Recall
    >>> settings = Config(learning_rate=0.1, gamma=1.0)
    >>> agent = RecurrentPolicyGradient(Recall(delay=1), settings)
    >>> agent.learn(Recall(delay=1), episodes=160)
    >>> for first in (1.0, -1.0):
    ...     agent.begin()
    ...     agent.act([first]), agent.act([0.0])
    (1, 1)
    (0, 0)
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
        inputs, actions = count_inputs(env), count_actions(env)
        self._sizes = inputs, actions
        self.device = devices.resolve(device)[0]
        seeding.seed_all(seed)
        self.net = Memory(inputs, c.hidden, actions)
        self.trainer = descent.adam(self.net, c.learning_rate, self.device)
        self._host = HostGRU(self.net)
        self._rng = seeding.generator(seed, "actions")
        self.returns: list[float] = []
        self.lengths: list[int] = []
        self.losses: list[float] = []

    def __repr__(self) -> str:
        return f"RecurrentPolicyGradient({len(self.returns)} episodes)"

    def begin(self) -> None:
        """Forget what was seen: an episode begins."""
        self._host.begin()

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action: the likeliest, or one drawn from π.

        What is seen is remembered until `begin` is called.
        """
        logits = self._host(onp.asarray(observation, onp.float32).ravel())
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

    def _update(self, batch: Sequence[Lived]) -> float:
        """Take a step with some episodes; return the loss."""
        longest = max(len(done) for _, done, _ in batch)
        T = 2 ** math.ceil(math.log2(longest))  # few lengths, few graphs
        x, actions, G, real = (
            onp.stack([_padded(part, T) for part in parts])
            for parts in (
                *zip(*batch),
                [onp.ones(len(done)) for _, done, _ in batch],
            )
        )
        # A_t = G_t less its mean at this step, in standard deviations of all
        A = (G - G.sum(axis=0) / onp.maximum(real.sum(axis=0), 1)) * real
        A = A / (math.sqrt((A**2).sum() / real.sum()) + 1e-8)
        x, actions, A = (
            np.array(array, dtype=kind, ctx=self.device)
            for array, kind in (
                (x, "float32"),
                (actions, "int32"),
                (A, "float32"),
            )
        )
        with autograd.record():
            log_pi = npx.log_softmax(self.net(x), axis=-1)
            log_pi = npx.pick(log_pi, actions, axis=-1)
            # E = −1/Σ T Σ_t A_t ln π_t(a_t), where padding has A = 0
            loss = -(A * log_pi).sum() / float(real.sum())
        loss.backward()
        self.trainer.step(1)
        self._host.refresh()
        return descent.finite(loss, f"in update {len(self.losses)}")


def _padded(part: Any, T: int) -> onp.ndarray:
    """Return an episode's numbers `(T, …)`, zeros behind its end."""
    part = onp.asarray(part)
    wide = [(0, T - len(part))] + [(0, 0)] * (part.ndim - 1)
    return onp.pad(part, wide)
