"""Training a parser on whole sequences of actions: global normalization.

Locally normalized, each step is a decision of its own, and its probabilities
add up to 1 however bad the way there was. Globally, a sequence's score is the
sum of the network's outputs along it, and its probability the softmax over
all sequences. These are too many; the beam's stand for them [1]::

    loss = log Σ_j exp(s_j) − s_gold       s_j = Σ_k z(c_jk)[a_jk]

As soon as the oracle's sequence leaves the beam, the search ends and the loss
is taken there: an early update [2].

The derivative with respect to a sequence's score is p_j − [j is gold]. A step
that several sequences share gets the sum of theirs: as long as all still go
together that is 0, and only where they part something is learned.

Letters: ``c`` configurations, ``a`` actions, ``z`` the network's outputs.

References: [1] Andor et al. 2016, arXiv:1603.06042. [2] Collins and Roark
2004, doi:10.3115/1218955.1218970. [3] Devlin et al. 2014,
doi:10.3115/v1/P14-1129.

Book: ch. 7, "Beam Search and Global Normalization"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as onp

from fdl import seeding
from fdl._mxnet import autograd, gluon, np, npx
from fdl.language.arc_standard import oracle
from fdl.language.parser import Hypothesis, Parser, Scorer, buildable, search
from fdl.nn.losses import cross_entropy
from fdl.scratch._checks import positive, whole

__all__ = ["Epoch", "fit_globally", "normal_loss", "weights_of"]


def normal_loss(z: Any, y: Any, weight: float = 0.1) -> Any:
    """Return the cross-entropy, and a penalty on outputs far from normal.

    ::

        L = −log p_y + w (log Σ_k exp z_k)²      [3]

    Where the sum is 1, an output is the logarithm of a probability without
    any division. A network trained so can be trained on globally from where
    it is: its plain outputs may be added up.

    Parameters
    ----------
    z : array `(B, K)`
        Outputs.
    y : array `(B,)`
        Classes.
    weight : float
        w.

    Returns
    -------
    array `(B,)`

    Examples
    --------
    Both rows say that the classes are equally likely; but the first holds
    logarithms of probabilities, and the second does not:

    >>> z = np.log(np.array([[0.5, 0.5], [5.0, 5.0]]))
    >>> normal_loss(z, np.array([0, 0]), weight=1.0).round(2)
    array([0.69, 6.  ])
    """
    # log Σ exp z = z_k − log p_k, whatever k
    log_sum = (z - npx.log_softmax(z, axis=-1)).mean(axis=-1)
    return cross_entropy(z, y) + weight * log_sum**2


class Epoch(NamedTuple):
    """What an epoch of global training was like.

    An example is at :func:`fit_globally`.

    Attributes
    ----------
    loss : float
        Mean over its sentences.
    early : float
        Share of sentences whose oracle left the beam.
    """

    loss: float
    early: float


def weights_of(
    beam: Sequence[Hypothesis],
) -> tuple[float, dict[int, tuple[Hypothesis, float]]]:
    """Return a beam's loss, and its derivative by each step's output.

    Parameters
    ----------
    beam : sequence of Hypothesis
        One of them the oracle's.

    Returns
    -------
    loss : float
        log Σ exp(s_j) − s_gold.
    steps : dict
        Identity → the hypothesis that ends with the step, and the derivative;
        without those that cancel out.

    Examples
    --------
    Two hypotheses part in their first step, with equal scores. The oracle's is
    to win, the other one to lose, each by a half:

    >>> from fdl.language.arc_standard import SHIFT, Configuration
    >>> begin = Hypothesis(Configuration(2), 0.0, None, None, -1, True)
    >>> good = begin._replace(before=begin, action=SHIFT)
    >>> bad = good._replace(gold=False)
    >>> loss, steps = weights_of([good, bad])
    >>> round(loss, 3), [slope for _, slope in steps.values()]
    (0.693, [-0.5, 0.5])
    """
    scores = onp.array([h.score for h in beam])
    gold = onp.array([h.gold for h in beam])
    top = scores.max()
    p = onp.exp(scores - top)
    loss = top + onp.log(p.sum()) - scores[gold][0]
    steps: dict[int, tuple[Hypothesis, float]] = {}
    # d loss / d s_j = p_j − [j is gold]
    for h, slope in zip(beam, p / p.sum() - gold):
        step: Any = h
        while step.before is not None:
            known = steps.get(id(step), (step, 0.0))[1]
            steps[id(step)] = step, known + float(slope)
            step = step.before
    kept = {k: s for k, s in steps.items() if abs(s[1]) > 1e-7}
    return float(loss), kept


def fit_globally(
    parser: Parser,
    sentences: Sequence[Any],
    *,
    width: int = 8,
    epochs: int = 1,
    batch_size: int = 16,
    learning_rate: float = 1e-4,
    seed: int = 0,
) -> list[Epoch]:
    """Train a parser on, globally; from then on its scores are global ones.

    Parameters
    ----------
    parser : Parser
        As a rule trained locally before.
    sentences : sequence of Parsed
        Those whose arcs cross are left out.
    width : int
        Of the beam.
    epochs : int
        Passes over the sentences.
    batch_size : int
        Sentences in a step.
    learning_rate : float
        Adam's.
    seed : int
        Decides the order.

    Returns
    -------
    list of Epoch
        One for each pass.

    Examples
    --------
    >>> from fdl.data import Parsed, Vectors
    >>> s = Parsed(("dogs", "bark"), ("NNS", "VBP"), (2, 0))
    >>> parser = Parser(Vectors(["dogs"], [[1.0]]), s.tags, [s], hidden=4)
    >>> parser.net.initialize()
    >>> (epoch,) = fit_globally(parser, [s], width=2, epochs=1)
    >>> epoch.loss > 0, parser.locally
    (True, False)
    """
    whole("epochs", epochs)
    whole("batch_size", batch_size)
    whole("width", width)
    positive("learning_rate", learning_rate)
    kept = buildable(sentences)
    net, parser.locally = parser.net, False
    trainer = gluon.Trainer(
        net.collect_params(), "adam", {"learning_rate": learning_rate}
    )
    history = []
    for epoch in range(epochs):
        order = seeding.generator(seed, "epoch", epoch).permutation(len(kept))
        losses, early = [], 0
        for k in range(0, len(kept), batch_size):
            some = [kept[j] for j in order[k : k + batch_size]]
            scorer = Scorer(parser, some)
            steps: list[tuple[Hypothesis, float]] = []
            for j, s in enumerate(some):
                beam = search(scorer, j, width, oracle(s.heads))
                early += not beam[0].configuration.done
                loss, found = weights_of(beam)
                losses.append(loss)
                steps += found.values()
            if steps:
                _step(parser, scorer, steps, trainer, len(some))
        history.append(Epoch(float(onp.mean(losses)), early / len(kept)))
    return history


def _step(
    parser: Parser,
    scorer: Scorer,
    steps: Sequence[tuple[Hypothesis, float]],
    trainer: Any,
    count: int,
) -> None:
    """Move the weights along the derivative by the steps' outputs."""
    rows = onp.array([h.rows for h, _ in steps])
    x = parser.inputs(scorer.words[rows], scorer.tags[rows])
    actions = np.array([h.action for h, _ in steps], dtype="int32")
    slopes = np.array([slope for _, slope in steps], dtype="float32")
    with autograd.record():
        z = npx.pick(parser.net(np.array(x)), actions, axis=-1)
        # its derivative by the weights is that of the loss
        total = (z * slopes).sum()
    total.backward()
    trainer.step(count)
