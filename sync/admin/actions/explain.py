"""Why does this person have this score? One person's lines, records and what stands in the CRM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.records import Ref
from scoring.explain import score_and_explain
from scoring.explain_text import main_reasons
from scoring.explain_waterfall import waterfall
from sync.admin.actions.explain_past import on_day
from sync.admin.actions.model_words import condition
from sync.errors import NotFound
from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_day, scoring_rules
from sync.store.sql.scoring_inputs import Who

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from scoring.explain_waterfall import WaterfallStep
    from scoring.segments import Segments
    from sync.admin.actions.explain_past import PastDay
    from sync.app import App
    from sync.store.contact_rows import StoredContact
    from sync.store.sql.outbox import Entry
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordView:
    """One CRM record of the person."""

    connection: str
    object: str
    record_id: str
    writable: bool
    #: Why it is not written, or None.
    reason: str | None
    sent: dict[str, Any] | None
    observed: dict[str, Any] | None
    due: bool
    refusal: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A score taken apart."""

    person_no: int
    day: date
    #: One row of the scores by column.
    score: dict[str, Any]
    #: Why this model scores the person; absent where there is but one model for everybody.
    segment: str | None
    #: part, rule_id, label, points, evidence, last_on; they add up to the total exactly.
    lines: pl.DataFrame
    #: The same as bars: each begins where the one before it ended.
    waterfall: tuple[WaterfallStep, ...]
    reasons: str
    records: list[RecordView]
    #: What was remembered, oldest first: writes and changes of standing, with their causes.
    history: list[dict[str, Any]]
    #: `day, total, grade` month by month.
    months: list[dict[str, Any]]
    #: Only of a past day.
    past: PastDay | None


def explain(app: App, who: str, *, day: date | None = None) -> Explanation:
    """Take one person's score apart, as of today or of a past day.

    Args:
        app: The app.
        who: An e-mail address, CONNECTION:OBJECT:ID, or a person's number.
        day: The day to score for. For a past one everything is taken as it was known when people were scored on that day:
            activities, attributes, who was one person, the model. What no history tells is said in `past.unknown`.

    Raises:
        NotFound: nobody is known by that name, or the person was not there on that day.
    """
    with app.store.read() as unit:
        person_no = find_person(app, unit, who)
        contacts = unit.contacts.of_people([person_no], gone=True)
        entries = {
            (each.connection_no, each.object, each.record_id): each for each in unit.outbox.of_people([person_no])
        }
        names = {row.connection_no: row.name for row in unit.connections.all(app.workspace_no)}
        history = unit.scores.history(person_no)
        months = unit.scores.snapshots(person_no)
    rules = scoring_rules(app, day=day or scoring_day(app), model=app.model)
    past: PastDay | None = None
    if rules.day < scoring_day(app):
        rules, cohort, assets, past = on_day(app, person_no, rules, history)
    else:
        inputs = Rescore(store=app.store, clock=app.clock, rules=rules).inputs(Who(person_no=person_no))
        (cohort,), assets = inputs.cohorts, inputs.assets
        if cohort.people.is_empty():
            raise NotFound(f"{who}: every record of this person is gone from the CRMs, so it has no score any more")
    scores, lines = score_and_explain(cohort.model, cohort.people, cohort.activities, day=rules.day, assets=assets)
    score = scores.row(0, named=True)
    reasons = main_reasons(lines, language=cohort.model.model.language)
    return Explanation(
        person_no=person_no,
        day=rules.day,
        score=score,
        segment=segment_reason(rules.segments, cohort.place),
        lines=lines.drop("person_id"),
        waterfall=waterfall(lines),
        reasons=str(reasons["main_reasons"][0]) if reasons.height else "",
        records=[_view(contact, names, entries) for contact in contacts],
        history=history,
        months=months,
        past=past,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreHistory:
    """How a score came about."""

    person_no: int
    #: Writes and changes of standing, oldest first, with model version, cause and compact lines.
    changes: list[dict[str, Any]]
    #: `day, total, grade` month by month.
    months: list[dict[str, Any]]


def score_history(app: App, who: str) -> ScoreHistory:
    """All that is kept of a person's scores. Raises NotFound: nobody is known by that name."""
    with app.store.read() as unit:
        person_no = find_person(app, unit, who)
        return ScoreHistory(
            person_no=person_no, changes=unit.scores.history(person_no), months=unit.scores.snapshots(person_no)
        )


def segment_reason(segments: Segments, place: int) -> str | None:
    """Why a model scores somebody, by the place of the entry that they belong to."""
    entries = segments.entries
    if len(entries) == 1 and entries[0].when is None:
        return None
    if place == len(entries):
        return f"none of the {len(entries)} entries of models holds, so nothing scores this person"
    when = entries[place].when
    why = "nothing before it holds" if when is None and place else "it has no condition"
    return f"entry {place + 1} of {len(entries)}: {why if when is None else condition(when)}"


def find_person(app: App, unit: Unit, who: str) -> int:
    """The person behind an e-mail address, CONNECTION:OBJECT:ID or a number. Raises NotFound."""
    contacts: list[StoredContact]
    if "@" in who:
        contacts = unit.contacts.by_email(app.workspace_no, [who.strip().lower()], gone=True)
        people = sorted({each.person_no for each in contacts if each.person_no is not None})
        if len(people) > 1:
            records = ", ".join(_name(app, unit, each) for each in contacts)
            raise NotFound(
                f"several people have this address: {records}",
                next_step="leadgrade explain CONNECTION:OBJECT:ID names one of them",
            )
    elif who.count(":") == 2:
        contacts = list(unit.contacts.at(*record_of(app, unit, who)).values())
        people = [each.person_no for each in contacts if each.person_no is not None]
    elif who.isdigit():
        known = unit.people.who(int(who))
        people = [known] if known is not None else []
    else:
        raise NotFound(f"{who}: give an e-mail address or CONNECTION:OBJECT:ID")
    if not people:
        raise NotFound(
            f"nobody is known as {who}",
            next_step="is it pulled? leadgrade status; one record: leadgrade sync CONNECTION --record ID",
        )
    return people[0]


def record_of(app: App, unit: Unit, text: str) -> tuple[int, list[Any]]:
    """(connection number, [record]) of CONNECTION:OBJECT:ID."""
    name, object_name, record_id = text.split(":", 2)
    row = unit.connections.by_name(app.workspace_no, name)
    if row is None:
        raise NotFound(f"there is no connection {name!r}; known: {', '.join(app.settings.connections) or 'none'}")
    return row.connection_no, [Ref(object=object_name, id=record_id)]


def _name(app: App, unit: Unit, contact: StoredContact) -> str:
    names = {row.connection_no: row.name for row in unit.connections.all(app.workspace_no)}
    return f"{names.get(contact.connection_no, '?')}:{contact.ref.object}:{contact.ref.id}"


def _view(contact: StoredContact, names: dict[int, str], entries: dict[tuple[int, str, str], Entry]) -> RecordView:
    entry = entries.get((contact.connection_no, contact.ref.object, contact.ref.id))
    gone = f"{contact.gone_kind} in the CRM" if contact.gone_at is not None else None
    return RecordView(
        connection=names.get(contact.connection_no, "?"),
        object=contact.ref.object,
        record_id=contact.ref.id,
        writable=contact.writable and gone is None,
        reason=gone or contact.unwritable_reason,
        sent=entry.sent if entry else None,
        observed=entry.observed if entry else None,
        due=bool(entry and entry.due),
        refusal=entry.refusal if entry else None,
    )
