"""The only door to MXNet.

MXNet 1.9.1 is the last release there will be, and it expects a NumPy that
still had ``np.bool`` and its sisters. This module gives it those names,
switches on NumPy semantics, keeps its import silent, and hands on

``mx, np, npx, autograd, gluon, nn``

where ``np`` is MXNet's array module. Every module of ``fdl`` that computes
with MXNet imports from here and nowhere else; NumPy itself is then ``onp``.

Some operators of this release return wrong gradients without a word. The
correct replacements live here too (:func:`variance`, :func:`where`,
:func:`stop_gradient`), and a test refuses the wrong ones anywhere in the
package or in a chapter.
"""

from __future__ import annotations

import os
import threading
import warnings
from typing import Any

import numpy as onp

__all__ = [
    "activate",
    "autograd",
    "gluon",
    "mx",
    "namespace",
    "nn",
    "np",
    "npx",
    "stop_gradient",
    "variance",
    "where",
]

# Waiting OpenMP threads that spin make a busy machine many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MXNET_SUBGRAPH_VERBOSE", "0")

for _name, _type in {
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "object": object,
    "str": str,
}.items():
    # looked up in the dictionary, since hasattr itself warns
    if _name not in onp.__dict__:
        setattr(onp, _name, _type)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mxnet as mx
    from mxnet import autograd, gluon, np, npx
    from mxnet.gluon import nn

npx.set_np()

# Harmless notices of a library that will not be released again.
warnings.filterwarnings(
    "ignore", category=DeprecationWarning, module=r"mxnet(\.|$)"
)


def activate() -> None:
    """Switch on NumPy semantics in this thread.

    MXNet keeps that switch per thread, so a thread of your own calls this
    before its first array.
    """
    if threading.current_thread() is not threading.main_thread():
        npx.set_np()


def namespace(x: Any) -> tuple[Any, Any]:
    """Return the ``(np, npx)`` pair that serves `x`.

    A pure function that must also run inside a hybridized block takes its
    operators from here: arrays get MXNet's ``np``, symbols get ``mx.sym.np``.
    """
    if isinstance(x, mx.symbol.Symbol):
        return mx.sym.np, mx.sym.npx
    return np, npx


def variance(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Population variance with a right gradient.

    ``np.var`` and ``np.std`` of MXNet 1.9.1 have a gradient of exactly zero.
    """
    F, _ = namespace(x)
    mean = F.mean(x, axis=axis, keepdims=True)
    return F.mean((x - mean) * (x - mean), axis=axis, keepdims=keepdims)


def where(condition: Any, a: Any, b: Any) -> Any:
    """Choose `a` where `condition` holds and `b` elsewhere.

    ``np.where`` of MXNet 1.9.1 sends the gradient to the *other* branch when
    one of the two is a Python number; here a number is made an array first.
    At least one of `a` and `b` is an array.
    """
    scalar = (bool, int, float)
    if isinstance(a, scalar) and isinstance(b, scalar):
        raise TypeError(
            f"`a` (={a}) and `b` (={b}) must not both be plain numbers; "
            "make one of them an array."
        )
    F, _ = namespace(condition)
    if isinstance(a, scalar):
        a = F.zeros_like(b) + a
    if isinstance(b, scalar):
        b = F.zeros_like(a) + b
    return F.where(condition, a, b)


def stop_gradient(x: Any) -> Any:
    """Return `x` as a constant: nothing flows back through it.

    Works on arrays and on symbols; ``npx.stop_gradient`` does not exist.
    """
    if isinstance(x, mx.symbol.Symbol):
        return mx.sym.BlockGrad(x.as_nd_ndarray()).as_np_ndarray()
    return mx.nd.BlockGrad(x.as_nd_ndarray()).as_np_ndarray()
