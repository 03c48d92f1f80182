"""Decoding: which words the decoder is taken at, and where it looked.

Letters: ``B`` batch, ``S`` source steps, ``T`` target steps, ``V`` words.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from typing import Any, Optional

import numpy as onp

from fdl._mxnet import np
from fdl.data.pair_buckets import EOS, GO, PAD
from fdl.errors import must
from fdl.language.beam import beam_search
from fdl.language.memory import Memory
from fdl.language.translation import Translator
from fdl.nn._checks import check_whole, is_whole

__all__ = ["greedy", "looks", "search"]


def greedy(net: Translator, memory: Memory, steps: int) -> list[list[int]]:
    """Take the likeliest word at each step, for all sentences at once.

    Parameters
    ----------
    net : Translator
        The network.
    memory : Memory
        What its encoder left of the sentences.
    steps : int
        Words at most.

    Returns
    -------
    list of list of int
        Each sentence's words, without EOS.

    Examples
    --------
    A network that would always rather say word 5, whatever it has read:

    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> net.bias.set_data(10 * np.eye(8)[5])
    >>> memory = net.read(np.array([[0, 7, 5], [4, 6, 8]]))
    >>> greedy(net, memory, steps=3)
    [[5, 5, 5], [5, 5, 5]]
    """
    check_whole(steps=steps)
    rows = memory.mask.shape[0]
    word = np.full((rows,), GO, dtype="int32", ctx=memory.mask.ctx)
    state, said = memory.state, []
    ended = onp.zeros(rows, bool)
    for _ in range(steps):
        logits, state = net.step(word, state, memory)
        word = np.argmax(_sayable(logits), axis=-1).astype("int32")
        said.append(word.asnumpy())
        ended |= said[-1] == EOS
        if ended.all():
            break
    return [_until_eos(row) for row in onp.stack(said, axis=1)]


def search(
    net: Translator,
    memory: Memory,
    width: int,
    steps: int,
    *,
    row: int = 0,
    alpha: float = 0.0,
) -> list[tuple[list[int], float]]:
    """Return the best translations of one sentence that a beam finds.

    Parameters
    ----------
    net : Translator
        The network.
    memory : Memory
        What its encoder left of the sentences.
    width : int
        Hypotheses kept.
    steps : int
        Words at most.
    row : int
        Which sentence.
    alpha : float
        Of :func:`fdl.language.length_penalty`; 0 lets short ones win.

    Returns
    -------
    list of (list of int, float)
        Words without EOS, and the logarithm of their probability, EOS
        included; the best first.

    Examples
    --------
    A beam keeps a second best, too. This network would rather say word 5
    than come to an end:

    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> net.bias.set_data(20 * np.eye(8)[5] + 10 * np.eye(8)[EOS])
    >>> memory = net.read(np.array([[0, 7, 5]]))
    >>> [words for words, _ in search(net, memory, width=2, steps=3)]
    [[5, 5, 5], []]
    """
    check_whole(width=width, steps=steps)
    rows = memory.mask.shape[0]
    if not is_whole(row, 0) or row >= rows:
        raise must("row", row, f"be from 0 to {rows - 1}")
    one = Memory(
        memory.keys[row : row + 1],
        memory.mask[row : row + 1],
        [s[row : row + 1] for s in memory.state],
    )

    def step(state: Any, token: int) -> tuple[onp.ndarray, Any]:
        word = np.full((1,), token, dtype="int32", ctx=one.mask.ctx)
        logits, state = net.step(word, state, one)
        z = _sayable(logits).asnumpy()[0].astype(onp.float64)
        z -= z.max()
        return z - onp.log(onp.exp(z).sum()), state

    found = beam_search(step, GO, EOS, width, steps, one.state, alpha=alpha)
    return [(_until_eos(onp.array(w)), float(p)) for w, p in found]


def looks(
    net: Translator, memory: Memory, said: list[list[int]]
) -> Optional[onp.ndarray]:
    """Return where attention looks before each word of given translations.

    Parameters
    ----------
    net : Translator
        The network.
    memory : Memory
        What its encoder left of the sentences.
    said : list of list of int
        A translation of each.

    Returns
    -------
    array `(B, T, S)` or None
        Weights, those before EOS included; None without attention.

    Examples
    --------
    Two words and the end of a translation, each looking at three steps of the
    source, of which the first is padding:

    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> memory = net.read(np.array([[PAD, 7, 5]]))
    >>> weights = looks(net, memory, [[4, 6]])
    >>> weights.shape, bool((weights[..., 0] == 0).all())
    ((1, 3, 3), True)
    >>> weights.sum(axis=-1).round(3)
    array([[1., 1., 1.]], dtype=float32)
    """
    if len(said) != memory.mask.shape[0]:
        rule = f"be one for each of the {memory.mask.shape[0]} sentences"
        raise must("said", f"{len(said)} of them", rule)
    if net.attention == "none":
        return None
    given = onp.full((len(said), 1 + max(map(len, said))), PAD, onp.int32)
    given[:, 0] = GO
    for row, words in zip(given, said):
        row[1 : len(words) + 1] = words
    if given.min() < 0 or given.max() >= net.targets:
        rule = f"hold numbers of words from 0 to {net.targets - 1}"
        raise must("said", said, rule)
    there = np.array(given, dtype="int32", ctx=memory.mask.ctx)
    return net.weights(there, memory).asnumpy()


def _sayable(logits: Any) -> Any:
    """Return logits in which PAD and GO are never the largest."""
    never = np.full_like(logits[:, :EOS], -onp.inf)
    return np.concatenate([never, logits[:, EOS:]], axis=-1)


def _until_eos(words: onp.ndarray) -> list[int]:
    ends = onp.flatnonzero(words == EOS)
    return words[: int(ends[0]) if len(ends) else len(words)].tolist()
