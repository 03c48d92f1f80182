"""Known value, oracle, property, learns: stories, word by word."""

import os
from pathlib import Path

import numpy as np
import pytest

from fdl import data, memory, optim, train
from fdl._mxnet import np as mxnp
from fdl.data.entries import Source
from fdl.data.stories import Line, Stories, Story
from fdl.memory import babi, reading
from fdl.memory.babi import NOTHING

REAL = os.environ.get("FDL_DATA_MIRROR", "")

ASK = Line("What has Ada?", ("Map", "lamp"), (1, 2))
STORIES = (
    Story(8, (Line("Ada took 2 maps."), Line("Ada - ran!"), ASK)),
    Story(1, (Line("Ben ran."), Line("Who ran?", ("ben",)), ASK)),
)
TOKENS = "- . ? ada ben has lamp map maps ran took what who".split()


def test_words_and_marks_are_tokens_and_numbers_are_not():
    text = "Mary's 2 apples, (red): 10-fold? Yes!"
    found = babi.tokens_of(text)
    assert found == ["mary", "s", "apples", "red", "fold", "?", "yes"]


def test_the_lexicon_holds_answers_and_the_blank():
    assert babi.lexicon(STORIES) == TOKENS


def spelled(numbers):
    return " ".join("_" if n == NOTHING else TOKENS[n] for n in numbers)


def test_a_story_becomes_steps_as_worked_by_hand():
    steps = babi.encode(STORIES, TOKENS)
    assert steps.starts.tolist() == [0, 12, 25]
    assert steps.lengths.tolist() == [12, 13]
    assert steps.tasks.tolist() == [8, 1]
    assert spelled(steps.tokens[:12]) == (
        "ada took maps . ada ran what has ada ? - -"
    )
    assert spelled(steps.answers[:12]) == "_ _ _ _ _ _ _ _ _ _ map lamp"
    assert spelled(steps.tokens[12:]) == (
        "ben ran . who ran ? - what has ada ? - -"
    )
    assert spelled(steps.answers[12:]) == "_ _ _ _ _ _ ben _ _ _ _ map lamp"
    asked = steps.questions[steps.questions != NOTHING]
    assert asked.tolist() == [0, 0, 1, 2, 2]
    asked = steps.answers != NOTHING
    assert ((steps.questions != NOTHING) == asked).all()
    # nobody tells the network the answer
    assert set(steps.tokens[asked]) == {TOKENS.index("-")}


def test_rows_are_padded_to_the_longest_of_them():
    steps = babi.encode(STORIES, TOKENS)
    tokens, answers = steps.rows([0, 1, 0])
    assert tokens.shape == answers.shape == (3, 13)
    assert tokens[0].tolist() == [*steps.tokens[:12], NOTHING]
    assert answers[1].tolist() == steps.answers[12:].tolist()
    assert (tokens[2] == tokens[0]).all()
    assert steps.rows([0])[0].shape == (1, 12)


def test_stories_that_are_too_long_are_left_out():
    steps = babi.encode(STORIES[::-1], TOKENS)
    short = steps.up_to(12)
    alone = babi.encode(STORIES[:1], TOKENS)
    for name in ("tokens", "answers", "starts", "tasks"):
        assert (getattr(short, name) == getattr(alone, name)).all()
    assert short.questions[-1] == 2  # its number is still the same
    said = np.where(short.answers < 0, 0, short.answers)
    assert babi.task_errors(said, short) == {8: 0.0}
    with pytest.raises(ValueError, match="leave a story; the shortest has 12"):
        steps.up_to(11)


def test_a_number_becomes_a_single_one_and_nothing_becomes_zeros():
    x = babi.one_hot(np.array([[0, 2, NOTHING]]), 3)
    assert x.dtype == np.float32
    assert x.tolist() == [[[1, 0, 0], [0, 0, 1], [0, 0, 0]]]


def test_what_cannot_be_encoded_is_told():
    with pytest.raises(ValueError, match=r"must hold the story's word 'took'"):
        babi.encode(STORIES, [t for t in TOKENS if t != "took"])
    with pytest.raises(ValueError, match="have '-' among them"):
        babi.encode(STORIES, TOKENS[1:])
    with pytest.raises(ValueError, match="hold at least one story"):
        babi.encode([], TOKENS)
    loaded = Stories(STORIES, Source("told", "sample", "for this test"))
    for call in (babi.lexicon, lambda s: babi.encode(s, TOKENS)):
        with pytest.raises(
            ValueError, match=r"must be a list: take its `\.st"
        ):
            call(loaded)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.rows([]), r"`rows` \(=of shape \(0,\)\) must be \(B,\)"),
        (lambda s: s.rows(1), r"`rows` \(=of shape \(\)\) must be \(B,\)"),
        (lambda s: s.rows([0, -1]), r"`rows` \(=-1\) must hold whole .* 0 to"),
        (lambda s: s.rows([2]), r"`rows` \(=2\) must hold .* from 0 to 1\."),
        (lambda s: s.rows([0.5]), r"`rows` \(='of type float64'\) must hold"),
        (
            lambda s: babi.one_hot(np.array([[0, -2]]), 3),
            r"`numbers` \(=-2\) must hold whole numbers from -1 to 2\.",
        ),
        (
            lambda s: babi.one_hot(np.array([[3, 0]]), 3),
            r"`numbers` \(=3\) must hold whole numbers from -1 to 2\.",
        ),
        (lambda s: babi.one_hot(s.tokens[None], 0), r"`size` \(=0\) must be"),
        (
            lambda s: babi.task_errors(s.answers[:-1], s),
            r"`said` \(=of shape \(24,\)\) must be of shape \(25,\)",
        ),
        (
            lambda s: reading.StoryBatches(s, 12, 2),
            r"`size` \(=12\) must be a whole number from 13 up",
        ),
        (
            lambda s: reading.StoryBatches(s, 13, 2, seed=-1),
            r"`seed` \(=-1\) must be a whole number from 0 up",
        ),
        (
            lambda s: reading.answer(None, s, 12),
            r"`numbers` \(=12\) must hold whole numbers from -1 to 11",
        ),
    ],
)
def test_what_is_no_story_s_number_is_told(call, message):
    """NumPy would take a number below zero for one from the end."""
    with pytest.raises(ValueError, match=message):
        call(babi.encode(STORIES, TOKENS))


def test_minibatches_draw_every_story_equally_often(tmp_path):
    path = tmp_path / "told.txt"
    path.write_text("".join(data.storyteller.tell(1, 8)))
    stories = data.read_stories(path).stories
    steps = babi.encode(stories, babi.lexicon(stories))
    size = len(babi.lexicon(stories))
    batches = reading.StoryBatches(steps, size, 3, count=1600, parts=5)
    whole = {
        tuple(steps.tokens[a:b]): k
        for k, (a, b) in enumerate(zip(steps.starts, steps.starts[1:]))
    }
    seen = np.zeros(len(stories))
    for x, y in batches:
        assert x.shape == (*y.shape, size)
        for row, answers in zip(x, y):
            length = int(row.sum())  # zeros where a story has ended
            tokens = row[:length].argmax(axis=1)
            k = whole[tuple(tokens)]
            seen[k] += 1
            first = steps.starts[k]
            assert (answers[:length] == steps.answers[first:][:length]).all()
            assert (answers[length:] == NOTHING).all()
    assert seen.sum() == 4800
    # five standard deviations of a story that is alone in its part
    assert abs(seen - 600).max() < 5 * 3 * (1600 * 1 / 8 * 7 / 8) ** 0.5
    spread = [np.ptp(steps.lengths[part]) for part in batches.parts]
    assert max(spread) < np.ptp(steps.lengths)


def test_an_epochs_number_decides_what_is_drawn():
    steps = babi.encode(STORIES * 8, TOKENS)
    batches = reading.StoryBatches(steps, len(TOKENS), 2, count=9, seed=1)
    assert len(batches) == 9

    def drawn(epoch):
        return [y.tolist() for _, y in batches.epoch(epoch)]

    assert drawn(0) == drawn(0) == [y.tolist() for _, y in batches]
    assert drawn(0) != drawn(1)


def test_the_loss_is_taken_at_answers_only():
    steps = babi.encode(STORIES, TOKENS)
    tokens, answers = steps.rows([0, 1])
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(*tokens.shape, len(TOKENS))).astype("f4")

    def loss(scores):
        found = reading.answer_loss(mxnp.array(scores), mxnp.array(answers))
        return found.asnumpy()

    wanted = []
    for row, asked in zip(scores.astype("f8"), answers):
        logs = [
            np.log(np.exp(row[t]).sum()) - row[t, k]
            for t, k in enumerate(asked)
            if k >= 0
        ]
        wanted.append(sum(logs) / len(logs))
    np.testing.assert_allclose(loss(scores), wanted, rtol=1e-5)
    silent = answers < 0
    other = np.where(silent[:, :, None], 9 * scores, scores)
    np.testing.assert_array_equal(loss(other), loss(scores))
    scores[0, 10] += np.arange(len(TOKENS))
    assert loss(scores)[0] != pytest.approx(wanted[0], rel=1e-3)
    # the first of all tokens may be an answer as well
    answers = np.array([[0, NOTHING]])
    found = loss(np.log([[[0.75, 0.25], [0.5, 0.5]]]))
    np.testing.assert_allclose(found, -np.log(0.75), rtol=1e-5)


def test_an_answer_counts_if_all_its_words_are_right():
    steps = babi.encode(STORIES, TOKENS)
    right = np.where(steps.answers < 0, 7, steps.answers)
    assert babi.task_errors(right, steps) == {1: 0.0, 8: 0.0}
    for places, errors in (
        ([10], {1: 0.0, 8: 1.0}),  # the first word of two
        ([11], {1: 0.0, 8: 1.0}),
        ([10, 11], {1: 0.0, 8: 1.0}),
        ([18], {1: 0.5, 8: 0.0}),  # the first question of two
        ([18, 24], {1: 1.0, 8: 0.0}),
        ([0, 9, 12], {1: 0.0, 8: 0.0}),  # where nothing is asked
    ):
        said = right.copy()
        said[places] = (said[places] + 1) % len(TOKENS)
        assert babi.task_errors(said, steps) == errors
    # a question without a word is answered where its story begins
    silent = [Story(task, (Line("2", ("lamp",)),)) for task in (1, 8)]
    short = babi.encode(silent, TOKENS)
    assert short.starts.tolist() == [0, 1, 2]
    said = short.answers + [0, 1]
    assert babi.task_errors(said, short) == {1: 0.0, 8: 1.0}
    swapped = right.copy()
    swapped[[10, 11]] = right[[11, 10]]
    assert babi.task_errors(swapped, steps)[8] == 1.0


def test_each_story_is_answered_at_its_own_place(monkeypatch):
    steps = babi.encode(STORIES[::-1] * 3, TOKENS)
    sizes = []

    def predict(net, x, *, batch_size, device):
        sizes.append(x.shape[:2])
        after = (x.argmax(axis=2) + 1) % len(TOKENS)
        return np.where((x.sum(axis=2) > 0)[:, :, None], np.eye(13)[after], 0)

    monkeypatch.setattr(train, "predict", predict)
    monkeypatch.setattr(reading, "CELLS", 30)
    said = reading.answer(None, steps, len(TOKENS))
    assert said.tolist() == ((steps.tokens + 1) % len(TOKENS)).tolist()
    assert sizes == [(2, 13), (2, 13), (2, 12)]


def test_a_little_dnc_learns_who_is_where():
    """One sentence, one question: more would take minutes."""
    rooms, people = ("attic", "cellar", "barn"), ("Ada", "Ben")
    stories = [
        Story(1, (Line(f"{p} ran to the {r}."), Line(f"Where is {p}?", (r,))))
        for p in people
        for r in rooms
    ]
    tokens = babi.lexicon(stories)
    steps = babi.encode(stories, tokens)
    net = memory.DNC(
        len(tokens), slots=4, word=8, reads=1, hidden=24, inputs=len(tokens)
    )
    train.fit(
        net,
        reading.StoryBatches(steps, len(tokens), 8, count=250),
        loss=reading.answer_loss,
        optimizer=optim.Adam(0.02),
        epochs=1,
        device="cpu",
        seed=0,
    )
    said = reading.answer(net, steps, len(tokens), "cpu")
    assert babi.task_errors(said, steps) == {1: 0.0}


@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "babi")),
    reason="FDL_DATA_MIRROR names no folder with the real stories",
)
def test_the_real_stories_have_159_tokens(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", str(Path(REAL).resolve()))
    parts = [data.load("babi", s, offline=True) for s in ("train", "test")]
    tokens = babi.lexicon(parts[0].stories + parts[1].stories)
    assert len(tokens) == 159
    assert tokens[0] == "-"
    steps = babi.encode(parts[1].stories, tokens)
    assert steps.questions.max() + 1 == 20_000
