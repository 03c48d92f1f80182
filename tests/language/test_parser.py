"""Oracle, gradient, property, learns: the parser and its global training."""

from __future__ import annotations

import numpy as onp
import pytest

from fdl import data, experiments, nn, seeding, train
from fdl._mxnet import mx, np
from fdl.data import Parsed, Vectors
from fdl.errors import NotFittedError
from fdl.language import (
    Parser,
    arc_standard,
    attachment,
    beam_search,
    fit_globally,
)
from fdl.language.arc_standard import LEFT, RIGHT, SHIFT, Configuration, oracle
from fdl.language.global_training import (
    _step,
    normal_loss,
    weights_of,
)
from fdl.language.parser import Scorer, greedy, places, search


def made(n, seed=0):
    return [Parsed(*s[:3]) for s in data.grammar.sentences(n, seed)]


TEXT = made(12)
TAGS = sorted({tag for s in TEXT for tag in s.tags})
WORDS = sorted({w.lower() for s in TEXT for w in s.words})


def parser(scale=1.0, hidden=8, seed=0):
    rng = onp.random.default_rng(seed)
    vectors = Vectors(WORDS, rng.normal(size=(len(WORDS), 5)))
    found = Parser(vectors, TAGS, TEXT, hidden=hidden)
    seeding.seed_all(seed)
    found.net.initialize()
    for layer in (found.net.hidden1, found.net.output):
        layer.weight.set_data(scale * layer.weight.data())
        layer.bias.set_data(np.array(rng.normal(0, 0.3, layer.bias.shape)))
    return found


def test_places_are_what_they_say():
    c = Configuration(6)
    for action in (SHIFT, SHIFT, LEFT, SHIFT, RIGHT, SHIFT, SHIFT):
        c.take(action)
    # the stack holds root, 2 (with 1 and 3 under it), 4, 5; 6 is left
    assert c.stack == [0, 2, 4, 5]
    assert places(c, 10) == [15, 14, 12, 16, 0, 0, 0, 0, 0, 0]
    c.take(LEFT)
    assert places(c, 10) == [15, 12, 10, 16, 0, 0, 14, 0, 11, 13]
    assert places(Configuration(2), 1) == [1, 0, 0, 2, 3, 0, 0, 0, 0, 0]


def test_the_scorer_is_the_network():
    """Sums of stored rows against the network's own forward pass."""
    p = parser()
    scorer = Scorer(p, TEXT)
    rows, legal = [], []
    for s, start in zip(TEXT, scorer.starts):
        c = Configuration(len(s.words))
        for action in oracle(s.heads):
            rows.append(places(c, start))
            legal.append(c.legal())
            c.take(action)
    rows, legal = onp.array(rows), onp.array(legal)
    x = p.inputs(scorer.words[rows], scorer.tags[rows])
    z = p.net(np.array(x)).asnumpy()
    p.locally = False
    found = scorer.scores(rows, legal)
    assert onp.allclose(found[legal], z[legal], atol=1e-4)
    assert (found[~legal] == -onp.inf).all()
    p.locally = True
    probabilities = onp.exp(scorer.scores(rows, legal))
    assert onp.allclose(probabilities.sum(1), 1)
    want = onp.exp(z) * legal
    assert onp.allclose(probabilities, want / want.sum(1)[:, None], atol=1e-4)


def test_batches_hold_the_oracles_way():
    p = parser()
    ((x, y),) = p.batches(TEXT[:2], 999, shuffle=False)
    assert y.tolist() == sum((oracle(s.heads) for s in TEXT[:2]), [])
    assert x.shape[1] == p.net.sizes[0]
    # at first the root is on top, of the tag 1, and the first word to come
    kinds = len(TAGS) + 2
    vectors, marks = x[0, :50].reshape(10, 5), x[0, 50:].reshape(10, kinds)
    assert not vectors[0].any()
    assert onp.flatnonzero(marks[0]).tolist() == [1]
    assert (vectors[3] == p.table.rows[p.table.number[TEXT[0].words[0]]]).all()
    tag = TAGS.index(TEXT[0].tags[0]) + 2
    assert onp.flatnonzero(marks[3]).tolist() == [tag]
    assert not marks[[1, 2, 6, 7, 8, 9]].any()


def test_crossing_trees_are_left_out():
    crossed = Parsed(tuple("abcd"), (TAGS[0],) * 4, (3, 4, 0, 3))
    assert not crossed.projective
    p = parser()
    assert p.batches([crossed, TEXT[0]], 9).examples == 2 * len(TEXT[0].words)


@pytest.mark.parametrize("locally", [True, False])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_beam_is_the_general_one(locally, width):
    """Against `beam_search`, one hypothesis at a time, action by action."""
    p = parser()
    p.locally = locally
    some = [s for s in TEXT if len(s.words) < 9][:4]
    scorer = Scorer(p, some)
    for k, (s, start) in enumerate(zip(some, scorer.starts)):

        def step(c, action, start=start):
            if action >= 0:
                c = c.copy()
                c.take(action)
            rows, legal = onp.array([places(c, start)]), onp.array([c.legal()])
            return scorer.scores(rows, legal)[0], c

        n = len(s.words)
        want = beam_search(step, -1, -1, width, 2 * n, Configuration(n))
        found = search(scorer, k, width)
        assert len(found) == len(want)
        for h, (actions, score) in zip(found, want):
            assert h.configuration.heads[1:] == arc_standard.heads(actions, n)
            assert h.score == pytest.approx(score)
            assert h.configuration.done


def test_side_by_side_is_one_by_one(monkeypatch):
    p = parser()
    together = p.parse(TEXT)
    assert together == [p.parse([s])[0] for s in TEXT]
    assert together == greedy(Scorer(p, TEXT))
    scorer = Scorer(p, TEXT)
    alone = [search(scorer, k, 1)[0].configuration for k in range(len(TEXT))]
    assert together == [c.heads[1:] for c in alone]
    wide = [search(scorer, k, 4)[0].configuration for k in range(len(TEXT))]
    assert p.parse(TEXT, 4) == [c.heads[1:] for c in wide]
    # a few at a time
    monkeypatch.setattr("fdl.language.parser.CHUNK", 5)
    assert p.parse(TEXT) == together
    assert p.parse(TEXT, 4) == [c.heads[1:] for c in wide]
    for found, s in zip(p.parse(TEXT, 4), TEXT):
        assert len(found) == len(s.words)
        assert found.count(0) == 1
        oracle(found)  # a tree whose arcs do not cross


def test_a_wider_beam_finds_better_sequences():
    p = parser(scale=1.5)
    scorer = Scorer(p, TEXT)
    scores = [
        [search(scorer, k, width)[0].score for k in range(len(TEXT))]
        for width in (1, 16)
    ]
    better = onp.array(scores[1]) - scores[0]
    assert better.max() > 1e-6
    assert onp.mean(better > -1e-6) > 0.8


def test_an_early_update_ends_with_the_oracle():
    p = parser()
    scorer = Scorer(p, TEXT)
    lost = 0
    for k, s in enumerate(TEXT):
        gold = oracle(s.heads)
        beam = search(scorer, k, 2, gold)
        assert sum(h.gold for h in beam) == 1
        (right,) = (h for h in beam if h.gold)
        actions = []
        while right.before is not None:
            actions.append(right.action)
            right = right.before
        assert actions[::-1] == gold[: len(actions)]
        if len(beam) == 3:
            assert beam[-1].gold
            assert not beam[0].configuration.done
            lost += 1
        else:
            assert len(actions) == len(gold)
    assert lost > 6  # it has learned nothing


def test_the_derivative_is_that_of_the_loss():
    """Central differences by the network's parameters, in one sentence."""
    p = parser(hidden=4)
    p.locally = False
    some = TEXT[:1]
    gold = oracle(some[0].heads)

    def beam():
        return search(Scorer(p, some), 0, 3, gold)

    paths = []  # the sequences stay those of the first search
    for h in beam():
        steps = []
        while h.before is not None:
            steps.append((h.rows, h.action))
            h = h.before
        paths.append(steps)
    which = [h.gold for h in beam()].index(True)
    scorer = Scorer(p, some)

    def loss():
        sums = []
        for steps in paths:
            rows = onp.array([rows for rows, _ in steps])
            x = p.inputs(scorer.words[rows], scorer.tags[rows])
            z = p.net(np.array(x)).asnumpy().astype(float)
            sums.append(sum(z[k, a] for k, (_, a) in enumerate(steps)))
        return onp.log(onp.exp(sums).sum()) - sums[which]

    value, steps = weights_of(beam())
    assert value == pytest.approx(loss(), rel=1e-4)
    weight = p.net.output.weight

    class Halt:
        def step(self, count):
            assert count == 1

    _step(p, scorer, list(steps.values()), Halt(), 1)
    found = weight.grad().asnumpy()
    start = weight.data().asnumpy()
    for place in ((0, 0), (1, 2), (2, 3)):
        values = []
        for shift in (0.01, -0.01):
            moved = start.copy()
            moved[place] += shift
            weight.set_data(np.array(moved))
            values.append(loss())
        weight.set_data(np.array(start))
        slope = (values[0] - values[1]) / 0.02
        assert found[place] == pytest.approx(slope, rel=2e-2, abs=2e-3)


def test_the_penalty_is_on_outputs_far_from_normal():
    z = onp.random.default_rng(0).normal(size=(6, 3)) * 2
    y = onp.array([0, 1, 2, 0, 1, 2])
    log_sum = onp.log(onp.exp(z).sum(1))
    want = log_sum - z[range(6), y] + 0.3 * log_sum**2
    given = np.array(z, dtype="float32"), np.array(y, dtype="int32")
    assert onp.allclose(normal_loss(*given, 0.3).asnumpy(), want, atol=1e-4)


def test_shared_steps_cancel_out():
    p = parser()
    scorer = Scorer(p, TEXT)
    learned_from = 0
    for k, s in enumerate(TEXT):
        _, steps = weights_of(search(scorer, k, 2, oracle(s.heads)))
        learned_from += len(steps)
        for h, _ in steps.values():
            # nobody learns from the first shift, which all share
            assert h.before.before is not None
    assert learned_from > 20


def counted(beam):
    """Return Σ_j (p_j − [j is gold]) · how often j takes each action."""
    scores = onp.array([h.score for h in beam])
    p = onp.exp(scores - scores.max())
    total = onp.zeros(3)
    for h, share in zip(beam, p / p.sum()):
        weight = share - h.gold
        while h.before is not None:
            total[h.action] += weight
            h = h.before
    return total


def test_a_step_of_global_training_is_that_of_all_its_sentences():
    p = parser(scale=3.0)
    p.locally = False
    scorer = Scorer(p, TEXT)
    beams = [search(scorer, k, 3, oracle(s.heads)) for k, s in enumerate(TEXT)]
    slopes, losses, slightest = [], [], 1.0
    for beam in beams:
        loss, steps = weights_of(beam)
        found = onp.zeros(3)
        for h, slope in steps.values():
            found[h.action] += slope
            slightest = min(slightest, abs(slope))
        # an output's bias gets the slopes of all steps that take its action
        onp.testing.assert_allclose(found, counted(beam), atol=1e-5)
        slopes.append(found)
        losses.append(loss)
    assert slightest < 1e-2  # what is little counts, too
    # two sentences that together pull another way than each alone
    one, two = next(
        (j, k)
        for j in range(len(TEXT))
        for k in range(j)
        if all(
            (onp.sign(slopes[j] + slopes[k]) != onp.sign(slopes[i])).any()
            for i in (j, k)
        )
    )
    bias = p.net.output.bias
    before = bias.data().asnumpy()
    p.locally = True
    (epoch,) = fit_globally(
        p, [TEXT[one], TEXT[two]], width=3, batch_size=2, learning_rate=1e-3
    )
    assert not p.locally
    # Adam's first step is as long as its rate, against the slope
    moved = (bias.data().asnumpy() - before) / 1e-3
    wanted = -onp.sign(slopes[one] + slopes[two])
    onp.testing.assert_allclose(moved, wanted, atol=0.01)
    assert epoch.loss == pytest.approx((losses[one] + losses[two]) / 2)
    gone = [len(beams[k]) == 4 for k in (one, two)]
    assert epoch.early == sum(gone) / 2


def test_each_epoch_has_an_order_of_its_own(monkeypatch):
    asked = []

    class Noted(list):
        def __getitem__(self, k):
            asked.append(int(k))
            return super().__getitem__(k)

    monkeypatch.setattr("fdl.language.global_training.buildable", Noted)
    fit_globally(parser(), TEXT, width=1, epochs=2, learning_rate=1e-9)
    first, second = asked[: len(TEXT)], asked[len(TEXT) :]
    assert sorted(first) == sorted(second) == list(range(len(TEXT)))
    assert first != second


def test_attachment_counts_words():
    s = Parsed(("a", "b", ".", "''"), ("X", "X", ".", "''"), (2, 0, 2, 2))
    assert attachment([[2, 0, 1, 2]], [s]) == 0.75
    assert attachment([[2, 0, 1, 1]], [s], punctuation=False) == 1.0
    assert attachment([[1, 0, 2, 2]], [s], punctuation=False) == 0.5
    with pytest.raises(ValueError, match="`sentences` .* a word that counts"):
        attachment([], [])


def test_bad_arguments():
    vectors = Vectors(["a"], [[1.0]])
    with pytest.raises(ValueError, match="`tags` .* all different"):
        Parser(vectors, ["X", "X"], TEXT)
    p = parser()
    with pytest.raises(ValueError, match="`width` "):
        p.parse(TEXT, 0)
    with pytest.raises(ValueError, match="`sentences` .* a word each"):
        p.parse([Parsed((), (), ())])
    with pytest.raises(ValueError, match="`sentences` .* one tag for each"):
        p.parse([Parsed(("a", "b"), ("X",), (2, 0))])
    crossed = [Parsed(tuple("abcd"), (TAGS[0],) * 4, (3, 4, 0, 3))]
    for call in (
        lambda: p.batches(crossed, 2),
        lambda: fit_globally(p, crossed),
    ):
        with pytest.raises(ValueError, match="`sentences` .* do not cross"):
            call()
    with pytest.raises(ValueError, match="`width` "):
        fit_globally(p, TEXT, width=0)
    with pytest.raises(ValueError, match="`learning_rate` .* above 0"):
        fit_globally(p, TEXT, learning_rate=-1.0)
    scorer = Scorer(p, TEXT[:1])
    for wrong, message in (
        ((1, 2), r"`k` \(=1\) must be .* from 0 to 0"),
        ((-1, 2), r"`k` \(=-1\) must be .* from 0 to 0"),
        ((0, 0), r"`width` \(=0\)"),
        ((0, 2, [SHIFT]), "`gold` .* actions of"),
    ):
        with pytest.raises(ValueError, match=message):
            search(scorer, *wrong)
    with pytest.raises(NotFittedError, match="has no weights yet"):
        Parser(vectors, ["X"], TEXT).parse(TEXT)
    for found in ([[2]], [[2, 0], [0]], [[2, 0], [0], [0]]):
        two = [Parsed(("a", "b"), ("X", "X"), (2, 0))] * 2
        with pytest.raises(ValueError, match="`found` .* one head for each"):
            attachment(found, two)
    assert p.parse([]) == []
    # a tag that it does not know counts as none
    assert p.parse([TEXT[0]._replace(tags=("?",) * len(TEXT[0].words))])


def learned(loss, text, test):
    vectors = data.load("glove", offline=True)
    tags = sorted({tag for s in text for tag in s.tags})
    p = Parser(vectors, tags, [*text, *test], hidden=32)
    train.fit(
        p.net,
        p.batches(text, 64),
        loss=loss,
        optimizer=mx.optimizer.Adam(learning_rate=0.005),
        epochs=2,
        seed=0,
    )
    return p, attachment(p.parse(test), test)


def test_it_learns_locally_and_then_globally(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    text, test = made(300, 1), made(80, 2)
    p, locally = learned(normal_loss, text, test)
    assert locally > 0.93
    # outputs that are near normal may be added up
    p.locally = False
    assert attachment(p.parse(test, 4), test) > locally - 0.01
    first, last = fit_globally(
        p, text[:100], width=4, epochs=2, learning_rate=0.001
    )
    assert not p.locally
    assert last.loss < first.loss
    assert last.early <= first.early
    assert attachment(p.parse(test, 4), test) > 0.93


def test_plain_outputs_may_not_be_added_up(monkeypatch):
    """The negative control: the same without the penalty."""
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    text, test = made(300, 1), made(80, 2)
    p, locally = learned(nn.cross_entropy, text, test)
    p.locally = False
    assert attachment(p.parse(test, 4), test) < locally - 0.01


def late(end):
    """A sentence whose last word tells which of the first two is its head.

    When that must be decided, the last word is out of sight.
    """
    head = 1 if end == "p" else 2
    heads = [head] * 7
    heads[head - 1] = 0
    return Parsed(("v", "w", "f", "f", "f", "f", end), ("X",) * 7, (*heads,))


def test_global_training_takes_back_what_local_training_cannot():
    """Where local normalization must fail: the label bias.

    Either way has half the probability when it parts from the other, and
    nothing that comes later can change that, as each later step has only one
    way to go; however wide the beam, one of two sentences is wrong.
    """
    text = [late("p"), late("q")] * 16
    two = text[:2]
    vectors = Vectors(list("vwfpq"), onp.eye(5))
    p = Parser(vectors, ["X"], text, hidden=16)
    train.fit(
        p.net,
        p.batches(text, 32),
        loss=normal_loss,
        optimizer=mx.optimizer.Adam(learning_rate=0.02),
        epochs=20,
        seed=2,
    )
    for width in (1, 2, 4):
        right = [a == list(s.heads) for a, s in zip(p.parse(two, width), two)]
        assert sum(right) == 1
    fit_globally(p, text, width=2, epochs=8, batch_size=8, learning_rate=0.01)
    assert attachment(p.parse(two, 2), two) == 1
    # the first step still cannot see the end: it is the beam that helps
    assert attachment(p.parse(two, 1), two) < 1


def test_the_experiment_keeps_what_it_says(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    monkeypatch.setattr(
        data.conll, "SIZES", {"train": 120, "valid": 10, "test": 40}
    )
    small = {"hidden": 16, "beam": 2, "global_sentences": 30, "epochs": 2}
    config = experiments.configure("dependency_parser", "quick", **small)
    record = experiments.get("dependency_parser").run(config, offline=True)
    assert set(record.data.values()) == {"sample"}
    found = record.metrics
    assert found["local_greedy"] > 0.5
    assert found["sentences"] == 120
    # both whole, only greed, only the beam, none: they add up
    both = found["greedy_whole"] - found["spoiled"]
    assert both == found["beam_whole"] - found["rescued"]
    assert (found["rescued_first"] >= 0) == (found["rescued"] > 0)
    assert len(record.curves["global_loss"]) == 1
    assert record.curves["early"][-1] == found["early"]
    for which in ("local", "global"):
        p = experiments.dependency_parser.parser_of(record, which, True)
        test = data.load("dependency-treebank", "test", offline=True)
        again = attachment(p.parse(test, 2), test)
        assert again == pytest.approx(found[f"{which}_beam"], abs=0.005)
    with pytest.raises(ValueError, match="`which` .* be .local. or .global."):
        experiments.dependency_parser.parser_of(record, "other")


def test_rescued_and_spoiled_are_told_apart():
    test = [Parsed(("a", "b"), ("X", "X"), (2, 0))] * 4
    right, wrong = [2, 0], [0, 1]
    found = experiments.dependency_parser._compared(
        [right, wrong, wrong, wrong], [wrong, wrong, right, right], test
    )
    assert found == {
        "greedy_whole": 1,
        "beam_whole": 2,
        "rescued": 2,
        "spoiled": 1,
        "rescued_first": 2,
    }
    found = experiments.dependency_parser._compared([right], [right], test)
    assert found["rescued_first"] == -1
