"""Estimators: scikit-learn's own checks, oracles, properties, errors."""

import concurrent.futures as futures
import io
import pickle
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6")

from sklearn import datasets
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.model_selection import train_test_split as split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from fdl import data, estimators, nn, train
from fdl._mxnet import mx
from fdl.errors import TrainingDiverged
from fdl.estimators import NetworkClassifier, NetworkRegressor
from fdl.optim import Adam

ROOT = Path(__file__).resolve().parents[1]
BOTH = (NetworkClassifier, NetworkRegressor)


@pytest.fixture(scope="module")
def iris():
    x, y = datasets.load_iris(return_X_y=True)
    return StandardScaler().fit_transform(x), y


def quick(kind=NetworkClassifier, **settings):
    given = {"epochs": 5, "hidden_sizes": (8,), "random_state": 0}
    return kind(**{**given, **settings})


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
@parametrize_with_checks([NetworkClassifier(), NetworkRegressor()])
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


# --- oracles


def test_it_is_what_fit_trains(iris):
    x, y = iris
    model = quick().fit(x, y)
    seed = int(np.random.RandomState(0).randint(2**31 - 1))
    net = nn.FeedForward((4, 8, 3))
    rows = x.astype("float32")
    history = train.fit(
        net,
        data.Minibatches(rows, y, 64, seed=seed),
        loss=nn.cross_entropy,
        optimizer=Adam(0.005),
        epochs=5,
        seed=seed,
    )
    assert model.history_["loss"] == history["loss"]
    z = train.predict(net, rows)
    np.testing.assert_allclose(
        np.log(model.predict_proba(x)),
        z - np.log(np.exp(z).sum(1, keepdims=True)),
        atol=1e-5,
    )
    np.testing.assert_array_equal(
        train.predict(model.as_block(), rows), train.predict(net, rows)
    )


def test_without_hidden_layers_it_is_linear_regression():
    x = np.random.RandomState(0).normal(size=(200, 3))
    y = x @ np.array([2.0, -1.0, 0.5]) + 4 + 0.1 * x[:, 0] ** 2
    # the whole batch and no noise: descent ends at the minimum
    model = quick(
        NetworkRegressor,
        hidden_sizes=(),
        optimizer="sgd",
        learning_rate=0.5,
        batch_size=200,
        epochs=100,
    )
    expected = LinearRegression().fit(x, y).predict(x)
    found = model.fit(x, y).predict(x)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.slow
def test_digits_are_read_as_well_as_by_scikit_learns_network():
    x, y = datasets.load_digits(return_X_y=True)
    x, held_x, y, held_y = split(x / 16, y, random_state=0, stratify=y)
    ours = NetworkClassifier(random_state=0).fit(x, y).score(held_x, held_y)
    theirs = MLPClassifier((64,), max_iter=400, random_state=0).fit(x, y)
    assert ours > 0.95
    assert ours > theirs.score(held_x, held_y) - 0.02


# --- properties


@pytest.mark.parametrize("kind", BOTH)
def test_the_same_seed_gives_the_same_network(kind, iris):
    first = quick(kind).fit(*iris).predict(iris[0])
    np.random.random(3)
    again = quick(kind).fit(*iris).predict(iris[0])
    np.testing.assert_array_equal(first, again)


def test_another_seed_gives_another_network(iris):
    losses = {
        quick(random_state=seed).fit(*iris).history_["loss"][0]
        for seed in (0, 1, None, None)
    }
    assert len(losses) == 4


def test_no_random_state_draws_from_numpys_generator(iris):
    found = []
    for _ in range(2):
        np.random.seed(7)
        found.append(quick(random_state=None).fit(*iris).history_["loss"])
    assert found[0] == found[1]


def test_fit_leaves_the_process_its_chance(iris):
    before = random.getstate(), np.random.get_state()[1].tolist()
    quick().fit(*iris)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def test_labels_may_be_text(iris):
    x, y = iris
    names = np.array(["setosa", "versicolor", "virginica"], object)[y]
    model = NetworkClassifier(random_state=0).fit(x, names)
    assert model.classes_.tolist() == sorted(set(names))
    assert np.mean(model.predict(x) == names) > 0.9
    assert set(model.predict(x)) == set(names)


@pytest.mark.parametrize("kind", BOTH)
def test_columns_have_their_names(kind):
    frames = pytest.importorskip("pandas")
    columns = ["length", "width"]
    x = frames.DataFrame(np.random.normal(size=(20, 2)), columns=columns)
    model = quick(kind).fit(x, [0, 1] * 10)
    assert model.feature_names_in_.tolist() == columns
    with pytest.raises(ValueError, match="feature names"):
        model.predict(x[["width", "length"]])


def test_it_goes_into_pipelines_and_searches(iris):
    x, y = iris
    model = make_pipeline(StandardScaler(), quick(epochs=20, batch_size=16))
    assert cross_val_score(model, x, y, cv=3).mean() > 0.85
    search = GridSearchCV(
        model,
        {"networkclassifier__learning_rate": [1e-5, 1e-2]},
        cv=3,
    ).fit(x, y)
    best = search.best_params_["networkclassifier__learning_rate"]
    assert best == 1e-2


@pytest.mark.parametrize("kind", BOTH)
def test_a_pickle_answers_in_another_process(kind, iris, tmp_path):
    x, y = iris
    model = quick(kind).fit(x, y)
    (tmp_path / "model").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "x.npy", x)
    code = (
        "import pickle, sys, numpy as np; folder = sys.argv[1];"
        "model = pickle.load(open(f'{folder}/model', 'rb'));"
        "y = model.predict(np.load(f'{folder}/x.npy'));"
        "np.save(f'{folder}/y.npy', y)"
    )
    words = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]
    subprocess.run(words, cwd=ROOT, check=True)
    np.testing.assert_array_equal(
        np.load(tmp_path / "y.npy"), model.predict(x)
    )


def test_a_pickle_holds_nothing_of_mxnets(iris):
    class Looking(pickle.Unpickler):
        def find_class(self, module, name):
            assert not module.startswith("mxnet"), name
            return super().find_class(module, name)

    content = pickle.dumps(quick().fit(*iris))
    assert Looking(io.BytesIO(content)).load().score(*iris) > 0.3


@pytest.mark.parametrize("kind", BOTH)
def test_a_clone_has_the_settings_and_nothing_learned(kind, iris):
    model = quick(kind, hidden_sizes=[3, 2], weight_decay=0.5).fit(*iris)
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    with pytest.raises(NotFittedError, match="not fitted yet"):
        twin.predict(iris[0])
    with pytest.raises(NotFittedError, match="not fitted yet"):
        twin.as_block()


def test_a_targets_unit_makes_no_difference():
    x, y = datasets.load_diabetes(return_X_y=True)
    plain = quick(NetworkRegressor).fit(x, y).predict(x)
    other = quick(NetworkRegressor).fit(x, 1000 * y + 5e6).predict(x)
    np.testing.assert_allclose((other - 5e6) / 1000, plain, rtol=1e-4)


def test_several_targets_are_several_columns():
    x, y = datasets.load_diabetes(return_X_y=True)
    both = np.stack([y, -2 * y, np.full(len(y), 3.0)], axis=1)
    model = NetworkRegressor(epochs=20, random_state=0).fit(x, both)
    found = model.predict(x)
    assert found.shape == both.shape
    assert np.corrcoef(found[:, 0], y)[0, 1] > 0.6
    assert np.corrcoef(found[:, 1], -y)[0, 1] > 0.6
    np.testing.assert_allclose(found[:, 2], 3.0, atol=0.2)
    one = quick(NetworkRegressor).fit(x, both[:, :1])
    assert one.predict(x).shape == (len(y), 1)


def test_rows_are_answered_whatever_their_number(iris, monkeypatch):
    model = quick().fit(*iris)
    whole = model.predict_proba(iris[0])
    monkeypatch.setattr(estimators, "ROWS", 7)
    np.testing.assert_allclose(model.predict_proba(iris[0]), whole, rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "activation"),
    [
        *((rule, "tanh") for rule in estimators.RULES),
        *(("adam", kind) for kind in ("relu", "sigmoid", "linear")),
    ],
)
def test_every_rule_and_nonlinearity_learns(iris, optimizer, activation):
    x, y = iris
    rate = {"adadelta": 30.0, "adam": 0.02, "rmsprop": 0.02}
    model = quick(
        optimizer=optimizer,
        activation=activation,
        learning_rate=rate.get(optimizer, 0.2),
        epochs=20,
    ).fit(x, y)
    first, last = model.history_["loss"][0], model.history_["loss"][-1]
    assert last < 0.8 * first
    assert model.network_.hidden == activation
    block = train.predict(model.as_block(), x.astype("float32"))
    np.testing.assert_array_equal(
        block.argmax(axis=1), model.predict_proba(x).argmax(axis=1)
    )


def test_weight_decay_shrinks_weights_and_spares_biases(iris):
    x, y = iris
    # the whole batch, whose steps have no noise
    net = quick(weight_decay=1.0, optimizer="sgd", learning_rate=0.5)
    net.set_params(batch_size=150, epochs=100)
    odd = np.repeat([0, 1], [20, 130])
    share = net.fit(x, odd).predict_proba(x)[:, 0]
    for W in net.network_.weights:
        assert abs(W).max() < 1e-3
    # what is left to tell is how frequent each class is
    np.testing.assert_allclose(share, 20 / 150, atol=0.01)
    loose = clone(net).set_params(weight_decay=0.0).fit(x, odd)
    assert min(abs(W).max() for W in loose.network_.weights) > 0.1


# --- early stopping


@pytest.mark.parametrize("kind", BOTH)
def test_it_stops_early_and_goes_back_to_the_best(kind, iris):
    x, y = iris
    noise = np.random.RandomState(0).normal(size=x.shape)
    model = quick(
        kind,
        hidden_sizes=(64,),
        epochs=400,
        early_stopping=True,
        validation_share=0.3,
        patience=3,
        learning_rate=0.02,
    ).fit(noise, y)
    curve = model.history_["validation_loss"]
    assert len(curve) < 400
    assert int(np.argmin(curve)) == len(curve) - 4
    assert "did not get better" in model.history_.stopped


def test_the_rows_held_back_have_every_class_in_its_share(iris, monkeypatch):
    x, y = iris
    seen = {}
    fit = train.fit

    def spy(net, batches, **given):
        seen.update(given, batches=batches)
        return fit(net, batches, **given)

    monkeypatch.setattr(train, "fit", spy)
    quick(early_stopping=True, validation_share=0.2).fit(x, y)
    assert np.bincount(seen["validation"].y).tolist() == [10, 10, 10]
    assert np.bincount(seen["batches"].y).tolist() == [40, 40, 40]
    rows = np.concatenate([seen["validation"].x, seen["batches"].x])
    np.testing.assert_array_equal(
        np.sort(rows, axis=0), np.sort(x.astype("float32"), axis=0)
    )


def test_fewer_rows_held_back_than_classes_do_not_stop_early_stopping():
    x, y = np.eye(6), [0, 0, 1, 1, 2, 2]
    model = quick(early_stopping=True).fit(x, y)  # one row of six
    assert "validation_loss" in model.history_


def test_a_class_of_one_row_does_not_stop_early_stopping(iris):
    x, y = iris
    y = np.where(np.arange(150) == 0, 3, y)
    model = quick(early_stopping=True).fit(x, y)
    assert model.predict_proba(x).shape == (150, 4)


# --- errors


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("hidden_sizes", 64, "a tuple of whole numbers"),
        ("hidden_sizes", (64, 0), "a tuple of whole numbers"),
        ("hidden_sizes", "64", "a tuple of whole numbers"),
        ("activation", "softmax", "be one of linear, sigmoid, tanh, relu"),
        ("optimizer", "lbfgs", "be one of sgd, momentum"),
        ("learning_rate", 0, "be a number above 0"),
        ("epochs", 0, "be a whole number from 1 up"),
        ("batch_size", 1.5, "be a whole number from 1 up"),
        ("weight_decay", -1, "be a number from 0 up"),
        ("validation_share", 0.9, "above 0 and at most 0.5"),
        ("patience", 0, "be a whole number from 1 up"),
        ("early_stopping", "no", "be True or False"),
        ("device", "tpu", "be 'cpu', 'gpu', or one of them"),
    ],
)
def test_a_bad_setting_is_named_by_fit(kind, setting, value, rule, iris):
    model = quick(kind, **{setting: value})  # a constructor says nothing
    with pytest.raises(ValueError, match=rf"`{setting}` \(=.*{rule}"):
        model.fit(*iris)


def test_one_class_is_nothing_to_tell_apart(iris):
    with pytest.raises(ValueError, match="`y` .* hold more than one class"):
        quick().fit(iris[0], np.zeros(150))


def test_labels_of_several_types_are_refused(iris):
    for pair in (["a", None], ["a", 1]):
        with pytest.raises(ValueError, match="`y` .* hold labels of one type"):
            quick().fit(iris[0], np.array(pair * 75, object))


def test_targets_too_large_are_refused(iris):
    with pytest.raises(ValueError, match="`y` .* whose squares are finite"):
        quick(NetworkRegressor).fit(iris[0], 1e300 * iris[1])


@pytest.mark.parametrize("kind", BOTH)
def test_a_fit_that_failed_leaves_what_there_was(kind, iris):
    x, y = iris
    model = quick(kind, optimizer="sgd", learning_rate=1e30, epochs=20)
    with pytest.raises(TrainingDiverged, match="smaller learning rate"):
        model.fit(x, y)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        model.predict(x)
    before = quick(kind).fit(x, y)
    answers = before.predict(x)
    before.set_params(optimizer="sgd", learning_rate=1e30, epochs=20)
    with pytest.raises(TrainingDiverged, match="smaller learning rate"):
        before.fit(x, 7 * (y > 1))
    np.testing.assert_array_equal(before.predict(x), answers)


def test_threads_train_and_hand_out_what_one_would(iris):
    def work(_):
        model = quick().fit(*iris)
        rows = mx.np.array(iris[0].astype("float32"))
        return model.history_["loss"], model.as_block()(rows).shape

    with futures.ThreadPoolExecutor(3) as pool:
        found = list(pool.map(work, range(3)))
        model = quick().fit(*iris)
        block = pool.submit(model.as_block).result()
    assert found == [(model.history_["loss"], (150, 3))] * 3
    assert block.sizes == (4, 8, 3)


def test_handing_out_a_block_draws_no_chance(iris):
    model = quick().fit(*iris)
    drawn = []
    for hands_out in (True, False):
        mx.random.seed(0)
        if hands_out:
            model.as_block()
        drawn.append(mx.np.random.uniform(size=3).tolist())
    assert drawn[0] == drawn[1]


def test_without_scikit_learn_one_sentence_says_what_is_missing():
    code = "import sys; sys.modules['sklearn'] = None; import fdl.estimators"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: fdl.estimators needs scikit-learn")
    assert "pip install 'fdl[sklearn]'" in last
    assert "During handling" not in done.stderr
