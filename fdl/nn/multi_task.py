"""One body, several heads: a network for more than one task.

Letters: ``B`` batch; ``k`` a task; ``λ_k`` how much its loss counts.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from fdl._mxnet import gluon
from fdl.errors import must

__all__ = ["Heads", "additive_loss"]

Loss = Callable[[Any, Any], Any]


class Heads(gluon.HybridBlock):
    """A body whose features all heads share.

    ::

        y_k = head_k(body(x))

    Parameters
    ----------
    body : HybridBlock
        From inputs to features.
    heads : mapping of str to HybridBlock
        From features to one output each; every name becomes an attribute.

    Examples
    --------
    >>> from fdl._mxnet import gluon, np
    >>> heads = {"digit": gluon.nn.Dense(10), "parity": gluon.nn.Dense(2)}
    >>> net = Heads(gluon.nn.Dense(64, activation="relu"), heads)
    >>> net.initialize()
    >>> [y.shape for y in net(np.zeros((5, 784)))]
    [(5, 10), (5, 2)]
    """

    def __init__(
        self,
        body: gluon.HybridBlock,
        heads: Mapping[str, gluon.HybridBlock],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(heads, Mapping) or not heads:
            raise must("heads", heads, "name one task at least")
        self.body = body
        self.tasks = tuple(heads)
        for name, head in heads.items():
            if hasattr(self, name):
                raise must(
                    "heads", name, "be no name that a block has already"
                )
            setattr(self, name, head)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the heads' outputs, in their order."""
        h = self.body(x)
        return tuple(getattr(self, name)(h) for name in self.tasks)


def additive_loss(losses: Sequence[Loss], weights: Sequence[float]) -> Loss:
    """Return the weighted sum of the tasks' losses.

    ::

        E = Σ_k λ_k E_k(y_k, t)

    Parameters
    ----------
    losses : sequence of callable
        Each takes its head's output and the targets of all tasks, and gives
        one number for each example, `(B,)`.
    weights : sequence of float
        λ_k.

    Examples
    --------
    >>> losses = [lambda y, t: y - t, lambda y, t: y + t]
    >>> additive_loss(losses, [2, 10])((5, 7), 1)
    88
    """
    if not losses:
        raise must("losses", list(losses), "hold at least one")
    if len(losses) != len(weights):
        rule = f"hold {len(losses)} numbers, one for each loss"
        raise must("weights", list(weights), rule)
    if not all(weight >= 0 for weight in weights):
        raise must("weights", list(weights), "not be negative")

    def total(outputs: Sequence[Any], targets: Any) -> Any:
        if len(outputs) != len(losses):
            rule = f"be {len(losses)} outputs, one for each loss"
            raise must("outputs", f"{len(outputs)} of them", rule)
        # E = Σ_k λ_k E_k
        terms = [
            weight * loss(output, targets)
            for loss, weight, output in zip(losses, weights, outputs)
        ]
        return sum(terms[1:], terms[0])

    return total
