"""`leadgrade score`: people and activities from files, scores to a file or to stdout, no CRM needed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.admin.cli.commands import CommandLine, JsonOption
from sync.admin.cli.days import DayOption
from sync.admin.cli.failures import WrongUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync.admin.actions.score_files import ScoredFiles
    from sync.admin.actions.scoring_files.sinks import Sink

commands = CommandLine()

_WORTH_PROGRESS = 200_000

_EPILOG = """\b
Examples:
  leadgrade score people.csv activities.csv --model preset:b2b --out scores.csv
  leadgrade score people.parquet --model model.yaml --day 2026-11-18 --explain lines.csv > scores.csv
"""

_FILE: dict[str, Any] = {"exists": True, "dir_okay": False, "readable": True}


@commands.command("score", epilog=_EPILOG)
def score(
    people: Annotated[
        Path,
        typer.Argument(metavar="PEOPLE", help="CSV or Parquet: person_id and attributes by canonical name.", **_FILE),
    ],
    activities: Annotated[
        Path | None,
        typer.Argument(
            metavar="ACTIVITIES", help="CSV or Parquet: person_id, kind, at and attributes of activities.", **_FILE
        ),
    ] = None,
    *,
    model: Annotated[str, typer.Option("--model", metavar="M", help="Scoring model: a file, or preset:NAME.")],
    day: DayOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="F", help="Scores as .csv or .parquet; CSV on stdout when not given."),
    ] = None,
    explain: Annotated[
        Path | None, typer.Option("--explain", metavar="F", help="Also the lines of every score, as .csv or .parquet.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Score people from files; no CRM and no settings needed.

    The summary goes to stdout when --out is given, else to stderr. A file with a cell that cannot be used is refused, with row and column.
    """
    _check_places(people, activities, out, explain)
    from sync.admin.actions.model_files import open_model
    from sync.admin.actions.score_files import read_files, score_files

    compiled = open_model(model).compiled
    day = day or _today(compiled.model.time_zone)
    files = read_files(people, activities, compiled)
    sinks = _Sinks(out, explain, json=json)
    try:
        with _progress(files.people.height) as told:
            done = score_files(files, compiled, day=day, scores=sinks.scores, lines=sinks.lines, told=told)
        sinks.finish()
    except BaseException:
        sinks.discard()
        raise
    _warn(done, people, activities)
    _print_summary(done, sinks, out, json=json)


class _Sinks:
    """Where scores and lines go; whatever was begun is finished or leaves nothing behind."""

    def __init__(self, out: Path | None, explain: Path | None, *, json: bool) -> None:
        from sync.admin.actions.scoring_files.sinks import CsvStream, Kept, file_sink

        self.kept = Kept() if json and out is None else None
        self.scores: Sink = file_sink(out) if out else self.kept or CsvStream(stream=sys.stdout.buffer)
        self.lines: Sink | None = file_sink(explain) if explain else None

    def finish(self) -> None:
        for sink in self._all():
            sink.finish()

    def discard(self) -> None:
        for sink in self._all():
            sink.discard()

    def _all(self) -> list[Sink]:
        return [self.scores, *([self.lines] if self.lines else [])]


@contextmanager
def _progress(people: int) -> Iterator[Callable[[int, int], None] | None]:
    """Show how many people are done where there are enough of them to wait for."""
    if people < _WORTH_PROGRESS:
        yield None
        return
    from sync.admin.cli.progress import shown_progress

    with shown_progress() as progress:
        yield lambda done, expected: progress.step("people scored", None, done, expected)


def _check_places(people: Path, activities: Path | None, out: Path | None, explain: Path | None) -> None:
    known = (".csv", ".parquet")
    for path in (people, activities, out, explain):
        if path is not None and path.suffix.lower() not in known:
            raise WrongUse(f"{path}: the name must end in .csv or .parquet", next_step="leadgrade score --help")
    read = {path.resolve() for path in (people, activities) if path is not None}
    written = [path.resolve() for path in (out, explain) if path is not None]
    for path in written:
        if path in read or written.count(path) > 1:
            raise WrongUse(f"{path}: this file is named twice", next_step="write to another file")
        if not path.parent.is_dir():
            raise WrongUse(f"{path.parent}: there is no such folder", next_step="make it first, or name another place")


def _today(time_zone: str) -> date:
    from zoneinfo import ZoneInfo

    from sync.clock import SystemClock

    return SystemClock().now().astimezone(ZoneInfo(time_zone)).date()


def _warn(done: ScoredFiles, people: Path, activities: Path | None) -> None:
    if done.strangers:
        told = "activity" if done.strangers == 1 else "activities"
        print(
            f"warning: {activities}: {done.strangers:,} {told} of people who are not in {people}: ignored",
            file=sys.stderr,
        )
    if done.lacking:
        names = ", ".join(done.lacking)
        print(f"warning: {people}: the model reads attributes that the file lacks: {names}", file=sys.stderr)


def _print_summary(done: ScoredFiles, sinks: _Sinks, out: Path | None, *, json: bool) -> None:
    from sync.admin.cli.output import print_facts, print_json, print_table

    summary: dict[str, object] = {
        "day": done.day,
        "model": done.model,
        "version": done.version,
        "people": done.people,
        "in_scope": done.in_scope,
        "qualified": done.qualified,
        "disqualified": done.disqualified,
        "activities": done.activities,
        "strangers": done.strangers,
        "grades": dict(sorted(done.grades.items())),
        "ratings": dict(sorted(done.ratings.items())),
        "lacking": done.lacking,
    }
    if json:
        scores = (
            {} if sinks.kept is None else {"scores": [row for each in sinks.kept.frames for row in each.to_dicts()]}
        )
        print_json({"summary": summary, **scores})
        return
    file = sys.stdout if out else sys.stderr
    facts = {name.replace("_", " "): value for name, value in summary.items() if not isinstance(value, dict | list)}
    print_facts(facts, file=file)
    if done.grades:
        rows = [(letter, *(done.grades[f"{letter}{number}"] for number in "1234")) for letter in "ABCD"]
        print(file=file)
        print_table(("grade", "1", "2", "3", "4"), rows, file=file)
    if done.ratings:
        print(file=file)
        print_table(("rating", "people"), list(done.ratings.most_common()), file=file)
