"""Oracle: what is written with its graph gives the same outputs elsewhere."""

import numpy as onp
import pytest

from fdl import nn, train
from fdl._mxnet import gluon, np, npx
from fdl.language import Reader
from fdl.representation import Autoencoder
from fdl.vision import ConvNet, LeNet5, resnet_cifar, vgg11


class Recurrent(gluon.HybridBlock):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def hybrid_forward(self, F, x):
        return nn.run(self.cell, x)[0]


def convnet():
    return ConvNet((1, 8, 8), (4, 8), (16,), 10, extent=3, norm=True)


NETS = {
    "feed-forward": (lambda: nn.FeedForward((8, 16, 3)), (8,)),
    "convnet": (convnet, (1, 8, 8)),
    "vgg11": (lambda: vgg11(classes=10, size=32), (3, 32, 32)),
    "autoencoder": (lambda: Autoencoder((20, 8, 2)), (20,)),
    "lenet5": (LeNet5, (1, 32, 32)),
    "resnet": (lambda: resnet_cifar(8), (3, 32, 32)),
    "wavenet": (nn.WaveNet, (1, 32)),
    "lstm": (lambda: Recurrent(nn.LSTMCell(8)), (5, 4)),
}


def exported(net, x, folder):
    """Let a network meet a batch, and write it."""
    net.initialize()
    net.hybridize()
    net(np.array(x))
    npx.waitall()
    net.export(str(folder / "net"))
    return str(folder / "net-symbol.json"), str(folder / "net-0000.params")


@pytest.mark.filterwarnings("ignore:Cannot decide type")
@pytest.mark.parametrize("name", NETS)
def test_a_graph_comes_back(name, tmp_path):
    make, shape = NETS[name]
    x = onp.random.normal(size=(3, *shape)).astype("float32")
    net = make()
    graph, numbers = exported(net, x, tmp_path)
    back = gluon.SymbolBlock.imports(graph, ["data"], numbers)
    for rows in (x, x[:1], 2 * x):  # other sizes, other values
        onp.testing.assert_allclose(
            back(np.array(rows)).asnumpy(),
            train.predict(net, rows),
            atol=1e-5,
        )


@pytest.mark.filterwarnings("ignore:Cannot decide type")
def test_a_graph_of_two_inputs_comes_back(tmp_path):
    net = Reader(20, embedding=4, hidden=4)
    net.initialize()
    net.hybridize()
    words = np.array([[3, 7, 0], [5, 2, 9]], dtype="int32")
    lengths = np.array([2, 3], dtype="int32")
    expected = net(words, lengths).asnumpy()
    net.export(str(tmp_path / "net"))
    back = gluon.SymbolBlock.imports(
        str(tmp_path / "net-symbol.json"),
        ["data0", "data1"],
        str(tmp_path / "net-0000.params"),
    )
    onp.testing.assert_allclose(
        back(words, lengths).asnumpy(), expected, atol=1e-6
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(NETS)[:4])
def test_onnx_gives_the_same_outputs(name, tmp_path):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from mxnet import onnx

    make, shape = NETS[name]
    x = onp.random.normal(size=(3, *shape)).astype("float32")
    net = make()
    written = exported(net, x, tmp_path)
    path = str(tmp_path / "net.onnx")
    onnx.export_model(*written, [x.shape], "float32", path)
    session = runtime.InferenceSession(
        path, providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {session.get_inputs()[0].name: x})
    onp.testing.assert_allclose(found, train.predict(net, x), atol=1e-4)
