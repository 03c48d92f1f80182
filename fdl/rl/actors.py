"""Actors: processes that play with copies of a policy's weights.

An actor is given weights, plays some steps with them, sends what happened,
and waits for weights again. It needs NumPy alone. One that breaks ends the
run with its traceback; one that is killed is replaced.

Letters: ``T`` steps of a roll, ``A`` actions.

References: [1] Mnih et al. 2016, arXiv:1602.01783

Differences from the paper: actors are processes, not threads, and send what
they have lived through, not gradients.

Book: ch. 9, "Asynchronous Advantage Actor-Critic Agent (A3C)"
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import traceback
import warnings
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple, Optional

import numpy as np

from fdl import seeding
from fdl.errors import must
from fdl.scratch._checks import floats, whole

__all__ = [
    "Actor",
    "ActorFailed",
    "Alone",
    "Crew",
    "Layers",
    "Roll",
    "answer",
    "is_made",
]

Layers = Sequence[tuple[np.ndarray, np.ndarray]]
REPLACED = 3  # actors, before a run is given up


class ActorFailed(RuntimeError):
    """An actor cannot go on; the message says why.

    It carries the actor's own traceback out of ``Crew.collect``, and so
    out of :meth:`fdl.rl.A3C.learn`, which saves the agent first if it was
    given a path.
    """


class Roll(NamedTuple):
    """Some steps of an episode, up to its end at most.

    Attributes
    ----------
    seen : array `(T + 1, n)`
        Observations, flat; the last one is what the last step led to.
    actions : array `(T,)`
        What was done.
    rewards : array `(T,)`
        What that brought.
    ended : bool
        Whether the episode has ended: nothing follows.
    over : bool
        Whether it has ended, or was cut.
    total : float
        What the episode has brought so far.
    length : int
        How many steps it has had so far.

    Examples
    --------
    :class:`Actor` shows one.
    """

    seen: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    ended: bool
    over: bool
    total: float
    length: int


def answer(layers: Layers, x: Any) -> np.ndarray:
    """Return what ReLU layers and a linear one make of x, `(n,)` or `(B, n)`.

    Parameters
    ----------
    layers : sequence of (array, array)
        Weights `(inputs, outputs)` and biases.
    x : array
        The inputs.

    Examples
    --------
    max(x, 0) + max(−x, 0) is |x|:

    >>> layers = [([[1.0, -1.0]], [0.0, 0.0]), ([[1.0], [1.0]], [0.0])]
    >>> answer([(np.array(W), np.array(b)) for W, b in layers], [[2], [-3]])
    array([[2.],
           [3.]])
    """
    *hidden, (W, b) = layers
    for W_k, b_k in hidden:
        x = np.maximum(x @ W_k + b_k, 0)
    return np.asarray(x @ W + b)


def is_made(env: Any) -> bool:
    """Return whether this is a world, and not what makes one.

    Parameters
    ----------
    env : gymnasium.Env or callable
        One or the other.

    Examples
    --------
    >>> from fdl.rl import Delay
    >>> is_made(Delay()), is_made(Delay)
    (True, False)
    """
    return hasattr(env, "step") and not isinstance(env, type)


class Actor:
    """Plays on and on, some steps at a time.

    Parameters
    ----------
    env : gymnasium.Env
        The world, or a function that makes it.
    actions : int
        A. Of the network's outputs the first A are logits.
    steps : int
        Of a roll.
    seed : int
        Decides the world and the actions.
    answer : callable
        Returns a network's outputs for what is seen, flat.

    Examples
    --------
    A world of two steps, of which the second brings 1; one action, and so one
    logit and a value:

    >>> from fdl.rl import Delay
    >>> actor = Actor(Delay(), actions=1, steps=5, seed=0)
    >>> roll = actor.roll([(np.zeros((1, 2)), np.zeros(2))])
    >>> roll.seen.ravel(), roll.rewards
    (array([0., 1., 1.], dtype=float32), array([0., 1.], dtype=float32))
    >>> roll.ended, roll.total, roll.length
    (True, 1.0, 2)
    """

    def __init__(
        self,
        env: Any,
        actions: int,
        steps: int,
        seed: int,
        answer: Callable[[Any, np.ndarray], np.ndarray] = answer,
    ) -> None:
        self.env = env if is_made(env) else env()
        self.actions = whole("actions", actions)
        self.steps = whole("steps", steps)
        self._answer = answer
        self._rng = seeding.generator(seed, "actions")
        self._seen = self._begin(seeding.derive(seed, "world"))
        self._total, self._length = 0.0, 0

    def roll(self, layers: Any) -> Roll:
        """Play with these weights, or whatever else it is that answers."""
        seen = [self._seen]
        done: list[int] = []
        rewards: list[float] = []
        ended = cut = False
        while len(done) < self.steps and not (ended or cut):
            logits = self._answer(layers, seen[-1])[: self.actions]
            # the largest of logits with Gumbel noise is drawn from π
            noise = self._rng.gumbel(size=self.actions)
            action = int((logits + noise).argmax())
            observation, reward, ended, cut, _ = self.env.step(action)
            seen.append(_flat(observation))
            done.append(action)
            rewards.append(float(reward))
        x = np.array(seen)
        # here it can still be said which of them is no number
        floats("observations", x)
        floats("rewards", rewards)
        self._total += sum(rewards)
        self._length += len(done)
        found = Roll(
            x,
            np.array(done, np.int32),
            np.array(rewards, np.float32),
            bool(ended),
            bool(ended or cut),
            self._total,
            self._length,
        )
        self._seen = seen[-1]
        if found.over:
            self._seen = self._begin()
            self._total, self._length = 0.0, 0
        return found

    def _begin(self, seed: Optional[int] = None) -> np.ndarray:
        return _flat(self.env.reset(seed=seed)[0])


class Alone:
    """One actor in this process, to be asked as a `Crew` is.

    Parameters
    ----------
    env, actions, steps, seed
        As of `Actor`.
    layers : Layers
        The weights to begin with.

    Examples
    --------
    >>> from fdl.rl import Delay
    >>> layers = [(np.zeros((1, 2)), np.zeros(2))]
    >>> with Alone(Delay(), 1, 5, 0, layers) as crew:
    ...     [(who, roll)] = crew.collect()
    ...     crew.go_on([who], layers)
    >>> roll.total
    1.0
    """

    def __init__(
        self, env: Any, actions: int, steps: int, seed: int, layers: Layers
    ) -> None:
        # the same as the first one of a crew
        first = seeding.derive(seed, "actor", 0)
        self._actor = Actor(env, actions, steps, first)
        self._layers = layers

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def collect(self) -> list[tuple[Any, Roll]]:
        """Return a roll."""
        return [(self, self._actor.roll(self._layers))]

    def go_on(self, _: Any, layers: Layers) -> None:
        """Use these weights from now on."""
        self._layers = layers


class Crew:
    """Actors at work, each in a process of its own.

    To be used in a ``with`` statement, whose end leaves no process behind.

    Parameters
    ----------
    size : int
        How many.
    env, actions, steps, seed
        As of `Actor`; each actor gets a seed of its own.
    layers : Layers
        The weights to begin with.

    Examples
    --------
    :class:`Alone` shows how one is asked; in a script, what does so must stand
    under ``if __name__ == "__main__":``.
    """

    def __init__(
        self,
        size: int,
        env: Any,
        actions: int,
        steps: int,
        seed: int,
        layers: Layers,
    ) -> None:
        whole("size", size)
        self._env = env
        self._settings, self._seed = (actions, steps), seed
        self._context = multiprocessing.get_context("spawn")
        self._layers = layers
        self._hired = 0
        self._processes: dict[Any, Any] = {}  # by their pipes
        try:
            for _ in range(size):
                self._hire()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def collect(self) -> list[tuple[Any, Roll]]:
        """Return what has come in, with the pipe of each; wait for one."""
        found: list[tuple[Any, Roll]] = []
        wait: Any = multiprocessing.connection.wait
        while not found:
            for pipe in wait([*self._processes]):
                try:
                    said = pipe.recv()
                except (EOFError, OSError):
                    self._replace(pipe)
                    continue
                if isinstance(said, str):
                    raise ActorFailed(f"An actor has failed:\n{said}")
                found.append((pipe, said))
        return found

    def go_on(self, pipes: Sequence[Any], layers: Layers) -> None:
        """Let some actors play on, with these weights."""
        self._layers = layers
        for pipe in pipes:
            try:
                pipe.send(layers)
            except OSError:
                self._replace(pipe)

    def close(self) -> None:
        """End all processes."""
        for pipe, process in self._processes.items():
            pipe.close()
            process.terminate()
        for process in self._processes.values():
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
        self._processes = {}

    def _hire(self) -> None:
        ours, theirs = self._context.Pipe()
        seed = seeding.derive(self._seed, "actor", self._hired)
        process = self._context.Process(
            target=_work,
            args=(theirs, self._env, *self._settings, seed),
            daemon=True,
        )
        try:
            process.start()
        except (OSError, RuntimeError):
            raise
        except Exception as error:  # no other process can be given it
            rule = f"be sent to other processes, which fails: {error}"
            raise must("env", self._env, rule) from None
        self._processes[ours] = process
        theirs.close()  # so that ours tells when the actor is gone
        self._hired += 1
        with contextlib.suppress(OSError):  # `collect` sees who is gone
            ours.send(self._layers)

    def _replace(self, pipe: Any) -> None:
        process = self._processes.pop(pipe)
        pipe.close()
        process.join(5)
        if process.is_alive():  # its pipe has gone, and it has not
            process.kill()
            process.join()
        said = f"An actor has died (exit code {process.exitcode})"
        if self._hired - len(self._processes) > REPLACED:
            raise ActorFailed(
                f"{said}, as {REPLACED} have before. If this is a script, "
                'what it does must stand under `if __name__ == "__main__":`. '
                "A world that a notebook defines must stand in a module."
            )
        warnings.warn(f"{said} and is replaced.", RuntimeWarning, stacklevel=4)
        self._hire()


def _work(pipe: Any, env: Any, actions: int, steps: int, seed: int) -> None:
    """Be an actor, until nobody is at the other end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the learner sees to it
    try:
        actor = Actor(env, actions, steps, seed)
        while True:
            pipe.send(actor.roll(pipe.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    except BaseException:
        pipe.send(traceback.format_exc())


def _flat(observation: Any) -> np.ndarray:
    return np.asarray(observation, np.float32).ravel()
