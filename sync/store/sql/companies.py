"""Companies: by domain or by number, which accounts make them up, which people belong to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store.tables import account, company, person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sync.store.sql.bulk import Sql


class Companies:
    """Queries on accounts and companies."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

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
        rows = [{"workspace_no": workspace_no, "domain": name, "profile": {}, "created_at": now} for name in missing]
        self._sql.upsert(company, rows, key=["workspace_no", "domain"])
        return found | self.by_domain(workspace_no, missing)

    def create(self, workspace_no: int, now: datetime) -> int:
        """A company without a domain: of one account that has none."""
        return self._sql.add(company, {"workspace_no": workspace_no, "profile": {}, "created_at": now})

    def domains(self, company_nos: Iterable[int]) -> dict[int, str | None]:
        """Company -> domain."""
        rows = self._sql.within(sa.select(company.c.company_no, company.c.domain), company.c.company_no, company_nos)
        return {int(row.company_no): row.domain for row in rows}

    def write(self, profiles: Mapping[int, Mapping[str, str]]) -> None:
        """Company -> what its accounts say."""
        rows = [{"company_no": number, "profile": dict(profile)} for number, profile in profiles.items()]
        self._sql.update(company, rows)

    def people_of(self, company_nos: Iterable[int]) -> set[int]:
        """People of the companies."""
        query = sa.select(person.c.person_no).where(person.c.alias_of.is_(None))
        return {int(row.person_no) for row in self._sql.within(query, person.c.company_no, company_nos)}
