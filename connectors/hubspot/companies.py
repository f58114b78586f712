"""Companies: the accounts of HubSpot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.hubspot.associations import COMPANIES
from connectors.hubspot.contacts import attributes_of, merge_links, observed_in, synced_links
from connectors.hubspot.reading import Gathered, Row
from connectors.hubspot.schema import Schema
from connectors.hubspot.values import instant_of
from connectors.mapping import RecordMap
from connectors.records import AccountRecord, BadRecord

_SYNCED = {"salesforceaccountid": "Account"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyTranslator:
    """Rows of companies to account records."""

    record_map: RecordMap
    #: Output name to property.
    outputs: Mapping[str, str]
    schema: Schema

    @property
    def properties(self) -> Sequence[str]:
        """All that is asked for, each once."""
        system = ("createdate", "hs_lastmodifieddate", "hs_merged_object_ids", *_SYNCED)
        return tuple(dict.fromkeys((*system, *self.record_map.fields(), *self.outputs.values())))

    @property
    def history(self) -> Sequence[str]:
        """None."""
        return ()

    def translate(self, rows: Sequence[Row], gathered: Gathered) -> None:
        """Add an account for each row."""
        known = self.schema.properties(COMPANIES) if rows else {}
        for row in rows:
            modified = instant_of(row.properties.get("hs_lastmodifieddate") or row.raw.get("updatedAt"))
            if modified is None:
                gathered.bad.append(
                    BadRecord(ref=row.ref, code="malformed", reason="hs_lastmodifieddate is no instant")
                )
                continue
            gathered.records.append(
                AccountRecord(
                    ref=row.ref,
                    created_at=instant_of(row.properties.get("createdate") or row.raw.get("createdAt")),
                    modified_at=modified,
                    attributes=attributes_of(row, self.record_map, known),
                    observed=observed_in(row, self.outputs),
                    same_as=(*merge_links(row), *synced_links(row, _SYNCED)),
                    writable=not row.raw.get("archived"),
                    unwritable_reason="archived" if row.raw.get("archived") else None,
                )
            )
