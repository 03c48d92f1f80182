"""Light and dark rectangles: the features that people chose for faces.

A feature compares the mean grey value of one rectangle with that of its
neighbours. An *integral image* makes any such mean a matter of four numbers:

::

    S_ij = Σ_{u<i} Σ_{v<j} x_uv
    Σ over a box = S_bottom,right − S_top,right − S_bottom,left + S_top,left

One feature hardly tells a face from anything else. *Boosting* adds up many:
each new one is chosen for the examples that those before it got wrong.

Letters: ``N`` images; ``H, W`` height and width; ``F`` features; ``y`` labels,
−1 or 1; ``w`` weight of an example, ``ε`` weighted error of a feature, ``α``
its vote.

References: [1] Viola and Jones 2001, CVPR. [2] Freund and Schapire 1997, J.
Comput. Syst. Sci. 55: AdaBoost.

Differences from [1]: means, not sums; one committee, no cascade of them.

Book: ch. 5, "The Shortcomings of Feature Selection"
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fdl.errors import ShapeError, must
from fdl.scratch._checks import choice, floats, positive, shaped, whole

__all__ = [
    "KINDS",
    "Committee",
    "Feature",
    "boost",
    "box_sums",
    "every_feature",
    "integral",
    "responses",
]

KINDS = ("below", "beside", "between")
"""The kinds of features, by how their rectangles lie."""


class Feature(NamedTuple):
    """Two or three rectangles of one size, side by side.

    Attributes
    ----------
    kind : str
        ``"below"``: the lower of two less the upper. ``"beside"``: the right
        one less the left. ``"between"``: the middle one of three less the
        mean of the two at its sides.
    top, left : int
        Where the first of them begins.
    height, width : int
        Of each of them.
    """

    kind: str
    top: int
    left: int
    height: int
    width: int

    def boxes(self) -> list[tuple[float, tuple[int, int, int, int]]]:
        """Return each rectangle's factor and its (top, left, height, width).

        Examples
        --------
        >>> Feature("below", 2, 3, 4, 5).boxes()
        [(-1.0, (2, 3, 4, 5)), (1.0, (6, 3, 4, 5))]
        """
        choice("kind", self.kind, KINDS)
        size = (self.height, self.width)
        down = self.height if self.kind == "below" else 0
        right = self.width if self.kind != "below" else 0
        factors = (-0.5, 1.0, -0.5) if self.kind == "between" else (-1.0, 1.0)
        return [
            (factor, (self.top + k * down, self.left + k * right, *size))
            for k, factor in enumerate(factors)
        ]


def integral(images: Any) -> np.ndarray:
    """Return the sums of all that is above and to the left.

    Parameters
    ----------
    images : array `(…, H, W)`
        Grey values.

    Returns
    -------
    array `(…, H + 1, W + 1)`
        S, its first row and column zero.

    Examples
    --------
    >>> integral([[1, 2], [3, 4]]).tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 3.0], [0.0, 4.0, 10.0]]
    """
    images = floats("images", images)
    if images.ndim < 2:
        raise ShapeError(
            f"`images` (=array of shape {images.shape}) must have the shape "
            "(…, H, W)."
        )
    sums = images.cumsum(axis=-1).cumsum(axis=-2)
    return np.pad(sums, [(0, 0)] * (images.ndim - 2) + [(1, 0), (1, 0)])


def box_sums(
    S: np.ndarray, top: int, left: int, height: int, width: int
) -> np.ndarray:
    """Return the sum over a box of each image, from its integral image.

    Parameters
    ----------
    S : array `(…, H + 1, W + 1)`
        What :func:`integral` gives.
    top, left : int
        The box's first row and column, from 0 up.
    height, width : int
        Its size, from 1 up; it must lie inside.

    Returns
    -------
    array `(…)`
        The sums.

    Examples
    --------
    >>> S = integral([[1, 2, 3], [4, 5, 6]])
    >>> float(box_sums(S, top=0, left=1, height=2, width=2))  # 2 + 3 + 5 + 6
    16.0
    """
    bottom, right = top + height, left + width
    H, W = S.shape[-2] - 1, S.shape[-1] - 1
    if not (0 <= top < bottom <= H and 0 <= left < right <= W):
        box = (top, left, height, width)
        rule = f"lie inside of {H} x {W} pixels"
        raise must("top, left, height, width", box, rule)
    return (
        S[..., bottom, right]
        - S[..., top, right]
        - S[..., bottom, left]
        + S[..., top, left]
    )


def every_feature(height: int, width: int, step: int = 1) -> list[Feature]:
    """Return all features that fit into a window.

    Parameters
    ----------
    height, width : int
        The window's.
    step : int
        Positions and sizes go up in steps of this.

    Examples
    --------
    >>> every_feature(2, 1)
    [Feature(kind='below', top=0, left=0, height=1, width=1)]
    >>> [len(every_feature(n, n)) for n in (2, 3)]
    [6, 30]
    """
    for name, value in (("height", height), ("width", width), ("step", step)):
        whole(name, value)
    found = []
    for kind in KINDS:
        down, right = {"below": (2, 1), "beside": (1, 2), "between": (1, 3)}[
            kind
        ]
        for h in range(step, height // down + 1, step):
            for w in range(step, width // right + 1, step):
                for top in range(0, height - down * h + 1, step):
                    for left in range(0, width - right * w + 1, step):
                        found.append(Feature(kind, top, left, h, w))
    return found


def responses(
    images: Any, features: list[Feature], flat: float = 5.0
) -> np.ndarray:
    """Return the differences of mean grey values.

    They are in units of the image's own contrast, its standard deviation, so
    that a dim face is a face.

    Parameters
    ----------
    images : array `(N, H, W)`
        Grey values, 0 to 255.
    features : list of Feature
        F of them.
    flat : float
        The least contrast to reckon with: noise in a clear sky stays small.

    Returns
    -------
    array `(N, F)`
        Large where the image is bright where the feature wants it.

    Examples
    --------
    >>> image = [[[0, 0], [100, 100]]]  # dark above, bright below: contrast 50
    >>> kinds = [Feature("below", 0, 0, 1, 2), Feature("beside", 0, 0, 2, 1)]
    >>> responses(image, kinds).tolist()
    [[2.0, 0.0]]
    """
    images = shaped("images", floats("images", images), "N", "H", "W")
    if not features:
        raise must("features", features, "hold one feature at least")
    S = integral(images)
    positive("flat", flat)
    contrast = np.maximum(images.std(axis=(-2, -1)), flat)
    columns = [
        sum(factor * box_sums(S, *box) for factor, box in feature.boxes())
        / (feature.height * feature.width * contrast)
        for feature in features
    ]
    return np.stack(columns, axis=-1)


class Committee(NamedTuple):
    """Features that vote, in the order in which they were chosen.

    Attributes
    ----------
    chosen : array of int `(R,)`
        Columns of the responses.
    limits, signs : array `(R,)`
        A vote is `sign` where the response is above its limit, else −sign.
    votes : array `(R,)`
        α, how much each vote counts.

    Examples
    --------
    >>> both = Committee(*map(np.array, ([0, 1], [0.5, 0.5], [1, -1], [2, 1])))
    >>> both(np.array([[1, 0], [1, 1]])).tolist()
    [3, 1]
    >>> both(np.array([[1, 0], [1, 1]]), 1).tolist()  # the first vote only
    [2, 2]
    """

    chosen: np.ndarray
    limits: np.ndarray
    signs: np.ndarray
    votes: np.ndarray

    def __call__(self, responses: np.ndarray, count: int = 0) -> np.ndarray:
        """Return the sum of the first `count` votes (0: all), `(N,)`."""
        R = whole("count", count, 0, len(self.chosen)) or len(self.chosen)
        above = responses[:, self.chosen[:R]] > self.limits[:R]
        return np.where(above, 1, -1) @ (self.signs[:R] * self.votes[:R])


def boost(responses: Any, labels: Any, rounds: int) -> Committee:
    """Choose features one after another (AdaBoost).

    ::

        ε = Σ w over the examples that the feature gets wrong
        α = ½ ln((1 − ε) / ε)
        w ← w exp(−α y h), then scaled to sum to 1      h: its votes, ±1

    Parameters
    ----------
    responses : array `(N, F)`
        What :func:`responses` gives.
    labels : array `(N,)`
        1 for a face, anything else for none.
    rounds : int
        How many to choose, from 1 up.

    Examples
    --------
    >>> few = [[0.0, 5.0], [1.0, 4.0], [2.0, 9.0], [3.0, 3.0]]
    >>> found = boost(few, [0, 0, 1, 1], rounds=1)
    >>> found.chosen.tolist(), found.limits.tolist(), found.signs.tolist()
    ([0], [1.5], [1])
    >>> np.sign(found(np.array(few))).tolist()
    [-1.0, -1.0, 1.0, 1.0]
    """
    x = floats("responses", responses)
    y = np.where(np.asarray(labels) == 1, 1, -1)
    if x.ndim != 2 or y.shape != x.shape[:1] or abs(y.sum()) == len(y):
        raise ShapeError(
            f"`labels` (=array of shape {y.shape}) must have one entry for "
            f"each row of `responses` {x.shape}, and both kinds of them."
        )
    whole("rounds", rounds)
    order = x.argsort(axis=0)
    ranked = np.take_along_axis(x, order, axis=0)
    apart = ranked[1:] > ranked[:-1]  # a limit fits between these two
    w = np.full(len(y), 1 / len(y))
    found = []
    for _ in range(rounds):
        # with the limit after rank k and sign 1, ε = Σ_{y<0} w + Σ_{i≤k} w y
        error = w[y < 0].sum() + (w * y)[order].cumsum(axis=0)[:-1]
        error = np.where(apart, error, 0.5)
        k, f = np.unravel_index(abs(error - 0.5).argmax(), error.shape)
        epsilon = error[k, f]
        sign = 1 if epsilon < 0.5 else -1
        epsilon = np.clip(min(epsilon, 1 - epsilon), 1e-9, 0.5)
        alpha = 0.5 * np.log((1 - epsilon) / epsilon)
        limit = (ranked[k, f] + ranked[k + 1, f]) / 2
        h = sign * np.where(x[:, f] > limit, 1, -1)
        w = w * np.exp(-alpha * y * h)
        w /= w.sum()
        found.append((f, limit, sign, alpha))
    return Committee(*(np.array(part) for part in zip(*found)))
