"""The architectures: hand counts, the papers' numbers, one step of training.

Nothing is computed on images of 224 x 224: shapes are inferred. What trains
are small versions.
"""

import functools

import numpy as onp
import pytest

from fdl._mxnet import autograd, gluon, mx, np
from fdl.errors import ShapeError
from fdl.nn import He, cross_entropy, summarize, trace
from fdl.scratch import conv2d
from fdl.vision import (
    ARCHITECTURES,
    VGG,
    AlexNet,
    DenseNet,
    GoogLeNet,
    LeNet5,
    ResNet,
    anatomy,
    architecture,
    densenet_cifar,
    resnet18,
    resnet_cifar,
)
from fdl.vision import vgg as vgg_module
from tests.vision import hand_counts as hand

zoo = gluon.model_zoo.vision
anatomy = functools.cache(anatomy)  # an anatomy never changes
IMAGENET, CIFAR = (3, 224, 224), (3, 32, 32)

COUNTS = {
    "lenet5": hand.lenet5(),
    "alexnet": hand.alexnet(),
    "vgg11": hand.vgg("A"),
    "vgg13": hand.vgg("B"),
    "vgg16c": hand.vgg("C"),
    "vgg16": hand.vgg("D"),
    "vgg19": hand.vgg("E"),
    "googlenet": hand.googlenet(),
    "resnet18": hand.resnet((2, 2, 2, 2), False),
    "resnet34": hand.resnet((3, 4, 6, 3), False),
    "resnet50": hand.resnet((3, 4, 6, 3), True),
    "resnet101": hand.resnet((3, 4, 23, 3), True),
    "resnet152": hand.resnet((3, 8, 36, 3), True),
    **{
        f"resnet{6 * n + 2}": hand.resnet(
            (n, n, n), False, width=16, stem=3, classes=10, project=False
        )
        for n in (3, 9, 18)
    },
    "densenet121": hand.densenet((6, 12, 24, 16), 32, 64),
    "densenet161": hand.densenet((6, 12, 36, 24), 48, 96),
    "densenet169": hand.densenet((6, 12, 32, 32), 32, 64),
    "densenet201": hand.densenet((6, 12, 48, 32), 32, 64),
    "densenet40": hand.densenet(
        (12, 12, 12), 12, 16, False, 1.0, stem=3, classes=10
    ),
    "densenet_bc100": hand.densenet((16, 16, 16), 12, 24, stem=3, classes=10),
}
# millions of parameters as the papers print them, and their last digit
PRINTED = {
    "lenet5": (0.06, 0.01),  # [LeCun 1998] 60,000
    "alexnet": (60, 1),
    "vgg11": (133, 1),
    "vgg13": (133, 1),
    "vgg16c": (134, 1),
    "vgg16": (138, 1),
    "vgg19": (144, 1),
    "resnet20": (0.27, 0.01),
    "resnet56": (0.85, 0.01),
    "resnet110": (1.7, 0.1),
    "densenet40": (1.0, 0.1),
    "densenet_bc100": (0.8, 0.1),
}
DEPTHS = {
    "lenet5": 5,
    "alexnet": 8,
    "vgg16c": 16,
    "googlenet": 22,
    "densenet_bc100": 100,
}


def test_every_architecture_has_a_hand_count():
    assert set(COUNTS) == set(ARCHITECTURES)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_parameters_are_those_counted_by_hand(name):
    assert anatomy(name).parameters == COUNTS[name]


@pytest.mark.parametrize("name", PRINTED)
def test_parameters_are_the_papers_to_their_rounding(name):
    printed, digit = PRINTED[name]
    found = anatomy(name).parameters / 1e6
    if name == "alexnet":  # "60 million" is cut off, not rounded
        assert printed <= found < printed + digit
    else:
        assert abs(found - printed) <= digit / 2


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_depth_is_the_one_in_the_name(name):
    known = DEPTHS.get(name) or int("".join(filter(str.isdigit, name)))
    assert anatomy(name).depth == known


@pytest.mark.parametrize(
    ("options", "millions"),
    [
        ({"depth": 40, "growth": 12}, 1.0),
        ({"depth": 100, "growth": 12}, 7.0),
        ({"depth": 100, "growth": 24}, 27.2),
        ({"depth": 100, "growth": 12, "bottleneck": True}, 0.8),
        ({"depth": 250, "growth": 24, "bottleneck": True}, 15.3),
        ({"depth": 190, "growth": 40, "bottleneck": True}, 25.6),
    ],
)
def test_densenets_for_cifar_have_the_papers_parameters(options, millions):
    found = summarize(densenet_cifar(**options), CIFAR)
    assert found.depth == options["depth"]
    assert abs(found.parameters / 1e6 - millions) <= 0.05


def test_a_transition_leaves_no_part_of_a_channel():
    net = DenseNet((1, 1), 3, first=8, stem="small", compression=0.5)
    # [1]: floor(θ m) maps; m is 8 + 3 here
    assert net.features[2][2].weight.shape == (5, 11, 1, 1)


def test_lenet5_trains_sixty_thousand_parameters_below_its_output():
    found = anatomy("lenet5")
    assert found.parameters - found.weighted[-1].parameters == 60_000
    assert hand.lenet5(output=False) == 60_000
    # connections: multiply-adds, biases, and 5 for each subsampled unit
    biases = 6 * 28**2 + 16 * 10**2 + 120 + 84
    subsampled = 5 * (6 * 14**2 + 16 * 5**2)
    assert found.multiply_adds + biases + subsampled == 340_908
    modern = summarize(LeNet5(modern=True), (1, 32, 32))
    assert modern.parameters == 156 + 2416 + 48_120 + 10_164 + 850


def test_alexnet_has_the_papers_layers():
    found = anatomy("alexnet")
    assert len(found.weighted) == 8
    assert [layer.shape for layer in found.weighted] == [
        (96, 55, 55),
        (256, 27, 27),
        (384, 13, 13),
        (384, 13, 13),
        (256, 13, 13),
        (4096,),
        (4096,),
        (1000,),
    ]
    assert round(found.units, -4) == 660_000  # "650,000 neurons"
    together = summarize(AlexNet(groups=1), IMAGENET)
    assert together.parameters == 62_378_344


def test_vgg16_keeps_fifteen_million_numbers():
    found = anatomy("vgg16")
    places = [224, 224, 112, 112, 56, 56, 56, *[28] * 3, *[14] * 3]
    kernels = [64, 64, 128, 128, 256, 256, 256, *[512] * 6]
    convolved = sum(k * n * n for k, n in zip(kernels, places))
    pooled = sum(
        k * n * n
        for k, n in ((64, 112), (128, 56), (256, 28), (512, 14), (512, 7))
    )
    dense = 4096 + 4096 + 1000
    kept = 3 * 224**2 + convolved + pooled + dense
    assert found.activations == kept
    assert round(kept / 1e6, 1) == 15.2
    assert found.activations_apart == kept + convolved + 2 * 4096


def test_vgg_c_has_kernels_of_one_by_one_and_the_others_have_not():
    for column in "ABCDE":
        shapes = {
            p.shape[2:]
            for p in VGG(vgg_module.SPECS[column]).collect_params().values()
            if len(p.shape) == 4
        }
        assert shapes == ({(3, 3), (1, 1)} if column == "C" else {(3, 3)})
    normalized = summarize(
        VGG(vgg_module.SPECS["A"], local_response=True), IMAGENET
    )
    assert normalized.parameters == hand.vgg("A")
    assert sum(layer.kind == "LRN" for layer in normalized.layers) == 1


def test_googlenet_has_22_layers_in_depth_and_58_in_all():
    found = anatomy("googlenet")
    assert found.depth == 22
    assert len(found.weighted) == 58
    assert [
        layer.shape[1] for layer in found.layers if layer.kind == "LRN"
    ] == [
        56,
        56,
    ]
    for name, row in hand.GOOGLENET.items():
        module = [
            layer
            for layer in found.weighted
            if layer.path.startswith(f"inception{name}.")
        ]
        assert sum(layer.parameters for layer in module) == hand.inception(
            *row
        )
        assert module[0].shape[1] == {"3": 28, "4": 14, "5": 7}[name[0]]
    heads = summarize(GoogLeNet(auxiliary=True), IMAGENET)
    assert heads.parameters == hand.googlenet(auxiliary=True)
    # "1.5 billion multiply-adds at inference time"
    assert round(found.multiply_adds / 1e9, 1) in (1.5, 1.6)


@pytest.mark.parametrize(
    ("depth", "billions"),
    [(18, 1.8), (34, 3.6), (50, 3.8), (101, 7.6), (152, 11.3)],
)
def test_resnets_have_the_papers_multiply_adds(depth, billions):
    found = anatomy(f"resnet{depth}").multiply_adds / 1e9
    assert abs(found - billions) < 0.07  # some are rounded, some cut off


@pytest.mark.parametrize(
    "name", [n for n in ARCHITECTURES if n.startswith(("vgg", "resnet"))]
)
def test_the_models_of_gluon_are_counted_alike(name):
    theirs = getattr(zoo, name, None) or getattr(zoo, f"{name}_v1", None)
    if theirs is None:
        assert name in ("vgg16c", "resnet20", "resnet56", "resnet110")
        return
    net = theirs()
    found, ours = summarize(net, IMAGENET), anatomy(name)
    # theirs has biases under the normalization of its bottlenecks
    biases = sum(
        parameter.shape[0]
        for path, parameter in net.collect_params(".*conv.*bias").items()
        if name.startswith("resnet")
    )
    assert (biases > 0) == (name in ("resnet50", "resnet101", "resnet152"))
    assert ours.parameters == found.parameters - biases
    assert ours.multiply_adds == found.multiply_adds
    assert ours.fields == found.fields
    assert [layer.shape for layer in ours.weighted] == [
        layer.shape for layer in found.weighted
    ]


def test_options_reach_the_network():
    found = summarize(
        architecture("resnet18", classes=7, channels=1), (1, 64, 64)
    )
    assert found.weighted[-1].shape == (7,)
    half = summarize(resnet18(scale=0.5), IMAGENET)
    assert half.weighted[0].shape == (32, 112, 112)
    assert half.weighted[-1].shape == (1000,)


# --- small versions


SMALL = {
    "LeNet5": (lambda: LeNet5(5, channels=3, size=16), 16),
    "LeNet5, modern": (
        lambda: LeNet5(5, channels=3, size=16, modern=True),
        16,
    ),
    "AlexNet": (lambda: AlexNet(5, stem="small", size=15, scale=0.05), 15),
    "VGG": (
        lambda: VGG(((3,), (3, 1)), 5, size=8, widths=(8, 8), hidden=16),
        8,
    ),
    "GoogLeNet": (lambda: GoogLeNet(5, stem="small", scale=0.06), 12),
    "ResNet": (lambda: ResNet((1, 1), 5, width=4, stem="small"), 8),
    "ResNet, bottlenecks": (
        lambda: ResNet((1, 1), 5, width=4, bottleneck=True, stem="small"),
        8,
    ),
    "ResNet, plain": (
        lambda: ResNet((1, 1), 5, width=4, shortcut="none", stem="small"),
        8,
    ),
    "DenseNet": (lambda: DenseNet((2, 2), 4, 5, stem="small"), 8),
    "DenseNet, plain": (
        lambda: DenseNet(
            (2, 2), 4, 5, stem="small", bottleneck=False, compression=1.0
        ),
        8,
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_architecture_learns_a_batch(name):
    build, size = SMALL[name]
    rng = onp.random.default_rng(0)
    x = np.array(rng.normal(size=(10, 3, size, size)).astype("float32"))
    t = np.array(onp.arange(10) % 5)
    net = build()
    mx.random.seed(0)
    net.initialize()
    eager = net(x).asnumpy()
    assert eager.shape == (10, 5)
    net.hybridize(static_alloc=True, static_shape=True)
    onp.testing.assert_allclose(net(x).asnumpy(), eager, rtol=1e-3, atol=1e-5)
    trainer = gluon.Trainer(
        net.collect_params(), "adam", {"learning_rate": 3e-3}, kvstore=None
    )
    losses = []
    for _ in range(60):
        with autograd.record():
            loss = cross_entropy(net(x), t).mean()
        loss.backward()
        trainer.step(1)
        losses.append(float(loss))
    assert onp.mean(losses[-5:]) < 0.6 * losses[0]
    for parameter in net.collect_params().values():
        if parameter.grad_req != "null":
            assert onp.isfinite(parameter.grad().asnumpy()).all()


def test_auxiliary_heads_are_two_more_outputs():
    net = GoogLeNet(5, stem="small", scale=0.06, auxiliary=True)
    net.initialize()
    outputs = net(np.zeros((2, 3, 44, 44)))
    assert [y.shape for y in outputs] == [(2, 5)] * 3
    names = net._collect_params_with_prefix()
    assert any(name.startswith("head4a.") for name in names)
    assert any(name.startswith("head4d.") for name in names)


def operators(net, size):
    """Return kind, or kind and its setting, of each operator in order."""
    told = {"Dropout": "p", "Pooling": "pool_type"}
    return [
        (node.kind, node.settings[told[node.kind]])
        if node.kind in told
        else node.kind
        for node in trace(net, (3, size, size))
    ]


@pytest.mark.parametrize(
    ("build", "end"),
    [
        (
            lambda: AlexNet(5, dropout=0.3, scale=0.05),
            "max drop dense relu drop dense relu dense",
        ),
        (
            lambda: VGG(((3,),) * 2, 5, dropout=0.3, widths=(4, 4), scale=0.1),
            "max dense relu drop dense relu drop dense",
        ),
        (
            lambda: GoogLeNet(5, dropout=0.3, scale=0.05),
            "Concat mean drop dense",
        ),
        (
            lambda: DenseNet((1, 1), 4, 5, dropout=0.3),
            "norm relu conv norm relu conv drop Concat norm relu mean dense",
        ),
        (
            lambda: ResNet((1,), 5, width=4),
            "conv norm _npi_add _npx_relu mean dense",
        ),
    ],
)
def test_the_top_is_in_the_papers_order(build, end):
    names = {
        ("Dropout", 0.3): "drop",
        ("Pooling", "max"): "max",
        ("Pooling", "avg"): "mean",
        "Activation": "relu",
        "BatchNorm": "norm",
        "Convolution": "conv",
        "FullyConnected": "dense",
        "_npi_concatenate": "Concat",
    }
    net = build()
    found = [names.get(kind, kind) for kind in operators(net, net.size or 224)]
    assert " ".join(found).endswith(end)


def test_auxiliary_heads_look_at_means_of_five_by_five():
    net = GoogLeNet(5, scale=0.05, auxiliary=True)
    nodes = trace(net, IMAGENET)
    places = [
        number
        for number, node in enumerate(nodes)
        if node.settings.get("kernel") == (5, 5) and node.kind == "Pooling"
    ]
    assert len(places) == 2
    for number in places:
        assert nodes[number].settings["stride"] == (3, 3)
        assert nodes[number].settings["pool_type"] == "avg"
        head = nodes[number + 1 : number + 7]
        assert [node.kind for node in head] == [
            "Convolution",
            "Activation",
            "FullyConnected",
            "Activation",
            "Dropout",
            "FullyConnected",
        ]
        assert head[4].settings["p"] == 0.7


def test_weights_start_by_hes_rule():
    net = resnet_cifar(20)
    net.initialize()
    weight = net.features[1].body[0].conv.weight
    assert isinstance(weight.init, He)
    deviation = weight.data().asnumpy().std()
    assert deviation == pytest.approx((2 / (16 * 9)) ** 0.5, rel=0.1)


# --- LeNet's own parts


def test_each_map_of_c3_sees_the_maps_of_its_row():
    net = LeNet5()
    net.initialize()
    c3 = net.features[4]
    x = onp.random.default_rng(0).normal(size=(2, 6, 9, 9)).astype("float32")
    y = c3(np.array(x)).asnumpy()
    assert y.shape == (2, 16, 5, 5)
    # table I of the paper, row by row: which of C3's maps see this map of S2
    rows = [
        "X   XXX  XXXX XX",
        "XX   XXX  XXXX X",
        "XXX   XXX  X XXX",
        " XXX  XXXX  X XX",
        "  XXX  XXXX XX X",
        "   XXX  XXXX XXX",
    ]
    w = onp.zeros((16, 6, 5, 5), "float32")
    for k in range(16):
        seen = [c for c in range(6) if rows[c][k] == "X"]
        layer = getattr(c3, f"map{k}")
        w[k, seen] = layer.weight.data().asnumpy()[0]
    onp.testing.assert_allclose(y, conv2d(x, w), rtol=1e-4, atol=1e-5)


def test_subsampling_has_one_weight_and_one_bias_for_each_map():
    net = LeNet5()
    net.initialize()
    s2, squash = net.features[2], net.features[3]
    s2.weight.set_data(np.array([[1.0, 2, 3, 4, 5, 6]]).reshape(1, 6, 1, 1))
    s2.bias.set_data(np.array([[6.0, 5, 4, 3, 2, 1]]).reshape(1, 6, 1, 1))
    x = onp.random.default_rng(0).normal(size=(1, 6, 4, 4)).astype("float32")
    mean = x.reshape(1, 6, 2, 2, 2, 2).mean(axis=(3, 5))
    for c in range(6):
        mean[:, c] = (c + 1) * mean[:, c] + 6 - c
    y = s2(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, mean, rtol=1e-5, atol=1e-6)
    ends = squash(np.array([-1.0, 0.0, 1.0])).asnumpy()
    onp.testing.assert_allclose(ends, [-1, 0, 1], atol=1e-3)


# --- bad input


@pytest.mark.parametrize("name", SMALL)
def test_the_smallest_image_fits_and_a_smaller_one_is_refused(name):
    build, size = SMALL[name]
    net = build()
    least = net.least
    fixed = net.size is not None
    if fixed:
        assert size >= least
    else:
        summarize(build(), (3, least, least))
        net.initialize()
        with pytest.raises(ShapeError, match=f"H and W from {least} up"):
            net(np.zeros((1, 3, least - 1, least)))


@pytest.mark.parametrize(
    "build",
    [
        lambda size: AlexNet(size=size),
        lambda size: AlexNet(size=size, stem="small"),
        lambda size: VGG(((3,), (3,), (3,)), size=size, widths=(2, 2, 2)),
        lambda size: LeNet5(channels=3, size=size),
        lambda size: LeNet5(channels=3, size=size, modern=True),
    ],
)
def test_the_smallest_size_is_really_the_smallest(build):
    least = build(100).least
    summarize(build(least), (3, least, least))
    with pytest.raises(ValueError, match=rf"`size` \(={least - 1}\) must be"):
        build(least - 1)
    # and it would not have worked
    with pytest.raises(ShapeError, match="must suit"):
        summarize(build(least), (3, least - 1, least - 1))


def test_an_image_must_leave_a_place_after_all_strides():
    assert [resnet18().least, ResNet((1, 1, 1), stem="small").least] == [32, 4]
    nets = [DenseNet((1,) * 4), DenseNet((1,) * 4, stem="small")]
    assert [net.least for net in nets] == [32, 8]


@pytest.mark.parametrize("auxiliary", [False, True])
@pytest.mark.parametrize("stem", ["imagenet", "small"])
def test_googlenets_smallest_image_is_really_the_smallest(stem, auxiliary):
    net = GoogLeNet(5, stem=stem, scale=0.1, auxiliary=auxiliary)
    summarize(net, (3, net.least, net.least))
    with pytest.raises(ShapeError, match="must suit"):
        summarize(net, (3, net.least - 1, net.least - 1))


def test_images_that_do_not_fit_are_refused_with_their_sizes():
    net = ResNet((1, 1), 5, width=4, stem="small")
    net.initialize()
    for shape in ((3, 8, 8), (1, 4, 8, 8), (1, 8, 8, 3)):
        with pytest.raises(
            ShapeError, match=r"must be images of shape \(B, 3"
        ):
            net(np.zeros(shape))
    with pytest.raises(TypeError, match="`x` .* must be of float32"):
        net(np.zeros((1, 3, 8, 8), dtype="int32"))
    fixed = LeNet5()
    fixed.initialize()
    with pytest.raises(ShapeError, match=r"\(B, 1, 32, 32\)"):
        fixed(np.zeros((1, 1, 28, 28)))


def test_a_network_in_another_type_takes_that_type():
    net = ResNet((1, 1), 5, width=4, stem="small")
    net.cast("float64")
    net.initialize()
    x = np.zeros((1, 3, 8, 8), dtype="float64")
    assert net(x).dtype == onp.float64


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match=r"`name` \(='resnet_18'\).* \(did"):
        architecture("resnet_18")
    with pytest.raises(ValueError, match="must be an .*: lenet5, alexnet, vg"):
        anatomy("transformer")
    with pytest.raises(ValueError, match=r"`name` \(=\['a'\]\) must be an"):
        architecture(["a"])
    for depth in (19, 2, "20"):
        with pytest.raises(ValueError, match="`depth` .* 2 more than a multi"):
            resnet_cifar(depth)
    with pytest.raises(ValueError, match="`depth` .* 4 more than a multiple"):
        densenet_cifar("40")
    with pytest.raises(ValueError, match="`depth` .* 4 more than a multiple"):
        densenet_cifar(41)
    with pytest.raises(ValueError, match="`depth` .* 4 more .* of 6"):
        densenet_cifar(43, bottleneck=True)


@pytest.mark.parametrize(
    "build", [AlexNet, GoogLeNet, lambda **o: ResNet((1,), **o), DenseNet]
)
def test_bad_arguments_are_refused(build):
    if build is DenseNet:

        def build(**options):
            return DenseNet((1, 1), **options)

    with pytest.raises(ValueError, match="`stem` .* one of imagenet, small"):
        build(stem="huge")
    with pytest.raises(ValueError, match="`scale` .* be a number above 0"):
        build(scale=0)
    with pytest.raises(ValueError, match="`classes`"):
        build(classes=0)
    with pytest.raises(ValueError, match="`channels`"):
        build(channels=-1)


def test_bad_shapes_of_families_are_refused():
    for options in ({"scale": float("inf")}, {"scale": "1"}, {"width": 0}):
        ((name, value),) = options.items()
        with pytest.raises(ValueError, match=rf"`{name}` \(={value!r}\) must"):
            ResNet((1, 1), **options)
    with pytest.raises(ValueError, match=r"`scale` \(=2\) must be 1, or"):
        LeNet5(scale=2)
    assert summarize(LeNet5(modern=True, scale=2), (1, 32, 32)).parameters == (
        12 * 26 + 32 * 301 + 240 * 801 + 168 * 241 + 1690
    )
    with pytest.raises(ValueError, match="`widths` .* 2 whole numbers"):
        VGG(((3,), (3,)), widths=(4,))
    with pytest.raises(ValueError, match="`stages`"):
        VGG(((3,), (0,)), widths=(4, 4))
    for stages in ((), ((3,), ()), 3, "A"):
        with pytest.raises(ValueError, match="`stages` .* name one stage"):
            VGG(stages, widths=(4, 4))
    with pytest.raises(ValueError, match=r"`hidden` \(=0\) must"):
        VGG(((3,),), widths=(4,), hidden=0)
    with pytest.raises(ValueError, match=r"`groups` \(=0\) must"):
        AlexNet(groups=0)
    with pytest.raises(ValueError, match="`blocks`"):
        ResNet(())
    with pytest.raises(ValueError, match="`layers`"):
        DenseNet((0, 1))
    with pytest.raises(ValueError, match="`layers` .* one block"):
        DenseNet(())
    with pytest.raises(ValueError, match="`compression`"):
        DenseNet((1, 1), compression=0)
    for compression in ("a", True, float("nan")):
        with pytest.raises(ValueError, match=r"`compression` \(=.*\) must"):
            DenseNet((1, 1), compression=compression)
    with pytest.raises(ValueError, match=r"`kernels` \(=0\) must"):
        DenseNet((1, 1), 4, compression=0.01)
    with pytest.raises(ValueError, match=r"`growth` \(=-3\) must"):
        DenseNet((1, 1), -3)
    with pytest.raises(ValueError, match=r"`first` \(=0\) must"):
        DenseNet((1, 1), first=0)


@pytest.mark.parametrize(
    "build",
    [
        AlexNet,
        GoogLeNet,
        lambda **o: VGG(((3,),), widths=(4,), **o),
        lambda **o: DenseNet((1, 1), **o),
    ],
)
@pytest.mark.parametrize("share", [1.0, -0.1, "a", float("nan")])
def test_dropout_must_leave_something(build, share):
    with pytest.raises(ValueError, match=r"`dropout` \(=.*\) must be a num"):
        build(dropout=share)


def test_fit_refuses_images_of_another_size_before_it_begins():
    net = resnet_cifar(8, width=4)
    with pytest.raises(ShapeError, match=r"`x` .* images of shape \(B, 3"):
        net.check_input(onp.zeros((2, 1, 8, 8), "float32"))
