"""A network that answers at every step of a sequence.

Letters: ``B`` batch; ``T`` steps; ``X`` inputs; ``K`` outputs.

Book: ch. 7, "Recurrent Neural Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import nn
from fdl.nn._checks import Batch, Checked, check_whole
from fdl.nn.recurrent import run

__all__ = ["StepReader"]


class StepReader(Checked):
    """A recurrent cell, and a dense layer on its output of each step.

    ::

        h_t = cell(x_t, h_{t−1})
        scores_t = V h_t + b

    Nothing is done about padding, which comes after all that is real: leave
    it out of the loss.

    Parameters
    ----------
    cell : recurrent cell
        Anything that :func:`fdl.nn.run` takes.
    outputs : int
        K.

    Examples
    --------
    >>> from fdl import nn
    >>> from fdl._mxnet import np
    >>> net = StepReader(nn.LSTMCell(8), 3)
    >>> net.initialize()
    >>> net(np.zeros((2, 5, 4))).shape
    (2, 5, 3)
    """

    def __init__(self, cell: Any, outputs: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(outputs=outputs)
        self.takes = Batch("sequences", ("T", "X"))
        with self.name_scope():
            self.cell = cell
            self.output = nn.Dense(
                outputs, flatten=False, weight_initializer="xavier"
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the scores `(B, T, K)` for x `(B, T, X)`."""
        outputs, _ = run(self.cell, x)
        return self.output(outputs)
