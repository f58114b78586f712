"""Forgetting a person for good, and keeping them out: later pages and imports do not bring them back.

What stays are salted digests of record ids and addresses. An address that another person's record holds too is not
suppressed: the other one has not asked for it. Texts that name a person without being theirs (the name of an opportunity)
are the CRM's to clean; they follow with its next change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from connectors.records import ActivityRecord, ContactRecord, OpportunityRecord, Ref
from sync.people.digests import Digests
from sync.people.keys import is_joining_address
from sync.store.people_rows import Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from connectors.records import Page, Record
    from sync.store.sql.connections import ConnectionRow
    from sync.store.unit import Unit

RECORD: Final = "record"
ADDRESS: Final = "email"


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What went."""

    person_no: int
    contacts: int
    activities: int
    addresses: int


def forget(unit: Unit, person_no: int, *, now: datetime) -> Forgotten:
    """Erase a person with all contacts, activities, scores and history, and keep them out. Raises KeyError for nobody."""
    found = unit.people.who(person_no)
    if found is None:
        raise KeyError(person_no)
    numbers = {found, *unit.people.aliases_of(found)}
    contacts = unit.contacts.of_people([found], gone=True)
    contact_nos = [row.contact_no for row in contacts]
    workspace_no = unit.people.people([found])[found].workspace_no
    crms = {row.connection_no: row.kind for row in unit.connections.all(workspace_no)}
    refs: dict[int, list[Ref]] = {}
    for row in contacts:
        refs.setdefault(row.connection_no, []).append(row.ref)
    addresses = unit.identity.addresses_of(contact_nos)
    alone = _alone(unit, workspace_no, addresses, set(contact_nos))
    digests = Digests(unit)
    records = [digests.of(_record(number, ref)) for number, items in refs.items() for ref in items]
    unit.forgetting.suppress(workspace_no, RECORD, records, now)
    unit.forgetting.suppress(workspace_no, ADDRESS, [digests.of(address) for address in alone], now)

    assets = unit.forgetting.assets_of(contact_nos)
    activities = unit.activities.erase_contacts(contact_nos, alone)
    unit.forgetting.drop_unused_assets(assets)
    for connection_no, items in refs.items():
        unit.forgetting.erase_traces(connection_no, crms[connection_no], items)
    unit.forgetting.erase_links(workspace_no, contact_nos)
    unit.forgetting.erase_people(numbers)
    unit.forgetting.erase_keys(workspace_no, alone)
    unit.contacts.erase(contact_nos)
    return Forgotten(person_no=found, contacts=len(contacts), activities=activities, addresses=len(alone))


def forget_contact(unit: Unit, contact_no: int, *, now: datetime) -> Forgotten | None:
    """Erase one contact that is gone and keep it out; its person too when nothing else of them is there.

    None when there is no such contact, or it is not gone.
    """
    row = unit.contacts.get([contact_no]).get(contact_no)
    if row is None or row.gone_at is None:
        return None
    if row.person_no is not None and not unit.contacts.of_people([row.person_no]):
        return forget(unit, row.person_no, now=now)
    addresses = unit.identity.addresses_of([contact_no])
    alone = _alone(unit, row.workspace_no, addresses, {contact_no})
    digests = Digests(unit)
    unit.forgetting.suppress(row.workspace_no, RECORD, [digests.of(_record(row.connection_no, row.ref))], now)
    unit.forgetting.suppress(row.workspace_no, ADDRESS, [digests.of(address) for address in alone], now)
    assets = unit.forgetting.assets_of([contact_no])
    activities = unit.activities.erase_contacts([contact_no], alone)
    unit.forgetting.drop_unused_assets(assets)
    crm = next(each.kind for each in unit.connections.all(row.workspace_no) if each.connection_no == row.connection_no)
    unit.forgetting.erase_traces(row.connection_no, crm, [row.ref])
    unit.forgetting.erase_links(row.workspace_no, [contact_no])
    unit.forgetting.erase_keys(row.workspace_no, alone)
    unit.outbox.drop([(row.connection_no, row.ref.object, row.ref.id)])
    unit.contacts.erase([contact_no])
    if row.person_no is not None:
        unit.people.mark_dirty({row.person_no: Cause.ACTIVITY})
    return Forgotten(person_no=row.person_no or 0, contacts=1, activities=activities, addresses=len(alone))


def without_suppressed(unit: Unit, connection: ConnectionRow, page: Page) -> tuple[Page, int]:
    """A page without the people who were forgotten, and how many of its records were kept out or stripped.

    Contacts fall away; activities and opportunities lose their links to them, activities that then have none fall away.
    Costs one query as long as nobody was ever forgotten.
    """
    if not unit.forgetting.any(connection.workspace_no):
        return page, 0
    refs, addresses = _named(page.records)
    out_refs = suppressed_refs(unit, connection, refs)
    out_addresses = suppressed_addresses(unit, connection.workspace_no, addresses)
    if not out_refs and not out_addresses:
        return page, 0
    kept = [_stripped(record, out_refs, out_addresses) for record in page.records]
    touched = sum(after is not before for before, after in zip(page.records, kept, strict=True))
    return replace(page, records=tuple(record for record in kept if record is not None)), touched


def suppressed_refs(unit: Unit, connection: ConnectionRow, refs: Iterable[Ref]) -> set[Ref]:
    """Those of the records of a connection whose person was forgotten."""
    digests = Digests(unit)
    by_digest = {digests.of(_record(connection.connection_no, ref)): ref for ref in refs}
    return {by_digest[digest] for digest in unit.forgetting.suppressed(connection.workspace_no, RECORD, by_digest)}


def suppressed_addresses(unit: Unit, workspace_no: int, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses (lower case, trimmed) whose person was forgotten."""
    digests = Digests(unit)
    by_digest = {digests.of(address): address for address in addresses}
    return {by_digest[digest] for digest in unit.forgetting.suppressed(workspace_no, ADDRESS, by_digest)}


def _record(connection_no: int, ref: Ref) -> str:
    return f"{connection_no}:{ref.object}:{ref.id}"


def _alone(unit: Unit, workspace_no: int, addresses: Collection[str], contact_nos: Collection[int]) -> set[str]:
    """Addresses of one human that no other contact holds."""
    personal = {address for address in addresses if is_joining_address(address)}
    holders = unit.identity.holders(workspace_no, personal)
    return {address for address in personal if set(holders.get(address, ())) <= set(contact_nos)}


def _address(record: ContactRecord) -> str:
    return str(record.attributes.get("email", "")).strip().lower()


def _named(records: Iterable[Record]) -> tuple[set[Ref], set[str]]:
    refs: set[Ref] = set()
    addresses: set[str] = set()
    for record in records:
        match record:
            case ContactRecord():
                refs.add(record.ref)
                addresses.add(_address(record))
            case ActivityRecord():
                refs.update(record.contacts)
                addresses.update(address.strip().lower() for address in record.emails)
            case OpportunityRecord():
                refs.update(ref for ref, _ in record.contacts)
            case _:
                pass
    return refs, addresses - {""}


def _stripped(record: Record, refs: Collection[Ref], addresses: Collection[str]) -> Record | None:
    """The record without them: itself when it does not name them, None when nothing is left of it."""
    match record:
        case ContactRecord():
            return None if record.ref in refs or _address(record) in addresses else record
        case ActivityRecord():
            contacts = tuple(ref for ref in record.contacts if ref not in refs)
            emails = tuple(address for address in record.emails if address.strip().lower() not in addresses)
            if (contacts, emails) == (record.contacts, record.emails):
                return record
            return replace(record, contacts=contacts, emails=emails) if contacts or emails else None
        case OpportunityRecord():
            links = tuple(item for item in record.contacts if item[0] not in refs)
            return record if links == record.contacts else replace(record, contacts=links)
        case _:
            return record
