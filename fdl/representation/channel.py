"""An autoencoder whose code crosses a noisy channel: it learns a modulation.

Two bits become a point of the plane, noise moves it, and the receiver is to
tell the bits. Engineers send the corners of a square, which is called QPSK.

[1] O'Shea and Hoydis 2017, "An Introduction to Deep Learning for the Physical
Layer", arXiv:1702.00832

Letters: ``B`` batch; ``k`` bits, ``n`` real numbers that are sent for them;
``E_b`` energy of a bit, ``N₀`` density of the noise, whose variance in each
number is N₀/2.

Differences from the paper: bits go in and come out, in place of one of 2ᵏ
messages, so that the receiver's errors are errors of bits.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as onp

from fdl import train
from fdl._mxnet import gluon, mx, nn, norm
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.scratch._checks import floats, not_negative, shaped, whole

__all__ = ["AWGN", "Bits", "Channel", "error_rate", "qpsk_error"]


class AWGN(gluon.HybridBlock):
    """Adds white Gaussian noise, while training and at rest.

    Parameters
    ----------
    deviation : float
        Of the noise in each number, 0 or more.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> r = AWGN(0.5)(np.ones((100_000,))).asnumpy()
    >>> abs(r.mean() - 1) < 0.01, abs(r.std() - 0.5) < 0.01
    (True, True)
    """

    def __init__(self, deviation: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deviation = not_negative("deviation", deviation)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return x with noise."""
        return F.np.random.normal(x, self.deviation)


class Channel(Checked):
    """A sender, the channel, and a receiver.

    ::

        s = W₂ tanh(W₁ (2 b − 1) + …)    then to length √k, so that E_b = 1
        r = s + ε,   ε from N(0, N₀/2)
        z = V₂ tanh(V₁ r + …)            the logit of each bit

    Parameters
    ----------
    bits : int
        k.
    uses : int
        n.
    decibels : float
        Eb/N₀ in the training, as 10 log₁₀.
    hidden : int
        Units of the layer in the sender, and in the receiver.

    Attributes
    ----------
    sender, noise, receiver : Block
        The three parts.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = Channel()
    >>> net.initialize()
    >>> points = net.points()
    >>> points.shape, (points**2).sum(axis=1).round(3)
    ((4, 2), array([2., 2., 2., 2.], dtype=float32))
    """

    def __init__(
        self,
        bits: int = 2,
        uses: int = 2,
        *,
        decibels: float = 4.0,
        hidden: int = 32,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(bits=bits, uses=uses, hidden=hidden)
        if bits > 10:
            raise must("bits", bits, "be at most 10: there are 2ᵏ points")
        self.bits, self.uses = bits, uses
        self.takes = Batch("bits", (bits,))
        with self.name_scope():
            self.sender = nn.HybridSequential()
            layers = _layers(bits, hidden, uses)
            self.sender.add(Signs(), *layers, Energy(bits))
            self.noise = AWGN(deviation(decibels))
            self.receiver = nn.HybridSequential()
            self.receiver.add(*_layers(uses, hidden, bits))

    def hybrid_forward(self, F: Any, b: Any) -> Any:
        """Return the logits `(B, k)` of bits b `(B, k)`, each 0 or 1."""
        return self.receiver(self.noise(self.sender(b)))

    def points(self) -> onp.ndarray:
        """Return what is sent for each of the 2ᵏ words, `(2ᵏ, n)`."""
        return train.predict(self.sender, words(self.bits))


class Signs(gluon.HybridBlock):
    """Takes bits as −1 and 1, of which none is special."""

    def hybrid_forward(self, F: Any, b: Any) -> Any:
        """Return 2 b − 1."""
        return 2 * b - 1


class Energy(gluon.HybridBlock):
    """Scales rows to the energy that their bits may spend."""

    def __init__(self, energy: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.energy = float(energy)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return x `(B, n)` with ‖x‖² the energy."""
        return math.sqrt(self.energy) * x / norm(x, keepdims=True)


class Bits:
    """Minibatches of random bits, which are their own targets.

    Parameters
    ----------
    bits : int
        k.
    batch_size : int
        Words in a batch.
    batches : int
        Batches in an epoch.
    seed : int
        Chooses the bits, together with the epoch's number.

    Examples
    --------
    >>> ((x, y),) = Bits(2, batch_size=1000, batches=1).epoch(0)
    >>> x.shape, x is y, sorted({*x.ravel().tolist()})
    ((1000, 2), True, [0.0, 1.0])
    """

    def __init__(
        self, bits: int, batch_size: int, batches: int, seed: int = 0
    ) -> None:
        self.bits = whole("bits", bits)
        self.batch_size = whole("batch_size", batch_size)
        self.batches, self.seed = whole("batches", batches), seed
        whole("seed", seed, 0)

    def __len__(self) -> int:
        return self.batches

    def epoch(self, epoch: int) -> Iterator[tuple[onp.ndarray, onp.ndarray]]:
        """Yield the batches of one epoch, x and y the same."""
        rng = onp.random.default_rng([self.seed, epoch])
        for _ in range(self.batches):
            b = rng.integers(2, size=(self.batch_size, self.bits))
            b = b.astype("float32")
            yield b, b


def words(bits: int) -> onp.ndarray:
    """Return all words of so many bits, `(2ᵏ, k)`."""
    numbers = onp.arange(2**bits)[:, onp.newaxis]
    return ((numbers >> onp.arange(bits)[::-1]) & 1).astype("float32")


def deviation(decibels: float) -> float:
    """Return the noise's deviation √(N₀/2) in each number, where E_b = 1."""
    number = shaped("decibels", floats("decibels", decibels))
    # N₀ = 10^(−dB/10)
    return math.sqrt(0.5 * 10 ** (-float(number) / 10))


def error_rate(
    net: Channel, decibels: float, words: int = 100_000, seed: int = 0
) -> tuple[float, float, float]:
    """Return the share of bits that arrive wrong, with its 95 % interval.

    Parameters
    ----------
    net : Channel
        Trained.
    decibels : float
        Eb/N₀, which need not be that of the training.
    words : int
        How many random words to send.
    seed : int
        Chooses the bits and the noise.

    Returns
    -------
    rate, low, high : float
        The interval is Wilson's.

    Examples
    --------
    QPSK sends bits as −1 and 1, and its receiver looks at the sign. What is
    measured is what theory says:

    >>> from types import SimpleNamespace
    >>> sign = nn.HybridLambda(lambda F, r: r)
    >>> qpsk = SimpleNamespace(bits=2, sender=Signs(), receiver=sign)
    >>> rate, low, high = error_rate(qpsk, 4.0, words=20_000)
    >>> bool(low < qpsk_error(4.0) < high), high - low < 0.01
    (True, True)
    """
    rng = onp.random.default_rng(whole("seed", seed, 0))
    b = rng.integers(2, size=(whole("words", words), net.bits))
    s = train.predict(net.sender, b.astype("float32"), batch_size=20_000)
    noise = rng.normal(0, deviation(decibels), s.shape).astype("float32")
    z = train.predict(net.receiver, s + noise, batch_size=20_000)
    wrong = int(((z > 0) != b).sum())
    return wrong / b.size, *wilson(wrong, b.size)


def wilson(hits: int, draws: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval in which a share lies, with 95 % confidence."""
    p, n = hits / draws, draws
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    reach /= 1 + z * z / n
    return middle - reach, middle + reach


def qpsk_error(decibels: Any) -> onp.ndarray:
    """Return the theory's share of wrong bits of QPSK.

    ::

        P = Q(√(2 E_b / N₀)),   Q(x) = ½ erfc(x / √2)

    Parameters
    ----------
    decibels : number or array
        Eb/N₀, as 10 log₁₀.

    Examples
    --------
    >>> float(qpsk_error(0.0).round(4))
    0.0786
    """
    ratio = 10 ** (floats("decibels", decibels) / 10)
    return onp.vectorize(math.erfc)(onp.sqrt(ratio)) / 2


def _layers(n_in: int, hidden: int, n_out: int) -> list[Any]:
    start = mx.init.Xavier()
    return [
        nn.Dense(hidden, in_units=n_in, weight_initializer=start),
        nn.Activation("tanh"),
        nn.Dense(n_out, in_units=hidden, weight_initializer=start),
    ]
