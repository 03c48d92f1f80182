"""Weights of a network that somebody else trained.

They come as NumPy arrays under the names of our own network's parameters, so
that ``fdl.nn.set_parameters(net, weights.arrays)`` fills it.

A ``.caffemodel`` is a message of Google's protocol buffers [1]: fields, each
with a number and a wire type, one after the other, and some of them messages
again. The few fields that hold names and numbers are read here directly.

References: [1] Protocol Buffers, Encoding, https://protobuf.dev. [2] Caffe's
`caffe.proto`: a net's field 100 is a layer; a layer's field 1 is its name and
7 a blob; a blob's field 5 is its numbers and 7 its shape, whose field 1 lists
the sizes (in old files they are the blob's fields 1 to 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

import numpy as np

from fdl.data.archives import damage
from fdl.data.catalog import Copy, Entry, Source
from fdl.errors import DataError

__all__ = ["Weights", "read_caffemodel", "read_squeezenet"]

LAYER, NAME, BLOB, NUMBERS, SHAPE, SIZES = 100, 1, 7, 5, 7, 1


@dataclass(frozen=True)
class Weights:
    """Parameters, what the outputs mean, and where both came from.

    Attributes
    ----------
    arrays : dict of str to ndarray
        float32, by the parameter's path in our network.
    classes : tuple of str
        Names of the outputs, in their order.
    source : Source
        Where the numbers came from.

    Examples
    --------
    >>> source = Source("tiny", "official", "made by hand")
    >>> arrays = {"conv.weight": np.zeros((4, 3)), "conv.bias": np.zeros(4)}
    >>> Weights(arrays, ("cat", "dog"), source)
    Weights(16 numbers in 2 arrays, official: tiny)
    """

    arrays: dict[str, np.ndarray]
    classes: tuple[str, ...]
    source: Source

    def __repr__(self) -> str:
        count = sum(array.size for array in self.arrays.values())
        return (
            f"Weights({count:,} numbers in {len(self.arrays)} arrays, "
            f"{self.source.kind}: {self.source.name})"
        )


def read_squeezenet(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Weights:
    r"""Read SqueezeNet's weights and the names of ImageNet's classes.

    Parameters
    ----------
    row : Entry
        The data set.
    copy : Copy
        Which copy of it: ``"caffe"`` or ``"float16"``.
    paths : mapping
        The file of weights and that of names, as the catalog calls them.
    split : str
        There is only one.

    Raises
    ------
    DataError
        If a file is damaged, or its last layer does not fit the names.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> row, names = entry("squeezenet"), Path("imagenet_labels.txt")
    >>> _ = names.write_text("cat\ndog\n")
    >>> np.savez("net.npz", conv10_bias=np.array([1, 2], np.float16))
    >>> paths = {"net.npz": Path("net.npz"), names.name: names}
    >>> found = read_squeezenet(row, row.copies[1], paths, "train")
    >>> found.classes, found.arrays["conv10.bias"].tolist()
    (('cat', 'dog'), [1.0, 2.0])
    """
    names = paths["imagenet_labels.txt"]
    with damage(names):
        classes = tuple(names.read_text(encoding="utf-8").splitlines())
    (path,) = (path for path in paths.values() if path != names)
    read = {"caffe": read_caffemodel, "float16": _read_npz}[copy.name]
    arrays = {}
    for name, array in read(path).items():
        # fire2/squeeze1x1_weight or fire2_squeeze1x1_weight
        *layers, kind = name.replace("/", "_").split("_")
        arrays[".".join([*layers, kind])] = array.astype(np.float32)
    outputs = arrays.get("conv10.bias", np.zeros(0)).shape
    if outputs != (len(classes),):
        raise DataError(
            f"{path} must hold a layer conv10 with one bias for each of the "
            f"{len(classes)} names in {names.name}; got the shape {outputs}."
        )
    return Weights(arrays, classes, copy.source(row.name))


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    # NumPy leaves a damaged file open unless it is handed one
    with damage(path), path.open("rb") as content:
        with np.load(content, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}


def read_caffemodel(path: Union[str, Path]) -> dict[str, np.ndarray]:
    r"""Read the weights and biases in a trained Caffe network.

    Parameters
    ----------
    path : str or Path
        The ``.caffemodel``.

    Returns
    -------
    dict of str to ndarray
        ``LAYER_weight`` and ``LAYER_bias``, float32.

    Raises
    ------
    DataError
        If the file is not such a network.

    Examples
    --------
    >>> import struct
    >>> numbers = b"\x2a\x08" + struct.pack("<2f", 1, 2)  # field 5, 8 bytes
    >>> shape = b"\x3a\x03\x0a\x01\x02"  # field 7: field 1, one size, 2
    >>> layer = b"\x0a\x01a\x3a\x0f" + numbers + shape  # fields 1 and 7
    >>> _ = Path("net").write_bytes(b"\xa2\x06\x14" + layer)  # field 100
    >>> read_caffemodel("net")
    {'a_weight': array([1., 2.], dtype=float32)}
    """
    path = Path(path)
    found = {}
    with damage(path):
        for number, layer in _fields(path.read_bytes()):
            if number == LAYER:
                parts = list(_fields(layer))
                name = _message(dict(parts).get(NAME)).decode()
                blobs = [_blob(body) for field, body in parts if field == BLOB]
                for kind, blob in zip(("weight", "bias"), blobs):
                    # old files have four axes for a bias, too
                    array = blob if kind == "weight" else blob.reshape(-1)
                    found[f"{name}_{kind}"] = array
    if not found:
        raise DataError(f"{path} holds no layer with weights.")
    return found


def _blob(message: bytes) -> np.ndarray:
    numbers = np.zeros(0, np.float32)
    sizes, old = [], dict.fromkeys(range(1, 5), 0)
    for field, body in _fields(message):
        if field == NUMBERS:
            numbers = np.frombuffer(_message(body), "<f4")
        elif field == SHAPE:
            packed, at = _message(dict(_fields(body)).get(SIZES)), 0
            while at < len(packed):
                size, at = _varint(packed, at)
                sizes.append(size)
        elif field in old and isinstance(body, int):
            old[field] = body
    return numbers.reshape(sizes or list(old.values()))


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield each field's number and its body: bytes, or a whole number."""
    at, message = 0, _message(message)
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(message, at)
            body = message[at : at + length]
            if len(body) < length:
                raise EOFError("a field is cut short")
            yield number, body
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire} at byte {at}")


def _message(body: Any) -> bytes:
    """Return the body of a field that must hold bytes."""
    if not isinstance(body, bytes):
        raise ValueError("a field that must hold bytes does not")
    return body


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number that starts at a byte, 7 bits a byte, and its end."""
    value = 0
    for shift in range(0, 64, 7):
        byte = message[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
    raise ValueError(f"a number of more than 64 bits at byte {at}")
