"""Known value, round trip and damage: weights that others trained."""

import os
import struct

import numpy as np
import pytest

from fdl import data
from fdl.data import catalog, weights
from fdl.errors import DataError

SQUEEZENET = catalog.entry("squeezenet")
CAFFE, FLOAT16 = SQUEEZENET.copies
REAL = os.environ.get("FDL_DATA_MIRROR", "")


# --- a writer of protocol buffers, for the few kinds of fields in use


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number, body):
    if isinstance(body, int):
        return varint(number << 3) + varint(body)
    return varint(number << 3 | 2) + varint(len(body)) + body


def floats(array):
    return struct.pack(f"<{array.size}f", *array.ravel())


def blob(array, old=False):
    if old:
        sizes = (1,) * (4 - array.ndim) + array.shape
        shape = b"".join(field(k, n) for k, n in enumerate(sizes, 1))
    else:
        shape = field(7, field(1, b"".join(map(varint, array.shape))))
    return field(5, floats(array)) + shape


def layer(name, *arrays, old=False):
    return field(
        100,
        field(1, name.encode())
        + field(2, b"Convolution")
        + field(3, b"data")
        + field(10, 1)  # the phase, a plain number
        + varint(44 << 3 | 5)  # and one of 32 bits
        + struct.pack("<f", 1.0)
        + b"".join(field(7, blob(a, old)) for a in arrays),
    )


def caffemodel(layers, old=False):
    head = field(1, b"net") + field(3, b"data") + field(4, 227)
    relu = field(100, field(1, b"relu") + field(2, b"ReLU"))
    return head + b"".join(
        layer(name, *arrays, old=old) + relu for name, arrays in layers
    )


@pytest.fixture
def layers():
    rng = np.random.default_rng(0)
    return [
        ("conv1", [rng.normal(size=(2, 3, 3, 3)), rng.normal(size=2)]),
        (
            "fire2/squeeze1x1",
            [rng.normal(size=(200, 2, 1, 1)), rng.normal(size=200)],
        ),
        ("conv10", [rng.normal(size=(4, 5, 1, 1)), rng.normal(size=4)]),
    ]


@pytest.mark.parametrize("old", [False, True])
def test_a_caffemodel_gives_what_was_written(tmp_path, layers, old):
    path = tmp_path / "a.caffemodel"
    path.write_bytes(caffemodel(layers, old))
    found = weights.read_caffemodel(path)
    assert list(found) == [
        f"{name}_{kind}" for name, _ in layers for kind in ("weight", "bias")
    ]
    for name, (weight, bias) in layers:
        assert found[f"{name}_weight"].shape == weight.shape
        assert np.array_equal(
            found[f"{name}_weight"], weight.astype(np.float32)
        )
        assert np.array_equal(found[f"{name}_bias"], bias.astype(np.float32))


def test_a_number_may_have_64_bits(tmp_path):
    body = field(1, b"a") + field(7, blob(np.ones(2))) + field(9, 2**64 - 1)
    path = tmp_path / "a.caffemodel"
    path.write_bytes(field(100, body))
    assert weights.read_caffemodel(path)["a_weight"].tolist() == [1, 1]
    path.write_bytes(field(100, body + field(9, 2**70)))
    with pytest.raises(DataError, match="a number of more than 64 bits"):
        weights.read_caffemodel(path)


@pytest.mark.parametrize("cut", [1, 40, 900])
def test_a_cut_caffemodel_is_named(tmp_path, layers, cut):
    path = tmp_path / "a.caffemodel"
    path.write_bytes(caffemodel(layers)[:-cut])
    with pytest.raises(DataError, match="a.caffemodel cannot be read"):
        weights.read_caffemodel(path)


@pytest.mark.parametrize(
    "junk", [b"", b"\x08\x01", b"<html>", b"\xff" * 20, b"\xa2\x06\x00"]
)
def test_a_file_of_something_else_is_named(tmp_path, junk):
    path = tmp_path / "a.caffemodel"
    path.write_bytes(junk)
    with pytest.raises(DataError, match="a.caffemodel"):
        weights.read_caffemodel(path)


@pytest.mark.parametrize(
    "parts",
    [
        field(1, 7),  # a number for a name
        field(7, 3),  # for a blob
        field(7, field(5, 3)),  # for its numbers
        field(7, field(7, 3)),  # for its shape
        field(7, field(7, field(1, 3))),  # for its sizes
        field(7, field(5, bytes(4)) + field(1, b"1")),  # and the reverse
    ],
)
def test_a_field_of_the_wrong_kind_is_told(tmp_path, parts):
    path = tmp_path / "a.caffemodel"
    path.write_bytes(field(100, field(1, b"conv") + parts))
    with pytest.raises(DataError, match="a.caffemodel cannot be read"):
        weights.read_caffemodel(path)


def both(tmp_path, layers, names="a\nb, c\nd\ne\n"):
    """Write one network in both forms, and the names of its classes."""
    (tmp_path / "imagenet_labels.txt").write_text(names)
    (tmp_path / "squeezenet_v1.1.caffemodel").write_bytes(caffemodel(layers))
    np.savez(
        tmp_path / "squeezenet_v1.1_fp16.npz",
        **{
            f"{name.replace('/', '_')}_{kind}": array.astype(np.float16)
            for name, arrays in layers
            for kind, array in zip(("weight", "bias"), arrays)
        },
    )
    return [
        {file.kept: tmp_path / file.kept for file in copy.files}
        for copy in (CAFFE, FLOAT16)
    ]


def test_both_copies_give_the_same_names(tmp_path, layers):
    exact, rounded = (
        weights.read_squeezenet(SQUEEZENET, copy, paths, "train")
        for copy, paths in zip((CAFFE, FLOAT16), both(tmp_path, layers))
    )
    assert exact.classes == rounded.classes == ("a", "b, c", "d", "e")
    assert list(exact.arrays) == list(rounded.arrays)
    assert list(exact.arrays)[2:4] == [
        "fire2.squeeze1x1.weight",
        "fire2.squeeze1x1.bias",
    ]
    assert exact.source.kind == "official"
    assert rounded.source.kind == "derived"
    assert "float16" in rounded.source.detail
    for name, array in rounded.arrays.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, exact.arrays[name].astype(np.float16))
    assert repr(exact) == (
        "Weights(680 numbers in 6 arrays, official: squeezenet)"
    )


@pytest.mark.parametrize("names", ["a\nb\nc\n", ""])
def test_names_that_do_not_fit_the_outputs_are_told(tmp_path, layers, names):
    paths = both(tmp_path, layers, names)[0]
    with pytest.raises(DataError, match=r"conv10 .* names .* got .* \(4,\)"):
        weights.read_squeezenet(SQUEEZENET, CAFFE, paths, "train")


def test_a_damaged_archive_is_named(tmp_path, layers):
    paths = both(tmp_path, layers)[1]
    path = tmp_path / "squeezenet_v1.1_fp16.npz"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="fp16.npz cannot be read"):
        weights.read_squeezenet(SQUEEZENET, FLOAT16, paths, "train")


def test_without_a_copy_there_is_no_substitute(tmp_path):
    with pytest.raises(DataError, match="'squeezenet' .* no offline sample"):
        data.load("squeezenet", offline=True)


def test_the_real_weights_have_the_published_size(monkeypatch):
    if not os.path.isdir(os.path.join(REAL, "squeezenet")):
        pytest.skip("FDL_DATA_MIRROR names no folder with the real files")
    monkeypatch.setenv("FDL_DATA_MIRROR", REAL)
    found = data.load("squeezenet", offline=True)
    # conv1 and conv10, and of each fire module its three convolutions
    size = 64 * 28 + 1000 * 513
    d = 64
    for s, e in (
        [(16, 64)] * 2 + [(32, 128)] * 2 + [(48, 192)] * 2 + [(64, 256)] * 2
    ):
        size += s * (d + 1) + e * (s + 1) + e * (9 * s + 1)
        d = 2 * e
    assert sum(a.size for a in found.arrays.values()) == size == 1_235_496
    assert len(found.classes) == 1000
    assert found.classes[281] == "tabby, tabby cat"
