"""What an org knows about its objects: fields, options, visibility. Dialects describe it and extend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One value of a picklist or enumeration."""

    value: str
    label: str
    #: Hidden (HubSpot) or inactive (Salesforce).
    hidden: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field or property, named and typed as its vendor does (`picklist`, `double`; `enumeration`, `number`)."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    options: tuple[Option, ...] = ()
    #: Values outside the options are refused.
    restricted: bool = False
    custom: bool = False
    #: Nobody can write it through the API: system fields, formulas, calculated properties.
    read_only: bool = False
    #: The API user may see it; False is field-level security or a hidden property.
    visible: bool = True
    #: The API user may write it, when it is not read-only.
    editable: bool = True
    nillable: bool = True
    unique: bool = False
    #: Objects that a reference field points to.
    reference_to: tuple[str, ...] = ()
    #: Name of the relationship, as in `Account.Name` (Salesforce).
    relationship: str | None = None
    #: HubSpot's `fieldType` and `groupName`.
    field_type: str = ""
    group: str = ""
    description: str = ""
    #: Anything a dialect wants to give back as it was received.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class ObjectType:
    """One object: its fields in order, and how its records behave."""

    #: API name: `Contact`, or HubSpot's plural `contacts`.
    name: str
    label: str
    #: Salesforce key prefix (`003`) or HubSpot object type id (`0-1`).
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    #: Records go to a recycle bin first; False means that a deletion is final (CampaignMember).
    soft_delete: bool = True
    #: Fields whose changes are kept: all, or the named ones.
    history: bool | frozenset[str] = False
    writable: bool = True
    #: What follows from other values (a full name, closed and won from a stage); run at each write, None empties.
    derive: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    #: Property groups (HubSpot): name to label.
    groups: dict[str, str] = field(default_factory=dict)
    #: Archived fields by name, so that creating one again restores it (HubSpot).
    archived_fields: dict[str, Field] = field(default_factory=dict)

    def tracks(self, name: str) -> bool:
        """Whether changes of this field are kept as history."""
        return self.history if isinstance(self.history, bool) else name in self.history

    def add(self, fields: Iterable[Field]) -> None:
        """Adds or replaces fields."""
        for item in fields:
            self.fields[item.name] = item

    def alter(self, name: str, **changes: Any) -> Field:
        """Replaces attributes of one field, such as `visible`, `editable` or `options`."""
        self.fields[name] = replace(self.fields[name], **changes)
        return self.fields[name]
