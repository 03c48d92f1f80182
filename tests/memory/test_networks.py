"""Networks with a memory: oracle, gradients, properties, known values.

What runs in NumPy, what runs as a graph and what runs operator by operator
must agree; and the steps are those of the papers' equations, number by
number.
"""

import numpy as np
import pytest

from fdl import memory, nn, optim, scratch, train
from fdl._mxnet import autograd, mx
from fdl.errors import NotFittedError, TrainingDiverged
from fdl.memory.dnc import DNCState, dnc_step, interface
from fdl.memory.ntm import heads
from fdl.scratch.controllers import CONTROLLERS
from fdl.scratch.similarity import EPSILON
from tests.memory import oracles
from tests.oracles import assert_gradients_agree, central_differences

B, T, X, Y, N, W, R, H = 2, 6, 3, 2, 5, 4, 3, 6
KINDS = {"dnc": memory.DNC, "ntm": memory.NTM}
MEMORIES = {"dnc": scratch.DNCMemory, "ntm": scratch.NTMMemory}
BOTH = [(kind, steers) for kind in KINDS for steers in CONTROLLERS]


def network(kind, steers="lstm", dtype="float32", seed=0, size=0.5, **options):
    """Return a network whose weights are large enough to do something."""
    settings = {"outputs": Y, "slots": N, "word": W, "reads": R, "inputs": X}
    settings |= {"controller": steers, "hidden": H, **options}
    net = KINDS[kind](**settings)
    net.initialize()
    net.cast(dtype)
    rng = np.random.default_rng(seed)
    for parameter in net.collect_params().values():
        value = rng.normal(0, size, parameter.shape)
        parameter.set_data(mx.np.array(value, dtype=dtype))
    return net


def outcome(net, x, call=None, wanted=True):
    """Return the output, and all gradients of its weighted sum."""
    x = mx.np.array(x, dtype=net.weights.input_weight.dtype)
    if wanted:
        x.attach_grad()
    with autograd.record():
        y = (call or net)(x)
        up = np.cos(2.0 * np.arange(y.size)).reshape(y.shape)
        total = (y * mx.np.array(up, dtype=y.dtype)).sum()
    total.backward()
    gradients = [p.grad().asnumpy() for p in net.weights._reg_params.values()]
    return [y.asnumpy(), x.grad.asnumpy() if wanted else None, *gradients]


def sequences(rng, steps=T, batch=B):
    return rng.normal(size=(batch, steps, X))


def array(x, dtype="float32"):
    return mx.np.array(x, dtype=dtype)


# --- NumPy against the graph, operators and differences


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "steers"), BOTH)
def test_both_ways_agree_in_values_and_gradients(kind, steers, dtype, rng):
    x = sequences(rng)
    found = []
    for graph in (False, True):
        net = network(kind, steers, dtype, graph=graph)
        found.append(outcome(net, x))
    net = network(kind, steers, dtype)
    found.append(outcome(net, x, lambda x: net.trace(x)[0]))
    near = 1e-5 if dtype == "float32" else 1e-12
    for ours, *others in zip(*found):
        assert ours.dtype == dtype
        assert abs(ours).max() > 1e-4
        for other in others:
            np.testing.assert_allclose(ours, other, rtol=near, atol=near)


def test_a_graph_is_no_parameter_that_gluon_would_miss(rng):
    """Gluon warns of blocks in a dict, and here a warning is an error."""
    net = network("dnc", graph=True)
    before = list(net.collect_params())
    net(array(sequences(rng)))
    assert list(net.collect_params()) == before


def test_gradients_that_nobody_asks_for_are_no_others_loss(rng):
    """MXNet forgets all behind the first, and those that are added up."""
    x, net = sequences(rng), network("dnc")
    want = outcome(net, x)
    for ours, other in zip(outcome(net, x, wanted=False)[2:], want[2:]):
        np.testing.assert_array_equal(ours, other)
    net.weights.input_weight.grad_req = "null"
    net.weights.output_weight.grad_req = "add"
    net.weights.output_weight.grad()[:] = 0
    for _ in range(2):
        with autograd.record():
            y = net(array(x))
            up = np.cos(2.0 * np.arange(y.size)).reshape(y.shape)
            total = (y * array(up)).sum()
        total.backward()
    names = list(net.weights._reg_params)
    for name, times in (("output_weight", 2), ("state_weight", 1)):
        found = getattr(net.weights, name).grad().asnumpy()
        was = want[2 + names.index(name)]
        np.testing.assert_allclose(found, times * was, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_all_stays_on_the_network_s_device(kind, graph, rng):
    x, here = sequences(rng), mx.cpu(1)
    wanted = outcome(network(kind, graph=graph), x)
    net = network(kind, graph=graph)
    net.collect_params().reset_ctx(here)
    given = mx.np.array(x, dtype="float32", ctx=here)
    given.attach_grad()
    with autograd.record():
        y = net(given)
        up = np.cos(2.0 * np.arange(y.size)).reshape(y.shape)
        total = (y * mx.np.array(up, dtype=y.dtype, ctx=here)).sum()
    total.backward()
    assert {y.ctx, given.grad.ctx, net.trace(given)[0].ctx} == {here}
    np.testing.assert_allclose(y.asnumpy(), wanted[0], atol=1e-6)
    np.testing.assert_allclose(given.grad.asnumpy(), wanted[1], atol=1e-5)


@pytest.mark.parametrize(("reads", "slots"), [(1, N), (2, N), (4, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_any_number_of_heads_and_slots(kind, reads, slots, rng):
    x, options = sequences(rng), {"reads": reads, "slots": slots}
    one, other = (
        outcome(network(kind, dtype="float64", graph=graph, **options), x)
        for graph in (False, True)
    )
    for ours, theirs in zip(one, other):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("kind", "steers"), BOTH)
def test_gradients_are_those_of_differences(kind, steers, rng):
    net = scratch.MemoryNetwork(
        CONTROLLERS[steers](H), MEMORIES[kind](N, W, R)
    )
    shapes = net.shapes(X, Y)
    weights = {n: rng.normal(0, 0.6, s) for n, s in shapes.items()}
    x, up = sequences(rng), rng.normal(size=(B, T, Y))
    net.forward(x, weights)
    found = net.backward(up)
    assert set(found) == {"x", *weights}
    for name, value in {**weights, "x": x}.items():
        few = np.argsort(-abs(found[name]).ravel())[:12]
        flat = value.ravel()

        def total(part, name=name, flat=flat, few=few, shape=value.shape):
            changed = flat.copy()
            changed[few] = part
            given = {**weights, name: changed.reshape(shape)}
            return (net.forward(given.get("x", x), given) * up).sum()

        numeric = central_differences(total, flat[few], eps=1e-6)
        ours = found[name].ravel()[few]
        assert_gradients_agree(ours, numeric, 1e-6)


def dnc_by_hand(asked, before, b):
    """One step of the paper's memory for one example, from the oracles."""
    part = {name: np.asarray(value[b]) for name, value in asked.items()}
    usage = oracles.usage(
        before["usage"],
        before["write_weights"],
        part["free_gates"],
        before["read_weights"],
    )
    free = oracles.allocation(usage)
    (key,), (strength,) = part["write_key"], part["write_strength"]
    found = oracles.content(before["memory"], key, strength, EPSILON)
    (g_a,), (g_w,) = part["allocation_gate"], part["write_gate"]
    write = [g_w * (g_a * a + (1 - g_a) * c) for a, c in zip(free, found)]
    after = oracles.erase_and_write(
        before["memory"], write, part["erase"], part["value"]
    )
    link = oracles.link(before["link"], write, before["precedence"])
    reads = []
    for r in range(R):
        last = before["read_weights"][r]
        backward, forward = link.T @ last, link @ last
        key, strength = part["read_keys"][r], part["read_strengths"][r]
        content = oracles.content(after, key, strength, EPSILON)
        modes = part["read_modes"][r]
        ways = zip(backward, content, forward)
        reads.append([modes @ np.array(way) for way in ways])
    return {
        "usage": usage,
        "allocation": free,
        "write_weights": write,
        "memory": after,
        "link": link,
        "precedence": oracles.precedence(before["precedence"], write),
        "read_weights": reads,
        "reads": np.array(reads) @ after,
    }


def test_the_steps_are_the_papers(rng):
    net = network("dnc", dtype="float64", size=1.0)
    _, steps = net.trace(array(sequences(rng), "float64"))
    steps = {name: array.asnumpy() for name, array in steps.items()}
    for b in range(B):
        for t in range(1, T):
            before = {name: array[b, t - 1] for name, array in steps.items()}
            now = {name: array[:, t] for name, array in steps.items()}
            for name, want in dnc_by_hand(now, before, b).items():
                np.testing.assert_allclose(
                    now[name][b], want, rtol=1e-9, atol=1e-12, err_msg=name
                )


def test_an_ntms_steps_are_the_papers(rng):
    net = network("ntm", dtype="float64", size=1.0)
    _, steps = net.trace(array(sequences(rng), "float64"))
    steps = {name: array.asnumpy() for name, array in steps.items()}
    both = [steps["read_weights"], steps["write_weights"][:, :, None]]
    steps["weights"] = np.concatenate(both, axis=2)
    for b in range(B):
        for t in range(1, T):
            memory_before = steps["memory"][b, t - 1]
            now = {name: array[b, t] for name, array in steps.items()}
            for k in range(R + 1):
                g = now["gates"][k]
                found = oracles.content(
                    memory_before,
                    now["keys"][k],
                    now["strengths"][k],
                    EPSILON,
                )
                w = g * np.array(found)
                w = w + (1 - g) * steps["weights"][b, t - 1, k]
                w = oracles.shift(w, now["shift"][k])
                w = oracles.sharpen(w, now["gammas"][k])
                np.testing.assert_allclose(
                    now["weights"][k], w, rtol=1e-9, atol=1e-12
                )
            after = oracles.erase_and_write(
                memory_before,
                now["write_weights"],
                now["erase"],
                now["value"],
            )
            np.testing.assert_allclose(now["memory"], after, atol=1e-9)
            reads = now["read_weights"] @ after
            np.testing.assert_allclose(now["reads"], reads, atol=1e-9)


def test_a_steps_gradients_reach_all_of_its_state(rng):
    def weights(*shape):
        w = rng.uniform(0.05, 1, shape)
        return w / w.sum(axis=-1, keepdims=True)

    numbers = rng.normal(size=(B, 3 * W + R * W + 5 * R + 3))
    order = np.linspace(0.1, 0.9, N)  # a gap between any two
    start = {
        "memory": rng.normal(size=(B, N, W)),
        "usage": rng.permuted(np.tile(order, (B, 1)), axis=1),
        "precedence": 0.7 * weights(B, N),
        "link": rng.uniform(0, 0.2, (B, N, N)),
        "write_weights": 0.1 * weights(B, N),
        "read_weights": 0.1 * weights(B, R, N),
    }

    def total(state):
        asked = interface(array(numbers, "float64"), W, R)
        reads, after, _ = dnc_step(asked, DNCState(**state))
        found = 0
        for part in (reads, *after):
            up = np.cos(2.0 * np.arange(part.size)).reshape(part.shape)
            found = found + (part * array(up, "float64")).sum()
        return found

    arrays = {n: array(a, "float64") for n, a in start.items()}
    for one in arrays.values():
        one.attach_grad()
    with autograd.record():
        loss = total(arrays)
    loss.backward()
    for name, value in start.items():
        few = rng.choice(value.size, size=min(8, value.size), replace=False)

        def moved(part, name=name, value=value, few=few):
            changed = value.ravel().copy()
            changed[few] = part
            changed = array(changed.reshape(value.shape), "float64")
            return float(total({**arrays, name: changed}))

        numeric = central_differences(moved, value.ravel()[few], eps=1e-6)
        ours = arrays[name].grad.asnumpy().ravel()[few]
        assert_gradients_agree(ours, numeric, 1e-6)


# --- what is asked


def test_a_dncs_interface_has_the_books_size_and_ranges(rng):
    assert scratch.DNCMemory(N, 5, 2).numbers == 38
    numbers = array(rng.normal(0, 5, (4, 38)))
    asked = interface(numbers, word=5, reads=2)
    parts = {name: part.asnumpy() for name, part in asked._asdict().items()}
    assert sum(part[0].size for part in parts.values()) == 38
    for name in ("free_gates", "write_gate", "allocation_gate", "erase"):
        assert ((parts[name] >= 0) & (parts[name] <= 1)).all()
    for name in ("read_strengths", "write_strength"):
        assert (parts[name] >= 1).all()
    assert (parts["read_modes"] >= 0).all()
    np.testing.assert_allclose(parts["read_modes"].sum(-1), 1, rtol=1e-6)
    # keys and values are what the controller said
    np.testing.assert_array_equal(
        parts["read_keys"].reshape(4, -1), numbers.asnumpy()[:, :10]
    )
    np.testing.assert_array_equal(parts["value"], numbers.asnumpy()[:, 23:28])


def test_an_ntms_heads_have_their_ranges(rng):
    count = scratch.NTMMemory(N, W, R, shifts=5).numbers
    assert count == (R + 1) * (W + 5 + 3) + 2 * W
    asked = heads(array(rng.normal(0, 5, (4, count))), W, R, 5)
    parts = {name: part.asnumpy() for name, part in asked._asdict().items()}
    for name in ("gates", "erase"):
        assert ((parts[name] >= 0) & (parts[name] <= 1)).all()
    assert (parts["strengths"] >= 0).all()
    assert (parts["gammas"] >= 1).all()
    np.testing.assert_allclose(parts["shift"].sum(-1), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "size"),
    [
        (lambda numbers: interface(numbers, 5, 2), 38),
        (lambda numbers: heads(numbers, W, R, 5), 56),
    ],
)
def test_numbers_that_do_not_fit_are_told(call, size):
    call(mx.np.zeros((1, size)))
    for wrong in (size - 1, size + 1):
        rule = rf"`numbers` \(=of shape \(1, {wrong}\)\) must be \(B, {size}\)"
        with pytest.raises(ValueError, match=rule):
            call(mx.np.zeros((1, wrong)))
    with pytest.raises(ValueError, match=r"`numbers` .* must be \(B, I\)"):
        call(mx.np.zeros(size))
    for numbers in ("word", "reads"):
        sizes = {"word": W, "reads": R, numbers: 0}
        for function in (interface, heads):
            with pytest.raises(ValueError, match=rf"`{numbers}` \(=0\) must"):
                function(mx.np.zeros((1, size)), **sizes)


# --- whole networks


def test_a_trace_has_what_designs_promise(rng):
    net = network("dnc")
    x = array(sequences(rng))
    y, steps = net.trace(x)
    np.testing.assert_allclose(y.asnumpy(), net(x).asnumpy(), atol=1e-5)
    for name, size in {
        "memory": (N, W),
        "usage": (N,),
        "allocation": (N,),
        "precedence": (N,),
        "link": (N, N),
        "write_weights": (N,),
        "read_weights": (R, N),
        "free_gates": (R,),
        "write_gate": (1,),
        "allocation_gate": (1,),
        "read_modes": (R, 3),
    }.items():
        assert steps[name].shape == (B, T, *size), name
    _, steps = network("ntm").trace(x)
    assert steps["write_weights"].shape == (B, T, N)
    assert steps["read_weights"].shape == (B, T, R, N)
    total = steps["read_weights"].asnumpy().sum(-1)
    np.testing.assert_allclose(total, 1, rtol=1e-5)


@pytest.mark.parametrize(("kind", "steers"), BOTH)
def test_a_young_lstm_keeps_what_it_has(kind, steers):
    net = KINDS[kind](1, 4, 3, 1, steers, hidden=5, inputs=2)
    net.initialize()
    bias = net.weights.controller_bias.data().asnumpy()
    # of the gates i, f, o and g the second one forgets
    want = np.repeat([0, 1, 0, 0], 5) if steers == "lstm" else np.zeros(5)
    np.testing.assert_array_equal(bias, want)


def test_the_memory_starts_empty(rng):
    net = network("dnc")
    _, steps = net.trace(array(sequences(rng, steps=1)))
    first = {name: array.asnumpy()[:, 0] for name, array in steps.items()}
    assert not first["usage"].any()  # nothing was written before
    assert not first["link"].any()  # nor after anything
    np.testing.assert_array_equal(first["precedence"], first["write_weights"])
    # of slots that are all free, the first
    want = np.eye(N)[[0] * B]
    np.testing.assert_allclose(first["allocation"], want, atol=1e-6)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_examples_do_not_meet_and_the_future_is_not_seen(kind, graph, rng):
    net = network(kind, graph=graph)
    x = sequences(rng)
    y = net(array(x)).asnumpy()
    other = x.copy()
    other[1], other[0, 4:] = rng.normal(size=(T, X)), 7.0
    after = net(array(other)).asnumpy()
    np.testing.assert_allclose(y[0, :4], after[0, :4], atol=1e-6)
    assert abs(y[0, 4:] - after[0, 4:]).max() > 1e-3
    assert abs(y[1] - after[1]).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_network_says_the_same(kind, rng, tmp_path):
    x = array(sequences(rng))
    net, other = network(kind), network(kind, seed=1)
    assert abs(net(x) - other(x)).max() > 1e-3
    net.save_parameters(str(tmp_path / "net"))
    other.load_parameters(str(tmp_path / "net"))
    assert (net(x) == other(x)).all()


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_controller_moves_to_a_larger_memory(kind, graph, rng):
    net = network(kind, graph=graph)
    x = array(sequences(rng))
    before = net(x).asnumpy()
    net.slots = 40
    y, steps = net.trace(x)
    assert steps["memory"].shape == (B, T, 40, W)
    np.testing.assert_allclose(net(x).asnumpy(), y.asnumpy(), atol=1e-5)
    net.slots = N
    np.testing.assert_allclose(net(x).asnumpy(), before, atol=1e-6)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_sequences_of_other_lengths_and_sizes(kind, graph, rng):
    net = KINDS[kind](Y, N, W, R, hidden=H, graph=graph)
    net.initialize()
    for steps, batch in ((1, 1), (4, 2), (4, 3), (1, 2)):
        y = net(array(sequences(rng, steps, batch)))
        assert y.shape == (batch, steps, Y)


def test_shapes_of_a_whole_network():
    net = memory.DNC(20, slots=8, word=6, reads=2, hidden=16)
    net.initialize()
    y, steps = net.trace(mx.np.ones((3, 5, 10)))
    assert y.shape == net(mx.np.ones((3, 5, 10))).shape == (3, 5, 20)
    assert steps["memory"].shape == (3, 5, 8, 6)


def test_both_networks_have_the_same_defaults():
    for kind in KINDS.values():
        net = kind(Y, N, W, R)
        assert (net.controller, net.hidden) == ("lstm", 64)
    assert net.shifts == 3
    assert heads(mx.np.zeros((1, 48)), W, R).shift.shape == (1, R + 1, 3)


def test_the_repr_tells_the_sizes():
    net = memory.DNC(Y, N, W, R, hidden=H)
    assert repr(net) == "DNC(? -> 2: 5 × 4, 3 reads, lstm of 6)"


@pytest.mark.parametrize(("kind", "steers"), BOTH)
def test_it_learns_to_hand_on_a_bit(kind, steers):
    def loss(scores, y):
        return nn.binary_cross_entropy(scores[:, -1], y[:, -1])

    tasks = [memory.copy(16, 1, bits=2, seed=k) for k in range(20)]
    net = KINDS[kind](2, 4, 4, 1, steers, 16)
    history = train.fit(
        net,
        [(task.x, task.y) for task in tasks],
        loss=loss,
        optimizer=optim.Adam(0.02),
        epochs=8,
        device="cpu",
        seed=0,
    )
    assert history["loss"][0] > 0.6
    new = memory.copy(16, 1, bits=2, seed=99)
    scores = train.predict(net, new.x, device="cpu")
    assert memory.bit_errors(scores, new) < 0.05


# --- what goes wrong


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slots": 0}, r"`slots` \(=0\) must be a whole number from 1 up"),
        ({"word": 0}, r"`word` \(=0\) must be a whole number from 1 up"),
        ({"reads": 0}, r"`reads` \(=0\) must be a whole number from 1 up"),
        ({"outputs": 0}, r"`outputs` \(=0\) must be a whole number"),
        ({"hidden": 0}, r"`hidden` \(=0\) must be a whole number"),
        ({"inputs": -1}, r"`inputs` \(=-1\) must be a whole number from 0"),
        ({"controller": "gru"}, r"`controller` \(='gru'\) must be one of ls"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_impossible_sizes_are_told(kind, changes, message):
    settings = {"outputs": Y, "slots": N, "word": W, "reads": R}
    with pytest.raises(ValueError, match=message):
        KINDS[kind](**{**settings, **changes})


def test_an_even_number_of_shifts_is_told():
    with pytest.raises(ValueError, match=r"`shifts` \(=2\) must be odd"):
        memory.NTM(Y, N, W, R, shifts=2)


def test_what_is_no_sequence_is_told(rng):
    net = network("dnc")
    with pytest.raises(ValueError, match=r"`x` \(=of shape \(2, 3\)\) must "):
        net(mx.np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"must be .*\(B, T, 3\)"):
        net(mx.np.zeros((2, 4, 5)))
    late = memory.DNC(Y, N, W, R)
    late.initialize()
    late(mx.np.zeros((2, 4, 3)))  # decides
    with pytest.raises(ValueError, match=r"must be .*\(B, T, 3\)"):
        late(mx.np.zeros((2, 4, 5)))
    with pytest.raises(TypeError, match="a symbol"):
        net(mx.sym.var("x").as_np_ndarray())
    with pytest.raises(TypeError, match="array of numpy.* must be one of MX"):
        net(np.zeros((2, 4, 3)))
    net.slots = 7
    with pytest.raises(ValueError, match=r"`slots` \(=0\) must be"):
        net.slots = 0
    assert net.slots == 7


def test_the_first_number_that_is_none_is_named(rng):
    net = network("dnc")
    x = sequences(rng).astype("float32")
    x[0, 3, 1] = np.nan
    with autograd.record(), pytest.raises(TrainingDiverged) as found:
        net(array(x))
    assert "input at step 4 of 6" in str(found.value)
    net.weights.output_bias.set_data(mx.np.array([np.nan, 0]))
    with autograd.record(), pytest.raises(TrainingDiverged) as found:
        net(array(sequences(rng)))
    assert "parameter output_bias must be finite" in str(found.value)


def test_what_the_twin_cannot_compute_with_is_told(rng):
    net = scratch.MemoryNetwork(
        CONTROLLERS["lstm"](H), scratch.DNCMemory(N, W, R)
    )
    weights = {n: rng.normal(size=s) for n, s in net.shapes(X, Y).items()}
    x, up = sequences(rng), np.ones((B, T, Y))
    assert net.first_broken() == ""  # of nothing, nothing is broken
    with pytest.raises(NotFittedError, match="`backward` must come after"):
        net.backward(up)
    for wrong, message in (
        (x > 0, r"`x` \(=of bool\) must be an array of floats"),
        (x.tolist(), r"`x` \(=of list\) must be an array of floats"),
    ):
        with pytest.raises(TypeError, match=message):
            net.forward(wrong, weights)
    for wrong, message in (
        (x[0], r"`x` .*must have the shape \(B, T, X\)"),
        (x[:, :0], r"`x` \(=array of shape \(2, 0, 3\)\) must not be empty"),
        (x[:, :, :2], r"`input_weight` .* must have the shape \(24, 2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            net.forward(wrong, weights)
    for name in weights:
        rest = {n: w for n, w in weights.items() if n != name}
        with pytest.raises(ValueError, match=f"have '{name}' among|`output"):
            net.forward(x, rest)
        rest[name] = weights[name][:-1]
        with pytest.raises(ValueError, match=r"`\w+` .* must have the shape"):
            net.forward(x, rest)
    net.forward(x, weights)
    with pytest.raises(ValueError, match=r"`d_y` .* the shape \(2, 6, 2\)"):
        net.backward(up[:, :, :1])
    assert set(net.backward(up)) == {"x", *weights}


def test_of_what_a_step_computed_the_first_is_named(rng):
    net = scratch.MemoryNetwork(
        CONTROLLERS["lstm"](H), scratch.DNCMemory(N, W, R)
    )
    weights = {n: rng.normal(size=s) for n, s in net.shapes(X, Y).items()}
    net.forward(sequences(rng), weights)
    assert net.first_broken() == ""
    net.y[5, 0, 0] = net.memory.link[4, 1, 2, 3] = np.nan
    net.memory.read_weights[4, 1, 0, 0] = np.inf
    want = "The link at step 4 of 6 of the sequences must be finite; it"
    assert net.first_broken().startswith(want)
    net.memory.usage[3, 0, 1] = np.inf
    assert net.first_broken().startswith("The usage at step 3 of 6 ")
    net.seen[1, 0, H:] = np.nan  # what was read is told of as what made it
    net.seen[2, 0, H - 1] = np.nan
    want = "The controller's output at step 2 of 6 "
    assert net.first_broken().startswith(want)


def test_a_run_that_breaks_names_the_step_and_keeps_its_checkpoint(tmp_path):
    tasks = [memory.copy(4, 1, bits=2, seed=k) for k in range(3)]
    net = memory.DNC(2, N, W, 1, hidden=H, inputs=3)
    batches = [(task.x, task.y) for task in tasks]
    broken = mx.np.array([np.nan] * H * 4)

    class Break:
        def on_batch_end(self, run):
            if run.step == 4:
                net.weights.controller_bias.set_data(broken)

    def loss(scores, y):
        return nn.binary_cross_entropy(scores, y).mean(axis=1)

    settings = {"loss": loss, "optimizer": optim.Adam(0.01), "seed": 0}
    settings |= {"checkpoint": tmp_path / "run", "device": "cpu"}
    with pytest.raises(TrainingDiverged) as found:
        train.fit(net, batches, epochs=3, callbacks=[Break()], **settings)
    text = str(found.value)
    assert text.startswith("The parameter controller_bias must be finite;")
    assert "in epoch 2, batch 2 (step 5)" in text
    assert "stand, up to epoch 1" in text
    history = train.fit(net, batches, epochs=3, resume=True, **settings)
    assert history.epochs == 3
