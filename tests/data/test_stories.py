"""Known value, oracle, property, bad input: stories with questions."""

import dataclasses
import gzip
import io
import os
import re
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdl import data
from fdl.data import catalog, storyteller
from fdl.data.stories import SAMPLE, TASKS, babi, babi_sample, read_stories
from fdl.errors import DataError
from tests.data.oracles import answers_to_story

REAL = os.environ.get("FDL_DATA_MIRROR", "")
GOOD = (
    b"1 Ada took the map.\n2 Where is it? \tattic\t1\n"
    b"1 Ben ran.\n2 Ada ran, too.\n3 Who ran?\tada,Ben\t2 1\n"
)


def write(folder, body):
    path = Path(folder) / "qa.txt"
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["plain", "gz"])
def test_a_file_is_read_line_by_line(tmp_path, wrap):
    read = read_stories(write(tmp_path, wrap(GOOD)), task=8)
    first, second = read.stories
    assert first.lines == (
        ("Ada took the map.", (), ()),
        ("Where is it?", ("attic",), (1,)),
    )
    assert second.questions == (("Who ran?", ("ada", "Ben"), (2, 1)),)
    assert [story.task for story in read.stories] == [8, 8]
    assert read.source.name == "qa.txt"
    assert read_stories(write(tmp_path, wrap(GOOD))).tasks == (1,)
    assert read_stories(write(tmp_path, GOOD), 20).tasks == (20,)


def test_line_ends_may_be_other_and_the_last_one_missing(tmp_path):
    plain = read_stories(write(tmp_path, GOOD)).stories
    other = GOOD.replace(b"\n", b"\r\n")[:-2]
    assert read_stories(write(tmp_path, other)).stories == plain


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", r"qa\.txt holds no story\."),
        (b"1 A.\n\n", r"line 2 does not begin with its number\."),
        (b"A.\n", r"line 1 does not begin with its number\."),
        (b"01 A.\n", r"line 1 does not begin with its number\."),
        (b"2 A.\n", r"line 1 has the number 2, and not 1\."),
        (b"1 A.\n3 B.\n", r"line 2 has the number 3, and not 1 or 2\."),
        (b"1 \n", r"line 1 says nothing\."),
        (b"1 ?\ta\t\n", r"line 1 says nothing\."),
        (b"1 A.\n2 B?\ta\n", r"line 2 has 1 tabs, where a question has 2\."),
        (b"1 A.\n2 B?\ta\t1\t\n", r"line 2 has 3 tabs"),
        (b"1 A.\n2 B?\ta,\t1\n", r"line 2 has the answer '', which is no wor"),
        (b"1 A.\n2 B?\ta b\t1\n", r"line 2 has the answer 'a b', which"),
        (b"1 A.\n2 B?\ta\t2\n", r"line 2 names 2, which is no line before"),
        (b"1 A.\n2 B?\ta\t0\n", r"line 2 names '0', which is no line before"),
        (b"1 A.\n2 B?\ta\tx\n", r"line 2 names 'x', which is no line before"),
        (b"1 A.\n1 B.\n", r"line 1 ends a story without a question\."),
        (b"1 A.\n2 B?\ta\t1\n1 B.\n", r"line 3 ends a story without a que"),
        (b"1 A\x00.\n", r"line 1 holds '\\x00', which cannot be seen\."),
        (b"1 A\xc2\xa0B.\n", r"line 1 holds '\\xa0', which cannot be seen"),
        (b"1 A\xe9.\n", r"qa\.txt, line 1 is not UTF-8 text\."),
        (b"\x1f\x8b\x08rest", r"qa\.txt cannot be read"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(tmp_path, body, message):
    with pytest.raises(DataError, match=message):
        read_stories(write(tmp_path, body))


def test_a_fact_is_held_against_the_place_of_its_question(tmp_path):
    """The same words may be right in one story and wrong in another."""
    body = b"1 A.\n2 A.\n3 B?\ta\t2\n1 A.\n2 B?\ta\t2\n"
    with pytest.raises(DataError, match="line 5 names 2"):
        read_stories(write(tmp_path, body))


def test_wrong_arguments_are_told(tmp_path):
    with pytest.raises(DataError, match=r"no\.txt is not a file"):
        read_stories(tmp_path / "no.txt")
    with pytest.raises(ValueError, match=r"`task` \(=21\) must be a wh"):
        read_stories(write(tmp_path, GOOD), task=21)
    read = read_stories(write(tmp_path, GOOD), task=2)
    with pytest.raises(ValueError, match=r"`tasks` \(=1\) must be among"):
        read.of([1])
    for wrong in (2, "2"):
        with pytest.raises(
            ValueError, match=r"`tasks` \(=.*must be a list of"
        ):
            read.of(wrong)
    for wrong in (0, True, 1.0):
        with pytest.raises(ValueError, match=r"`questions` \(=.*\) must be a"):
            read.stories[0].up_to(wrong)
    assert read.stories[0].up_to(np.int64(1)) == read.stories[0]


PIECES = st.lists(
    st.sampled_from(
        [b"1 ", b"2 ", b"A.", b"A?", b"\t", b"a", b",", b"1", b"\n", b"\r"]
    )
    | st.binary(max_size=3),
    max_size=40,
).map(b"".join)


@given(body=PIECES)
def test_nothing_but_a_data_error_comes_out(body):
    with tempfile.TemporaryDirectory() as folder:
        try:
            read = read_stories(write(folder, body))
        except DataError:
            return
    for story in read.stories:
        assert story.questions
        for number, line in enumerate(story.lines, 1):
            assert line.text
            assert all(0 < fact < number for fact in line.facts)


def test_a_story_ends_at_the_question_that_is_named(tmp_path):
    body = b"1 A.\n2 B?\ta\t1\n3 C.\n4 D?\ta\t1\n5 E.\n"
    (story,) = read_stories(write(tmp_path, body)).stories
    assert len(story.up_to(1).lines) == 2
    assert len(story.up_to(2).lines) == len(story.up_to(9).lines) == 4


def archive(path, names, body=GOOD):
    with tarfile.open(path, "w:gz") as pack:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            pack.addfile(info, io.BytesIO(body))


def test_the_tasks_of_an_archive_come_in_their_order(tmp_path):
    row = catalog.entry("babi")
    path = tmp_path / "babi.tar.gz"
    folder = "tasks_1-20_v1-2/en-10k"
    names = [f"{folder}/qa10_b_test.txt", f"{folder}/qa2_a_test.txt"]
    names += [f"{folder}/qa3_c_train.txt", "tasks_1-20_v1-2/en/qa1_d_test.txt"]
    names += [f"{folder}/qa{k}_e_test.txt" for k in (0, 1, 20, 21)]
    archive(path, names)
    read = babi(row, row.copies[0], {"x": path}, "test")
    assert [story.task for story in read.stories] == [
        1,
        1,
        2,
        2,
        10,
        10,
        20,
        20,
    ]
    assert read.tasks == (1, 2, 10, 20)
    assert read.of([10]).tasks == (10,)
    assert read.source.kind == "official"
    archive(path, names[2:3])
    with pytest.raises(DataError, match="holds no story for 'test'"):
        babi(row, row.copies[0], {"x": path}, "test")


def test_of_an_archive_the_file_and_its_line_are_told(tmp_path):
    row = catalog.entry("babi")
    name = "tasks/en-10k/qa4_b_test.txt"
    path = tmp_path / "babi.tar.gz"
    archive(path, [name], GOOD + b"5 What?\n")
    with pytest.raises(DataError, match=rf"babi\.tar\.gz: {name}, line 6 has"):
        babi(row, row.copies[0], {"x": path}, "test")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"babi\.tar\.gz cannot be read"):
        babi(row, row.copies[0], {"x": path}, "test")


# -- made-up stories


@pytest.mark.parametrize("task", storyteller.TELLERS)
def test_made_up_answers_are_what_another_reader_finds(task, tmp_path):
    told = "".join(storyteller.tell(task, 200))
    read = read_stories(write(tmp_path, told.encode()), task)
    kinds = set()
    for story in read.stories:
        found = [line.answers for line in story.questions]
        assert found == answers_to_story(line.text for line in story.lines)
        kinds.update(found)
    assert len(kinds) > 1


@pytest.mark.parametrize(
    ("task", "sentences", "questions"),
    [
        (1, {10}, 5),
        (2, {12, 13, 14}, 3),  # more, if nobody has touched a thing yet
        (4, {2}, 1),
        (6, {10}, 5),
        (7, {12, 13, 14, 15, 16}, 4),
        (8, {12, 13, 14, 15, 16}, 4),
        (9, {10}, 5),
        (20, {12}, 12),
    ],
)
def test_a_made_up_story_has_its_length(task, sentences, questions):
    told = storyteller.tell(task, 100)
    asked = [story.count("?\t") for story in told]
    assert set(asked) == {questions}
    found = [story.count("\n") - questions for story in told]
    assert set(found) <= sentences
    assert min(found) == min(sentences)


def test_no_made_up_answer_is_much_likelier_than_another():
    told = "".join(storyteller.tell(6, 200))
    assert told.count("\tyes\t") / 1000 == pytest.approx(0.5, abs=0.08)
    for task, asked in ((1, 1000), (2, 600), (4, 200)):
        told = "".join(storyteller.tell(task, 200))
        for room in storyteller.ROOMS:
            share = told.count(f"\t{room}\t") / asked
            sd = (1 / 6 * 5 / 6 / asked) ** 0.5
            assert share == pytest.approx(1 / 6, abs=5 * sd)
    told = "".join(storyteller.tell(6, 200))
    handled = sum(told.count(f" {verb} the ") for verb in ("picked", "put"))
    assert 0.2 < handled / 2000 < 0.4  # the others walk


def test_made_up_rooms_lie_on_all_sides():
    told = "".join(storyteller.tell(4, 200))
    for side in ("north", "south", "west", "east"):
        assert 50 < told.count(f" lies {side} of the ") < 200
    # either form of the question may be about either sentence
    for form in ("lies", "does"):
        asked = re.findall(rf"What {form} .*\t(\d)\n", told)
        assert asked.count("1") == pytest.approx(50, abs=30)
        assert asked.count("2") == pytest.approx(50, abs=30)


def test_made_up_people_are_seen_or_have_left():
    told = "".join(storyteller.tell(9, 200))
    assert set(re.findall(r"\d (\w+) has ", told)) == set(storyteller.PEOPLE)
    assert told.count(" has left ") / 2000 == pytest.approx(0.4, abs=0.06)
    # who was seen is asked for there, or elsewhere as often
    assert told.count("\tyes\t") / 1000 == pytest.approx(0.3, abs=0.08)


def test_people_take_several_things_and_put_them_down():
    told = {k: "".join(storyteller.tell(k, 200)) for k in (2, 7, 8)}
    for body in told.values():
        took, put = (body.count(f" {verb} the ") for verb in ("picked", "put"))
        assert 0.15 * took < put < took
    for count in ("none", "one", "two", "three"):
        assert f"?\t{count}\t" in told[7]
    for held in ("nothing", "map", "violin,map", "map,violin"):
        assert f"?\t{held}\t" in told[8]


@pytest.mark.parametrize("task", storyteller.TELLERS)
def test_made_up_facts_are_enough_to_answer(task, tmp_path):
    """What is left of a story without all other lines says the same."""
    told = "".join(storyteller.tell(task, 100))
    for story in read_stories(write(tmp_path, told.encode()), task).stories:
        for question in story.questions:
            kept = [story.lines[k - 1].text for k in sorted(question.facts)]
            (found,) = answers_to_story([*kept, question.text])
            assert found == question.answers


def test_stories_are_told_by_seed():
    assert storyteller.tell(1, 3) == storyteller.tell(1, 5)[:3]
    assert storyteller.tell(1, 3) != storyteller.tell(1, 3, seed=1)
    assert len(set(storyteller.tell(4, 300))) == 300
    with pytest.raises(ValueError, match=r"`task` \(=3\) must be one of 1, 2"):
        storyteller.tell(3, 1)
    with pytest.raises(ValueError, match=r"`count` \(=0\) must be a whole"):
        storyteller.tell(1, 0)
    with pytest.raises(ValueError, match=r"`seed` \(=-1\) must be a whole"):
        storyteller.tell(1, 1, seed=-1)
    with pytest.raises(ValueError, match="that can be told"):
        storyteller.tell(4, 10**9)  # gives up within seconds


def test_the_samples_parts_share_no_story(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    parts = [data.load("babi", split, offline=True) for split in SAMPLE]
    for part, size in zip(parts, SAMPLE.values()):
        assert part.source.kind == "sample"
        assert part.tasks == tuple(storyteller.TELLERS)
        assert len(part.of([4]).stories) == size
    assert not set(parts[0].stories) & set(parts[1].stories)
    for size in SAMPLE.values():
        assert str(size) in parts[0].source.detail


def test_there_is_no_sample_of_what_is_no_part():
    row = catalog.entry("babi")
    assert babi_sample(row, None) is None
    with pytest.raises(ValueError, match=r"`row` \(=.*\) must have a sample"):
        babi_sample(dataclasses.replace(row, sample=None), "test")


def test_made_up_words_are_our_own(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    part = data.load("babi", "test", offline=True)
    text = " ".join(line.text for s in part.stories for line in s.lines)
    theirs = {"Mary", "John", "Sandra", "Daniel", "bathroom", "hallway"}
    assert not theirs & set(re.findall(r"\w+", text))


@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "babi")),
    reason="FDL_DATA_MIRROR names no folder with the real stories",
)
def test_the_real_stories_come_whole(monkeypatch):
    monkeypatch.setenv("FDL_DATA_MIRROR", str(Path(REAL).resolve()))
    read = data.load("babi", "test", offline=True)
    assert read.tasks == tuple(range(1, len(TASKS) + 1))
    for task in read.tasks:
        stories = read.of([task]).stories
        assert sum(len(story.questions) for story in stories) == 1000
    train = data.load("babi", offline=True)
    asked = sum(len(story.questions) for story in train.stories)
    assert asked == 10_000 * len(train.tasks) >= 190_000
