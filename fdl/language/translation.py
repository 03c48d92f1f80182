"""Encoder and decoder: a sentence read, and its translation written.

The encoder reads the source, turned round, into its last state; from there
the decoder writes the target, a word at a time. With attention it also looks
back, before each word, at all that the encoder put out.

Letters: ``B`` batch, ``S`` source steps, ``T`` target steps, ``E`` numbers of
a word's vector, ``H`` units of a layer, ``L`` layers, ``V`` words.

References: [1] Sutskever et al. 2014, arXiv:1409.3215; [2] Bahdanau et al.
2015, arXiv:1409.0473; [3] Luong et al. 2015, arXiv:1508.04025; [4] Press and
Wolf 2017, arXiv:1608.05859.

Differences from the book's listing:

1. The decoder's cells do not see what attention found one step before. So all
   steps of a layer are one loop in training, and attention one product for all
   of them [3]; `feed` gives the listing's way, step by step.
2. The answer is a tanh of state and context together, as wide as a word's
   vector, and the words' vectors themselves are the output's weights [4].
3. The encoder has no biases, which a word's vector can carry for it. Padding,
   whose vector is zero, then leaves a zero state at zero, so a translation
   does not depend on the bucket.
4. The layers are stacked cells of ours. MXNet's fused layers accept a dropout
   between them and, on a CPU, drop nothing.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import gluon, mx, namespace, np
from fdl.data.pair_buckets import PAD
from fdl.errors import must
from fdl.language.memory import Memory
from fdl.nn import (
    AdditiveAttention,
    DropoutCell,
    GRUCell,
    LSTMCell,
    Stacked,
    dot_attention,
    run,
)
from fdl.nn._checks import check_share, check_whole

__all__ = ["Translator"]

CELLS = {"gru": GRUCell, "lstm": LSTMCell}
ATTENTION = ("none", "dot", "additive")


class Translator(gluon.HybridBlock):
    """Encoder, attention and decoder [1, 2, 3].

    Called with sources `(B, S)` and what the decoder is given `(B, T)`, as
    :class:`fdl.data.PairBuckets` has them, it returns logits `(B, T, V)`.

    Parameters
    ----------
    sources, targets : int
        Words of either vocabulary, marks included.
    embedding : int
        E.
    hidden : int
        H.
    layers : int
        L, of the encoder and of the decoder.
    cell : {"gru", "lstm"}
        What the layers are made of.
    attention : {"dot", "additive", "none"}
        How states of the decoder and outputs of the encoder are compared;
        without it, the state between the two is all that the decoder knows.
    feed : bool
        Whether the decoder's cells also see what attention found one step
        before. Then they take their steps one by one, and the network cannot
        be hybridized.
    dropout : float
        Share of numbers dropped from words' vectors, between layers and from
        the answer, while training.

    Examples
    --------
    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> net(np.array([[0, 7, 5]]), np.array([[1, 4]])).shape
    (1, 2, 8)
    """

    def __init__(
        self,
        sources: int,
        targets: int,
        *,
        embedding: int = 128,
        hidden: int = 256,
        layers: int = 1,
        cell: str = "gru",
        attention: str = "dot",
        feed: bool = False,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(least=2, sources=sources, targets=targets)
        check_whole(embedding=embedding, hidden=hidden, layers=layers)
        check_share(dropout=dropout)
        if cell not in CELLS:
            raise must("cell", cell, 'be "gru" or "lstm"')
        if attention not in ATTENTION:
            rule = f"be one of {', '.join(ATTENTION)}"
            raise must("attention", attention, rule)
        if feed and attention == "none":
            raise must("feed", feed, "come with attention")
        self.sources, self.targets = int(sources), int(targets)
        self.embedding, self.hidden = int(embedding), int(hidden)
        self.layers, self.cell, self.attention = int(layers), cell, attention
        self.feed = bool(feed)
        start = 1 / embedding**0.5
        width = hidden if attention == "none" else 2 * hidden
        with self.name_scope():
            self.source_vectors = self.params.get(
                "source_vectors",
                shape=(sources, embedding),
                init=mx.init.Normal(1.0),
            )
            self.target_vectors = self.params.get(
                "target_vectors",
                shape=(targets, embedding),
                init=mx.init.Normal(start),
            )
            self.bias = self.params.get("bias", shape=(targets,), init="zeros")
            self.encoder = self._stack(embedding, dropout)
            self.decoder = self._stack(embedding + hidden * self.feed, dropout)
            self.look = dot_attention
            if attention == "additive":
                self.look = AdditiveAttention(hidden)
            self.answer = gluon.nn.Dense(
                embedding, in_units=width, flatten=False, activation="tanh"
            )
            self.drop = gluon.nn.Dropout(dropout)
        for parameter in self.encoder.collect_params(".*bias").values():
            parameter.init, parameter.grad_req = "zeros", "null"  # for good

    def _stack(self, inputs: int, dropout: float) -> Stacked:
        cell, H = CELLS[self.cell], self.hidden
        above = (
            DropoutCell(cell(H, inputs=H), inputs=dropout)
            for _ in range(1, self.layers)
        )
        return Stacked([cell(H, inputs=inputs), *above])

    def hybrid_forward(
        self,
        F: Any,
        source: Any,
        given: Any,
        source_vectors: Any,
        target_vectors: Any,
        bias: Any,
    ) -> Any:
        """Return logits `(B, T, V)`."""
        memory = self._read(source, source_vectors)
        answers = self._write(given, memory, target_vectors)
        return self._speak(answers, target_vectors, bias)

    def _read(self, source: Any, vectors: Any) -> Memory:
        F, npx = namespace(source)
        mask = (source != PAD).astype("float32")  # (B, S)
        words = self._look_up(npx, source, vectors, self.sources)
        words = words * F.expand_dims(mask, -1)  # (B, S, E)
        keys, state = run(self.encoder, self.drop(words))
        return Memory(keys, mask, state)

    def _write(self, given: Any, memory: Memory, vectors: Any) -> Any:
        """Return answers to all words that are given, `(B, T, E)`."""
        _, npx = namespace(given)
        if self.feed:
            return self._write_one_by_one(given, memory, vectors)
        words = self._look_up(npx, given, vectors, self.targets)
        # s_t = cell(y_{t−1}, s_{t−1}), for all t in one
        states, _ = run(self.decoder, self.drop(words), state=memory.state)
        return self._answer(states, self._attend(states, memory)[0])

    def _write_one_by_one(
        self, given: Any, memory: Memory, vectors: Any
    ) -> Any:
        state, answers = self._begin(memory), []
        for t in range(given.shape[1]):
            word = given[:, t : t + 1]
            states, context, state = self._cell(word, state, memory, vectors)
            answers.append(self._answer(states, context))
        return np.concatenate(answers, axis=1)

    def _cell(
        self, word: Any, state: list[Any], memory: Memory, vectors: Any
    ) -> tuple[Any, Any, list[Any]]:
        """Return s_t, c_t and what the next step needs."""
        F, npx = namespace(word)
        x = self.drop(self._look_up(npx, word, vectors, self.targets))
        if self.feed:
            # s_t = cell([y_{t−1}; c_{t−1}], s_{t−1})
            *state, before = state
            x = F.concatenate([x, before], axis=-1)
        states, state = run(self.decoder, x, state=state)  # (B, 1, H)
        context, _ = self._attend(states, memory)
        return states, context, [*state, context] if self.feed else state

    def _begin(self, memory: Memory) -> list[Any]:
        """Return the decoder's first state."""
        if not self.feed:
            return memory.state
        # nothing was found yet
        return [*memory.state, np.zeros_like(memory.keys[:, :1])]

    def _attend(self, states: Any, memory: Memory) -> tuple[Any, Any]:
        """Return contexts `(B, T, H)` and weights `(B, T, S)`."""
        if self.attention == "none":
            return None, None
        # e_ti = s_t · h_i   or   vᵀ tanh(W s_t + U h_i + b)
        # α_t = softmax(e_t),   c_t = Σ_i α_ti h_i
        return self.look(states, memory.keys, memory.mask, True)

    def _answer(self, states: Any, context: Any) -> Any:
        if context is not None:
            F, _ = namespace(states)
            states = F.concatenate([context, states], axis=-1)
        # a_t = tanh(W [c_t; s_t] + b)
        return self.drop(self.answer(states))

    def _speak(self, answers: Any, vectors: Any, bias: Any) -> Any:
        _, npx = namespace(answers)
        # z_t = Y a_t + b'
        return npx.fully_connected(
            answers, vectors, bias, num_hidden=self.targets, flatten=False
        )

    def _look_up(self, npx: Any, numbers: Any, vectors: Any, n: int) -> Any:
        return npx.embedding(
            numbers, vectors, input_dim=n, output_dim=self.embedding
        )

    # -- in parts, for decoding; `answers` serves the sampled softmax

    def read(self, source: Any) -> Memory:
        """Return what the encoder leaves of sources `(B, S)`."""
        memory = self._read(source, self.source_vectors.data(source.ctx))
        return memory._replace(state=self._begin(memory))

    def step(
        self, word: Any, state: list[Any], memory: Memory
    ) -> tuple[Any, list[Any]]:
        """Take one step of the decoder.

        Parameters
        ----------
        word : array `(B,)`
            The word before; first of all, GO.
        state : list of array
            After that word; first of all, the memory's.
        memory : Memory
            From :meth:`read`.

        Returns
        -------
        logits : array `(B, V)`
            Of the next word.
        state : list of array
            For the next step.
        """
        vectors = self.target_vectors.data(word.ctx)
        one = np.expand_dims(word, 1)  # (B, 1)
        states, context, state = self._cell(one, state, memory, vectors)
        logits = self._speak(
            self._answer(states, context), vectors, self.bias.data(word.ctx)
        )
        return logits[:, 0], state

    def answers(self, source: Any, given: Any) -> Any:
        """Return the answers `(B, T, E)`, whose products are the logits."""
        memory = self._read(source, self.source_vectors.data(source.ctx))
        vectors = self.target_vectors.data(source.ctx)
        return self._write(given, memory, vectors)

    def weights(self, given: Any, memory: Memory) -> Any:
        """Return where attention looks for words `(B, T)`: `(B, T, S)`.

        Weights are 0 or more, and the sum of each row is 1. A network
        without attention has none.

        Raises
        ------
        ValueError
            Without attention.
        """
        if self.attention == "none":
            rule = "be dot or additive, for there to be weights"
            raise must("attention", self.attention, rule)
        vectors, found = self.target_vectors.data(given.ctx), []
        state = memory.state
        for t in range(given.shape[1]):
            word = given[:, t : t + 1]
            states, _, state = self._cell(word, state, memory, vectors)
            found.append(self._attend(states, memory)[1])
        return np.concatenate(found, axis=1)

    def __repr__(self) -> str:
        return (
            f"Translator({self.sources:,} → {self.targets:,} words, "
            f"{self.layers} × {self.hidden} {self.cell.upper()}, attention: "
            f"{self.attention})"
        )
