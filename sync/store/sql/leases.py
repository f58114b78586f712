"""Leases: who may work on what, by the database's own clock; the epoch is checked inside each commit.

A worker that was stopped for longer than its lease (suspended machine, swapped out) finds another epoch at its next
commit and writes nothing: `check` raises LeaseLost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sync.errors import LeaseLost
from sync.holder import is_dead, shown
from sync.store.tables import lease
from sync.store.types import Instant

if TYPE_CHECKING:
    from datetime import datetime

    from sync.store.sql.bulk import Sql


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """A lease that is held, or was."""

    name: str
    holder: str
    epoch: int
    expires_at: datetime
    #: Not expired by the database's clock, and its holder is not known to have ended.
    live: bool

    @property
    def who(self) -> str:
        """The holder in words: host and process."""
        return shown(self.holder)


class Leases:
    """Queries on leases."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def acquire(self, name: str, holder: str, seconds: int) -> int | None:
        """Take a lease that is free or expired, or whose holder is a process of this machine that has ended.

        Its epoch; None while somebody holds it (whoever that is).
        """
        held = self.of(name)
        if held is not None and not held.live and held.holder:
            self.release(name, held.epoch)
        make = sqlite.insert if self._sql.sqlite else postgresql.insert
        until = self._in(seconds)
        new = make(lease).values(name=name, holder=holder, epoch=1, expires_at=until, seconds=seconds)
        taken = new.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "epoch": lease.c.epoch + 1, "expires_at": until, "seconds": seconds},
            where=sa.not_(self._live()),
        )
        epoch = self._sql.value(taken.returning(lease.c.epoch))
        return None if epoch is None else int(epoch)

    def renew(self, name: str, epoch: int, seconds: int) -> bool:
        """Hold on to a lease; False when somebody else has taken it."""
        statement = sa.update(lease).where(lease.c.name == name, lease.c.epoch == epoch, lease.c.holder != "")
        return self._sql.run(statement.values(expires_at=self._in(seconds), seconds=seconds)) == 1

    def release(self, name: str, epoch: int) -> None:
        """Give a lease back; nothing happens when somebody else has taken it."""
        statement = sa.update(lease).where(lease.c.name == name, lease.c.epoch == epoch)
        self._sql.run(statement.values(expires_at=self._in(0), holder=""))

    def check(self, name: str, epoch: int) -> None:
        """Raise LeaseLost unless the lease is still ours: to be called in the unit that writes."""
        held = self.of(name)
        if held is None or held.epoch != epoch or not held.holder:
            who = f"{held.who} has it now" if held is not None and held.holder else "it was given back"
            raise LeaseLost(f"Lease {name}, epoch {epoch}, is lost: {who}.", name=name)

    def of(self, name: str) -> Lease | None:
        """Who holds a lease, or held it last."""
        row = self._sql.first(self._query().where(lease.c.name == name))
        return None if row is None else _made(row)

    def all(self, *, live: bool = True) -> list[Lease]:
        """All leases, by name."""
        leases = [_made(row) for row in self._sql.rows(self._query().order_by(lease.c.name))]
        return [held for held in leases if held.live or not live]

    def now(self) -> datetime:
        """The database's clock."""
        found: datetime = self._sql.value(sa.select(self._now()))
        return found

    def _query(self) -> sa.Select[Any]:
        columns = lease.c.name, lease.c.holder, lease.c.epoch, lease.c.expires_at
        return sa.select(*columns, self._live().label("live"))

    def _live(self) -> sa.ColumnElement[bool]:
        """Held and not expired. More time left than it was taken for means that the clock was set back: not held."""
        left = sa.type_coerce(lease.c.expires_at, sa.BigInteger) - sa.type_coerce(self._now(), sa.BigInteger)
        return sa.and_(lease.c.holder != "", left > 0, left <= sa.cast(lease.c.seconds, sa.BigInteger) * 1_000_000)

    def _in(self, seconds: int) -> sa.ColumnElement[Any]:
        return sa.type_coerce(sa.type_coerce(self._now(), sa.BigInteger) + seconds * 1_000_000, Instant)

    def _now(self) -> sa.ColumnElement[Any]:
        """Microseconds since 1970 by the database's clock."""
        if self._sql.sqlite:
            micros = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000"
        else:
            micros = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
        return sa.literal_column(f"({micros})", Instant)


def _made(row: sa.Row[Any]) -> Lease:
    live = bool(row.live) and not is_dead(row.holder)
    return Lease(name=row.name, holder=row.holder, epoch=row.epoch, expires_at=row.expires_at, live=live)
