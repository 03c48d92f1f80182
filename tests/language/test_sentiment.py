"""Property, learns: a reader of texts."""

import numpy as onp
import pytest

from fdl import data, nn, optim, train
from fdl._mxnet import autograd, mx, np
from fdl.errors import ShapeError
from fdl.language import Reader

LENGTHS = np.array([5, 2, 3, 1], dtype="int32")


def texts(steps=6):
    words = onp.random.randint(1, 50, (4, steps)).astype("int32")
    for row, length in zip(words, LENGTHS.asnumpy()):
        row[length:] = 0
    return np.array(words, dtype="int32")


def reader(**options):
    net = Reader(50, embedding=8, hidden=8, **options)
    net.initialize()
    return net


def test_what_stands_behind_a_text_does_not_count():
    net, words = reader(), texts()
    scores = net(words, LENGTHS)
    longer = np.concatenate([words, np.zeros((4, 9), "int32")], axis=1)
    other = longer.astype("int32").copy()
    other[:, 6:] = 33
    for more in (longer.astype("int32"), other):
        onp.testing.assert_allclose(
            net(more, LENGTHS).asnumpy(), scores.asnumpy(), atol=1e-6
        )
    # as the book's listing has it, it does
    net = reader(read="last step")
    scores = net(words, LENGTHS)
    assert float(abs(net(other, LENGTHS) - scores).max()) > 1e-3


def test_dropout_is_for_training_unless_it_is_asked_for():
    words = texts()
    for options, same in (({}, True), ({"always_drop": True}, False)):
        net = reader(**options)
        one, two = (net(words, LENGTHS).asnumpy() for _ in range(2))
        assert (one == two).all() == same
    net = reader(keep=1.0)
    with autograd.record():
        one = net(words, LENGTHS)
    two = net(words, LENGTHS)
    # but for the batch's own moments nothing is left to chance
    assert one.shape == two.shape == (4, 2)


def test_compiled_is_not_compiled():
    net, words = reader(), texts()
    scores = net(words, LENGTHS).asnumpy()
    net.hybridize(static_alloc=True, static_shape=True)
    onp.testing.assert_allclose(
        net(words, LENGTHS).asnumpy(), scores, atol=1e-6
    )


def test_it_takes_any_cell_and_any_number_of_classes():
    cell = nn.Stacked([nn.GRUCell(5), nn.RNNCell(3)])
    net = Reader(50, 7, embedding=8, cell=cell)
    net.initialize()
    assert net(texts(), LENGTHS).shape == (4, 7)


def test_it_learns_to_keep_the_first_word_in_mind():
    rng = onp.random.default_rng(0)
    lengths = rng.integers(4, 13, 600)
    rows = rng.integers(1, 20, (600, 12)) * (onp.arange(12) < lengths[:, None])
    labels = (rows[:, 0] < 10).astype(int)
    known, unseen = slice(0, 500), slice(500, 600)

    def batches(part, **options):
        return data.Buckets(
            rows[part], lengths[part], labels[part], 20, [8], **options
        )

    net = Reader(20, embedding=16, hidden=16, keep=0.9)
    train.fit(
        net,
        batches(known),
        loss=nn.cross_entropy,
        optimizer=optim.Adam(0.02),
        epochs=12,
        seed=0,
    )
    found = train.evaluate(net, batches(unseen, shuffle=False), ["accuracy"])
    assert found["accuracy"] > 0.9


def test_dropout_is_on_what_goes_in_and_comes_out():
    cell = reader(keep=0.75).cell
    assert (cell.inputs, cell.outputs, cell.mode) == (0.25, 0.25, "training")
    assert reader(always_drop=True).cell.mode == "always"


@pytest.mark.parametrize("hybrid", [False, True])
def test_a_settled_reader_judges_by_the_moments_of_its_scores(hybrid):
    net, words = reader(), texts()
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    net(words, LENGTHS)  # now all sizes are known
    raw = net._scores(mx.nd, words, LENGTHS).asnumpy()
    rows, sizes = words.asnumpy(), LENGTHS.asnumpy()
    # in batches of 3 and 1, whose own moments are others
    parts = [
        ((rows[part], sizes[part]), None) for part in (slice(3), slice(3, 4))
    ]
    net.settle(parts)
    expected = (raw - raw.mean(0)) / onp.sqrt(onp.var(raw, axis=0) + 1e-3)
    settled = net(words, LENGTHS).asnumpy()
    onp.testing.assert_allclose(settled, expected, rtol=1e-4, atol=1e-5)
    # what shifts all scores alike changes what is judged until it settles
    net.output.bias.set_data(net.output.bias.data() + np.array([5.0, -5.0]))
    shifted = net(words, LENGTHS).asnumpy()
    assert (shifted[:, 0] > shifted[:, 1]).all()
    net.settle(parts)
    onp.testing.assert_allclose(
        net(words, LENGTHS).asnumpy(), expected, rtol=1e-3, atol=1e-4
    )


def test_what_is_no_text_is_told():
    with pytest.raises(ValueError, match="`read` .* last word, last step"):
        reader(read="end")
    for keep in (0.0, 1.5, "half"):
        with pytest.raises(ValueError, match="`keep` .* above 0 and at most"):
            reader(keep=keep)
    with pytest.raises(ShapeError, match=r"`words` .* must be \(B, T\)"):
        reader().check_input(onp.zeros((3, 4, 2)), onp.zeros(3))
