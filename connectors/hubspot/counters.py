"""Counters that HubSpot keeps on a contact: what each says now, and whether the events behind it are read one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.hubspot.availability import Availability
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Answer
from connectors.hubspot.events import EMAIL_EVENTS, is_event_type
from connectors.hubspot.forms import FORM_SUBMISSIONS
from connectors.hubspot.reading import Row
from connectors.hubspot.settings import Feature, HubSpotSettings
from connectors.hubspot.values import instant_of, number_of
from connectors.mapping import CounterMap, FieldMap
from connectors.records import CounterValue


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Which sources of events are read from this portal. The portal is asked once while the connector lives."""

    field_map: FieldMap
    settings: HubSpotSettings
    client: Client
    availability: Availability

    def read(self, name: str) -> bool:
        """Whether events come from this source."""
        held = self.field_map.activities.get(name)
        feature, ask = self._source(name)
        if held is None or not held.enabled or feature is Feature.OFF:
            return False
        if feature is Feature.ON or name in self.availability.answered:
            return True
        return self.availability.ask(name, feature, ask) is not None

    def _source(self, name: str) -> tuple[Feature, Callable[[], Answer]]:
        if name == EMAIL_EVENTS:
            return self.settings.email_events, lambda: self.client.email_events_page(limit=1)
        if name == FORM_SUBMISSIONS:
            return self.settings.forms, self.client.forms_page
        ask = lambda: self.client.event_page(event_type=name, object_type="contact", limit=1)
        return (self.settings.events if is_event_type(name) else Feature.OFF), ask


@dataclass(frozen=True, kw_only=True, slots=True)
class Counters:
    """The mapped counters of contacts."""

    counters: Mapping[str, CounterMap]
    sources: Sources

    def fields(self) -> tuple[str, ...]:
        """The properties that are needed."""
        return tuple(field for name, held in self.counters.items() for field in (name, held.at))

    def of(self, row: Row) -> tuple[CounterValue, ...]:
        """The counters of one contact; an empty one stands at nothing, one that the portal does not have is left out."""
        return tuple(
            CounterValue(
                name=name,
                kind=held.kind,
                value=value,
                at=instant_of(row.properties.get(held.at)),
                # Nothing is asked of HubSpot for a counter that has never moved.
                counted=value == 0 or held.unless is None or not self.sources.read(held.unless),
            )
            for name, held in self.counters.items()
            if name in row.properties and (value := _whole(row.properties[name])) is not None
        )


def _whole(text: object) -> int | None:
    if text is None or text == "":
        return 0
    number = number_of(str(text))
    return None if number is None or number < 0 else int(number)
