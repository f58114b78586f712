"""The connector: HubSpot behind the port. Wiring only; each subject has its own file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connectors.errors import NeedsAttention, connection_context
from connectors.hubspot.activities import ENGAGEMENTS
from connectors.hubspot.associations import CONTACTS
from connectors.hubspot.availability import Availability
from connectors.hubspot.budget import Budget
from connectors.hubspot.calls import Client
from connectors.hubspot.client import Transport
from connectors.hubspot.cursor import Mode, StreamCursor
from connectors.hubspot.doctor import examine, outlook
from connectors.hubspot.events import EmailEventsPart, EventsPart
from connectors.hubspot.fields import Provisioning
from connectors.hubspot.objects import ObjectPart
from connectors.hubspot.parts import object_part, stream_parts, translator_of_ids
from connectors.hubspot.reading import Gathered, page_of, read_page
from connectors.hubspot.schema import Property, Schema
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.write import BATCH, Writer
from connectors.mapping import FieldMap
from connectors.port import (
    FieldCheck,
    FieldStep,
    Finding,
    OrgIdentity,
    Presence,
    Usage,
    WriteRequest,
    WriteResult,
)
from connectors.records import DeletionKind, Page, Ref, Stream

_TEST_ACCOUNTS = frozenset({"SANDBOX", "DEVELOPER_TEST"})


def _now() -> datetime:
    return datetime.now(UTC)


class HubSpotConnector:
    """One HubSpot portal. Implements `connectors.port.Connector`."""

    kind = "hubspot"

    def __init__(
        self,
        settings: HubSpotSettings,
        field_map: FieldMap,
        *,
        clock: Callable[[], datetime] = _now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._map = field_map
        self._clock = clock
        self._budget = Budget(
            clock=clock,
            sleep=sleep,
            search_per_second=settings.search_per_second,
            daily_share=settings.daily_share,
        )
        self._client = Client(Transport(settings, self._budget, clock=clock, sleep=sleep))
        self._schema = Schema(self._client, clock)
        self._availability = Availability()
        self._provisioning = Provisioning(self._client, self._schema, field_map.outputs)
        self._parts = stream_parts(field_map, settings, self._client, self._schema, availability=self._availability)
        self._writer = Writer(self._client, field_map.outputs, self._whereabouts)

    def __repr__(self) -> str:
        return f"HubSpotConnector({self._settings.name!r})"

    # ---- who and what ----

    def identify(self) -> OrgIdentity:
        """The portal behind the token."""
        with connection_context(self._settings.name):
            answer = self._client.account()
            portal = str(answer.body.get("portalId") or "")
            if not portal:
                raise NeedsAttention(
                    "HubSpot does not say which portal the token belongs to.",
                    code="credentials",
                    next_step="check host and token of the connection",
                )
            zone = answer.body.get("timeZone")
            if zone:
                self._budget.use_zone(str(zone))
            return OrgIdentity(
                org_id=portal,
                host=self._settings.host,
                sandbox=answer.body.get("accountType") in _TEST_ACCOUNTS,
                name=f"HubSpot portal {portal}",
                now=answer.date,
                currency=answer.body.get("companyCurrency"),
                time_zone=zone,
            )

    def check_fields(self) -> list[FieldCheck]:
        """Mapped and written properties against what HubSpot says it has."""
        with connection_context(self._settings.name):
            checks: list[FieldCheck] = []
            mapped: dict[str, dict[str, str]] = {}
            for held in (self._map.contacts, self._map.accounts, self._map.opportunities):
                for object_name, record_map in held.items():
                    mapped[object_name] = {
                        field: attribute for attribute, fields in record_map.attributes.items() for field in fields
                    }
            for object_name, counters in self._map.counters.items():
                mapped[object_name] |= {
                    field: each.kind for name, each in counters.items() for field in (name, each.at)
                }
            for object_name, activity_map in self._map.activities.items():
                if object_name in ENGAGEMENTS and activity_map.enabled:
                    named = {field: attribute for attribute, field in activity_map.attributes.items()}
                    mapped[object_name] = {field: named.get(field, "kind") for field in activity_map.fields()}
            for object_name, fields in mapped.items():
                known, detail = self._known(object_name)
                checks += [
                    FieldCheck(
                        object=object_name,
                        field=field,
                        name=attribute,
                        written=False,
                        presence=Presence.OK if field in known else Presence.MISSING,
                        detail="" if field in known else detail,
                    )
                    for field, attribute in fields.items()
                ]
            return checks + self._provisioning.checks()

    def mapping_digest(self, stream: Stream) -> str:
        """Digest of what is read of a stream."""
        parts = {
            Stream.CONTACTS: ("contacts", "outputs", "counters"),
            Stream.ACCOUNTS: ("accounts", "outputs"),
            Stream.ACTIVITIES: ("activities",),
            Stream.OPPORTUNITIES: ("opportunities",),
        }
        return self._map.digest(*parts[stream])

    # ---- reading ----

    def start(self, stream: Stream) -> str:  # noqa: ARG002 - all streams begin alike
        """A first load; HubSpot's clock is taken from the answer to its first page."""
        return StreamCursor().dump()

    def since(self, stream: Stream, instant: datetime) -> str:  # noqa: ARG002 - all streams go on alike
        """Everything changed at or after an instant."""
        return StreamCursor(since=instant).dump()

    def read(self, stream: Stream, cursor: str) -> Page:
        """The next page. Nothing new costs one call per CRM object and event source of the stream."""
        with connection_context(self._settings.name, stream.value):
            before = StreamCursor.load(cursor)
            page = read_page(self._parts[stream], before)
            replaced = self._replaced(before, StreamCursor.load(page.next)) if stream is Stream.ACTIVITIES else ()
            return replace(page, replaces=replaced) if replaced else page

    def read_records(self, stream: Stream, ids: Sequence[Ref]) -> Page:
        """Named records as they are now; ids of events (which never change) are left out."""
        with connection_context(self._settings.name, stream.value):
            gathered = Gathered()
            for part in self._parts[stream]:
                wanted = [ref.id for ref in ids if ref.object == part.name]
                if wanted and isinstance(part, ObjectPart):
                    part.records(wanted, gathered)
            return page_of(gathered)

    def activities_of(self, contacts: Sequence[Ref]) -> Iterator[Page]:
        """All activities of named contacts; form submissions are left out: HubSpot finds them by form alone."""
        with connection_context(self._settings.name, Stream.ACTIVITIES.value):
            ids = [ref.id for ref in contacts if ref.object == CONTACTS]
            for part in self._parts[Stream.ACTIVITIES]:
                gathered = Gathered()
                if isinstance(part, ObjectPart):
                    part.of_contacts(ids, gathered)
                elif isinstance(part, EventsPart):
                    for contact in ids:
                        part.of_contact(contact, gathered)
                elif isinstance(part, EmailEventsPart):
                    for address in self._addresses(ids):
                        part.of_recipient(address, gathered)
                if gathered:
                    yield page_of(gathered)

    def present_ids(self, stream: Stream) -> Iterator[list[Ref]]:
        """Ids of all CRM objects of the stream; events are not swept."""
        with connection_context(self._settings.name, stream.value):
            for part in self._parts[stream]:
                if isinstance(part, ObjectPart):
                    yield from part.ids()

    # ---- writing ----

    @property
    def write_batch(self) -> int:
        """HubSpot's limit of a batch update."""
        return BATCH

    def write(self, requests: Sequence[WriteRequest]) -> list[WriteResult]:
        """Write one batch."""
        with connection_context(self._settings.name):
            return self._writer.write(requests)

    def plan_fields(self) -> list[FieldStep]:
        """What is missing of the written properties."""
        with connection_context(self._settings.name):
            return self._provisioning.plan()

    def apply_fields(self) -> list[FieldStep]:
        """Create what is missing."""
        with connection_context(self._settings.name):
            return self._provisioning.apply()

    def clear_request(self, ref: Ref) -> WriteRequest:
        """Empties all written properties of one record."""
        return WriteRequest(ref=ref, values=dict.fromkeys(self._map.outputs.get(ref.object, {})))

    # ---- health ----

    def doctor(self) -> list[Finding]:
        """HubSpot's own checks."""
        with connection_context(self._settings.name):
            return [
                *examine(self._client, self._map, self._provisioning, self._clock(), self._settings),
                *outlook(self._settings, self._budget, self._clock().date()),
            ]

    def usage(self) -> Usage:
        """Calls so far."""
        return self._budget.usage()

    def refresh(self, stream: Stream) -> str | None:  # noqa: ARG002
        """Nothing: no property is known here that changes without moving the stamp."""
        return None

    def use_currency(self, code: str | None) -> None:
        """Nothing: properties of money have no currency of their own, and deals tell theirs."""

    def recall_calls(self, by_hour: Mapping[datetime, int]) -> None:
        """Calls that other processes made for this portal today."""
        self._budget.recall(by_hour)

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    # ---- inside ----

    def _known(self, object_name: str) -> tuple[Mapping[str, Property], str]:
        """Properties of an object, and what is to be said of one that is not among them."""
        refused = self._availability.refused
        try:
            known = self._schema.properties(object_name, fresh=True)
        except NeedsAttention as error:
            if error.code != "permission":
                raise
            return {}, f"the token may not read {object_name}: {error.next_step}"
        if object_name in refused:
            return {}, f"the token may not read {object_name}: {refused[object_name]}"
        return known, "it does not exist, or the token may not see it"

    def _replaced(self, before: StreamCursor, after: StreamCursor) -> tuple[str, ...]:
        """Counters whose events a page brought for the first time."""
        counters = self._map.counters.get(CONTACTS, {})
        return tuple(
            name
            for name, held in counters.items()
            if held.unless in self._availability.answered
            and before.position(held.unless).mode is Mode.LOAD
            and before.position(held.unless) != after.position(held.unless)
        )

    def _addresses(self, ids: Sequence[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(ids), BATCH):
            answer = self._client.batch_read(CONTACTS, ids[start : start + BATCH], properties=["email"])
            found += [str(row["properties"]["email"]) for row in answer.results() if row["properties"].get("email")]
        return found

    def _whereabouts(self, object_name: str, ids: Sequence[str]) -> dict[str, tuple[DeletionKind, Ref | None]]:
        gathered = Gathered()
        object_part(object_name, translator_of_ids(object_name, self._schema), self._client, self._settings).records(
            ids, gathered
        )
        return {gone.ref.id: (gone.kind, gone.moved_to) for gone in gathered.deletions}
