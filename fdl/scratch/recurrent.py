"""Recurrent layers, step by step and backward through time.

One sequence at a time, in loops that read as the equations;
:mod:`fdl.nn.recurrent` does the same for batches. Units with gates take their
weights by name: ``weights["f"]`` is ``(W, U, b)`` of the gate f, and every
gate's logit is::

    z_t = x_t W + h_{t−1} U + b

Letters: ``T`` steps; ``n`` inputs; ``H`` hidden units; ``W`` `(n, H)` weights
of the inputs; ``U`` `(H, H)` recurrent weights; ``b`` `(H,)` biases.

References: [1] Hochreiter and Schmidhuber 1997, "Long Short-Term Memory";
[2] Gers, Schraudolph and Schmidhuber 2002, "Learning Precise Timing with LSTM
Recurrent Networks"; [3] Cho et al. 2014, arXiv:1406.1078

Differences from the papers: the keep gate of :func:`lstm` is younger than [1].

Book: ch. 7, "The Challenges with Vanishing Gradients"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped
from fdl.scratch.neurons import sigmoid, tanh

__all__ = [
    "Gradients",
    "first_lstm",
    "gru",
    "lstm",
    "reach",
    "rnn",
    "rnn_backward",
]

Gates = Mapping[str, Sequence[Any]]


def rnn(
    x: Any, W: Any, U: Any, b: Any, h0: Optional[Any] = None
) -> np.ndarray:
    """Return the outputs of a recurrent layer, `(T, H)`.

    ::

        h_t = tanh(x_t W + h_{t−1} U + b)

    Parameters
    ----------
    x : array `(T, n)`
        A sequence.
    W, U, b : arrays `(n, H)`, `(H, H)` and `(H,)`
        Weights and biases.
    h0 : array `(H,)`, optional
        The state before the first step; zeros if not given.

    Examples
    --------
    >>> rnn([[1.0], [0.0], [0.0]], [[1.0]], [[0.5]], [0.0]).round(3)
    array([[0.762],
           [0.363],
           [0.18 ]])
    """
    x = _sequence(x)
    W, U, b = _weights("W, U, b", (W, U, b), x.shape[1])
    h = _state("h0", h0, len(b))
    outputs = []
    for t in range(len(x)):
        # h_t = tanh(x_t W + h_{t−1} U + b)
        h = tanh(x[t] @ W + h @ U + b)
        outputs.append(h)
    return np.array(outputs)


class Gradients(NamedTuple):
    """What :func:`rnn_backward` returns: one gradient for each argument.

    Examples
    --------
    One step of one unit at z = 0, where the slope of tanh is 1:

    >>> found = rnn_backward([[1.0]], [[0.0]], [[2.0]], [[3.0]], [0.0])
    >>> found.x, found.h0  # through W = 2 and U = 3
    (array([[2.]]), array([3.]))
    """

    x: np.ndarray
    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    h0: np.ndarray


def rnn_backward(
    dh: Any, x: Any, W: Any, U: Any, b: Any, h0: Optional[Any] = None
) -> Gradients:
    """Backpropagate through time.

    Unrolled, the layer is a deep network whose layers share their weights:
    the error passes from each step to the one before, and each step adds its
    part to the gradients.

    Parameters
    ----------
    dh : array `(T, H)`
        ∂E/∂h_t, where E takes each output directly.
    x, W, U, b, h0
        As of :func:`rnn`.

    Examples
    --------
    At z = 0 the slope of tanh is 1, so ∂h_2/∂h_1 is U, and ∂h_2/∂h_0 is U²:

    >>> x, W, U, b = [[0.0], [0.0]], [[1.0]], [[0.5]], [0.0]
    >>> found = rnn_backward([[0.0], [1.0]], x, W, U, b)
    >>> found.x.ravel(), found.h0
    (array([0.5, 1. ]), array([0.25]))
    """
    h = rnn(x, W, U, b, h0)
    x = _sequence(x)
    W, U, b = _weights("W, U, b", (W, U, b), x.shape[1])
    dh = shaped("dh", floats("dh", dh), *h.shape)
    h0 = _state("h0", h0, len(b))
    dx, dW, dU, db = (np.zeros_like(a) for a in (x, W, U, b))
    from_later = np.zeros_like(b)
    for t in reversed(range(len(x))):
        before = h[t - 1] if t else h0
        # ∂E/∂z_t = (∂E/∂h_t, direct and by way of z_{t+1}) (1 − h_t²)
        dz = (dh[t] + from_later) * (1 - h[t] ** 2)
        dW += np.outer(x[t], dz)
        dU += np.outer(before, dz)
        db += dz
        dx[t] = W @ dz
        # h_t reaches z_{t+1} through U
        from_later = U @ dz
    return Gradients(dx, dW, dU, db, from_later)


def lstm(
    x: Any,
    weights: Gates,
    state: Optional[Sequence[Any]] = None,
    peephole: Optional[Gates] = None,
    old_memory: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs and memories of an LSTM [1], `(T, H)` each.

    ::

        f, i, o = σ(z)                keep, write and output gate
        g = tanh(z)                   what there is to write
        c_t = f ⊙ c_{t−1} + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    Parameters
    ----------
    x : array `(T, n)`
        A sequence.
    weights : mapping
        (W, U, b) of ``"f"``, ``"i"``, ``"o"`` and ``"g"``.
    state : (array, array), optional
        h_0 and c_0 `(H,)`; zeros if not given.
    peephole : mapping, optional
        An array `(H,)` each for ``"f"``, ``"i"`` and ``"o"``, which lets a
        gate see its own memory: p ⊙ c_{t−1} is added to z, and p ⊙ c_t for
        the output gate [2].
    old_memory : bool
        Let the output gate, too, see c_{t−1}, as on a lecture's slides.

    Examples
    --------
    With all weights, biases and inputs 1, every z of the first step is 4:

    >>> ones = {k: (np.ones((2, 2)),) * 2 + (np.full(2, 2.0),) for k in "fiog"}
    >>> h, c = lstm(np.ones((1, 2)), ones)
    >>> h.round(7)
    array([[0.7400966, 0.7400966]])
    """
    x = _sequence(x)
    gates = _gates(weights, "fiog", x.shape[1])
    h, c = state if state is not None else (None, None)
    size = len(gates["f"][2])
    h, c = _state("h0", h, size), _state("c0", c, size)
    p = _peepholes(peephole, size)
    outputs, memories = [], []
    for t in range(len(x)):
        z = {name: x[t] @ W + h @ U + b for name, (W, U, b) in gates.items()}
        f = sigmoid(z["f"] + p["f"] * c)
        i = sigmoid(z["i"] + p["i"] * c)
        g = tanh(z["g"])
        before = c
        # c_t = f ⊙ c_{t−1} + i ⊙ g
        c = f * c + i * g
        o = sigmoid(z["o"] + p["o"] * (before if old_memory else c))
        # h_t = o ⊙ tanh(c_t)
        h = o * tanh(c)
        outputs.append(h)
        memories.append(c)
    return np.array(outputs), np.array(memories)


def first_lstm(x: Any, weights: Gates, s0: Optional[Any] = None) -> np.ndarray:
    """Return the states of a lecture's LSTM of the first generation, `(T, H)`.

    Its memory is its output::

        i, o, f = σ(x_t W + s_{t−1} U + b)
        s̃ = tanh(x_t W + (o ⊙ s_{t−1}) U + b)
        s_t = f ⊙ s_{t−1} + i ⊙ s̃

    Parameters
    ----------
    x : array `(T, n)`
        A sequence.
    weights : mapping
        (W, U, b) of ``"i"``, ``"o"``, ``"f"`` and ``"s"``. Without ``"i"``,
        i = 1 − f, and the unit is the GRU with r for o and z for f.
    s0 : array `(H,)`, optional
        The state before the first step; zeros if not given.

    Examples
    --------
    With all weights and biases 0 the gates are half open, and there is nothing
    new: the state is halved at each step.

    >>> zeros = ([[0.0]], [[0.0]], [0.0])
    >>> weights = {name: zeros for name in "iofs"}
    >>> first_lstm([[1.0], [1.0]], weights, s0=[8.0])
    array([[4.],
           [2.]])
    """
    x = _sequence(x)
    names = "iofs" if "i" in weights else "ofs"
    gates = _gates(weights, names, x.shape[1])
    s = _state("s0", s0, len(gates["f"][2]))
    states = []
    for t in range(len(x)):
        gate = {
            name: sigmoid(x[t] @ W + s @ U + b)
            for name, (W, U, b) in gates.items()
        }
        W, U, b = gates["s"]
        new = tanh(x[t] @ W + (gate["o"] * s) @ U + b)
        # s_t = f ⊙ s_{t−1} + i ⊙ s̃
        s = gate["f"] * s + gate.get("i", 1 - gate["f"]) * new
        states.append(s)
    return np.array(states)


def gru(
    x: Any,
    weights: Gates,
    h0: Optional[Any] = None,
    inside: Optional[Any] = None,
) -> np.ndarray:
    """Return the outputs of a gated recurrent unit, `(T, H)` [3].

    ::

        r, z = σ(x_t W + h_{t−1} U + b)            reset, keep
        n = tanh(x_t W + (r ⊙ h_{t−1}) U + b)      what is new
        h_t = z ⊙ h_{t−1} + (1 − z) ⊙ n

    Parameters
    ----------
    x : array `(T, n)`
        A sequence.
    weights : mapping
        (W, U, b) of ``"r"``, ``"z"`` and ``"n"``.
    h0 : array `(H,)`, optional
        The state before the first step; zeros if not given.
    inside : array `(H,)`, optional
        b' of the newer form n = tanh(x_t W + b + r ⊙ (h_{t−1} U + b')), which
        Gluon and cuDNN have.

    Examples
    --------
    With all weights and biases 0 half of the state is kept; with the keep gate
    open, all of it:

    >>> zeros, high = ([[0.0]], [[0.0]], [0.0]), ([[0.0]], [[0.0]], [50.0])
    >>> gru([[1.0]], {"r": zeros, "z": zeros, "n": zeros}, h0=[8.0])
    array([[4.]])
    >>> gru([[1.0]], {"r": zeros, "z": high, "n": zeros}, h0=[8.0])
    array([[8.]])
    """
    x = _sequence(x)
    gates = _gates(weights, "rzn", x.shape[1])
    h = _state("h0", h0, len(gates["r"][2]))
    outputs = []
    for t in range(len(x)):
        r, z = (
            sigmoid(x[t] @ W + h @ U + b)
            for W, U, b in (gates["r"], gates["z"])
        )
        W, U, b = gates["n"]
        if inside is None:
            n = tanh(x[t] @ W + (r * h) @ U + b)
        else:
            n = tanh(x[t] @ W + b + r * (h @ U + inside))
        # h_t = z ⊙ h_{t−1} + (1 − z) ⊙ n
        h = z * h + (1 - z) * n
        outputs.append(h)
    return np.array(outputs)


def reach(h: Any, w_in: float, w_rec: float) -> np.ndarray:
    """Return ∂h_T / ∂i_{T−k} of one tanh neuron, for k = 0, 1, …, T − 1.

    ::

        ∂h_t/∂i_{t−k} = f'_t w_rec ∂h_{t−1}/∂i_{t−k}
        ∂h_t/∂i_t = f'_t w_in                          f' = 1 − h²

    As f' is at most 1, its size is at most ``|w_rec|ᵏ |w_in|``.

    Parameters
    ----------
    h : array `(T,)`
        What the neuron put out, step by step.
    w_in, w_rec : float
        Its two weights.

    Examples
    --------
    >>> reach([0.0, 0.0, 0.0], w_in=2.0, w_rec=0.5)
    array([2. , 1. , 0.5])
    """
    slope = 1 - shaped("h", floats("h", h), "T") ** 2
    found = []
    passed = 1.0
    for t in reversed(range(len(slope))):
        found.append(passed * slope[t] * w_in)
        passed *= slope[t] * w_rec
    return np.array(found)


def _sequence(x: Any) -> np.ndarray:
    return shaped("x", floats("x", x), "T", "n")


def _state(name: str, value: Optional[Any], size: int) -> np.ndarray:
    if value is None:
        return np.zeros(size)
    return shaped(name, floats(name, value), size)


def _peepholes(given: Optional[Gates], size: int) -> dict[str, np.ndarray]:
    """Return p of each gate, zeros where none is given."""
    p = {name: np.zeros(size) for name in "fio"}
    for name, row in (given or {}).items():
        if name not in p:
            raise must("peephole", name, "be for the gates f, i, o")
        p[name] = _state(f"peephole[{name!r}]", row, size)
    return p


def _weights(
    name: str, value: Sequence[Any], width: int, size: Optional[int] = None
) -> list[np.ndarray]:
    """Return W, U and b, if they fit `width` inputs and `size` units."""
    if len(value) != 3:
        raise must(name, f"{len(value)} arrays", "be three: (W, U, b)")
    W, U, b = (floats(name, array) for array in value)
    size = len(shaped(name, b, size or "H"))
    return [shaped(name, W, width, size), shaped(name, U, size, size), b]


def _gates(
    weights: Gates, names: str, width: int
) -> dict[str, list[np.ndarray]]:
    """Return W, U and b of each gate, if all are of one size."""
    if set(weights) != set(names):
        rule = f"hold the gates {', '.join(names)}"
        raise must("weights", sorted(weights), rule)
    size: Optional[int] = None
    found = {}
    for n in names:
        found[n] = _weights(f"weights[{n!r}]", weights[n], width, size)
        size = len(found[n][2])
    return found
