"""Reverse-mode automatic differentiation on arrays.

Each operation leaves a tensor that remembers its operands and, for each of
them, the way back from ∂E/∂y of the result y to the operand's share of ∂E.
`Tensor.backward` walks the graph from the end to the beginning and adds up
the shares: backpropagation, for any expression.

Letters: ``a``, ``b`` the operands' arrays; ``y`` the result's; ``g`` ∂E/∂y.

Book: ch. 2, "The Backpropagation Algorithm"
"""

from __future__ import annotations

import numbers
import operator
from typing import Any, Callable, Union

import numpy as np

from fdl.errors import ShapeError
from fdl.scratch._checks import floats
from fdl.scratch.neurons import relu, sigmoid

__all__ = ["Tensor"]

Axis = Union[None, int, tuple[int, ...]]


class Tensor:
    """An array that knows where it came from.

    Operators take tensors, arrays and plain numbers on either side and
    broadcast as NumPy does; ``**`` takes a plain number. After
    ``E.backward()``, ``.grad`` holds ∂E/∂(this tensor). ``.parents`` are the
    operands of the operation ``.op`` that made it; a new tensor has none.

    Parameters
    ----------
    array : array_like
        Finite numbers, kept as float64 in ``.array``.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.])
    """

    __array_ufunc__ = None  # so NumPy leaves `array + tensor` to the tensor

    def __init__(self, array: Any) -> None:
        self.array = floats("array", array).copy()
        self.grad: Any = None
        self.op = ""
        self.parents: tuple[Tensor, ...] = ()
        self._ways_back: tuple[Callable, ...] = ()

    def backward(self) -> None:
        """Compute ``.grad`` of all that this came from, afresh in each call.

        E is this tensor, or the sum of its entries if there are several.
        """
        nodes = self._operands_first()
        for node in nodes:
            node.grad = np.zeros_like(node.array)
        self.grad = np.ones_like(self.array)
        for node in reversed(nodes):
            for parent, back in zip(node.parents, node._ways_back):
                # ∂E/∂a = Σ ∂E/∂y ∂y/∂a, over every y that a went into
                share = back(node.grad, node.array)
                parent.grad = parent.grad + _fold(share, parent.array.shape)

    def _operands_first(self) -> list[Tensor]:
        """Sort this tensor's graph, however deep, without recursion."""
        nodes: list[Tensor] = []
        seen, stack = set(), [(self, False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                nodes.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        return nodes

    def __add__(self, other: Any) -> Tensor:
        other = _tensor(other)
        ways = [(self, lambda g, y: g), (other, lambda g, y: g)]
        return _apply(np.add, ways)

    def __mul__(self, other: Any) -> Tensor:
        other = _tensor(other)
        a, b = self.array, other.array
        ways = [(self, lambda g, y: g * b), (other, lambda g, y: g * a)]
        return _apply(np.multiply, ways)

    def __pow__(self, n: float) -> Tensor:
        if not isinstance(n, numbers.Real):
            raise TypeError(f"`n` (={n!r}) must be a plain number.")
        a = self.array
        m = n - 1 if n else 0  # where n = 0 the slope is 0, not 0 · 1/a
        return _apply(np.power, [(self, lambda g, y: g * n * a**m)], n)

    def __matmul__(self, other: Any) -> Tensor:
        other = _tensor(other)
        if other.array.ndim == 1:  # a column
            return (self @ other.reshape(-1, 1))[..., 0]
        if self.array.ndim == 1:  # a row
            return (self.reshape(1, -1) @ other)[..., 0, :]
        a, b = self.array, other.array
        ways = [
            (self, lambda g, y: g @ b.swapaxes(-1, -2)),
            (other, lambda g, y: a.swapaxes(-1, -2) @ g),
        ]
        return _apply(np.matmul, ways)

    def __neg__(self) -> Tensor:
        return self * -1

    def __sub__(self, other: Any) -> Tensor:
        return self + -_tensor(other)

    def __truediv__(self, other: Any) -> Tensor:
        return self * _tensor(other) ** -1

    def __rsub__(self, other: Any) -> Tensor:
        return _tensor(other) - self

    def __rtruediv__(self, other: Any) -> Tensor:
        return _tensor(other) / self

    def __rmatmul__(self, other: Any) -> Tensor:
        return _tensor(other) @ self

    __radd__, __rmul__ = __add__, __mul__

    def exp(self) -> Tensor:
        """Return e^a."""
        return _apply(np.exp, [(self, lambda g, y: g * y)])

    def log(self) -> Tensor:
        """Return the natural logarithm of a."""
        return _apply(np.log, [(self, lambda g, y: g / self.array)])

    def tanh(self) -> Tensor:
        """Return tanh a."""
        return _apply(np.tanh, [(self, lambda g, y: g * (1 - y**2))])

    def sigmoid(self) -> Tensor:
        """Return 1 / (1 + e^{−a})."""
        return _apply(sigmoid, [(self, lambda g, y: g * y * (1 - y))])

    def relu(self) -> Tensor:
        """Return max(0, a)."""
        return _apply(relu, [(self, lambda g, y: g * (y > 0))])

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Add up along one axis, several, or all."""
        a = self.array
        kept = a.sum(axis, keepdims=True).shape
        ways = [(self, lambda g, y: np.ones_like(a) * g.reshape(kept))]
        return _apply(np.sum, ways, axis, None, None, keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Average along one axis, several, or all."""
        total = self.sum(axis, keepdims)
        return total * (total.array.size / self.array.size)

    def reshape(self, *shape: Any) -> Tensor:
        """Return the same entries in another shape."""
        ways = [(self, lambda g, y: g.reshape(self.array.shape))]
        return _apply(np.ndarray.reshape, ways, *shape)

    def __getitem__(self, index: Any) -> Tensor:
        def back(g: np.ndarray, y: np.ndarray) -> np.ndarray:
            # an entry that was taken several times gets several shares
            shares = np.zeros_like(self.array)
            np.add.at(shares, index, g)
            return shares

        return _apply(operator.getitem, [(self, back)], index)

    @property
    def T(self) -> Tensor:
        """The tensor with its axes in reverse order."""
        return _apply(np.transpose, [(self, lambda g, y: g.T)])

    def __repr__(self) -> str:
        values = np.array2string(self.array, separator=", ", prefix="Tensor(")
        return f"Tensor({values})"


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor(value)


def _apply(
    f: Callable, ways: list[tuple[Tensor, Callable]], *more: Any
) -> Tensor:
    tensor = Tensor(0.0)
    tensor.op = f.__name__
    tensor.parents, tensor._ways_back = zip(*ways)
    arrays = [parent.array for parent in tensor.parents]
    try:
        tensor.array = np.asarray(f(*arrays, *more))
    except ValueError as error:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise ShapeError(
            f"Operands of `{tensor.op}` (=shapes {shapes}) must fit: {error}."
        ) from None
    return tensor


def _fold(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum g over the axes along which this shape was repeated."""
    extra = g.ndim - len(shape)
    single = (k for k, size in enumerate(shape, extra) if size == 1)
    return g.sum(axis=(*range(extra), *single), keepdims=True).reshape(shape)
