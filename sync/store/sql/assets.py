"""Assets: the pages, mails, files and campaigns that activities refer to, each stored once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.tables import asset
from sync.store.types import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.records import ActivityRecord, Ref
    from sync.store.sql.bulk import Sql


class Assets:
    """Numbers of assets."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def numbers(self, workspace_no: int, records: Iterable[ActivityRecord]) -> dict[Ref, int]:
        """The asset of each record that refers to one; unknown assets are made."""
        digests: dict[Ref, str] = {}
        texts: dict[str, tuple[str | None, ...]] = {}
        for record in records:
            parts = (record.url, record.asset, record.campaign, record.product)
            if any(parts):
                digest = hashlib.sha256(canonical_json(parts).encode()).hexdigest()
                digests[record.ref] = digest
                texts[digest] = parts
        known = self._known(workspace_no, texts)
        new = [digest for digest in texts if digest not in known]
        if new:
            numbers = dict(zip(new, self._sql.take("asset", len(new)), strict=True))
            self._sql.insert(
                asset,
                [
                    {
                        "asset_no": number,
                        "workspace_no": workspace_no,
                        "digest": digest,
                        **dict(zip(("url", "asset", "campaign", "product"), texts[digest], strict=True)),
                    }
                    for digest, number in numbers.items()
                ],
            )
            known |= numbers
        return {ref: known[digest] for ref, digest in digests.items()}

    def _known(self, workspace_no: int, digests: Iterable[str]) -> dict[str, int]:
        query = sa.select(asset.c.digest, asset.c.asset_no).where(asset.c.workspace_no == workspace_no)
        return {row.digest: row.asset_no for row in self._sql.within(query, asset.c.digest, digests)}
