"""The neural Turing machine.

[1] Graves, Wayne and Danihelka 2014, "Neural Turing Machines",
arXiv:1410.5401

Letters: ``B`` batch; ``T`` time; ``N`` memory slots; ``W`` word size; ``R``
read heads; ``K`` heads, R that read and one, the last, that writes; ``S``
shifts.

Differences from the paper:

1. Those of :mod:`fdl.memory.addressing`.
2. All heads look for their keys in the memory of the step before; then comes
   the write, and then the reads.
3. Each head starts at the first slot, and the memory with zeros; the paper
   learns both.

Book: ch. 8, "Neural Turing Machines"
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fdl._mxnet import namespace, softplus
from fdl.memory import _checks, addressing
from fdl.memory.network import MemoryNetwork
from fdl.scratch._checks import whole
from fdl.scratch.ntm import NTMMemory

__all__ = ["NTM", "Heads", "NTMState", "heads", "ntm_step"]


class NTMState(NamedTuple):
    """What a step leaves: the memory, and where all heads are.

    An example is at :func:`ntm_step`.

    Attributes
    ----------
    memory : array `(B, N, W)`
        What is stored.
    weights : array `(B, K, N)`
        Of each head; that of the one that writes is the last.
    """

    memory: Any
    weights: Any


class Heads(NamedTuple):
    """What the controller asks for, each part valid.

    Shapes and ranges, and an example, are at ``heads``.
    """

    keys: Any
    value: Any
    strengths: Any
    gates: Any
    erase: Any
    gammas: Any
    shift: Any


def heads(numbers: Any, word: int, reads: int, shifts: int = 3) -> Heads:
    """Take apart what the controller asks for, and make it valid.

    Parameters
    ----------
    numbers : array `(B, (R + 1)·(W + S + 3) + 2·W)`
        What comes from the controller.
    word, reads, shifts : int
        W, R and S.

    Returns
    -------
    Heads
        Keys `(B, K, W)`; value `(B, W)`; strengths `(B, K)`, above 0; gates
        `(B, K)` and erase `(B, W)`, from 0 to 1; gammas `(B, K)`, 1 or more;
        shift `(B, K, S)`, whose sum is 1.

    Examples
    --------
    One head that reads and one that writes, asked for nothing in particular:
    no shift is preferred to another.

    >>> from fdl._mxnet import np
    >>> asked = heads(np.zeros((1, 20)), word=2, reads=1)
    >>> asked.keys.shape, asked.gates, (3 * asked.shift[0, 0]).round(3)
    ((1, 2, 2), array([[0.5, 0.5]]), array([1., 1., 1.]))
    """
    F, Fx = namespace(numbers)
    word, shifts = whole("word", word), whole("shifts", shifts)
    K = whole("reads", reads) + 1
    sizes = [K * word, word, K, K, word, K, K * shifts]
    _checks.numbers(numbers, sum(sizes))
    cuts = [sum(sizes[: k + 1]) for k in range(len(sizes) - 1)]
    keys, v, b, g, e, gamma, s = F.split(numbers, cuts, axis=1)
    return Heads(
        keys=keys.reshape((-1, K, word)),
        value=v,
        strengths=softplus(b),
        gates=Fx.sigmoid(g),
        erase=Fx.sigmoid(e),
        gammas=addressing.oneplus(gamma),
        shift=Fx.softmax(s.reshape((-1, K, shifts)), axis=-1),
    )


def ntm_step(asked: Heads, state: NTMState) -> tuple[Any, NTMState]:
    """Move all heads, then write, then read.

    Parameters
    ----------
    asked : Heads
        What is to be done.
    state : NTMState
        As the step before left it.

    Returns
    -------
    reads : array `(B, R, W)`
    state : NTMState

    Examples
    --------
    Both heads go one slot ahead; there the one writes, and the other reads:

    >>> from fdl._mxnet import np
    >>> asked = heads(np.zeros((1, 20)), word=2, reads=1)
    >>> asked = asked._replace(
    ...     value=np.array([[4.0, 8.0]]),
    ...     gates=np.zeros((1, 2)),  # nothing is looked for
    ...     shift=np.array([[[0.0, 0.0, 1.0]] * 2]),
    ... )
    >>> first = np.array([[[1.0, 0.0, 0.0]] * 2])
    >>> reads, state = ntm_step(asked, NTMState(np.zeros((1, 3, 2)), first))
    >>> state.weights[0], reads
    (array([[0., 1., 0.],
           [0., 1., 0.]]), array([[[4., 8.]]]))
    """
    F, _ = namespace(state.memory)
    M, w = state
    c = addressing.content(M, asked.keys, asked.strengths)
    w = addressing.interpolate(c, w, asked.gates)
    w = addressing.shift(w, asked.shift)
    w = addressing.sharpen(w, asked.gammas)
    reading, writing = _last(F, w)
    M = addressing.erase_and_write(M, writing, asked.erase, asked.value)
    return addressing.read(M, reading), NTMState(M, w)


class NTM(MemoryNetwork):
    """A controller whose heads move along a memory.

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
    shifts : int
        S, odd: 3 lets a head go one slot back, stay, or go one ahead.
    inputs : int
        X; 0 leaves it to the first input.
    graph : bool, optional
        Whether to run as a graph of MXNet's operators; by default only where
        the input is not on a CPU.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = NTM(4, slots=6, word=5, reads=1, hidden=8)
    >>> net.initialize()
    >>> y, steps = net.trace(np.ones((2, 7, 3)))
    >>> y.shape, steps["read_weights"].shape, steps["write_weights"].shape
    ((2, 7, 4), (2, 7, 1, 6), (2, 7, 6))
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
        shifts: int = 3,
        **kwargs: Any,
    ) -> None:
        self.shifts = shifts
        super().__init__(
            outputs, slots, word, reads, controller, hidden, **kwargs
        )

    def _memory(self) -> NTMMemory:
        return NTMMemory(self.slots, self.word, self.reads, self.shifts)

    def _begin(self, F: Any, zeros: Any) -> NTMState:
        N, W, K = self.slots, self.word, self.reads + 1
        memory = zeros(N * W).reshape((-1, N, W))
        first = [zeros(1) + 1] + [zeros(N - 1)] * (N > 1)
        start = F.np.concatenate(first, axis=1)  # (B, N)
        return NTMState(memory, F.np.stack([start] * K, axis=1))

    def _step(
        self, ask: Any, state: NTMState
    ) -> tuple[Any, NTMState, dict[str, Any]]:
        asked = heads(ask, self.word, self.reads, self.shifts)
        reads, state = ntm_step(asked, state)
        F, _ = namespace(reads)
        reading, writing = _last(F, state.weights)
        story = {"read_weights": reading, "write_weights": writing}
        story |= {"memory": state.memory, "reads": reads}
        return reads, state, {**asked._asdict(), **story}


def _last(F: Any, weights: Any) -> tuple[Any, Any]:
    """Return the weights of the heads that read, and of the one that writes.

    `(B, R, N)` and `(B, N)`, of `(B, K, N)`.
    """
    return weights[:, :-1], F.squeeze(weights[:, -1:], axis=1)
