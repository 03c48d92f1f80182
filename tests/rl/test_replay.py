"""Against a list of everything: replay."""

import numpy as np
import pytest

from fdl.rl import Replay

HISTORY = 3


class Everything:
    """Keeps every episode as lists; the oracle."""

    def __init__(self):
        self.episodes = []

    def begin(self, frame):
        self.episodes.append(([frame], [], [], None))

    def add(self, action, frame, reward, terminated=False, truncated=False):
        frames, actions, rewards, _ = self.episodes[-1]
        frames.append(frame)
        actions.append(action)
        rewards.append(reward)
        end = "ended" if terminated else "cut" if truncated else None
        self.episodes[-1] = (frames, actions, rewards, end)

    def transition(self, frame, gamma, n):
        """What starts in the frame of this number."""
        for frames, actions, rewards, end in self.episodes:
            if frame in frames[: len(actions)]:
                t = frames.index(frame)
                last = min(t + n, len(actions))
                steps = range(t, last)
                total = sum(gamma ** (k - t) * rewards[k] for k in steps)
                over = last == len(actions) and end == "ended"
                discount = 0 if over else gamma ** (last - t)
                seen = [self.stack(frames, k) for k in (t, last)]
                return seen[0], actions[t], total, seen[1], discount
        raise AssertionError(f"nothing was done in frame {frame}")

    @staticmethod
    def stack(frames, t):
        places = range(t - HISTORY + 1, t + 1)
        return [frames[max(k, 0)] for k in places]


def play(capacity, frames, seed=0):
    """Fill both with the same episodes, whose frames are numbered."""
    rng = np.random.default_rng(seed)
    replay = Replay(capacity, (1,), HISTORY, dtype="int32")
    everything, over = Everything(), True
    for k in range(frames):
        if over:
            for kept in (everything, replay):
                kept.begin([k] if kept is replay else k)
            over = False
            continue
        fate = rng.choice(3, p=[0.8, 0.1, 0.1])
        action, reward = int(rng.integers(4)), float(rng.normal())
        given = {"terminated": fate == 1, "truncated": fate == 2}
        everything.add(action, k, reward, **given)
        replay.add(action, [k], reward, **given)
        # now and then one gives up in the middle, and begins anew
        over = fate > 0 or rng.random() < 0.02
    return replay, everything


@pytest.mark.parametrize(
    ("capacity", "frames"), [(200, 150), (60, 60), (60, 401), (7, 100)]
)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_what_is_sampled_is_what_was_lived_through(capacity, frames, n):
    for seed in range(3):
        replay, everything = play(capacity, frames, seed)
        assert len(replay) == min(capacity, frames)
        batch = replay.sample(300, np.random.default_rng(seed), gamma=0.9, n=n)
        for row in zip(*batch):
            seen, action, reward, then, discount = row
            wanted = everything.transition(int(seen[-1, 0]), 0.9, n)
            assert seen[:, 0].tolist() == wanted[0]
            assert action == wanted[1]
            assert reward == pytest.approx(wanted[2], abs=1e-6)
            assert discount == pytest.approx(wanted[4], abs=1e-6)
            # behind an end nothing counts, so it may be anything
            assert not discount or then[:, 0].tolist() == wanted[3]


def test_every_transition_is_as_likely_and_none_is_missing():
    replay, everything = play(80, 300)
    kept = set(range(300 - 80, 300))
    wanted = set()
    for frames, actions, *_ in everything.episodes:
        for t in range(len(actions)):
            if {*everything.stack(frames, t), frames[t + 1]} <= kept:
                wanted.add(frames[t])
    batch = replay.sample(60_000, np.random.default_rng(0))
    numbers, counts = np.unique(batch.observations[:, -1, 0], return_counts=1)
    assert set(numbers.tolist()) == wanted
    mean = 60_000 / len(wanted)
    assert abs(counts - mean).max() < 5 * mean**0.5


def steps(*fates):
    replay = Replay(10, (1,), 1)
    replay.begin([0])
    for k, fate in enumerate(fates):
        replay.add(0, [k + 1], 1.0, **dict.fromkeys(fate.split(), True))
    return replay


def of_first(replay, **kwargs):
    batch = replay.sample(50, np.random.default_rng(0), gamma=0.98, **kwargs)
    row = batch.observations[:, 0, 0].tolist().index(0)
    return float(batch.rewards[row]), float(batch.discounts[row])


def test_steps_end_at_an_end_and_at_a_cut():
    reward, discount = of_first(steps("", "terminated"), n=3)
    assert (round(reward, 6), discount) == (1.98, 0)
    reward, discount = of_first(steps("", "truncated"), n=3)
    assert (round(reward, 6), round(discount, 6)) == (1.98, 0.9604)
    reward, discount = of_first(steps("", "", "", ""), n=3)
    assert discount == pytest.approx(0.98**3)
    assert reward == pytest.approx(1 + 0.98 + 0.98**2)
    # what has not been played further yet ends where it is
    reward, discount = of_first(steps("", ""), n=3)
    assert (round(reward, 6), round(discount, 6)) == (1.98, 0.9604)


def test_an_action_belongs_to_the_frame_before_it():
    replay = Replay(10, (1,), 1)
    replay.begin([7])
    replay.add(3, [8], 0.5)
    batch = replay.sample(1, np.random.default_rng(0))
    assert batch.observations.tolist() == [[[7]]]
    assert batch.following.tolist() == [[[8]]]
    assert batch.actions.tolist() == [3]
    assert replay.latest().tolist() == [[8]]


def test_a_million_frames_take_little_more_than_themselves():
    replay = Replay(1_000_000, (84, 84))  # zeros cost nothing until written
    assert replay.nbytes <= 7.1e9


def test_frames_are_kept_once():
    replay = Replay(1000, (84, 84))
    assert replay.nbytes <= 1000 * (84 * 84 + 44)
    frame = np.arange(84 * 84, dtype=np.uint8).reshape(84, 84)
    replay.begin(frame)
    replay.add(1, frame.T, 0.0)
    batch = replay.sample(2, np.random.default_rng(0))
    assert batch.observations.dtype == np.uint8
    np.testing.assert_array_equal(batch.observations[0], [frame] * 4)
    np.testing.assert_array_equal(
        batch.following[0], [frame, frame, frame, frame.T]
    )


def test_a_checkpoint_brings_back_the_same_samples():
    for frames in (40, 300):
        replay, _ = play(80, frames)
        kept = {name: a.copy() for name, a in replay.state().items()}
        other = Replay(80, (1,), HISTORY, dtype="int32")
        other.restore(kept)
        batches = [
            r.sample(50, np.random.default_rng(1)) for r in (replay, other)
        ]
        for one, two in zip(*batches):
            np.testing.assert_array_equal(one, two)
        if other._playing:
            for r in (replay, other):
                r.add(1, [-5], 2.0, truncated=True)
        assert len(other) == len(replay)


def test_a_checkpoint_of_another_kind_is_refused():
    replay, _ = play(80, 300)
    state = replay.state()
    for other in (
        Replay(81, (1,), HISTORY, dtype="int32"),
        Replay(80, (2,), HISTORY, dtype="int32"),
        Replay(80, (1,), HISTORY + 1, dtype="int32"),
        Replay(80, (1,), HISTORY, dtype="uint8"),
    ):
        with pytest.raises(ValueError, match="`state`.*such as this replay's"):
            other.restore(state)
        assert not len(other)
    with pytest.raises(ValueError, match="`state`.*be a replay's"):
        other.restore({"frames": state["frames"]})


def test_one_larger_than_memory_is_refused_with_the_arithmetic():
    message = r"`capacity` \(=1000000000\).*7,056 \+ 10 bytes.*7,066\.0 GB"
    with pytest.raises(ValueError, match=message):
        Replay(10**9, (84, 84))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: r.begin([1, 2]), r"`frame`.*shape \(1,\)"),
        (lambda r: r.begin([0.5]), "`frame`.*whole numbers from 0 to 255"),
        (lambda r: r.begin([256]), "`frame`.*whole numbers from 0 to 255"),
        (lambda r: r.add(0, [1], np.nan), "`reward`.*finite"),
        (lambda r: r.add(1.5, [1], 0.0), "`action` .=1.5. must be a whole"),
        (lambda r: r.add(-1, [1], 0.0), "`action` .=-1. must be a whole"),
        (lambda r: r.sample(0, None), "`size`"),
        (lambda r: r.sample(1, None, n=0), "`n`"),
        (lambda r: r.sample(1, None, gamma=1.1), "`gamma`"),
        (lambda r: Replay(3, (1,), 4), "`capacity` .=3. must be"),
        (lambda r: Replay(30, (1,), 0), "`history`"),
        (lambda r: Replay(30, (0,)), "`frame_shape`"),
        (
            lambda r: Replay(9, (1,), 1, "float32").begin([np.inf]),
            "`frame`.*finite",
        ),
    ],
)
def test_bad_input_is_told_and_leaves_all_as_it_was(call, message):
    replay = steps("")
    before = {name: a.copy() for name, a in replay.state().items()}
    with pytest.raises(ValueError, match=message):
        call(replay)
    for name, array in replay.state().items():
        np.testing.assert_array_equal(array, before[name])


def test_what_cannot_be_yet_is_told():
    replay = Replay(10, (1,), 1)
    with pytest.raises(RuntimeError, match="call `begin` first"):
        replay.add(0, [1], 0.0)
    with pytest.raises(RuntimeError, match="No transition"):
        replay.sample(1, np.random.default_rng(0))
    with pytest.raises(RuntimeError, match="call `begin` first"):
        replay.latest()
    replay.begin([0])
    with pytest.raises(RuntimeError, match="No transition"):
        replay.sample(1, np.random.default_rng(0))
    replay.add(0, [1], 0.0, terminated=True)
    with pytest.raises(RuntimeError, match="call `begin` first"):
        replay.add(0, [1], 0.0)


@pytest.mark.parametrize("ended", [False, True])
def test_a_checkpoint_tells_whether_an_episode_is_running(ended):
    kept, other = (Replay(6, (1,), 2, "float32") for _ in "ab")
    kept.begin([0])
    kept.add(0, [1], 1.0, terminated=ended)
    if ended:
        other.begin([5])  # which is over as soon as it takes up the other
    other.restore(kept.state())
    if ended:
        with pytest.raises(RuntimeError, match="`begin` first"):
            other.add(0, [2], 1.0)
    else:
        other.add(0, [2], 1.0)
        assert len(other) == 3
