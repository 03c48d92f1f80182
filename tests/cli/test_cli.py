"""The ``fdl`` command: help, one-line errors, flags, Ctrl-C."""

import importlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

import fdl
from fdl import cli, data, experiments, records
from fdl.errors import DataError, TrainingDiverged, must
from fdl.experiments import settings
from tests.cli.conftest import fails

EXPERIMENTS = ", ".join(experiments.names())
HELP = [
    ["data"],
    ["data", "list"],
    ["data", "fetch"],
    ["data", "verify"],
    ["train"],
    ["train", "mnist_logistic"],
    ["train", "mnist_mlp"],
    ["record"],
    ["devices"],
    ["book"],
    ["book", "build"],
    ["book", "status"],
    ["book", "notebooks"],
    ["book", "serve"],
    ["book", "ebook"],
    ["book", "linkcheck"],
    ["translate"],
]


# --- help


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_fdl_alone_shows_what_it_can_do(words, capsys):
    assert cli.main(words) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for command in ("data list", "train mnist_mlp", "record", "book build"):
        assert f"fdl {command}" in out
    assert max(map(len, out.splitlines())) < 80


@pytest.mark.parametrize("words", HELP)
def test_every_command_explains_itself(words, capsys):
    assert cli.main([*words, "--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(f"usage: fdl {words[0]}")
    assert max(map(len, out.splitlines())) <= 100


def test_the_overview_names_every_command(capsys):
    cli.main([])
    out = capsys.readouterr().out
    for command in cli.COMMANDS:
        assert f"fdl {command} " in out


@pytest.mark.parametrize("command", ["train", "record"])
def test_every_experiment_is_listed_with_what_it_is(command, capsys):
    cli.main([command, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    plain = [n for n, how in experiments.recordings().items() if not how[1]]
    for name in experiments.names() if command == "train" else plain:
        assert f" {name} {experiments.summary(name)}" in text


def test_a_summary_is_what_the_module_says_of_itself():
    for name in experiments.names():
        module = experiments.get(name)
        assert experiments.summary(name) == module.__doc__.splitlines()[0]


def test_listing_the_experiments_loads_none_of_them():
    code = (
        "import sys; from fdl import cli; cli.main(['train', '--help']);"
        "print([m for m in sys.modules if m.endswith('mnist_mlp')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words", [["data"], ["train"], ["record"], ["translate"], ["book"]]
)
def test_examples_name_what_there_is(words, capsys):
    cli.main([*words, "--help"])
    _, _, examples = capsys.readouterr().out.partition("examples:\n")
    lines = [shlex.split(line) for line in examples.strip().splitlines()]
    assert len(lines) >= 2
    for fdl_, command, *rest in lines:
        assert (fdl_, command) == ("fdl", words[0])
        verb = rest[:1] if command in ("data", "book", "train") else []
        cli.main([command, *verb, "--help"])
        out = capsys.readouterr().out
        for word in rest:
            if word.startswith("--"):
                assert word in out
            elif command in ("train", "record") and word == rest[0]:
                assert word in experiments.names()
            elif (command, verb) == ("data", ["fetch"]) and word != "fetch":
                assert word in data.names()


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"fdl {fdl.__version__}\n"


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "fdl", "--version"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"fdl {fdl.__version__}\n"


@pytest.mark.parametrize("name", experiments.names())
def test_every_setting_is_a_flag_with_both_its_values(name, capsys):
    cli.main(["train", name, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for field in settings.describe(experiments.get(name).Config):
        flag = "--" + field.name.replace("_", "-")
        assert flag in text
        if field.full != field.quick and field.name != "profile":
            assert f"({field.full}, {field.quick})" in text


def test_the_help_of_record_says_what_sets_a_record_apart(capsys):
    assert cli.main(["record", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for name, (experiment, changes) in experiments.recordings().items():
        settings = [f"{key}={value}" for key, value in changes.items()]
        if changes:
            assert f"{name} {experiment} with {', '.join(settings)}" in text


# --- errors


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        (["trian"], r"no command 'trian' \(did you mean train\?\)"),
        (["--nope"], "no flag '--nope'"),
        (["train", "mnist_mpl"], r"did you mean mnist_mlp\?"),
        (["train", "--epochs"], f"must be told what to train: {EXPERIMENTS}"),
        (["train", "nothing"], f"there is: {EXPERIMENTS}"),
        (["train", "dqn"], r"did you mean breakout_dqn\?"),
        (["train", "nope"], r"'nope' \(the nearest is \w+\); there is"),
        (["record", "nope"], r"'nope' \(the nearest is \w+\); there is"),
        (["record", "DRQN"], r"did you mean flicker_drqn\?"),
        (
            ["train", "mnist_mlp", "--epochs", "x"],
            r"`--epochs` \(='x'\) must be a whole number",
        ),
        (
            ["train", "mnist_mlp", "--epochs", "0"],
            r"`epochs` \(=0\) must be a whole number from 1 up",
        ),
        (
            ["train", "mnist_mlp", "--learning-rate=-1"],
            r"`learning_rate` \(=-1.0\) must be a number above 0",
        ),
        (["train", "mnist_mlp", "--init", "cold"], '"he" or "uniform"'),
        (["train", "mnist_mlp", "--epoch", "3"], "did you mean --epochs"),
        (["train", "mnist_mlp", "--epochs"], "--epochs: expected one"),
        (["train", "mnist_mlp", "--profile", "fast"], "be quick or full"),
        (["train", "mnist_mlp", "more"], "takes no argument 'more'"),
        (
            ["train", "mnist_mlp", "--device", "gpu:7"],
            r"`device` \(='gpu:7'\) must be there",
        ),
        (["train", "mnist_mlp", "--device", "tpu"], r"`device` \(='tpu'\)"),
        (["record"], "either names or --all; there is: .*mnist_mlp"),
        (["record", "--all", "mnist_mlp"], "either names or --all"),
        (["record", "mnist_mpl"], r"did you mean mnist_mlp\?"),
        (["record", "mnist_mlp", "--device", "gpu:7"], "must be there"),
        (["data", "lost"], r"did you mean list\?"),
        (["data", "list", "mnist"], "takes no argument 'mnist'"),
        (["data", "fetch"], "names, --book or --all"),
        (["data", "fetch", "mnist", "--all"], "names, --book or --all"),
        (["data", "fetch", "nope"], r"'nope' \(the nearest is \w+\); "),
        (["data", "fetch", "treebank"], r"did you mean \w+-treebank\?"),
        (["data", "fetch", "mnits"], r"did you mean mnist\?"),
        (["data", "verify", "mnits"], r"did you mean mnist\?"),
        (["devices", "gpu"], "takes no argument 'gpu'"),
        (["book", "bild"], r"did you mean build\?"),
        (["book", "build", "--jobs", "0"], r"`--jobs` \(=0\)"),
        (["book", "build", "--jobs", "two"], r"`--jobs` \(='two'\)"),
        (["book", "serve", "--port", "x"], r"`--port` \(='x'\)"),
    ],
)
def test_a_bad_argument_is_one_line_and_code_2(words, pattern, capsys):
    fails(capsys, words, 2, pattern)


@pytest.mark.parametrize(
    "words", [["train", "mnist_mlp"], ["book", "status"], ["book", "build"]]
)
def test_a_bad_profile_in_the_environment_is_code_2(
    words, capsys, monkeypatch
):
    monkeypatch.setenv("FDL_PROFILE", "fast")
    fails(capsys, words, 2, r"`FDL_PROFILE` \(='fast'\)")


@pytest.mark.parametrize(
    "error",
    [
        DataError("There is\nno data."),
        TrainingDiverged("There is no data."),
        PermissionError(13, "There is no data.", "mnist"),
        PermissionError(13, "There is no data."),
    ],
)
def test_what_we_expect_to_fail_is_one_line_and_code_1(error, capsys, runs):
    runs.error = error
    fails(capsys, ["train", "mnist_mlp"], 1, "There is no data.")


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("ours"), ValueError("shapes (2,) (3,)")]
)
def test_a_bug_shows_its_traceback(runs, error):
    runs.error = error
    with pytest.raises(type(error), match=re.escape(str(error))):
        cli.main(["train", "mnist_mlp"])


def test_an_argument_refused_deep_inside_is_code_2(runs, capsys):
    runs.error = must("epochs", 2, "be at least 6, which was reached")
    fails(capsys, ["train", "mnist_mlp"], 2, r"`epochs` \(=2\) must be at l")


def test_ctrl_c_is_one_line_and_code_130(capsys, runs):
    runs.error = KeyboardInterrupt()
    fails(capsys, ["train", "mnist_mlp"], 130, "interrupted")


# --- train


def test_flags_reach_the_configuration(runs, capsys):
    words = "--epochs 3 mnist_mlp --learning-rate 1e-2 --init=uniform --seed 4"
    assert cli.main(["train", *words.split()]) == 0
    ((name, config, _),) = runs.calls
    expected = experiments.configure(
        "mnist_mlp", epochs=3, learning_rate=0.01, init="uniform", seed=4
    )
    assert (name, config) == ("mnist_mlp", expected)
    out = capsys.readouterr().out
    assert out.startswith("mnist_mlp, quick profile, seed 4\n")
    assert re.search(r"test_accuracy +0\.9100\n", out)
    assert re.search(r"data +mnist \(official\)\n", out)


@pytest.mark.parametrize(
    ("words", "variable", "profile"),
    [
        ([], "", "quick"),
        ([], "full", "full"),
        (["--profile", "full"], "", "full"),
        (["--profile", "quick"], "full", "quick"),
    ],
)
def test_the_profile_is_the_flags_else_the_environments(
    runs, monkeypatch, words, variable, profile
):
    monkeypatch.setenv("FDL_PROFILE", variable)
    assert cli.main(["train", "mnist_mlp", *words]) == 0
    assert runs.calls[0][1] == experiments.configure("mnist_mlp", profile)


def test_flags_of_the_run_reach_it(runs, tmp_path):
    folder, board = tmp_path / "mine", tmp_path / "board"
    words = ["--resume", "--device", "cpu:0,cpu:1", "--quiet"]
    words += ["--folder", str(folder), "--tensorboard", str(board)]
    assert cli.main(["train", "mnist_mlp", *words]) == 0
    given = runs.calls[0][2]
    assert given["resume"] is True
    assert [str(one) for one in given["device"]] == ["cpu(0)", "cpu(1)"]
    assert given["checkpoint"] == folder / "checkpoints"
    names = [type(callback).__name__ for callback in given["callbacks"]]
    assert names == ["TensorBoard"]
    assert records.read("mnist_mlp", folder).metrics == {"test_accuracy": 0.91}


def test_a_progress_bar_is_there_unless_it_is_told_to_be_quiet(runs):
    cli.main(["train", "mnist_mlp"])
    (callback,) = runs.calls[0][2]["callbacks"]
    assert type(callback).__name__ == "Progress"
    assert runs.calls[0][2]["resume"] is False


@pytest.mark.parametrize(
    ("variable", "words", "offline"),
    [
        ("1", [], True),
        ("", [], False),
        ("0", [], False),
        ("", ["--offline"], True),
    ],
)
def test_offline_is_the_flag_or_the_variable(
    runs, monkeypatch, variable, words, offline
):
    monkeypatch.setenv("FDL_OFFLINE", variable)
    cli.main(["train", "mnist_mlp", *words])
    assert runs.calls[0][2]["offline"] is offline


# --- data


def test_data_list_shows_every_set(capsys):
    assert cli.main(["data", "list"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["name", "here", "copy"]
    assert [line.split()[0] for line in lines] == data.names()
    (mnist,) = [line for line in lines if line.startswith("mnist ")]
    assert mnist.split()[1:4] == ["absent", "official", "11.6"]


def test_data_verify_of_nothing_says_so(capsys):
    assert cli.main(["data", "verify"]) == 0
    assert "No data set is here" in capsys.readouterr().out


def test_data_verify_of_a_missing_set_is_code_1(capsys):
    fails(capsys, ["data", "verify", "mnist"], 1, "'mnist' is not here")


def test_data_fetch_goes_on_after_a_failure(monkeypatch, capsys):
    asked = []

    def fetch(name, progress):
        asked.append((name, progress))
        if name == "mnist":
            raise DataError("No way to mnist.")
        return SimpleNamespace(source=SimpleNamespace(kind="derived"))

    monkeypatch.setattr(data, "fetch", fetch)
    words = ["data", "fetch", "mnist", "fashion-mnist", "mnist", "--quiet"]
    assert cli.main(words) == 1
    assert asked == [("mnist", False), ("fashion-mnist", False)]
    out, err = capsys.readouterr()
    assert out == "fashion-mnist: here (derived)\n"
    assert err == "fdl: No way to mnist.\n"


@pytest.mark.parametrize("flag", ["--all", "--book"])
def test_data_fetch_of_groups(monkeypatch, flag):
    asked = []
    found = SimpleNamespace(source=SimpleNamespace(kind="official"))
    monkeypatch.setattr(
        data, "fetch", lambda name, progress: asked.append(name) or found
    )
    monkeypatch.setattr(
        "fdl.cli.data_sets.declared", lambda: ["fashion-mnist"]
    )
    assert cli.main(["data", "fetch", flag]) == 0
    assert asked == (data.names() if flag == "--all" else ["fashion-mnist"])


# --- devices and book


def test_devices_says_what_there_is(capsys):
    assert cli.main(["devices"]) == 0
    assert "1.9.1" in capsys.readouterr().out


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    """Put a made-up book in the place of ours."""
    notes = SimpleNamespace(calls=[])

    class Project:
        def __init__(self, root):
            self.root = root
            self.chapters = [
                SimpleNamespace(data=["mnist", "ptb"]),
                SimpleNamespace(data=["mnist", "brown"]),
            ]

        def chapter(self, name):
            if name != "3":
                raise ValueError(f"`name` (={name!r}) must be a chapter.")
            return self.chapters[1]

    def build(jobs, *, project, only):
        notes.calls.append(("build", jobs, only))
        return 1

    row = SimpleNamespace
    parts = {
        "project": SimpleNamespace(
            Project=Project, find_root=lambda: tmp_path
        ),
        "execution": SimpleNamespace(
            build=build,
            status=lambda: [
                row(name="one", fresh=True, changes=[], seconds=12.4),
                row(name="two", fresh=False, changes=["cells", "lock"]),
            ],
            linkcheck=lambda: 1,
        ),
        "notebooks": SimpleNamespace(
            write=lambda folder, project: [folder / "one.ipynb"]
        ),
    }
    notes.parts = parts
    monkeypatch.setattr(cli.book, "_module", parts.get)
    monkeypatch.setattr(
        data,
        "fetch_or_sample",
        lambda names: notes.calls.append(("data", list(names))),
    )
    return notes


def test_book_build_fetches_what_the_chapters_declare_first(
    shelf, monkeypatch
):
    monkeypatch.setenv("FDL_OFFLINE", "")
    assert cli.main(["book", "build", "3", "--jobs", "1"]) == 1
    assert cli.main(["book", "build"]) == 1
    assert shelf.calls == [
        ("data", ["brown", "mnist"]),  # those of the chapter asked for
        ("build", 1, ["3"]),
        ("data", ["brown", "mnist", "ptb"]),
        ("build", 2, []),
    ]


def test_book_build_offline_asks_nobody(shelf):
    assert cli.main(["book", "build"]) == 1
    assert shelf.calls == [("build", 2, [])]


def test_book_build_of_an_unknown_chapter_is_code_2(
    shelf, monkeypatch, capsys
):
    monkeypatch.setenv("FDL_OFFLINE", "")  # nothing is fetched for it
    fails(capsys, ["book", "build", "99"], 2, "must be a chapter")
    assert shelf.calls == []


def test_book_status_says_what_changed(shelf, capsys):
    assert cli.main(["book", "status"]) == 0
    assert capsys.readouterr().out == (
        "one: fresh (12 s)\ntwo: stale (cells, lock)\n"
    )


def test_book_notebooks_go_to_build_unless_told(shelf, capsys, tmp_path):
    assert cli.main(["book", "notebooks"]) == 0
    expected = tmp_path / "build" / "notebooks" / "one.ipynb"
    assert capsys.readouterr().out == f"{expected}\n"
    cli.main(["book", "notebooks", "--folder", "here"])
    assert capsys.readouterr().out == "here/one.ipynb\n"


def test_book_notebooks_go_to_a_folder_that_has_a_name(
    shelf, capsys, monkeypatch, tmp_path
):
    fails(capsys, ["book", "notebooks", "--folder="], 2, "name a folder")
    monkeypatch.setenv("HOME", str(tmp_path))
    cli.main(["book", "notebooks", "--folder=~/here"])
    assert capsys.readouterr().out == f"{tmp_path}/here/one.ipynb\n"


def test_book_notebooks_of_chapters_not_run_say_so(shelf, capsys):
    shelf.parts["notebooks"].write = lambda folder, project: []
    assert cli.main(["book", "notebooks"]) == 0
    assert capsys.readouterr().out.startswith("No chapter has a run that")


def test_book_serve_before_there_is_a_site_is_one_line(
    shelf, capsys, monkeypatch
):
    real = importlib.import_module("fdl.book.server")
    monkeypatch.setattr(
        cli.book, "_module", {**shelf.parts, "server": real}.get
    )
    fails(capsys, ["book", "serve"], 1, "no site yet: make html builds it")


def test_book_linkcheck_hands_on_its_code(shelf):
    assert cli.main(["book", "linkcheck"]) == 1


def test_a_book_without_its_packages_is_one_line(capsys, monkeypatch):
    # None in sys.modules makes the import fail as for a missing package
    monkeypatch.setitem(sys.modules, "nbformat", None)
    for name in list(sys.modules):
        if name.startswith("fdl.book."):
            monkeypatch.delitem(sys.modules, name)
    fails(capsys, ["book", "status"], 1, r"pip install 'fdl\[book\]'")


# --- the real thing


def test_ctrl_c_during_training_is_one_line_and_resume_goes_on(tmp_path):
    words = [sys.executable, "-m", "fdl", "train", "mnist_logistic"]
    words += ["--offline", "--quiet", "--device", "cpu"]
    words += ["--folder", str(tmp_path)]
    long = subprocess.Popen(
        [*words, "--epochs", "25"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not list(tmp_path.glob("checkpoints/*.npz")):
        assert long.poll() is None, long.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.05)
    long.send_signal(signal.SIGINT)
    out, err = long.communicate(timeout=60)
    assert long.returncode == 130
    assert out == ""
    sample, held, line = err.splitlines()
    assert "sample" in sample
    assert "sample" in held
    assert line.startswith("fdl: interrupted; the same command with --resume")
    assert not list(tmp_path.glob("*.json"))
    done = subprocess.run(
        [*words, "--epochs", "25", "--resume"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    record = records.read("mnist_logistic", tmp_path)
    assert record.data == {"mnist": "sample"}
    assert len(record.curves["loss"]) == record.metrics["epochs"] == 25


def test_a_full_disk_takes_no_help():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "fdl", "data", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (1, "fdl: the disk is full.\n")


def test_a_terminal_without_unicode_gets_what_it_can_show():
    done = subprocess.run(
        [sys.executable, "-m", "fdl", "book", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()


def test_a_closed_pipe_is_no_traceback():
    done = subprocess.run(
        f"{sys.executable} -m fdl train mnist_mlp --help | true",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
