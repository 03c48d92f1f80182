"""Receptive fields: known values, and an oracle that follows every unit."""

import numpy as np
import pytest

from fdl.scratch import ReceptiveField, output_size


def followed(layers, inputs):
    """Return, for each unit of the last layer, the set of inputs it sees."""
    seen = [{i} for i in range(inputs)]
    for extent, stride, dilation, pad in layers:
        reach = (extent - 1) * dilation + 1
        padded = [set()] * pad + seen + [set()] * pad
        seen = [
            set().union(*padded[start : start + reach : dilation])
            for start in range(0, len(padded) - reach + 1, stride)
        ]
    return seen


def test_a_unit_sees_the_first_and_the_last_input_that_reach_it():
    rng = np.random.default_rng(0)
    kinds = set()
    for _ in range(200):
        layers = [
            tuple(int(n) for n in rng.integers([1, 1, 1, 0], [5, 3, 4, 3]))
            for _ in range(rng.integers(1, 5))
        ]
        field = ReceptiveField()
        for layer in layers:
            field = field.after(*layer)
        for unit, inputs in enumerate(followed(layers, 90)):
            # a dilated kernel has holes, so only the ends are compared
            within = field.within(unit, 90)
            if inputs:
                kinds.add(field.stride)
                assert within[0] <= min(inputs)
                assert within[-1] >= max(inputs)
            if min(within, default=0) > 0 and within.stop < 90:
                assert (min(inputs), max(inputs)) == (within[0], within[-1])
    assert {1, 2, 4} <= kinds


@pytest.mark.parametrize("i", range(8))
def test_layers_of_extent_three_see_2i_plus_1(i):
    field = dilated = ReceptiveField()
    for k in range(i):
        field = field.after(3)
        dilated = dilated.after(3, dilation=2**k)
    assert field.size == 2 * i + 1
    assert dilated.size == 2 ** (i + 1) - 1


def test_two_layers_of_three_see_what_one_of_five_sees():
    once = ReceptiveField().after(5, pad=2)
    assert ReceptiveField().after(3, pad=1).after(3, pad=1) == once
    assert once == (-2, 2, 1)


def test_strides_multiply_and_so_does_what_comes_after():
    stem = ReceptiveField().after(7, stride=2, pad=3)
    assert stem.within(0, 32) == range(4)
    assert stem.within(3, 32) == range(3, 10)
    assert stem.within(15, 32) == range(27, 32)
    field = stem.after(3, stride=2, pad=1)
    assert field == (-5, 5, 4)
    assert field.size == 11
    assert field.after(3, pad=1) == (-9, 9, 4)


def test_a_unit_over_all_places_sees_from_the_first_to_the_last():
    field = ReceptiveField().after(3, stride=2, pad=1)
    units = output_size(9, 3, stride=2, pad=1)
    assert field.of_all(units) == (-1, 9, 10)
    assert field.of_all(units).within(0, 9) == range(9)


def test_branches_join_to_the_wider_view():
    one = ReceptiveField()
    joined = one.after(3, pad=1).with_branch(one.after(5, pad=2))
    assert joined == (-2, 2, 1)
    lopsided = one.after(2).with_branch(one.after(2, pad=1))
    assert lopsided == (-1, 1, 1)
    with pytest.raises(ValueError, match="`other` .* must have the stride 1"):
        one.with_branch(one.after(1, stride=2))


def test_bad_sizes_are_refused():
    field = ReceptiveField()
    with pytest.raises(ValueError, match=r"`extent` \(=0\) must be a whole"):
        field.after(0)
    with pytest.raises(ValueError, match=r"`stride` \(=0\)"):
        field.after(3, stride=0)
    with pytest.raises(ValueError, match=r"`dilation` \(=1.5\)"):
        field.after(3, dilation=1.5)
    with pytest.raises(ValueError, match=r"`pad` \(=-1\)"):
        field.after(3, pad=-1)
    with pytest.raises(ValueError, match=r"`units` \(=0\)"):
        field.of_all(0)
    with pytest.raises(ValueError, match=r"`unit` \(=-1\)"):
        field.within(-1, 5)
