"""Metrics: known values, and means over examples."""

import numpy as np
import pytest

from fdl.errors import ShapeError
from fdl.train.metrics import METRICS, Mean, Metric, choose, larger_is_better

SCORES = np.array([[1.0, 3, 2], [0, -1, -2], [5, 5.5, 5], [0, 0, 9]])
LABELS = np.array([1, 2, 1, 2])


def test_accuracy_and_error_count_the_largest_score():
    hits = METRICS["accuracy"](SCORES, LABELS)
    assert hits.tolist() == [1, 0, 1, 1]
    assert METRICS["error"](SCORES, LABELS).tolist() == [0, 1, 0, 0]
    one_hot = np.eye(3)[LABELS]
    assert METRICS["accuracy"](SCORES, one_hot).tolist() == [1, 0, 1, 1]


def test_cross_entropy_of_logits():
    # −ln softmax by its definition, digit by digit
    p = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
    expected = [-np.log(p[i, label]) for i, label in enumerate(LABELS)]
    found = METRICS["cross_entropy"](SCORES.astype("float32"), LABELS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    found = METRICS["cross_entropy"](SCORES, np.eye(3)[LABELS])
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_cross_entropy_of_huge_logits_is_finite():
    found = METRICS["cross_entropy"](np.array([[0.0, 1e4]]), np.array([0]))
    assert found.tolist() == [1e4]


@pytest.mark.parametrize("label", [-1, 3, 0.5, np.nan])
@pytest.mark.parametrize("name", METRICS)
def test_a_label_outside_is_refused_and_not_clipped(name, label):
    words = rf"`y` \(={label}\) must hold labels that .* from 0 to 2"
    with pytest.raises(ValueError, match=words):
        METRICS[name](SCORES, np.array([0, 1, 2, label]))


def test_several_outputs_are_no_scores():
    with pytest.raises(ShapeError, match=r"outputs \[\(4, 3\), \(4, 3\)\]"):
        METRICS["error"]((SCORES, SCORES), LABELS)


def test_sequences_count_as_the_mean_of_their_steps():
    scores = np.stack([SCORES, SCORES[::-1]])
    labels = np.stack([LABELS, LABELS])
    assert METRICS["accuracy"](scores, labels).tolist() == [0.75, 0]
    assert METRICS["cross_entropy"](scores, labels).shape == (2,)


@pytest.mark.parametrize(
    ("scores", "labels"), [((4,), (4,)), ((4, 1), (4,)), ((4, 3), (4, 2))]
)
def test_shapes_that_are_no_classes_are_refused(scores, labels):
    with pytest.raises(ShapeError, match="`metrics` on classes"):
        METRICS["error"](np.zeros(scores), np.zeros(labels))


def test_a_metric_must_give_one_number_per_example():
    mean = Metric("mean", lambda output, y: output.mean())
    with pytest.raises(ShapeError, match="`mean` must give one number for"):
        mean(SCORES, LABELS)


def test_names_and_objects_may_be_mixed():
    own = Metric("own", lambda output, y: y)
    assert choose(["error", own]) == (METRICS["error"], own)
    assert choose("error") == (METRICS["error"],)
    with pytest.raises(ValueError, match="`metrics` .=3. must be 'accuracy'"):
        choose([3])
    assert choose(None) == choose(()) == ()
    with pytest.raises(ValueError, match="`metrics` .=5. must be a sequence"):
        choose(5)


@pytest.mark.parametrize(
    ("name", "each", "words"),
    [
        ("loss", len, "`name` .='loss'. must not be 'loss' nor start with"),
        ("validation_error", len, "`name` .* nor start with 'validation_'"),
        ("", len, "`name` .* must be text"),
        (5, len, "`name` .* must be text"),
        ("own", None, "`each` .* must be a function"),
    ],
)
def test_a_metric_that_could_not_be_told_apart_is_refused(name, each, words):
    with pytest.raises(ValueError, match=words):
        Metric(name, each)


def test_which_curves_should_rise():
    gain = Metric("gain", lambda output, y: y, larger=True)
    assert larger_is_better("accuracy")
    assert larger_is_better("validation_accuracy")
    assert larger_is_better("validation_gain", [gain])
    assert not larger_is_better("validation_gain")
    valid = Metric("valid_share", lambda output, y: y, larger=True)
    assert larger_is_better("valid_share", [valid])
    assert not larger_is_better("validation_error")
    assert not larger_is_better("loss")


def test_a_mean_weighs_by_examples():
    mean = Mean()
    assert mean.value is None
    for value, count in [(1.0, 60), (2.0, 40), (7.0, 1)]:
        mean.add(value, count)
    assert mean.value == pytest.approx((60 + 80 + 7) / 101, rel=1e-15)
