"""``fdl translate``: from arguments and from the input, and what is wrong."""

import io
import sys

import numpy as onp
import pytest

from fdl import cli, data, records
from fdl.language import Interpreter, Translator
from tests.cli.conftest import fails

WORDS = ["a", "dog", "."]


@pytest.fixture(scope="module")
def interpreter():
    words = data.marked_vocabulary([WORDS], 7)
    net = Translator(7, 7, embedding=3, hidden=4)
    net.initialize()
    return Interpreter(net, words, words)


@pytest.fixture
def weights(interpreter, tmp_path):
    path = tmp_path / "weights.npz"
    interpreter.save(path)
    return str(path)


def test_arguments_are_translated_a_line_each(interpreter, weights, capsys):
    said = interpreter.translate(["a dog .", "dog"])
    words = ["translate", "--weights", weights, "a dog .", "dog"]
    assert cli.main(words) == 0
    assert capsys.readouterr().out.split("\n") == [*said, ""]


def test_the_input_is_translated_line_by_line(
    interpreter, weights, capsys, monkeypatch
):
    said = interpreter.translate(["a dog .", "dog"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("a dog .\n \ndog"))
    assert cli.main(["translate", "--weights", weights]) == 0
    assert capsys.readouterr().out == f"{said[0]}\n\n{said[1]}\n"


def test_unknown_words_are_filled_if_asked_for(interpreter, tmp_path, capsys):
    kept, path = interpreter.arrays(), str(tmp_path / "unknown.npz")
    kept["bias"] = kept["bias"] + 99 * (onp.arange(7) == 3)  # says no other
    Interpreter.of(kept).save(path)
    words = ["translate", "--weights", path, "zebra"]
    assert cli.main(words) == 0
    assert set(capsys.readouterr().out.split()) == {"<unk>"}
    assert cli.main([*words, "--fill"]) == 0
    assert set(capsys.readouterr().out.split()) == {"zebra"}


def test_as_many_hypotheses_are_kept_as_asked_for(
    interpreter, weights, capsys, monkeypatch
):
    asked, plain = [], Interpreter.translate

    def translate(self, sentences, **options):
        asked.append(options)
        return plain(self, sentences, **options)

    monkeypatch.setattr(Interpreter, "translate", translate)
    words = ["translate", "--weights", weights, "a dog"]
    assert cli.main([*words, "--beam", "3"]) == 0
    assert cli.main(words) == 0
    assert [options["beam"] for options in asked] == [3, 1]
    found = [plain(interpreter, ["a dog"], beam=b)[0] for b in (3, 1)]
    assert capsys.readouterr().out.split("\n") == [*found, ""]


def test_the_records_weights_are_taken_if_none_are_named(interpreter, capsys):
    record = records.Record(
        "translation", "translation", {}, arrays=interpreter.arrays()
    )
    record.save()
    assert cli.main(["translate", "dog"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_what_is_wrong_is_said_in_a_line(
    weights, capsys, monkeypatch, tmp_path
):
    fails(capsys, ["translate", "dog"], 1, "no record translation in")
    fails(
        capsys,
        ["translate", "--weights", "nowhere.npz", "dog"],
        1,
        "nowhere.npz is not a file that can be read",
    )
    here = ["translate", "--weights", weights]
    fails(capsys, [*here, " "], 2, r"`SENTENCE` .* must hold a word")
    fails(capsys, [*here, "--beam", "0", "a"], 2, r"`--beam` \(=0\) must")
    fails(capsys, [*here, "--beam", "x", "a"], 2, "be a whole number")
    other = tmp_path / "other.npz"
    other.write_bytes(b"no arrays")
    words = ["translate", "--weights", str(other), "a"]
    fails(capsys, words, 1, "other.npz cannot be read")
    latin = io.TextIOWrapper(io.BytesIO(b"\xe9t\xe9"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", latin)
    fails(capsys, here, 1, "The input is not UTF-8 text after line 0")
