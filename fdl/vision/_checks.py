"""What the networks for images ask of their arguments and inputs."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any, Optional

import numpy as onp

from fdl._mxnet import mx, np
from fdl.errors import ShapeError, must

__all__ = ["check_images", "check_sizes"]


def check_sizes(
    argument: str, sizes: Sequence[int], count: Optional[int] = None
) -> tuple[int, ...]:
    """Return whole numbers from 1 up as a tuple; `count` of them, if given."""
    several = isinstance(sizes, Sequence) and not isinstance(sizes, str)
    fits = several and count in (None, len(sizes))
    if not fits or not all(
        isinstance(n, numbers.Integral) and not isinstance(n, bool) and n > 0
        for n in sizes
    ):
        many = "" if count is None else f"{count} "
        raise must(argument, sizes, f"be {many}whole numbers from 1 up")
    return tuple(int(n) for n in sizes)


def check_images(
    x: Any,
    channels: int,
    height: Optional[int] = None,
    width: Optional[int] = None,
    *,
    least: int = 1,
    dtype: Any = "float32",
) -> None:
    """Raise unless x is a batch of images `(B, C, H, W)` of floats.

    Parameters
    ----------
    x : array or symbol
        A symbol stands for an array that was checked before; an array of
        NumPy's may be of any float type, since ``fit`` converts it.
    channels : int
        C.
    height, width : int, optional
        H and W, where a network takes one size only.
    least : int
        How high and wide images must be for the network's depth.
    dtype : str or type
        What the network computes in.
    """
    if isinstance(x, mx.symbol.Symbol):
        return
    shape = tuple(x.shape)
    want = (channels, height, width)
    # of no images at all MXNet complains too, but later and obscurely
    right = (
        len(shape) == 4
        and shape[0] > 0
        and all(n in (None, size) for n, size in zip(want, shape[1:]))
    )
    if not right or min(shape[2:]) < least:
        wanted = f"(B, {channels}, {height or 'H'}, {width or 'W'})"
        if least > 1:
            wanted += f" with H and W from {least} up"
        raise ShapeError(
            f"`x` (=of shape {shape}) must be images of shape {wanted}."
        )
    ours = isinstance(x, np.ndarray)
    wanted = onp.dtype(dtype).name if ours else "some float type"
    if onp.dtype(x.dtype).kind != "f" or (ours and x.dtype != dtype):
        raise TypeError(
            f"`x` (=of type {onp.dtype(x.dtype).name}) must be of {wanted}."
        )
