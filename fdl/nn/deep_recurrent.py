"""Recurrent cells on top of each other, in both directions, with dropout.

Each can stand where a cell stands: :func:`fdl.nn.run` runs it, and another
one can hold it.

[1] Schuster and Paliwal 1997, "Bidirectional Recurrent Neural Networks",
doi:10.1109/78.650093; [2] Zaremba, Sutskever and Vinyals 2014, "Recurrent
Neural Network Regularization", arXiv:1409.2329

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``H`` hidden units.

Differences from the papers: none.

Book: ch. 7, "TensorFlow Primitives for RNN Models"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fdl._mxnet import frontend, gluon
from fdl.errors import must
from fdl.nn._checks import check_share
from fdl.nn.cells import check_state
from fdl.nn.recurrent import run

__all__ = ["Bidirectional", "DropoutCell", "Stacked"]


class Stacked(gluon.HybridBlock):
    """Layers of cells: the outputs of one are the inputs of the next.

    Parameters
    ----------
    cells : iterable of cells
        From the lowest up.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> from fdl import nn
    >>> cell = Stacked([nn.LSTMCell(8), nn.GRUCell(4)])
    >>> cell.initialize()
    >>> outputs, state = run(cell, np.ones((2, 5, 3)))
    >>> outputs.shape, len(state)
    ((2, 5, 4), 3)
    """

    def __init__(self, cells: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = tuple(cells)
        if not self.cells:
            raise must("cells", "()", "hold at least one cell")
        for number, cell in enumerate(self.cells):
            setattr(self, f"layer{number}", cell)
        self.states = sum((tuple(cell.states) for cell in self.cells), ())

    def begin_state(self, batch: int, device: Any = None) -> list[Any]:
        """Return the states of all layers before the first step."""
        found = (cell.begin_state(batch, device) for cell in self.cells)
        return [state for states in found for state in states]

    def forward(self, x: Any, state: Any) -> Any:
        """Return the top layer's output `(B, H)` and the new state."""
        found = []
        for cell, own in _deal(self.cells, state):
            x, new = cell(x, own)
            found += new
        return x, found

    def unroll(self, x: Any, lengths: Any, state: Any) -> Any:
        """Take all steps of one layer after the other; see ``run``."""
        found = []
        for cell, own in _deal(self.cells, state):
            x, new = run(cell, x, lengths, own)
            found += new
        return x, found


class Bidirectional(gluon.HybridBlock):
    """One cell from the beginning on, one from the end back [1].

    The outputs of both for a step stand side by side, `(B, T, 2 H)`: each
    step knows its past and its future, so there is no single step to take,
    and only :func:`fdl.nn.run` can be used.

    Parameters
    ----------
    onward, backward : cells
        The two. Of a padded sequence, `backward` begins at the last real
        step.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> from fdl import nn
    >>> both = Bidirectional(nn.GRUCell(4), nn.GRUCell(4))
    >>> both.initialize()
    >>> run(both, np.ones((2, 5, 3)))[0].shape
    (2, 5, 8)
    """

    def __init__(self, onward: Any, backward: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.onward, self.backward = onward, backward
        self.states = (*onward.states, *backward.states)

    def begin_state(self, batch: int, device: Any = None) -> list[Any]:
        """Return the states before the first and behind the last step."""
        return [
            *self.onward.begin_state(batch, device),
            *self.backward.begin_state(batch, device),
        ]

    def forward(self, x: Any, state: Any) -> Any:
        """Raise, as a single step has no future."""
        raise TypeError(
            "A Bidirectional takes whole sequences: use fdl.nn.run(cell, x)."
        )

    def unroll(self, x: Any, lengths: Any, state: Any) -> Any:
        """Take all steps, both ways; see ``run``."""
        (_, first), (_, end) = _deal((self.onward, self.backward), state)
        there, new = run(self.onward, x, lengths, first)
        back, old = run(self.backward, reverse(x, lengths), lengths, end)
        F = frontend(x)
        outputs = F.np.concatenate([there, reverse(back, lengths)], axis=2)
        return outputs, [*new, *old]


class DropoutCell(gluon.HybridBlock):
    """Dropout on what goes into a cell and comes out, not on its state [2].

    Parameters
    ----------
    cell : cell
        What is wrapped.
    inputs, outputs : float
        Shares of the inputs and outputs that are dropped while training,
        anew in each step.
    always : bool
        Drop them outside of training, too.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> from fdl import nn
    >>> cell = DropoutCell(nn.LSTMCell(4), outputs=0.5)
    >>> cell.initialize()
    >>> outputs, _ = run(cell, np.ones((2, 5, 3)))  # no training: all stay
    >>> bool((outputs != 0).all())
    True
    """

    def __init__(
        self,
        cell: Any,
        *,
        inputs: float = 0.0,
        outputs: float = 0.0,
        always: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_share(inputs=inputs, outputs=outputs)
        self.cell, self.inputs, self.outputs = cell, inputs, outputs
        self.mode = "always" if always else "training"
        self.states = cell.states

    def begin_state(self, batch: int, device: Any = None) -> list[Any]:
        """Return the cell's state before the first step."""
        return self.cell.begin_state(batch, device)

    def forward(self, x: Any, state: Any) -> Any:
        """Return the output `(B, H)` and the new state."""
        output, state = self.cell(self._drop(x, self.inputs), state)
        return self._drop(output, self.outputs), state

    def unroll(self, x: Any, lengths: Any, state: Any) -> Any:
        """Take all steps; see ``run``."""
        x = self._drop(x, self.inputs)
        outputs, state = run(self.cell, x, lengths, state)
        return self._drop(outputs, self.outputs), state

    def _drop(self, x: Any, share: float) -> Any:
        if not share:
            return x
        F = frontend(x)
        return F.npx.dropout(x, p=share, mode=self.mode)


def reverse(x: Any, lengths: Any = None) -> Any:
    """Return sequences back to front; padding stays at the end.

    Parameters
    ----------
    x : array `(B, T, X)`
        The sequences.
    lengths : array `(B,)`, optional
        How many steps of each are real.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> x = np.array([[[1], [2], [0]]])
    >>> reverse(x, np.array([2]))[0, :, 0]
    array([2., 1., 0.])
    """
    F = frontend(x)
    if lengths is None:
        return F.np.flip(x, axis=1)
    # only MXNet's older arrays have this one, and time-major
    turned = F.SequenceReverse(
        F.np.swapaxes(x, 0, 1).as_nd_ndarray(),
        lengths.as_nd_ndarray(),
        use_sequence_length=True,
    )
    return F.np.swapaxes(turned.as_np_ndarray(), 0, 1)


def _deal(cells: Any, state: Any) -> Any:
    """Return pairs of a cell and its part of the state."""
    if state is None:
        return [(cell, None) for cell in cells]
    check_state(state, sum(len(cell.states) for cell in cells))
    found, at = [], 0
    for cell in cells:
        found.append((cell, list(state[at : at + len(cell.states)])))
        at += len(cell.states)
    return found
