"""`/crm/objects/{type}/search`: operators, one sort, 200 a page, 10,000 in all; trails behind writes by `org.search_lag`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.sandbox.clock import Stamp, stamp_of
from connectors.sandbox.hubspot.bodies import body_of, rows, scalar, texts
from connectors.sandbox.hubspot.errors import invalid
from connectors.sandbox.hubspot.rendering import all_values, modified_name, rendered
from connectors.sandbox.ids import id_order
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.schema import Field
from connectors.sandbox.wire import WireRequest, WireResponse

_PAGE = 200
_CAP = 10_000
_BODY = 3_000
_GROUPS, _PER_GROUP, _FILTERS = 5, 6, 18
_LISTS = frozenset({"IN", "NOT_IN"})
_BARE = frozenset({"HAS_PROPERTY", "NOT_HAS_PROPERTY"})
_OPERATORS = _LISTS | _BARE | {
    "LT", "LTE", "GT", "GTE", "EQ", "NEQ", "BETWEEN", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
}  # fmt: skip

Filter = Mapping[str, Any]


def search_objects(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """One page of what the search index holds; archived records are not in it."""
    content = body_of(request)
    groups = _groups(org, object_name, content)
    limit = content.get("limit", 10)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= _PAGE:
        raise invalid(f"limit must be between 0 and {_PAGE}, was {limit}.")
    start = _start(content.get("after"))
    if start + limit > _CAP:
        raise invalid(f"Paging through results greater than {_CAP} is not supported.")
    properties = texts(content, "properties")
    held = _matching(org, object_name, groups)
    query = str(content.get("query") or "").lower()
    if query:
        held = [item for item in held if any(query in str(value).lower() for value in item[1].values())]
    _sort(org, object_name, content.get("sorts") or [], held)
    page = [
        rendered(
            org,
            object_name,
            record,
            properties=properties,
            values=values,
            modified=modified,
        )
        for record, values, modified in held[start : start + limit]
    ]
    answer: dict[str, Any] = {"total": len(held), "results": page}
    if start + limit < len(held) and limit:
        answer["paging"] = {"next": {"after": str(start + limit)}}
    return WireResponse.of_json(answer)


def _groups(org: Org, object_name: str, content: Mapping[str, Any]) -> list[list[Filter]]:
    # NOTE: whether the limit counts `properties` is not known; here it does not, as the tools in use suggest.
    body = {key: value for key, value in content.items() if key != "properties"}
    if len(json.dumps(body)) > _BODY:
        raise invalid(f"The request body must not be longer than {_BODY} characters.")
    groups: list[list[Filter]] = [list(rows(group, "filters")) for group in rows(content, "filterGroups")]
    if content.get("filters"):
        groups.append(list(rows(content, "filters")))
    too_many = len(groups) > _GROUPS or sum(map(len, groups)) > _FILTERS
    if too_many or any(len(group) > _PER_GROUP for group in groups):
        raise invalid(f"At most {_GROUPS} filterGroups of {_PER_GROUP} filters, {_FILTERS} filters in all.")
    fields = org.type(object_name).fields
    for item in (item for group in groups for item in group):
        if str(item.get("operator")) not in _OPERATORS:
            raise invalid(f"Enum type must be one of: {', '.join(sorted(_OPERATORS))}")
        name = scalar(item, "propertyName")
        if name not in fields or not fields[name].visible:
            raise invalid(
                f"There was a problem with the request: property {name} does not exist", code="PROPERTY_DOESNT_EXIST"
            )
    return groups


def _start(after: Any) -> int:
    if after in (None, ""):
        return 0
    if not str(after).isdigit():
        raise invalid("after must be an integer string.")
    return int(after)


Held = tuple[Record, dict[str, Any], Stamp]


def _matching(org: Org, object_name: str, groups: Sequence[Sequence[Filter]]) -> list[Held]:
    fields = org.type(object_name).fields
    tests = [[_test(fields[item["propertyName"]], item) for item in group] for group in groups]
    found: list[Held] = []
    for record in _candidates(org, object_name, groups):
        indexed = org.searchable(record)
        if record.deleted or indexed is None:
            continue
        values = all_values(org, object_name, record, values=indexed[0], modified=indexed[1])
        if not tests or any(all(test(values) for test in group) for group in tests):
            found.append((record, values, indexed[1]))
    return found


def _candidates(org: Org, object_name: str, groups: Sequence[Sequence[Filter]]) -> Sequence[Record]:
    """Records that may match: with a bound on the modified date the change index saves a scan (the lag only lowers stamps)."""
    bounds = []
    for group in groups:
        found = [
            stamp
            for item in group
            if item["propertyName"] == modified_name(object_name) and item["operator"] in ("GTE", "GT")
            if (stamp := stamp_in(item.get("value"))) is not None
        ]
        bounds.append(max(found, default=None))
    if bounds and all(bound is not None for bound in bounds):
        return org.changed_since(object_name, min(bound for bound in bounds if bound is not None))
    return list(org.scan(object_name))


def _test(field: Field, item: Filter) -> Callable[[Mapping[str, Any]], bool]:
    name, operator = field.name, item["operator"]
    if operator == "HAS_PROPERTY":
        return lambda values: values.get(name) is not None
    if operator == "NOT_HAS_PROPERTY":
        return lambda values: values.get(name) is None
    if operator in _LISTS:
        if not isinstance(item.get("values"), list):
            raise invalid(f"operator {operator} requires values")
        chosen = {_comparable(field, value) for value in item["values"]}
        wanted = operator == "IN"
        return lambda values: values.get(name) is not None and (_comparable(field, values[name]) in chosen) is wanted
    if item.get("value") is None:
        raise invalid(f"operator {operator} requires a value")
    if operator.endswith("CONTAINS_TOKEN"):
        token = str(item["value"]).strip("*").lower()
        wanted = operator == "CONTAINS_TOKEN"
        return lambda values: (token in str(values.get(name) or "").lower()) is wanted
    low = _comparable(field, item["value"])
    if operator == "BETWEEN":
        high = _comparable(field, item.get("highValue"))
        return lambda values: _between(_comparable(field, values.get(name)), low, high)
    return lambda values: _compared(operator, _comparable(field, values.get(name)), low)


def _between(value: Any, low: Any, high: Any) -> bool:
    return value is not None and type(value) is type(low) is type(high) and bool(low <= value <= high)


def _compared(operator: str, value: Any, bound: Any) -> bool:
    if value is None:
        return operator == "NEQ"
    if operator in ("EQ", "NEQ"):
        return (value == bound) is (operator == "EQ")
    if type(value) is not type(bound):
        return False
    return bool({"LT": value < bound, "LTE": value <= bound, "GT": value > bound, "GTE": value >= bound}[operator])


def _comparable(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == "number":
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return str(value)
    if field.type in ("date", "datetime"):
        stamp = stamp_in(value)
        return str(value) if stamp is None else stamp
    return str(value).lower()


def stamp_in(value: Any) -> Stamp | None:
    """The stamp of a date as filters and properties write it: milliseconds or ISO 8601."""
    text = str(value)
    if text.lstrip("-").isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _sort(org: Org, object_name: str, sorts: Any, held: list[Held]) -> None:
    if not isinstance(sorts, list) or not all(isinstance(item, str | dict) for item in sorts):
        raise invalid("Invalid input JSON")
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed.")
    name, descending = "", False
    if sorts and isinstance(sorts[0], str):
        descending = sorts[0].startswith("-")
        name = sorts[0].lstrip("-")
    elif sorts:
        name = str(sorts[0].get("propertyName"))
        descending = sorts[0].get("direction") == "DESCENDING"
    held.sort(key=lambda item: id_order(item[0].id))
    if not name:
        held.sort(key=lambda item: item[0].created_at)
        return
    field = org.type(object_name).fields.get(name)
    if field is None:
        raise invalid(f"Unable to sort by {name}: it does not exist.")
    held.sort(key=lambda item: _sort_key(_comparable(field, item[1].get(name))), reverse=descending)


def _sort_key(value: Any) -> tuple[int, Any, str]:
    if value is None:
        return (2, 0, "")
    return (1, 0, value) if isinstance(value, str) else (0, value, "")
