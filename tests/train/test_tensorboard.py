"""TensorBoard: what was written is read back with its own reader."""

import errno
import os
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from fdl import train
from fdl._mxnet import gluon, nn
from fdl.train.tensorboard import nodes_of, pictures

from .tasks import LOSS, batches, dense, everything, sgd

accumulators = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator"
)


def events(folder):
    everything_there = {"scalars": 0, "histograms": 0, "images": 0}
    return accumulators.EventAccumulator(
        str(folder), size_guidance=everything_there
    ).Reload()


def fit(folder, epochs=3, net=None, **settings):
    board = {
        key: settings.pop(key)
        for key in ("histograms", "graph", "images")
        if key in settings
    }
    return train.fit(
        net or dense(),
        settings.pop("data", batches()),
        loss=LOSS(),
        optimizer=sgd(),
        epochs=epochs,
        seed=7,
        metrics=["error"],
        validation=batches(9),
        callbacks=[train.TensorBoard(folder, **board)],
        **settings,
    )


def test_curves_are_all_there(tmp_path):
    history = fit(tmp_path)
    found = events(tmp_path)
    losses = found.Scalars("loss")
    assert [event.step for event in losses] == list(range(1, 13))
    np.testing.assert_allclose(
        [event.value for event in losses], history.batch_loss, rtol=1e-6
    )
    assert set(found.Tags()["scalars"]) == {
        "loss",
        "epoch_loss",
        "error",
        "validation_loss",
        "validation_error",
    }
    for tag, curve in [("epoch_loss", "loss"), *[(n, n) for n in history][1:]]:
        written = found.Scalars(tag)
        assert [event.step for event in written] == [4, 8, 12]
        np.testing.assert_allclose(
            [event.value for event in written], history[curve], rtol=1e-6
        )


def test_histograms_hold_every_parameter(tmp_path):
    net = everything()
    fit(tmp_path, net=net)
    found = events(tmp_path)
    assert "parameters/1/running_var" in found.Tags()["histograms"]
    last = found.Histograms("parameters/0/weight")[-1]
    weight = net[0].weight.data().asnumpy()
    assert last.step == 12
    assert last.histogram_value.num == weight.size
    assert last.histogram_value.min == pytest.approx(weight.min())
    assert last.histogram_value.sum == pytest.approx(weight.sum(), rel=1e-4)


def test_the_graph_is_the_networks(tmp_path):
    fit(tmp_path, net=everything())
    nodes = {node.name: node for node in events(tmp_path).Graph().node}
    assert nodes["input"].op == "Placeholder"
    assert nodes["0/weight"].op == "Variable"
    assert nodes["0/fwd"].op == "FullyConnected"
    assert list(nodes["0/fwd"].input) == ["input", "0/weight", "0/bias"]
    assert nodes["1/fwd"].op == "BatchNorm"
    assert nodes["1/fwd"].input[0] == "0/fwd"
    assert nodes["0/fwd"].attr["num_hidden"].s == b"8"
    for node in nodes.values():  # nothing hangs in the air
        assert set(node.input) <= set(nodes)


def test_nested_blocks_become_nested_names():
    inner, outer = dense(), nn.HybridSequential()
    outer.add(inner, nn.Dense(2))
    names = [node["name"] for node in nodes_of(outer)]
    assert "0/1/weight" in names
    assert "1/weight" in names
    assert len(set(names)) == len(names)


def test_a_block_whose_name_starts_like_its_parents_keeps_its_place():
    outer = nn.HybridSequential(prefix="outer_")
    with outer.name_scope():
        outer.add(nn.Dense(2, prefix="first_"), nn.Dense(2))
    names = [node["name"] for node in nodes_of(outer)]
    assert names[:3] == ["input", "0/weight", "0/bias"]
    assert "1/fwd" in names


def test_graphs_of_several_inputs_and_outputs():
    class Two(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b):
            return a + b, a * b

    nodes = nodes_of(Two(), inputs=2)
    assert [n["op"] for n in nodes].count("Placeholder") == 2
    assert len(nodes) == 4


def test_images_are_the_first_inputs(tmp_path):
    x = np.random.default_rng(0).random((5, 16)).astype("float32")
    data = [(x, np.arange(5, dtype="int32") % 3)]
    train.fit(
        dense(),
        data,
        loss=LOSS(),
        optimizer=sgd(),
        epochs=1,
        callbacks=[train.TensorBoard(tmp_path, images=2)],
    )
    (image,) = events(tmp_path).Images("inputs")
    assert (image.height, image.width) == (4, 8)  # two, side by side


@pytest.mark.parametrize(
    ("shape", "seen"),
    [
        ((2, 9), (2, 1, 3, 3)),
        ((2, 4, 5), (2, 1, 4, 5)),
        ((2, 3, 4, 5), (2, 3, 4, 5)),
    ],
)
def test_what_can_be_a_picture(shape, seen):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    found = pictures(x)
    assert found.shape == seen
    np.testing.assert_array_equal(found.ravel(), x.ravel())  # row by row


@pytest.mark.parametrize("shape", [(2, 8), (2,), (2, 1), (2, 2, 4, 4)])
def test_what_cannot(shape):
    with pytest.raises(ValueError, match="`images`"):
        pictures(np.zeros(shape))


def test_parts_can_be_left_out(tmp_path):
    fit(tmp_path, histograms=False, graph=False)
    tags = events(tmp_path).Tags()
    assert tags["histograms"] == []
    assert not tags["graph"]
    with pytest.raises(ValueError, match="`images`"):
        train.TensorBoard(tmp_path, images=-1)
    with pytest.raises(TypeError, match="`folder` .=None. must be the path"):
        train.TensorBoard(None)


def test_a_resumed_run_writes_one_curve(tmp_path):
    class Crash:
        def on_epoch_end(self, run):
            if run.epoch == 3:  # written to the board, but never saved
                raise KeyboardInterrupt

    board = train.TensorBoard(tmp_path / "board")
    settings = {
        "loss": LOSS(),
        "optimizer": sgd(),
        "epochs": 4,
        "seed": 7,
        "checkpoint": tmp_path / "saved",
    }
    with pytest.raises(KeyboardInterrupt):
        train.fit(dense(), batches(), callbacks=[board, Crash()], **settings)
    history = train.fit(
        dense(), batches(), callbacks=[board], resume=True, **settings
    )
    losses = events(tmp_path / "board").Scalars("loss")
    assert [event.step for event in losses] == list(range(1, 17))
    np.testing.assert_allclose(
        [event.value for event in losses], history.batch_loss, rtol=1e-6
    )


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_is_none_is_refused_at_the_start(name, tmp_path):
    (tmp_path / "file").write_text("in the way")
    net = dense()
    words = r"^`folder` \(='.*\) must be a folder that can be written: \w+"
    with pytest.raises(ValueError, match=words):
        fit(tmp_path / name, net=net)
    assert net[0].weight._data is None


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    def denied(*arguments, **more):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", denied)
    with pytest.raises(ValueError, match="`folder`.*written: Permission den"):
        fit(tmp_path / "board")


# A limit on the size of files stands for a disk that is full.
FULL = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from train.tasks import LOSS, batches, dense, sgd
from fdl import train

resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
train.fit(dense(), batches(), loss=LOSS(), optimizer=sgd(), epochs=30, seed=7,
          callbacks=[train.TensorBoard(sys.argv[2])])
"""


def test_a_full_disk_is_one_message_and_no_endless_wait(tmp_path):
    tests = os.path.dirname(os.path.dirname(__file__))
    run = subprocess.run(
        [sys.executable, "-c", FULL, tests, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    last = run.stderr.splitlines()[-1]
    assert last == f"OSError: {tmp_path} cannot be written: the disk is full."
    assert "Exception ignored" not in run.stderr
    assert "thread" not in run.stderr.lower()
