"""Augmented minibatches. Properties, determinism, threads, timing."""

import gc
import threading
import time

import numpy as np
import pytest

from fdl.data import Minibatches
from fdl.vision import Augmented

X = np.arange(30, dtype=np.float32).reshape(15, 2)
Y = np.arange(15)


def noisy(x, rng):
    return x + rng.random(x.shape, dtype=np.float32) / 2


def plain(**more):
    return Minibatches(X, Y, 4, seed=3, **more)


def rows(batches, epoch):
    return [(x.copy(), y) for x, y in batches.epoch(epoch)]


def threads():
    return [t for t in threading.enumerate() if t.name.startswith("augment")]


def test_it_gives_the_same_minibatches_with_other_inputs():
    made = rows(Augmented(plain(), noisy), 2)
    want = rows(plain(), 2)
    assert len(made) == len(want) == 4
    for (a, labels), (b, same) in zip(made, want):
        np.testing.assert_array_equal(labels, same)
        assert ((a >= b) & (a < b + 0.5)).all()
        assert (a != b).any()


@pytest.mark.parametrize("ahead", [1, 3, 50])
def test_the_bits_depend_on_seed_epoch_and_number_alone(ahead):
    """Not on how far ahead the thread is, nor on what went before."""

    def slow(x, rng):
        time.sleep(0.002 * rng.random())
        return noisy(x, np.random.default_rng(rng.integers(2**31)))

    def quick(x, rng):
        rng.random()
        return noisy(x, np.random.default_rng(rng.integers(2**31)))

    fresh = rows(Augmented(plain(), quick), 5)
    used = Augmented(plain(), slow, ahead=ahead)
    rows(used, 0)
    next(used.epoch(1))
    for (a, _), (b, _) in zip(fresh, rows(used, 5)):
        np.testing.assert_array_equal(a, b)


def test_every_batch_and_epoch_and_seed_has_chance_of_its_own():
    zeros = np.zeros((8, 3), np.float32)
    seen = set()
    for seed in (0, 1):
        batches = Augmented(Minibatches(zeros, zeros, 4, seed=seed), noisy)
        for epoch in (0, 1):
            seen |= {x.tobytes() for x, _ in batches.epoch(epoch)}
    assert len(seen) == 8


def test_it_works_ahead_in_another_thread_and_no_further():
    who, made = set(), []

    def watch(x, rng):
        who.add(threading.current_thread())
        made.append(len(x))
        return x

    batches = Augmented(Minibatches(X, Y, 1), watch, ahead=3)
    passing = batches.epoch(0)
    next(passing)
    end = time.monotonic() + 10
    while len(made) < 4 and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(0.05)
    assert len(made) == 4  # the one handed out, and three ahead
    assert threading.current_thread() not in who
    assert len(who) == 1
    passing.close()


def test_an_epoch_that_is_left_early_leaves_no_thread():
    passing = Augmented(plain(), noisy).epoch(0)
    next(passing)
    assert threads()
    del passing
    gc.collect()
    end = time.monotonic() + 10
    while threads() and time.monotonic() < end:
        time.sleep(0.01)
    assert not threads()


def test_an_error_in_the_thread_is_raised_where_the_batch_is_taken():
    calls = []

    def fail(x, rng):
        calls.append(x)
        if len(calls) == 3:
            raise ValueError("third")
        return x

    passing = Augmented(plain(), fail).epoch(0)
    got = [next(passing), next(passing)]
    with pytest.raises(ValueError, match="third"):
        next(passing)
    assert len(got) == 2


def test_training_does_not_wait_for_it():
    """What takes half of a step is done while the step before is."""
    # sleeping stands for both, so that no neighbour can slow one of them
    step, work, n = 0.02, 0.01, 40
    x = np.zeros((n, 1))

    def busy(x, rng):
        time.sleep(work)
        return x

    batches = Augmented(Minibatches(x, x, 1), busy)
    for _ in batches:
        time.sleep(step)
    assert batches.waited < 0.2 * n * work


def test_waiting_is_counted_where_it_is_the_bottleneck():
    def lazy(x, rng):
        time.sleep(0.01)
        return x

    batches = Augmented(plain(), lazy, ahead=1)
    list(batches)
    assert 0.015 < batches.waited < 1


def test_the_first_batch_of_an_epoch_is_no_stall():
    def slow_at_first(x, rng):
        time.sleep(0.3 * (x[0, 0] == 0))
        return x

    x = np.arange(6.0).reshape(6, 1)
    batches = Augmented(Minibatches(x, x, 1, shuffle=False), slow_at_first)
    list(batches)
    assert batches.waited < 0.15


def test_what_was_not_begun_is_not_made_once_an_epoch_is_left():
    gate, made = threading.Event(), []

    def count(x, rng):
        made.append(len(x))
        if len(made) > 1:
            gate.wait(10)
        return x

    passing = Augmented(Minibatches(X, Y, 1), count, ahead=4).epoch(0)
    next(passing)
    threading.Timer(0.1, gate.set).start()
    passing.close()
    assert len(made) <= 2


def test_it_has_what_a_checkpoint_asks_for():
    batches = Augmented(plain(last="drop"), noisy)
    assert (batches.examples, batches.batch_size) == (15, 4)
    assert (batches.shuffle, batches.seed, batches.last) == (True, 3, "drop")
    assert len(batches) == 3
    assert "noisy, ahead=4" in repr(batches)


@pytest.mark.parametrize("epoch", [-1, 1.0])
def test_a_wrong_epoch_is_named_at_the_call(epoch):
    with pytest.raises(ValueError, match="`epoch`"):
        Augmented(plain(), noisy).epoch(epoch)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([(X, Y)], noisy), "`batches` .* must be data.Minibatches"),
        ((plain(), 3), r"`augment` \(=3\) must be callable"),
        ((plain(), noisy, 0), r"`ahead` \(=0\) must be a whole number"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Augmented(*arguments)
