"""Settings of one HubSpot connection, as the composition root gives them. Where the token comes from is not known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Paths(StrEnum):
    """Which generation of HubSpot's API paths is called."""

    #: `/crm/objects/2026-09/contacts`
    DATED = "dated"
    #: `/crm/v3/objects/contacts`; unsupported from March (v4) and September (v1 to v3) 2027.
    LEGACY = "legacy"


class Feature(StrEnum):
    """Whether a source that depends on the portal's plan is read."""

    #: Read when the portal allows it.
    AUTO = "auto"
    #: Read, and a refusal needs attention.
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class HubSpotSettings:
    """One connection; the token never shows in its repr."""

    name: str = "hubspot"
    #: Service key or private-app token, or how to read it: asked again when HubSpot refuses the one in use.
    token: Callable[[], str] | str = field(repr=False)
    host: str = "https://api.hubapi.com"
    paths: Paths = Paths.DATED
    #: Share of the account's daily calls that we may use.
    daily_share: float = 0.5
    #: HubSpot allows five a second for the whole account and tells nothing in headers.
    search_per_second: int = 4
    #: How far before the cursor an incremental read starts again: search trails behind writes.
    lookback: timedelta = timedelta(seconds=120)
    #: The same for e-mail events and page views, which HubSpot takes in more slowly.
    events_lookback: timedelta = timedelta(minutes=15)
    #: How often the archived records are listed; merges and changes are seen by every read.
    archived_every: timedelta = timedelta(hours=6)
    #: How often form submissions are asked for: one call per form.
    forms_every: timedelta = timedelta(minutes=15)
    #: Largest page of lists (HubSpot allows 100, 50 with history) and searches (200); smaller ones are for tests.
    page_size: int = 200
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    #: Tries per call when HubSpot is busy or away, with short waits between them.
    attempts: int = 3
    email_events: Feature = Feature.AUTO
    events: Feature = Feature.AUTO
    forms: Feature = Feature.AUTO
