"""Kinds: known value, oracle (SciPy), property, negative control."""

import numpy as onp
import pytest
import scipy.optimize

from fdl import optim
from fdl._mxnet import np
from fdl.errors import Diverged
from fdl.optim import landscapes
from fdl.optim import search as searches
from fdl.optim.directions import BFGS, LBFGS, ConjugateGradient

SEARCHES = [
    optim.steepest_descent,
    optim.conjugate_gradient,
    optim.bfgs,
    optim.lbfgs,
]
EXACT = SEARCHES[1:]
every_search = pytest.mark.parametrize("search", SEARCHES)


def quadratic(A, b):
    mA, mb = np.array(onp.array(A, float)), np.array(onp.array(b, float))
    return lambda x: 0.5 * np.dot(x, np.dot(mA, x)) - np.dot(mb, x)


def random_quadratic(seed, n=5):
    random = onp.random.default_rng(seed)
    M = random.normal(size=(n, n))
    return M @ M.T + 0.5 * onp.eye(n), random.normal(size=n)


def test_two_conjugate_steps_solve_two_equations():
    f = quadratic([[4, 1], [1, 3]], [1, 2])
    path = optim.conjugate_gradient(f, onp.zeros(2), 2)
    assert path.shape == (3, 2)
    onp.testing.assert_allclose(path[2], [1 / 11, 7 / 11], atol=1e-12)
    assert abs(path[1] - path[2]).max() > 0.01


@pytest.mark.parametrize("search", EXACT)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_d_steps_solve_d_equations(search, scale, seed):
    A, b = random_quadratic(seed)
    path = search(quadratic(scale * A, scale * b), onp.ones(5), 8)
    assert onp.linalg.norm(A @ path[5] - b) < 1e-10
    assert onp.linalg.norm(A @ path[4] - b) > 1e-6


def test_conjugate_directions_are_conjugate(seed):
    A, b = random_quadratic(seed)
    path = optim.conjugate_gradient(quadratic(A, b), onp.zeros(5), 5)
    p = onp.diff(path, axis=0)
    p /= onp.linalg.norm(p, axis=1, keepdims=True)
    products = p @ A @ p.T
    off = products - onp.diag(onp.diag(products))
    assert abs(off).max() < 1e-8 * abs(A).max()


def test_steepest_descent_turns_at_right_angles(seed):
    A, b = random_quadratic(seed)
    path = optim.steepest_descent(quadratic(A, b), onp.zeros(5), 12)
    p = onp.diff(path, axis=0)
    p /= onp.linalg.norm(p, axis=1, keepdims=True)
    assert abs((p[1:] * p[:-1]).sum(axis=1)).max() < 1e-6


def test_steepest_descent_takes_the_best_step_along_the_gradient(seed):
    # ε = gᵀg / gᵀAg
    A, b = random_quadratic(seed)
    path = optim.steepest_descent(quadratic(A, b), onp.zeros(5), 1)
    g = -b
    onp.testing.assert_allclose(path[1], -g * (g @ g) / (g @ A @ g))


def test_steepest_descent_zigzags_for_long():
    bowl = landscapes.bowl(condition=100.0)
    start = [-1.0, 0.01]  # the worst start there is
    path = optim.steepest_descent(bowl, start, 50)
    values = bowl(path.T)
    ratio = ((100 - 1) / (100 + 1)) ** 2
    onp.testing.assert_allclose(values[1:] / values[:-1], ratio, rtol=1e-6)


@pytest.mark.parametrize("search", EXACT)
def test_rosenbrocks_valley_is_followed_to_its_end(search):
    path = search(landscapes.rosenbrock, [-1.2, 1.0], 60)
    onp.testing.assert_allclose(path[-1], [1, 1], atol=1e-10)
    values = landscapes.rosenbrock(path.T)
    assert (onp.diff(values) <= 1e-14).all()


@pytest.mark.parametrize(
    ("search", "method"),
    [
        (optim.conjugate_gradient, "CG"),
        (optim.bfgs, "BFGS"),
        (optim.lbfgs, "L-BFGS-B"),
    ],
)
def test_scipy_finds_the_same_minimum(search, method, seed):
    random = onp.random.default_rng(seed)
    W, t = random.normal(size=(20, 4)), random.normal(size=20)
    mW, mt = np.array(W), np.array(t)

    def f(x):
        # a smooth convex error that is not quadratic
        error = np.dot(mW, x) - mt
        return np.log(1 + np.exp(error)).sum() + 0.5 * (x * x).sum()

    def value(x):
        error = W @ x - t
        sigmoid = 1 / (1 + onp.exp(-error))
        return (
            onp.logaddexp(0, error).sum() + 0.5 * x @ x,
            W.T @ sigmoid + x,
        )

    found = search(f, onp.zeros(4), 60)[-1]
    scipys = scipy.optimize.minimize(
        value, onp.zeros(4), jac=True, method=method, tol=1e-10
    )
    onp.testing.assert_allclose(found, scipys.x, atol=1e-5)
    assert abs(value(found)[1]).max() < 1e-9


def test_lbfgs_without_guesses_saves_evaluations(seed):
    counts = {}
    for interpolate in (True, False):
        calls = []

        def f(x, calls=calls):
            calls.append(1)
            return landscapes.rosenbrock(x)

        start = [-1.2 + 0.01 * seed % 0.3, 1.0]
        path = optim.lbfgs(f, start, 100, interpolate=interpolate)
        onp.testing.assert_allclose(path[-1], [1, 1], atol=1e-7)
        values = landscapes.rosenbrock(path.T)
        assert (onp.diff(values) <= 1e-14).all()
        steps = (onp.abs(onp.diff(path, axis=0)).max(1) > 0).sum()
        counts[interpolate] = len(calls) / steps
    assert counts[False] < 1.7 < 2 < counts[True]


def test_lbfgs_that_remembers_all_is_bfgs_on_a_quadratic(seed):
    A, b = random_quadratic(seed)
    f = quadratic(A, b)
    full = optim.bfgs(f, onp.ones(5), 5)
    limited = optim.lbfgs(f, onp.ones(5), 5, history=5)
    onp.testing.assert_allclose(limited, full, atol=1e-8)


def test_lbfgs_is_bfgs_without_the_matrix(seed):
    """The same pairs and the same H_0 give the same direction."""
    random = onp.random.default_rng(seed)
    A, _ = random_quadratic(seed)
    pairs = [(s, A @ s) for s in random.normal(size=(3, 5))]
    limited, full = LBFGS(3), BFGS()
    s, y = pairs[-1]
    full.H = (s @ y) / (y @ y) * onp.eye(5)
    for s, y in pairs:
        limited.learn(s, y)
        full.learn(s, y)
    g = random.normal(size=5)
    onp.testing.assert_allclose(limited(g), full(g), rtol=1e-10)
    # the newest pair is always met: H y = s
    onp.testing.assert_allclose(full(y), -s, rtol=1e-8, atol=1e-10)
    onp.testing.assert_allclose(limited(y), -s, rtol=1e-8, atol=1e-10)


def test_lbfgs_forgets_the_oldest_pair(seed):
    random = onp.random.default_rng(seed)
    A, _ = random_quadratic(seed)
    short, long = LBFGS(2), LBFGS(3)
    pairs = [(s, A @ s) for s in random.normal(size=(3, 5))]
    for s, y in pairs:
        short.learn(s, y)
        long.learn(s, y)
    alone = LBFGS(3)
    for s, y in pairs[1:]:
        alone.learn(s, y)
    g = random.normal(size=5)
    assert (short(g) == alone(g)).all()
    assert (short(g) != long(g)).any()


def test_bfgs_learns_the_inverse_hessian(seed):
    A, _ = random_quadratic(seed)
    method = BFGS()
    # conjugate steps, after which H is exact
    for s in onp.linalg.eigh(A)[1].T:
        method.learn(s, A @ s)
    onp.testing.assert_allclose(method.H, onp.linalg.inv(A), atol=1e-10)


def test_conjugate_gradients_never_go_back_along_the_last_direction():
    method = ConjugateGradient()
    method(onp.array([2.0, 2.0]))
    # g_1ᵀ(g_1 − g_0) is −4: β would be negative, and is 0
    assert method(onp.array([1.0, 1.0])).tolist() == [-1.0, -1.0]


@every_search
def test_once_converged_the_last_point_repeats(search):
    path = search(landscapes.bowl(3.0), [1.0, 0.7], 60)
    moved = abs(onp.diff(path, axis=0)).max(axis=1) > 0
    last = int(onp.flatnonzero(moved)[-1])
    assert last < 50
    assert moved[: last + 1].all()
    assert not moved[last + 1 :].any()
    assert abs(path[-1]).max() < 1e-10


@every_search
def test_a_minimum_is_not_left(search):
    assert (search(landscapes.bowl(3.0), [0.0, 0.0], 3) == 0).all()
    assert (search(landscapes.rosenbrock, [1.0, 1.0], 3) == 1).all()
    assert search(landscapes.rosenbrock, [0.0, 0.0], 0).shape == (1, 2)


@every_search
def test_the_error_never_rises(search, seed):
    random = onp.random.default_rng(seed)
    for surface in (landscapes.saddle, landscapes.valley()):
        x0 = random.uniform(-1, 1, 2)
        values = surface(search(surface, x0, 40).T)
        assert (onp.diff(values) <= 1e-15).all()


@pytest.mark.parametrize("search", EXACT)
def test_the_saddle_is_passed(search):
    path = search(landscapes.saddle, landscapes.saddle.start, 40)
    onp.testing.assert_allclose(abs(path[-1]), [0, 1], atol=1e-8)


def test_a_direction_that_leads_nowhere_is_dropped():
    class Uphill(BFGS):
        forgotten = 0

        def __call__(self, g):
            return -g if self.forgotten else g

        def forget(self):
            super().forget()
            self.forgotten += 1

    method = Uphill()
    f = landscapes.bowl(3.0)
    path = searches._search("uphill", f, [1.0, 0.7], 60, 1e-14, method, 0.9)
    assert abs(path[-1]).max() < 1e-10
    assert method.forgotten == 1


@every_search
def test_float32_functions_are_searched_as_far_as_they_tell(search):
    A = np.array([[4, 1], [1, 3]])  # float32
    b = np.array([1, 2])
    path = search(
        lambda x: 0.5 * np.dot(x, np.dot(A, x)) - np.dot(b, x),
        onp.zeros(2),
        40,
    )
    onp.testing.assert_allclose(path[-1], [1 / 11, 7 / 11], atol=1e-5)


@every_search
def test_it_repeats_to_the_last_bit(search):
    paths = [search(landscapes.rosenbrock, [-1.2, 1.0], 20) for _ in "ab"]
    assert (paths[0] == paths[1]).all()


# --- divergence


@every_search
def test_an_endless_fall_is_found_out(search):
    message = rf"{search.__name__} diverged at step \d: f falls without end"
    with pytest.raises(Diverged, match=message) as e:
        search(landscapes.cross, [1.0, 0.5], 20)
    path, step = e.value.path, e.value.step
    assert path.shape == (step + 1, 2)
    assert path[0].tolist() == [1.0, 0.5]
    assert onp.isfinite(path).all()


@every_search
def test_a_start_without_a_value_is_refused(search):
    message = rf"{search.__name__} diverged at step 0: f is nan"
    with pytest.raises(Diverged, match=message) as e:
        search(lambda x: np.log(x).sum(), [-1.0], 5)
    assert e.value.path.tolist() == [[-1.0]]


@every_search
def test_a_region_without_values_is_avoided(search):
    # −ln x + x, with its minimum at 1 and nothing left of 0
    path = search(lambda x: (x - np.log(x)).sum(), [5.0], 60)
    assert (path > 0).all()
    assert path[-1, 0] == pytest.approx(1.0)


# --- arguments


def test_arguments():
    f = landscapes.rosenbrock
    for find in SEARCHES:
        with pytest.raises(ValueError, match=r"`steps` \(=-1\) must be"):
            find(f, [1.0, 1.0], -1)
        with pytest.raises(ValueError, match=r"`tolerance` \(=-1\) must be"):
            find(f, [1.0, 1.0], 1, tolerance=-1)
    with pytest.raises(ValueError, match=r"`history` \(=0\) must be a whole"):
        optim.lbfgs(f, [1.0, 1.0], 1, history=0)
    with pytest.raises(ValueError, match=r"`history` \(=0\) must be a whole"):
        LBFGS(0)


def test_tolerance_ends_a_search_early():
    f = landscapes.rosenbrock
    exact = optim.bfgs(f, [-1.2, 1.0], 60)
    rough = optim.bfgs(f, [-1.2, 1.0], 60, tolerance=1e-3)
    error = abs(rough[-1] - 1).max()
    assert abs(exact[-1] - 1).max() < 1e-9 < error < 0.5
