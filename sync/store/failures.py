"""What the databases' own errors mean for us. Messages keep codes and constraint names, never values or statements' data."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeGuard

import sqlalchemy as sa

from sync.errors import (
    StatementRefused,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS: dict[type[StoreError], str] = {
    StoreBusy: "see which process holds it (leadgrade status), then try again",
    StoreFull: "free some space on that file system, then start again; nothing that was committed is lost",
    StoreReadOnly: "make the file and its folder writable for this user",
    StoreDamaged: "check that the settings name the right file; restore the last backup if they do",
    StoreUnreachable: "check the store's address in the settings and that the folder or server is there",
    StatementRefused: "report this as a bug with the lines above",
}

#: Primary result codes of SQLite (the low byte of the extended ones).
_SQLITE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_CANTOPEN: StoreUnreachable,
    sqlite3.SQLITE_IOERR: StoreUnreachable,
}
#: PostgreSQL's SQLSTATEs, whole or by class (their first two characters).
_POSTGRESQL: dict[str, type[StoreError]] = {
    "55P03": StoreBusy,
    "40P01": StoreBusy,
    "40001": StoreBusy,
    "53100": StoreFull,
    "53": StoreBusy,
    "25006": StoreReadOnly,
    "42501": StoreReadOnly,
    "XX": StoreDamaged,
    "3D000": StoreUnreachable,
    "08": StoreUnreachable,
    "28": StoreUnreachable,
    "57": StoreUnreachable,
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the drivers' errors into ours on their way out.

    The cause is cut off on purpose: drivers quote values (a duplicate e-mail address) in their messages.
    """
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StoreBusy(f"{place}: all connections of this process are in use").with_traceback(
            error.__traceback__
        ) from None
    except Exception as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if not _of_a_driver(cause):
            raise
        raise failure(place, cause).with_traceback(error.__traceback__) from None


def _of_a_driver(error: BaseException | None) -> TypeGuard[BaseException]:
    # Both are optional: their errors are known by their home.
    home = type(error).__module__.partition(".")[0]
    return isinstance(error, sqlite3.Error) or home in {"psycopg", "adbc_driver_manager"}


def failure(place: str, error: BaseException) -> StoreError:
    """Our error for one of a driver."""
    kind, code = _kind(error)
    words = (kind.__doc__ or "").rstrip(".")
    return kind(f"{place}: {words} ({code}).", next_step=_STEPS[kind])


def _kind(error: Any) -> tuple[type[StoreError], str]:
    if isinstance(error, sqlite3.Error):
        number = getattr(error, "sqlite_errorcode", None)
        if number is None:
            return StatementRefused, type(error).__name__
        kind = _SQLITE.get(number & 0xFF, StatementRefused)
        # Messages of constraint errors name table and column alone.
        detail = f": {error}" if number & 0xFF == sqlite3.SQLITE_CONSTRAINT else ""
        return kind, f"{error.sqlite_errorname}{detail}"
    state = getattr(error, "sqlstate", None)
    if state is None:
        # No answer at all: psycopg has no state for a connection that was refused or cut.
        refused = type(error).__name__ != "OperationalError"
        return (StatementRefused if refused else StoreUnreachable), type(error).__name__
    kind = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2]) or StatementRefused
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return kind, f"{state} {constraint}" if constraint else str(state)
