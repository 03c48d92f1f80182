"""What a unit of a convolutional network sees of the input.

Along one axis, unit i of a layer sees the inputs

    lo + i·stride, …, hi + i·stride

and nothing else; places below 0 or beyond the last one are padding. A window
of extent e, stride s, dilation d and padding p on top of such a layer gives

    lo′ = lo − p·stride
    hi′ = hi + ((e − 1)·d − p)·stride
    stride′ = stride·s

Letters: ``e`` extent of a kernel or a pooling window, ``s`` its stride, ``d``
its dilation (neighbouring weights lie d places apart), ``p`` padding.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import NamedTuple

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = ["ReceptiveField"]


class ReceptiveField(NamedTuple):
    """The inputs that a unit sees, along one axis.

    Without arguments it is the field of an input: itself.

    Attributes
    ----------
    lo, hi : int
        First and last input of unit 0.
    stride : int
        How far apart the fields of neighbouring units lie.

    Examples
    --------
    Three layers of extent 3, and the same with dilations 1, 2 and 4:

    >>> field = ReceptiveField()
    >>> field.after(3).after(3).after(3).size
    7
    >>> field.after(3).after(3, dilation=2).after(3, dilation=4).size
    15
    """

    lo: int = 0
    hi: int = 0
    stride: int = 1

    @property
    def size(self) -> int:
        """How many inputs in a row it covers, padding included."""
        return self.hi - self.lo + 1

    def after(
        self, extent: int, stride: int = 1, dilation: int = 1, pad: int = 0
    ) -> ReceptiveField:
        """Return the field of a unit one convolution or pooling further up.

        Parameters
        ----------
        extent, stride, dilation : int
            e, s and d, each from 1 up.
        pad : int
            p, the zeros put before the first place; from 0 up.
        """
        whole("extent", extent)
        whole("stride", stride)
        whole("dilation", dilation)
        whole("pad", pad, least=0)
        reach = (extent - 1) * dilation
        return ReceptiveField(
            self.lo - pad * self.stride,
            self.hi + (reach - pad) * self.stride,
            self.stride * stride,
        )

    def with_branch(self, other: ReceptiveField) -> ReceptiveField:
        """Return the field of a unit that two branches lead to."""
        if other.stride != self.stride:
            raise must(
                "other", other, f"have the stride {self.stride}, as this one"
            )
        lo, hi = min(self.lo, other.lo), max(self.hi, other.hi)
        return ReceptiveField(lo, hi, self.stride)

    def of_all(self, units: int) -> ReceptiveField:
        """Return the field of a unit that sees this many units in a row."""
        whole("units", units)
        return ReceptiveField(
            self.lo,
            self.hi + (units - 1) * self.stride,
            self.stride * units,
        )

    def within(self, unit: int, inputs: int) -> range:
        """Return what one unit sees of an input of a given length.

        Units at the far edge may see less: where a layer leaves out the last
        rows, because no whole window fits, what lies beyond is padding.

        Examples
        --------
        >>> ReceptiveField().after(5, stride=2, pad=2).within(0, inputs=32)
        range(0, 3)
        """
        whole("unit", unit, least=0)
        whole("inputs", inputs)
        shift = unit * self.stride
        return range(max(0, self.lo + shift), min(inputs, self.hi + shift + 1))
