"""A parameter's numbers as a NumPy array that shares its memory.

MXNet has no operator that updates some rows of a table and costs nothing for
the others, and its arrays on the CPU are memory like any other.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as onp

from fdl._mxnet import mx

__all__ = ["host"]


@contextlib.contextmanager
def host(*parameters: Any) -> Iterator[list[onp.ndarray]]:
    """Hand out float32 parameters as NumPy arrays that may be written to.

    On the CPU nothing is copied. Parameters on a GPU are copied to the host
    and back again at the end; so are those on several devices.

    Parameters
    ----------
    *parameters : gluon.Parameter
        Initialized.

    Examples
    --------
    >>> table = mx.gluon.Parameter("table", shape=(2, 3))
    >>> table.initialize(mx.init.Zero())
    >>> with host(table) as (rows,):
    ...     rows[1] = 7
    >>> table.data()[1]
    array([7., 7., 7.])
    """
    here = [_is_shared(p) for p in parameters]
    arrays = [
        _view(p.data()) if near else p.data(p.list_ctx()[0]).asnumpy().copy()
        for p, near in zip(parameters, here)
    ]
    yield arrays
    for p, near, array in zip(parameters, here, arrays):
        if not near:
            p.set_data(mx.np.array(array))


def _is_shared(parameter: Any) -> bool:
    devices = parameter.list_ctx()
    return len(devices) == 1 and devices[0].device_type == "cpu"


def _view(array: Any) -> onp.ndarray:
    """Return an NDArray's memory; it must outlive what is returned."""
    array.wait_to_read()
    address = ctypes.c_void_p()
    mx.base.check_call(
        mx.base._LIB.MXNDArrayGetData(array.handle, ctypes.byref(address))
    )
    floats = ctypes.c_float * array.size
    buffer = floats.from_address(address.value or 0)
    return onp.frombuffer(buffer, onp.float32).reshape(array.shape)
