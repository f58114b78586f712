"""Opportunities: pages of them with the history of their stages and their linked contacts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.records import LinkStrength, Outcome, Ref, StageEntry
from sync.store.activity_rows import StoredPage
from sync.store.opportunity_rows import StoredOpportunity
from sync.store.sql import tombstones
from sync.store.tables import connection, opportunity, opportunity_contact, opportunity_stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connectors.records import Deletion, OpportunityRecord
    from sync.store.opportunity_rows import OpportunityRow
    from sync.store.sql.bulk import Sql

_REF = (opportunity.c.object, opportunity.c.record_id)


class Opportunities:
    """Queries on opportunities."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def upsert(self, connection_no: int, rows: Sequence[OpportunityRow]) -> StoredPage:
        """Store a page; of a record that comes twice, the last counts.

        Stages that the CRM has told once are kept for ever. Where it tells no history, one is kept from the changes
        that we see.
        """
        page = {row.record.ref: row for row in rows}
        known = self._known(connection_no, page)
        fresh = [ref for ref in page if ref not in known]
        changed = [
            ref for ref, old in known.items() if old.fingerprint != page[ref].fingerprint or old.gone_at is not None
        ]
        numbers = dict(zip(fresh, self._sql.take("opportunity", len(fresh)), strict=True))
        numbers |= {ref: known[ref].opportunity_no for ref in changed}
        stored = {ref: _stored(page[ref]) for ref in (*fresh, *changed)}
        if fresh:
            query = sa.select(connection.c.workspace_no).where(connection.c.connection_no == connection_no)
            common = {"workspace_no": int(self._sql.value(query)), "connection_no": connection_no}
            self._sql.insert(
                opportunity,
                [
                    {"opportunity_no": numbers[ref], "object": ref.object, "record_id": ref.id} | common | stored[ref]
                    for ref in fresh
                ],
            )
        self._sql.update(opportunity, [{"opportunity_no": numbers[ref]} | stored[ref] for ref in changed])
        records = {numbers[ref]: page[ref].record for ref in stored}
        self._stages(records)
        self._contacts(records)
        return StoredPage(new=len(fresh), changed=len(changed), unchanged=len(page) - len(stored))

    def tombstone(self, connection_no: int, deletions: Iterable[Deletion]) -> list[int]:
        """Mark opportunities as gone; the numbers of those that were still there."""
        return [row.opportunity_no for row, _ in tombstones.bury(self._sql, opportunity, connection_no, deletions)]

    def restore(self, connection_no: int, refs: Iterable[Ref]) -> list[int]:
        """Take tombstones away; the numbers of those that were gone."""
        return [row.opportunity_no for row in tombstones.raise_up(self._sql, opportunity, connection_no, refs)]

    def at(self, connection_no: int, refs: Iterable[Ref]) -> dict[Ref, StoredOpportunity]:
        """Opportunities by record, gone ones included."""
        query = sa.select(opportunity).where(opportunity.c.connection_no == connection_no)
        return {made.ref: made for made in self._made(list(self._sql.at_refs(query, _REF, refs)))}

    def of_contacts(self, connection_no: int, refs: Iterable[Ref]) -> list[StoredOpportunity]:
        """Live opportunities that these contact records are linked to."""
        linked = sa.select(opportunity_contact.c.opportunity_no).distinct()
        columns = opportunity_contact.c.object, opportunity_contact.c.record_id
        numbers = {row.opportunity_no for row in self._sql.at_refs(linked, columns, refs)}
        query = sa.select(opportunity).where(
            opportunity.c.connection_no == connection_no, opportunity.c.gone_at.is_(None)
        )
        rows = self._sql.within(query.order_by(opportunity.c.opportunity_no), opportunity.c.opportunity_no, numbers)
        return self._made(list(rows))

    def present(self, connection_no: int, object_name: str) -> Iterator[list[Ref]]:
        """Records that are not gone, in blocks (for the sweep)."""
        return tombstones.present(self._sql, opportunity, connection_no, object_name)

    def count(self, connection_no: int | None = None) -> dict[str, int]:
        """Live opportunities by outcome."""
        query = sa.select(opportunity.c.outcome, sa.func.count().label("many")).where(opportunity.c.gone_at.is_(None))
        if connection_no is not None:
            query = query.where(opportunity.c.connection_no == connection_no)
        return {row.outcome: int(row.many) for row in self._sql.rows(query.group_by(opportunity.c.outcome))}

    def _known(self, connection_no: int, refs: Iterable[Ref]) -> dict[Ref, sa.Row[Any]]:
        query = sa.select(
            opportunity.c.opportunity_no, *_REF, opportunity.c.fingerprint, opportunity.c.gone_at, opportunity.c.stage
        ).where(opportunity.c.connection_no == connection_no)
        return {Ref(object=row.object, id=row.record_id): row for row in self._sql.at_refs(query, _REF, refs)}

    def _stages(self, records: Mapping[int, OpportunityRecord]) -> None:
        now = self._sql.now()
        silent = {number: record for number, record in records.items() if not record.stages}
        query = sa.select(opportunity_stage).where(opportunity_stage.c.left.is_(None))
        open_stages: dict[int, list[sa.Row[Any]]] = {}
        for row in self._sql.within(query, opportunity_stage.c.opportunity_no, silent):
            open_stages.setdefault(row.opportunity_no, []).append(row)
        rows = []
        for number, record in records.items():
            entries = list(record.stages)
            if not entries:
                entries = _seen(record, open_stages.get(number, []))
            rows += [
                {
                    "opportunity_no": number,
                    "entered": entry.entered,
                    "stage": entry.stage,
                    "left": entry.left,
                    "recorded_at": now,
                }
                for entry in entries
            ]
        self._sql.upsert(opportunity_stage, rows, update=["left"])

    def _contacts(self, records: Mapping[int, OpportunityRecord]) -> None:
        earlier = sa.delete(opportunity_contact)
        self._sql.update_within(earlier, opportunity_contact.c.opportunity_no, records)
        strengths = list(LinkStrength)
        rows = []
        for number, record in records.items():
            strongest: dict[Ref, LinkStrength] = {}
            for ref, strength in record.contacts:
                strongest[ref] = min(strongest.get(ref, strength), strength, key=strengths.index)
            rows += [
                {"opportunity_no": number, "object": ref.object, "record_id": ref.id, "strength": strength.value}
                for ref, strength in strongest.items()
            ]
        self._sql.insert(opportunity_contact, rows)

    def _made(self, rows: Sequence[sa.Row[Any]]) -> list[StoredOpportunity]:
        numbers = [row.opportunity_no for row in rows]
        stages: dict[int, list[StageEntry]] = {}
        query = sa.select(opportunity_stage).order_by(opportunity_stage.c.entered, opportunity_stage.c.stage)
        for row in self._sql.within(query, opportunity_stage.c.opportunity_no, numbers):
            entry = StageEntry(stage=row.stage, entered=row.entered, left=row.left)
            stages.setdefault(row.opportunity_no, []).append(entry)
        contacts: dict[int, list[tuple[Ref, LinkStrength]]] = {}
        links = sa.select(opportunity_contact).order_by(opportunity_contact.c.object, opportunity_contact.c.record_id)
        for row in self._sql.within(links, opportunity_contact.c.opportunity_no, numbers):
            link = Ref(object=row.object, id=row.record_id), LinkStrength(row.strength)
            contacts.setdefault(row.opportunity_no, []).append(link)
        return [
            StoredOpportunity(
                opportunity_no=row.opportunity_no,
                connection_no=row.connection_no,
                ref=Ref(object=row.object, id=row.record_id),
                account=Ref(object=row.account_object, id=row.account_id) if row.account_object else None,
                name=row.name,
                stage=row.stage,
                outcome=Outcome(row.outcome),
                amount=None if row.amount is None else Decimal(row.amount),
                currency=row.currency,
                created_at=row.created_at,
                closed_at=row.closed_at,
                modified_at=row.modified_at,
                gone_at=row.gone_at,
                stages=tuple(stages.get(row.opportunity_no, ())),
                contacts=tuple(contacts.get(row.opportunity_no, ())),
            )
            for row in rows
        ]


def _seen(record: OpportunityRecord, open_stages: Sequence[sa.Row[Any]]) -> list[StageEntry]:
    """The history as far as we saw it ourselves: a stage ends when another one is seen."""
    if any(row.stage == record.stage for row in open_stages):
        ended = [row for row in open_stages if row.stage != record.stage]
        return [StageEntry(stage=row.stage, entered=row.entered, left=record.modified_at) for row in ended]
    entered = record.modified_at if open_stages else record.created_at or record.modified_at
    ended_entries = [StageEntry(stage=row.stage, entered=row.entered, left=record.modified_at) for row in open_stages]
    return [*ended_entries, StageEntry(stage=record.stage, entered=entered)]


def _stored(row: OpportunityRow) -> dict[str, Any]:
    record = row.record
    return {
        "account_object": record.account.object if record.account else None,
        "account_id": record.account.id if record.account else None,
        "name": record.name,
        "stage": record.stage,
        "outcome": record.outcome.value,
        "amount": None if record.amount is None else str(record.amount),
        "currency": record.currency,
        "created_at": record.created_at,
        "closed_at": record.closed_at,
        "fingerprint": row.fingerprint,
        "modified_at": record.modified_at,
        "gone_at": None,
    }
