"""Grid search: try every combination, keep what validates best.

Book: ch. 2, "Test Sets, Validation Sets, and Overfitting"
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any, Callable, NamedTuple

from fdl.errors import TrainingDiverged, must

__all__ = ["GridSearch", "Trial", "grid_search"]


class Trial(NamedTuple):
    """One combination: its settings, its model and its validation score.

    Examples
    --------
    >>> trial = Trial({"rate": 0.1}, score=0.9, model=None)
    >>> trial.settings["rate"], trial.score
    (0.1, 0.9)
    """

    settings: dict[str, Any]
    score: float
    model: Any


class GridSearch(NamedTuple):
    """The best trial, and the table of all of them in grid order.

    Examples
    --------
    >>> best, table = grid_search(
    ...     lambda rate: abs(rate - 1), {"rate": [0, 3]}, validate=float)
    >>> best.settings, len(table)
    ({'rate': 3}, 2)
    """

    best: Trial
    table: list[Trial]


def grid_search(
    train: Callable[..., Any],
    grid: Mapping[str, Iterable[Any]],
    validate: Callable[[Any], float],
    choose: Callable[..., Trial] = max,
) -> GridSearch:
    """Train with every combination of settings and keep the best one.

    Best means best on the validation set; how good the winner really is, the
    test set must say, which has had no part in choosing.

    Parameters
    ----------
    train : callable
        ``train(**settings)`` returns a model trained with these settings. If
        it raises `fdl.errors.TrainingDiverged`, as too large a rate makes it,
        there is no model, and the score is NaN, which never wins.
    grid : mapping
        Each setting's name and the values to try.
    validate : callable
        ``validate(model)`` returns its score on the validation set.
    choose : callable
        ``max`` for accuracies, ``min`` for errors. The first of equals wins.

    Returns
    -------
    GridSearch
        ``.best`` and ``.table`` of trials ``(settings, score, model)``.

    Examples
    --------
    >>> search = grid_search(
    ...     lambda rate, batch: rate * batch,
    ...     {"rate": [1, 2], "batch": [16, 64]},
    ...     validate=lambda model: abs(model - 60),
    ...     choose=min,
    ... )
    >>> [trial.score for trial in search.table]
    [44, 4, 28, 68]
    >>> search.best.settings
    {'rate': 1, 'batch': 64}
    """
    if not isinstance(grid, Mapping):
        raise must("grid", grid, "map each setting's name to its values")
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise must(f"grid[{name!r}]", values, "be a list of values")
    columns = {name: list(values) for name, values in grid.items()}
    if not columns:
        raise must("grid", grid, "name at least one setting")
    for name, values in columns.items():
        if not values:
            raise must(f"grid[{name!r}]", values, "hold at least one value")
    table = []
    for combination in itertools.product(*columns.values()):
        settings = dict(zip(columns, combination))
        try:
            model = train(**settings)
        except TrainingDiverged:
            table.append(Trial(settings, math.nan, None))
        else:
            table.append(Trial(settings, validate(model), model))
    scored = [trial for trial in table if not math.isnan(trial.score)]
    if not scored:
        raise must("grid", grid, "hold a combination whose score is a number")
    return GridSearch(choose(scored, key=lambda t: t.score), table)
