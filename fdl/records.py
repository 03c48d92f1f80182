"""What a full run leaves behind: a record.

A record is ``results/NAME.json``: metrics, curves, configuration, seed,
profile, the kind of data it rests on, versions, hardware and wall time. Where
a page shows what was learned, ``results/NAME.npz`` stands beside it with the
arrays as float16; the JSON holds its hash, and nothing is ever pickled.

Both files are written under a temporary name and then renamed, so a reader
finds a whole record or none.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np

from fdl import _folders, profiles
from fdl._machine import environment
from fdl.errors import ChecksumError, DataError, must

__all__ = [
    "LARGEST",
    "Record",
    "directory",
    "environment",
    "names",
    "read",
    "try_writing",
]

FORMAT = 1
LARGEST = 4 * 2**20
"""How many bytes one ``NAME.npz`` may take."""
KINDS = ("official", "derived", "sample")

Folder = Optional[Union[str, "os.PathLike[str]"]]


@dataclasses.dataclass
class Record:
    """One finished run.

    Examples
    --------
    >>> record = Record("demo", "demo", {"test_accuracy": 0.5})
    >>> record.metrics["test_accuracy"]
    0.5
    """

    name: str
    """What the record is called, and its file."""
    experiment: str
    """The experiment that ran."""
    metrics: dict[str, float]
    """Numbers measured once, at the end."""
    curves: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    """Numbers measured again and again, as a rule once an epoch."""
    config: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Every setting of the run."""
    seed: int = 0
    """The seed."""
    profile: str = "quick"
    """``"quick"`` or ``"full"``."""
    data: dict[str, str] = dataclasses.field(default_factory=dict)
    """Data set to its kind: "official", "derived" or "sample"."""
    versions: dict[str, str] = dataclasses.field(default_factory=dict)
    """Versions of Python and of the packages that matter."""
    hardware: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Processor, cores, threads, memory and device."""
    seconds: float = 0.0
    """Wall time."""
    date: str = ""
    """The day on which the run ended (UTC, ISO 8601)."""
    complete: bool = True
    """Whether the run reached its end."""
    arrays: dict[str, np.ndarray] = dataclasses.field(
        default_factory=dict, repr=False, compare=False
    )
    """What was learned, where a page shows it."""

    def save(self, folder: Folder = None) -> Path:
        """Write the record and return the path of its JSON file.

        Parameters
        ----------
        folder : path, optional
            Where to write; :func:`directory` if not given.

        Raises
        ------
        ValueError
            If a number is not finite, or an array does not fit.
        DataError
            If the folder takes no file.
        """
        _check_name(self.name)
        content = self._content()
        target = _place(folder) / f"{self.name}.json"
        beside = target.with_suffix(".npz")
        packed = _pack(self.arrays) if self.arrays else b""
        if len(packed) > LARGEST:
            raise must(
                "arrays",
                f"{len(packed):,} bytes",
                f"take at most {LARGEST:,} bytes when packed",
            )
        if packed:
            content["arrays"] = {
                "bytes": len(packed),
                "file": beside.name,
                "sha256": hashlib.sha256(packed).hexdigest(),
            }
        text = _dumps(content)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            changes = not (beside.exists() and beside.read_bytes() == packed)
            if packed and changes:
                # no moment may show a JSON file beside arrays it does not know
                target.unlink(missing_ok=True)
                _folders.write_whole(beside, packed)
            _folders.write_whole(target, text.encode())
            if not packed:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(target, folder, error) from None
        return target

    def _content(self) -> dict[str, Any]:
        """Return what the JSON file holds, checked and rounded."""
        content = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name != "arrays"
        }
        content["format"] = FORMAT
        content["metrics"] = {
            key: _number(f"metrics[{key!r}]", value)
            for key, value in self.metrics.items()
        }
        content["curves"] = {
            key: [_number(f"curves[{key!r}]", value) for value in values]
            for key, values in self.curves.items()
        }
        content["seconds"] = round(float(self.seconds), 1)
        problem = _problem(content)
        if problem:
            raise ValueError(f"A record cannot be written: {problem}.")
        return content


def directory() -> Path:
    """Return the folder of the records.

    ``FDL_RESULTS`` names it; otherwise it is ``results`` in the repository
    that this package runs from, or in the working directory if the package
    was installed without one.

    Examples
    --------
    >>> directory().name == os.path.basename(
    ...     os.environ.get("FDL_RESULTS") or "results")
    True
    """
    named = _folders.named("FDL_RESULTS")
    if named is not None:
        return named
    top = Path(__file__).resolve().parent.parent
    return (top if (top / "pyproject.toml").exists() else Path()) / "results"


def _place(folder: Folder) -> Path:
    return directory() if folder is None else Path(folder)


def try_writing(folder: Folder = None) -> None:
    """Fail now, not after the training, if a record could not be saved.

    Parameters
    ----------
    folder : path, optional
        Where it will be saved; :func:`directory` if not given.

    Raises
    ------
    DataError
        If the folder takes no file.

    Examples
    --------
    >>> try_writing("somewhere")
    >>> Path("somewhere/file").touch()
    >>> try_writing("somewhere/file")
    Traceback (most recent call last):
    ...
    fdl.errors.DataError: somewhere/file cannot be written: File exists.
    """
    place = _place(folder)
    try:
        _folders.try_writing(place)
    except OSError as error:
        raise _unwritable(place, folder, error) from None


def _unwritable(path: Path, folder: Folder, error: OSError) -> DataError:
    remedy = "" if folder else "; `FDL_RESULTS` can name another folder"
    return DataError(
        f"{path} cannot be written: {_folders.reason(error)}{remedy}."
    )


def names(folder: Folder = None) -> list[str]:
    """Return the names of the records in a folder, sorted.

    Examples
    --------
    >>> path = Record("second", "demo", {}).save("my_records")
    >>> path = Record("first", "demo", {}).save("my_records")
    >>> names("my_records")
    ['first', 'second']
    """
    return sorted(path.stem for path in _place(folder).glob("*.json"))


def read(name: str, folder: Folder = None) -> Record:
    """Return a record, checked field by field.

    Parameters
    ----------
    name : str
        The record's name.
    folder : path, optional
        Where it lies; :func:`directory` if not given.

    Raises
    ------
    DataError
        If there is none of that name, or its file is not a record.
    ChecksumError
        If the arrays beside it are not the ones that it was written with.

    Examples
    --------
    >>> path = Record("demo", "demo", {"error": 0.12345678}).save("my_results")
    >>> read("demo", "my_results").metrics  # six digits are kept
    {'error': 0.123457}
    """
    _check_name(name)
    path = _place(folder) / f"{name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(names(folder)) or "none at all"
        raise DataError(
            f"There is no record {name!r} (no file {path}); there is: {known}."
        ) from None
    except OSError as error:
        raise _unreadable(path, _folders.reason(error)) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, error) from None
    problem = _problem(content)
    if not problem and content["name"] != name:
        problem = f"its name is {content['name']!r}"
    if problem:
        raise DataError(f"{path} is not a record: {problem}.")
    content.pop("format")
    beside = content.pop("arrays", None)
    arrays = _unpack(path.with_name(beside["file"]), beside) if beside else {}
    return Record(**content, arrays=arrays)


def today() -> str:
    """Return the date in UTC, as a record writes it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.date().isoformat()


def _check_name(name: str) -> None:
    if not (isinstance(name, str) and re.fullmatch(r"[a-z0-9_]+", name)):
        raise must(
            "name", name, "be made of small letters, digits and underscores"
        )


def _number(where: str, value: Any) -> Union[int, float]:
    """Return a finite number with at most six significant digits."""
    # a scalar of NumPy's, or an array of one
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    if not _is_number(value):
        raise must(where, value, "be a finite number")
    return value if isinstance(value, int) else float(f"{value:.6g}")


def _is_number(value: Any) -> bool:
    """Return whether a value is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= sys.float_info.max  # false for NaN


def _problem(content: Any) -> str:
    """Say what keeps `content` from being a record, or return ""."""
    if not isinstance(content, Mapping):
        return "it is not a JSON object"
    if content.get("format") != FORMAT:
        return f"its format is {content.get('format')!r}, not {FORMAT}"
    wanted = {
        field.name
        for field in dataclasses.fields(Record)
        if field.name != "arrays"
    } | {"format"}
    missing = sorted(wanted - set(content))
    if missing:
        return f"it lacks {', '.join(missing)}"
    unknown = sorted(set(content) - wanted - {"arrays"})
    if unknown:
        return f"it has the unknown {', '.join(unknown)}"
    return next(_faults(content), "")


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the fields of a record that has them all."""
    for key in ("name", "experiment", "date"):
        if not isinstance(content[key], str):
            yield f"{key} is not a string"
    for key in ("metrics", "curves", "config", "data", "versions", "hardware"):
        if not isinstance(content[key], Mapping):
            yield f"{key} is not an object"
            return
    if content["profile"] not in profiles.NAMES:
        yield f"profile is {content['profile']!r}"
    if not isinstance(content["complete"], bool):
        yield "complete is neither true nor false"
    if isinstance(content["seed"], bool) or not isinstance(
        content["seed"], int
    ):
        yield "seed is not a whole number"
    if not _is_number(content["seconds"]):
        yield "seconds is not a finite number"
    for key, value in content["metrics"].items():
        if not _is_number(value):
            yield f"metrics[{key!r}] is not a finite number"
    for key, values in content["curves"].items():
        if not isinstance(values, list) or not all(map(_is_number, values)):
            yield f"curves[{key!r}] is not a list of finite numbers"
    for key, kind in content["data"].items():
        if not isinstance(kind, str) or kind not in KINDS:
            yield f"data[{key!r}] is {kind!r}"
    beside = content.get("arrays")
    if beside is not None and not (
        isinstance(beside, Mapping)
        and beside.get("file") == f"{content['name']}.npz"
        and isinstance(beside.get("sha256"), str)
    ):
        yield "arrays does not name its file and its hash"


def _dumps(content: Mapping[str, Any]) -> str:
    """Return stable JSON: sorted keys, lists of numbers on one line."""
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False)
    flat = re.sub(
        r"\[\s+([-+.\de,\s]*?)\s+\]",
        lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]",
        text,
    )
    return flat + "\n"


def _pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes of an .npz file with the floats as float16."""
    narrow = {}
    for key, value in arrays.items():
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise must(
                f"arrays[{key!r}]", array.dtype, "hold numbers, not objects"
            )
        if array.dtype.kind == "f":
            with np.errstate(over="ignore"):
                array = array.astype(np.float16)
            if not np.isfinite(array).all():
                raise must(
                    f"arrays[{key!r}]", array, "be finite and fit float16"
                )
        narrow[key] = array
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **narrow)
    return buffer.getvalue()


def _unpack(path: Path, beside: Mapping[str, Any]) -> dict[str, np.ndarray]:
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, _folders.reason(error)) from None
    found = hashlib.sha256(packed).hexdigest()
    if found != beside["sha256"]:
        raise ChecksumError(
            f"{path} must have the sha256 {beside['sha256']} that its record "
            f"names; got {found}."
        )
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except Exception as error:  # NumPy, zipfile and zlib have their own each
        raise _unreadable(path, error) from None


def _unreadable(path: Path, why: object) -> DataError:
    said = str(why).rstrip(".") or type(why).__name__
    return DataError(f"{path} cannot be read: {said}.")
