"""Deals: outcome by the pipeline's stages, the history of stages, contacts and company by association."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from connectors.hubspot.associations import COMPANIES, CONTACTS, DEALS, associated
from connectors.hubspot.calls import Client
from connectors.hubspot.reading import Gathered, Row
from connectors.hubspot.schema import Schema
from connectors.hubspot.values import instant_of, number_of
from connectors.records import BadRecord, LinkStrength, OpportunityRecord, Outcome, Ref, StageEntry

_PRIMARY_COMPANY = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class DealTranslator:
    """Rows of deals to opportunities."""

    schema: Schema
    client: Client

    @property
    def properties(self) -> Sequence[str]:
        """All that is asked for."""
        return (
            "createdate", "hs_lastmodifieddate", "hs_merged_object_ids", "dealname", "dealstage", "pipeline", "amount",
            "deal_currency_code", "closedate",
        )  # fmt: skip

    @property
    def history(self) -> Sequence[str]:
        """The stages a deal went through."""
        return ("dealstage",)

    def translate(self, rows: Sequence[Row], gathered: Gathered) -> None:
        """Add an opportunity for each row."""
        ids = [row.ref.id for row in rows]
        contacts = associated(self.client, DEALS, CONTACTS, ids) if rows else {}
        companies = associated(self.client, DEALS, COMPANIES, ids) if rows else {}
        for row in rows:
            modified = instant_of(row.properties.get("hs_lastmodifieddate") or row.raw.get("updatedAt"))
            stage_id = str(row.properties.get("dealstage") or "")
            if modified is None or not stage_id:
                wrong = "the deal has no stage" if modified else "hs_lastmodifieddate is no instant"
                gathered.bad.append(BadRecord(ref=row.ref, code="malformed", reason=wrong))
                continue
            pipeline = str(row.properties.get("pipeline") or "")
            stage = self.schema.stage(pipeline, stage_id)
            outcome = stage.outcome if stage else Outcome.OPEN
            closed = instant_of(row.properties.get("closedate"))
            amount = number_of(str(row.properties.get("amount") or ""))
            gathered.records.append(
                OpportunityRecord(
                    ref=row.ref,
                    created_at=instant_of(row.properties.get("createdate") or row.raw.get("createdAt")),
                    modified_at=modified,
                    stage=stage.label if stage else stage_id,
                    outcome=outcome,
                    name=str(row.properties["dealname"]) if row.properties.get("dealname") else None,
                    account=_company(companies.get(row.ref.id, {})),
                    amount=None if amount is None else Decimal(amount),
                    currency=str(row.properties.get("deal_currency_code") or "") or None,
                    closed_at=None if outcome is Outcome.OPEN else closed,
                    stages=self._stages(row, pipeline),
                    contacts=tuple(
                        (Ref(object=CONTACTS, id=contact), LinkStrength.ROLE)
                        for contact in contacts.get(row.ref.id, {})
                    ),
                )
            )

    def _stages(self, row: Row, pipeline: str) -> tuple[StageEntry, ...]:
        history = (row.raw.get("propertiesWithHistory") or {}).get("dealstage") or ()
        entered: list[tuple[datetime, str]] = []
        for entry in history:
            at = instant_of(entry.get("timestamp")) if isinstance(entry, Mapping) else None
            if at is not None and entry.get("value"):
                entered.append((at, self._label(pipeline, str(entry["value"]))))
        entered.sort(key=lambda item: item[0])
        moves = [item for place, item in enumerate(entered) if place == 0 or item[1] != entered[place - 1][1]]
        closed = [
            StageEntry(stage=stage, entered=at, left=following) for (at, stage), (following, _) in pairwise(moves)
        ]
        return (*closed, *(StageEntry(stage=stage, entered=at) for at, stage in moves[-1:]))

    def _label(self, pipeline: str, stage_id: str) -> str:
        stage = self.schema.stage(pipeline, stage_id)
        return stage.label if stage else stage_id


def _company(companies: Mapping[str, Any]) -> Ref | None:
    """The primary company, else the only one."""
    primary = [company for company, types in companies.items() if _PRIMARY_COMPANY in types]
    chosen = primary or (list(companies) if len(companies) == 1 else [])
    return Ref(object=COMPANIES, id=chosen[0]) if chosen else None
