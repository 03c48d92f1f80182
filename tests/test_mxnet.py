"""The door to MXNet: what it sets up, and its replacements' gradients."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from fdl import _mxnet
from fdl._mxnet import autograd, gluon, mx, npx
from fdl.scratch import numeric_gradient

MODES = ["eager", "hybrid", "static"]
TYPES = {"float64": 1e-6, "float32": 2e-4}  # and how near they must come


class Block(gluon.HybridBlock):
    """A function of arrays or symbols as a block, weighted entry by entry."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def hybrid_forward(self, F, *inputs):
        return self.function(*inputs)


def value_and_gradients(function, arrays, dtype, mode):
    """Return y and the gradients of Σ w·y, w being uneven weights."""
    block = Block(function)
    if mode != "eager":
        static = mode == "static"
        block.hybridize(static_alloc=static, static_shape=static)
    inputs = [mx.np.array(a, dtype=dtype) for a in arrays]
    for a in inputs:
        a.attach_grad()
    for _ in range(2):  # the second time runs what the first has compiled
        with autograd.record():
            y = block(*inputs)
        y.backward(mx.np.array(uneven(y.shape), dtype=dtype))
    assert y.dtype == dtype
    return y.asnumpy(), [a.grad.asnumpy() for a in inputs]


def uneven(shape):
    size = int(np.prod(shape))
    return (np.cos(3.0 * np.arange(size)) + 0.2).reshape(shape)


def assert_agrees(function, reference, *arrays, dtype, mode):
    """Compare with a NumPy function and its numeric gradients."""
    arrays = [np.asarray(a, dtype=float) for a in arrays]
    y, found = value_and_gradients(function, arrays, dtype, mode)
    near = {"rtol": TYPES[dtype], "atol": TYPES[dtype]}
    want = reference(*arrays)
    assert y.shape == want.shape
    np.testing.assert_allclose(y, want, **near)
    weights = uneven(want.shape)
    for i, a in enumerate(arrays):

        def moved(value, i=i):
            changed = [*arrays[:i], value, *arrays[i + 1 :]]
            return (weights * reference(*changed)).sum()

        true = numeric_gradient(moved, a)
        np.testing.assert_allclose(found[i], true, **near)


X = np.array([[1.5, -0.5, 2.0], [-2.5, 0.75, 0.25]])
FAR = np.array([[-3.0, -1.0, -0.25], [0.25, 1.0, 3.0]])
RNG = np.random.default_rng(0)


def product(axis):
    return lambda x: np.prod(x, axis=axis)


def length(axis, keepdims=False):
    return lambda x: np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))


LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772
CASES = {
    "variance of all": (_mxnet.variance, np.var, X),
    "variance of rows": (
        lambda x: _mxnet.variance(x, axis=1),
        lambda x: np.var(x, axis=1),
        X,
    ),
    "variance of columns, kept": (
        lambda x: _mxnet.variance(x, axis=0, keepdims=True),
        lambda x: np.var(x, axis=0, keepdims=True),
        X,
    ),
    "where, two arrays": (
        lambda x, y: _mxnet.where(x > 0, x * x, 3 * y),
        lambda x, y: np.where(x > 0, x * x, 3 * y),
        X,
        FAR,
    ),
    "where, a number last": (
        lambda x: _mxnet.where(x > 0, x * x, -2.0),
        lambda x: np.where(x > 0, x * x, -2.0),
        X,
    ),
    "where, a number first": (
        lambda x: _mxnet.where(x > 0, 7, x * x),
        lambda x: np.where(x > 0, 7, x * x),
        X,
    ),
    "where, a NumPy number": (
        lambda x: _mxnet.where(x > 0, x * x, np.float32(0.5)),
        lambda x: np.where(x > 0, x * x, 0.5),
        X,
    ),
    "norm of rows": (_mxnet.norm, length(-1), X),
    "norm of columns, kept": (
        lambda x: _mxnet.norm(x, axis=0, keepdims=True),
        length(0, True),
        X,
    ),
    "norm of all": (lambda x: _mxnet.norm(x, axis=None), length(None), X),
    "norm with a row of zeros": (
        _mxnet.norm,
        length(-1),
        np.array([[3.0, 4.0], [0.0, 0.0]]),
    ),
    "product of rows": (_mxnet.prod, product(-1), X),
    "product of columns": (
        lambda x: _mxnet.prod(x, axis=0),
        product(0),
        X,
    ),
    "product with one zero and with two": (
        _mxnet.prod,
        product(-1),
        np.array([[2.0, 0.0, 3.0], [0.0, 5.0, 0.0], [1.0, 2.0, 3.0]]),
    ),
    "product of a vector": (_mxnet.prod, product(-1), X[0]),
    "product inside a stack": (
        lambda x: _mxnet.prod(x, axis=1),
        product(1),
        RNG.normal(size=(2, 3, 2)),
    ),
    "matmul of matrices": (
        _mxnet.matmul,
        np.matmul,
        RNG.normal(size=(2, 3)),
        RNG.normal(size=(3, 4)),
    ),
    "matmul, an inner 1 on the left": (
        _mxnet.matmul,
        np.matmul,
        RNG.normal(size=(2, 1, 2, 3)),
        RNG.normal(size=(4, 3, 2)),
    ),
    "matmul, an inner 1 on the right": (
        _mxnet.matmul,
        np.matmul,
        RNG.normal(size=(2, 4, 2, 3)),
        RNG.normal(size=(2, 1, 3, 2)),
    ),
    "matmul, a 1 on both sides": (
        _mxnet.matmul,
        np.matmul,
        RNG.normal(size=(1, 2, 2, 3)),
        RNG.normal(size=(3, 1, 3, 2)),
    ),
    "selu": (
        _mxnet.selu,
        lambda x: LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(x)),
        FAR,
    ),
    "softplus": (_mxnet.softplus, lambda x: np.logaddexp(0, x), FAR),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("case", CASES)
def test_value_and_gradient_are_numpys(case, dtype, mode):
    ours, reference, *arrays = CASES[case]
    assert_agrees(ours, reference, *arrays, dtype=dtype, mode=mode)


# MXNet's own, in the places where it is wrong: if one of these begins to
# agree, its replacement and its rule in the guard can go.
WRONG = {
    "variance of all": mx.np.var,
    "where, a number last": lambda x: mx.np.where(x > 0, x * x, -2.0),
    "where, a number first": lambda x: mx.np.where(x > 0, 7, x * x),
    "norm with a row of zeros": lambda x: mx.np.linalg.norm(x, axis=-1),
    "product with one zero and with two": lambda x: mx.np.prod(x, axis=-1),
    "matmul, an inner 1 on the left": mx.np.matmul,
    "matmul, an inner 1 on the right": mx.np.matmul,
    "selu": lambda x: npx.leaky_relu(x, act_type="selu"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mxnets_own_is_still_wrong(case):
    _, reference, *arrays = CASES[case]
    with pytest.raises(AssertionError):
        assert_agrees(
            WRONG[case], reference, *arrays, dtype="float64", mode="eager"
        )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", TYPES)
def test_nothing_flows_through_a_stopped_gradient(dtype, mode):
    y, (found,) = value_and_gradients(
        lambda x: x * _mxnet.stop_gradient(x), [X], dtype, mode
    )
    np.testing.assert_allclose(y, X * X, rtol=1e-6)
    np.testing.assert_allclose(found, uneven(X.shape) * X, rtol=1e-6)


def test_two_numbers_have_no_gradient_to_send():
    with pytest.raises(TypeError, match=r"`a` \(=1\) and `b` \(=0.0\) must"):
        _mxnet.where(mx.np.ones(2) > 0, 1, 0.0)


def test_softplus_neither_overflows_nor_vanishes():
    x = mx.np.array([-80.0, 0.0, 80.0, 1000.0])
    want = [np.exp(-80.0), np.log(2), 80, 1000]
    found = _mxnet.softplus(x).asnumpy()
    np.testing.assert_allclose(found[1:], want[1:], rtol=1e-6)
    assert 0 <= found[0] <= 1e-30


def test_norm_is_exact_at_zero_and_for_small_vectors():
    x = mx.np.array([[0.0, 0.0], [3e-6, 4e-6]])
    np.testing.assert_allclose(
        _mxnet.norm(x).asnumpy(), [0, 5e-6], rtol=1e-6, atol=0
    )


def test_namespace_serves_arrays_and_symbols():
    assert _mxnet.namespace(mx.np.ones(1)) == (mx.np, mx.npx)
    symbol = mx.sym.var("x").as_np_ndarray()
    assert _mxnet.namespace(symbol) == (mx.sym.np, mx.sym.npx)
    assert _mxnet.frontend(mx.np.ones(1)) is mx.nd
    assert _mxnet.frontend(symbol) is mx.sym


def test_a_thread_gets_numpy_semantics_by_activate():
    seen = []

    def work(activate):
        if activate:
            _mxnet.activate()
        seen.append(npx.is_np_array() and npx.is_np_shape())

    for activate in (False, True):
        thread = threading.Thread(target=work, args=(activate,))
        thread.start()
        thread.join()
    assert seen == [False, True]


CODE = """
import fdl._mxnet, os, numpy
print(os.environ.get("OPENBLAS_CORETYPE"), numpy.bool is bool)
"""


@pytest.mark.parametrize("given", [None, "Nehalem"])
def test_import_is_silent_and_matrix_products_use_long_vectors(given):
    environment = {k: v for k, v in os.environ.items() if "BLAS" not in k}
    environment["OPENBLAS_VERBOSE"] = "2"
    if given:
        environment["OPENBLAS_CORETYPE"] = given
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    # what was set is left alone, and what was not is not seen outside
    assert done.stdout.split() == [str(given), "True"]
    # every OpenBLAS says for which processor it works: MXNet's is the last
    said = done.stderr.splitlines()
    assert all(line.startswith("Core: ") for line in said)
    if given or _mxnet._has_avx2():
        assert said[-1] == f"Core: {given or 'Haswell'}"
