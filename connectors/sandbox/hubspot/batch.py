"""`/crm/objects/{type}/batch/*`: 100 inputs; unique ids; 207 with one error per record, 400 for the whole when values are bad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.clock import iso
from connectors.sandbox.hubspot.bodies import body_of, inputs_of, mapping, scalar, texts
from connectors.sandbox.hubspot.errors import Refusal, invalid, row_error
from connectors.sandbox.hubspot.objects import created, flag
from connectors.sandbox.hubspot.rendering import rendered, singular
from connectors.sandbox.hubspot.values import checked
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.wire import WireRequest, WireResponse

_INPUTS = 100
_HISTORY_INPUTS = 50


def batch_read(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """Named records, with `archived=true` only those in the bin; merged ids give their successors, others an error."""
    content = body_of(request)
    history = texts(content, "propertiesWithHistory")
    properties = texts(content, "properties")
    inputs = inputs_of(request, most=_HISTORY_INPUTS if history else _INPUTS)
    archived = flag(request, "archived")
    by = scalar(content, "idProperty") if content.get("idProperty") else None
    results: list[dict[str, Any]] = []
    missing: list[str] = []
    for item in inputs:
        key = scalar(item, "id")
        found = _by_property(org, object_name, by, key) if by else org.find(object_name, key)
        if found is None or found.deleted is not archived:
            missing.append(key)
        else:
            results.append(rendered(org, object_name, found, properties=properties, history=history))
    return batch_answer(org, results, _missing(object_name, missing, "get"))


def batch_update(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """Writes all, or tells per record; a bad value refuses the whole batch unless every input has a trace id."""
    inputs = inputs_of(request, most=_INPUTS)
    ids = [scalar(item, "id") for item in inputs]
    doubles = sorted({key for key in ids if ids.count(key) > 1})
    if doubles:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(doubles)}]. IDs must be unique")
    traced = all(item.get("objectWriteTraceId") for item in inputs)
    ready: list[tuple[Record, dict[str, Any], list[str]]] = []
    missing: list[str] = []
    errors: list[dict[str, Any]] = []
    for key, item in zip(ids, inputs, strict=True):
        record = org.find(object_name, key)
        if record is None or record.deleted:
            missing.append(key)
            continue
        given = mapping(item, "properties")
        try:
            ready.append((record, checked(org, object_name, given, record), list(given)))
        except Refusal as refusal:
            if not traced:
                raise
            trace = str(item["objectWriteTraceId"])
            told = row_error(refusal.category or "", refusal.message, objectWriteTraceId=[trace], ids=[key])
            errors.append({**told, "errors": refusal.errors})
    results = []
    for record, values, names in ready:
        written = org.update(object_name, record.id, values)
        results.append(rendered(org, object_name, written, properties=names))
    return batch_answer(org, results, [*errors, *_missing(object_name, missing, "update")])


def batch_create(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """201; with trace ids refusals are told per input."""
    inputs = inputs_of(request, most=_INPUTS)
    traces = [str(item.get("objectWriteTraceId") or "") for item in inputs]
    traced = all(traces) and len(set(traces)) == len(traces)
    results, errors = [], []
    for item in inputs:
        try:
            record = created(org, object_name, item)
        except Refusal as refusal:
            if not traced:
                raise
            trace = str(item["objectWriteTraceId"])
            errors.append(row_error(refusal.category or "", refusal.message, objectWriteTraceId=[trace]))
        else:
            results.append(rendered(org, object_name, record, properties=list(record.values)))
    return batch_answer(org, results, errors, status=201)


def batch_upsert(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """Updates what the id or a unique property finds, creates the rest; `new` tells which."""
    inputs = inputs_of(request, most=_INPUTS)
    keys = [(scalar(item, "idProperty") if item.get("idProperty") else None, scalar(item, "id")) for item in inputs]
    if doubles := sorted({key for by, key in keys if keys.count((by, key)) > 1}):
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(doubles)}]. IDs must be unique")
    results, missing = [], []
    for (by, key), item in zip(keys, inputs, strict=True):
        record = org.find(object_name, key) if by is None else _by_property(org, object_name, by, key)
        given = mapping(item, "properties")
        if by is None and (record is None or record.deleted):
            missing.append(key)
            continue
        if record is None:
            written = created(org, object_name, {"properties": {**given, str(by): key}})
        else:
            written = org.update(object_name, record.id, checked(org, object_name, given, record))
        results.append({**rendered(org, object_name, written, properties=list(given)), "new": record is None})
    return batch_answer(org, results, _missing(object_name, missing, "update"))


def batch_archive(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """204, whether they were there or not."""
    for item in inputs_of(request, most=_INPUTS):
        record = org.find(object_name, scalar(item, "id"), follow=False)
        if record is not None and not record.deleted:
            org.delete(object_name, record.id)
    return WireResponse.empty()


def _by_property(org: Org, object_name: str, name: str, value: str) -> Record | None:
    found = [record for record in org.where(object_name, name, value) if not record.deleted]
    return found[0] if found else None


def _missing(object_name: str, ids: Sequence[str], verb: str) -> list[dict[str, Any]]:
    if not ids:
        return []
    kind = singular(object_name).upper()
    message = f"Could not {verb} some {kind} objects, they may be deleted or not exist. Check that ids are valid."
    return [row_error("OBJECT_NOT_FOUND", message, ids=ids)]


def batch_answer(
    org: Org, results: list[dict[str, Any]], errors: list[dict[str, Any]], *, status: int = 200
) -> WireResponse:
    now = iso(org.clock.now())
    content: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        content |= {"numErrors": len(errors), "errors": errors}
        status = 207
    return WireResponse.of_json(content, status=status)
