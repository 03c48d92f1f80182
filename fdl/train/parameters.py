"""A network's parameters: their names, their places, their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as onp

from fdl._mxnet import gluon, mx, np, npx
from fdl.errors import ShapeError

__all__ = ["average", "check_fit", "named_parameters", "place"]


def named_parameters(net: Any, loss: Any = None) -> dict[str, Any]:
    """Return each parameter once, under a name that says where it is.

    Parameters
    ----------
    net : gluon.Block
        The network.
    loss : callable, optional
        If it is a block, its parameters are there too, after ``loss.``.

    Examples
    --------
    >>> from fdl import nn
    >>> list(named_parameters(nn.FeedForward((2, 3, 1))))
    ['hidden1.weight', 'hidden1.bias', 'output.weight', 'output.bias']
    """
    found: dict[str, Any] = {}
    known: set[int] = set()
    blocks = [("", net)]
    if isinstance(loss, gluon.Block):
        blocks.append(("loss.", loss))
    for prefix, block in blocks:
        inside = dict(block._collect_params_with_prefix())
        # parameters that are no attribute of a block have only their names
        for name, parameter in block.collect_params().items():
            inside.setdefault(name[len(block.prefix) :], parameter)
        for name, parameter in inside.items():
            if id(parameter) not in known:
                known.add(id(parameter))
                found[prefix + name] = parameter
    return found


def average(parameters: Sequence[Any]) -> None:
    """Give all towers the mean of what each keeps for itself.

    That is what no gradient moves: the running statistics of normalization.

    Examples
    --------
    >>> towers = [mx.cpu(0), mx.cpu(1)]
    >>> mean = gluon.Parameter("running_mean", shape=(1,), grad_req="null")
    >>> mean.initialize(ctx=towers)
    >>> for tower, value in zip(towers, (1.0, 3.0)):
    ...     mean.data(tower)[:] = value
    >>> average([mean])
    >>> [float(copy) for copy in mean.list_data()]
    [2.0, 2.0]
    """
    for parameter in parameters:
        if parameter.grad_req == "null" and len(parameter.list_ctx()) > 1:
            npx.waitall()  # running statistics are written late
            copies = [copy.asnumpy() for copy in parameter.list_data()]
            if copies[0].dtype.kind == "f":
                mean = onp.mean(copies, axis=0, dtype="float64")
                parameter.set_data(np.array(mean.astype(copies[0].dtype)))


def place(parameters: Sequence[Any], devices: Sequence[Any]) -> None:
    """Put every parameter on the devices, and start those not yet started.

    Parameters
    ----------
    parameters : sequence of gluon.Parameter
        Those of a network.
    devices : sequence of Context
        Where each of them is to have a copy.

    Examples
    --------
    >>> weight = gluon.Parameter("weight", shape=(2, 3))
    >>> place([weight], [mx.cpu(0), mx.cpu(1)])
    >>> weight.list_ctx()
    [cpu(0), cpu(1)]
    """
    for parameter in parameters:
        if parameter._data is None and not parameter._deferred_init:
            parameter.initialize(
                ctx=list(devices), default_init=mx.init.Uniform()
            )
        elif parameter.list_ctx() != list(devices):
            parameter.reset_ctx(list(devices))


def check_fit(
    argument: str,
    named: Mapping[str, Any],
    values: Mapping[str, onp.ndarray],
    whence: str = "",
) -> None:
    """Raise unless there is a value of the right shape for each parameter.

    Parameters
    ----------
    argument : str
        What is wrong if they do not fit: the network, or the values.
    named : mapping
        The parameters, by name.
    values : mapping
        Their new values.
    whence : str
        Where the values come from: ``"as saved in runs/first"``.

    Examples
    --------
    >>> weight = gluon.Parameter("weight", shape=(2, 3))
    >>> check_fit("values", {"weight": weight}, {"weight": onp.ones((2, 3))})
    >>> check_fit("values", {"weight": weight}, {"weight": onp.ones((3, 2))})
    Traceback (most recent call last):
    ...
    fdl.errors.ShapeError: `values` must have the same shapes; weight is (2, 3)
    in the network and (3, 2) in the values.
    """
    whence = whence and f" {whence}"
    odd = sorted(set(named) ^ set(values))
    if odd:
        where = "the network" if odd[0] in named else "the values"
        raise ValueError(
            f"`{argument}` must have the same parameters{whence}; {odd[0]} "
            f"is only in {where}."
        )
    for name, parameter in named.items():
        shape, wanted = tuple(onp.shape(values[name])), parameter.shape
        # a size below 1 is not known yet
        if wanted is not None and (
            len(shape) != len(wanted)
            or any(n not in (size, -1, 0) for size, n in zip(shape, wanted))
        ):
            raise ShapeError(
                f"`{argument}` must have the same shapes{whence}; {name} is "
                f"{tuple(wanted)} in the network and {shape} in the values."
            )
