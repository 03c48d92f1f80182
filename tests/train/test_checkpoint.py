"""Checkpoints: what is written is whole, and goes on to the last bit.

Kinds: property (any damage is noticed), oracle (an uninterrupted run),
known value, negative control.
"""

import errno
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import pytest

from fdl import data, train
from fdl._mxnet import mx
from fdl._mxnet import np as mnp
from fdl.errors import CheckpointError, ShapeError
from fdl.nn import FeedForward
from fdl.train import checkpoint
from fdl.train.archive import pack, read, unpack

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


def fit(net, epochs, **settings):
    settings = {
        "loss": LOSS(),
        "optimizer": sgd(momentum=0.9),
        "seed": 7,
        "validation": batches(30, seed=1),
        "metrics": ["error"],
        "data": batches(),
        **settings,
    }
    return train.fit(net, settings.pop("data"), epochs=epochs, **settings)


def there(folder):
    return sorted(path.name for path in folder.iterdir())


# -- the file


TREE = {
    "numbers": [1, 2.5, -0.1, float("inf"), None, True, "text"],
    "tuple": (np.arange(6.0).reshape(2, 3), (), (None,)),
    3: {"is": "a plain key here", "half": np.ones(2, "float16")},
    "scalar": np.float32(0.1),
    "empty": np.zeros((0, 2)),
    "zero dimensions": np.array(7, dtype="int64"),
}


def test_what_is_packed_comes_back():
    back = unpack(pack(TREE))
    assert back["numbers"] == TREE["numbers"]
    assert back["tuple"][1:] == ((), (None,))
    np.testing.assert_array_equal(back["tuple"][0], TREE["tuple"][0])
    assert back[3]["is"] == "a plain key here"
    assert back[3]["half"].dtype == np.float16
    assert back["scalar"] == float(np.float32(0.1))
    assert back["empty"].shape == (0, 2)
    assert back["zero dimensions"].shape == ()


def test_kinds_of_arrays_are_remembered():
    back = unpack(pack([np.ones(1), mnp.ones(1), mx.nd.ones(1)]))
    assert [array.kind for array in back] == ["numpy", "np", "nd"]


def test_a_checkpoint_is_a_plain_archive_of_arrays(tmp_path):
    path = tmp_path / "it.npz"
    path.write_bytes(pack({"numbers": TREE["numbers"], "tree": TREE}))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        body = path.read_bytes()[:-64]
        assert archive.comment.decode() == hashlib.sha256(body).hexdigest()
    with np.load(path, allow_pickle=False) as file:
        header = json.loads(file["header"].tobytes())
        assert header["numbers"][1] == 2.5
        for name in file.files:
            assert not file[name].dtype.hasobject


@pytest.mark.parametrize("bad", [{"a": object()}, [np.array([object()])]])
def test_objects_are_refused_and_never_pickled(bad):
    with pytest.raises(TypeError, match=r"is of type object|Python objects"):
        pack(bad)


def test_any_flipped_bit_is_noticed():
    content = pack(TREE)
    rng = random.Random(0)
    places = {0, 1, len(content) - 1, len(content) - 65, len(content) - 66}
    places |= {rng.randrange(len(content)) for _ in range(200)}
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 1 << rng.randrange(8)
        with pytest.raises(CheckpointError, match="damaged"):
            unpack(bytes(damaged))


@pytest.mark.parametrize("keep", [0, 1, 63, 64, 100, -1])
def test_a_truncated_file_is_noticed(keep):
    with pytest.raises(CheckpointError, match="damaged"):
        unpack(pack(TREE)[:keep])


# -- resuming


class Strange(mx.optimizer.Optimizer):
    """State of every form, and counts of its own, in NumPy's arrays."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.calls = 0
        self.trail = {}

    def create_state(self, index, weight):
        if index % 3 == 0:
            return None
        zeros = mnp.zeros(weight.shape)
        return zeros if index % 3 == 1 else (zeros, (zeros.copy(), None))

    def update(self, index, weight, grad, state):
        self._update_count(index)
        w, g = weight.as_np_ndarray(), grad.as_np_ndarray()
        self.calls += 1
        self.trail[index] = g * self.rescale_grad
        if state is not None:
            array = state if index % 3 == 1 else state[1][0]
            array[:] = 0.9 * array + g
            g = array
        w -= self._get_lr(index) * self.rescale_grad / self.calls**0.1 * g
        w -= 0.001 * self.trail[index]


class Shrinking(mx.lr_scheduler.LRScheduler):
    """A schedule that goes by how often it was asked."""

    def __call__(self, num_update):
        self.base_lr *= 0.97
        return self.base_lr


OPTIMIZERS = {
    "sgd": lambda: sgd(),
    "momentum": lambda: sgd(momentum=0.9),
    "adam": lambda: mx.optimizer.Adam(learning_rate=0.01),
    "nadam": lambda: mx.optimizer.Nadam(learning_rate=0.01),
    "dcasgd": lambda: mx.optimizer.DCASGD(learning_rate=0.1),
    "schedule": lambda: sgd(
        lr_scheduler=mx.lr_scheduler.FactorScheduler(3, 0.7, base_lr=0.1),
        momentum=0.9,
    ),
    "shrinking": lambda: sgd(lr_scheduler=Shrinking(base_lr=0.1)),
    "strange": lambda: Strange(learning_rate=0.05),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_resuming_equals_not_stopping(name, tmp_path):
    make = OPTIMIZERS[name]
    whole, first, second = everything(), everything(), everything()
    expected = fit(whole, 5, optimizer=make())
    fit(first, 2, optimizer=make(), checkpoint=tmp_path)
    second.initialize(mx.init.One())  # what it starts from is replaced
    history = fit(
        second, 5, optimizer=make(), checkpoint=tmp_path, resume=True
    )
    assert_same_bits(whole, second)
    assert dict(history) == dict(expected)
    assert history.batch_loss == expected.batch_loss
    assert (history.steps, history.epochs) == (20, 5)


@pytest.mark.parametrize("lost", ["states", "settings"])
def test_the_optimizers_state_is_needed(lost, tmp_path, monkeypatch):
    """Negative control: without it, the bits are others."""
    whole, net = everything(), everything()
    fit(whole, 3, optimizer=OPTIMIZERS["adam"]())
    fit(net, 2, optimizer=OPTIMIZERS["adam"](), checkpoint=tmp_path)
    original = checkpoint.restore_optimizer

    def forgetful(trainer, state):
        original(trainer, {**state, lost: {}})

    monkeypatch.setattr(checkpoint, "restore_optimizer", forgetful)
    fit(
        net,
        3,
        optimizer=OPTIMIZERS["adam"](),
        checkpoint=tmp_path,
        resume=True,
    )
    with pytest.raises(AssertionError):
        assert_same_bits(whole, net)


def test_a_changed_learning_rate_goes_on(tmp_path):
    class Halve:
        def on_epoch_end(self, run):
            run.trainer.set_learning_rate(run.trainer.learning_rate / 2)

    whole, net = dense(), dense()
    fit(whole, 4, callbacks=[Halve()])
    fit(net, 2, callbacks=[Halve()], checkpoint=tmp_path)
    fit(net, 4, callbacks=[Halve()], checkpoint=tmp_path, resume=True)
    assert_same_bits(whole, net)


def test_resuming_on_more_devices_takes_the_state_along(tmp_path):
    whole, net = dense(), dense()
    two = [mx.cpu(0), mx.cpu(1)]
    fit(whole, 4)
    fit(net, 2, checkpoint=tmp_path, device=two)
    fit(net, 3, checkpoint=tmp_path, device=two[:1], resume=True)
    fit(net, 4, checkpoint=tmp_path, device=two, resume=True)
    for one, other in zip(values(whole), values(net)):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_finished_run_is_returned_and_not_repeated(tmp_path):
    net, again = dense(), dense()
    expected = fit(net, 3, checkpoint=tmp_path)
    seen = []

    class Spy:
        def on_epoch_begin(self, run):
            seen.append(run.epoch)

    history = fit(
        again, 3, checkpoint=tmp_path, resume=True, callbacks=[Spy()]
    )
    assert seen == []
    assert dict(history) == dict(expected)
    assert (history.steps, history.epochs) == (12, 3)
    assert history.batch_loss == expected.batch_loss
    assert_same_bits(net, again)


def test_resuming_from_nothing_is_starting(tmp_path):
    ours, theirs = dense(), dense()
    fit(ours, 2, checkpoint=tmp_path / "new" / "folder", resume=True)
    fit(theirs, 2)
    assert_same_bits(ours, theirs)


def test_without_a_seed_the_saved_one_counts_on(tmp_path):
    whole, net = everything(), everything()
    np.random.seed(1)
    seed = fit(whole, 4, seed=None).seed
    np.random.seed(1)
    fit(net, 2, seed=None, checkpoint=tmp_path)
    history = fit(net, 4, seed=None, checkpoint=tmp_path, resume=True)
    assert history.seed == seed
    assert_same_bits(whole, net)


def test_early_stopping_goes_on_counting(tmp_path):
    def stopping():
        return [train.EarlyStopping("validation_loss", 2)]

    hot = {"optimizer": sgd(3.0, momentum=0.9)}  # so that it does not improve
    whole, net = dense(), dense()
    expected = fit(whole, 12, callbacks=stopping(), **hot)
    assert 3 < expected.epochs < 12
    for epochs in range(1, 13):
        history = fit(
            net,
            epochs,
            callbacks=stopping(),
            checkpoint=tmp_path,
            resume=True,
            **hot,
        )
        if history.stopped:
            break
    assert history.epochs == epochs == expected.epochs
    assert history.stopped == expected.stopped
    assert_same_bits(whole, net)
    # and again, now that it has stopped
    again = dense()
    history = fit(
        again,
        12,
        callbacks=stopping(),
        checkpoint=tmp_path,
        resume=True,
        **hot,
    )
    assert history.stopped == expected.stopped
    assert_same_bits(whole, again)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"optimizer": sgd(momentum=0.5)}, r"`optimizer.momentum` is 0.5 h"),
        ({"optimizer": sgd(0.2, momentum=0.9)}, "`optimizer.lr` is 0.2 here"),
        ({"optimizer": mx.optimizer.Adam()}, "`optimizer.*is .*here and was"),
        ({"seed": 8}, "`seed` is 8 here and was 7"),
        ({"data": batches(size=10)}, "`batches.batch_size` is 10 here and wa"),
        ({"data": batches(49)}, "`batches.examples` is 49 here and was 50"),
        ({"loss": lambda o, y: (o * o).mean(axis=1)}, "`loss` is .*lambda"),
        ({"metrics": []}, "`curves` is"),
        ({"net": everything}, "`parameters.*is .* here and was"),
        ({"config": {"width": 3}}, "`config.width` is 3 here and was 2"),
        ({"epochs": 1}, r"`epochs` \(=1\) must be at least 2"),
    ],
)
def test_another_run_is_not_continued(changed, words, tmp_path):
    def saved(config=None):
        return train.Checkpoints(tmp_path, config=config or {"width": 2})

    fit(dense(), 2, checkpoint=saved())
    net = changed.pop("net", dense)()
    epochs = changed.pop("epochs", 3)
    folder = saved(changed.pop("config", None))
    with pytest.raises(ValueError, match=words) as caught:
        fit(net, epochs, checkpoint=folder, resume=True, **changed)
    assert str(caught.value).count("\n") == 0


def moved():
    x, y = rows(50)
    return data.Minibatches(x + 1, y, 16)


def relabelled():
    x, y = rows(50)
    return data.Minibatches(x, (y + 1) % 3, 16)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"data": data.Minibatches(*rows(50, seed=1), 16)}, "batches"),
        ({"data": relabelled()}, "batches"),
        ({"data": moved()}, "batches"),
        ({"data": list(batches().epoch(1))}, "batches"),
        ({"validation": data.Minibatches(*rows(30, 1), 16)}, "validation"),
    ],
)
def test_other_data_are_not_trained_on(changed, name, tmp_path):
    settings = {}
    if isinstance(changed.get("data"), list):
        settings["data"] = list(batches().epoch(0))
    fit(dense(), 2, checkpoint=tmp_path, **settings)
    net = dense()
    words = rf"^`{name}` .* must hold the data of the run in .*; its first ba"
    with pytest.raises(ValueError, match=words) as caught:
        fit(net, 3, checkpoint=tmp_path, resume=True, **changed)
    assert str(caught.value).count("\n") == 0
    fit(net, 3, checkpoint=tmp_path, resume=True, **settings)


@pytest.mark.parametrize("generator", [np.random, np.random.default_rng()])
def test_chance_in_the_data_is_no_other_data(generator, tmp_path):
    """Global generators are seeded; of others nothing can be known."""
    x, y = rows(50)

    class Shuffled:
        def __init__(self, shift=0):
            self.shift = shift

        def __iter__(self):
            order = generator.permutation(50)
            yield x[order] + self.shift, y[order]

    whole, net = dense(), dense()
    fit(net, 2, checkpoint=tmp_path, data=Shuffled())
    fit(net, 4, checkpoint=tmp_path, data=Shuffled(), resume=True)
    if generator is np.random:
        fit(whole, 4, data=Shuffled())
        assert_same_bits(whole, net)
        with pytest.raises(ValueError, match="its first batch is another"):
            fit(net, 5, checkpoint=tmp_path, data=Shuffled(1), resume=True)


def test_a_checkpoint_of_before_data_were_told_apart_is_taken(
    tmp_path, monkeypatch
):
    whole, net = dense(), dense()
    fit(whole, 4, callbacks=[train.EarlyStopping("loss")])
    monkeypatch.setattr(train.run, "fingerprints", lambda run: {})
    monkeypatch.setattr(checkpoint, "_name", lambda c: type(c).__name__)
    stopping = train.EarlyStopping("loss")
    fit(net, 2, checkpoint=tmp_path, callbacks=[stopping])
    monkeypatch.undo()
    for epochs in (2, 4):
        stopping = train.EarlyStopping("loss")
        fit(
            net, epochs, checkpoint=tmp_path, callbacks=[stopping], resume=True
        )
        assert stopping.best_epoch == epochs
    assert_same_bits(whole, net)


def test_two_of_a_kind_get_each_its_own_state_back(tmp_path):
    def pair():
        return [
            train.EarlyStopping("validation_loss", 50, restore=False),
            train.EarlyStopping("validation_error", 60, restore=False),
        ]

    fit(dense(), 3, checkpoint=tmp_path, callbacks=pair())
    second, first = pair()[::-1], pair()
    fit(dense(), 3, checkpoint=tmp_path, callbacks=second, resume=True)
    fit(dense(), 3, checkpoint=tmp_path, callbacks=first[:1], resume=True)
    saved = read(tmp_path / "epoch-000003.npz")["history"]["curves"]
    loss, error = saved["validation_loss"], saved["validation_error"]
    assert second[1].best == first[0].best == min(loss)
    assert second[0].best == min(error)


def test_callbacks_of_one_name_get_their_states_in_order(tmp_path):
    class Holder:
        def __init__(self, value):
            self.value = value

        def on_epoch_end(self, run):
            pass

        def state(self):
            return self.value

        def restore(self, state):
            self.value = state

    fit(dense(), 1, checkpoint=tmp_path, callbacks=[Holder(1), Holder(2)])
    again = [Holder(0), Holder(0)]
    fit(dense(), 2, checkpoint=tmp_path, resume=True, callbacks=again)
    assert [one.value for one in again] == [1, 2]


def test_a_state_that_cannot_be_saved_is_named(tmp_path):
    class Odd:
        def on_epoch_end(self, run):
            pass

        def state(self):
            return {"x": object()}

        def restore(self, state):
            pass

    words = "`callbacks` must have a state that .* numbers, text and arrays; x"
    with pytest.raises(TypeError, match=words):
        fit(dense(), 2, checkpoint=tmp_path, callbacks=[Odd()])
    assert there(tmp_path) == []


def test_a_folder_that_may_not_be_written_is_known_at_the_start(
    tmp_path, monkeypatch
):
    def denied(*arguments, **more):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", denied)
    with pytest.raises(CheckpointError, match="written: Permission") as caught:
        fit(dense(), 1, checkpoint=tmp_path)
    assert not hasattr(caught.value, "history")  # no step was taken


def test_a_folder_in_use_is_not_written_over(tmp_path):
    fit(dense(), 1, checkpoint=tmp_path)
    before = (tmp_path / "epoch-000001.npz").read_bytes()
    with pytest.raises(ValueError, match="`checkpoint`.*unless resume=True"):
        fit(dense(), 1, checkpoint=tmp_path)
    assert (tmp_path / "epoch-000001.npz").read_bytes() == before


def test_an_optimizer_that_cannot_be_saved_says_so_at_once(tmp_path):
    optimizer = sgd()
    optimizer.extra = [object()]
    with pytest.raises(TypeError, match="`optimizer`.*extra is of type obj"):
        fit(dense(), 1, optimizer=optimizer, checkpoint=tmp_path)
    assert there(tmp_path) == []


# -- the folder


def script(*errors):
    """Return a metric that reads its values on validation from a script."""
    left = list(errors)

    def each(output, y):
        if len(y) == 7:
            return np.full(7, left.pop(0))
        return np.zeros(len(y))

    return {
        "metrics": [train.Metric("error", each)],
        "validation": batches(7),
    }


def test_the_latest_and_the_best_are_kept(tmp_path):
    fit(
        dense(),
        9,
        checkpoint=tmp_path,
        **script(9, 2, 3, 4, 5, 6, 7, 8, 9),
    )
    kept = [2, 5, 6, 7, 8, 9]
    assert there(tmp_path) == [f"epoch-{e:06d}.npz" for e in kept]


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"keep": 1}, [2, 4]),
        ({"keep": 2, "best": "validation_error"}, [2, 3, 4]),
        ({"keep": 1, "best": "loss"}, [4]),
    ],
)
def test_how_many_and_by_what(settings, kept, tmp_path):
    saved = train.Checkpoints(tmp_path, **settings)
    fit(dense(), 4, checkpoint=saved, **script(2, 1, 3, 4))
    assert there(tmp_path) == [f"epoch-{e:06d}.npz" for e in kept]


def test_settings_that_are_none_are_refused(tmp_path):
    with pytest.raises(TypeError, match="`folder` .=5. must be the path"):
        train.Checkpoints(5)
    with pytest.raises(TypeError, match="`folder` .=None. must be the path"):
        train.load_parameters(dense(), None)
    with pytest.raises(ValueError, match="`config` .* must be a mapping"):
        train.Checkpoints(tmp_path, config=[1])


def test_more_accuracy_is_better(tmp_path):
    scripted = script(0.1, 0.9, 0.5)
    metric = scripted["metrics"][0]
    scripted["metrics"] = [train.Metric("gain", metric.each, larger=True)]
    saved = train.Checkpoints(tmp_path, keep=1, best="validation_gain")
    fit(dense(), 3, checkpoint=saved, **scripted)
    assert there(tmp_path) == ["epoch-000002.npz", "epoch-000003.npz"]


def test_an_unknown_curve_cannot_be_best(tmp_path):
    saved = train.Checkpoints(tmp_path, best="acuracy")
    with pytest.raises(ValueError, match="`best` .='acuracy'. must be a curv"):
        fit(dense(), 1, checkpoint=saved)


def test_parameters_can_be_had_without_the_run(tmp_path):
    tracked = {}

    class Keep:
        def on_epoch_end(self, run):
            tracked[run.epoch] = list(run.parameters().values())

    fit(
        everything(),
        4,
        checkpoint=tmp_path,
        callbacks=[Keep()],
        **script(3, 1, 2, 4),
    )
    for which, epoch in (("latest", 4), ("best", 2)):
        net = everything()
        assert train.load_parameters(net, tmp_path, which) == epoch
        for one, two in zip(values(net), tracked[epoch]):
            np.testing.assert_array_equal(one, two)
    with pytest.raises(ValueError, match="`net` must have the same param"):
        train.load_parameters(dense(), tmp_path)
    with pytest.raises(CheckpointError, match="holds no whole checkpoint"):
        train.load_parameters(dense(), tmp_path / "nothing")


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize(
    ("sizes", "shapes"),
    [
        ((6, 5, 4), r"output.weight is \(4, 5\) in the network and \(3, 5\)"),
        ((7, 5, 3), r"hidden1.weight is \(5, 7\) in the net.* and \(5, 6\)"),
    ],
)
def test_parameters_of_other_shapes_are_refused_as_a_whole(
    sizes, shapes, started, tmp_path
):
    fit(FeedForward((6, 5, 3)), 1, checkpoint=tmp_path)
    net = FeedForward(sizes)
    if started:
        net.initialize()
        before = values(net)
    words = rf"^`net` must have the same shapes as saved in .*; {shapes}"
    with pytest.raises(ShapeError, match=words):
        train.load_parameters(net, tmp_path)
    if started:
        for one, two in zip(before, values(net)):
            np.testing.assert_array_equal(one, two)
    else:
        assert all(p._data is None for p in net.collect_params().values())
    with pytest.raises(TypeError, match="`net`.*must be a gluon Block"):
        train.load_parameters(print, tmp_path)


def test_sizes_that_show_later_are_taken_from_the_file(tmp_path):
    ours, theirs = dense(), dense()
    fit(ours, 1, checkpoint=tmp_path)
    theirs.initialize()  # its inputs are not known yet
    train.load_parameters(theirs, tmp_path)
    assert_same_bits(ours, theirs)


@pytest.mark.parametrize("how", ["flip", "cut", "empty", "text"])
def test_damaged_files_are_passed_over_with_one_notice(how, tmp_path, capsys):
    whole, net = everything(), everything()
    fit(whole, 5)
    fit(net, 4, checkpoint=tmp_path)
    for epoch in (3, 4):
        path = tmp_path / f"epoch-{epoch:06d}.npz"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(
            {
                "flip": content,
                "cut": content[: len(content) // 2],
                "empty": b"",
                "text": b"x" * 500,
            }[how]
        )
    capsys.readouterr()
    fit(net, 5, checkpoint=tmp_path, resume=True)
    notice = capsys.readouterr().err
    assert notice.count("\n") == 1
    assert "epoch-000004.npz, epoch-000003.npz damaged" in notice
    assert "epoch 2 is taken instead" in notice
    assert_same_bits(whole, net)
    for path in tmp_path.iterdir():
        read(path)  # the damaged ones were written anew


def test_when_all_are_damaged_the_run_starts_over(tmp_path, capsys):
    whole, net = dense(), dense()
    fit(whole, 2)
    fit(dense(), 1, checkpoint=tmp_path)
    (tmp_path / "epoch-000001.npz").write_bytes(b"no")
    fit(net, 2, checkpoint=tmp_path, resume=True)
    assert "no other is left" in capsys.readouterr().err
    assert_same_bits(whole, net)


def test_files_of_other_names_are_neither_read_nor_removed(tmp_path):
    names = [".epoch-000009.77.tmp", "notes.txt", "epoch-000009.npz.tmp"]
    for name in names:
        (tmp_path / name).write_bytes(b"half of a file")
    net = dense()
    fit(net, 2, checkpoint=tmp_path, resume=True)
    assert there(tmp_path) == [
        "epoch-000001.npz",
        "epoch-000002.npz",
        *sorted(names[1:]),
    ]


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_full_disk_is_one_message_and_leaves_what_was(
    where, tmp_path, monkeypatch
):
    whole, net = dense(), dense()
    fit(whole, 3)
    original = getattr(os, where)
    # the trial of the folder, then each file and its folder, are synced
    left = [4 if where == "fsync" else 2]

    def full(*arguments):
        left[0] -= 1
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(*arguments)

    monkeypatch.setattr(os, where, full)
    words = "epoch-000002.npz cannot be written: the disk is full"
    with pytest.raises(CheckpointError, match=words) as caught:
        fit(net, 3, checkpoint=tmp_path)
    assert caught.value.history.epochs == 2
    monkeypatch.undo()
    assert there(tmp_path) == ["epoch-000001.npz"]
    fit(net, 3, checkpoint=tmp_path, resume=True)
    assert_same_bits(whole, net)


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CheckpointError, match="cannot be written: Not a dir"):
        fit(dense(), 1, checkpoint=tmp_path / "file" / "folder")


# -- kill -9


# One process imports and forks; each child is a run that gets killed, so
# that twenty lives do not cost twenty imports.
LIVES = """
import os, random, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from train.tasks import LOSS, batches, everything, sgd
from fdl import train

folder, result = Path(sys.argv[2]), sys.argv[3]

def live():
    net = everything()
    train.fit(
        net, batches(), loss=LOSS(), optimizer=sgd(momentum=0.9), epochs=60,
        validation=batches(30, seed=1), metrics=["error"], seed=7,
        checkpoint=folder, resume=True, callbacks=[
            train.EarlyStopping("validation_loss", 100, restore=False)],
    )
    net.save_parameters(result)

def there():
    return sorted(os.listdir(folder)) if folder.exists() else []

def start():
    child = os.fork()
    if child:
        return child
    try:
        live()
    finally:
        os._exit(0 if os.path.exists(result) else 1)

rng = random.Random(5)
for _ in range(20):
    before, child = there(), start()
    end = time.monotonic() + 30
    while there() == before and time.monotonic() < end:
        time.sleep(0.0005)
    time.sleep(rng.random() * 0.03)  # training, or saving: any moment
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it ended before it was killed"
    print(*there(), flush=True)
assert os.waitpid(start(), 0)[1] == 0
"""


@pytest.mark.slow
def test_twenty_kills_change_nothing(tmp_path):
    folder, result = tmp_path / "saved", tmp_path / "result"
    tests = os.path.dirname(os.path.dirname(__file__))
    lives = subprocess.run(
        [sys.executable, "-c", LIVES, tests, str(folder), str(result)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert lives.returncode == 0, lives.stderr
    assert "damaged" not in lives.stderr
    after_each = lives.stdout.splitlines()
    assert len(after_each) == 20
    assert len(set(after_each)) > 5  # the kills hit different moments
    assert not any(name.endswith(".tmp") for name in there(folder))
    whole, net = everything(), everything()
    fit(
        whole,
        60,
        callbacks=[train.EarlyStopping("validation_loss", 100, restore=False)],
    )
    net.load_parameters(str(result))
    assert_same_bits(whole, net)
