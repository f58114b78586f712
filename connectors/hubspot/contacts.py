"""Contacts: mapped attributes, primary company, what our own fields hold, whom the vendors say they are, counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.hubspot.associations import COMPANIES, CONTACTS
from connectors.hubspot.counters import Counters
from connectors.hubspot.objects import merged_away
from connectors.hubspot.reading import Gathered, Row
from connectors.hubspot.schema import Property, Schema
from connectors.hubspot.values import instant_of, observed_of, value_of
from connectors.mapping import RecordMap
from connectors.outputs import output_of
from connectors.records import BadRecord, ContactRecord, LinkReason, Ref, Value, VendorLink

#: Properties in which the native HubSpot-Salesforce sync keeps the counterpart's id, and its Salesforce object.
_SYNCED = {"salesforcecontactid": "Contact", "salesforceleadid": "Lead"}
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactTranslator:
    """Rows of contacts to contact records."""

    record_map: RecordMap
    #: Output name to property.
    outputs: Mapping[str, str]
    schema: Schema
    counters: Counters | None = None

    @property
    def properties(self) -> Sequence[str]:
        """All that is asked for, each once."""
        system = ("createdate", "lastmodifieddate", "hs_merged_object_ids", "associatedcompanyid", *_SYNCED)
        counted = self.counters.fields() if self.counters else ()
        return tuple(dict.fromkeys((*system, *self.record_map.fields(), *self.outputs.values(), *counted)))

    @property
    def history(self) -> Sequence[str]:
        """None."""
        return ()

    def translate(self, rows: Sequence[Row], gathered: Gathered) -> None:
        """Add a contact for each row."""
        known = self.schema.properties(CONTACTS) if rows else {}
        for row in rows:
            modified = instant_of(row.properties.get("lastmodifieddate") or row.raw.get("updatedAt"))
            if modified is None:
                gathered.bad.append(BadRecord(ref=row.ref, code="malformed", reason="lastmodifieddate is no instant"))
                continue
            company = str(row.properties.get("associatedcompanyid") or "")
            gathered.records.append(
                ContactRecord(
                    ref=row.ref,
                    created_at=instant_of(row.properties.get("createdate") or row.raw.get("createdAt")),
                    modified_at=modified,
                    attributes=attributes_of(row, self.record_map, known),
                    account=Ref(object=COMPANIES, id=company) if company.isdigit() else None,
                    observed=observed_in(row, self.outputs),
                    same_as=(*merge_links(row), *synced_links(row, _SYNCED)),
                    counters=self.counters.of(row) if self.counters else (),
                    writable=not row.raw.get("archived"),
                    unwritable_reason="archived" if row.raw.get("archived") else None,
                )
            )


def attributes_of(row: Row, record_map: RecordMap, known: Mapping[str, Property]) -> dict[str, Value]:
    """Mapped attributes; of several properties the first filled one wins."""
    found: dict[str, Value] = {}
    for attribute, fields in record_map.attributes.items():
        for field in fields:
            value = value_of(row.properties.get(field), known.get(field))
            if value is not None and value != ():
                found[attribute] = value
                break
    return found


def observed_in(row: Row, outputs: Mapping[str, str]) -> dict[str, Value | None]:
    """What our own fields hold; a property that does not exist is left out of HubSpot's answer."""
    return {
        name: observed_of(row.properties[field], known.type)
        for name, field in outputs.items()
        if field in row.properties and (known := output_of(name)) is not None
    }


def merge_links(row: Row) -> list[VendorLink]:
    """The records that this one swallowed."""
    return [VendorLink(ref=gone.ref, reason=LinkReason.MERGE) for gone in merged_away(row)]


def synced_links(row: Row, synced: Mapping[str, str]) -> list[VendorLink]:
    """Counterparts in Salesforce that the native sync names."""
    links = []
    for field, salesforce_object in synced.items():
        record_id = str(row.properties.get(field) or "").strip()
        if len(record_id) in (15, 18) and record_id.isalnum():
            ref = Ref(object=salesforce_object, id=_full_id(record_id))
            links.append(VendorLink(ref=ref, reason=LinkReason.NATIVE_SYNC, crm="salesforce"))
    return links


def _full_id(record_id: str) -> str:
    """Salesforce's 18 characters: three more tell which of the 15 are upper case."""
    if len(record_id) == 18:
        return record_id
    blocks = [record_id[start : start + 5] for start in (0, 5, 10)]
    return record_id + "".join(
        _CHECKSUM[sum(1 << place for place, letter in enumerate(block) if "A" <= letter <= "Z")] for block in blocks
    )
