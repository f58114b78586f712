"""Why does this company have this score? Its people with their weights, the roles that are covered, its records."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.records import Ref
from scoring.companies import with_roles
from scoring.vocabulary import SCALE
from sync.errors import NotFound

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from scoring.model import Companies, RoleWeights
    from sync.app import App
    from sync.store.sql.company_scores import WrittenAccount
    from sync.store.sql.outbox import Entry
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyMember:
    """One person of a company."""

    person_no: int
    #: None: out of scope, or not scored.
    total: int | None
    grade: str | None
    qualified: bool
    #: Whether the person's total counts for the company.
    counts: bool
    #: The value of the attribute by which the model weighs, where it names it.
    role: str | None
    weight: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyRecord:
    """One CRM record of the company."""

    connection: str
    object: str
    record_id: str
    #: Why it is not written, or None.
    reason: str | None
    sent: dict[str, Any] | None
    observed: dict[str, Any] | None
    due: bool
    refusal: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyExplanation:
    """A company's score taken apart."""

    company_no: int
    domain: str | None
    #: None: nobody of the company is scored, or no model scores companies.
    score: int | None
    #: People who count, and how many of them are qualified.
    people: int
    qualified: int
    #: How much the score rose over the days of the model's trend.
    rise: int | None
    #: How the model makes one score of many; None: no model scores companies.
    roll_up: str | None
    #: The buying group: roles of the model that somebody covers, and that nobody does.
    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    day: date | None
    version: str | None
    #: The highest totals first.
    members: tuple[CompanyMember, ...]
    records: tuple[CompanyRecord, ...]


def names_company(app: App, who: str) -> bool:
    """Whether a text means a company: a domain, or CONNECTION:OBJECT:ID of an object of accounts."""
    if who.count(":") == 2:
        name, object_name, _ = who.split(":", 2)
        return name in app.settings.connections and object_name in app.field_map(name).accounts
    return "@" not in who and "." in who and ":" not in who


def explain_company(app: App, who: str) -> CompanyExplanation:
    """Take one company's score apart, as it is stored.

    Args:
        app: The app.
        who: Its domain, or CONNECTION:OBJECT:ID of one of its accounts.

    Raises:
        NotFound: no company is known by that name.
    """
    model = app.model.segments.companies
    section = model.companies if model is not None else None
    weights = section.weights if section is not None else None
    with app.store.read() as unit:
        number = _find(app, unit, who)
        row = unit.company_scores.of(number) or {}
        people = unit.company_scores.people(app.workspace_no, [number], weights.attribute if weights else None)
        accounts = unit.company_scores.accounts([number])
        entries = {entry.account_no: entry for entry in unit.outbox.of_accounts(each.account_no for each in accounts)}
        names = {each.connection_no: each.name for each in unit.connections.all(app.workspace_no)}
        domain = unit.companies.domains([number]).get(number)
    covered = tuple(row.get("covered") or ())
    roles = tuple(each.value for each in weights.weights) if weights is not None else ()
    return CompanyExplanation(
        company_no=number,
        domain=domain,
        score=row.get("score"),
        people=row.get("people", 0),
        qualified=row.get("qualified", 0),
        rise=row.get("rise"),
        roll_up=None if section is None else _roll_up(section),
        covered=covered,
        uncovered=tuple(each for each in roles if each not in covered),
        day=row.get("day"),
        version=row.get("version"),
        members=_members(people, weights),
        records=tuple(_record(each, names, entries.get(each.account_no)) for each in accounts),
    )


def _find(app: App, unit: Unit, who: str) -> int:
    found: int | None
    if ":" in who:
        name, object_name, record_id = who.split(":", 2)
        ref = Ref(object=object_name, id=record_id)
        account = unit.accounts.at(app.connections([name])[name].connection_no, [ref]).get(ref)
        found = account.company_no if account is not None else None
    else:
        domain = who.strip().lower()
        companies = unit.companies.by_domain(app.workspace_no, [domain])
        companies = companies or unit.companies.by_account_domain(app.workspace_no, [domain])
        found = companies.get(domain)
    if found is None:
        raise NotFound(
            f"no company is known as {who}",
            next_step="is it pulled? leadgrade status; one record: leadgrade sync CONNECTION --record ID",
        )
    return found


def _members(people: pl.DataFrame, weights: RoleWeights | None) -> tuple[CompanyMember, ...]:
    named = people.rename({"role_value": weights.attribute}) if weights is not None else people
    rows = with_roles(named, weights).sort("total", "person_no", descending=[True, False], nulls_last=True)
    return tuple(
        CompanyMember(
            person_no=row["person_no"],
            total=row["total"],
            grade=row["grade"],
            qualified=bool(row["qualified"]),
            counts=bool(row["in_scope"] and not row["disqualified"]),
            role=weights.weights[row["role"]].value if weights is not None and row["role"] is not None else None,
            weight=Decimal(row["weight"]) / SCALE,
        )
        for row in rows.iter_rows(named=True)
    )


def _roll_up(section: Companies) -> str:
    kind = section.roll_up.value
    if section.n is not None:
        kind = f"{kind} {section.n}"
    if section.weights is not None:
        kind = f"{kind} by {section.weights.attribute}"
    return kind if section.cap is None else f"{kind}, at most {section.cap // SCALE}"


def _record(account: WrittenAccount, names: dict[int, str], entry: Entry | None) -> CompanyRecord:
    gone = "gone from the CRM" if account.gone_at is not None else None
    return CompanyRecord(
        connection=names.get(account.connection_no, "?"),
        object=account.object,
        record_id=account.record_id,
        reason=gone or (None if account.writable else "there is no right to write it"),
        sent=entry.sent if entry else None,
        observed=entry.observed if entry else None,
        due=bool(entry and entry.due),
        refusal=entry.refusal if entry else None,
    )
