"""Money of an org with several currencies, in the currency of the scoring model.

Salesforce keeps one rate per currency, in units of it for one of the org's own; dated rates are for opportunities alone, which
keep their own currency here. An org with one currency has no rates: its money is taken as it comes.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from connectors.errors import NeedsAttention
from connectors.records import Value
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Schema
from connectors.salesforce.values import Row, dig

#: The field that says what a record's money is in; only orgs with several currencies have it.
CODE: Final = "CurrencyIsoCode"
_CENT: Final = Decimal("0.01")


class Currencies:
    """The rates of one org, asked for once and kept until `forget`."""

    def __init__(self, client: SalesforceClient, schema: Schema, wanted: str | None) -> None:
        self._client = client
        self._schema = schema
        self.wanted = wanted
        self._rates: dict[str, Decimal] | None = None

    def several(self, name: str) -> bool:
        """Whether money of an object is to be converted at all."""
        return self.wanted is not None and self._schema.field(name, CODE) is not None

    def forget(self) -> None:
        """Ask for the rates anew from now on."""
        self._rates = None

    def known(self) -> bool:
        """Whether the org can say what something is worth in the wanted currency."""
        return self.wanted in self.rates()

    def convert(self, value: Value | None, row: Row) -> Value | None:
        """An amount in the wanted currency; None where no rate says what it is worth."""
        if not isinstance(value, (int, Decimal)) or isinstance(value, bool):
            return value
        code = dig(row, CODE)
        if code is None or code == self.wanted:
            return value
        rates = self.rates()
        ours, theirs = rates.get(str(self.wanted)), rates.get(str(code))
        if not ours or not theirs:
            return None
        amount = (Decimal(value) / theirs * ours).quantize(_CENT, ROUND_HALF_UP)
        return int(amount) if amount == amount.to_integral_value() else amount

    def rates(self) -> dict[str, Decimal]:
        """Units of each currency for one of the org's own; none where the org keeps no rates."""
        if self._rates is None:
            query = soql.select("CurrencyType", ["Id", "IsoCode", "ConversionRate"])
            try:
                rows = self._client.rows(query, subject="CurrencyType")
            except NeedsAttention as error:
                if error.code not in {"schema", "permission", "refused"}:
                    raise
                rows = []
            self._rates = {str(row.get("IsoCode")): Decimal(str(row.get("ConversionRate") or 0)) for row in rows}
        return self._rates
