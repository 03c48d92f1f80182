"""A network that tells the worth of each action, and what it is trained by.

Letters: ``B`` transitions; ``A`` actions; ``q`` worths; ``y`` targets.

References: [1] Mnih et al. 2015, doi:10.1038/nature14236

Differences from the paper: none.

Book: ch. 9, "Deep Q-Network (DQN)"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Optional

from fdl._mxnet import gluon, namespace, nn
from fdl.errors import must
from fdl.nn.initializers import He

__all__ = ["Layers", "QNetwork", "dense", "look", "q_loss"]

Layers = tuple[tuple[int, int, int], ...]


class QNetwork(gluon.HybridBlock):
    """Frames → the worth of each action.

    Parameters
    ----------
    shape : (int, int, int)
        Frames at once, height and width.
    convolutions : tuple of (int, int, int)
        Maps, window and stride of each.
    hidden : tuple of int
        Units of the layers behind them.
    actions : int
        A.
    scale : int
        What frames are divided by: bytes go up to 255.

    Examples
    --------
    Five times two frames of 8 × 8 bytes, and three actions:

    >>> from fdl._mxnet import np
    >>> net = QNetwork((2, 8, 8), ((4, 4, 2),), (16,), 3)
    >>> net.initialize()
    >>> net(np.zeros((5, 2, 8, 8), dtype="uint8")).shape
    (5, 3)
    """

    def __init__(
        self,
        shape: Sequence[int],
        convolutions: Layers,
        hidden: tuple[int, ...],
        actions: int,
        scale: int = 255,
    ) -> None:
        super().__init__()
        self.scale = scale
        self.body, inputs = look(shape, convolutions, hidden)
        self.body.add(dense(actions, inputs))

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the worth of each action, `(B, A)`."""
        return self.body(x.astype("float32") / self.scale)


def look(
    shape: Sequence[int], convolutions: Layers, hidden: tuple[int, ...]
) -> tuple[Any, int]:
    """Return convolutions and layers behind them, and how many units last.

    Parameters
    ----------
    shape : tuple of int
        Frames at once, height and width; or how many numbers.
    convolutions, hidden
        As of :class:`QNetwork`.

    Examples
    --------
    The paper's convolutions leave 7 × 7 of 64 maps:

    >>> convolutions = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
    >>> body, units = look((4, 84, 84), convolutions, ())
    >>> len(body), units == 7 * 7 * 64
    (3, True)
    >>> look((4, 20, 20), convolutions, ())
    Traceback (most recent call last):
    ...
    ValueError: `convolutions` (=((32, 8, 4), (64, 4, 2), (64, 3, 1))) must fit
    into frames of 20 × 20.
    """
    body = nn.HybridSequential()
    maps, *size = shape
    for count, window, stride in convolutions:
        size = [(pixels - window) // stride + 1 for pixels in size]
        if min(size) < 1:
            rule = f"fit into frames of {shape[1]} × {shape[2]}"
            raise must("convolutions", convolutions, rule)
        body.add(
            nn.Conv2D(
                count,
                window,
                stride,
                in_channels=maps,
                activation="relu",
                weight_initializer=He(),
            )
        )
        maps = count
    units = maps * math.prod(size)
    for count in hidden:
        body.add(dense(count, units, "relu"))
        units = count
    return body, units


def dense(units: int, inputs: int, activation: Optional[str] = None) -> Any:
    """Return a layer whose weights start as He's.

    Parameters
    ----------
    units, inputs : int
        Of the layer.
    activation : str, optional
        Such as ``"relu"``.

    Examples
    --------
    >>> layer = dense(500, 200, "relu")
    >>> layer.initialize()
    >>> layer.weight.shape, layer.weight.data().asnumpy().std().round(2)
    ((500, 200), 0.1)
    """
    return nn.Dense(
        units, activation, in_units=inputs, weight_initializer=He()
    )


def q_loss(q: Any, actions: Any, targets: Any) -> Any:
    """Return the mean of Huber's loss of y − q(s, a).

    ::

        huber(d) = d² / 2 where |d| < 1, else |d| − ½

    Parameters
    ----------
    q : array `(B, A)`
        The network's outputs.
    actions : array `(B,)`
        What was done.
    targets : array `(B,)`
        y.

    Returns
    -------
    array `()`

    Examples
    --------
    Half a square as long as the error is small, then a straight line:

    >>> from fdl._mxnet import np
    >>> q, first = np.array([[1.0, 5.0]]), np.array([0])
    >>> [q_loss(q, first, np.array([y])).item() for y in (1.5, 2.0, 3.0, 4.0)]
    [0.125, 0.5, 1.5, 2.5]
    """
    np_, npx = namespace(q)
    d = np_.abs(targets - npx.pick(q, actions, axis=-1))
    near = np_.minimum(d, 1.0)
    # d² / 2 up to 1, and a straight line of slope 1 from there
    return (near * near / 2 + d - near).mean()
