"""Networks as scikit-learn takes them, with ``fit`` and ``predict``.

They go wherever scikit-learn's own do: into a ``Pipeline``, a
``GridSearchCV``, a ``VotingClassifier``. Inside works what the rest of the
package uses, :class:`fdl.nn.FeedForward` and :func:`fdl.train.fit`. What was
learned goes to the network's twin of plain NumPy,
:class:`fdl.scratch.FeedForward`, so that an estimator can be copied, sent to
another process, and saved as any other of scikit-learn's, and answers for a
single row in microseconds.

Networks want inputs of a common size: put a ``StandardScaler`` before them.

Letters: ``N`` rows, ``D`` columns, ``C`` classes, ``K`` outputs.

Left out on purpose: ``sample_weight``, since minibatches cannot keep
scikit-learn's rule that a weight of 2 is a row that stands there twice;
``partial_fit`` and ``warm_start``, since an update rule such as Adam remembers
its steps, and a second call would begin without that memory.
:func:`fdl.train.fit` goes on where it stopped.

Book: ch. 3, "Building a Multilayer Model for MNIST in TensorFlow"
"""

from __future__ import annotations

import contextlib
import math
import random
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import numpy as onp

from fdl import data, nn, optim, scratch, train
from fdl._mxnet import activate, gluon
from fdl.errors import must
from fdl.nn._checks import is_whole
from fdl.nn.feed_forward import HIDDEN
from fdl.scratch import _checks as checks

try:
    from sklearn.base import (
        BaseEstimator,
        ClassifierMixin,
        MultiOutputMixin,
        RegressorMixin,
    )
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "fdl.estimators needs scikit-learn 1.6 or later; "
        f"pip install 'fdl[sklearn]' brings it ({error})."
    ) from None

__all__ = ["NetworkClassifier", "NetworkRegressor"]

RULES = {
    "sgd": optim.SGD,
    "momentum": optim.Momentum,
    "nesterov": optim.Nesterov,
    "adagrad": optim.AdaGrad,
    "adadelta": optim.AdaDelta,
    "rmsprop": optim.RMSProp,
    "adam": optim.Adam,
}
ROWS = 1000  # at a time, when a trained network answers
# chance is the whole process's: fits in several threads take turns
_turn = threading.RLock()


class _Network(BaseEstimator):
    """What classifier and regressor share: settings, training, outputs."""

    def __init__(
        self,
        *,
        hidden_sizes: Sequence[int] = (64,),
        activation: str = "relu",
        optimizer: str = "adam",
        learning_rate: float = 0.005,
        epochs: int = 50,
        batch_size: int = 64,
        weight_decay: float = 0.0,
        early_stopping: bool = False,
        validation_share: float = 0.1,
        patience: int = 10,
        device: Any = None,
        random_state: Any = None,
    ) -> None:
        # scikit-learn's rule: a constructor stores, and `fit` complains
        self.hidden_sizes = hidden_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.early_stopping = early_stopping
        self.validation_share = validation_share
        self.patience = patience
        self.device = device
        self.random_state = random_state

    def _check_settings(self) -> None:
        sizes = self.hidden_sizes
        listed = isinstance(sizes, (tuple, list, onp.ndarray))
        if not listed or not all(map(is_whole, sizes)):
            rule = "be a tuple of whole numbers, each from 1 up; () for none"
            raise must("hidden_sizes", sizes, rule)
        checks.choice("activation", self.activation, HIDDEN)
        checks.choice("optimizer", self.optimizer, RULES)
        checks.positive("learning_rate", self.learning_rate)
        for name in ("epochs", "batch_size", "patience"):
            checks.whole(name, getattr(self, name))
        checks.not_negative("weight_decay", self.weight_decay)
        checks.positive("validation_share", self.validation_share, most=0.5)
        if not isinstance(self.early_stopping, (bool, onp.bool_)):
            rule = "be True or False"
            raise must("early_stopping", self.early_stopping, rule)

    def _train(
        self,
        x: onp.ndarray,
        t: onp.ndarray,
        outputs: int,
        loss: Any,
        strata: Optional[onp.ndarray] = None,
    ) -> None:
        """Train a new network to give `t`, and keep what it learned.

        Parameters
        ----------
        x : ndarray `(N, D)`
            The inputs.
        t : ndarray `(N,)` or `(N, K)`
            The targets of `loss`.
        outputs : int
            Of the network.
        loss : callable
            Called with (outputs, targets).
        strata : ndarray `(N,)`, optional
            What validation's part should have the same shares of.
        """
        chance = check_random_state(self.random_state)
        seed = int(chance.randint(2**31 - 1))
        validation = None
        if self.early_stopping:
            x, held_x, t, held_t = self._hold_out(x, t, seed, strata)
            validation = data.Minibatches(held_x, held_t, 1000, shuffle=False)
        sizes = (x.shape[1], *self.hidden_sizes, outputs)
        net = nn.FeedForward(sizes, hidden=self.activation)
        net.collect_params(".*bias").setattr("wd_mult", 0.0)
        stops = [train.EarlyStopping("validation_loss", self.patience)]
        with _own_chance():
            self.history_ = train.fit(
                net,
                data.Minibatches(x, t, self.batch_size, seed=seed),
                loss=loss,
                optimizer=RULES[self.optimizer](
                    self.learning_rate, wd=self.weight_decay
                ),
                epochs=self.epochs,
                validation=validation,
                callbacks=stops if self.early_stopping else (),
                device=self.device,
                seed=seed,
            )
        kind = "linear" if strata is None else "softmax"
        self.network_ = _twin(net, self.activation, kind)

    def _hold_out(
        self,
        x: onp.ndarray,
        t: onp.ndarray,
        seed: int,
        strata: Optional[onp.ndarray],
    ) -> list[onp.ndarray]:
        """Return x and t in two parts each: for training, for validation."""
        held = math.ceil(self.validation_share * len(x))
        if held >= len(x):
            raise must("X", x.shape, "have two rows or more to stop early")
        fair = False
        if strata is not None:
            # what cannot be shared out fairly is drawn plainly
            counts = onp.bincount(strata)
            fair = min(counts) > 1 and held >= len(counts)
        return train_test_split(
            x,
            t,
            test_size=held,
            random_state=seed,
            stratify=strata if fair else None,
        )

    def _outputs(self, X: Any) -> onp.ndarray:
        """Return the network's outputs `(N, K)` for new rows."""
        check_is_fitted(self, "network_")
        x = validate_data(self, X, dtype=onp.float32, reset=False)
        parts = [
            self.network_.forward(x[start : start + ROWS])
            for start in range(0, len(x), ROWS)
        ]
        return onp.concatenate(parts)

    def as_block(self) -> nn.FeedForward:
        """Return the trained network as a Gluon block, to go on with.

        It gives a classifier's logits, `(N, C)`; a regressor's estimates as
        they are before they get their unit back.
        """
        check_is_fitted(self, "network_")
        activate()
        twin = self.network_
        net = nn.FeedForward(twin.sizes, hidden=twin.hidden, init="zeros")
        arrays = {}
        layers = _layers(len(twin.weights))
        for name, W, b in zip(layers, twin.weights, twin.biases):
            arrays.update({f"{name}.weight": W.T, f"{name}.bias": b})
        nn.set_parameters(net, arrays)
        return net


def _twin(net: nn.FeedForward, hidden: str, output: str) -> Any:
    """Return a network's twin of plain NumPy, with its parameters."""
    loss = "cross_entropy" if output == "softmax" else "squared"
    twin = scratch.FeedForward(net.sizes, hidden, output, loss)
    arrays = nn.get_parameters(net)
    layers = _layers(len(twin.weights))
    twin.weights = [arrays[f"{k}.weight"].T.astype("float64") for k in layers]
    twin.biases = [arrays[f"{k}.bias"].astype("float64") for k in layers]
    return twin


def _layers(count: int) -> list[str]:
    """Return the layers' names in :class:`fdl.nn.FeedForward`."""
    return [*(f"hidden{k}" for k in range(1, count)), "output"]


@contextlib.contextmanager
def _own_chance() -> Iterator[None]:
    """Give a run the generators of the process, and then give them back."""
    activate()
    with _turn:
        kept, numpys = random.getstate(), onp.random.get_state()
        try:
            yield
        finally:
            random.setstate(kept)
            onp.random.set_state(numpys)


class NetworkClassifier(ClassifierMixin, _Network):
    """A feed-forward network that tells classes apart.

    Its outputs are made probabilities by a softmax, and it minimizes the
    cross-entropy by minibatches. Once fitted, ``as_block()`` returns the
    network as a Gluon block, to train on, to run on a GPU or to export.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Units of each hidden layer; ``()`` for none, which is logistic
        regression.
    activation : {"relu", "sigmoid", "tanh", "linear"}
        The hidden layers' nonlinearity.
    optimizer : str
        The update rule: ``"sgd"``, ``"momentum"``, ``"nesterov"``,
        ``"adagrad"``, ``"adadelta"``, ``"rmsprop"`` or ``"adam"``.
    learning_rate : float
        How far a step goes.
    epochs : int
        How often to pass over the data, at most.
    batch_size : int
        Rows of a minibatch.
    weight_decay : float
        λ of the penalty ½ λ ‖W‖² on the weights; biases go free.
    early_stopping : bool
        Hold rows back, stop when the loss on them no longer falls, and go
        back to where it was lowest.
    validation_share : float
        The share of rows held back, if so.
    patience : int
        After how many epochs without a new best to stop, if so.
    device : None, str, Context or a list of these
        Where to compute; None is the best device there is.
    random_state : int, RandomState or None
        Decides all that is left to chance. An int gives the same network
        each time; None draws from NumPy's global generator.

    Attributes
    ----------
    classes_ : ndarray `(C,)`
        The labels, sorted.
    history_ : fdl.train.History
        The curves of the training.
    network_ : fdl.scratch.FeedForward
        What was learned, in NumPy.
    n_features_in_ : int
        D.
    feature_names_in_ : ndarray of str
        The columns' names, where a table with names was given.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_iris(return_X_y=True)
    >>> X, held_X, y, held_y = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(
    ...     StandardScaler(), NetworkClassifier(random_state=0)
    ... )
    >>> model.fit(X, y).score(held_X, held_y) > 0.9
    True
    """

    def fit(self, X: Any, y: Any) -> NetworkClassifier:
        """Train on rows and their labels.

        Parameters
        ----------
        X : array or table `(N, D)`
            Numbers, without NaN.
        y : array `(N,)`
            Labels: numbers, text or booleans.
        """
        self._check_settings()
        X, y = validate_data(self, X, y, dtype=onp.float32)
        try:
            check_classification_targets(y)
            classes, labels = onp.unique(y, return_inverse=True)
        except TypeError:
            raise must("y", y, "hold labels of one type") from None
        if len(classes) < 2:
            raise must("y", classes, "hold more than one class")
        self._train(X, labels, len(classes), nn.cross_entropy, labels)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> onp.ndarray:
        """Return each class's probability, `(N, C)`, as in ``classes_``."""
        return self._outputs(X)

    def predict(self, X: Any) -> onp.ndarray:
        """Return the most probable label of each row, `(N,)`."""
        best = self._outputs(X).argmax(axis=1)
        return self.classes_[best]


class NetworkRegressor(RegressorMixin, MultiOutputMixin, _Network):
    """A feed-forward network that estimates numbers.

    It minimizes the squared error by minibatches. The targets are brought to
    mean 0 and standard deviation 1 for the training and the estimates back,
    so that their unit makes no difference. Once fitted, ``as_block()`` returns
    the network as a Gluon block, whose outputs have not got their unit back.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Units of each hidden layer; ``()`` for none, which is linear
        regression.
    activation, optimizer, learning_rate, epochs, batch_size, weight_decay
        As for :class:`NetworkClassifier`.
    early_stopping, validation_share, patience, device, random_state
        As for :class:`NetworkClassifier`.

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray `(K,)`
        What was taken from the targets, and what they were divided by.
    history_ : fdl.train.History
        The curves of the training; a loss of ½ is what the mean alone gives.
    network_ : fdl.scratch.FeedForward
        What was learned, in NumPy.
    n_features_in_ : int
        D.
    feature_names_in_ : ndarray of str
        The columns' names, where a table with names was given.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = NetworkRegressor(hidden_sizes=(), epochs=20, random_state=0)
    >>> model.fit(X[:300], y[:300]).predict(X[300:]).shape
    (142,)
    """

    def fit(self, X: Any, y: Any) -> NetworkRegressor:
        """Train on rows and what should be estimated for them.

        Parameters
        ----------
        X : array or table `(N, D)`
            Numbers, without NaN.
        y : array `(N,)` or `(N, K)`
            Numbers, without NaN.
        """
        self._check_settings()
        X, y = validate_data(
            self, X, y, dtype=onp.float32, multi_output=True, y_numeric=True
        )
        t = y.reshape(len(y), -1).astype("float64")
        with onp.errstate(over="ignore"):
            mean, spread = t.mean(axis=0), onp.std(t, axis=0)
        if not onp.isfinite(spread).all():
            raise must("y", y, "hold numbers whose squares are finite")
        # what never changes is left at 0
        scale = onp.where(spread > 0, spread, 1.0)
        t = ((t - mean) / scale).astype("float32")
        self._train(X, t, t.shape[1], gluon.loss.L2Loss())
        self.target_mean_, self.target_scale_ = mean, scale
        self._flat = y.ndim == 1
        return self

    def predict(self, X: Any) -> onp.ndarray:
        """Return the estimates, `(N,)` or `(N, K)` as the targets were."""
        outputs = self._outputs(X)
        y = self.target_mean_ + self.target_scale_ * outputs
        return y[:, 0] if self._flat else y
