"""Diagrams of neurons, networks and computations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np

from fdl.errors import must
from fdl.plot.style import BLUE, CYCLE, GREY, subplots
from fdl.scratch._checks import whole

__all__ = ["graph", "network", "neuron"]


def network(
    sizes: Sequence[int],
    labels: Sequence[str] = (),
    *,
    most: int = 8,
    size: tuple[float, float] = (7.0, 3.6),
) -> tuple[Any, Any]:
    r"""Draw a fully connected network, layer by layer from left to right.

    A layer of more than `most` neurons shows some of them and an ellipsis.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, input first.
    labels : sequence of str, optional
        A caption under each layer.
    most : int
        Neurons to draw in a layer at the most, from 2 up.
    size : (float, float)
        Inches.

    Examples
    --------
    >>> figure, axis = network((784, 10), ("pixels", "classes"), most=4)
    >>> [text.get_text() for text in axis.texts]
    ['⋮', '784\npixels', '⋮', '10\nclasses']
    """
    sizes = [whole("sizes", n) for n in sizes]
    if not sizes:
        raise must("sizes", sizes, "name one layer at least")
    if len(labels) > len(sizes):
        raise must("labels", labels, f"be {len(sizes)} at most, one a layer")
    whole("most", most, 2)
    figure, axis = subplots(size=size)
    axis.set_axis_off()
    places = []
    for column, n in enumerate(sizes):
        shown = min(n, most)
        y = np.arange(shown, dtype=float)
        if n > shown:  # room for an ellipsis in the middle
            y[shown // 2 :] += 1
        places.append((column, y - y.mean()))
    for (x0, y0), (x1, y1) in zip(places, places[1:]):
        lines = [[(x0, a), (x1, b)] for a in y0 for b in y1]
        axis.add_collection(
            mpl.collections.LineCollection(
                lines, colors="#9CA3AF", linewidths=0.5, zorder=1
            )
        )
    height = max(y.max() for _, y in places) + 0.4
    for column, (x, y) in enumerate(places):
        axis.scatter(
            np.full(len(y), x),
            y,
            s=120,
            zorder=2,
            color=CYCLE[min(column, 1) if column < len(sizes) - 1 else 2],
            edgecolor="white",
        )
        if sizes[column] > most:
            gap = (y[len(y) // 2 - 1] + y[len(y) // 2]) / 2
            axis.text(x, gap, "⋮", ha="center", va="center", fontsize=14)
        caption = labels[column] if column < len(labels) else ""
        axis.text(
            x,
            -height,
            f"{sizes[column]}\n{caption}",
            ha="center",
            va="top",
            fontsize=10,
        )
    axis.set_xlim(-0.5, len(sizes) - 0.5)
    axis.set_ylim(-height, height)
    return figure, axis


def neuron(
    inputs: Sequence[str],
    weights: Sequence[str],
    bias: str = "$b$",
    function: str = "$f$",
    output: str = "$y$",
    *,
    size: tuple[float, float] = (5.4, 2.6),
) -> tuple[Any, Any]:
    """Draw one neuron: inputs times weights, a sum, a function of it.

    Parameters
    ----------
    inputs, weights : sequence of str
        From top to bottom, what stands at the arrows and on them. An input of
        "⋮" has no arrow.
    bias, function, output : str
        What comes in from above (nothing if empty), what the box holds, and
        what comes out.
    size : (float, float)
        Inches.

    Examples
    --------
    >>> figure, axis = neuron(["$x$", "$y$"], ["$a$", "$b$"], function="σ")
    >>> "σ" in [text.get_text() for text in axis.texts]
    True
    >>> neuron(["$x$", "$y$"], ["$a$"])
    Traceback (most recent call last):
    ValueError: `weights` (=['$a$']) must be 2, one per input.
    """
    if not inputs:
        raise must("inputs", inputs, "name one input at least")
    if len(inputs) != len(weights):
        raise must("weights", weights, f"be {len(inputs)}, one per input")
    figure, axis = subplots(size=size)
    axis.set_axis_off()
    arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 2, "shrinkB": 2}
    middle = {"ha": "center", "va": "center"}
    heights = np.linspace(1.0, -1.0, len(inputs)) if len(inputs) > 1 else [0.0]
    for y, name, weight in zip(heights, inputs, weights):
        axis.text(0.25, y, name, ha="right", va="center", fontsize=13)
        if name != "⋮":
            axis.annotate("", (2.0, 0.22 * y), (0.35, y), arrowprops=arrow)
            above = 0.12 if y >= 0 else 0.14
            axis.text(1.05, 0.68 * y + above, weight, ha="center", fontsize=11)
    if bias:
        axis.annotate("", (2.3, 0.3), (2.3, 1.0), arrowprops=arrow)
        axis.text(2.3, 1.12, bias, ha="center", fontsize=13)
    for start, end in ((2.6, 3.55), (4.35, 5.1)):
        axis.annotate("", (end, 0.0), (start, 0.0), arrowprops=arrow)
    for x, shape, text in ((2.3, "circle", "Σ"), (3.95, "round", function)):
        box = {"facecolor": "#DBEAFE", "edgecolor": BLUE}
        box["boxstyle"] = f"{shape},pad=0.45"
        axis.text(x, 0.0, text, fontsize=13, bbox=box, **middle)
    axis.text(3.07, 0.12, "$z$", ha="center", fontsize=13)
    axis.text(5.2, 0.0, output, ha="left", va="center", fontsize=13)
    axis.set(xlim=(-0.5, 5.7), ylim=(-1.25, 1.45))
    return figure, axis


def graph(
    symbol: str, *, size: tuple[float, float] | None = None
) -> tuple[Any, Any]:
    """Draw a computation graph from top to bottom.

    Parameters
    ----------
    symbol : str
        The graph as JSON, as ``symbol.tojson()`` of MXNet gives it.
    size : (float, float), optional
        Inches; by default as large as the graph needs.

    Examples
    --------
    >>> nodes = [{"op": "null", "name": "x", "inputs": []},
    ...          {"op": "tanh", "name": "y", "inputs": [[0, 0, 0]]}]
    >>> figure, axis = graph(json.dumps({"nodes": nodes}))
    >>> [text.get_text() for text in axis.texts if text.get_text()]
    ['x', 'tanh']
    """
    try:
        nodes = json.loads(symbol)["nodes"]
    except (TypeError, ValueError, KeyError):
        rule = "be a graph as JSON, as tojson() of a symbol gives it"
        raise must("symbol", symbol, rule) from None
    depth: list[int] = []
    for node in nodes:  # inputs come before the nodes that use them
        depth.append(
            1 + max((depth[i[0]] for i in node["inputs"]), default=-1)
        )
    for i, node in enumerate(nodes):  # pull a leaf down to its first user
        users = [
            depth[j]
            for j, other in enumerate(nodes)
            if any(k[0] == i for k in other["inputs"])
        ]
        if node["op"] == "null" and users:
            depth[i] = min(users) - 1
    rows: dict[int, list[int]] = {}
    for i, d in enumerate(depth):
        rows.setdefault(d, []).append(i)
    widest = max(len(row) for row in rows.values())
    size = size or (max(5.0, 2.1 * widest), 0.62 * (len(rows) + 1))
    figure, axis = subplots(size=size)
    axis.set_axis_off()
    place: dict[int, tuple[float, float]] = {}
    for d, row in sorted(rows.items()):
        # what computes stands in the middle, what is stored beside it
        row.sort(key=lambda i: (nodes[i]["op"] == "null", i))
        offsets = [0.0]
        for k in range(1, len(row)):
            offsets.append((k + 1) // 2 * (1 if k % 2 else -1))
        for i, offset in zip(row, offsets):
            place[i] = (float(offset), -float(d))
    for i, node in enumerate(nodes):
        for source in node["inputs"]:
            axis.annotate(
                "",
                place[i],
                place[source[0]],
                zorder=1,
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": GREY,
                    "shrinkA": 9,
                    "shrinkB": 9,
                    "lw": 1,
                },
            )
    for i, node in enumerate(nodes):
        stored = node["op"] == "null"
        text = node["name"] if stored else node["op"].lstrip("_")
        axis.text(
            *place[i],
            text,
            ha="center",
            va="center",
            fontsize=8,
            zorder=2,
            bbox={
                "boxstyle": "round,pad=0.35",
                "facecolor": "#F3F4F6" if stored else "#DBEAFE",
                "edgecolor": GREY if stored else BLUE,
                "lw": 0.8,
            },
        )
    xs = [x for x, _ in place.values()]
    axis.set_xlim(min(xs) - 0.7, max(xs) + 0.7)
    axis.set_ylim(-max(depth) - 0.6, 0.6)
    return figure, axis
