"""A person's profile: what survives of the contacts, what their accounts add, what is derived, what enrichment fills in.

Names in a profile: declared attributes by their canonical or custom name, derived ones by scoring.md section 6,
`enriched_<name>` for what a source gave. An attribute of the contact's own account counts as declared; what is known of a
company that merely has the same domain counts as enrichment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from scoring.attributes import DERIVED_VERSION, derive, is_provider_domain, registrable_domain
from sync.people.companies import companies_at
from sync.people.encoding import FALSE, TRUE, encode_all
from sync.people.enrich import Company, enrich, subjects_of
from sync.people.survivorship import OVERRIDE, Source, ranked, survive
from sync.store.people_rows import Cause, PersonRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from connectors.records import Ref
    from sync.store.account_rows import StoredAccount
    from sync.store.contact_rows import StoredContact
    from sync.store.unit import Unit

#: Attributes that tell of one human or one record: an account cannot fill them in.
PERSONAL: Final = frozenset(
    {"email", "first_name", "last_name", "title", "phone", "language", "purchasing_authority", "lead_source", "status"}
    | {"owner", "company_id", "email_opt_out", "do_not_call", "was_qualified", "score_override", "score_override_until"}
    | {"recycled_at", "recycle_keep", "created_at", "modified_at", "last_activity_on"}
)
#: A place is taken whole: a contact with any of these keeps its own.
PLACE: Final = frozenset({"country", "state", "city", "postcode"})
_STAMP: Final = "modified_at"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The operator's settings on people."""

    #: Attribute -> name of the connection whose value wins while it is filled.
    believed_attributes: Mapping[str, str] = field(default_factory=dict)


DEFAULT_RULES: Final = Rules()


def refresh(
    unit: Unit,
    workspace_no: int,
    contacts: Mapping[int, Sequence[StoredContact]],
    *,
    new: Collection[int] = (),
    now: datetime,
    rules: Rules = DEFAULT_RULES,
) -> dict[int, Cause]:
    """Recompute people (person -> all their contacts); those whose inputs changed, with the reason.

    The people of `new` are created; they are dirty from the start. A person without a live contact keeps the profile of the
    last one, for the day on which it is restored.
    """
    before = unit.people.people(number for number in contacts if number not in new)
    before |= {number: _NOBODY_YET(person_no=number, workspace_no=workspace_no) for number in new}
    live = {no: [row for row in rows if row.gone_at is None] for no, rows in contacts.items()}
    drafts = _draft(unit, workspace_no, live, rules)
    _place(unit, workspace_no, drafts, now)
    enrich_drafts(unit, workspace_no, drafts)
    causes: dict[int, Cause] = {}
    changed: list[PersonRow] = []
    created: list[PersonRow] = []
    for person_no, old in before.items():
        draft = drafts.get(person_no)
        row = replace(
            old,
            contacts=len(live[person_no]),
            profile=draft.profile if draft else old.profile,
            profile_version=DERIVED_VERSION if draft else old.profile_version,
            company_no=draft.company_no if draft else old.company_no,
        )
        if person_no in new:
            created.append(row)
        elif row != old:
            changed.append(row)
            if (cause := _cause(old, row)) is not None:
                causes[person_no] = cause
    unit.people.create(created, now)
    unit.people.write(changed)
    moved = [row for row in changed if row.company_no != before[row.person_no].company_no]
    unit.companies.mark_stale(
        number for row in moved for number in (row.company_no, before[row.person_no].company_no) if number is not None
    )
    return causes


def refresh_shard(unit: Unit, shard: int, *, now: datetime, rules: Rules = DEFAULT_RULES) -> dict[int, Cause]:
    """Recompute all people of a shard and mark those dirty that changed: after a new normaliser, settings or reference table."""
    return refresh_people(unit, unit.people.shard(shard), now=now, rules=rules)


def refresh_people(
    unit: Unit, person_nos: Iterable[int], *, now: datetime, rules: Rules = DEFAULT_RULES
) -> dict[int, Cause]:
    """Recompute people and mark those dirty that changed."""
    by_workspace: dict[int, dict[int, list[StoredContact]]] = {}
    for contact in unit.contacts.of_people(person_nos, gone=True):
        if contact.person_no is not None:
            people = by_workspace.setdefault(contact.workspace_no, {})
            people.setdefault(contact.person_no, []).append(contact)
    causes: dict[int, Cause] = {}
    for workspace_no, people in by_workspace.items():
        causes |= refresh(unit, workspace_no, people, now=now, rules=rules)
    unit.people.mark_dirty(causes)
    return causes


@dataclass(slots=True, kw_only=True)
class Draft:
    """A profile in the making."""

    profile: dict[str, str]
    accounts: list[StoredAccount]
    contact_nos: list[int]
    company_no: int | None = None
    #: Registrable domain of a business address.
    domain: str | None = None


def _draft(
    unit: Unit, workspace_no: int, live: Mapping[int, Sequence[StoredContact]], rules: Rules
) -> dict[int, Draft]:
    """Survivors, their accounts' attributes, and what is derived from both."""
    names = {row.connection_no: row.name for row in unit.connections.all(workspace_no)}
    several = [row.contact_no for rows in live.values() if len(rows) > 1 for row in rows]
    changes = unit.people.last_changes(several)
    accounts = _accounts(unit, (row for rows in live.values() for row in rows))
    return {
        person_no: draft_of(rows, names, changes=changes, accounts=accounts, rules=rules)
        for person_no, rows in live.items()
        if rows
    }


def draft_of(
    rows: Sequence[StoredContact],
    names: Mapping[int, str],
    *,
    changes: Mapping[int, Mapping[str, datetime]],
    accounts: Mapping[tuple[int, Ref], StoredAccount],
    rules: Rules,
) -> Draft:
    """What live contacts of one person come to, their accounts included; company and enrichment are still to come.

    Args:
        rows: The contacts, at least one.
        names: connection_no -> name.
        changes: contact_no -> attribute -> its newest change; needed where there are several contacts.
        accounts: Those that contacts belong to.
        rules: Whose values win.
    """
    sources = {_key(row): row for row in rows}
    told = [_source(row, names[row.connection_no], changes.get(row.contact_no, {})) for row in rows]
    profile = survive(told, rules.believed_attributes)
    own_accounts = _accounts_of([sources[source.key] for source in ranked(told)], accounts)
    filled = fill_from_accounts(profile, own_accounts, {name: no for no, name in names.items()}, rules)
    profile |= filled
    first = rows[0]
    if len(rows) == 1 and not filled and first.derived_version == DERIVED_VERSION:
        profile |= first.derived
    else:
        profile |= encode_all(derive(profile))
    profile["is_duplicate"] = TRUE if has_duplicates(rows) else FALSE
    return Draft(
        profile=profile,
        accounts=own_accounts,
        contact_nos=sorted(row.contact_no for row in rows),
        domain=business_domain(profile),
    )


def business_domain(profile: Mapping[str, str]) -> str | None:
    """The registrable domain of a business (or role) address that belongs to one company."""
    if profile.get("email_class") not in {"business", "role"}:
        return None
    domain = registrable_domain(profile.get("email_domain", ""))
    return None if domain is None or is_provider_domain(domain) else domain


def fill_from_accounts(
    profile: Mapping[str, str], accounts: Sequence[StoredAccount], connections: Mapping[str, int], rules: Rules
) -> dict[str, str]:
    """What accounts (best first) add to a profile: company attributes and custom ones that the contacts lack."""
    has_place = any(profile.get(name) for name in PLACE)
    filled: dict[str, str] = {}
    for name in {name for account in accounts for name in account.attributes}:
        if name in PERSONAL or profile.get(name) or (has_place and name in PLACE):
            continue
        values = [account for account in accounts if account.attributes.get(name, "").strip()]
        believed = connections.get(rules.believed_attributes.get(name, ""))
        values.sort(key=lambda account: account.connection_no != believed)
        if values:
            filled[name] = values[0].attributes[name]
    return filled


def has_duplicates(rows: Sequence[StoredContact]) -> bool:
    """Whether two live records of one object of one CRM are the same human."""
    kinds = [(row.connection_no, row.ref.object) for row in rows if row.gone_at is None]
    return len(set(kinds)) < len(kinds)


def _place(unit: Unit, workspace_no: int, drafts: Mapping[int, Draft], now: datetime) -> None:
    """People to companies: by their account, else by the domain of their business address."""
    unplaced: list[Draft] = []
    for draft in drafts.values():
        draft.company_no = next((row.company_no for row in draft.accounts if row.company_no is not None), None)
        if draft.company_no is None and draft.domain is not None:
            unplaced.append(draft)
    domains = {draft.domain for draft in unplaced if draft.domain is not None}
    companies = companies_at(unit, workspace_no, domains, now)
    for draft in unplaced:
        draft.company_no = companies.get(draft.domain or "")


def enrich_drafts(unit: Unit, workspace_no: int, drafts: Mapping[int, Draft]) -> None:
    """Add what sources and companies of the same domain say."""
    subjects = {name for draft in drafts.values() for name in subjects_of(draft.domain, draft.contact_nos)}
    rows = unit.enrichment.of(workspace_no, subjects)
    asked = unit.enrichment.has_domains(workspace_no)
    strangers = [draft for draft in drafts.values() if not draft.accounts and draft.company_no is not None]
    accounts: dict[int, list[StoredAccount]] = {}
    near_companies = {draft.company_no for draft in strangers if draft.company_no is not None}
    for account in unit.accounts.of_companies(near_companies):
        accounts.setdefault(account.company_no or 0, []).append(account)
    for draft in drafts.values():
        near = accounts.get(draft.company_no or 0, []) if not draft.accounts else []
        found = [row for name in subjects_of(draft.domain, draft.contact_nos) for row in rows.get(name, [])]
        company = Company(accounts=tuple(near), hidden=PERSONAL, place=PLACE)
        draft.profile |= enrich(draft.profile, found, company, asked=asked)


_NOBODY_YET: Final = partial(PersonRow, alias_of=None, profile={}, profile_version=0, company_no=None, contacts=0)


def _cause(old: PersonRow, new: PersonRow) -> Cause | None:
    if old.contacts != new.contacts:
        return Cause.IDENTITY
    names = {name for name in old.profile.keys() | new.profile.keys() if old.profile.get(name) != new.profile.get(name)}
    if not names:
        return None
    return Cause.OVERRIDE if names - {_STAMP} and names <= {*OVERRIDE, _STAMP} else Cause.PROFILE


def _source(row: StoredContact, connection: str, changed: Mapping[str, datetime]) -> Source:
    return Source(
        connection=connection,
        attributes=row.attributes,
        born_at=row.created_at or row.first_seen_at,
        modified_at=row.modified_at,
        changed=changed,
        key=_key(row),
    )


def _key(row: StoredContact) -> tuple[int, str, str]:
    return (row.connection_no, row.ref.object, row.ref.id)


def _accounts(unit: Unit, contacts: Iterable[StoredContact]) -> dict[tuple[int, Ref], StoredAccount]:
    wanted: dict[int, set[Ref]] = {}
    for row in contacts:
        if row.account is not None:
            wanted.setdefault(row.connection_no, set()).add(row.account)
    return {
        (connection_no, ref): account
        for connection_no, refs in wanted.items()
        for ref, account in unit.accounts.at(connection_no, refs).items()
        if account.gone_at is None
    }


def _accounts_of(
    rows: Sequence[StoredContact], accounts: Mapping[tuple[int, Ref], StoredAccount]
) -> list[StoredAccount]:
    found = [accounts.get((row.connection_no, row.account)) for row in rows if row.account is not None]
    return list({account.account_no: account for account in found if account is not None}.values())
