"""Settings: types and rules, the words under each field, negative controls."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

from fdl.experiments.settings import check, describe, setting


@dataclass(frozen=True)
class Config:
    """A configuration."""

    epochs: int = setting(10, quick=2, least=1)
    """How often."""
    rate: float = setting(0.5, above=0)
    """How far.

    Not too far.
    """
    init: str = setting("he", choices=("he", "zeros"))
    share: float = setting(0.0, least=0, below=1)
    verbose: bool = setting(False)
    """Whether to talk."""

    def __post_init__(self):
        check(self)


def test_defaults_are_the_full_settings():
    assert Config() == Config(10, 0.5, "he", 0.0, False)


def test_a_configuration_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Config().epochs = 3


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("epochs", 0, "a whole number from 1 up"),
        ("epochs", 2.0, "a whole number from 1 up"),
        ("epochs", True, "a whole number from 1 up"),
        ("epochs", "3", "a whole number from 1 up"),
        ("rate", 0, "a number above 0"),
        ("rate", -1.0, "a number above 0"),
        ("rate", float("nan"), "a number above 0"),
        ("rate", float("inf"), "a number above 0"),
        ("rate", None, "a number above 0"),
        ("init", "cold", '"he" or "zeros"'),
        ("init", 3, '"he" or "zeros"'),
        ("share", 1.0, "a number from 0 up and below 1"),
        ("share", -0.1, "a number from 0 up and below 1"),
        ("verbose", 1, "true or false"),
    ],
)
def test_a_setting_that_breaks_its_rule_is_named(name, value, rule):
    with pytest.raises(ValueError, match=rf"`{name}` .* must be {rule}\."):
        Config(**{name: value})


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 1},
        {"rate": 1},
        {"rate": 1e-9},
        {"share": 0},
        {"verbose": True},
    ],
)
def test_a_setting_at_its_limit_is_allowed(changes):
    assert Config(**changes)


def test_describe_gives_each_field_with_the_words_under_it():
    epochs, rate, init, _, verbose = describe(Config)
    assert epochs == ("epochs", int, 10, 2, "How often.", ())
    assert rate.help == "How far.\n\nNot too far."
    assert rate.quick == rate.full == 0.5
    assert init == ("init", str, "he", "he", "", ("he", "zeros"))
    assert verbose.type is bool
    assert verbose.help == "Whether to talk."


def test_a_record_has_what_it_is_given_and_where_it_was_made():
    from fdl._mxnet import mx
    from fdl.experiments.comparison import compared
    from fdl.experiments.n_back import Config
    from fdl.nn import FeedForward

    net = FeedForward((2, 1))
    net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    given = {"metrics": {"best": 1.0}, "seconds": 2.0, "net": net}
    plain = compared("n_back", Config(), curves={"loss": (1, 2)}, **given)
    assert (plain.name, plain.experiment) == ("n_back", "n_back")
    assert plain.curves == {"loss": [1, 2]}
    assert plain.hardware["device"] == "cpu(0), cpu(1)"
    assert plain.complete
    assert not plain.arrays
    some = compared(
        "n_back",
        Config(),
        curves={},
        arrays={"w": np.ones(3)},
        complete=False,
        **given,
    )
    assert not some.complete
    assert list(some.arrays) == ["w"]


def test_parameters_are_counted_once_all_sizes_are_known():
    from fdl._mxnet import mx
    from fdl.experiments.comparison import parameters_of

    net = mx.gluon.nn.Dense(3)
    net.initialize()
    with pytest.raises(ValueError, match="`net` .*know all its sizes"):
        parameters_of(net)
    net(mx.np.ones((2, 5)))
    assert parameters_of(net) == 3 * 5 + 3
