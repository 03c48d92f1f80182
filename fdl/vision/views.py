"""Looking into a network: its filters, its maps, and what it looks at.

The map of all pictures by t-SNE is in :mod:`fdl.scratch.t_sne`, since it knows
nothing of pictures.

Letters: ``B`` batch; ``K`` filters, ``C`` channels that each looks at, ``e``
their extent; ``H, W`` height and width; ``n`` points, ``d`` their dimensions.

References: [1] Zeiler and Fergus 2014, arXiv 1311.2901: occlusion.
[2] Simonyan et al. 2014, arXiv 1312.6034: saliency.

Differences from the papers: none.

Book: ch. 5, "Visualizing Learning in Convolutional Networks"
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any, Callable, Optional

import numpy as onp

from fdl._mxnet import autograd, gluon, np
from fdl.errors import ShapeError, must
from fdl.nn._checks import check_whole, is_whole
from fdl.nn.modes import at_rest, line_by_line
from fdl.scratch._checks import floats, shaped

__all__ = [
    "Stages",
    "activations",
    "filter_pictures",
    "nearest",
    "occlusion",
    "saliency",
]


def filter_pictures(weights: Any) -> onp.ndarray:
    """Return filters as pictures.

    Parameters
    ----------
    weights : array `(K, C, e, e)`
        C is 1, or 3 for red, green and blue.

    Returns
    -------
    array `(K, e, e)` or `(K, e, e, 3)`
        From 0 to 1; a weight of zero is 0.5. Each filter is stretched on its
        own, so that weak ones can be seen, too.

    Examples
    --------
    >>> filter_pictures([[[[0, -2], [1, 2]]]]).tolist()
    [[[0.5, 0.0], [0.75, 1.0]]]
    """
    weights = floats("weights", weights)
    if weights.ndim != 4 or weights.shape[1] not in (1, 3):
        raise ShapeError(
            f"`weights` (=array of shape {weights.shape}) must have the "
            "shape (K, 1, e, e) or (K, 3, e, e)."
        )
    largest = onp.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    scaled = 0.5 + 0.5 * weights / onp.where(largest > 0, largest, 1)
    if weights.shape[1] == 1:
        return scaled[:, 0]
    return scaled.transpose(0, 2, 3, 1)


def activations(
    net: Any, x: Any, layers: Iterable[str]
) -> dict[str, onp.ndarray]:
    """Return what layers of a network give, wherever they are in it.

    Parameters
    ----------
    net : Block
        The network, with parameters; hybridized or not.
    x : array `(B, …)`
        Its input.
    layers : sequence of str
        Their paths, as in names of parameters: ``"features.0.conv"``.

    Returns
    -------
    dict of str to array
        By path. A layer that is used several times gives its last output.

    Examples
    --------
    >>> net = gluon.nn.HybridSequential()
    >>> net.add(gluon.nn.Activation("relu"), gluon.nn.Flatten())
    >>> seen = activations(net, [[[-1.0, 2.0]]], ["0", "1"])
    >>> seen["0"].tolist(), seen["1"].tolist()
    ([[[0.0, 2.0]]], [[0.0, 2.0]])
    """
    seen: dict[str, onp.ndarray] = {}
    with contextlib.ExitStack() as stack:
        stack.enter_context(line_by_line(net))
        stack.enter_context(autograd.pause())
        for path in _names("layers", layers):

            def keep(
                block: Any, given: Any, output: Any, path: str = path
            ) -> None:
                seen[path] = output.asnumpy()

            hook = _block(net, path).register_forward_hook(keep)
            stack.callback(hook.detach)
        net(_input(net, x))
    return seen


class Stages(gluon.HybridBlock):
    """The first layers of a network, each with a look at what it gives.

    Parameters
    ----------
    layers : HybridSequential
        Where the layers are; they stay its own.
    outputs : sequence of str
        Names of those to look at, ``"0"``, ``"1"``, …

    Attributes
    ----------
    outputs : tuple of str
        The names, in the order of the list that a call returns.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> layers = gluon.nn.HybridSequential()
    >>> layers.add(gluon.nn.Conv2D(4, 3, in_channels=1))
    >>> layers.add(gluon.nn.MaxPool2D(2), gluon.nn.Dense(10))
    >>> layers[0].initialize()
    >>> stages = Stages(layers, ["1", "0"])
    >>> [maps.shape for maps in stages(np.zeros((1, 1, 6, 6)))]
    [(1, 4, 2, 2), (1, 4, 4, 4)]
    """

    def __init__(
        self, layers: Any, outputs: Iterable[str], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.outputs = _names("outputs", outputs)
        names = list(layers._children)
        for name in self.outputs:
            if name not in names:
                raise must("outputs", name, f"be one of {', '.join(names)}")
        last = max(map(names.index, self.outputs))
        for name in names[: last + 1]:
            self.register_child(layers._children[name], name)

    def hybrid_forward(self, F: Any, x: Any) -> list[Any]:
        """Return the outputs for an input x."""
        seen = {}
        for name, layer in self._children.items():
            x = seen[name] = layer(x)
        return [seen[name] for name in self.outputs]


def saliency(net: Any, x: Any, classes: Any) -> onp.ndarray:
    """Return how much each pixel matters for a class.

    Parameters
    ----------
    net : Block
        From pictures to scores `(B, K)`.
    x : array `(B, C, H, W)`
        The pictures.
    classes : array of int `(B,)`
        Whose score counts in each of them.

    Returns
    -------
    array `(B, H, W)`
        The largest slope ``|∂score/∂x|`` among a pixel's channels.

    Examples
    --------
    >>> net = gluon.nn.Dense(1, in_units=4)
    >>> net.initialize()
    >>> net.weight.set_data(np.array([[1, -5, 0, 2]]))
    >>> saliency(net, [[[[9, 9], [9, 9]]]], [0]).tolist()
    [[[1.0, 5.0], [0.0, 2.0]]]
    """
    point = _input(net, x)
    point.attach_grad()
    with at_rest(net), autograd.record():
        scores = net(point)
    classes = _indices("classes", classes, scores.shape[1])
    if len(classes) != len(scores):
        raise ShapeError(
            f"`classes` (=array of shape {classes.shape}) must have one "
            f"entry for each of the {len(scores)} pictures."
        )
    chosen = onp.eye(scores.shape[1], dtype="float32")[classes]
    scores.backward(np.array(chosen, ctx=point.ctx))
    return onp.abs(point.grad.asnumpy()).max(axis=1)


def occlusion(
    score: Callable[[onp.ndarray], Any],
    x: Any,
    size: int,
    stride: Optional[int] = None,
    fill: float = 0.0,
) -> onp.ndarray:
    """Cover a picture place by place, and see what the score loses.

    Parameters
    ----------
    score : callable
        From pictures `(B, C, H, W)` to B numbers.
    x : array `(C, H, W)`
        One picture.
    size, stride : int
        Height and width of the square that covers, and how far it moves; by
        default as far as it is wide.
    fill : float
        What it is painted with.

    Returns
    -------
    array `(P, Q)`
        The score of the picture less that of the covered one, for P by Q
        places: large where the covered part spoke for the class.

    Examples
    --------
    >>> picture = onp.array([[[0, 0, 1, 1], [0, 0, 1, 1]]])
    >>> brightness = lambda pictures: pictures.sum(axis=(1, 2, 3))
    >>> occlusion(brightness, picture, 2).tolist()
    [[0.0, 4.0]]
    """
    x = onp.asarray(x)
    floats("x", x), floats("fill", fill)
    if x.dtype.kind in "iu" and fill != onp.asarray(fill).astype(x.dtype):
        raise must("fill", fill, f"be a number that {x.dtype} holds, as `x`")
    check_whole(size=size)
    step = size if stride is None else stride
    check_whole(stride=step)
    if x.ndim != 3 or min(x.shape[1:]) < size:
        raise ShapeError(
            f"`x` (=array of shape {x.shape}) must have the shape (C, H, W), "
            f"H and W being {size} at least."
        )
    rows = range(0, x.shape[1] - size + 1, step)
    columns = range(0, x.shape[2] - size + 1, step)
    covered = onp.repeat(x[onp.newaxis], len(rows) * len(columns) + 1, axis=0)
    places = [(i, j) for i in rows for j in columns]
    for picture, (i, j) in zip(covered, places):
        picture[:, i : i + size, j : j + size] = fill
    scores = onp.asarray(score(covered), dtype=float)
    shaped("score(pictures)", scores, len(covered))
    return scores[-1] - scores[:-1].reshape(len(rows), len(columns))


def nearest(features: Any, queries: Any, count: int = 5) -> onp.ndarray:
    """Return the neighbours of some points among all points.

    Parameters
    ----------
    features : array `(n, d)`
        All points, for example the last hidden layer of n pictures.
    queries : array of int `(q,)`
        Which of them to find neighbours for.
    count : int
        How many.

    Returns
    -------
    array of int `(q, count)`
        Rows of `features`, the nearest first; a point is no neighbour of its
        own.

    Examples
    --------
    >>> nearest([[0.0], [1.0], [3.0]], [0, 2], 2).tolist()
    [[1, 2], [1, 0]]
    """
    features = shaped("features", floats("features", features), "n", "d")
    queries = _indices("queries", queries, len(features))
    if not is_whole(count) or count >= len(features):
        raise must("count", count, f"be from 1 to {len(features) - 1}")
    squares = (features**2).sum(axis=1)
    # |a − b|² less what all neighbours of a have in common
    distances = squares - 2 * onp.dot(features[queries], features.T)
    distances[onp.arange(len(queries)), queries] = onp.inf
    return distances.argsort(axis=1, kind="stable")[:, :count]


def _names(argument: str, names: Iterable[str]) -> tuple[str, ...]:
    found = () if isinstance(names, str) else tuple(names)
    if not found or not all(isinstance(name, str) for name in found):
        raise must(argument, names, "be a list that names one layer at least")
    return found


def _indices(argument: str, value: Any, below: int) -> onp.ndarray:
    """Return a row of whole numbers from 0 up, all below a limit."""
    found = value.asnumpy() if hasattr(value, "asnumpy") else value
    found = onp.asarray(found)
    whole = found.ndim == 1 and found.dtype.kind in "iu" and found.size > 0
    if not whole or found.min() < 0 or found.max() >= below:
        rule = f"be a list of whole numbers from 0 to {below - 1}"
        raise must(argument, value, rule)
    return found


def _input(net: Any, x: Any) -> Any:
    """Return x as float32, where the network's parameters are."""
    x = np.array(floats("x", x).astype("float32"))
    for parameter in net.collect_params().values():
        return x.as_in_ctx(parameter.list_ctx()[0])
    return x


def _block(net: Any, path: str) -> Any:
    block = net
    for name in path.split("."):
        inside = block._children
        if name not in inside:
            known = ", ".join(inside) or "nothing"
            raise must(
                "layers", path, f"lead to a layer; {block.name} has {known}"
            )
        block = inside[name]
    return block
