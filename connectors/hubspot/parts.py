"""Which parts make up each stream, by the field map and the settings."""

from __future__ import annotations

from dataclasses import replace

from connectors.hubspot.activities import ENGAGEMENTS, EngagementTranslator
from connectors.hubspot.associations import COMPANIES, CONTACTS, DEALS
from connectors.hubspot.availability import Availability
from connectors.hubspot.calls import Client
from connectors.hubspot.companies import CompanyTranslator
from connectors.hubspot.contacts import ContactTranslator
from connectors.hubspot.counters import Counters, Sources
from connectors.hubspot.deals import DealTranslator
from connectors.hubspot.events import EMAIL_EVENTS, EmailEventsPart, EventsPart, is_event_type
from connectors.hubspot.forms import FORM_SUBMISSIONS, FormsPart
from connectors.hubspot.objects import ObjectPart, Translator
from connectors.hubspot.reading import Part
from connectors.hubspot.schema import Schema
from connectors.hubspot.settings import Feature, HubSpotSettings
from connectors.mapping import FieldMap, RecordMap
from connectors.records import Stream


def stream_parts(
    field_map: FieldMap,
    settings: HubSpotSettings,
    client: Client,
    schema: Schema,
    *,
    availability: Availability,
) -> dict[Stream, list[Part]]:
    """The parts of every stream, in the order in which they are read."""
    outputs = field_map.outputs
    parts: dict[Stream, list[Part]] = {stream: [] for stream in Stream}
    if companies := field_map.accounts.get(COMPANIES):
        company = CompanyTranslator(record_map=companies, outputs=outputs.get(COMPANIES, {}), schema=schema)
        parts[Stream.ACCOUNTS] = [replace(object_part(COMPANIES, company, client, settings), count=True)]
    if contacts := field_map.contacts.get(CONTACTS):
        sources = Sources(field_map=field_map, settings=settings, client=client, availability=availability)
        contact = ContactTranslator(
            record_map=contacts,
            outputs=outputs.get(CONTACTS, {}),
            schema=schema,
            counters=Counters(counters=field_map.counters.get(CONTACTS, {}), sources=sources),
        )
        parts[Stream.CONTACTS] = [replace(object_part(CONTACTS, contact, client, settings), count=True)]
    if DEALS in field_map.opportunities:
        deal = DealTranslator(schema=schema, client=client)
        parts[Stream.OPPORTUNITIES] = [replace(object_part(DEALS, deal, client, settings), count=True)]
    parts[Stream.ACTIVITIES] = _activity_parts(field_map, settings, client, availability)
    return parts


def object_part(name: str, translator: Translator, client: Client, settings: HubSpotSettings) -> ObjectPart:
    """The part that reads one CRM object."""
    return ObjectPart(
        name=name,
        modified="lastmodifieddate" if name == CONTACTS else "hs_lastmodifieddate",
        client=client,
        settings=settings,
        translator=translator,
    )


def translator_of_ids(name: str, schema: Schema) -> Translator:
    """For asking what became of records, without their attributes."""
    nothing = RecordMap(attributes={})
    if name == CONTACTS:
        return ContactTranslator(record_map=nothing, outputs={}, schema=schema)
    return CompanyTranslator(record_map=nothing, outputs={}, schema=schema)


def _activity_parts(
    field_map: FieldMap, settings: HubSpotSettings, client: Client, availability: Availability
) -> list[Part]:
    parts: list[Part] = []
    for name, held in field_map.activities.items():
        if not held.enabled:
            continue
        if name in ENGAGEMENTS:
            translator = EngagementTranslator(name=name, activity_map=held, client=client)
            parts.append(replace(object_part(name, translator, client, settings), optional=availability))
        elif name == EMAIL_EVENTS and settings.email_events is not Feature.OFF:
            parts.append(
                EmailEventsPart(activity_map=held, client=client, settings=settings, availability=availability)
            )
        elif name == FORM_SUBMISSIONS and settings.forms is not Feature.OFF:
            parts.append(FormsPart(activity_map=held, client=client, settings=settings, availability=availability))
        elif is_event_type(name) and settings.events is not Feature.OFF:
            parts.append(
                EventsPart(name=name, activity_map=held, client=client, settings=settings, availability=availability)
            )
    return parts
