"""Made-up stories in the format of the bAbI tasks.

People walk from room to room, take things along and put them down. The
teller keeps book of where everybody and everything is, and answers its own
questions from there. People, rooms and sentences are other than bAbI's.

Letters: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Optional

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = ["TELLERS", "tell"]

PEOPLE = ("Ada", "Ben", "Clara", "Omar")
ROOMS = ("attic", "cellar", "library", "stable", "workshop", "chapel")
THINGS = ("lantern", "map", "violin")
WALKED = ("walked into", "hurried to", "went up to", "came into")
SIDES = (("north", "south"), ("west", "east"))
MOODS = {  # where one goes then, and what for
    "sleepy": ("attic", "blanket"),
    "curious": ("library", "atlas"),
    "hungry": ("cellar", "cheese"),
    "thirsty": ("cellar", "jug"),
}
PATIENCE = 10_000  # how many stories in a row may be old ones
COUNTS = ("none", "one", "two", "three")


class World:
    """Where everybody and everything is, and which line told so."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.room: dict[str, tuple[str, int]] = {}  # of people
        self.hands: dict[str, tuple[str, int]] = {}  # that hold a thing
        self.left: dict[str, tuple[str, tuple[int, ...]]] = {}  # things
        self.dealt: dict[str, list[int]] = {}  # where hands change, by person

    def choose(self, options: Iterable[str]) -> str:
        """Return one of the options."""
        names = sorted(options)
        return names[self.rng.integers(len(names))]

    def say(self, text: str) -> int:
        """Add a sentence, and return its number."""
        self.lines.append(text)
        return len(self.lines)

    def ask(self, text: str, answers: list[str], facts: list[int]) -> None:
        """Add a question with its answers and the lines that show them."""
        shown = " ".join(map(str, facts))
        self.lines.append(f"{text}\t{','.join(answers)}\t{shown}")

    def walk(self, person: Optional[str] = None) -> None:
        """Somebody enters a room."""
        person = person or self.choose(PEOPLE)
        here = self.room.get(person, ("", 0))[0]
        room = self.choose(set(ROOMS) - {here})
        line = self.say(f"{person} {self.choose(WALKED)} the {room}.")
        self.room[person] = room, line

    def handle(self) -> None:
        """Somebody takes a thing, or puts one down; or walks, failing that."""
        person = self.choose(PEOPLE)
        if person not in self.room:
            return self.walk(person)
        room, entered = self.room[person]
        held = [t for t, (who, _) in self.hands.items() if who == person]
        there = [
            thing
            for thing in set(THINGS) - set(self.hands)
            if self.left.get(thing, (room,))[0] == room
        ]
        if held and self.rng.random() < 0.4:
            thing = self.choose(held)
            line = self.say(f"{person} put the {thing} down.")
            del self.hands[thing]
            self.left[thing] = room, (entered, line)
        elif there:
            thing = self.choose(there)
            line = self.say(f"{person} picked the {thing} up.")
            self.hands[thing] = person, line
        else:
            return self.walk(person)
        self.dealt.setdefault(person, []).append(line)
        return None

    def live(self, steps: int) -> None:
        """Let things happen."""
        for _ in range(steps):
            if self.rng.random() < 0.5:
                self.walk()
            else:
                self.handle()

    def held(self, person: str) -> list[str]:
        """Return what somebody carries, in the order of being taken."""
        mine = [(n, t) for t, (who, n) in self.hands.items() if who == person]
        return [thing for _, thing in sorted(mine)]


def _one_fact(world: World) -> None:
    for _ in range(5):
        world.walk()
        world.walk()
        person = world.choose(world.room)
        room, line = world.room[person]
        world.ask(f"In which room is {person}?", [room], [line])


def _two_facts(world: World) -> None:
    for _ in range(3):
        world.live(4)
        while not world.hands and not world.left:
            world.handle()
        thing = world.choose({**world.hands, **world.left})
        if thing in world.hands:
            person, took = world.hands[thing]
            room, entered = world.room[person]
            facts = [took, entered]
        else:
            room, (entered, line) = world.left[thing]
            facts = [line, entered]
        world.ask(f"In which room is the {thing}?", [room], facts)


def _two_relations(world: World) -> None:
    a, b, c = map(str, world.rng.permutation(ROOMS)[:3])
    side, other = SIDES[world.rng.integers(2)]
    pairs = [(a, b), (b, c)]  # a is on that side of b, and b of c
    if world.rng.random() < 0.5:
        pairs.reverse()
    facts = {pair: 0 for pair in pairs}
    for first, second in pairs:
        if world.rng.random() < 0.5:
            text = f"The {first} lies {side} of the {second}."
        else:
            text = f"The {second} lies {other} of the {first}."
        facts[first, second] = world.say(text)
    if world.rng.random() < 0.5:
        text = f"What lies {side} of the {b}?"
        world.ask(text, [a], [facts[a, b]])
    else:
        text = f"What does the {b} lie {side} of?"
        world.ask(text, [c], [facts[b, c]])


def _yes_or_no(world: World) -> None:
    for _ in range(5):
        world.live(2)
        person = world.choose(world.room)
        room, line = world.room[person]
        there = world.rng.random() < 0.5
        asked = room if there else world.choose(set(ROOMS) - {room})
        text = f"Is {person} in the {asked} now?"
        world.ask(text, ["yes" if there else "no"], [line])


def _hands(world: World, text: str, counted: bool) -> None:
    for _ in range(4):
        world.live(3)
        while not world.dealt:
            world.handle()
        person = world.choose(world.dealt)
        held = world.held(person)
        answers = [COUNTS[len(held)]] if counted else held or ["nothing"]
        world.ask(text.format(person), answers, world.dealt[person])


def _counts(world: World) -> None:
    _hands(world, "How many things has {} in hand?", counted=True)


def _lists(world: World) -> None:
    _hands(world, "Which things has {} in hand?", counted=False)


def _negation(world: World) -> None:
    known: dict[str, tuple[str, bool, int]] = {}
    for _ in range(5):
        for _ in range(2):
            person, room = world.choose(PEOPLE), world.choose(ROOMS)
            there = world.rng.random() < 0.6
            verb = "has been seen in" if there else "has left"
            line = world.say(f"{person} {verb} the {room}.")
            known[person] = room, there, line
        person = world.choose(known)
        room, there, line = known[person]
        if there and world.rng.random() < 0.5:
            room, there = world.choose(set(ROOMS) - {room}), False
        text = f"Is {person} in the {room} now?"
        world.ask(text, ["yes" if there else "no"], [line])


def _motives(world: World) -> None:
    minds = {person: world.choose(MOODS) for person in PEOPLE}
    told: dict[str, list[int]] = {person: [] for person in PEOPLE}
    while busy := [person for person in PEOPLE if len(told[person]) < 3]:
        person = world.choose(busy)
        mood, lines = minds[person], told[person]
        room, thing = MOODS[mood]
        if not lines:
            lines.append(world.say(f"{person} feels {mood}."))
            text, answer = f"In which room will {person} look for help?", room
        elif len(lines) == 1:
            lines.append(world.say(f"{person} hurried to the {room}."))
            text, answer = f"Why did {person} hurry to the {room}?", mood
        else:
            lines.append(world.say(f"{person} picked the {thing} up."))
            text, answer = f"Why did {person} pick the {thing} up?", mood
        world.ask(text, [answer], lines[:1])


TELLERS: dict[int, Callable[[World], None]] = {
    1: _one_fact,
    2: _two_facts,
    4: _two_relations,
    6: _yes_or_no,
    7: _counts,
    8: _lists,
    9: _negation,
    20: _motives,
}
"""The tasks that can be told, by their numbers in bAbI."""


def tell(task: int, count: int, *, seed: int = 0) -> list[str]:
    """Return different stories, each as the lines of a file.

    Parameters
    ----------
    task : int
        1 for one supporting fact, 2 for two, 4 for relations of two, 6 for
        yes and no, 7 for counting, 8 for lists, 9 for negation, 20 for
        motives.
    count : int
        How many.
    seed : int
        Another seed makes others. The first stories of a longer list are
        those of a shorter one.

    Examples
    --------
    >>> tell(4, 1)[0].splitlines()[0]
    '1 The cellar lies south of the library.'
    """
    if task not in TELLERS:
        known = ", ".join(map(str, TELLERS))
        raise must("task", task, f"be one of {known}")
    whole("count", count)
    rng = np.random.default_rng([whole("seed", seed, 0), task])
    found: dict[str, None] = {}
    in_vain = 0  # stories told since the last one that was new
    while len(found) < count:
        world = World(rng)
        TELLERS[task](world)
        lines = (f"{k} {line}\n" for k, line in enumerate(world.lines, 1))
        story = "".join(lines)
        in_vain = in_vain + 1 if story in found else 0
        if in_vain == PATIENCE:
            rule = "be a number of stories that can be told"
            raise must("count", count, rule)
        found[story] = None
    return list(found)
