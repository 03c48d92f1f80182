"""The bench of words: its sides learn, and its limits are kept."""

import sys
from pathlib import Path

import pytest

from fdl.data import vocabulary

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import words  # noqa: E402

sys.path.remove(str(HERE))


def row(speed, peak=100.0, classes=0.5):
    return {
        "words_per_cpu_second": speed,
        "words_per_second": speed,
        "peak_megabytes": peak,
        "class_accuracy": classes,
        "analogy_accuracy": 0.1,
    }


def found(**changes):
    made = {
        "bench": "words",
        "title": "t",
        "ours_5": row(200_000.0),
        "gensim_5": row(200_000.0),
        "ours_64": row(100_000.0),
        "gensim_64": row(20_000.0),
        "size_10000": row(150_000.0),
        "size_1000000": row(100_000.0, 4096.0),
        "stream": row(1.0, 600.0),
    }
    return {**made, **changes}


def test_our_side_learns_and_is_timed():
    made = words.ours(5, 2)
    assert made["words_per_cpu_second"] > 1000
    assert made["class_accuracy"] > 0.03
    assert made["classes_asked"] > 20


def test_the_size_of_a_vocabulary_is_all_that_differs(monkeypatch):
    monkeypatch.setattr(words, "SMALL", 100)
    monkeypatch.setattr(words, "WORDS", 2000)
    for size in (100, 1000):
        assert words.size(size, 1)["words_per_cpu_second"] > 0


def test_a_stream_is_counted_and_read(monkeypatch):
    kept = []
    count = vocabulary.Vocabulary.count
    monkeypatch.setattr(
        vocabulary.Vocabulary,
        "count",
        lambda text, size, room: (
            kept.append(count(text, size, room=room)) or kept[0]
        ),
    )
    made = words.stream(2_000_000, 1)
    assert made["bytes"] >= 2_000_000
    assert 1000 < len(kept[0]) <= 100_000


def test_what_is_within_its_limits_is_good():
    assert words.good(found())
    text = words.shown(found())
    assert "64 noise words: 5.0 times gensim's speed" in text
    assert "costs 1.50 times" in text


@pytest.mark.parametrize(
    "change",
    [
        {"gensim_5": row(200_001.0)},
        {"gensim_64": row(100_001.0)},
        {"ours_5": row(200_000.0, classes=0.44)},
        {"size_1000000": row(99_000.0)},
        {"size_1000000": row(100_000.0, 4097.0)},
        {"stream": row(1.0, 601.0)},
    ],
)
def test_what_is_not_is_told(change):
    assert not words.good(found(**change))


def test_without_gensim_our_side_still_runs():
    made = found()
    for name in ("gensim_5", "gensim_64", "stream"):
        del made[name]
    assert words.good(made)
    assert "gensim is not installed" in words.shown(made)
