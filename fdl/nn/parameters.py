"""Parameters of a network as a dictionary of NumPy arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as onp

from fdl._mxnet import np
from fdl.errors import ShapeError, must

__all__ = ["get_parameters", "set_parameters"]


def get_parameters(net: Any) -> dict[str, onp.ndarray]:
    """Return every parameter of `net` by its path, ``"output.weight"``.

    The names depend on the network's structure alone, so that two networks
    of one structure can exchange their parameters.

    Examples
    --------
    >>> from fdl.nn import FeedForward
    >>> net = FeedForward((3, 2))
    >>> net.initialize()
    >>> {name: p.shape for name, p in get_parameters(net).items()}
    {'output.weight': (2, 3), 'output.bias': (2,)}
    """
    return {
        name: parameter.data(parameter.list_ctx()[0]).asnumpy()
        for name, parameter in net._collect_params_with_prefix().items()
    }


def set_parameters(net: Any, arrays: Mapping[str, Any]) -> None:
    """Give `net` the parameters that :func:`get_parameters` returned.

    A network that was not initialized yet is so afterwards. Nothing changes
    unless all names and shapes fit.

    Parameters
    ----------
    net : Block
        The network.
    arrays : mapping of str to array
        One array for each parameter, in any float type.

    Examples
    --------
    >>> from fdl.nn import FeedForward
    >>> one, other = FeedForward((3, 2)), FeedForward((3, 2))
    >>> one.initialize()
    >>> set_parameters(other, get_parameters(one))
    >>> bool((other.output.weight.data() == one.output.weight.data()).all())
    True
    """
    parameters = net._collect_params_with_prefix()
    if set(arrays) != set(parameters):
        raise must(
            "arrays",
            sorted(arrays),
            f"have exactly the names {sorted(parameters)}",
        )
    for name, parameter in parameters.items():
        shape = tuple(onp.shape(arrays[name]))
        wanted = parameter.shape
        # a size below 1 is not known yet
        if wanted is not None and (
            len(shape) != len(wanted)
            or any(n not in (size, -1, 0) for size, n in zip(shape, wanted))
        ):
            raise ShapeError(
                f"`arrays` (={name}: {shape}) must have the shape"
                f" {tuple(wanted)} there."
            )
    for name, parameter in parameters.items():
        value = np.array(arrays[name], dtype=parameter.dtype)
        parameter.shape = value.shape
        if parameter._data is None and not parameter._deferred_init:
            parameter.initialize()
        parameter.set_data(value)
