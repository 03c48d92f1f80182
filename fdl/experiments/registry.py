"""Experiments by name: find one, configure it, know what it records."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from fdl import profiles
from fdl.errors import must
from fdl.experiments import settings
from fdl.records import Record

__all__ = [
    "Experiment",
    "configure",
    "get",
    "names",
    "recordings",
    "summary",
]

EXPERIMENTS = (
    "a3c_speed",
    "associative_recall",
    "awgn_channel",
    "babi",
    "breakout_dqn",
    "brown_topics",
    "cartpole",
    "cartpole_exploration",
    "cbow_or_skip_gram",
    "cifar_architectures",
    "cifar_convnet",
    "copy_series",
    "copy_task",
    "dependency_parser",
    "echo_wavenet",
    "flicker_drqn",
    "image_compression",
    "imdb_sentiment",
    "mnist_autoencoder",
    "mnist_codes",
    "mnist_convnet",
    "mnist_depth",
    "mnist_lecture",
    "mnist_logistic",
    "mnist_mlp",
    "mnist_momentum",
    "mnist_optimizers",
    "moving_squares",
    "multi_task",
    "n_back",
    "neural_style",
    "pos_tagger",
    "pretraining",
    "repeat_copy",
    "shakespeare",
    "skip_gram",
    "skip_thought",
    "transfer",
    "translation",
)


class Experiment(Protocol):
    """What the module of an experiment holds.

    Examples
    --------
    >>> found = get("mnist_mlp")
    >>> found.DATA, found.VARIANTS["mnist_mlp_uniform"]
    (('mnist',), {'init': 'uniform'})
    """

    DATA: tuple[str, ...]
    """The data sets that it loads; none if it makes its own."""
    VARIANTS: dict[str, dict[str, Any]]
    """Its other records: to the settings that each of them changes."""
    Config: type
    """A frozen dataclass of its settings; the defaults are the book's."""

    def run(self, config: Any, **options: Any) -> Record:
        """Train and measure as `config` says, and return the record."""
        ...


def names() -> list[str]:
    """Return the names of all experiments.

    Examples
    --------
    >>> "mnist_mlp" in names()
    True
    """
    return sorted(EXPERIMENTS)


def summary(name: str) -> str:
    """Return what an experiment is, in a line; nothing of it is loaded.

    Examples
    --------
    >>> summary("mnist_mlp")
    'A network with two hidden layers on MNIST: 784-256-256-10, ReLU.'
    """
    if name not in EXPERIMENTS:
        raise ValueError(unknown("experiment", name, names()))
    path = Path(__file__).with_name(f"{name}.py")
    text = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    return text.partition("\n")[0]


def get(name: str) -> ModuleType:
    """Return an experiment: its module, with ``Config`` and ``run``.

    Examples
    --------
    >>> get("mnist_mlp").Config().epochs
    300
    """
    if name not in EXPERIMENTS:
        raise ValueError(unknown("experiment", name, names()))
    return importlib.import_module(f"fdl.experiments.{name}")


def configure(name: str, profile: str = "quick", **overrides: Any) -> Any:
    """Return an experiment's ``Config`` in a profile.

    Parameters
    ----------
    name : str
        The experiment.
    profile : {"quick", "full"}
        Whose settings to start from.
    **overrides
        Settings that differ from the profile's.

    Examples
    --------
    >>> configure("mnist_mlp", "full", epochs=2).learning_rate
    0.01
    """
    if profile not in profiles.NAMES:
        raise must("profile", profile, 'be "quick" or "full"')
    config = get(name).Config
    fields = settings.describe(config)
    known = [field.name for field in fields]
    for key in overrides:
        if key not in known:
            raise ValueError(unknown(f"setting of {name}", key, known))
    start = {field.name: getattr(field, profile) for field in fields}
    return config(**{**start, **overrides})


def recordings() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return record name → (experiment, settings that it changes).

    Examples
    --------
    >>> recordings()["mnist_mlp_uniform"]
    ('mnist_mlp', {'init': 'uniform'})
    """
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in names():
        found[name] = (name, {})
        for variant, changes in get(name).VARIANTS.items():
            found[variant] = (name, changes)
    return found


def as_dict(config: Any) -> dict[str, Any]:
    """Return the settings as a dictionary."""
    return dataclasses.asdict(config)


def unknown(what: str, name: str, known: list[str]) -> str:
    """Return the sentence that says what there is instead of `name`."""
    close = difflib.get_close_matches(str(name), known, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"There is no {what} {name!r}{hint}; there is: {', '.join(known)}."
