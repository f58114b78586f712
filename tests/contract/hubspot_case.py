"""One HubSpot portal on the sandbox for the connector suite, and what it holds, told without HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from connectors.hubspot import HubSpotConnector, HubSpotSettings, Paths
from connectors.mapping import FieldMap, load_field_map
from connectors.outputs import output_of
from connectors.port import OutputType
from connectors.records import Outcome, Ref, Stream
from connectors.sandbox.clock import OrgClock, instant_of
from connectors.sandbox.faults import Rewrite
from connectors.sandbox.hubspot import HubSpotDialect
from connectors.sandbox.objects_hubspot import DEAL_STAGES, EDGES
from connectors.sandbox.population import REFERENCE_DAY, Population, generate
from connectors.sandbox.records import Record
from connectors.sandbox.seed_hubspot import hubspot_org
from connectors.sandbox.server import SandboxServer, Vendor
from connectors.sandbox.wire import WireResponse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_OUTCOMES = {"closedwon": Outcome.WON, "closedlost": Outcome.LOST}
_LABELS = {stage: label for stage, label, _, _ in DEAL_STAGES}
_EVENT_KINDS = {
    "SENT": "email_sent",
    "OPEN": "email_opened",
    "CLICK": "email_clicked",
    "BOUNCE": "email_bounced",
    "STATUSCHANGE": "unsubscribed",
}


@cache
def people(count: int) -> Population:
    return generate(count, 7, REFERENCE_DAY)


@cache
def shipped_map() -> FieldMap:
    path = Path(__file__).parents[2] / "config" / "fields" / "hubspot.yaml"
    return load_field_map(path.read_text(encoding="utf-8"), name=path.name)


class HubSpotCase:
    """A fresh portal with a frozen clock; sleeping moves that clock."""

    def __init__(self, server: SandboxServer, name: str, paths: Paths, *, count: int = 200) -> None:
        self.org = hubspot_org(people(count), name="hubspot", clock=OrgClock.frozen_at(NOW))
        self._site = server.mount(name, vendor=Vendor.HUBSPOT, org=self.org, dialect=HubSpotDialect(self.org))
        self.faults = self._site.faults
        self._paths = paths
        self._made: list[HubSpotConnector] = []
        self._add_deals()

    def settings(self, **changes: object) -> HubSpotSettings:
        """Archived records and forms are looked at in every cycle here, so that deletions show at once."""
        made = HubSpotSettings(
            token="pat-eu1-sandbox",
            host=self._site.url,
            paths=self._paths,
            daily_share=1.0,
            archived_every=timedelta(0),
            forms_every=timedelta(0),
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def made(self, settings: HubSpotSettings, field_map: FieldMap | None = None) -> HubSpotConnector:
        connector = HubSpotConnector(
            settings,
            field_map or shipped_map(),
            clock=lambda: instant_of(self.org.clock.now()),
            sleep=self.org.clock.advance,
        )
        self._made.append(connector)
        return connector

    def connector(
        self, *, page_size: int | None = None, wrong_credentials: bool = False, daily_share: float = 1.0
    ) -> HubSpotConnector:
        settings = self.settings(daily_share=daily_share, page_size=page_size or 200)
        if wrong_credentials:
            settings = replace(settings, token="pat-eu1-wrong")
        return self.made(settings)

    def close(self) -> None:
        for connector in self._made:
            connector.close()

    # ---- what the portal holds ----

    def truth(self, stream: Stream) -> dict[Ref, dict[str, object]]:
        if stream is Stream.CONTACTS:
            return {self._ref("contacts", item): self._contact(item) for item in self.org.scan("contacts")}
        if stream is Stream.ACCOUNTS:
            mapped = shipped_map().accounts["companies"].attributes
            return {
                self._ref("companies", item): self._attributes("companies", item, mapped)
                for item in self.org.scan("companies")
            }
        return self._activities() if stream is Stream.ACTIVITIES else self._deals()

    def _contact(self, item: Record) -> dict[str, object]:
        mapped = shipped_map().contacts["contacts"].attributes
        company = item.get("associatedcompanyid")
        account = Ref(object="companies", id=company) if company else None
        return {**self._attributes("contacts", item, mapped), "account": account}

    def _attributes(self, name: str, item: Record, mapped: dict[str, tuple[str, ...]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for attribute, fields in mapped.items():
            filled = next((field for field in fields if item.get(field)), None)
            found[attribute] = None if filled is None else self._typed(name, filled, str(item.get(filled)))
        return found

    def _typed(self, name: str, field: str, text: str) -> object:
        kind = self.org.type(name).fields[field].type
        if kind == "bool":
            return text == "true"
        return int(text) if kind == "number" else text

    def _activities(self) -> dict[Ref, dict[str, object]]:
        found: dict[Ref, dict[str, object]] = {}
        for name in ("calls", "emails", "meetings", "notes", "tasks"):
            for item in self.org.scan(name):
                linked = self.org.associations.of(name, item.id, "contacts")
                when = item.get("hs_task_completion_date") or item.get("hs_timestamp")
                found[self._ref(name, item)] = {
                    "kind": _engagement_kind(name, item),
                    "contacts": frozenset(Ref(object="contacts", id=contact) for contact in linked),
                    "at": datetime.fromisoformat(when),
                }
        for item in self.org.scan("email_events"):
            ref = Ref(object="email_events", id=f"10000000-0000-4000-8000-{item.id:0>12}")
            at = instant_of(int(item.get("created")))
            found[ref] = {"kind": _EVENT_KINDS[item.get("type")], "contacts": frozenset(), "at": at}
        for item in self.org.scan("page_events"):
            ref = Ref(object="e_visited_page", id=f"00000000-0000-4000-8000-{item.id:0>12}")
            contacts = frozenset({Ref(object="contacts", id=item.get("objectId"))})
            at = datetime.fromisoformat(item.get("occurredAt"))
            found[ref] = {"kind": "page_view", "contacts": contacts, "at": at}
        for item in self.org.scan("form_submissions"):
            if item.get("email"):
                ref = Ref(object="form_submissions", id=f"20000000-0000-4000-8000-{item.id:0>12}")
                at = instant_of(int(item.get("submittedAt")))
                name = self.org.get("forms", item.get("formGuid")).get("name")
                found[ref] = {"kind": _form_kind(name), "contacts": frozenset(), "at": at}
        return found

    def _deals(self) -> dict[Ref, dict[str, object]]:
        found: dict[Ref, dict[str, object]] = {}
        for item in self.org.scan("deals"):
            companies = list(self.org.associations.of("deals", item.id, "companies"))
            contacts = self.org.associations.of("deals", item.id, "contacts")
            stages = [_LABELS[value] for _, value, _ in reversed(item.history("dealstage"))]
            amount = item.get("amount")
            found[self._ref("deals", item)] = {
                "stage": _LABELS[item.get("dealstage")],
                "outcome": _OUTCOMES.get(item.get("dealstage"), Outcome.OPEN),
                "account": Ref(object="companies", id=companies[0]) if companies else None,
                "amount": None if amount is None else Decimal(amount),
                "contacts": frozenset(Ref(object="contacts", id=contact) for contact in contacts),
                "stages": tuple(stages),
            }
        return found

    # ---- what happens in the portal ----

    def advance(self, seconds: float) -> None:
        self.org.clock.advance(seconds)

    def pick(self, number: int) -> list[Ref]:
        loners = [item for item in self.org.scan("contacts") if not item.get("salesforcecontactid")]
        return [self._ref("contacts", item) for item in loners[3 : 3 + number]]

    def rename(self, ref: Ref, last_name: str, *, at: datetime | None = None) -> None:
        stamp = None if at is None else int(at.timestamp() * 1000)
        self.org.update("contacts", ref.id, {"lastname": last_name}, at=stamp)

    def delete(self, ref: Ref) -> None:
        self.org.delete(ref.object, ref.id)

    def merge(self, winner: Ref, loser: Ref) -> Ref:
        return self._ref("contacts", self.org.merge("contacts", winner.id, [loser.id]))

    def hide_field(self) -> tuple[str, str]:
        self.org.type("contacts").alter("jobtitle", visible=False)
        return "contacts", "jobtitle"

    def expire_sessions(self) -> bool:
        return False

    def malform(self, ref: Ref) -> None:
        def without_properties(response: WireResponse) -> WireResponse:
            content = json.loads(response.body)
            for row in content.get("results") or ():
                if row.get("id") == ref.id:
                    row["properties"] = None
            return replace(response, body=json.dumps(content).encode())

        self.faults.add(Rewrite(change=without_properties), path=self.paged_path(), times=None)

    def exhaust_quota(self) -> None:
        self.org.quotas["daily"].exhaust(self.org.clock.now())

    def held(self, ref: Ref, output: str) -> object:
        field = shipped_map().outputs[ref.object][output]
        text = self.org.get(ref.object, ref.id).get(field)
        if text is None:
            return None
        kind = output_of(output).type
        if kind is OutputType.CHECKBOX:
            return text == "true"
        return int(text) if kind is OutputType.NUMBER else text

    def idle_calls(self, stream: Stream) -> int:
        """A search and, in this case's settings, the archived list per object; e-mail events, page views, each form."""
        if stream is Stream.ACTIVITIES:
            return 5 * 2 + 1 + 1 + 1 + self.org.count("forms")
        return 2

    def paged_path(self) -> str:
        return r"objects/.*contacts(\?|/search|$)|^/crm/v3/objects/contacts(\?|/search|$)"

    # ---- parts ----

    def _add_deals(self) -> None:
        contacts = list(self.org.scan("contacts"))
        for number in range(25):
            contact = contacts[number]
            created = int(NOW.timestamp() * 1000) - (60 + number) * 86_400_000
            final = DEAL_STAGES[number % len(DEAL_STAGES)][0]
            values = {
                "dealname": f"Deal {number}",
                "dealstage": final,
                "pipeline": "default",
                "amount": str(900 + number),
            }
            deal = self.org.create("deals", values, at=created)
            path = [(created, "appointmentscheduled"), (created + 86_400_000, "contractsent")]
            if final not in ("appointmentscheduled", "contractsent"):
                path.append((created + 5 * 86_400_000, final))
            self.org.rewrite_history("deals", deal.id, "dealstage", path)
            for other in contacts[number : number + 1 + number % 3]:
                self._link("deals", deal.id, "contacts", other.id)
            company = contact.get("associatedcompanyid")
            if company:
                self._link("deals", deal.id, "companies", company)

    def _link(self, source: str, source_id: str, target: str, target_id: str) -> None:
        edge, back = EDGES[source, target][-1], EDGES[target, source][-1]
        self.org.associate(source, source_id, target, target_id, edge=edge, back=back)

    @staticmethod
    def _ref(name: str, item: Record) -> Ref:
        return Ref(object=name, id=item.id)


def _form_kind(name: str) -> str:
    if name == "Request a demo":
        return "demo_requested"
    return "download" if name.startswith("Download: ") else "form_submitted"


def _engagement_kind(name: str, item: Record) -> str:
    if name == "calls":
        if item.get("hs_call_direction") == "INBOUND":
            return "call_inbound"
        return "call_connected" if item.get("hs_call_status") == "COMPLETED" else "call_attempted"
    if name == "emails":
        return "email_replied" if item.get("hs_email_direction") == "INCOMING_EMAIL" else "email_sent"
    if name == "meetings":
        return "meeting_held" if item.get("hs_meeting_outcome") == "COMPLETED" else "meeting_no_show"
    return {"notes": "note", "tasks": "task_completed"}[name]
