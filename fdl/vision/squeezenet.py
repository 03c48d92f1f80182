"""SqueezeNet 1.1: ImageNet's thousand classes with 1.2 million parameters.

A *fire module* first squeezes: s filters 1 × 1 mix the d channels down to a
few. Then it expands: e filters 1 × 1 and e filters 3 × 3 look at these few
side by side, and their 2e maps are stacked. The expensive 3 × 3 filters thus
see s channels where they would have seen d.

Pictures of any size from 25 × 25 up will do, since nothing is fully
connected: the scores are means over the last maps.

Letters: ``B`` batch; ``H, W`` height and width; ``d`` channels in, ``s``
filters that squeeze, ``e`` filters of each kind that expand.

References: [1] Iandola et al. 2016, arXiv 1602.07360, version 1.1.

Differences from the paper: none; dropout is active in training only.

Book: ch. 5, "Leveraging Convolutional Filters to Replicate Artistic Styles"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Union

import numpy as onp

from fdl._mxnet import gluon, nn
from fdl.errors import ShapeError, must
from fdl.nn._checks import Batch, Checked, check_share, check_whole
from fdl.nn.parameters import set_parameters
from fdl.scratch._checks import floats, shaped
from fdl.scratch.neurons import softmax

__all__ = [
    "LAYERS",
    "MEAN",
    "Fire",
    "SqueezeNet",
    "best",
    "to_input",
    "to_pictures",
]

FIRES = {  # s and e
    "fire2": (16, 64),
    "fire3": (16, 64),
    "fire4": (32, 128),
    "fire5": (32, 128),
    "fire6": (48, 192),
    "fire7": (48, 192),
    "fire8": (64, 256),
    "fire9": (64, 256),
}
LAYERS = (
    *("conv1", "pool1", "fire2", "fire3", "pool3", "fire4", "fire5", "pool5"),
    *("fire6", "fire7", "fire8", "fire9", "conv10", "scores"),
)
SMALLEST = 25
# blue, green, red: the order of the library that the network was trained with
MEAN = onp.array([104.0, 117.0, 123.0], onp.float32)


class Fire(gluon.HybridBlock):
    """Squeeze d channels to s, then expand them to 2e.

    Parameters
    ----------
    channels, squeeze, expand : int
        d, s and e.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> fire = Fire(8, squeeze=2, expand=4)
    >>> fire.initialize()
    >>> fire(np.zeros((1, 8, 5, 5))).shape
    (1, 8, 5, 5)
    """

    def __init__(
        self, channels: int, squeeze: int, expand: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_whole(channels=channels, squeeze=squeeze, expand=expand)
        with self.name_scope():
            self.squeeze1x1 = _convolution(channels, squeeze, 1)
            self.expand1x1 = _convolution(squeeze, expand, 1)
            self.expand3x3 = _convolution(squeeze, expand, 3, padding=1)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return `(B, 2e, H, W)` for x `(B, d, H, W)`."""
        few = self.squeeze1x1(x)  # (B, s, H, W)
        wide = [self.expand1x1(few), self.expand3x3(few)]
        return F.np.concatenate(wide, axis=1)


class SqueezeNet(Checked):
    """SqueezeNet 1.1, with a look at any of its layers.

    ::

        conv1 → pool1 → fire2 → fire3 → pool3 → fire4 → fire5 → pool5
              → fire6 → fire7 → fire8 → fire9 → conv10 → scores

    A ReLU follows each convolution. Layers after the last one asked for are
    not built. :meth:`fill` takes the weights that its authors published,
    ``data.load("squeezenet")``.

    Parameters
    ----------
    outputs : str or sequence of str
        Which layers to return: one array for one name, a list for several.
        ``"scores"`` `(B, classes)` are what a softmax takes.
    classes : int
        How many classes.
    dropout : float
        Share of the last maps that training drops.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = SqueezeNet(["conv1", "fire9"])
    >>> net.initialize()
    >>> [maps.shape for maps in net(np.zeros((1, 3, 67, 67)))]
    [(1, 64, 33, 33), (1, 512, 4, 4)]
    """

    def __init__(
        self,
        outputs: Union[str, Iterable[str]] = "scores",
        *,
        classes: int = 1000,
        dropout: float = 0.5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(classes=classes)
        check_share(dropout=dropout)
        self.takes = Batch("images", (3, "H", "W"), SMALLEST)
        self.outputs = outputs if isinstance(outputs, str) else tuple(outputs)
        wanted = [outputs] if isinstance(outputs, str) else list(self.outputs)
        for name in wanted:
            if name not in LAYERS:
                raise must("outputs", name, f"be of {', '.join(LAYERS)}")
        if not wanted:
            raise must("outputs", outputs, "name one layer at least")
        self._chain = LAYERS[: 1 + max(map(LAYERS.index, wanted))]
        channels = 64
        with self.name_scope():
            for name in self._chain:
                if name == "conv1":
                    layer = _convolution(3, channels, 3, strides=2)
                elif name in FIRES:
                    layer = Fire(channels, *FIRES[name])
                    channels = 2 * FIRES[name][1]
                elif name == "conv10":
                    self.dropout = nn.Dropout(dropout)
                    layer = _convolution(channels, classes, 1)
                elif name == "scores":
                    layer = nn.GlobalAvgPool2D()
                else:
                    # a window may hang over the edge: "ceil mode"
                    layer = nn.MaxPool2D(3, 2, ceil_mode=True)
                setattr(self, name, layer)

    def fill(self, arrays: Mapping[str, Any]) -> SqueezeNet:
        """Take over the arrays of the layers that are built.

        Parameters
        ----------
        arrays : mapping of str to array
            By path, as in ``data.load("squeezenet").arrays``.

        Returns
        -------
        SqueezeNet
            This network.
        """
        names = self._collect_params_with_prefix()
        set_parameters(self, {k: v for k, v in arrays.items() if k in names})
        return self

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the layers asked for, for pictures x `(B, 3, H, W)`."""
        seen = {}
        for name in self._chain:
            if name == "conv10":
                x = self.dropout(x)
            x = getattr(self, name)(x)
            if name == "scores":
                x = F.npx.batch_flatten(x)
            seen[name] = x
        if isinstance(self.outputs, str):
            return seen[self.outputs]
        return [seen[name] for name in self.outputs]


def to_input(pictures: Any) -> onp.ndarray:
    """Return what the network takes for pictures as we see them.

    Parameters
    ----------
    pictures : array `(N, H, W, 3)` or `(H, W, 3)`
        0 to 255, in the order red, green, blue.

    Returns
    -------
    ndarray
        `(N, 3, H, W)` float32, blue, green, red, less the mean of ImageNet.

    Examples
    --------
    >>> red = onp.zeros((1, 1, 3), onp.uint8) + onp.array([255, 0, 0])
    >>> to_input(red).ravel().tolist()  # blue, green, red, less their means
    [-104.0, -117.0, 132.0]
    """
    pixels = onp.asarray(pictures, onp.float32)
    pixels = pixels[onp.newaxis] if pixels.ndim == 3 else pixels
    if pixels.ndim != 4 or pixels.shape[3] != 3:
        raise ShapeError(
            f"`pictures` (=array of shape {onp.shape(pictures)}) must have "
            "the shape (N, H, W, 3) or (H, W, 3)."
        )
    if not onp.isfinite(pixels).all():
        raise must("pictures", "with NaN or infinity", "be finite everywhere")
    shifted = pixels[:, :, :, ::-1] - MEAN
    return onp.ascontiguousarray(shifted.transpose(0, 3, 1, 2))


def to_pictures(x: Any) -> onp.ndarray:
    """Return the pictures `(N, H, W, 3)`, uint8, that inputs stand for.

    Values outside 0 to 255 are cut off, so this undoes :func:`to_input` for
    real pictures only.

    Examples
    --------
    >>> red = onp.array([[[[255, 0, 0]]]])
    >>> to_pictures(to_input(red)).ravel().tolist()
    [255, 0, 0]
    """
    x = shaped("x", floats("x", x), "N", 3, "H", "W")
    pixels = x.transpose(0, 2, 3, 1) + MEAN
    return onp.clip(onp.round(pixels), 0, 255).astype(onp.uint8)[..., ::-1]


def best(
    scores: Any, classes: tuple[str, ...], count: int = 5
) -> list[list[tuple[str, float]]]:
    """Return the most probable classes of each picture, best first.

    Parameters
    ----------
    scores : array `(B, classes)`
        What the network gives.
    classes : tuple of str
        Their names.
    count : int
        How many to return.

    Returns
    -------
    list of list of (str, float)
        Name and probability; all of them if there are fewer than `count`.

    Examples
    --------
    >>> scores = onp.log([[0.1, 0.6, 0.3]])
    >>> [[(name, round(p, 3)) for name, p in row]
    ...  for row in best(scores, ("cat", "dog", "cow"), 2)]
    [[('dog', 0.6), ('cow', 0.3)]]
    """
    scores = shaped("scores", floats("scores", scores), "B", len(classes))
    check_whole(count=count)
    return [
        [(classes[i], float(row[i])) for i in onp.argsort(-row)[:count]]
        for row in softmax(scores)
    ]


def _convolution(
    channels: int, filters: int, size: int, **options: Any
) -> nn.Conv2D:
    return nn.Conv2D(
        filters, size, in_channels=channels, activation="relu", **options
    )
