"""Engagements (calls, e-mails, meetings, notes, tasks) to activities, by the activity map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, cast

from connectors.hubspot.associations import CONTACTS, associated
from connectors.hubspot.calls import Client
from connectors.hubspot.reading import Gathered, Row
from connectors.hubspot.values import instant_of, number_of
from connectors.mapping import ActivityMap
from connectors.records import ActivityRecord, BadRecord, Precision, Ref

#: CRM objects that tell of something that happened; other names in the activity map are event types.
ENGAGEMENTS = ("calls", "emails", "meetings", "notes", "tasks", "communications", "postal_mail")
_SYSTEM = ("hs_timestamp", "hs_createdate", "hs_lastmodifieddate")
_COMPLETED = "hs_task_completion_date"


@dataclass(frozen=True, kw_only=True, slots=True)
class EngagementTranslator:
    """Rows of one engagement object to activities."""

    name: str
    activity_map: ActivityMap
    client: Client

    @property
    def properties(self) -> Sequence[str]:
        """All that is asked for, each once."""
        extra = (_COMPLETED,) if self.name == "tasks" else ()
        return tuple(dict.fromkeys((*_SYSTEM, *extra, *self.activity_map.fields())))

    @property
    def history(self) -> Sequence[str]:
        """None."""
        return ()

    def translate(self, rows: Sequence[Row], gathered: Gathered) -> None:
        """Add an activity for each row that the map calls one."""
        kept: list[tuple[Row, Kind]] = []
        for row in rows:
            kind = kind_of(self.activity_map, self.name, row.properties, gathered)
            if kind is not None:
                kept.append((row, kind))
        links = associated(self.client, self.name, CONTACTS, [row.ref.id for row, _ in kept]) if kept else {}
        for row, kind in kept:
            created = instant_of(row.properties.get("hs_createdate") or row.raw.get("createdAt"))
            modified = instant_of(row.properties.get("hs_lastmodifieddate") or row.raw.get("updatedAt"))
            at = _when(row.properties, kind.name, created)
            if at is None or modified is None:
                wrong = "hs_timestamp" if at is None else "hs_lastmodifieddate"
                gathered.bad.append(BadRecord(ref=row.ref, code="malformed", reason=f"{wrong} is no instant"))
                continue
            gathered.records.append(
                ActivityRecord(
                    ref=row.ref,
                    kind=kind.name,
                    at=at,
                    modified_at=modified,
                    recorded_at=created,
                    precision=Precision.INSTANT,
                    contacts=tuple(Ref(object=CONTACTS, id=contact) for contact in links.get(row.ref.id, {})),
                    **details_of(self.activity_map, row.properties, kind),
                )
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What the activity map says of one record."""

    name: str
    constants: Mapping[str, str]


class Details(TypedDict, total=False):
    """The optional attributes of an activity."""

    url: str | None
    asset: str | None
    campaign: str | None
    product: str | None
    direction: str | None
    outcome: str | None
    duration_s: int | None
    message_id: str | None
    link: str | None


def kind_of(activity_map: ActivityMap, name: str, values: Mapping[str, Any], gathered: Gathered) -> Kind | None:
    """The kind by the map; what it does not name is counted."""
    if activity_map.skips(values):
        return None
    rule = activity_map.rule_for(values)
    if rule is not None:
        return Kind(name=rule.kind, constants=rule.set)
    gathered.unmapped[activity_map.unmapped_name(name, values)] += 1
    return Kind(name=activity_map.otherwise, constants={}) if activity_map.otherwise else None


def details_of(activity_map: ActivityMap, values: Mapping[str, Any], kind: Kind) -> Details:
    """Mapped attributes and the rule's constants; HubSpot counts durations in milliseconds."""
    found: dict[str, Any] = dict(kind.constants)
    for attribute, field in activity_map.attributes.items():
        value = values.get(field)
        if value is None or not str(value).strip():
            continue
        if attribute == "duration_s":
            number = number_of(str(value))
            if number is not None:
                found[attribute] = int(number) // 1000
        else:
            found[attribute] = str(value)
    return cast("Details", {name: found[name] for name in Details.__annotations__ if name in found})


def _when(values: Mapping[str, Any], kind: str, created: datetime | None) -> datetime | None:
    at = instant_of(values.get("hs_timestamp"))
    if kind == "task_completed":
        return instant_of(values.get(_COMPLETED)) or at  # hs_timestamp is when the task was due
    if kind == "meeting_booked" and at is not None and created is not None:
        return min(at, created)  # booked when it was entered, not when it will take place
    return at
