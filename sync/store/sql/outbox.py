"""The outbox: a state table of what each CRM record should hold, what we sent and what was seen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sync.store.sql.bulk import chunks
from sync.store.tables import account, checkpoint, contact, delivery, outbox, person, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from connectors.records import Ref
    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One outbox entry as delivery and rescoring see it."""

    connection_no: int
    object: str
    record_id: str
    shard: int
    #: Of a contact's record.
    person_no: int | None
    contact_no: int | None
    #: Of an account's record.
    account_no: int | None
    desired: dict[str, Any] | None
    sent: dict[str, Any] | None
    observed: dict[str, Any] | None
    observed_at: datetime | None
    due: bool
    urgent: bool
    attempts: int
    refusal: str | None
    refusal_text: str | None
    refusal_scope: str | None
    refused: dict[str, Any] | None
    sent_at: datetime | None
    drift_day: Any
    drift_times: int

    @property
    def key(self) -> tuple[int, str, str]:
        """The record."""
        return self.connection_no, self.object, self.record_id


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A refused entry, for people."""

    connection_no: int
    object: str
    record_id: str
    code: str
    text: str
    scope: str
    at: datetime


_ENTRY = tuple(outbox.c[name] for name in Entry.__dataclass_fields__)
#: A stream whose first load is not complete.
_UNLOADED = checkpoint.c.track == "main", checkpoint.c.baseline_at.is_(None)
#: What a rescore decides about an entry.
_WANTED = (
    *("shard", "person_no", "contact_no", "account_no", "desired", "sent", "due", "urgent", "due_at", "attempts"),
    *("refusal", "refusal_text", "refusal_scope", "model_version", "run_no"),
)


class Outbox:
    """Queries on the outbox and its deliveries."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ wanting

    def of_people(self, people: Iterable[int]) -> list[Entry]:
        """All entries of some people."""
        return [_entry(row) for row in self._sql.within(sa.select(*_ENTRY), outbox.c.person_no, people)]

    def of_accounts(self, account_nos: Iterable[int]) -> list[Entry]:
        """All entries of some accounts."""
        return [_entry(row) for row in self._sql.within(sa.select(*_ENTRY), outbox.c.account_no, account_nos)]

    def drop_accounts(self, connection_nos: Iterable[int]) -> int:
        """Forget all entries of accounts in some connections: nothing is wanted there any more."""
        mine = outbox.delete().where(outbox.c.account_no.is_not(None))
        return self._sql.update_within(mine, outbox.c.connection_no, connection_nos)

    def sent_to(self, people: Iterable[int]) -> pl.DataFrame:
        """`connection_no, object, person_no, sent` (JSON text), `due` of all entries of many people."""
        columns = outbox.c.connection_no, outbox.c.object, outbox.c.person_no, outbox.c.sent, outbox.c.due
        return self._sql.frame_within(sa.select(*columns), outbox.c.person_no, people)

    def of_refs(self, connection_no: int, refs: Iterable[Ref]) -> dict[tuple[str, str], Entry]:
        """Entries of some records by (object, id)."""
        query = sa.select(*_ENTRY).where(outbox.c.connection_no == connection_no)
        rows = self._sql.at_refs(query, (outbox.c.object, outbox.c.record_id), refs)
        return {(entry.object, entry.record_id): entry for entry in map(_entry, rows)}

    def want(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or update wanted values; every row has the key and all columns of `_WANTED`."""
        self._sql.upsert(outbox, rows, update=_WANTED)

    def drop(self, keys: Iterable[tuple[int, str, str]]) -> None:
        """Forget entries of records that are gone or may not be written."""
        for connection_no, object_name, record_id in keys:
            same = (
                outbox.c.connection_no == connection_no,
                outbox.c.object == object_name,
                outbox.c.record_id == record_id,
            )
            self._sql.run(outbox.delete().where(*same))

    def observe(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note what the CRM holds; rows: key, shard, person_no, contact_no, account_no, observed, observed_at."""
        self._sql.upsert(outbox, rows, update=("observed", "observed_at"))

    def set_drift(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Make drifted entries due; rows: key, due, due_at, drift_day, drift_times."""
        self._sql.update(outbox, rows)

    def adopt(self, rows: Sequence[Mapping[str, Any]], qualified: Mapping[int, bool]) -> None:
        """Take what the CRM holds for what we sent (rows: key, sent, due), and for who was over the line when last scored."""
        self._sql.update(outbox, rows)
        for value in (True, False):
            people = [number for number, each in qualified.items() if each is value]
            statement = sa.update(score).where(score.c.in_scope.is_(True)).values(qualified=value)
            self._sql.update_within(statement, score.c.person_no, people)

    def revive(self, keys: Sequence[tuple[int, str, str]], scope: str) -> None:
        """Give refused entries of a scope a new chance, because what refused them has changed."""
        for connection_no, object_name, record_id in keys:
            self._sql.run(
                outbox.update()
                .where(
                    outbox.c.connection_no == connection_no,
                    outbox.c.object == object_name,
                    outbox.c.record_id == record_id,
                    outbox.c.refusal_scope == scope,
                )
                .values(_NOT_REFUSED | {"due": True})
            )

    # ------------------------------------------------------------ sending

    def counts(self, connection_no: int) -> dict[str, int]:
        """entries, written (something was sent once), due, refused."""
        query = sa.select(
            sa.func.count(),
            sa.func.count(outbox.c.sent),
            sa.func.sum(sa.case((outbox.c.due.is_(True), 1), else_=0)),
            sa.func.sum(sa.case((outbox.c.refusal.is_not(None), 1), else_=0)),
        ).where(outbox.c.connection_no == connection_no)
        entries, written, due, refused = tuple(self._sql.rows(query)[0])
        return {
            "entries": int(entries or 0),
            "written": int(written or 0),
            "due": int(due or 0),
            "refused": int(refused or 0),
        }

    def written(self, connection_no: int, *, at_most: int | None = None) -> int:
        """How many entries hold something that was sent; no more are counted than asked for."""
        mine = outbox.c.connection_no == connection_no, outbox.c.sent.is_not(None)
        some = sa.select(sa.literal(1)).select_from(outbox).where(*mine).limit(at_most).subquery()
        return int(self._sql.value(sa.select(sa.func.count()).select_from(some)))

    def waiting(self, connection_no: int) -> int:
        """How many entries are due, those that may not be sent yet among them; the others are not looked at."""
        query = sa.select(sa.func.count()).select_from(outbox)
        return int(self._sql.value(query.where(outbox.c.connection_no == connection_no, outbox.c.due.is_(True))))

    def due(
        self, connection_no: int, *, now: datetime, limit: int, after: tuple[str, str] | None = None
    ) -> list[Entry]:
        """Entries to send now, urgent ones first.

        Baseline gate: people whose connections are not all loaded wait, and so do accounts of a company with such a person
        or in such a connection.
        """
        loading = sa.select(checkpoint.c.stream).where(checkpoint.c.connection_no == connection_no, *_UNLOADED)
        if self._sql.first(loading.limit(1)) is not None:
            # All that is due here waits: it need not be looked through.
            return []
        query = sa.select(*_ENTRY).where(*self._sendable(connection_no, now))
        if after is not None:
            query = query.where(sa.tuple_(outbox.c.object, outbox.c.record_id) > sa.tuple_(*map(sa.literal, after)))
            return [
                _entry(row) for row in self._sql.rows(query.order_by(outbox.c.object, outbox.c.record_id).limit(limit))
            ]
        order = (outbox.c.urgent.desc(), outbox.c.due_at, outbox.c.object, outbox.c.record_id)
        return [_entry(row) for row in self._sql.rows(query.order_by(*order).limit(limit))]

    def _sendable(self, connection_no: int, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        loading = (
            sa.select(sa.literal(1))
            .select_from(contact.join(checkpoint, checkpoint.c.connection_no == contact.c.connection_no))
            .where(contact.c.person_no == outbox.c.person_no, contact.c.gone_at.is_(None), *_UNLOADED)
        )
        # Asked once per query; nearly always nothing is loading, and neither people nor companies need be taken apart.
        any_loading = sa.exists(sa.select(sa.literal(1)).select_from(checkpoint).where(*_UNLOADED))
        connections_loading = sa.select(checkpoint.c.connection_no).where(*_UNLOADED)
        waiting = (
            sa.select(sa.literal(1))
            .select_from(account.outerjoin(person, person.c.company_no == account.c.company_no))
            .outerjoin(contact, sa.and_(contact.c.person_no == person.c.person_no, contact.c.gone_at.is_(None)))
            .where(
                account.c.account_no == outbox.c.account_no,
                sa.or_(
                    account.c.connection_no.in_(connections_loading), contact.c.connection_no.in_(connections_loading)
                ),
            )
        )
        return (
            outbox.c.connection_no == connection_no,
            outbox.c.due.is_(True),
            outbox.c.refusal.is_(None),
            outbox.c.claim.is_(None),
            sa.or_(outbox.c.due_at.is_(None), outbox.c.due_at <= now),
            sa.or_(~any_loading, ~sa.exists(loading)),
            sa.or_(outbox.c.account_no.is_(None), ~any_loading, ~sa.exists(waiting)),
        )

    def claim(self, entries: Sequence[Entry], claim: str, *, now: datetime) -> None:
        """Mark entries as being sent: from now on their fate is unknown until they are settled."""
        keys = [{"connection_no": e.connection_no, "object": e.object, "record_id": e.record_id} for e in entries]
        self._sql.update(outbox, [{**key, "claim": claim, "claimed_at": now} for key in keys])

    def release_claims(self, connection_no: int) -> int:
        """Claims that nobody will settle any more (the process ended): unknown, hence due again."""
        statement = outbox.update().where(outbox.c.connection_no == connection_no, outbox.c.claim.is_not(None))
        return self._sql.run(statement.values(claim=None, claimed_at=None, due=True))

    def unclaim(self, keys: Iterable[tuple[int, str, str]], claim: str) -> None:
        """Give entries of one claim back: due again."""
        for connection_no, object_name, record_id in keys:
            statement = outbox.update().where(
                outbox.c.connection_no == connection_no,
                outbox.c.object == object_name,
                outbox.c.record_id == record_id,
                outbox.c.claim == claim,
            )
            self._sql.run(statement.values(claim=None, claimed_at=None, due=True))

    def due_changes(self, connection_no: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """(desired, sent) of due entries that were written before."""
        written = outbox.c.sent.is_not(None), outbox.c.desired.is_not(None)
        query = sa.select(outbox.c.desired, outbox.c.sent).where(
            outbox.c.connection_no == connection_no, outbox.c.due.is_(True), *written
        )
        yield from ((row.desired, row.sent) for row in self._sql.rows(query))

    def settle(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store what became of claimed entries; all rows have the same columns, the key among them."""
        self._sql.update(outbox, rows)

    def log(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep one row per attempt."""
        self._sql.insert(delivery, rows)

    def forget_sent(self, connection_no: int, refs: Iterable[Ref]) -> None:
        """Our fields of these records are blank now: nothing was sent, nothing is known to be there."""
        for ref in refs:
            statement = outbox.update().where(
                outbox.c.connection_no == connection_no, outbox.c.object == ref.object, outbox.c.record_id == ref.id
            )
            self._sql.run(statement.values(sent=None, observed=None, sent_at=None, due=True))

    # ------------------------------------------------------------ dead letters

    def dead_letters(
        self, connection_no: int | None = None, *, code: str | None = None, limit: int = 1000
    ) -> list[DeadLetter]:
        """Refused entries, newest first."""
        query = sa.select(outbox).where(outbox.c.refusal.is_not(None))
        if connection_no is not None:
            query = query.where(outbox.c.connection_no == connection_no)
        if code is not None:
            query = query.where(outbox.c.refusal == code)
        rows = self._sql.rows(query.order_by(outbox.c.refused_at.desc()).limit(limit))
        return [
            DeadLetter(
                connection_no=row.connection_no,
                object=row.object,
                record_id=row.record_id,
                code=row.refusal,
                text=row.refusal_text or "",
                scope=row.refusal_scope or "value",
                at=row.refused_at,
            )
            for row in rows
        ]

    def retry_dead_letters(
        self,
        connection_no: int | None = None,
        *,
        code: str | None = None,
        object_name: str | None = None,
        record_id: str | None = None,
    ) -> int:
        """Give refused entries another chance; how many there were."""
        statement = outbox.update().where(outbox.c.refusal.is_not(None))
        if connection_no is not None:
            statement = statement.where(outbox.c.connection_no == connection_no)
        if code is not None:
            statement = statement.where(outbox.c.refusal == code)
        if object_name is not None:
            statement = statement.where(outbox.c.object == object_name)
        if record_id is not None:
            statement = statement.where(outbox.c.record_id == record_id)
        return self._sql.run(statement.values(_NOT_REFUSED | {"due": True}))

    def entries(self, connection_no: int, *, batch: int = 2000) -> Iterable[list[Entry]]:
        """All entries of a connection in blocks, by key."""
        keys = self._sql.rows(
            sa.select(outbox.c.object, outbox.c.record_id)
            .where(outbox.c.connection_no == connection_no)
            .order_by(outbox.c.object, outbox.c.record_id)
        )
        for block in chunks(keys, batch):
            by_object: dict[str, list[str]] = {}
            for name, record_id in block:
                by_object.setdefault(name, []).append(record_id)
            found: list[Entry] = []
            for name, ids in by_object.items():
                query = sa.select(*_ENTRY).where(outbox.c.connection_no == connection_no, outbox.c.object == name)
                found += [_entry(row) for row in self._sql.within(query, outbox.c.record_id, ids)]
            yield found


_NOT_REFUSED: dict[str, Any] = {
    "refusal": None,
    "refusal_text": None,
    "refusal_scope": None,
    "refused": None,
    "refused_at": None,
    "attempts": 0,
}


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(**dict(zip(Entry.__dataclass_fields__, row, strict=True)))
