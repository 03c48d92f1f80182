"""Trees: every arc is there, none hides another, a telephone shows them."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from fdl import plot
from fdl.data import grammar
from fdl.plot.style import BLUE, GREY, RED
from fdl.plot.trees import _levels

WORDS, HEADS = "the cat saw a dog .".split(), [2, 3, 0, 5, 3, 3]


def colours(axis):
    return [mpl.colors.to_hex(p.get_edgecolor()).upper() for p in axis.patches]


def test_words_go_down_and_every_word_but_the_root_has_an_arc():
    _, axis = plot.tree(WORDS, HEADS, ["X"] * 6)
    assert len(axis.patches) == 5
    assert colours(axis) == [BLUE.upper()] * 5
    places = [t.get_position() for t in axis.texts[::2]]
    assert [t.get_text() for t in axis.texts[::2]] == WORDS
    assert [y for _, y in places] == sorted((y for _, y in places))[::-1]
    bold = [t.get_text() for t in axis.texts if t.get_weight() == "bold"]
    assert bold == ["saw"]


def test_wrong_arcs_are_red_and_the_right_ones_dotted():
    _, axis = plot.tree(WORDS, HEADS, right=[2, 3, 0, 5, 2, 3])
    assert colours(axis).count(RED.upper()) == 1
    assert colours(axis).count(GREY.upper()) == 1
    lines = [p.get_linestyle() for p in axis.patches]
    assert lines.count("-") == 5
    assert lines.count(":") == 1


def test_arcs_end_beside_their_words_on_the_left():
    figure, axis = plot.tree(WORDS, HEADS)
    figure.canvas.draw()
    spans = []
    for patch in axis.patches:
        box = patch.get_path().get_extents()
        spans.append(box.y1 - box.y0)
        assert box.x0 < -0.2
        assert box.x1 < 0.1
    # from "." to "saw" it is farthest
    assert max(spans) == spans[-1]


def test_arcs_reach_beyond_those_inside_them():
    arcs = [(6, 3), (1, 2), (5, 3), (2, 3), (4, 5)]
    assert _levels(arcs) == {
        (1, 2): 1,
        (2, 3): 1,
        (4, 5): 1,
        (5, 3): 2,
        (6, 3): 3,
    }


def test_what_arrays_say_is_drawn_as_lists_are():
    wanted = [2, 3, 0, 3, 3, 3]
    given = WORDS, HEADS, [*"ABCDEF"]
    _, one = plot.tree(*given, right=wanted)
    _, other = plot.tree(*map(np.array, given), right=np.array(wanted))
    texts = [[text.get_text() for text in axis.texts] for axis in (one, other)]
    assert texts[0] == texts[1] == [t for p in zip(WORDS, "ABCDEF") for t in p]
    assert len(other.patches) == len(one.patches) == 6


def test_long_sentences_fit_a_telephone():
    for s in grammar.sentences(150, 4):
        figure, _ = plot.tree(s.words, s.heads, s.tags)
        assert figure.get_size_inches()[0] < 4.5
        mpl.pyplot.close(figure)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("heads", {"heads": [2, 0]}),
        ("heads", {"heads": [7, 3, 0, 5, 3, 3]}),
        ("tags", {"tags": ["X"]}),
        ("heads", {"heads": [0.5, 3, 0, 5, 3, 3]}),
        ("right", {"right": [0]}),
        ("right", {"right": [-1, 3, 0, 5, 3, 3]}),
    ],
)
def test_bad_arguments(name, change):
    given = {"words": WORDS, "heads": HEADS, **change}
    with pytest.raises(ValueError, match=f"`{name}` .* must "):
        plot.tree(**given)
