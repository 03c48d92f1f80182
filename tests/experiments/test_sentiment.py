"""The recipes with recurrent networks, on offline samples."""

import numpy as np
import pytest

from fdl import data, experiments, records
from fdl.experiments import imdb_sentiment
from fdl.experiments.brown_topics import counting
from fdl.experiments.n_back import sequence_loss
from fdl.experiments.shakespeare import TEMPERATURES, table_loss, written
from fdl.experiments.skip_thought import _Shifted, nearest


@pytest.fixture(autouse=True)
def sample_only(monkeypatch):
    """No mirror (and no cache): what the package carries."""
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)


def run(name, **changes):
    config = experiments.configure(name, **changes)
    return experiments.get(name).run(config, device="cpu", offline=True)


TINY = {"words": 500, "length": 40, "embedding": 8, "hidden": 8, "epochs": 1}


def test_reviews_are_read_and_the_record_kept(tmp_path):
    done = run("imdb_sentiment", **TINY)
    m = done.metrics
    assert done.data == {"imdb": "sample"}
    assert 0 < m["test_accuracy"] < 1
    assert 0 < m["moving_accuracy"] < 1
    assert m["moving_accuracy"] == done.curves["validation_accuracy"][-1]
    assert "undropped_accuracy" not in m
    assert 30 < m["mean_words"] < 40
    assert 0 < m["cut"] < 1
    assert 0 <= m["unknown"] < 0.1
    assert len(done.curves["validation_accuracy"]) == 1
    done.save(tmp_path)
    kept = records.read("imdb_sentiment", tmp_path).metrics
    assert kept == pytest.approx(m, rel=1e-4)
    again = run("imdb_sentiment", **TINY)
    for name, curve in done.curves.items():
        assert again.curves[name] == pytest.approx(curve, rel=1e-6)


def test_as_printed_dropout_stays_on():
    printed = {"read": "last step", "always_drop": True, "clip": 100.0}
    done = run("imdb_sentiment", **TINY, **printed)
    m = done.metrics
    assert m["undropped_accuracy"] != m["test_accuracy"]
    assert 0 < m["undropped_accuracy"] < 1


def test_an_lstm_keeps_three_digits_in_mind(tmp_path):
    small = {"n": 2, "k": 3, "mean": 10.0, "spread": 2.0, "sequences": 200}
    done = run("n_back", epochs=100, hidden=24, **small)
    m = done.metrics
    assert m["lstm_accuracy"] > 0.95 > m["never"]
    assert m["never"] == pytest.approx(1 - (1 - 2 / 9.5) / 3, abs=0.03)
    assert done.curves["rnn_accuracies"] == [m["rnn_accuracy"]]
    assert m["rnn_least"] <= m["rnn_accuracy"]
    assert len(done.curves["lstm_loss_0"]) == 100
    assert done.data == {}
    done.save(tmp_path)
    assert records.read("n_back", tmp_path).metrics


def test_padding_is_no_part_of_the_loss_of_sequences():
    from fdl._mxnet import np as mnp

    scores = np.zeros((2, 3, 2), "float32")
    targets = np.zeros((2, 3, 2), "float32")
    targets[0, :2, 1] = targets[1, 0, 1] = 1
    scores[0, 0] = [0, np.log(3)]  # ¼ for what is right
    scores[1, 2] = [-99, 99]  # padding
    found = float(sequence_loss(mnp.array(scores), mnp.array(targets)))
    wanted = (np.log(4) + 2 * np.log(2)) / 3
    assert found == pytest.approx(wanted, rel=1e-5)


def test_letters_are_learned_and_written(tmp_path):
    done = run("shakespeare", hidden=16, written=40, length=40)
    m = done.metrics
    assert m["test_loss"] < m["table_0_loss"]
    assert m["table_2_loss"] < m["table_1_loss"] < m["table_0_loss"]
    texts = written(done)
    assert list(texts) == list(TEMPERATURES)
    assert all(len(text) == 40 for text in texts.values())
    done.save(tmp_path)
    assert written(records.read("shakespeare", tmp_path)) == texts


def test_tables_count_what_follows_what():
    known = np.array([0, 1, 0, 1, 0])
    # by hand, with one count more for everything
    assert table_loss(known, known[:1], 2, 0) == pytest.approx(-np.log(4 / 7))
    assert table_loss(known, np.array([0, 1]), 2, 1) == pytest.approx(
        -np.log(3 / 4)
    )
    assert table_loss(known, np.array([1, 0, 0]), 2, 2) == pytest.approx(
        -np.log(1 / 3)
    )


def test_kinds_of_text_are_told():
    done = run("brown_topics", epochs=2, words=800, embedding=8, hidden=8)
    m = done.metrics
    assert done.data == {"brown-topics": "sample"}
    assert m["counting_text_accuracy"] > m["commonest"]
    assert m["counting_text_accuracy"] > m["counting_passage_accuracy"]
    assert 0 <= m["text_accuracy"] <= 1


def test_counting_is_naive_bayes():
    known, labels = np.array([[1, 1, 2], [2, 3, 0]]), np.array([0, 1])
    scores = counting(known, labels, np.array([[1, 3, 0]]), 2, 4)
    # counts and one more: 3 2 1 of 6, and 1 2 2 of 5
    wanted = [np.log(3 / 6 * 1 / 6), np.log(1 / 5 * 2 / 5)]
    np.testing.assert_allclose(scores, [wanted])


def test_thoughts_are_kept_and_compared(tmp_path):
    done = run("skip_thought", sentences=400, words=300, embedding=8, hidden=8)
    m = done.metrics
    assert done.data == {"brown": "sample"}
    assert m["triples"] == 358
    assert 0 < m["test_loss"] < np.log(303)
    assert m["other_thought_loss"] != m["test_loss"]
    assert done.arrays["thoughts"].shape == (40, 8)
    done.save(tmp_path)
    assert records.read("skip_thought", tmp_path).arrays


def test_the_nearest_points_the_same_way():
    thoughts = np.array([[1.0, 0.0], [0.0, 2.0], [5.0, 1.0], [-1.0, 0.0]])
    assert nearest(thoughts, 0, 3) == [2, 1, 3]


def test_another_thought_is_not_the_neighbours():
    rows = np.arange(6)
    [((x, lengths, given), y)] = _Shifted([((rows, 10 * rows, rows), rows)])
    assert x.tolist() == [3, 4, 5, 0, 1, 2]
    assert (lengths == 10 * x).all()
    assert (given == rows).all()
    assert (y == rows).all()


@pytest.mark.filterwarnings("error")
def test_a_thought_of_nothing_is_near_to_none():
    thoughts = np.array([[1.0, 0.0], [0.0, 0.0], [-2.0, 0.1], [3.0, 1.0]])
    assert nearest(thoughts, 0) == [3, 1, 2]
    assert 1 not in nearest(thoughts, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: table_loss(x, x[:2], 2, 2), "`unseen` .*more than 2"),
        (lambda x: table_loss(x, x, 2, -1), "`order` .=-1. must be"),
        (lambda x: table_loss(x, x, 0, 1), "`letters` .=0. must be"),
        (lambda x: nearest(np.eye(3), 0, 3), "`count` .=3. .* 1 to 2"),
    ],
)
def test_what_cannot_be_told_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.array([0, 1, 0, 1]))


def test_the_share_of_unknown_words_is_counted_without_padding():
    source = data.Source("notes", "official", "written down here")
    kinds = "bad", "good"
    some = data.Documents(["Good so good !", "Bad ."], [1, 0], kinds, source)
    known = imdb_sentiment.Encoded(some, 9, words=6)
    assert imdb_sentiment._unknown(known) == 1 / 6  # one of so, !, bad and .
    other = data.Documents(["Good films", "of ours"], [1, 1], kinds, source)
    held = imdb_sentiment.Encoded(other, 9, known.vocabulary)
    assert imdb_sentiment._unknown(held) == 3 / 4
