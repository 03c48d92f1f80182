"""Replay: what an agent has lived through, to be learned from again.

Each frame is kept once, as bytes; what an agent saw, the last few frames, is
put together when it is sampled. So a million frames of 84 × 84 take 7.1 GB,
where stacks of four, kept as what was seen and what followed, would take 56.

Letters: ``B`` transitions; ``history`` frames of a stack; ``n`` steps of a
return; ``γ`` the discount.

References: [1] Mnih et al. 2015, doi:10.1038/nature14236

Differences from the paper: before an episode's beginning its first frame is
repeated; returns may be of several steps.

Book: ch. 9, "Experience Replay"
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fdl._machine import memory_bytes
from fdl.errors import ShapeError, must
from fdl.scratch._checks import share, whole

__all__ = ["Batch", "Replay"]

# what followed an action; UNDONE: none has been taken in this frame
UNDONE, GOES_ON, ENDED, CUT = range(4)
EXTRA = 4 + 4 + 1 + 1  # bytes beside a frame
KEPT = ("frames", "actions", "rewards", "fates", "ages")


class Batch(NamedTuple):
    """Transitions to learn from.

    Attributes
    ----------
    observations : array `(B, history, …)`
        What was seen; the newest frame comes last.
    actions : array `(B,)`
        What was done.
    rewards : array `(B,)`
        What that brought in n steps, discounted.
    following : array `(B, history, …)`
        What was seen then.
    discounts : array `(B,)`
        What the value of that counts: γⁿ, or γ to as many steps as there
        were before a time limit cut the episode; 0 if it had ended.

    Examples
    --------
    :class:`Replay` shows one.
    """

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    following: np.ndarray
    discounts: np.ndarray


class Replay:
    """Keeps the last `capacity` frames, and samples transitions from them.

    Parameters
    ----------
    capacity : int
        Frames. An episode's last one, in which nothing is done, counts too.
    frame_shape : tuple of int
        Of one frame, such as ``(84, 84)``.
    history : int
        How many frames an agent sees at once.
    dtype : str
        Of the frames: bytes for pictures, ``"float32"`` for numbers.

    Examples
    --------
    >>> replay = Replay(100, (2,), history=2, dtype="float32")
    >>> replay.begin([0, 0])
    >>> replay.add(1, [1, 0], 0.5)
    >>> replay.add(0, [1, 1], 2.0, terminated=True)
    >>> batch = replay.sample(1, np.random.default_rng(0), gamma=0.5)
    >>> batch.observations.tolist(), batch.following.tolist()
    ([[[0.0, 0.0], [1.0, 0.0]]], [[[1.0, 0.0], [1.0, 1.0]]])
    >>> batch.actions, batch.rewards, batch.discounts
    (array([0], dtype=int32), array([2.], ...), array([0.], ...))
    """

    def __init__(
        self,
        capacity: int,
        frame_shape: Sequence[int],
        history: int = 4,
        dtype: str = "uint8",
    ) -> None:
        self.history = whole("history", history, most=100)
        self.capacity = whole("capacity", capacity, least=history + 2)
        self.frame_shape = tuple(
            whole("frame_shape", size) for size in frame_shape
        )
        a_frame = math.prod(self.frame_shape) * np.dtype(dtype).itemsize
        need, have = capacity * (a_frame + EXTRA), memory_bytes()
        if have and need > have:
            raise must(
                "capacity",
                capacity,
                f"be {have // (a_frame + EXTRA):,} at most: a frame takes "
                f"{a_frame:,} + {EXTRA} bytes, all of them "
                f"{need / 1e9:,.1f} GB, and this machine has "
                f"{have / 1e9:,.1f}",
            )
        self._frames = np.zeros((capacity, *self.frame_shape), dtype)
        self._actions = np.zeros(capacity, np.int32)
        self._rewards = np.zeros(capacity, np.float32)
        self._fates = np.zeros(capacity, np.uint8)
        # frames of the same episode before it, as many as a stack needs
        self._ages = np.zeros(capacity, np.uint8)
        self._next, self._size, self._playing = 0, 0, False

    def __repr__(self) -> str:
        return f"Replay({self._size:,} of {self.capacity:,} frames)"

    def __len__(self) -> int:
        """Return how many frames are kept."""
        return self._size

    @property
    def nbytes(self) -> int:
        """The bytes that a full replay takes."""
        arrays = (self._frames, self._actions, self._rewards)
        return sum(a.nbytes for a in (*arrays, self._fates, self._ages))

    def begin(self, frame: Any) -> None:
        """Take an episode's first frame."""
        self._keep(frame, 0)
        self._playing = True

    def add(
        self,
        action: int,
        frame: Any,
        reward: float,
        terminated: bool = False,
        truncated: bool = False,
    ) -> None:
        """Take an action, and the frame and the reward that followed.

        Parameters
        ----------
        action : int
            What was done in the frame before.
        frame : array
            What was seen then.
        reward : float
            What it brought.
        terminated : bool
            Whether the episode has ended: nothing follows.
        truncated : bool
            Whether it was only cut: what would follow counts.
        """
        if not self._playing:
            raise RuntimeError("No episode is running: call `begin` first.")
        whole("action", action, 0)
        if not math.isfinite(reward):
            raise must("reward", reward, "be a finite number")
        k = (self._next - 1) % self.capacity
        age = min(int(self._ages[k]) + 1, self.history - 1)
        self._keep(frame, age)
        self._actions[k], self._rewards[k] = action, reward
        self._fates[k] = ENDED if terminated else CUT if truncated else GOES_ON
        self._playing = not (terminated or truncated)

    def sample(
        self,
        size: int,
        rng: np.random.Generator,
        *,
        gamma: float = 0.99,
        n: int = 1,
    ) -> Batch:
        """Return transitions, each as likely as any other.

        Parameters
        ----------
        size : int
            B.
        rng : numpy.random.Generator
            Decides.
        gamma : float
            γ.
        n : int
            Steps of a return; fewer where the episode is over before, or has
            not been played further yet.
        """
        whole("size", size)
        whole("n", n)
        share("gamma", gamma)
        k = at = last = self._draw(size, rng)
        rewards, discounts = np.zeros(size), np.ones(size)
        live = np.ones(size, bool)
        for _ in range(n):
            # R = r_t + γ r_{t+1} + …, as far as the episode goes
            rewards += live * discounts * self._rewards[at]
            fate = self._fates[at]
            discounts = np.where(live, gamma * discounts, discounts)
            discounts[live & (fate == ENDED)] = 0
            last = np.where(live, (at + 1) % self.capacity, last)
            live = live & (fate == GOES_ON) & (self._fates[last] != UNDONE)
            at = np.where(live, last, at)
        return Batch(
            self.stacks(k),
            self._actions[k],
            rewards.astype(np.float32),
            self.stacks(last),
            discounts.astype(np.float32),
        )

    def stacks(self, k: np.ndarray) -> np.ndarray:
        """Return what was seen at some places, `(B, history, …)`."""
        back = np.arange(self.history)[::-1]  # history − 1, …, 1, 0
        # no further back than the episode's first frame, which is repeated
        back = np.minimum(back, self._ages[k][:, np.newaxis])
        return self._frames[(k[:, np.newaxis] - back) % self.capacity]

    def latest(self) -> np.ndarray:
        """Return what is seen now, `(history, …)`."""
        if not self._size:
            raise RuntimeError("No frame is kept yet: call `begin` first.")
        return self.stacks(np.array([(self._next - 1) % self.capacity]))[0]

    def state(self) -> dict[str, np.ndarray]:
        """Return what a checkpoint keeps; views, not copies."""
        kept = {name: getattr(self, f"_{name}")[: self._size] for name in KEPT}
        place = [self._next, self._size, self._playing, self.history]
        return {**kept, "place": np.array(place)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what a checkpoint kept, of a replay of this kind."""
        if set(state) != {*KEPT, "place"}:
            raise must("state", sorted(state), "be a replay's")
        place = [int(number) for number in state["place"]]
        size = len(state["frames"])
        same = all(
            state[name].shape == (size, *getattr(self, f"_{name}").shape[1:])
            and state[name].dtype == getattr(self, f"_{name}").dtype
            for name in KEPT
        )
        full = size == self.capacity or place[0] == size < self.capacity
        if not same or not full or place[3] != self.history:
            rule = f"be of {self.capacity:,} frames such as this replay's"
            raise must("state", state["frames"].shape, rule)
        for name in KEPT:
            getattr(self, f"_{name}")[:size] = state[name]
        self._next, self._size = place[0], size
        self._playing = bool(place[2])

    def _keep(self, frame: Any, age: int) -> None:
        """Write a frame where the oldest one is."""
        frame = np.asarray(frame)
        if frame.shape != self.frame_shape:
            raise ShapeError(
                f"`frame` (=array of shape {frame.shape}) must have the shape "
                f"{self.frame_shape}."
            )
        self._check_numbers(frame)
        k = self._next
        self._frames[k], self._ages[k], self._fates[k] = frame, age, UNDONE
        self._next = (k + 1) % self.capacity
        self._size = min(self._size + 1, self.capacity)

    def _check_numbers(self, frame: np.ndarray) -> None:
        kind = self._frames.dtype
        if not np.issubdtype(kind, np.integer):
            if not np.isfinite(frame).all():
                raise must("frame", frame, "be finite everywhere")
        elif frame.dtype != kind:
            low, high = np.iinfo(kind).min, np.iinfo(kind).max
            fits = np.issubdtype(frame.dtype, np.integer)
            if not fits or frame.min() < low or frame.max() > high:
                rule = f"hold whole numbers from {low} to {high}"
                raise must("frame", frame, rule)

    def _draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Return places where something was done and all frames are kept."""
        found = np.zeros(0, int)
        while len(found) < size:
            # counted from the oldest
            k = rng.integers(max(self._size, 1), size=2 * size)
            k = k[self._usable(k)]
            if not len(k) and not self._usable(np.arange(self._size)).any():
                raise RuntimeError(
                    "No transition can be sampled yet: none has been added "
                    "whose frames are all kept."
                )
            found = np.concatenate([found, k])
        return (self._next - self._size + found[:size]) % self.capacity

    def _usable(self, k: np.ndarray) -> np.ndarray:
        """Return which places, counted from the oldest, can be sampled."""
        at = (self._next - self._size + k) % self.capacity
        # the frames of its stack must not have been written over
        return (self._fates[at] != UNDONE) & (k >= self._ages[at])
