"""Known value, oracle, property and bad input: beam search."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from fdl.errors import ShapeError
from fdl.language import beam_search
from fdl.language.beam import length_penalty

END = 5
TABLE = np.zeros((6, 6))
TABLE[0, 1:5] = 0.4, 0.3, 0.2, 0.1
TABLE[range(1, 5), range(2, 6)] = 1
TABLE[5, 5] = 1


def markov(table):
    with np.errstate(divide="ignore"):
        logs = np.log(table)

    def step(state, token):
        return logs[token], state

    return step


def everything(step, start, end, vocabulary, longest):
    """All sequences and their log-probabilities, by trying all."""
    found = []
    for length in range(1, longest + 1):
        for tokens in itertools.product(range(vocabulary), repeat=length):
            ended = tokens[-1] == end
            if end in tokens[:-1] or not (ended or length == longest):
                continue
            state, last, log_p = None, start, 0.0
            for token in tokens:
                logs, state = step(state, last)
                log_p, last = log_p + logs[token], token
            found.append((list(tokens), log_p))
    return sorted(found, key=lambda pair: -pair[1])


def test_the_published_table():
    found = beam_search(markov(TABLE), 0, END, 3, 10)
    assert [tokens for tokens, _ in found] == [
        [1, 2, 3, 4, 5],
        [2, 3, 4, 5],
        [3, 4, 5],
    ]
    assert np.allclose([p for _, p in found], np.log([0.4, 0.3, 0.2]))


def test_what_ended_is_not_grown_any_more():
    asked = []

    def step(state, token):
        asked.append(token)
        return markov(TABLE)(state, token)

    beam_search(step, 0, END, 3, 10)
    assert END not in asked


def test_max_steps_cuts_what_has_not_ended():
    found = beam_search(markov(TABLE), 0, END, 3, 3)
    assert [tokens for tokens, _ in found] == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]


def test_short_sequences_keep_their_places():
    """Each step ends with 0.9: of five the k-th has 0.9 · 0.1^k."""
    table = np.array([[0.1, 0.9], [0.1, 0.9]])
    found = beam_search(markov(table), 0, 1, 5, 5)
    want = [0.9, 0.09, 0.009, 0.0009, 0.0001]
    assert np.allclose(np.exp([p for _, p in found][:4]), want[:4])
    assert [len(tokens) for tokens, _ in found] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("seed", range(20))
def test_width_one_is_greedy(seed):
    table = np.random.default_rng(seed).dirichlet(np.ones(4), 4)
    token, want = 0, []
    while len(want) < 6 and (not want or want[-1] != 3):
        token = int(table[token].argmax())
        want.append(token)
    ((found, log_p),) = beam_search(markov(table), 0, 3, 1, 6)
    assert found == want
    path = [0, *want]
    assert log_p == pytest.approx(
        sum(math.log(table[a, b]) for a, b in zip(path, path[1:]))
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_wide_beam_is_exhaustive(seed):
    """Width V ** T against trying all, with probabilities that remember."""
    rng = np.random.default_rng(seed)
    after = rng.dirichlet(np.ones(3), (4, 4))

    def step(state, token):
        state = 0 if state is None else state
        return np.log(after[state, token]), (state + token + 1) % 4

    want = everything(step, 0, 2, 3, 4)
    found = beam_search(step, 0, 2, 3**4, 4)
    assert [tokens for tokens, _ in found] == [t for t, _ in want]
    assert np.allclose([p for _, p in found], [p for _, p in want])
    for width in (1, 2, 3):
        some = beam_search(step, 0, 2, width, 4)
        assert len(some) <= width
        assert some[0][1] <= want[0][1] + 1e-12


def test_each_hypothesis_has_its_own_state():
    def step(state, token):
        # only who began with 1 may go on with 1
        state = (*state, token)
        ones = state[1:2] == (1,)
        p = [0.6, 0.4, 0.0] if len(state) == 1 else [0.5 - ones / 2, ones, 0.5]
        with np.errstate(divide="ignore"):
            return np.log(np.array(p, float)), state

    best, *_ = beam_search(step, 2, 2, 3, 3, ())
    assert best[0] == [1, 1, 1]


def test_a_width_of_two_finds_what_greed_misses():
    # 0 looks better, but 1 leads to a sure end
    table = np.array([[0.35, 0.35, 0.3], [0.05, 0.05, 0.9], [0.6, 0.4, 0]])
    (greedy,) = beam_search(markov(table), 2, 2, 1, 2)
    best = beam_search(markov(table), 2, 2, 2, 2)[0]
    assert (greedy[0], best[0]) == ([0, 0], [1, 2])
    assert best[1] > greedy[1]


def test_of_equals_the_first_comes_first():
    found = beam_search(markov(np.full((3, 3), 1 / 3)), 0, 2, 4, 2)
    assert [tokens for tokens, _ in found] == [[2], [0, 0], [0, 1], [0, 2]]


def test_the_length_penalty_is_its_formula():
    for k, alpha, length in itertools.product((1, 5), (0, 0.6, 1), (1, 4, 9)):
        want = ((k + length) / (k + 1)) ** alpha
        assert length_penalty(length, alpha, k) == want
    assert length_penalty(1, 0.7) == 1


def test_a_penalty_lets_longer_ones_win():
    # to end at once: 0.5; to go on, always, for four more: 0.5 · 0.9³
    table = np.array([[0.0, 0.5, 0.5], [0.0, 0.8, 0.2], [0, 0, 1.0]])
    plain = beam_search(markov(table), 0, 2, 4, 4)
    longer = beam_search(markov(table), 0, 2, 4, 4, alpha=2.0)
    assert plain[0][0] == [2]
    assert longer[0][0] == [1, 1, 1, 1]
    scores = [p / length_penalty(len(t), 2.0) for t, p in longer]
    assert scores == sorted(scores, reverse=True)
    # a larger offset lets length count for less
    table = np.array([[0.0, 0.55, 0.45], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
    firsts = [
        beam_search(markov(table), 0, 2, 4, 3, alpha=2.0, offset=offset)[0][0]
        for offset in (1.0, 1000.0)
    ]
    assert list(map(len, firsts)) == [3, 1]
    # what is returned is a log-probability all the same
    assert longer[0][1] == pytest.approx(math.log(0.5 * 0.8**3))


def test_a_dead_end_leaves_nothing():
    assert beam_search(markov(np.zeros((2, 2))), 0, 1, 3, 3) == []


@pytest.mark.parametrize("name", ["width", "max_steps"])
@pytest.mark.parametrize("value", [0, -1, 1.5])
def test_bad_numbers(name, value):
    numbers = {"width": 2, "max_steps": 2, name: value}
    with pytest.raises(ValueError, match=f"`{name}` "):
        beam_search(markov(TABLE), 0, END, **numbers)


def test_a_hypothesis_is_ranked_by_its_own_length():
    def step(state, token):
        # the end at once, or a word and then the end
        return ([-0.6, -1.0] if token == 9 else [-np.inf, -0.555]), state

    # 1.155 is more than 1, less than 7 / 6, more than 8 / 7
    found = beam_search(step, 9, 1, 2, 2, alpha=1.0)
    assert [tokens for tokens, _ in found] == [[0, 1], [1]]
    found = beam_search(step, 9, 1, 2, 2)
    assert [tokens for tokens, _ in found] == [[1], [0, 1]]


def test_bad_steps():
    with pytest.raises(ShapeError, match=r"`step` .* of shape \(V,\)"):
        beam_search(lambda s, t: (np.zeros((1, 3)), s), 0, 1, 2, 2)
    with pytest.raises(ValueError, match="`step` .* no NaN"):
        beam_search(lambda s, t: ([0.0, np.nan], s), 0, 1, 2, 2)
    with pytest.raises(ValueError, match=r"`alpha` \(=nan\) must be a numb"):
        beam_search(markov(TABLE), 0, END, 2, 2, alpha=math.nan)
    with pytest.raises(ValueError, match=r"`offset` \(=-1\) must be a numb"):
        beam_search(markov(TABLE), 0, END, 2, 2, offset=-1)
    for name, numbers in (
        ("length", (-1, 1.0, 5.0)),
        ("alpha", (7, math.nan, 5.0)),
        ("offset", (7, 1.0, -1.0)),
    ):
        with pytest.raises(ValueError, match=f"`{name}` "):
            length_penalty(*numbers)
