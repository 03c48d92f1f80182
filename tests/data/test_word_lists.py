"""Property: the sections of the analogies, and the classes made of them."""

from collections import Counter

from fdl.data.word_lists import CLASSES, analogies


def test_every_side_of_a_section_is_of_one_class():
    sides = Counter(side for parts in CLASSES.values() for side in parts)
    assert set(sides.values()) == {1}
    wanted = {f"{name}/{k}" for name in analogies() for k in (0, 1)}
    assert wanted >= set(sides)
    assert {side.rpartition("/")[0] for side in sides} == set(analogies())


def test_a_question_is_two_pairs_of_its_section():
    for section, questions in analogies().items():
        pairs = {(a, b) for a, b, _, _ in questions}
        assert all((c, d) in pairs for _, _, c, d in questions), section
