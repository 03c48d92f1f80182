"""The recipe of translation, on the offline sample."""

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.experiments.translation import TESTS, VARIANTS, Captions
from fdl.language import Interpreter, Translation

SMALL = {
    "epochs": 2,
    "longest": 6,
    "hidden": 16,
    "embedding": 8,
    "batch_size": 64,
    "words": 300,
}


@pytest.fixture(autouse=True)
def sample_only(monkeypatch):
    """No mirror (and no cache): the sentences that the package makes up."""
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)


def learned(monkeypatch, tests=("test2016",), **changes):
    module = experiments.get("translation")
    monkeypatch.setattr(module, "TESTS", tests)
    config = experiments.configure("translation", **{**SMALL, **changes})
    return module.run(config, offline=True)


def test_the_record_can_be_read_back_and_translates(monkeypatch, tmp_path):
    record = learned(monkeypatch)
    assert record.data == {"multi30k": "sample"}
    assert record.curves["loss"][1] < record.curves["loss"][0]
    metrics = record.metrics
    for name in ("test2016", "test2016_filled"):
        low, score, high = (
            metrics[f"{name}_{key}"] for key in ("low", "score", "high")
        )
        assert 0 <= low <= score <= high <= 100
    assert 0 <= metrics["test2016_unknown"] <= 1
    assert metrics["perplexity_5_10"] > 1
    assert "perplexity_30_40" not in metrics  # of no sentence so long
    record.save(tmp_path)
    again = records.read("translation", tmp_path)
    said = Interpreter.of(again.arrays).translate(["the dog sees a cat."])
    assert len(said) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"sampled": 32, "rule": "sgd", "learning_rate": 0.5, "clip": 5.0},
        {"attention": "additive", "feed": True, "epochs": 1},
        {"tokenizer": "pairs", "buckets": "book", "epochs": 1},
    ],
    ids=["sampled", "feed", "pairs"],
)
def test_other_ways_run_too(monkeypatch, changes):
    record = learned(monkeypatch, tests=(), **changes)
    assert len(record.curves["validation_loss"]) == record.config["epochs"]


def test_a_run_taken_up_again_ends_as_one_unbroken(monkeypatch, tmp_path):
    module = experiments.get("translation")
    monkeypatch.setattr(module, "TESTS", ())

    def run(epochs, folder, resume=False):
        config = experiments.configure(
            "translation", **{**SMALL, "epochs": epochs}
        )
        return module.run(
            config, checkpoint=folder, resume=resume, offline=True
        )

    whole = run(2, tmp_path / "a")
    run(1, tmp_path / "b")
    again = run(2, tmp_path / "b", resume=True)
    assert again.curves == whole.curves
    for name, value in whole.arrays.items():
        assert (again.arrays[name] == value).all()


def test_the_settings_reach_the_network_and_the_pairs():
    config = experiments.configure(
        "translation", cell="lstm", attention="none", layers=2, **SMALL
    )
    captions = Captions(config, True)
    net = captions.interpreter.net
    assert (net.cell, net.attention, net.layers) == ("lstm", "none", 2)
    assert captions.interpreter.reverse
    assert captions.train.reverse
    longest = max(len(s.split()) for s in captions.part("train").inputs)
    assert longest <= 6
    other = experiments.configure("translation", reverse=False, **SMALL)
    captions = Captions(other, True)
    assert not captions.interpreter.reverse
    assert not captions.validation.reverse


def test_variants_are_of_one_size_to_be_compared():
    sizes = ("epochs", "longest", "words", "hidden")
    found = {
        tuple(changes[size] for size in sizes) for changes in VARIANTS.values()
    }
    assert len(found) == 1
    assert TESTS[0] == "test2016"


def test_the_scores_are_of_what_was_said_filled_and_beamed(monkeypatch):
    module = experiments.get("translation")
    monkeypatch.setattr(module, "TESTS", ("test2016", "test2017"))
    wanted = ["le chien voit un chat ici", "un zebra dort dans le jardin"]
    pairs = data.Parallel.of(
        zip(["the dog sees a cat here", "a zebra sleeps"], wanted)
    )

    class Fake:
        interpreter = None
        asked = ()

        def part(self, split):
            return pairs

        def explain(self, inputs):
            looks = np.eye(6, 3)[[0, 1, 2, 2, 2, 2]]
            return [
                Translation([], wanted[0].split(), None),
                Translation(
                    ["a", "zebra", "sleeps"],
                    ["un", "<unk>", *wanted[1].split()[2:]],
                    looks,
                ),
            ]

        def translate(self, inputs, beam, alpha):
            self.asked = (*self.asked, (beam, alpha))
            return ["rien du tout"] * 2

    fake = Fake()
    fake.interpreter = fake
    config = experiments.configure("translation", beam=3, alpha=0.5)
    found = module._scores(config, fake)
    assert found["test2016_unknown"] == pytest.approx(1 / 12)
    assert found["test2016_filled_score"] == pytest.approx(100)
    assert 50 < found["test2016_score"] < 95
    assert found["test2016_beam_score"] < 5
    assert fake.asked == ((3, 0.5),)  # on the first test alone
    assert "test2017_beam_score" not in found
