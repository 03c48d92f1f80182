"""The folder of a run: whose it is, and whether it begins there or goes on.

It holds one run: its checkpoints, with ``run.json`` beside them that says what
ran on which data, and the record once the run has finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

from fdl import _folders, data, experiments
from fdl.cli.parsing import say
from fdl.errors import CheckpointError, DataError

__all__ = ["Work", "describe", "place"]

Settings = dict[str, Any]


def describe(
    experiment: str, config: Any, offline: bool, progress: bool = True
) -> Settings:
    """Return what makes a run this run and no other.

    That is the experiment, its settings and the state of its data, which are
    fetched if need be. The epochs are left out: more of them are the same
    run, longer.

    Examples
    --------
    >>> config = experiments.configure("mnist_mlp", "quick")
    >>> run = describe("mnist_mlp", config, offline=True)
    >>> sorted(run), run["config"]["profile"], "epochs" in run["config"]
    (['config', 'data', 'experiment'], 'quick', False)
    """
    states = {}
    for name in experiments.get(experiment).DATA:
        if not offline:
            data.fetch(name, progress)
        states[name] = data.state(name)
    chosen = {k: v for k, v in vars(config).items() if k != "epochs"}
    return {"experiment": experiment, "config": chosen, "data": states}


def place(name: str, settings: Settings) -> Path:
    """Return the folder of a run: the same for the same settings.

    Examples
    --------
    >>> one = {"config": {"profile": "full", "seed": 1}}
    >>> place("demo", one).name
    'demo-full-...'
    >>> place("demo", one) == place("demo", {"config": {"profile": "full"}})
    False
    """
    base = _folders.named("FDL_RUNS") or data.store.cache() / "runs"
    text = json.dumps(settings, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return base / f"{name}-{settings['config']['profile']}-{digest}"


class Work:
    """A run's folder.

    Parameters
    ----------
    folder : Path
        The folder; it need not exist.
    settings : dict
        From :func:`describe`.
    remedy : str
        What names another folder.

    Examples
    --------
    >>> settings = {"experiment": "demo", "config": {"seed": 1}, "data": {}}
    >>> work = Work(Path("runs"), settings, "--folder")
    >>> with work.begun(resume=False, fresh=False):
    ...     (work.checkpoints / "epoch-000001.npz").touch()
    >>> [path.name for path in work.saved()]
    ['epoch-000001.npz']
    >>> other = {**settings, "config": {"seed": 2}}
    >>> with Work(Path("runs"), other, "--folder").begun(True, False):
    ...     pass
    Traceback (most recent call last):
    ...
    fdl.errors.CheckpointError: runs holds another run: its seed is 1, not 2;
    let --folder name another folder, or --fresh remove that run.
    """

    def __init__(self, folder: Path, settings: Settings, remedy: str) -> None:
        self.folder = folder
        self.experiment: str = settings["experiment"]
        self.settings = settings
        self.remedy = remedy

    @property
    def checkpoints(self) -> Path:
        """Where the checkpoints are."""
        return self.folder / "checkpoints"

    def saved(self) -> list[Path]:
        """Return the checkpoints there are; some runs have several folders."""
        return sorted(self.checkpoints.rglob("epoch-*.npz"))

    @contextlib.contextmanager
    def begun(self, resume: bool, fresh: bool) -> Iterator[None]:
        """Make the folder ready, and keep other processes out of it.

        Parameters
        ----------
        resume : bool
            Go on with the run that is there; with none, begin and say so.
        fresh : bool
            Remove the run that is there, whatever it is.

        Raises
        ------
        CheckpointError
            If there is another run, or this one was interrupted and neither
            was asked for, or another process is at work here.
        DataError
            If the folder takes no file.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(_folders.locked(self.folder, 0))
                _folders.try_writing(self.folder)
            except _folders.Busy:
                raise CheckpointError(
                    f"Another process trains in {self.folder}; wait for it, "
                    f"or let {self.remedy} name another folder."
                ) from None
            except OSError as error:
                raise DataError(
                    f"{self.folder} cannot be written: "
                    f"{_folders.reason(error)}; {self.remedy} can name "
                    "another folder."
                ) from None
            self._prepare(resume, fresh)
            yield
            self._note(self._names())

    def _prepare(self, resume: bool, fresh: bool) -> None:
        before, finished = self._before()
        there = self.saved()
        record = self.folder / f"{self.experiment}.json"
        if before is None and record.exists():
            raise DataError(
                f"{record} is a record that no run in that folder has left, "
                f"and must not be replaced; let {self.remedy} name another "
                "folder."
            )
        left = [
            self.folder / f"{name}{kind}"
            for name in {
                self.experiment,
                (before or self.settings)["experiment"],
            }
            for kind in (".json", ".npz")
        ]
        if not fresh and (there or any(path.exists() for path in left)):
            other = before and _difference(before, self.settings)
            if other:
                raise CheckpointError(
                    f"{self.folder} holds another run: {other}; let "
                    f"{self.remedy} name another folder, or --fresh remove "
                    "that run."
                )
            if resume and there:
                return
            if not finished:
                raise CheckpointError(
                    f"{self.folder} holds an interrupted run; --resume goes "
                    "on with it, --fresh removes it and begins anew."
                )
            say(f"the finished run in {self.folder} is replaced.", 0)
        if resume:
            say(
                f"there is nothing to resume in {self.folder}; the run "
                "begins at its start.",
                0,
            )
        for path in (*left, *there):
            path.unlink(missing_ok=True)
        self._note([])

    def _names(self) -> list[str]:
        return [
            path.relative_to(self.folder).as_posix() for path in self.saved()
        ]

    @property
    def _notes(self) -> Path:
        return self.checkpoints / "run.json"

    def _note(self, finished: list[str]) -> None:
        text = json.dumps({**self.settings, "finished": finished}, indent=1)
        self.checkpoints.mkdir(exist_ok=True)
        self._notes.write_text(text, encoding="utf-8")

    def _before(self) -> tuple[Optional[Settings], bool]:
        """Return what is known of the run that is there.

        Returns
        -------
        settings : dict or None
            Its settings, if there is one.
        finished : bool
            Whether it came to its end, and nobody has gone on with it since.
        """
        try:
            found = json.loads(self._notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None, False
        if not isinstance(found, dict) or any(
            not isinstance(found.get(key), type(value))
            for key, value in self.settings.items()
        ):
            return None, False
        return found, found.pop("finished", []) == self._names()


def _difference(old: Settings, new: Settings) -> str:
    """Say in what a run differs from another, or return ""."""
    if old["experiment"] != new["experiment"]:
        return f"it is one of {old['experiment']}"
    for part in ("data", "config"):
        then, now = old[part], json.loads(json.dumps(new[part]))
        for key in sorted({*then, *now}):
            if then.get(key) != now.get(key):
                return f"its {key} is {then.get(key)}, not {now.get(key)}"
    return ""
