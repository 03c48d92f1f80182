"""What TensorBoard shows of a run: scalars, histograms, images, the graph."""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as onp

from fdl._folders import reason, try_writing
from fdl._mxnet import gluon, mx
from fdl.errors import must
from fdl.train import checks
from fdl.train.callbacks import Callback

__all__ = ["TensorBoard", "graph_of", "nodes_of"]

# Where TensorBoard wants a histogram's buckets to end, from −10²⁰ to 10²⁰.
ENDS = onp.array([1e-12 * 1.1**k for k in range(774)])
BINS = onp.concatenate([-ENDS[::-1], [0.0], ENDS])


class TensorBoard(Callback):
    """Write a run's curves, parameters and graph for TensorBoard.

    The tags: ``loss`` of every minibatch; of every epoch ``epoch_loss``, the
    metrics and everything taken on the validation data, and a histogram
    ``parameters/NAME`` per parameter; the first inputs as ``inputs``. Steps
    are minibatches. Everything is written once per epoch, so that the loop
    does not wait.

    Parameters
    ----------
    folder : path
        Show it with ``tensorboard --logdir FOLDER``.
    histograms : bool
        Whether to write the parameters' histograms.
    graph : bool
        Whether to write the network's graph, if it is a hybrid block.
    images : int
        How many of the first minibatch's inputs to show; they must be
        pictures, `(B, H, W)`, `(B, C, H, W)` or flat and square.

    Examples
    --------
    >>> from fdl import data, nn, train
    >>> toy = data.Minibatches(onp.zeros((4, 9)), onp.zeros(4), 2)
    >>> board = TensorBoard("board", images=3)  # nine inputs: 3 × 3 pixels
    >>> history = train.fit(
    ...     nn.FeedForward((9, 2)), toy, loss=nn.cross_entropy,
    ...     optimizer="sgd", epochs=1, callbacks=[board], seed=0)
    >>> [path.name.split(".")[0] for path in Path("board").iterdir()]
    ['events']
    """

    def __init__(
        self,
        folder: Any,
        histograms: bool = True,
        graph: bool = True,
        images: int = 0,
    ) -> None:
        self.folder = checks.path("folder", folder)
        self.histograms = bool(histograms)
        self.graph = bool(graph)
        self.images = checks.whole("images", images, 0)
        self._events: Any = None

    def check(self, run: Any) -> None:
        """Refuse images where the inputs are none, and a folder that is."""
        if self.images:
            pictures(run.example[0][0][:1])
        try:
            try_writing(self.folder)
        except OSError as error:
            rule = f"be a folder that can be written: {reason(error)}"
            raise must("folder", str(self.folder), rule) from None

    def on_fit_begin(self, run: Any) -> None:
        """Open the event file; write the graph and the images."""
        from tensorboardX import summary

        self._written = run.step
        inputs, _ = run.example
        with self._disk():
            self._events = _Events(self.folder, run.step)
            if self.graph and isinstance(run.net, gluon.HybridBlock):
                graph = graph_of(run.net, len(inputs)).SerializeToString()
                self._events.add(0, graph_def=graph)
            if self.images:
                shown = pictures(onp.asarray(inputs[0][: self.images]))
                image = summary.image("inputs", shown, dataformats="NCHW")
                self._events.add(run.step, summary=image)

    def on_epoch_end(self, run: Any) -> None:
        """Write what the epoch brought."""
        from tensorboardX import summary

        events, losses = self._events, run.history.batch_loss
        with self._disk():
            for step in range(self._written, len(losses)):
                loss = summary.scalar("loss", losses[step])
                events.add(step + 1, summary=loss)
            self._written = len(losses)
            for name, values in run.history.items():
                tag = "epoch_loss" if name == "loss" else name
                events.add(run.step, summary=summary.scalar(tag, values[-1]))
            if self.histograms:
                for name, value in run.parameters().items():
                    tag = "parameters/" + name.replace(".", "/")
                    drawn = summary.histogram(tag, value, BINS)
                    events.add(run.step, summary=drawn)
            events.flush()

    def on_fit_end(self, run: Any) -> None:
        """Close the event file."""
        with self._disk():
            self._close()

    def _close(self) -> None:
        if self._events is not None:
            events, self._events = self._events, None
            events.close()

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Say in which folder it was that something could not be written."""
        try:
            yield
        except OSError as error:
            with contextlib.suppress(OSError):
                self._close()
            raise OSError(
                f"{self.folder} cannot be written: {reason(error)}."
            ) from None


class _Events:
    """An event file, written where the caller stands.

    The writer of tensorboardX hands everything to a thread. On a full disk
    that thread dies, and the run would wait for it for ever.
    """

    def __init__(self, folder: Path, step: int) -> None:
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import SessionLog

        # file names tell seconds, and a run may be resumed within one
        suffix = f".{step:09d}.{os.getpid()}"
        self._writer = EventsWriter(str(folder / "events"), suffix)
        self.flush, self.close = self._writer.flush, self._writer.close
        if step:  # after a crash, what was written past the checkpoint is void
            log = SessionLog(status=SessionLog.START)
            self.add(step + 1, file_version="brain.Event:2")
            self.add(step + 1, session_log=log)

    def add(self, step: int, **content: Any) -> None:
        """Write an event."""
        from tensorboardX.proto.event_pb2 import Event

        event = Event(wall_time=time.time(), step=step, **content)
        self._writer.write_event(event)


def pictures(x: Any) -> onp.ndarray:
    """Return inputs as `(B, C, H, W)`, if that is what they can be."""
    x = onp.asarray(x)
    if x.ndim == 2:
        side = math.isqrt(x.shape[1])
        if side > 1 and side * side == x.shape[1]:
            x = x.reshape(len(x), side, side)
    if x.ndim == 3:
        x = x[:, None]
    if x.ndim != 4 or x.shape[1] not in (1, 3):
        raise must(
            "images",
            f"inputs of shape {x.shape}",
            "be 0, or the inputs pictures: (B, H, W), (B, 1 or 3, H, W), or "
            "flat and square",
        )
    return x


def nodes_of(net: Any, inputs: int = 1) -> list[dict[str, Any]]:
    """Return the nodes of a hybrid block's graph.

    Parameters
    ----------
    net : gluon.HybridBlock
        It is called with symbols.
    inputs : int
        How many arguments it takes.

    Returns
    -------
    list of dict
        ``name``, ``op``, ``inputs`` (names) and ``attributes`` of each node,
        in an order in which it can be computed. Names are paths: the blocks
        that a node is inside of, with slashes between them.

    Examples
    --------
    >>> from fdl import nn
    >>> for node in nodes_of(nn.FeedForward((2, 3))):
    ...     print(node["name"], node["op"])
    input Placeholder
    output/weight Variable
    output/bias Variable
    output/fwd FullyConnected
    """
    labels = ["input"] if inputs == 1 else [f"input{i}" for i in range(inputs)]
    symbols = [mx.sym.var(label).as_np_ndarray() for label in labels]
    outputs = net(*symbols)
    if isinstance(outputs, (list, tuple)):
        outputs = mx.sym.Group([o.as_nd_ndarray() for o in outputs])
    raw = json.loads(outputs.tojson())["nodes"]
    places = _places(net)
    names: list[str] = []
    for node in raw:
        name = _path(node["name"], places)
        while name in names:
            name += "_"
        names.append(name)
    return [
        {
            "name": name,
            "op": "Placeholder"
            if node["name"] in labels
            else "Variable"
            if node["op"] == "null"
            else node["op"],
            "inputs": [names[i[0]] for i in node["inputs"]],
            "attributes": node.get("attrs", {}),
        }
        for name, node in zip(names, raw)
    ]


def graph_of(net: Any, inputs: int = 1) -> Any:
    """Return a hybrid block's graph as TensorFlow's ``GraphDef``.

    Examples
    --------
    >>> from fdl import nn
    >>> graph = graph_of(nn.FeedForward((2, 3)))
    >>> [node.name for node in graph.node] == [
    ...     node["name"] for node in nodes_of(nn.FeedForward((2, 3)))]
    True
    """
    from tensorboardX.proto.attr_value_pb2 import AttrValue
    from tensorboardX.proto.graph_pb2 import GraphDef
    from tensorboardX.proto.node_def_pb2 import NodeDef
    from tensorboardX.proto.versions_pb2 import VersionDef

    nodes = [
        NodeDef(
            name=node["name"],
            op=node["op"],
            input=node["inputs"],
            attr={
                key: AttrValue(s=str(value).encode())
                for key, value in node["attributes"].items()
            },
        )
        for node in nodes_of(net, inputs)
    ]
    return GraphDef(node=nodes, versions=VersionDef(producer=22))


def _places(block: Any, path: str = "") -> dict[str, str]:
    """Map the prefix in the names of a block's nodes to its path."""
    found = {block.prefix: path} if block.prefix else {}
    for name, child in block._children.items():
        found.update(_places(child, f"{path}{name}/"))
    return found


def _path(name: str, places: dict[str, str]) -> str:
    inside = [prefix for prefix in places if name.startswith(prefix)]
    if not inside:
        return name
    prefix = max(inside, key=len)
    return places[prefix] + name[len(prefix) :]
