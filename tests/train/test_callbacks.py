"""Early stopping against scripts, and what progress prints where.

Kinds: known value, property.
"""

import io
import sys
import types

import numpy as np
import pytest

from fdl import train
from fdl.train.hooks import HOOKS

from .tasks import LOSS, assert_same_bits, batches, dense, sgd


class Script:
    """A run whose curve is written down beforehand."""

    metrics = ()
    validation = None
    curves = ("loss", "error", "accuracy")

    def __init__(self, name="loss"):
        self.history = {name: []}
        self.epoch = 0
        self.stopped = None
        self.now = 0  # stands for the parameters: the epoch they are of

    def stop(self, reason):
        self.stopped = reason

    def parameters(self):
        return {"w": self.now}

    def set_parameters(self, values):
        self.now = values["w"]

    def play(self, callback, values):
        callback.check(self)
        callback.on_fit_begin(self)
        for value in values:
            self.epoch += 1
            self.now = self.epoch
            self.history[next(iter(self.history))].append(value)
            callback.on_epoch_end(self)
            if self.stopped:
                break
        callback.on_fit_end(self)


NAN = float("nan")


@pytest.mark.parametrize(
    ("curve", "settings", "values", "stops", "best"),
    [
        ("loss", {"patience": 1}, [3, 2, 1, 2, 0], 4, 3),
        ("loss", {"patience": 2}, [3, 2, 1, 2, 0, 1, 2], 7, 5),
        ("loss", {"patience": 3}, [1, 2, 2, 2, 0], 4, 1),
        ("loss", {"patience": 1}, [3, 3], 2, 1),  # equal is not better
        ("loss", {"patience": 2}, [3, 2, 1], None, 3),
        ("loss", {"patience": 2}, [3, 1, 2], None, 2),
        # 0.9 is no progress from 1 when it takes more than 0.2; 0.7 is
        ("loss", {"patience": 2, "min_delta": 0.2}, [1, 0.9, 0.85], 3, 1),
        ("loss", {"patience": 2, "min_delta": 0.2}, [1, 0.9, 0.7, 1], None, 3),
        # a slow fall counts from the best, not from the last
        (
            "loss",
            {"patience": 3, "min_delta": 0.2},
            [1, 0.9, 0.85, 0.75, 0.7, 0.65, 0.6, 0.6],
            7,
            4,
        ),
        ("error", {"patience": 1}, [0.5, 0.6], 2, 1),
        ("accuracy", {"patience": 1}, [0.5, 0.6, 0.4, 0.9], 3, 2),
        ("loss", {"patience": 2}, [NAN, 3, NAN, NAN, 1], 4, 2),
        ("loss", {"patience": 2}, [NAN, NAN, 1], 2, None),
    ],
)
def test_scripts_stop_where_they_should(curve, settings, values, stops, best):
    run = Script(curve)
    callback = train.EarlyStopping(curve, **settings)
    run.play(callback, values)
    assert (run.epoch if run.stopped else None) == stops
    assert run.now == (best or run.epoch)
    if stops:
        assert run.stopped.startswith(f"{curve} did not get better for")
        assert (f"epoch {best}" if best else "never") in run.stopped


def test_the_last_parameters_stay_where_that_is_wanted():
    run = Script()
    run.play(train.EarlyStopping("loss", 2, restore=False), [1, 2, 3])
    assert run.now == 3


def test_a_callback_can_serve_a_second_run():
    callback = train.EarlyStopping("loss", 2)
    for _ in range(2):
        run = Script()
        run.play(callback, [3, 1, 2, 2])
        assert (run.epoch, run.now) == (4, 2)


def test_state_goes_through_a_checkpoint():
    values = [5, 4, 6, 3, 7, 7, 7, 1]
    for cut in range(1, 7):
        first, second = Script(), Script()
        callback, after = (train.EarlyStopping("loss", 3) for _ in range(2))
        first.play(callback, values[:cut])
        second.epoch = cut
        after.check(second)
        after.restore(callback.state())
        after.on_fit_begin(second)
        for value in values[cut:]:
            second.epoch += 1
            second.history["loss"].append(value)
            after.on_epoch_end(second)
            if second.stopped:
                break
        assert second.epoch == 7
        assert after.best_epoch == 4


@pytest.mark.parametrize(
    "bad",
    [
        {"patience": 0},
        {"patience": 1.5},
        {"min_delta": -1},
        {"min_delta": NAN},
        {"min_delta": "a"},
    ],
)
def test_bad_settings_are_refused(bad):
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}`"):
        train.EarlyStopping("loss", **bad)
    with pytest.raises(ValueError, match="`monitor` .=5. must be the name"):
        train.EarlyStopping(5)


def fit(net, epochs, **settings):
    return train.fit(
        net,
        batches(),
        loss=LOSS(),
        optimizer=sgd(),
        epochs=epochs,
        seed=7,
        **settings,
    )


def test_a_real_run_ends_with_its_best_parameters():
    left = [5.0, 3.0, 4.0, 4.0, 4.0]

    def each(output, y):
        return np.full(len(y), left.pop(0) if len(y) == 7 else 0.0)

    stopped, best = dense(), dense()
    history = fit(
        stopped,
        9,
        validation=batches(7),
        metrics=[train.Metric("fault", each)],
        callbacks=[train.EarlyStopping("validation_fault", 2)],
    )
    fit(best, 2)
    assert history.epochs == 4
    assert history["validation_fault"] == [5, 3, 4, 4]
    assert "validation_fault did not get better for 2" in history.stopped
    assert_same_bits(stopped, best)


# -- what is no callback


class Good:
    def on_epoch_end(self, run):
        pass


class Misspelt(Good):
    def on_epoch_ended(self, run):
        pass


class FromElsewhere(Good):
    def on_batch_begin(self, run):
        pass


class Deaf(Good):
    def on_batch_end(self):
        pass


class Greedy:
    def on_fit_begin(self, run, more):
        pass


class NotAHook:
    on_fit_end = 3


class Forgetful(Good):
    def state(self):
        return {}


@pytest.mark.parametrize(
    ("callbacks", "words"),
    [
        ([train.Progress], r"not classes; write Progress\(\)"),
        (train.Progress(), "must be a sequence; put a single callback into a"),
        (5, "must be a sequence"),
        (["progress"], "must hold objects with a hook, one of on_fit_begin"),
        ([None], "must hold objects with a hook"),
        ([lambda run: None], "must hold objects with a hook"),
        ([Misspelt()], "its on_epoch_ended, is it on_epoch_end?"),
        ([FromElsewhere()], "nobody calls its on_batch_begin"),
        ([Deaf()], "its on_batch_end does not: too many positional"),
        ([Greedy()], "its on_fit_begin does not: missing .* 'more'"),
        ([NotAHook()], "its on_fit_end does not: 3 is not a callable"),
        ([Forgetful()], "must have both state and restore, or neither"),
    ],
)
def test_what_would_never_be_called_is_refused(callbacks, words):
    net = dense()
    with pytest.raises(TypeError, match=f"^`callbacks` .*{words}"):
        fit(net, 1, callbacks=callbacks)
    assert net[0].weight._data is None


def test_one_callback_cannot_come_twice():
    good = Good()
    with pytest.raises(ValueError, match="`callbacks`.* it comes twice"):
        fit(dense(), 1, callbacks=[good, Good(), good])


def test_hooks_of_many_kinds_are_called():
    called = []

    class Bound:
        def __init__(self):
            self.on_fit_begin = called.append

    class Static:
        @staticmethod
        def on_fit_begin(run):
            called.append(run)

    class Loose:
        def on_fit_begin(self, *arguments, **more):
            called.extend(arguments)

    fit(dense(), 1, callbacks=(c for c in (Bound(), Static(), Loose())))
    fit(dense(), 1, callbacks=None)
    assert len(called) == 3


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_every_callback_is_ended_whatever_another_raises(hook, error):
    ended = []

    def raises(run):
        raise error

    class Ends:
        def on_fit_end(self, run):
            ended.append(self)

    first, bad, last = Ends(), types.SimpleNamespace(), Ends()
    setattr(bad, hook, raises)
    with pytest.raises(error):
        fit(dense(), 1, callbacks=[first, bad, last])
    assert ended == [first, last]


# -- progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar():
    out = Terminal()
    fit(dense(), 3, callbacks=[train.Progress(file=out)])
    text = out.getvalue()
    assert "epoch 3/3" in text
    assert "12/12" in text
    assert "loss=" in text


def test_a_pipe_gets_nothing(capsys):
    out = io.StringIO()
    fit(dense(), 3, callbacks=[train.Progress(file=out), train.Progress()])
    assert out.getvalue() == ""
    assert capsys.readouterr() == ("", "")


def test_a_notebook_gets_a_few_lines_that_never_change(capsys, monkeypatch):
    shell = types.SimpleNamespace(kernel=object())
    notebook = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    texts = []
    for _ in range(2):
        history = fit(dense(), 25, callbacks=[train.Progress()])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    lines = texts[0].splitlines()
    assert len(lines) <= 10
    assert lines[0].startswith("epoch  3: loss ")
    assert lines[-1] == f"epoch 25: loss {history['loss'][-1]:.4g}"


def test_an_early_end_is_said(capsys):
    class Enough:
        def on_epoch_end(self, run):
            run.stop("enough is enough")

    fit(dense(), 20, callbacks=[Enough(), train.Progress("lines")])
    out = capsys.readouterr().out
    assert out.startswith("epoch  1: loss")
    assert out.endswith("stopped: enough is enough\n")


def test_a_bar_counts_on_when_a_run_is_resumed(tmp_path):
    out = Terminal()
    fit(dense(), 2, checkpoint=tmp_path)
    fit(
        dense(),
        3,
        checkpoint=tmp_path,
        resume=True,
        callbacks=[train.Progress("bar", out)],
    )
    assert "8/12" in out.getvalue()
    assert "12/12" in out.getvalue()


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="`mode`"):
        train.Progress("loud")
