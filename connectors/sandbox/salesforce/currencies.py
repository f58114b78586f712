"""Several currencies in an org: rates as CurrencyType, and what each record's money is in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.sandbox.org import Org
from connectors.sandbox.schema import Field, ObjectType, Option

_WITH_MONEY = ("Lead", "Contact", "Account", "Opportunity")


def use_currencies(org: Org, own: str, rates: Mapping[str, str]) -> None:
    """Switches several currencies on, as an admin does once and for all; all records are in the org's own so far.

    Args:
        org: The org.
        own: Its own (corporate) currency.
        rates: Units of each other currency for one of the org's own.
    """
    if "CurrencyType" not in org.schema:
        made = ObjectType(name="CurrencyType", label="Currency Type", prefix="01L", soft_delete=False, writable=False)
        org.define(made).add(
            [
                Field(name="Id", label="Record ID", type="id", length=18, read_only=True, nillable=False),
                Field(name="IsDeleted", label="Deleted", type="boolean", read_only=True),
                Field(name="SystemModstamp", label="System Modstamp", type="datetime", read_only=True),
                Field(name="IsoCode", label="Currency ISO Code", type="picklist", length=3),
                Field(name="ConversionRate", label="Conversion Rate", type="double", precision=18, scale=6),
                Field(name="IsCorporate", label="Is Corporate", type="boolean"),
                Field(name="IsActive", label="Active", type="boolean"),
            ]
        )
    for code, rate in {own: "1", **rates}.items():
        values = {"IsoCode": code, "ConversionRate": float(Decimal(rate)), "IsCorporate": code == own, "IsActive": True}
        known = org.where("CurrencyType", "IsoCode", code)
        if known:
            org.update("CurrencyType", known[0].id, values)
        else:
            org.create("CurrencyType", values)
    options = tuple(Option(value=code, label=code) for code in (own, *rates))
    for name in _WITH_MONEY:
        if "CurrencyIsoCode" in org.type(name).fields:
            continue
        org.type(name).add(
            [Field(name="CurrencyIsoCode", label="Currency", type="picklist", length=3, options=options)]
        )
        with org.lock:
            for record in org.scan(name, deleted=None):
                record.values["CurrencyIsoCode"] = own
