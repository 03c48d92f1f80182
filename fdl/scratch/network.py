"""Feed-forward networks and backpropagation, equation by equation.

Layer j sits above layer i. A neuron's logit is z, its activity y::

    z_j = Σ_i w_ij y_i + b_j        y_j = f(z_j)

and the error comes back the same way, from the ∂E/∂z of one layer to the
∂E/∂z of the layer below::

    ∂E/∂w_ij = y_i ∂E/∂z_j
    ∂E/∂y_i  = Σ_j w_ij ∂E/∂z_j
    ∂E/∂z_i  = dy_i/dz_i ∂E/∂y_i

Letters: ``B`` batch, ``n_k`` neurons of layer k, layer 0 being the inputs.
Row i, column j of ``weights[k]`` `(n_k, n_{k+1})` is w_ij.

Book: ch. 2, "The Backpropagation Algorithm"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import (
    choice,
    floats,
    positive,
    rows,
    shaped,
    whole,
)
from fdl.scratch.descent import Step
from fdl.scratch.history import Diverged, History
from fdl.scratch.losses import LOSSES
from fdl.scratch.neurons import ACTIVATIONS, linear, sigmoid, softmax
from fdl.scratch.regularize import EarlyStopping, inverted_dropout

__all__ = ["FeedForward"]

OUTPUTS = {"linear": linear, "sigmoid": sigmoid, "softmax": softmax}


class FeedForward:
    """Layers of neurons, each fed by the one before.

    Weights start normal with variance 1/n_in (2/n_in for ReLU), biases at 0.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden layers and outputs: ``(784, 30, 30, 10)``.
    hidden : {"sigmoid", "tanh", "relu", "linear"}
        f of the hidden layers.
    output : {"linear", "sigmoid", "softmax"}
        f of the last layer.
    loss : {"squared", "cross_entropy"}
        E, summed over the examples: ½ Σ (t − y)²; or −Σ t ln y for softmax
        and −Σ [t ln y + (1 − t) ln(1 − y)] for sigmoid outputs.
    seed : int
        Where weights, the order of examples and dropout start from.

    Attributes
    ----------
    weights, biases : list of arrays
        `(n_in, n_out)` and `(n_out,)` for each layer.

    Examples
    --------
    >>> net = FeedForward((784, 30, 30, 10), output="softmax")
    >>> net
    FeedForward(784 → 30 sigmoid → 30 sigmoid → 10 softmax)
    >>> net.num_parameters
    24790
    >>> net.forward(np.zeros((5, 784))).shape
    (5, 10)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str = "sigmoid",
        output: str = "linear",
        loss: str = "squared",
        seed: int = 0,
    ) -> None:
        if not isinstance(sizes, Sequence) or len(sizes) < 2:
            raise must("sizes", sizes, "list at least inputs and outputs")
        self.sizes = tuple(
            whole(f"sizes[{k}]", n) for k, n in enumerate(sizes)
        )
        self.hidden = choice("hidden", hidden, ACTIVATIONS)
        self.output = choice("output", output, OUTPUTS)
        self.loss = choice("loss", loss, ("squared", "cross_entropy"))
        if (loss, output) not in LOSSES:
            raise must("loss", loss, f"be 'squared' for {output} outputs")
        self.seed = whole("seed", seed, least=0)
        self._rng = np.random.default_rng(seed)
        gain = 2.0 if hidden == "relu" else 1.0
        self.weights = [
            self._rng.normal(0.0, np.sqrt(gain / n_in), (n_in, n_out))
            for n_in, n_out in zip(self.sizes, self.sizes[1:])
        ]
        self.biases = [np.zeros(n_out) for n_out in self.sizes[1:]]

    @property
    def num_parameters(self) -> int:
        """The number of weights and biases."""
        return sum(W.size + b.size for W, b in zip(self.weights, self.biases))

    def forward(self, x: Any) -> np.ndarray:
        """Return y `(B, n_out)` for x `(B, n_in)`; or one row for one."""
        x, single = rows("x", x, self.sizes[0])
        y, _, _ = self._activities(x)
        return y[-1][0] if single else y[-1]

    def error(self, x: Any, t: Any) -> float:
        """Return E of the examples x `(B, n_in)` with targets t."""
        x, t = self._examples(x, t)
        y, _, z = self._activities(x)
        return LOSSES[self.loss, self.output](z, y[-1], t)[0]

    def gradients(
        self, x: Any, t: Any, masks: Optional[Sequence[Any]] = None
    ) -> tuple[float, list[np.ndarray], list[np.ndarray]]:
        """Return E, ∂E/∂w and ∂E/∂b, summed over the examples.

        Parameters
        ----------
        x : array `(B, n_in)` or `(n_in,)`
            Inputs.
        t : array `(B, n_out)` or `(n_out,)`
            Targets, shaped as the outputs.
        masks : list of arrays `(B, n_k)`, optional
            Factors of the hidden layers' activities; with inverted dropout
            each is 0 or 1/p.

        Returns
        -------
        loss, dW, db : float, list of arrays, list of arrays
            The derivatives are shaped as `weights` and `biases`.
        """
        x, t = self._examples(x, t)
        return self._backpropagate(x, t, self._masks(masks, len(x)))

    def fit(
        self,
        x: Any,
        t: Any,
        *,
        epochs: int,
        batch_size: int,
        learning_rate: float,
        l1: float = 0.0,
        l2: float = 0.0,
        max_norm: Optional[float] = None,
        keep: float = 1.0,
        validation: Optional[tuple[Any, Any]] = None,
        patience: Optional[int] = None,
    ) -> History:
        """Descend the gradient, one minibatch at a time.

        The step is the book's, Δw = −ε Σ ∂E/∂w over the minibatch: a sum, so
        a larger batch takes a larger step. Biases are not regularized.

        Parameters
        ----------
        x, t : arrays `(N, n_in)`, `(N, n_out)`
            Examples and targets, shuffled anew for every epoch.
        epochs, batch_size : int
            Passes through the examples; examples in a step (the last step of
            an epoch takes those that are left).
        learning_rate : float
            ε.
        l1, l2 : float
            λ of the penalties λ|w| and ½λw².
        max_norm : float, optional
            c, the longest that a neuron's incoming weights may be.
        keep : float
            p of inverted dropout on the hidden layers.
        validation : pair of arrays, optional
            ``(x, t)`` on which every epoch ends with a measurement.
        patience : int, optional
            Stop after so many epochs without a new lowest validation loss;
            in any case go back to the weights that had the lowest.

        Returns
        -------
        History
            The losses by epoch and by step.

        Raises
        ------
        Diverged
            When the loss or a weight is no longer finite: it knows the step
            and the history so far; the last finite weights stay.
        """
        x, t = self._examples(x, t)
        whole("epochs", epochs)
        whole("batch_size", batch_size)
        positive("keep", keep, most=1.0)
        step = Step(learning_rate, l1, l2, max_norm)
        if validation is not None:
            validation = self._held_out(validation)
        elif patience is not None:
            raise must("patience", patience, "come with a `validation` set")
        stopping = None if patience is None else EarlyStopping(patience)

        history = History()
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(epochs):
                self._epoch(x, t, batch_size, keep, step, history)
                if validation is None:
                    continue
                loss = self.error(*validation) / len(validation[0])
                history.setdefault("validation_loss", []).append(loss)
                here = (self.weights, self.biases)
                if stopping and stopping.update(loss, here):
                    history.stopped = f"no progress for {patience} epochs"
                    break
        if stopping and stopping.state:
            self.weights, self.biases = stopping.state
            history.best_epoch = stopping.best_epoch
        return history

    def __repr__(self) -> str:
        kinds = [self.hidden] * (len(self.sizes) - 2) + [self.output]
        layers = zip(self.sizes[1:], kinds)
        chain = "".join(f" → {size} {kind}" for size, kind in layers)
        return f"FeedForward({self.sizes[0]}{chain})"

    def _activities(
        self, x: np.ndarray, masks: Optional[list[Any]] = None
    ) -> tuple[list[np.ndarray], list[Any], np.ndarray]:
        """Return y and dy/dz of the layers from 0 up, and the last z."""
        f, slope = ACTIVATIONS[self.hidden]
        y, dy_dz = [x], [1.0]
        masks = masks or [1.0] * (len(self.weights) - 1)
        for W, b, mask in zip(self.weights, self.biases, masks):
            # y_j = f(Σ_i w_ij y_i + b_j), or 0 if dropped
            h = f(y[-1] @ W + b)
            y.append(mask * h)
            dy_dz.append(mask * slope(h))
        z = y[-1] @ self.weights[-1] + self.biases[-1]
        y.append(OUTPUTS[self.output](z))
        return y, dy_dz, z

    def _backpropagate(
        self, x: np.ndarray, t: np.ndarray, masks: Optional[list[Any]]
    ) -> tuple[float, list[np.ndarray], list[np.ndarray]]:
        """Return E and its derivatives by all weights and biases."""
        y, dy_dz, z = self._activities(x, masks)
        dW: list[np.ndarray] = []
        db: list[np.ndarray] = []

        # the base case: E and ∂E/∂z_j of the output layer
        E, dE_dz = LOSSES[self.loss, self.output](z, y[-1], t)
        for k in reversed(range(len(self.weights))):
            # ∂E/∂w_ij = y_i ∂E/∂z_j, summed over the examples
            dW.insert(0, y[k].T @ dE_dz)
            # ∂E/∂b_j = ∂E/∂z_j: a weight on an input that is always 1
            db.insert(0, dE_dz.sum(axis=0))
            if k > 0:
                # ∂E/∂y_i = Σ_j w_ij ∂E/∂z_j
                dE_dy = dE_dz @ self.weights[k].T
                # ∂E/∂z_i = dy_i/dz_i ∂E/∂y_i
                dE_dz = dy_dz[k] * dE_dy
        return E, dW, db

    def _epoch(
        self,
        x: np.ndarray,
        t: np.ndarray,
        batch_size: int,
        keep: float,
        step: Step,
        history: History,
    ) -> None:
        """Meet every example once: shuffle, take a handful, step."""
        order, total = self._rng.permutation(len(x)), 0.0
        for start in range(0, len(x), batch_size):
            some = order[start : start + batch_size]
            masks = self._dropout(len(some), keep)
            E, dW, db = self._backpropagate(x[some], t[some], masks)
            if not self._descend(E, dW, db, step):
                raise Diverged(step.learning_rate, history)
            history.batch_loss.append(E / len(some))
            total += E
        history["loss"].append(total / len(x))

    def _descend(
        self,
        E: float,
        dW: list[np.ndarray],
        db: list[np.ndarray],
        step: Step,
    ) -> bool:
        """Take a step, unless it starts or ends outside finite numbers."""
        weights = [step.weights(W, d) for W, d in zip(self.weights, dW)]
        biases = [step.biases(b, d) for b, d in zip(self.biases, db)]
        arrays = [array.ravel() for array in (*weights, *biases)]
        if not np.isfinite(np.concatenate([[E], *arrays])).all():
            return False
        self.weights = [step.fence(W) for W in weights]
        self.biases = biases
        return True

    def _dropout(self, batch: int, keep: float) -> Optional[list[np.ndarray]]:
        if keep == 1.0:
            return None
        return [
            inverted_dropout(np.ones((batch, n)), keep, self._rng)
            for n in self.sizes[1:-1]
        ]

    def _examples(
        self, x: Any, t: Any, names: tuple[str, str] = ("x", "t")
    ) -> tuple[np.ndarray, np.ndarray]:
        x, single = rows(names[0], x, self.sizes[0])
        t = floats(names[1], t)
        t = t[np.newaxis] if single and t.ndim == 1 else t
        shaped(names[1], t, len(x), self.sizes[-1])
        wrong = t[(t < 0) | (t > 1)]
        if self.loss == "cross_entropy" and wrong.size:
            raise must(names[1], wrong[0], "lie between 0 and 1 everywhere")
        return x, t

    def _held_out(self, pair: Any) -> tuple[np.ndarray, np.ndarray]:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise must("validation", pair, "be a pair of arrays, x and t")
        x, t = pair
        return self._examples(x, t, ("validation[0]", "validation[1]"))

    def _masks(self, masks: Any, batch: int) -> Optional[list[np.ndarray]]:
        if masks is None:
            return None
        hidden = self.sizes[1:-1]
        if not hasattr(masks, "__len__") or len(masks) != len(hidden):
            raise must("masks", masks, f"hold {len(hidden)} arrays")
        return [
            shaped(f"masks[{k}]", floats(f"masks[{k}]", mask), batch, n)
            for k, (mask, n) in enumerate(zip(masks, hidden))
        ]
