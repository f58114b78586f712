"""`/crm/objects`: list, get, create, update, archive, merge, privacy deletion."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.associations import EdgeType
from connectors.sandbox.hubspot.bodies import body_of, id_at, mapping, rows, scalar, whole
from connectors.sandbox.hubspot.errors import Refusal, invalid, not_found
from connectors.sandbox.hubspot.rendering import rendered, singular
from connectors.sandbox.hubspot.values import checked
from connectors.sandbox.objects_hubspot import EDGES
from connectors.sandbox.org import Org
from connectors.sandbox.records import Record
from connectors.sandbox.wire import WireRequest, WireResponse

_LONGEST_QUERY = 16_000


def names(request: WireRequest, parameter: str) -> list[str]:
    """A list parameter: repeated, or with commas."""
    return [name for value in request.params(parameter) for name in value.split(",") if name]


def flag(request: WireRequest, parameter: str) -> bool:
    """A boolean parameter; the Python client writes `True`."""
    return (request.param(parameter) or "false").lower() == "true"


def number(request: WireRequest, parameter: str, *, default: int, most: int) -> int:
    """A limit.

    Raises:
        Refusal: 400 outside 1..most.
    """
    text = request.param(parameter)
    if text is None:
        return default
    if not text.isdigit() or not 0 < int(text) <= most:
        raise invalid(f"{parameter} must be between 1 and {most}, was {text}.")
    return int(text)


def list_objects(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """A page in the order of ids; `after` is the id of the next record."""
    if sum(len(name) + len(value) + 2 for name, value in request.query) > _LONGEST_QUERY:
        raise Refusal(414, "URI Too Long")
    history = names(request, "propertiesWithHistory")
    limit = number(request, "limit", default=10, most=50 if history else 100)
    after = request.param("after")
    if after is not None and not after.isdigit():
        raise invalid("The after parameter must be a paging token.")
    beyond = str(int(after) - 1) if after else None
    page: list[dict[str, Any]] = []
    following = None
    for record in org.scan(object_name, after=beyond, deleted=flag(request, "archived")):
        if len(page) == limit:
            following = record.id
            break
        page.append(_shown(org, request, object_name, record, history))
    content: dict[str, Any] = {"results": page}
    if following is not None:
        content["paging"] = {"next": {"after": following, "link": _link(request, following)}}
    return WireResponse.of_json(content)


def get_object(org: Org, request: WireRequest, object_name: str, record_id: str) -> WireResponse:
    """One record; an id that was merged away gives its successor."""
    record = _found(org, request, object_name, record_id)
    if record.deleted is not flag(request, "archived"):
        raise not_found()
    return WireResponse.of_json(_shown(org, request, object_name, record, names(request, "propertiesWithHistory")))


def create_object(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """201 with the new record."""
    record = created(org, object_name, body_of(request))
    return WireResponse.of_json(rendered(org, object_name, record, properties=list(record.values)), status=201)


def created(org: Org, object_name: str, content: dict[str, Any]) -> Record:
    """A new record from `{properties, associations}`."""
    values = checked(org, object_name, mapping(content, "properties"))
    if object_name == "contacts" and values.get("email"):
        held = [record for record in org.where("contacts", "email", values["email"]) if not record.deleted]
        if held:
            raise Refusal(409, f"Contact already exists. Existing ID: {held[0].id}", category="CONFLICT")
    links = [link for item in rows(content, "associations") for link in _links(org, object_name, item)]
    record = org.create(object_name, values)
    for target, target_id, edge, back in links:
        org.associate(object_name, record.id, target, target_id, edge=edge, back=back)
    return record


def _links(org: Org, source: str, item: dict[str, Any]) -> list[tuple[str, str, EdgeType, EdgeType | None]]:
    found = []
    for kind in rows(item, "types"):
        edge = ("HUBSPOT_DEFINED", whole(kind, "associationTypeId"))
        target = next((to for (held, to), edges in EDGES.items() if held == source and edge in edges), None)
        if target is None:
            raise invalid(f"{edge[1]} is not a type of association from {source}.")
        record = org.find(target, id_at(item, "to"))
        if record is None or record.deleted:
            raise invalid("One or more associations are not valid.")
        back = EDGES.get((target, source))
        found.append((target, record.id, edge, back[0] if back else None))
    return found


def update_object(org: Org, request: WireRequest, object_name: str, record_id: str) -> WireResponse:
    """200 with the record as it is now."""
    record = _found(org, request, object_name, record_id)
    if record.deleted:
        raise not_found()
    given = mapping(body_of(request), "properties")
    values = checked(org, object_name, given, record)
    record = org.update(object_name, record.id, values)
    return WireResponse.of_json(rendered(org, object_name, record, properties=list(given)))


def archive_object(org: Org, request: WireRequest, object_name: str, record_id: str) -> WireResponse:  # noqa: ARG001
    """204, whether it was there or not."""
    record = org.find(object_name, record_id, follow=False)
    if record is not None and not record.deleted:
        org.delete(object_name, record.id)
    return WireResponse.empty()


def merge_objects(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """Both records vanish into a new one with a new id."""
    content = body_of(request)
    ids = [scalar(content, key) for key in ("primaryObjectId", "objectIdToMerge")]
    records = [org.find(object_name, record_id) for record_id in ids]
    winner, loser = records
    if winner is None or loser is None or winner.deleted or loser.deleted:
        raise not_found()
    if winner.id == loser.id:
        raise invalid(f"Cannot merge {singular(object_name)} {winner.id} with itself.")
    survivor = org.merge(object_name, winner.id, [loser.id])
    return WireResponse.of_json(rendered(org, object_name, survivor))


def gdpr_delete(org: Org, request: WireRequest, object_name: str) -> WireResponse:
    """204; the record is gone at once and never appears among the archived."""
    if object_name != "contacts":
        raise Refusal(404, "resource not found")
    content = body_of(request)
    key = scalar(content, "objectId")
    if content.get("idProperty") == "email":
        found = org.where("contacts", "email", key)
    else:
        record = org.find("contacts", key)
        found = [record] if record is not None else []
    for record in found:
        org.purge("contacts", record.id)
    return WireResponse.empty()


def _found(org: Org, request: WireRequest, object_name: str, record_id: str) -> Record:
    by = request.param("idProperty")
    if by:
        found = [record for record in org.where(object_name, by, record_id) if not record.deleted]
        if not found:
            raise not_found()
        return found[0]
    record = org.find(object_name, record_id)
    if record is None:
        raise not_found()
    return record


def _shown(org: Org, request: WireRequest, object_name: str, record: Record, history: list[str]) -> dict[str, Any]:
    content = rendered(org, object_name, record, properties=names(request, "properties"), history=history)
    linked: dict[str, Any] = {}
    for target in names(request, "associations"):
        edges = org.associations.of(object_name, record.id, target)
        if edges:
            kind = f"{singular(object_name)}_to_{singular(target)}"
            linked[target] = {"results": [{"id": target_id, "type": kind} for target_id in edges]}
    if linked:
        content["associations"] = linked
    return content


def _link(request: WireRequest, after: str) -> str:
    kept = [f"{name}={value}" for name, value in request.query if name != "after"]
    return f"{request.base_url}{request.path}?{'&'.join([*kept, f'after={after}'])}"
