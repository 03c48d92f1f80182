"""The training loop.

Kinds: oracle (a hand-written Gluon loop), known value, property, negative
control, learns.
"""

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import gluon, mx, nn, npx
from fdl._mxnet import np as mnp
from fdl.errors import ShapeError, TrainingDiverged
from fdl.nn import Heads, additive_loss, cross_entropy
from fdl.train.run import DIVERGED

from . import oracles
from .tasks import (
    LOSS,
    assert_same_bits,
    batches,
    dense,
    everything,
    rows,
    sgd,
    values,
)


def fit(net=None, data=None, **settings):
    """Run `fit` with defaults for all that a test does not care about."""
    settings = {
        "loss": LOSS(),
        "optimizer": sgd(),
        "epochs": 3,
        "seed": 7,
        **settings,
    }
    net = dense() if net is None else net
    return train.fit(net, batches() if data is None else data, **settings)


# -- against the loop written by hand


@pytest.mark.parametrize("make", [dense, everything])
@pytest.mark.parametrize("hybridize", [True, False])
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: sgd(),
        lambda: sgd(momentum=0.9, wd=0.01),
        lambda: sgd(wd=0.1),
        lambda: sgd(
            clip_gradient=0.03,
            lr_scheduler=mx.lr_scheduler.FactorScheduler(2, 0.8, base_lr=0.1),
        ),
        lambda: sgd(momentum=0.9, clip_gradient=0.03),
        lambda: mx.optimizer.Adam(learning_rate=0.01),
    ],
)
def test_parameters_equal_a_hand_written_loop(make, hybridize, optimizer):
    ours, theirs = make(), make()
    history = fit(ours, optimizer=optimizer(), hybridize=hybridize)
    losses = oracles.train(theirs, batches(), LOSS(), optimizer(), 3, 7)
    assert_same_bits(ours, theirs)
    np.testing.assert_allclose(history.batch_loss, losses, rtol=1e-6)


def test_a_loss_may_be_the_mean_itself():
    def mean(output, y):
        picked = npx.pick(npx.log_softmax(output), y)
        return -mnp.mean(picked)

    ours, theirs = dense(), dense()
    fit(ours, loss=mean)
    oracles.train(theirs, batches(), mean, sgd(), 3, 7, mean=True)
    assert_same_bits(ours, theirs)


def test_a_plain_block_trains_like_a_hybrid_one():
    class Plain(gluon.Block):
        def __init__(self):
            super().__init__()
            self.inner = dense()

        def forward(self, x):
            if x.shape[0] > 16:  # no symbol could answer
                raise AssertionError
            return self.inner(x)

    ours, theirs = Plain(), dense()
    fit(ours)
    fit(theirs)
    assert_same_bits(ours, theirs)


def test_a_function_that_looks_around_is_not_frozen():
    weight = [1.0]

    class Double:
        def on_epoch_begin(self, run):
            weight[0] = float(run.epoch)

    def loss(output, y):
        return mnp.mean(output * 0 + weight[0], axis=1)

    history = fit(loss=loss, callbacks=[Double()])
    assert history["loss"] == [1.0, 2.0, 3.0]


def test_several_inputs():
    class Two(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.inner = dense()

        def hybrid_forward(self, F, a, b):
            return self.inner(F.np.concatenate([a, b], axis=1))

    x, y = rows()
    pairs = [
        ((x[i : i + 9, :2], x[i : i + 9, 2:]), y[i : i + 9]) for i in (0, 9)
    ]
    whole = [(x[i : i + 9], y[i : i + 9]) for i in (0, 9)]
    ours, theirs = Two(), dense()
    fit(ours, pairs, validation=pairs)
    fit(theirs, whole)
    assert_same_bits(ours, theirs)


def test_it_learns():
    history = fit(
        data=batches(400),
        optimizer=sgd(0.05),
        epochs=20,
        validation=batches(200, 200, seed=1),
        metrics=["accuracy"],
    )
    assert history["validation_accuracy"][-1] > 0.85
    assert history["validation_accuracy"][0] < 0.75
    assert history["loss"][-1] < 0.6 * history["loss"][0]


# -- the history


def test_an_epoch_is_a_mean_over_examples_not_batches():
    history = fit(metrics=["error"], validation=batches(21, 20))
    sizes = np.array([16, 16, 16, 2])
    steps = np.array(history.batch_loss).reshape(3, 4)
    np.testing.assert_allclose(history["loss"], steps @ sizes / 50)
    # 21 examples: a mean of batch means would not be a multiple of 1/21
    counts = np.array(history["validation_error"]) * 21
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)
    counts = np.array(history["error"]) * 50
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)


def test_history_counts():
    history = fit(epochs=2, validation=batches(), metrics=["accuracy"])
    assert list(history) == [
        "loss",
        "accuracy",
        "validation_loss",
        "validation_accuracy",
    ]
    assert (history.epochs, history.steps) == (2, 8)
    assert len(history.batch_loss) == 8
    assert history.stopped is None
    assert history.seconds > 0
    with pytest.raises(KeyError, match="no 'acc'; it has 'loss', 'accuracy'"):
        history["acc"]


def test_training_metrics_are_those_of_the_moving_parameters():
    outputs = []

    class Peek:
        def on_batch_end(self, run):
            outputs.append(run.batch_loss)

    history = fit(callbacks=[Peek()], metrics=["cross_entropy"])
    assert outputs == history.batch_loss
    np.testing.assert_allclose(
        history["cross_entropy"], history["loss"], rtol=1e-6
    )


# -- hooks


def test_hooks_come_in_order_with_the_counters_right():
    seen = []

    class Spy:
        def on_fit_begin(self, run):
            seen.append(("fit", run.epoch, run.step))

        def on_epoch_begin(self, run):
            seen.append(("epoch", run.epoch, run.step))

        def on_batch_end(self, run):
            # the newest loss is not waited for
            assert len(run.history.batch_loss) == run.step - 1
            seen.append(("batch", run.epoch, run.step))

        def on_epoch_end(self, run):
            assert run.history.epochs == run.epoch
            assert len(run.history.batch_loss) == run.step
            seen.append(("end", run.epoch, run.step))

        def on_fit_end(self, run):
            seen.append(("done", run.epoch, run.step))

    x, y = rows(20)
    fit(data=[(x[:10], y[:10]), (x[10:], y[10:])], epochs=2, callbacks=[Spy()])
    assert seen == [
        ("fit", 0, 0),
        ("epoch", 1, 0),
        ("batch", 1, 1),
        ("batch", 1, 2),
        ("end", 1, 2),
        ("epoch", 2, 2),
        ("batch", 2, 3),
        ("batch", 2, 4),
        ("end", 2, 4),
        ("done", 2, 4),
    ]


class StopAt:
    """Stop in a hook, at a step or an epoch."""

    def __init__(self, hook, number, counter):
        self.number, self.counter = number, counter
        setattr(self, hook, self.maybe)

    def maybe(self, run):
        if getattr(run, self.counter) == self.number:
            run.stop("enough")


@pytest.mark.parametrize(
    ("hook", "number", "counter", "steps", "epochs"),
    [
        ("on_epoch_end", 2, "epoch", 8, 2),
        ("on_batch_end", 6, "step", 6, 1),
        ("on_epoch_begin", 2, "epoch", 4, 1),
        ("on_fit_begin", 0, "epoch", 0, 0),
    ],
)
def test_stopping(hook, number, counter, steps, epochs):
    history = fit(epochs=5, callbacks=[StopAt(hook, number, counter)])
    assert (history.steps, history.epochs) == (steps, epochs)
    assert history.stopped == "enough"
    assert len(history.batch_loss) == steps


def test_stopping_needs_no_good_reason():
    class Stop:
        def on_batch_end(self, run):
            run.stop("")

    history = fit(callbacks=[Stop()])
    assert (history.steps, history.stopped) == (1, "for no reason")


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda v: v[:1], ShapeError, r"1.bias is \(3,\) in the net.*\(1,\)"),
        (lambda v: None, ValueError, "1.bias is only in"),
    ],
)
def test_a_callback_sets_all_parameters_or_none(spoil, error, words):
    class Reset:
        def on_epoch_end(self, run):
            zeros = {k: 0 * v for k, v in run.parameters().items()}
            zeros["1.bias"] = spoil(zeros["1.bias"])
            if zeros["1.bias"] is None:
                del zeros["1.bias"]
            run.set_parameters(zeros)

    net = dense()
    words = "^`values` must have the same (parameters|shapes); " + words
    with pytest.raises(error, match=words):
        fit(net, callbacks=[Reset()])
    assert values(net)[0].all()


def test_each_epoch_asks_for_its_own_batches():
    asked = []

    class Source:
        def epoch(self, e):
            asked.append(e)
            return iter([rows(4)])

    fit(data=Source())
    assert asked == [0, 0, 1, 2]  # the first is a look before training


def test_the_learning_rate_can_be_changed_on_the_way():
    class Freeze:
        def on_epoch_end(self, run):
            run.trainer.set_learning_rate(0.0)

    ours, theirs = dense(), dense()
    fit(ours, callbacks=[Freeze()], epochs=3)
    fit(theirs, epochs=1)
    assert_same_bits(ours, theirs)


# -- chance


def test_one_seed_gives_one_result_and_another_another():
    nets = [everything() for _ in range(3)]
    for net, seed in zip(nets, (5, 5, 6)):
        fit(net, seed=seed)
    assert_same_bits(nets[0], nets[1])
    assert not np.array_equal(values(nets[0])[0], values(nets[2])[0])


def test_without_a_seed_numpy_decides():
    nets = [everything() for _ in range(2)]
    for net in nets:
        np.random.seed(3)
        history = fit(net, seed=None)
    assert_same_bits(*nets)
    again = everything()
    fit(again, seed=history.seed)
    assert_same_bits(again, nets[0])


def test_the_optimizer_that_is_given_stays_as_it_is():
    optimizer = mx.optimizer.Adam(
        learning_rate=0.1,
        lr_scheduler=mx.lr_scheduler.FactorScheduler(3, 0.5, base_lr=0.1),
    )
    nets = [dense(), dense()]
    for net in nets:
        fit(net, optimizer=optimizer)
    assert_same_bits(*nets)
    assert optimizer.num_update == 0
    assert optimizer.rescale_grad == 1.0
    assert optimizer.lr_scheduler.base_lr == 0.1


def test_values_that_are_there_are_trained_on():
    ours, theirs = dense(), dense()
    fit(ours, epochs=2)
    fit(theirs, epochs=2)
    fit(ours, epochs=1)
    assert not np.array_equal(values(ours)[0], values(theirs)[0])
    fit(theirs, epochs=1)
    assert_same_bits(ours, theirs)


def test_training_goes_where_it_is_told():
    net = dense()
    fit(net, device="cpu:1")
    assert net[0].weight.list_ctx() == [mx.cpu(1)]
    fit(net, device=mx.cpu(0))
    assert net[0].weight.list_ctx() == [mx.cpu(0)]


# -- what goes wrong


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3 * DIVERGED])
@pytest.mark.parametrize("at", [(1, 3), (2, 1), (2, 4)])
def test_a_bad_batch_is_named_exactly(value, at):
    epoch, batch = at
    calls = []

    def loss(output, y):
        calls.append(len(y))
        good = mnp.mean(output * 0, axis=1) + 1.0
        bad = len(calls) == 1 + (epoch - 1) * 4 + batch  # one to find shapes
        return good * float(value) if bad else good

    words = rf"epoch {epoch}, batch {batch} \(step {4 * epoch - 4 + batch}\)"
    with pytest.raises(TrainingDiverged, match=words) as caught:
        fit(loss=loss)
    shown = {"nan": "nan", "inf": "inf", "-inf": "-inf"}.get(
        str(value), "3e+06"
    )
    assert f"got {shown}." in str(caught.value)
    history = caught.value.history
    assert len(history.batch_loss) == 4 * epoch - 5 + batch
    assert np.isfinite(history.batch_loss).all()


def test_a_large_loss_that_falls_is_no_divergence():
    def loss(output, y):
        return mnp.mean(output * output, axis=1) * 1e12

    history = fit(loss=loss, optimizer=sgd(1e-15))
    assert history["loss"][0] > DIVERGED


def test_a_sum_of_losses_asks_each_of_them_in_every_step():
    calls = []

    def own(output, targets):
        calls.append(None)  # a graph would keep what it saw first
        return cross_entropy(output, targets)

    net = Heads(nn.Dense(4), {"one": nn.Dense(3), "two": nn.Dense(3)})
    history = fit(net, loss=additive_loss([own, own], [1.0, 2.0]))
    assert len(calls) >= 2 * history.steps


def test_a_loss_that_begins_near_zero_may_grow_to_one():
    calls = []

    def loss(output, y):
        calls.append(None)  # once to learn the sizes, then in every step
        return 0 * output.sum(axis=1) + (1e-9 if len(calls) < 3 else 0.5)

    history = fit(loss=loss)
    assert history.batch_loss[0] == pytest.approx(1e-9)
    assert history.batch_loss[-1] == 0.5


def test_broken_parameters_are_found_before_they_are_saved(tmp_path):
    class Poison:
        def on_batch_end(self, run):
            if run.step == 8:  # the last of epoch 2: its loss was still fine
                weight = run.net[0].weight
                weight.set_data(weight.data() * np.inf)

    with pytest.raises(
        TrainingDiverged,
        match=r"parameter 0\.weight must be finite after epoch 2, batch 4",
    ) as caught:
        fit(callbacks=[Poison()], checkpoint=tmp_path)
    assert "stand, up to epoch 1" in str(caught.value)
    there = [path.name for path in tmp_path.iterdir()]
    assert there == ["epoch-000001.npz"]


def test_control_c_leaves_the_history_and_closes_what_is_open(tmp_path):
    closed = []

    class Interrupt:
        def on_batch_end(self, run):
            if run.step == 6:
                raise KeyboardInterrupt

        def on_fit_end(self, run):
            closed.append(run.step)

    with pytest.raises(KeyboardInterrupt) as caught:
        fit(callbacks=[Interrupt()], checkpoint=tmp_path)
    assert closed == [6]
    assert caught.value.history.epochs == 1
    assert [p.name for p in tmp_path.iterdir()] == ["epoch-000001.npz"]


def pairs(*shapes):
    return [tuple(np.zeros(shape, "float32") for shape in shapes)]


class Shared:
    """Looks as if it could be read again and again, and cannot."""

    def __init__(self):
        self.left = iter([rows(4)] * 9)

    def __iter__(self):
        return self.left


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"epochs": 0}, ValueError, r"`epochs` \(=0\) must be a whole number"),
        ({"epochs": 2.0}, ValueError, r"`epochs` \(=2.0\)"),
        ({"epochs": True}, ValueError, r"`epochs` \(=True\)"),
        ({"data": []}, ValueError, r"`batches` \(=\[\]\) must hold at least"),
        ({"data": 5}, TypeError, r"`batches` \(=5\) must be data.Minibatches"),
        ({"data": iter([])}, TypeError, "`batches`.*a generator is used up"),
        ({"data": pairs((4, 2), (3,))}, ShapeError, "`batches`.*one length"),
        ({"data": pairs((0, 2), (0,))}, ShapeError, "`batches`.*from 1 up"),
        ({"data": pairs((4, 2), ())}, ShapeError, "`batches`.*row per"),
        ({"data": [np.zeros((2, 3, 4))]}, ShapeError, r"pairs \(x, y\)"),
        ({"validation": []}, ValueError, "`validation`.*at least one"),
        (
            {"validation": pairs((4, 2), (3,))},
            ShapeError,
            "`validation`.*one length",
        ),
        ({"metrics": ["acuracy"]}, ValueError, "`metrics` .='acuracy'. must"),
        ({"metrics": ["error", "error"]}, ValueError, "names of their own"),
        ({"metrics": 5}, ValueError, r"`metrics` \(=5\) must be a sequence"),
        (
            {"checkpoint": 5},
            TypeError,
            r"`checkpoint` \(=5\) must be the path",
        ),
        ({"data": [([[1.0]], [0])]}, ShapeError, "batch 1 are list and list"),
        ({"data": [(np.ones((2, 6)), None)]}, ShapeError, "ndarray and None"),
        ({"data": Shared()}, TypeError, "a generator is used up after one"),
        ({"optimizer": "sdg"}, ValueError, "`optimizer` .='sdg'. must be one"),
        ({"optimizer": 0.1}, TypeError, r"`optimizer` \(=0.1\)"),
        ({"loss": None}, TypeError, r"`loss` \(=None\) must be callable"),
        ({"net": print}, TypeError, "`net`.*must be a gluon Block"),
        ({"resume": True}, ValueError, "`resume`.*a folder in `checkpoint`"),
        ({"device": "gpu:9"}, ValueError, "`device`"),
        ({"seed": -1}, ValueError, "`seed`"),
        (
            {"callbacks": [train.EarlyStopping("validation_error")]},
            ValueError,
            "`monitor` .='validation_error'. .*give `validation` to fit",
        ),
        (
            {
                "callbacks": [train.EarlyStopping("validation_eror")],
                "validation": pairs((4, 6), (4,)),
            },
            ValueError,
            "`monitor` .='validation_eror'. .*'loss', 'validation_loss'.$",
        ),
        (
            {"callbacks": [train.TensorBoard("nowhere", images=2)]},
            ValueError,
            "`images`.*be 0, or the inputs pictures",
        ),
    ],
)
def test_arguments_are_checked_before_training(settings, error, words):
    net = settings.get("net") or dense()
    with pytest.raises(error, match=words):
        fit(**{**settings, "net": net})
    if isinstance(net, gluon.Block):  # nothing was even started
        assert net[0].weight._data is None


def test_a_later_batch_of_two_lengths_is_named():
    good, bad = pairs((4, 6), (4,)) * 2, pairs((4, 6), (3,))
    with pytest.raises(ShapeError, match="batch 3 has shapes"):
        fit(data=good + bad)


def test_batches_that_run_dry_are_an_error():
    class Once:
        def epoch(self, e):
            return iter([rows(4)] * (e < 1))

    with pytest.raises(ValueError, match="`batches`.*at least one batch"):
        fit(data=Once())


def test_a_loss_of_the_wrong_shape_is_an_error():
    with pytest.raises(ShapeError, match=r"`loss` must give.*\(16, 3\)"):
        fit(loss=lambda output, y: output)


def test_a_name_will_do_for_an_optimizer():
    ours, theirs = dense(), dense()
    fit(ours, optimizer="adam")
    fit(theirs, optimizer=mx.optimizer.Adam())
    assert_same_bits(ours, theirs)


def test_float64_and_odd_integers_are_taken():
    x, y = rows(16)
    ours, theirs = dense(), dense()
    fit(ours, [(x.astype("float64"), y.astype("uint16"))])
    fit(theirs, [(x, y)])
    assert_same_bits(ours, theirs)


def test_truth_values_are_classes_0_and_1():
    x, _ = rows(16)
    y = x[:, 0] > x.mean()
    ours, theirs = dense(), dense()
    history = fit(ours, [(x, y)], metrics=["error"], validation=[(x, y)])
    wanted = [(x, y.astype("int32"))]
    same = fit(theirs, wanted, metrics=["error"], validation=wanted)
    assert_same_bits(ours, theirs)
    assert dict(history) == dict(same)
    third = dense()
    fit(third, [(mnp.array(x), mnp.array(y, dtype="int32") > 0)])
    assert_same_bits(third, ours)


def test_arrays_of_mxnet_are_taken():
    x, y = rows(16)
    ours, theirs = dense(), dense()
    fit(ours, [(mnp.array(x), mnp.array(y))], metrics=["error"])
    fit(theirs, [(x, y)])
    assert_same_bits(ours, theirs)


def test_a_parameter_shared_by_two_layers_is_moved_once():
    def tied():
        net = nn.HybridSequential()
        first = nn.Dense(6, in_units=6)
        net.add(first, nn.Dense(6, in_units=6, params=first.params))
        return net

    ours, theirs = tied(), tied()
    fit(ours)
    oracles.train(theirs, batches(), LOSS(), sgd(), 3, 7)
    assert_same_bits(ours, theirs)
