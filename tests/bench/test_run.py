import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fdl import data

HERE = Path(__file__).parent
THREADS = "OMP_NUM_THREADS"
sys.path.insert(0, str(HERE))
import agent_loops  # noqa: E402
import cifar_convnet  # noqa: E402
import mlp  # noqa: E402
import mnist_convnet  # noqa: E402
import pipeline  # noqa: E402
import resnet18  # noqa: E402
import rules  # noqa: E402
import run  # noqa: E402

sys.path.remove(str(HERE))


class Script:
    """A clock that is told what to ask for, and keeps what it is told."""

    threads = 1

    def __init__(self, *blocks):
        self.blocks = list(blocks)
        self.losses = []

    def __iter__(self):
        return self

    def __next__(self):
        if not self.blocks:
            raise StopIteration
        return self.blocks.pop(0)

    def stop(self, loss):
        self.losses.append(loss)


@pytest.fixture
def shared():
    rng = np.random.default_rng(0)
    found = {
        "x": rng.random((1000, 784), dtype="float32"),
        "y": rng.integers(0, 10, 1000, dtype="int32"),
    }
    for k, (n_in, n_out) in enumerate(zip(mlp.SIZES, mlp.SIZES[1:])):
        scale = np.sqrt(2 / n_in)
        found[f"w{k}"] = rng.normal(0, scale, (n_out, n_in)).astype("float32")
    return found


def descend(shared, steps):
    """Return the loss of each step, by NumPy in float64."""
    w = [shared[f"w{k}"].astype(float) for k in range(3)]
    b = [np.zeros(len(m)) for m in w]
    losses = []
    while True:
        for x, y in mlp.batches(shared, "int64").epoch(len(losses) // 10):
            h = [x.astype(float)]
            for k in range(3):
                z = h[-1] @ w[k].T + b[k]
                h.append(np.maximum(z, 0) if k < 2 else z)
            z = h[-1] - h[-1].max(1, keepdims=True)
            p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
            rows = np.arange(len(y))
            losses.append(-np.log(p[rows, y]).mean())
            if len(losses) == steps:
                return losses
            p[rows, y] -= 1
            d = p / len(y)
            for k in (2, 1, 0):
                dw, db = d.T @ h[k], d.sum(0)
                d = (d @ w[k]) * (h[k] > 0)
                w[k] -= mlp.RATE * dw
                b[k] -= mlp.RATE * db


def test_our_side_takes_the_steps_it_is_asked_for(shared):
    clock = Script(1, 4, 12)
    mlp.ours(shared, clock)
    losses = descend(shared, 17)
    assert clock.losses == pytest.approx(
        [losses[0], losses[4], losses[16]], rel=1e-5
    )


def test_pytorchs_side_does_the_same(shared):
    pytest.importorskip("torch")
    ours, theirs = Script(5, 20), Script(5, 20)
    mlp.ours(shared, ours)
    mlp.pytorch(shared, theirs)
    assert ours.losses == pytest.approx(theirs.losses, abs=1e-4)


NETWORKS = [(mnist_convnet, (1, 28, 28)), (cifar_convnet, (3, 24, 24))]
# too slow for more than the comparison with PyTorch
DEEP = (resnet18, (3, 8, 8))


def convnets_start(module, image):
    """Return what both sides share, of random images."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2 * module.BATCH, *image)).astype("float32")
    y = rng.integers(0, 10, len(x), dtype="int32")
    return module.convnet.shared_arrays(module.build(), x, y)


@pytest.mark.parametrize(("module", "image"), NETWORKS)
def test_the_shared_weights_are_the_networks(module, image):
    shared = convnets_start(module, image)
    assert shared["output.bias"].shape == (10,)
    first = shared["features.0.conv.weight"]
    assert first.shape[1:] == (image[0], 5, 5)
    assert first.var() == pytest.approx(2 / (25 * image[0]), rel=0.1)
    norm = module is cifar_convnet
    assert ("features.0.batch_norm.gamma" in shared) == norm
    if norm:
        assert (shared["features.0.batch_norm.gamma"] == 1).all()
        assert (shared["features.0.batch_norm.beta"] == 0).all()


@pytest.mark.parametrize(("module", "image"), NETWORKS)
def test_our_convnets_start_from_the_shared_weights(module, image):
    from fdl import nn
    from fdl._mxnet import autograd
    from fdl._mxnet import np as mxnp

    shared, clock = convnets_start(module, image), Script(1, 1)
    module.ours(shared, clock)
    net = module.build()
    net.initialize()
    for name, parameter in net._collect_params_with_prefix().items():
        if name in shared:
            parameter.set_data(mxnp.array(shared[name]))
    x, y = next(module.convnet.batches(shared, "int32", module.BATCH).epoch(0))
    with autograd.record():
        loss = nn.cross_entropy(net(mxnp.array(x)), mxnp.array(y)).mean()
    assert clock.losses[0] == pytest.approx(float(loss), rel=1e-5)
    assert clock.losses[1] != clock.losses[0]


@pytest.mark.parametrize(("module", "image"), [*NETWORKS, DEEP])
def test_pytorchs_convnets_take_the_same_steps(module, image):
    pytest.importorskip("torch")
    shared = convnets_start(module, image)
    ours, theirs = Script(1, 1, 1), Script(1, 1, 1)
    module.ours(shared, ours)
    module.pytorch(shared, theirs)
    assert ours.losses == pytest.approx(theirs.losses, abs=run.AGREE)


def test_both_sides_share_rows_and_first_weights(monkeypatch):
    images = data.Images(
        images=np.full((20, 28, 28), 255, dtype="uint8"),
        labels=np.arange(20, dtype="int32") % 10,
        classes=tuple("0123456789"),
        source=data.Source("mnist", "sample", "made up"),
    )
    monkeypatch.setattr(data, "load", lambda *a, **k: images)
    found = mlp.prepare()
    assert found["x"].shape == (60_000, 784)
    assert found["x"].dtype == "float32"
    assert (found["y"][:40] == np.arange(40) % 10).all()
    assert [found[f"w{k}"].shape for k in range(3)] == [
        (256, 784),
        (256, 256),
        (10, 256),
    ]
    assert found["w0"].std() == pytest.approx(np.sqrt(2 / 784), rel=0.02)


def side(walls, losses, name):
    """Return a side that takes as long as it is told to."""

    class Process:
        def kill(self):
            pass

    class Side:
        def __init__(self, bench, side, folder, threads):
            self.name, self.process = side, Process()
            self.walls, self.cpus, self.peak = [], [], 100.0
            self.script = iter(walls[side])

        def steps(self, number):
            self.walls.append(next(self.script))
            self.cpus.append(1.0)
            order.append(self.name)
            return losses[self.name]

        def end(self):
            pass

    order = []
    Side.order = order
    return Side


@pytest.fixture
def _no_data(monkeypatch):
    monkeypatch.setattr(mlp, "prepare", dict)


@pytest.mark.usefixtures("_no_data")
def test_rounds_interleave_and_ratios_are_of_pairs(monkeypatch):
    walls = {"ours": [9, 9, 2, 4, 9], "pytorch": [9, 9, 4, 2, 3]}
    fake = side(walls, {"ours": 2.0, "pytorch": 2.0005}, "mlp")
    monkeypatch.setattr(run, "Side", fake)
    found = run.compare("mlp", threads=1, rounds=3, steps=5)
    o, p = "ours", "pytorch"
    assert fake.order == [o, p, o, p, o, p, p, o, o, p]
    # ratios 2/4, 4/2, 9/3: their median is not the ratio of the medians
    assert found["ratio"]["median"] == 2.0
    assert found["milliseconds"]["ours"]["median"] == 4
    assert found["milliseconds"]["pytorch"]["median"] == 3
    text = run.shown(found)
    assert "1 thread each" in text
    assert text.count("100\n") == 2  # MB at the peak
    assert "ratio 2.00 (1.25 to 2.50 over 3 rounds of 5 steps)" in text


@pytest.mark.usefixtures("_no_data")
def test_sides_that_compute_other_things_are_not_timed(monkeypatch):
    walls = {"ours": [1] * 9, "pytorch": [1] * 9}
    fake = side(walls, {"ours": 2.0, "pytorch": 2.002}, "mlp")
    monkeypatch.setattr(run, "Side", fake)
    with pytest.raises(SystemExit, match=r"after 50 steps .* agree to 0.001"):
        run.compare("mlp", threads=1, rounds=3, steps=5)


@pytest.mark.usefixtures("_no_data")
def test_a_loss_that_is_none_is_no_agreement(monkeypatch):
    nan = float("nan")
    walls = {"ours": [1] * 9, "pytorch": [1] * 9}
    fake = side(walls, {"ours": nan, "pytorch": nan}, "mlp")
    monkeypatch.setattr(run, "Side", fake)
    with pytest.raises(SystemExit, match="agree"):
        run.compare("mlp", threads=1, rounds=3, steps=5)


def test_without_pytorch_it_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    assert run.main([]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "make bench" in said


@pytest.mark.parametrize(
    "flags", [["--threads", "0"], ["--rounds", "1"], ["--steps", "0"]]
)
def test_numbers_too_small_are_refused(flags, capsys):
    with pytest.raises(SystemExit) as stopped:
        run.main(flags)
    assert stopped.value.code == 2
    assert "at least" in capsys.readouterr().err


def test_the_last_result_is_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(run, "machine", lambda: {"cores": 2})
    path = tmp_path / "build" / "bench.json"
    for ratio in (2, 1):
        run.write([{"ratio": ratio}], path)
    assert json.loads(path.read_text()) == {
        "machine": {"cores": 2},
        "benches": [{"ratio": 1}],
    }
    assert [p.name for p in path.parent.iterdir()] == ["bench.json"]


def test_a_process_times_what_it_is_asked_for(tmp_path):
    (tmp_path / "fake.py").write_text(
        "import time\n"
        "def ours(shared, clock):\n"
        "    for steps in clock:\n"
        "        time.sleep(0.01 * steps)\n"
        "        clock.stop(float(shared['x'].sum()) + clock.threads)\n"
    )
    np.savez(tmp_path / "shared.npz", x=np.ones(3))
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "import run; run.work('fake', 'ours', sys.argv[2], 2)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(HERE), str(tmp_path)],
        input="1\n20\n\n",
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["loss"] == second["loss"] == 5
    assert 10 < first["peak"] <= second["peak"] < 10_000
    assert 0.01 <= first["wall"] < second["wall"]
    assert second["wall"] >= 0.2 > second["cpu"]


def test_the_pipelines_bench_times_training(monkeypatch, tmp_path):
    pytest.importorskip("skimage")
    monkeypatch.setenv("FDL_DATA", str(tmp_path))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setattr(pipeline, "FIRST", 1)
    found = pipeline.compare(steps=2)
    assert found["data"] == "sample"
    assert 0 <= found["waited_milliseconds"] < found["step_milliseconds"]
    assert 0 <= found["waited"] < 1
    assert found["peak_megabytes"] > 100
    assert "(sample pictures)" in pipeline.shown(found)


@pytest.mark.parametrize(
    ("change", "code"),
    [({}, 0), ({"waited": 0.06}, 1), ({"peak_megabytes": 1001.0}, 1)],
)
def test_the_pipelines_bench_fails_where_it_is_too_slow_or_large(
    monkeypatch, change, code
):
    found = dict.fromkeys(
        (
            *("title", "data", "distortion_cpu_milliseconds"),
            *("step_milliseconds", "waited_milliseconds"),
        ),
        1.0,
    )
    found.update({"waited": 0.04, "peak_megabytes": 999.0, **change})
    monkeypatch.setattr(pipeline, "compare", lambda: found)
    assert pipeline.main() == code


def test_the_loops_of_agents_are_timed_side_by_side(monkeypatch):
    # a second side of our own, where there is no PyTorch
    monkeypatch.setattr(agent_loops, "PyTorch", agent_loops.Ours)
    monkeypatch.setattr(
        agent_loops.importlib.util, "find_spec", lambda name: True
    )
    found = agent_loops.compare(rounds=2, share=0.05)
    for name in ("cartpole", "breakout"):
        rates = found[name]["steps_a_second"]
        assert set(rates) == {"ours", "pytorch"}
        assert found[name]["ratio"] == rates["ours"] / rates["pytorch"]
    assert "times as many" in agent_loops.shown(found)


def test_loops_of_other_numbers_of_updates_are_not_compared(monkeypatch):
    class Lazy(agent_loops.Ours):
        def learn(self, steps):
            return super().learn(steps) - 1

    monkeypatch.setattr(agent_loops, "PyTorch", Lazy)
    monkeypatch.setattr(
        agent_loops.importlib.util, "find_spec", lambda name: True
    )
    with pytest.raises(RuntimeError, match="numbers of updates"):
        agent_loops.compare(rounds=1, share=0.02)


@pytest.mark.parametrize("good", [True, False])
def test_benches_without_pytorch_run_where_there_is_none(
    monkeypatch, tmp_path, capsys, good
):
    for name in run.ALONE:
        (tmp_path / f"{name}.py").write_text(
            "import os\n"
            "def compare():\n"
            f"    threads = os.environ[{THREADS!r}]\n"
            f"    return {{'bench': {name!r}, 'threads': threads}}\n"
            "def shown(found):\n"
            "    return 'table of ' + found['bench']\n"
            "def good(found):\n"
            f"    return {name == 'rules' or good}\n"
        )
    # the script's own folder comes first in a process: so it is copied
    (tmp_path / "run.py").write_text((HERE / "run.py").read_text())
    monkeypatch.setattr(run, "__file__", str(tmp_path / "run.py"))
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv(THREADS, "7")
    kept = []
    monkeypatch.setattr(run, "write", kept.extend)
    assert run.main(["--bench", "rules", "--bench", "pipeline"]) == 1 - good
    assert kept == [
        {"bench": "rules", "threads": "1", "good": True},
        {"bench": "pipeline", "threads": "1", "good": good},
    ]


@pytest.mark.parametrize(("peak", "good"), [(3000, True), (3001, False)])
def test_a_bench_may_limit_our_memory(monkeypatch, peak, good):
    class Side:
        def __init__(self, bench, side, *_):
            self.name, self.walls, self.cpus = side, [], []
            self.peak = peak if side == "ours" else 10**6
            self.process = self

        def steps(self, number):
            self.walls.append(number)
            self.cpus.append(number)
            return 0.5

        def end(self):
            pass

        kill = end

    monkeypatch.setattr(run, "Side", Side)
    monkeypatch.setattr(resnet18, "prepare", lambda: {"x": np.zeros(1)})
    found = run.compare("resnet18", 1, 25)
    assert (found["good"], found["rounds"], found["steps"]) == (good, 5, 1)


def test_make_bench_reaches_every_bench(monkeypatch):
    done = []
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: True)
    monkeypatch.setattr(
        run, "compare", lambda name, *_: done.append(name) or {}
    )
    monkeypatch.setattr(run, "alone", lambda name: done.append(name) or {})
    monkeypatch.setattr(run, "shown", str)
    monkeypatch.setattr(run, "write", lambda found: None)
    assert run.main([]) == 0
    scripts = {path.stem for path in HERE.glob("[!_]*.py")}
    tests = {name for name in scripts if name.startswith("test_")}
    assert set(done) == scripts - tests - {"run", "convnet", "recurrent"}


def test_a_bench_that_breaks_ends_the_others(monkeypatch, tmp_path):
    (tmp_path / "run.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(run, "__file__", str(tmp_path / "run.py"))
    with pytest.raises(SystemExit, match="rules has ended with code 3"):
        run.alone("rules")


@pytest.mark.parametrize(("ratio", "good"), [(1.10, True), (1.11, False)])
def test_the_rules_bench_fails_where_one_is_too_slow(
    monkeypatch, capsys, ratio, good
):
    low_and_high = {"median": ratio, "low": 1.0, "high": 2.0}
    row = {
        "cpu_milliseconds": {"ours": low_and_high, "mxnet": low_and_high},
        "ratio": low_and_high,
        "limit": rules.FUSED,
    }
    found = {"title": "Rules", "rules": {"Adam": row}}
    monkeypatch.setattr(rules, "compare", lambda: found)
    assert rules.main() == 1 - good
    said = "Adam takes longer than it may" in capsys.readouterr().out
    assert said is not good
