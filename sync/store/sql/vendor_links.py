"""What vendors say about which records are one human, as their records bring it. Identity reads it in `sql/identity.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from connectors.records import LinkReason
from sync.store.tables import vendor_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.records import VendorLink
    from sync.store.sql.bulk import Sql


class VendorLinks:
    """Writing the vendors' statements."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def replace(self, kind: str, links: Mapping[int, Sequence[VendorLink]]) -> None:
        """The statements that contacts of a CRM of this kind bring now; earlier ones of the same contacts end."""
        earlier = sa.delete(vendor_link).where(vendor_link.c.reason.in_([reason.value for reason in LinkReason]))
        self._sql.update_within(earlier, vendor_link.c.contact_no, links)
        self._sql.upsert(
            vendor_link,
            [
                {
                    "contact_no": contact_no,
                    "crm": link.crm or kind,
                    "object": link.ref.object,
                    "record_id": link.ref.id,
                    "reason": link.reason.value,
                }
                for contact_no, statements in links.items()
                for link in statements
            ],
        )
