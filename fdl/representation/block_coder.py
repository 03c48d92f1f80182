"""A network that codes the blocks of a picture, with the bits in its loss.

It starts as the principal axes and learns what to add to both sides: to the
code, which may look at the blocks around; and to what is restored, which so
loses its edges between blocks. Rounding has no slope, and gets that of the
identity; how many bits a rounded code will cost is foretold by a bell curve
for each unit, whose width is learned along with the rest.

[1] Ballé, Laparra and Simoncelli 2017, arXiv:1611.01704
[2] Theis, Shi, Cunningham and Huszár 2017, arXiv:1703.00395

Letters: ``B`` batch; ``n`` pixels of a block, ``h, w`` blocks of a picture in
a column and in a row; ``m`` units of a code; ``Δ`` the step; ``σ_j`` the
spread of unit j of the axes; ``s_j`` the width of its bell curve.

Differences from the papers: (1) convolutions are over blocks, all of them
3 × 3, and correct principal axes. (2) One network serves all steps Δ, which
it is told. (3) The slope of rounding is [2]'s; the bell curve is the logistic
distribution's.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as onp

from fdl._mxnet import (
    gluon,
    mx,
    namespace,
    nn,
    softplus,
    stop_gradient,
)
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.nn.convolution import ConvNorm
from fdl.representation.compression import SIDE, to_blocks
from fdl.representation.pca import PCA
from fdl.scratch._checks import positive, whole

__all__ = ["BlockCoder", "Crops", "RateDistortion", "rounded"]

USUAL = 40.0  # the step at which the network is told 0


class BlockCoder(Checked):
    """Principal axes with learned corrections.

    ::

        t = (x − μ) W
        c = round(t / Δ + f(t / σ, ln Δ))
        r = Δ (c + g(Δ c / σ, ln Δ))
        x ≈ r Vᵀ + μ                     V starts as W

    Parameters
    ----------
    axes : PCA
        μ, W, and σ² of the blocks that it is trained on.
    hidden : int
        Feature maps in f and in g.

    Attributes
    ----------
    analysis, synthesis : Conv2D
        W and V, as convolutions over blocks.
    encoder, decoder : HybridSequential
        f, of two convolutions, and g, of three.

    Examples
    --------
    >>> from fdl.data import photo
    >>> from fdl.representation import principal_axes
    >>> from fdl.representation.compression import grey
    >>> blocks = to_blocks(grey(photo("coins")))
    >>> axes = principal_axes(blocks.reshape(64, -1).T, 64)
    >>> net = BlockCoder(axes, hidden=8)
    >>> net.initialize()
    >>> net.encode_blocks(blocks, 40.0).shape
    (64, 38, 48)
    """

    def __init__(self, axes: PCA, hidden: int = 96, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(hidden=hidden)
        n, m = axes.axes.shape
        self.units = m
        self.takes = Batch("blocks", (n, "h", "w"))
        spread = onp.sqrt(onp.maximum(axes.variances, 1e-3))
        spread = spread.reshape(1, m, 1, 1).astype("float32")
        mean = axes.mean.reshape(1, n, 1, 1).astype("float32")
        constant = self.params.get_constant
        with self.name_scope():
            self.mean = constant("mean", mx.np.array(mean))
            self.spread = constant("spread", mx.np.array(spread))
            self.width = self.params.get(
                "width",
                shape=(1, m, 1, 1),
                # a logistic of this width has the deviation σ
                init=_start(onp.log(spread * math.sqrt(3) / math.pi)),
            )
            self.analysis = _across(n, m, axes.axes.T)
            self.synthesis = _across(m, n, axes.axes)
            self.encoder = nn.HybridSequential()
            self.encoder.add(_near(m + 1, hidden), _last(hidden, m))
            self.decoder = nn.HybridSequential()
            self.decoder.add(
                _near(m + 1, hidden), _near(hidden, hidden), _last(hidden, m)
            )

    def hybrid_forward(self, F: Any, x: Any, step: Any, **params: Any) -> Any:
        """Return blocks restored, in steps, and what their codes cost.

        Parameters
        ----------
        x : array `(B, n, h, w)`
            Blocks of grey values.
        step : array `(B, 1, 1, 1)`
            Δ of each picture.

        Returns
        -------
        restored : array `(B, n, h, w)`
            Divided by Δ.
        bits : array `(B,)`
            −log₂ of the codes' probability.
        """
        y = self.code(F, x, step, **params)
        bits = self.bits(F, noisy(F, y), step, params["width"])
        return self.restore(F, rounded(y), step, **params) / step, bits

    def check_input(self, x: Any, *step: Any) -> None:
        """Raise unless x is a batch of blocks."""
        super().check_input(x)

    def code(
        self, F: Any, x: Any, step: Any, mean: Any, spread: Any, **_: Any
    ) -> Any:
        """Return the codes `(B, m, h, w)`, not rounded yet."""
        t = self.analysis(x - mean)
        # t / Δ + f(t / σ, ln Δ)
        return t / step + self.encoder(_told(F, t / spread, step))

    def restore(
        self, F: Any, c: Any, step: Any, mean: Any, spread: Any, **_: Any
    ) -> Any:
        """Return the blocks `(B, n, h, w)` that rounded codes stand for."""
        # r = Δ (c + g(Δ c / σ, ln Δ))
        g = self.decoder(_told(F, step * c / spread, step))
        return self.synthesis(step * (c + g)) + mean

    def bits(self, F: Any, c: Any, step: Any, width: Any) -> Any:
        """Return −log₂ of the probability of codes `(B, m, h, w)`, `(B,)`.

        ::

            P(c) = σ(d (c + ½)) − σ(d (c − ½)),    d = Δ / s
                 = σ(d (c + ½)) σ(−d (c − ½)) (1 − e^(−d))

        Unit 0 counts by how far it is from the block on its left, since
        that is much how the file tells it.
        """
        first, others = F.np.split(c, (1,), axis=1)
        left = [0 * first[:, :, :, :1], first[:, :, :, :-1]]
        first = first - F.np.concatenate(left, axis=3)
        c = F.np.concatenate([first, others], axis=1)
        d = step / F.np.exp(width)
        nats = softplus(-d * (c + 0.5)) + softplus(d * (c - 0.5))
        nats = nats - F.np.log(1 - F.np.exp(-d) + 1e-12)
        return F.np.sum(nats, axis=(1, 2, 3)) / math.log(2)

    def encode_blocks(self, blocks: onp.ndarray, step: float) -> onp.ndarray:
        """Return rounded codes `(m, h, w)` of blocks `(n, h, w)`."""
        c = self._alone(self.code, blocks, step)
        return onp.rint(c).astype(int)

    def decode_blocks(self, codes: onp.ndarray, step: float) -> onp.ndarray:
        """Return the blocks `(n, h, w)` that codes `(m, h, w)` stand for."""
        return self._alone(self.restore, codes, step)

    def _alone(self, part: Any, x: onp.ndarray, step: float) -> onp.ndarray:
        positive("step", step)
        device = self.width.list_ctx()[0]
        x = mx.np.array(x[onp.newaxis], dtype="float32", ctx=device)
        delta = mx.np.full((1, 1, 1, 1), step, dtype="float32", ctx=device)
        mean, spread = (p.data(device) for p in (self.mean, self.spread))
        return part(mx, x, delta, mean=mean, spread=spread).asnumpy()[0]


class RateDistortion(gluon.HybridBlock):
    """Error and bits in one number, per block.

    ::

        E = 1/(h w) (‖x / Δ − y‖² + λ bits)

    Where steps are small, rounding costs a number Δ²/12, and with each bit
    more a quarter of that. At the margin a bit is thus worth 2 ln 2 Δ²/12,
    which makes λ = 0.116.

    Parameters
    ----------
    weight : float
        λ.
    blocks : int
        h w.

    Examples
    --------
    An error of 1 in two pixels, and 3 bits:

    >>> from fdl._mxnet import np
    >>> loss = RateDistortion(weight=0.5, blocks=1)
    >>> x, y = np.ones((1, 2, 1, 1)), np.zeros((1, 2, 1, 1))
    >>> loss((y, np.array([3.0])), x)
    array([3.5])
    """

    def __init__(
        self, weight: float = math.log(2) / 6, blocks: int = 64
    ) -> None:
        super().__init__()
        self.weight = positive("weight", weight)
        self.blocks = whole("blocks", blocks)

    def hybrid_forward(self, F: Any, output: Any, x: Any) -> Any:
        """Return each picture's loss `(B,)`; x is `(B, n, h, w)`, in steps."""
        y, bits = output
        error = F.np.sum((x - y) ** 2, axis=(1, 2, 3))
        return (error + self.weight * bits) / self.blocks


class Crops:
    """Minibatches of squares of pictures, each at a step of its own.

    Parameters
    ----------
    pictures : sequence of arrays `(H, W)`
        Grey. Each is taken in proportion to its pixels.
    batch_size, batches : int
        Squares in a batch, and batches in an epoch.
    side : int
        Of the squares, in pixels; a multiple of 8.
    steps : (float, float)
        The least Δ and the largest; what is between is drawn evenly from the
        logarithms.
    seed : int
        Chooses, together with the epoch's number, where the squares are and
        how they are turned.

    Examples
    --------
    >>> pictures = [onp.full((40, 60), 30, "uint8")]
    >>> crops = Crops(pictures, 2, batches=1, side=16, steps=(10, 20))
    >>> (((x, step), y),) = crops.epoch(0)
    >>> x.shape, bool((10 <= step).all() and (step <= 20).all())
    ((2, 64, 2, 2), True)
    >>> onp.allclose(step * y, 30)
    True
    """

    def __init__(
        self,
        pictures: Sequence[onp.ndarray],
        batch_size: int,
        batches: int,
        *,
        side: int = 64,
        steps: tuple[float, float] = (15.0, 150.0),
        seed: int = 0,
    ) -> None:
        if whole("side", side) % SIDE:
            raise must("side", side, f"be a multiple of {SIDE}")
        if not len(pictures) or min(min(p.shape) for p in pictures) < side:
            rule = f"be one or more, each of {side} × {side} pixels at least"
            raise must("pictures", f"{len(pictures)} of them", rule)
        self.pictures, self.side = list(pictures), side
        self.batch_size = whole("batch_size", batch_size)
        self.batches, self.seed = whole("batches", batches), seed
        whole("seed", seed, 0)
        low, high = (positive("steps", step) for step in steps)
        if low > high:
            raise must("steps", steps, "be the least and the largest")
        self.steps = (low, high)

    def __len__(self) -> int:
        return self.batches

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield the batches ((x, Δ), x / Δ) of one epoch."""
        rng = onp.random.default_rng([self.seed, epoch])
        sizes = onp.array([p.size for p in self.pictures], float)
        low, high = onp.log(self.steps)
        for _ in range(self.batches):
            which = rng.choice(
                len(sizes), self.batch_size, p=sizes / sizes.sum()
            )
            x = onp.stack([self._crop(self.pictures[k], rng) for k in which])
            step = onp.exp(rng.uniform(low, high, (self.batch_size, 1, 1, 1)))
            step = step.astype("float32")
            yield (x, step), x / step

    def _crop(
        self, picture: onp.ndarray, rng: onp.random.Generator
    ) -> onp.ndarray:
        y, x = (rng.integers(n - self.side + 1) for n in picture.shape)
        square = picture[y : y + self.side, x : x + self.side]
        turned = onp.rot90(square, rng.integers(4))
        return to_blocks(turned.T if rng.integers(2) else turned)


def rounded(x: Any) -> Any:
    """Return x rounded, with the slope of x itself [2].

    Examples
    --------
    >>> from fdl._mxnet import autograd, np
    >>> x = np.array([0.4, 0.6])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = rounded(x)
    >>> y.backward()
    >>> y, x.grad
    (array([0., 1.]), array([1., 1.]))
    """
    F, _ = namespace(x)
    return x + stop_gradient(F.rint(x) - x)


def noisy(F: Any, x: Any) -> Any:
    """Return x with what rounding adds, drawn evenly from −½ to ½ [1].

    A value that rounds to 0 costs little, however far from 0 it is; with
    noise it costs the less, the nearer it is, and so finds its way there.
    """
    half = 0 * x + 0.5
    return x + stop_gradient(F.np.random.uniform(-half, half))


def _told(F: Any, x: Any, step: Any) -> Any:
    """Return x `(B, m, h, w)` with a map more, which tells the step."""
    plane = F.np.log(step / USUAL) + 0 * x[:, :1]
    return F.np.concatenate([x, plane], axis=1)


def _across(channels: int, kernels: int, weight: onp.ndarray) -> Any:
    """Return a product of matrices `(kernels, channels)` at each place."""
    start = _start(weight[:, :, onp.newaxis, onp.newaxis])
    return nn.Conv2D(
        *(kernels, 1),
        in_channels=channels,
        use_bias=False,
        weight_initializer=start,
    )


def _near(channels: int, kernels: int) -> ConvNorm:
    return ConvNorm(channels, kernels, 3, norm=False)


def _last(channels: int, kernels: int) -> ConvNorm:
    """Return a layer that adds nothing at the start."""
    return ConvNorm(
        *(channels, kernels, 3), norm=False, activation="linear", init="zeros"
    )


def _start(values: onp.ndarray) -> Any:
    return mx.init.Constant(values.astype("float32"))
