"""Recurrent cells: what one step of a recurrent network does.

``cell(x, state) -> output, state``; :func:`fdl.nn.run` takes all the steps of
a batch of sequences.

[1] Hochreiter and Schmidhuber 1997, "Long Short-Term Memory",
doi:10.1162/neco.1997.9.8.1735; [2] Gers, Schraudolph and Schmidhuber 2002,
"Learning Precise Timing with LSTM Recurrent Networks"; [3] Cho et al. 2014,
arXiv:1406.1078

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``H`` hidden units; ``x_t`` an
input, ``h_t`` an output, ``c_t`` the memory of an LSTM.

Differences from the papers:

1. Parameters are named, shaped and ordered as in Gluon's cells: the gates'
   weights lie on top of each other, and there are two biases for each.
2. The forget bias starts at 1.
3. The GRU applies its reset gate behind the recurrent weights, as Gluon and
   cuDNN do.

Book: ch. 7, "Long Short-Term Memory (LSTM) Units"
"""

from __future__ import annotations

from typing import Any, Optional

from fdl._mxnet import gluon, mx
from fdl.errors import ShapeError, must
from fdl.nn._checks import check_number, check_whole

__all__ = ["Cell", "GRUCell", "LSTMCell", "RNNCell"]


class Cell(gluon.HybridBlock):
    """What the three cells share.

    Parameters
    ----------
    hidden : int
        H.
    inputs : int
        X; 0 leaves it to the first input.
    learned_state : bool
        Whether the first state is learned, and not all zeros.

    Examples
    --------
    A cell of your own says how many gates it has, and what a step does:

    >>> from fdl.nn import run
    >>> class Adder(Cell):
    ...     gates, fused = 1, False
    ...     def step(self, F, z, state, values):
    ...         h = state[0] + z
    ...         return h, [h]
    >>> cell = Adder(1, inputs=1)
    >>> cell.initialize()
    >>> cell.i2h_weight.set_data(mx.np.ones((1, 1)))
    >>> run(cell, mx.np.array([[[1.0], [2.0], [3.0]]]))[0].tolist()
    [[[1.0], [3.0], [6.0]]]
    """

    gates: int
    mode: str  # MXNet's name for the loop
    states: tuple[str, ...] = ("h",)
    fused = True

    def __init__(
        self,
        hidden: int,
        *,
        inputs: int = 0,
        learned_state: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(hidden=hidden)
        check_whole(0, inputs=inputs)
        self.hidden, self.learned_state = hidden, bool(learned_state)
        rows, draw, zero = self.gates * hidden, mx.init.Xavier(), "zeros"
        self._make("i2h_weight", (rows, inputs), draw)
        self._make("h2h_weight", (rows, hidden), draw)
        self._make("i2h_bias", (rows,), zero)
        self._make("h2h_bias", (rows,), zero)
        if self.learned_state:
            for name in self.states:
                self._make(f"{name}0", (hidden,), zero)

    def _make(self, name: str, shape: tuple[int, ...], init: Any) -> None:
        parameter = self.params.get(
            name, shape=shape, init=init, allow_deferred_init=True
        )
        setattr(self, name, parameter)

    def __repr__(self) -> str:
        size = self.i2h_weight.shape[1]
        size = size if size > 0 else "?"
        return f"{type(self).__name__}({size} -> {self.hidden})"

    def begin_state(self, batch: int, device: Any = None) -> list[Any]:
        """Return the state before the first step, arrays `(B, H)`."""
        check_whole(batch=batch)
        like = mx.np.zeros((batch, 1), ctx=device)
        return self.first(mx.nd, like)

    def first(self, F: Any, like: Any) -> list[Any]:
        """Return the first state of as many rows as `like` `(B, 1)` has."""
        zeros = F.np.repeat(F.np.zeros_like(like), self.hidden, axis=1)
        if not self.learned_state:
            return [zeros for _ in self.states]
        firsts = (self._reg_params[f"{name}0"] for name in self.states)
        if F is mx.sym:
            return [zeros + gluon.Parameter.var(p) for p in firsts]
        return [zeros + p.data(like.ctx) for p in firsts]

    def values(self, x: Any) -> dict[str, Any]:
        """Return the parameters, as arrays or symbols like x."""
        named = self._reg_params.items()
        if isinstance(x, mx.symbol.Symbol):
            return {name: gluon.Parameter.var(p) for name, p in named}
        if self.i2h_weight.shape[1] < 1:
            self.i2h_weight.shape = (self.i2h_weight.shape[0], x.shape[-1])
            self.i2h_weight._finish_deferred_init()
        return {name: p.data(x.ctx) for name, p in named}

    def forward(self, x: Any, state: Any) -> Any:
        """Return the output `(B, H)` and the new state.

        Parameters
        ----------
        x : array `(B, X)`
            The input.
        state : list of arrays `(B, H)`
            As :meth:`begin_state` and this method return it.
        """
        self.check(x, state)
        return super().forward(x, list(state))

    def check(self, x: Any, state: Any) -> None:
        """Raise unless inputs `(B, …, X)` and a state fit the cell."""
        if isinstance(x, mx.symbol.Symbol):
            check_state(state, len(self.states))
            return
        check_state(state, len(self.states), (x.shape[0], self.hidden))
        inputs = self.i2h_weight.shape[1]
        if inputs > 0 and x.shape[-1] != inputs:
            raise ShapeError(
                f"`x` (=of shape {x.shape}) must have {inputs} numbers at "
                "each step."
            )

    def hybrid_forward(self, F: Any, x: Any, state: Any, **values: Any) -> Any:
        """Compute one step."""
        return self.step(F, self.drive(F, x, values), state, values)

    def drive(self, F: Any, x: Any, values: dict[str, Any]) -> Any:
        """Return W x + b `(…, gates · H)`, what inputs ask of the gates."""
        return F.npx.fully_connected(
            x,
            values["i2h_weight"],
            values["i2h_bias"],
            num_hidden=self.gates * self.hidden,
            flatten=False,
        )

    def recall(self, F: Any, h: Any, values: dict[str, Any]) -> Any:
        """Return U h + b `(B, gates · H)`, what the last output asks."""
        return F.npx.fully_connected(
            h,
            values["h2h_weight"],
            values["h2h_bias"],
            num_hidden=self.gates * self.hidden,
        )

    def step(self, F: Any, z: Any, state: Any, values: dict[str, Any]) -> Any:
        """Return output and state, for z `(B, gates · H)` of :meth:`drive`."""
        raise NotImplementedError


class RNNCell(Cell):
    """A layer that sees, beside its input, its own last output.

    ::

        h_t = tanh(W x_t + U h_{t−1} + b)

    Parameters
    ----------
    hidden : int
        H.
    inputs : int
        X; 0 leaves it to the first input.
    learned_state : bool
        Whether h_0 is learned, and not all zeros.

    Examples
    --------
    >>> from fdl.nn import run
    >>> cell = RNNCell(8)
    >>> cell.initialize()
    >>> outputs, [h] = run(cell, mx.np.zeros((2, 5, 3)))
    >>> outputs.shape, h.shape
    ((2, 5, 8), (2, 8))
    """

    gates, mode = 1, "rnn_tanh"

    def step(self, F: Any, z: Any, state: Any, values: dict[str, Any]) -> Any:
        """Return output and state."""
        (h,) = state
        # h_t = tanh(W x_t + U h_{t−1} + b)
        h = F.np.tanh(z + self.recall(F, h, values))
        return h, [h]


class LSTMCell(Cell):
    """A memory that is kept, written and read through gates.

    ::

        i, f, o = σ(W x_t + U h_{t−1} + b)       write, keep, output
        g = tanh(W x_t + U h_{t−1} + b)          what there is to write
        c_t = f ⊙ c_{t−1} + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    each with weights and a bias of its own. With peepholes [2] the gates see
    the memory, each unit its own: ``p_i ⊙ c_{t−1}``, ``p_f ⊙ c_{t−1}`` and
    ``p_o ⊙ c_t`` are added before σ.

    Parameters
    ----------
    hidden : int
        H.
    peephole : bool
        See above. MXNet has no fast loop for it.
    inputs : int
        X; 0 leaves it to the first input.
    learned_state : bool
        Whether h_0 and c_0 are learned, and not all zeros.
    forget_bias : float
        Where the bias of f starts, so that a young cell keeps.

    Examples
    --------
    >>> from fdl.nn import run
    >>> cell = LSTMCell(8)
    >>> cell.initialize()
    >>> x, lengths = mx.np.zeros((2, 5, 3)), mx.np.array([5, 2])
    >>> outputs, [h, c] = run(cell, x, lengths)
    >>> outputs.shape, bool((h[1] == outputs[1, 1]).all())
    ((2, 5, 8), True)
    """

    gates, mode, states = 4, "lstm", ("h", "c")

    def __init__(
        self,
        hidden: int,
        peephole: bool = False,
        *,
        forget_bias: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(hidden, **kwargs)
        check_number(forget_bias=forget_bias)
        self.peephole, self.fused = bool(peephole), not peephole
        self.i2h_bias.init = mx.init.LSTMBias(forget_bias)
        if peephole:
            for gate in "ifo":
                self._make(f"c2{gate}_weight", (hidden,), "zeros")

    def step(self, F: Any, z: Any, state: Any, values: dict[str, Any]) -> Any:
        """Return output and state."""
        h, c = state
        z = z + self.recall(F, h, values)
        i, f, g, o = F.np.split(z, 4, axis=1)
        if self.peephole:
            i = i + values["c2i_weight"] * c
            f = f + values["c2f_weight"] * c
        # c_t = f ⊙ c_{t−1} + i ⊙ g
        c = F.npx.sigmoid(f) * c + F.npx.sigmoid(i) * F.np.tanh(g)
        if self.peephole:
            o = o + values["c2o_weight"] * c
        # h_t = o ⊙ tanh(c_t)
        h = F.npx.sigmoid(o) * F.np.tanh(c)
        return h, [h, c]


class GRUCell(Cell):
    """A unit that mixes its last output with a new one.

    ::

        r, z = σ(W x_t + U h_{t−1} + b)              reset, keep
        n = tanh(W x_t + b + r ⊙ (U h_{t−1} + b'))   what is new
        h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}

    Parameters
    ----------
    hidden : int
        H.
    inputs : int
        X; 0 leaves it to the first input.
    learned_state : bool
        Whether h_0 is learned, and not all zeros.

    Examples
    --------
    >>> cell = GRUCell(8, inputs=3)
    >>> cell.initialize()
    >>> output, [h] = cell(mx.np.zeros((2, 3)), cell.begin_state(2))
    >>> output.shape
    (2, 8)
    """

    gates, mode = 3, "gru"

    def step(self, F: Any, z: Any, state: Any, values: dict[str, Any]) -> Any:
        """Return output and state."""
        (h,) = state
        r_x, z_x, n_x = F.np.split(z, 3, axis=1)
        r_h, z_h, n_h = F.np.split(self.recall(F, h, values), 3, axis=1)
        r, z = F.npx.sigmoid(r_x + r_h), F.npx.sigmoid(z_x + z_h)
        n = F.np.tanh(n_x + r * n_h)
        # h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}
        h = (1 - z) * n + z * h
        return h, [h]


def check_state(
    state: Any, count: int, shape: Optional[tuple[int, int]] = None
) -> None:
    """Raise unless `state` is a list of so many arrays, of this shape."""
    if not isinstance(state, (list, tuple)) or len(state) != count:
        kind = type(state).__name__
        if isinstance(state, (list, tuple)):
            kind += f" of {len(state)}"
        raise must("state", kind, f"be a list of {count} arrays (B, H)")
    for array in state if shape is not None else ():
        if getattr(array, "shape", None) != shape:
            given = getattr(array, "shape", type(array).__name__)
            raise ShapeError(
                f"`state` (=with one of shape {given}) must be a list of "
                f"{count} arrays {shape}."
            )
