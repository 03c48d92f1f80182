import numpy as np
import pytest

from fdl.errors import ShapeError
from fdl.scratch import numeric_gradient
from fdl.scratch.gradcheck import numeric_gradient as same


def test_the_package_hands_it_on():
    assert numeric_gradient is same


def test_gradient_of_a_cubic_is_known():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    found = numeric_gradient(lambda x: (x**3).sum(), x)
    np.testing.assert_allclose(found, 3 * x**2, rtol=1e-8)


def test_entries_do_not_mix():
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(2, 3, 4))
    found = numeric_gradient(lambda x: (slopes * x).sum(), np.ones((2, 3, 4)))
    np.testing.assert_allclose(found, slopes, rtol=1e-7)


def test_of_a_plain_number():
    found = numeric_gradient(np.sin, 0.3)
    assert found.shape == ()
    assert found == pytest.approx(np.cos(0.3), rel=1e-9)


def test_whole_numbers_are_moved_too():
    np.testing.assert_allclose(
        numeric_gradient(lambda x: x[0] * x[1], [3, 4]), [4, 3], rtol=1e-9
    )


def test_differences_are_central():
    # a one-sided difference is off by eps · f″ / 2 = 0.1
    found = numeric_gradient(lambda x: x**2, 1.0, eps=0.1)
    assert found == pytest.approx(2.0, abs=1e-12)
    # and at a kink the two slopes are averaged
    assert numeric_gradient(np.abs, 0.0) == pytest.approx(0, abs=1e-12)


def test_far_from_zero_the_step_that_was_taken_counts():
    # near 1e6 floats are 1.2e-10 apart, so the step is not 1e-9
    found = numeric_gradient(lambda x: x, 1e6, eps=1e-9)
    assert found == pytest.approx(1.0, rel=1e-12)


def test_a_step_that_moves_nothing_is_refused():
    with pytest.raises(ValueError, match="`eps` .*move 10000000000"):
        numeric_gradient(lambda x: x, 1e10, eps=1e-9)


def test_x_stays_what_it_was_even_if_f_writes():
    def writes(x):
        value = (x**2).sum()
        x[:] = 0
        return value

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numeric_gradient(writes, x), [2, 4], rtol=1e-8)
    assert x.tolist() == [1, 2]


def test_f_may_return_an_array_of_one_entry():
    assert numeric_gradient(lambda x: (x * x)[None], 2.0) == pytest.approx(4)


def test_two_numbers_are_refused():
    with pytest.raises(ShapeError, match=r"`f` must return one number.*\(2,"):
        numeric_gradient(lambda x: x, [1.0, 2.0])


def test_f_is_a_function():
    with pytest.raises(TypeError, match=r"`f` \(=3\) must be callable"):
        numeric_gradient(3, [1.0])


@pytest.mark.parametrize("eps", [0, -1e-6, float("nan"), "1"])
def test_a_step_that_is_none_is_refused(eps):
    with pytest.raises(ValueError, match=r"`eps` \(=.*above 0"):
        numeric_gradient(np.sum, [1.0], eps=eps)


@pytest.mark.parametrize("x", [[], [np.inf], "word"])
def test_a_place_that_is_none_is_refused(x):
    with pytest.raises(ValueError, match="`x`"):
        numeric_gradient(np.sum, x)
