"""Known value, oracle, property and bad input: trees from actions."""

from __future__ import annotations

import itertools
import math

import pytest

from fdl.data import grammar
from fdl.language import arc_standard
from fdl.language.arc_standard import (
    LEFT,
    RIGHT,
    SHIFT,
    Configuration,
    count_sequences,
    heads,
    oracle,
)


def after(*actions, n):
    c = Configuration(n)
    for action in actions:
        c.take(action)
    return c


def test_single_steps_as_published():
    # [ROOT the] / [cat sat] → [ROOT the cat] / [sat]
    c = after(SHIFT, n=3)
    assert (c.stack, c.next) == ([0, 1], 2)
    c.take(SHIFT)
    assert (c.stack, c.next) == ([0, 1, 2], 3)
    c.take(LEFT)  # cat → the
    assert (c.stack, c.heads[1]) == ([0, 2], 2)
    assert c.left[2] == 1
    c = after(SHIFT, SHIFT, RIGHT, n=2)  # run → fast
    assert (c.stack, c.heads[2]) == ([0, 1], 1)
    assert c.right[1] == 2
    assert repr(c) == "Configuration([0, 1] / [])"


def test_the_outermost_children_are_known():
    # 3 gets 2, then 1; then 4, then 5
    c = after(SHIFT, SHIFT, SHIFT, LEFT, LEFT, n=5)
    assert c.left[3] == 1
    for action in (SHIFT, RIGHT, SHIFT, RIGHT):
        c.take(action)
    assert c.right[3] == 5
    assert c.left[1] == c.right[1] == -1


def test_a_whole_parse_as_published():
    """ "parse this sentence": S S S LA RA RA."""
    actions = [SHIFT, SHIFT, SHIFT, LEFT, RIGHT, RIGHT]
    given = list(actions)
    assert heads(actions, 3) == [0, 3, 1]
    assert actions == given
    assert oracle([0, 3, 1]) == actions


def trees(n):
    """All heads of n words that make a tree under one root."""
    for found in itertools.product(range(n + 1), repeat=n):
        if found.count(0) != 1:
            continue
        for k in range(1, n + 1):
            steps = 0
            while k and steps <= n:
                k, steps = found[k - 1], steps + 1
            if k:
                break
        else:
            yield found


def projective(found):
    arcs = [sorted(arc) for arc in enumerate(found, 1)]
    return not any(
        a < c < b < d or c < a < d < b
        for (a, b), (c, d) in itertools.combinations(arcs, 2)
    )


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_oracle_builds_every_tree_whose_arcs_do_not_cross(n):
    built = set()
    for tree in trees(n):
        if projective(tree):
            actions = oracle(tree)
            assert len(actions) == 2 * n
            assert heads(actions, n) == list(tree)
            built.add(tree)
        else:
            with pytest.raises(ValueError, match="arcs do not cross"):
                oracle(tree)
    # 1, 2, 7, 30, 143: as many as there are
    assert len(built) == math.comb(3 * n - 2, n - 1) // n


def test_made_up_sentences_come_back():
    for s in grammar.sentences(200, 3):
        assert heads(oracle(s.heads), len(s.heads)) == list(s.heads)


@pytest.mark.parametrize(
    "bad",
    [[], [0, 0], [1], [2, 1], [2, 3, 1], [3, 0], [-1, 0], ["x", 0], [0.5, 0]],
)
def test_what_is_no_tree_is_refused(bad):
    with pytest.raises(ValueError, match=r"`heads(\[\d\])?` \(=.*\) must "):
        oracle(bad)


def paths(c):
    """All ways from a configuration to the end."""
    if c.done:
        yield []
    for action in (SHIFT, LEFT, RIGHT):
        if c.legal()[action]:
            then = c.copy()
            then.take(action)
            for path in paths(then):
                yield [action, *path]


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_every_legal_way_ends_in_a_tree(n):
    found = list(paths(Configuration(n)))
    assert all(len(path) == 2 * n for path in found)
    made = [tuple(heads(path, n)) for path in found]
    assert set(made) == {tree for tree in trees(n) if projective(tree)}
    # the last action hangs the one word that is left under the root
    assert len(found) == count_sequences(n)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_illegal_actions_are_refused(n):
    c = Configuration(n)
    for action in (LEFT, RIGHT, 3, "SHIFT"):
        with pytest.raises(ValueError, match="`action` .* must be legal in"):
            c.take(action)
    c.take(SHIFT)
    assert c.legal() == (n > 1, False, n == 1)  # the root stays where it is
    with pytest.raises(ValueError, match="must be the"):
        heads([SHIFT] * n, n)
    with pytest.raises(ValueError, match="`n` "):
        Configuration(0)


def test_a_copy_goes_its_own_way():
    c = after(SHIFT, SHIFT, n=3)
    twin = c.copy()
    twin.take(LEFT)
    assert (c.stack, c.heads, c.left[2]) == ([0, 1, 2], [-1] * 4, -1)
    assert twin.stack == [0, 2]


def test_the_books_count_of_sequences():
    """15 actions in 10 words: 1 shift and 7 labels each way."""
    assert count_sequences(10, 14) == 4862 * 14**9
    assert f"{count_sequences(10, 14):.1e}" == "1.0e+14"
    assert f"{15**10:.1e}" == "5.8e+11"
    assert 15**19 > 10**15 > count_sequences(10, 14)
    # however long a sentence is
    for n, arcs in itertools.product((1, 2, 3, 6, 500), (1, 2, 5)):
        catalan = math.comb(2 * n - 2, n - 1) // n
        assert count_sequences(n, arcs) == catalan * arcs ** (n - 1)


def test_names_go_with_their_numbers():
    for name in ("SHIFT", "LEFT", "RIGHT"):
        assert arc_standard.NAMES[getattr(arc_standard, name)] == name


@pytest.mark.parametrize("heads", [[0, 0], [2, 1], []])
def test_one_word_hangs_under_the_root(heads):
    with pytest.raises(ValueError, match="`heads` .* one word under the root"):
        oracle(heads)
