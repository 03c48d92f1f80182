"""One step on one or several devices: data-parallel towers.

Each device holds a copy of the parameters (a *tower*) and takes its part of
the minibatch. Gradients are summed on the first device, the optimizer runs
there, once, and the new values are copied to the others. A sum does not care
how it was split, so towers train the network that one device would, whatever
the optimizer; only layers that look across the batch (batch normalization)
see their own part of it, and their running statistics are averaged.

Letters: ``B`` batch, ``D`` devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, Optional

import numpy as onp

from fdl._mxnet import autograd, gluon, mx, np
from fdl.errors import ShapeError
from fdl.train import faults
from fdl.train.clipping import clip_by_norm
from fdl.train.parts import Part, gather, split

__all__ = ["Batch", "Trainer", "forward"]


class Batch:
    """A minibatch on its way through the network; read it late.

    The losses are on the devices, perhaps not even computed yet. Reading
    :attr:`loss` waits for them, so the loop does it one step behind. What it
    came in, and which one it was there, is kept for errors to name.

    Examples
    --------
    >>> parts = split((onp.zeros((3, 1)),), onp.zeros(3), [mx.cpu()])
    >>> batch = Batch(parts, [np.array([1.0, 2.0, 6.0])], [], None, "x", 1)
    >>> batch.loss, batch.size, batch.scale  # the mean of three examples
    (3.0, 3, 3)
    """

    def __init__(
        self,
        parts: list[Part],
        losses: list[Any],
        outputs: list[Any],
        y: Any,
        argument: str,
        number: int,
    ) -> None:
        self.size = sum(part.size for part in parts)
        self.y, self.argument, self.number = y, argument, number
        self._parts = parts
        self._losses = losses
        self._outputs = outputs
        self._loss: Optional[float] = None
        for part, loss in zip(parts, losses):
            self._check(part, loss)
        # a scalar is taken for the mean over its part
        self._scalar = losses[0].ndim == 0

    def _check(self, part: Part, loss: Any) -> None:
        if not isinstance(loss, mx.nd.NDArray):
            raise TypeError(
                "`loss` must give an array of MXNet, computed from the "
                f"network's outputs; got {type(loss).__name__}."
            )
        if loss.shape not in ((), (part.size,)):
            outputs = ""
            if self.output_shape is not None:
                outputs = f"outputs {self.output_shape} and "
            raise ShapeError(
                f"`loss` must give one number, or one for each of the "
                f"{part.size} examples; got an array of shape {loss.shape} "
                f"from {outputs}y {part.y.shape}."
            )

    def backward(self) -> None:
        """Fill the gradients of every tower that took part."""
        heads = None
        if self._scalar and len(self._losses) > 1:
            heads = [
                np.full((), part.size / self.size, ctx=loss.ctx)
                for part, loss in zip(self._parts, self._losses)
            ]
        try:
            autograd.backward(self._losses, heads)
        except mx.base.MXNetError as error:
            self._retell(error)

    @property
    def scale(self) -> int:
        """What the summed gradients are to be divided by."""
        return 1 if self._scalar else self.size

    @property
    def towers(self) -> int:
        """How many devices have a part of it."""
        return len(self._parts)

    @property
    def loss(self) -> float:
        """The mean loss of its examples."""
        if self._loss is None:
            try:
                self._loss = self._total() / self.size
            except mx.base.MXNetError as error:
                self._retell(error)
        return self._loss

    def _total(self) -> float:
        if self._scalar:
            return sum(
                float(loss) * part.size
                for part, loss in zip(self._parts, self._losses)
            )
        with onp.errstate(invalid="ignore"):  # ∞ − ∞ is NaN, and found so
            return sum(
                float(loss.asnumpy().sum(dtype="float64"))
                for loss in self._losses
            )

    @property
    def output(self) -> Any:
        """The network's outputs on the host, `(B, …)` or a tuple of such."""
        try:
            return gather(self._outputs)
        except mx.base.MXNetError as error:
            self._retell(error)

    @property
    def output_shape(self) -> Optional[tuple[int, ...]]:
        """The outputs' shape; None if they are several, or not kept."""
        if not self._outputs or isinstance(self._outputs[0], (list, tuple)):
            return None
        return (self.size, *self._outputs[0].shape[1:])

    @property
    def broken(self) -> list[str]:
        """Which of x and y hold numbers that are none."""
        sides = {"x": [a for part in self._parts for a in part.x]}
        sides["y"] = [part.y for part in self._parts]
        return [side for side in sides if faults.broken(sides[side])]

    def _retell(self, error: Exception) -> NoReturn:
        x = self._parts[0].x
        faults.retell(error, self.argument, self.number, x, self.y)


def forward(
    objective: Any,
    x: tuple[Any, ...],
    y: Any,
    devices: Sequence[Any],
    argument: str,
    number: int,
) -> Batch:
    """Run the objective, called as ``objective(y, *x)``, on every part.

    Parameters
    ----------
    objective : callable
        Gives the losses of a part, or a tuple of them and the outputs.
    x : tuple of arrays `(B, …)`
        What the network is called with.
    y : array `(B, …)`
        The targets.
    devices : sequence of Context
        Where the parameters are.
    argument, number : str, int
        What the batch came in, and which one it was, for errors to name.

    Examples
    --------
    >>> x, y = onp.array([[1.0], [2.0], [6.0]]), onp.zeros(3)
    >>> def error(y, x):
    ...     return (x[:, 0] - y) ** 2
    >>> batch = forward(error, (x,), y, [mx.cpu(0), mx.cpu(1)], "batches", 1)
    >>> batch.towers, round(batch.loss, 4)  # (1 + 4 + 36) / 3
    (2, 13.6667)
    """
    parts = split(x, y, devices)
    results = [objective(part.y, *part.x) for part in parts]
    if isinstance(results[0], (list, tuple)):
        losses = [result[0] for result in results]
        outputs = [
            result[1] if len(result) == 2 else tuple(result[1:])
            for result in results
        ]
        return Batch(parts, losses, outputs, y, argument, number)
    return Batch(parts, results, [], y, argument, number)


class Trainer(gluon.Trainer):
    """Gluon's trainer, with one update for all towers.

    Gluon itself would update every copy for itself. Here the optimizer sees
    each parameter once per step however many devices there are, so one that
    keeps counts or moments of its own stays right, and one state is all there
    is to save.

    Examples
    --------
    >>> weight = gluon.Parameter("weight", shape=(1,), init="ones")
    >>> weight.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    >>> trainer = Trainer([weight], mx.optimizer.SGD(learning_rate=0.5))
    >>> x, y = onp.array([[1.0], [3.0]]), onp.zeros(2)
    >>> def slope(y, x):
    ...     return x[:, 0] * weight.data(x.ctx)
    >>> with autograd.record():
    ...     batch = forward(slope, (x,), y, weight.list_ctx(), "batches", 1)
    >>> batch.backward()
    >>> trainer.step_towers(batch)  # 1 − 0.5 · (1 + 3) / 2, in both places
    >>> [float(copy) for copy in weight.list_data()]
    [0.0, 0.0]
    """

    def __init__(
        self,
        parameters: list[Any],
        optimizer: Any,
        clip: Optional[float] = None,
    ) -> None:
        super().__init__(parameters, optimizer, kvstore=None)
        self.clip = clip
        self._busy = len(self._contexts)
        if type(optimizer) is mx.optimizer.SGD:
            self._updaters = [_OneByOne(optimizer) for _ in self._contexts]

    def step_towers(self, batch: Batch) -> None:
        """Update every copy of the parameters from a batch's gradients."""
        self._busy = batch.towers
        self.step(batch.scale)

    def _allreduce_grads(self) -> None:
        if len(self._contexts) == 1:
            return
        for parameter in self._params:
            if parameter.grad_req != "null":
                total, *others = parameter.list_grad()[: self._busy]
                for gradient in others:
                    total += gradient.as_in_ctx(total.ctx)

    def _update(self, ignore_stale_grad: bool = False) -> None:
        moving = [
            (i, parameter)
            for i, parameter in enumerate(self._params)
            if parameter.grad_req != "null"
        ]
        if self.clip is not None:
            gradients = [parameter.list_grad()[0] for _, parameter in moving]
            clip_by_norm(gradients, self.clip, self._optimizer.rescale_grad)
        if len(self._contexts) == 1:
            super()._update(ignore_stale_grad)
            return
        self._updaters[0](
            [i for i, _ in moving],
            [parameter.list_grad()[0] for _, parameter in moving],
            [parameter.list_data()[0] for _, parameter in moving],
        )
        for _, parameter in moving:
            first, *others = parameter.list_data()
            for other in others:
                first.copyto(other)


class _OneByOne(mx.optimizer.Updater):
    """Gluon's SGD, one parameter at a time.

    Gluon hands several to one kernel, which suits a GPU; on a CPU that kernel
    takes up to twice the time of the plain ones. The bits are the same as
    long as there is no weight decay, which the two kernels round differently;
    with it, Gluon's way is kept.
    """

    def __call__(self, index: Any, grad: Any, weight: Any) -> None:
        """Update the weights of some indices by their gradients."""
        optimizer = self.optimizer
        on_gpu = weight[0].ctx.device_type == "gpu"
        decays = optimizer._get_wds(index)
        if on_gpu or any(decays) or any(w.dtype != "float32" for w in weight):
            super().__call__(index, grad, weight)
            return
        settings = {"rescale_grad": optimizer.rescale_grad}
        if optimizer.clip_gradient:
            settings["clip_gradient"] = optimizer.clip_gradient
        optimizer._set_current_context(weight[0].ctx.device_id)
        # as Gluon's own does: all are counted before a rate is read
        optimizer._update_count(list(index))
        rates = optimizer._get_lrs(index)
        for i, g, w, lr in zip(index, grad, weight, rates):
            w, g = w.as_nd_ndarray(), g.as_nd_ndarray()
            if i not in self.states:
                self.states[i] = optimizer.create_state(i, w)
                self.states_synced[i] = True
            settings.update(lr=lr, out=w, lazy_update=False)
            if self.states[i] is None:
                mx.nd.sgd_update(w, g, **settings)
            else:
                momentum = optimizer.momentum
                state = self.states[i]
                mx.nd.sgd_mom_update(
                    w, g, state, momentum=momentum, **settings
                )
