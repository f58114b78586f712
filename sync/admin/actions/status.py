"""How is everything? Connections, streams, outbox, pauses, people and the model, from the store alone: no CRM is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import SettingsError
from connectors.records import Stream
from scoring.errors import ModelError
from sync.rules import lease_name
from sync.store.expiry import last_retention
from sync.store.run_rows import RunStatus
from sync.store.sql.checkpoints import Track

if TYPE_CHECKING:
    from datetime import datetime

    from sync.app import App
    from sync.store.expiry import LastRetention
    from sync.store.run_rows import Run
    from sync.store.sql.connections import ConnectionRow, PauseRow
    from sync.store.sql.leases import Lease
    from sync.store.sql.overview import Totals
    from sync.store.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamStatus:
    """How far one stream has been read."""

    stream: Stream
    #: When its first load was complete; None while it is not.
    baseline_at: datetime | None
    rows: int
    expected: int | None
    #: When the cursor last moved, None before the first page.
    moved_at: datetime | None
    #: Seconds since then.
    age_s: int | None
    #: Other readings under way: backfill, full, since.
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionStatus:
    """One configured connection."""

    name: str
    kind: str
    org_id: str | None
    org_name: str | None
    sandbox: bool | None
    writes: str
    streams: tuple[StreamStatus, ...]
    last_run: Run | None
    contacts: int
    unwritable: int
    entries: int
    written: int
    due: int
    refused: int
    quarantined: int
    unmapped: int
    calls_today: int
    pauses: tuple[PauseRow, ...]

    @property
    def loaded(self) -> bool:
        """Whether the first loads of all streams are complete: before, nobody is written."""
        return all(stream.baseline_at is not None for stream in self.streams)


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """The whole installation."""

    store: str
    now: datetime
    totals: Totals
    model: str | None
    #: The version that gave the stored scores.
    live_version: str | None
    #: The version of the configured file; None when it cannot be loaded.
    configured_version: str | None
    #: Why the configured model cannot be loaded.
    model_problem: str | None
    lease: Lease | None
    held: tuple[Run, ...]
    waiting: tuple[Run, ...]
    connections: tuple[ConnectionStatus, ...]
    #: What was deleted last because it was old; None: never looked for.
    retention: LastRetention | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether a human must act somewhere."""
        paused = any(each.pauses for each in self.connections)
        return bool(paused or self.held or self.model_problem)


def status(app: App) -> Status:
    """Everything at a glance. Raises SettingsError when no connection is configured."""
    rows = [app.connection(name) for name in app.names()]
    name, version, problem = _configured(app)
    with app.store.read() as unit:
        live = unit.models.live(app.workspace_no)
        lease = unit.leases.of(lease_name(app))
        open_runs = unit.runs.open()
        recent = unit.runs.recent(limit=200)
        return Status(
            store=app.store.place,
            now=app.clock.now(),
            totals=unit.overview.totals(),
            model=name or (live.model if live else None),
            live_version=live.version if live else None,
            configured_version=version,
            model_problem=problem,
            lease=lease if lease is not None and lease.live else None,
            held=tuple(run for run in open_runs if run.status is RunStatus.HELD),
            waiting=tuple(run for run in open_runs if run.status in {RunStatus.QUEUED, RunStatus.SUSPENDED}),
            connections=tuple(_connection(app, unit, row, recent) for row in rows),
            retention=last_retention(unit),
        )


def _configured(app: App) -> tuple[str | None, str | None, str | None]:
    """(name, version, problem) of the configured model."""
    try:
        model = app.model
    except (ModelError, SettingsError) as error:
        return None, None, str(error)
    return model.name, model.version, None


def _connection(app: App, unit: Unit, row: ConnectionRow, recent: list[Run]) -> ConnectionStatus:
    number = row.connection_no
    contacts, unwritable = unit.overview.contacts(number)
    return ConnectionStatus(
        name=row.name,
        kind=row.kind,
        org_id=row.org_id,
        org_name=row.org_name,
        sandbox=row.is_sandbox,
        writes=row.writes.value,
        streams=_streams(app, unit, number),
        last_run=next((run for run in recent if run.connection_no in {None, number} and run.started_at), None),
        contacts=contacts,
        unwritable=unwritable,
        **unit.outbox.counts(number),
        quarantined=sum(unit.quarantine.counts(number).values()),
        unmapped=len(unit.quarantine.unmapped(number)),
        calls_today=unit.connections.calls_on(number, app.clock.now().date()),
        pauses=tuple(unit.connections.pauses(number)),
    )


def _streams(app: App, unit: Unit, connection_no: int) -> tuple[StreamStatus, ...]:
    known = unit.checkpoints.all(connection_no)
    now = app.clock.now()
    found = []
    for stream in Stream:
        main = next((each for each in known if each.stream is stream and each.track is Track.MAIN), None)
        others = (each.track.value for each in known if each.stream is stream and each.track is not Track.MAIN)
        found.append(
            StreamStatus(
                stream=stream,
                baseline_at=main.baseline_at if main else None,
                rows=main.rows if main else 0,
                expected=main.expected if main else None,
                moved_at=main.moved_at if main else None,
                age_s=int((now - main.moved_at).total_seconds()) if main else None,
                also=tuple(others),
            )
        )
    return tuple(found)
