"""A person as they were known at an earlier instant: today's contacts walked back by the changes that we learnt of since.

What no history tells is taken as it is now, and said so in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.records import Ref
from scoring.attributes import DERIVED_VERSION, derive
from sync.people.encoding import encode_all
from sync.people.enrich import subjects_of
from sync.people.profiles import DEFAULT_RULES, Draft, Rules, draft_of, enrich_drafts
from sync.store.contact_rows import ChangeSource
from sync.store.people_rows import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sync.store.account_rows import StoredAccount
    from sync.store.contact_rows import ChangeRow, StoredContact
    from sync.store.unit import Unit

#: Changes that are no attribute's.
_ACCOUNT, _GONE, _OWN = "$account", "$gone", "$"


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonThen:
    """A person at an earlier instant."""

    #: All contacts of the person then, gone ones included, as they were.
    contacts: tuple[StoredContact, ...]
    profile: dict[str, str]
    #: What is not known of that instant, a sentence each.
    unknown: tuple[str, ...]


def person_then(
    unit: Unit, workspace_no: int, person_no: int, at: datetime, *, rules: Rules = DEFAULT_RULES
) -> PersonThen | None:
    """Put a person together from what was known at an instant; None when the person was not there.

    Where nothing of the person had been read by then, the first that was read stands for it.
    """
    now, unknown = _members(unit, unit.contacts.of_people([person_no], gone=True), at)
    changes = unit.past.changes(each.contact_no for each in now)
    seen = [each for each in now if each.first_seen_at <= at]
    known = bool(seen)
    if not known:
        seen = [each for each in now if each.created_at is not None and each.created_at <= at]
        first = min((each.first_seen_at for each in now), default=at)
        read = f"before {first:%Y-%m-%d %H:%M} UTC, when the first record was read"
        unknown = [f"Nothing was known here of this person {read}: attributes are as they were then."]
    then = [contact_then(each, changes.get(each.contact_no, []), at) for each in seen]
    live = [each for each in then if each.gone_at is None]
    if not live:
        return None
    names = {row.connection_no: row.name for row in unit.connections.all(workspace_no)}
    accounts = _accounts(unit, live, at if known else None)
    newest = {each.contact_no: _newest(changes.get(each.contact_no, []), at) for each in live}
    draft = draft_of(live, names, changes=newest, accounts=accounts, rules=rules)
    person = unit.people.people([person_no])[person_no]
    draft.company_no = person.company_no
    enrich_drafts(unit, workspace_no, {person_no: draft})
    unknown += _later(unit, workspace_no, draft, at)
    return PersonThen(contacts=tuple(then), profile=draft.profile, unknown=tuple(unknown))


def contact_then(row: StoredContact, changes: Sequence[ChangeRow], at: datetime) -> StoredContact:
    """A contact as it was known at an instant.

    Args:
        row: The contact as it is.
        changes: All its changes, in the order in which we learnt of them.
        at: The instant.
    """
    later = [each for each in changes if each.recorded_at > at]
    gone = row.gone_at if row.gone_at is not None and row.gone_at <= at else None
    if not later:
        return replace(row, gone_at=gone)
    attributes, account = dict(row.attributes), row.account
    for each in reversed(later):
        if each.attribute == _ACCOUNT:
            account = _ref(each.old)
        elif each.attribute == _GONE:
            gone = None if each.old is None else at
        elif each.old is None:
            attributes.pop(each.attribute, None)
        elif not each.attribute.startswith(_OWN):
            attributes[each.attribute] = each.old
    moves = [each.at for each in changes if each.recorded_at <= at and each.source is not ChangeSource.BACKFILL]
    moved_since = any(each.source is not ChangeSource.BACKFILL for each in later)
    # What the first stamp was is not kept; the record is at least as old as its creation.
    stamp = moves[-1] if moves else row.created_at or row.first_seen_at
    return replace(
        row,
        attributes=attributes,
        derived=encode_all(derive(attributes)),
        derived_version=DERIVED_VERSION,
        account=account,
        email=attributes.get("email", "").strip().lower() or None,
        modified_at=stamp if moved_since else row.modified_at,
        gone_at=gone,
    )


def _members(unit: Unit, now: list[StoredContact], at: datetime) -> tuple[list[StoredContact], list[str]]:
    """The contacts that were this person then, and what to say when others are today."""
    known = {each.contact_no: each for each in now}
    linked: dict[int, set[int]] = {}
    frontier = set(known)
    seen: set[int] = set()
    while frontier:
        seen |= frontier
        found: set[int] = set()
        for each in unit.identity.links_of(frontier, ended=True).values():
            ended = each.ended_at is not None and each.ended_at <= at
            if each.link.reason is Reason.UNLINK or each.since > at or ended:
                continue
            a, b = each.link.pair
            linked.setdefault(a, set()).add(b)
            linked.setdefault(b, set()).add(a)
            found |= {a, b}
        frontier = found - seen
    there = sorted(number for number, each in known.items() if each.first_seen_at <= at)
    if not there:
        return now, []
    part, frontier = set[int](), {there[0]}
    while frontier:
        part |= frontier
        frontier = {other for number in frontier for other in linked.get(number, ())} - part
    others = part - known.keys()
    members = [known[number] for number in sorted(part & known.keys())]
    members += [each for each in unit.contacts.get(others).values() if each.first_seen_at <= at]
    apart = set(there) - part
    said = [f"{len(apart)} of today's records were another person then: joined since."] if apart else []
    if len(members) > len(part & known.keys()):
        said.append("Some records that are other people today were this person then: separated since.")
    return members, said


def _accounts(
    unit: Unit, contacts: Iterable[StoredContact], at: datetime | None
) -> dict[tuple[int, Ref], StoredAccount]:
    """Accounts that were there; all of them when no instant is given."""
    wanted: dict[int, set[Ref]] = {}
    for row in contacts:
        if row.account is not None:
            wanted.setdefault(row.connection_no, set()).add(row.account)
    return {
        (connection_no, ref): account
        for connection_no, refs in wanted.items()
        for ref, account in unit.accounts.at(connection_no, refs).items()
        if at is None or (account.first_seen_at <= at and (account.gone_at is None or account.gone_at > at))
    }


def _newest(changes: Sequence[ChangeRow], at: datetime) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for each in changes:
        if each.recorded_at <= at:
            found[each.attribute] = max(each.at, found.get(each.attribute, each.at))
    return found


def _later(unit: Unit, workspace_no: int, draft: Draft, at: datetime) -> list[str]:
    """What of company and enrichment is newer than the instant: no history is kept of them."""
    said = []
    near = draft.accounts or (unit.accounts.of_companies([draft.company_no]) if draft.company_no is not None else [])
    if any(account.modified_at > at for account in near):
        said.append("The company's record has changed since: its attributes are taken as they are now.")
    rows = unit.enrichment.of(workspace_no, subjects_of(draft.domain, draft.contact_nos))
    newer = sorted({row.source for each in rows.values() for row in each if row.at > at})
    if newer:
        said.append(f"What {', '.join(newer)} says was loaded since: its values are taken as they are now.")
    return said


def _ref(text: str | None) -> Ref | None:
    name, _, record_id = (text or "").partition(":")
    return Ref(object=name, id=record_id) if record_id else None
