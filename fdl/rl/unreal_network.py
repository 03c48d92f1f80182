"""The network of an agent that sets itself tasks, and its steps from NumPy.

Letters: ``B`` rolls; ``T`` steps; ``K`` rewards to be foretold; ``n`` numbers
seen; ``F`` features; ``H`` units that remember; ``A`` actions; ``C`` cells.

References: [1] Jaderberg et al. 2016, arXiv:1611.05397

Differences from the paper: see :mod:`fdl.rl.unreal`.

Book: ch. 9, "UNsupervised REinforcement and Auxiliary Learning (UNREAL)"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import gluon, nn
from fdl.nn.cells import GRUCell
from fdl.nn.recurrent import run
from fdl.rl.auxiliary import LOOK, SIGNS
from fdl.rl.recurrent_policy import HostGRU

__all__ = ["Host", "Network"]


class Network(gluon.HybridBlock):
    """What is seen → what to do, what it is worth, and what will come of it.

    Parameters
    ----------
    inputs, features, hidden, actions, cells : int
        n, F, H, A and C.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = Network(inputs=35, features=8, hidden=4, actions=3, cells=2)
    >>> net.initialize()
    >>> given = np.zeros((2, 6, 35)), np.zeros((2, 4)), np.zeros((5, 3, 35))
    >>> [part.shape for part in net(*given)]
    [(2, 6, 4), (2, 6, 6), (5, 3)]
    """

    def __init__(
        self, inputs: int, features: int, hidden: int, actions: int, cells: int
    ) -> None:
        super().__init__()

        def dense(units: int, inputs: int, activation: Any = None) -> Any:
            return nn.Dense(
                units,
                activation,
                in_units=inputs,
                flatten=False,
                weight_initializer="xavier",
            )

        self._features = features
        self.look = dense(features, inputs, "relu")
        self.cell = GRUCell(hidden, inputs=features)
        self.output = dense(actions + 1, hidden)
        self.control = dense(actions * cells, hidden) if cells else None
        self.foretell = dense(SIGNS, LOOK * features)

    def hybrid_forward(self, F: Any, x: Any, h: Any, triples: Any) -> Any:
        """Return logits and values, worths of cells, and logits of signs.

        `(B, T, A + 1)`, `(B, T, A C)` and `(K, 3)`, for x `(B, T, n)`, h
        `(B, H)`, which is remembered at first, and triples `(K, 3, n)`.
        """
        states, _ = run(self.cell, self.look(x), state=[h])
        found = self.output(states)
        cells = self.control(states) if self.control else found
        looks = F.np.reshape(self.look(triples), (-1, LOOK * self._features))
        return found, cells, self.foretell(looks)


class Host(HostGRU):
    """A step of `Network` from NumPy.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = Network(inputs=2, features=8, hidden=4, actions=3, cells=0)
    >>> net.initialize()
    >>> x, host = onp.array([[1.0, 0.0], [0.0, 2.0]]), Host(net)
    >>> steps = onp.stack([host(seen) for seen in x])
    >>> given = np.array(x[None], dtype="float32"), np.zeros((1, 4))
    >>> found = net(*given, np.zeros((1, 3, 2)))[0][0]
    >>> onp.allclose(steps, found.asnumpy(), atol=1e-6)
    True
    """

    def refresh(self) -> None:
        """Copy the weights as they are now."""
        super().refresh()
        look = self.net.look
        self._look = look.weight.data().asnumpy(), look.bias.data().asnumpy()

    def __call__(self, x: onp.ndarray) -> onp.ndarray:
        """Return logits and value `(A + 1,)` for x `(n,)`; remember it."""
        W, b = self._look
        return super().__call__(onp.maximum(onp.dot(W, x) + b, 0))
