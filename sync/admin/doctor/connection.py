"""What doctor looks at for one connection: who answers, the fields, what the CRM's own checks say, and what waits for somebody."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from config.errors import SettingsError
from connectors.errors import ConnectorError, Scope, connection_context
from connectors.port import Presence
from sync.admin.doctor.checks import Check, Level
from sync.api_calls import counted
from sync.store.sql.connections import WriteMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.port import Connector, FieldCheck, OrgIdentity
    from sync.app import App
    from sync.store.sql.connections import ConnectionRow

#: Beyond this many seconds between the CRM's clock and ours, sign-ins fail and days differ.
_SKEW = 60
#: Findings of the connectors that are told here for all of them.
_TOLD_HERE = frozenset({"clock", "credentials", "field", "fields", "output_field"})
#: Fields that are named in one line.
_NAMED = 5


def connection_checks(app: App, name: str) -> list[Check]:
    """All checks of one connection; the ones that need the CRM end with the first that cannot be answered."""
    row = app.connection(name)
    checks: list[Check] = []
    try:
        with connection_context(name), counted(app, name):
            checks += _asking(app, row, app.connector(name))
    except (ConnectorError, SettingsError) as error:
        code = getattr(error, "code", None) or type(error).__name__.lower()
        step = error.next_step or "check the network and the CRM's status page, then doctor again"
        checks.append(Check(place=name, code=code, level=Level.PROBLEM, message=error.message, next_step=step))
    return [*checks, *_waiting(app, row)]


def _asking(app: App, row: ConnectionRow, connector: Connector) -> list[Check]:
    identity = connector.identify()
    pinned = _pin(app, row, identity)
    checks = [pinned, _clock(app, row, identity)]
    if pinned.level is Level.PROBLEM:
        return checks
    fields = connector.check_fields()
    _lift(app, row, fields)
    checks += _mapped(row, fields)
    checks += _written(row, fields)
    for finding in connector.doctor():
        if finding.code in _TOLD_HERE:
            continue
        level = Level.OK if finding.ok else Level.PROBLEM
        checks.append(
            Check(place=row.name, code=finding.code, level=level, message=finding.message, next_step=finding.next_step)
        )
    return checks


def _pin(app: App, row: ConnectionRow, identity: OrgIdentity) -> Check:
    org = f"{identity.name} ({identity.org_id}{', a sandbox' if identity.sandbox else ''})"
    if row.org_id is None:
        with app.store.read() as unit:
            others = unit.connections.pinned_to(row.workspace_no, row.kind, identity.org_id)
        if others:
            return Check(
                place=row.name,
                code="org_twice",
                level=Level.PROBLEM,
                message=f"{org} is already connected as {others[0].name!r}.",
                next_step=f"use the name {others[0].name!r} in the settings, or remove one of the two",
            )
        message = f"{org} answers; the first sync pins it."
    elif (row.org_id, row.is_sandbox) != (identity.org_id, identity.sandbox):
        return Check(
            place=row.name,
            code="org_changed",
            level=Level.PROBLEM,
            message=f"another org answers behind these credentials: pinned {row.org_id}, now {org}.",
            next_step="give the old org's credentials back, or name the new org as another connection",
        )
    else:
        message = f"{org} answers, the org that is pinned."
    return Check(place=row.name, code="credentials", level=Level.OK, message=message)


def _clock(app: App, row: ConnectionRow, identity: OrgIdentity) -> Check:
    seconds = round(abs((identity.now - app.clock.now()).total_seconds()))
    if seconds <= _SKEW:
        return Check(place=row.name, code="clock", level=Level.OK, message=f"its clock and ours agree ({seconds} s).")
    return Check(
        place=row.name,
        code="clock",
        level=Level.WARNING,
        message=f"its clock and ours differ by {seconds:,} seconds.",
        next_step="switch on time synchronisation on this machine",
    )


def _lift(app: App, row: ConnectionRow, fields: list[FieldCheck]) -> None:
    """The credentials and the org are right, and fields are there: what was paused for them goes on."""
    there = {f"{each.object}.{each.field}" for each in fields if each.presence is Presence.OK}
    with app.store.write() as unit:
        unit.connections.resume(row.connection_no, scope=Scope.CONNECTION)
        for pause in unit.connections.pauses(row.connection_no):
            if pause.code == "schema" and pause.subject in there:
                unit.connections.resume(row.connection_no, scope=pause.scope, subject=pause.subject, code=pause.code)


def _mapped(row: ConnectionRow, fields: list[FieldCheck]) -> Iterator[Check]:
    read = [each for each in fields if not each.written]
    wrong = [each for each in read if each.presence not in {Presence.OK, Presence.READ_ONLY}]
    if not wrong:
        yield Check(place=row.name, code="fields", level=Level.OK, message=f"all {len(read)} mapped fields are there.")
    for each in wrong:
        detail = f": {each.detail}" if each.detail else ""
        yield Check(
            place=row.name,
            code="field",
            level=Level.PROBLEM,
            message=f"{each.object}.{each.field}, mapped to {each.name}, is {_word(each.presence)}{detail}.",
            next_step="correct the field map, or give the integration user access to the field",
        )


def _written(row: ConnectionRow, fields: list[FieldCheck]) -> Iterator[Check]:
    ours = [each for each in fields if each.written]
    wrong: defaultdict[tuple[str, Presence], list[str]] = defaultdict(list)
    for each in ours:
        if each.presence is not Presence.OK:
            wrong[each.object, each.presence].append(each.field)
    if not wrong:
        yield Check(
            place=row.name, code="output_fields", level=Level.OK, message=f"all {len(ours)} written fields are there."
        )
    for (name, presence), names in sorted(wrong.items()):
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield Check(
            place=row.name,
            code="output_fields",
            level=Level.WARNING if row.writes is WriteMode.OFF else Level.PROBLEM,
            message=f"fields that Leadgrade writes on {name} are {_word(presence)}: {', '.join(names[:_NAMED])}{more}.",
            next_step=f"leadgrade fields apply {row.name}",
        )


def _waiting(app: App, row: ConnectionRow) -> Iterator[Check]:
    """What the store knows: pauses, refusals, quarantine, names that are not mapped."""
    number = row.connection_no
    with app.store.read() as unit:
        pauses = unit.connections.pauses(number)
        outbox = unit.outbox.counts(number)
        quarantined = unit.quarantine.counts(number)
        unmapped = unit.quarantine.unmapped(number)
        calls = unit.connections.calls_on(number, app.clock.now().date())
    for pause in pauses:
        yield Check(
            place=row.name,
            code=pause.code,
            level=Level.PROBLEM,
            message=f"paused ({pause.access.value}) since {pause.since:%Y-%m-%d %H:%M} UTC: {pause.reason}",
            next_step=pause.next_step,
        )
    yield Check(
        place=row.name,
        code="writes",
        level=Level.OK,
        message=f"writes are {row.writes.value}; {outbox['written']:,} records written, {outbox['due']:,} due;"
        f" {calls:,} API calls today.",
        next_step=f"leadgrade preview, then leadgrade writes on {row.name}" if row.writes is WriteMode.OFF else None,
    )
    if outbox["refused"]:
        yield Check(
            place=row.name,
            code="dead_letters",
            level=Level.WARNING,
            message=f"{outbox['refused']:,} records were refused by the CRM.",
            next_step="leadgrade deadletters",
        )
    if quarantined:
        yield Check(
            place=row.name,
            code="quarantine",
            level=Level.WARNING,
            message=f"{sum(quarantined.values()):,} records are in quarantine.",
            next_step="leadgrade quarantine",
        )
    if unmapped:
        yield Check(
            place=row.name,
            code="unmapped",
            level=Level.WARNING,
            message=f"{len(unmapped):,} names of activities are not in the field map; the most frequent: {unmapped[0].name}.",
            next_step="leadgrade quarantine lists them; add them under activities in the field map",
        )


def _word(presence: Presence) -> str:
    return {
        Presence.MISSING: "missing or hidden from us",
        Presence.READ_ONLY: "read-only for us",
        Presence.WRONG_TYPE: "of another type",
    }.get(presence, presence.value)
