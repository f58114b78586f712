"""From changed accounts to companies and people. Called inside the page's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.people.companies import place_accounts
from sync.people.profiles import DEFAULT_RULES, Rules, refresh_people
from sync.people.resolve import Touched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from connectors.records import Ref
    from sync.store.unit import Unit


def touch_accounts(unit: Unit, changed: Iterable[int], *, now: datetime, rules: Rules = DEFAULT_RULES) -> Touched:
    """Bring companies and people in line with accounts (by number) that are new, changed, gone or restored.

    All people of these accounts and of their companies are looked at; those whose profile changed are dirty.
    """
    accounts, companies = place_accounts(unit, unit.accounts.get(changed).values(), now=now)
    by_connection: dict[int, list[Ref]] = {}
    for account in accounts.values():
        by_connection.setdefault(account.connection_no, []).append(account.ref)
    people = unit.companies.people_of(companies)
    for connection_no, refs in by_connection.items():
        people |= unit.contacts.people_of_accounts(connection_no, refs)
    return Touched(dirty=refresh_people(unit, people, now=now, rules=rules))
