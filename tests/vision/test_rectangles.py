"""Known value, oracle, property, learns, refusals: rectangle features."""

import numpy as np
import pytest

from fdl import data
from fdl.errors import ShapeError
from fdl.vision import rectangles
from fdl.vision.rectangles import (
    Feature,
    boost,
    box_sums,
    every_feature,
    integral,
    responses,
)


def value_by_hand(image, feature):
    """Follow the words: means of rectangles, side by side."""
    h, w, t, a = feature.height, feature.width, feature.top, feature.left

    def mean(top, left):
        return image[top : top + h, left : left + w].mean()

    if feature.kind == "below":
        found = mean(t + h, a) - mean(t, a)
    elif feature.kind == "beside":
        found = mean(t, a + w) - mean(t, a)
    else:
        found = mean(t, a + w) - (mean(t, a) + mean(t, a + 2 * w)) / 2
    return found / max(image.std(), 5.0)


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7), (2, 3, 1, 4)])
def test_any_box_is_four_numbers(shape):
    x = np.random.default_rng(0).normal(size=shape)
    S = integral(x)
    assert S.shape == (*shape[:-2], shape[-2] + 1, shape[-1] + 1)
    H, W = shape[-2:]
    for top in range(H):
        for left in range(W):
            for h in range(1, H - top + 1):
                for w in range(1, W - left + 1):
                    box = x[..., top : top + h, left : left + w]
                    assert np.allclose(
                        box_sums(S, top, left, h, w), box.sum((-2, -1))
                    )


@pytest.mark.parametrize("kind", rectangles.KINDS)
def test_a_feature_compares_means(kind):
    x = 80 * np.random.default_rng(1).normal(size=(4, 12, 12))
    features = [Feature(kind, 1, 2, 3, 2), Feature(kind, 0, 0, 1, 1)]
    found = responses(x, features)
    assert found.shape == (4, 2)
    for n, image in enumerate(x):
        for f, feature in enumerate(features):
            assert found[n, f] == pytest.approx(value_by_hand(image, feature))


def test_light_and_contrast_do_not_matter():
    x = np.random.default_rng(2).uniform(0, 255, (3, 8, 8))
    features = every_feature(8, 8, 2)
    plain = responses(x, features)
    assert abs(plain).max() > 0.5
    np.testing.assert_allclose(responses(0.4 * x + 40, features), plain)
    # but noise in a flat image is not blown up
    faint = responses(0.001 * x, features)
    assert abs(faint).max() < 0.1


def test_all_features_of_a_window_fit_and_differ():
    features = every_feature(6, 5)
    assert len(set(features)) == len(features)
    assert {f.kind for f in features} == set(rectangles.KINDS)
    responses(np.zeros((1, 6, 5)), features)  # none of them sticks out
    # below: for each h the tops × for each w the lefts
    count = sum(
        (6 - 2 * h + 1) * (5 - w + 1) for h in (1, 2, 3) for w in range(1, 6)
    )
    assert sum(f.kind == "below" for f in features) == count
    coarse = every_feature(6, 5, 2)
    assert set(coarse) < set(features)
    assert all(v % 2 == 0 for f in coarse for v in f[1:])


def errors_by_hand(x, y, w):
    """Return the weighted error of every feature, limit and sign."""
    found = []
    for f in range(x.shape[1]):
        values = sorted(set(x[:, f]))
        for low, high in zip(values, values[1:]):
            for sign in (1, -1):
                wrong = 0.0
                for value, wi, yi in zip(x[:, f], w, y):
                    h = sign if value > (low + high) / 2 else -sign
                    wrong += wi * (h != yi)
                found.append(wrong)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_boosting_is_the_algorithm(seed):
    """Replay it: each choice is a best one, each vote the formula's."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 6, (24, 3)).astype(float)  # with many ties
    labels = (x.sum(axis=1) + rng.normal(0, 3, 24) > 8).astype(int)
    committee = boost(x, labels, 5)
    y, total = 2 * labels - 1, np.zeros(24)
    w = np.full(24, 1 / 24)
    for f, limit, sign, alpha in zip(*committee):
        h = np.where(x[:, f] > limit, sign, -sign)
        error = w[h != y].sum()
        assert error == pytest.approx(min(errors_by_hand(x, y, w)))
        assert 0 < error < 0.5
        assert alpha == pytest.approx(0.5 * np.log((1 - error) / error))
        w *= np.exp(-alpha * y * h)
        w /= w.sum()
        # what was chosen is now as good as a coin
        assert w[h != y].sum() == pytest.approx(0.5)
        total += alpha * h
    np.testing.assert_allclose(committee(x), total, rtol=1e-9)


def test_votes_can_be_counted_one_by_one():
    rng = np.random.default_rng(4)
    x, labels = rng.normal(size=(40, 5)), np.arange(40) % 2
    committee = boost(x, labels, 4)
    first = committee(x, 1)
    assert set(abs(first).round(9)) == {committee.votes[0].round(9)}
    assert not np.allclose(committee(x, 3), committee(x, 4))
    assert np.allclose(committee(x, 4), committee(x))


def test_a_perfect_feature_gets_a_large_but_finite_vote():
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    committee = boost(x, [0, 0, 1, 1], 2)
    assert committee.limits[0] == 1.5
    assert 5 < committee.votes[0] < 20
    assert (np.sign(committee(x)) == [-1, -1, 1, 1]).all()
    upside_down = boost(x, [1, 1, 0, 0], 1)
    assert (np.sign(upside_down(x)) == [1, 1, -1, -1]).all()


def test_a_committee_finds_faces_better_than_one_feature():
    pytest.importorskip("skimage")
    faces = data.faces()
    x = responses(faces.images, every_feature(25, 25, 3))
    order = np.random.default_rng(0).permutation(100)
    seen = np.concatenate([order[:50], 100 + order[:50]])
    new = np.concatenate([order[50:], 100 + order[50:]])
    committee = boost(x[seen], faces.labels[seen], 30)
    right = [
        ((committee(x[new], count) > 0) == faces.labels[new]).mean()
        for count in (1, 30)
    ]
    assert right[1] >= 0.93
    single = [
        max(((s * x[new, f] > 0) == faces.labels[new]).mean() for s in (1, -1))
        for f in range(0, x.shape[1], 10)
    ]
    assert np.mean(single) < 0.75 < right[0]


@pytest.mark.parametrize(
    "box", [(-1, 0, 1, 1), (0, 0, 0, 1), (0, 3, 1, 2), (2, 0, 2, 1)]
)
def test_a_box_outside_is_told(box):
    with pytest.raises(ValueError, match="must lie inside of 3 x 4 pixels"):
        box_sums(integral(np.ones((3, 4))), *box)


def test_wrong_arguments_are_told():
    with pytest.raises(ShapeError, match=r"`images` .* \(…, H, W\)"):
        integral(np.ones(3))
    x = np.ones((4, 2))
    for labels in ([1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0]):
        with pytest.raises(ShapeError, match="`labels` .* both kinds"):
            boost(x, labels, 1)
    for rounds in (0, 1.5, "2"):
        with pytest.raises(ValueError, match="`rounds` .* from 1 up"):
            boost(x, [0, 1, 0, 1], rounds)
    x[1, 1] = np.nan
    with pytest.raises(ValueError, match=r"`responses` \(=nan at \(1, 1\)"):
        boost(x, [0, 1, 0, 1], 1)
    with pytest.raises(ValueError, match=r"`step` \(=0\) must"):
        every_feature(4, 4, 0)
    with pytest.raises(ValueError, match=r"`height` \(=0\) must"):
        every_feature(0, 4)
    images = np.ones((2, 4, 4))
    with pytest.raises(ValueError, match="`features` .* one feature"):
        responses(images, [])
    with pytest.raises(
        ValueError, match=r"`kind` \(='above'\) must be one of"
    ):
        responses(images, [Feature("above", 0, 0, 1, 1)])
    for flat in (0, -1, np.nan):  # an even image would give NaN
        with pytest.raises(ValueError, match="`flat` .* above 0"):
            responses(images, every_feature(4, 4), flat)
    found = boost([[0.0], [1.0]], [0, 1], 1)
    for count in (-1, 2, 0.5):
        with pytest.raises(ValueError, match="`count` .* from 0 to 1"):
            found(np.zeros((1, 1)), count)
    with pytest.raises(ShapeError, match=r"`images` .* \(N, H, W\)"):
        responses(images[0], every_feature(4, 4))
    images[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match=r"`images` \(=nan at \(1, 2, 3\)"):
        responses(images, every_feature(4, 4))
