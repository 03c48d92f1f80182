"""Neural style: one picture's content in the manner of another.

A trained network looks at three pictures: a photograph p, an artwork a, and
the picture x that is being painted. Nothing in the network changes. What
changes is x, pixel by pixel, until its feature maps agree with those of p and
the correlations between its feature maps agree with those of a.

::

    G_ij = Σ_c F_ic F_jc                              Gram matrix, k × k
    E_content = Σ_ij (P_ij − X_ij)²
    E_style = Σ_l 1/L · 1/(4 k_l² m_l²) Σ_ij (A_ij − G_ij)²

Letters: ``B`` batch; ``k`` maps of a layer, ``m = H W`` places in each; ``F``
a layer's maps as a matrix `(k, m)`, ``P`` and ``X`` those of the photograph
and of the painted picture; ``A`` and ``G`` the Gram matrices of the artwork
and of the painted picture; ``L`` layers that style is taken from.

References: [1] Gatys et al. 2015, arXiv 1508.06576.

Differences from the paper: 1. SqueezeNet's layers instead of VGG's. 2. A term
for the differences between neighbouring pixels. 3. An artwork of another size
counts as if it had as many places as the picture.

Book: ch. 5, "Leveraging Convolutional Filters to Replicate Artistic Styles"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Union

import numpy as onp

from fdl import optim
from fdl._mxnet import mx, namespace, np
from fdl.errors import ShapeError, must
from fdl.nn._checks import check_whole
from fdl.nn.modes import at_rest
from fdl.scratch._checks import floats, not_negative, shaped

__all__ = [
    "CONTENT_LAYER",
    "STYLE_LAYERS",
    "NeuralStyle",
    "Painting",
    "content_error",
    "gram",
    "paint",
    "style_error",
    "total_variation",
]

CONTENT_LAYER = "fire5"
STYLE_LAYERS = ("conv1", "fire2", "fire4", "fire6", "fire8")


def gram(maps: Any) -> Any:
    """Return how strongly each two maps of a layer go together.

    Where in the picture that happens is summed away: moving all places about
    leaves the matrix as it was.

    Parameters
    ----------
    maps : array `(B, k, H, W)`
        A layer's activations.

    Returns
    -------
    array `(B, k, k)`
        Symmetric; a sum over the H W places.

    Examples
    --------
    >>> maps = np.array([[[[1.0, 2.0]], [[0.0, 3.0]]]])  # two maps, two places
    >>> gram(maps).tolist()
    [[[5.0, 6.0], [6.0, 9.0]]]
    """
    _, Fx = namespace(maps)
    F = Fx.reshape(maps, (-2, -2, -1))  # (B, k, m)
    # G_ij = Σ_c F_ic F_jc
    return Fx.batch_dot(F, F, transpose_b=True)


def content_error(P: Any, X: Any) -> Any:
    """Return Σ (P − X)² over all maps and places.

    Parameters
    ----------
    P, X : array `(B, k, H, W)`
        A layer's activations for the photograph and the painted picture.

    Examples
    --------
    >>> float(content_error(np.array([1.0, 2.0]), np.array([1.0, 5.0])))
    9.0
    """
    if tuple(P.shape) != tuple(X.shape):  # else they would be broadcast
        raise ShapeError(
            f"`X` (=array of shape {tuple(X.shape)}) must have the shape of "
            f"`P`, {tuple(P.shape)}."
        )
    return ((P - X) ** 2).sum()


def style_error(A: Any, G: Any, m: int) -> Any:
    """Return 1/(4 k² m²) Σ_ij (A_ij − G_ij)², the share of one layer.

    Parameters
    ----------
    A, G : array `(B, k, k)`
        Gram matrices of the artwork and of the painted picture.
    m : int
        Places that each of them is a sum over.

    Examples
    --------
    >>> A, G = np.zeros((1, 2, 2)), np.ones((1, 2, 2))
    >>> float(style_error(A, G, m=1))  # 4 squares of 1, over 4 · 2² · 1²
    0.25
    """
    k = G.shape[-1]
    return ((A - G) ** 2).sum() / (4 * k**2 * m**2)


def total_variation(x: Any) -> Any:
    """Return the squared differences of neighbouring pixels, summed up.

    Parameters
    ----------
    x : array `(B, C, H, W)`
        Pictures.

    Examples
    --------
    >>> picture = np.array([[[[0.0, 1.0], [0.0, 4.0]]]])
    >>> float(total_variation(picture))  # 0² + 3² down, 1² + 4² to the right
    26.0
    """
    down = x[:, :, 1:] - x[:, :, :-1]
    right = x[:, :, :, 1:] - x[:, :, :, :-1]
    return (down**2).sum() + (right**2).sum()


class NeuralStyle:
    """The error of a picture that is being painted.

    Parameters
    ----------
    net : Block
        Gives a list of feature maps for a picture, and names them in its
        ``outputs``, as `SqueezeNet` does.
    photograph, artwork : array `(1, 3, H, W)`
        Where content and style are taken from, as inputs of the network.
    content_layer : str
        Whose maps are compared.
    style_layers : sequence of str
        Whose Gram matrices are compared.
    content_weight, style_weight, variation_weight : float
        What the three errors count.

    Examples
    --------
    >>> from fdl.vision import SqueezeNet
    >>> net = SqueezeNet(["conv1", "fire2"])
    >>> net.initialize()
    >>> rng = onp.random.default_rng(0)
    >>> photograph, artwork = rng.normal(0, 50, (2, 1, 3, 25, 25))
    >>> layers = {"content_layer": "fire2", "style_layers": ["conv1"]}
    >>> task = NeuralStyle(net, photograph.astype("float32"),
    ...                    artwork.astype("float32"), **layers)
    >>> errors = task.errors(np.array(photograph, "float32"))
    >>> float(errors["content"]), float(errors["style"]) > 0
    (0.0, True)
    """

    def __init__(
        self,
        net: Any,
        photograph: Any,
        artwork: Any,
        *,
        content_layer: str = CONTENT_LAYER,
        style_layers: Iterable[str] = STYLE_LAYERS,
        content_weight: float = 1.0,
        style_weight: float = 1e4,
        variation_weight: float = 5.0,
    ) -> None:
        self.net = net
        self.content_layer = content_layer
        self.style_layers = tuple(style_layers)
        outputs = getattr(net, "outputs", None)
        if not isinstance(outputs, (list, tuple)):
            rule = "name a list of layers in its `outputs`"
            raise must("net", type(net).__name__, rule)
        if not self.style_layers:
            raise must("style_layers", style_layers, "name one layer at least")
        for layer in (content_layer, *self.style_layers):
            if layer not in outputs:
                rule = f"be among the outputs of `net`, {outputs}"
                raise must("content_layer, style_layers", layer, rule)
        self.content_weight = not_negative("content_weight", content_weight)
        self.style_weight = not_negative("style_weight", style_weight)
        self.variation_weight = not_negative(
            "variation_weight", variation_weight
        )
        photograph = _picture("photograph", photograph)
        artwork = _picture("artwork", artwork)
        self.shape = photograph.shape
        # the targets are constants: what the network says once
        self._P = self._maps(photograph)[content_layer].copy()
        self._A = {
            layer: gram(maps) / _places(maps)
            for layer, maps in self._maps(artwork).items()
            if layer in self.style_layers
        }

    def errors(self, x: Any) -> dict[str, Any]:
        """Return the three errors of x, each with its weight, and their sum.

        Parameters
        ----------
        x : array `(1, C, H, W)`
            The picture, of the photograph's size.
        """
        maps = self._maps(x)
        content = content_error(self._P, maps[self.content_layer])
        style: Any = 0.0
        for layer in self.style_layers:
            X, m = maps[layer], _places(maps[layer])
            style = style + style_error(m * self._A[layer], gram(X), m)
        style = style / len(self.style_layers)
        found = {
            "content": self.content_weight * content,
            "style": self.style_weight * style,
            "variation": self.variation_weight * total_variation(x),
        }
        return {**found, "total": sum(found.values())}

    def _maps(self, x: Any) -> dict[str, Any]:
        with at_rest(self.net):
            return dict(zip(self.net.outputs, self.net(x)))


def _picture(argument: str, x: Any) -> Any:
    """Return an input of the network, once it is known to be one picture."""
    shaped(argument, floats(argument, x), 1, "C", "H", "W")
    return np.array(x)


def _places(maps: Any) -> int:
    return maps.shape[2] * maps.shape[3]


class Painting(NamedTuple):
    """What `paint` leaves.

    Attributes
    ----------
    x : ndarray `(1, C, H, W)`
        The picture with the smallest error that was seen.
    errors : dict of str to list of float
        The errors at each evaluation.

    Examples
    --------
    >>> picture = Painting(onp.zeros((1, 3, 8, 8)), {"total": [2.0, 1.0]})
    >>> picture.errors["total"][-1]
    1.0
    """

    x: onp.ndarray
    errors: dict[str, list[float]]


def paint(
    task: NeuralStyle,
    start: Any,
    method: Union[str, Any] = "lbfgs",
    evaluations: int = 100,
) -> Painting:
    """Change a picture until its error is small.

    Parameters
    ----------
    task : NeuralStyle
        Whose error.
    start : array `(1, C, H, W)`
        The picture to begin with: noise, or the photograph itself.
    method : "lbfgs" or Rule
        How to get down: :func:`fdl.optim.lbfgs`, or an update rule such as
        ``optim.Adam(5.0)``, whose rate is in units of grey values.
    evaluations : int
        How often the error and its gradient are computed.

    Returns
    -------
    Painting
        The picture and how it came about.

    Examples
    --------
    >>> from fdl.vision import SqueezeNet
    >>> net = SqueezeNet(["conv1", "fire2"])
    >>> net.initialize()
    >>> photograph = onp.ones((1, 3, 25, 25), onp.float32)
    >>> task = NeuralStyle(net, photograph, 50 * photograph,
    ...                    content_layer="fire2", style_layers=["conv1"])
    >>> start = 20 * onp.random.default_rng(0).normal(size=task.shape)
    >>> total = paint(task, start, optim.Adam(5.0), 4).errors["total"]
    >>> len(total), total[-1] < total[0]
    (4, True)
    """
    if tuple(onp.shape(start)) != tuple(task.shape):
        raise ShapeError(
            f"`start` (=array of shape {onp.shape(start)}) must have the "
            f"shape of the photograph, {tuple(task.shape)}."
        )
    check_whole(evaluations=evaluations)
    watched = _Watched(task, evaluations)
    x0 = floats("start", start).astype(onp.float32).ravel()
    try:
        if method == "lbfgs":
            optim.lbfgs(watched, x0, steps=evaluations, interpolate=False)
        elif isinstance(method, mx.optimizer.Optimizer):
            optim.minimize(watched, x0, method, steps=evaluations)
        else:
            rule = 'be "lbfgs" or an update rule such as optim.Adam(5.0)'
            raise must("method", method, rule)
    except _Spent:
        pass
    return Painting(watched.best.reshape(task.shape), watched.errors)


class _Spent(Exception):
    """No evaluations are left."""


class _Watched:
    """The error of a picture given as a vector; remembers what it saw."""

    def __init__(self, task: NeuralStyle, evaluations: int) -> None:
        self.task = task
        self.left = evaluations
        self.errors: dict[str, list[float]] = {}
        self.best = onp.zeros(0, onp.float32)

    def __call__(self, vector: Any) -> Any:
        if self.left == 0:
            raise _Spent
        self.left -= 1
        found = self.task.errors(vector.reshape(self.task.shape))
        for name, error in found.items():
            self.errors.setdefault(name, []).append(float(error))
        if self.errors["total"][-1] <= min(self.errors["total"]):
            self.best = vector.asnumpy()
        return found["total"]
