"""Devices: with a pretended number of GPUs, since none is here."""

import sys

import pytest

from fdl import device
from fdl._mxnet import mx
from fdl.errors import DeviceError


@pytest.fixture
def gpus(monkeypatch):
    def pretend(count):
        monkeypatch.setattr(device, "count_gpus", lambda: count)

    return pretend


def test_best_is_the_first_gpu_and_the_cpu_without(gpus):
    gpus(0)
    assert device.best() == mx.cpu(0)
    assert device.all_gpus() == []
    gpus(2)
    assert device.best() == mx.gpu(0)
    assert device.all_gpus() == [mx.gpu(0), mx.gpu(1)]


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("cpu", mx.cpu(0)),
        ("cpu:1", mx.cpu(1)),
        ("gpu", mx.gpu(0)),
        (" gpu:1 ", mx.gpu(1)),
    ],
)
def test_names_of_devices(gpus, name, context):
    gpus(2)
    assert device.parse(name) == context


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "no GPU"), (1, "one GPU, gpu:0"), (2, "2 GPUs, gpu:0 to gpu:1")],
)
def test_a_missing_gpu_is_one_clear_sentence(gpus, count, words):
    gpus(count)
    with pytest.raises(DeviceError, match=f"gpu:{count}.*MXNet sees {words}"):
        device.parse(f"gpu:{count}")
    with pytest.raises(DeviceError, match="must be there"):
        device.resolve(mx.gpu(count))


@pytest.mark.parametrize("name", ["tpu", "gpu:", "gpu:x", "cpu:-1", ""])
def test_a_name_that_means_nothing_is_refused(name):
    with pytest.raises(DeviceError, match="`device`.*must be 'cpu', 'gpu'"):
        device.parse(name)


def test_resolve_takes_all_forms(gpus):
    gpus(2)
    assert device.resolve() == [mx.gpu(0)]
    assert device.resolve("gpu:1") == [mx.gpu(1)]
    assert device.resolve("gpu:0,gpu:1") == [mx.gpu(0), mx.gpu(1)]
    assert device.resolve(mx.cpu(1)) == [mx.cpu(1)]
    assert device.resolve([mx.cpu(0), "cpu:1"]) == [mx.cpu(0), mx.cpu(1)]


@pytest.mark.parametrize("bad", [[], ["cpu", "cpu:0"], 3, [1.5]])
def test_resolve_refuses(bad):
    with pytest.raises(DeviceError, match="`device`"):
        device.resolve(bad)


def test_falling_back_is_announced_once_and_only_where_asked(gpus, capsys):
    gpus(1)
    wanted = ["gpu:0", "gpu:1", "gpu:2"]
    with pytest.raises(DeviceError):
        device.resolve(wanted)
    assert capsys.readouterr().err == ""
    assert device.resolve(wanted, soft=True) == [mx.cpu(0)]
    notice = capsys.readouterr().err
    assert notice.count("\n") == 1
    assert "Using the CPU instead" in notice
    assert device.resolve("gpu:0", soft=True) == [mx.gpu(0)]
    assert capsys.readouterr().err == ""
    with pytest.raises(DeviceError):  # nonsense is no missing device
        device.resolve("tpu", soft=True)


@pytest.mark.parametrize(
    ("capability", "runs"),
    [
        ((3, 7), False),
        ((5, 0), True),
        ((5, 2), True),
        ((6, 1), True),
        ((7, 5), True),
        ((8, 0), True),
        ((8, 9), True),
        ((9, 0), False),
        ((10, 0), False),
        ((12, 0), False),
    ],
)
def test_which_gpus_the_wheels_hold_code_for(capability, runs):
    assert device.carried(capability) is runs


def test_describe_names_what_matters(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    text = device.describe()
    assert "OMP_NUM_THREADS=7" in text
    assert "1.9.1" in text
    assert "5.0, 6.0, 7.0, 8.0, 8.6" in text
    assert "no PTX" in text
    assert "cuDNN 8" in text


def test_describe_judges_the_gpus_that_the_driver_knows(monkeypatch, tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(
        f"#!{sys.executable}\n"
        "print('NVIDIA H100 PCIe, 9.0')\nprint('NVIDIA L4, 8.9')\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    text = device.describe()
    assert "H100 PCIe, capability 9.0: the wheels hold NO code" in text
    assert "L4, capability 8.9: the wheels hold code" in text
    tool.write_text(f"#!{sys.executable}\nraise SystemExit(9)\n")
    assert "does not answer" in device.describe()
