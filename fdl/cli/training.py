"""``fdl train`` and ``fdl record``."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Optional

from fdl import data, device, errors, experiments, profiles, records
from fdl.cli.parsing import (
    EXPECTED,
    Parser,
    UsageError,
    metavar,
    offline_flag,
    one_of,
    parse,
    profile_in_force,
    say,
    typed,
    unknown,
)

__all__ = ["record", "train"]


def train(words: list[str]) -> int:
    """Run ``fdl train``."""
    known = experiments.names()
    named = [word for word in words if not word.startswith("-")]
    chosen = next((word for word in named if word in known), None)
    if chosen is None:
        if not words or {"-h", "--help"} & set(words):
            parser = Parser(
                "fdl train",
                usage="fdl train EXPERIMENT [flags]",
                description="Train one of:\n  " + "\n  ".join(known) + "\n\n"
                "fdl train EXPERIMENT --help shows its settings.",
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
    parsed = parse(parser, words)
    profile = parsed.profile or profile_in_force()
    overrides = {
        name: getattr(parsed, name) for name in fields if name in parsed
    }
    try:
        config = experiments.configure(chosen, profile, **overrides)
    except ValueError as error:
        raise UsageError(error) from None
    folder = parsed.folder or _work_folder(chosen, config)
    done = _fit(
        chosen, config, parsed, folder / "checkpoints", parsed.tensorboard
    )
    _print(done)
    print(f"  {'kept in':<16} {done.save(folder).parent}")
    return 0


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
        "--tensorboard", type=Path, metavar="DIR", help="write its logs there"
    )
    run.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where checkpoints and the result go (else the user's cache)",
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
        help="go on where an interrupted run stopped",
    )
    offline_flag(group)
    group.add_argument(
        "--quiet", action="store_true", help="draw no progress bar"
    )


def _work_folder(name: str, config: Any) -> Path:
    """Return the folder of a run: the same for the same settings."""
    named = os.environ.get("FDL_RUNS")
    base = Path(named) if named else data.store.cache() / "runs"
    return base / f"{name}-{config.profile}-{_digest(config)}"


def _digest(config: Any) -> str:
    text = json.dumps(vars(config), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _fit(
    experiment: str,
    config: Any,
    parsed: argparse.Namespace,
    checkpoint: Path,
    tensorboard: Optional[Path] = None,
) -> records.Record:
    """Run an experiment as the flags say."""
    where = device.resolve(parsed.device)
    from fdl.train import Progress, TensorBoard

    callbacks: list[Any] = []
    if not parsed.quiet:
        callbacks.append(Progress())
    if tensorboard is not None:
        callbacks.append(TensorBoard(tensorboard))
    try:
        return experiments.get(experiment).run(
            config,
            callbacks=callbacks,
            checkpoint=checkpoint,
            resume=parsed.resume,
            device=where,
            offline=parsed.offline,
        )
    except KeyboardInterrupt:
        if not checkpoint.is_dir():
            raise
        raise KeyboardInterrupt(
            "interrupted; the same command with --resume goes on from the "
            "last checkpoint."
        ) from None


def _print(done: records.Record) -> None:
    print(f"{done.name}, {done.profile} profile, seed {done.seed}")
    for name, value in sorted(done.metrics.items()):
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
        print(f"  {name:<16} {shown}")
    kinds = ", ".join(f"{k} ({v})" for k, v in sorted(done.data.items()))
    print(f"  {'data':<16} {kinds}")
    print(f"  {'seconds':<16} {done.seconds:.1f}")


def record(words: list[str]) -> int:
    """Run ``fdl record``."""
    parser = Parser(
        "fdl record",
        usage="fdl record NAME … [flags]",
        description="Train at the book's own scale and keep the record. There "
        "is:\n  " + "\n  ".join(experiments.recordings()),
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
    parsed = parse(parser, words)
    known = experiments.recordings()
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
    device.resolve(parsed.device)
    worst = 0
    for name in parsed.names or known:
        try:
            experiment, changes = known[name]
            _record_one(name, experiment, changes, parsed)
        except EXPECTED as error:
            worst = say(f"{name}: {error}", 1)
    return worst


def _record_one(
    name: str,
    experiment: str,
    changes: dict[str, Any],
    parsed: argparse.Namespace,
) -> None:
    config = experiments.configure(experiment, parsed.profile, **changes)
    old = _old(name)
    if old is not None and old.complete:
        same = old.config == json.loads(json.dumps(vars(config)))
        if parsed.resume and same and "sample" not in old.data.values():
            print(f"{name}: complete since {old.date}")
            return
        _guard(name, old, experiment, parsed)
    folder = _work_folder(name, config)
    done = _fit(experiment, config, parsed, folder / "checkpoints")
    done.name = name
    _print(done)
    print(f"  {'record':<16} {done.save()}")
    shutil.rmtree(folder, ignore_errors=True)


def _old(name: str) -> Optional[records.Record]:
    """Return the record that is there, or None if none can be read."""
    if name not in records.names():
        return None
    try:
        return records.read(name)
    except errors.DataError as error:
        say(f"{error} It will be replaced.", 1)
        return None


def _guard(
    name: str,
    old: records.Record,
    experiment: str,
    parsed: argparse.Namespace,
) -> None:
    """Refuse to put a lesser run in the place of a complete record."""
    what = ""
    if old.profile == "full" and parsed.profile == "quick":
        what = "a run of the quick profile"
    elif "sample" not in old.data.values():
        for needed in experiments.get(experiment).DATA:
            split = data.catalog.entry(needed).splits[-1]
            source = data.load(needed, split, offline=parsed.offline).source
            if source.kind == "sample":
                what = f"a run on a sample of {needed}"
    if what:
        raise errors.DataError(
            f"{records.directory() / name}.json is a complete record, which "
            f"{what} must not replace."
        )
