"""Known value, oracle, property, gradient, learns: neural style."""

import numpy as onp
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl import optim
from fdl._mxnet import autograd, gluon, mx, nn, np, npx
from fdl.errors import ShapeError
from fdl.nn import get_parameters
from fdl.optim import value_and_gradient
from fdl.vision import Stages, cifar_convnet, style


class Toy(gluon.HybridBlock):
    """Two layers in float64, smooth, so that numeric gradients hold."""

    outputs = ("fine", "coarse")

    def __init__(self, seed=0, size=3):
        super().__init__()
        pad = size // 2
        with self.name_scope():
            self.fine = nn.Conv2D(4, size, padding=pad, in_channels=3)
            self.coarse = nn.Conv2D(
                5, size, 2, pad, in_channels=4, activation="softrelu"
            )
        self.cast("float64")
        self.initialize(mx.init.Zero())
        rng = onp.random.default_rng(seed)
        for parameter in self.collect_params().values():
            value = rng.normal(0, 0.3, parameter.shape)
            parameter.set_data(np.array(value))

    def hybrid_forward(self, F, x):
        fine = self.fine(x)
        return [fine, self.coarse(F.npx.activation(fine, "softrelu"))]


LAYERS = {"content_layer": "coarse", "style_layers": ("fine", "coarse")}


def pictures(seed=0, size=(6, 7), artwork=(6, 7)):
    rng = onp.random.default_rng(seed)
    return rng.normal(size=(1, 3, *size)), rng.normal(size=(1, 3, *artwork))


def gram_by_hand(maps):
    k, H, W = maps.shape
    G = onp.zeros((k, k))
    for i in range(k):
        for j in range(k):
            for u in range(H):
                for v in range(W):
                    G[i, j] += maps[i, u, v] * maps[j, u, v]
    return G


def errors_by_hand(net, photograph, artwork, x, w):
    P, A, X = (
        [maps.asnumpy()[0] for maps in net(np.array(picture))]
        for picture in (photograph, artwork, x)
    )
    content = sum((P[1] - X[1]).ravel() ** 2)
    share = []
    for a, b in zip(A, X):
        k, m = len(b), b[0].size
        # an artwork of another size counts as if it had m places
        gap = gram_by_hand(a) * m / a[0].size - gram_by_hand(b)
        share.append((gap**2).sum() / (4 * k**2 * m**2))
    variation = sum(
        (x[0, c, i, j] - x[0, c, i - di, j - dj]) ** 2
        for c in range(3)
        for i in range(x.shape[2])
        for j in range(x.shape[3])
        for di, dj in ((1, 0), (0, 1))
        if i >= di and j >= dj
    )
    found = {
        "content": w[0] * content,
        "style": w[1] * sum(share) / len(share),
        "variation": w[2] * variation,
    }
    return {**found, "total": sum(found.values())}


# --- the pieces


def test_a_gram_matrix_by_hand():
    # two maps of 1 × 3: (1, 2, 3) and (1, 0, −1)
    maps = np.array([[[[1.0, 2.0, 3.0]], [[1.0, 0.0, -1.0]]]])
    assert style.gram(maps).asnumpy().tolist() == [[[14, -2], [-2, 2]]]


def test_a_gram_matrix_is_a_sum_over_places():
    maps = onp.random.default_rng(0).normal(size=(2, 4, 3, 5))
    G = style.gram(np.array(maps)).asnumpy()
    assert G.shape == (2, 4, 4)
    for b in range(2):
        onp.testing.assert_allclose(G[b], gram_by_hand(maps[b]), rtol=1e-12)


def test_where_in_the_picture_does_not_matter():
    rng = onp.random.default_rng(1)
    maps = rng.normal(size=(1, 4, 3, 5))
    order = rng.permutation(15)
    moved = maps.reshape(1, 4, 15)[:, :, order].reshape(maps.shape)
    G, H = (style.gram(np.array(m)).asnumpy() for m in (maps, moved))
    onp.testing.assert_allclose(H, G, rtol=1e-12)
    # but which map it is does
    swapped = style.gram(np.array(maps[:, ::-1].copy())).asnumpy()
    assert abs(swapped - G).max() > 0.1


def test_a_network_of_single_pixels_cannot_see_order():
    net = Toy(size=1)
    photograph, artwork = pictures(artwork=(6, 6))
    order = onp.random.default_rng(2).permutation(36)
    moved = artwork.reshape(1, 3, 36)[:, :, order].reshape(artwork.shape)
    task = style.NeuralStyle(
        net, artwork, moved, content_layer="fine", style_layers=("fine",)
    )
    found = task.errors(np.array(artwork))
    assert float(found["style"]) < 1e-18
    assert float(found["content"]) == 0


@pytest.mark.parametrize("symbolic", [False, True])
def test_the_gram_matrix_works_in_a_graph(symbolic):
    class Block(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return style.gram(x)

    block = Block()
    if symbolic:
        block.hybridize()
    x = np.array(onp.arange(12.0).reshape(1, 3, 2, 2))
    expected = gram_by_hand(x.asnumpy()[0])
    assert onp.array_equal(block(x).asnumpy()[0], expected)


def test_one_layers_share_has_its_own_factor():
    A = np.array([[[2.0, 0.0], [0.0, 0.0]]])
    G = np.array([[[0.0, 1.0], [1.0, 0.0]]])
    # (4 + 1 + 1) / (4 · 2² · 3²)
    assert float(style.style_error(A, G, 3)) == pytest.approx(6 / 144)


def test_content_error_is_a_plain_sum():
    P, X = np.array([[1.0, 2.0]]), np.array([[3.0, 1.0]])
    assert float(style.content_error(P, X)) == 5
    with pytest.raises(ShapeError, match=r"`X` .*\(1, 1\).* of `P`, \(1, 2\)"):
        style.content_error(P, X[:, :1])


def test_total_variation_by_hand():
    x = np.array([[[[1.0, 3.0], [2.0, 7.0]]]])
    assert float(style.total_variation(x)) == 1 + 16 + 4 + 25


# --- the whole


@pytest.mark.parametrize("artwork", [(6, 7), (9, 5)])
def test_the_errors_are_the_formulas(artwork):
    net = Toy()
    photograph, art = pictures(artwork=artwork)
    w = (0.5, 3.0, 0.25)
    task = style.NeuralStyle(
        net,
        photograph,
        art,
        **LAYERS,
        content_weight=w[0],
        style_weight=w[1],
        variation_weight=w[2],
    )
    x = onp.random.default_rng(5).normal(size=photograph.shape)
    found = task.errors(np.array(x))
    expected = errors_by_hand(net, photograph, art, x, w)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert value > 1e-3
        assert float(found[name]) == pytest.approx(value, rel=1e-9), name


def test_the_photograph_has_its_content_and_the_artwork_its_style():
    net = Toy()
    photograph, artwork = pictures()
    task = style.NeuralStyle(net, photograph, artwork, **LAYERS)
    at_photograph = task.errors(np.array(photograph))
    at_artwork = task.errors(np.array(artwork))
    assert float(at_photograph["content"]) == 0 < at_artwork["content"]
    assert float(at_artwork["style"]) < 1e-15 < at_photograph["style"]


def test_the_gradient_is_the_numeric_one():
    net = Toy()
    photograph, artwork = pictures(size=(4, 5))
    task = style.NeuralStyle(
        net, photograph, artwork, **LAYERS, style_weight=3.0
    )

    def f(vector):
        return task.errors(vector.reshape(task.shape))["total"]

    x = onp.random.default_rng(7).normal(size=photograph.size)
    _, ours = value_and_gradient(f, x)
    numeric = central_differences(lambda x: f(np.array(x)), x)
    assert_gradients_agree(ours, numeric)


def test_the_network_stays_as_it_is():
    net = Toy()
    single(net)
    before = [p.data().asnumpy() for p in net.collect_params().values()]
    photograph, artwork = (p.astype("float32") for p in pictures())
    task = style.NeuralStyle(net, photograph, artwork, **LAYERS)
    style.paint(task, photograph, evaluations=5)
    after = [p.data().asnumpy() for p in net.collect_params().values()]
    assert all(map(onp.array_equal, before, after))


def single(net):
    net.cast("float32")
    return net


@pytest.mark.parametrize("method", ["lbfgs", optim.Adam(0.05)])
def test_painting_lowers_the_error(method):
    net = single(Toy())
    photograph, artwork = (p.astype("float32") for p in pictures())
    task = style.NeuralStyle(
        net,
        photograph,
        artwork,
        **LAYERS,
        content_weight=0.01,  # else the two pull in different directions
        style_weight=10.0,
        variation_weight=0.0,
    )
    painting = style.paint(task, photograph, method, evaluations=60)
    totals = painting.errors["total"]
    assert len(totals) == 60
    assert min(totals) < 0.1 * totals[0]
    assert painting.x.shape == photograph.shape
    # what is returned is the best that was seen
    at_end = task.errors(np.array(painting.x, dtype="float32"))
    assert float(at_end["total"]) == pytest.approx(min(totals), rel=1e-5)
    for name in ("content", "style", "variation"):
        assert len(painting.errors[name]) == 60
    assert style.paint(task, photograph, method, 1).errors["total"] == [
        totals[0]
    ]


def test_the_best_is_kept_where_a_rule_overshoots():
    net = single(Toy())
    photograph, artwork = (p.astype("float32") for p in pictures())
    task = style.NeuralStyle(net, photograph, artwork, **LAYERS)
    wild = style.paint(task, photograph, optim.Adam(3.0), 8)
    assert min(wild.errors["total"]) < wild.errors["total"][-1]
    at_end = task.errors(np.array(wild.x, dtype="float32"))
    least = min(wild.errors["total"])
    assert float(at_end["total"]) == pytest.approx(least, rel=1e-5)


def test_content_alone_brings_the_photograph_back():
    net = single(Toy())
    photograph, artwork = (p.astype("float32") for p in pictures())
    task = style.NeuralStyle(
        net,
        photograph,
        artwork,
        content_layer="fine",
        style_layers=("coarse",),
        style_weight=0.0,
        variation_weight=0.0,
    )
    noise = onp.random.default_rng(3).normal(size=photograph.shape)
    painting = style.paint(task, noise, evaluations=300)
    # four maps of three colours: the layer can be undone
    assert abs(noise - photograph).mean() > 0.5
    assert abs(painting.x - photograph).mean() < 0.02


def test_a_network_that_normalizes_is_at_rest_and_stays_as_it_is():
    net = cifar_convnet(norm=True)
    net.initialize()
    stages = Stages(net.features, ("0", "2"))
    rng = onp.random.default_rng(0)
    photograph, artwork = rng.normal(size=(2, 1, 3, 16, 16)).astype("float32")
    layers = {"content_layer": "2", "style_layers": ("0", "2")}
    task = style.NeuralStyle(stages, photograph, artwork, **layers)
    before = get_parameters(net)
    with autograd.record():
        at_start = task.errors(np.array(photograph))["content"]
    assert float(at_start) == pytest.approx(0, abs=1e-6)
    style.paint(task, artwork, evaluations=3)
    npx.waitall()
    for name, array in get_parameters(net).items():
        onp.testing.assert_array_equal(array, before[name])


# --- refusals


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content_layer": "relu4_2"}, "'relu4_2'.* among the outputs"),
        ({"style_layers": ("fine", "x")}, "'x'.* among the outputs"),
        ({"style_layers": ()}, "`style_layers` .* name one layer at least"),
    ],
)
def test_layers_that_are_not_there_are_told(change, message):
    with pytest.raises(ValueError, match=message):
        style.NeuralStyle(Toy(), *pictures(), **{**LAYERS, **change})


@pytest.mark.parametrize("argument", ["photograph", "artwork"])
def test_what_is_not_one_whole_picture_is_refused(argument):
    right = dict(zip(("photograph", "artwork"), pictures()))
    for wrong in (onp.zeros((2, 3, 6, 7)), onp.zeros((3, 6, 7))):
        with pytest.raises(ShapeError, match=f"`{argument}` .* the shape .1,"):
            style.NeuralStyle(Toy(), **{**right, argument: wrong}, **LAYERS)
    hole = right[argument].copy()
    hole[0, 1, 2, 3] = onp.nan
    with pytest.raises(
        ValueError, match=rf"`{argument}` \(=nan at \(0, 1, 2, 3\)\) must"
    ):
        style.NeuralStyle(Toy(), **{**right, argument: hole}, **LAYERS)


@pytest.mark.parametrize("kind", ["content", "style", "variation"])
@pytest.mark.parametrize("weight", [-1, float("nan"), "a"])
def test_weights_of_errors_are_from_0_up(kind, weight):
    options = {**LAYERS, f"{kind}_weight": weight}
    with pytest.raises(ValueError, match=f"`{kind}_weight` .* from 0 up"):
        style.NeuralStyle(Toy(), *pictures(), **options)


def test_a_network_that_names_no_layers_is_refused():
    net = Toy()
    for outputs in ("conv1", None):
        net.outputs = outputs
        with pytest.raises(ValueError, match=r"`net` \(='Toy'\) must name"):
            style.NeuralStyle(net, *pictures(), **LAYERS)


@pytest.mark.parametrize(
    ("start", "options", "message"),
    [
        ((1, 3, 6, 6), {}, r"`start` .*\(1, 3, 6, 6\).* \(1, 3, 6, 7\)"),
        ((1, 3, 6, 7), {"method": "sgd"}, "`method` .*'sgd'.* must be"),
        ((1, 3, 6, 7), {"evaluations": 0}, "`evaluations` .* from 1 up"),
        ((1, 3, 6, 7), {"evaluations": "3"}, "`evaluations` .* from 1 up"),
    ],
)
def test_wrong_arguments_of_paint_are_told(start, options, message):
    task = style.NeuralStyle(Toy(), *pictures(), **LAYERS)
    with pytest.raises(ValueError, match=message):
        style.paint(task, onp.zeros(start), **options)
    with pytest.raises(ValueError, match=r"`start` \(=nan at .* finite"):
        style.paint(task, onp.full(task.shape, onp.nan))


def test_the_gradient_is_recorded_through_the_network():
    net = Toy()
    photograph, artwork = pictures()
    task = style.NeuralStyle(net, photograph, artwork, **LAYERS)
    x = np.array(artwork)
    x.attach_grad()
    with autograd.record():
        total = task.errors(x)["content"]
    total.backward()
    assert float(abs(x.grad).max()) > 1e-3
    mx.nd.waitall()
