"""Sparse codes: many units, of which few are active at a time.

Two ways lead there. A penalty pulls each unit's mean activity to a small
number, by the divergence between two coins; or all but the k largest logits
of a code are simply set to zero.

[1] Makhzani and Frey 2014, "k-Sparse Autoencoders", arXiv:1312.5663

Letters: ``B`` batch; ``n`` inputs, ``m`` units of the code; ``W, V`` weights;
``ρ`` the activity wanted of a unit, ``ρ̂`` its mean over the batch; ``β`` what
the penalty weighs.

Differences from the paper: the decoder has weights of its own, and as many
units stay active after training as in it.

Book: ch. 6, "Sparsity in Autoencoders"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import gluon, mx, namespace, nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.nn.losses import distance, kl_bernoulli
from fdl.scratch._checks import not_negative

__all__ = [
    "KSparse",
    "KSparseAutoencoder",
    "SparseAutoencoder",
    "SparseLoss",
    "k_sparse",
    "strokes",
]


def k_sparse(z: Any, k: int) -> Any:
    """Return codes with all but their k largest values zero [1].

    The gradient reaches those that were kept, and no other.

    Parameters
    ----------
    z : mx.np.ndarray
        `(B, m)`.
    k : int
        How many to keep, at most m.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> k_sparse(np.array([[0.3, -1.0, 2.0, 0.5]]), 2)
    array([[0. , 0. , 2. , 0.5]])
    """
    check_whole(k=k)
    F, npx = namespace(z)
    kept = npx.topk(z, axis=-1, k=k, ret_typ="mask")
    return F.where(kept > 0, z, F.zeros_like(z))


class KSparse(gluon.HybridBlock):
    """:func:`k_sparse` as a layer.

    Parameters
    ----------
    k : int
        How many values to keep.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> KSparse(1)(np.array([[0.3, -1.0], [-2.0, -3.0]]))
    array([[ 0.3,  0. ],
           [-2. ,  0. ]])
    """

    def __init__(self, k: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(k=k)
        self.k = k

    def hybrid_forward(self, F: Any, z: Any) -> Any:
        """Return z `(B, m)` with k values left of each row."""
        return k_sparse(z, self.k)

    def __repr__(self) -> str:
        return f"KSparse({self.k})"


class KSparseAutoencoder(Checked):
    """One layer there, of which k units stay, and one back.

    ::

        h = the k largest of W x + b, and 0 elsewhere
        y = V h + c

    Parameters
    ----------
    inputs : int
        n.
    units : int
        m; more than inputs, if you like.
    k : int
        How many units of a code are active.

    Attributes
    ----------
    encoder, decoder : Block
        The two halves, each a network of its own.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = KSparseAutoencoder(784, 100, 5)
    >>> net.initialize()
    >>> h = net.encode(np.random.normal(size=(2, 784)))
    >>> int((h != 0).sum()), net.decode(h).shape
    (10, (2, 784))
    """

    def __init__(self, inputs: int, units: int, k: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(inputs=inputs, units=units, k=k)
        if k > units:
            raise must("k", k, f"be at most the {units} units of the code")
        self.k = k
        self.takes = Batch("rows", (inputs,))
        self.gives = Batch("codes", (units,))
        with self.name_scope():
            self.encoder = nn.HybridSequential()
            self.encoder.add(_dense(inputs, units), KSparse(k))
            self.decoder = _dense(units, inputs)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return what is restored, `(B, n)`, of x `(B, n)`."""
        return self.decoder(self.encoder(x))

    def encode(self, x: Any) -> Any:
        """Return the codes `(B, m)` of x `(B, n)`, k of each not zero."""
        self.check_input(x)
        return self.encoder(x)

    def decode(self, code: Any) -> Any:
        """Return the inputs `(B, n)` that codes `(B, m)` stand for."""
        self.gives.check(code, "float32")
        return self.decoder(code)


class SparseAutoencoder(Checked):
    """One layer of sigmoid units there, and one back.

    ::

        h = σ(W x + b)
        y = V h + c

    It returns both, since :class:`SparseLoss` wants to see the code.

    Parameters
    ----------
    inputs : int
        n.
    units : int
        m; more than inputs, if you like.

    Attributes
    ----------
    encoder, decoder : Block
        The two halves, each a network of its own.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = SparseAutoencoder(784, 100)
    >>> net.initialize()
    >>> y, h = net(np.zeros((2, 784)))
    >>> y.shape, h.shape, bool((h == 0.5).all())  # σ(0)
    ((2, 784), (2, 100), True)
    """

    def __init__(self, inputs: int, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(inputs=inputs, units=units)
        self.takes = Batch("rows", (inputs,))
        self.gives = Batch("codes", (units,))
        with self.name_scope():
            self.encoder = nn.HybridSequential()
            self.encoder.add(_dense(inputs, units), nn.Activation("sigmoid"))
            self.decoder = _dense(units, inputs)

    def hybrid_forward(self, F: Any, x: Any) -> tuple[Any, Any]:
        """Return what is restored `(B, n)`, and the codes `(B, m)`."""
        h = self.encoder(x)
        return self.decoder(h), h

    def encode(self, x: Any) -> Any:
        """Return the codes `(B, m)` of x `(B, n)`."""
        self.check_input(x)
        return self.encoder(x)

    def decode(self, code: Any) -> Any:
        """Return the inputs `(B, n)` that codes `(B, m)` stand for."""
        self.gives.check(code, "float32")
        return self.decoder(code)


class SparseLoss(gluon.HybridBlock):
    """Distance of what is restored, and a penalty on units too active.

    ::

        E_sparse = ‖x − y‖ + β Σ_j KL(ρ ‖ ρ̂_j)

    Parameters
    ----------
    target : float
        ρ, above 0 and below 1. The book names 0, but the divergence of any
        unit that is ever active from one that never is is infinite.
    weight : float
        β.

    Examples
    --------
    What is restored is perfect, and so costs nothing; units that are active
    half the time, in place of one in twenty, do:

    >>> from fdl._mxnet import np
    >>> x, loss = np.zeros((1, 3)), SparseLoss(target=0.05, weight=1.0)
    >>> for activity in (0.05, 0.5):
    ...     h = np.full((1, 2), activity)
    ...     print(round(loss((x, h), x).item(), 2))
    0.0
    0.99
    """

    def __init__(
        self, target: float = 0.05, weight: float = 0.1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not 0 < target < 1:
            raise must("target", target, "be above 0 and below 1")
        self.target = float(target)
        self.weight = not_negative("weight", weight)

    def hybrid_forward(self, F: Any, output: Any, x: Any) -> Any:
        """Return each row's loss `(B,)`; the penalty is the batch's."""
        y, h = output
        mean = F.np.mean(h, axis=0)  # (m,)
        penalty = F.np.sum(kl_bernoulli(self.target, mean))
        # E + β Σ_j KL(ρ ‖ ρ̂_j)
        return distance(y, x) + self.weight * penalty


def strokes(net: Any) -> onp.ndarray:
    """Return what each unit of the code adds to a picture, `(m, n)`.

    Parameters
    ----------
    net : KSparseAutoencoder or SparseAutoencoder
        Trained.

    Examples
    --------
    What unit 7 adds is what the decoder makes of it alone, but for the bias:

    >>> from fdl._mxnet import np
    >>> net = KSparseAutoencoder(784, 100, 5)
    >>> net.initialize()
    >>> alone = net.decode(np.eye(100)[7:8]) - net.decode(np.zeros((1, 100)))
    >>> onp.allclose(strokes(net)[7], alone.asnumpy(), atol=1e-5)
    True
    """
    if not isinstance(net, (KSparseAutoencoder, SparseAutoencoder)):
        raise must("net", net, "be a k-sparse or a sparse autoencoder")
    weight = net.decoder.weight
    V = weight.data(weight.list_ctx()[0]).asnumpy()
    return V.T.copy()


def _dense(n_in: int, n_out: int) -> nn.Dense:
    # normal, of variance 1 / n_in
    start = mx.init.Xavier("gaussian", "in", 1)
    return nn.Dense(n_out, in_units=n_in, weight_initializer=start)
