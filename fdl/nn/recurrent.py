"""The run of a recurrent cell along a sequence.

Where MXNet has the whole loop as one operator, that operator runs, with the
cell's own parameters; where it has none, as for peepholes, the cell steps.

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``H`` hidden units.

Book: ch. 7, "Implementing a Sentiment Analysis Model"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import frontend, mx
from fdl.errors import ShapeError, must
from fdl.nn.cells import Cell, GRUCell, LSTMCell, RNNCell

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "last", "run"]

WEIGHTS = ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
SHUT = 1e4  # σ(−SHUT) is 0, and σ(SHUT) is 1, to the last bit


def run(cell: Any, x: Any, lengths: Any = None, state: Any = None) -> Any:
    """Run a cell along a batch of sequences.

    Parameters
    ----------
    cell : Cell, Stacked, Bidirectional or DropoutCell
        What makes the steps.
    x : array `(B, T, X)`
        The sequences, padded at their ends.
    lengths : array `(B,)`, optional
        How many steps of each are real, 0 to T. Padding leaves the state
        alone, and its outputs are zeros.
    state : list of arrays `(B, H)`, optional
        Where to begin; by default at the cell's own first state.

    Returns
    -------
    outputs : array `(B, T, H)`
        Of every step.
    state : list of arrays `(B, H)`
        After each sequence's last real step.

    Examples
    --------
    >>> cell = GRUCell(4)
    >>> cell.initialize()
    >>> outputs, [h] = run(cell, mx.np.ones((2, 6, 3)), mx.np.array([6, 1]))
    >>> bool((h[1] == outputs[1, 0]).all()), float(abs(outputs[1, 1:]).max())
    (True, 0.0)
    """
    if not isinstance(x, mx.symbol.Symbol):
        _check("x", x, lengths)
    if isinstance(cell, Cell):
        return _unroll(cell, x, lengths, state)
    if hasattr(cell, "unroll"):
        return cell.unroll(x, lengths, state)
    raise TypeError(f"`cell` (={cell!r}) must be a recurrent cell.")


def last(outputs: Any, lengths: Any) -> Any:
    """Return the output of each sequence's last real step.

    Parameters
    ----------
    outputs : array `(B, T, H)`
        Of every step.
    lengths : array `(B,)`
        How many steps are real. Of a sequence of none, zeros are returned.

    Returns
    -------
    array `(B, H)`

    Examples
    --------
    >>> outputs = mx.np.arange(6).reshape(1, 3, 2)
    >>> last(outputs, mx.np.array([2]))
    array([[2., 3.]])
    """
    if not isinstance(outputs, mx.symbol.Symbol):
        _check("outputs", outputs, lengths)
    F = frontend(outputs)
    before = F.np.maximum(lengths - 1, 0)
    chosen = _real(F, outputs, lengths) - _real(F, outputs, before)
    # Σ_t chosen_t h_t, a product of matrices
    picked = F.npx.batch_dot(chosen, outputs, transpose_a=True)  # (B, 1, H)
    return F.np.squeeze(picked, axis=1)


def _unroll(cell: Cell, x: Any, lengths: Any, state: Any) -> Any:
    """Take all steps of a cell."""
    F = frontend(x)
    values = cell.values(x)
    if state is None:
        state = cell.first(F, x[:, 0, :1])
    cell.check(x, state)
    loop = _in_one if cell.fused else _one_by_one
    outputs, ends = loop(F, cell, x, lengths, list(state), values)
    if lengths is None:
        return outputs, ends
    real = _real(F, outputs, lengths)
    if cell.fused:
        # the output of the last real step; of none, the first state
        none = 1 - real[:, 0]  # (B, 1)
        ends[0] = last(outputs, lengths) + none * state[0]
    return outputs * real, ends


def _in_one(
    F: Any, cell: Cell, x: Any, lengths: Any, state: Any, values: Any
) -> Any:
    """Take all steps by MXNet's own loop, which is time-major."""
    if lengths is not None and len(cell.states) == 2:
        x, values = _shut(F, cell, x, lengths, values)
    # by this operator MXNet can tell X from a batch
    parameters = F.np._internal.rnn_param_concat(
        *(values[name].reshape(-1) for name in WEIGHTS), dim=0
    )
    outputs, *ends = F.npx.rnn(
        F.np.swapaxes(x, 0, 1),  # (T, B, X)
        parameters,
        *(F.np.expand_dims(s, 0) for s in state),
        mode=cell.mode,
        state_size=cell.hidden,
        num_layers=1,
        state_outputs=True,
    )
    return F.np.swapaxes(outputs, 0, 1), [s[0] for s in ends]


def _shut(F: Any, cell: Cell, x: Any, lengths: Any, values: Any) -> Any:
    """Return inputs and weights that shut an LSTM's gates in padding.

    MXNet's loop takes lengths and, on a CPU, heeds none. So padding is one
    more input, whose weights say: write nothing, keep all.
    """
    if cell.i2h_weight.shape[1] < 1:
        # MXNet's search for shapes does not see through one more input
        raise must("inputs", 0, "be given to hybridize before first use")
    one = F.np.ones_like(values["h2h_bias"])
    i, f, g, o = F.np.split(one, 4)
    says = F.np.concatenate([-SHUT * i, SHUT * f, 0 * g, 0 * o])
    says = F.np.expand_dims(says, 1)
    weight = F.np.concatenate([values["i2h_weight"], says], axis=1)
    x = F.np.concatenate([x, 1 - _real(F, x, lengths)], axis=2)
    return x, {**values, "i2h_weight": weight}


def _one_by_one(
    F: Any, cell: Cell, x: Any, lengths: Any, state: Any, values: Any
) -> Any:
    """Take the steps in a loop of ours."""
    z = F.np.swapaxes(cell.drive(F, x, values), 0, 1)  # (T, B, gates · H)
    real = F.np.swapaxes(_real(F, x, lengths), 0, 1)  # (T, B, 1)

    def step(z: Any, real: Any, state: Any) -> Any:
        output, new = cell.step(F, z, state, values)
        # padding leaves the state alone
        new = [real * n + (1 - real) * s for n, s in zip(new, state)]
        return output, new

    if F is mx.sym:
        outputs, state = _foreach(step, z, real, state)
    else:
        found = []
        for one, more in zip(z, real):
            output, state = step(one, more, state)
            found.append(output)
        outputs = F.np.stack(found)
    return F.np.swapaxes(outputs, 0, 1), state


def _foreach(step: Any, z: Any, real: Any, state: Any) -> Any:
    """Loop inside a graph; MXNet's loop knows only its older arrays."""

    def body(now: Any, state: Any) -> Any:
        z, real = (a.as_np_ndarray() for a in now)
        output, state = step(z, real, [s.as_np_ndarray() for s in state])
        return output.as_nd_ndarray(), [s.as_nd_ndarray() for s in state]

    outputs, state = mx.sym.contrib.foreach(
        body,
        [z.as_nd_ndarray(), real.as_nd_ndarray()],
        # MXNet refuses one symbol in two places, such as the same zeros
        [(s + 0).as_nd_ndarray() for s in state],
    )
    return outputs.as_np_ndarray(), [s.as_np_ndarray() for s in state]


def _real(F: Any, x: Any, lengths: Any) -> Any:
    """Return 1 for every real step and 0 for padding, `(B, T, 1)`."""
    ones = F.np.ones_like(x[:, :, :1])
    if lengths is None:
        return ones
    return F.npx.sequence_mask(ones, lengths, use_sequence_length=True, axis=1)


def _check(name: str, x: Any, lengths: Any) -> None:
    for argument, given in ((name, x), ("lengths", lengths)):
        if isinstance(given, (onp.ndarray, list, tuple)):
            kind = "an array of NumPy's"
            if not isinstance(given, onp.ndarray):
                kind = f"a {type(given).__name__}"
            raise TypeError(
                f"`{argument}` (={kind}) must be an array of MXNet's, "
                f"mx.np.array({argument})."
            )
    if getattr(x, "ndim", 0) != 3 or not x.size:
        shape = getattr(x, "shape", type(x).__name__)
        raise ShapeError(f"`{name}` (=of shape {shape}) must be (B, T, X).")
    if lengths is None:
        return
    if getattr(lengths, "shape", None) != x.shape[:1]:
        shape = getattr(lengths, "shape", type(lengths).__name__)
        raise ShapeError(
            f"`lengths` (=of shape {shape}) must be ({x.shape[0]},), one for "
            "each sequence."
        )
    given = lengths.asnumpy()
    good = (given >= 0) & (given <= x.shape[1]) & (given == given.round())
    if not good.all():
        rule = f"hold whole numbers from 0 to {x.shape[1]}"
        raise must("lengths", given[~good][0].item(), rule)
