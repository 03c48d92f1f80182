"""Deep recurrent Q-network: frames are read one after the other.

A deep Q-network sees its last frames as channels of one picture, side by
side. Here the same convolutions look at each frame alone, and a recurrent
unit goes through what they have found, so that what one frame does not show
is remembered from another::

    f_k = convolutions(frame_k)        h_k = GRU(f_k, h_{k−1})
    q = V h_L + b                      or of h_L and what it looks back at

With attention the last state asks all of them, and what most resembles it is
looked at again. All else, replay and targets among it, is a DQN's.

Letters: ``B`` transitions; ``L`` frames; ``n`` numbers of a frame; ``H``
units; ``A`` actions.

References: [1] Hausknecht and Stone 2015, arXiv:1507.06527; [2] Sorokin et al.
2015, arXiv:1512.01693

Differences from the papers: (1) A GRU, where they have an LSTM. (2) It reads
the last L frames from an empty state, in play as in learning; only the last
answer is learned from. (3) Attention is to frames, where [2] also has one to
places.

Book: ch. 9, "Deep Recurrent Q-Networks (DRQN)"
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Optional

from fdl._mxnet import gluon
from fdl.errors import must
from fdl.nn.attention import dot_attention
from fdl.nn.cells import GRUCell
from fdl.nn.recurrent import run
from fdl.rl import dqn
from fdl.rl.q_network import Layers, dense, look
from fdl.scratch._checks import whole

__all__ = ["DRQN", "Config", "RecurrentQNetwork"]


@dataclasses.dataclass(frozen=True)
class Config(dqn.Config):
    """The agent's settings: a DQN's, and two more.

    Examples
    --------
    >>> Config(history=4, units=32, attention=True).batch
    32
    >>> Config(history=1)
    Traceback (most recent call last):
    ...
    ValueError: `history` (=1) must be a whole number from 2 up.
    """

    history: int = 10
    """Frames that are read, one after the other."""
    units: int = 128
    """H."""
    attention: bool = False
    """Whether the last state looks back at all of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("history", self.history, least=2)
        whole("units", self.units)


class RecurrentQNetwork(gluon.HybridBlock):
    """Frames, or numbers, in their order → the worth of each action.

    Parameters
    ----------
    shape : tuple of int
        Frames, and the sizes of one.
    convolutions : tuple of (int, int, int)
        Maps, window and stride of each; none for numbers.
    hidden : tuple of int
        Units of the layers behind them, for each frame.
    units, actions : int
        H and A.
    attention : bool
        Whether the last state looks back.
    scale : int
        What pictures are divided by: bytes go up to 255.

    Examples
    --------
    Five times three frames of two numbers, and four actions. It matters which
    frame comes first:

    >>> from fdl._mxnet import np
    >>> net = RecurrentQNetwork((3, 2), (), (), 8, 4)
    >>> net.initialize()
    >>> x = np.random.uniform(size=(5, 3, 2))
    >>> net(x).shape, bool((net(x) == net(x[:, ::-1])).all())
    ((5, 4), False)
    """

    def __init__(
        self,
        shape: Sequence[int],
        convolutions: Layers,
        hidden: tuple[int, ...],
        units: int,
        actions: int,
        attention: bool = False,
        scale: int = 255,
    ) -> None:
        super().__init__()
        self.length, self.attention = shape[0], attention
        self.scale = scale if convolutions else 1
        one = (1, *shape[1:]) if convolutions else (math.prod(shape[1:]),)
        self._one = (-1, *one)
        self.body, self._found = look(one, convolutions, hidden)
        self.cell = GRUCell(units, inputs=self._found)
        self.output = dense(actions, units * (1 + attention))

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the worth of each action, `(B, A)`, for x `(B, L, …)`."""
        # every frame alone
        x = F.np.reshape(x.astype("float32") / self.scale, self._one)
        f = F.np.reshape(self.body(x), (-1, self.length, self._found))
        states, (h,) = run(self.cell, f)  # (B, L, H), (B, H)
        if self.attention:
            context, _ = dot_attention(h, states)
            h = F.np.concatenate([h, context], axis=1)
        # q = V h_L + b
        return self.output(h)


class DRQN(dqn.DQN):
    """Learns the worth of actions, given what the last frames have shown.

    Parameters
    ----------
    env : gymnasium.Env
        A world that shows its last frames stacked, the newest last.
    config : Config, optional
        Settings.
    seed : int
        Decides the first weights.
    device : device, optional
        See :func:`fdl.device.resolve`.

    Attributes
    ----------
    net, target : RecurrentQNetwork
        q and q̂.

    Examples
    --------
    A world of single numbers, of which the last two are read at once:

    >>> from gymnasium.wrappers import FrameStackObservation
    >>> from fdl.rl import Recall
    >>> world = FrameStackObservation(Recall(delay=1), 2)
    >>> agent = DRQN(world, Config((), (), history=2, units=8, start=8))
    >>> agent.learn(world, steps=20)
    >>> agent, agent.worth([[1.0], [0.0]]).shape
    (DRQN(20 steps, 10 episodes), (2,))
    """

    def __init__(
        self,
        env: Any,
        config: Optional[Config] = None,
        *,
        seed: int = 0,
        device: Any = None,
    ) -> None:
        super().__init__(env, config or Config(), seed=seed, device=device)

    def __repr__(self) -> str:
        return super().__repr__().replace("DQN", "DRQN", 1)

    def _network(
        self, shape: tuple[int, ...], inputs: int, actions: int
    ) -> Any:
        c = self.config
        if not isinstance(c, Config):
            raise must("config", c, "be a fdl.rl.drqn.Config")
        if c.convolutions and len(shape) != 2:
            rule = "be () where no pictures are seen"
            raise must("convolutions", c.convolutions, rule)
        return RecurrentQNetwork(
            (c.history, *shape),
            c.convolutions,
            c.hidden,
            c.units,
            actions,
            c.attention,
            self._scale,
        )
