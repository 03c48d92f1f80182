"""The record of an experiment that trains several networks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from fdl import records
from fdl.records import Record

__all__ = ["compared"]


def compared(
    name: str,
    config: Any,
    *,
    metrics: Mapping[str, float],
    curves: Mapping[str, list[float]],
    seconds: float,
    net: Any,
    sources: Iterable[Any] = (),
) -> Record:
    """Return the record of a finished comparison.

    Parameters
    ----------
    name : str
        The experiment, and the record.
    config : object
        Its settings, ``seed`` and ``profile`` among them.
    metrics, curves : mapping
        What was measured.
    seconds : float
        What all training took.
    net : Block
        One of the networks; it tells the device.
    sources : iterable of Source
        Where the data came from; nowhere, if they were made up.
    """
    here = records.environment()
    devices = next(iter(net.collect_params().values())).list_ctx()
    return Record(
        name=name,
        experiment=name,
        metrics=dict(metrics),
        curves={key: list(values) for key, values in curves.items()},
        config=dataclasses.asdict(config),
        seed=config.seed,
        profile=config.profile,
        data={source.name: source.kind for source in sources},
        versions=here["versions"],
        hardware={**here["hardware"], "device": ", ".join(map(str, devices))},
        seconds=seconds,
        date=records.today(),
    )
