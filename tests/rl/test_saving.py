"""Properties and faults: an agent's file."""

import dataclasses

import numpy as np
import pytest

from fdl.errors import CheckpointError, ShapeError
from fdl.rl import saving


@dataclasses.dataclass(frozen=True)
class Config:
    size: int = 2


class Agent:
    def __init__(self, size=2):
        self.config = Config()
        self.w, self.returns = np.zeros(size), []


NAMES = ("returns", "w")


def test_what_is_named_comes_back_and_what_is_more_is_handed_over(tmp_path):
    agent, other, path = Agent(), Agent(), tmp_path / "agent.npz"
    agent.w, agent.returns = np.array([1.5, -2]), [3.0, 4.0]
    saving.save(path, agent, NAMES, best=7)
    assert saving.load(path, other, NAMES)["best"] == 7
    assert other.returns == [3, 4]
    assert type(other.w) is np.ndarray
    np.testing.assert_array_equal(other.w, [1.5, -2])


def test_what_does_not_fit_changes_nothing(tmp_path):
    agent, path = Agent(), tmp_path / "agent.npz"
    agent.returns = [3.0]
    saving.save(path, agent, NAMES)
    other = Agent(size=3)
    with pytest.raises(ShapeError, match=r"`w` .*\(2,\).*\(3,\)"):
        saving.load(path, other, NAMES)
    assert other.returns == []
    with pytest.raises(CheckpointError, match="lacks best, worst"):
        saving.load(path, other, ("returns", "worst", "best"))
    assert other.returns == []
    agent.config = Config(5)
    with pytest.raises(CheckpointError, match="one has"):
        saving.load(path, agent, NAMES)
    other.__class__ = type("Stranger", (Agent,), {})
    with pytest.raises(CheckpointError, match="holds Agent"):
        saving.load(path, other, NAMES)
