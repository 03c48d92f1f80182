"""Kinds: known value, property, negative control."""

import copy

import numpy as onp
import pytest

from fdl import optim
from fdl._mxnet import gluon, mx, np
from fdl.errors import Diverged, ShapeError
from fdl.optim import minimize, schedules, value_and_gradient

from .cases import CASES, RULES


def bowl(x):
    return 0.5 * (x * x).sum()


def test_a_value_and_a_gradient():
    value, gradient = value_and_gradient(
        lambda x: x[0] ** 2 * x[1], onp.array([3.0, 2.0])
    )
    assert value == 18
    assert gradient.tolist() == [12, 9]
    assert gradient.dtype == onp.float64


def test_the_path_starts_at_x0_and_has_a_row_for_each_step():
    path = minimize(bowl, [1, 2], optim.SGD(0.5), 3)
    assert path.tolist() == [[1, 2], [0.5, 1], [0.25, 0.5], [0.125, 0.25]]
    assert path.dtype == onp.float64
    assert minimize(bowl, [1.0], optim.SGD(), 0).tolist() == [[1.0]]


def test_f_is_called_once_for_each_step():
    seen = []

    def f(x):
        seen.append(float(x[0]))
        return bowl(x)

    path = minimize(f, [1.0], optim.SGD(0.5), 3)
    assert seen == path[:-1, 0].tolist()


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_stays_as_it_was(rule):
    made = rule(lr_scheduler=schedules.Step(0.1, every=1))
    before = copy.deepcopy(vars(made))
    first = minimize(bowl, [1.0, 2.0], made, 5)
    again = minimize(bowl, [1.0, 2.0], made, 5)
    assert (first == again).all()
    scheduler = before.pop("lr_scheduler")
    after = {k: v for k, v in vars(made).items() if k != "lr_scheduler"}
    assert after == before
    assert vars(made.lr_scheduler) == vars(scheduler)


@pytest.mark.parametrize(
    "factory", [c[0] for c in CASES.values()], ids=list(CASES)
)
def test_a_used_rule_starts_afresh(factory):
    made = factory()
    fresh = minimize(bowl, [1.0], made, 2)
    update = mx.optimizer.get_updater(made)
    for _ in range(3):
        update(0, np.ones(1), np.ones(1))
    assert (minimize(bowl, [1.0], made, 2) == fresh).all()


def test_a_used_rule_starts_its_schedule_afresh():
    made = optim.SGD(lr_scheduler=schedules.Step(0.5, every=1))
    update = mx.optimizer.get_updater(made)
    for _ in range(3):
        update(0, np.ones(1), np.ones(1))
    # the rates are a half and a quarter, not what comes after three updates
    assert minimize(bowl, [8.0], made, 2)[:, 0].tolist() == [8, 4, 3]


def test_a_rule_of_a_trainer_is_refused():
    net = gluon.nn.Dense(1, in_units=1)
    net.initialize()
    rule = optim.SGD()
    gluon.Trainer(net.collect_params(), rule)
    with pytest.raises(ValueError, match=r"`rule` \(=SGD\(.*a trainer uses"):
        minimize(bowl, [1.0], rule, 1)


def test_mxnets_own_optimizers_walk_too():
    rule = mx.optimizer.SGD(learning_rate=0.5)
    assert minimize(bowl, [1.0], rule, 1).tolist() == [[1], [0.5]]


def test_precision_follows_what_f_can_do():
    seen = []
    A = np.array([[4, 1], [1, 3]])  # float32

    def f(x):
        seen.append(x.dtype)
        return 0.5 * np.dot(x, np.dot(A, x))

    minimize(f, [1.0, 1.0], optim.SGD(0.1), 2)
    assert seen == [onp.float64, onp.float32, onp.float32]
    A = A.astype("float64")
    seen.clear()
    minimize(f, [1.0, 1.0], optim.SGD(0.1), 2)
    assert seen == [onp.float64] * 2
    seen.clear()
    minimize(f, onp.ones(2, "float32"), optim.SGD(0.1), 2)
    assert seen == [onp.float32, onp.float64, onp.float64]


def test_an_error_of_f_itself_comes_through():
    with pytest.raises(mx.base.MXNetError):
        minimize(lambda x: np.dot(x, np.ones(3)), [1.0], optim.SGD(), 1)
    with pytest.raises(ZeroDivisionError):
        minimize(lambda x: 1 / 0, [1.0], optim.SGD(), 1)


# --- divergence


def test_too_large_a_rate_diverges():
    with pytest.raises(
        Diverged, match="SGD diverged at step 5: f is inf"
    ) as e:
        minimize(
            lambda x: (x**4).sum(), [3.0], optim.SGD(learning_rate=1.0), 50
        )
    path = e.value.path
    assert e.value.step == 5
    assert path[0] == 3.0
    assert onp.isfinite(path).all()
    whole = minimize(
        lambda x: (x**4).sum(), [3.0], optim.SGD(learning_rate=1.0), 5
    )
    assert path.tolist() == whole.tolist()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_stops_at_a_value_that_is_none(rule):
    calls = []

    def f(x):
        calls.append(0)
        return bowl(x) if len(calls) < 4 else np.log(-1 - bowl(x))

    with pytest.raises(Diverged, match="diverged at step 3: f is nan") as e:
        minimize(f, [1.0, 2.0], rule(), 50)
    assert e.value.path.shape == (4, 2)
    assert len(calls) == 4


def test_a_gradient_that_is_not_finite():
    message = "step 0: f is 0 and its gradient is not finite"
    with pytest.raises(Diverged, match=message) as e:
        minimize(lambda x: np.sqrt(x).sum(), [0.0], optim.SGD(), 5)
    assert e.value.path.tolist() == [[0.0]]


def test_a_point_that_is_not_finite():
    def f(x):
        return x.sum()

    message = "step 2: the point is not finite"
    with pytest.raises(Diverged, match=message) as e:
        minimize(f, [0.0], optim.SGD(1e308), 5)
    assert e.value.path[:, 0] == pytest.approx([0, -1e308])


# --- arguments


@pytest.mark.parametrize(
    ("x0", "message"),
    [
        ([], r"`x0` must be a vector with at least one entry"),
        (3.0, r"`x0` must be a vector .* shape \(\)"),
        ([[1.0]], r"`x0` must be a vector .* shape \(1, 1\)"),
        ([1.0, float("nan")], r"`x0` \(=.*nan\]\) must hold finite numbers"),
        (["a"], r"`x0` \(=\['a'\]\) must be a vector of real numbers"),
        ([True], r"`x0` \(=\[True\]\) must be a vector of real numbers"),
        ([[1], [1, 2]], r"`x0` \(=.*\) must be a vector of real numbers"),
    ],
)
def test_x0_is_a_finite_vector(x0, message):
    with pytest.raises(ValueError, match=message):
        minimize(bowl, x0, optim.SGD(), 1)
    with pytest.raises(ValueError, match=message):
        optim.bfgs(bowl, x0, 1)


def test_a_wrong_shape_is_a_shape_error():
    with pytest.raises(ShapeError):
        minimize(bowl, [[1.0]], optim.SGD(), 1)


@pytest.mark.parametrize("steps", [-1, 1.5, "3", True, None])
def test_steps_are_counted(steps):
    with pytest.raises(ValueError, match=r"`steps` \(=.*\) must be a whole"):
        minimize(bowl, [1.0], optim.SGD(), steps)


@pytest.mark.parametrize("rule", [None, "sgd", optim.SGD])
def test_a_rule_is_a_rule(rule):
    with pytest.raises(TypeError, match=r"`rule` \(=.*\) must be an update"):
        minimize(bowl, [1.0], rule, 1)


def test_f_returns_one_number():
    with pytest.raises(TypeError, match=r"one entry; got the shape \(2,\)"):
        minimize(lambda x: 2 * x, [1.0, 2.0], optim.SGD(), 1)
    with pytest.raises(TypeError, match=r"one entry; got 3\.0"):
        minimize(lambda x: 3.0, [1.0, 2.0], optim.SGD(), 1)
    with pytest.raises(TypeError, match=r"`f` \(=3\) must be callable"):
        minimize(3, [1.0, 2.0], optim.SGD(), 1)
    path = minimize(lambda x: x * x, [1.0], optim.SGD(0.25), 1)
    assert path[1, 0] == 0.5
