"""A network and its loss as one function of a minibatch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, Optional

from fdl._mxnet import autograd, gluon, mx
from fdl.train import faults, labels
from fdl.train.distributed import Batch, forward
from fdl.train.parts import load, load_targets

__all__ = ["Objective"]


class Objective:
    """What is measured on a minibatch, on one or several devices.

    Parameters
    ----------
    net : gluon.Block
        The network.
    loss : callable, optional
        Without one, only outputs are computed.
    metrics : sequence of Metric
        Only their need for outputs and for labels matters here.
    devices : sequence of Context
        Where the parameters are.

    Examples
    --------
    >>> import numpy as onp
    >>> from fdl import nn
    >>> net = nn.FeedForward((2, 2), init="zeros")
    >>> net.initialize()
    >>> objective = Objective(net, nn.cross_entropy, (), [mx.cpu()])
    >>> batch = objective("batches", 1, (onp.zeros((3, 2)),), onp.zeros(3))
    >>> round(batch.loss, 4)  # ln 2: both classes are as likely
    0.6931
    """

    def __init__(
        self,
        net: Any,
        loss: Any,
        metrics: Sequence[Any],
        devices: Sequence[Any],
    ) -> None:
        self.net, self.loss, self.devices = net, loss, devices
        self._outputs = bool(metrics)
        self._axes = labels.class_axes([loss, *metrics])
        self._graph: Optional[_Graph] = None
        self._shapes: dict[Any, Any] = {}

    def start(self, x: Sequence[Any], y: Any) -> None:
        """Pass one example, so that the network learns its sizes."""
        one = [load(a[:1], self.devices[0]) for a in x]
        try:
            with autograd.pause():
                self._plain(load_targets(y[:1], self.devices[0]), *one)
        except faults.FAILURES as error:
            self._retell(error, "batches", 1, x, y)

    def compile(self) -> None:
        """Make the network, and the loss if that is safe, one graph.

        It is where the loss is a hybrid block or one of this package's
        functions, which are pure; another function may look at more than its
        arguments, and a graph would keep what it saw first.
        """
        if not isinstance(self.net, gluon.HybridBlock):
            return
        ours = str(getattr(self.loss, "__module__", "")).startswith("fdl.nn")
        pure = ours and getattr(self.loss, "__closure__", 0) is None
        block: Any = self.net
        if pure or isinstance(self.loss, gluon.HybridBlock):
            block = self._graph = _Graph(self.net, self.loss, self._outputs)
        block.hybridize(static_alloc=True, static_shape=True)

    def __call__(
        self, argument: str, number: int, x: tuple[Any, ...], y: Any
    ) -> Batch:
        """Compute a minibatch; its labels are checked meanwhile.

        Parameters
        ----------
        argument : str
            What the batch came in, for errors to name.
        number : int
            Which batch of the epoch it is, from 1.
        x : tuple of arrays
            What the network is called with.
        y : array
            The targets.
        """
        compute = self._graph or self._plain
        try:
            batch = forward(compute, x, y, self.devices, argument, number)
        except faults.FAILURES as error:
            self._retell(error, argument, number, x, y)
        for axis in self._axes:
            shape = self._output_shape(batch, x)
            if shape is not None:
                labels.check(argument, number, y, shape, axis)
        return batch

    def _plain(self, y: Any, *x: Any) -> Any:
        output = self.net(*x)
        # without a loss, any number will do
        value = y.reshape(-1)[0] if self.loss is None else self.loss(output, y)
        several = isinstance(output, (list, tuple))
        return (value, *output) if several else (value, output)

    def _output_shape(self, batch: Batch, x: Sequence[Any]) -> Any:
        if self._outputs or self._graph is None:
            return batch.output_shape
        # the graph keeps its outputs to itself
        shapes = tuple(a.shape for a in x)
        if shapes not in self._shapes:
            self._shapes[shapes] = output_shape(self.net, shapes)
        return self._shapes[shapes]

    def _retell(
        self, error: Exception, argument: str, number: int, x: Any, y: Any
    ) -> NoReturn:
        device = self.devices[0]
        faults.retell(error, argument, number, x, y, self.net, device)


class _Graph(gluon.HybridBlock):
    """Network and loss as one graph, called with (y, *x)."""

    def __init__(self, net: Any, loss: Any, outputs: bool) -> None:
        super().__init__()
        self.net, self.loss, self._outputs = net, loss, outputs

    def hybrid_forward(self, F: Any, y: Any, *x: Any) -> Any:
        output = self.net(*x)
        value = self.loss(output, y)
        if not self._outputs:
            return value
        several = isinstance(output, (list, tuple))
        return (value, *output) if several else (value, output)


def output_shape(
    net: Any, shapes: Sequence[Sequence[int]]
) -> Optional[tuple[int, ...]]:
    """Return the shape of a hybrid network's output; nothing is computed.

    None where the network has several, or its shapes follow from values.
    """
    names = [f"x{i}" for i in range(len(shapes))]
    output = net(*(mx.sym.var(name).as_np_ndarray() for name in names))
    if isinstance(output, (list, tuple)):
        return None
    try:
        _, found, _ = output.infer_shape(**dict(zip(names, shapes)))
    except mx.base.MXNetError:
        return None
    return found[0] if found and min(found[0], default=0) > 0 else None
