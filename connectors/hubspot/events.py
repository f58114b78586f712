"""Sources that depend on the portal's plan: marketing e-mail events and event occurrences (page views, custom events).

Both are read newer than the cursor minus the lookback. A portal that refuses them is not an error unless the settings insist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from connectors.errors import Rejected, Unavailable
from connectors.hubspot.activities import details_of, kind_of
from connectors.hubspot.associations import CONTACTS
from connectors.hubspot.availability import Availability
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Answer
from connectors.hubspot.cursor import Position, stamp
from connectors.hubspot.reading import Gathered, PartPage
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.values import instant_of
from connectors.mapping import ActivityMap
from connectors.records import ActivityRecord, BadRecord, Ref

EMAIL_EVENTS = "email_events"
_EVENT_TYPE = re.compile(r"(e_|pe\d+_)\w+")
_EMAIL_PAGE = 1_000
_EVENT_PAGE = 100


def is_event_type(name: str) -> bool:
    """Whether a name of the activity map is an event type: `e_visited_page`, `pe123_demo_watched`."""
    return _EVENT_TYPE.fullmatch(name) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailEventsPart:
    """Events of marketing e-mails: sent, delivered, opened, clicked, bounced… known by the recipient's address."""

    activity_map: ActivityMap
    client: Client
    settings: HubSpotSettings
    availability: Availability

    @property
    def name(self) -> str:
        """As in the activity map."""
        return EMAIL_EVENTS

    def page(self, position: Position) -> PartPage:
        """The next page of events, newest first, by `offset`.

        Offsets do not live long. One that is refused is replaced by a bound (`Position.item`) at the oldest event seen
        (`Position.polled`); some events then come twice.
        """
        try:
            answer = self._ask(position)
        except Rejected:
            bound = str(stamp(position.polled))
            if position.polled is None or bound == position.item:
                raise
            position = replace(position, after=None, item=bound)
            answer = self._ask(position)
        if answer is None:
            return PartPage(gathered=Gathered(), next=position, done=True)
        position = position.opened_at(answer.began)
        gathered = Gathered()
        rows = _listed(answer.body.get("events"))
        self.translate(rows, gathered)
        if not answer.body.get("hasMore"):
            return PartPage(gathered=gathered, next=position.finished(polled=None), done=True)
        offset = str(answer.body.get("offset"))
        if offset == position.after:
            raise Unavailable("HubSpot's e-mail events give the same page again.")
        seen = [at for row in rows if (at := instant_of(row.get("created")))]
        oldest = min(seen, default=position.polled)
        return PartPage(gathered=gathered, next=replace(position, after=offset, polled=oldest), done=False)

    def of_recipient(self, address: str, gathered: Gathered) -> None:
        """All events of one recipient."""
        offset: str | None = None
        while True:
            ask = partial(self.client.email_events_page, recipient=address, limit=_EMAIL_PAGE, offset=offset)
            answer = self.availability.ask(self.name, self.settings.email_events, ask, first=offset is None)
            if answer is None:
                return
            self.translate(answer.body.get("events"), gathered)
            before, offset = offset, str(answer.body.get("offset"))
            if not answer.body.get("hasMore") or offset == before:
                return

    def translate(self, rows: Any, gathered: Gathered) -> None:
        """Add an activity for each event that the map calls one."""
        for row in _listed(rows):
            record_id = row.get("id")
            ref = Ref(object=EMAIL_EVENTS, id=str(record_id)) if record_id else None
            at = instant_of(row.get("created"))
            if ref is None or at is None or not row.get("recipient"):
                reason = "an event without id, instant or recipient"
                gathered.bad.append(BadRecord(ref=ref, code="malformed", reason=reason))
                continue
            kind = kind_of(self.activity_map, EMAIL_EVENTS, row, gathered)
            if kind is None:
                continue
            sent = row.get("sentBy")
            message = sent.get("id") if isinstance(sent, dict) else row.get("sentId")
            details = details_of(self.activity_map, row, kind)
            if message is None:
                message = record_id if row.get("type") == "SENT" else row.get("emailCampaignId")
            details.setdefault("message_id", None if message is None else str(message))
            gathered.records.append(
                ActivityRecord(
                    ref=ref,
                    kind=kind.name,
                    at=at,
                    modified_at=at,
                    recorded_at=at,
                    emails=(str(row["recipient"]).strip().lower(),),
                    machine=row.get("filteredEvent") is True,
                    **details,
                )
            )

    def _ask(self, position: Position) -> Answer | None:
        ask = partial(
            self.client.email_events_page,
            limit=_EMAIL_PAGE,
            startTimestamp=stamp(position.since and position.since - self.settings.events_lookback),
            endTimestamp=position.item,
            offset=position.after,
        )
        first = position.after is None and position.item is None
        return self.availability.ask(self.name, self.settings.email_events, ask, first=first)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventsPart:
    """Occurrences of one event type, such as page views."""

    name: str
    activity_map: ActivityMap
    client: Client
    settings: HubSpotSettings
    availability: Availability

    def page(self, position: Position) -> PartPage:
        """The next page of occurrences; a page token that is refused starts the scan anew, once."""
        since = None if position.since is None else position.since - self.settings.events_lookback
        try:
            answer = self._ask(after=position.after, since=since)
        except Rejected:
            if position.item is not None:
                raise
            position = replace(position, after=None, opened=None, item="again")
            answer = self._ask(after=None, since=since)
        if answer is None:
            return PartPage(gathered=Gathered(), next=position, done=True)
        position = position.opened_at(answer.began)
        gathered = Gathered()
        self.translate(answer.results(), gathered)
        following = answer.after()
        if following is None:
            return PartPage(gathered=gathered, next=position.finished(), done=True)
        if following == position.after:
            raise Unavailable("HubSpot's events give the same page again.")
        return PartPage(gathered=gathered, next=replace(position, after=following), done=False)

    def of_contact(self, contact_id: str, gathered: Gathered) -> None:
        """All occurrences of one contact."""
        after: str | None = None
        while True:
            answer = self._ask(after=after, contact=contact_id)
            if answer is None:
                return
            self.translate(answer.results(), gathered)
            following = answer.after()
            if following is None or following == after:
                return
            after = following

    def translate(self, rows: Sequence[Any], gathered: Gathered) -> None:
        """Add an activity for each occurrence that the map calls one."""
        for row in _listed(rows):
            record_id = row.get("id")
            ref = Ref(object=self.name, id=str(record_id)) if record_id else None
            at = instant_of(row.get("occurredAt"))
            contact = str(row.get("objectId") or "")
            if ref is None or at is None or not contact.isdigit():
                reason = "an event without id, instant or contact"
                gathered.bad.append(BadRecord(ref=ref, code="malformed", reason=reason))
                continue
            values = row["properties"] if isinstance(row.get("properties"), dict) else {}
            kind = kind_of(self.activity_map, self.name, values, gathered)
            if kind is not None:
                gathered.records.append(
                    ActivityRecord(
                        ref=ref,
                        kind=kind.name,
                        at=at,
                        modified_at=at,
                        recorded_at=at,
                        contacts=(Ref(object=CONTACTS, id=contact),),
                        **details_of(self.activity_map, values, kind),
                    )
                )

    def _ask(self, *, after: str | None, since: datetime | None = None, contact: str | None = None) -> Answer | None:
        query: dict[str, Any] = {"event_type": self.name, "object_type": "contact", "limit": _EVENT_PAGE}
        if contact is not None:
            query["object_id"] = contact
        if since is not None:
            query["occurred_after"] = since
        if after is not None:
            query["after"] = after
        ask = partial(self.client.event_page, **query)
        return self.availability.ask(self.name, self.settings.events, ask, first=after is None)


def _listed(rows: Any) -> list[Mapping[str, Any]]:
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []
