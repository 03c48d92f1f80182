"""What every agent with a network does to take a step.

Letters: none.

References: none.

Book: ch. 9, "Pole-Cart with Policy Gradients"
"""

from __future__ import annotations

import math
from typing import Any, Callable

from fdl._mxnet import gluon
from fdl.errors import TrainingDiverged

__all__ = ["Judged", "adam", "finite"]


class Judged(gluon.HybridBlock):
    """A network and a loss of its outputs as one graph.

    It computes what both would one after the other, in fewer calls.

    Parameters
    ----------
    net : HybridBlock
        The network; it can be called alone as before.
    loss : callable
        A pure function of its outputs and of what else the graph is given.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> from fdl.nn import FeedForward
    >>> from fdl.rl import q_loss
    >>> net, x = FeedForward((3, 8, 2)), np.ones((5, 3))
    >>> net.initialize()
    >>> actions, targets = np.zeros(5), np.ones(5)
    >>> loss = Judged(net, q_loss)(x, actions, targets)
    >>> bool(abs(loss - q_loss(net(x), actions, targets)) < 1e-6)
    True
    """

    def __init__(self, net: Any, loss: Callable[..., Any]) -> None:
        super().__init__()
        self.net, self.loss = net, loss
        self.hybridize()

    def hybrid_forward(self, F: Any, x: Any, *given: Any) -> Any:
        """Return the loss."""
        return self.loss(self.net(x), *given)


def adam(net: Any, learning_rate: float, device: Any) -> gluon.Trainer:
    """Make a network ready; return what takes Adam's steps with it.

    Parameters
    ----------
    net : HybridBlock
        It gets its first weights and is hybridized.
    learning_rate : float
        ε.
    device : device
        Where it is to be.

    Examples
    --------
    The first step is as long as the learning rate, whatever the gradient:

    >>> from fdl import device
    >>> from fdl._mxnet import autograd, np
    >>> from fdl.nn import FeedForward
    >>> net = FeedForward((1, 1))
    >>> trainer = adam(net, 0.5, device.parse("cpu"))
    >>> with autograd.record():
    ...     loss = 1000 * net(np.ones((1, 1)))
    >>> loss.backward()
    >>> trainer.step(1)
    >>> net.output.bias.data().round(3)
    array([-0.5])
    """
    net.initialize(ctx=device)
    net.hybridize()
    settings = {"learning_rate": learning_rate}
    return gluon.Trainer(net.collect_params(), "adam", settings)


def finite(value: Any, when: str, what: str = "loss") -> float:
    """Return what a network has said as a number, unless it is none.

    Parameters
    ----------
    value : array `()`
        It is waited for.
    when : str
        For the message, such as ``"in update 7"``.
    what : str
        What it is.

    Examples
    --------
    >>> import numpy as np
    >>> finite(np.float64(0.5), "in update 7")
    0.5
    >>> finite(np.float64("nan"), "in update 7")
    Traceback (most recent call last):
    ...
    fdl.errors.TrainingDiverged: The loss is nan in update 7: `learning_rate`
    must be smaller.
    """
    found = float(value.item())
    if not math.isfinite(found):
        raise TrainingDiverged(
            f"The {what} is {found:g} {when}: `learning_rate` must be smaller."
        )
    return found
