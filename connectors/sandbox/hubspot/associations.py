"""`/crm/associations`: batch read of 1,000 with pages per record, create of 2,000, archive of 100. No record's stamp moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.clock import iso
from connectors.sandbox.hubspot.bodies import id_at, inputs_of, is_dated, list_of, rows, scalar, whole
from connectors.sandbox.hubspot.errors import invalid, not_found, row_error, unknown_path
from connectors.sandbox.hubspot.objects import number
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
        kinds = [whole(kind, "associationTypeId") for kind in rows(item, "types")]
        results.append(_labelled(org, source, source_id, target, target_id, kinds))
    return _answer(org, results, [], status=200 if is_dated(request) else 201)


def create_default(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:
    """Adds the plain edge."""
    pairs = [(id_at(item, "from"), id_at(item, "to")) for item in inputs_of(request, most=_CREATE)]
    return _answer(org, [row for pair in pairs for row in _plain(org, source, pair[0], target, pair[1])], [])


def archive_associations(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:
    """Removes all labels between records."""
    for item in inputs_of(request, most=_ARCHIVE):
        for to in rows(item, "to"):
            org.dissociate(source, id_at(item, "from"), target, scalar(to, "id"))
    return _answer(org, [], []) if is_dated(request) else WireResponse.empty()


def list_edges(org: Org, request: WireRequest, source: str, target: str, source_id: str) -> WireResponse:
    """The edges of one record, by pages; dated paths do not have it."""
    record = org.find(source, source_id)
    if is_dated(request):
        raise unknown_path()
    if record is None or record.deleted:
        raise not_found()
    limit, start = number(request, "limit", default=_PAGE, most=_PAGE), number(request, "after", default=0, most=10**9)
    held = [pair for pair in org.associations.of(source, record.id, target).items() if _alive(org, target, pair[0])]
    content: dict[str, Any] = {"results": [_edge(key, edges) for key, edges in held[start : start + limit]]}
    if start + limit < len(held):
        content["paging"] = {"next": {"after": str(start + limit)}}
    return WireResponse.of_json(content)


def put_default_edge(  # noqa: PLR0917 - the parts of the path
    org: Org,
    request: WireRequest,  # noqa: ARG001
    source: str,
    target: str,
    source_id: str,
    target_id: str,
) -> WireResponse:
    """Adds the plain edge between two records."""
    return _answer(org, _plain(org, source, source_id, target, target_id), [])


def put_edge(  # noqa: PLR0917 - the parts of the path
    org: Org, request: WireRequest, source: str, target: str, source_id: str, target_id: str
) -> WireResponse:
    """Adds labelled edges between two records; the body is a list of types."""
    kinds = [whole(kind, "associationTypeId") for kind in list_of(request)]
    return WireResponse.of_json(_labelled(org, source, source_id, target, target_id, kinds), status=201)


def archive_edge(  # noqa: PLR0917 - the parts of the path
    org: Org,
    request: WireRequest,  # noqa: ARG001
    source: str,
    target: str,
    source_id: str,
    target_id: str,
) -> WireResponse:
    """Removes all labels between two records."""
    org.dissociate(source, source_id, target, target_id)
    return WireResponse.empty()


def association_labels(org: Org, request: WireRequest, source: str, target: str) -> WireResponse:  # noqa: ARG001
    """The edge types between two objects."""
    rows = [
        {"category": category, "typeId": type_id, "label": _LABELS.get(type_id)}
        for category, type_id in EDGES.get((source, target), ())
    ]
    return WireResponse.of_json({"results": rows})


def _plain(org: Org, source: str, source_id: str, target: str, target_id: str) -> list[dict[str, Any]]:
    """Adds the plain edge; it is told in both directions."""
    edges = EDGES.get((source, target))
    if not edges:
        raise invalid(f"{source} cannot be associated with {target}.")
    _add(org, source, source_id, target, target_id, type_id=edges[0][1])
    ends = [((source, source_id), (target, target_id)), ((target, target_id), (source, source_id))]
    return [
        {
            "from": {"id": one[1]},
            "to": {"id": other[1]},
            "associationSpec": {"associationCategory": spec[0][0], "associationTypeId": spec[0][1]},
        }
        for one, other in ends
        if (spec := EDGES.get((one[0], other[0])))
    ]


def _labelled(  # noqa: PLR0917 - both ends and what joins them
    org: Org, source: str, source_id: str, target: str, target_id: str, kinds: Sequence[int]
) -> dict[str, Any]:
    for type_id in kinds:
        _add(org, source, source_id, target, target_id, type_id=type_id)
    return {
        "fromObjectTypeId": org.type(source).prefix,
        "fromObjectId": source_id,
        "toObjectTypeId": org.type(target).prefix,
        "toObjectId": target_id,
        "labels": [label for type_id in kinds if (label := _LABELS.get(type_id))],
    }


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
    return {"toObjectId": target_id, "associationTypes": kinds}


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
