"""Whether the pipeline of distorted images keeps up with training.

The network for CIFAR-10 is trained by :func:`fdl.train.fit` on minibatches
that a thread distorts. Reported are the time that one minibatch's distortion
takes, the time of a training step, how much of it training waits for the
pipeline, and the process's peak memory.

``make bench`` runs it with the others, ``python tests/bench/pipeline.py``
alone; it fails if training waits for more than a twentieth of its time, or
takes more than 1 GB.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from fdl import experiments, nn, optim, train
from fdl.experiments.cifar import Cifar
from fdl.vision import cifar_convnet

STEPS, FIRST = 60, 10  # the first ones are not counted
WAIT, MEGABYTES = 0.05, 1000
TITLE = "CIFAR-10 pipeline, batch 128: crops, flips, light, whitening"


class Clock:
    """Times the steps of a run, and ends it."""

    def __init__(self, batches, steps):
        self.batches, self.steps = batches, steps

    def on_batch_end(self, run):
        run.batch_loss  # noqa: B018 - wait for it
        if run.step == FIRST:
            self.start, self.waited = time.perf_counter(), self.batches.waited
        if run.step == FIRST + self.steps:
            self.seconds = time.perf_counter() - self.start
            self.waited = self.batches.waited - self.waited
            run.stop("all steps are timed")


def compare(steps=STEPS):
    """Train for some steps, and return what was found."""
    config = experiments.configure("cifar_convnet", "full")
    pictures = Cifar(config, offline=True)
    x, _ = next(pictures.train.batches.epoch(0))
    times = []
    for k in range(20):
        start = time.process_time()
        pictures.train.augment(x, np.random.default_rng(k))
        times.append(1000 * (time.process_time() - start))
    clock = Clock(pictures.train, steps)
    train.fit(
        cifar_convnet(norm=True),
        pictures.train,
        loss=nn.cross_entropy,
        optimizer=optim.Adam(config.learning_rate),
        epochs=10**6,
        callbacks=[clock],
        device="cpu",
        seed=0,
    )
    return {
        "bench": "pipeline",
        "title": TITLE,
        "steps": steps,
        "distortion_cpu_milliseconds": statistics.median(times),
        "step_milliseconds": 1000 * clock.seconds / steps,
        "waited_milliseconds": 1000 * clock.waited / steps,
        "waited": clock.waited / clock.seconds,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / 1024,
        "data": pictures.source.kind,
    }


def good(found):
    """Return whether training waits as little and takes as little memory."""
    return found["waited"] <= WAIT and found["peak_megabytes"] <= MEGABYTES


def shown(found):
    """Return what was found, as text."""
    return "\n".join(
        [
            f"{found['title']} ({found['data']} pictures)",
            f"distortion {found['distortion_cpu_milliseconds']:8.2f} CPU ms",
            f"a step     {found['step_milliseconds']:8.2f} ms",
            f"waiting    {found['waited_milliseconds']:8.2f} ms of it, "
            f"{found['waited']:.1%} (at most {WAIT:.0%})",
            f"peak       {found['peak_megabytes']:8.0f} MB "
            f"(at most {MEGABYTES:,})",
        ]
    )


def main() -> int:
    """Print the times; return 1 if one is not as it must be."""
    found = compare()
    print(shown(found))
    return int(not good(found))


if __name__ == "__main__":
    sys.exit(main())
