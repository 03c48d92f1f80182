"""Time of one step of each update rule against MXNet's own optimizer.

The parameters are those of the 784-256-256-10 network. Measured is processor
time, which neighbours on the machine disturb little, with one thread; the two
take turns, and the median of their ratios counts.

``make bench`` runs it with the others, ``python tests/bench/rules.py`` alone;
it fails if a rule takes longer than it may.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"

import numpy as onp

from fdl import optim
from fdl._mxnet import mx, np, npx

SHAPES = [(256, 784), (256,), (256, 256), (256,), (10, 256), (10,)]
FUSED, OTHERS = 1.10, 2.0
TITLE = "Update rules, 784-256-256-10: one step, one thread"

# rule: ours, MXNet's, how many times as long ours may take
PAIRS = {
    "SGD": (optim.SGD, mx.optimizer.SGD, {}, FUSED),
    "Momentum": (optim.Momentum, mx.optimizer.SGD, {"momentum": 0.9}, FUSED),
    "Nesterov": (optim.Nesterov, mx.optimizer.NAG, {"momentum": 0.9}, FUSED),
    "Adam": (optim.Adam, mx.optimizer.Adam, {}, FUSED),
    "AdaGrad": (optim.AdaGrad, mx.optimizer.AdaGrad, {}, OTHERS),
    "RMSProp": (optim.RMSProp, mx.optimizer.RMSProp, {}, OTHERS),
    "AdaDelta": (optim.AdaDelta, mx.optimizer.AdaDelta, {}, OTHERS),
}


def stepper(optimizer):
    """Return a function that takes one step as a trainer does."""
    random = onp.random.default_rng(0)
    weights, grads = (
        tuple(np.array(random.normal(size=s), dtype="float32") for s in SHAPES)
        for _ in range(2)
    )
    optimizer.rescale_grad = 0.01
    update = mx.optimizer.get_updater(optimizer)
    return lambda: update(tuple(range(len(SHAPES))), grads, weights)


def milliseconds(step, repeats):
    npx.waitall()
    start = time.process_time()
    for _ in range(repeats):
        step()
    npx.waitall()
    return 1e3 * (time.process_time() - start) / repeats


def compare(rounds=25, steps=20):
    """Time each rule and MXNet's own, and return what was found."""
    found = {
        "bench": "optim",
        "title": TITLE,
        "threads": 1,
        "rounds": rounds,
        "steps": steps,
        "rules": {},
    }
    for name, (make, make_theirs, settings, limit) in PAIRS.items():
        pair = stepper(make(**settings)), stepper(make_theirs(**settings))
        for step in pair:
            milliseconds(step, steps)  # nothing of this is kept
        times = [
            [milliseconds(step, steps) for step in pair] for _ in range(rounds)
        ]
        ours, theirs = zip(*times)
        found["rules"][name] = {
            "cpu_milliseconds": {
                "ours": spread(ours),
                "mxnet": spread(theirs),
            },
            "ratio": spread([x / y for x, y in times]),
            "limit": limit,
        }
    return found


def spread(values):
    """Return the median and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": middle, "low": low, "high": high}


def slow(found):
    """Return the names of the rules that take longer than they may."""
    return [
        name
        for name, row in found["rules"].items()
        if row["ratio"]["median"] > row["limit"]
    ]


def good(found):
    """Return whether every rule is as fast as it must be."""
    return not slow(found)


def shown(found):
    """Return the table of what was found."""
    lines = [
        found["title"],
        f"{'CPU ms':10}{'ours':>8}{'MXNet':>8}{'ratio':>8}{'quartiles':>16}"
        f"{'at most':>10}",
    ]
    for name, row in found["rules"].items():
        ours, theirs = (row["cpu_milliseconds"][s] for s in ("ours", "mxnet"))
        ratio = row["ratio"]
        quartiles = f"{ratio['low']:.2f} to {ratio['high']:.2f}"
        lines.append(
            f"{name:10}{ours['median']:8.3f}{theirs['median']:8.3f}"
            f"{ratio['median']:8.2f}{quartiles:>16}{row['limit']:10.2f}"
        )
    for name in slow(found):
        lines.append(f"{name} takes longer than it may")
    return "\n".join(lines)


def main() -> int:
    """Print the table; return 1 if a rule is too slow."""
    found = compare()
    print(shown(found))
    return int(not good(found))


if __name__ == "__main__":
    sys.exit(main())
