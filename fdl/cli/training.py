"""``fdl train`` and ``fdl record``."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from fdl import _folders, device, errors, experiments, profiles, records
from fdl.cli import runs
from fdl.cli.parsing import (
    Parser,
    UsageError,
    exit_code,
    folder_for,
    metavar,
    offline_flag,
    one_of,
    parse,
    profile_in_force,
    say,
    typed,
    unknown,
    words,
)

__all__ = ["record", "train"]


def train(given: list[str]) -> int:
    """Run ``fdl train``.

    Examples
    --------
    >>> train(["mnist_mpl"])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: fdl train has no experiment 'mnist_mpl' (did
    you mean mnist_mlp?); there is: ...
    """
    known = experiments.names()
    named = [word for word in given if not word.startswith("-")]
    chosen = next((word for word in named if word in known), None)
    if chosen is None:
        if not given or {"-h", "--help"} & set(given):
            parser = Parser(
                "fdl train",
                usage="fdl train EXPERIMENT [flags]",
                description="Train one of these, at the quick profile in "
                "seconds to minutes:\n\n"
                + _listed({n: experiments.summary(n) for n in known}),
                epilog="fdl train mnist_mlp --help shows its settings, each "
                "of them a flag.\n\nexamples:\n"
                "  fdl train mnist_mlp\n"
                "  fdl train mnist_mlp --epochs 5 --learning-rate 0.1\n"
                "  fdl train cartpole --seed 3 --quiet",
                add_help=False,
            )
            print(parser.format_help(), end="")
            return 0
        if not named:
            raise UsageError(
                "fdl train must be told what to train: "
                + ", ".join(known)
                + "."
            )
        raise UsageError(unknown("experiment", named[0], known, "fdl train"))
    parser, fields = _train_parser(chosen)
    parsed = _parse(parser, given)
    profile = parsed.profile or profile_in_force()
    overrides = {
        name: getattr(parsed, name) for name in fields if name in parsed
    }
    try:
        config = experiments.configure(chosen, profile, **overrides)
    except ValueError as error:
        raise UsageError(error) from None
    where = device.resolve(parsed.device)
    _try_tensorboard(parsed.tensorboard)
    work = _work(chosen, chosen, config, parsed, "FDL_RUNS or --folder")
    with work.begun(parsed.resume, parsed.fresh):
        done = _fit(config, parsed, work, where, parsed.tensorboard)
        done.save(work.folder)
    _print(done)
    print(f"  {'kept in':<16} {work.folder}")
    return 0


def _listed(meanings: Mapping[str, str]) -> str:
    """Return names in a column, and beside them what they mean."""
    width = max(map(len, meanings))
    lines = []
    for name, meaning in meanings.items():
        lines += textwrap.wrap(
            meaning,
            width=79,
            initial_indent=f"  {name:{width}}  ",
            subsequent_indent=" " * (width + 4),
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _meaning(experiment: str, changes: Mapping[str, Any]) -> str:
    """Return what a record is of."""
    if not changes:
        return experiments.summary(experiment)
    settings = (f"{name}={value}" for name, value in changes.items())
    return f"{experiment} with {', '.join(settings)}"


def _parse(parser: Parser, given: list[str]) -> argparse.Namespace:
    parsed = parse(parser, given)
    if parsed.resume and parsed.fresh:
        raise UsageError(
            f"{parser.prog} takes either --resume or --fresh, not both."
        )
    return parsed


def _try_tensorboard(folder: Optional[Path]) -> None:
    if folder is None:
        return
    try:
        _folders.try_writing(folder)
    except OSError as error:
        raise UsageError(
            errors.must(
                "--tensorboard",
                str(folder),
                f"be a folder to write into: {_folders.reason(error)}",
            )
        ) from None


def _train_parser(name: str) -> tuple[Parser, list[str]]:
    """Return the parser with a flag for each of an experiment's settings."""
    module = experiments.get(name)
    parser = Parser(
        f"fdl train {name}",
        usage=f"fdl train {name} [flags]",
        description=(module.__doc__ or "").partition("\n")[0],
    )
    parser.add_argument("experiment", choices=[name], help=argparse.SUPPRESS)
    settings = parser.add_argument_group("settings (full, quick)")
    fields = []
    for field in experiments.settings.describe(module.Config):
        if field.name == "profile":
            continue
        fields.append(field.name)
        flag = "--" + field.name.replace("_", "-")
        values = dict.fromkeys((str(field.full), str(field.quick)))
        settings.add_argument(
            flag,
            type=typed(flag, field.type),
            default=argparse.SUPPRESS,
            metavar="|".join(field.choices) or metavar(field.type),
            help=f"{field.help.rstrip('.')} ({', '.join(values)})".replace(
                "%", "%%"
            ),
        )
    run = parser.add_argument_group("the run")
    run.add_argument(
        "--profile",
        type=one_of("--profile", profiles.NAMES),
        metavar="quick|full",
        help="whose settings to start from (FDL_PROFILE, else quick)",
    )
    _run_flags(run)
    run.add_argument(
        "--tensorboard",
        type=folder_for("--tensorboard"),
        metavar="DIR",
        help="write its logs there",
    )
    run.add_argument(
        "--folder",
        type=folder_for("--folder"),
        metavar="DIR",
        help="where checkpoints and the result go (else a folder of the run's "
        "own in FDL_RUNS, or in the user's cache)",
    )
    return parser, fields


def _run_flags(group: Any) -> None:
    group.add_argument(
        "--device",
        metavar="NAME",
        help="cpu, gpu:0, or several: gpu:0,gpu:1 (else the best there is)",
    )
    group.add_argument(
        "--resume",
        action="store_true",
        help="go on where an interrupted run stopped, or a finished one with "
        "fewer epochs",
    )
    group.add_argument(
        "--fresh",
        action="store_true",
        help="begin anew and remove what an interrupted run has left (a "
        "finished run is replaced without this flag)",
    )
    offline_flag(group)
    group.add_argument(
        "--quiet", action="store_true", help="draw no progress bar"
    )


def _work(
    name: str,
    experiment: str,
    config: Any,
    parsed: argparse.Namespace,
    remedy: str,
) -> runs.Work:
    """Return the folder that a run works in."""
    settings = runs.describe(
        experiment, config, parsed.offline, not parsed.quiet
    )
    folder = getattr(parsed, "folder", None) or runs.place(name, settings)
    return runs.Work(folder, settings, remedy)


def _fit(
    config: Any,
    parsed: argparse.Namespace,
    work: runs.Work,
    where: Any,
    tensorboard: Optional[Path] = None,
) -> records.Record:
    """Run an experiment as the flags say."""
    from fdl.train import Progress, TensorBoard

    callbacks: list[Any] = []
    if not parsed.quiet:
        callbacks.append(Progress())
    if tensorboard is not None:
        callbacks.append(TensorBoard(tensorboard))
    try:
        return experiments.get(work.experiment).run(
            config,
            callbacks=callbacks,
            checkpoint=work.checkpoints,
            resume=parsed.resume,
            device=where,
            offline=parsed.offline,
        )
    except KeyboardInterrupt:
        if not work.saved():
            raise
        raise KeyboardInterrupt(
            "interrupted; the same command with --resume"
            + (" in place of --fresh" if parsed.fresh else "")
            + " goes on from the last checkpoint."
        ) from None


def _print(done: records.Record) -> None:
    print(f"{done.name}, {done.profile} profile, seed {done.seed}")
    for name, value in sorted(done.metrics.items()):
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
        print(f"  {name:<16} {shown}")
    kinds = ", ".join(f"{k} ({v})" for k, v in sorted(done.data.items()))
    print(f"  {'data':<16} {kinds}")
    print(f"  {'seconds':<16} {done.seconds:.1f}")


def record(given: list[str]) -> int:
    """Run ``fdl record``.

    Examples
    --------
    >>> record([])
    Traceback (most recent call last):
    ...
    fdl.cli.parsing.UsageError: fdl record must be given either names or --all;
    there is: ...
    """
    known = experiments.recordings()
    parser = Parser(
        "fdl record",
        usage="fdl record NAME … [flags]",
        description="Train at the book's own scale, and keep the record:\n\n"
        + _listed({n: _meaning(*how) for n, how in known.items()}),
        epilog="examples:\n"
        "  fdl record mnist_mlp --resume\n"
        "  fdl record cartpole --profile quick",
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument(
        "--all", action="store_true", help="all of them, one after another"
    )
    parser.add_argument(
        "--profile",
        type=one_of("--profile", profiles.NAMES),
        default="full",
        metavar="quick|full",
        help="quick is for a trial; it never replaces a full record",
    )
    _run_flags(parser)
    parsed = _parse(parser, given)
    for name in parsed.names:
        if name not in known:
            raise UsageError(
                unknown("experiment", name, list(known), "fdl record")
            )
    if bool(parsed.names) == parsed.all:
        raise UsageError(
            "fdl record must be given either names or --all; there is: "
            + ", ".join(known)
            + "."
        )
    where = device.resolve(parsed.device)
    worst = 0
    for name in parsed.names or known:
        try:
            experiment, changes = known[name]
            _record_one(name, experiment, changes, parsed, where)
        except Exception as error:
            if exit_code(error) is None:
                raise
            worst = say(f"{name}: {words(error)}", 1)
    return worst


def _record_one(
    name: str,
    experiment: str,
    changes: dict[str, Any],
    parsed: argparse.Namespace,
    where: Any,
) -> None:
    config = experiments.configure(experiment, parsed.profile, **changes)
    old = _old(name)
    if old is not None and old.complete:
        same = old.config == json.loads(json.dumps(vars(config)))
        if parsed.resume and same and "sample" not in old.data.values():
            print(f"{name}: complete since {old.date}")
            return
    work = _work(f"record-{name}", experiment, config, parsed, "FDL_RUNS")
    if old is not None and old.complete:
        _guard(name, old, parsed.profile, work.settings["data"])
    records.try_writing()
    with work.begun(parsed.resume, parsed.fresh):
        done = _fit(config, parsed, work, where)
        done.name = name
        path = done.save()
    shutil.rmtree(work.folder, ignore_errors=True)
    _print(done)
    print(f"  {'record':<16} {path}")


def _old(name: str) -> Optional[records.Record]:
    """Return the record that is there, or None if there is none.

    One that cannot be read may be a complete one that can be restored, so
    nothing is put in its place.
    """
    if name not in records.names():
        return None
    try:
        return records.read(name)
    except errors.DataError as error:
        raise errors.DataError(
            f"{str(error).rstrip('.')}; no run takes its place until you "
            "restore it (git checkout can) or move it away."
        ) from None


def _guard(
    name: str, old: records.Record, profile: str, states: dict[str, str]
) -> None:
    """Refuse to put a lesser run in the place of a complete record."""
    what = ""
    if old.profile == "full" and profile == "quick":
        what = "a run of the quick profile"
    elif "sample" not in old.data.values():
        for needed, state in states.items():
            if state.startswith("sample"):
                what = f"a run on a sample of {needed}"
    if what:
        raise errors.DataError(
            f"{records.directory() / name}.json is a complete record, which "
            f"{what} must not replace."
        )
