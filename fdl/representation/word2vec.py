"""Word2Vec: embeddings from the company that words keep.

A Gluon block with two tables, one row a word. Called on pairs, it gives their
losses, and autograd does the rest on any device. :meth:`Word2Vec.learn` reads
a text instead and updates only the rows that it meets, in the host's memory;
both do the same (a test compares them).

::

    h = the embedding of a word (skip-gram), the mean of its neighbours' (CBOW)
    s_w = v_w · h + b_w
    E = −ln σ(s_c − ln K q_c) − Σ_n ln(1 − σ(s_n − ln K q_n))

Letters: ``V`` words; ``d`` dimensions; ``B`` pairs; ``C`` words that a
context is made of; ``K`` noise words, ``q`` their distribution.

References: [1] Mikolov et al. 2013, arXiv:1301.3781; [2] Mikolov et al. 2013,
arXiv:1310.4546; [3] Mnih and Teh 2012, arXiv:1206.6426; [4] Recht et al. 2011,
arXiv:1106.5730.

Differences from the papers: (1) noise words are shared by a few words that
stand together. (2) Noise may be the true word, as NCE's theory has it.
(3) CBOW's gradient is that of the mean.

Book: ch. 6, "Implementing the Skip-Gram Architecture"
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Callable, Optional, Union

import numpy as onp

from fdl import seeding
from fdl._mxnet import gluon, mx
from fdl.data.text import Text
from fdl.data.vocabulary import END, Vocabulary, keep_probability
from fdl.errors import DataError, TrainingDiverged, must
from fdl.nn._checks import check_share
from fdl.nn.losses import nce
from fdl.representation.alias import KINDS, Alias, noise_weights
from fdl.representation.host import host
from fdl.representation.steps import (
    Batch,
    Tables,
    cbow_step,
    skip_gram_step,
)
from fdl.representation.windows import (
    Chunk,
    block,
    check_window,
    chosen,
    chunks,
    stretches,
)
from fdl.representation.word_vectors import WordVectors
from fdl.representation.workers import forked, shared
from fdl.scratch._checks import positive, whole

__all__ = ["Word2Vec"]

MEASURED = 8  # the loss is looked at in every eighth step


class Word2Vec(gluon.HybridBlock):
    """Skip-gram or continuous bag of words, with noise for a decoder.

    Parameters
    ----------
    vocabulary : Vocabulary
        V words.
    dimensions : int
        d.
    model : {"skip_gram", "cbow"}
        Whether a word foretells its neighbours, or they foretell it.
    loss : {"nce", "negative_sampling"}
        With ln K q, or without.
    noise : {"log_uniform", "unigram"}
        See :func:`noise_weights`.
    negatives : int
        K.
    window : int
        How far to look, on each side.
    skips : int or None
        How many neighbours to take of those 2 · window. With None, all of a
        radius that is drawn for each word, as in [1].
    scale : float
        Embeddings start uniform in ±scale, output vectors at 0, and biases
        at ln q, for NCE, or at 0.

    Examples
    --------
    >>> text = Text.of(["the boy went to the bank"] * 50)
    >>> words = Vocabulary.count(text)
    >>> net = Word2Vec(words, 8, negatives=2, window=2, skips=None)
    >>> losses = net.learn(text, epochs=3, seed=0)
    >>> losses[-1] < losses[0], net.vectors
    (True, WordVectors(5 words, 8 dimensions))
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        dimensions: int = 128,
        *,
        model: str = "skip_gram",
        loss: str = "nce",
        noise: str = "log_uniform",
        negatives: int = 64,
        window: int = 5,
        skips: Optional[int] = 4,
        scale: float = 0.5,
    ) -> None:
        super().__init__()
        if not isinstance(vocabulary, Vocabulary):
            raise must("vocabulary", vocabulary, "be a Vocabulary")
        V = len(vocabulary)
        whole("dimensions", dimensions)
        whole("negatives", negatives, most=V)
        whole("window", window)
        if skips is not None:
            whole("skips", skips, most=2 * window)
        positive("scale", scale)
        if model not in ("skip_gram", "cbow"):
            raise must("model", model, 'be "skip_gram" or "cbow"')
        if loss not in ("nce", "negative_sampling"):
            raise must("loss", loss, 'be "nce" or "negative_sampling"')
        if noise not in KINDS:
            raise must("noise", noise, 'be "log_uniform" or "unigram"')
        self.vocabulary = vocabulary
        self.model, self.negatives = model, negatives
        self.window, self.skips = window, skips
        self.noise = Alias(noise_weights(noise, vocabulary.counts))
        log_q = onp.zeros(V, onp.float32)
        self.log_expected = log_q
        if loss == "nce":
            log_q[:] = onp.log(self.noise.probability)
            # a score is to be a log-probability, and starts as one
            self.log_expected = log_q + onp.float32(onp.log(negatives))
        get = self.params.get
        self.inputs = get(
            "inputs", shape=(V, dimensions), init=mx.init.Uniform(scale)
        )
        self.outputs = get("outputs", shape=(V, dimensions), init="zeros")
        self.bias = get(
            "bias", shape=(V, 1), init=mx.init.Constant(log_q[:, None])
        )
        self.expected = self.params.get_constant(
            "log_expected", mx.np.array(self.log_expected[:, None])
        )

    def hybrid_forward(
        self,
        F: Any,
        words: Any,
        weights: Any,
        targets: Any,
        noise: Any,
        *,
        inputs: Any,
        outputs: Any,
        bias: Any,
        expected: Any,
    ) -> Any:
        """Return the losses `(B,)` of pairs.

        Parameters
        ----------
        words, weights : arrays `(B, C)`
            What each context is made of, and how much of it: one word and 1
            for skip-gram, the neighbours and 1 / C for CBOW.
        targets : array `(B,)`
            The words to be foretold.
        noise : array `(K,)`
            Words to tell them from.
        """

        def look_up(table: Any, numbers: Any) -> Any:
            return F.np.take(table, numbers, axis=0)

        e = look_up(inputs, words)  # (B, C, d)
        # h = Σ_c weight_c e_c
        h = F.np.sum(F.np.expand_dims(weights, -1) * e, axis=1)  # (B, d)
        v, v_noise = look_up(outputs, targets), look_up(outputs, noise)
        # s_w = v_w · h + b_w
        s = F.np.sum(v * h, axis=-1) + look_up(bias, targets)[:, 0]
        s_noise = F.np.dot(h, v_noise.T) + look_up(bias, noise).T  # (B, K)
        return nce(
            s,
            s_noise,
            look_up(expected, targets)[:, 0],
            look_up(expected, noise).T,
        )

    @property
    def vectors(self) -> WordVectors:
        """The embeddings, with what can be asked of them; a copy."""
        self._initialized()
        data = self.inputs.data(self.inputs.list_ctx()[0])
        return WordVectors(self.vocabulary, data.asnumpy())

    def _initialized(self, device: Any = None) -> None:
        if self.inputs._data is None:
            self.initialize(ctx=device)

    def learn(
        self,
        text: Union[Text, onp.ndarray],
        epochs: int = 5,
        *,
        batch_size: int = 32,
        rule: str = "sgd",
        learning_rate: float = 0.1,
        final_rate: Optional[float] = None,
        subsample: float = 0.0,
        seed: int = 0,
        workers: int = 1,
        watch: Optional[Callable[[int, float], None]] = None,
    ) -> list[float]:
        """Read a text, and learn from it step by step.

        It runs on the host, whatever device the parameters are on: on the CPU
        in their own memory, else in a copy.

        Parameters
        ----------
        text : Text or array
            Read anew in each epoch; or encoded by
            :meth:`~fdl.data.Vocabulary.encode_all`.
        epochs : int
            How often.
        batch_size : int
            About how many pairs a step is made of (of CBOW, words).
        rule : {"sgd", "adagrad"}
            Plain gradient descent; or AdaGrad with one rate for each row,
            which a step of many pairs needs: else the commonest words, which
            are in all of them, overshoot. AdaGrad starts anew in every call.
        learning_rate : float
            ε, of the mean of a batch's losses.
        final_rate : float, optional
            What ε falls to, in a straight line; it stays, unless given.
        subsample : float
            t of :func:`fdl.data.keep_probability`; 0 keeps all.
        seed : int
            Decides first values, windows, noise, and which words stay.
        workers : int
            Processes that learn from the text together, each from other
            parts of it, in tables that they share and that none locks [4].
            Steps then see what others have half done: two workers' steps act
            like one of twice the size, and no two runs end in the same
            digits.
        watch : callable, optional
            Called with the number of words read and the loss of the last
            ones, every 65,536 words; by one worker only.

        Returns
        -------
        list of float
            The mean loss of a pair in each epoch.

        Raises
        ------
        DataError
            If the text is empty or holds no pair.
        TrainingDiverged
            If the loss is no number any more.
        """
        whole("epochs", epochs)
        whole("batch_size", batch_size)
        if rule not in ("sgd", "adagrad"):
            raise must("rule", rule, 'be "sgd" or "adagrad"')
        positive("learning_rate", learning_rate)
        if final_rate is not None:
            positive("final_rate", final_rate)
        check_share(subsample=subsample)
        if whole("workers", workers) > 1 and watch is not None:
            raise must("watch", watch, "be None for more than one worker")
        keep = None
        if subsample:
            keep = keep_probability(self.vocabulary.counts, subsample)
        seeding.seed_all(seed)
        self._initialized()
        words = max(1, int(self.vocabulary.counts.sum()))
        end = learning_rate if final_rate is None else final_rate
        share = batch_size if rule == "sgd" else 1  # the mean, not the sum
        losses = []
        with host(self.inputs, self.outputs, self.bias) as arrays:
            mine = shared if workers > 1 else onp.asarray
            learned = [mine(array) for array in arrays]
            squares: tuple = (None, None, None)
            if rule == "adagrad":
                V = len(self.vocabulary)
                squares = tuple(mine(onp.zeros(V, onp.float32)) for _ in "iob")
            tables = Tables(learned[0], learned[1], learned[2], squares)

            def read(epoch: int, k: int) -> onp.ndarray:
                """Learn from chunks k, k + workers, … of the text."""
                stream = (
                    ("words", epoch, k) if workers > 1 else ("words", epoch)
                )
                rng = seeding.generator(seed, *stream)
                sums, seen = onp.zeros(2), epoch * words
                for n, chunk in enumerate(
                    chunks(self._pieces(text), keep, rng)
                ):
                    if not seen:
                        check_window(self.window, chunk)
                    part = min(1.0, seen / (epochs * words))
                    rate = learning_rate + part * (end - learning_rate)
                    seen += chunk.read
                    if n % workers != k:
                        continue
                    found = self._learn_chunk(
                        tables, chunk, batch_size, rate / share, rng
                    )
                    sums += found
                    if watch is not None:
                        watch(seen, float(found[0] / max(found[1], 1)))
                return sums

            for epoch in range(epochs):
                work = functools.partial(read, epoch)
                sums = forked(workers, work) if workers > 1 else [work(0)]
                loss, pairs = onp.sum(sums, axis=0)
                if not pairs:
                    raise DataError(
                        "The text holds no two words of the vocabulary in "
                        "one line, so there is nothing to learn from."
                    )
                losses.append(float(loss / pairs))
            for array, now in zip(arrays, learned):
                array[...] = now
        return losses

    def _pieces(self, text: Union[Text, onp.ndarray]) -> Iterable[onp.ndarray]:
        if isinstance(text, Text):
            return self.vocabulary.stream(text)
        numbers = onp.asarray(text)
        kind = onp.issubdtype(numbers.dtype, onp.integer)
        low, high = END, len(self.vocabulary)
        if not kind or numbers.ndim != 1 or not len(numbers):
            raise must("text", text, "be a Text, or an array of numbers")
        if numbers.min() < low or numbers.max() >= high:
            rule = f"hold numbers from 0 to {high - 1}, and -1 between lines"
            raise must("text", text, rule)
        return [numbers]

    def _learn_chunk(
        self,
        tables: Tables,
        chunk: Chunk,
        batch_size: int,
        rate: float,
        rng: onp.random.Generator,
    ) -> onp.ndarray:
        """Return the sum of the losses looked at, and of how many pairs."""
        step, each = cbow_step, 1
        if self.model == "skip_gram":
            step = skip_gram_step
            each = self.window + 1 if self.skips is None else self.skips
        near = chosen(chunk.lines, self.window, self.skips, rng)
        sums = onp.zeros(2)
        for k, (words, pairs) in enumerate(
            stretches(chunk.words, near, max(1, batch_size // each))
        ):
            groups = max(1, len(pairs) // block(self.window))
            noise = self.noise.draw((groups, self.negatives), rng)
            batch = Batch(words, pairs, noise, self.log_expected)
            measure = k % MEASURED == 0
            with onp.errstate(over="ignore", invalid="ignore"):
                loss = step(tables, batch, rate, measure)
            if measure:
                if not onp.isfinite(loss):
                    raise TrainingDiverged(
                        f"The loss is {loss:g}: `learning_rate` must be "
                        f"smaller for steps of {batch_size} pairs."
                    )
                foretold = pairs if step is skip_gram_step else pairs.any(1)
                sums += loss, foretold.sum()
        return sums
