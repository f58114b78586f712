"""Score people and activities from files, without any CRM: read, check, derive, score in slices, write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from scoring.attributes import derive_frame
from scoring.engine import score
from scoring.explain import explain
from sync.admin.actions.scoring_files.activities import activities_frame, no_activities
from sync.admin.actions.scoring_files.people import lacking, people_frame
from sync.admin.actions.scoring_files.problems import Problems
from sync.admin.actions.scoring_files.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from scoring.compile import CompiledModel
    from sync.admin.actions.scoring_files.sinks import Sink

#: People scored at a time: bounds memory, changes no score.
_SLICE: Final = 200_000
#: With lines kept, a slice needs several times as much.
_SLICE_EXPLAINED: Final = 50_000


@dataclass(kw_only=True)
class ScoredFiles:
    """What was scored, in numbers."""

    day: date
    model: str
    version: str
    people: int = 0
    in_scope: int = 0
    qualified: int = 0
    disqualified: int = 0
    activities: int = 0
    #: Activities of people who are not in PEOPLE, which are ignored.
    strangers: int = 0
    grades: Counter[str] = field(default_factory=Counter)
    ratings: Counter[str] = field(default_factory=Counter)
    #: Attributes that the model reads and PEOPLE says nothing about.
    lacking: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFiles:
    """The files' content, ready to be scored."""

    #: `person_id` as text, and the typed columns that the model reads, derived attributes not yet computed.
    people: pl.DataFrame
    #: Without strangers; `row` is the person's row in `people`.
    activities: pl.DataFrame
    strangers: int
    lacking: list[str]
    #: Type of `person_id` in a Parquet file, which the scores keep; text otherwise.
    id_type: pl.DataType


def read_files(people: Path, activities: Path | None, compiled: CompiledModel) -> CheckedFiles:
    """Read and check both files.

    Raises:
        FilesRefused: with file, row and column of what cannot be used.
    """
    problems = Problems()
    zone = compiled.model.time_zone
    table = read_table(people)
    schema = table.frame.schema
    known = people_frame(table, compiled, problems)
    del table
    happened = no_activities()
    if activities is not None:
        happened = activities_frame(read_table(activities), problems, time_zone=zone)
    problems.refuse()
    rows = known.select("person_id").with_row_index("row")
    told = happened.height
    happened = happened.join(rows, on="person_id", how="inner", maintain_order="left")
    return CheckedFiles(
        people=known,
        activities=happened,
        strangers=told - happened.height,
        lacking=lacking(schema, compiled),
        id_type=schema["person_id"] if schema["person_id"].is_integer() else pl.String(),
    )


def score_files(
    files: CheckedFiles,
    compiled: CompiledModel,
    *,
    day: date,
    scores: Sink,
    lines: Sink | None = None,
    told: Callable[[int, int], None] | None = None,
) -> ScoredFiles:
    """Score the files' people on a day; scores, and lines where they are wanted, go to the sinks in the order of the people.

    `told` hears how many people are done, of how many.
    """
    model = compiled.model
    done = ScoredFiles(
        day=day,
        model=model.name,
        version=model.version,
        activities=files.activities.height,
        strangers=files.strangers,
        lacking=files.lacking,
    )
    size = _SLICE if lines is None else _SLICE_EXPLAINED
    for people, activities in _slices(files, size):
        scored = score(compiled, people, activities, day=day)
        as_given = pl.col("person_id").cast(files.id_type)
        scores.write(scored.with_columns(as_given))
        if lines is not None:
            lines.write(explain(compiled, people, activities, day=day).with_columns(as_given))
        _count(done, scored)
        if told is not None:
            told(done.people, files.people.height)
    return done


def _slices(files: CheckedFiles, size: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield people, with derived attributes, and their activities; at least once, so that an empty file has a header."""
    height = files.people.height
    for start in range(0, max(height, 1), size):
        people = derive_frame(files.people.slice(start, size))
        activities = files.activities
        if height > size:
            activities = activities.filter(pl.col("row").is_between(start, start + size - 1))
        yield people, activities.drop("row")


def _count(done: ScoredFiles, scored: pl.DataFrame) -> None:
    done.people += scored.height
    for name in ("in_scope", "qualified", "disqualified"):
        setattr(done, name, getattr(done, name) + (scored[name].sum() or 0))
    done.grades.update(_counted(scored["grade"]))
    done.ratings.update(_counted(scored["rating"]))


def _counted(column: pl.Series) -> dict[str, int]:
    return dict(column.drop_nulls().value_counts().iter_rows())
