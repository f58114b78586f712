"""What the org says of its own objects: fields that exist for us, their types, whether we may write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.errors import NeedsAttention, Scope, Unavailable
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.composite import MAX_PARTS, CompositeRefused, Part, get_together
from connectors.salesforce.errors import from_answer

#: Fields that any parent of a polymorphic reference shows (`Who.Type`, `Owner.Name`).
_NAME_FIELDS = frozenset({"Id", "Name", "Type", "FirstName", "LastName", "Email", "Phone", "Title", "Username"})
#: Parent fields that every object has, so that no description of it is needed.
_EVERYWHERE = frozenset({"Id", "Name"})
#: Compound and binary types cannot be read as one value.
COMPOUND = frozenset({"address", "location", "base64", "complexvalue"})


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldDescription:
    """One field as the integration user may see it; hidden fields are not described at all."""

    name: str
    type: str
    length: int = 0
    updateable: bool = False
    calculated: bool = False
    relationship: str | None = None
    parents: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    restricted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectDescription:
    """One object: its fields by name and the names of its child relationships."""

    name: str
    updateable: bool
    fields: Mapping[str, FieldDescription]
    children: frozenset[str]

    def parent(self, relationship: str) -> FieldDescription | None:
        """The reference field behind a relationship name."""
        return next((field for field in self.fields.values() if field.relationship == relationship), None)


class Schema:
    """Descriptions, asked for once and kept until `forget`."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._known: dict[str, ObjectDescription | None] = {}

    def forget(self) -> None:
        """Ask anew from now on."""
        self._known.clear()

    def load(self, names: Iterable[str]) -> None:
        """Ask for several objects in one call, as far as they are not known yet."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._known]
        if len(wanted) < 2 or not self._client.together:
            return
        for start in range(0, len(wanted), MAX_PARTS):
            block = wanted[start : start + MAX_PARTS]
            try:
                parts = get_together(self._client, [f"sobjects/{name}/describe" for name in block], kind="describe")
            except CompositeRefused:
                self._client.together = False
                return
            for name, part in zip(block, parts, strict=True):
                self._known[name] = self._answered(name, part)

    def of(self, name: str) -> ObjectDescription | None:
        """The description of an object; None when it does not exist for us."""
        if name not in self._known:
            self._known[name] = self._ask(name)
        return self._known[name]

    def field(self, name: str, path: str) -> FieldDescription | None:
        """The field behind a path such as `Email` or `Campaign.Type`; None when it does not exist for us."""
        description = self.of(name)
        if description is None:
            return None
        first, dot, rest = path.partition(".")
        if not dot:
            return description.fields.get(first)
        reference = description.parent(first)
        if reference is None:
            return None
        if len(reference.parents) != 1 or rest in _EVERYWHERE:
            return FieldDescription(name=rest, type="string") if rest in _NAME_FIELDS else None
        return self.field(reference.parents[0], rest)

    def existing(self, name: str, paths: Iterable[str]) -> tuple[str, ...]:
        """Those paths that can be read, each once, in their order."""
        found = []
        for path in dict.fromkeys(paths):
            field = self.field(name, path)
            if field is not None and field.type not in COMPOUND:
                found.append(path)
        return tuple(found)

    def _answered(self, name: str, part: Part) -> ObjectDescription | None:
        if part.status == 200:
            return _description(name, part.body)
        error = from_answer(part.status, part.body, subject=name)
        if isinstance(error, NeedsAttention) and error.scope is Scope.OBJECT:
            return None
        raise error

    def _ask(self, name: str) -> ObjectDescription | None:
        try:
            content = self._client.get(f"sobjects/{name}/describe", kind="describe", subject=name)
        except NeedsAttention as error:
            if error.scope is Scope.OBJECT:
                return None
            raise
        return _description(name, content)


def _description(name: str, content: Any) -> ObjectDescription:
    if not isinstance(content, Mapping) or not isinstance(content.get("fields"), list):
        raise Unavailable(f"Salesforce described {name} with something that holds no fields.")
    return ObjectDescription(
        name=name,
        updateable=content.get("updateable") is True,
        fields={
            item["name"]: _field(item)
            for item in content["fields"]
            if isinstance(item, Mapping) and isinstance(item.get("name"), str)
        },
        children=frozenset(
            str(item["relationshipName"])
            for item in content.get("childRelationships") or ()
            if item.get("relationshipName")
        ),
    )


def _field(item: Mapping[str, Any]) -> FieldDescription:
    return FieldDescription(
        name=item["name"],
        type=item.get("type", "string"),
        length=item.get("length") or 0,
        updateable=item.get("updateable") is True,
        calculated=item.get("calculated") is True,
        relationship=item.get("relationshipName"),
        parents=tuple(item.get("referenceTo") or ()),
        choices=tuple(
            choice["value"] for choice in item.get("picklistValues") or () if choice.get("active") is not False
        ),
        restricted=item.get("restrictedPicklist") is True,
    )
