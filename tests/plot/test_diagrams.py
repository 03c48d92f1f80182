"""Diagrams: what is drawn where."""

import json

import pytest

from fdl import plot


def test_a_wide_layer_is_drawn_with_an_ellipsis():
    _, axis = plot.network((20, 3), most=6)
    drawn = [len(c.get_offsets()) for c in axis.collections[1:]]
    assert drawn == [6, 3]
    # the ellipsis stands in a gap in the middle
    heights = axis.collections[1].get_offsets()[:, 1]
    assert heights.tolist() == [-3, -2, -1, 1, 2, 3]
    (place,) = [t.get_position() for t in axis.texts if t.get_text() == "⋮"]
    assert place == (0, 0)


@pytest.mark.parametrize(
    ("sizes", "more", "message"),
    [
        ((), {}, "`sizes` .* one layer at least"),
        ((3, 0), {}, r"`sizes` \(=0\) must be a whole number from 1 up"),
        ((3, 2), {"labels": "abc"}, "`labels` .* 2 at most, one a layer"),
        ((3, 2), {"most": 1}, r"`most` \(=1\) must be .* from 2 up"),
    ],
)
def test_a_network_that_cannot_be_drawn_is_told(sizes, more, message):
    with pytest.raises(ValueError, match=message):
        plot.network(sizes, **more)


@pytest.mark.parametrize("symbol", ["x * x", "{}", "[]", None])
def test_what_is_no_graph_is_told(symbol):
    with pytest.raises(ValueError, match="`symbol` .* a graph as JSON"):
        plot.graph(symbol)


def test_graph_puts_inputs_above_what_uses_them():
    symbol = json.dumps(
        {
            "nodes": [
                {"op": "null", "name": "x", "inputs": []},
                {"op": "null", "name": "w", "inputs": []},
                {"op": "dot", "name": "d", "inputs": [[0, 0, 0], [1, 0, 0]]},
                {"op": "null", "name": "b", "inputs": []},
                {"op": "add", "name": "a", "inputs": [[2, 0, 0], [3, 0, 0]]},
            ]
        }
    )
    _, axis = plot.graph(symbol)
    height = {
        t.get_text(): t.get_position()[1] for t in axis.texts if t.get_text()
    }
    assert height["x"] == height["w"] > height["dot"] > height["add"]
    assert height["b"] == height["dot"]  # beside, one above its user
    places = [t.get_position() for t in axis.texts if t.get_text()]
    assert len(set(places)) == len(places)  # none hides another


def test_what_is_used_twice_stands_above_its_first_user():
    nodes = [
        {"op": "null", "name": "x", "inputs": []},
        {"op": "tanh", "name": "t", "inputs": [[0, 0, 0]]},
        {"op": "add", "name": "a", "inputs": [[0, 0, 0], [1, 0, 0]]},
    ]
    _, axis = plot.graph(json.dumps({"nodes": nodes}))
    places = [t.get_position() for t in axis.texts if t.get_text()]
    assert [y for _, y in places] == [0, -1, -2]


def test_captions_stand_below_the_lowest_neuron():
    _, axis = plot.network((3, 5, 2), ("in", "hidden", "out"))
    lowest = min(c.get_offsets()[:, 1].min() for c in axis.collections[2:])
    captions = {t.get_text(): t.get_position() for t in axis.texts}
    assert [*captions] == ["3\nin", "5\nhidden", "2\nout"]
    assert [x for x, _ in captions.values()] == [0, 1, 2]
    assert all(y < lowest for _, y in captions.values())
    assert axis.get_ylim() == (-2.4, 2.4)


def test_every_neuron_is_joined_to_all_of_the_next_layer():
    _, axis = plot.network((3, 5, 2))
    assert [len(c.get_paths()) for c in axis.collections[:2]] == [15, 10]


def shown(axis):
    return {t.get_text(): t.get_position() for t in axis.texts}


def test_a_neuron_shows_inputs_weights_bias_and_function():
    _, axis = plot.neuron(["a", "b", "c"], ["3", "4", "5"], "−24", "step")
    place = shown(axis)
    assert set(place) >= {*"abc345", "−24", "Σ", "$z$", "step", "$y$"}
    across = [place[key][0] for key in ("a", "3", "Σ", "$z$", "step", "$y$")]
    assert across == sorted(across)
    for name, weight in zip("abc", "345"):
        assert abs(place[name][1] - place[weight][1]) < 0.5
    assert place["a"][1] > place["b"][1] > place["c"][1]
    assert place["−24"][1] > place["Σ"][1]


def arrows(axis):
    return sum(
        t.arrow_patch is not None
        for t in axis.texts
        if hasattr(t, "arrow_patch")
    )


def test_an_ellipsis_has_no_arrow_and_no_bias_none():
    _, axis = plot.neuron(["a", "b"], ["3", "4"], bias="")
    few = arrows(axis)
    _, axis = plot.neuron(["a", "⋮", "b"], ["3", "", "4"], bias="")
    assert arrows(axis) == few == 4
    _, axis = plot.neuron(["a", "b"], ["3", "4"], bias="b")
    assert arrows(axis) == 5


def test_a_neuron_of_one_input_is_drawn_level():
    _, axis = plot.neuron(["a"], ["3"])
    place = shown(axis)
    assert place["a"][1] == place["Σ"][1] == 0


def test_each_input_needs_a_weight():
    with pytest.raises(ValueError, match=r"`weights` .* must be 2, one per"):
        plot.neuron(["a", "b"], ["3"])
    with pytest.raises(ValueError, match="`inputs` .* one input at least"):
        plot.neuron([], [])
