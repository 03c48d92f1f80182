"""Gradients of the tape: numeric, MXNet's, and of graphs of any shape."""

import operator
import sys

import numpy as np
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl.errors import ShapeError
from fdl.scratch.autodiff import Tensor
from fdl.scratch.network import FeedForward

OPERATIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
}
SHAPES = [
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((4,), (3, 4)),
    ((3, 4), (3, 1)),
    ((1, 4), (3, 1)),
    ((), (2, 3)),
    ((2, 1, 3), (4, 1)),
    ((1, 1), (1,)),
]
FUNCTIONS = {
    "negative": lambda a: -a,
    "square": lambda a: a**2,
    "cube": lambda a: a**3,
    "reciprocal": lambda a: a**-1,
    "root": lambda a: a**0.5,
    "exp": lambda a: a.exp(),
    "log": lambda a: a.log(),
    "tanh": lambda a: a.tanh(),
    "sigmoid": lambda a: a.sigmoid(),
    "relu": lambda a: (a - 1.0).relu(),
    "sum": lambda a: a.sum(),
    "sum of rows": lambda a: a.sum(axis=1),
    "sum of columns, kept": lambda a: a.sum(axis=0, keepdims=True),
    "sum from the end": lambda a: a.sum(axis=-2),
    "sum over two axes": lambda a: a.sum(axis=(0, -1)),
    "sum over two axes, kept": lambda a: a.sum((0, 2), keepdims=True),
    "mean": lambda a: a.mean(),
    "mean of rows": lambda a: a.mean(axis=1, keepdims=True),
    "mean over two axes": lambda a: a.mean((1, 2)),
    "reshape": lambda a: a.reshape(6, -1),
    "reshape to a tuple": lambda a: a.reshape((4, 3, 2)),
    "transpose": lambda a: a.T,
    "number in front": lambda a: 2.0 - 3.0 / (1.0 + 2.0 * a),
    "number behind": lambda a: ((a + 1) * 2 - 3) / 4,
    "array in front": lambda a: np.arange(4.0) - np.arange(1.0, 5.0) / a,
    "array behind": lambda a: (a + np.arange(4.0)) * np.arange(4.0),
    "row": lambda a: a[1],
    "entry": lambda a: a[0, 2, 3],
    "slice": lambda a: a[:, ::2, 1:],
    "new axis": lambda a: a[:, None, ..., 0],
    "list": lambda a: a[[1, 0]],
    "list with repeats": lambda a: a[[1, 0, 1, 1]],
    "pairs with repeats": lambda a: a[[0, 1, 0], [2, 1, 2]],
    "mask": lambda a: a[a.array > 1.0],
}
MATRICES = [
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((1, 3), (3, 1)),
]


def check(f, *arrays):
    """Compare values with NumPy's and gradients with numeric ones."""
    tensors = [Tensor(a) for a in arrays]
    y = f(*tensors)
    # a weight of its own for each entry of the result
    weights = np.cos(np.arange(y.array.size)).reshape(y.array.shape)
    (y * weights).sum().backward()
    for k, tensor in enumerate(tensors):

        def total(a, k=k):
            given = [Tensor(b) for b in arrays]
            given[k] = Tensor(a)
            return (f(*given).array * weights).sum()

        assert tensor.grad.shape == tensor.array.shape
        assert_gradients_agree(
            tensor.grad, central_differences(total, tensor.array)
        )


# --- each operation


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_arithmetic_broadcasts_its_gradients(name, shapes, rng):
    a, b = (rng.uniform(0.5, 2.0, shape) for shape in shapes)
    f = OPERATIONS[name]
    y = f(Tensor(a), Tensor(b)).array
    assert np.allclose(y, f(a, b), rtol=1e-15)
    check(f, a, b)


@pytest.mark.parametrize("shapes", MATRICES, ids=str)
def test_matrix_products(shapes, rng):
    a, b = (rng.normal(size=shape) for shape in shapes)
    assert np.allclose((Tensor(a) @ Tensor(b)).array, a @ b, rtol=1e-12)
    assert (Tensor(a) @ b).array.shape == (a @ Tensor(b)).array.shape
    check(operator.matmul, a, b)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name, rng):
    check(FUNCTIONS[name], rng.uniform(0.3, 2.0, (2, 3, 4)))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("exp", np.exp),
        ("log", np.log),
        ("tanh", np.tanh),
        ("root", np.sqrt),
        ("sum of rows", lambda a: a.sum(axis=1)),
        ("mean of rows", lambda a: a.mean(axis=1, keepdims=True)),
        ("mean over two axes", lambda a: a.mean(axis=(1, 2))),
        ("reshape", lambda a: a.reshape(6, -1)),
        ("transpose", lambda a: a.T),
        ("number in front", lambda a: 2.0 - 3.0 / (1.0 + 2.0 * a)),
        ("number behind", lambda a: ((a + 1) * 2 - 3) / 4),
        ("list with repeats", lambda a: a[[1, 0, 1, 1]]),
        ("slice", lambda a: a[:, ::2, 1:]),
    ],
)
def test_values_are_those_of_numpy(name, plain, rng):
    a = rng.uniform(0.3, 2.0, (2, 3, 4))
    y = FUNCTIONS[name](Tensor(a)).array
    assert y.shape == plain(a).shape
    assert np.allclose(y, plain(a), rtol=1e-14)


def test_relu_is_flat_at_zero():
    x = Tensor([-1.0, 0.0, 2.0])
    y = x.relu()
    y.backward()
    assert y.array.tolist() == [0.0, 0.0, 2.0]
    assert x.grad.tolist() == [0.0, 0.0, 1.0]


def test_powers_at_zero():
    x = Tensor([0.0, 2.0])
    for n, slopes in ((0, [0.0, 0.0]), (1, [1.0, 1.0]), (2, [0.0, 4.0])):
        (x**n).backward()
        assert x.grad.tolist() == slopes


def test_an_entry_taken_twice_gets_both_shares():
    x = Tensor([1.0, 2.0, 3.0])
    (x[[0, 2, 0]] * [1.0, 10.0, 100.0]).sum().backward()
    assert x.grad.tolist() == [101.0, 0.0, 10.0]


# --- graphs


def test_a_reused_node_accumulates():
    a = Tensor(3.0)
    (a + a).backward()
    assert a.grad == 2.0


def test_a_shared_weights_gradient_is_the_sum_over_its_uses(rng):
    x = rng.normal(size=(5, 3))
    w = Tensor(rng.normal(size=3))
    copies = [Tensor(w.array) for _ in x]
    sum((row * w).sum().tanh() for row in x).backward()
    sum((row * c).sum().tanh() for row, c in zip(x, copies)).backward()
    assert np.allclose(w.grad, sum(c.grad for c in copies), rtol=1e-14)


def test_a_diamond_is_walked_once():
    y = x = Tensor(1.0)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_a_late_use_of_an_early_node_is_counted():
    x = Tensor(2.0)
    early = x * x
    late = (early * x).exp().log() + early
    late.backward()
    assert x.grad == pytest.approx(3 * 4 + 4)
    assert early.grad == pytest.approx(2 + 1)


def test_a_chain_of_twenty_thousand_nodes():
    assert sys.getrecursionlimit() < 20_000
    y = x = Tensor(1.0)
    for _ in range(20_000):
        y = y + x
    y.backward()
    assert x.grad == 20_001.0
    del y  # nor may taking it down recurse


def test_every_call_starts_from_zero():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    x.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_several_entries_count_as_their_sum():
    x = Tensor([[1.0, 2.0]])
    (x**2).backward()
    assert x.grad.tolist() == [[2.0, 4.0]]


def test_what_did_not_take_part_has_no_gradient():
    x, other = Tensor(1.0), Tensor(2.0)
    (x * 2).backward()
    assert other.grad is None


def test_a_tensor_keeps_its_own_copy():
    a = np.array([1.0, 2.0])
    x = Tensor(a)
    y = (x * x).sum()
    a[0] = 100.0
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_tensor_knows_its_origin():
    x = Tensor([1, 2])
    y = x * 2.0
    assert (x.op, x.parents) == ("", ())
    assert y.op == "multiply"
    assert y.parents[0] is x
    assert y.parents[1].array == 2.0


def test_a_tensor_shows_its_values():
    assert repr(Tensor([[1, 2], [3, 4]]).T) == (
        "Tensor([[1., 3.],\n        [2., 4.]])"
    )


# --- against others


def test_the_tape_agrees_with_backpropagation(rng):
    net = FeedForward((4, 6, 5, 3), "tanh", "softmax", "cross_entropy")
    x, t = rng.normal(size=(7, 4)), rng.random((7, 3))
    t /= t.sum(axis=1, keepdims=True)
    weights = [Tensor(W) for W in net.weights]
    biases = [Tensor(b) for b in net.biases]
    h = Tensor(x)
    for W, b in zip(weights[:-1], biases[:-1]):
        h = (h @ W + b).tanh()
    z = h @ weights[-1] + biases[-1]
    E = (z.exp().sum(axis=1).log() - (t * z).sum(axis=1)).sum()
    E.backward()
    loss, dW, db = net.gradients(x, t)
    assert E.array == pytest.approx(loss)
    for ours, tensor in zip(dW + db, weights + biases):
        assert_gradients_agree(ours, tensor.grad, 1e-12)


def test_the_tape_agrees_with_mxnet(rng):
    from fdl._mxnet import autograd
    from fdl._mxnet import np as mxnp

    arrays = [rng.normal(size=s) for s in ((3, 4), (5,), (4, 5))]
    tensors = [Tensor(a) for a in arrays]
    others = [mxnp.array(a, dtype="float64") for a in arrays]
    for other in others:
        other.attach_grad()
    with autograd.record():
        a, b, w = others
        h = mxnp.tanh(mxnp.dot(a, w) + b)
        picked = mxnp.take(h, mxnp.array([0, 2, 2, 1]), axis=0)
        y = picked * picked / (b * b + 1.0)
        y = y - mxnp.dot(picked.T, picked).mean(axis=0)
        E = mxnp.log(1.0 + mxnp.exp(y)).sum(axis=1, keepdims=True).mean()
    E.backward()
    a, b, w = tensors
    picked = (a @ w + b).tanh()[[0, 2, 2, 1]]
    y = picked * picked / (b * b + 1.0) - (picked.T @ picked).mean(axis=0)
    ours = (1.0 + y.exp()).log().sum(axis=1, keepdims=True).mean()
    ours.backward()
    assert ours.array == pytest.approx(float(E.asnumpy()))
    for tensor, other in zip(tensors, others):
        assert_gradients_agree(tensor.grad, other.grad.asnumpy())


# --- bad input


@pytest.mark.parametrize(
    ("array", "message"),
    [
        ([1.0, np.nan], r"`array` \(=nan at \(1,\)\) must be finite"),
        (np.inf, r"`array` \(=inf\) must be finite"),
        ([], r"`array` \(=array of shape \(0,\)\) must not be empty"),
        ("abc", r"`array` \(='abc'\) must be an array of numbers"),
        ([[1, 2], [3]], r"`array` .* must be an array of numbers"),
    ],
)
def test_bad_arrays_are_refused(array, message):
    with pytest.raises(ValueError, match=message):
        Tensor(array)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda a: a + np.ones(4), r"`add` \(=shapes \(2, 3\) and \(4,\)\)"),
        (lambda a: np.ones(4) * a, r"`multiply` \(=shapes .*\(4,\)"),
        (lambda a: a @ np.ones((2, 3)), r"`matmul` \(=shapes \(2, 3\) and"),
        (lambda a: a @ 2.0, r"`matmul` \(=shapes \(2, 3\) and \(\)\)"),
        (lambda a: 2.0 @ a, r"`matmul` \(=shapes \(\) and \(2, 3\)\)"),
        (lambda a: a.reshape(4), r"`reshape` \(=shapes \(2, 3\)\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(f, message):
    with pytest.raises(ShapeError, match=message):
        f(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize("n", [Tensor(2.0), np.array([1.0, 2.0]), "2", None])
def test_powers_are_plain_numbers(n):
    with pytest.raises(TypeError, match=r"`n` \(=.*\) must be a plain number"):
        Tensor(2.0) ** n
