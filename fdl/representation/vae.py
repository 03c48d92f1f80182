"""The variational autoencoder: codes are clouds, and the plane has no holes.

[1] Kingma and Welling 2014, arXiv:1312.6114

Letters: ``B`` batch; ``n`` inputs, ``Z`` latent variables; ``μ`` and ``σ²``
the mean and variance of a cloud; ``ε`` standard normal noise.

Differences from the paper: none. The inputs are grey values from 0 to 1,
which count as probabilities of black.

Book: ch. 6, "Implementing an Autoencoder in TensorFlow"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl._mxnet import gluon, npx
from fdl.errors import must
from fdl.nn._checks import Batch, Checked
from fdl.nn.losses import binary_cross_entropy, kl_normal
from fdl.representation.autoencoder import Coder, check_sizes
from fdl.scratch._checks import not_negative

__all__ = ["VAE", "NegativeELBO"]


class VAE(Checked):
    """An encoder to clouds, a draw from the cloud, a decoder to logits.

    ::

        h = f(W x + b)                      784 → 500
        μ, ln σ² = V h + c                  → Z each
        z = μ + σ ⊙ ε,   ε from N(0, 1)
        y = decoder(z)                      → 500 → 784 logits

    Parameters
    ----------
    sizes : sequence of int
        n, the hidden layers' units, Z.
    activation : {"relu", "tanh", "sigmoid", "linear"}
        f, of all hidden layers.

    Attributes
    ----------
    encoder : Block
        Gives `(B, 2 Z)`: μ and ln σ² side by side.
    decoder : Coder
        Gives logits; the sigmoid of one is a grey value.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = VAE((784, 500, 2))
    >>> net.initialize()
    >>> logits, mean, log_variance = net(np.zeros((5, 784)))
    >>> logits.shape, mean.shape, log_variance.shape
    ((5, 784), (5, 2), (5, 2))
    >>> net.decode(net.encode(np.zeros((5, 784)))).shape
    (5, 784)
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 500, 2),
        *,
        activation: str = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sizes = check_sizes(sizes)
        *hidden, Z = self.sizes
        if len(hidden) < 2:
            rule = "have a hidden layer between inputs and latent variables"
            raise must("sizes", self.sizes, rule)
        if Z > self.sizes[0]:
            rule = f"end in at most {self.sizes[0]} latent variables"
            raise must("sizes", self.sizes, rule)
        self.latent = Z
        self.takes = Batch("rows", self.sizes[:1])
        shared: dict[str, Any] = {"activation": activation, "norm": False}
        with self.name_scope():
            # the last layer holds μ and ln σ², a half each
            self.encoder = Coder((*hidden, 2 * Z), last="linear", **shared)
            self.decoder = Coder(self.sizes[::-1], last="linear", **shared)

    def hybrid_forward(self, F: Any, x: Any) -> tuple[Any, Any, Any]:
        """Return logits `(B, n)`, and μ and ln σ² `(B, Z)`, of x `(B, n)`."""
        mean, log_variance = F.np.split(self.encoder(x), 2, axis=-1)
        noise = F.np.random.normal(F.np.zeros_like(mean), 1.0)
        # z = μ + σ ⊙ ε   [1] eq. 10
        z = mean + F.np.exp(0.5 * log_variance) * noise
        return self.decoder(z), mean, log_variance

    def encode(self, x: Any) -> Any:
        """Return the middles μ `(B, Z)` of the clouds of x `(B, n)`."""
        self.check_input(x)
        return self.encoder(x)[:, : self.latent]

    def decode(self, z: Any) -> Any:
        """Return the grey values `(B, n)` that z `(B, Z)` stand for."""
        return npx.sigmoid(self.decoder(z))


class NegativeELBO(gluon.HybridBlock):
    """What a VAE minimizes: a bound on −ln p(x) [1].

    ::

        −ELBO = −ln p(x | z) + β KL(N(μ, σ²) ‖ N(0, 1))

    Parameters
    ----------
    weight : float
        β. At 1 this is the bound; at 0 nothing holds the clouds together.

    Examples
    --------
    Where logits and means are 0 and variances 1, three pixels cost ln 2 each,
    and the cloud nothing:

    >>> from fdl._mxnet import np
    >>> x, flat, mean = np.ones((1, 3)), np.zeros((1, 3)), np.zeros((1, 2))
    >>> NegativeELBO()((flat, mean, mean), x).round(3)
    array([2.079])
    >>> NegativeELBO()((flat, mean + 1, mean), x).round(3)  # ½ for each mean
    array([3.079])
    """

    def __init__(self, weight: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weight = not_negative("weight", weight)

    def hybrid_forward(self, F: Any, output: Any, x: Any) -> Any:
        """Return −ELBO `(B,)` of what a VAE returned for x `(B, n)`."""
        logits, mean, log_variance = output
        kl = kl_normal(mean, log_variance)
        return binary_cross_entropy(logits, x) + self.weight * kl
