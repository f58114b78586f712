"""What do the scores look like, and what would be written? Looked at before writes are turned on, and before a release."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from scoring.explain import explain as take_apart
from scoring.explain_text import main_reasons
from sync.deliver.approval import approval_in_force
from sync.deliver.guard import judge
from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_day, scoring_rules
from sync.store.sql.scoring_inputs import Who

if TYPE_CHECKING:
    from sync.app import App
    from sync.store.contact_rows import StoredContact
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit

#: Width of the bands of totals.
BAND = 10
#: People that are taken apart, spread over the distribution.
EXAMPLES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """People whose totals lie between two numbers, both included."""

    low: int
    high: int
    people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """One value and how many people have it."""

    value: str
    people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WouldWrite:
    """What the next delivery would do to one CRM."""

    connection: str
    writes: str
    #: Records to be written.
    due: int
    #: Of them: records without any value of ours.
    new: int
    #: Records whose grade, qualified or disqualified would change.
    changes: int
    #: Records whose score would be blanked.
    blanks: int
    #: Records that hold values of ours.
    written: int
    refused: int
    #: Why the guard would hold it.
    held: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One person with the main reasons."""

    person_no: int
    #: CONNECTION:OBJECT:ID of each live record.
    records: tuple[str, ...]
    total: int
    fit: int | None
    engagement: int | None
    grade: str | None
    rating: str | None
    disqualified: str | None
    reasons: str
    #: Only when asked for.
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """The scores as they stand, and what they would do to the CRMs."""

    people: int
    out_of_scope: int
    qualified: int
    disqualified: int
    #: Companies with a score.
    companies: int
    bands: tuple[Band, ...]
    grades: tuple[Cells, ...]
    ratings: tuple[Cells, ...]
    disqualify_codes: tuple[Cells, ...]
    #: Names of the models and whom they scored.
    models: tuple[Cells, ...]
    connections: tuple[WouldWrite, ...]
    examples: tuple[Example, ...]


def preview(app: App, *, examples: int = EXAMPLES, show_emails: bool = False) -> Preview:
    """Look at the stored scores; nothing is computed anew but the examples' reasons, nothing is written.

    Args:
        app: The app.
        examples: How many people to take apart, spread evenly over the distribution of totals.
        show_emails: Whether the examples carry e-mail addresses.
    """
    rows = [app.connection(name) for name in app.names()]
    with app.store.read() as unit:
        spread = unit.scores.distribution()
        codes = unit.scores.reasons()
        models = unit.scores.by_model()
        companies = unit.overview.scored_companies()
        chosen = _spread(unit.overview.ranked(), examples)
        would = tuple(_would_write(app, unit, row) for row in rows)
    inside = spread.filter("in_scope")
    return Preview(
        people=_people(spread),
        out_of_scope=_people(spread.filter(~pl.col("in_scope"))),
        qualified=_people(inside.filter(pl.col("qualified"))),
        disqualified=_people(inside.filter(pl.col("disqualified"))),
        companies=companies,
        bands=_bands(inside),
        grades=_cells(inside, "grade"),
        ratings=_cells(inside, "rating"),
        disqualify_codes=tuple(
            Cells(value=code, people=many) for code, many in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
        ),
        models=tuple(Cells(value=name, people=many) for name, many in models.items()),
        connections=would,
        examples=_examples(app, chosen, show_emails=show_emails),
    )


def _bands(inside: pl.DataFrame) -> tuple[Band, ...]:
    """Bands without gaps, from the lowest to the highest total."""
    counts: Counter[int] = Counter()
    for total, people in inside.select("total", "people").iter_rows():
        if total is not None:
            counts[total // BAND] += people
    if not counts:
        return ()
    return tuple(
        Band(low=number * BAND, high=number * BAND + BAND - 1, people=counts[number])
        for number in range(min(counts), max(counts) + 1)
    )


def _cells(inside: pl.DataFrame, column: str) -> tuple[Cells, ...]:
    counted = inside.filter(pl.col(column).is_not_null()).group_by(column).agg(pl.col("people").sum()).sort(column)
    return tuple(Cells(value=value, people=people) for value, people in counted.iter_rows())


def _people(frame: pl.DataFrame) -> int:
    return int(frame["people"].sum())


def _spread(ranked: pl.DataFrame, many: int) -> list[int]:
    """People at equal distances of rank, the highest total first; both ends are among them."""
    numbers: list[int] = ranked["person_no"].to_list()
    if len(numbers) <= many:
        return numbers[::-1]
    if many < 2:
        return numbers[-many:] if many else []
    return [numbers[round(place * (len(numbers) - 1) / (many - 1))] for place in range(many)][::-1]


def _would_write(app: App, unit: Unit, row: ConnectionRow) -> WouldWrite:
    counts = unit.outbox.counts(row.connection_no)
    verdict = judge(unit, row.connection_no, app.settings.guard, approval_in_force(unit, row.connection_no))
    return WouldWrite(
        connection=row.name,
        writes=row.writes.value,
        due=counts["due"],
        new=unit.overview.due_new(row.connection_no),
        changes=verdict.changes,
        blanks=verdict.blanks,
        written=counts["written"],
        refused=counts["refused"],
        held=verdict.reason,
    )


def _examples(app: App, numbers: list[int], *, show_emails: bool) -> tuple[Example, ...]:
    if not numbers:
        return ()
    with app.store.read() as unit:
        scores = unit.scores.numbers(numbers)
        names = {row.connection_no: row.name for row in unit.connections.all(app.workspace_no)}
        contacts: dict[int, list[StoredContact]] = {number: [] for number in numbers}
        for contact in unit.contacts.of_people(numbers):
            contacts[contact.person_no or 0].append(contact)
    reasons = _reasons(app, numbers)
    return tuple(
        Example(
            person_no=number,
            records=tuple(f"{names[each.connection_no]}:{each.ref.object}:{each.ref.id}" for each in contacts[number]),
            total=scores[number]["total"],
            fit=scores[number]["fit"],
            engagement=scores[number]["engagement"],
            grade=scores[number]["grade"],
            rating=scores[number]["rating"],
            disqualified=scores[number]["disqualify_code"],
            reasons=reasons.get(number, ""),
            emails=tuple(sorted({each.email for each in contacts[number] if each.email})) if show_emails else (),
        )
        for number in numbers
    )


def _reasons(app: App, numbers: list[int]) -> dict[int, str]:
    """Main reasons by person: read one by one, taken apart together."""
    rules = scoring_rules(app, day=scoring_day(app), model=app.model)
    rescore = Rescore(store=app.store, clock=app.clock, rules=rules)
    inputs = [rescore.inputs(Who(person_no=number)) for number in numbers]
    found: dict[int, str] = {}
    # Whoever shares a model is taken apart together.
    for version, model in rules.segments.by_version.items():
        mine = [
            (cohort, each.assets) for each in inputs for cohort in each.cohorts if cohort.model.model.version == version
        ]
        if not mine:
            continue
        lines = take_apart(
            model,
            pl.concat([cohort.people for cohort, _ in mine], how="diagonal"),
            pl.concat([cohort.activities for cohort, _ in mine], how="diagonal"),
            day=rules.day,
            assets=_all_assets([assets for _, assets in mine]),
        )
        found |= dict(main_reasons(lines, language=model.model.language).iter_rows())
    return found


def _all_assets(parts: list[pl.DataFrame | None]) -> pl.DataFrame | None:
    """What the activities of several people refer to, each once."""
    known = [each for each in parts if each is not None]
    return pl.concat(known).unique("asset_no", maintain_order=True) if known else None
