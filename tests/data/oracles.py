"""A reader of made-up stories, who knows nothing of their teller."""

OPPOSITE = {"north": "south", "south": "north", "west": "east", "east": "west"}
HELPS = {"sleepy": "attic", "curious": "library"}
HELPS |= {"hungry": "cellar", "thirsty": "cellar"}
COUNTS = {0: "none", 1: "one", 2: "two", 3: "three"}


def answers_to_story(texts):
    """Return the answers to the questions of a story, given its lines."""
    where, left, lies, hands, found = {}, set(), set(), {}, []
    feels = {}
    for text in texts:
        words = text[:-1].split()
        if text.endswith("?"):
            found.append(_answer(words, where, left, lies, hands, feels))
        elif words[0] == "The":
            _, one, _, side, _, _, other = words
            lies |= {(one, side, other), (other, OPPOSITE[side], one)}
        elif words[1] == "feels":
            feels[words[0]] = words[2]
        elif words[1] == "picked":
            hands.setdefault(words[0], []).append(words[3])
            where[words[3]] = words[0]
        elif words[1] == "put":
            mine = hands.setdefault(words[0], [])
            if words[3] in mine:
                mine.remove(words[3])
            where[words[3]] = where.get(words[0])
        else:
            where[words[0]] = words[-1]
            (left.add if "left" in words else left.discard)(words[0])
    return found


def _answer(words, where, left, lies, hands, feels):
    if words[0] == "Why":
        return (feels[words[2]],)
    if words[3] == "will":
        return (HELPS[feels[words[4]]],)
    if words[0] == "In":
        place = where[words[-1]]
        return (where.get(place, place),)
    if words[:3] == ["How", "many", "things"]:
        return (COUNTS[len(hands[words[4]])],)
    if words[0] == "Which":
        return tuple(hands[words[3]]) or ("nothing",)
    if words[0] == "Is":
        there = where[words[1]] == words[4] and words[1] not in left
        return ("yes" if there else "no",)
    if words[1] == "does":  # What does the b lie north of?
        return tuple(
            o for one, s, o in lies if (one, s) == (words[3], words[5])
        )
    # What lies north of the b?
    return tuple(one for one, s, o in lies if (s, o) == (words[2], words[5]))
