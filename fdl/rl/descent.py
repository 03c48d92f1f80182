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
    """
    found = float(value.item())
    if not math.isfinite(found):
        raise TrainingDiverged(
            f"The {what} is {found:g} {when}: `learning_rate` must be smaller."
        )
    return found
