"""Errors of the daemon itself, sorted by what to do next. Errors of CRMs are in connectors.errors.

* SyncError
  x StoreError             the database could not do what was asked
    + StoreBusy            another process holds it for too long; the same again later may work
    + StoreFull            no room; free some, then go on
    + StoreReadOnly        it cannot be written; permissions or a standby server
    + StoreDamaged         not a database of Leadgrade, or a broken one
    + StoreUnreachable     it is not there, or does not answer
    + StoreMisplaced       it lies where a database loses data (network file system)
    + StatementRefused     a constraint or a malformed statement: a bug of ours
    + SchemaMismatch       the tables are of another release
      - SchemaOutdated     older than this release
      - SchemaTooNew       newer than this release
  x LeaseLost              somebody else took over; stop, write nothing
  x LeaseHeld              somebody else is working; ask them, or wait
  x RescoringEnded         the process that rescores everybody crashed; what it finished is stored
  x NotFound               the operator named somebody or something that is not here
  x RunCancelled           an operator or a signal ended the run between two steps
  x RunSuspended           the run waits between two steps: the daemon stops, or quiet hours begin

Messages hold places, ids and names of constraints; never values.
"""

from __future__ import annotations


class SyncError(Exception):
    """Something went wrong in the daemon."""

    def __init__(self, message: str | None = None, *, next_step: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        #: The command or act that helps, for people.
        self.next_step = next_step
        super().__init__(f"{self.message} Next: {next_step}" if next_step else self.message)


class StoreError(SyncError):
    """The database could not do what was asked."""


class StoreBusy(StoreError):
    """Another process holds the database for too long."""


class StoreFull(StoreError):
    """There is no room left for the database."""


class StoreReadOnly(StoreError):
    """The database cannot be written."""


class StoreDamaged(StoreError):
    """This is not a database of Leadgrade, or a broken one."""


class StoreUnreachable(StoreError):
    """The database is not there or does not answer."""


class StoreMisplaced(StoreError):
    """The database lies on a file system on which it would lose data."""


class StatementRefused(StoreError):
    """The database refused a statement: a bug of Leadgrade."""


class SchemaMismatch(StoreError):
    """The tables are of another release of Leadgrade."""


class SchemaOutdated(SchemaMismatch):
    """The tables are of an older release of Leadgrade."""


class SchemaTooNew(SchemaMismatch):
    """The tables are of a newer release of Leadgrade."""


class LeaseLost(SyncError):
    """Somebody else has taken this work over."""

    def __init__(self, message: str | None = None, *, name: str = "", next_step: str | None = None) -> None:
        super().__init__(message, next_step=next_step)
        #: The lease that was lost.
        self.name = name


class LeaseHeld(SyncError):
    """Somebody else is working on this store."""


class RunCancelled(SyncError):
    """The run was ended between two steps; what was done stays done."""


class RunSuspended(SyncError):
    """The run was put aside between two steps; it goes on from there."""


class RescoringEnded(SyncError):
    """The process that rescores everybody ended before its work."""


class NotFound(SyncError):
    """There is nothing by that name here."""
