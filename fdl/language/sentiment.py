"""A network that reads a text and says what kind it is.

::

    x_t = E[word_t]                         an embedding for each word
    h_t = LSTM(x_t, h_{t−1})                read one after the other
    scores = batch norm(V h_last + b)

[1] Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2

Letters: ``B`` batch; ``T`` words of a text; ``V`` words of the vocabulary;
``X`` dimensions of an embedding; ``H`` hidden units; ``K`` classes.

Differences from the book, each of which an argument brings back:

1. Dropout is for training; the book's is never switched off
   (``always_drop``).
2. What is read out is the output at a text's last word; the book takes that
   of the last step, behind the padding (``read="last step"``).

Book: ch. 7, "Implementing a Sentiment Analysis Model"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as onp

from fdl._mxnet import gluon, mx, nn, np
from fdl.errors import ShapeError, must
from fdl.nn._checks import check_whole
from fdl.nn.cells import LSTMCell
from fdl.nn.deep_recurrent import DropoutCell
from fdl.nn.recurrent import last, run
from fdl.scratch._checks import positive

__all__ = ["Reader"]

READ = ("last word", "last step")


class Reader(gluon.HybridBlock):
    """Scores `(B, K)` for texts of words.

    Parameters
    ----------
    words : int
        V; number 0 is the padding behind a text.
    classes : int
        K.
    embedding : int
        X.
    hidden : int
        H.
    keep : float
        Share of the LSTM's inputs and of its outputs that dropout keeps.
    read : {"last word", "last step"}
        Whose output is read out.
    always_drop : bool
        Whether dropout goes on outside of training.
    cell : recurrent cell, optional
        What reads, in place of the LSTM; it takes X inputs, and its own
        size takes the place of `hidden`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = Reader(100, embedding=8, hidden=8)
    >>> net.initialize()
    >>> words = np.array([[5, 17, 0, 0], [3, 3, 8, 99]])
    >>> net(words, np.array([2, 4])).shape
    (2, 2)
    """

    def __init__(
        self,
        words: int,
        classes: int = 2,
        *,
        embedding: int = 512,
        hidden: int = 512,
        keep: float = 0.5,
        read: str = "last word",
        always_drop: bool = False,
        cell: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(words=words, classes=classes, embedding=embedding)
        check_whole(hidden=hidden)
        positive("keep", keep, most=1)
        if read not in READ:
            raise must("read", read, f"be one of {', '.join(READ)}")
        self.words, self.classes, self.read = words, classes, read
        with self.name_scope():
            # small, so that what is learned soon outweighs it
            self.embedding = nn.Embedding(
                words, embedding, weight_initializer=mx.init.Uniform(0.05)
            )
            # of another cell, the first batch tells the outputs' number
            width = hidden if cell is None else 0
            cell = cell or LSTMCell(hidden, inputs=embedding)
            self.cell = DropoutCell(
                cell, inputs=1 - keep, outputs=1 - keep, always=always_drop
            )
            self.output = nn.Dense(
                classes, in_units=width, weight_initializer="xavier"
            )
            self.batch_norm = nn.BatchNorm(
                momentum=0.9, epsilon=1e-3, in_channels=classes
            )

    def check_input(self, words: Any, lengths: Any) -> None:
        """Raise unless these are padded texts and their lengths."""
        if len(words.shape) != 2 or tuple(lengths.shape) != words.shape[:1]:
            raise ShapeError(
                f"`words` (=of shape {tuple(words.shape)}) must be (B, T), "
                f"and `lengths` (=of shape {tuple(lengths.shape)}) (B,)."
            )

    def hybrid_forward(self, F: Any, words: Any, lengths: Any) -> Any:
        """Return the scores `(B, K)`.

        Parameters
        ----------
        words : array `(B, T)`
            Their numbers, 0 behind each text's end.
        lengths : array `(B,)`
            How many words each text has.
        """
        return self.batch_norm(self._scores(F, words, lengths))

    def _scores(self, F: Any, words: Any, lengths: Any) -> Any:
        """Return the scores before they are normalized, `(B, K)`."""
        x = self.embedding(words)  # (B, T, X)
        # no word sees the padding, which comes after all of them
        outputs, _ = run(self.cell, x)
        if self.read == "last word":
            h = last(outputs, lengths)
        else:
            # a compiled network must use all that it is given
            nothing = 0 * lengths.astype("float32")
            h = outputs[:, -1] + F.np.expand_dims(nothing, 1)
        return self.output(h)

    def settle(self, batches: Iterable[Any]) -> None:
        """Take the moments to judge by from the weights as they are now.

        Training leaves the batch norm with moving averages, of scores that
        earlier weights have given. A common shift of a score changes no loss
        while each batch is normalized by its own moments, so that nothing
        holds it where it was. [1] takes the moments anew after training, over
        many examples, and so does this.

        Parameters
        ----------
        batches : iterable of ((words, lengths), labels)
            Texts, such as :class:`fdl.data.Buckets` of them.
        """
        ctx = self.output.weight.list_ctx()[0]
        found = [
            self._scores(
                mx.nd,
                np.array(words, dtype="int32", ctx=ctx),
                np.array(lengths, dtype="int32", ctx=ctx),
            ).asnumpy()
            for (words, lengths), _ in batches
        ]
        scores = onp.concatenate(found)  # (all texts, K)
        moments = self.batch_norm
        moments.running_mean.set_data(np.array(onp.mean(scores, axis=0)))
        moments.running_var.set_data(np.array(onp.var(scores, axis=0)))
