"""What a grid search tries, and which combination it chooses."""

import math

import numpy as np
import pytest

from fdl.errors import TrainingDiverged
from fdl.scratch.network import FeedForward
from fdl.scratch.search import grid_search

GRID = {"rate": [0.001, 0.01, 0.1], "batch": [16, 64, 128]}


def product(rate, batch):
    return rate * batch


def test_every_combination_is_tried_once_in_order():
    search = grid_search(product, GRID, validate=float)
    tried = [tuple(trial.settings.values()) for trial in search.table]
    assert tried == [(r, b) for r in GRID["rate"] for b in GRID["batch"]]
    assert [trial.score for trial in search.table] == [r * b for r, b in tried]


def test_the_best_validation_score_wins():
    search = grid_search(product, GRID, lambda model: -abs(model - 1.2))
    assert search.best.settings == {"rate": 0.01, "batch": 128}
    assert search.best.model == pytest.approx(1.28)
    assert search.best is search.table[5]


def test_the_lowest_error_wins_where_min_chooses():
    search = grid_search(product, GRID, float, choose=min)
    assert search.best.settings == {"rate": 0.001, "batch": 16}


def test_the_first_of_equals_wins():
    for choose in (max, min):
        search = grid_search(product, GRID, lambda model: 1, choose)
        assert search.best is search.table[0]


def test_a_diverging_combination_loses():
    def train(rate):
        net = FeedForward((1, 1))
        x, t = np.array([[3.0], [1.0]]), np.array([[1.0], [2.0]])
        net.fit(x, t, epochs=500, batch_size=2, learning_rate=rate)
        return net

    def error(net):
        return net.error([[2.0]], [[1.5]])

    search = grid_search(train, {"rate": [9.0, 0.01]}, error, min)
    assert math.isnan(search.table[0].score)
    assert search.table[0].model is None
    assert search.best.settings == {"rate": 0.01}


def test_a_score_that_is_no_number_never_wins():
    scores = {1: math.nan, 2: 0.5, 3: math.nan}
    for choose in (max, min):
        search = grid_search(lambda k: k, {"k": [1, 2, 3]}, scores.get, choose)
        assert search.best.settings == {"k": 2}


def test_other_errors_are_not_swallowed():
    def train(k):
        raise ZeroDivisionError("a mistake")

    with pytest.raises(ZeroDivisionError):
        grid_search(train, {"k": [1]}, float)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, r"`grid` \(=\{\}\) must name at least one setting"),
        ({"k": []}, r"`grid\['k'\]` \(=\[\]\) must hold at least one value"),
        ([1], r"`grid` \(=\[1\]\) must map each setting's name"),
        ({"k": "adam"}, r"`grid\['k'\]` \(='adam'\) must be a list of values"),
        ({"k": 1}, r"`grid\['k'\]` \(=1\) must be a list of values"),
    ],
)
def test_a_bad_grid_is_refused(grid, message):
    with pytest.raises(ValueError, match=message):
        grid_search(product, grid, float)


def test_a_grid_where_all_diverge_is_refused():
    def train(k):
        raise TrainingDiverged("no")

    with pytest.raises(ValueError, match=r"`grid` .*whose score is a number"):
        grid_search(train, {"k": [1, 2]}, float)
