"""The only door to MXNet.

MXNet 1.9.1 is the last release there will be, and it expects a NumPy that
still had ``np.bool`` and its sisters. This module gives it those names,
switches on NumPy semantics, keeps its import silent, and hands on

``mx, np, npx, autograd, gluon, nn``

where ``np`` is MXNet's array module. Every module of ``fdl`` that computes
with MXNet imports from here and nowhere else; NumPy itself is then ``onp``.

Some operators of this release return wrong gradients without a word. The
correct replacements live here too (from :func:`variance` to :func:`prod`),
and a test refuses the wrong ones anywhere in the package or in a chapter.
They take arrays and symbols alike.
"""

from __future__ import annotations

import numbers
import os
import threading
import warnings
from typing import Any

import numpy as onp

__all__ = [
    "activate",
    "autograd",
    "gluon",
    "frontend",
    "matmul",
    "mx",
    "namespace",
    "nn",
    "norm",
    "np",
    "npx",
    "prod",
    "selu",
    "softplus",
    "stop_gradient",
    "variance",
    "where",
]

# Waiting OpenMP threads that spin make a busy machine many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MXNET_SUBGRAPH_VERBOSE", "0")


def _has_avx2() -> bool:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = next((s for s in file if s.startswith("flags")), "")
    except OSError:
        return False
    return {"avx2", "fma"} <= set(flags.split())


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

# MXNet's own OpenBLAS takes processors younger than itself for the oldest one
# it knows, and multiplies matrices three times slower than it could. It reads
# this variable once, when it is loaded; nobody else is to see it.
_named = "OPENBLAS_CORETYPE" in os.environ
if not _named and _has_avx2():
    os.environ["OPENBLAS_CORETYPE"] = "Haswell"
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mxnet as mx
        from mxnet import autograd, gluon, np, npx
        from mxnet.gluon import nn
finally:
    if not _named:
        os.environ.pop("OPENBLAS_CORETYPE", None)

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


def frontend(x: Any) -> Any:
    """Return the ``F`` of ``hybrid_forward`` that serves `x`.

    ``mx.nd`` for arrays, ``mx.sym`` for symbols; both have ``.np`` and
    ``.npx``, and the older operators beside them.

    Examples
    --------
    >>> frontend(np.ones(1)) is mx.nd, frontend(mx.sym.var("x")) is mx.sym
    (True, True)
    """
    return mx.sym if isinstance(x, mx.symbol.Symbol) else mx.nd


def namespace(x: Any) -> tuple[Any, Any]:
    """Return the ``(np, npx)`` pair that serves `x`.

    A pure function that must also run inside a hybridized block takes its
    operators from here: arrays get MXNet's ``np``, symbols get ``mx.sym.np``.

    Examples
    --------
    >>> namespace(np.ones(1)) == (np, npx)
    True
    """
    if isinstance(x, mx.symbol.Symbol):
        return mx.sym.np, mx.sym.npx
    return np, npx


def stop_gradient(x: Any) -> Any:
    """Return `x` as a constant: nothing flows back through it.

    ``npx.stop_gradient`` does not exist, and ``x.detach()`` fails on symbols.

    Examples
    --------
    >>> x = np.array([3.0])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = x * stop_gradient(x)
    >>> y.backward()
    >>> x.grad  # 3, and not 2 · 3
    array([3.])
    """
    return frontend(x).BlockGrad(x.as_nd_ndarray()).as_np_ndarray()


def variance(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Population variance with a right gradient.

    ``np.var`` and ``np.std`` of MXNet 1.9.1 have a gradient of exactly zero.

    Examples
    --------
    >>> x = np.array([1.0, 3.0])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = variance(x)
    >>> y.backward()
    >>> float(y), x.grad
    (1.0, array([-1.,  1.]))
    """
    F, _ = namespace(x)
    mean = F.mean(x, axis=axis, keepdims=True)
    return F.mean((x - mean) * (x - mean), axis=axis, keepdims=keepdims)


def where(condition: Any, a: Any, b: Any) -> Any:
    """Choose `a` where `condition` holds and `b` elsewhere.

    ``np.where`` of MXNet 1.9.1 sends the gradient to the *other* branch when
    one of the two is a plain number; here a number is made an array first.
    At least one of `a` and `b` is an array.

    Examples
    --------
    >>> x = np.array([1.0, -1.0])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = where(x > 0, 5 * x, 0.0)
    >>> y.backward()
    >>> y, x.grad
    (array([5., 0.]), array([5., 0.]))
    """
    if _is_number(a) and _is_number(b):
        raise TypeError(
            f"`a` (={a}) and `b` (={b}) must not both be plain numbers; "
            "make one of them an array."
        )
    F, _ = namespace(condition)
    if _is_number(a):
        a = F.zeros_like(b) + float(a)
    if _is_number(b):
        b = F.zeros_like(a) + float(b)
    return F.where(condition, a, b)


def _is_number(x: Any) -> bool:
    return isinstance(x, (numbers.Number, onp.bool_))


def norm(x: Any, axis: Any = -1, keepdims: bool = False) -> Any:
    """Euclidean length along `axis`, with gradient 0 at length 0.

    ``np.linalg.norm`` of MXNet 1.9.1 has the gradient NaN there.

    Examples
    --------
    >>> x = np.array([[3.0, 4.0], [0.0, 0.0]])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = norm(x)
    >>> y.backward()
    >>> y, x.grad.round(2)
    (array([5., 0.]), array([[0.6, 0.8],
           [0. , 0. ]]))
    """
    F, _ = namespace(x)
    square = F.sum(x * x, axis=axis, keepdims=keepdims)
    return F.sqrt(where(square > 0, square, 1.0)) * (square > 0)


def prod(x: Any, axis: int = -1) -> Any:
    """Product along `axis`, with a right gradient where factors are 0.

    That of ``np.prod`` of MXNet 1.9.1, ∏ x / x_i, is NaN there. Here each
    factor's gradient is the product of the others, so time and memory grow
    with the square of their number.

    Examples
    --------
    >>> x = np.array([0.0, 2.0, 3.0])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = prod(x)
    >>> y.backward()
    >>> float(y), x.grad  # the product of the others
    (0.0, array([6., 0., 0.]))
    """
    F, Fx = namespace(x)
    x = F.swapaxes(x, axis, -1)  # (…, n)
    fixed = stop_gradient(x)
    # row i has every factor but the i-th
    i = Fx.arange_like(x, axis=-1)
    own = F.expand_dims(i, 0) == F.expand_dims(i, 1)  # (n, n)
    row = F.expand_dims(fixed, -2)  # (…, 1, n)
    others = F.prod(where(own, 1.0, row), axis=-1)  # (…, n)
    # ∂y / ∂x_i = others_i; the second term is 0
    tangent = F.sum(others * (x - fixed), axis=-1)
    return F.prod(fixed, axis=-1) + tangent


def matmul(a: Any, b: Any) -> Any:
    """Multiply stacks of matrices, whatever their leading sizes.

    Where an inner leading size of one is 1 and the other's is not, the
    gradient of ``np.matmul`` of MXNet 1.9.1 is wrong. Here both get their
    common leading sizes first. Both have two axes or more.

    Examples
    --------
    >>> matmul(np.ones((2, 1, 3, 4)), np.ones((6, 4, 5))).shape
    (2, 6, 3, 5)
    """
    F, _ = namespace(a)
    both = (-2, -1)
    stack = F.zeros_like(F.sum(b, axis=both, keepdims=True))
    b = b + F.zeros_like(F.sum(a, axis=both, keepdims=True))
    return F.matmul(a + stack, b)


def selu(x: Any) -> Any:
    """Scaled exponential linear unit with a right gradient.

    That of MXNet 1.9.1 is up to a third off for negative inputs.

    Examples
    --------
    >>> selu(np.array([-1000.0, 0.0, 1.0])).round(3)
    array([-1.758,  0.   ,  1.051])
    """
    _, Fx = namespace(x)
    elu = Fx.leaky_relu(x, act_type="elu", slope=1.6732632423543772)
    return 1.0507009873554805 * elu


def softplus(x: Any) -> Any:
    """Return ln(1 + eˣ) without overflow; ``np.logaddexp`` does not exist.

    Examples
    --------
    >>> softplus(np.array([-1000.0, 0.0])).round(3)
    array([0.   , 0.693])
    """
    _, Fx = namespace(x)
    return Fx.activation(x, act_type="softrelu")
