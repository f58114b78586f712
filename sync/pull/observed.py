"""What the CRM holds in our own fields: noted with each contact and account that is pulled; drift is what something else overwrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from connectors.records import Ref
from sync.store.shards import shard_of
from sync.values import SILENT, changed, drifted, normal_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connectors.records import AccountRecord, ContactRecord
    from sync.store.sql.outbox import Entry
    from sync.store.unit import Unit
    from sync.values import Values

#: A field is healed this often a day; after that somebody must look at what overwrites it.
HEALS_A_DAY: Final = 3
#: A record that was last changed this long before our write was seen as it was before it (search indexes lag).
_LAG: Final = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One record in which something else writes our fields, beyond what is healed silently."""

    ref: Ref
    outputs: tuple[str, ...]


def note_observed(
    unit: Unit,
    connection_no: int,
    records: Sequence[ContactRecord] | Sequence[AccountRecord],
    *,
    read_at: datetime,
    now: datetime,
    restored: bool = False,
) -> list[Drift]:
    """Store what the CRM holds in our fields and make drifted records due again; those healed too often are returned.

    Args:
        unit: The page's transaction; the contacts are stored and have people, the accounts companies.
        connection_no: Their connection.
        records: Contacts or accounts as they came.
        read_at: When the page was asked for, by our clock: what we sent later cannot be in it.
        now: The instant of storing.
        restored: The store is an older copy of itself: what the CRM holds is what we sent, not drift.
    """
    seen = {record.ref: record for record in records if record.observed}
    if not seen:
        return []
    owners = _owners(unit, connection_no, seen)
    entries = unit.outbox.of_refs(connection_no, seen)
    rows, drifts, beyond, adopted = [], [], [], []
    for ref, record in seen.items():
        owner = owners.get(ref)
        if owner is None:
            continue
        values = normal_values(record.observed)
        entry = entries.get((ref.object, ref.id))
        if entry is not None and _older_than_our_write(entry, record.modified_at, read_at):
            continue
        if entry is None and not any(value not in (None, False) for value in values.values()):
            continue
        if entry is None or entry.observed != values:
            rows.append(
                {
                    "connection_no": connection_no,
                    "object": ref.object,
                    "record_id": ref.id,
                    **owner,
                    "observed": values,
                    "observed_at": now,
                }
            )
        if restored and entry is not None and (adopting := _adopting(entry, values)) is not None:
            adopted.append(adopting)
        elif entry is not None and not entry.due and (names := _drifted(entry, values)):
            drifts.append(_healing(entry, now))
            if drifts[-1]["drift_times"] > HEALS_A_DAY:
                beyond.append(Drift(ref=ref, outputs=tuple(names)))
    unit.outbox.observe(rows)
    unit.outbox.set_drift(drifts)
    if adopted:
        unit.outbox.adopt(adopted, _qualified(owners, seen))
    return beyond


def _owners(
    unit: Unit, connection_no: int, seen: Mapping[Ref, ContactRecord | AccountRecord]
) -> dict[Ref, dict[str, int | None]]:
    """Whose the writable records are, as columns of the outbox."""
    owners: dict[Ref, dict[str, int | None]] = {}
    for ref, contact in unit.contacts.at(connection_no, seen).items():
        if contact.person_no is not None and contact.writable:
            shard = shard_of(contact.person_no)
            owners[ref] = {"shard": shard, "person_no": contact.person_no, "contact_no": contact.contact_no}
            owners[ref]["account_no"] = None
    for ref, account in unit.accounts.at(connection_no, [ref for ref in seen if ref not in owners]).items():
        if account.company_no is not None and account.writable:
            shard = shard_of(account.company_no)
            owners[ref] = {"shard": shard, "person_no": None, "contact_no": None, "account_no": account.account_no}
    return owners


def _older_than_our_write(entry: Entry, modified_at: datetime, read_at: datetime) -> bool:
    return entry.sent_at is not None and (read_at < entry.sent_at or modified_at < entry.sent_at - _LAG)


def _drifted(entry: Entry, values: Values) -> list[str]:
    names = [name for name in values if name not in SILENT]
    return drifted(entry.sent, values, names)


def _adopting(entry: Entry, values: Values) -> dict[str, Any] | None:
    """The entry with what the CRM holds as what we sent; None when it is that already."""
    if SILENT.issuperset(changed(values, entry.sent)):
        return None
    sent = {**(entry.sent or {}), **values}
    differs = entry.desired is not None and not SILENT.issuperset(changed(entry.desired, sent))
    key = {"connection_no": entry.connection_no, "object": entry.object, "record_id": entry.record_id}
    return key | {"sent": sent, "due": differs}


def _qualified(
    owners: Mapping[Ref, Mapping[str, int | None]], seen: Mapping[Ref, ContactRecord | AccountRecord]
) -> dict[int, bool]:
    """Who was over the line according to their records."""
    found: dict[int, bool] = {}
    for ref, owner in owners.items():
        value = normal_values(seen[ref].observed).get("qualified")
        number = owner["person_no"]
        if number is not None and value is not None:
            found[number] = found.get(number, False) or value is True
    return found


def _healing(entry: Entry, now: datetime) -> dict[str, Any]:
    times = entry.drift_times + 1 if entry.drift_day == now.date() else 1
    heal = times <= HEALS_A_DAY and entry.refusal is None
    return {
        "connection_no": entry.connection_no,
        "object": entry.object,
        "record_id": entry.record_id,
        "due": heal or entry.due,
        "due_at": now,
        "drift_day": now.date(),
        "drift_times": times,
    }
