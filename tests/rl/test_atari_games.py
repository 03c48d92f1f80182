"""Oracle, properties and faults: Atari's games."""

import sys

import gymnasium
import numpy as np
import pytest

from fdl import rl
from fdl.rl.atari_games import atari

ale_py = pytest.importorskip("ale_py")
cv2 = pytest.importorskip("cv2")

FIRE = 1


def test_a_frame_is_the_brighter_of_the_last_two_of_four_made_smaller():
    game, raw = (
        atari("Breakout"),
        gymnasium.make(
            "ALE/Breakout-v5",
            frameskip=1,
            repeat_action_probability=0.0,
            obs_type="grayscale",
        ),
    )
    game.reset(seed=3)
    raw.reset(seed=3)
    # the first frames are idle, so many by chance: play on from their end
    idle = game.unwrapped.ale.getFrameNumber()
    while raw.unwrapped.ale.getFrameNumber() < idle:
        raw.step(0)
    total, flickers = 0.0, False
    for action in np.random.default_rng(0).integers(4, size=200):
        found, reward, *_ = game.step(action)
        steps = [raw.step(action)[:2] for _ in range(4)]
        bright = np.maximum(steps[2][0], steps[3][0])
        flickers |= (bright != steps[3][0]).any()
        wanted = cv2.resize(bright, (84, 84), interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(found, wanted)
        assert reward == sum(r for _, r in steps)
        total += reward
    assert found.dtype == np.uint8
    assert total > 0
    assert flickers  # the last picture alone would be another


def test_a_seed_decides_a_game():
    def played(seed):
        game = atari("Pong", size=42, repeat=0.25)
        frames = [game.reset(seed=seed)[0]]
        frames += [game.step(k % 6)[0] for k in range(60)]
        return np.stack(frames)

    assert played(1).shape == (61, 42, 42)
    np.testing.assert_array_equal(played(1), played(1))
    assert (played(1) != played(2)).any()


@pytest.mark.parametrize("life_ends", [False, True])
def test_an_episode_ends_with_a_life_only_if_asked_to(life_ends):
    game = atari("Breakout", life_ends=life_ends)
    game.reset(seed=0)
    for _ in range(400):
        _, _, ended, cut, info = game.step(FIRE)
        if info["lives"] == 4:
            break
    assert info["lives"] == 4
    assert ended == life_ends
    assert not cut


def test_an_agent_is_served_and_frames_are_shown():
    env = gymnasium.wrappers.FrameStackObservation(atari("Breakout"), 4)
    agent = rl.DQN(env, rl.dqn.Config(capacity=50, start=10))
    agent.learn(env, 16)
    assert agent.steps == 16
    assert agent.replay.latest().shape == (4, 84, 84)
    assert env.render().shape == (210, 160, 3)


def test_what_is_wrong_or_missing_is_told(monkeypatch):
    with pytest.raises(ValueError, match=r"`name` \(='Brakeout'.*Breakout"):
        atari("Brakeout")
    for name, value in (("size", 0), ("skip", 0), ("repeat", 2)):
        with pytest.raises(ValueError, match=f"`{name}`"):
            atari(**{name: value})
    monkeypatch.setitem(sys.modules, "ale_py", None)
    with pytest.raises(ModuleNotFoundError, match=r"fdl\[atari\]"):
        atari()
