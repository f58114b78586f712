"""Accounts: pages of them, tombstones, looking up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.records import Ref
from sync.store.account_rows import AccountArrival, AccountRow, GoneAccount, StoredAccount
from sync.store.contact_rows import Arrival, ChangeSource
from sync.store.sql import tombstones
from sync.store.sql.bulk import as_dict
from sync.store.tables import account, connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connectors.records import Deletion
    from sync.store.sql.bulk import Sql

_REF = (account.c.object, account.c.record_id)
_ARRIVING = sa.select(
    account.c.account_no,
    account.c.object,
    account.c.record_id,
    account.c.company_no,
    account.c.domain,
    account.c.fingerprint,
    account.c.modified_at,
    account.c.writable,
    account.c.derived_version,
    account.c.gone_at,
)


class Accounts:
    """Queries on accounts."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def upsert(
        self, connection_no: int, rows: Sequence[AccountRow], *, source: ChangeSource = ChangeSource.PULL
    ) -> list[AccountArrival]:
        """Store a page: one arrival per record, in their order (of a record that comes twice, the last counts)."""
        page = {row.ref: row for row in rows}
        known = {
            Ref(object=row.object, id=row.record_id): row
            for row in self._sql.at_refs(_ARRIVING.where(account.c.connection_no == connection_no), _REF, page)
        }
        fresh = [ref for ref in page if ref not in known]
        numbers = dict(zip(fresh, self._sql.take("account", len(fresh)), strict=True))
        arrivals, updates = [], []
        for ref, row in page.items():
            old = known.get(ref)
            if old is None:
                arrivals.append(AccountArrival(account_no=numbers[ref], arrival=Arrival.NEW, row=row))
                continue
            arrival = _compared(old, row)
            if arrival is not Arrival.UNCHANGED:
                moved = old.fingerprint != row.fingerprint and source is not ChangeSource.BACKFILL
                modified_at = row.modified_at if moved else old.modified_at
                updates.append({"account_no": old.account_no, "modified_at": modified_at} | _stored(row))
            arrivals.append(
                AccountArrival(
                    account_no=old.account_no,
                    arrival=arrival,
                    row=row,
                    company_no=old.company_no,
                    domain=old.domain,
                )
            )
        self._insert(connection_no, numbers, page)
        self._sql.update(account, updates)
        return arrivals

    def tombstone(self, connection_no: int, deletions: Iterable[Deletion]) -> list[GoneAccount]:
        """Mark accounts as gone (softly); those that were still there are returned, unknown ones are ignored."""
        gone = tombstones.bury(self._sql, account, connection_no, deletions, account.c.company_no)
        return [_gone(row, deletion.moved_to) for row, deletion in gone]

    def restore(self, connection_no: int, refs: Iterable[Ref]) -> list[GoneAccount]:
        """Take tombstones away; accounts that were gone are returned."""
        back = tombstones.raise_up(self._sql, account, connection_no, refs, account.c.company_no)
        return [_gone(row, None) for row in back]

    def set_unwritable(self, account_nos: Iterable[int]) -> None:
        """Accounts (by number) that the CRM does not let us write; what is pulled next says otherwise, if it changed."""
        self._sql.update(account, [{"account_no": number, "writable": False} for number in account_nos])

    def set_companies(self, companies: Mapping[int, int | None]) -> None:
        """Assign accounts (by number) to companies."""
        rows = [{"account_no": number, "company_no": company} for number, company in companies.items()]
        self._sql.update(account, rows)

    def get(self, account_nos: Iterable[int]) -> dict[int, StoredAccount]:
        """Accounts by number, gone ones included."""
        rows = self._sql.within(sa.select(account), account.c.account_no, account_nos)
        return {row.account_no: _made(row) for row in rows}

    def at(self, connection_no: int, refs: Iterable[Ref]) -> dict[Ref, StoredAccount]:
        """Accounts by record, gone ones included."""
        query = sa.select(account).where(account.c.connection_no == connection_no)
        return {made.ref: made for row in self._sql.at_refs(query, _REF, refs) if (made := _made(row))}

    def of_companies(self, company_nos: Iterable[int], *, gone: bool = False) -> list[StoredAccount]:
        """The accounts of companies."""
        query = sa.select(account).order_by(account.c.account_no)
        query = query if gone else query.where(account.c.gone_at.is_(None))
        return [_made(row) for row in self._sql.within(query, account.c.company_no, company_nos)]

    def by_domain(self, workspace_no: int, domains: Iterable[str]) -> list[StoredAccount]:
        """Live accounts with one of these domains."""
        query = sa.select(account).where(account.c.workspace_no == workspace_no, account.c.gone_at.is_(None))
        return [_made(row) for row in self._sql.within(query.order_by(account.c.account_no), account.c.domain, domains)]

    def present(self, connection_no: int, object_name: str) -> Iterator[list[Ref]]:
        """Records that are not gone, in blocks (for the sweep)."""
        return tombstones.present(self._sql, account, connection_no, object_name)

    def count(self, connection_no: int | None = None) -> dict[str, int]:
        """Live accounts by object."""
        query = sa.select(account.c.object, sa.func.count().label("many")).where(account.c.gone_at.is_(None))
        if connection_no is not None:
            query = query.where(account.c.connection_no == connection_no)
        return {row.object: int(row.many) for row in self._sql.rows(query.group_by(account.c.object))}

    def _insert(self, connection_no: int, numbers: Mapping[Ref, int], page: Mapping[Ref, AccountRow]) -> None:
        if not numbers:
            return
        query = sa.select(connection.c.workspace_no).where(connection.c.connection_no == connection_no)
        common = {
            "workspace_no": int(self._sql.value(query)),
            "connection_no": connection_no,
            "first_seen_at": self._sql.now(),
        }
        self._sql.insert(
            account,
            [
                {
                    "account_no": number,
                    "object": ref.object,
                    "record_id": ref.id,
                    "modified_at": page[ref].modified_at,
                }
                | common
                | _stored(page[ref])
                for ref, number in numbers.items()
            ],
        )


def _compared(old: sa.Row[Any], row: AccountRow) -> Arrival:
    if old.gone_at is not None:
        return Arrival.RESTORED
    if old.fingerprint != row.fingerprint:
        return Arrival.CHANGED
    same = (old.derived_version, old.writable) == (row.derived_version, row.writable)
    return Arrival.UNCHANGED if same else Arrival.REVISED


def _stored(row: AccountRow) -> dict[str, Any]:
    """The columns that follow the CRM; an arrival also takes a tombstone away."""
    return {
        "attributes": row.attributes,
        "derived": row.derived,
        "derived_version": row.derived_version,
        "fingerprint": row.fingerprint,
        "created_at": row.created_at,
        "writable": row.writable,
        "gone_at": None,
        "gone_kind": None,
        "moved_to_object": None,
        "moved_to_id": None,
    }


def _made(row: sa.Row[Any]) -> StoredAccount:
    values = as_dict(row)
    ref = Ref(object=values.pop("object"), id=values.pop("record_id"))
    name, record_id = values.pop("moved_to_object"), values.pop("moved_to_id")
    moved_to = Ref(object=name, id=record_id) if name and record_id else None
    return StoredAccount(ref=ref, moved_to=moved_to, **values)


def _gone(row: sa.Row[Any], moved_to: Ref | None) -> GoneAccount:
    ref = Ref(object=row.object, id=row.record_id)
    return GoneAccount(account_no=row.account_no, ref=ref, company_no=row.company_no, moved_to=moved_to)
