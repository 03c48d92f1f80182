"""What machine this process runs on, and which versions it has loaded."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any

__all__ = ["environment", "memory_bytes"]


def environment() -> dict[str, dict[str, Any]]:
    """Return the versions and the hardware of this process.

    Neither holds the name of the machine nor a path of it.

    Examples
    --------
    >>> here = environment()
    >>> sorted(here)
    ['hardware', 'versions']
    >>> "python" in here["versions"], here["hardware"]["cores"] >= 1
    (True, True)
    """
    versions = {"python": platform.python_version()}
    for package in ("fdl", "numpy", "mxnet"):
        version = _version(package)
        if version:
            versions[package] = version
    cores = os.cpu_count() or 1
    threads = os.environ.get("OMP_NUM_THREADS", "")
    hardware: dict[str, Any] = {
        "processor": _processor(),
        "cores": cores,
        "threads": int(threads) if threads.isdecimal() else cores,
        "system": f"{platform.system()} {platform.machine()}",
    }
    memory = memory_bytes()
    if memory:
        hardware["memory_gib"] = round(memory / 2**30, 1)
    return {"versions": versions, "hardware": hardware}


def _version(package: str) -> str:
    loaded = sys.modules.get(package)
    if loaded is not None and hasattr(loaded, "__version__"):
        return str(loaded.__version__)
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "unknown"


def memory_bytes() -> int:
    """Return this machine's memory; 0 if it does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0
