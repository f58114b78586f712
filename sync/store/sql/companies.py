"""Companies: by domain or by number, which accounts make them up, which people belong to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.people_rows import Target, by_object
from sync.store.tables import account, account_link, company, connection, person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from connectors.records import VendorLink
    from sync.store.sql.bulk import Sql


class Companies:
    """Queries on accounts and companies."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # ------------------------------------------------------------ what vendors say

    def replace_links(self, crm: str, links: Mapping[int, Sequence[VendorLink]]) -> None:
        """What accounts of a CRM of this kind say now about others; what they said before ends."""
        self._sql.update_within(account_link.delete(), account_link.c.account_no, links)
        self._sql.upsert(
            account_link,
            [
                {
                    "account_no": account_no,
                    "crm": link.crm or crm,
                    "object": link.ref.object,
                    "record_id": link.ref.id,
                    "reason": link.reason.value,
                }
                for account_no, items in links.items()
                for link in items
            ],
        )

    def links_of(self, account_nos: Iterable[int]) -> dict[int, set[Target]]:
        """Account -> the records that it says are the same company."""
        found: dict[int, set[Target]] = {}
        for row in self._sql.within(sa.select(account_link), account_link.c.account_no, account_nos):
            found.setdefault(int(row.account_no), set()).add(Target(row.crm, row.object, row.record_id))
        return found

    def links_to(self, targets: Iterable[Target]) -> dict[int, set[Target]]:
        """Account -> those of the records that it says are the same company."""
        found: dict[int, set[Target]] = {}
        for (crm, name), ids in by_object(targets).items():
            query = sa.select(account_link).where(account_link.c.crm == crm, account_link.c.object == name)
            for row in self._sql.within(query, account_link.c.record_id, ids):
                found.setdefault(int(row.account_no), set()).add(Target(crm, name, row.record_id))
        return found

    def accounts_at(self, workspace_no: int, targets: Iterable[Target]) -> dict[Target, list[tuple[int, int]]]:
        """Record -> (account, connection) of every connection of that kind of CRM that has it."""
        found: dict[Target, list[tuple[int, int]]] = {}
        for (crm, name), ids in by_object(targets).items():
            query = (
                sa.select(account.c.account_no, account.c.connection_no, account.c.record_id)
                .join(connection, connection.c.connection_no == account.c.connection_no)
                .where(connection.c.workspace_no == workspace_no, connection.c.kind == crm, account.c.object == name)
            )
            for row in self._sql.within(query, account.c.record_id, ids):
                found.setdefault(Target(crm, name, row.record_id), []).append((row.account_no, row.connection_no))
        return found

    # ------------------------------------------------------------ companies

    def place_accounts(self, places: Mapping[int, tuple[str | None, int]]) -> None:
        """Account -> (domain, company)."""
        self._sql.update(
            account,
            [
                {"account_no": number, "domain": domain, "company_no": company_no}
                for number, (domain, company_no) in places.items()
            ],
        )

    def by_domain(self, workspace_no: int, domains: Iterable[str]) -> dict[str, int]:
        """Domain -> company, for those that exist."""
        query = sa.select(company.c.domain, company.c.company_no).where(company.c.workspace_no == workspace_no)
        return {str(row.domain): int(row.company_no) for row in self._sql.within(query, company.c.domain, domains)}

    def by_account_domain(self, workspace_no: int, domains: Iterable[str]) -> dict[str, int]:
        """Domain -> company of the live accounts that have it; the oldest company where they disagree."""
        query = (
            sa.select(account.c.domain, sa.func.min(account.c.company_no).label("company_no"))
            .where(
                account.c.workspace_no == workspace_no, account.c.gone_at.is_(None), account.c.company_no.is_not(None)
            )
            .group_by(account.c.domain)
        )
        return {str(row.domain): int(row.company_no) for row in self._sql.within(query, account.c.domain, domains)}

    def ensure(self, workspace_no: int, domains: Iterable[str], now: datetime) -> dict[str, int]:
        """Domain -> company, made where there is none."""
        wanted = sorted(set(domains))
        found = self.by_domain(workspace_no, wanted)
        missing = [domain for domain in wanted if domain not in found]
        self._insert(workspace_no, missing, now)
        return found | (self.by_domain(workspace_no, missing) if missing else {})

    def create(self, workspace_no: int, many: int, now: datetime) -> list[int]:
        """Companies without a domain: of accounts that have none."""
        return self._insert(workspace_no, [None] * many, now)

    def _insert(self, workspace_no: int, domains: Sequence[str | None], now: datetime) -> list[int]:
        numbers = list(self._sql.take("company", len(domains))) if domains else []
        rows: list[dict[str, object]] = [
            {"company_no": number, "workspace_no": workspace_no, "domain": name, "profile": {}, "created_at": now}
            for number, name in zip(numbers, domains, strict=True)
        ]
        self._sql.upsert(company, rows, key=["workspace_no", "domain"])
        return numbers

    def domains(self, company_nos: Iterable[int]) -> dict[int, str | None]:
        """Company -> domain."""
        rows = self._sql.within(sa.select(company.c.company_no, company.c.domain), company.c.company_no, company_nos)
        return {int(row.company_no): row.domain for row in rows}

    def write(self, profiles: Mapping[int, Mapping[str, str]]) -> None:
        """Company -> what its accounts say."""
        rows = [{"company_no": number, "profile": dict(profile)} for number, profile in profiles.items()]
        self._sql.update(company, rows)

    def mark_stale(self, company_nos: Iterable[int]) -> None:
        """Companies whose score or accounts must be looked at again."""
        self._sql.update_within(company.update().values(stale=True), company.c.company_no, set(company_nos))

    def mark_stale_of(self, person_nos: Iterable[int]) -> None:
        """The companies of people."""
        theirs = sa.select(person.c.company_no).where(person.c.company_no.is_not(None)).distinct()
        self.mark_stale(int(row.company_no) for row in self._sql.within(theirs, person.c.person_no, person_nos))

    def people_of(self, company_nos: Iterable[int]) -> set[int]:
        """People of the companies."""
        query = sa.select(person.c.person_no).where(person.c.alias_of.is_(None))
        return {int(row.person_no) for row in self._sql.within(query, person.c.company_no, company_nos)}
