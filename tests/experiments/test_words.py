"""The recipes with words, on the offline sample."""

from __future__ import annotations

import numpy as np
import pytest

from fdl import experiments, records
from fdl.experiments.skip_gram import probes
from fdl.experiments.words import Corpus

SMALL = {"words": 300, "dimensions": 16, "negatives": 8}


@pytest.fixture(autouse=True)
def sample_only(monkeypatch):
    """No mirror (and no cache): the texts that the package carries."""
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)


def learned(name="skip_gram", **changes):
    config = experiments.configure(name, "quick", **changes)
    return experiments.get(name).run(config, offline=True)


def test_beginnings_are_whole_lines():
    corpus = Corpus("ptb", 500, True)
    lines = (corpus.numbers < 0).sum()
    for words in (1, 1000, 5000):
        some = corpus.first(words)
        assert some[-1] == -1
        assert words <= (some >= 0).sum() < words + 60
        assert (some == corpus.numbers[: len(some)]).all()
    assert (corpus.first(10**9) < 0).sum() == lines
    assert corpus.source.kind == "sample"


def test_probes_are_common_words_and_none_comes_twice():
    config = experiments.configure("skip_gram", "full")
    found = probes(config)
    assert len(set(found)) == 20
    assert max(found) < 500
    assert found == sorted(found)
    other = experiments.configure("skip_gram", "full", seed=1)
    assert probes(other) != found


def test_the_record_of_skip_gram_can_be_read_back(tmp_path):
    record = learned(**SMALL)
    assert record.data == {"ptb": "sample"}
    assert record.arrays["inputs"].shape == (300, 16)
    assert record.arrays["neighbours"].shape == (20, 8)
    unit = record.arrays["inputs"].astype(float)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    for k, near in zip(record.arrays["probes"], record.arrays["neighbours"]):
        cosine = unit @ unit[int(k)]
        cosine[int(k)] = -1
        assert set(near) == set(np.argsort(-cosine)[:8])
    assert len(record.curves["pair_loss"]) == record.config["epochs"]
    assert len(record.curves["seen"]) == len(record.curves["recent_loss"])
    assert record.metrics["read"] == record.curves["seen"][-1]
    record.save(tmp_path)
    again = records.read("skip_gram", tmp_path)
    assert (again.arrays["probes"] == record.arrays["probes"]).all()


def test_more_passes_lower_the_loss_and_the_seed_decides():
    one, two = (learned(epochs=epochs, **SMALL) for epochs in (1, 4))
    assert two.metrics["pair_loss"] < one.metrics["pair_loss"]
    again = learned(epochs=1, **SMALL)
    assert (again.arrays["inputs"] == one.arrays["inputs"]).all()
    other = learned(epochs=1, seed=1, **SMALL)
    assert (other.arrays["inputs"] != one.arrays["inputs"]).any()


def test_both_models_are_compared_at_every_size(monkeypatch):
    module = experiments.get("cbow_or_skip_gram")
    monkeypatch.setattr(module, "SIZES", (4000, 10**9, 2000))
    record = learned(
        "cbow_or_skip_gram", sizes=3, rates=2, seeds=2, epochs=1, dimensions=8
    )
    words = record.curves["words"]
    assert words[:2] == [2000, 4000]
    assert 15_000 < words[2] < 25_000  # all that the sample has
    for model in module.MODELS:
        for name in ("classes", "analogies", "spread", "rate"):
            assert len(record.curves[f"{model}_{name}"]) == 3
        for size, value in zip(words, record.curves[f"{model}_classes"]):
            assert record.metrics[f"{model}_classes_{int(size)}"] == value
        assert set(record.curves[f"{model}_rate"]) <= {0.1, 0.05}
    again = learned(
        "cbow_or_skip_gram", sizes=3, rates=2, seeds=2, epochs=1, dimensions=8
    )
    assert again.curves == record.curves


@pytest.mark.parametrize("name", ["skip_gram", "cbow_or_skip_gram"])
def test_a_device_may_be_named_in_words(name, monkeypatch):
    module = experiments.get(name)
    monkeypatch.setattr(module, "SIZES", (500,), raising=False)
    small = {"epochs": 1, "dimensions": 4, "negatives": 2}
    config = experiments.configure(name, **small)
    record = module.run(config, device="cpu:0", offline=True)
    assert record.hardware["device"] == "cpu(0)"


def test_a_beginning_has_words():
    with pytest.raises(ValueError, match="`words` .=0. must be"):
        Corpus("ptb", 500, True).first(0)


def test_a_beginning_that_ends_with_a_line_takes_no_other():
    corpus = Corpus("ptb", 500, True)
    ends = np.flatnonzero(corpus.numbers < 0)
    for line in (0, 3):
        words = int((corpus.numbers[: ends[line]] >= 0).sum())
        assert len(corpus.first(words)) == ends[line] + 1
