"""Runs: asking for them, doing them here and now, listing, cancelling, releasing."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final

from sync.errors import NotFound
from sync.rules import connection_lease, lease_name, scoring_day
from sync.store.run_rows import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from connectors.records import Ref
    from sync.app import App
    from sync.store.run_rows import Run, Slice
    from sync.store.sql.leases import Lease
    from sync.store.unit import Unit


#: Records that one run reads at most: it ends within minutes.
RECORDS_A_RUN: Final = 500


def ask(
    app: App,
    kind: RunKind,
    *,
    connection: str | None = None,
    record: str | None = None,
    since: date | None = None,
    dry_run: bool = False,
    by: str = "operator",
) -> int:
    """Queue a run; its number. What is asked for twice is done once: a run that waits for the same work goes on instead.

    Raises:
        SettingsError: no such connection.
        NotFound: the record is not of an object that holds contacts.
    """
    app.names(connection)
    options: dict[str, Any] = {"dry_run": True} if dry_run else {}
    if record is not None:
        connection, options["record"] = _record(app, connection, record)
        kind = RunKind.RECORD
    if since is not None:
        options["since"] = datetime.combine(since, time(), tzinfo=UTC).isoformat()
    row = app.connection(connection) if connection else None
    number = row.connection_no if row else None
    with app.store.write() as unit:
        run_no = _waiting(app, unit, kind, number, options)
        if run_no is None:
            run_no = unit.runs.ask(app.workspace_no, kind, connection_no=number, requested_by=by, options=options)
        unit.audit.note(by, "run asked", {"run": run_no, "kind": kind.value, **options})
    return run_no


def _waiting(app: App, unit: Unit, kind: RunKind, connection_no: int | None, options: dict[str, Any]) -> int | None:
    """A run that waits for the same work. Those of an earlier day give way: what they have done is in the checkpoints."""
    for run in unit.runs.open(connection_no=connection_no):
        same = (run.kind, run.connection_no, run.options) == (kind, connection_no, options)
        if not same or run.status not in {RunStatus.QUEUED, RunStatus.SUSPENDED}:
            continue
        if run.day is None or run.day == scoring_day(app):
            if run.resume_at is not None:
                # Somebody asks for it now: it waits no longer.
                unit.runs.finish(run.run_no, run.status, message=run.message, next_step=run.next_step)
            return run.run_no
        unit.runs.finish(run.run_no, RunStatus.CANCELLED, message="a run of a later day goes on in its place")
    return None


def queue_records(app: App, connection: str, refs: Iterable[Ref], *, by: str) -> int:
    """Queue named records to be read again, in a run that waits already or in a new one; how many did not wait yet.

    Records of objects that are not read are left out. Raises SettingsError: no such connection.
    """
    field_map = app.field_map(connection)
    read = {*field_map.contacts, *field_map.accounts, *field_map.opportunities}
    wanted = list(dict.fromkeys((ref.object, ref.id) for ref in refs if ref.object in read))
    if not wanted:
        return 0
    number = app.connection(connection).connection_no
    with app.store.write() as unit:
        waiting = [run for run in unit.runs.open(connection_no=number) if _takes_records(run)]
        known = {tuple(each) for run in waiting for each in run.options["records"]}
        fresh = [each for each in wanted if each not in known]
        left = list(fresh)
        for run in waiting:
            room = RECORDS_A_RUN - len(run.options["records"])
            if left and room > 0:
                unit.runs.amend(run.run_no, {**run.options, "records": [*run.options["records"], *left[:room]]})
                left = left[room:]
        for start in range(0, len(left), RECORDS_A_RUN):
            options = {"records": left[start : start + RECORDS_A_RUN]}
            unit.runs.ask(app.workspace_no, RunKind.RECORD, connection_no=number, requested_by=by, options=options)
    return len(fresh)


def _takes_records(run: Run) -> bool:
    return run.kind is RunKind.RECORD and run.status is RunStatus.QUEUED and "records" in run.options


def working(app: App) -> Lease | None:
    """Who works on this store now, if anybody does."""
    first = lease_name(app)
    with app.store.read() as unit:
        mine = {connection_lease(row.connection_no) for row in unit.connections.all(app.workspace_no)}
        live = [lease for lease in unit.leases.all() if lease.name == first or lease.name in mine]
    return min(live, key=lambda lease: lease.name != first, default=None)


def next_queued(app: App, *, besides: Collection[int] = ()) -> int | None:
    """The most urgent run that waits for somebody to begin it."""
    with app.store.read() as unit:
        waiting = [run.run_no for run in unit.runs.open() if run.status is RunStatus.QUEUED]
    return next((number for number in waiting if number not in besides), None)


def recent(app: App, *, limit: int = 20) -> list[Run]:
    """The latest runs."""
    with app.store.read() as unit:
        return unit.runs.recent(limit=limit)


def show(app: App, run_no: int) -> tuple[Run, list[Slice]]:
    """One run with its slices. Raises NotFound."""
    with app.store.read() as unit:
        try:
            return unit.runs.get(run_no), unit.runs.slices(run_no)
        except KeyError:
            raise _unknown(run_no) from None


def parts(app: App, run_no: int) -> list[Run]:
    """The runs that a run of all connections, or of a long load, is made of; theirs included."""
    found: list[Run] = []
    waiting = [run_no]
    with app.store.read() as unit:
        while waiting:
            new = unit.runs.parts(waiting.pop())
            found += new
            waiting += [part.run_no for part in new]
    return found


def cancel(app: App, run_no: int, *, by: str = "operator") -> RunStatus:
    """Stop a run at its next step; how it stands now. Raises NotFound."""
    with app.store.write() as unit:
        try:
            status = unit.runs.cancel(run_no)
        except KeyError:
            raise _unknown(run_no) from None
        unit.audit.note(by, "run cancelled", {"run": run_no})
    return status


def release(app: App, run_no: int, *, by: str = "operator") -> Run:
    """Let a HELD run go on: it is queued again, past the guard. Raises NotFound when it is not held."""
    with app.store.write() as unit:
        try:
            if not unit.runs.release(run_no, by):
                status = unit.runs.get(run_no).status
                raise NotFound(f"run {run_no} is {status.value}, not held", next_step="leadgrade runs lists them")
        except KeyError:
            raise _unknown(run_no) from None
        unit.audit.note(by, "run released", {"run": run_no})
        return unit.runs.get(run_no)


def _record(app: App, connection: str | None, record: str) -> tuple[str, tuple[str, str]]:
    """(connection, (object, id)) of ID, OBJECT:ID or CONNECTION:OBJECT:ID."""
    parts = record.split(":")
    if len(parts) == 3:
        connection, parts = parts[0], parts[1:]
    if connection is None:
        raise NotFound(
            f"--record {record}: of which connection?", next_step="leadgrade sync CONNECTION --record OBJECT:ID"
        )
    objects = list(app.field_map(connection).contacts)
    if len(parts) == 1 and len(objects) > 1:
        raise NotFound(
            f"--record {record}: say which object, one of {', '.join(objects)}",
            next_step=f"leadgrade sync {connection} --record {objects[0]}:{record}",
        )
    object_name, record_id = (objects[0], parts[0]) if len(parts) == 1 else (parts[0], parts[1])
    if object_name not in objects:
        raise NotFound(
            f"--record {record}: {connection} has no contacts called {object_name}; it has {', '.join(objects)}"
        )
    return connection, (object_name, record_id)


def _unknown(run_no: int) -> NotFound:
    return NotFound(f"there is no run {run_no}", next_step="leadgrade runs lists them")


def connection_names(app: App) -> dict[int, str]:
    """Connection number -> name, those that are not configured any more included."""
    with app.store.read() as unit:
        return {row.connection_no: row.name for row in unit.connections.all(app.workspace_no)}
