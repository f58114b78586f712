"""The Salesforce connector: one org behind the port. Each method is a few lines; the subjects have files of their own."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from connectors.errors import NeedsAttention, Scope, connection_context
from connectors.mapping import ActivityMap, FieldMap, RecordMap
from connectors.outputs import output_of
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
from connectors.records import Page, Ref, Stream
from connectors.salesforce import soql
from connectors.salesforce.activities import PARTS, ActivityPart
from connectors.salesforce.bulk import BulkJobs
from connectors.salesforce.bulk_load import BulkLoad
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.contacts import Accounts, Contacts, Leads, money_of
from connectors.salesforce.currencies import Currencies
from connectors.salesforce.cursor import Cursor, load_cursor
from connectors.salesforce.describe import COMPOUND, Schema
from connectors.salesforce.doctor import examine
from connectors.salesforce.fields import Provisioner, fits
from connectors.salesforce.opportunities import ContactRoles, Opportunities
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.windows import Part, WindowReader
from connectors.salesforce.write import Writer

#: Relationships that are no objects.
_POLYMORPHIC = frozenset({"Who", "What", "Owner", "Parent"})


class SalesforceConnector:
    """One connection to one Salesforce org; see `connectors.port.Connector`."""

    kind = "salesforce"

    def __init__(
        self,
        settings: SalesforceSettings,
        field_map: FieldMap,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        session_host: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._map = field_map
        self._clock = clock
        self._client = SalesforceClient(settings, clock=clock, host=session_host)
        self._schema = Schema(self._client)
        self._jobs = BulkJobs(self._client, sleep=sleep)
        self._currencies = Currencies(self._client, self._schema, None)

    # ---- the org ----

    def identify(self) -> OrgIdentity:
        """Who answers."""
        with self._context():
            query = "SELECT Id, Name, IsSandbox, TimeZoneSidKey FROM Organization"
            rows = self._client.rows(query, subject="Organization")
            if not rows:
                raise NeedsAttention(
                    "The org does not tell who it is.", code="permission", next_step="run: leadgrade doctor"
                )
            return OrgIdentity(
                org_id=str(rows[0]["Id"]),
                host=self._settings.host,
                sandbox=rows[0].get("IsSandbox") is True,
                name=str(rows[0].get("Name") or ""),
                now=self._client.session.crm_now or self._clock(),
                time_zone=rows[0].get("TimeZoneSidKey"),
            )

    def check_fields(self) -> list[FieldCheck]:
        """Compare the field map with fresh descriptions of the org."""
        with self._context():
            self._schema.forget()
            self._schema.load(self._objects())
            maps = {**self._map.contacts, **self._map.accounts, **self._map.opportunities}
            checks = [
                self._check(name, path, attribute)
                for name, record_map in maps.items()
                for attribute, paths in record_map.attributes.items()
                for path in paths
            ]
            checks.extend(
                self._check(
                    name, path, ", ".join(key for key, held in activity.attributes.items() if held == path) or "kind"
                )
                for name, activity in self._map.activities.items()
                if activity.enabled
                for path in activity.fields()
            )
            checks.extend(
                self._check_output(name, output, path)
                for name, outputs in self._map.outputs.items()
                for output, path in outputs.items()
            )
            return checks

    def mapping_digest(self, stream: Stream) -> str:
        """Digest of the map and of what of it exists in the org."""
        with self._context(stream):
            part = {Stream.OPPORTUNITIES: "opportunities", Stream.ACTIVITIES: "activities"}.get(stream, stream.value)
            known = [(item.name, sorted(self._readable(item.name, stream))) for item in self._parts(stream)]
            content = json.dumps([self._map.digest(part), known, *self._converted(stream)])
            return hashlib.sha256(content.encode()).hexdigest()[:16]

    # ---- reading ----

    def start(self, stream: Stream) -> str:  # noqa: ARG002
        """From the beginning of time; the first page's answer sets the window's end and the next mark."""
        return Cursor().dump()

    def since(self, stream: Stream, instant: datetime) -> str:  # noqa: ARG002
        """From an instant on (less the overlap)."""
        return Cursor(mark=instant).dump()

    def refresh(self, stream: Stream) -> str | None:
        """Everything of the objects whose formulas, parents' fields or money we read: these change without a stamp."""
        with self._context(stream):
            names = self._silent(stream)
            self._currencies.forget()
            return Cursor(only=names).dump() if names else None

    def read(self, stream: Stream, cursor: str) -> Page:
        """The next page of a stream."""
        with self._context(stream):
            return self._reader(stream).read(load_cursor(cursor))

    def read_records(self, stream: Stream, ids: Sequence[Ref]) -> Page:
        """Named records as they are now."""
        with self._context(stream, ids[0].id if len(ids) == 1 else None):
            return self._reader(stream).fetch(ids)

    def activities_of(self, contacts: Sequence[Ref]) -> Iterator[Page]:
        """All activities of named contacts."""
        with self._context(Stream.ACTIVITIES):
            parts = self._activity_parts()
            reader = WindowReader(
                self._client, parts, page_size=self._settings.page_size, overlap=self._settings.overlap
            )
            for block in soql.blocks(ref.id for ref in contacts):
                for part in parts:
                    for condition in part.conditions(block):
                        yield reader.matching(part.name, condition.replace("{ids}", soql.listed(block)))

    def present_ids(self, stream: Stream) -> Iterator[list[Ref]]:
        """Ids of all live records, archived activities included, in blocks."""
        with self._context(stream):
            for part in self._parts(stream):
                if not part.first_load:
                    continue
                last = ""
                while True:
                    where = ["IsDeleted = false", *([f"Id > {soql.text(last)}"] if last else [])]
                    query = soql.select(part.name, ["Id"], where=where, order="Id", limit=self._settings.page_size)
                    answer = self._client.query(query, deleted=True, subject=part.name)
                    if answer.rows:
                        last = str(answer.rows[-1]["Id"])
                        yield [Ref(object=part.name, id=str(row["Id"])) for row in answer.rows]
                    if answer.done and len(answer.rows) < self._settings.page_size:
                        break

    # ---- writing ----

    @property
    def write_batch(self) -> int:
        """At most 200, the limit of a collections call."""
        return min(200, self._settings.write_batch)

    def write(self, requests: Sequence[WriteRequest]) -> list[WriteResult]:
        """Write one batch."""
        with self._context():
            writer = Writer(self._client, self._schema, self._map.outputs, batch=self.write_batch)
            return writer.write(requests)

    def clear_request(self, ref: Ref) -> WriteRequest:
        """A request that clears all written fields of one record, as far as they exist."""
        with self._context(record_id=ref.id):
            fields = self._map.outputs.get(ref.object, {})
            known = set(self._schema.existing(ref.object, fields.values()))
            return WriteRequest(ref=ref, values={output: None for output, field in fields.items() if field in known})

    # ---- fields and checks ----

    def plan_fields(self) -> list[FieldStep]:
        """What `apply_fields` would do."""
        with self._context():
            return self._provisioner().plan()

    def apply_fields(self) -> list[FieldStep]:
        """Create what is missing."""
        with self._context():
            return self._provisioner().apply()

    def doctor(self) -> list[Finding]:
        """Version, sign-in, clock, quota, rights, fields."""
        with self._context():
            activities = [name for name, part in self._map.activities.items() if part.enabled]
            names = [*self._map.accounts, *self._map.contacts, *activities, "Opportunity"]
            return examine(
                self._client,
                self._schema,
                objects=names,
                written=list(self._map.outputs),
                checks=self.check_fields,
                clock=self._clock,
            )

    def use_currency(self, code: str | None) -> None:
        """Money arrives in this currency, where the org knows several; None: as it comes."""
        if code != self._currencies.wanted:
            self._currencies = Currencies(self._client, self._schema, code)

    def usage(self) -> Usage:
        """API calls so far."""
        return self._client.budget.usage()

    def recall_calls(self, by_hour: Mapping[datetime, int]) -> None:
        """Calls that other processes made for this org in the last day."""
        self._client.budget.recall(by_hour)

    def close(self) -> None:
        """Release connections."""
        self._client.close()

    # ---- inside ----

    def _context(self, stream: Stream | None = None, record_id: str | None = None) -> AbstractContextManager[None]:
        return connection_context(self._settings.name, stream.value if stream else None, record_id)

    def _provisioner(self) -> Provisioner:
        return Provisioner(self._client, self._schema, self._map, permission_set=self._settings.permission_set)

    def _reader(self, stream: Stream) -> WindowReader:
        settings = self._settings
        bulk = BulkLoad(
            self._client,
            self._schema,
            self._jobs,
            threshold=settings.bulk_threshold,
            page_size=settings.page_size,
        )
        return WindowReader(
            self._client, self._parts(stream), page_size=settings.page_size, overlap=settings.overlap, bulk=bulk
        )

    def _objects(self) -> list[str]:
        """Objects that we speak of, and parents whose relationships are called like them (`Campaign.Type`)."""
        activities = {name: part for name, part in self._map.activities.items() if part.enabled and name in PARTS}
        maps: dict[str, RecordMap | ActivityMap] = {
            **self._map.contacts,
            **self._map.accounts,
            **self._map.opportunities,
            **activities,
        }
        paths = [path for part in maps.values() for path in part.fields() if "." in path]
        parents = [path.partition(".")[0] for path in paths]
        roles = ["Opportunity", "OpportunityContactRole"]
        return [*maps, *self._map.outputs, *roles, *(name for name in parents if name not in _POLYMORPHIC)]

    def _parts(self, stream: Stream) -> list[Part]:
        self._schema.load(self._objects())
        if stream is Stream.ACTIVITIES:
            return list(self._activity_parts())
        if stream is Stream.OPPORTUNITIES:
            self._must_exist("Opportunity")
            opportunities = Opportunities(self._map.opportunities.get("Opportunity"), self._schema, self._client)
            if self._schema.of("OpportunityContactRole") is None:
                return [opportunities]
            return [opportunities, ContactRoles(opportunities, self._client)]
        maps = self._map.contacts if stream is Stream.CONTACTS else self._map.accounts
        parts: list[Part] = []
        for name, record_map in maps.items():
            self._must_exist(name)
            made: type[Leads | Contacts | Accounts] = Accounts
            if stream is Stream.CONTACTS:
                made = Leads if name == "Lead" else Contacts
            parts.append(made(name, record_map, self._map.outputs.get(name, {}), self._schema, self._currencies))
        return parts

    def _activity_parts(self) -> list[ActivityPart]:
        """Objects that do not exist for us are left out (check_fields tells), unless none is left."""
        self._schema.load(self._objects())
        wanted = {name: part for name, part in self._map.activities.items() if part.enabled and name in PARTS}
        parts = [
            PARTS[name](name, part, self._schema, self._client)
            for name, part in wanted.items()
            if self._schema.of(name) is not None
        ]
        if wanted and not parts:
            self._must_exist(next(iter(wanted)))
        return parts

    def _must_exist(self, name: str) -> None:
        if self._schema.of(name) is None:
            raise NeedsAttention(
                f"{name} does not exist or the integration user may not read it.",
                code="schema",
                scope=Scope.OBJECT,
                subject=name,
                next_step=f"give the integration user Read and View All on {name}, then run: leadgrade doctor",
            )

    def _readable(self, name: str, stream: Stream) -> tuple[str, ...]:
        if stream is Stream.ACTIVITIES:
            return self._schema.existing(name, self._map.activities[name].fields())
        maps = {**self._map.contacts, **self._map.accounts, **self._map.opportunities}
        return self._schema.existing(name, maps[name].fields()) if name in maps else ()

    def _converted(self, stream: Stream) -> list[str]:
        """The currency that money of a stream is converted to, if it is."""
        maps = {Stream.CONTACTS: self._map.contacts, Stream.ACCOUNTS: self._map.accounts}.get(stream, {})
        return [str(self._currencies.wanted)] if any(self._money(name) for name in maps) else []

    def _money(self, name: str) -> bool:
        """Whether money of an object is read and converted."""
        maps = {**self._map.contacts, **self._map.accounts}
        if name not in maps or not self._currencies.several(name):
            return False
        known = {path: self._schema.field(name, path) for path in maps[name].fields()}
        return bool(money_of({path: field for path, field in known.items() if field is not None}))

    def _silent(self, stream: Stream) -> tuple[str, ...]:
        """Objects of which something changes though their stamp stays; what happened stays as it was told then."""
        if stream is Stream.ACTIVITIES:
            return ()
        found = []
        for part in self._parts(stream):
            paths = self._readable(part.name, stream) if part.first_load else ()
            fields = {path: self._schema.field(part.name, path) for path in paths}
            silent = any("." in path or (field is not None and field.calculated) for path, field in fields.items())
            if silent or self._money(part.name):
                found.append(part.name)
        return tuple(found)

    def _check(self, name: str, path: str, attribute: str) -> FieldCheck:
        field = self._schema.field(name, path)
        presence, detail = Presence.OK, ""
        if field is None:
            known = self._schema.of(name) is not None
            presence = Presence.MISSING
            detail = "no such field, or hidden by field-level security" if known else f"{name} cannot be read"
        elif field.type in COMPOUND:
            presence, detail = Presence.WRONG_TYPE, f"{field.type} fields cannot be read as one value; map its parts"
        return FieldCheck(object=name, field=path, name=attribute, written=False, presence=presence, detail=detail)

    def _check_output(self, name: str, output: str, path: str) -> FieldCheck:
        field = self._schema.field(name, path)
        known = output_of(output)
        presence, detail = Presence.OK, ""
        if known is None:
            presence, detail = Presence.WRONG_TYPE, f"Leadgrade has no output {output}"
        elif field is None:
            presence, detail = Presence.MISSING, "no such field, or hidden by field-level security"
        elif not fits(known, field):
            presence, detail = Presence.WRONG_TYPE, f"{field.type} cannot hold {known.type.value}"
        elif not field.updateable:
            presence, detail = Presence.READ_ONLY, "the integration user may not edit it"
        return FieldCheck(object=name, field=path, name=output, written=True, presence=presence, detail=detail)
