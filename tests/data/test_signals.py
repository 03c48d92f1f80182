"""Made-up signals: an oracle step by step, properties."""

import math

import numpy as np
import pytest

from fdl.data.signals import echoes


def test_what_the_past_does_not_explain_is_the_noise():
    x = echoes(40, 400, seed=3, noise=0.2).astype(float)
    unexplained = []
    for row in x:
        for t in range(40, 400):
            past = 0.3 * row[t - 1] + 0.9 * math.sin(2.5 * row[t - 40])
            unexplained.append(row[t] - past)
    assert np.mean(unexplained) == pytest.approx(0, abs=0.01)
    assert np.std(unexplained) == pytest.approx(0.2, rel=0.03)
    assert abs(np.corrcoef(unexplained[1:], unexplained[:-1])[0, 1]) < 0.03


def test_signals_are_steady_and_differ():
    x = echoes(50, 600, seed=1)
    assert x.shape == (50, 600)
    assert x.dtype == np.float32
    halves = x[:, :300].std(), x[:, 300:].std()
    assert halves[0] == pytest.approx(halves[1], rel=0.05)
    assert abs(x).max() < 2
    assert abs(x[0] - x[1]).max() > 0.1


def test_the_seed_decides_and_may_have_parts():
    first = echoes(2, 50, seed=[4, 0])
    np.testing.assert_array_equal(first, echoes(2, 50, seed=[4, 0]))
    assert abs(first - echoes(2, 50, seed=[4, 1])).max() > 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 0}, r"`n` \(=0\) must be a whole number from 1 up"),
        ({"steps": 2.5}, "`steps` .* whole number"),
        ({"delay": 0}, "`delay` .* whole number"),
        ({"noise": -1}, "`noise` .* from 0 up"),
        ({"noise": float("nan")}, "`noise` .* from 0 up"),
        ({"last": 1.0}, "`last` .* between -1 and 1"),
        ({"last": "a"}, "`last` .* finite"),
        ({"echo": float("inf")}, "`echo` .* finite"),
        ({"bend": float("nan")}, "`bend` .* finite"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        echoes(**{"n": 1, "steps": 10, **change})
