"""Known values, oracles, gradients and refusals of convolution and pooling."""

import numpy as np
import pytest
from oracles import (
    assert_gradients_agree,
    central_differences,
    convolution,
    convolution_gradients,
    max_pooling,
    max_pooling_gradient,
)

from fdl.errors import ShapeError
from fdl.scratch.convolution import (
    conv2d,
    conv2d_backward,
    max_pool2d,
    max_pool2d_backward,
    output_size,
)

# image (H, W), kernel (e, f), stride, pad
CONVOLUTIONS = [
    ((5, 5), (3, 3), 1, 0),
    ((5, 5), (3, 3), 2, 1),
    ((6, 5), (3, 2), 2, 0),
    ((7, 6), (2, 3), 3, 2),
    ((4, 4), (4, 4), 1, 0),
    ((4, 6), (1, 1), 2, 0),
    ((3, 3), (5, 5), 1, 1),
]
# image, extent, stride
POOLINGS = [
    ((4, 4), 2, 2),
    ((5, 7), 3, 2),
    ((5, 5), 2, 2),
    ((6, 5), 3, 1),
    ((7, 7), 2, 3),
    ((3, 3), 3, 3),
]


def case(rng, image, kernel, stride, pad):
    x = rng.normal(size=(2, 3, *image))
    w = rng.normal(size=(4, 3, *kernel))
    b = rng.normal(size=4)
    dy = rng.normal(size=convolution(x, w, b, stride, pad).shape)
    return x, w, b, dy


# --- convolution


def test_the_x_shaped_kernel():
    x = [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]
    w = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    y = conv2d([[x]], [[w]])
    assert y.tolist() == [[[[4, 3, 4], [2, 4, 3], [2, 3, 4]]]]


def test_the_books_example_gives_three_by_three_by_two():
    x, w = np.ones((1, 3, 5, 5)), np.ones((2, 3, 3, 3))
    b = np.array([0.0, 100.0])
    y = conv2d(x, w, b, stride=2, pad=1)
    assert y.shape == (1, 2, 3, 3)
    assert w.size + b.size == 56
    # corners see 2 × 2 × 3 ones, edges 2 × 3 × 3, the middle all 27
    seen = np.array([[12, 18, 12], [18, 27, 18], [12, 18, 12]])
    assert np.array_equal(y[0], [seen, seen + 100])


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ((5, 3, 2, 1), 3),
        ((28, 5, 1, 2), 28),
        ((6, 3, 2, 0), 2),
        ((7, 7, 1, 0), 1),
    ],
)
def test_output_sizes_are_rounded_down(arguments, size):
    assert output_size(*arguments) == size
    n, extent, stride, pad = arguments
    x, w = np.ones((1, 1, n, n)), np.ones((1, 1, extent, extent))
    assert conv2d(x, w, stride=stride, pad=pad).shape == (1, 1, size, size)


def test_a_window_larger_than_the_image_has_no_place():
    with pytest.raises(ShapeError, match=r"`extent` \(=6\) must be at most"):
        output_size(3, 6, pad=1)


def test_two_small_kernels_see_what_one_large_one_does():
    x = np.zeros((1, 1, 9, 9))
    x[0, 0, 4, 4] = 1.0
    w = np.ones((1, 1, 3, 3))
    twice = conv2d(conv2d(x, w, pad=1), w, pad=1)[0, 0]
    once = conv2d(x, np.ones((1, 1, 5, 5)), pad=2)[0, 0]
    assert np.array_equal(twice > 0, once > 0)
    assert 2 * w.size == 18


@pytest.mark.parametrize("case_", CONVOLUTIONS, ids=str)
def test_convolution_equals_the_loops(case_, rng):
    *_, stride, pad = case_
    x, w, b, dy = case(rng, *case_)
    y = conv2d(x, w, b, stride, pad)
    assert np.allclose(y, convolution(x, w, b, stride, pad), rtol=1e-12)
    bare = conv2d(x, w, stride=stride, pad=pad)
    assert np.allclose(y - bare, b[:, None, None], rtol=1e-9)
    ours = conv2d_backward(dy, x, w, stride, pad)
    slow = convolution_gradients(dy, x, w, stride, pad)
    for mine, theirs in zip(ours, slow):
        assert_gradients_agree(mine, theirs, 1e-12)


@pytest.mark.parametrize("case_", CONVOLUTIONS, ids=str)
def test_convolution_gradients_equal_numeric_ones(case_, rng):
    *_, stride, pad = case_
    x, w, b, dy = case(rng, *case_)

    def along(k):
        def E(a):
            given = [x, w, b]
            given[k] = a
            return (conv2d(*given, stride, pad) * dy).sum()

        return E

    ours = conv2d_backward(dy, x, w, stride, pad)
    for k, a in enumerate((x, w, b)):
        assert_gradients_agree(ours[k], central_differences(along(k), a))


@pytest.mark.parametrize("case_", CONVOLUTIONS, ids=str)
def test_convolution_equals_that_of_mxnet(case_, rng):
    from fdl._mxnet import autograd, npx
    from fdl._mxnet import np as mxnp

    *_, kernel, stride, pad = case_
    x, w, b, dy = case(rng, *case_)
    arrays = [mxnp.array(a, dtype="float64") for a in (x, w, b)]
    for array in arrays:
        array.attach_grad()
    with autograd.record():
        y = npx.convolution(
            *arrays,
            kernel=kernel,
            stride=(stride, stride),
            pad=(pad, pad),
            num_filter=4,
        )
    y.backward(mxnp.array(dy, dtype="float64"))
    assert np.allclose(conv2d(x, w, b, stride, pad), y.asnumpy(), rtol=1e-9)
    ours = conv2d_backward(dy, x, w, stride, pad)
    for mine, theirs in zip(ours, arrays):
        assert_gradients_agree(mine, theirs.grad.asnumpy())


def test_a_shared_weights_gradient_sums_over_its_uses(rng):
    x, dy = rng.normal(size=(3, 1, 4, 4)), rng.normal(size=(3, 1, 4, 4))
    _, dw, _ = conv2d_backward(dy, x, np.ones((1, 1, 1, 1)))
    assert dw.item() == pytest.approx((x * dy).sum())


def test_the_gradient_of_the_input_is_a_convolution_with_turned_kernels(rng):
    x, w, _, dy = case(rng, (6, 6), (3, 3), 1, 0)
    turned = w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    dx, _, _ = conv2d_backward(dy, x, w)
    assert np.allclose(dx, conv2d(dy, turned, pad=2), rtol=1e-10)


def test_a_shifted_image_gives_a_shifted_map(rng):
    x, w = rng.normal(size=(1, 1, 8, 8)), rng.normal(size=(1, 1, 3, 3))
    shifted = np.roll(x, 1, axis=3)
    assert np.allclose(
        conv2d(shifted, w)[..., 1:], conv2d(x, w)[..., :-1], rtol=1e-12
    )


# --- pooling


@pytest.mark.parametrize("case_", POOLINGS, ids=str)
@pytest.mark.parametrize("ties", [False, True])
def test_pooling_equals_the_loops(case_, ties, rng):
    image, size, stride = case_
    x = rng.normal(size=(2, 3, *image))
    x = np.maximum(x.round(), 0.0) if ties else x
    y, _ = max_pooling(x, size, stride)
    assert np.array_equal(max_pool2d(x, size, stride), y)
    dy = rng.normal(size=y.shape)
    ours = max_pool2d_backward(dy, x, size, stride)
    slow = max_pooling_gradient(dy, x, size, stride)
    assert_gradients_agree(ours, slow, 1e-14)


@pytest.mark.parametrize("case_", POOLINGS, ids=str)
def test_pooling_gradients_equal_numeric_ones(case_, rng):
    image, size, stride = case_
    x = rng.permutation(2 * 3 * image[0] * image[1]).astype("float64")
    x = x.reshape(2, 3, *image)  # no two entries closer than 1
    dy = rng.normal(size=max_pool2d(x, size, stride).shape)
    numeric = central_differences(
        lambda x: (max_pool2d(x, size, stride) * dy).sum(), x, eps=1e-3
    )
    assert_gradients_agree(max_pool2d_backward(dy, x, size, stride), numeric)


@pytest.mark.parametrize("case_", POOLINGS, ids=str)
@pytest.mark.parametrize("ties", [False, True])
def test_pooling_equals_that_of_mxnet(case_, ties, rng):
    from fdl._mxnet import autograd, npx
    from fdl._mxnet import np as mxnp

    image, size, stride = case_
    x = rng.normal(size=(2, 3, *image))
    x = np.maximum(x.round(), 0.0) if ties else x
    array = mxnp.array(x, dtype="float64")
    array.attach_grad()
    with autograd.record():
        y = npx.pooling(
            array,
            kernel=(size, size),
            stride=(stride, stride),
            pool_type="max",
        )
    dy = rng.normal(size=y.shape)
    y.backward(mxnp.array(dy, dtype="float64"))
    assert np.array_equal(max_pool2d(x, size, stride), y.asnumpy())
    ours = max_pool2d_backward(dy, x, size, stride)
    assert_gradients_agree(ours, array.grad.asnumpy())


def test_windows_are_tiles_unless_a_stride_is_given(rng):
    x = rng.normal(size=(1, 2, 6, 6))
    assert np.array_equal(max_pool2d(x, 3), max_pool2d(x, 3, 3))
    dy = np.ones((1, 2, 2, 2))
    ours = max_pool2d_backward(dy, x, 3)
    assert np.array_equal(ours, max_pool2d_backward(dy, x, 3, 3))


def test_of_equals_the_first_takes_all():
    x = np.ones((1, 1, 2, 2))
    dx = max_pool2d_backward([[[[5.0]]]], x, 2)
    assert dx.tolist() == [[[[5.0, 0.0], [0.0, 0.0]]]]


def test_a_small_shift_inside_a_tile_changes_no_maximum():
    x = np.zeros((1, 1, 6, 6))
    x[0, 0, 2, 2] = 1.0
    shifted = np.roll(x, (1, 1), axis=(2, 3))
    assert np.array_equal(max_pool2d(x, 2), max_pool2d(shifted, 2))
    assert not np.array_equal(
        max_pool2d(x, 2), max_pool2d(np.roll(x, 2, 3), 2)
    )


# --- bad input

X, W = np.ones((2, 3, 5, 5)), np.ones((4, 3, 3, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(x=X[0]), r"`x` .*\(3, 5, 5\).* shape \(B, C, H, W\)"),
        (dict(w=W[0]), r"`w` .*\(3, 3, 3\).* shape \(K, 3, e, f\)"),
        (dict(w=W[:, :2]), r"`w` .*\(4, 2, 3, 3\).* shape \(K, 3, e, f\)"),
        (dict(x=X[:0]), r"`x` .*\(0, 3, 5, 5\)\) must not be empty"),
        (dict(x=X * np.nan), r"`x` \(=nan at \(0, 0, 0, 0\)\)"),
        (dict(b=[1.0]), r"`b` .*\(1,\).* shape \(4,\)"),
        (dict(stride=0), r"`stride` \(=0\) must be a whole number from 1"),
        (dict(stride=1.0), r"`stride` \(=1.0\) must be a whole number"),
        (dict(pad=-1), r"`pad` \(=-1\) must be a whole number from 0"),
        (dict(w=np.ones((1, 3, 6, 2))), r"`w` \(=extent \(6, 2\)\) must fit"),
    ],
)
def test_bad_convolutions_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        conv2d(**{"x": X, "w": W, **arguments})
    if "b" not in arguments:
        given = {"dy": np.ones((2, 4, 3, 3)), "x": X, "w": W, **arguments}
        with pytest.raises(ValueError, match=message):
            conv2d_backward(**given)


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"`dy` .* shape \(2, 4, 3, 3\)"):
        conv2d_backward(np.ones((2, 4, 5, 5)), X, W)
    with pytest.raises(ShapeError, match=r"`dy` .* shape \(2, 3, 2, 2\)"):
        max_pool2d_backward(np.ones((2, 3, 4, 4)), X, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X[0], 2), r"`x` .*\(3, 5, 5\).* shape \(B, C, H, W\)"),
        ((X, 6), r"`size` \(=extent \(6, 6\)\) must fit .*\(5, 5\)"),
        ((X, 0), r"`size` \(=0\) must be a whole number"),
        ((X, 2, -1), r"`stride` \(=-1\) must be a whole number"),
        ((X * np.inf, 2), r"`x` \(=inf at"),
    ],
)
def test_bad_poolings_are_refused(arguments, message):
    x, *rest = arguments
    with pytest.raises(ValueError, match=message):
        max_pool2d(x, *rest)
    with pytest.raises(ValueError, match=message):
        max_pool2d_backward(np.ones((2, 3, 2, 2)), x, *rest)
