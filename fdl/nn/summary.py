"""What a network is made of, counted from the network itself.

How it is counted:

- *parameters* are what training changes, so the running statistics of batch
  normalization are left out;
- *multiply-adds* are those of convolutions and fully connected layers, one for
  each use of a weight; biases, pooling and normalization are left out;
- *depth* is the number of convolutions and fully connected layers on the
  longest way from the input, which is how papers name networks ("ResNet-50"):
  of layers side by side only one counts;
- *activations* are the numbers that a forward pass leaves for the backward
  pass, the input included, if a ReLU overwrites what it reads.

Letters: ``C`` channels; ``H, W`` height and width.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from fdl.nn.graph import Node, trace
from fdl.nn.sight import Fields, see
from fdl.scratch.receptive_field import ReceptiveField

__all__ = ["Layer", "Summary", "summarize"]

WEIGHTS = ("Convolution", "FullyConnected")
IN_PLACE = ("Activation", "LeakyReLU")
NOTHING = ("Dropout", "Flatten", "_npx_reshape", "slice", "_split_v2")


class Layer(NamedTuple):
    """One operator of a network.

    Attributes
    ----------
    kind : str
        MXNet's name of it, ``"Convolution"``.
    path : str
        Where its weights live in the network; empty if it has none.
    shape : tuple of int
        Of its output, without the batch: `(C, H, W)` or `(C,)`.
    parameters, multiply_adds : int
        Its own. Parameters that several operators share count at the first.
    depth : int
        Layers with weights from the input up to this one.
    fields : tuple of ReceptiveField, or None
        What a unit sees, along each axis of the image; None if not known.

    Examples
    --------
    >>> from fdl.nn import ConvNorm
    >>> layer = summarize(ConvNorm(3, 8, extent=5), (3, 24, 24)).layers[0]
    >>> layer.parameters, layer.multiply_adds  # each weight at 24 × 24 places
    (600, 345600)
    >>> layer.size == 8 * 24 * 24
    True
    """

    kind: str
    path: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    depth: int
    fields: Fields

    @property
    def size(self) -> int:
        """How many numbers it puts out for one input."""
        return math.prod(self.shape)


class Summary(NamedTuple):
    """The layers of a network, and their sums.

    Attributes
    ----------
    name : str
        The network's class.
    shape : tuple of int
        Of one input.
    layers : tuple of Layer
        In the order in which they run.

    Examples
    --------
    >>> from fdl.nn import FeedForward
    >>> print(summarize(FeedForward((4, 3, 2)), (4,)))
    layer    output  parameters  multiply-adds  sees
    hidden1       3          15             12
    output        2           8              6
    """

    name: str
    shape: tuple[int, ...]
    layers: tuple[Layer, ...]

    @property
    def weighted(self) -> tuple[Layer, ...]:
        """The convolutions and fully connected layers."""
        return tuple(layer for layer in self.layers if layer.kind in WEIGHTS)

    @property
    def depth(self) -> int:
        """Layers with weights on the longest way from input to output."""
        return max((layer.depth for layer in self.layers), default=0)

    @property
    def parameters(self) -> int:
        """Numbers that training changes."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiplications, each with its addition, for one input."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def units(self) -> int:
        """Outputs of the layers with weights: neurons."""
        return sum(layer.size for layer in self.weighted)

    @property
    def activations(self) -> int:
        """Numbers kept of a forward pass, nonlinearities done in place."""
        return math.prod(self.shape) + sum(
            layer.size
            for layer in self.layers
            if layer.kind not in IN_PLACE + NOTHING
        )

    @property
    def activations_apart(self) -> int:
        """The same, if each nonlinearity keeps its own output."""
        return self.activations + sum(
            layer.size for layer in self.layers if layer.kind in IN_PLACE
        )

    @property
    def fields(self) -> Fields:
        """What one place sees, in the last layer that still has places."""
        images = [
            layer.fields
            for layer in self.layers
            if layer.fields and max(layer.shape[1:], default=1) > 1
        ]
        return images[-1] if images else None

    def __repr__(self) -> str:
        return (
            f"Summary({self.name} on {_times(self.shape)}: depth {self.depth},"
            f" {self.parameters:,} parameters,"
            f" {self.multiply_adds:,} multiply-adds)"
        )

    def __str__(self) -> str:
        """Return a table of the layers that are more than nonlinearities."""
        head = ("layer", "output", "parameters", "multiply-adds", "sees")
        rows = [
            (
                layer.path or layer.kind.lower(),
                _times(layer.shape),
                f"{layer.parameters:,}",
                f"{layer.multiply_adds:,}",
                _seen(layer.fields),
            )
            for layer in self.layers
            if layer.kind in (*WEIGHTS, "Pooling")
        ]
        widths = [max(map(len, column)) for column in zip(head, *rows)]
        return "\n".join(
            f"{row[0]:<{widths[0]}}  "
            + "  ".join(f"{cell:>{n}}" for cell, n in zip(row[1:], widths[1:]))
            for row in [head, *rows]
        )


def summarize(net: Any, shape: Iterable[int]) -> Summary:
    """Count a network's layers, parameters, multiply-adds and fields.

    Nothing is computed and no parameter needs a value, so this is as quick
    for a network of a hundred million parameters.

    Parameters
    ----------
    net : HybridBlock
        A network of one input.
    shape : sequence of int
        Of one input, without the batch: ``(3, 224, 224)``.

    Examples
    --------
    >>> from fdl.nn import FeedForward
    >>> summarize(FeedForward((784, 256, 256, 10)), (784,))
    Summary(FeedForward on 784: depth 3, 269,322 parameters,
    268,800 multiply-adds)
    """
    nodes = trace(net, shape)
    shape = tuple(shape)
    source = Layer(
        "", "", shape, 0, 0, 0, (ReceptiveField(),) * len(shape[1:])
    )
    layers: list[Layer] = []
    counted: set[str] = set()
    for node in nodes:
        below = [layers[i] if i >= 0 else source for i in node.inputs]
        new = [pair for pair in node.weights if pair[0] not in counted]
        counted.update(path for path, _ in new)
        layers.append(
            Layer(
                kind=node.kind,
                path=node.path,
                shape=node.shape,
                parameters=sum(math.prod(size) for _, size in new),
                multiply_adds=_multiply_adds(node),
                depth=max((layer.depth for layer in below), default=0)
                + (node.kind in WEIGHTS),
                fields=see(
                    node,
                    [layer.fields for layer in below],
                    below[0].shape[1:] if below else (),
                ),
            )
        )
    return Summary(type(net).__name__, shape, tuple(layers))


def _multiply_adds(node: Node) -> int:
    if node.kind not in WEIGHTS:
        return 0
    # every place of the output uses every weight once
    places = node.shape[1:] if node.kind == "Convolution" else node.shape[:-1]
    weight = node.weights[0][1]
    return math.prod(places) * math.prod(weight)


def _times(shape: Iterable[int]) -> str:
    return "×".join(map(str, shape))


def _seen(fields: Fields) -> str:
    if fields is None:
        return "?"
    sizes = [field.size for field in fields]
    return _times(sizes[:1] if len(set(sizes)) == 1 else sizes)
