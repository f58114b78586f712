"""Fields of an org by SOQL path: names without case, visibility, parents, and how values compare and look in JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.salesforce.archive import archived
from connectors.sandbox.salesforce.computed import computed
from connectors.sandbox.salesforce.errors import Refusal, no_such_column, no_such_type
from connectors.sandbox.salesforce.field_values import Get, comparable, folded, raw, shown
from connectors.sandbox.schema import Field, ObjectType

#: Objects that only the Tooling API shows.
TOOLING = frozenset({"CustomField"})
#: What the Bulk API does not know at all.
NOT_IN_BULK = frozenset(
    {"AcceptedEventRelation", "Attachment", "EventWhoRelation", "TaskPriority", "TaskStatus", "TaskWhoRelation"}
)
#: (parent, relationship) to (child, its reference field).
CHILDREN: dict[tuple[str, str], tuple[str, str]] = {
    ("Account", "Contacts"): ("Contact", "AccountId"),
    ("Account", "Opportunities"): ("Opportunity", "AccountId"),
    ("Campaign", "CampaignMembers"): ("CampaignMember", "CampaignId"),
    ("Contact", "CampaignMembers"): ("CampaignMember", "ContactId"),
    ("Contact", "Events"): ("Event", "WhoId"),
    ("Contact", "OpportunityContactRoles"): ("OpportunityContactRole", "ContactId"),
    ("Contact", "Tasks"): ("Task", "WhoId"),
    ("EmailMessage", "EmailMessageRelations"): ("EmailMessageRelation", "EmailMessageId"),
    ("Lead", "CampaignMembers"): ("CampaignMember", "LeadId"),
    ("Lead", "Events"): ("Event", "WhoId"),
    ("Lead", "Tasks"): ("Task", "WhoId"),
    ("Opportunity", "OpportunityContactRoles"): ("OpportunityContactRole", "OpportunityId"),
    ("Opportunity", "OpportunityHistories"): ("OpportunityHistory", "OpportunityId"),
    ("Event", "EventRelations"): ("EventRelation", "EventId"),
    ("Event", "EventWhoRelations"): ("EventWhoRelation", "EventId"),
    ("Task", "TaskRelations"): ("TaskRelation", "TaskId"),
    ("Task", "TaskWhoRelations"): ("TaskWhoRelation", "TaskId"),
}
#: What a polymorphic parent (`Who`) shows, whatever it is.
_NAME_FIELDS = ("Id", "Name", "Type", "FirstName", "LastName", "Email", "Phone", "Title", "Username")


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One field as seen from the object of a query; parents of the path come along."""

    #: Canonical names.
    path: tuple[str, ...]
    field: Field
    #: Value as JSON shows it.
    get: Get
    #: Value as it compares; None when empty.
    compare: Get
    #: Types of the parents on the way, for their `attributes`; None where it depends on the record.
    parents: tuple[Callable[[Record], Record | None], ...] = ()
    parent_type: Callable[[Record], str | None] | None = None


class Columns:
    """Resolves names in one org."""

    def __init__(self, org: Org, *, tooling: bool = False) -> None:
        self.org = org
        self._tooling = tooling

    def object(self, name: str) -> ObjectType:
        """The object of a name, without regard to case.

        Raises:
            Refusal: INVALID_TYPE.
        """
        found = self.org.schema.get(name)
        if found is None:
            folded = name.casefold()
            found = next((item for item in self.org.schema.values() if item.name.casefold() == folded), None)
        if found is None or (found.name in TOOLING) is not self._tooling:
            raise no_such_type(name)
        return found

    def field(self, object_type: ObjectType, name: str) -> Field:
        """A visible field, without regard to case.

        Raises:
            Refusal: INVALID_FIELD.
        """
        found = object_type.fields.get(name)
        if found is None:
            folded = name.casefold()
            found = next((item for item in object_type.fields.values() if item.name.casefold() == folded), None)
        if found is None or not found.visible:
            raise no_such_column(name, object_type.name)
        return found

    def column(self, object_type: ObjectType, names: tuple[str, ...]) -> Column:
        """The column of a path."""
        if len(names) == 1:
            field = self.field(object_type, names[0])
            if field.extra.get("formula"):
                value = computed(self.org, object_type, field)
                return Column(path=(field.name,), field=field, get=value, compare=folded(value))
            if field.name == "IsArchived":
                ages = self._archived
                return Column(path=(field.name,), field=field, get=ages, compare=ages)
            return Column(path=(field.name,), field=field, get=shown(field), compare=comparable(field))
        reference = self._reference(object_type, names[0])
        relationship = reference.relationship or names[0]
        key = raw(reference)
        if len(reference.reference_to) > 1:
            return self._polymorphic(relationship, reference, key, names[1:])
        parent_type = self.object(reference.reference_to[0])
        inner = self.column(parent_type, names[1:])

        def parent(record: Record) -> Record | None:
            held = key(record)
            return None if held is None else self.org.find(parent_type.name, held)

        def through(get: Get) -> Get:
            def read(record: Record) -> Any:
                found = parent(record)
                return None if found is None else get(found)

            return read

        return replace(
            inner,
            path=(relationship, *inner.path),
            get=through(inner.get),
            compare=through(inner.compare),
            parents=(parent, *(_after(parent, further) for further in inner.parents)),
            parent_type=None,
        )

    def _archived(self, record: Record) -> bool:
        return archived(record, self.org.now())

    def _reference(self, object_type: ObjectType, relationship: str) -> Field:
        folded = relationship.casefold()
        for field in object_type.fields.values():
            if field.relationship and field.relationship.casefold() == folded and field.visible:
                return field
        raise Refusal(
            400,
            "INVALID_FIELD",
            f"Didn't understand relationship '{relationship}' in field path. If you are attempting to use a custom "
            "relationship, be sure to append the '__r' after the custom relationship name.",
        )

    def _polymorphic(self, relationship: str, reference: Field, key: Get, names: tuple[str, ...]) -> Column:
        wanted = next(
            (name for name in _NAME_FIELDS if len(names) == 1 and name.casefold() == names[0].casefold()), None
        )
        if wanted is None:
            raise no_such_column(".".join(names), "Name")

        def parent(record: Record) -> Record | None:
            held = key(record)
            name = self.type_of(held, reference) if held is not None else None
            return None if name is None else self.org.find(name, held)

        def get(record: Record) -> Any:
            found = parent(record)
            if found is None:
                return None
            if wanted == "Id":
                return found.id
            return self.type_of(found.id, reference) if wanted == "Type" else found.values.get(wanted)

        def compare(record: Record) -> Any:
            value = get(record)
            return value.casefold() if isinstance(value, str) and wanted != "Id" else value

        field = Field(name=wanted, label=wanted, type="id" if wanted == "Id" else "string")
        return Column(path=(relationship, wanted), field=field, get=get, compare=compare, parents=(parent,))

    def type_of(self, record_id: str, reference: Field) -> str | None:
        """The object that an id belongs to, by its prefix."""
        for name in reference.reference_to:
            if name in self.org.schema and record_id.startswith(self.org.schema[name].prefix):
                return name
        return None

    def object_of_id(self, record_id: str) -> str | None:
        """The object of an id among all objects."""
        return next((item.name for item in self.org.schema.values() if record_id.startswith(item.prefix)), None)


def _after(
    first: Callable[[Record], Record | None], then: Callable[[Record], Record | None]
) -> Callable[[Record], Record | None]:
    def read(record: Record) -> Record | None:
        found = first(record)
        return None if found is None else then(found)

    return read
