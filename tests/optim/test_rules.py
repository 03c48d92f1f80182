"""Kinds: known value, oracle, property, learns, negative control."""

import copy
import pickle

import numpy as onp
import pytest

from fdl import optim
from fdl._mxnet import autograd, gluon, mx, np
from fdl.optim import _checks as checks
from fdl.optim import schedules
from fdl.train import archive, checkpoint

from . import oracles_rules as oracles
from .cases import CASES, RULES

cases = pytest.mark.parametrize(
    ("rule", "oracle", "settings"), CASES.values(), ids=CASES
)
every_rule = pytest.mark.parametrize("rule", RULES)


def quadratic(seed):
    """Return ½ xᵀAx − bᵀx for MXNet, its gradient for NumPy, a start."""
    random = onp.random.default_rng(seed)
    M = random.normal(size=(4, 4))
    A, b = M @ M.T + onp.eye(4), random.normal(size=4)

    def f(x):
        mA, mb = (np.array(c, dtype=x.dtype) for c in (A, b))
        return 0.5 * np.dot(x, np.dot(mA, x)) - np.dot(mb, x)

    return f, lambda x: A @ x - b, random.normal(size=4)


def rosenbrock(seed):
    def gradient(x):
        bend = x[1] - x[0] ** 2
        return onp.array([-400 * x[0] * bend - 2 * (1 - x[0]), 200 * bend])

    return optim.landscapes.rosenbrock, gradient, onp.array([-1.2, 1.0])


surfaces = pytest.mark.parametrize("surface", [quadratic, rosenbrock])


# --- paths


@surfaces
@cases
def test_the_path_is_the_formulas(rule, oracle, settings, surface, seed):
    f, gradient, x0 = surface(seed)
    path = optim.minimize(f, x0, rule(**settings), 60)
    expected = oracle(x0, gradient, 60, **settings)
    onp.testing.assert_allclose(path, expected, rtol=1e-10, atol=1e-12)


@surfaces
@cases
def test_the_float32_path_is_the_formulas(
    rule, oracle, settings, surface, seed
):
    f, gradient, x0 = surface(seed)
    x0 = x0.astype("float32")
    path = optim.minimize(f, x0, rule(**settings), 60)
    expected = oracle(x0.astype(float), gradient, 60, **settings)
    onp.testing.assert_allclose(path, expected, rtol=3e-5, atol=3e-5)


@cases
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rescaling_clipping_and_decay(rule, oracle, settings, dtype, seed):
    f, gradient, x0 = quadratic(seed)
    x0 = x0.astype(dtype)
    for clip in (None, 0.2):
        for wd in (0.0, 0.3):
            made = rule(
                **settings, rescale_grad=0.7, clip_gradient=clip, wd=wd
            )
            prepared = oracles.prepare(gradient, rescale=0.7, clip=clip, wd=wd)
            expected = oracle(x0.astype(float), prepared, 20, **settings)
            path = optim.minimize(f, x0, made, 20)
            close = 1e-10 if dtype == "float64" else 1e-5
            onp.testing.assert_allclose(path, expected, rtol=close, atol=close)


@cases
def test_kernel_and_equations_agree(rule, oracle, settings, seed):
    """The same float32 weights by ``kernel`` and by ``step``."""
    random = onp.random.default_rng(seed)
    made = rule(**settings)
    plain = copy.deepcopy(made)
    plain.kernel = lambda moves: False
    results = []
    start = random.normal(size=(3, 4))
    gradients = random.normal(size=(5, 3, 4))
    for optimizer in (made, plain):
        weight = mx.nd.array(start)
        state = optimizer.create_state(0, weight)
        for g in gradients:
            optimizer.update(0, weight, mx.nd.array(g), state)
        arrays = [weight, *(state or ())]
        results.append([array.asnumpy() for array in arrays])
    for fast, slow in zip(*results):
        onp.testing.assert_allclose(fast, slow, rtol=2e-6, atol=2e-6)


def test_which_rules_have_kernels():
    weight, grad = mx.nd.ones((2,)), mx.nd.ones((2,))
    for rule in RULES:
        made = rule()
        states = made.create_state(0, weight) or ()
        move = optim.rule.Move(weight, grad, states, 0.1, 0.0, 1)
        assert made.kernel([move]) == (
            rule.__name__[:3] != "Ada" or rule is optim.Adam
        )


# --- the equations of the docstrings, by hand


def one_step(rule, state, theta=2.0, g=0.5, steps=1):
    """Return θ and the state's arrays after steps from a given state."""
    weight = mx.nd.array([theta], dtype="float64")
    arrays = [mx.nd.array([s], dtype="float64") for s in state]
    for _ in range(steps):
        rule.update(
            0, weight, mx.nd.array([g], dtype="float64"), tuple(arrays)
        )
    return [a.asscalar() for a in (weight, *arrays)]


def test_one_step_of_sgd():
    assert one_step(optim.SGD(0.1), []) == [2 - 0.1 * 0.5]


def test_one_step_of_momentum():
    theta, v = one_step(optim.Momentum(0.1, momentum=0.6), [0.3])
    assert v == pytest.approx(0.6 * 0.3 - 0.1 * 0.5)
    assert theta == pytest.approx(2 + v)


def test_momentum_keeps_its_velocity_when_the_rate_changes():
    rule = optim.Momentum(0.1, momentum=0.5)
    weight = mx.nd.array([0.0])
    state = rule.create_state(0, weight)
    rule.update(0, weight, mx.nd.array([1.0]), state)
    rule.set_learning_rate(10.0)
    rule.update(0, weight, mx.nd.array([0.0]), state)
    assert state[0].asscalar() == pytest.approx(-0.05)


def test_one_step_of_nesterov():
    theta, v = one_step(optim.Nesterov(0.1, momentum=0.6), [0.3])
    assert v == pytest.approx(0.6 * 0.3 - 0.1 * 0.5)
    assert theta == pytest.approx(2 + 0.6 * v - 0.1 * 0.5)


def test_nesterov_holds_the_point_that_looks_ahead(seed):
    f, gradient, x0 = quadratic(seed)
    settings = {"learning_rate": 0.05, "momentum": 0.6}
    path, ahead = oracles.nesterov(x0, gradient, 200, **settings)
    mine = optim.minimize(f, x0, optim.Nesterov(**settings), 200)
    onp.testing.assert_allclose(mine, ahead, atol=1e-12)
    assert abs(path[3] - ahead[3]).max() > 1e-3
    assert abs(path[-1] - ahead[-1]).max() < 1e-4


def test_one_step_of_adagrad():
    theta, r = one_step(optim.AdaGrad(0.1, epsilon=0.2), [0.3])
    assert r == pytest.approx(0.3 + 0.25)
    assert theta == pytest.approx(2 - 0.1 / (0.2 + r**0.5) * 0.5)


def test_one_step_of_adadelta():
    rule = optim.AdaDelta(0.5, rho=0.9, epsilon=0.2)
    theta, r, s = one_step(rule, [0.3, 0.4])
    d = (0.4 + 0.2) ** 0.5 / (r + 0.2) ** 0.5 * 0.5
    assert r == pytest.approx(0.9 * 0.3 + 0.1 * 0.25)
    assert s == pytest.approx(0.9 * 0.4 + 0.1 * d * d)
    assert theta == pytest.approx(2 - 0.5 * d)


def test_one_step_of_rmsprop():
    theta, r = one_step(optim.RMSProp(0.1, rho=0.9, epsilon=0.2), [0.3])
    assert r == pytest.approx(0.9 * 0.3 + 0.1 * 0.25)
    assert theta == pytest.approx(2 - 0.1 / (0.2 + r**0.5) * 0.5)


def test_one_step_of_rmsprop_with_momentum():
    rule = optim.RMSProp(0.1, rho=0.9, epsilon=0.2, momentum=0.6)
    theta, r, v = one_step(rule, [0.3, 0.4])
    assert v == pytest.approx(0.6 * 0.4 - 0.1 / (0.2 + r**0.5) * 0.5)
    assert theta == pytest.approx(2 + v)


def test_two_steps_of_adam():
    rule = optim.Adam(0.1, beta1=0.9, beta2=0.8, epsilon=0.2)
    theta, m, v = one_step(rule, [0.3, 0.4])
    assert m == pytest.approx(0.9 * 0.3 + 0.1 * 0.5)
    assert v == pytest.approx(0.8 * 0.4 + 0.2 * 0.25)
    m_tilde, v_tilde = m / (1 - 0.9), v / (1 - 0.8)
    assert theta == pytest.approx(2 - 0.1 / (0.2 + v_tilde**0.5) * m_tilde)
    after, m, v = one_step(rule, [m, v], theta=theta)
    m_tilde, v_tilde = m / (1 - 0.9**2), v / (1 - 0.8**2)
    step = 0.1 / (0.2 + v_tilde**0.5) * m_tilde
    assert after == pytest.approx(theta - step)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adams_first_step_is_the_rate_against_the_sign(dtype):
    x0 = onp.array([3.0, -2.0], dtype)
    path = optim.minimize(
        lambda x: 50 * (x * x).sum(), x0, optim.Adam(0.001), 1
    )
    onp.testing.assert_allclose(path[1] - x0, [-0.001, 0.001], rtol=1e-3)


def test_adams_kernel_corrects_by_the_decays_that_it_rounds():
    """1 − β₂ is 1.3e-5 off where β₂ is float32 and the correction is not."""
    x0 = onp.zeros(2, dtype="float32")
    slopes = np.array([1.0, -5.0])
    path = optim.minimize(
        lambda x: (slopes * x).sum(), x0, optim.Adam(0.001), 1
    )
    onp.testing.assert_allclose(path[1], [-0.001, 0.001], rtol=1e-6)


def test_mxnets_adam_differs_in_the_first_steps():
    """Why ours gives the kernel its own δ: MXNet's is larger at first."""
    x0 = onp.array([1.0], "float32")
    settings = {"learning_rate": 0.1, "epsilon": 0.1}
    ours = optim.minimize(lambda x: x.sum(), x0, optim.Adam(**settings), 1)
    theirs = optim.minimize(
        lambda x: x.sum(), x0, mx.optimizer.Adam(**settings), 1
    )
    assert 1 - ours[1, 0] == pytest.approx(0.1 / 1.1, rel=1e-5)
    delta = 0.1 / (1 - 0.999) ** 0.5
    assert 1 - theirs[1, 0] == pytest.approx(0.1 / (1 + delta), rel=1e-3)


def test_every_state_starts_at_zero():
    names = {
        optim.SGD: (),
        optim.Momentum: ("v",),
        optim.Nesterov: ("v",),
        optim.AdaGrad: ("r",),
        optim.AdaDelta: ("r", "s"),
        optim.RMSProp: ("r",),
        optim.Adam: ("m", "v"),
    }
    for rule in RULES:
        made = rule()
        assert made.slots == names[rule]
        weight = mx.nd.ones((2, 3), dtype="float64")
        state = made.create_state(0, weight)
        if not made.slots:
            assert state is None
            continue
        assert len(state) == len(made.slots)
        for array in state:
            assert array.shape == (2, 3)
            assert array.dtype == onp.float64
            assert (array.asnumpy() == 0).all()


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_rmsprop_keeps_a_velocity_only_with_momentum(momentum):
    state = optim.RMSProp(momentum=momentum).create_state(0, mx.nd.ones(3))
    assert len(state) == 1 + (momentum > 0)


# --- with a trainer


def network(device=None):
    net = gluon.nn.HybridSequential()
    net.add(
        gluon.nn.Dense(5, activation="tanh", in_units=3),
        gluon.nn.Dense(4, activation="tanh", in_units=5),
        gluon.nn.Dense(2, in_units=4),
    )
    net.initialize(mx.init.Zero(), ctx=device or mx.cpu())
    random = onp.random.default_rng(7)
    for parameter in net.collect_params().values():
        parameter.set_data(np.array(random.normal(size=parameter.shape)))
    return net


def batch(seed, rows=8):
    random = onp.random.default_rng(seed)
    return (
        random.normal(size=(rows, 3)).astype("float32"),
        random.normal(size=(rows, 2)).astype("float32"),
    )


def train(net, trainer, seed, steps=6, devices=None):
    """Take some steps and return the gradients and the parameters."""
    devices = devices or [mx.cpu()]
    x, y = batch(seed)
    gradients, values = [], []
    for _ in range(steps):
        share = len(x) // len(devices)
        losses = []
        with autograd.record():
            for i, device in enumerate(devices):
                part = slice(i * share, (i + 1) * share)
                out = net(np.array(x[part], ctx=device))
                error = out - np.array(y[part], ctx=device)
                losses.append((error * error).sum())
        autograd.backward(losses)
        gradients.append(
            [
                sum(g.asnumpy() for g in parameter.list_grad())
                for parameter in net.collect_params().values()
            ]
        )
        trainer.step(len(x))
        values.append(
            [
                parameter.list_data()[0].asnumpy()
                for parameter in net.collect_params().values()
            ]
        )
    return gradients, values


@cases
def test_a_trainer_moves_every_parameter_by_the_rule(
    rule, oracle, settings, seed
):
    net = network()
    start = [p.data().asnumpy() for p in net.collect_params().values()]
    trainer = gluon.Trainer(
        net.collect_params(), rule(**settings, wd=0.01, clip_gradient=0.5)
    )
    gradients, values = train(net, trainer, seed)
    order = sorted(net.collect_params().keys())
    for j, name in enumerate(net.collect_params().keys()):
        assert name in order
        seen = iter([g[j].astype(float) for g in gradients])
        prepared = oracles.prepare(
            lambda theta, seen=seen: next(seen),
            rescale=1 / 8,
            clip=0.5,
            wd=0.01,
        )
        path = oracle(start[j].astype(float), prepared, 6, **settings)
        mine = [start[j], *[v[j] for v in values]]
        onp.testing.assert_allclose(mine, path, rtol=2e-5, atol=2e-6)


@every_rule
@pytest.mark.parametrize("on_kvstore", [True, False])
def test_two_devices_do_as_one(rule, on_kvstore, seed):
    one = network()
    _, alone = train(one, gluon.Trainer(one.collect_params(), rule()), seed)
    devices = [mx.cpu(0), mx.cpu(1)]
    two = network(devices)
    trainer = gluon.Trainer(
        two.collect_params(), rule(), update_on_kvstore=on_kvstore
    )
    _, together = train(two, trainer, seed, devices=devices)
    for a, b in zip(alone[-1], together[-1]):
        onp.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    for parameter in two.collect_params().values():
        first, second = parameter.list_data()
        assert (first.asnumpy() == second.asnumpy()).all()


@every_rule
def test_training_lowers_the_loss(rule, seed):
    net = network()
    rate = {optim.AdaDelta: 1.0, optim.SGD: 0.1}.get(rule, 0.02)
    trainer = gluon.Trainer(net.collect_params(), rule(rate))
    x, y = batch(seed)

    def loss():
        error = net(np.array(x)).asnumpy() - y
        return float((error**2).sum())

    before = loss()
    train(net, trainer, seed, steps=60)
    assert loss() < (0.95 if rule is optim.AdaDelta else 0.5) * before


@every_rule
def test_a_run_repeats_to_the_last_bit(rule, seed):
    runs = []
    for _ in range(2):
        net = network()
        _, values = train(
            net, gluon.Trainer(net.collect_params(), rule()), seed
        )
        runs.append(values[-1])
    for a, b in zip(*runs):
        assert (a == b).all()


def in_order(net):
    """Return the parameters as built: sorted, dense10 is before dense9."""
    return list(net.collect_params().values())


@every_rule
def test_a_run_continues_from_arrays(rule, seed):
    """The trainer's state, packed without pickle, is all that is needed."""
    whole = network()
    trainer = gluon.Trainer(in_order(whole), rule())
    train(whole, trainer, seed, steps=3)
    packed = archive.pack(checkpoint.optimizer_state(trainer))
    values = [p.data().copy() for p in whole.collect_params().values()]
    _, expected = train(whole, trainer, seed, steps=3)

    resumed = network()
    for parameter, value in zip(resumed.collect_params().values(), values):
        parameter.set_data(value)
    again = gluon.Trainer(in_order(resumed), rule())
    checkpoint.restore_optimizer(again, archive.unpack(packed))
    _, found = train(resumed, again, seed, steps=3)
    for a, b in zip(expected[-1], found[-1]):
        assert (a == b).all()


@every_rule
def test_single_parameters_have_rates_and_decays_of_their_own(rule, seed):
    net = network()
    parameters = list(net.collect_params().values())
    before = [p.data().asnumpy() for p in parameters]
    parameters[0].lr_mult = 0.0
    parameters[1].wd_mult = 0.0
    trainer = gluon.Trainer(net.collect_params(), rule(wd=30.0))
    plain = network()
    train(plain, gluon.Trainer(plain.collect_params(), rule()), seed, 1)
    train(net, trainer, seed, 1)
    after = [p.data().asnumpy() for p in parameters]
    undecayed = [p.data().asnumpy() for p in plain.collect_params().values()]
    assert (after[0] == before[0]).all()
    assert (after[1] == undecayed[1]).all()
    assert (after[2] != undecayed[2]).any()


def test_parameters_share_calls_of_the_kernel(monkeypatch, seed):
    calls = []
    real = mx.nd.multi_sgd_mom_update

    def spy(*arrays, num_weights, **options):
        calls.append(num_weights)
        return real(*arrays, num_weights=num_weights, **options)

    monkeypatch.setattr(mx.nd, "multi_sgd_mom_update", spy)
    net = network()
    train(net, gluon.Trainer(net.collect_params(), optim.Momentum()), seed, 1)
    assert calls == [4, 2]
    monkeypatch.setenv("MXNET_OPTIMIZER_AGGREGATION_SIZE", "0")
    calls.clear()
    net = network()
    train(net, gluon.Trainer(net.collect_params(), optim.Momentum()), seed, 1)
    assert calls == [1] * 6


@every_rule
def test_float16_can_have_a_float32_copy(rule):
    made = rule(multi_precision=True)
    update = mx.optimizer.get_updater(made)
    weight = mx.nd.ones((3,), dtype="float16")
    update(0, mx.nd.ones((3,), dtype="float16"), weight)
    copied = mx.nd.ones((3,))
    alone = rule()
    state = alone.create_state(0, copied)
    alone.update(0, copied, mx.nd.ones((3,)), state)
    assert update.states[0][0].dtype == onp.float32
    onp.testing.assert_allclose(
        update.states[0][0].asnumpy(), copied.asnumpy()
    )
    assert weight.dtype == onp.float16
    assert (weight.asnumpy() < 1).all()


# --- rates


def test_a_schedule_decides_the_rate_of_each_step():
    rule = optim.SGD(lr_scheduler=schedules.Step(0.4, every=2))
    path = optim.minimize(lambda x: x.sum(), [0.0], rule, 4)
    assert -onp.diff(path[:, 0]) == pytest.approx([0.4, 0.4, 0.2, 0.2])


def test_a_plain_function_is_a_schedule():
    rule = optim.SGD(lr_scheduler=lambda n: 1 / n)
    path = optim.minimize(lambda x: x.sum(), [0.0], rule, 3)
    assert -onp.diff(path[:, 0]) == pytest.approx([1, 1 / 2, 1 / 3])
    with pytest.raises(ValueError, match=r"`learning_rate` \(=0.1\) must be"):
        optim.SGD(0.1, lr_scheduler=lambda n: 1 / n)


@every_rule
def test_a_schedule_alone_keeps_its_own_rate(rule, capsys):
    made = rule(lr_scheduler=mx.lr_scheduler.FactorScheduler(5, base_lr=0.7))
    assert made.learning_rate == 0.7
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "schedule",
    [
        mx.lr_scheduler.FactorScheduler(1, 0.5),
        mx.lr_scheduler.PolyScheduler(4, pwr=1),
        mx.lr_scheduler.CosineScheduler(4),
        mx.lr_scheduler.FactorScheduler(9, warmup_steps=2),
        schedules.Constant(0.3),
    ],
)
def test_a_rate_beside_a_schedule_is_where_it_starts(schedule, capsys):
    rule = optim.SGD(0.8, lr_scheduler=schedule)
    expected = [rule.lr_scheduler(n) for n in range(5)]
    assert max(expected) == pytest.approx(0.8)
    assert capsys.readouterr().out == ""


def test_a_rate_beside_a_warm_up_is_where_it_leads():
    schedule = mx.lr_scheduler.FactorScheduler(9, warmup_steps=2)
    rule = optim.SGD(0.8, lr_scheduler=schedule)
    rates = [rule.lr_scheduler(n) for n in range(4)]
    assert rates == pytest.approx([0.0, 0.4, 0.8, 0.8])


def test_the_rate_can_be_changed():
    trainer = gluon.Trainer(network().collect_params(), optim.SGD(0.5))
    trainer.set_learning_rate(0.25)
    assert trainer.learning_rate == 0.25
    with pytest.raises(ValueError, match=r"`lr` \(=-1\) must be positive"):
        trainer.set_learning_rate(-1)


# --- arguments


@every_rule
@pytest.mark.parametrize("rate", [-1, 0, 0.0, float("nan"), "0.1", True])
def test_a_rate_is_a_positive_number(rule, rate):
    with pytest.raises(ValueError, match=r"`learning_rate` \(=.*\) must be "):
        rule(learning_rate=rate)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (optim.Momentum, "momentum"),
        (optim.Nesterov, "momentum"),
        (optim.RMSProp, "momentum"),
        (optim.RMSProp, "rho"),
        (optim.AdaDelta, "rho"),
        (optim.Adam, "beta1"),
        (optim.Adam, "beta2"),
    ],
)
@pytest.mark.parametrize("value", [-0.1, 1, 1.5, float("nan"), None])
def test_decays_are_fractions(rule, name, value):
    message = rf"`{name}` \(={value}\) must be at least 0 and below 1"
    with pytest.raises(ValueError, match=message):
        rule(**{name: value})


@pytest.mark.parametrize(
    "rule", [optim.AdaGrad, optim.AdaDelta, optim.RMSProp, optim.Adam]
)
@pytest.mark.parametrize("value", [-1e-8, 0, float("inf")])
def test_epsilon_is_positive(rule, value):
    with pytest.raises(ValueError, match=r"`epsilon` \(=.*\) must be posit"):
        rule(epsilon=value)


@every_rule
def test_the_shared_arguments_are_checked(rule):
    with pytest.raises(ValueError, match=r"`wd` \(=-1\) must be a finite"):
        rule(wd=-1)
    with pytest.raises(ValueError, match=r"`clip_gradient` \(=0\) must be po"):
        rule(clip_gradient=0)
    with pytest.raises(ValueError, match=r"`rescale_grad` \(=inf\) must be"):
        rule(rescale_grad=float("inf"))
    with pytest.raises(ValueError, match=r"`lr_scheduler` \(=3\) must be cal"):
        rule(lr_scheduler=3)
    with pytest.raises(TypeError, match="nonsense"):
        rule(nonsense=1)


def test_numbers_of_numpy_are_numbers():
    assert optim.SGD(onp.float32(0.5)).lr == 0.5
    assert checks.count("n", onp.int64(3)) == 3


# --- manners


def test_mxnets_own_names_stay_its_own():
    for name in ("sgd", "nag", "adagrad", "adadelta", "rmsprop", "adam"):
        made = mx.optimizer.create(name)
        assert type(made).__module__.startswith("mxnet.")
    registry = mx.optimizer.Optimizer.opt_registry.values()
    assert not [c for c in registry if c.__module__.startswith("fdl")]


@every_rule
def test_rules_can_be_copied_and_sent(rule):
    made = rule(0.5, wd=0.1)
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made, 0))):
        assert (other.lr, other.wd) == (0.5, 0.1)
        assert repr(other) == repr(made)


def test_a_rule_shows_its_settings():
    assert repr(optim.Adam(0.5)) == (
        "Adam(learning_rate=0.5, beta1=0.9, beta2=0.999, epsilon=1e-08)"
    )
    scheduled = optim.SGD(lr_scheduler=schedules.Constant(0.1))
    assert repr(scheduled) == "SGD(lr_scheduler=Constant(learning_rate=0.1))"


def test_all_rules_can_be_had_from_one_module():
    for rule in RULES:
        assert getattr(optim.rules, rule.__name__) is rule
