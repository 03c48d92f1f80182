"""Local response normalization, AlexNet's: neighbouring channels compete.

[1] Krizhevsky, Sutskever and Hinton 2012, "ImageNet Classification with Deep
Convolutional Neural Networks"

Letters: ``C`` channels; ``H, W`` height and width; ``n`` channels that compete
with each other; ``κ, α, β`` as in the paper (its k is our κ).

Differences from the paper: none.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_positive, is_whole

__all__ = ["LocalResponseNorm"]


class LocalResponseNorm(Checked):
    """Divide each map by the size of its neighbours, place by place.

    ::

        y_c = x_c / (κ + α Σ_j x_j²)^β      j from c − n/2 to c + n/2

    Parameters
    ----------
    n : int
        How many channels the sum runs over, odd.
    kappa, alpha, beta : float
        κ, α and β.

    Notes
    -----
    Float32 only, as MXNet has it.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> norm = LocalResponseNorm(n=3, kappa=1.0, alpha=1.0, beta=0.5)
    >>> y = norm(np.array([3.0, 4.0, 0.0]).reshape(1, 3, 1, 1))
    >>> [round(float(v), 3) for v in y.reshape(-1)]
    [0.588, 0.784, 0.0]
    """

    def __init__(
        self,
        n: int = 5,
        *,
        kappa: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not is_whole(n) or n % 2 == 0:
            raise must("n", n, "be an odd whole number from 1 up")
        check_positive(kappa=kappa, alpha=alpha, beta=beta)
        self.takes = Batch("images", ("C", "H", "W"))
        self.n, self.kappa, self.alpha, self.beta = n, kappa, alpha, beta

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the normalized maps, `(B, C, H, W)` like x."""
        # [1] sec. 3.3; MXNet divides its alpha by n
        y = F.LRN(
            x.as_nd_ndarray(),
            nsize=self.n,
            knorm=self.kappa,
            alpha=self.alpha * self.n,
            beta=self.beta,
        )
        return y.as_np_ndarray()
