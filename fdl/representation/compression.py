"""Pictures as files: what they cost, and what is left of them.

A grey picture becomes blocks of 8 × 8, a block becomes a code, the code is
rounded to whole multiples of a step, and these are coded arithmetically. What
makes the code is free to choose: cosines, as in JPEG; the principal axes of
other pictures' blocks; or a network (:class:`fdl.representation.BlockCoder`).

Letters: ``H, W`` height and width of a picture; ``n = 64`` pixels of a block;
``h, w`` how many blocks there are in a column and in a row; ``m`` units of a
code; ``Δ`` the step.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from fdl.errors import must
from fdl.representation.pca import PCA
from fdl.scratch._checks import floats, positive, shaped, whole
from fdl.scratch.arithmetic_coding import (
    code_length,
    decode_codes,
    encode_codes,
)

__all__ = [
    "AxesCoder",
    "Curve",
    "advantage",
    "block_rows",
    "compress",
    "compress_to",
    "cosine_axes",
    "decompress",
    "from_blocks",
    "grey",
    "jpeg",
    "jpeg_curve",
    "psnr",
    "rate_curve",
    "to_blocks",
    "unjpeg",
]

SIDE = 8  # of a block
HEADER = struct.Struct(">HHf")  # H, W, Δ


class Coder(Protocol):
    """What turns blocks into whole numbers and back."""

    def encode_blocks(self, blocks: np.ndarray, step: float) -> np.ndarray:
        """Return rounded codes `(m, h, w)` of blocks `(n, h, w)`."""

    def decode_blocks(self, codes: np.ndarray, step: float) -> np.ndarray:
        """Return the blocks `(n, h, w)` that codes `(m, h, w)` stand for."""


class Curve(NamedTuple):
    """What one way of compressing a picture costs, and what it keeps.

    Examples are at :func:`rate_curve` and :func:`advantage`.

    Attributes
    ----------
    rate : list of float
        Bits of the whole file, per pixel.
    psnr : list of float
        Decibels.

    """

    rate: list[float]
    psnr: list[float]


class AxesCoder(NamedTuple):
    """Codes along fixed axes.

    ::

        c = round((x − μ) W / Δ)
        x ≈ Δ c Wᵀ + μ

    Attributes
    ----------
    axes : PCA
        μ and W, of :func:`~fdl.representation.principal_axes` or
        :func:`cosine_axes`.

    Examples
    --------
    A block that is 8 all over, on axes whose mean is 0, is one number: 8 · 8
    along the first wave, which makes four steps of 16.

    >>> coder = AxesCoder(cosine_axes(np.zeros((2, 64))))
    >>> codes = coder.encode_blocks(np.full((64, 1, 1), 8.0), 16)
    >>> codes.ravel()[:3], bool((codes[1:] == 0).all())
    (array([4, 0, 0]), True)
    >>> np.allclose(coder.decode_blocks(codes, 16), 8)
    True
    """

    axes: PCA

    def encode_blocks(self, blocks: np.ndarray, step: float) -> np.ndarray:
        """Return rounded codes `(m, h, w)` of blocks `(n, h, w)`."""
        positive("step", step)
        t = self.axes.encode(blocks.reshape(len(blocks), -1).T)
        codes = np.rint(t / step).astype(int)
        return codes.T.reshape(-1, *blocks.shape[1:])

    def decode_blocks(self, codes: np.ndarray, step: float) -> np.ndarray:
        """Return the blocks `(n, h, w)` that codes `(m, h, w)` stand for."""
        x = self.axes.decode(step * codes.reshape(len(codes), -1).T)
        return x.T.reshape(-1, *codes.shape[1:])


def compress(coder: Coder, picture: Any, step: float) -> bytes:
    """Return a grey picture as a file.

    Eight bytes tell H, W and Δ; what follows is the codes.

    Parameters
    ----------
    coder : AxesCoder or BlockCoder
        Must be at hand to read the file again; its numbers are not in it.
    picture : array `(H, W)`
        uint8.
    step : float
        Δ: the larger, the smaller the file and the greater the loss.

    Examples
    --------
    >>> from fdl.data import photo
    >>> picture = grey(photo("chelsea", 64))
    >>> coder = AxesCoder(cosine_axes(block_rows([picture])))
    >>> file = compress(coder, picture, 40)
    >>> again = decompress(coder, file)
    >>> again.shape, 8 * len(file) / picture.size < 2
    ((64, 64), True)
    """
    picture = _picture(picture)
    # as the file tells it
    (step,) = struct.unpack(">f", struct.pack(">f", positive("step", step)))
    codes = coder.encode_blocks(to_blocks(picture), step)
    return HEADER.pack(*picture.shape, step) + encode_codes(codes)


def decompress(coder: Coder, file: bytes) -> np.ndarray:
    """Return the picture `(H, W)`, uint8, that a file of the coder's tells.

    Examples
    --------
    What comes back is near the picture, and the nearer the smaller the step:

    >>> picture = np.arange(256).reshape(16, 16).astype(np.uint8)
    >>> coder = AxesCoder(cosine_axes(block_rows([picture])))
    >>> for step in (4, 64):
    ...     again = decompress(coder, compress(coder, picture, step))
    ...     print(psnr(picture, again) > 40)
    True
    False
    """
    if len(file) <= HEADER.size:
        raise must("file", file, f"be more than {HEADER.size} bytes")
    H, W, step = HEADER.unpack(file[: HEADER.size])
    if not min(H, W) or not 0 < step < math.inf:
        rule = "begin with a height, a width and a step, each above 0"
        raise must("file", f"{H} × {W}, step {step:g}", rule)
    # how many units a code has
    m = len(coder.encode_blocks(np.zeros((SIDE**2, 1, 1), np.float32), step))
    h, w = (math.ceil(n / SIDE) for n in (H, W))
    codes = decode_codes(file[HEADER.size :], (m, h, w))
    return from_blocks(coder.decode_blocks(codes, step), (H, W))


def compress_to(coder: Coder, picture: Any, most: int) -> bytes:
    """Return a picture as a file of at most so many bytes.

    Twelve halvings of the span of steps, from 1 to 1000, find the least step
    that will do.

    Parameters
    ----------
    coder : AxesCoder or BlockCoder
        As for :func:`compress`.
    picture : array `(H, W)`
        uint8.
    most : int
        Bytes.

    Examples
    --------
    >>> picture = np.random.default_rng(0).integers(256, size=(64, 64))
    >>> picture = picture.astype(np.uint8)
    >>> coder = AxesCoder(cosine_axes(block_rows([picture])))
    >>> large, small = (compress_to(coder, picture, n) for n in (2000, 1000))
    >>> 1900 < len(large) <= 2000, 900 < len(small) <= 1000
    (True, True)
    >>> a, b = (psnr(picture, decompress(coder, f)) for f in (large, small))
    >>> a > b
    True
    """
    picture = _picture(picture)
    blocks = to_blocks(picture)

    def size(ln_step: float) -> float:
        codes = coder.encode_blocks(blocks, float(np.exp(ln_step)))
        return HEADER.size + code_length(codes) / 8 + 1

    low, high = 0.0, math.log(1000)
    if size(high) > whole("most", most):
        raise must("most", most, f"be {size(high):.0f} bytes at least")
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if size(middle) > most else (low, middle)
    return compress(coder, picture, math.exp(high))


def psnr(picture: Any, other: Any) -> float:
    """Return the peak signal-to-noise ratio of two pictures, in decibels.

    ::

        20 log₁₀(255 / RMSE)

    Parameters
    ----------
    picture, other : arrays of one shape
        Values from 0 to 255. Equal ones have an infinite ratio.

    Examples
    --------
    >>> round(psnr([[0.0, 0.0]], [[10.41, 10.41]]), 2)
    27.78
    """
    a, b = floats("picture", picture), floats("other", other)
    shaped("other", b, *a.shape)
    rmse = np.sqrt(np.mean((a - b) ** 2))
    return float(20 * np.log10(255 / rmse)) if rmse else np.inf


def grey(picture: Any) -> np.ndarray:
    """Return how light a colour picture `(H, W, 3)` is, `(H, W)`, uint8.

    Examples
    --------
    Green looks lighter than blue:

    >>> grey(np.array([[[0, 255, 0], [0, 0, 255]]], np.uint8))
    array([[150,  29]], dtype=uint8)
    """
    picture = shaped("picture", np.asarray(picture), "H", "W", 3)
    if picture.dtype != np.uint8:
        raise must("picture", f"of type {picture.dtype}", "be of uint8")
    # what JPEG and television weigh the three colours with
    luma = np.dot(picture.astype(float), [0.299, 0.587, 0.114])
    return np.rint(luma).astype(np.uint8)


def jpeg(picture: Any, quality: int) -> bytes:
    """Return a grey picture `(H, W)` as a JPEG file of Pillow's.

    Parameters
    ----------
    picture : array `(H, W)`
        uint8.
    quality : int
        From 1 to 95. Its tables of Huffman codes are made for the picture.

    Examples
    --------
    >>> picture = np.arange(4096).reshape(64, 64).astype(np.uint8)
    >>> len(jpeg(picture, 90)) > len(jpeg(picture, 10))
    True
    """
    from PIL import Image

    whole("quality", quality, most=95)
    file = io.BytesIO()
    made = Image.fromarray(_picture(picture))
    made.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def unjpeg(file: bytes) -> np.ndarray:
    """Return the picture `(H, W)` in a grey JPEG file.

    Examples
    --------
    >>> picture = np.full((20, 30), 100, np.uint8)
    >>> again = unjpeg(jpeg(picture, 90))
    >>> again.shape, bool((again == picture).all())
    ((20, 30), True)
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(file)) as picture:
            grey, found = picture.mode == "L", np.array(picture)
    except OSError as error:
        raise must("file", file, f"be a picture: {error}") from None
    if not grey:
        raise must("file", file, "be a grey picture")
    return found


def rate_curve(coder: Coder, picture: Any, steps: Sequence[float]) -> Curve:
    """Return bits per pixel and PSNR of a picture at several steps Δ.

    The files are not written: theory tells how long they are, to a byte.

    Examples
    --------
    Larger steps: fewer bits, and a picture less alike.

    >>> picture = np.arange(4096).reshape(64, 64).astype(np.uint8)
    >>> coder = AxesCoder(cosine_axes(block_rows([picture])))
    >>> rate, ratio = rate_curve(coder, picture, [10, 40])
    >>> rate[0] > rate[1], ratio[0] > ratio[1]
    (True, True)
    """
    picture = _picture(picture)
    blocks, curve = to_blocks(picture), Curve([], [])
    for step in steps:
        positive("steps", step)
        codes = coder.encode_blocks(blocks, step)
        bits = 8 * HEADER.size + code_length(codes)
        curve.rate.append(bits / picture.size)
        restored = coder.decode_blocks(codes, step)
        curve.psnr.append(psnr(picture, from_blocks(restored, picture.shape)))
    return curve


def jpeg_curve(picture: Any, qualities: Sequence[int]) -> Curve:
    """Return bits per pixel and PSNR of JPEG at several qualities.

    Examples
    --------
    >>> picture = np.arange(4096).reshape(64, 64).astype(np.uint8)
    >>> rate, ratio = jpeg_curve(picture, [20, 80])
    >>> rate[0] < rate[1], ratio[0] < ratio[1]
    (True, True)
    """
    files = [jpeg(picture, quality) for quality in qualities]
    size = np.asarray(picture).size
    return Curve(
        [8 * len(file) / size for file in files],
        [psnr(picture, unjpeg(file)) for file in files],
    )


def advantage(curve: Curve, other: Curve) -> float:
    """Return how many decibels a curve lies above another, on average.

    Between their points, curves are straight lines of PSNR over the rate's
    logarithm. The mean is over the logarithms of the rates that both reach.

    Examples
    --------
    >>> advantage(Curve([0.1, 1], [30, 40]), Curve([0.2, 2], [30, 40]))
    3.01...
    """
    x, above = _points("curve", curve)
    y, below = _points("other", other)
    low, high = max(min(x), min(y)), min(max(x), max(y))
    if low >= high:
        rule = "reach some rates that `other` reaches, too"
        raise must("curve", curve.rate, rule)
    at = np.linspace(low, high, 200)
    return float(np.mean(np.interp(at, x, above) - np.interp(at, y, below)))


def cosine_axes(rows: Any) -> PCA:
    """Return the cosine waves that JPEG measures blocks with, as axes.

    ::

        W_(y,x),(u,v) = c_y,u c_x,v
        c_x,u = √(2 / 8) cos((2 x + 1) u π / 16)     c_x,0 = √(1 / 8)

    Parameters
    ----------
    rows : array `(N, 64)`
        Blocks. Only the mean and the variances along the waves are theirs.

    Returns
    -------
    PCA
        By rising frequency u + v.

    Examples
    --------
    They stand at right angles, and the first is flat:

    >>> axes = cosine_axes(np.zeros((2, 64))).axes
    >>> np.allclose(np.dot(axes.T, axes), np.eye(64)), axes[:, 0].round(3)[:4]
    (True, array([0.125, 0.125, 0.125, 0.125]))
    """
    rows = shaped("rows", floats("rows", rows), "N", SIDE**2)
    x = np.arange(SIDE)
    c = np.cos(np.outer(2 * x + 1, x) * np.pi / (2 * SIDE))
    c *= np.sqrt(np.where(x == 0, 1, 2) / SIDE)
    W = np.einsum("yu,xv->yxuv", c, c).reshape(SIDE**2, SIDE**2)
    W = W[:, np.argsort(np.add.outer(x, x).ravel(), kind="stable")]
    mean = rows.mean(axis=0)
    variances = (np.dot(rows - mean, W) ** 2).mean(axis=0)
    return PCA(mean, W, variances, variances.sum())


def block_rows(pictures: Sequence[Any]) -> np.ndarray:
    """Return all blocks of pictures as rows `(N, 64)`.

    Examples
    --------
    >>> block_rows([np.zeros((16, 24)), np.zeros((8, 8))]).shape
    (7, 64)
    """
    if not len(pictures):
        raise must("pictures", pictures, "be one or more")
    blocks = map(to_blocks, pictures)
    return np.concatenate([b.reshape(len(b), -1).T for b in blocks])


def to_blocks(picture: Any) -> np.ndarray:
    """Return a picture `(H, W)` as blocks `(64, h, w)`, float32.

    Blocks that stick out repeat the last row and column.

    Examples
    --------
    >>> picture = np.arange(160).reshape(8, 20)
    >>> blocks = to_blocks(picture)  # 20 columns need three blocks
    >>> blocks.shape, blocks[:3, 0, 1]
    ((64, 1, 3), array([ 8.,  9., 10.], dtype=float32))
    """
    picture = shaped("picture", np.asarray(picture), "H", "W")
    if not picture.size:
        raise must("picture", f"of shape {picture.shape}", "not be empty")
    more = [(0, -n % SIDE) for n in picture.shape]
    picture = np.pad(picture, more, mode="edge")
    h, w = (n // SIDE for n in picture.shape)
    blocks = picture.reshape(h, SIDE, w, SIDE).transpose(1, 3, 0, 2)
    return blocks.reshape(SIDE**2, h, w).astype(np.float32)


def from_blocks(blocks: Any, shape: Sequence[int]) -> np.ndarray:
    """Return the picture `(H, W)`, uint8, of blocks `(64, h, w)`.

    Examples
    --------
    >>> picture = np.arange(160, dtype=np.uint8).reshape(8, 20)
    >>> again = from_blocks(to_blocks(picture), (8, 20))
    >>> bool((again == picture).all())
    True
    """
    blocks = shaped("blocks", floats("blocks", blocks), SIDE**2, "h", "w")
    _, h, w = blocks.shape
    if (h, w) != tuple(math.ceil(n / SIDE) for n in shape):
        raise must("shape", tuple(shape), f"be one of {h} × {w} blocks")
    picture = blocks.reshape(SIDE, SIDE, h, w).transpose(2, 0, 3, 1)
    picture = picture.reshape(h * SIDE, w * SIDE)[: shape[0], : shape[1]]
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8)


def _points(argument: str, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return log₁₀ of a curve's rates, rising, and the PSNR at each."""
    rate = shaped(argument, floats(argument, curve.rate), "n")
    ratio = shaped(argument, floats(argument, curve.psnr), len(rate))
    if rate.min() <= 0:
        raise must(argument, curve, "have rates above 0")
    order = np.argsort(rate)
    return np.log10(rate[order]), ratio[order]


def _picture(value: Any) -> np.ndarray:
    picture = shaped("picture", np.asarray(value), "H", "W")
    if picture.dtype != np.uint8 or not 0 < min(picture.shape) <= max(
        picture.shape
    ) < (1 << 16):
        rule = "be of uint8, with 1 to 65535 rows and columns"
        raise must("picture", f"{picture.shape} {picture.dtype}", rule)
    return picture
