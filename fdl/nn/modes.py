"""A network for a while in another mode: as plain Python, or at rest.

Book: ch. 5, "Visualizing Learning in Convolutional Networks"
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from fdl._mxnet import gluon
from fdl.nn.batch_norm import BatchNorm
from fdl.nn.deep_recurrent import DropoutCell

__all__ = ["at_rest", "line_by_line"]


@contextlib.contextmanager
def line_by_line(net: Any) -> Iterator[None]:
    """Let a hybridized network run as Python, so that hooks are called.

    Parameters
    ----------
    net : Block
        The network.

    Examples
    --------
    >>> from fdl._mxnet import gluon, np
    >>> net = gluon.nn.HybridSequential()
    >>> net.add(gluon.nn.Dense(3, in_units=2))
    >>> net.initialize()
    >>> net.hybridize()
    >>> y = net(np.ones((1, 2)))  # now it is a graph
    >>> hook = net[0].register_forward_hook(
    ...     lambda block, x, y: print("called", y.shape))
    >>> y = net(np.ones((1, 2)))
    >>> with line_by_line(net):
    ...     y = net(np.ones((1, 2)))
    called (1, 3)
    """
    compiled = [
        block
        for block in _blocks(net)
        if isinstance(block, gluon.HybridBlock) and block._active
    ]
    try:
        for block in compiled:
            block._active = False
        yield
    finally:
        for block in compiled:
            block._active = True


@contextlib.contextmanager
def at_rest(net: Any) -> Iterator[None]:
    """Let a network compute as after training while gradients are recorded.

    Dropout drops nothing, normalization uses its running averages and leaves
    them alone. ``autograd.record(train_mode=False)`` is no way to that: max
    pooling does not keep then where its maxima were, and MXNet 1.9.1 sends the
    gradient to wrong places, other ones each time.

    Parameters
    ----------
    net : Block
        The network; hybridized or not.

    Examples
    --------
    >>> from fdl._mxnet import autograd, gluon, np
    >>> net = gluon.nn.Dropout(0.5)
    >>> with at_rest(net), autograd.record():
    ...     print(net(np.ones(3)))
    [1. 1. 1.]
    """
    blocks = list(_blocks(net))
    norms = [b for b in blocks if isinstance(b, gluon.nn.BatchNorm)]
    twins = [b for b in blocks if isinstance(b, BatchNorm)]
    drops = [b for b in blocks if isinstance(b, gluon.nn.Dropout)]
    cells = [b for b in blocks if isinstance(b, DropoutCell)]
    if not (norms or twins or drops or cells):  # then it may stay compiled
        yield
        return
    restored: list[tuple[dict[str, Any], str, Any]] = []
    settings = [
        *((norm._kwargs, "use_global_stats", True) for norm in norms),
        *((twin.__dict__, "use_global_stats", True) for twin in twins),
        *((drop.__dict__, "_rate", 0) for drop in drops),
        *(
            (cell.__dict__, name, 0.0)
            for cell in cells
            for name in ("inputs", "outputs")
        ),
    ]
    with line_by_line(net):
        try:
            for place, name, value in settings:
                restored.append((place, name, place[name]))
                place[name] = value
            yield
        finally:
            for place, name, value in restored:
                place[name] = value


def _blocks(net: Any) -> Iterator[Any]:
    yield net
    for child in net._children.values():
        yield from _blocks(child)
