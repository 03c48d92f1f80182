"""What a translator is trained by: its loss, in full or over a sample.

Letters: ``B`` batch, ``T`` target steps, ``E`` numbers of a word's vector,
``V`` words, ``K`` noise words, ``q`` their distribution.

References: [1] Jean et al. 2015, arXiv:1412.2007.

Differences from the book's listing: noise words may come twice.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

import math
from typing import Any, Optional

import numpy as onp

from fdl._mxnet import autograd, gluon, np, npx
from fdl.data.pair_buckets import PAD, PairBuckets
from fdl.language.translation import Translator
from fdl.nn import masked_cross_entropy, sampled_softmax
from fdl.nn._checks import check_whole

__all__ = [
    "SampledTranslator",
    "SentenceLoss",
    "draw",
    "log_uniform",
    "perplexities",
]


class SentenceLoss(gluon.HybridBlock):
    """Each sentence's mean cross-entropy over its words and its EOS.

    Called with logits `(B, T, V)` and what was wanted `(B, T)`; padding has
    the weight 0.

    Examples
    --------
    Scores that do not differ are a guess among eight words; padding, 0, is not
    guessed at:

    >>> SentenceLoss()(np.zeros((1, 3, 8)), np.array([[5, 2, 0]])).round(2)
    array([2.08])
    """

    class_axis = -1  # for `fit`: targets number classes

    def hybrid_forward(self, F: Any, logits: Any, wanted: Any) -> Any:
        """Return one loss for each sentence, `(B,)`."""
        weights = (wanted != PAD).astype("float32")
        return masked_cross_entropy(logits, wanted, weights)


def log_uniform(words: int) -> onp.ndarray:
    """Return q, by which noise words are drawn: common ones more often.

    ::

        q_w = ln((w + 2) / (w + 1)) / ln(V + 1)

    It suits a vocabulary that begins with its commonest words.

    Examples
    --------
    >>> log_uniform(3).round(3)
    array([0.5  , 0.292, 0.208])
    """
    check_whole(words=words)
    w = onp.arange(words)
    return onp.log((w + 2) / (w + 1)) / math.log(words + 1)


def draw(words: int, count: int) -> onp.ndarray:
    """Return words drawn by q, from NumPy's global generator, `(count,)`.

    Examples
    --------
    >>> onp.random.seed(0)
    >>> words = draw(1000, 10_000)
    >>> words.min(), words.max() < 1000
    (0, True)
    >>> abs((words == 0).mean() - log_uniform(1000)[0]) < 0.01
    True
    """
    check_whole(words=words, count=count)
    # w = ⌊(V + 1)ᵘ⌋ − 1 where u is drawn evenly from 0 to 1
    u = onp.random.random(count)
    return onp.floor((words + 1) ** u).astype(onp.int32) - 1


class SampledTranslator(gluon.Block):
    """A translator that in training tells each word from K noise words [1].

    Called with sources `(B, S)`, what the decoder is given `(B, T)` and what
    is wanted `(B, T)`, it returns each sentence's loss `(B,)`: while training
    over the sample, else over all words, so that the loss on validation
    sentences is the true one.

    Parameters
    ----------
    net : Translator
        The network; its weights are the ones trained.
    noise : int
        K, words drawn anew for each minibatch.

    Examples
    --------
    At rest it is the loss over all words:

    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> source, given = np.array([[0, 7, 5]]), np.array([[1, 4]])
    >>> wanted = np.array([[4, 2]])
    >>> found = SampledTranslator(net, noise=3)(source, given, wanted)
    >>> true = SentenceLoss()(net(source, given), wanted)
    >>> onp.allclose(found.asnumpy(), true.asnumpy())
    True
    """

    def __init__(self, net: Translator, noise: int = 512) -> None:
        super().__init__()
        check_whole(noise=noise)
        self.net, self.noise = net, int(noise)
        self._log_q = onp.log(log_uniform(net.targets)).astype(onp.float32)
        self._loss = SentenceLoss()

    def forward(self, source: Any, given: Any, wanted: Any) -> Any:
        """Return one loss for each sentence, `(B,)`."""
        if not autograd.is_training():
            return self._loss(self.net(source, given), wanted)
        ctx = source.ctx
        vectors, bias = (
            self.net.target_vectors.data(ctx),
            self.net.bias.data(ctx),
        )
        answers = self.net.answers(source, given)  # (B, T, E)
        drawn = draw(self.net.targets, self.noise)
        expected = self._log_q + math.log(self.noise)  # ln K q
        log_q = np.array(expected, ctx=ctx)
        noise = np.array(drawn, dtype="int32", ctx=ctx)
        n, size = self.net.targets, self.net.embedding
        true = npx.embedding(wanted, vectors, input_dim=n, output_dim=size)
        others = npx.embedding(noise, vectors, input_dim=n, output_dim=size)
        scores = np.sum(answers * true, axis=-1) + np.take(bias, wanted)
        noise_scores = np.dot(answers, others.T) + np.take(bias, noise)
        # a noise word that is the true one is taken out
        same = np.expand_dims(wanted, -1) == noise  # (B, T, K)
        each = sampled_softmax(
            scores,
            noise_scores - 1e9 * same.astype("float32"),
            np.take(log_q, wanted),
            np.take(log_q, noise),
        )  # (B, T)
        weights = (wanted != PAD).astype("float32")
        return np.sum(each * weights, axis=-1) / np.sum(weights, axis=-1)


def perplexities(net: Translator, pairs: PairBuckets) -> list[Optional[float]]:
    """Return the perplexity of each bucket: e to the mean loss of a token.

    Parameters
    ----------
    net : Translator
        The network.
    pairs : PairBuckets
        What it is measured on, each pair once.

    Returns
    -------
    list of float
        None for a bucket without pairs.

    Examples
    --------
    A network whose scores do not differ hesitates between all of its words:

    >>> net = Translator(9, 8, embedding=4, hidden=5)
    >>> net.initialize()
    >>> net.target_vectors.set_data(np.zeros((8, 4)))
    >>> buckets = [(2, 4), (6, 8)]
    >>> pairs = PairBuckets([[4, 5]], [[7, 6, 5]], 1, buckets=buckets)
    >>> first, second = perplexities(net, pairs)
    >>> round(first, 3), second  # there is no pair in the second bucket
    (8.0, None)
    """
    loss = SentenceLoss()
    totals = {bucket: 0.0 for bucket in pairs.buckets}
    counts = dict.fromkeys(pairs.buckets, 0)
    ctx = net.bias.list_ctx()[0]
    for x, wanted in pairs.epoch(0):
        source, given, right = (
            np.array(a, dtype="int32", ctx=ctx) for a in (*x, wanted)
        )
        tokens = (wanted != PAD).sum(axis=-1)
        each = loss(net(source, given), right).asnumpy()
        bucket = (source.shape[1], given.shape[1])
        totals[bucket] += float((each * tokens).sum())
        counts[bucket] += int(tokens.sum())
    return [
        math.exp(totals[bucket] / counts[bucket]) if counts[bucket] else None
        for bucket in pairs.buckets
    ]
