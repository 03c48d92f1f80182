"""The record of an experiment: what every one of them writes down."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from fdl import records
from fdl.errors import must
from fdl.records import Record

__all__ = ["compared", "parameters_of"]


def compared(
    name: str,
    config: Any,
    *,
    metrics: Mapping[str, float],
    curves: Mapping[str, list[float]],
    seconds: float,
    net: Any,
    sources: Iterable[Any] = (),
    arrays: Optional[Mapping[str, Any]] = None,
    complete: bool = True,
) -> Record:
    """Return the record of a finished experiment.

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
        The network, or one of them; it tells the device.
    sources : iterable of Source
        Where the data came from; nowhere, if they were made up.
    arrays : mapping, optional
        What was learned, where a page shows it.
    complete : bool
        Whether training came to its end.

    Examples
    --------
    >>> from fdl import device
    >>> from fdl.experiments.n_back import Config
    >>> from fdl.nn import FeedForward
    >>> net = FeedForward((2, 1))
    >>> net.initialize(ctx=device.parse("cpu"))
    >>> x = {"metrics": {"best": 0.5}, "curves": {"loss": [3.0, 1.0]}}
    >>> record = compared("n_back", Config(seed=7), seconds=2, net=net, **x)
    >>> record.seed, record.profile, record.hardware["device"], record.data
    (7, 'full', 'cpu(0)', {})
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
        complete=complete,
        arrays=dict(arrays or {}),
    )


def parameters_of(net: Any) -> int:
    """Return how many numbers a network learns.

    Parameters
    ----------
    net : Block
        The network. Sizes that it takes from its first input must be known.

    Examples
    --------
    >>> from fdl.nn import FeedForward
    >>> parameters_of(FeedForward((3, 4, 2))) == (3 + 1) * 4 + (4 + 1) * 2
    True
    """
    shapes = [p.shape for p in net.collect_params().values()]
    if any(size < 1 for shape in shapes for size in shape or (0,)):
        raise must("net", net, "know all its sizes: show it some input first")
    return sum(math.prod(shape) for shape in shapes)
