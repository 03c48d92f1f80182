"""Convolution and max pooling, forward and backward.

As in all deep-learning libraries, "convolution" here is cross-correlation:
the kernel is laid on the image as it is, not turned by 180° first. The true
convolution of mathematics is ``conv2d(x, w[:, :, ::-1, ::-1])``; a network
that learns its kernels does not care.

Letters: ``B`` batch; ``C`` channels in, ``K`` kernels (channels out); ``H, W``
height and width of the input, ``P, Q`` of the output; ``e`` extent of the
kernel or the pooling window (a kernel may be `e × f`), ``s`` stride, ``p``
padding.

Book: ch. 5, "Full Description of the Convolutional Layer"
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fdl.errors import ShapeError
from fdl.scratch._checks import floats, shaped, whole

__all__ = [
    "conv2d",
    "conv2d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "output_size",
]


def output_size(size: int, extent: int, stride: int = 1, pad: int = 0) -> int:
    """Return ⌊(n − e + 2p) / s⌋ + 1, the places where a window of e fits.

    Parameters
    ----------
    size : int
        n, height or width of the image, from 1 up.
    extent, stride : int
        e and s, from 1 up.
    pad : int
        p, on each side, from 0 up.

    Examples
    --------
    >>> output_size(5, extent=3, stride=2, pad=1)
    3
    """
    whole("size", size)
    whole("extent", extent)
    whole("stride", stride)
    whole("pad", pad, least=0)
    if extent > size + 2 * pad:
        raise ShapeError(
            f"`extent` (={extent}) must be at most the padded size, "
            f"{size + 2 * pad}."
        )
    return (size - extent + 2 * pad) // stride + 1


def conv2d(
    x: Any, w: Any, b: Optional[Any] = None, stride: int = 1, pad: int = 0
) -> np.ndarray:
    """Slide K kernels over a batch of images.

    ::

        y_{k,i,j} = Σ_{c,u,v} x_{c, si+u−p, sj+v−p} w_{k,c,u,v} + b_k

    Parameters
    ----------
    x : array `(B, C, H, W)`
        Images.
    w : array `(K, C, e, f)`
        Kernels.
    b : array `(K,)`, optional
        One bias for each kernel.
    stride, pad : int
        Steps between neighbouring places; rows and columns of zeros put
        around the image on each side.

    Returns
    -------
    y : array `(B, K, P, Q)`
        P = ⌊(H − e + 2p)/s⌋ + 1 and Q likewise.

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d(x, np.ones((1, 1, 2, 2)))[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x, w = _images_and_kernels(x, w)
    windows = _windows(_padded(x, pad), w.shape[2:], stride, "w")
    # y_k = Σ_{c,u,v} x_{c,u,v} w_{k,c,u,v}
    y = np.tensordot(windows, w, axes=([1, 4, 5], [1, 2, 3]))  # (B, P, Q, K)
    if b is not None:
        y += shaped("b", floats("b", b), len(w))
    return y.transpose(0, 3, 1, 2)


def conv2d_backward(
    dy: Any, x: Any, w: Any, stride: int = 1, pad: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ∂E/∂x, ∂E/∂w and ∂E/∂b of a convolution, from ∂E/∂y.

    A kernel's weight is used at every place of every image, and its gradient
    is the sum over all these uses.

    Parameters
    ----------
    dy : array `(B, K, P, Q)`
        ∂E/∂y.
    x, w, stride, pad
        What :func:`conv2d` was called with.

    Returns
    -------
    dx, dw, db : arrays `(B, C, H, W)`, `(K, C, e, f)`, `(K,)`
        The gradients.

    Examples
    --------
    The upper left pixel is seen by one of four windows, the middle by all:

    >>> x, w = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
    >>> dx, dw, db = conv2d_backward(np.ones((1, 1, 2, 2)), x, w)
    >>> dx[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    >>> dw[0, 0, 0, 0], db  # 0 + 1 + 3 + 4: what the first weight has seen
    (8.0, array([4.]))
    """
    x, w = _images_and_kernels(x, w)
    padded = _padded(x, pad)
    windows = _windows(padded, w.shape[2:], stride, "w")
    B, _, P, Q = windows.shape[:4]
    dy = shaped("dy", floats("dy", dy), B, len(w), P, Q)

    # ∂E/∂w_{k,c,u,v} = Σ_{b,i,j} ∂E/∂y_k x_{c,u,v}
    dw = np.tensordot(dy, windows, axes=([0, 2, 3], [0, 2, 3]))
    # ∂E/∂b_k = Σ_{b,i,j} ∂E/∂y_k
    db = dy.sum(axis=(0, 2, 3))
    # ∂E/∂x_{c,u,v} = Σ_k ∂E/∂y_k w_{k,c,u,v}, added up where windows overlap
    dx = np.zeros_like(padded)
    for u, v in np.ndindex(*w.shape[2:]):
        share = np.tensordot(dy, w[:, :, u, v], axes=([1], [0]))  # (B,P,Q,C)
        _seen_by(dx, u, v, P, Q, stride)[...] += share.transpose(0, 3, 1, 2)
    H, W = x.shape[2:]
    return dx[:, :, pad : pad + H, pad : pad + W], dw, db


def max_pool2d(x: Any, size: int, stride: Optional[int] = None) -> np.ndarray:
    """Keep the largest entry of each window.

    Rows and columns that no whole window reaches are left out.

    Parameters
    ----------
    x : array `(B, C, H, W)`
        Feature maps.
    size : int
        The window's extent e.
    stride : int, optional
        s; `size` if not given, so that windows are tiles.

    Returns
    -------
    y : array `(B, C, P, Q)`
        P = ⌊(H − e)/s⌋ + 1 and Q likewise.

    Examples
    --------
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> max_pool2d(x, size=2)[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return _tiles(x, size, stride).max(axis=(4, 5))


def max_pool2d_backward(
    dy: Any, x: Any, size: int, stride: Optional[int] = None
) -> np.ndarray:
    """Return ∂E/∂x `(B, C, H, W)` of a max pooling, from ∂E/∂y.

    The whole gradient of a window goes to its largest entry: moving any other
    one a little changes nothing. Among equals it is the first, row by row.

    Parameters
    ----------
    dy : array `(B, C, P, Q)`
        ∂E/∂y.
    x, size, stride
        What :func:`max_pool2d` was called with.

    Examples
    --------
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> dy = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> max_pool2d_backward(dy, x, size=2)[0, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 0., 2.],
           [0., 0., 0., 0.],
           [0., 3., 0., 4.]])
    """
    windows = _tiles(x, size, stride)
    stride = size if stride is None else stride
    dy = shaped("dy", floats("dy", dy), *windows.shape[:4])
    P, Q = windows.shape[2:4]

    largest = windows.reshape(*windows.shape[:4], -1).argmax(axis=-1)
    dx = np.zeros(np.shape(x))
    for place, (u, v) in enumerate(np.ndindex(size, size)):
        _seen_by(dx, u, v, P, Q, stride)[...] += dy * (largest == place)
    return dx


def _images_and_kernels(x: Any, w: Any) -> tuple[np.ndarray, np.ndarray]:
    x = shaped("x", floats("x", x), "B", "C", "H", "W")
    return x, shaped("w", floats("w", w), "K", x.shape[1], "e", "f")


def _padded(x: np.ndarray, pad: int) -> np.ndarray:
    p = whole("pad", pad, least=0)
    return np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))


def _windows(
    x: np.ndarray, extent: tuple[int, ...], stride: int, argument: str
) -> np.ndarray:
    """Return a view of all windows, `(B, C, P, Q, e, f)`."""
    s = whole("stride", stride)
    if any(e > size for e, size in zip(extent, x.shape[2:])):
        raise ShapeError(
            f"`{argument}` (=extent {extent}) must fit into the padded image, "
            f"{x.shape[2:]}."
        )
    # windows of one image and one channel at a time, hence the two ones
    every = sliding_window_view(x, (1, 1, *extent))[:, :, :, :, 0, 0]
    return every[:, :, ::s, ::s]


def _tiles(x: Any, size: int, stride: Optional[int]) -> np.ndarray:
    x = shaped("x", floats("x", x), "B", "C", "H", "W")
    whole("size", size)
    stride = size if stride is None else stride
    return _windows(x, (size, size), stride, "size")


def _seen_by(
    x: np.ndarray, u: int, v: int, P: int, Q: int, stride: int
) -> np.ndarray:
    """Return a view of what place (u, v) of each window sees, `(…, P, Q)`."""
    rows = slice(u, u + stride * P, stride)
    return x[:, :, rows, v : v + stride * Q : stride]
