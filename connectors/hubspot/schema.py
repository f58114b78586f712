"""What HubSpot says about its own objects: properties by object, deal stages by pipeline. Asked once, kept a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.hubspot.calls import Client
from connectors.records import Outcome

_KEPT = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One property as HubSpot describes it."""

    name: str
    type: str
    field_type: str
    read_only: bool
    group: str
    #: Value to label, in HubSpot's order.
    options: Mapping[str, str] = field(default_factory=dict)
    #: The options as they came, to be sent back whole.
    raw_options: tuple[Mapping[str, Any], ...] = ()

    def readable(self, value: str) -> str:
        """The value, or the label where the value is only a number (custom lifecycle stages)."""
        label = self.options.get(value.strip())
        return label if label and value.strip().isdigit() and not label.isdigit() else value.strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One stage of a deal pipeline."""

    label: str
    outcome: Outcome


class Schema:
    """Properties and stages of one portal."""

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._properties: dict[str, dict[str, Property]] = {}
        self._stages: dict[tuple[str, str], Stage] = {}
        self._stages_at: datetime | None = None
        self._unknown: set[tuple[str, str]] = set()

    def properties(self, object_name: str, *, fresh: bool = False) -> dict[str, Property]:
        """Properties of an object by name; `fresh` asks HubSpot again."""
        if fresh or object_name not in self._properties:
            rows = self._client.properties(object_name).results()
            self._properties[object_name] = {row["name"]: _property(row) for row in rows if isinstance(row, dict)}
        return self._properties[object_name]

    def stage(self, pipeline: str, stage: str) -> Stage | None:
        """A deal's stage; None when HubSpot does not know it either."""
        now = self._clock()
        if self._stages_at is None or now - self._stages_at > _KEPT:
            self._read_stages(now)
        found = self._stages.get((pipeline, stage))
        if found is None and (pipeline, stage) not in self._unknown:
            self._read_stages(now)  # it may be new
            found = self._stages.get((pipeline, stage))
            if found is None:
                self._unknown.add((pipeline, stage))
        return found

    def _read_stages(self, now: datetime) -> None:
        self._stages = {}
        for pipeline in self._client.pipelines("deals").results():
            for stage in pipeline.get("stages") or ():
                self._stages[str(pipeline["id"]), str(stage["id"])] = Stage(
                    label=str(stage.get("label") or stage["id"]), outcome=_outcome(stage.get("metadata") or {})
                )
        self._stages_at = now


def _property(row: Mapping[str, Any]) -> Property:
    options = tuple(item for item in row.get("options") or () if isinstance(item, dict))
    modification = row.get("modificationMetadata") or {}
    return Property(
        name=str(row["name"]),
        type=str(row.get("type") or "string"),
        field_type=str(row.get("fieldType") or ""),
        read_only=bool(modification.get("readOnlyValue") or row.get("calculated")),
        group=str(row.get("groupName") or ""),
        options={str(item.get("value")): str(item.get("label") or "") for item in options},
        raw_options=options,
    )


def _outcome(metadata: Mapping[str, Any]) -> Outcome:
    """Closed at full probability is won, closed otherwise is lost."""
    closed = str(metadata.get("isClosed", "")).lower()
    try:
        probability = Decimal(str(metadata.get("probability", "")))
    except InvalidOperation:
        probability = Decimal(-1)
    if closed == "true" or (closed != "false" and probability in (0, 1)):
        return Outcome.WON if probability == 1 else Outcome.LOST
    return Outcome.OPEN
