"""What the operators of a graph see of the network's input.

Every rule gets what the operator's inputs see and answers what its output
sees, along each axis of the image. An operator without a rule gives None:
nothing is guessed.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Optional

from fdl.nn.graph import Node
from fdl.scratch.receptive_field import ReceptiveField

__all__ = ["Fields", "see"]

Fields = Optional[tuple[ReceptiveField, ...]]
"""What a unit sees along each axis; None where that is not known."""
Known = tuple[ReceptiveField, ...]
Sizes = tuple[int, ...]

# operators that treat every place of an image alike and alone
PLACEWISE = {
    "Activation",
    "BatchNorm",
    "Concat",
    "Dropout",
    "LRN",
    "LeakyReLU",
    "_npi_add",
    "_npi_add_scalar",
    "_npi_multiply",
    "_npi_multiply_scalar",
    "_npi_rsubtract_scalar",
    "_npi_subtract",
    "_npi_tanh",
    "_npx_relu",
    "_npx_sigmoid",
}


def see(node: Node, below: Sequence[Fields], sizes: Sizes) -> Fields:
    """Return what a unit of this node's output sees, along each axis.

    Parameters
    ----------
    node : Node
        The operator.
    below : sequence of fields
        What each of its inputs sees; None where that is not known.
    sizes : tuple of int
        Height and width of its first input; empty once the image is a row.

    Examples
    --------
    >>> from fdl.nn import ConvNorm, trace
    >>> node = trace(ConvNorm(3, 8, extent=5), (3, 24, 24))[0]
    >>> pixel = ReceptiveField()  # an input sees itself
    >>> [field.size for field in see(node, [(pixel, pixel)], (24, 24))]
    [5, 5]
    """
    known = [fields for fields in below if fields is not None]
    if not known or len(known) < len(below):
        return None
    try:
        fields = tuple(
            functools.reduce(ReceptiveField.with_branch, axis)
            for axis in zip(*known)
        )
    except ValueError:  # the branches have different strides
        return None
    if node.kind in PLACEWISE or not sizes:
        return fields
    rule = RULES.get(node.kind)
    return rule(fields, node, sizes) if rule else None


def _window(fields: Known, node: Node, sizes: Sizes) -> Fields:
    settings = node.settings
    if settings.get("global_pool"):
        return _whole(fields, node, sizes)
    ones = (1,) * len(fields)
    return tuple(
        field.after(extent, stride, dilation, pad)
        for field, extent, stride, dilation, pad in zip(
            fields,
            settings["kernel"],
            settings.get("stride") or ones,
            settings.get("dilate") or ones,
            settings.get("pad") or (0,) * len(fields),
        )
    )


def _whole(fields: Known, node: Node, sizes: Sizes) -> Fields:
    return tuple(field.of_all(n) for field, n in zip(fields, sizes))


def _dense(fields: Known, node: Node, sizes: Sizes) -> Fields:
    return _whole(fields, node, sizes) if node.settings["flatten"] else fields


def _mean(fields: Known, node: Node, sizes: Sizes) -> Fields:
    every = tuple(range(2, 2 + len(sizes)))
    axes = node.settings["axis"]
    return _whole(fields, node, sizes) if axes == every else None


def _pad(fields: Known, node: Node, sizes: Sizes) -> Fields:
    before = [pair[0] for pair in node.settings["pad_width"][2:]]
    return _moved(fields, [-n for n in before])


def _slice(fields: Known, node: Node, sizes: Sizes) -> Fields:
    settings = node.settings
    if any(step not in (None, 1) for step in settings.get("step") or ()):
        return None
    begin = [n or 0 for n in settings["begin"][2:]]
    begin += [0] * (len(sizes) - len(begin))
    starts = [n % size for n, size in zip(begin, sizes)]  # −1 is the last
    return _moved(fields, starts)


def _moved(fields: Known, places: Sequence[int]) -> Fields:
    return tuple(
        ReceptiveField(
            field.lo + n * field.stride,
            field.hi + n * field.stride,
            field.stride,
        )
        for field, n in zip(fields, places)
    )


def _channels(fields: Known, node: Node, sizes: Sizes) -> Fields:
    return fields if node.settings["axis"] == 1 else None


def _reshape(fields: Known, node: Node, sizes: Sizes) -> Fields:
    return fields if node.shape[1:] == sizes else None


RULES: dict[str, Callable[[Known, Node, Sizes], Fields]] = {
    "Convolution": _window,
    "Flatten": _whole,
    "FullyConnected": _dense,
    "Pooling": _window,
    "_npi_concatenate": _channels,
    "_npi_mean": _mean,
    "_npi_pad": _pad,
    "_npx_reshape": _reshape,
    "_split_v2": _channels,
    "slice": _slice,
}
