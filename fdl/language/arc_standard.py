"""Trees from actions: the arc-standard system.

A stack holds what is still without a head, a buffer the words to come. `SHIFT`
moves the next word from the buffer to the stack's top; `LEFT` hangs the
stack's second under its top, `RIGHT` the top under the second, and what was
hung leaves the stack. The stack starts as the root, number 0. A sentence of n
words takes 2n actions: each word is shifted once, and hung once.

The root stays at the bottom, and one word alone is hung under it, last of
all; so `RIGHT` is illegal on two elements while words are left.

Letters: ``n`` words; ``C_k`` Catalan's numbers.

References: [1] Nivre 2004, https://aclanthology.org/W04-0308. [2] Chen and
Manning 2014, doi:10.3115/v1/D14-1082.

Differences from the book: it has no root, starts with two words on the stack
and ends with one; that takes 2n − 1 actions, two of them taken before the
start.

Book: ch. 7, "Dependency Parsing and SyntaxNet"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = [
    "LEFT",
    "NAMES",
    "RIGHT",
    "SHIFT",
    "Configuration",
    "count_sequences",
    "heads",
    "oracle",
]

SHIFT, LEFT, RIGHT = range(3)
"""The actions, as the numbers 0, 1 and 2."""
NAMES = ("SHIFT", "LEFT", "RIGHT")
"""What the actions are called, by their numbers."""


class Configuration:
    """A stack, a buffer, and the arcs drawn so far.

    Parameters
    ----------
    n : int
        Words of the sentence.

    Attributes
    ----------
    stack : list of int
        Words by number, from 1 up; the root, 0, at the bottom.
    next : int
        The buffer's first word; n + 1 when it is empty.
    heads : list of int
        Of each word its head; −1 while it has none. Entry 0 is the root's.
    left, right : list of int
        Of each word the outermost one hung under it on either side; −1 while
        there is none.

    Examples
    --------
    >>> c = Configuration(2)
    >>> for action in (SHIFT, SHIFT, LEFT, RIGHT):
    ...     c.take(action)
    >>> c.done, c.heads[1:]
    (True, [2, 0])
    """

    __slots__ = ("heads", "left", "n", "next", "right", "stack")

    def __init__(self, n: int) -> None:
        self.n = whole("n", n)
        self.stack, self.next = [0], 1
        self.heads = [-1] * (n + 1)
        self.left = [-1] * (n + 1)
        self.right = [-1] * (n + 1)

    def __repr__(self) -> str:
        rest = list(range(self.next, self.n + 1))
        return f"Configuration({self.stack} / {rest})"

    @property
    def done(self) -> bool:
        """Whether the tree is whole."""
        return self.next > self.n and len(self.stack) == 1

    def legal(self) -> tuple[bool, bool, bool]:
        """Return whether each action may be taken."""
        words = self.next <= self.n
        size = len(self.stack)
        # the root, at the bottom, hangs nowhere and takes the last word only
        return words, size > 2, size > 2 or (size == 2 and not words)

    def take(self, action: int) -> None:
        """Take one action.

        Raises
        ------
        ValueError
            If it is illegal here.
        """
        if action not in (SHIFT, LEFT, RIGHT) or not self.legal()[action]:
            name = NAMES[action] if action in (0, 1, 2) else action
            raise must("action", name, f"be legal in {self!r}")
        if action == SHIFT:
            self.stack.append(self.next)
            self.next += 1
            return
        top = self.stack.pop()
        if action == LEFT:
            second = self.stack.pop()
            self.stack.append(top)
            self.heads[second] = top
            self.left[top] = second
        else:
            second = self.stack[-1]
            self.heads[top] = second
            self.right[second] = top

    def copy(self) -> Configuration:
        """Return one that can go another way."""
        twin = Configuration.__new__(Configuration)
        twin.n, twin.next = self.n, self.next
        twin.stack, twin.heads = self.stack[:], self.heads[:]
        twin.left, twin.right = self.left[:], self.right[:]
        return twin


def oracle(heads: Sequence[int]) -> list[int]:
    """Return the actions that build a tree.

    As soon as a word on the stack can be hung, it is: under the word to its
    right at once, under that to its left when all its own words are hung.

    Parameters
    ----------
    heads : sequence of int
        Of each word the number of its head, from 1 up; 0 is the root.

    Returns
    -------
    list of int
        2n actions.

    Raises
    ------
    ValueError
        Unless `heads` is a tree with one word under the root, none of whose
        arcs cross.

    Examples
    --------
    >>> [NAMES[a] for a in oracle([2, 0])]
    ['SHIFT', 'SHIFT', 'LEFT', 'RIGHT']
    """
    head = [-1, *(_head(heads, k) for k in range(len(heads)))]
    n = len(head) - 1
    waiting = [head.count(k) for k in range(n + 1)]  # children not yet hung
    if n < 1 or waiting[0] != 1:
        raise must("heads", heads, "hang one word under the root, 0")
    c, actions = Configuration(n), []
    while not c.done:
        action = SHIFT
        if len(c.stack) > 1:
            second, top = c.stack[-2:]
            if head[second] == top:
                action = LEFT
            elif head[top] == second and not waiting[top]:
                action = RIGHT
        if not c.legal()[action]:
            raise must("heads", heads, "be a tree whose arcs do not cross")
        if action != SHIFT:
            waiting[head[second if action == LEFT else top]] -= 1
        c.take(action)
        actions.append(action)
    return actions


def _head(heads: Sequence[int], k: int) -> int:
    value: Any = heads[k]
    try:
        right = int(value) == value and 0 <= value <= len(heads)
    except (TypeError, ValueError):
        right = False
    if not right:
        rule = f"be the number of a word, from 1 to {len(heads)}, or 0"
        raise must(f"heads[{k}]", value, rule)
    return int(value)


def heads(actions: Sequence[int], n: int) -> list[int]:
    """Return the heads that actions give the n words of a sentence.

    Examples
    --------
    >>> heads([SHIFT, SHIFT, LEFT, RIGHT], 2)
    [2, 0]

    Raises
    ------
    ValueError
        If an action is illegal where it stands, or the tree is not whole.
    """
    c = Configuration(n)
    for action in actions:
        c.take(action)
    if not c.done:
        rule = f"be the {2 * n} actions that hang {n} words"
        raise must("actions", actions, rule)
    return c.heads[1:]


def count_sequences(n: int, arcs: int = 2) -> int:
    """Return how many legal ways there are through a sentence, without root.

    As the book counts: n words are shifted, and n − 1 arcs leave one word on
    the stack. Counted action by action; in closed form it is
    C_{n−1} · arcs^{n−1}.

    Parameters
    ----------
    n : int
        Words.
    arcs : int
        Kinds of arcs, both directions together.

    Examples
    --------
    >>> [count_sequences(n) for n in (1, 2, 3)]
    [1, 2, 8]
    """
    whole("n", n)
    whole("arcs", arcs)

    # with an empty buffer and a stack of 0, 1, 2, …: to hang is all there is
    ways = [0, *(arcs**k for k in range(n))]
    for buffer in range(1, n + 1):
        shift, ways = ways, []
        for stack in range(n - buffer + 1):
            hang = arcs * ways[stack - 1] if stack > 1 else 0
            ways.append(shift[stack + 1] + hang)
    return ways[0]
