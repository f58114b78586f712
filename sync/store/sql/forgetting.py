"""Erasing people for good, and the digests that keep them out afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.run_rows import OPEN, RunStatus
from sync.store.sql.activity_blocks import ActivityBlocks
from sync.store.sql.companies import Companies
from sync.store.tables import (
    activity,
    activity_contact,
    ambiguous,
    asset,
    audit,
    delivery,
    enrichment,
    identity_key,
    identity_link,
    opportunity,
    opportunity_contact,
    outbox,
    person,
    quarantine,
    score,
    score_history,
    score_snapshot,
    suppressed,
    sync_run,
    vendor_link,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from connectors.records import Ref
    from sync.store.sql.bulk import Sql


class Forgetting:
    """Queries on what must be gone and stay gone."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ keeping out

    def suppress(self, workspace_no: int, kind: str, digests: Iterable[str], now: datetime) -> None:
        """Keep whatever has these digests out."""
        rows = [{"workspace_no": workspace_no, "kind": kind, "digest": digest, "at": now} for digest in digests]
        self._sql.upsert(suppressed, rows)

    def any(self, workspace_no: int) -> bool:
        """Whether anybody was ever forgotten: mostly not."""
        query = sa.select(suppressed.c.kind).where(suppressed.c.workspace_no == workspace_no)
        return self._sql.first(query.limit(1)) is not None

    def suppressed(self, workspace_no: int, kind: str, digests: Iterable[str]) -> set[str]:
        """Those of the digests that are kept out."""
        query = sa.select(suppressed.c.digest).where(
            suppressed.c.workspace_no == workspace_no, suppressed.c.kind == kind
        )
        return {str(row.digest) for row in self._sql.within(query, suppressed.c.digest, digests)}

    # ------------------------------------------------------------ erasing

    def assets_of(self, contact_nos: Iterable[int]) -> set[int]:
        """Assets that the activities of contacts refer to."""
        query = sa.select(activity_contact.c.asset_no).where(activity_contact.c.asset_no.is_not(None)).distinct()
        return {int(row.asset_no) for row in self._sql.within(query, activity_contact.c.contact_no, contact_nos)}

    def drop_unused_assets(self, asset_nos: Collection[int]) -> None:
        """Of these assets, those that no activity refers to any more: an address may stand in a URL."""
        used = sa.select(activity.c.asset_no).distinct()
        kept = {int(row.asset_no) for row in self._sql.within(used, activity.c.asset_no, asset_nos)}
        self._sql.update_within(asset.delete(), asset.c.asset_no, [no for no in asset_nos if no not in kept])

    def erase_people(self, person_nos: Collection[int]) -> None:
        """People with their scores, history, outbox entries and keys; their companies are scored anew without them."""
        Companies(self._sql).mark_stale_of(person_nos)
        ActivityBlocks(self._sql).erase(person_nos, ())
        for table in (person, score, score_history, score_snapshot, outbox, identity_key):
            self._sql.update_within(sa.delete(table), table.c.person_no, person_nos)

    def erase_keys(self, workspace_no: int, addresses: Collection[str]) -> None:
        """Keys of addresses, whoever they point to."""
        self._sql.update_within(
            identity_key.delete().where(identity_key.c.workspace_no == workspace_no), identity_key.c.value, addresses
        )

    def erase_traces(self, connection_no: int, crm: str, refs: Collection[Ref]) -> None:
        """What else names these records of a connection: deliveries, quarantine, opportunities, other records' links."""
        for table in (delivery, quarantine):
            self._delete_at(table, table.c.connection_no == connection_no, refs)
        here = sa.select(opportunity.c.opportunity_no).where(opportunity.c.connection_no == connection_no)
        self._delete_at(opportunity_contact, opportunity_contact.c.opportunity_no.in_(here), refs)
        self._delete_at(vendor_link, vendor_link.c.crm == crm, refs)
        for ref in refs:
            self._cancel_about(ref)
            for key, column in ((sync_run.c.run_no, sync_run.c.options), (audit.c.audit_no, audit.c.detail)):
                for row in self._naming(key, column, ref):
                    values = {column: _without(row.kept, ref)}
                    self._sql.run(sa.update(column.table).where(key == row.number).values(values))

    def _cancel_about(self, ref: Ref) -> None:
        """Runs that are about this record alone have nothing left to do."""
        number = sync_run.c.run_no
        for row in self._naming(number, sync_run.c.options, ref, sync_run.c.status.in_([each.value for each in OPEN])):
            named = row.kept.get("records") or [row.kept.get("record")]
            if any(each != [ref.object, ref.id] for each in named):
                continue
            self._sql.run(sa.update(sync_run).where(number == row.number).values(cancel_asked=True))
            ended = {"status": RunStatus.CANCELLED.value, "ended_at": self._sql.now(), "message": "they were forgotten"}
            waits = sync_run.c.status != RunStatus.RUNNING.value
            self._sql.run(sa.update(sync_run).where(number == row.number, waits).values(**ended))

    def _naming(
        self, key: sa.Column[Any], column: sa.Column[Any], ref: Ref, *conditions: sa.ColumnElement[bool]
    ) -> Sequence[sa.Row[Any]]:
        """(number, kept) where what somebody asked for names the record."""
        names = sa.cast(column, sa.Text).contains(ref.id, autoescape=True)
        return self._sql.rows(sa.select(key.label("number"), column.label("kept")).where(names, *conditions))

    def erase_links(self, workspace_no: int, contact_nos: Collection[int]) -> None:
        """Identity links, ambiguities and enrichment of contacts."""
        for column in (identity_link.c.a, identity_link.c.b):
            self._sql.update_within(identity_link.delete(), column, contact_nos)
        about = enrichment.delete().where(enrichment.c.workspace_no == workspace_no)
        self._sql.update_within(about, enrichment.c.subject, [f"contact:{number}" for number in contact_nos])
        rows = self._sql.rows(sa.select(ambiguous).where(ambiguous.c.workspace_no == workspace_no))
        stale = [row.digest for row in rows if not set(row.contacts).isdisjoint(contact_nos)]
        shown = ambiguous.delete().where(ambiguous.c.workspace_no == workspace_no)
        self._sql.update_within(shown, ambiguous.c.digest, stale)

    def _delete_at(self, table: sa.Table, condition: sa.ColumnElement[bool], refs: Collection[Ref]) -> None:
        by_object: dict[str, list[Any]] = {}
        for ref in refs:
            by_object.setdefault(ref.object, []).append(ref.id)
        for name, ids in by_object.items():
            statement = sa.delete(table).where(condition, table.c.object == name)
            self._sql.update_within(statement, table.c.record_id, ids)


def _without(value: Any, ref: Ref) -> Any:
    """A JSON value without the id of a record, however deep it lies."""
    if isinstance(value, dict):
        return {name: _without(each, ref) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, ref) for each in value if each != [ref.object, ref.id]]
    if value == ref.id or (isinstance(value, str) and value.endswith(f"{ref.object}:{ref.id}")):
        return "forgotten"
    return value
