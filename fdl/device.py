"""Where arrays live: the CPU, or one of the GPUs that MXNet can drive.

A *device* is an MXNet context. Nothing in this package is tied to the CPU:
what creates arrays takes a device, and ``None`` means the best there is. A
device that is asked for and is not there is an error; falling back to the CPU
happens only where the caller says so, and is announced.

How many GPUs there are is asked in one place, :func:`count_gpus`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Union

from fdl.errors import DeviceError

__all__ = [
    "CAPABILITIES",
    "all_gpus",
    "best",
    "carried",
    "count_gpus",
    "describe",
    "parse",
    "resolve",
]

CAPABILITIES = ((5, 0), (6, 0), (7, 0), (8, 0), (8, 6))
"""Compute capabilities that the published CUDA wheels of MXNet 1.9.1 hold
machine code for; they hold no PTX, so no driver can make code for others."""

Device = Union[str, Any, Sequence[Any], None]


def count_gpus() -> int:
    """Return how many GPUs MXNet can use: 0 in a build without CUDA.

    Examples
    --------
    >>> count_gpus() == len(all_gpus())
    True
    """
    from fdl._mxnet import mx

    try:
        return int(mx.context.num_gpus())
    except mx.base.MXNetError:  # a CUDA build whose driver does not answer
        return 0


def all_gpus() -> list[Any]:
    """Return the contexts of all GPUs, none on a machine without.

    Examples
    --------
    >>> {context.device_type for context in all_gpus()} <= {"gpu"}
    True
    """
    from fdl._mxnet import mx

    return [mx.gpu(i) for i in range(count_gpus())]


def best() -> Any:
    """Return the first GPU if there is one, else the CPU.

    Examples
    --------
    >>> best() == parse("gpu" if count_gpus() else "cpu")
    True
    """
    from fdl._mxnet import mx

    return mx.gpu(0) if count_gpus() else mx.cpu(0)


def parse(name: str) -> Any:
    """Return the context that a name means.

    Parameters
    ----------
    name : str
        ``"cpu"``, ``"gpu"``, or either with a number: ``"gpu:1"``. Any number
        will do for the CPU: they are names for the one there is.

    Raises
    ------
    DeviceError
        The name means nothing, or a GPU that is not there.

    Examples
    --------
    >>> parse("cpu")
    cpu(0)
    """
    from fdl._mxnet import mx

    found = re.fullmatch(r"(cpu|gpu)(?::(\d+))?", str(name).strip())
    if found is None:
        raise DeviceError(
            f"`device` (={name!r}) must be 'cpu', 'gpu', or one of them with "
            "a number, such as 'gpu:1'."
        )
    kind, index = found[1], int(found[2] or 0)
    return _present(mx.Context(kind, index))


def resolve(device: Device = None, soft: bool = False) -> list[Any]:
    """Return the contexts that an argument called `device` asks for.

    Parameters
    ----------
    device : None, str, Context, or a list of these
        ``None`` is the best device. A string may name several, with commas
        between them.
    soft : bool
        Where a GPU is missing, fall back to the CPU with a notice on stderr
        instead of raising.

    Returns
    -------
    list of Context
        At least one, each once.

    Examples
    --------
    >>> resolve("cpu:0,cpu:1")
    [cpu(0), cpu(1)]
    """
    from fdl._mxnet import mx

    if device is None:
        return [best()]
    if isinstance(device, str):
        asked: list[Any] = device.split(",")
    elif isinstance(device, (list, tuple)):
        asked = list(device)
    else:
        asked = [device]
    try:
        found = [_context(one) for one in asked]
    except _Missing as error:
        if not soft:
            raise
        print(f"{error} Using the CPU instead.", file=sys.stderr)
        return [mx.cpu(0)]
    if not found or len({str(context) for context in found}) < len(found):
        raise DeviceError(
            f"`device` (={device!r}) must name at least one device, and each "
            "only once."
        )
    return found


def carried(capability: tuple[int, int]) -> bool:
    """Say whether the CUDA wheels hold code that a GPU can run.

    Machine code runs on the generation it was made for, from its own minor
    number up.

    Parameters
    ----------
    capability : (int, int)
        The GPU's compute capability.

    Examples
    --------
    >>> carried((8, 9)), carried((9, 0))  # Ada, Hopper
    (True, False)
    """
    major, minor = capability
    return any(
        major == have and minor >= least for have, least in CAPABILITIES
    )


def describe() -> str:
    """Say what MXNet can run on here, and what a GPU would need.

    Returns
    -------
    str
        A few lines, as ``fdl devices`` prints them.

    Examples
    --------
    >>> first, *_, last = describe().splitlines()
    >>> first.split()[0], last == f"Chosen:   {best()}"
    ('CPU:', True)
    """
    lines = ["CPU:      " + _threads()]
    try:
        from fdl._mxnet import mx
    except (ImportError, OSError) as error:
        lines.append(f"MXNet:    cannot be imported: {error}")
        cuda, seen = True, 0
    else:
        cuda, seen = mx.runtime.Features().is_enabled("CUDA"), count_gpus()
        kind = "with" if cuda else "without"
        lines.append(f"MXNet:    {mx.__version__}, built {kind} CUDA")
    lines.append(f"GPUs:     MXNet sees {seen or 'none'}")
    lines += [f"          {line}" for line in _nvidia()]
    names = ", ".join(f"{major}.{minor}" for major, minor in CAPABILITIES)
    lines += [
        f"Wheels:   the published CUDA builds hold code for compute "
        f"capability {names},",
        "          and no PTX: Maxwell to Ampere and Ada run, Hopper and "
        "later do not",
    ]
    if not seen:
        first = (
            "the NVIDIA driver must answer (try nvidia-smi)"
            if cuda
            else "install mxnet-cu117==1.9.1 in place of mxnet"
        )
        lines += [
            f"For GPUs: {first}; with it a driver, CUDA 11's",
            "          runtime, cuBLAS, cuFFT, cuRAND, cuSOLVER, cuSPARSE, "
            "NVRTC and",
            "          nvToolsExt, NCCL 2 and cuDNN 8 (not 9), on "
            "LD_LIBRARY_PATH",
        ]
    lines.append(f"Chosen:   {best() if seen else 'cpu(0)'}")
    return "\n".join(lines)


class _Missing(DeviceError):
    """A well-formed name of a GPU that is not there."""


def _context(device: Any) -> Any:
    from fdl._mxnet import mx

    if isinstance(device, str):
        return parse(device)
    if isinstance(device, mx.Context):
        return _present(device)
    raise DeviceError(
        f"`device` (={device!r}) must be a context such as mx.cpu(), a name "
        "such as 'gpu:0', or a list of these."
    )


def _present(context: Any) -> Any:
    if context.device_type == "gpu" and context.device_id >= count_gpus():
        seen = count_gpus()
        there = {0: "no GPU", 1: "one GPU, gpu:0"}.get(
            seen, f"{seen} GPUs, gpu:0 to gpu:{seen - 1}"
        )
        raise _Missing(
            f"`device` (='gpu:{context.device_id}') must be there; MXNet sees "
            f"{there} (`fdl devices` says why)."
        )
    return context


def _threads() -> str:
    threads = os.environ.get("OMP_NUM_THREADS")
    return f"{os.cpu_count()} logical cores, " + (
        f"OMP_NUM_THREADS={threads}"
        if threads
        else "OMP_NUM_THREADS not set, so MXNet chooses"
    )


def _nvidia() -> list[str]:
    """Ask the driver's own tool, if it is there, what GPUs it knows."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = ["--query-gpu=name,compute_cap", "--format=csv,noheader"]
    try:
        answer = subprocess.run(
            [tool, *query],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ["nvidia-smi is there but does not answer"]
    lines = []
    for line in answer.stdout.splitlines():
        name, _, number = line.rpartition(",")
        found = re.fullmatch(r"\s*(\d+)\.(\d+)\s*", number)
        if found:
            major, minor = int(found[1]), int(found[2])
            word = "hold" if carried((major, minor)) else "hold NO"
            lines.append(
                f"{name.strip()}, capability {major}.{minor}: the wheels "
                f"{word} code for it"
            )
    return lines
