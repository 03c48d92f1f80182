"""Known values and properties: episodes that are lived and handed on."""

import types

import numpy as np
import pytest

from fdl import rl
from fdl._mxnet import mx
from fdl.errors import TrainingDiverged
from fdl.rl import descent
from fdl.rl.episodes import batches, live


class Scripted:
    """Does what it was told, and notes what happens to it."""

    def __init__(self, gamma=0.5, batch=2):
        self.config = types.SimpleNamespace(gamma=gamma, batch=batch)
        self.returns, self.lengths, self.log = [], [], []

    def begin(self):
        self.log.append("begin")

    def act(self, seen, explore=False):
        self.log.append((float(np.ravel(seen)[0]), explore))
        return 1


class Delay(rl.Delay):
    """It is all the same which of two actions one takes."""

    actions = 2


class ForEver(rl.ForEver):
    """Likewise."""

    actions = 2


class Sign(rl.Sign):
    """Likewise."""

    actions = 2


def test_an_episode_is_lived_counted_and_discounted():
    agent = Scripted()
    lived = live(agent, Delay(), 0)  # 1, at its second and last step
    assert lived.seen.dtype == np.float32
    np.testing.assert_array_equal(lived.seen, [[0], [1]])
    np.testing.assert_array_equal(lived.actions, [1, 1])
    np.testing.assert_array_equal(lived.G, [0.5, 1])
    assert agent.returns == [1]  # not discounted
    assert agent.lengths == [2]
    assert agent.log == ["begin", (0, True), (1, True)]


def test_an_episode_that_is_cut_is_over_as_well():
    agent = Scripted()
    assert len(live(agent, ForEver(8)).G) == 8


def test_batches_are_full_and_callbacks_come_after_what_was_learned():
    agent, log = Scripted(), []
    stop = [lambda a: log.append(len(a.returns))]
    for batch in batches(agent, Delay(), 5, callbacks=stop):
        assert len(batch) == 2
        log.append("learned")
    assert log == [1, "learned", 2, 3, "learned", 4, 5]
    stop = [lambda a: len(a.returns) == 3, lambda a: log.append("all")]
    log.clear()
    agent = Scripted(batch=1)
    found = [*batches(agent, Delay(), 5, callbacks=stop)]
    assert len(found) == len(agent.returns) == 3
    assert log == ["all"] * 3
    with pytest.raises(ValueError, match="`episodes`"):
        next(batches(agent, Delay(), 0))


def test_a_seed_decides_the_worlds_and_what_was_lived_before_as_well():
    def signs(agent, seed):
        found = batches(agent, Sign(), 12, seed)
        return [float(lived.seen[0, 0]) for (lived,) in found]

    agents = [Scripted(batch=1) for _ in range(3)]
    one, same, other = (signs(a, s) for a, s in zip(agents, (1, 1, 2)))
    assert one == same != other
    assert set(one) == {-1, 1}
    assert signs(agents[0], 1) != one


def test_a_loss_that_is_a_number_is_one_and_no_other_passes():
    assert descent.finite(mx.np.array(2.5), "now") == 2.5
    for value in (np.nan, np.inf):
        with pytest.raises(TrainingDiverged, match="in update 7: `learn"):
            descent.finite(mx.np.array(value), "in update 7")
