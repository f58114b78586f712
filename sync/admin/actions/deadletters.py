"""Dead letters: what the CRMs refused, in their own words, and another chance for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.admin.actions.explain import record_of
from sync.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from sync.app import App


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Refusals of one kind."""

    connection: str
    object: str
    code: str
    #: What must change before another try makes sense: value, record or object.
    scope: str
    many: int
    #: The CRM's own words for one of them.
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One refused record."""

    #: CONNECTION:OBJECT:ID.
    record: str
    code: str
    scope: str
    words: str
    at: datetime | None


def groups(app: App, connection: str | None = None) -> list[Group]:
    """Dead letters by connection, object, code and scope, the largest group first."""
    names, number = _names(app, connection)
    with app.store.read() as unit:
        found = unit.overview.refused(number)
    return [
        Group(
            connection=names[each.connection_no],
            object=each.object,
            code=each.code,
            scope=each.scope,
            many=each.many,
            words=each.text,
        )
        for each in found
        if each.connection_no in names
    ]


def letters(app: App, connection: str | None = None, *, code: str | None = None, limit: int = 100) -> list[Letter]:
    """Refused records, newest first."""
    names, number = _names(app, connection)
    with app.store.read() as unit:
        found = unit.outbox.dead_letters(number, code=code, limit=limit)
    return [
        Letter(
            record=f"{names[each.connection_no]}:{each.object}:{each.record_id}",
            code=each.code,
            scope=each.scope,
            words=each.text,
            at=each.at,
        )
        for each in found
        if each.connection_no in names
    ]


def retry(
    app: App,
    connection: str | None = None,
    *,
    code: str | None = None,
    record: str | None = None,
    by: str = "operator",
) -> int:
    """Give refused records another chance with the next delivery; how many there were.

    Args:
        app: The app.
        connection: Only this one.
        code: Only what was refused with this code of the CRM.
        record: Only CONNECTION:OBJECT:ID.
        by: Who asks, for the audit log.

    Raises:
        NotFound: the record has no dead letter.
    """
    _, number = _names(app, connection)
    with app.store.write() as unit:
        ref = None
        if record is not None:
            if record.count(":") != 2:
                raise NotFound(f"{record}: name the record as CONNECTION:OBJECT:ID", next_step="leadgrade deadletters")
            number, (ref,) = record_of(app, unit, record)
        many = unit.outbox.retry_dead_letters(
            number, code=code, object_name=ref.object if ref else None, record_id=ref.id if ref else None
        )
        if record is not None and not many:
            raise NotFound(f"{record} has no dead letter", next_step="leadgrade deadletters lists them")
        unit.audit.note(
            by, "dead letters retried", {"connection": connection, "code": code, "record": record, "many": many}
        )
    return many


def _names(app: App, connection: str | None) -> tuple[dict[int, str], int | None]:
    """Connection number -> name of the connections that are meant, and the number if it is one."""
    rows = [app.connection(name) for name in app.names(connection)]
    names = {row.connection_no: row.name for row in rows}
    return names, rows[0].connection_no if connection is not None else None
