"""What an NTM and a DNC share: a controller, a memory, and their steps.

Two ways lead along a sequence. On a CPU it is :mod:`fdl.scratch`: all steps,
and all their derivatives, written out in NumPy, and one function to MXNet,
which would otherwise spend most of its time on starting thousands of small
operators. Elsewhere all steps become one graph of the functions of
:mod:`fdl.memory.addressing`. Both compute the same.

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``Y`` outputs; ``H`` hidden
units; ``N`` memory slots; ``W`` word size; ``R`` read heads.

Book: ch. 8, "The DNC Controller Network"
"""

from __future__ import annotations

import math
from typing import Any, Optional

import numpy as onp

from fdl._mxnet import activate, autograd, gluon, mx, np
from fdl.errors import TrainingDiverged
from fdl.nn._checks import Batch
from fdl.scratch import memory_network
from fdl.scratch._checks import choice, whole
from fdl.scratch.controllers import CONTROLLERS

__all__ = ["MemoryNetwork"]


class MemoryNetwork(gluon.Block):
    """A network with a memory; :class:`DNC` and :class:`NTM` are two.

    Parameters
    ----------
    outputs : int
        Y.
    slots : int
        N. May be changed later, ``net.slots = 1000``: no parameter knows it.
    word, reads : int
        W and R.
    controller : {"lstm", "feedforward"}
        What steers it.
    hidden : int
        H.
    inputs : int
        X; 0 leaves it to the first input.
    graph : bool, optional
        Whether to run as a graph of MXNet's operators; by default only where
        the input is not on a CPU.

    Examples
    --------
    What a network has learned fits into a larger memory:

    >>> from fdl.memory import NTM
    >>> net = NTM(1, slots=4, word=3, reads=1, hidden=5)
    >>> net.initialize()
    >>> net(np.ones((2, 7, 6))).shape
    (2, 7, 1)
    >>> net.slots = 100
    >>> net(np.ones((2, 7, 6))).shape
    (2, 7, 1)
    >>> net
    NTM(6 -> 1: 100 × 3, 1 reads, lstm of 5)
    """

    def __init__(
        self,
        outputs: int,
        slots: int,
        word: int,
        reads: int,
        controller: str = "lstm",
        hidden: int = 64,
        *,
        inputs: int = 0,
        graph: Optional[bool] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.outputs, self.inputs = whole("outputs", outputs), inputs
        self.controller = choice("controller", controller, CONTROLLERS)
        self.word, self.reads = whole("word", word), whole("reads", reads)
        self.hidden, self.graph = whole("hidden", hidden), graph
        self.slots = slots
        sizes = self._twin().shapes(whole("inputs", inputs, 0), outputs)
        self.weights = _Weights(sizes, controller == "lstm")
        self._names = tuple(sizes)

    def __repr__(self) -> str:
        size = self.weights.input_weight.shape[1]
        size = size if size > 0 else "?"
        memory = f"{self.slots} × {self.word}, {self.reads} reads"
        steered = f"{self.controller} of {self.hidden}"
        kind = type(self).__name__
        return f"{kind}({size} -> {self.outputs}: {memory}, {steered})"

    @property
    def takes(self) -> Batch:
        """What the network takes; its first input decides X."""
        size = self.weights.input_weight.shape[1]
        return Batch("sequences", ("T", size if size > 0 else "X"))

    @property
    def slots(self) -> int:
        """How many slots the memory has."""
        return self._slots

    @slots.setter
    def slots(self, slots: int) -> None:
        self._slots = whole("slots", slots)
        self._graphs: dict[int, Any] = {}

    def check_input(self, x: Any) -> None:
        """Raise unless x is a batch of sequences."""
        if isinstance(x, mx.symbol.Symbol):
            raise TypeError(
                "`x` (=a symbol) must be an array: a network with a memory "
                "cannot be part of another one's graph; make that a Block."
            )
        self.takes.check(x, self.weights.input_weight.dtype)

    def forward(self, x: Any) -> Any:
        """Return the outputs `(B, T, Y)` of sequences `(B, T, X)`."""
        self._check(x)
        values = self._values(x)
        on_cpu = x.ctx.device_type.startswith("cpu")
        graph = not on_cpu if self.graph is None else self.graph
        if graph:
            steps = x.shape[1]
            if steps not in self._graphs:  # Gluon warns of a dict of blocks
                self._graphs[steps] = _Graph(self, steps).__call__
            return self._graphs[steps](x)
        twin = self._twin()
        arrays = [x, *values.values()]
        flat = np.concatenate([array.reshape(-1) for array in arrays])
        sizes = {"x": x.shape, **{n: v.shape for n, v in values.items()}}
        y = _Written(twin, sizes)(flat)
        if autograd.is_recording():
            broken = twin.first_broken()
            if broken:
                raise TrainingDiverged(broken)
        return y

    def trace(self, x: Any) -> tuple[Any, dict[str, Any]]:
        """Return the outputs, and what each step leaves.

        Parameters
        ----------
        x : array `(B, T, X)`
            The sequences.

        Returns
        -------
        outputs : array `(B, T, Y)`
        steps : dict
            Name → array `(B, T, …)`.
        """
        self._check(x)
        kept: list[dict[str, Any]] = []
        y = self._unroll(mx.nd, x, self._values(x), x.shape[1], kept)
        return y, {
            name: np.stack([step[name] for step in kept], axis=1)
            for name in kept[0]
        }

    # --- what a DNC and an NTM say of themselves

    def _memory(self) -> Any:
        """Return the memory of :mod:`fdl.scratch`."""
        raise NotImplementedError

    def _begin(self, F: Any, zeros: Any) -> Any:
        """Return the first state; ``zeros(n)`` are some `(B, n)`."""
        raise NotImplementedError

    def _step(self, ask: Any, state: Any) -> tuple[Any, Any, dict[str, Any]]:
        """Return what is read `(B, R, W)`, the new state, and its story."""
        raise NotImplementedError

    # --- the steps

    def _check(self, x: Any) -> None:
        """Raise unless x can be computed with; ``fit`` converts before."""
        self.check_input(x)
        if not isinstance(x, np.ndarray):
            kind = type(x).__module__
            raise TypeError(f"`x` (=an array of {kind}) must be one of MXNet.")

    def _twin(self) -> memory_network.MemoryNetwork:
        """Return the same network in NumPy."""
        steers = CONTROLLERS[self.controller](self.hidden)
        return memory_network.MemoryNetwork(steers, self._memory())

    def _values(self, x: Any) -> dict[str, Any]:
        """Return the parameters as arrays."""
        weight = self.weights.input_weight
        if weight.shape[1] < 1:
            weight.shape = (weight.shape[0], x.shape[2])
            for parameter in self.weights.params.values():
                parameter._finish_deferred_init()
        return {n: getattr(self.weights, n).data(x.ctx) for n in self._names}

    def _unroll(
        self,
        F: Any,
        x: Any,
        values: dict[str, Any],
        steps: int,
        kept: Optional[list[dict[str, Any]]] = None,
    ) -> Any:
        """Take all steps in operators of MXNet."""

        def zeros(n: int) -> Any:
            return F.np.repeat(F.np.zeros_like(x[:, 0, :1]), n, axis=1)

        def layer(x: Any, name: str, numbers: int) -> Any:
            weight = values[f"{name}_weight"]
            bias = values.get(f"{name}_bias")
            return F.npx.fully_connected(
                x,
                weight,
                *([] if bias is None else [bias]),
                num_hidden=numbers,
                no_bias=bias is None,
                flatten=False,
            )

        H, read = self.hidden, self.reads * self.word
        steers = CONTROLLERS[self.controller]
        rows, numbers = steers.gates * H, self._memory().numbers
        z_all = layer(x, "input", rows) + values["controller_bias"]
        z_all = _apart(F, z_all, steps)
        state, h, c, r = self._begin(F, zeros), zeros(H), zeros(H), zeros(read)
        found = []
        for z in z_all:
            if steers.recurrent:
                seen = F.np.concatenate([h, r], axis=1)
                z = z + layer(seen, "state", rows)
                i, f, o, g = F.np.split(z, 4, axis=1)
                # c_t = σ(f) ⊙ c_{t−1} + σ(i) ⊙ tanh(g)
                i, f, o = (F.npx.sigmoid(gate) for gate in (i, f, o))
                c = f * c + i * F.np.tanh(g)
                # h_t = σ(o) ⊙ tanh(c_t)
                h = o * F.np.tanh(c)
            else:
                # h_t = tanh(W x_t + U r_{t−1} + b)
                h = F.np.tanh(z + layer(r, "state", rows))
            ask = layer(h, "interface", numbers)
            reads, state, story = self._step(ask, state)
            r = reads.reshape((-1, read))
            found.append(F.np.concatenate([h, r], axis=1))
            if kept is not None:
                kept.append(story)
        return layer(F.np.stack(found, axis=1), "output", self.outputs)


def _apart(F: Any, x: Any, steps: int) -> list[Any]:
    """Return the steps of x `(B, T, n)`, each `(B, n)`."""
    if steps == 1:  # MXNet's split into one is no list
        return [F.np.squeeze(x, axis=1)]
    parts = F.np.split(x, steps, axis=1)
    return [F.np.squeeze(part, axis=1) for part in parts]


class _Weights(gluon.Block):
    """All parameters. Gluon cannot load those of a block without a child."""

    def __init__(
        self, sizes: dict[str, tuple[int, ...]], forgets: bool
    ) -> None:
        super().__init__()
        for name, shape in sizes.items():
            bias = name.endswith("bias")
            init = "zeros" if bias else mx.init.Xavier()
            if forgets and name == "controller_bias":
                init = mx.init.LSTMBias(1.0)  # a young cell keeps what it has
            parameter = self.params.get(
                name, shape=shape, init=init, allow_deferred_init=True
            )
            setattr(self, name, parameter)


class _Graph(gluon.HybridBlock):
    """All steps as one graph, which shares the network's parameters."""

    def __init__(self, net: MemoryNetwork, steps: int) -> None:
        super().__init__(prefix=net.weights.prefix)
        self.steps, self.unroll = steps, net._unroll
        self.params.update(net.weights.params)
        for name in net._names:
            setattr(self, name, getattr(net.weights, name))
        self.hybridize(static_alloc=True, static_shape=True)

    def hybrid_forward(self, F: Any, x: Any, **values: Any) -> Any:
        return self.unroll(F, x, values, self.steps)


class _Written(autograd.Function):
    """All steps of :mod:`fdl.scratch` as one function with a derivative.

    Of a function with several inputs, MXNet 1.9.1 loses all gradients behind
    the first one that nobody asked for, and those that are to be added up. So
    this one takes a single array, of everything.
    """

    def __init__(self, twin: Any, sizes: dict[str, tuple[int, ...]]) -> None:
        super().__init__()
        self.twin, self.sizes = twin, sizes

    def forward(self, flat: Any) -> Any:
        """Compute the outputs."""
        parts, first, host = {}, 0, flat.asnumpy()
        for name, shape in self.sizes.items():
            last = first + math.prod(shape)
            parts[name] = host[first:last].reshape(shape)
            first = last
        y = self.twin.forward(parts.pop("x"), parts)
        return np.array(y, dtype=y.dtype, ctx=flat.ctx)

    def backward(self, d_y: Any) -> Any:
        """Compute all gradients; MXNet calls this in a thread of its own."""
        activate()
        found = self.twin.backward(d_y.asnumpy())
        flat = onp.concatenate([found[name].ravel() for name in self.sizes])
        return np.array(flat, dtype=flat.dtype, ctx=d_y.ctx).as_nd_ndarray()
