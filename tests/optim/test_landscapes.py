"""Kinds: known value, property, gradient, learns."""

import numpy as onp
import pytest

from fdl import optim
from fdl._mxnet import np
from fdl.errors import ShapeError
from fdl.optim import landscapes, value_and_gradient
from fdl.optim.landscapes import Fluctuating

ALL = [
    landscapes.bowl(),
    landscapes.bowl(7.0, dimensions=3),
    landscapes.valley(),
    landscapes.saddle,
    landscapes.rosenbrock,
    landscapes.cross,
    landscapes.flat,
]
every = pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)


@every
def test_vectors_and_grids_give_the_same(f, seed):
    d = len(f.window)
    points = onp.random.default_rng(seed).uniform(-1, 1, (d, 3, 2))
    grid = f(points)
    assert grid.shape == (3, 2)
    for i in onp.ndindex(3, 2):
        point = points[(slice(None), *i)]
        value = f(np.array(point))
        assert value.shape == ()
        assert value.dtype == onp.float64
        assert float(value) == pytest.approx(grid[i], rel=1e-13)
        assert f(point.tolist()) == pytest.approx(grid[i], rel=1e-13)


@every
def test_gradients(f, seed):
    x = onp.random.default_rng(seed).uniform(-1, 1, len(f.window))
    _, gradient = value_and_gradient(f, x)
    for j, e in enumerate(onp.eye(len(x)) * 1e-6):
        numeric = (f(x + e) - f(x - e)) / 2e-6
        assert gradient[j] == pytest.approx(numeric, rel=1e-6, abs=1e-7)


@every
def test_the_minimum_is_one(f, seed):
    if f.minimum is None:
        return
    lowest = f(list(f.minimum))
    random = onp.random.default_rng(seed)
    low, high = onp.transpose(f.window)
    for _ in range(300):
        x = random.uniform(low, high)
        assert f(x) >= lowest
        # and close to it, too
        assert f(f.minimum + 1e-3 * x) >= lowest


@every
def test_start_and_minimum_lie_in_the_window(f):
    for point in filter(None, (f.start, f.minimum)):
        for x, (low, high) in zip(point, f.window):
            assert low < x < high
    if f.minimum:
        assert f(list(f.start)) > f(list(f.minimum))


@pytest.mark.parametrize("f", ALL[2:], ids=lambda f: f.name)
def test_a_grid_is_for_drawing(f):
    *axes, Z = f.grid(5)
    assert len(axes) == len(f.window)
    assert Z.shape == (5,) * len(axes)
    assert axes[0].flat[0] == f.window[0][0]
    assert axes[-1].flat[-1] == f.window[-1][1]
    if len(axes) == 2:
        assert Z[1, 3] == f([axes[0][1, 3], axes[1][1, 3]])
        assert axes[0][0, 1] > axes[0][0, 0]  # x runs along the rows
    with pytest.raises(ValueError, match=r"`points` \(=1\) must be a whole"):
        f.grid(1)


def hessian(f, d=2):
    columns = [
        value_and_gradient(f, e)[1] - value_and_gradient(f, -e)[1]
        for e in onp.eye(d) * 1e-3
    ]
    return onp.array(columns) / 2e-3


@pytest.mark.parametrize(
    ("f", "kappa"),
    [
        (landscapes.bowl(10.0), 10),
        (landscapes.bowl(1.0), 1),
        (landscapes.bowl(8.0, dimensions=4), 8),
        (landscapes.valley(50.0), 50),
        (landscapes.valley(20.0, degrees=-70.0), 20),
    ],
)
def test_condition_numbers(f, kappa):
    values = onp.linalg.eigvalsh(hessian(f, len(f.window)))
    assert values[-1] / values[0] == pytest.approx(kappa)
    assert values[0] == pytest.approx(1 if kappa > 1 else values[-1])


def test_a_bowls_curvatures_grow_by_equal_factors():
    bowl = landscapes.bowl(condition=100.0, dimensions=3)
    for axis, curvature in zip(onp.eye(3), (1, 10, 100)):
        assert bowl(axis) == pytest.approx(curvature / 2)


def test_the_valley_runs_in_its_direction():
    floor = onp.radians(35.0)
    along = onp.array([onp.cos(floor), onp.sin(floor)])
    assert landscapes.valley()(along) == pytest.approx(0.5)
    across = onp.array([-along[1], along[0]])
    assert landscapes.valley()(across) == pytest.approx(25.0)


def test_critical_points():
    for f in (landscapes.saddle, landscapes.cross):
        assert (value_and_gradient(f, [0.0, 0.0])[1] == 0).all()
        low, high = onp.linalg.eigvalsh(hessian(f))
        assert low < 0 < high
    # a minimum along each axis, and yet a saddle
    t = onp.linspace(-1, 1, 5)
    for axis in ([t, 0 * t], [0 * t, t]):
        assert landscapes.cross(onp.array(axis)).tolist() == (t**2).tolist()
    assert landscapes.cross([1.0, -1.0]) == -1
    assert landscapes.saddle([0.0, 1.0]) == landscapes.saddle([0.0, -1.0])
    assert landscapes.saddle([0.0, 1.0]) == -0.25
    assert landscapes.rosenbrock([-1.2, 1.0]) == pytest.approx(24.2)


def test_the_flat_region_is_level_but_no_minimum():
    f = landscapes.flat
    assert value_and_gradient(f, [0.0])[1] == 0
    assert f([-0.01]) > f([0.0]) > f([0.01])
    assert value_and_gradient(f, [1.0])[1] == 0
    assert f([1.0]) == 0


def test_descent_is_stuck_where_it_is_level_and_noise_frees_it():
    rule = optim.SGD(learning_rate=0.02)
    f = landscapes.flat
    batch = optim.minimize(f, f.start, rule, 300)
    assert -0.05 < batch[-1, 0] < 0
    for seed in range(2):
        noisy = Fluctuating(f, spread=2.0, seed=seed)
        path = optim.minimize(noisy, f.start, rule, 300)
        assert abs(path[-1, 0] - 1) < 0.3


@pytest.mark.parametrize("f", [landscapes.flat, landscapes.bowl()])
def test_the_examples_surfaces_have_the_landscape_as_their_mean(f):
    noisy = Fluctuating(f, spread=0.5, examples=9)
    x = onp.full(len(f.window), 0.3)
    values = [noisy.surface(k)(x) for k in range(9)]
    assert onp.mean(values) == pytest.approx(f(x))
    assert onp.std(values) > 0.01
    assert noisy.tilts.std(axis=0) == pytest.approx(0.5)
    assert noisy.tilts.shape == (9, len(f.window))


def test_every_example_comes_once_in_each_round():
    f = landscapes.flat
    noisy = Fluctuating(f, examples=5, seed=3)
    surfaces = [noisy.surface(k)([1.0]) for k in range(5)]
    rounds = [[noisy([1.0]) for _ in range(5)] for _ in range(4)]
    for seen in rounds:
        assert sorted(seen) == sorted(surfaces)
    assert rounds[0] != rounds[1]
    again = Fluctuating(f, examples=5, seed=3)
    assert [again([1.0]) for _ in range(5)] == rounds[0]
    other = Fluctuating(f, examples=5, seed=4)
    assert [other([1.0]) for _ in range(5)] != rounds[0]


def test_arguments():
    with pytest.raises(ValueError, match=r"`condition` \(=0.5\) must be a f"):
        landscapes.bowl(0.5)
    with pytest.raises(ValueError, match=r"`dimensions` \(=0\) must be a wh"):
        landscapes.bowl(dimensions=0)
    with pytest.raises(ValueError, match=r"`degrees` \(=nan\) must be a fin"):
        landscapes.valley(degrees=float("nan"))
    with pytest.raises(ValueError, match=r"`spread` \(=0\) must be positive"):
        Fluctuating(landscapes.flat, 0)
    with pytest.raises(ValueError, match=r"`examples` \(=1\) must be a whol"):
        Fluctuating(landscapes.flat, examples=1)
    with pytest.raises(ShapeError, match=r"2 along its first axis .*\(3,\)"):
        landscapes.saddle([1.0, 2.0, 3.0])
