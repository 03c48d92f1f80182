"""Known value, property: gradients that are cut to a length."""

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import mx
from fdl._mxnet import np as mnp

from .tasks import LOSS, batches, dense, sgd, values


def test_long_gradients_are_shortened_and_short_ones_stay():
    g = [mnp.array([[3.0]]), mnp.array([0.0, 4.0])]
    assert float(train.clip_by_norm(g, 2.5)) == 5
    np.testing.assert_allclose(g[0].asnumpy(), [[1.5]])
    np.testing.assert_allclose(g[1].asnumpy(), [0, 2])
    assert float(train.clip_by_norm(g, 2.5)) == 2.5
    np.testing.assert_allclose(g[1].asnumpy(), [0, 2])
    # a factor that comes later counts in the length
    assert float(train.clip_by_norm(g, 2.0, scale=4.0)) == 10
    np.testing.assert_allclose(g[1].asnumpy(), [0, 0.4], rtol=1e-6)
    # NumPy's own numbers are limits and factors, too
    g = [mnp.array([3.0, 4.0])]
    limit, scale = np.float32(2.5), np.float64(1)
    assert float(train.clip_by_norm(g, limit, scale)) == 5
    np.testing.assert_allclose(g[0].asnumpy(), [1.5, 2])
    nothing = [mnp.zeros(3)]
    assert float(train.clip_by_norm(nothing, 1.0)) == 0
    assert nothing[0].tolist() == [0, 0, 0]


def moved(clip, devices="cpu", rate=0.5):
    """Return how far one step of gradient descent goes, and where to."""
    net = dense()
    net.initialize(mx.init.Normal(0.5))
    net(mnp.zeros((1, 6)))
    before = values(net)
    # every batch of this run is one step: one epoch of one batch
    train.fit(
        net,
        batches(n=16),
        loss=LOSS(),
        optimizer=sgd(rate),
        epochs=1,
        seed=1,
        device=devices,
        clip=clip,
    )
    return np.concatenate(
        [(b - a).ravel() for a, b in zip(before, values(net))]
    )


def test_a_clipped_step_is_as_long_as_it_may_be_and_points_the_same_way():
    mx.random.seed(3)
    free = moved(None)
    length = np.linalg.norm(free) / 0.5
    for clip in (length / 10, 2 * length):
        mx.random.seed(3)
        step = moved(clip)
        wanted = min(clip, length)
        assert np.linalg.norm(step) / 0.5 == pytest.approx(wanted, rel=1e-4)
        cosine = step @ free / np.linalg.norm(step) / np.linalg.norm(free)
        assert cosine == pytest.approx(1, abs=1e-5)


def test_towers_clip_the_whole_batchs_gradient():
    steps = []
    for devices in ("cpu", [mx.cpu(0), mx.cpu(1)]):
        mx.random.seed(3)
        steps.append(moved(0.05, devices))
    np.testing.assert_allclose(steps[0], steps[1], rtol=1e-3, atol=1e-6)


def test_a_resumed_run_must_clip_alike(tmp_path):
    def fit(clip, epochs, resume=False):
        mx.random.seed(0)
        return train.fit(
            dense(),
            batches(),
            loss=LOSS(),
            optimizer=sgd(),
            epochs=epochs,
            seed=0,
            device="cpu",
            clip=clip,
            checkpoint=tmp_path,
            resume=resume,
        )

    fit(0.1, 1)
    with pytest.raises(ValueError, match="`clip` is absent .* was 0.1"):
        fit(None, 2, resume=True)
    assert fit(0.1, 2, resume=True).epochs == 2


def test_a_limit_is_above_zero():
    for clip in (0, -1, "5", np.nan):
        with pytest.raises(ValueError, match="`clip` .* above 0"):
            moved(clip)
        with pytest.raises(ValueError, match="`limit` .* above 0"):
            train.clip_by_norm([mnp.ones(3)], clip)
        with pytest.raises(ValueError, match="`scale` .* above 0"):
            train.clip_by_norm([mnp.ones(3)], 1.0, clip)
