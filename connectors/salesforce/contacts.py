"""Leads and Contacts as contact records, Accounts as account records, by the field map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.mapping import RecordMap
from connectors.records import AccountRecord, ContactRecord, LinkReason, Ref, Value, VendorLink
from connectors.salesforce.currencies import CODE, Currencies
from connectors.salesforce.describe import FieldDescription, Schema
from connectors.salesforce.values import Row, attribute, dig, first_filled, flag, optional_id, record_id
from connectors.salesforce.vanished import Vanishing
from connectors.salesforce.windows import Harvest, created_at, modified_at


class _Mapped:
    """What leads, contacts and accounts have in common: mapped fields and our own, as far as they exist."""

    first_load = True
    vanishing = Vanishing.BIN

    def __init__(
        self, name: str, record_map: RecordMap, outputs: Mapping[str, str], schema: Schema, currencies: Currencies
    ) -> None:
        self.name = name
        self._map = record_map
        self._mapped = _described(schema, name, record_map.fields())
        known = _described(schema, name, outputs.values())
        self._outputs = {output: field for output, field in outputs.items() if field in known}
        self._output_fields = known
        #: Fields of money, where the org knows several currencies.
        self._money = money_of(self._mapped) if currencies.several(name) else frozenset()
        self._currencies = currencies

    def select(self) -> Sequence[str]:
        """Mapped fields and our own."""
        return [*self._mapped, *self._output_fields, *([CODE] if self._money else [])]

    def finish(self, harvest: Harvest) -> None:
        """Nothing is looked up."""

    def attributes(self, row: Row) -> dict[str, Value]:
        """Filled attributes of a row."""
        found = {name: self._value(row, paths) for name, paths in self._map.attributes.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, row: Row, paths: Sequence[str]) -> Value | None:
        path, value = first_filled(row, paths, self._mapped)
        return self._currencies.convert(value, row) if path in self._money else value

    def observed(self, row: Row) -> dict[str, Value | None]:
        """What the CRM holds in our fields."""
        return {
            output: attribute(self._output_fields[field], dig(row, field), field)
            for output, field in self._outputs.items()
        }


class Leads(_Mapped):
    """Leads; a converted one is linked to its Contact and cannot be written."""

    def select(self) -> Sequence[str]:
        """Also how it was converted or merged."""
        return [*super().select(), "MasterRecordId", "IsConverted", "ConvertedContactId"]

    def take(self, row: Row, harvest: Harvest) -> None:
        """One lead."""
        converted = flag(row, "IsConverted")
        contact = optional_id(row, "ConvertedContactId")
        links = (
            (VendorLink(ref=Ref(object="Contact", id=contact), reason=LinkReason.CONVERSION),)
            if converted and contact
            else ()
        )
        harvest.records.append(
            ContactRecord(
                ref=Ref(object=self.name, id=record_id(row)),
                created_at=created_at(row),
                modified_at=modified_at(row),
                attributes=self.attributes(row),
                observed=self.observed(row),
                same_as=links,
                writable=not converted,
                unwritable_reason="converted" if converted else None,
            )
        )


class Contacts(_Mapped):
    """Contacts, with their account."""

    def select(self) -> Sequence[str]:
        """Also account and merge."""
        return [*super().select(), "MasterRecordId", "AccountId"]

    def take(self, row: Row, harvest: Harvest) -> None:
        """One contact."""
        account = optional_id(row, "AccountId")
        harvest.records.append(
            ContactRecord(
                ref=Ref(object=self.name, id=record_id(row)),
                created_at=created_at(row),
                modified_at=modified_at(row),
                attributes=self.attributes(row),
                observed=self.observed(row),
                account=Ref(object="Account", id=account) if account else None,
            )
        )


class Accounts(_Mapped):
    """Accounts."""

    def select(self) -> Sequence[str]:
        """Also merge."""
        return [*super().select(), "MasterRecordId"]

    def take(self, row: Row, harvest: Harvest) -> None:
        """One account."""
        harvest.records.append(
            AccountRecord(
                ref=Ref(object=self.name, id=record_id(row)),
                created_at=created_at(row),
                modified_at=modified_at(row),
                attributes=self.attributes(row),
                observed=self.observed(row),
            )
        )


def money_of(fields: Mapping[str, FieldDescription]) -> frozenset[str]:
    """Those of an object's own fields that hold money; a parent's is in the parent's currency."""
    return frozenset(path for path, field in fields.items() if field.type == "currency" and "." not in path)


def _described(schema: Schema, name: str, paths: Iterable[str]) -> dict[str, FieldDescription]:
    described = {}
    for path in schema.existing(name, paths):
        field = schema.field(name, path)
        if field is not None:
            described[path] = field
    return described
