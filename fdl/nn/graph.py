"""The graph of a network: its operators in order, each with its shapes.

The network is handed a symbol instead of an array, so nothing is computed and
no parameter needs a value.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from fdl._mxnet import gluon, mx
from fdl.errors import ShapeError, must
from fdl.nn._checks import is_whole

__all__ = ["Node", "trace"]

Shape = tuple[int, ...]


class Node(NamedTuple):
    """One operator of a network's graph.

    Attributes
    ----------
    kind : str
        MXNet's name of the operator, ``"Convolution"``.
    path : str
        Where its weights live in the network, ``"stage1.conv"``; empty if it
        has none.
    inputs : tuple of int
        The nodes that it reads, by their place in the list; −1 is the input.
    weights : tuple of (str, shape)
        The parameters that it reads and that training changes.
    shape : tuple of int
        Of its output, without the batch.
    settings : dict
        Its arguments: ``{"kernel": (3, 3), …}``.

    Examples
    --------
    >>> from fdl.nn import ConvNorm
    >>> node = trace(ConvNorm(3, 8, extent=5), (3, 24, 24))[0]
    >>> node.kind, node.path, node.shape, node.settings["kernel"]
    ('Convolution', 'conv', (8, 24, 24), (5, 5))
    >>> node.weights  # no bias: the normalization behind it has one
    (('conv.weight', (8, 3, 5, 5)),)
    """

    kind: str
    path: str
    inputs: tuple[int, ...]
    weights: tuple[tuple[str, Shape], ...]
    shape: Shape
    settings: dict[str, Any]


def trace(net: Any, shape: Iterable[int]) -> list[Node]:
    """Return the operators of a network, each after those that it reads.

    Parameters
    ----------
    net : HybridBlock
        A network of one input; its parameters need no values.
    shape : sequence of int
        Of one input, without the batch: ``(3, 224, 224)``.

    Examples
    --------
    >>> from fdl.nn import FeedForward
    >>> for node in trace(FeedForward((5, 4, 2)), (5,)):
    ...     print(node.kind, node.path, node.inputs, node.shape)
    FullyConnected hidden1 (-1,) (4,)
    Activation  (0,) (4,)
    FullyConnected output (1,) (2,)
    """
    if not isinstance(net, gluon.HybridBlock):
        kind = type(net).__name__
        raise TypeError(f"`net` (=a {kind}) must be a HybridBlock.")
    shape = _shape(shape)
    outputs = net(mx.sym.var("input").as_np_ndarray())
    if isinstance(outputs, (list, tuple)):
        outputs = mx.sym.Group(list(outputs))
    shapes = _infer(net, outputs.get_internals(), shape)
    paths = {
        parameter.name: path
        for path, parameter in net._collect_params_with_prefix().items()
        if parameter.grad_req != "null"
    }
    content = json.loads(outputs.tojson())["nodes"]
    found: list[Node] = []
    places = {}  # number in the graph → place in `found`
    for number, node in enumerate(content):
        read = [content[i]["name"] for i, *_ in node["inputs"]]
        if node["op"] == "null":
            continue
        weights = [name for name in read if name in paths]
        places[number] = len(found)
        found.append(
            Node(
                kind=node["op"],
                path=_owner(paths[weights[0]]) if weights else "",
                inputs=tuple(
                    places.get(i, -1)
                    for i, *_ in node["inputs"]
                    if i in places or content[i]["name"] == "input"
                ),
                weights=tuple((paths[name], shapes[name]) for name in weights),
                shape=shapes[node["name"]][1:],
                settings={
                    key: _value(text)
                    for key, text in node.get("attrs", {}).items()
                },
            )
        )
    return found


def _shape(shape: Iterable[int]) -> Shape:
    try:
        sizes = tuple(shape)
    except TypeError:
        sizes = ()
    if not sizes or not all(map(is_whole, sizes)):
        raise must("shape", shape, "be sizes from 1 up, without the batch")
    return tuple(map(int, sizes))


def _infer(net: Any, internals: Any, shape: Shape) -> dict[str, Shape]:
    """Return the shape of every parameter and of every node, by name."""
    try:
        with contextlib.redirect_stdout(None):  # it prints before it raises
            known, outputs, extra = internals.infer_shape(input=(1, *shape))
    except mx.base.MXNetError as error:
        reason = str(error).strip().splitlines()[-1].split("failed: ")[-1]
        raise ShapeError(
            f"`shape` (={shape}) must suit {type(net).__name__}: {reason}"
        ) from None
    found = dict(zip(internals.list_arguments(), known))
    found.update(zip(internals.list_auxiliary_states(), extra))
    for name, size in zip(internals.list_outputs(), outputs):
        # NAME_output, NAME_out, or NAME_output0, NAME_output1, …
        found.setdefault(re.sub(r"_out(put)?\d*$", "", name), size)
    return found


def _owner(path: str) -> str:
    """Return the block that a parameter belongs to, or its name alone."""
    return path.rpartition(".")[0] or path


def _value(text: str) -> Any:
    """Return what MXNet wrote as text: a number, a tuple, or the text."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
