"""Summaries: hand counts, and fields against the gradient of real networks."""

import numpy as onp
import pytest

from fdl._mxnet import autograd, gluon, nn, np
from fdl.errors import ShapeError
from fdl.nn import FeedForward, summarize, trace
from fdl.scratch import ReceptiveField


def chain(*layers):
    net = nn.HybridSequential()
    net.add(*layers)
    return net


def small():
    return chain(
        nn.Conv2D(8, 3, padding=1, activation="relu"),
        nn.BatchNorm(),
        nn.MaxPool2D(2),
        nn.Conv2D(6, 3, groups=2, use_bias=False),
        nn.Dropout(0.5),
        nn.Dense(10),
    )


def test_a_small_network_is_counted_by_hand():
    found = summarize(small(), (4, 16, 12))
    conv1, conv2, dense = found.weighted
    assert conv1.shape == (8, 16, 12)
    assert conv1.parameters == 8 * (4 * 9 + 1)
    assert conv1.multiply_adds == 16 * 12 * 8 * 4 * 9
    assert conv2.shape == (6, 6, 4)
    assert conv2.parameters == 6 * 4 * 9  # two groups of four channels each
    assert conv2.multiply_adds == 6 * 4 * 6 * 4 * 9
    assert dense.parameters == 10 * (6 * 6 * 4 + 1)
    assert dense.multiply_adds == 10 * 6 * 6 * 4
    # gamma and beta are trained, the running statistics are not
    norm = next(layer for layer in found.layers if layer.kind == "BatchNorm")
    assert norm.parameters == 2 * 8
    assert norm.multiply_adds == 0
    total = 8 * 37 + 16 + 216 + 1450
    assert found.parameters == total
    assert found.multiply_adds == sum(
        layer.multiply_adds for layer in (conv1, conv2, dense)
    )
    assert found.units == 8 * 16 * 12 + 6 * 6 * 4 + 10
    kept = 4 * 16 * 12 + 2 * 8 * 16 * 12 + 8 * 8 * 6 + 6 * 6 * 4 + 10
    assert found.activations == kept
    assert found.activations_apart == kept + 8 * 16 * 12
    assert found.depth == 3
    assert conv1.path == "0"
    assert conv1.fields == (ReceptiveField(-1, 1, 1),) * 2
    assert conv2.fields == (ReceptiveField(-1, 6, 2),) * 2
    assert found.fields == conv2.fields
    assert dense.fields[0].within(0, 16) == range(16)
    assert dense.fields[1] == (-1, 12, 8)


def test_the_count_is_that_of_the_initialized_parameters():
    net = small()
    found = summarize(net, (4, 16, 12))
    net.initialize()
    net(np.zeros((1, 4, 16, 12)))
    assert found.parameters == sum(
        parameter.data().size
        for parameter in net.collect_params().values()
        if parameter.grad_req != "null"
    )
    # counting again, now that the parameters have values, changes nothing
    assert summarize(net, (4, 16, 12)) == found


class Shared(gluon.HybridBlock):
    """One convolution twice, and one beside it."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.twice = nn.Conv2D(3, 3, padding=1, in_channels=3)
            self.beside = nn.Conv2D(3, 5, padding=2, in_channels=3)

    def hybrid_forward(self, F, x):
        deep = self.twice(self.twice(x))
        wide = self.beside(x)
        return F.np.concatenate([deep, wide], axis=1) + F.np.concatenate(
            [wide, x], axis=1
        )


def test_shared_weights_count_once_and_work_twice():
    found = summarize(Shared(), (3, 8, 8))
    assert [layer.path for layer in found.weighted] == [
        "twice",
        "twice",
        "beside",
    ]
    assert found.parameters == 3 * 28 + 3 * 76
    assert found.multiply_adds == 64 * (2 * 3 * 27 + 3 * 75)
    assert found.depth == 2  # the longest way, not the number of layers
    assert len(found.weighted) == 3
    joined = summarize(chain(Shared(), nn.Conv2D(1, 1)), (3, 8, 8))
    assert joined.depth == 3


def test_a_dense_layer_over_time_uses_its_weights_at_every_step():
    found = summarize(FeedForward((5, 4, 2)), (7, 5))
    assert found.layers[-1].shape == (7, 2)
    assert found.parameters == 5 * 4 + 4 + 4 * 2 + 2
    assert found.multiply_adds == 7 * (5 * 4 + 4 * 2)


def test_the_last_field_is_that_of_the_last_layer_with_places():
    strip = chain(nn.Conv2D(1, (3, 1)), nn.Conv2D(1, (4, 1)))
    found = summarize(strip, (1, 6, 2))  # 4 x 2, then 1 x 2
    assert found.fields == ((0, 5, 1), (0, 0, 1))
    found = summarize(chain(nn.Conv2D(1, 3), nn.Conv2D(1, 2)), (1, 4, 4))
    assert found.fields == ((0, 2, 1), (0, 2, 1))  # of 2 x 2, not of 1 x 1


class Oddities(gluon.HybridBlock):
    """Padding to one side, a cut, a mean over places, a parameter alone."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.conv = nn.Conv2D(2, 3, dilation=2, in_channels=1)
            self.scale = self.params.get("scale", shape=(2, 1, 1))

    def hybrid_forward(self, F, x, scale):
        left = ((0, 0), (0, 0), (4, 0), (0, 4))
        h = self.conv(F.np.pad(x, left)) * scale
        h = h[:, :, 1:, :-2]
        return F.np.mean(h, axis=(2, 3))


def test_pads_cuts_means_and_bare_parameters_are_understood():
    found = summarize(Oddities(), (1, 7, 9))
    kinds = {layer.kind: layer for layer in found.layers}
    assert kinds["Convolution"].fields == ((-4, 0, 1), (0, 4, 1))
    assert kinds["slice"].shape == (2, 6, 7)
    assert kinds["slice"].fields == ((-3, 1, 1), (0, 4, 1))
    assert kinds["_npi_mean"].fields == ((-3, 6, 6), (0, 10, 7))
    assert kinds["_npi_multiply"].parameters == 2
    assert kinds["_npi_multiply"].path == "scale"
    assert found.parameters == 20 + 2


def test_a_cut_behind_a_stride_moves_by_the_stride():
    class Cut(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.np.pad(x[:, :, -3:, 2:], ((0, 0),) * 2 + ((1, 0),) * 2)

    net = chain(nn.Conv2D(1, 3, strides=2), Cut(), nn.GlobalAvgPool2D())
    found = summarize(net, (1, 15, 11))
    kinds = {layer.kind: layer for layer in found.layers}
    assert kinds["Convolution"].shape == (1, 7, 5)
    # the third row from below is the fifth of seven
    assert kinds["slice"].fields == ((8, 10, 2), (4, 6, 2))
    assert kinds["_npi_pad"].fields == ((6, 8, 2), (2, 4, 2))
    assert kinds["_npi_pad"].shape == (1, 4, 4)
    # four units in a row
    assert kinds["Pooling"].fields == ((6, 14, 8), (2, 10, 8))


def seen_by_gradient(net, shape, place):
    """Return first and last row and column that one output depends on."""
    net.initialize()
    x = np.array(onp.random.default_rng(0).uniform(1, 2, (1, *shape)))
    x = x.astype("float32")
    net(x)
    for parameter in net.collect_params().values():
        value = onp.random.default_rng(1).uniform(1, 2, parameter.shape)
        parameter.set_data(np.array(value.astype("float32")))
    x.attach_grad()
    with autograd.record():
        y = net(x)
        y = y[0, :, place[0], place[1]].sum()
    y.backward()
    rows, columns = onp.nonzero(abs(x.grad.asnumpy()).sum(axis=(0, 1)))
    return range(rows.min(), rows.max() + 1), range(
        columns.min(), columns.max() + 1
    )


NETWORKS = {
    "two of three": lambda: chain(
        nn.Conv2D(2, 3, padding=1), nn.Conv2D(2, 3, padding=1)
    ),
    "strides": lambda: chain(
        nn.Conv2D(2, (5, 3), strides=(2, 1), padding=(2, 0)),
        nn.AvgPool2D(3, 2),
        nn.Conv2D(2, 3, dilation=2, padding=2),
    ),
    "dilated": lambda: chain(
        *(nn.Conv2D(1, 3, dilation=2**k) for k in range(3))
    ),
    "branches": lambda: chain(nn.Conv2D(1, 1), nn.AvgPool2D(2), Branches()),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_fields_are_where_the_gradient_is_not_zero(name):
    # 23 x 19: every window fits without a rest, but in "branches"
    size = (22, 18) if name == "branches" else (23, 19)
    build = NETWORKS[name]
    found = summarize(build(), (3, *size))
    rows, columns = found.layers[-1].shape[1:]
    for place in [(0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)]:
        seen = seen_by_gradient(build(), (3, *size), place)
        expected = tuple(
            field.within(unit, inputs)
            for field, unit, inputs in zip(found.fields, place, size)
        )
        assert seen == expected


class Branches(gluon.HybridBlock):
    """`Shared` behind a convolution to its three channels."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.widen, self.shared = nn.Conv2D(3, 1), Shared()

    def hybrid_forward(self, F, x):
        return self.shared(self.widen(x))


MIXED = {
    "no rule": lambda F, x: F.np.flip(x, axis=2),
    "rows side by side": lambda F, x: F.np.concatenate([x, x], axis=2),
    "halves of rows": lambda F, x: F.np.split(x, 2, axis=2)[0],
    "every other row": lambda F, x: x[:, :, ::2],
    "another shape": lambda F, x: F.npx.reshape(x, (-2, -2, 4, 16)),
    "mean of rows": lambda F, x: F.np.mean(x, axis=2, keepdims=True),
    "one of two": lambda F, x: x + F.np.flip(x, axis=2),
    "two strides": lambda F, x: (
        F.npx.pooling(x, kernel=(2, 2), stride=(2, 2), pool_type="avg")
        + F.npx.pooling(x, kernel=(5, 5), pool_type="avg")
    ),
}


class Mixed(gluon.HybridBlock):
    """Mixes places in ways that no rule covers."""

    def __init__(self, mix):
        super().__init__()
        self.mix = mix

    def hybrid_forward(self, F, x):
        return self.mix(F, x)


@pytest.mark.parametrize("name", MIXED)
def test_what_no_rule_covers_is_not_guessed(name):
    found = summarize(chain(Mixed(MIXED[name]), nn.Conv2D(1, 1)), (1, 8, 8))
    assert found.layers[-1].fields is None
    assert found.layers[-2].fields is None
    assert "?" in str(found)


def test_several_outputs_are_one_summary():
    class Heads(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.body = nn.Dense(5, in_units=4)
                self.heads = [nn.Dense(2, in_units=5), nn.Dense(3, in_units=5)]
                for number, head in enumerate(self.heads):
                    setattr(self, f"head{number}", head)

        def hybrid_forward(self, F, x):
            return tuple(head(self.body(x)) for head in self.heads)

    found = summarize(Heads(), (4,))
    # the body runs once for each head, but has one set of parameters
    assert found.parameters == 25 + 12 + 18
    assert found.depth == 2


def test_it_is_printed_as_a_line_and_as_a_table():
    found = summarize(small(), (4, 16, 12))
    assert repr(found) == (
        "Summary(HybridSequential on 4×16×12: depth 3, 1,978 parameters,"
        f" {found.multiply_adds:,} multiply-adds)"
    )
    head, *rows = str(found).splitlines()
    assert head.split() == [
        "layer",
        "output",
        "parameters",
        "multiply-adds",
        "sees",
    ]
    assert [row.split()[0] for row in rows] == ["0", "pooling", "3", "5"]
    assert rows[2].split() == ["3", "6×6×4", "216", "5,184", "8"]


def test_what_does_not_fit_is_told():
    with pytest.raises(ShapeError, match=r"`shape` .*4, 1, 1.* must suit"):
        trace(small(), (4, 1, 1))
    with pytest.raises(ShapeError, match=r"must suit FeedForward: "):
        summarize(FeedForward((5, 2)), (4,))
    for net in (None, gluon.nn.Sequential()):
        with pytest.raises(TypeError, match="`net` .* must be a HybridBlock"):
            summarize(net, (4,))
    for shape in (3, (), (3, 0), (3, 2.0), (True, 3), "ab"):
        with pytest.raises(ValueError, match="`shape` .* must be sizes from"):
            trace(small(), shape)


def test_numbers_of_numpys_are_sizes_too():
    shape = onp.array([5])
    assert trace(FeedForward((5, 2)), shape)[0].shape == (2,)


def test_a_network_that_does_nothing_has_no_depth():
    summary = summarize(gluon.nn.HybridLambda(lambda F, x: x), (3,))
    assert (summary.depth, summary.parameters, summary.fields) == (0, 0, None)


def test_nothing_is_printed_on_the_way(capsys):
    with pytest.raises(ShapeError):
        trace(small(), (4, 1, 1))
    assert capsys.readouterr().out == ""
