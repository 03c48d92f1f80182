"""Known value, property, learns: a network that writes."""

import numpy as onp
import pytest

from fdl import data, optim, train
from fdl._mxnet import autograd, mx, np
from fdl.language import CharRNN, Letters, Pieces, letter_loss, sharpen
from fdl.nn import run


def test_letters_are_numbered_and_come_back():
    letters = Letters("To be, or not")
    text = "or not To be"
    assert letters.decode(letters.encode(text)) == text
    with pytest.raises(ValueError, match=r"`text` \(='x'\) .* learned"):
        letters.encode("ox")
    with pytest.raises(ValueError, match="`text` .* hold a letter"):
        Letters("")
    # a negative number is not the last letter
    for wrong in (-1, len(letters)):
        with pytest.raises(
            ValueError, match=rf"`numbers` \(={wrong}\) .* to 8"
        ):
            letters.decode([0, wrong])
    with pytest.raises(ValueError, match="`numbers` .* row of whole numbers"):
        letters.decode([0.5])
    assert letters.decode([]) == ""


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32"])
def test_letters_may_be_numbered_by_mxnet(dtype):
    letters = Letters("abc")
    numbers = np.array([2, 0, 1], dtype=dtype)
    assert letters.decode(numbers) == "cab"
    assert Pieces(np.arange(10), 3, 2).numbers.tolist() == [*range(10)]
    net = CharRNN(3, hidden=4)
    net.initialize()
    assert (net.write(numbers, 5) == net.write([2, 0, 1], 5)).all()
    with pytest.raises(ValueError, match="`numbers` .* whole numbers"):
        letters.decode(np.array([0.5, 1.0]))


def test_what_mxnet_numbers_is_data_too():
    labels = np.array([1, 0])
    source = data.Source("some", "official", "made here")
    pictures = onp.zeros((2, 3, 3), onp.uint8)
    assert data.Images(pictures, labels).labels.tolist() == [1, 0]
    texts = data.Documents(["a", "b"], labels, ["x", "y"], source)
    assert texts.labels.tolist() == [1, 0]
    assert texts.take(labels).texts == ["b", "a"]
    assert data.pad([labels], 3)[0].tolist() == [[1, 0, 0]]
    buckets = data.Buckets(onp.zeros((2, 3)), np.array([3, 2]), [0, 1], 2)
    assert buckets.lengths.tolist() == [3, 2]


def test_targets_are_the_letters_one_on():
    numbers = onp.arange(100)
    pieces = Pieces(numbers, 8, 3, seed=1)
    seen = []
    for x, y in pieces.epoch(2):
        assert x.shape == y.shape == (3, 8)
        assert (y == x + 1).all()
        seen += x.ravel().tolist()
    assert len(pieces) == 3
    # no letter twice, and most of them once
    assert len(set(seen)) == len(seen) == 72
    again = [x.tolist() for x, _ in pieces.epoch(2)]
    assert again != [x.tolist() for x, _ in pieces.epoch(3)]
    assert again == [x.tolist() for x, _ in Pieces(numbers, 8, 3, 1).epoch(2)]
    with pytest.raises(ValueError, match="`numbers` .* fill 3 pieces of 30"):
        Pieces(numbers, 30, 3)
    for wrong in (numbers / 2, numbers.reshape(20, 5)):
        with pytest.raises(ValueError, match="`numbers` .* row of whole num"):
            Pieces(wrong, 3, 2)
    with pytest.raises(ValueError, match=r"`numbers` \(=-1\) .* from 0 up"):
        Pieces(numbers - 1, 3, 2)
    with pytest.raises(ValueError, match="`seed` .* from 0 up"):
        Pieces(numbers, 3, 2, seed=-1)


def test_steps_are_the_run():
    net = CharRNN(7, hidden=6, layers=2)
    net.initialize()
    x = np.array(onp.random.randint(0, 7, (2, 9)), dtype="int32")
    scores = net(x).asnumpy()
    state = net.cell.begin_state(2)
    for t in range(9):
        one, state = net.step(x[:, t], state)
        onp.testing.assert_allclose(one.asnumpy(), scores[:, t], atol=1e-5)
    # what comes later changes nothing
    other = x.copy()
    other[:, 5:] = 0
    onp.testing.assert_allclose(
        net(other).asnumpy()[:, :5], scores[:, :5], atol=1e-6
    )


def test_it_goes_on_from_all_that_it_was_given():
    net = CharRNN(7, hidden=6, layers=2)
    net.initialize()
    for weight in net.collect_params(".*weight").values():
        weight.initialize(mx.init.Normal(1.5), force_reinit=True)
    net(np.zeros((1, 1), dtype="int32"))
    said = []
    for k in range(7):
        line = [k, 2, 5, 3]
        for _ in range(4):  # cold, it says the likeliest letter
            scores = net(np.array([line], dtype="int32")).asnumpy()[0, -1]
            line.append(int(scores.argmax()))
        said.append(line[4:])
        assert net.write([k, 2, 5, 3], 4, 1e-6).tolist() == line[4:]
    assert len(set(map(tuple, said))) > 1


def test_each_layers_outputs_are_dropped_while_training():
    net = CharRNN(7, hidden=50, layers=2, drop=0.5)
    net.initialize()
    x = net.embedding(np.zeros((2, 5), dtype="int32"))
    with autograd.train_mode():
        top, _ = run(net.cell, x)
        low, _ = run(net.cell.cells[0], x)
    for outputs in (low, top):
        assert 0.4 < float((outputs == 0).mean()) < 0.6
    assert (run(net.cell, x)[0] != 0).all()


def test_the_loss_is_the_mean_of_the_letters():
    scores = onp.log([[[0.25, 0.75], [0.5, 0.5]]])
    found = letter_loss(np.array(scores), np.array([[1, 0]]))
    wanted = -(onp.log(0.75) + onp.log(0.5)) / 2
    onp.testing.assert_allclose(found.asnumpy(), [wanted], rtol=1e-5)


def test_temperature():
    scores = onp.log([0.1, 0.2, 0.7])
    onp.testing.assert_allclose(sharpen(scores, 1.0), [0.1, 0.2, 0.7])
    squares = onp.array([0.01, 0.04, 0.49])
    onp.testing.assert_allclose(sharpen(scores, 0.5), squares / squares.sum())
    assert sharpen([900.0, 0.0], 1e-3).tolist() == [1, 0]
    with pytest.raises(ValueError, match="`temperature` .* above 0"):
        sharpen(scores, 0)


def test_it_learns_a_saying_and_writes_it():
    text = "to be or not to be. " * 60
    letters = Letters(text)
    net = CharRNN(len(letters), hidden=32, layers=1)
    train.fit(
        net,
        Pieces(letters.encode(text), 20, 10),
        loss=letter_loss,
        optimizer=optim.Adam(0.02),
        epochs=30,
        seed=0,
        clip=5.0,
    )
    start = letters.encode("to be or n")
    written = letters.decode(net.write(start, 30, temperature=0.1))
    assert written == "ot to be. to be or not to be. "
    one = net.write(start, 30, 2.0, seed=1)
    assert (net.write(start, 30, 2.0, seed=1) == one).all()
    assert (net.write(start, 30, 2.0, seed=2) != one).any()
    with pytest.raises(ValueError, match="`start` .* one letter at least"):
        net.write([], 3)
    # MXNet would take the nearest letter that there is
    for wrong in (-1, 99):
        with pytest.raises(
            ValueError, match=rf"`start` \(={wrong}\) .* from 0"
        ):
            net.write([0, wrong], 3)
