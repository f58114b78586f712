"""Accounts into companies: by what the vendors say, else by the registrable domain of their site. Never by a provider's domain.

People follow their account, else the domain of their business address. A company without a domain is one account's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scoring.attributes import is_provider_domain, registrable_domain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sync.store.account_rows import StoredAccount
    from sync.store.unit import Unit

#: Attributes of an account that may hold its domain, the surest first.
_SITES: Final = ("domain", "website")


def account_domain(attributes: Mapping[str, str]) -> str | None:
    """The registrable domain of an account's site; None for providers, free mail, and what cannot be read."""
    for name in _SITES:
        domain = registrable_domain(attributes.get(name, ""))
        if domain is not None and not is_provider_domain(domain):
            return domain
    return None


def company_profile(accounts: Sequence[StoredAccount]) -> dict[str, str]:
    """What the live accounts of a company say: per attribute the youngest account that says something."""
    profile: dict[str, str] = {}
    for account in sorted(accounts, key=lambda row: (born_at(row), row.connection_no, row.ref)):
        if account.gone_at is None:
            profile |= {name: text for name, text in account.attributes.items() if text.strip()}
    return profile


def born_at(account: StoredAccount) -> datetime:
    """Created in the CRM, else first seen."""
    return account.created_at or account.first_seen_at


def companies_at(unit: Unit, workspace_no: int, domains: Collection[str], now: datetime) -> dict[str, int]:
    """Domain -> company: of the accounts that have the domain, else the one of that name, made where there is none."""
    by_account = unit.companies.by_account_domain(workspace_no, domains)
    rest = [domain for domain in domains if domain not in by_account]
    return by_account | unit.companies.ensure(workspace_no, rest, now)


def place_accounts(unit: Unit, rows: Collection[StoredAccount], *, now: datetime) -> set[int]:
    """Give accounts their domain and company, and companies their profile; the companies that gained, lost or kept one."""
    touched: set[int] = {row.company_no for row in rows if row.company_no is not None}
    for workspace_no in sorted({row.workspace_no for row in rows}):
        here = [row for row in rows if row.workspace_no == workspace_no]
        touched |= _place(unit, workspace_no, here, now)
    by_company: dict[int, list[StoredAccount]] = {number: [] for number in touched}
    for account in unit.accounts.of_companies(touched):
        if account.company_no is not None:
            by_company[account.company_no].append(account)
    unit.companies.write({number: company_profile(found) for number, found in by_company.items()})
    return touched


def _place(unit: Unit, workspace_no: int, rows: Sequence[StoredAccount], now: datetime) -> set[int]:
    domains = {row.account_no: account_domain(row.attributes) for row in rows}
    companies = unit.companies.ensure(workspace_no, {name for name in domains.values() if name is not None}, now)
    nameless = [row for row in rows if domains[row.account_no] is None]
    own = unit.companies.domains({row.company_no for row in nameless if row.company_no is not None})
    places: dict[int, tuple[str | None, int]] = {}
    for row in rows:
        domain = domains[row.account_no]
        if domain is not None:
            company_no = companies[domain]
        elif row.company_no is not None and own.get(row.company_no) is None:
            company_no = row.company_no
        else:
            company_no = unit.companies.create(workspace_no, now)
        if (row.domain, row.company_no) != (domain, company_no):
            places[row.account_no] = (domain, company_no)
    unit.companies.place_accounts(places)
    return {company_no for _, company_no in places.values()} | {companies[name] for name in companies}
