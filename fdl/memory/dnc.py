"""The differentiable neural computer.

[1] Graves et al. 2016, doi:10.1038/nature20101

Letters: ``B`` batch; ``T`` time; ``N`` memory slots; ``W`` word size; ``R``
read heads.

Differences from the paper:

1. Those of :mod:`fdl.memory.addressing`.
2. The controller is one layer, an LSTM or a plain one, without peepholes.
3. What the controller asks for has biases.

DeepMind's program differs in more: several write heads, whose allocation is
:func:`fdl.memory.addressing.allocations`, and a softplus for the strengths.

Book: ch. 8, "Differentiable Neural Computers"
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fdl._mxnet import namespace
from fdl.memory import _checks, addressing
from fdl.memory.network import MemoryNetwork
from fdl.scratch._checks import whole
from fdl.scratch.dnc import DNCMemory

__all__ = ["DNC", "DNCState", "Interface", "dnc_step", "interface"]


class DNCState(NamedTuple):
    """What a step leaves: the memory, and where it was written and read.

    An example is at :func:`dnc_step`.

    Attributes
    ----------
    memory : array `(B, N, W)`
        What is stored.
    usage, precedence, write_weights : array `(B, N)`
        From 0 to 1.
    link : array `(B, N, N)`
        Which slot was written right after which.
    read_weights : array `(B, R, N)`
        Of each head.
    """

    memory: Any
    usage: Any
    precedence: Any
    link: Any
    write_weights: Any
    read_weights: Any


class Interface(NamedTuple):
    """What the controller asks for, each part valid.

    Shapes and ranges, and an example, are at ``interface``.
    """

    read_keys: Any
    read_strengths: Any
    write_key: Any
    write_strength: Any
    erase: Any
    value: Any
    free_gates: Any
    allocation_gate: Any
    write_gate: Any
    read_modes: Any


def interface(numbers: Any, word: int, reads: int) -> Interface:
    """Take apart what the controller asks for, and make it valid.

    Parameters
    ----------
    numbers : array `(B, R·W + 3·W + 5·R + 3)`
        What comes from the controller.
    word, reads : int
        W and R.

    Returns
    -------
    Interface
        Keys `(B, R, W)` and `(B, 1, W)`; strengths `(B, R)` and `(B, 1)`, 1
        or more; erase and value `(B, W)`; gates `(B, R)` and `(B, 1)`; modes
        `(B, R, 3)`: backward, content, forward. Gates and erase lie from 0
        to 1, and the modes add up to 1.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> asked = interface(np.zeros((1, 38)), word=5, reads=2)
    >>> asked.read_keys.shape, asked.write_gate, asked.read_modes.shape
    ((1, 2, 5), array([[0.5]]), (1, 2, 3))
    """
    F, Fx = namespace(numbers)
    word, reads = whole("word", word), whole("reads", reads)
    sizes = [reads * word, reads, word, 1, word, word, reads, 1, 1, 3 * reads]
    _checks.numbers(numbers, sum(sizes))
    cuts = [sum(sizes[: k + 1]) for k in range(len(sizes) - 1)]
    k_r, b_r, k_w, b_w, e, v, f, g_a, g_w, pi = F.split(numbers, cuts, axis=1)
    return Interface(
        read_keys=k_r.reshape((-1, reads, word)),
        read_strengths=addressing.oneplus(b_r),
        write_key=k_w.reshape((-1, 1, word)),
        write_strength=addressing.oneplus(b_w),
        erase=Fx.sigmoid(e),
        value=v,
        free_gates=Fx.sigmoid(f),
        allocation_gate=Fx.sigmoid(g_a),
        write_gate=Fx.sigmoid(g_w),
        read_modes=Fx.softmax(pi.reshape((-1, reads, 3)), axis=-1),
    )


def dnc_step(asked: Interface, state: DNCState) -> tuple[Any, DNCState, Any]:
    """Free, allocate, write, link and read, in this order.

    Parameters
    ----------
    asked : Interface
        What is to be done.
    state : DNCState
        As the step before left it.

    Returns
    -------
    reads : array `(B, R, W)`
    state : DNCState
    allocation : array `(B, N)`

    Examples
    --------
    Where both gates are open, an empty memory is written in its first slot:

    >>> from fdl._mxnet import np
    >>> asked = interface(np.zeros((1, 16)), word=2, reads=1)
    >>> asked = asked._replace(
    ...     value=np.array([[4.0, 8.0]]),
    ...     write_gate=np.ones((1, 1)),
    ...     allocation_gate=np.ones((1, 1)),
    ... )
    >>> M, (u, p, w_w) = np.zeros((1, 3, 2)), np.zeros((3, 1, 3))
    >>> L, w_r = np.zeros((1, 3, 3)), np.zeros((1, 1, 3))
    >>> reads, state, _ = dnc_step(asked, DNCState(M, u, p, L, w_w, w_r))
    >>> state.memory[0].round(2), state.write_weights.round(2)
    (array([[4., 8.],
           [0., 0.],
           [0., 0.]]), array([[1., 0., 0.]]))
    """
    F, _ = namespace(state.memory)
    M, u, p, L, w_w, w_r = state
    # which slots are free
    kept = addressing.retention(asked.free_gates, w_r)
    u = addressing.usage(u, w_w, kept)
    a = addressing.allocation(u)
    # write to one of them, or to one that is found
    c = addressing.content(M, asked.write_key, asked.write_strength)
    c = F.squeeze(c, axis=1)
    gates = asked.write_gate, asked.allocation_gate
    w_w = addressing.write_weights(c, a, *gates)
    M = addressing.erase_and_write(M, w_w, asked.erase, asked.value)
    # what was written after what
    L = addressing.link(L, w_w, p)
    p = addressing.precedence(p, w_w)
    # read what is found, or what was written before or after the last read
    c = addressing.content(M, asked.read_keys, asked.read_strengths)
    f, b = addressing.directions(L, w_r)
    w_r = addressing.read_weights(b, c, f, asked.read_modes)
    reads = addressing.read(M, w_r)
    return reads, DNCState(M, u, p, L, w_w, w_r), a


class DNC(MemoryNetwork):
    """A controller whose memory allocates, links and frees its slots.

    Everything in the memory starts at zero.

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
        Its hidden units.
    inputs : int
        X; 0 leaves it to the first input.
    graph : bool, optional
        Whether to run as a graph of MXNet's operators; by default only where
        the input is not on a CPU.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = DNC(4, slots=6, word=5, reads=2, hidden=8)
    >>> net.initialize()
    >>> net(np.ones((2, 7, 3))).shape
    (2, 7, 4)
    >>> y, steps = net.trace(np.ones((2, 7, 3)))
    >>> steps["usage"].shape, steps["link"].shape
    ((2, 7, 6), (2, 7, 6, 6))
    """

    def _memory(self) -> DNCMemory:
        return DNCMemory(self.slots, self.word, self.reads)

    def _begin(self, F: Any, zeros: Any) -> DNCState:
        N, W, R = self.slots, self.word, self.reads
        return DNCState(
            memory=zeros(N * W).reshape((-1, N, W)),
            usage=zeros(N),
            precedence=zeros(N),
            link=zeros(N * N).reshape((-1, N, N)),
            write_weights=zeros(N),
            read_weights=zeros(R * N).reshape((-1, R, N)),
        )

    def _step(
        self, ask: Any, state: DNCState
    ) -> tuple[Any, DNCState, dict[str, Any]]:
        asked = interface(ask, self.word, self.reads)
        reads, state, allocation = dnc_step(asked, state)
        story = {**asked._asdict(), **state._asdict()}
        return (
            reads,
            state,
            {**story, "allocation": allocation, "reads": reads},
        )
