"""A minibatch on its way to the devices, and its outputs on their way back.

Letters: ``B`` batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as onp

from fdl._mxnet import np

__all__ = ["Part", "gather", "load", "load_targets", "split"]

# What MXNet has arrays of; other types are widened on the way.
DTYPES = ("float32", "float16", "uint8", "int8", "int32", "int64", "bool")


class Part(NamedTuple):
    """One device's share of a minibatch.

    Examples
    --------
    >>> x, y = onp.zeros((4, 2)), onp.zeros(4)
    >>> Part((x,), y, size=len(y)).size
    4
    """

    x: tuple[Any, ...]
    y: Any
    size: int


def load(array: Any, device: Any) -> Any:
    """Copy an array to a device, float64 as float32.

    Half the time of ``mx.np.array``, which copies on the host first.

    Parameters
    ----------
    array : array
        Of MXNet's or of any other kind that NumPy can read.
    device : Context
        Where to.

    Examples
    --------
    >>> from fdl._mxnet import mx
    >>> for dtype in ("float64", "uint16", "uint8"):
    ...     print(load(onp.zeros(3, dtype), mx.cpu()).dtype)
    float32
    int64
    uint8
    """
    if isinstance(array, np.ndarray):
        there = array.as_in_ctx(device)
        return there.astype("float32") if there.dtype == "float64" else there
    host = onp.asarray(array)
    dtype = host.dtype.name
    if dtype not in DTYPES:
        dtype = "float32" if host.dtype.kind == "f" else "int64"
    there = np.empty(host.shape, dtype=dtype, ctx=device)
    there._sync_copyfrom(host)
    return there


def load_targets(y: Any, device: Any) -> Any:
    """Copy targets to a device, truth values as the numbers 0 and 1.

    MXNet's losses take no truth values.

    Examples
    --------
    >>> from fdl._mxnet import mx
    >>> load_targets(onp.array([True, False]), mx.cpu())
    array([1., 0.])
    """
    if onp.dtype(getattr(y, "dtype", object)) == bool:
        y = y.astype("float32")
    return load(y, device)


def split(x: tuple[Any, ...], y: Any, devices: Sequence[Any]) -> list[Part]:
    """Share a minibatch out, as evenly as it goes.

    Where there are fewer rows than devices, the first get one each.

    Parameters
    ----------
    x : tuple of arrays
        `(B, …)` each, what the network is called with.
    y : array
        `(B, …)`.
    devices : sequence of Context

    Examples
    --------
    >>> from fdl._mxnet import mx
    >>> x, y = onp.zeros((5, 2)), onp.arange(5)
    >>> for part in split((x,), y, [mx.cpu(0), mx.cpu(1)]):
    ...     print(part.x[0].shape, part.y, part.size)
    (2, 2) [0 1] 2
    (3, 2) [2 3 4] 3
    """
    rows = len(y)
    if len(devices) == 1:
        here = devices[0]
        return [
            Part(tuple(load(a, here) for a in x), load_targets(y, here), rows)
        ]
    devices = devices[:rows]
    cuts = [i * rows // len(devices) for i in range(len(devices) + 1)]
    return [
        Part(
            tuple(load(a[start:end], device) for a in x),
            load_targets(y[start:end], device),
            end - start,
        )
        for device, start, end in zip(devices, cuts, cuts[1:])
    ]


def gather(parts: list[Any]) -> Any:
    """Bring the outputs of all towers to the host, in the batch's order.

    Examples
    --------
    >>> from fdl._mxnet import mx
    >>> x, y = onp.arange(10).reshape(5, 2), onp.arange(5)
    >>> parts = split((x,), y, [mx.cpu(0), mx.cpu(1)])
    >>> gather([part.y for part in parts]).tolist()
    [0, 1, 2, 3, 4]
    """
    if isinstance(parts[0], (list, tuple)):
        return tuple(gather(list(part)) for part in zip(*parts))
    if len(parts) == 1:
        return parts[0].asnumpy()
    return onp.concatenate([part.asnumpy() for part in parts])
