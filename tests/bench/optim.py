"""Time of one step of each update rule against MXNet's own optimizer.

The parameters are those of the 784-256-256-10 network. Measured is processor
time, which neighbours on the machine disturb little, with one thread; the two
take turns, and the median of their ratios counts.

Run it alone with ``python tests/bench/optim.py``; it fails if a rule takes
longer than it may.
"""

from __future__ import annotations

import os
import sys
import time
from typing import NamedTuple

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"

import numpy as onp

from fdl import optim
from fdl._mxnet import mx, np, npx

SHAPES = [(256, 784), (256,), (256, 256), (256,), (10, 256), (10,)]
FUSED, OTHERS = 1.10, 2.0

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


class Row(NamedTuple):
    """What was measured for one rule."""

    name: str
    ours: float
    """Milliseconds for a step."""
    theirs: float
    ratio: float
    """The median of the rounds' ratios, not the ratio of the medians."""
    limit: float


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


def measure(name, rounds=25, repeats=20):
    """Return the row of one rule."""
    make, make_theirs, settings, limit = PAIRS[name]
    pair = stepper(make(**settings)), stepper(make_theirs(**settings))
    for step in pair:
        milliseconds(step, repeats)
    times = onp.array(
        [[milliseconds(step, repeats) for step in pair] for _ in range(rounds)]
    )
    ours, theirs = onp.median(times, axis=0)
    ratio = onp.median(times[:, 0] / times[:, 1])
    return Row(name, float(ours), float(theirs), float(ratio), limit)


def main() -> int:
    """Print a table; return 1 if a rule is too slow."""
    print("rule      ours ms   MXNet ms   ratio   at most")
    slow = False
    for name in PAIRS:
        row = measure(name)
        verdict = "" if row.ratio <= row.limit else "   too slow"
        slow |= bool(verdict)
        print(
            f"{name:<9} {row.ours:7.3f}    {row.theirs:7.3f}   "
            f"{row.ratio:5.2f}   {row.limit:7.2f}{verdict}",
            flush=True,
        )
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
