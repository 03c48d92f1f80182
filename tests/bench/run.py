"""Time our training steps against PyTorch's: ``make bench``.

Each side runs in a process of its own. The two take turns, a block of steps
each, so that whatever else the machine does meets both; the order within a
round alternates. Reported are medians over the blocks, with quartiles, and
the ratio of each round's two blocks. Both sides use the same number of
threads, start from the same weights and see the same minibatches: their
losses must agree before anything is timed.

MXNet runs the operations of a step in a thread of its engine, beside Python's
thread. The number of threads is that of each operation, as it is PyTorch's;
the processor time tells what a step costs in all. On a busy machine, where
the two threads get one processor, that is also what it takes.

After them come the benches that need no PyTorch, each in a process of its
own; one that finds something slower than it may be makes this one fail.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "bench.json"
SIDES = ("ours", "pytorch")
BENCHES = (
    "mlp",
    "mnist_convnet",
    "cifar_convnet",
    "resnet18",
    "autoencoder",
    "tagger",
    "translation",
    "sentiment_200",
    "sentiment_500",
    "memory",
    "agents",
)
ALONE = (
    "rules",
    "pipeline",
    "words",
    "agent_loops",
)  # each with limits of its own, on one thread
# unless a bench says otherwise: steps after which the losses are compared,
# and steps in a round; one with ROUNDS has no more of them, and one with
# MEGABYTES fails if our side takes more
CHECKED, STEPS = 50, 100
AGREE = 1e-3


# -- in the process of a side


class Clock(Iterator[int]):
    """Waits for the number of steps to take, and times them."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def __next__(self) -> int:
        line = sys.stdin.readline()
        if not line.strip():
            raise StopIteration
        steps = int(line)
        self.cpu, self.wall = time.process_time(), time.perf_counter()
        return steps

    def stop(self, loss: float) -> None:
        """Report the steps just done, the last one's loss with them."""
        wall = time.perf_counter() - self.wall
        cpu = time.process_time() - self.cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = {"wall": wall, "cpu": cpu, "loss": loss, "peak": peak}
        print(json.dumps(found), flush=True)


def work(bench: str, side: str, folder: str, threads: int) -> None:
    """Be one side: read numbers of steps, write times."""
    module = importlib.import_module(bench)
    if side == "alone":
        found = module.compare()
        print(module.shown(found), flush=True)
        found["good"] = module.good(found)
        Path(folder, "found.json").write_text(json.dumps(found))
        return
    with np.load(Path(folder, "shared.npz"), allow_pickle=False) as file:
        shared = dict(file)
    getattr(module, side)(shared, Clock(threads))


# -- in the process that compares


def process(
    bench: str, side: str, folder: str, threads: int
) -> tuple[list[str], dict[str, str]]:
    """Return the command and the environment of a side's process."""
    number = str(threads)
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    command = [sys.executable, __file__, "--bench", bench]
    command += ["--side", side, "--folder", folder, "--threads", number]
    return command, {**os.environ, **dict.fromkeys(names, number)}


def alone(bench: str) -> dict[str, Any]:
    """Let a bench that needs no PyTorch print and return what it finds."""
    with tempfile.TemporaryDirectory() as folder:
        command, environment = process(bench, "alone", folder, 1)
        code = subprocess.run(command, env=environment).returncode
        if code:
            raise SystemExit(f"bench: {bench} has ended with code {code}.")
        return json.loads(Path(folder, "found.json").read_text())


class Side:
    """One side's process."""

    def __init__(self, bench: str, side: str, folder: str, threads: int):
        self.name = side
        command, environment = process(bench, side, folder, threads)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.walls: list[float] = []
        self.cpus: list[float] = []
        self.peak = 0.0

    def steps(self, number: int) -> float:
        """Take some steps; return the last one's loss."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: the process of {self.name} has ended.")
        found = json.loads(line)
        self.walls.append(1000 * found["wall"] / number)
        self.cpus.append(1000 * found["cpu"] / number)
        self.peak = found["peak"]
        return float(found["loss"])

    def end(self) -> None:
        """Tell the process that it is done."""
        self.process.communicate(timeout=60)


def compare(
    bench: str, threads: int, rounds: int, steps: Optional[int] = None
) -> dict:
    """Time both sides of a bench, and return what was found."""
    module = importlib.import_module(bench)
    checked = getattr(module, "CHECKED", CHECKED)
    steps = steps or getattr(module, "STEPS", STEPS)
    rounds = min(rounds, getattr(module, "ROUNDS", rounds))
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "shared.npz"), **module.prepare())
        sides = [Side(bench, side, folder, threads) for side in SIDES]
        try:
            losses = [side.steps(checked) for side in sides]
            if not abs(losses[0] - losses[1]) <= AGREE:
                raise SystemExit(
                    f"bench: after {checked} steps the loss is {losses[0]:.6f}"
                    f" of ours and {losses[1]:.6f} of PyTorch's; they must "
                    f"agree to {AGREE:g} to be worth timing."
                )
            for side in sides:
                side.steps(steps)  # nothing of this is kept
                side.walls.clear()
                side.cpus.clear()
            for number in range(rounds):
                for side in sides[:: -1 if number % 2 else 1]:
                    side.steps(steps)
            for side in sides:
                side.end()
        finally:
            for side in sides:
                side.process.kill()
    a, b = sides
    ratios = [x / y for x, y in zip(a.walls, b.walls)]
    return {
        "bench": bench,
        "title": module.TITLE,
        "threads": threads,
        "rounds": rounds,
        "steps": steps,
        "checked": checked,
        "load": load,
        "loss": dict(zip(SIDES, losses)),
        "milliseconds": {s.name: spread(s.walls) for s in sides},
        "cpu_milliseconds": {s.name: spread(s.cpus) for s in sides},
        "peak_megabytes": {s.name: s.peak for s in sides},
        "ratio": spread(ratios),
        "good": a.peak <= getattr(module, "MEGABYTES", a.peak),
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": middle, "low": low, "high": high}


def shown(found: dict[str, Any]) -> str:
    """Return the table of one comparison."""
    lines = [
        f"{found['title']}; {found['threads']} "
        f"{'thread' if found['threads'] == 1 else 'threads'} each",
        f"after {found['checked']} steps the loss is "
        f"{found['loss']['ours']:.5f} (ours) and "
        f"{found['loss']['pytorch']:.5f} (PyTorch)",
        f"{'':10}{'ms per step':>12}{'quartiles':>22}{'CPU ms':>10}"
        f"{'peak MB':>10}",
    ]
    for side, name in zip(SIDES, ("ours", "PyTorch")):
        ms, cpu = found["milliseconds"][side], found["cpu_milliseconds"][side]
        quartiles = f"{ms['low']:.2f} to {ms['high']:.2f}"
        lines.append(
            f"{name:10}{ms['median']:12.2f}{quartiles:>22}"
            f"{cpu['median']:10.2f}{found['peak_megabytes'][side]:10.0f}"
        )
    r = found["ratio"]
    lines.append(
        f"ratio {r['median']:.2f} ({r['low']:.2f} to {r['high']:.2f} over "
        f"{found['rounds']} rounds of {found['steps']} steps)"
    )
    cores = os.cpu_count() or 1
    if found["load"] > cores / 2:
        lines.append(
            f"the machine was busy (load {found['load']:.1f} on {cores} "
            "cores): compare the processor times"
        )
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Return where this was measured."""
    from fdl import records

    here = records.environment()
    if importlib.util.find_spec("torch"):
        import torch

        here["versions"]["torch"] = torch.__version__
    return here


def write(found: list[dict[str, Any]], path: Path = RESULT) -> None:
    """Keep what was found, in place of the last time's."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), "benches": found}, indent=1)
    part = path.with_name(path.name + ".part")
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the benches."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", choices=BENCHES + ALONE, action="append")
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--steps", type=int, help="in a round")
    parser.add_argument(
        "--side", choices=(*SIDES, "alone"), help=argparse.SUPPRESS
    )
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    least = min(*given.threads, given.rounds - 1, given.steps or STEPS)
    if least < 1 or given.steps == 0:
        parser.error("threads and steps are at least 1, rounds at least 2.")
    if given.side:
        work(given.bench[0], given.side, given.folder, given.threads[0])
        return 0
    chosen = given.bench or BENCHES + ALONE
    if set(chosen) & {*BENCHES} and not importlib.util.find_spec("torch"):
        print(
            "bench: PyTorch is not installed for this Python; `make bench` "
            "installs it beside the locked packages.",
            file=sys.stderr,
        )
        return 2
    found = []
    for bench in chosen:
        if bench in ALONE:
            found.append(alone(bench))
            print(flush=True)
            continue
        for threads in given.threads:
            found.append(compare(bench, threads, given.rounds, given.steps))
            print(shown(found[-1]), end="\n\n", flush=True)
    write(found)
    return 0 if all(one.get("good", True) for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
