"""Experiments by name: every one is complete, wrong names are helped."""

import dataclasses
import pkgutil

import pytest

from fdl import experiments, train
from fdl.experiments import registry, settings


def test_every_module_with_a_configuration_is_listed():
    found = []
    for module in pkgutil.iter_modules(experiments.__path__):
        path = f"{experiments.__path__[0]}/{module.name}.py"
        with open(path, encoding="utf-8") as file:
            if "\nclass Config" in file.read():
                found.append(module.name)
    assert sorted(found) == experiments.names()


@pytest.mark.parametrize("name", experiments.names())
def test_an_experiment_is_complete(name):
    module = experiments.get(name)
    assert callable(module.run)
    assert isinstance(module.DATA, tuple)  # empty where data are made up
    assert dataclasses.is_dataclass(module.Config)
    fields = {f.name: f for f in settings.describe(module.Config)}
    assert all(field.help for field in fields.values())
    assert fields["seed"].full == 0
    assert (fields["profile"].full, fields["profile"].quick) == (
        "full",
        "quick",
    )
    assert "Book: ch. " in module.__doc__


def test_the_defaults_are_the_books_settings():
    logistic = experiments.configure("mnist_logistic", "full")
    assert logistic == experiments.mnist_logistic.Config()
    assert (logistic.epochs, logistic.batch_size) == (100, 100)
    assert logistic.learning_rate == 0.01
    mlp = experiments.configure("mnist_mlp", "full")
    assert (mlp.epochs, mlp.batch_size, mlp.learning_rate) == (300, 100, 0.01)
    assert mlp.init == "he"
    assert logistic.validation == mlp.validation == 5000


def test_quick_changes_what_its_settings_say_and_overrides_win():
    quick = experiments.configure("mnist_mlp")
    assert quick.profile == "quick"
    assert quick.epochs < 300
    assert quick.batch_size == 100
    own = experiments.configure("mnist_mlp", epochs=2, seed=5)
    assert own == dataclasses.replace(quick, epochs=2, seed=5)


def test_records_are_the_experiments_and_their_variants():
    found = experiments.recordings()
    assert found["mnist_mlp"] == ("mnist_mlp", {})
    assert found["mnist_mlp_uniform"] == ("mnist_mlp", {"init": "uniform"})
    assert found["mnist_logistic_1000"][1] == {"epochs": 1000}
    for experiment, changes in found.values():
        experiments.configure(experiment, "full", **changes)


def test_wrong_names_are_helped():
    with pytest.raises(
        ValueError, match="no experiment 'mnist_mpl' .did you mean mnist_mlp"
    ):
        experiments.get("mnist_mpl")
    with pytest.raises(
        ValueError, match="no setting of mnist_mlp 'epoch' .did you mean epoc"
    ):
        experiments.configure("mnist_mlp", epoch=3)
    with pytest.raises(ValueError, match='`profile` .* "quick" or "full"'):
        registry.configure("mnist_mlp", "fast")


class Caught(Exception):
    """What ends a run where training would begin."""


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in experiments.names()
        if hasattr(experiments.get(name).Config(), "clip")
    ],
)
def test_a_recipe_hands_its_settings_on_to_training(name, monkeypatch):
    given = {}

    def fit(*args, **options):
        given.update(options)
        raise Caught

    monkeypatch.setattr(train, "fit", fit)
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)  # samples will do
    wanted = {"clip": 0.75, "epochs": 3, "seed": 5}
    config = experiments.configure(name, **wanted)
    with pytest.raises(Caught):
        experiments.get(name).run(
            config, resume=True, device="cpu", offline=True
        )
    assert {key: given[key] for key in wanted} == wanted
    assert (given["resume"], given["device"]) == (True, "cpu")
