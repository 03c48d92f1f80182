"""A place of its own for every command, and runs that only take notes."""

import re
from types import SimpleNamespace

import pytest

from fdl import cli, data, experiments, records


@pytest.fixture(autouse=True)
def a_place_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("FDL_DATA_MIRROR", "")
    monkeypatch.setenv("FDL_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("FDL_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("FDL_PROFILE", raising=False)
    monkeypatch.setenv("FDL_OFFLINE", "1")


def fails(capsys, words, code, pattern):
    """Assert that the command ends in one line on stderr and that code."""
    assert cli.main(words) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("fdl")
    assert re.search(pattern, err), err


@pytest.fixture
def runs(monkeypatch):
    """Replace training by notes of what it was asked for."""
    notes = SimpleNamespace(
        calls=[], fetched=[], error=None, kind="official", epochs=1
    )

    def fake(name):
        def run(config, **given):
            notes.calls.append((name, config, given))
            given["checkpoint"].mkdir(parents=True, exist_ok=True)
            for epoch in range(1, notes.epochs + 1):
                file = given["checkpoint"] / f"epoch-{epoch:06d}.npz"
                file.write_text(f"{name} {config.seed}")
            if notes.error is not None:
                raise notes.error
            return records.Record(
                name,
                name,
                {"test_accuracy": 0.91},
                config=vars(config),
                seed=config.seed,
                profile=config.profile,
                data={"mnist": notes.kind},
                date="2024-05-06",
            )

        return run

    for name in experiments.names():
        monkeypatch.setattr(experiments.get(name), "run", fake(name))
    monkeypatch.setattr(
        data,
        "fetch",
        lambda name, progress: notes.fetched.append((name, progress)),
    )
    monkeypatch.setattr(data, "state", lambda name: f"{notes.kind}:1")
    return notes
