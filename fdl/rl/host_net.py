"""A small network's answers from NumPy, for one observation at a time.

Asking a network on a device for one action costs more in calls than in
sums. Its weights, copied to the host, answer some thirty times faster, and
must be copied anew when they have changed.

Letters: none.

Book: ch. 9, "Policy Versus Value Learning"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl.errors import must
from fdl.nn.feed_forward import FeedForward
from fdl.rl.actors import answer

__all__ = ["HostNet"]


class HostNet:
    """Answers as a :class:`~fdl.nn.FeedForward` of ReLU units does.

    Parameters
    ----------
    net : fdl.nn.FeedForward
        Initialized, with a linear output.

    Attributes
    ----------
    layers : list of (array, array)
        Weights `(inputs, outputs)` and biases, as they last were copied.

    Examples
    --------
    >>> net = FeedForward((4, 16, 2))
    >>> net.initialize()
    >>> HostNet(net)(onp.zeros(4))
    array([0., 0.])
    """

    def __init__(self, net: Any) -> None:
        kind = isinstance(net, FeedForward)
        if not kind or (net._f, net._g) != ("relu", "linear"):
            raise must("net", net, "be a FeedForward: ReLU, then linear")
        self.net = net
        self.refresh()

    def refresh(self) -> None:
        """Copy the weights as they are now."""
        layers = [*self.net._hidden, self.net.output]
        self.layers = [
            (layer.weight.data().asnumpy().T, layer.bias.data().asnumpy())
            for layer in layers
        ]

    def __call__(self, x: Any) -> onp.ndarray:
        """Return the outputs for x, `(n,)` or `(B, n)`."""
        return answer(self.layers, x)
