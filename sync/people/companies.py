"""Accounts into companies: by what the vendors say, else by the registrable domain of their site. Never by a provider's domain.

People follow their account, else the domain of their business address. A company without a domain is one account's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scoring.attributes import is_provider_domain, registrable_domain
from sync.store.people_rows import Target

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from connectors.records import VendorLink
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


def record_account_links(unit: Unit, crm: str, same_as: Mapping[int, Sequence[VendorLink]]) -> set[int]:
    """Store what the accounts of a page (of a CRM of this kind) say about others: account -> all its vendor links.

    Gives the accounts for which that is news, and those that were linked with them before: `touch_accounts` takes them all.
    """
    before = unit.companies.links_of(same_as)
    after = {
        number: {Target(item.crm or crm, item.ref.object, item.ref.id) for item in links}
        for number, links in same_as.items()
    }
    changed = {number for number, targets in after.items() if targets != before.get(number, set())}
    if not changed:
        return set()
    unit.companies.replace_links(crm, {number: same_as[number] for number in changed})
    workspace_no = next(iter(unit.accounts.get(changed).values())).workspace_no
    earlier = {target for number in changed for target in before.get(number, ())}
    found = unit.companies.accounts_at(workspace_no, earlier)
    return changed | {number for items in found.values() for number, _ in items}


def place_accounts(
    unit: Unit, rows: Collection[StoredAccount], *, now: datetime
) -> tuple[dict[int, StoredAccount], set[int]]:
    """Give accounts their domain and company, and companies their profile.

    Gives the accounts that were looked at (as they were before), linked ones included, and the companies that gained, lost or
    kept one of them.
    """
    seen: dict[int, StoredAccount] = {}
    touched: set[int] = set()
    for workspace_no in sorted({row.workspace_no for row in rows}):
        here = {row.account_no: row for row in rows if row.workspace_no == workspace_no}
        parts = _linked(unit, workspace_no, here)
        seen |= here
        touched |= _place(unit, workspace_no, parts, now)
    touched |= {row.company_no for row in seen.values() if row.company_no is not None}
    by_company: dict[int, list[StoredAccount]] = {number: [] for number in touched}
    for account in unit.accounts.of_companies(touched):
        if account.company_no is not None:
            by_company[account.company_no].append(account)
    unit.companies.write({number: company_profile(found) for number, found in by_company.items()})
    unit.companies.mark_stale(touched)
    return seen, touched


def _linked(unit: Unit, workspace_no: int, rows: dict[int, StoredAccount]) -> list[list[StoredAccount]]:
    """Accounts that the vendors say are one company, together; `rows` grows by those that were not among them."""
    crms = {row.connection_no: row.kind for row in unit.connections.all(workspace_no)}
    part_of: dict[int, set[int]] = {}
    frontier = set(rows)
    while frontier:
        for number in frontier:
            part_of.setdefault(number, {number})
        own = {Target(crms[rows[no].connection_no], rows[no].ref.object, rows[no].ref.id) for no in frontier}
        said = unit.companies.links_to(own)
        for number, targets in unit.companies.links_of(frontier).items():
            said.setdefault(number, set()).update(targets)
        rows |= _of_workspace(unit, workspace_no, said.keys() - rows.keys())
        found = unit.companies.accounts_at(workspace_no, {target for targets in said.values() for target in targets})
        news: set[int] = set()
        for number in said.keys() & rows.keys():
            for target in said[number]:
                same_crm = target.crm == crms[rows[number].connection_no]
                others = [
                    other
                    for other, connection_no in found.get(target, ())
                    if other != number and (not same_crm or connection_no == rows[number].connection_no)
                ]
                # NOTE: as with contacts, an id that fits records of two orgs of one kind says nothing.
                if len(others) == 1:
                    news |= {number, others[0]} - part_of.keys()
                    _unite(part_of, number, others[0])
        rows |= _of_workspace(unit, workspace_no, news - rows.keys())
        frontier = news
    return [
        [rows[number] for number in sorted(part)] for part in {id(part): part for part in part_of.values()}.values()
    ]


def _of_workspace(unit: Unit, workspace_no: int, account_nos: Collection[int]) -> dict[int, StoredAccount]:
    found = unit.accounts.get(account_nos)
    return {number: row for number, row in found.items() if row.workspace_no == workspace_no}


def _unite(part_of: dict[int, set[int]], one: int, other: int) -> None:
    part = part_of.setdefault(one, {one}) | part_of.setdefault(other, {other})
    for number in part:
        part_of[number] = part


def _place(unit: Unit, workspace_no: int, parts: Sequence[Sequence[StoredAccount]], now: datetime) -> set[int]:
    """The company of linked accounts is that of the oldest domain among them; without any it is one of their own."""
    domains = {row.account_no: account_domain(row.attributes) for part in parts for row in part}
    names = [_name(part, domains) for part in parts]
    companies = unit.companies.ensure(workspace_no, {name for name in names if name is not None}, now)
    nameless = {row.company_no for part, name in zip(parts, names, strict=True) if name is None for row in part}
    known = unit.companies.domains({number for number in nameless if number is not None})
    own = [
        min(
            (row.company_no for row in part if row.company_no is not None and known.get(row.company_no) is None),
            default=0,
        )
        for part in parts
    ]
    lonely = sum(name is None and not number for name, number in zip(names, own, strict=True))
    fresh = iter(unit.companies.create(workspace_no, lonely, now))
    places: dict[int, tuple[str | None, int]] = {}
    for part, name, number in zip(parts, names, own, strict=True):
        company_no = companies[name] if name is not None else number or next(fresh)
        for row in part:
            place = (domains[row.account_no], company_no)
            if (row.domain, row.company_no) != place:
                places[row.account_no] = place
    unit.companies.place_accounts(places)
    by_name = unit.companies.by_domain(workspace_no, {name for name in domains.values() if name is not None})
    return {company_no for _, company_no in places.values()} | set(companies.values()) | set(by_name.values())


def _name(part: Sequence[StoredAccount], domains: Mapping[int, str | None]) -> str | None:
    named = [row for row in part if domains[row.account_no] is not None]
    live = [row for row in named if row.gone_at is None] or named
    oldest = min(live, key=lambda row: (born_at(row), row.connection_no, row.ref), default=None)
    return None if oldest is None else domains[oldest.account_no]
