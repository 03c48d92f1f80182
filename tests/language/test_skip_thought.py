"""Known value, property, learns: sentences by their neighbours."""

import numpy as onp
import pytest

from fdl import optim, train
from fdl._mxnet import mx, np
from fdl.language import SkipThought, Triples, thought_loss
from fdl.nn import run

LINES = [[0, 1], [2, 3, 4, 0], [1], [], [4, 4], [3], [2, 2]]


def test_triples_are_neighbours_and_do_not_cross_a_gap():
    batches = Triples(LINES, 3, 9, shuffle=False)
    assert batches.centres.tolist() == [1, 5]
    [((x, lengths, given), y)] = batches
    # numbers of words start behind padding, GO and EOS
    assert x.tolist() == [[5, 6, 7], [6, 0, 0]]
    assert lengths.tolist() == [3, 1]
    assert given[0].tolist() == [[1, 3, 4, 0], [1, 4, 0, 0]]
    assert y[0, :, :, 0].tolist() == [[3, 4, 2, 0], [4, 2, 0, 0]]
    assert y[0, :, :, 1].tolist() == [[1, 1, 1, 0], [1, 1, 0, 0]]
    assert given[1].tolist() == [[1, 7, 7, 0], [1, 5, 5, 0]]
    with pytest.raises(ValueError, match="`sentences` .* three in a row"):
        Triples([[1], [], [2]], 3, 1)


def test_a_decoder_hears_its_side_and_the_thought():
    net = SkipThought(5, embedding=4, hidden=6)
    net.initialize()
    [((x, lengths, given), y)] = Triples(LINES, 3, 9, shuffle=False)

    def scores(x=x, given=given):
        arrays = (np.array(a, dtype="int32") for a in (x, lengths, given))
        return net(*arrays).asnumpy()

    plain = scores()
    assert plain.shape == (2, 2, 4, 8)
    other = given.copy()
    other[:, 1, 2] = 6  # the third word of the sentence after
    changed = onp.abs(scores(given=other) - plain).max(axis=(0, 3))
    assert (changed[0] == 0).all()
    assert (changed[1, :2] == 0).all()
    assert (changed[1, 2:] > 1e-5).all()
    another = x.copy()
    another[0, 0] = 3
    assert (onp.abs(scores(x=another) - plain)[0].max(axis=2) > 1e-6).all()
    # padding of the sentence that is read is not
    another = x.copy()
    another[1, 2] = 3
    onp.testing.assert_allclose(scores(x=another), plain, atol=1e-6)


def test_thoughts_do_not_depend_on_company():
    net = SkipThought(5, embedding=4, hidden=6)
    net.initialize()
    lines = LINES[:3] + LINES[4:]
    together = net.think(lines, 3)
    for row, line in zip(together, lines):
        onp.testing.assert_allclose(net.think([line], 3)[0], row, atol=1e-6)


def test_each_neighbour_has_a_decoder_of_its_own():
    net = SkipThought(5, embedding=4, hidden=6)
    net.initialize(mx.init.Normal(0.5))
    ((x, lengths, given), _) = next(iter(Triples([[0, 1], [2], [3, 4]], 2, 1)))
    x, lengths, given = (
        np.array(a, dtype="int32") for a in (x, lengths, given)
    )
    scores = net(x, lengths, given)
    thought = net.encode(x, lengths)
    for side, cell in enumerate((net.before, net.after)):
        outputs, _ = run(cell, net.embedding(given[:, side]), state=[thought])
        onp.testing.assert_allclose(
            scores[:, side].asnumpy(), net.output(outputs).asnumpy(), atol=1e-6
        )


def test_the_loss_is_over_real_words():
    scores = onp.zeros((1, 2, 2, 3), "float32")
    y = onp.zeros((1, 2, 2, 2), "float32")
    y[0, :, 0, 1] = 1
    scores[0, 0, 0] = onp.log([2, 1, 1])
    scores[0, 1, 1] = 99, -99, 0  # padding
    found = thought_loss(np.array(scores), np.array(y))
    wanted = (onp.log(2) + onp.log(3)) / 2
    onp.testing.assert_allclose(found.asnumpy(), [wanted], rtol=1e-5)


def test_it_learns_what_comes_before_and_after():
    # a circle of five one-word sentences: each neighbour is certain
    lines = [[k % 5] for k in range(60)]
    net = SkipThought(5, embedding=8, hidden=16)
    history = train.fit(
        net,
        Triples(lines, 1, 10),
        loss=thought_loss,
        optimizer=optim.Adam(0.03),
        epochs=15,
        seed=0,
    )
    assert history["loss"][0] > 1
    assert history["loss"][-1] < 0.1


def test_numbers_of_no_words_are_told():
    net = SkipThought(5, embedding=4, hidden=6)
    net.initialize()
    for lines, wrong in (([[1], [4, 5]], 5), ([[-1]], -1)):
        with pytest.raises(
            ValueError, match=rf"`sentences` \(={wrong}\) .* from 0 to 4"
        ):
            net.think(lines, 3)
    with pytest.raises(ValueError, match="`sentences` .* whole numbers"):
        net.think([[1.5]], 3)
    with pytest.raises(ValueError, match="`sentences` .* one at least"):
        net.think([], 3)
    with pytest.raises(ValueError, match=r"`sentences` \(=-2\) .* 0 up"):
        Triples([[1], [-2], [1]], 3, 1)
