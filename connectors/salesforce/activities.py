"""Tasks, events, campaign members and e-mail messages as activities, by the activity map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from connectors.errors import Unavailable
from connectors.mapping import ActivityMap
from connectors.records import ActivityRecord, Deletion, Precision, Ref, Value
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import FieldDescription, Schema
from connectors.salesforce.values import (
    Malformed,
    Row,
    attribute,
    dig,
    flag,
    noon,
    optional_id,
    read_date,
    read_instant,
    record_id,
)
from connectors.salesforce.vanished import Vanishing
from connectors.salesforce.windows import Harvest, created_at, modified_at

_PREFIXES = {"003": "Contact", "00Q": "Lead"}
_TEXTS = ("url", "asset", "campaign", "product", "direction", "outcome", "message_id", "link")
_NUMBERS = ("duration_s", "count")


class ActivityPart:
    """One object of activities; the subclasses know where its people and its time stand."""

    first_load = True
    vanishing = Vanishing.BIN
    #: Fields beyond the map, read where they exist.
    extra: ClassVar[tuple[str, ...]] = ()
    #: Child relationship that names further people, with the field that holds them.
    people: ClassVar[tuple[str, str] | None] = None
    #: Time fields, best first: a date-time says the instant, a date the day.
    times: ClassVar[tuple[str, ...]] = ()
    #: The same for single kinds.
    times_of: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(self, name: str, activity_map: ActivityMap, schema: Schema, client: SalesforceClient) -> None:
        self.name = name
        self._map = activity_map
        self._client = client
        wanted = [
            *activity_map.fields(),
            *self.extra,
            *self.times,
            *(at for ats in self.times_of.values() for at in ats),
        ]
        self._fields: dict[str, FieldDescription] = {}
        for path in schema.existing(name, wanted):
            field = schema.field(name, path)
            if field is not None:
                self._fields[path] = field
        description = schema.of(name)
        children = description.children if description else frozenset()
        self._people = self.people if self.people and self.people[0] in children else None

    def select(self) -> Sequence[str]:
        """Fields of the map and of the object's own meaning, and further people."""
        further = [f"({soql.select(self._people[0], [self._people[1]])})"] if self._people else []
        return [*self._fields, *further]

    def finish(self, harvest: Harvest) -> None:
        """Nothing is looked up."""

    def take(self, row: Row, harvest: Harvest) -> None:
        """One row: an activity, or nothing where the map says so."""
        ref = Ref(object=self.name, id=record_id(row))
        values = {path: dig(row, path) for path in self._fields}
        if self.left_out(row) or self._map.skips(values):
            self._forget(ref, row, harvest)
            return
        rule = self._map.rule_for(values)
        if rule is None:
            harvest.unmapped[self._map.unmapped_name(self.name, values)] += 1
        kind = rule.kind if rule else self._map.otherwise
        if kind is None:
            self._forget(ref, row, harvest)
            return
        found = self._mapped(row)
        found.update(rule.set if rule else {})
        at, precision = self._when(kind, row)
        created = created_at(row)
        harvest.records.append(
            ActivityRecord(
                ref=ref,
                kind=kind,
                at=at,
                modified_at=modified_at(row),
                recorded_at=max(created, at) if created else None,
                precision=precision,
                contacts=tuple(dict.fromkeys(self._contacts(row))),
                supersedes=self.mirrors(row),
                machine=_truth(found.pop("machine", False)),
                **_typed(found),
            )
        )

    def left_out(self, row: Row) -> bool:
        """Whether a row is no event at all, such as the master of a recurring series."""
        return flag(row, "IsRecurrence")

    def mirrors(self, row: Row) -> Ref | None:  # noqa: ARG002
        """Another record that tells of the same event."""
        return None

    def main_people(self, row: Row) -> Iterable[str]:
        """Ids of the people that the row itself names."""
        who = optional_id(row, "WhoId")
        return [who] if who else []

    def conditions(self, ids: Sequence[str]) -> Iterable[str]:  # noqa: ARG002
        """SOQL conditions that together find all activities of these people; `{ids}` is filled in by the caller."""
        return ["WhoId IN {ids}"]

    # ---- inside ----

    def _contacts(self, row: Row) -> Iterable[Ref]:
        ids = list(self.main_people(row))
        if self._people:
            relationship, field = self._people
            ids.extend(person for child in self._children(row, relationship) if (person := optional_id(child, field)))
        return [Ref(object=_PREFIXES[found[:3]], id=found) for found in ids if found[:3] in _PREFIXES]

    def _children(self, row: Row, relationship: str) -> list[dict[str, Any]]:
        return children(self._client, row, relationship, subject=self.name)

    def _mapped(self, row: Row) -> dict[str, Value]:
        found = {}
        for name, path in self._map.attributes.items():
            if path in self._fields and (value := attribute(self._fields[path], dig(row, path), path)) is not None:
                found[name] = value
        return found

    def _when(self, kind: str, row: Row) -> tuple[datetime, Precision]:
        for path in (*self.times_of.get(kind, ()), *self.times):
            raw = dig(row, path)
            if raw is None or path not in self._fields:
                continue
            if self._fields[path].type == "date":
                return noon(read_date(raw, path)), Precision.DAY
            at = read_instant(raw, path)
            return at, Precision.DAY if flag(row, "IsAllDayEvent") else Precision.INSTANT
        created = created_at(row)
        if created is None:
            raise Malformed("no_time", "no field says when it happened")
        return created, Precision.DERIVED

    def _forget(self, ref: Ref, row: Row, harvest: Harvest) -> None:
        """What is no activity (any more) is taken out, if an earlier window may have brought it."""
        created = created_at(row)
        if harvest.known_before is not None and created is not None and created < harvest.known_before:
            harvest.deletions.append(Deletion(ref=ref, at=modified_at(row)))


class Tasks(ActivityPart):
    """Tasks, logged calls and logged mails; with Shared Activities up to fifty contacts."""

    extra = ("WhoId", "IsRecurrence")
    people = ("TaskWhoRelations", "RelationId")
    times = ("CompletedDateTime", "ActivityDate")


class Events(ActivityPart):
    """Meetings; one that lies ahead counts from its day on."""

    extra = ("WhoId", "IsRecurrence", "IsChild", "IsAllDayEvent", "DurationInMinutes")
    people = ("EventWhoRelations", "RelationId")
    times = ("StartDateTime", "ActivityDateTime", "ActivityDate")

    def left_out(self, row: Row) -> bool:
        """Also the copies of a meeting in the calendars of those invited."""
        return super().left_out(row) or flag(row, "IsChild")

    def _mapped(self, row: Row) -> dict[str, Value]:
        found = super()._mapped(row)
        minutes = dig(row, "DurationInMinutes")
        if isinstance(minutes, int) and "duration_s" not in found:
            found["duration_s"] = minutes * 60
        return found


class CampaignMembers(ActivityPart):
    """Members of campaigns; the date of the first response is all the time that Salesforce keeps."""

    vanishing = Vanishing.GONE
    extra = ("LeadId", "ContactId", "HasResponded", "FirstRespondedDate")

    def main_people(self, row: Row) -> Iterable[str]:
        """The Contact, also where it was a Lead before it was converted."""
        person = optional_id(row, "ContactId") or optional_id(row, "LeadId")
        return [person] if person else []

    def conditions(self, ids: Sequence[str]) -> Iterable[str]:
        """One condition per kind of person."""
        return [
            f"{field} IN {{ids}}"
            for field, prefix in (("ContactId", "003"), ("LeadId", "00Q"))
            if any(person.startswith(prefix) for person in ids)
        ]

    def _when(self, kind: str, row: Row) -> tuple[datetime, Precision]:  # noqa: ARG002
        responded = dig(row, "FirstRespondedDate")
        if flag(row, "HasResponded") and responded is not None:
            return noon(read_date(responded, "FirstRespondedDate")), Precision.DAY
        created = created_at(row)
        return created or modified_at(row), Precision.DERIVED


class EmailMessages(ActivityPart):
    """E-mail messages; each wins over the task that mirrors it."""

    extra = ("ActivityId", "MessageIdentifier")
    people = ("EmailMessageRelations", "RelationId")
    times = ("MessageDate",)
    times_of: ClassVar[Mapping[str, tuple[str, ...]]] = {"email_opened": ("FirstOpenedDate",)}

    def main_people(self, row: Row) -> Iterable[str]:  # noqa: ARG002
        """All people stand in the relations."""
        return []

    def mirrors(self, row: Row) -> Ref | None:
        """The task that Salesforce makes of each message."""
        task = optional_id(row, "ActivityId")
        return Ref(object="Task", id=task) if task else None

    def conditions(self, ids: Sequence[str]) -> Iterable[str]:  # noqa: ARG002
        """Through the relations."""
        return ["Id IN (SELECT EmailMessageId FROM EmailMessageRelation WHERE RelationId IN {ids})"]

    def _mapped(self, row: Row) -> dict[str, Value]:
        found = super()._mapped(row)
        found.setdefault("message_id", str(dig(row, "MessageIdentifier") or record_id(row)))
        return found


PARTS: dict[str, type[ActivityPart]] = {
    "Task": Tasks,
    "Event": Events,
    "CampaignMember": CampaignMembers,
    "EmailMessage": EmailMessages,
}


def children(client: SalesforceClient, row: Row, relationship: str, *, subject: str) -> list[dict[str, Any]]:
    """The rows of a subquery, further pages of it included."""
    content = row.get(relationship)
    if content is None:
        return []
    if not isinstance(content, Mapping) or not isinstance(content.get("records"), list):
        raise Malformed("wrong_type", f"{relationship} holds no records")
    found = list(content["records"])
    url = content.get("nextRecordsUrl")
    while content.get("done") is False and isinstance(url, str):
        answer = client.query_more(url, subject=subject)
        found.extend(answer.rows)
        if answer.done:
            break
        if answer.more_url == url:
            raise Unavailable(f"The pages of {relationship} come round in a circle.")
        url = answer.more_url
    return found


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "/", "www.")) and not any(char.isspace() for char in text)


def _truth(value: Value) -> bool:
    return value is True or str(value).casefold() in {"true", "1", "yes"}


def _typed(found: Mapping[str, Value]) -> dict[str, Any]:
    """Activity attributes as their types want them; what the map names beyond them is left out."""
    typed: dict[str, Any] = {}
    for name in _TEXTS:
        if name in found:
            typed[name] = str(found[name])
    for name in _NUMBERS:
        if name in found:
            try:
                typed[name] = int(str(found[name]))
            except ValueError as error:
                raise Malformed("wrong_type", f"{name} is not a whole number") from error
    for name in ("url", "link"):
        if name in typed and not _is_address(typed[name]):
            del typed[name]
    if typed.get("count", 1) < 1:
        del typed["count"]
    return typed
