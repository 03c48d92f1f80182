"""Known value, oracle, property, gradient: cells and their runs."""

import numpy as onp
import pytest

from fdl import scratch
from fdl._mxnet import autograd, gluon, mx, np, npx
from fdl.errors import ShapeError
from fdl.nn import (
    Bidirectional,
    DropoutCell,
    GRUCell,
    LSTMCell,
    RNNCell,
    Stacked,
    last,
    run,
)
from fdl.nn.deep_recurrent import reverse

B, T, X, H = 5, 7, 3, 6
LENGTHS = onp.array([7, 1, 0, 3, 6])
KINDS = {
    "rnn": lambda **k: RNNCell(H, **k),
    "lstm": lambda **k: LSTMCell(H, **k),
    "gru": lambda **k: GRUCell(H, **k),
    "peephole": lambda **k: LSTMCell(H, True, **k),
}
GATES = {"lstm": "ifgo", "peephole": "ifgo", "gru": "rzn", "rnn": "a"}


def made(kind, **options):
    cell = KINDS[kind](**options)
    cell.initialize(mx.init.Normal(0.6))
    # the biases, too
    run(cell, np.zeros((1, 1, X)))
    for parameter in cell.collect_params().values():
        value = np.random.normal(0, 0.6, parameter.shape)
        parameter.set_data(value)
    return cell


def sequences():
    return np.random.normal(size=(B, T, X)), np.array(LENGTHS, dtype="int32")


class Runner(gluon.HybridBlock):
    """A network that is the run of a cell."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def hybrid_forward(self, F, x, lengths):
        outputs, state = run(self.cell, x, lengths)
        return (outputs, *state)


def step_by_step(cell, x, lengths):
    """Return what `run` should: the cell's own steps, row by row masked."""
    state, outputs = cell.begin_state(len(x)), []
    for t in range(x.shape[1]):
        output, new = cell(x[:, t], state)
        real = np.array((t < lengths)[:, None].astype("float32"))
        state = [real * n + (1 - real) * s for n, s in zip(new, state)]
        outputs.append(real * output)
    return [np.stack(outputs, axis=1), *state]


def gradients(cell, x, compute):
    x.attach_grad()
    with autograd.record():
        found = compute()
        # every result counts, each differently
        loss = sum(((k + 1) * a * a).sum() for k, a in enumerate(found))
    loss.backward()
    named = {k: p.grad() for k, p in cell.collect_params().items()}
    named = {k: g.asnumpy() for k, g in {**named, "x": x.grad}.items()}
    return [a.asnumpy() for a in found], named


def assert_same(one, other, tolerance=2e-5):
    for a, b in zip(one[0], other[0]):
        onp.testing.assert_allclose(a, b, atol=1e-6)
    assert set(one[1]) == set(other[1])
    for name, gradient in one[1].items():
        onp.testing.assert_allclose(
            gradient, other[1][name], atol=tolerance, err_msg=name
        )
        assert onp.abs(gradient).max() > 1e-3, name


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_the_cells_steps_in_values_and_gradients(kind, learned):
    cell = made(kind, learned_state=learned)
    x, lengths = sequences()
    wanted = gradients(cell, x, lambda: step_by_step(cell, x, LENGTHS))

    def ours():
        outputs, state = run(cell, x, lengths)
        return [outputs, *state]

    assert_same(gradients(cell, x, ours), wanted)
    net = Runner(cell)
    net.hybridize(static_alloc=True, static_shape=True)
    assert_same(gradients(cell, x, lambda: list(net(x, lengths))), wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_the_twins_loop(kind):
    cell = made(kind)
    x = np.random.normal(size=(B, T, X))
    outputs, state = run(cell, x)
    values = {k: p.data().asnumpy() for k, p in cell._reg_params.items()}
    parts = {
        name: [
            values["i2h_weight"][rows].T,
            values["h2h_weight"][rows].T,
            values["i2h_bias"][rows] + values["h2h_bias"][rows],
        ]
        for k, name in enumerate(GATES[kind])
        for rows in [slice(k * H, (k + 1) * H)]
    }
    for k, row in enumerate(x.asnumpy()):
        if kind == "rnn":
            wanted = scratch.rnn(row, *parts["a"])
        elif kind == "gru":
            parts["n"][2] = values["i2h_bias"][2 * H :]
            inside = values["h2h_bias"][2 * H :]
            wanted = scratch.gru(row, parts, inside=inside)
        else:
            holes = None
            if kind == "peephole":
                holes = {gate: values[f"c2{gate}_weight"] for gate in "ifo"}
            wanted, memory = scratch.lstm(row, parts, peephole=holes)
            onp.testing.assert_allclose(
                state[1][k].asnumpy(), memory[-1], atol=1e-5
            )
        onp.testing.assert_allclose(outputs[k].asnumpy(), wanted, atol=1e-5)
        onp.testing.assert_allclose(
            state[0][k].asnumpy(), wanted[-1], atol=1e-5
        )


FUSED = {
    "rnn": lambda: gluon.rnn.RNN(H, activation="tanh", layout="NTC"),
    "lstm": lambda: gluon.rnn.LSTM(H, layout="NTC"),
    "gru": lambda: gluon.rnn.GRU(H, layout="NTC"),
}


@pytest.mark.parametrize("kind", FUSED)
def test_weights_move_to_gluons_layer(kind):
    cell, layer = made(kind), FUSED[kind]()
    layer.initialize()
    x = np.random.normal(size=(B, T, X))
    layer(x)
    for name, parameter in cell._reg_params.items():
        getattr(layer, f"l0_{name}").set_data(parameter.data())
    onp.testing.assert_allclose(
        run(cell, x)[0].asnumpy(), layer(x).asnumpy(), atol=1e-6
    )


@pytest.mark.parametrize("kind", KINDS)
def test_names_and_shapes_are_those_of_gluons_cells(kind):
    gluons = {
        "rnn": gluon.rnn.RNNCell,
        "lstm": gluon.rnn.LSTMCell,
        "gru": gluon.rnn.GRUCell,
    }.get(kind, gluon.rnn.LSTMCell)(H, input_size=X)
    ours = {k: p.shape for k, p in KINDS[kind](inputs=X)._reg_params.items()}
    ours = {k: shape for k, shape in ours.items() if not k.startswith("c2")}
    assert ours == {k: p.shape for k, p in gluons._reg_params.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    cell = made(kind)
    x, lengths = sequences()
    outputs, state = run(cell, x, lengths)
    wild = x.copy()
    for row, length in enumerate(LENGTHS):
        wild[row, int(length) :] = 50 * np.random.normal(
            size=(T - int(length), X)
        )
    again, after = run(cell, wild, lengths)
    assert (again == outputs).all()
    for a, b in zip(state, after):
        assert (a == b).all()
    # of nothing, the state stays the first one
    for s in state:
        assert (s[2] == 0).all()
    for row, length in enumerate(LENGTHS):
        assert (outputs[row, int(length) :] == 0).all()
        if length:
            assert (outputs[row, int(length) - 1] == state[0][row]).all()
            alone, _ = run(cell, x[row : row + 1, : int(length)])
            onp.testing.assert_allclose(
                outputs[row, : int(length)].asnumpy(),
                alone[0].asnumpy(),
                atol=1e-6,
            )


def test_an_lstms_memory_outlasts_long_padding_to_the_last_bit():
    cell = made("lstm")
    x = np.random.normal(size=(2, 400, X))
    short = np.array([3, 3], dtype="int32")
    _, [_, c] = run(cell, x, short)
    _, [_, wanted] = run(cell, x[:, :3], short)
    assert (c == wanted).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_is_reset_starts_anew_and_others_do_not_notice(kind):
    cell = made(kind)
    x = np.random.normal(size=(B, X))
    first, state = cell(x, cell.begin_state(B))
    second, _ = cell(x, state)
    state = [s.copy() for s in state]
    for s in state:
        s[2] = 0  # as begin_state has it
    reset, _ = cell(x, state)
    others = [0, 1, 3, 4]
    onp.testing.assert_allclose(
        reset[2].asnumpy(), first[2].asnumpy(), atol=1e-6
    )
    assert float(abs(second[2] - first[2]).max()) > 1e-3
    assert (reset[others] == second[others]).all()


def test_the_worked_lstm():
    cell = LSTMCell(2)
    cell.initialize(mx.init.One())
    run(cell, np.zeros((1, 1, 2)))
    for parameter in cell.collect_params().values():
        parameter.set_data(np.ones(parameter.shape))
    outputs, _ = run(cell, np.ones((1, 1, 2)))
    onp.testing.assert_allclose(outputs.asnumpy(), 0.7400966, atol=1e-6)
    output, _ = cell(np.ones((1, 2)), cell.begin_state(1))
    onp.testing.assert_allclose(output.asnumpy(), 0.7400966, atol=1e-6)


def gate_biases(cell, **values):
    for name, value in values.items():
        k = GATES["gru" if isinstance(cell, GRUCell) else "lstm"].index(name)
        for weight in ("i2h_weight", "h2h_weight", "h2h_bias", "i2h_bias"):
            array = getattr(cell, weight).data()
            bias = value if weight == "i2h_bias" else 0
            array[k * H : (k + 1) * H] = bias


def test_gates_that_are_open_or_shut():
    cell = made("lstm")
    gate_biases(cell, i=-1e4, f=1e4)
    begin = [np.random.normal(size=(B, H)) for _ in range(2)]
    x = np.random.normal(size=(B, T, X))
    _, [_, c] = run(cell, x, state=begin)
    assert (c == begin[1]).all()
    cell = made("gru")
    gate_biases(cell, z=1e4)
    outputs, _ = run(cell, x, state=begin[:1])
    for t in range(T):
        assert (outputs[:, t] == begin[0]).all()


def test_peepholes_of_zero_are_none():
    with_holes, plain = made("peephole"), made("lstm")
    for name, parameter in plain._reg_params.items():
        parameter.set_data(getattr(with_holes, name).data())
    x, lengths = sequences()
    one, two = run(with_holes, x, lengths)[0], run(plain, x, lengths)[0]
    assert float(abs(one - two).max()) > 1e-3
    for gate in "ifo":
        getattr(with_holes, f"c2{gate}_weight").data()[:] = 0
    one = run(with_holes, x, lengths)[0]
    onp.testing.assert_allclose(one.asnumpy(), two.asnumpy(), atol=1e-6)


def test_how_young_cells_start():
    lstm = LSTMCell(H, inputs=X)
    lstm.initialize()
    bias = lstm.i2h_bias.data().reshape(4, H).asnumpy()
    assert bias.tolist() == [[0.0] * H, [1.0] * H, [0.0] * H, [0.0] * H]
    holes = LSTMCell(H, True, inputs=X, learned_state=True)
    holes.initialize()
    for name in ("h2h_bias", "c2i_weight", "c2f_weight", "c2o_weight", "h0"):
        assert (getattr(holes, name).data() == 0).all()
    other = LSTMCell(H, inputs=X, forget_bias=3)
    other.initialize()
    assert float(other.i2h_bias.data().sum()) == 3 * H
    assert float(abs(lstm.h2h_weight.data()).max()) > 0.1
    learned = GRUCell(H, inputs=X, learned_state=True)
    learned.initialize()
    learned.h0.set_data(np.arange(H))
    assert learned.begin_state(2)[0].tolist() == [list(range(H))] * 2
    assert repr(lstm) == "LSTMCell(3 -> 6)"
    assert repr(LSTMCell(H)) == "LSTMCell(? -> 6)"


def test_a_new_weight_is_used_at_once_in_every_mode():
    # MXNet's loop keeps weights in a form of its own between calls
    for kind in FUSED:
        cell = made(kind)
        x, lengths = sequences()
        net = Runner(cell)
        net.hybridize(static_alloc=True, static_shape=True)
        before = net(x, lengths)[0]
        cell.h2h_weight.set_data(2 * cell.h2h_weight.data())
        after = net(x, lengths)[0].asnumpy()
        assert onp.abs(before.asnumpy() - after).max() > 1e-3
        eager = run(cell, x, lengths)[0].asnumpy()
        onp.testing.assert_allclose(after, eager, atol=1e-6)


def test_stacked_layers_feed_each_other():
    cells = [KINDS["rnn"](), KINDS["lstm"](), KINDS["gru"]()]
    tower = Stacked(cells)
    tower.initialize()
    x, lengths = sequences()
    outputs, state = run(tower, x, lengths)
    h, wanted = x, []
    for cell in cells:
        h, ends = run(cell, h, lengths)
        wanted += ends
    assert (outputs == h).all()
    assert len(state) == 4
    for a, b in zip(state, wanted):
        assert (a == b).all()
    # the same, step by step
    now, steps = tower.begin_state(B), []
    for t in range(T):
        output, now = tower(x[:, t], now)
        steps.append(output)
    found = run(tower, x)[0].asnumpy()
    onp.testing.assert_allclose(found[:, -1], steps[-1].asnumpy(), atol=1e-5)
    # on from where it stopped
    first, middle = run(tower, x[:, :3])
    rest, end = run(tower, x[:, 3:], state=middle)
    onp.testing.assert_allclose(found[:, 3:], rest.asnumpy(), atol=1e-5)
    onp.testing.assert_allclose(end[-1].asnumpy(), found[:, -1], atol=1e-5)


def test_both_directions_are_gluons():
    both = Bidirectional(made("lstm"), made("lstm"))
    layer = gluon.rnn.LSTM(H, layout="NTC", bidirectional=True)
    layer.initialize()
    x, lengths = sequences()
    layer(x)
    for side, cell in (("l0", both.onward), ("r0", both.backward)):
        for name, parameter in cell._reg_params.items():
            getattr(layer, f"{side}_{name}").set_data(parameter.data())
    outputs, state = run(both, x)
    onp.testing.assert_allclose(
        outputs.asnumpy(), layer(x).asnumpy(), atol=1e-6
    )
    assert (state[2] == outputs[:, 0, H:]).all()
    # a padded sequence is what it is alone
    outputs, state = run(both, x, lengths)
    for row, length in enumerate(LENGTHS):
        assert (outputs[row, int(length) :] == 0).all()
        if length:
            alone, ends = run(both, x[row : row + 1, : int(length)])
            onp.testing.assert_allclose(
                outputs[row, : int(length)].asnumpy(),
                alone[0].asnumpy(),
                atol=1e-6,
            )
            for s, e in zip(state, ends):
                onp.testing.assert_allclose(
                    s[row].asnumpy(), e[0].asnumpy(), atol=1e-6
                )
    net = Runner(both)
    net.hybridize()
    found = net(x, lengths)[0].asnumpy()
    onp.testing.assert_allclose(found, outputs.asnumpy(), atol=1e-6)
    with pytest.raises(TypeError, match="whole sequences"):
        both(x[:, 0], both.begin_state(B))


def test_both_directions_begin_where_they_are_told():
    there, back = made("gru"), made("lstm")
    both = Bidirectional(there, back)
    x = np.random.normal(size=(B, T, X))
    begin = [np.random.normal(size=(B, H)) for _ in range(3)]
    outputs, state = run(both, x, state=begin)
    onward, [h] = run(there, x, state=begin[:1])
    backward, ends = run(back, np.flip(x, axis=1), state=begin[1:])
    assert (outputs[:, :, :H] == onward).all()
    assert (outputs[:, :, H:] == np.flip(backward, axis=1)).all()
    for found, wanted in zip(state, [h, *ends]):
        assert (found == wanted).all()


def test_reversing_leaves_padding_behind():
    x = np.arange(1, 9).reshape(2, 4, 1)
    turned = reverse(x, np.array([3, 0], dtype="int32"))
    assert turned[0, :3, 0].tolist() == [3, 2, 1]
    assert turned[1, :, 0].tolist() == [5, 6, 7, 8]
    assert reverse(x)[1, :, 0].tolist() == [8, 7, 6, 5]


def test_dropout_is_around_a_cell_and_for_training():
    cell = made("lstm")
    wrapped = DropoutCell(cell, inputs=0.5, outputs=0.5)
    x = np.ones((B, 50, X))
    plain, ends = run(cell, x)
    assert (run(wrapped, x)[0] == plain).all()
    with autograd.record():
        dropped, state = run(wrapped, x)
    share = float((dropped == 0).mean())
    assert 0.4 < share < 0.6
    assert (state[0] != 0).all()  # the state itself is whole
    always = DropoutCell(cell, outputs=0.5, always=True)
    output, _ = run(always, x)
    found = output.asnumpy()
    kept = found != 0
    assert 0.4 < kept.mean() < 0.6
    # what is kept is twice itself, and inputs were not dropped
    onp.testing.assert_allclose(
        found[kept], 2 * plain.asnumpy()[kept], rtol=1e-5
    )
    # a mask for each step
    assert (kept[:, 1:] != kept[:, :-1]).any()
    begin = always.begin_state(B)
    step, state = always(x[:, 0], begin)
    assert 0 < int((step == 0).sum()) < step.size
    for found, whole in zip(state, cell(x[:, 0], begin)[1]):
        assert (found == whole).all()
    step, _ = DropoutCell(cell, inputs=0.5, always=True)(x[:, 0], begin)
    assert (step != cell(x[:, 0], begin)[0]).any()


def test_the_last_real_output():
    outputs = np.random.normal(size=(B, T, H))
    found = last(outputs, np.array(LENGTHS, dtype="int32")).asnumpy()
    for row, length in enumerate(LENGTHS):
        wanted = outputs.asnumpy()[row, length - 1] if length else 0
        onp.testing.assert_allclose(found[row], wanted, rtol=1e-6)


def test_a_cell_learns_its_inputs_size_from_the_first():
    for kind in KINDS:
        cell = KINDS[kind]()
        cell.initialize()
        output, _ = cell(np.ones((2, X)), cell.begin_state(2))
        assert cell.i2h_weight.shape[1] == X
        assert output.shape == (2, H)


@pytest.mark.parametrize("bias", [float("inf"), "1", True])
def test_a_forget_bias_is_a_number(bias):
    with pytest.raises(ValueError, match="`forget_bias` .* a finite number"):
        LSTMCell(3, forget_bias=bias)


def test_what_is_no_batch_of_sequences_is_told():
    cell = made("lstm")
    x, lengths = sequences()
    with pytest.raises(ShapeError, match=r"`x` .* must be \(B, T, X\)"):
        run(cell, x[0])
    with pytest.raises(ShapeError, match=r"`lengths` .* must be \(5,\)"):
        run(cell, x, lengths[:2])
    with pytest.raises(ValueError, match=r"`lengths` \(=8\) .* from 0 to 7"):
        run(cell, x, lengths + 1)
    with pytest.raises(ValueError, match=r"`state` .* list of 2 arrays"):
        run(cell, x, state=cell.begin_state(B)[:1])
    with pytest.raises(ValueError, match=r"`state` .* list of 2 arrays"):
        cell(x[:, 0], x[:, 0])
    other = cell.begin_state(B + 1)
    for call in (
        lambda: run(cell, x, state=other),
        lambda: cell(x[:, 0], other),
    ):
        with pytest.raises(ShapeError, match=r"`state` .* arrays \(5, 6\)"):
            call()
    wide = np.ones((B, T, X + 1))
    for call in (
        lambda: run(cell, wide),
        lambda: cell(wide[:, 0], cell.begin_state(B)),
    ):
        with pytest.raises(ShapeError, match=r"`x` .* have 3 numbers at"):
            call()
    with pytest.raises(TypeError, match=r"`x` .* array of MXNet's, mx\.np\.a"):
        run(cell, x.asnumpy())
    with pytest.raises(TypeError, match=r"`lengths` .* an array of MXNet's"):
        run(cell, x, LENGTHS)
    with pytest.raises(
        TypeError, match=r"`lengths` \(=a list\) must be an ar"
    ):
        run(cell, x, list(LENGTHS))
    with pytest.raises(ValueError, match=r"`lengths` \(=8\) .* from 0 to 7"):
        last(x, lengths + 1)
    with pytest.raises(ShapeError, match=r"`outputs` .* \(B, T, X\)"):
        last(x[0], lengths)
    with pytest.raises(TypeError, match="`cell` .* recurrent cell"):
        run(gluon.nn.Dense(3), x)
    with pytest.raises(ValueError, match="`hidden` .* from 1 up"):
        LSTMCell(0)
    with pytest.raises(ValueError, match="`cells` .* at least one"):
        Stacked([])
    with pytest.raises(ValueError, match="`outputs` .* below 1"):
        DropoutCell(cell, outputs=1)
    # MXNet's search for shapes needs help before the first compiled use
    young = Runner(LSTMCell(H))
    young.initialize()
    young.hybridize()
    with pytest.raises(ValueError, match="`inputs` .* hybridize"):
        young(x, lengths)
    npx.waitall()
