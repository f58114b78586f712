"""Telling people: once for each cause, again while it lasts, and when it is over. What was told is kept in the store.

A message that went out but was not noted, because the process was killed in between, goes out again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from config.errors import SettingsError
from sync.watch.health import Finding, Severity
from sync.watch.senders import Event, News, NotSent, senders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.app import App
    from sync.watch.senders import Sender

log = structlog.get_logger(__name__)

#: A cause must have been gone for so long: pauses are lifted and come back while a run tries again.
GONE: Final = timedelta(minutes=10)
#: Between two attempts of a way out that does not work.
AGAIN: Final = timedelta(minutes=5)
#: After so long nobody is told any more that something is over.
_STALE: Final = timedelta(days=2)


@dataclass(kw_only=True)
class Cause:
    """One cause, and who knows of it."""

    finding: Finding
    since: datetime
    seen_at: datetime
    #: Way out -> when it was told last.
    told: dict[str, datetime] = field(default_factory=dict)


def open_causes(app: App) -> list[Cause]:
    """What was found and is not over, oldest first."""
    with app.store.read() as unit:
        kept = unit.markers.get(_marker(app)) or {}
    return sorted((_read(each) for each in kept.values()), key=lambda cause: cause.since)


@dataclass(kw_only=True)
class Alerts:
    """Follows findings and tells about them."""

    app: App
    #: Way out -> not before then.
    _waits: dict[str, datetime] = field(default_factory=dict)

    def tell(self, found: Iterable[Finding], ways: list[Sender] | None = None) -> None:
        """Note what is new and what is over, and tell whoever does not know yet.

        Args:
            found: What health finds now; only problems are told.
            ways: Other ways out than those of the settings.
        """
        app, now = self.app, self.app.clock.now()
        ways = senders(app.settings.alerts, app.clock) if ways is None else ways
        causes = {cause.finding.key: cause for cause in open_causes(app)}
        before = {key: _written(cause) for key, cause in causes.items()}
        self._follow(causes, found, now)
        if ways or before:
            for way in ways:
                self._send(way, causes, now)
        names = {way.name for way in ways}
        for key in [key for key, cause in causes.items() if self._is_over(cause, names, now)]:
            del causes[key]
        after = {key: _written(cause) for key, cause in causes.items()}
        if after != before:
            with app.store.write() as unit:
                unit.markers.put(_marker(app), after)

    def _follow(self, causes: dict[str, Cause], found: Iterable[Finding], now: datetime) -> None:
        for finding in found:
            if finding.severity is not Severity.PROBLEM:
                continue
            known = causes.get(finding.key)
            if known is None:
                causes[finding.key] = Cause(finding=finding, since=now, seen_at=now)
                log.warning("finding", code=finding.code, place=finding.place, subject=finding.subject)
            else:
                known.finding = finding
                # Coarse, so that what lasts is not written to the store at every look.
                if now - known.seen_at >= GONE / 2 or now < known.seen_at:
                    known.seen_at = now

    def _send(self, way: Sender, causes: dict[str, Cause], now: datetime) -> None:
        if now < self._waits.get(way.name, now):
            return
        news = list(self._news(way.name, causes, now))
        if not news:
            return
        try:
            way.send([one for one, _ in news], workspace=self.app.settings.workspace, now=now)
        except (NotSent, SettingsError) as error:
            self._waits[way.name] = now + AGAIN
            log.warning("alert_not_sent", way=way.name, reason=error.message)
            return
        self._waits.pop(way.name, None)
        log.info("alert_sent", way=way.name, news=len(news))
        for one, cause in news:
            if one.event is Event.RESOLVED:
                cause.told.pop(way.name)
            else:
                cause.told[way.name] = now

    def _news(self, way: str, causes: dict[str, Cause], now: datetime) -> Iterable[tuple[News, Cause]]:
        settings = self.app.settings.alerts
        for cause in causes.values():
            told = cause.told.get(way)
            if self._is_gone(cause, now):
                event = Event.RESOLVED if told is not None else None
            elif told is None:
                event = Event.NEW if now - cause.since >= timedelta(minutes=settings.after_minutes) else None
            else:
                event = Event.REMINDER if now - told >= timedelta(hours=settings.repeat_hours) else None
            if event is not None:
                yield News(event=event, finding=cause.finding, since=cause.since), cause

    def _is_gone(self, cause: Cause, now: datetime) -> bool:
        return now - cause.seen_at >= GONE

    def _is_over(self, cause: Cause, ways: set[str], now: datetime) -> bool:
        """Gone, and everybody who was told of it knows."""
        known = ways.isdisjoint(cause.told) or now - cause.seen_at >= _STALE
        if self._is_gone(cause, now) and known:
            log.info("finding_over", code=cause.finding.code, place=cause.finding.place)
            return True
        return False


def send_test(app: App) -> list[tuple[str, str | None]]:
    """Send a message about nothing by every way of the settings; (way, why it did not work)."""
    finding = Finding(
        code="test",
        place="alerts",
        severity=Severity.PROBLEM,
        message="this is a test: alerts arrive",
        next_step="nothing",
    )
    now = app.clock.now()
    results: list[tuple[str, str | None]] = []
    for way in senders(app.settings.alerts, app.clock):
        try:
            news = [News(event=Event.TEST, finding=finding, since=now)]
            way.send(news, workspace=app.settings.workspace, now=now)
        except (NotSent, SettingsError) as error:
            results.append((way.name, str(error)))
        else:
            results.append((way.name, None))
    return results


def _marker(app: App) -> str:
    return f"alerts.{app.workspace_no}"


def _written(cause: Cause) -> dict[str, Any]:
    one = cause.finding
    return {
        "finding": [one.code, one.place, one.severity.value, one.message, one.next_step, one.subject],
        "since": cause.since.isoformat(),
        "seen_at": cause.seen_at.isoformat(),
        "told": {way: at.isoformat() for way, at in cause.told.items()},
    }


def _read(kept: dict[str, Any]) -> Cause:
    code, place, severity, message, next_step, subject = kept["finding"]
    return Cause(
        finding=Finding(
            code=code,
            place=place,
            severity=Severity(severity),
            message=message,
            next_step=next_step,
            subject=subject,
        ),
        since=datetime.fromisoformat(kept["since"]),
        seen_at=datetime.fromisoformat(kept["seen_at"]),
        told={way: datetime.fromisoformat(at) for way, at in kept["told"].items()},
    )
