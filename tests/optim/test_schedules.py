"""Kinds: known value, oracle (MXNet's schedulers), property."""

import pytest

from fdl import optim
from fdl._mxnet import mx
from fdl.optim import schedules

ALL = [
    schedules.Constant(0.5),
    schedules.Step(0.5, every=3, factor=0.1),
    schedules.Exponential(0.5, every=3, factor=0.1),
    schedules.Polynomial(0.5, steps=6, end=0.1, power=2.0),
    schedules.Cosine(0.5, steps=6, end=0.1),
]
every = pytest.mark.parametrize("schedule", ALL, ids=repr)


@every
def test_it_starts_at_the_rate_and_never_rises(schedule):
    rates = [schedule(n) for n in range(1, 20)]
    assert rates[0] == schedule(0) == pytest.approx(0.5)
    assert all(a >= b for a, b in zip(rates, rates[1:]))


@every
def test_it_remembers_nothing(schedule):
    rates = [schedule(n) for n in range(1, 20)]
    assert rates == [schedule(n) for n in range(1, 20)]
    assert schedule(2) == rates[1]


def test_known_values():
    assert [ALL[1](n) for n in (3, 4, 7)] == pytest.approx([0.5, 0.05, 0.005])
    assert ALL[2](4) == pytest.approx(0.05)
    assert ALL[2](2) == pytest.approx(0.5 * 0.1 ** (1 / 3))
    assert ALL[3](4) == pytest.approx(0.1 + 0.4 * 0.5**2)
    assert ALL[4](4) == pytest.approx(0.3)
    assert ALL[4](3) == pytest.approx(0.1 + 0.2 * (1 + 0.5))
    for schedule in ALL[3:]:
        assert [schedule(n) for n in (7, 8, 99)] == [0.1] * 3


@pytest.mark.parametrize(
    ("ours", "theirs", "late"),
    [
        (
            schedules.Step(0.5, every=3, factor=0.1),
            mx.lr_scheduler.FactorScheduler(3, factor=0.1, base_lr=0.5),
            0,
        ),
        # MXNet's count the update itself as done
        (
            schedules.Polynomial(0.5, steps=6, end=0.1, power=2.0),
            mx.lr_scheduler.PolyScheduler(6, 0.5, pwr=2, final_lr=0.1),
            1,
        ),
        (
            schedules.Cosine(0.5, steps=6, end=0.1),
            mx.lr_scheduler.CosineScheduler(6, 0.5, final_lr=0.1),
            1,
        ),
    ],
)
def test_mxnets_schedulers_say_the_same(ours, theirs, late):
    for n in range(1, 10):
        assert ours(n) == pytest.approx(theirs(n - late))


def test_a_rule_takes_them():
    rule = optim.SGD(lr_scheduler=schedules.Polynomial(0.4, steps=4))
    path = optim.minimize(lambda x: x.sum(), [0.0], rule, 5)
    assert path[:, 0] == pytest.approx([0, -0.4, -0.7, -0.9, -1.0, -1.0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.Constant(0), r"`learning_rate` \(=0\) must be po"),
        (lambda: schedules.Step(1, 0), r"`every` \(=0\) must be a whole num"),
        (lambda: schedules.Step(1, 1, -1), r"`factor` \(=-1\) must be posit"),
        (lambda: schedules.Cosine(1, 1.5), r"`steps` \(=1.5\) must be a who"),
        (lambda: schedules.Cosine(1, 2, -1), r"`end` \(=-1\) must be a fin"),
        (lambda: schedules.Polynomial(1, 0), r"`steps` \(=0\) must be a who"),
        (lambda: schedules.Polynomial(1, 1, 0, 0), r"`power` \(=0\) must be"),
    ],
)
def test_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
