"""Made-up signals: each value remembers an old one.

Letters: ``N`` signals; ``T`` steps.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Union

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import not_negative, whole

__all__ = ["echoes"]


def echoes(
    n: int,
    steps: int,
    seed: Union[int, Sequence[int]] = 0,
    *,
    delay: int = 40,
    last: float = 0.3,
    echo: float = 0.9,
    bend: float = 2.5,
    noise: float = 0.1,
) -> np.ndarray:
    """Return signals in which every value is partly a bent, late echo.

    ::

        x_t = last · x_{t−1} + echo · sin(bend · x_{t−delay}) + noise · ν_t

    with ν normal. Nobody can predict ν, so no predictor of the next value
    has a smaller mean squared error than noise²; and who sees less than
    `delay` steps back has to do without the second term.

    Parameters
    ----------
    n, steps : int
        N and T.
    seed : int or sequence of int
        Chooses them.
    delay : int
        How late the echo comes.
    last, echo, bend, noise : float
        The constants above. ``|last| + |echo|`` below 1 or so keeps x bounded.

    Returns
    -------
    ndarray `(N, T)`
        Float32; the beginnings, which remember nothing, are cut off.

    Examples
    --------
    >>> x = echoes(2, 300, delay=7, noise=0.0)
    >>> again = 0.3 * x[:, 6:-1] + 0.9 * np.sin(2.5 * x[:, :-7])
    >>> bool(abs(x[:, 7:] - again).max() < 1e-6)
    True
    """
    for name, value in (("n", n), ("steps", steps), ("delay", delay)):
        whole(name, value)
    not_negative("noise", noise)
    for name, number in (("last", last), ("echo", echo), ("bend", bend)):
        if not isinstance(number, numbers.Real) or not np.isfinite(number):
            raise must(name, number, "be a finite number")
    if not abs(last) < 1:
        raise must("last", last, "lie between -1 and 1")
    rng = np.random.default_rng(seed)
    before = 11 * delay
    x = rng.normal(0, 0.5, (n, before + steps))
    nu = rng.normal(size=x.shape)
    for t in range(delay, x.shape[1]):
        bent = np.sin(bend * x[:, t - delay])
        x[:, t] = last * x[:, t - 1] + echo * bent + noise * nu[:, t]
    return x[:, before:].astype(np.float32)
