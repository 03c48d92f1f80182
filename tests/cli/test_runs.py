"""``fdl record``, and folders of runs: begun, resumed, replaced, locked."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fdl import cli, experiments, records
from fdl.errors import DataError
from tests.cli.conftest import fails


def stored(**changes):
    """Put a complete full record of mnist_mlp in its place."""
    config = experiments.configure("mnist_mlp", "full")
    values = {
        "config": vars(config),
        "profile": "full",
        "data": {"mnist": "official"},
        "date": "2020-01-01",
        **changes,
    }
    record = records.Record("mnist_mlp", "mnist_mlp", {"a": 1.0}, **values)
    record.save()


# --- record


def test_a_record_is_a_full_run(runs, capsys):
    assert cli.main(["record", "mnist_mlp_uniform"]) == 0
    name, config, given = runs.calls[0]
    assert config == experiments.configure("mnist_mlp", "full", init="uniform")
    assert name == "mnist_mlp"
    kept = records.read("mnist_mlp_uniform")
    assert (kept.experiment, kept.profile) == ("mnist_mlp", "full")
    assert kept.config == vars(config)
    assert "mnist_mlp_uniform, full profile" in capsys.readouterr().out
    assert not given["checkpoint"].parent.exists()


def test_all_records_run(runs):
    assert cli.main(["record", "--all"]) == 0
    assert records.names() == sorted(experiments.recordings())


def test_the_checkpoints_of_a_record_survive_its_interruption(runs):
    folder = None

    def interrupt(config, *, checkpoint, **given):
        nonlocal folder
        folder = checkpoint
        assert folder.is_dir()
        raise KeyboardInterrupt

    experiments.mnist_mlp.run = interrupt
    assert cli.main(["record", "mnist_mlp"]) == 130
    assert folder.exists()
    assert records.names() == []


def test_one_failure_does_not_stop_the_other_records(runs, capsys):
    def fail(config, **given):
        raise DataError("No data.")

    experiments.mnist_logistic.run = fail
    assert cli.main(["record", "--all"]) == 1
    others = {
        name
        for name, (experiment, _) in experiments.recordings().items()
        if experiment != "mnist_logistic"
    }
    assert "mnist_mlp" in others
    assert set(records.names()) == others
    err = capsys.readouterr().err
    assert "fdl: mnist_logistic: No data.\n" in err


def test_a_complete_record_is_run_again_unless_resumed(runs, capsys):
    stored()
    assert cli.main(["record", "mnist_mlp", "--resume"]) == 0
    assert runs.calls == []
    assert capsys.readouterr().out == "mnist_mlp: complete since 2020-01-01\n"
    assert cli.main(["record", "mnist_mlp"]) == 0
    assert records.read("mnist_mlp").date == "2024-05-06"


@pytest.mark.parametrize(
    "changes",
    [
        {"complete": False},
        {"data": {"mnist": "sample"}},
        {"config": {"epochs": 3}},
    ],
)
def test_resume_goes_on_where_the_record_is_not_what_is_wanted(runs, changes):
    stored(**changes)
    assert cli.main(["record", "mnist_mlp", "--resume"]) == 0
    assert len(runs.calls) == 1
    assert runs.calls[0][2]["resume"] is True


def test_a_quick_run_never_replaces_a_full_record(runs, capsys):
    stored()
    words = ["record", "mnist_mlp", "--profile", "quick"]
    fails(capsys, words, 1, "complete record, which a run of the quick prof")
    assert runs.calls == []
    assert records.read("mnist_mlp").date == "2020-01-01"


def test_a_run_on_a_sample_never_replaces_a_real_record(runs, capsys):
    stored()
    runs.kind = "sample"
    fails(capsys, ["record", "mnist_mlp"], 1, "a run on a sample of mnist")
    assert runs.calls == []


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"complete": False}, "sample", ["--profile", "quick"]),
        ({"profile": "quick"}, "official", ["--profile", "quick"]),
        ({"data": {"mnist": "sample"}}, "sample", []),
    ],
)
def test_a_lesser_record_may_be_replaced(runs, changes, kind, words):
    stored(**changes)
    runs.kind = kind
    assert cli.main(["record", "mnist_mlp", *words]) == 0
    assert records.read("mnist_mlp").date == "2024-05-06"


@pytest.mark.parametrize(
    "damage", ["json", "half an npz", "no npz", "no archive"]
)
@pytest.mark.parametrize(
    "words",
    [[], ["--profile", "quick"], ["--offline"], ["--resume"], ["--fresh"]],
)
def test_a_damaged_record_is_not_replaced(runs, capsys, damage, words):
    stored(arrays={"w": np.ones(9)})
    json_file = records.directory() / "mnist_mlp.json"
    arrays = json_file.with_suffix(".npz")
    if damage == "json":
        json_file.write_text("{")
    elif damage == "half an npz":
        arrays.write_bytes(arrays.read_bytes()[:50])
    elif damage == "no npz":
        arrays.unlink()
    else:
        sha = hashlib.sha256(b"").hexdigest()
        text = re.sub(
            '"sha256": "[0-9a-f]+"',
            f'"sha256": "{sha}"',
            (json_file.read_text()),
        )
        json_file.write_text(text)
        arrays.write_bytes(b"")
    before = json_file.read_bytes()
    fails(
        capsys,
        ["record", "mnist_mlp", *words],
        1,
        r"mnist_mlp\..*no run takes its place until you restore it .*move it",
    )
    assert runs.calls == []
    assert json_file.read_bytes() == before


def test_a_results_folder_that_takes_nothing_is_told_before_training(
    runs, capsys, monkeypatch, tmp_path
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FDL_RESULTS", str(tmp_path / "file" / "results"))
    fails(
        capsys,
        ["record", "mnist_mlp"],
        1,
        "results cannot be written: Not a directory; `FDL_RESULTS` can name",
    )
    assert runs.calls == []


def test_a_number_that_is_none_fails_one_record_and_not_the_others(
    runs, capsys
):
    real = experiments.mnist_logistic.run

    def nan(config, **given):
        done = real(config, **given)
        done.metrics["test_accuracy"] = float("nan")
        return done

    experiments.mnist_logistic.run = nan
    assert cli.main(["record", "mnist_logistic", "mnist_mlp"]) == 1
    assert records.names() == ["mnist_mlp"]
    assert "mnist_logistic: `metrics['test_" in capsys.readouterr().err


def test_a_record_does_not_take_the_folder_of_a_training_run(runs):
    assert cli.main(["train", "mnist_mlp", "--profile", "full"]) == 0
    assert cli.main(["record", "mnist_mlp"]) == 0
    trained, recorded = [c[2]["checkpoint"].parent for c in runs.calls]
    assert trained != recorded
    assert records.read("mnist_mlp", trained).profile == "full"
    assert not recorded.exists()


@pytest.mark.parametrize("command", ["train", "record"])
def test_resume_and_fresh_together_are_refused(runs, capsys, command):
    words = [command, "mnist_mlp", "--resume", "--fresh"]
    fails(capsys, words, 2, "takes either --resume or --fresh, not both")
    assert runs.calls == []


# --- the folder of a run


def train(*words):
    return cli.main(["train", "mnist_mlp", *words])


def interrupt(runs, *words, epochs=1):
    """Run until an interruption that leaves checkpoints behind."""
    runs.error, before = KeyboardInterrupt(), runs.epochs
    runs.epochs = epochs
    assert train(*words) == 130
    runs.error, runs.epochs = None, before
    return runs.calls.pop()[2]["checkpoint"].parent


def names(folder):
    return sorted(path.name for path in folder.glob("checkpoints/*.npz"))


def test_each_configuration_has_its_own_folder(runs):
    for words in ([], ["--seed", "1"], ["--fresh"], ["--profile", "full"]):
        train(*words)
    first, other, again, full = [c[2]["checkpoint"] for c in runs.calls]
    assert first == again
    assert len({first, other, full}) == 3
    assert Path(os.environ["FDL_RUNS"]) in first.parents


def test_other_data_is_another_run(runs):
    train()
    runs.kind = "sample"
    train()
    real, sample = [c[2]["checkpoint"] for c in runs.calls]
    assert real != sample


def test_more_epochs_are_the_same_run(runs):
    train("--epochs", "10")
    train("--epochs", "20", "--resume")
    first, second = runs.calls
    assert first[2]["checkpoint"] == second[2]["checkpoint"]
    assert second[1].epochs == 20


def test_data_are_fetched_before_their_state_is_asked(runs, monkeypatch):
    monkeypatch.setenv("FDL_OFFLINE", "")
    train("--quiet")
    train("--offline", "--fresh")
    assert runs.fetched == [("mnist", False)]


def test_a_finished_run_is_run_anew_and_its_checkpoints_go(runs, capsys):
    runs.epochs = 3
    assert train() == 0
    folder = runs.calls[0][2]["checkpoint"].parent
    assert len(names(folder)) == 3
    capsys.readouterr()
    runs.epochs = 2
    assert train() == 0
    out, err = capsys.readouterr()
    assert err == f"fdl: the finished run in {folder} is replaced.\n"
    assert "test_accuracy" in out
    assert names(folder) == ["epoch-000001.npz", "epoch-000002.npz"]
    assert runs.calls[1][2]["resume"] is False


def test_a_run_without_checkpoints_is_repeated_and_kept_apart_too(
    runs, capsys, tmp_path
):
    runs.epochs, there = 0, ["--folder", str(tmp_path)]
    assert train(*there) == 0
    capsys.readouterr()
    assert train(*there) == 0
    assert capsys.readouterr().err.endswith(" is replaced.\n")
    words = ["train", "mnist_mlp", *there, "--seed", "1"]
    fails(capsys, words, 1, "holds another run: its seed is 0, not 1")
    assert train("--resume", *there) == 0
    assert "there is nothing to resume" in capsys.readouterr().err


def test_an_interrupted_run_is_not_thrown_away(runs, capsys):
    folder = interrupt(runs)
    capsys.readouterr()
    fails(
        capsys,
        ["train", "mnist_mlp"],
        1,
        f"{folder} holds an interrupted run; --resume .*, --fresh ",
    )
    assert runs.calls == []
    assert names(folder) == ["epoch-000001.npz"]


def test_fresh_throws_an_interrupted_run_away(runs, capsys):
    folder = interrupt(runs, epochs=5)
    assert train("--fresh") == 0
    assert names(folder) == ["epoch-000001.npz"]
    assert runs.calls[0][2]["resume"] is False


def test_a_finished_run_that_went_on_is_interrupted_again(runs, capsys):
    assert train("--epochs", "10") == 0
    folder = interrupt(runs, "--epochs", "20", "--resume", epochs=2)
    capsys.readouterr()
    fails(capsys, ["train", "mnist_mlp"], 1, "holds an interrupted run")
    assert records.read("mnist_mlp", folder).date == "2024-05-06"
    assert train("--epochs", "20", "--resume") == 0


def test_a_refused_resume_leaves_the_finished_run_finished(runs, capsys):
    assert train("--epochs", "10") == 0
    folder = runs.calls[0][2]["checkpoint"].parent
    runs.error = DataError("It cannot go on.")
    assert train("--epochs", "5", "--resume") == 1
    assert records.read("mnist_mlp", folder).metrics
    runs.error = None
    assert train() == 0


def test_resume_goes_on_without_a_word(runs, capsys):
    interrupt(runs)
    capsys.readouterr()
    assert train("--resume") == 0
    assert capsys.readouterr().err == ""
    assert runs.calls[0][2]["resume"] is True


def test_resume_that_finds_nothing_says_so(runs, capsys):
    assert train("--resume") == 0
    folder = runs.calls[0][2]["checkpoint"].parent
    assert capsys.readouterr().err == (
        f"fdl: there is nothing to resume in {folder}; the run begins at its "
        "start.\n"
    )


def test_an_interruption_before_the_first_checkpoint_promises_nothing(
    runs, capsys
):
    runs.error, runs.epochs = KeyboardInterrupt(), 0
    fails(capsys, ["train", "mnist_mlp"], 130, r"^fdl: interrupted\.\n$")
    runs.error, runs.epochs = None, 1
    assert train() == 0


def test_after_fresh_the_way_on_is_named(runs, capsys):
    runs.error = KeyboardInterrupt()
    words = ["train", "mnist_mlp", "--fresh"]
    fails(capsys, words, 130, "with --resume in place of --fresh goes on")


@pytest.mark.parametrize(
    ("words", "kind", "pattern"),
    [
        (["--seed", "1"], "official", "its seed is 0, not 1"),
        ([], "sample", "its mnist is official:1, not sample:1"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--resume"]])
def test_a_named_folder_keeps_its_run(
    runs, capsys, tmp_path, words, kind, pattern, flags
):
    there = ["--folder", str(tmp_path / "mine")]
    assert train(*there) == 0
    capsys.readouterr()
    runs.kind = kind
    words = ["train", "mnist_mlp", *there, *words]
    fails(capsys, [*words, *flags], 1, f"mine holds another run: {pattern}; ")
    assert len(runs.calls) == 1
    assert cli.main([*words, "--fresh"]) == 0


def test_another_experiment_is_another_run(runs, capsys, tmp_path):
    there = ["--folder", str(tmp_path)]
    assert train(*there) == 0
    capsys.readouterr()
    words = ["train", "mnist_logistic", *there]
    fails(capsys, words, 1, "another run: it is one of mnist_mlp; ")
    assert cli.main([*words, "--fresh"]) == 0
    assert records.names(tmp_path) == ["mnist_logistic"]


def test_a_record_that_no_run_left_there_is_not_touched(runs, capsys):
    stored()
    words = ["train", "mnist_mlp", "--folder", str(records.directory())]
    for flags in ([], ["--fresh"], ["--resume"]):
        fails(capsys, [*words, *flags], 1, "that no run in that folder has")
    assert records.read("mnist_mlp").date == "2020-01-01"
    assert runs.calls == []


def test_only_what_a_run_left_is_removed(runs, tmp_path):
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    kept = [checkpoints / "mine.npz", tmp_path / "notes.json"]
    for path in kept:
        path.write_text("mine")
    for _ in range(2):
        assert train("--fresh", "--folder", str(tmp_path)) == 0
    assert [path.read_text() for path in kept] == ["mine", "mine"]


@pytest.mark.parametrize("text", ["{", "[]", '{"experiment": 1}', ""])
def test_a_damaged_note_of_a_run_is_no_excuse(runs, capsys, text):
    interrupt(runs)
    (note,) = Path(os.environ["FDL_RUNS"]).rglob("run.json")
    note.write_text(text)
    capsys.readouterr()
    fails(capsys, ["train", "mnist_mlp"], 1, "holds an interrupted run")
    assert train("--resume") == 0
    assert json.loads(note.read_text())["experiment"] == "mnist_mlp"


@pytest.mark.parametrize(
    ("flag", "variable"), [("--folder", ""), ("", "FDL_RUNS")]
)
def test_a_folder_that_takes_nothing_is_told_before_training(
    runs, capsys, monkeypatch, tmp_path, flag, variable
):
    (tmp_path / "file").write_text("")
    there = str(tmp_path / "file" / "runs")
    words = ["train", "mnist_mlp"]
    if flag:
        words += [flag, there]
    else:
        monkeypatch.setenv(variable, there)
    fails(
        capsys,
        words,
        1,
        "cannot be written: Not a directory; FDL_RUNS or --folder can name",
    )
    assert runs.calls == []


def test_a_tensorboard_folder_that_takes_nothing_is_told_before_training(
    runs, capsys, tmp_path
):
    (tmp_path / "file").write_text("")
    words = ["train", "mnist_mlp", "--tensorboard", str(tmp_path / "file")]
    fails(capsys, words, 2, r"`--tensorboard` \(='.*file'\) must be a folder")
    assert runs.calls == []


@pytest.mark.parametrize("flag", ["--folder", "--tensorboard"])
@pytest.mark.parametrize(
    ("value", "pattern"),
    [("", "must name a folder"), ("~nobody-here/x", "must begin with a home")],
)
def test_a_folder_that_is_none_is_refused(runs, capsys, flag, value, pattern):
    words = ["train", "mnist_mlp", flag, value]
    fails(capsys, words, 2, rf"`{flag}` \(='.*'\) {pattern}")
    assert runs.calls == []


def test_the_home_folder_is_the_same_in_flags_and_variables(
    runs, monkeypatch, tmp_path
):
    monkeypatch.setenv("HOME", str(tmp_path))
    train("--folder=~/mine")
    assert records.names(tmp_path / "mine") == ["mnist_mlp"]
    monkeypatch.setenv("FDL_RUNS", "~/runs")
    train()
    assert runs.calls[1][2]["checkpoint"].parents[1] == tmp_path / "runs"


def test_two_processes_do_not_train_in_one_folder(runs, capsys, tmp_path):
    code = (
        "import sys, pathlib; from fdl import _folders\n"
        "with _folders.locked(pathlib.Path(sys.argv[1]), 0):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    words = ["train", "mnist_mlp", "--folder", str(tmp_path)]
    try:
        assert holder.stdout.readline() == b"held\n"
        fails(capsys, words, 1, "Another process trains in .*; wait for it")
        assert runs.calls == []
    finally:
        holder.kill()
        holder.communicate()
    assert cli.main(words) == 0  # the lock ended with its holder


# --- the real thing


def run(*words):
    done = subprocess.run(
        [sys.executable, "-m", "fdl", "train", "mnist_logistic", *words]
        + ["--offline", "--quiet", "--device", "cpu", "--validation", "300"],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.slow
def test_a_finished_run_can_be_repeated_and_lengthened():
    sample = "fdl: mnist is not on this machine"
    code, err = run("--epochs", "2")
    assert (code, len(err)) == (0, 1), err
    assert err[0].startswith(sample)
    code, err = run("--epochs", "2")
    assert (code, len(err)) == (0, 2), err
    assert err[0].startswith("fdl: the finished run in ")
    code, err = run("--epochs", "3", "--resume")
    assert (code, len(err)) == (0, 1), err
    (folder,) = Path(os.environ["FDL_RUNS"]).iterdir()
    assert records.read("mnist_logistic", folder).metrics["epochs"] == 3
    code, err = run("--epochs", "1", "--resume")
    assert code == 2
    assert "`epochs` (=1) must be at least 3" in err[-1]
    assert records.read("mnist_logistic", folder).metrics["epochs"] == 3
