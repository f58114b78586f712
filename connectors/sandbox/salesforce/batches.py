"""Several things in one call: sObject Collections and Composite."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.sandbox.salesforce.errors import Refusal, not_emulated
from connectors.sandbox.salesforce.options import WriteOptions
from connectors.sandbox.salesforce.saving import Saving
from connectors.sandbox.wire import Headers, WireRequest, WireResponse

_MAX_ROWS = 200
_MAX_CHUNKS = 10
_MAX_RETRIEVED = 2000
_MAX_PARTS = 25
_MAX_QUERIES = 5
_QUERIES = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)\b")


def save_collection(
    saving: Saving, body: Any, *, create: bool, options: WriteOptions, upsert: tuple[str, str] | None = None
) -> list[dict[str, Any]]:
    """POST or PATCH /composite/sobjects: one result per record, in their order; `upsert` is an object and its key field."""
    rows = _rows(body)
    if isinstance(body, Mapping) and body.get("allOrNone") is True:
        raise not_emulated("allOrNone=true in collections")
    results = []
    for row in rows:
        name = row["attributes"]["type"]
        values = {field: value for field, value in row.items() if field != "attributes" and field.casefold() != "id"}
        record_id = next((value for field, value in row.items() if field.casefold() == "id"), None)
        created: dict[str, bool] = {}
        try:
            if upsert is not None:
                record_id, created["created"] = _upserted(saving, upsert, name, values, options=options)
            elif create:
                record_id = saving.create(name, values, options=options)
            else:
                saving.update(name, record_id, values, options=options)
        except Refusal as refusal:
            failed: dict[str, Any] = {"success": False, "errors": [refusal.row()]}
            results.append({"id": record_id, **failed} if record_id and not create else failed)
        else:
            results.append({"id": record_id, "success": True, "errors": [], **created})
    return results


def _upserted(
    saving: Saving, upsert: tuple[str, str], name: str, values: Mapping[str, Any], *, options: WriteOptions
) -> tuple[str, bool]:
    object_name, key = upsert
    if name.casefold() != object_name.casefold():
        raise Refusal(400, "INVALID_INPUT", f"all records must be of the type {object_name}")
    value = next((item for field, item in values.items() if field.casefold() == key.casefold()), None)
    if value is None:
        raise Refusal(400, "MISSING_ARGUMENT", f"{key} not specified")
    return saving.upsert(name, key, str(value), values, options=options)


def wanted_rows(request: WireRequest) -> tuple[list[str], list[str]]:
    """(ids, fields) of GET /composite/sobjects/X?ids=...&fields=..., or of the same as a POST with a body.

    Raises:
        Refusal: One of them is missing.
    """
    if request.method == "GET":
        lists = [(request.param(name) or "").split(",") for name in ("ids", "fields")]
    else:
        body = _json(request)
        lists = [list(body.get(name) or []) if isinstance(body, Mapping) else [] for name in ("ids", "fields")]
    ids, fields = ([str(item).strip() for item in items if str(item).strip()] for items in lists)
    if not ids or not fields:
        raise Refusal(400, "MISSING_ARGUMENT", "ids and fields must be given")
    if len(ids) > _MAX_RETRIEVED:
        raise Refusal(400, "EXCEEDED_ID_LIMIT", f"at most {_MAX_RETRIEVED} ids are allowed")
    return ids, fields


def delete_collection(saving: Saving, ids: str | None) -> list[dict[str, Any]]:
    """DELETE /composite/sobjects?ids=..."""
    wanted = [item for item in (ids or "").split(",") if item]
    if not wanted or len(wanted) > _MAX_ROWS:
        raise Refusal(400, "EXCEEDED_ID_LIMIT", f"between 1 and {_MAX_ROWS} ids are allowed")
    results: list[dict[str, Any]] = []
    for record_id in wanted:
        try:
            saving.delete(saving.columns.object_of_id(record_id) or "", record_id)
        except Refusal as refusal:
            results.append({"id": record_id, "success": False, "errors": [refusal.row()]})
        else:
            results.append({"id": record_id, "success": True, "errors": []})
    return results


def composite(request: WireRequest, answer: Callable[[WireRequest], WireResponse]) -> dict[str, Any]:
    """POST /composite: up to 25 subrequests in one call, at most five of them queries or collections."""
    body = _json(request)
    parts = body.get("compositeRequest") if isinstance(body, Mapping) else None
    if not isinstance(parts, list) or not parts or not all(isinstance(part, Mapping) for part in parts):
        raise Refusal(400, "JSON_PARSER_ERROR", "compositeRequest must be a list of subrequests")
    if len(parts) > _MAX_PARTS:
        raise Refusal(400, "INVALID_INPUT", f"Composite requests may hold at most {_MAX_PARTS} subrequests")
    if sum(1 for part in parts if _QUERIES.match(str(part.get("url")))) > _MAX_QUERIES:
        raise Refusal(
            400, "INVALID_INPUT", f"Composite requests may hold at most {_MAX_QUERIES} queries or collections"
        )
    if body.get("allOrNone") is True:
        raise not_emulated("allOrNone=true in composite requests")
    references = [part.get("referenceId") for part in parts]
    if not all(isinstance(name, str) for name in references) or len(set(references)) != len(references):
        raise Refusal(400, "INVALID_INPUT", "every subrequest needs a referenceId of its own")
    return {"compositeResponse": [_part(request, part, answer) for part in parts]}


def _part(
    request: WireRequest, part: Mapping[str, Any], answer: Callable[[WireRequest], WireResponse]
) -> dict[str, Any]:
    url = str(part.get("url"))
    if "@{" in url or "@{" in str(part.get("body")):
        raise not_emulated("references between subrequests")
    split = urlsplit(url)
    inner = WireRequest(
        method=str(part.get("method", "")).upper(),
        path=unquote(split.path),
        query=parse_qsl(split.query, keep_blank_values=True),
        headers=Headers({**request.headers, **(part.get("httpHeaders") or {})}),
        body=_dumped(part.get("body")),
        base_url=request.base_url,
    )
    response = answer(inner)
    return {
        "body": response.json() if response.body else None,
        "httpHeaders": {},
        "httpStatusCode": response.status,
        "referenceId": part["referenceId"],
    }


def _rows(body: Any) -> list[dict[str, Any]]:
    rows = body.get("records") if isinstance(body, Mapping) else None
    if not isinstance(rows, list) or not rows:
        raise Refusal(400, "JSON_PARSER_ERROR", "records must be a list of sObjects")
    if len(rows) > _MAX_ROWS:
        raise Refusal(
            400,
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {_MAX_ROWS} records into this call",
        )
    for row in rows:
        attributes = row.get("attributes") if isinstance(row, dict) else None
        if not isinstance(attributes, Mapping) or not isinstance(attributes.get("type"), str):
            raise Refusal(400, "INVALID_INPUT", "Include a type for each sObject in the attributes of the record")
    if sum(1 for _ in groupby(row["attributes"]["type"] for row in rows)) > _MAX_CHUNKS:
        raise Refusal(400, "TOO_MANY_CHUNKS", f"Cannot have more than {_MAX_CHUNKS} chunks in a single operation")
    return rows


def _json(request: WireRequest) -> Any:
    try:
        return request.json()
    except ValueError as error:
        raise Refusal(400, "JSON_PARSER_ERROR", "The HTTP entity body is not JSON") from error


def _dumped(body: Any) -> bytes:
    return b"" if body is None else WireResponse.of_json(body).body
