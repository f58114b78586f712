"""`/crm/associations`: batch read of 1,000 with pages per record, create of 2,000, archive of 100. No record's stamp moves."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.clock import iso
from connectors.sandbox.hubspot.bodies import id_at, inputs_of, rows, scalar, whole
from connectors.sandbox.hubspot.errors import invalid, row_error
from connectors.sandbox.hubspot.rendering import singular
from connectors.sandbox.objects_hubspot import EDGES
from connectors.sandbox.org import Org
from connectors.sandbox.wire import WireRequest, WireResponse

_READ, _CREATE, _ARCHIVE = 1_000, 2_000, 100
_PAGE = 500
_LABELS = {1: "Primary", 2: "Primary", 5: "Primary", 6: "Primary"}


def read_associations(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:
    """Edges of each record; a record without any is told among the errors, as HubSpot does."""
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    size = int(org.settings.get("association_page", _PAGE))
    for item in inputs_of(request, most=_READ):
        record_id = scalar(item, "id")
        record = org.find(source, record_id)
        held = list(org.associations.of(source, record.id if record else record_id, target).items())
        held = [(key, edges) for key, edges in held if _alive(org, target, key)]
        if record is None or record.deleted or not held:
            errors.append(_nothing(source, target, record_id))
            continue
        start = whole(item, "after") if item.get("after") else 0
        page = held[start : start + size]
        row: dict[str, Any] = {"from": {"id": record.id}, "to": [_edge(key, edges) for key, edges in page]}
        if start + size < len(held):
            row["paging"] = {"next": {"after": str(start + size), "link": "should be ignored"}}
        results.append(row)
    return _answer(org, results, errors)


def create_associations(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:
    """Adds labelled edges in both directions."""
    results = []
    for item in inputs_of(request, most=_CREATE):
        source_id, target_id = id_at(item, "from"), id_at(item, "to")
        for kind in rows(item, "types"):
            _add(org, source, source_id, target, target_id, type_id=whole(kind, "associationTypeId"))
        results.append({"fromObjectTypeId": source, "fromObjectId": source_id, "toObjectId": target_id, "labels": []})
    return _answer(org, results, [], status=201)


def create_default(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:
    """Adds the plain edge."""
    edges = EDGES.get((source, target))
    if not edges:
        raise invalid(f"{source} cannot be associated with {target}.")
    results = []
    for item in inputs_of(request, most=_CREATE):
        source_id, target_id = id_at(item, "from"), id_at(item, "to")
        _add(org, source, source_id, target, target_id, type_id=edges[0][1])
        results.append({"from": {"id": source_id}, "to": {"id": target_id}})
    return _answer(org, results, [])


def archive_associations(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:
    """Removes all labels between records."""
    for item in inputs_of(request, most=_ARCHIVE):
        for to in rows(item, "to"):
            org.dissociate(source, id_at(item, "from"), target, scalar(to, "id"))
    return WireResponse.empty()


def association_labels(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:  # noqa: ARG001
    """The edge types between two objects."""
    rows = [
        {"category": category, "typeId": type_id, "label": _LABELS.get(type_id)}
        for category, type_id in EDGES.get((source, target), ())
    ]
    return WireResponse.of_json({"results": rows})


def _add(org: Org, source: str, source_id: str, target: str, target_id: str, *, type_id: int) -> None:
    edges = EDGES.get((source, target), ())
    if ("HUBSPOT_DEFINED", type_id) not in edges:
        raise invalid(f"{type_id} is not a type of association from {source} to {target}.")
    if not _alive(org, source, source_id) or not _alive(org, target, target_id):
        raise invalid("One or more objects do not exist.")
    back = EDGES.get((target, source), ())
    place = edges.index(("HUBSPOT_DEFINED", type_id))
    org.associate(
        source,
        source_id,
        target,
        target_id,
        edge=("HUBSPOT_DEFINED", type_id),
        back=back[min(place, len(back) - 1)] if back else None,
    )


def _edge(target_id: str, edges: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    kinds = [{"category": category, "typeId": type_id, "label": _LABELS.get(type_id)} for category, type_id in edges]
    return {"toObjectId": int(target_id), "associationTypes": kinds}


def _alive(org: Org, object_name: str, record_id: str) -> bool:
    record = org.find(object_name, record_id)
    return record is not None and not record.deleted


def _nothing(source: str, target: str, record_id: str) -> dict[str, Any]:
    message = f"No {singular(target)} is associated with {singular(source)} {record_id}."
    return row_error(
        "OBJECT_NOT_FOUND",
        message,
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        fromObjectId=[record_id],
        fromObjectType=[source],
        toObjectType=[target],
    )


def _answer(
    org: Org, results: list[dict[str, Any]], errors: list[dict[str, Any]], *, status: int = 200
) -> WireResponse:
    now = iso(org.clock.now())
    content: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        content |= {"numErrors": len(errors), "errors": errors}
        status = 207
    return WireResponse.of_json(content, status=status)
