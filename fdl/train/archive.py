"""Files of arrays and numbers that are whole, or not there.

One ``.npz`` file: arrays, and a header of JSON that says how they hang
together. It is written under a temporary name, flushed to the disk and then
renamed, so a crash leaves the old file or the new one, never half of one. The
archive's comment is the SHA-256 of everything before it; a file in which a
single bit has changed is recognized. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as onp

from fdl._folders import reason, write_whole
from fdl._mxnet import mx, np
from fdl.errors import CheckpointError

__all__ = [
    "FORMAT",
    "Saved",
    "pack",
    "read",
    "unpack",
    "unwritable",
    "write",
]

FORMAT = 1
HEX = 64  # letters of a SHA-256


class Saved(onp.ndarray):
    """An array read back, which remembers what kind it was.

    Examples
    --------
    >>> back = unpack(pack(np.ones(2)))  # it was an array of MXNet's
    >>> type(back).__name__, back.kind
    ('Saved', 'np')
    """

    kind: str = "numpy"


def pack(tree: Any) -> bytes:
    """Return the bytes of a checkpoint file.

    Parameters
    ----------
    tree : object
        Nested dictionaries, lists and tuples of numbers, text, None and
        arrays.

    Examples
    --------
    >>> unpack(pack({"a": (1, onp.ones(2)), 7: None}))["a"][1]
    Saved([1., 1.])
    """
    arrays: dict[str, onp.ndarray] = {}
    header = json.dumps(_encode(tree, arrays, "it"))
    buffer = io.BytesIO()
    onp.savez(
        buffer,
        header=onp.frombuffer(header.encode(), dtype="uint8"),
        **arrays,
    )
    content = bytearray(buffer.getvalue())
    # a zip archive ends with the length of its comment: make that the hash
    content[-2:] = HEX.to_bytes(2, "little")
    return bytes(content) + hashlib.sha256(content).hexdigest().encode()


def unpack(content: bytes) -> Any:
    """Return what :func:`pack` was given.

    Raises
    ------
    CheckpointError
        The bytes are not those that were written.

    Examples
    --------
    >>> content = pack({"weight": onp.arange(3)})
    >>> unpack(content)["weight"].tolist()
    [0, 1, 2]
    >>> unpack(content[:9] + b"?" + content[10:])  # one byte is another
    Traceback (most recent call last):
    ...
    fdl.errors.CheckpointError: the checkpoint is damaged
    """
    body, digest = content[:-HEX], content[-HEX:]
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise CheckpointError("the checkpoint is damaged")
    with onp.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return _decode(json.loads(arrays["header"].tobytes()), arrays)


def read(path: Path) -> dict[str, Any]:
    """Return a checkpoint file's content, if it is whole.

    Examples
    --------
    >>> path = Path("epoch-000001.npz")
    >>> write(path, pack({"format": FORMAT + 1}))
    >>> read(path)
    Traceback (most recent call last):
    ...
    fdl.errors.CheckpointError: epoch-000001.npz has format 2; this version of
    fdl reads format 1.
    """
    try:
        state = unpack(path.read_bytes())
    except (CheckpointError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from None
    if state["format"] != FORMAT:
        raise CheckpointError(
            f"{path} has format {state['format']}; this version of fdl reads "
            f"format {FORMAT}."
        )
    return state


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole, or not at all.

    Examples
    --------
    >>> path = Path("epoch-000001.npz")
    >>> write(path, pack({"format": FORMAT, "loss": [0.5, 0.25]}))
    >>> read(path)["loss"]
    [0.5, 0.25]
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> CheckpointError:
    """Return the error that says which file the disk did not take, and why.

    Examples
    --------
    >>> import errno
    >>> unwritable(Path("best.npz"), OSError(errno.ENOSPC, "no space"))
    CheckpointError('best.npz cannot be written: the disk is full.')
    """
    return CheckpointError(f"{path} cannot be written: {reason(error)}.")


# -- trees of arrays as JSON: a dictionary with the key "is" is no plain one


def _encode(tree: Any, arrays: dict[str, onp.ndarray], name: str) -> Any:
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if isinstance(tree, onp.generic):
        return tree.item()
    if isinstance(tree, (onp.ndarray, mx.nd.NDArray)):
        key = f"array{len(arrays)}"
        kind = "numpy"
        if isinstance(tree, mx.nd.NDArray):
            kind = "np" if isinstance(tree, np.ndarray) else "nd"
            tree = tree.asnumpy()
        if tree.dtype.hasobject:
            raise TypeError(f"{name} is an array of Python objects")
        arrays[key] = onp.asarray(tree)
        return {"is": kind, "key": key}
    if isinstance(tree, list):
        return [_encode(v, arrays, name) for v in tree]
    if isinstance(tree, tuple):
        return {"is": "tuple", "of": _encode(list(tree), arrays, name)}
    if isinstance(tree, Mapping):
        if "is" not in tree and all(isinstance(key, str) for key in tree):
            return {k: _encode(v, arrays, k) for k, v in tree.items()}
        pairs = [
            [_encode(k, arrays, name), _encode(v, arrays, str(k))]
            for k, v in tree.items()
        ]
        return {"is": "dict", "of": pairs}
    raise TypeError(f"{name} is of type {type(tree).__name__}")


def _decode(tree: Any, arrays: Mapping[str, onp.ndarray]) -> Any:
    if isinstance(tree, list):
        return [_decode(v, arrays) for v in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree.get("is")
    if kind is None:
        return {k: _decode(v, arrays) for k, v in tree.items()}
    if kind == "tuple":
        return tuple(_decode(tree["of"], arrays))
    if kind == "dict":
        return {_decode(k, arrays): _decode(v, arrays) for k, v in tree["of"]}
    array = arrays[tree["key"]].view(Saved)
    array.kind = kind
    return array
