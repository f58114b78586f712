"""The sample: which records may be written while a connection's writes are on `sample`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.settings import Sample
    from sync.store.sql.outbox import Entry
    from sync.store.unit import Unit


def in_sample(unit: Unit, entries: Sequence[Entry], sample: Sample) -> list[Entry]:
    """The entries that the sample names, by record or by the attributes of the contact or account."""
    listed = set(sample.records)
    named = {entry.key for entry in entries if {entry.record_id, f"{entry.object}:{entry.record_id}"} & listed}
    if sample.where:
        contacts = unit.contacts.get(entry.contact_no for entry in entries if entry.contact_no is not None)
        accounts = unit.accounts.get(entry.account_no for entry in entries if entry.account_no is not None)
        for entry in entries:
            holder = contacts.get(entry.contact_no or 0) or accounts.get(entry.account_no or 0)
            if holder is not None and _matches({**holder.derived, **holder.attributes}, sample.where):
                named.add(entry.key)
    return [entry for entry in entries if entry.key in named]


def _matches(attributes: Mapping[str, str], where: Mapping[str, Sequence[str]]) -> bool:
    return all(
        attributes.get(name, "").strip().casefold() in {value.strip().casefold() for value in values}
        for name, values in where.items()
    )
