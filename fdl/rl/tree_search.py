"""Tree search that is led by a network, and teaches it.

A search plays many games in thought from the position at hand. Each goes down
the tree by moves that look good or have hardly been tried, and ends where a
position is new: there a network says how good it is, and which moves to try
first::

    a = argmax_a Q(s, a) + c π(a | s) √(1 + Σ_b N(s, b)) / (1 + N(s, a))

The move tried most often is the one to make. It is better than the network's
own first guess, so the network learns to guess what the search has found, and
how the game has ended.

Letters: ``π`` the network's guess of the move, ``v`` of the result; ``N`` how
often a move was tried, ``Q`` what came of it on average; ``c`` how much is
explored.

References: [1] Silver et al. 2017, doi:10.1038/nature24270

Differences from the paper: (1) A small network of plain layers. (2) The
newest network always plays. (3) Each game is learned from in all eight ways
to turn and mirror it. (4) Under the root a 1 is added to the sum,
so that π decides the very first try.

Book: ch. 9, "Explore Versus Exploit"
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as onp

from fdl import device as devices
from fdl import seeding
from fdl._mxnet import autograd, np, npx
from fdl.errors import must
from fdl.nn.feed_forward import FeedForward
from fdl.rl import descent, saving
from fdl.rl.host_net import HostNet
from fdl.rl.tic_tac_toe import EMPTY, Board, symmetries
from fdl.scratch._checks import not_negative, positive, shaped, whole
from fdl.scratch.neurons import softmax

__all__ = ["Config", "Node", "TreeSearch", "by_playing_on", "search"]

KEPT = ("results", "losses")
Evaluate = Callable[[Board], tuple[onp.ndarray, float]]


@dataclasses.dataclass(frozen=True)
class Config:
    """The agent's settings.

    Examples
    --------
    >>> dataclasses.replace(Config(), simulations=10, noise=0.0).batch
    64
    >>> Config(noise=-1)
    Traceback (most recent call last):
    ...
    ValueError: `noise` (=-1) must be from 0 to 1.
    """

    hidden: tuple[int, ...] = (64, 64)
    """Units of the hidden layers."""
    simulations: int = 50
    """Games in thought before each move."""
    c: float = 1.5
    """How much is explored."""
    noise: float = 0.25
    """Share of chance in the first moves' π while it learns."""
    learning_rate: float = 0.003
    """Adam's ε."""
    batch: int = 64
    """Positions in an update, each in eight ways."""
    kept: int = 2000
    """Positions of the last games to learn from."""

    def __post_init__(self) -> None:
        for name in ("simulations", "batch", "kept"):
            whole(name, getattr(self, name))
        positive("c", self.c)
        positive("learning_rate", self.learning_rate)
        if not 0 <= self.noise <= 1:
            raise must("noise", self.noise, "be from 0 to 1")


class Node:
    """A position that the search has looked at.

    Parameters
    ----------
    board : Board
        The position.

    Attributes
    ----------
    prior, tried, worth : array `(9,)`
        π, N and the sum of what came of each move; None where it is new.

    Examples
    --------
    The first visit asks what a position is worth; each later one tries a move:

    >>> node, evaluate = Node(EMPTY), by_playing_on(onp.random.default_rng(0))
    >>> node.prior is None, int(node.tried.sum())
    (True, 0)
    >>> for _ in range(10):
    ...     _ = node.visit(evaluate, c=1.5)
    >>> node.prior.round(2), int(node.tried.sum())
    (array([0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11]), 9)
    """

    def __init__(self, board: Board) -> None:
        self.board, self.result = board, board.result()
        self.moves = board.moves()
        self.prior: Optional[onp.ndarray] = None
        self.tried, self.worth = onp.zeros(9), onp.zeros(9)
        self.children: dict[int, Node] = {}

    def choose(self, c: float) -> int:
        """Return the move to look at next."""
        assert self.prior is not None
        Q = self.worth / onp.maximum(self.tried, 1)
        # argmax_a Q(s, a) + c π(a | s) √(1 + Σ_b N(s, b)) / (1 + N(s, a))
        bonus = c * self.prior * math.sqrt(self.tried.sum() + 1)
        scores = Q + bonus / (1 + self.tried)
        return max(self.moves, key=lambda move: scores[move])

    def visit(self, evaluate: Evaluate, c: float) -> float:
        """Play a game in thought; return its result for who is to move."""
        if self.result is not None:
            return float(self.result)
        if self.prior is None:
            self.prior, value = evaluate(self.board)
            return value
        move = self.choose(c)
        if move not in self.children:
            self.children[move] = Node(self.board.play(move))
        # what is good for the other is bad for this one
        value = -self.children[move].visit(evaluate, c)
        self.tried[move] += 1
        self.worth[move] += value
        return value


def search(
    board: Board,
    evaluate: Evaluate,
    simulations: int,
    c: float = 1.5,
    prior: Optional[onp.ndarray] = None,
) -> onp.ndarray:
    """Return how often each move was tried, as shares `(9,)`.

    Parameters
    ----------
    board : Board
        A position in which the game goes on.
    evaluate : callable
        Returns a position's π `(9,)` and v.
    simulations : int
        Games in thought.
    c : float
        How much is explored; 0: not at all.
    prior : array `(9,)`, optional
        π of the first moves, if it is not what `evaluate` says.

    Examples
    --------
    x takes 0 and 1, o takes 3 and 4; now 2 wins:

    >>> board = EMPTY.play(0).play(3).play(1).play(4)
    >>> evaluate = by_playing_on(onp.random.default_rng(0))
    >>> shares = search(board, evaluate, 50)
    >>> int(shares.argmax()), float(shares.sum())
    (2, 1.0)
    """
    if board.result() is not None:
        raise must("board", board, "be one in which the game goes on")
    not_negative("c", c)
    if prior is not None:
        prior = shaped("prior", onp.asarray(prior, float), 9)
    root = Node(board)
    root.prior = evaluate(board)[0] if prior is None else prior
    for _ in range(whole("simulations", simulations)):
        root.visit(evaluate, c)
    return root.tried / root.tried.sum()


def by_playing_on(rng: onp.random.Generator) -> Evaluate:
    """Return what plain search knows of a position: one game by chance.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides.

    Examples
    --------
    One field is left, the last one, with which x makes a row:

    >>> board = EMPTY
    >>> for field in (0, 1, 2, 3, 4, 6, 5, 7):
    ...     board = board.play(field)
    >>> prior, value = by_playing_on(onp.random.default_rng(0))(board)
    >>> prior, value
    (array([0., 0., 0., 0., 0., 0., 0., 0., 1.]), 1.0)
    """

    def evaluate(board: Board) -> tuple[onp.ndarray, float]:
        prior = onp.zeros(9)
        prior[board.moves()] = 1 / len(board.moves())
        sign = 1.0
        while (result := board.result()) is None:
            moves = board.moves()
            board = board.play(moves[rng.integers(len(moves))])
            sign = -sign
        return prior, sign * result

    return evaluate


class TreeSearch:
    """Plays tic-tac-toe, and learns it from games against itself.

    Parameters
    ----------
    config : Config, optional
        Settings.
    seed : int
        Decides the first weights.
    device : device, optional
        See :func:`fdl.device.resolve`.

    Attributes
    ----------
    net : fdl.nn.FeedForward
        A position's features → nine logits of moves, and the result.
    results : list of int
        Of all games, for who began.
    losses : list of float
        Of all updates.

    Examples
    --------
    A network that knows nothing, led by a search that sees a row of three:

    >>> agent = TreeSearch(Config(hidden=(8,), simulations=20))
    >>> prior, value = agent.evaluate(EMPTY)
    >>> prior.shape, round(prior.sum(), 6)
    ((9,), 1.0)
    >>> agent.act(EMPTY.play(0).play(3).play(1).play(4))
    2
    >>> agent.learn(games=2)
    >>> agent
    TreeSearch(2 games)
    """

    def __init__(
        self,
        config: Optional[Config] = None,
        *,
        seed: int = 0,
        device: Any = None,
    ) -> None:
        self.config = c = config or Config()
        self.device = devices.resolve(device)[0]
        seeding.seed_all(seed)
        self.net = FeedForward((18, *c.hidden, 10))
        self.trainer = descent.adam(self.net, c.learning_rate, self.device)
        self._host = HostNet(self.net)
        self.results: list[int] = []
        self.losses: list[float] = []

    def __repr__(self) -> str:
        return f"TreeSearch({len(self.results)} games)"

    def evaluate(self, board: Board) -> tuple[onp.ndarray, float]:
        """Return the network's π `(9,)` and v of a position."""
        found = self._host(board.features())
        logits = onp.full(9, -onp.inf)
        moves = board.moves()
        logits[moves] = found[moves]
        return softmax(logits), float(onp.tanh(found[9]))

    def act(self, board: Board, explore: bool = False) -> int:
        """Return the move that the search has tried most often."""
        c = self.config
        return int(search(board, self.evaluate, c.simulations, c.c).argmax())

    def learn(
        self,
        games: int,
        seed: int = 0,
        callbacks: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        """Play against itself, and learn after each game.

        Parameters
        ----------
        games : int
            How many.
        seed : int
            Decides the moves, and what is learned from.
        callbacks : sequence of callable
            Called with the agent after every game; one that returns what
            counts as true ends the learning.
        """
        whole("games", games)
        rng = seeding.generator(seed, "games", len(self.results))
        kept: list[tuple[onp.ndarray, onp.ndarray, float]] = []
        for _ in range(games):
            kept = (kept + self._play(rng))[-self.config.kept :]
            chosen = rng.integers(len(kept), size=self.config.batch)
            self.losses.append(self._update([kept[k] for k in chosen]))
            if any([callback(self) for callback in callbacks]):
                break

    def save(self, path: saving.PathLike) -> None:
        """Write all that it has learned to a file."""
        saving.save(path, self, KEPT)

    def load(self, path: saving.PathLike) -> None:
        """Take up what an agent of these settings has saved."""
        saving.load(path, self, KEPT)
        self._host.refresh()

    def _play(self, rng: onp.random.Generator) -> list[Any]:
        """Play a game; return its positions, what search found, results."""
        c, board = self.config, EMPTY
        boards, found = [], []
        while board.result() is None:
            prior, moves = self.evaluate(board)[0], board.moves()
            chance = onp.zeros(9)
            chance[moves] = rng.dirichlet(onp.ones(len(moves)))
            prior = (1 - c.noise) * prior + c.noise * chance
            shares = search(board, self.evaluate, c.simulations, c.c, prior)
            boards.append(board.features())
            found.append(shares)
            board = board.play(int(rng.choice(9, p=shares)))
        # lost for who would be next, so won for who made the last move
        signs = (-1.0) ** onp.arange(len(boards))[::-1]
        results = -signs * float(board.result() or 0)
        self.results.append(int(results[0]))
        return [*zip(boards, found, results)]

    def _update(self, rows: Sequence[Any]) -> float:
        """Take a step with some positions; return the loss."""
        boards, shares, results = (onp.stack(part) for part in zip(*rows))
        ways = symmetries()
        x = boards.reshape(-1, 2, 9)[:, :, ways]  # (B, 2, 8, 9)
        x = x.swapaxes(1, 2).reshape(-1, 18)
        p = shares[:, ways].reshape(-1, 9)
        z = onp.repeat(results, len(ways))
        x, p, z = (
            np.array(array, dtype="float32", ctx=self.device)
            for array in (x, p, z)
        )
        with autograd.record():
            found = self.net(x)
            log_pi = npx.log_softmax(found[:, :9], axis=-1)
            # E = −Σ_a p(a) ln π(a) + (z − v)²
            loss = -(p * log_pi).sum(axis=-1)
            loss = (loss + (z - np.tanh(found[:, 9])) ** 2).mean()
        loss.backward()
        self.trainer.step(1)
        self._host.refresh()
        return descent.finite(loss, f"after {len(self.results)} games")
