"""Shared Activities: a task or event with up to fifty contacts, told by relation objects. An org has it or has it not."""

from __future__ import annotations

from connectors.sandbox.org import Event, Happening, Org
from connectors.sandbox.records import Record
from connectors.sandbox.schema import Field, ObjectType

_MOST = 50
#: (activity, relations of people, relations of people and of what it is about).
_KINDS = (("Task", "TaskWhoRelation", "TaskRelation"), ("Event", "EventWhoRelation", "EventRelation"))
_PREFIXES = {"TaskRelation": "0RT", "TaskWhoRelation": "0RW", "EventRelation": "0RE", "EventWhoRelation": "0RX"}


def share_activities(org: Org) -> None:
    """Switches Shared Activities on, for what is there and for what comes."""
    with org.lock:
        for activity, who, relation in _KINDS:
            for name in (who, relation):
                org.define(ObjectType(name=name, label=name, prefix=_PREFIXES[name], soft_delete=False, writable=False))
                org.type(name).add(_fields(activity, whats=name == relation))
            for record in list(org.scan(activity, deleted=None)):
                _relate(org, activity, record)
        org.hooks.append(_keep)


def add_people(org: Org, activity: str, record_id: str, people: list[str]) -> None:
    """Gives a task or event further contacts; the first stays its WhoId. Its stamps move, as with any change.

    Raises:
        ValueError: They are more than fifty.
    """
    with org.lock:
        record = org.get(activity, record_id)
        held = people_of(org, activity, record_id)
        new = [person for person in dict.fromkeys(people) if person not in held]
        if len(held) + len(new) > _MOST:
            raise ValueError(f"an activity has at most {_MOST} people")
        for person in new:
            _add(org, activity, record, person)
        org.touch(activity, record)


def people_of(org: Org, activity: str, record_id: str) -> list[str]:
    """Ids of the people of a task or event, the WhoId first."""
    who = next(who for name, who, _ in _KINDS if name == activity)
    return [str(row.get("RelationId")) for row in org.where(who, f"{activity}Id", record_id)]


def _keep(org: Org, event: Event) -> None:
    """A hook: the WhoId of an activity is the first of its people."""
    if event.object not in ("Task", "Event"):
        return
    if event.kind is Happening.CREATED:
        _relate(org, event.object, event.record)
    elif event.kind is Happening.UPDATED and "WhoId" in event.changed:
        _remove(org, event.object, event.record.id, event.changed["WhoId"])
        _relate(org, event.object, event.record)
    elif event.kind is Happening.PURGED:
        for person in people_of(org, event.object, event.record.id):
            _remove(org, event.object, event.record.id, person)


def _relate(org: Org, activity: str, record: Record) -> None:
    who = record.get("WhoId")
    if who and who not in people_of(org, activity, record.id):
        _add(org, activity, record, who)


def _add(org: Org, activity: str, record: Record, person: str) -> None:
    _, who, relation = next(kind for kind in _KINDS if kind[0] == activity)
    values = {f"{activity}Id": record.id, "RelationId": person, "AccountId": record.get("AccountId")}
    at = org.now() if record.modified_at != record.created_at else record.created_at
    org.create(who, {**values, "Type": "Lead" if person.startswith("00Q") else "Contact"}, at=at, by=record.modified_by)
    org.create(relation, {**values, "IsWhat": False}, at=at, by=record.modified_by)


def _remove(org: Org, activity: str, record_id: str, person: str | None) -> None:
    _, who, relation = next(kind for kind in _KINDS if kind[0] == activity)
    for name in (who, relation):
        for row in org.where(name, f"{activity}Id", record_id):
            if row.get("RelationId") == person:
                org.purge(name, row.id)


def _fields(activity: str, *, whats: bool) -> list[Field]:
    def to(name: str, label: str, *objects: str) -> Field:
        joined = name.removesuffix("Id")
        return Field(name=name, label=label, type="reference", length=18, reference_to=objects, relationship=joined)

    people = ("Contact", "Lead", "Account", "Opportunity", "Campaign") if whats else ("Contact", "Lead")
    stamps = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
    kind = (
        Field(name="IsWhat", label="Is What", type="boolean")
        if whats
        else Field(name="Type", label="Type", type="picklist", length=40)
    )
    return [
        Field(name="Id", label=f"{activity} Relation ID", type="id", length=18, read_only=True, nillable=False),
        to("RelationId", "Relation ID", *people),
        to(f"{activity}Id", f"{activity} ID", activity),
        to("AccountId", "Account ID", "Account"),
        kind,
        Field(name="IsDeleted", label="Deleted", type="boolean", read_only=True),
        *(Field(name=name, label=name, type="datetime", read_only=True) for name in stamps),
    ]
