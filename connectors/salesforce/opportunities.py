"""Opportunities with their stages and people: contact role, converted lead, sole contact of the account, else the account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from connectors.mapping import RecordMap
from connectors.records import BadRecord, LinkStrength, OpportunityRecord, Outcome, Ref, StageEntry
from connectors.salesforce import soql
from connectors.salesforce.activities import children
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Schema
from connectors.salesforce.values import (
    Malformed,
    Row,
    attribute,
    dig,
    flag,
    instant_of,
    noon,
    optional_id,
    read_date,
    record_id,
)
from connectors.salesforce.vanished import Vanishing
from connectors.salesforce.windows import Harvest, created_at, modified_at

_ROLES = "(SELECT ContactId FROM OpportunityContactRoles)"
_HISTORY = "(SELECT StageName, CreatedDate FROM OpportunityHistories ORDER BY CreatedDate)"
_FIELDS = {
    "stage": "StageName",
    "name": "Name",
    "amount": "Amount",
    "currency": "CurrencyIsoCode",
    "closed_on": "CloseDate",
}

Links = tuple[tuple[Ref, LinkStrength], ...]


class Opportunities:
    """Opportunities; the field map may name other fields for stage, name, amount, currency and closed_on."""

    name = "Opportunity"
    first_load = True
    vanishing = Vanishing.BIN

    def __init__(self, record_map: RecordMap | None, schema: Schema, client: SalesforceClient) -> None:
        self._client = client
        self._schema = schema
        mapped = {name: paths[0] for name, paths in record_map.attributes.items() if paths} if record_map else {}
        wanted = {**_FIELDS, **mapped}
        known = set(schema.existing(self.name, wanted.values()))
        self._paths = {name: path for name, path in wanted.items() if path in known}
        description = schema.of(self.name)
        offered = description.children if description else frozenset()
        self._roles = "OpportunityContactRoles" in offered
        self._history = "OpportunityHistories" in offered

    def select(self) -> Sequence[str]:
        """Fields and, in the same query, roles and history."""
        subqueries = [*([_ROLES] if self._roles else []), *([_HISTORY] if self._history else [])]
        return ["AccountId", "IsClosed", "IsWon", *self._paths.values(), *subqueries]

    def take(self, row: Row, harvest: Harvest) -> None:
        """One opportunity; people without a role are found in `finish`."""
        stage = self._value(row, "stage")
        if not isinstance(stage, str):
            raise Malformed("no_stage", "the opportunity has no stage")
        closed = flag(row, "IsClosed")
        outcome = (Outcome.WON if flag(row, "IsWon") else Outcome.LOST) if closed else Outcome.OPEN
        amount, currency, name = (self._value(row, part) for part in ("amount", "currency", "name"))
        closed_on = dig(row, self._paths["closed_on"]) if closed and "closed_on" in self._paths else None
        account = optional_id(row, "AccountId")
        harvest.records.append(
            OpportunityRecord(
                ref=Ref(object=self.name, id=record_id(row)),
                created_at=created_at(row),
                modified_at=modified_at(row),
                stage=stage,
                outcome=outcome,
                name=name if isinstance(name, str) else None,
                account=Ref(object="Account", id=account) if account else None,
                amount=Decimal(amount) if isinstance(amount, (int, Decimal)) else None,
                currency=currency if isinstance(currency, str) else None,
                closed_at=noon(read_date(closed_on, "CloseDate")) if closed_on is not None else None,
                stages=self._stages(row, stage),
                contacts=self._role_links(row),
            )
        )

    def finish(self, harvest: Harvest) -> None:
        """People of the opportunities that have no contact role: two queries in one call per two hundred."""
        bare = {
            record.ref.id: record
            for record in harvest.records
            if isinstance(record, OpportunityRecord) and not record.contacts
        }
        links: dict[str, Links] = {}
        for block in soql.blocks(bare):
            links.update(self._found([bare[found] for found in block]))
        harvest.records[:] = [
            replace(record, contacts=links[record.ref.id])
            if isinstance(record, OpportunityRecord) and record.ref.id in links
            else record
            for record in harvest.records
        ]

    # ---- inside ----

    def _value(self, row: Row, name: str) -> Any:
        path = self._paths.get(name)
        field = self._schema.field(self.name, path) if path else None
        return attribute(field, dig(row, path), path) if field and path else None

    def _role_links(self, row: Row) -> Links:
        ids = [
            record_id(role, "ContactId")
            for role in children(self._client, row, "OpportunityContactRoles", subject=self.name)
        ]
        return tuple((Ref(object="Contact", id=found), LinkStrength.ROLE) for found in dict.fromkeys(ids))

    def _stages(self, row: Row, stage: str) -> tuple[StageEntry, ...]:
        """Stages in their order; history has a row for every change of amount or date too, those are drawn together."""
        entries: list[tuple[str, datetime]] = []
        for change in children(self._client, row, "OpportunityHistories", subject=self.name):
            name, entered = change.get("StageName"), instant_of(change, "CreatedDate")
            if isinstance(name, str) and entered is not None:
                entries.append((name, entered))
        entries.sort(key=lambda entry: entry[1])
        changes = [entry for place, entry in enumerate(entries) if place == 0 or entries[place - 1][0] != entry[0]]
        if not changes:
            created = created_at(row)
            return (StageEntry(stage=stage, entered=created),) if created else ()
        closed = [StageEntry(stage=name, entered=at, left=left) for (name, at), (_, left) in pairwise(changes)]
        return (*closed, StageEntry(stage=changes[-1][0], entered=changes[-1][1]))

    def _found(self, records: Sequence[OpportunityRecord]) -> dict[str, Links]:
        ids = [record.ref.id for record in records]
        queries = [
            (
                "Lead",
                soql.select(
                    "Lead",
                    ["Id", "ConvertedOpportunityId", "ConvertedContactId"],
                    where=[soql.one_of("ConvertedOpportunityId", ids)],
                ),
            )
        ]
        accounts = sorted({record.account.id for record in records if record.account})
        if accounts:
            queries.append(
                (
                    "Account",
                    soql.select(
                        "Account", ["Id", "(SELECT Id FROM Contacts LIMIT 2)"], where=[soql.one_of("Id", accounts)]
                    ),
                )
            )
        answers = self._client.query_together(queries)
        converted: dict[str, Ref] = {}
        for row in answers[0].rows:
            person = optional_id(row, "ConvertedContactId")
            ref = Ref(object="Contact", id=person) if person else Ref(object="Lead", id=record_id(row))
            converted[record_id(row, "ConvertedOpportunityId")] = ref
        sole: dict[str, Ref] = {}
        for row in answers[1].rows if accounts else ():
            people = children(self._client, row, "Contacts", subject="Account")
            if len(people) == 1:
                sole[record_id(row)] = Ref(object="Contact", id=record_id(people[0]))
        links: dict[str, Links] = {}
        for record in records:
            if record.ref.id in converted:
                links[record.ref.id] = ((converted[record.ref.id], LinkStrength.CONVERTED),)
            elif record.account and record.account.id in sole:
                links[record.ref.id] = ((sole[record.account.id], LinkStrength.SOLE_CONTACT),)
        return links


class ContactRoles:
    """Changes of contact roles, which do not move the opportunity's stamp: its opportunities are read again."""

    name = "OpportunityContactRole"
    first_load = False
    vanishing = Vanishing.PARENT

    def __init__(self, opportunities: Opportunities, client: SalesforceClient) -> None:
        self._opportunities = opportunities
        self._client = client
        self._changed: dict[str, None] = {}

    def select(self) -> Sequence[str]:
        """The opportunity."""
        return ["OpportunityId"]

    def take(self, row: Row, harvest: Harvest) -> None:  # noqa: ARG002
        """One role."""
        self._changed[record_id(row, "OpportunityId")] = None

    def finish(self, harvest: Harvest) -> None:
        """Read the opportunities that this page has not brought itself."""
        brought = {record.ref.id for record in harvest.records if record.ref.object == self._opportunities.name}
        fields = ["Id", "SystemModstamp", "CreatedDate", "IsDeleted", *self._opportunities.select()]
        added = Harvest(known_before=harvest.known_before)
        for block in soql.blocks(found for found in self._changed if found not in brought):
            query = soql.select("Opportunity", fields, where=[soql.one_of("Id", block)])
            for row in self._client.rows(query, subject="Opportunity"):
                try:
                    self._opportunities.take(row, added)
                except Malformed as error:
                    ref = Ref(object="Opportunity", id=record_id(row))
                    added.bad.append(BadRecord(ref=ref, code=error.code, reason=f"Opportunity: {error.reason}"))
        self._changed.clear()
        self._opportunities.finish(added)
        harvest.records.extend(added.records)
        harvest.bad.extend(added.bad)
