"""What doctor looks at on this machine: settings, secrets, store, model, runs, the libraries' data."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import SettingsError
from config.settings import secrets_of
from connectors.errors import ConnectorError
from connectors.outputs import MODEL_OUTPUTS
from scoring.attributes import snapshot_dates
from scoring.errors import ModelError
from scoring.model_findings import Severity
from sync.admin.doctor.checks import Check, Level
from sync.model_findings import configured_findings
from sync.rules import lease_name
from sync.store.migrations import REVISION
from sync.store.run_rows import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from connectors.mapping import FieldMap
    from scoring.model import Model
    from sync.app import App

#: Room that a store needs to go on working without worry.
_ROOM = 1_000_000_000
_OTHERS_MAY = 0o077


def settings_checks(app: App) -> Iterator[Check]:
    """The settings file and how its secrets are kept."""
    source = app.settings.source
    yield Check(place="settings", code="settings", level=Level.OK, message=f"{source} is valid.")
    literal = False
    parts = {f"connections.{name}": connection for name, connection in app.settings.connections.items()}
    alerts = app.settings.alerts
    channels = {"alerts.webhook": alerts.webhook, "alerts.email": alerts.email}
    parts_of_alerts = {name: channel for name, channel in channels.items() if channel is not None}
    for name, part in (parts | parts_of_alerts).items():
        for field, secret in secrets_of(part).items():
            literal = literal or secret.is_literal
            if (warning := secret.warning()) is not None:
                yield Check(
                    place="settings",
                    code="secret",
                    level=Level.WARNING,
                    message=f"{name}.{field}: {warning}.",
                    next_step=f"write env:NAME or file:PATH in {source.name}" if secret.is_literal else "chmod 600",
                )
    yield from _alert_checks(parts_of_alerts)
    if literal and _others_may_read(source):
        yield Check(
            place="settings",
            code="file_mode",
            level=Level.WARNING,
            message=f"{source} holds a secret and can be read by other users.",
            next_step=f"chmod 600 {source}",
        )


def _alert_checks(channels: Mapping[str, BaseModel]) -> Iterator[Check]:
    """Secrets of connections are asked for by the connections; those of alerts by nobody until something is wrong."""
    for name, channel in channels.items():
        for secret in secrets_of(channel).values():
            try:
                secret.value()
            except SettingsError as error:
                yield Check(
                    place="settings",
                    code="alerts",
                    level=Level.PROBLEM,
                    message=f"{name}: {error.message}.",
                    next_step=error.next_step,
                )
    if not channels:
        yield Check(
            place="settings",
            code="alerts",
            level=Level.OK,
            message="nobody is told when somebody must act: alerts names neither a webhook nor a mail server.",
        )
    else:
        told = " and ".join(name.partition(".")[2] for name in channels)
        yield Check(
            place="settings",
            code="alerts",
            level=Level.OK,
            message=f"alerts go out by {told}; try them: leadgrade alerts test.",
        )


def _others_may_read(path: Path) -> bool:
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & _OTHERS_MAY)


def store_checks(app: App) -> Iterator[Check]:
    """The database: place, tables, room, who works on it."""
    store = app.store
    with store.read() as unit:
        totals = unit.overview.totals()
        lease = unit.leases.of(lease_name(app))
    yield Check(
        place="store",
        code="store",
        level=Level.OK,
        message=f"{store.place} ({store.backend}, tables of revision {REVISION}): {totals.people:,} people,"
        f" {totals.contacts:,} contacts, {totals.activities:,} activities.",
    )
    if lease is not None and lease.live:
        yield Check(place="store", code="lease", level=Level.OK, message=f"{lease.who} is working on it.")
    if store.backend != "sqlite":
        return
    path = Path(store.place.removeprefix("sqlite:///"))
    room, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    short = room < max(_ROOM, size)
    yield Check(
        place="store",
        code="disk",
        level=Level.WARNING if short else Level.OK,
        message=f"{room / 1e9:.1f} GB are free on its disk, the database has {size / 1e9:.3f} GB.",
        next_step="free some space, or move the store to a larger disk" if short else None,
    )
    if _others_may_read(path):
        yield Check(
            place="store",
            code="file_mode",
            level=Level.WARNING,
            message=f"{path} holds personal data and can be read by other users.",
            next_step=f"chmod 600 {path}",
        )


def model_checks(app: App) -> Iterator[Check]:
    """The scoring model by itself and against the field maps."""
    try:
        model = app.model
    except (ModelError, SettingsError) as error:
        step = getattr(error, "next_step", None) or "correct these places, then: leadgrade model check"
        message = getattr(error, "message", None) or str(error)
        yield Check(place="model", code="model", level=Level.PROBLEM, message=message, next_step=step)
        return
    for each in model.models:
        found = each.model
        yield Check(
            place="model",
            code="model",
            level=Level.OK,
            message=f"{found.file}: {found.name}, version {found.version[:12]}, loads.",
        )
    with app.store.read() as unit:
        live = unit.models.live(app.workspace_no)
    differs = "the file differs" if model.is_plain else "models and conditions differ"
    if live is not None and live.version != model.version:
        yield Check(
            place="model",
            code="model_changed",
            level=Level.WARNING,
            message=f"{differs} from what gave the stored scores ({live.version[:12]}).",
            next_step="the next sync rescores everybody with it; look at it before: leadgrade sync --dry-run, then preview",
        )
    try:
        maps = [app.field_map(name) for name in app.names()]
    except (ConnectorError, SettingsError):
        return  # each connection says what is wrong with its field map
    yield from _outputs_without_a_source([each.model for each in model.models], maps)
    attributes = frozenset(name for each in maps for name in each.mapped_attributes())
    kinds = frozenset(kind for each in maps for kind in each.mapped_kinds())
    places: dict[tuple[str, str], list[str]] = {}
    written = frozenset(name for each in maps for name in each.written_attributes())
    for finding in configured_findings(
        model, mapped_attributes=attributes, mapped_kinds=kinds, written_attributes=written
    ):
        if finding.severity is Severity.WARNING:
            place = f"{finding.file}:{finding.line}:{finding.column}"
            places.setdefault((finding.message, finding.advice), []).append(place)
    for (message, advice), where in places.items():
        more = f" (and {len(where) - 1} more places)" if len(where) > 1 else ""
        yield Check(
            place="model",
            code="model_check",
            level=Level.WARNING,
            message=f"{where[0]}{more}: {message}.",
            next_step=advice,
        )


def _outputs_without_a_source(models: Sequence[Model], maps: Sequence[FieldMap]) -> Iterator[Check]:
    """Fields for products or dimensions that no model has: they stay empty."""
    has = {f"product_{each.name}" for model in models for each in model.products}
    # Fit and engagement are outputs of their own.
    has |= {f"dimension_{each.name}" for model in models for each in model.dimensions}
    has -= {"dimension_fit", "dimension_engagement"}
    names = " and ".join(dict.fromkeys(model.name for model in models))
    lacks = f"the model {names} does not have" if len(models) == 1 else f"none of the models {names} has"
    named = {(each.crm, name) for each in maps for outputs in each.outputs.values() for name in outputs}
    for crm, name in sorted(named):
        if name.startswith(tuple(MODEL_OUTPUTS)) and name not in has:
            yield Check(
                place="model",
                code="output",
                level=Level.WARNING,
                message=f"the field map of {crm} writes {name}, which {lacks}; it stays empty.",
                next_step=f"correct the name under outputs in the field map, or add {name.partition('_')[2]} to the model",
            )


def run_checks(app: App) -> Iterator[Check]:
    """Runs that wait for somebody, or failed."""
    with app.store.read() as unit:
        waiting = unit.runs.open()
        last = unit.runs.recent(limit=1)
    for run in waiting:
        if run.status is RunStatus.HELD:
            yield Check(
                place="runs",
                code="held",
                level=Level.PROBLEM,
                message=f"run {run.run_no} is held: {run.message}",
                next_step=run.next_step or f"leadgrade runs release {run.run_no}",
            )
        elif run.status is RunStatus.SUSPENDED:
            yield Check(
                place="runs",
                code="suspended",
                level=Level.WARNING,
                message=f"run {run.run_no} waits: {run.message}",
                next_step="leadgrade sync goes on with it",
            )
    if last and last[0].status is RunStatus.FAILED:
        yield Check(
            place="runs",
            code="failed",
            level=Level.PROBLEM,
            message=f"the last run ({last[0].run_no}) failed: {last[0].message}",
            next_step=last[0].next_step or f"leadgrade runs show {last[0].run_no}",
        )
    if not waiting and not last:
        yield Check(
            place="runs",
            code="never",
            level=Level.WARNING,
            message="nothing was pulled yet.",
            next_step="leadgrade sync",
        )


def library_checks() -> Iterator[Check]:
    """How old the data of the libraries is."""
    told = ", ".join(f"{source}: {date}" for source, date in snapshot_dates().items())
    missing = "not installed" in told
    yield Check(
        place="libraries",
        code="snapshots",
        level=Level.PROBLEM if missing else Level.OK,
        message=f"data of {told}.",
        next_step="install Leadgrade with its dependencies" if missing else None,
    )
