"""Known value: when the rate falls; bad input."""

import numpy as np
import pytest

from fdl import optim, train
from fdl._mxnet import gluon, mx


class _Curve:
    """A run whose loss takes given values."""

    def __init__(self, rate):
        class _Trainer:
            optimizer = optim.SGD(rate)

        self.trainer = _Trainer()
        self.history = {"loss": []}
        self.curves = ("loss",)
        self.validation = None


def rates(losses, factor=0.5, **kinds):
    run, plateau = _Curve(1.0), train.Plateau("loss", factor, **kinds)
    seen = []
    for loss in losses:
        run.history["loss"].append(loss)
        plateau.on_epoch_end(run)
        seen.append(run.trainer.optimizer.lr)
    return seen


def test_the_rate_falls_above_all_of_the_last_three():
    # 4.5 is above 4 and 3, but not above 5; 6 is above all three
    assert rates([5, 4, 3, 4.5, 6, 5]) == [1, 1, 1, 1, 0.5, 0.5]
    assert rates([1, 2, 3, 4]) == [1, 1, 1, 0.5]
    assert rates([1, 1, 1, 1]) == [1, 1, 1, 1]


def test_the_rate_falls_by_the_factor():
    seen = rates([1, 2, 3], factor=0.9, patience=1)
    assert seen == pytest.approx([1, 0.9, 0.81])


def test_patience_says_how_many():
    assert rates([3, 4, 2, 3], patience=1) == [1, 0.5, 0.5, 0.25]


def test_a_resumed_run_keeps_the_lower_rate(tmp_path):
    x = np.ones((4, 2), np.float32)
    y = np.ones((4, 1), np.float32)

    def run(epochs, folder, resume=False):
        net = gluon.nn.Dense(1, in_units=2)
        return net, train.fit(
            net,
            [(x, y)],
            loss=gluon.loss.L2Loss(),
            optimizer=optim.SGD(1.02),  # too much: the loss grows
            epochs=epochs,
            callbacks=[train.Plateau("loss", 0.5, 1)],
            checkpoint=folder,
            resume=resume,
            seed=0,
        )

    whole = run(6, tmp_path / "a")[1]["loss"]
    run(3, tmp_path / "b")
    again = run(6, tmp_path / "b", resume=True)[1]["loss"]
    assert again == whole
    assert whole[1] > whole[0] > whole[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("loss", 1.0, 3), "`factor` .* between 0 and 1"),
        (("loss", 0.5, 0), "`patience`"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        train.Plateau(*arguments)


def test_the_curve_must_be_there():
    words = "`monitor` .* be a curve of the run, 'loss'; give `validation`"
    with pytest.raises(ValueError, match=words):
        train.Plateau("validation_loss").check(_Curve(1.0))


def test_a_schedule_would_undo_it():
    """MXNet asks the schedule alone, and the rate would stay as it is."""
    with pytest.raises(ValueError, match="`optimizer` .* have no schedule"):
        train.fit(
            gluon.nn.Dense(1, in_units=2),
            [(np.ones((4, 2), np.float32), np.ones((4, 1), np.float32))],
            loss=gluon.loss.L2Loss(),
            optimizer=mx.optimizer.SGD(
                lr_scheduler=optim.schedules.Polynomial(0.1, 9)
            ),
            epochs=1,
            callbacks=[train.Plateau("loss")],
        )
