"""Sound-like signals and films: learns, properties, known values."""

import numpy as np
import pytest

from fdl import experiments, nn, records, train
from fdl.data.signals import echoes
from fdl.experiments.echo_wavenet import linear_error
from fdl.experiments.moving_squares import VIEWS, film_network


def run(name, **changes):
    config = experiments.configure(name, **changes)
    return experiments.get(name).run(config, device="cpu", offline=True)


def test_a_dilated_stack_hears_the_echo_and_a_plain_one_does_not(tmp_path):
    small = {"signals": 24, "steps": 200, "delay": 12, "layers": 4}
    done = run("echo_wavenet", epochs=25, learning_rate=0.01, **small)
    m = done.metrics
    assert (m["dilated_sees"], m["plain_sees"]) == (16, 5)
    assert m["dilated_error"] < 0.5 * m["plain_error"]
    assert m["dilated_error"] > m["floor"] == pytest.approx(0.01)
    # a mean of one seed is that seed's error
    assert done.curves["plain_errors"] == [m["plain_error"]]
    assert done.data == {}
    done.save(tmp_path)
    assert records.read("echo_wavenet", tmp_path).metrics


def test_what_no_signal_or_film_allows_is_told():
    settings = {"layers": 6, "steps": 100}
    assert experiments.configure("echo_wavenet", **settings)
    with pytest.raises(ValueError, match=r"`layers` \(=7\) .* than 99 steps"):
        experiments.configure("echo_wavenet", **{**settings, "layers": 7})
    with pytest.raises(ValueError, match=r"`view` \(='x'\) must be one of"):
        film_network("x", 3)


def test_predictions_that_could_not_see_far_enough_are_not_judged(
    monkeypatch,
):
    class Seen(Exception):
        pass

    def look(net, batches, *, loss, **options):
        raise Seen(loss)

    monkeypatch.setattr(train, "fit", look)
    with pytest.raises(Seen) as found:
        run("echo_wavenet", layers=3, steps=100)
    (loss,) = found.value.args
    target = np.zeros((2, 1, 99))
    target[:, :, :8] = 1  # of the dilated network's 8 steps
    assert loss(np.zeros((2, 1, 99)), target).tolist() == [0, 0]
    target[1, 0, 8] = 1
    np.testing.assert_allclose(loss(0 * target, target), [0, 1 / 91])


def test_both_networks_have_equally_many_parameters():
    sizes = {
        nn.summarize(nn.WaveNet(dilations=d), (1, 50)).parameters
        for d in ([1, 2, 4], [1, 1, 1])
    }
    assert len(sizes) == 1


def test_linear_prediction_reaches_the_noise_of_a_linear_signal():
    constants = {"delay": 5, "echo": 0.0, "noise": 0.2}
    x, new = (echoes(30, 300, seed, **constants) for seed in (0, 1))
    assert linear_error(x, new, 3) == pytest.approx(0.04, rel=0.05)
    # of a bent echo it has a part, and only if it looks back far enough
    x, new = (echoes(30, 300, seed, delay=5) for seed in (0, 1))
    near, far = (linear_error(x, new, window) for window in (4, 5))
    assert 0.01 < far < 0.5 * near


def test_volumes_and_channels_see_movement_and_a_frame_does_not(tmp_path):
    done = run("moving_squares", epochs=20, clips=200, noise=0.1)
    m = done.metrics
    assert m["volume_test_accuracy"] > 0.8
    assert m["channels_test_accuracy"] > 0.8
    assert m["frame_test_accuracy"] < 0.4
    # it takes films of another length, too
    assert m["longer_test_accuracy"] > 0.8
    done.save(tmp_path)
    assert records.read("moving_squares", tmp_path).metrics


def test_the_networks_of_films_are_about_equally_large():
    shapes = {"volume": (1, 6, 12, 12), "channels": (6, 12, 12)}
    shapes["frame"] = (1, 12, 12)
    sizes = {
        name: nn.summarize(film_network(name, 6), shape).parameters
        for name, shape in shapes.items()
    }
    assert sizes["volume"] == 8 * 28 + 16 * (8 * 27 + 1) + 68
    assert sizes["channels"] == 24 * 55 + 16 * (24 * 9 + 1) + 68
    assert sizes["frame"] == 24 * 10 + 16 * (24 * 9 + 1) + 68
    clips = np.arange(2 * 5 * 4.0).reshape(2, 1, 5, 2, 2)
    frame = VIEWS["frame"](clips)
    np.testing.assert_array_equal(frame, clips[:, :, 2])
    np.testing.assert_array_equal(VIEWS["channels"](clips), clips[:, 0])


def test_a_kernel_of_three_axes_sees_in_three():
    fields = nn.summarize(film_network("volume", 6), (1, 6, 12, 12)).fields
    assert [field.size for field in fields] == [5, 8, 8]


def test_a_prediction_from_nothing_is_refused():
    with pytest.raises(ValueError, match="`window` .=0. must be"):
        linear_error(np.ones((1, 9)), np.ones((1, 9)), 0)


def test_what_could_not_see_far_enough_is_not_judged(monkeypatch):
    made, losses = [], []

    def counted(count, *args, **kwargs):
        made.append(count)
        return echoes(count, *args, **kwargs)

    class Caught(Exception):
        pass

    def fit(*args, loss, **kwargs):
        losses.append(loss)
        raise Caught

    module = experiments.get("echo_wavenet")
    monkeypatch.setattr(module, "echoes", counted)
    monkeypatch.setattr(module.train, "fit", fit)
    config = experiments.configure(
        "echo_wavenet", signals=6, steps=100, layers=3, delay=5
    )
    with pytest.raises(Caught):
        module.run(config)
    assert made == [6, 2]  # a third as many test
    target, said = np.zeros((2, 1, 99)), np.zeros((2, 1, 99))
    said[:, :, :8] = 100  # the network sees 2³ values
    said[1, :, 8] = 7
    np.testing.assert_allclose(losses[0](said, target), [0, 49 / 91])
