"""Error surfaces in one and two dimensions to try the rules and searches on.

Each is a function of x, whose first axis runs over the dimensions: an
``mx.np`` vector for descending, or NumPy's ``(d, ...)`` grids for drawing.

Letters: d dimensions, κ condition number (largest over smallest curvature).

Book: ch. 4, "Flat Regions in the Error Surface"
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Optional

import numpy as onp

from fdl.errors import ShapeError
from fdl.optim import _checks as checks

__all__ = [
    "Fluctuating",
    "Landscape",
    "bowl",
    "cross",
    "flat",
    "rosenbrock",
    "saddle",
    "valley",
]


@dataclass(frozen=True)
class Landscape:
    """An error surface, and how to look at it.

    Examples
    --------
    >>> rosenbrock([1.0, 1.0])
    0.0
    >>> X, Y, Z = saddle.grid(7)
    >>> Z.shape, float(Z.min())
    ((7, 7), -0.25)
    """

    name: str
    """What it is called in a legend."""
    formula: str
    """The function in TeX, without dollars."""
    f: Callable[[Any], Any]
    """From an array ``(d, ...)`` to one ``(...)``."""
    minimum: Optional[tuple[float, ...]]
    """The point that is lowest (one of them), or None if there is none."""
    window: tuple[tuple[float, float], ...]
    """For each dimension, from where to where to draw."""
    start: tuple[float, ...]
    """A point from which the way down is worth watching."""

    def __call__(self, x: Any) -> Any:
        """Return the error at a point, or at each point of a grid."""
        if isinstance(x, (list, tuple)):
            x = onp.asarray(x, dtype=float)
        if len(x) != len(self.window):
            raise ShapeError(
                f"`x` must have {len(self.window)} along its first axis for "
                f"{self.name}; got the shape {x.shape}."
            )
        return self.f(x)

    def grid(self, points: int = 200) -> tuple[onp.ndarray, ...]:
        """Return coordinates and errors over the window, for drawing.

        Parameters
        ----------
        points : int, default 200
            How many along each dimension, from 2 up.

        Returns
        -------
        tuple of numpy.ndarray
            ``X, Z``, each ``(points,)``, in one dimension; ``X, Y, Z``, each
            ``(points, points)`` as Matplotlib's ``contour`` takes them, in
            two.
        """
        points = checks.count("points", points, least=2)
        axes = [onp.linspace(*ends, points) for ends in self.window]
        X = onp.stack(onp.meshgrid(*axes))
        return (*X, self.f(X))


def bowl(condition: float = 10.0, dimensions: int = 2) -> Landscape:
    """Return ½ Σ λ_j x_j², its curvatures λ from 1 to κ.

    Parameters
    ----------
    condition : float, default 10.0
        κ, from 1 (circles) up. The λ_j grow by equal factors.
    dimensions : int, default 2
        d, from 1 up.

    Examples
    --------
    >>> bowl(condition=4.0)([1.0, 1.0])
    2.5
    """
    kappa = checks.number("condition", condition, least=1.0)
    d = checks.count("dimensions", dimensions, least=1)
    curvatures = onp.geomspace(1.0, kappa, d).tolist() if d > 1 else [kappa]

    def f(x: Any) -> Any:
        # ½ Σ λ_j x_j²
        return sum(0.5 * c * x[j] ** 2 for j, c in enumerate(curvatures))

    return Landscape(
        name=f"bowl (κ = {kappa:g})",
        formula=r"\tfrac{1}{2} \sum_j \lambda_j x_j^2",
        f=f,
        minimum=(0.0,) * d,
        window=((-1.2, 1.2),) * d,
        start=(-1.0,) + (0.8,) * (d - 1),
    )


def valley(condition: float = 50.0, degrees: float = 35.0) -> Landscape:
    """Return a long narrow bowl that lies across the axes.

    A rate for each coordinate, which evens out :func:`bowl`, cannot even out
    this one.

    Parameters
    ----------
    condition : float, default 50.0
        κ, from 1 up.
    degrees : float, default 35.0
        By how much the valley's floor is turned from the first axis.

    Examples
    --------
    >>> round(valley(condition=50.0, degrees=90.0)([1.0, 0.0]), 6)
    25.0
    """
    kappa = checks.number("condition", condition, least=1.0)
    angle = math.radians(checks.number("degrees", degrees))
    c, s = math.cos(angle), math.sin(angle)

    def f(x: Any) -> Any:
        # ½ (u² + κ v²), u along the floor and v across it
        u = c * x[0] + s * x[1]
        v = c * x[1] - s * x[0]
        return 0.5 * (u**2 + kappa * v**2)

    return Landscape(
        name=f"valley (κ = {kappa:g})",
        formula=r"\tfrac{1}{2} (u^2 + \kappa v^2)",
        f=f,
        minimum=(0.0, 0.0),
        window=((-1.2, 1.2), (-1.2, 1.2)),
        start=(-1.0, -0.2),
    )


saddle = Landscape(
    name="saddle",
    formula=r"\tfrac{1}{2} x^2 - \tfrac{1}{2} y^2 + \tfrac{1}{4} y^4",
    f=lambda x: 0.5 * x[0] ** 2 - 0.5 * x[1] ** 2 + 0.25 * x[1] ** 4,
    minimum=(0.0, 1.0),
    window=((-1.5, 1.5), (-1.5, 1.5)),
    start=(-1.2, 0.01),
)
"""A saddle at the origin between the minima (0, 1) and (0, −1)."""

rosenbrock = Landscape(
    name="Rosenbrock's valley",
    formula=r"100 (y - x^2)^2 + (1 - x)^2",
    f=lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2,
    minimum=(1.0, 1.0),
    window=((-1.8, 1.8), (-0.8, 2.2)),
    start=(-1.2, 1.0),
)
"""A bent valley, easy to enter and hard to follow, to the minimum (1, 1)."""

cross = Landscape(
    name="saddle across the axes",
    formula=r"x^2 + y^2 + 3xy",
    f=lambda x: x[0] ** 2 + x[1] ** 2 + 3 * x[0] * x[1],
    minimum=None,
    window=((-1.2, 1.2), (-1.2, 1.2)),
    start=(1.0, 0.5),
)
"""At the origin a minimum along either axis, and yet a saddle."""

flat = Landscape(
    name="flat region",
    formula=r"3 w^4 - 4 w^3 + 1",
    f=lambda x: 3 * x[0] ** 4 - 4 * x[0] ** 3 + 1,
    minimum=(1.0,),
    window=((-0.7, 1.45),),
    start=(-0.6,),
)
"""One weight: level at 0, where descent gets stuck, lowest at 1."""


class Fluctuating:
    """A landscape that is seen through one example at a time.

    Each example tilts the surface its own way, and the tilts of all of them
    cancel: the mean of the examples' surfaces is the landscape. Every call
    takes the next example of an endless shuffled order, as stochastic
    gradient descent does.

    Parameters
    ----------
    landscape : Landscape
        The error over all examples.
    spread : float, default 1.0
        The standard deviation of the tilts, positive.
    examples : int, default 32
        How many examples there are, from 2 up.
    seed : int, default 0
        Decides tilts and order.

    Examples
    --------
    >>> from fdl.optim import SGD, minimize
    >>> rule = SGD(learning_rate=0.02)
    >>> minimize(flat, flat.start, rule, steps=400)[-1].round(1)
    array([-0.])
    >>> noisy = Fluctuating(flat, spread=2.0)
    >>> minimize(noisy, flat.start, rule, steps=400)[-1].round(0)
    array([1.])

    Book: ch. 2, "Stochastic and Minibatch Gradient Descent"
    """

    def __init__(
        self,
        landscape: Landscape,
        spread: float = 1.0,
        *,
        examples: int = 32,
        seed: int = 0,
    ) -> None:
        self.landscape = landscape
        self.spread = checks.positive("spread", spread)
        self.examples = checks.count("examples", examples, least=2)
        self.seed = checks.count("seed", seed)
        self._random = onp.random.default_rng(seed)
        tilts = self._random.normal(size=(examples, len(landscape.window)))
        tilts -= tilts.mean(axis=0)
        self.tilts = spread * tilts / tilts.std(axis=0)
        """``(examples, d)``, of mean 0."""
        self._order: list[int] = []

    def surface(self, example: int) -> Callable[[Any], Any]:
        """Return the error of one example as a function."""
        tilt = self.tilts[example].tolist()

        def f(x: Any) -> Any:
            # E(x) + cᵀx
            return self.landscape(x) + sum(
                c * x[j] for j, c in enumerate(tilt)
            )

        return f

    def __call__(self, x: Any) -> Any:
        """Return the error of the next example."""
        if not self._order:
            self._order = self._random.permutation(self.examples).tolist()
        return self.surface(self._order.pop())(x)
