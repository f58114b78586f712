"""A mapped field that was there and is not any more is never "absent": its stream waits, because blanks would be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import NeedsAttention, Scope
from connectors.records import Stream
from sync.jobs.issues import note_pause
from sync.jobs.prepare import missing_reads
from sync.recovery import Access

if TYPE_CHECKING:
    from collections.abc import Collection

    from connectors.mapping import FieldMap
    from connectors.port import FieldCheck
    from sync.app import App
    from sync.store.sql.connections import ConnectionRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """What the schema check means for a run."""

    #: Streams that must not be read now.
    paused: frozenset[Stream]
    #: Fields that were there once.
    lost: list[NeedsAttention]
    #: Fields that never were: the field map names something that this org does not have.
    unknown: list[NeedsAttention]


def watch_schema(app: App, row: ConnectionRow, checks: list[FieldCheck]) -> Watched:
    """Look at the fields that are not as they should be; those that never were there pause nothing."""
    lost = {(check.object, check.field): check for check in checks if not check.written}
    marker = f"missing_fields:{row.connection_no}"
    with app.store.read() as unit:
        known: list[str] | None = unit.markers.get(marker)
    always_missing = set(known) if known is not None else {".".join(key) for key in lost}
    fresh = [check for key, check in lost.items() if ".".join(key) not in always_missing]
    errors = missing_reads(fresh)
    with app.store.write() as unit:
        unit.connections.resume(row.connection_no, scope=Scope.FIELD, code="schema")
        for error in errors:
            note_pause(unit, row.connection_no, error, Access.READ, now=app.clock.now())
        # Fields that have appeared since are watched from now on.
        unit.markers.put(marker, sorted(always_missing & {".".join(key) for key in lost}))
    field_map = app.field_map(row.name)
    paused = frozenset(stream for check in fresh for stream in _streams(field_map, check.object))
    unknown = missing_reads([check for key, check in lost.items() if ".".join(key) in always_missing])
    return Watched(paused=paused, lost=errors, unknown=unknown)


def _streams(field_map: FieldMap, name: str) -> list[Stream]:
    objects: dict[Stream, Collection[str]] = {
        Stream.ACCOUNTS: field_map.accounts,
        Stream.CONTACTS: field_map.contacts,
        Stream.ACTIVITIES: field_map.activities,
        Stream.OPPORTUNITIES: field_map.opportunities,
    }
    return [stream for stream, maps in objects.items() if name in maps]
