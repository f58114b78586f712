"""Checks that only HubSpot can answer: scopes, plan, property limits, clock, rate limits, ends of API versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from connectors.errors import ConnectorError, Gone, NeedsAttention, Rejected
from connectors.hubspot.activities import ENGAGEMENTS
from connectors.hubspot.budget import Budget
from connectors.hubspot.calls import Client
from connectors.hubspot.client import VERSION, Answer
from connectors.hubspot.events import EMAIL_EVENTS, is_event_type
from connectors.hubspot.fields import Provisioning
from connectors.hubspot.forms import FORM_SUBMISSIONS
from connectors.hubspot.settings import Feature, HubSpotSettings, Paths
from connectors.mapping import FieldMap
from connectors.port import Finding, Presence

#: When HubSpot stops supporting what we call: date-based versions live 18 months.
_VERSION_ENDS = {
    Paths.LEGACY: (("v4 associations", date(2027, 3, 30)), ("v1 to v3 paths", date(2027, 9, 1))),
    Paths.DATED: ((VERSION, date(2028, 3, 1)), ("v1 e-mail events and form submissions", date(2027, 9, 1))),
}
_WARN_DAYS = 120
_SKEW_SECONDS = 60
_SCOPES = {
    "contacts": "crm.objects.contacts.read",
    "companies": "crm.objects.companies.read",
    "deals": "crm.objects.deals.read",
    "emails": "crm.objects.contacts.read and sales-email-read",
}


def examine(
    client: Client, field_map: FieldMap, provisioning: Provisioning, now: datetime, settings: HubSpotSettings
) -> list[Finding]:
    """What has to be asked of HubSpot; only a connection that cannot be used at all raises."""
    account = client.account()
    return [
        _clock(account, now),
        *_objects(client, field_map),
        *_sources(client, field_map, settings),
        *_written(provisioning),
        _room(client, field_map),
    ]


def outlook(settings: HubSpotSettings, budget: Budget, today: date) -> list[Finding]:
    """Rate limits as the headers told them so far, and when the API versions in use end."""
    return [_limits(budget), *_versions(settings, today)]


def _clock(account: Answer, now: datetime) -> Finding:
    skew = abs((account.date - now).total_seconds())
    if skew <= _SKEW_SECONDS:
        return Finding(code="clock", ok=True, message="This machine's clock agrees with HubSpot's.")
    return Finding(
        code="clock",
        ok=False,
        message=f"This machine's clock differs from HubSpot's by {round(skew)} seconds.",
        next_step="set the clock (NTP)",
    )


def _objects(client: Client, field_map: FieldMap) -> Iterator[Finding]:
    engagements = [name for name, held in field_map.activities.items() if held.enabled and name in ENGAGEMENTS]
    for name in dict.fromkeys((*field_map.contacts, *field_map.accounts, *field_map.opportunities, *engagements)):
        try:
            client.list_page(name, properties=["hs_object_id"], limit=1)
        except (NeedsAttention, Gone, Rejected) as error:
            if isinstance(error, NeedsAttention) and error.code == "credentials":
                raise
            scope = _SCOPES.get(name, "crm.objects.contacts.read")
            yield Finding(
                code=f"read_{name}",
                ok=False,
                message=f"{name} cannot be read. {error.message}",
                next_step=f"give the service key or private app the scope {scope}",
            )
        else:
            yield Finding(code=f"read_{name}", ok=True, message=f"{name} can be read.")


def _sources(client: Client, field_map: FieldMap, settings: HubSpotSettings) -> Iterator[Finding]:
    for name, held in field_map.activities.items():
        if not held.enabled or name in ENGAGEMENTS:
            continue
        feature = _feature(settings, name)
        instead = _counted_instead(field_map, name)
        if feature is Feature.OFF:
            yield Finding(code=f"source_{name}", ok=True, message=f"{name} is switched off in the settings{instead}.")
            continue
        try:
            if name == EMAIL_EVENTS:
                client.email_events_page(limit=1)
            elif name == FORM_SUBMISSIONS:
                client.forms_page()
            elif is_event_type(name):
                client.event_page(event_type=name, object_type="contact", limit=1)
            else:
                yield Finding(
                    code=f"source_{name}",
                    ok=False,
                    message=f"{name} is neither a CRM object nor an event type that HubSpot could have.",
                    next_step="correct activities in the field map",
                )
                continue
        except ConnectorError as error:
            # The plan decides; without the source everything else works.
            step = error.next_step if isinstance(error, NeedsAttention) else None
            message = f"{name} is not available to this portal or token and is left out{instead}. {error.message}"
            yield Finding(code=f"source_{name}", ok=feature is not Feature.ON, message=message, next_step=step)
        else:
            yield Finding(code=f"source_{name}", ok=True, message=f"{name} can be read.")


def _feature(settings: HubSpotSettings, name: str) -> Feature:
    return {EMAIL_EVENTS: settings.email_events, FORM_SUBMISSIONS: settings.forms}.get(name, settings.events)


def _counted_instead(field_map: FieldMap, name: str) -> str:
    counters = [
        counter for held in field_map.counters.values() for counter, each in held.items() if each.unless == name
    ]
    return f"; the contacts' counters stand for it ({', '.join(counters)})" if counters else ""


def _written(provisioning: Provisioning) -> Iterator[Finding]:
    bad = [check for check in provisioning.checks() if check.presence is not Presence.OK]
    for check in bad:
        yield Finding(
            code="output_field",
            ok=False,
            message=f"{check.object}.{check.field} cannot be written: {check.detail}.",
            next_step="leadgrade fields plan CONNECTION",
        )
    if not bad:
        yield Finding(code="output_field", ok=True, message="All written properties are there.")


def _room(client: Client, field_map: FieldMap) -> Finding:
    try:
        rows = client.property_limits().body.get("byObjectType") or []
    except ConnectorError:
        message = "The limit of custom properties could not be asked for (it needs a crm.objects scope)."
        return Finding(code="property_limit", ok=True, message=message)
    full = []
    for row in rows if isinstance(rows, list) else []:
        room = int(row.get("limit") or 0) - int(row.get("usage") or 0)
        if str(row.get("objectTypeName")) in field_map.outputs and room <= 0:
            full.append(str(row.get("objectTypeName")))
    if full:
        return Finding(
            code="property_limit",
            ok=False,
            message=f"No more custom properties fit on {', '.join(full)}.",
            next_step="delete properties that nobody uses",
        )
    return Finding(code="property_limit", ok=True, message="There is room for custom properties.")


def _limits(budget: Budget) -> Finding:
    usage = budget.usage()
    day = "of a day limit that HubSpot does not tell"
    if usage.day_limit is not None:
        day = f"of {usage.day_limit} a day, {usage.day_used} used by everybody"
    message = f"We make at most {budget.burst_limit} calls per ten seconds, {day}."
    return Finding(code="rate_limits", ok=True, message=message)


def _versions(settings: HubSpotSettings, today: date) -> Iterator[Finding]:
    for name, end in _VERSION_ENDS[settings.paths]:
        near = (end - today).days <= _WARN_DAYS
        step = "upgrade Leadgrade"
        if settings.paths is Paths.LEGACY:
            step = "set paths: dated on the connection"
        yield Finding(
            code="api_version",
            ok=not near,
            message=f"HubSpot supports {name} until {end.isoformat()}.",
            next_step=step if near else None,
        )
