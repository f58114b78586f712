"""The demo's own look at the CRMs, over plain HTTP and without the connectors: read what stands there, change a few records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync.admin.demo.world import Account

_TIMEOUT = 60


class Crm(Protocol):
    """One CRM as an outsider sees it."""

    def records(self, object_name: str, fields: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """(id, field values) of all live records."""
        ...

    def change(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        """Set fields of one record, as a user would."""
        ...


class Salesforce:
    """The Salesforce account of the sandbox."""

    def __init__(self, account: Account) -> None:
        self._http = requests.Session()
        self._root = account.base_url
        answer = self._http.post(
            f"{self._root}/services/oauth2/token",
            {
                "grant_type": "client_credentials",
                "client_id": account.credentials["client_id"],
                "client_secret": account.credentials["client_secret"],
            },
            timeout=_TIMEOUT,
        )
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def records(self, object_name: str, fields: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        # Names come from the shipped field map, not from anybody's input.
        soql = f"SELECT Id, {', '.join(fields)} FROM {object_name} ORDER BY Id"  # noqa: S608
        page = self._get("/services/data/v66.0/query", q=soql)
        while True:
            for row in page["records"]:
                yield row["Id"], {name: row.get(name) for name in fields}
            if page["done"]:
                return
            page = self._get(page["nextRecordsUrl"])

    def change(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        url = f"{self._root}/services/data/v66.0/sobjects/{object_name}/{record_id}"
        self._http.patch(url, json=dict(values), timeout=_TIMEOUT).raise_for_status()

    def _get(self, path: str, **query: str) -> Any:
        answer = self._http.get(f"{self._root}{path}", params=query, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.json()


class HubSpot:
    """The HubSpot account of the sandbox."""

    def __init__(self, account: Account) -> None:
        self._http = requests.Session()
        self._root = account.base_url
        self._http.headers["Authorization"] = f"Bearer {account.credentials['access_token']}"

    def records(self, object_name: str, fields: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        after: str | None = None
        while True:
            query: list[tuple[str, str]] = [("limit", "100"), *(("properties", name) for name in fields)]
            query += [("after", after)] if after else []
            answer = self._http.get(f"{self._root}/crm/objects/2026-09/{object_name}", params=query, timeout=_TIMEOUT)
            answer.raise_for_status()
            page = answer.json()
            for row in page["results"]:
                yield row["id"], {name: row["properties"].get(name) for name in fields}
            after = page.get("paging", {}).get("next", {}).get("after")
            if not after:
                return

    def change(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        url = f"{self._root}/crm/objects/2026-09/{object_name}/{record_id}"
        self._http.patch(url, json={"properties": dict(values)}, timeout=_TIMEOUT).raise_for_status()


def outsiders(accounts: Mapping[str, Account]) -> dict[str, Crm]:
    """A view of each CRM by connection name."""
    return {"salesforce": Salesforce(accounts["salesforce"]), "hubspot": HubSpot(accounts["hubspot"])}


#: What the demo changes, as a user of each CRM would: field and new value.
CHANGES: dict[str, tuple[str, str, str]] = {
    "salesforce": ("Lead", "Title", "Chief Financial Officer"),
    "hubspot": ("contacts", "jobtitle", "VP Marketing"),
}


def change_some(crm: Crm, name: str, writable: Iterable[str], many: int) -> list[str]:
    """Promote a few people in a CRM; the ids of the changed records."""
    object_name, field, value = CHANGES[name]
    allowed = set(writable)
    chosen = []
    for record_id, values in crm.records(object_name, [field]):
        if record_id in allowed and values[field] not in (None, value):
            chosen.append(record_id)
        if len(chosen) == many:
            break
    for record_id in chosen:
        crm.change(object_name, record_id, {field: value})
    return chosen
