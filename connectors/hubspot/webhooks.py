"""HubSpot's webhooks: whether a delivery is HubSpot's (signature v3), and which records it names.

What an event says has changed is not believed: deliveries come twice, late and in any order. It only names records to be read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.hubspot.associations import COMPANIES, CONTACTS, DEALS
from connectors.hubspot.cursor import stamp
from connectors.records import Ref

SIGNATURE = "X-HubSpot-Signature-v3"
TIMESTAMP = "X-HubSpot-Request-Timestamp"
#: A delivery whose stamp is further away, in either direction, is refused: it may be an old one sent again.
TOLERANCE = timedelta(minutes=5)
#: HubSpot signs its address with these characters as they are, although they may be written as %XX.
_SIGNED_AS_THEY_ARE = re.compile(r"%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_OBJECTS = {
    "contact": CONTACTS, "company": COMPANIES, "deal": DEALS,
    "0-1": CONTACTS, "0-2": COMPANIES, "0-3": DEALS,
}  # fmt: skip


def is_signed(
    secret: str, *, method: str, uri: str, body: bytes, timestamp: str | None, signature: str | None, now: datetime
) -> bool:
    """Whether HubSpot signed this request with the app's secret, now.

    Args:
        secret: The app's client secret.
        method: As it came, for example POST.
        uri: The full address that HubSpot called, with its query.
        body: The body as it came, byte for byte.
        timestamp: The header X-HubSpot-Request-Timestamp.
        signature: The header X-HubSpot-Signature-v3.
        now: This moment.
    """
    if not timestamp or not signature or not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15:
        return False
    if abs((stamp(now) or 0) - int(timestamp)) > TOLERANCE / timedelta(milliseconds=1):
        return False
    address = _SIGNED_AS_THEY_ARE.sub(lambda found: chr(int(found[1], 16)), uri)
    text = method.upper().encode() + address.encode() + body + timestamp.encode()
    expected = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())
    return hmac.compare_digest(expected, signature.encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a delivery names."""

    #: Portal -> records, each once.
    records: Mapping[str, tuple[Ref, ...]]
    #: Events that name no record of ours.
    ignored: int


def named_records(body: bytes, *, written: Mapping[str, Iterable[str]]) -> Named:
    """The records that a delivery names.

    Args:
        body: A JSON array of events.
        written: Object -> properties that we write ourselves: their changes are no news.

    Raises:
        ValueError: The body is no list of events.
    """
    events = json.loads(body)
    if not isinstance(events, list):
        raise ValueError("a webhook delivery is a list of events")  # noqa: TRY004 - as if it were no JSON
    ours = {(name, field) for name, fields in written.items() for field in fields}
    found: dict[str, dict[Ref, None]] = {}
    ignored = 0
    for event in events:
        refs = _refs(event) if isinstance(event, dict) else []
        refs = [ref for ref in refs if (ref.object, event.get("propertyName")) not in ours]
        ignored += not refs
        if refs:
            found.setdefault(str(event.get("portalId")), {}).update(dict.fromkeys(refs))
    return Named(records={portal: tuple(refs) for portal, refs in found.items()}, ignored=ignored)


def _refs(event: Mapping[str, Any]) -> list[Ref]:
    subject, _, what = str(event.get("subscriptionType") or event.get("eventType") or "").partition(".")
    if what == "associationChange":
        source, _, target = str(event.get("associationType") or "").lower().partition("_to_")
        one, other = event.get("fromObjectId"), event.get("toObjectId")
        types = event.get("fromObjectTypeId"), event.get("toObjectTypeId")
        return _existing([(source, one), (target, other), (types[0], one), (types[1], other)])
    kind = event.get("objectTypeId") or subject
    merged = event.get("mergedObjectIds")
    ids = [event.get("objectId"), event.get("primaryObjectId"), event.get("newObjectId")]
    ids += merged if isinstance(merged, list) else []
    return _existing((kind, record_id) for record_id in ids)


def _existing(pairs: Iterable[tuple[Any, Any]]) -> list[Ref]:
    """Pairs of kind and id that can be records of ours."""
    return [
        Ref(object=_OBJECTS[kind], id=str(record_id))
        for kind, record_id in pairs
        if kind in _OBJECTS
        and isinstance(record_id, int | str)
        and str(record_id).isascii()
        and str(record_id).isdigit()
    ]
