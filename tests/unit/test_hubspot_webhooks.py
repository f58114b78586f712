"""Webhooks of HubSpot: signatures (version 3) and the records that deliveries name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hubspot.webhooks import Named, is_signed, named_records
from connectors.records import Ref

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "app-secret"
URI = "https://leadgrade.acme.example/hubspot?portal=eu1"


def stamp(moment):
    return str(round(moment.timestamp() * 1000))


def signature(text, secret=SECRET):
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def signed(*, uri=URI, body=b"[]", at=NOW, method="POST", said=None, secret=SECRET, now=NOW):
    said = signature(f"POST{URI}[]{stamp(at)}") if said is None else said
    return is_signed(secret, method=method, uri=uri, body=body, timestamp=stamp(at), signature=said, now=now)


def test_what_hubspot_signed_is_accepted():
    assert signed()


def test_the_formula_is_hubspots():
    # Made with openssl: printf 'POSThttps://a.example/x[]1700000000000' | openssl dgst -sha256 -hmac app-secret -binary | base64
    at = datetime.fromtimestamp(1_700_000_000, tz=UTC)
    said = "vHX8QEiiGi9S4TqknQRh6O1AnxfNJTUxc2sWtHRyXpA="
    assert is_signed(
        SECRET,
        method="post",
        uri="https://a.example/x",
        body=b"[]",
        timestamp="1700000000000",
        signature=said,
        now=at,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"uri": "https://leadgrade.acme.example/hubspot"},
        {"body": b"[1]"},
        {"method": "GET"},
        {"secret": "other"},
        {"said": "AAAA"},
        {"said": "ünknown"},
        {"said": ""},
    ],
)
def test_any_other_byte_is_refused(changes):
    assert not signed(**changes)


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-301, False), (-300, True), (0, True), (300, True), (301, False), (10**9, False)]
)
def test_the_stamp_must_be_near_in_both_directions(seconds, accepted):
    """The vendor's own check takes any stamp of the future."""
    assert signed(at=NOW, now=NOW + timedelta(seconds=seconds)) is accepted


@pytest.mark.parametrize("stamped", [None, "", "soon", "-5", "1e12", "١٧٠٠٠٠٠٠٠٠٠٠٠", "9" * 400])
def test_a_stamp_that_is_none_is_refused(stamped):
    said = signature(f"POST{URI}[]{stamped}")
    assert not is_signed(SECRET, method="POST", uri=URI, body=b"[]", timestamp=stamped, signature=said, now=NOW)


def test_a_missing_signature_is_refused():
    assert not is_signed(SECRET, method="POST", uri=URI, body=b"[]", timestamp=stamp(NOW), signature=None, now=NOW)


def test_the_address_is_signed_with_these_characters_decoded_and_no_others():
    """The vendor's library does not decode any."""
    written = "https://a.example/x%2Fy?e=ada%40acme.example&t=%3a%21%24%27%28%29%2A%2C%3B&space=%20&percent=%25&and=%26"
    meant = "https://a.example/x/y?e=ada@acme.example&t=:!$'()*,;&space=%20&percent=%25&and=%26"
    assert signed(uri=written, said=signature(f"POST{meant}[]{stamp(NOW)}"))
    assert not signed(uri=written, said=signature(f"POST{written}[]{stamp(NOW)}"))


@given(st.text(), st.binary(), st.text())
def test_whatever_comes_the_check_only_says_no(said, body, stamped):
    assert not is_signed(SECRET, method="POST", uri=URI, body=body, timestamp=stamped, signature=said, now=NOW)


# ---------------------------------------------------------------- which records


def named(*events, written=None):
    return named_records(json.dumps(events).encode(), written=written or {})


def contact(number):
    return Ref(object="contacts", id=str(number))


def event(kind, **more):
    return {"subscriptionType": kind, "portalId": 145, "eventId": 1, "occurredAt": 1} | more


@pytest.mark.parametrize(
    ("given_event", "refs"),
    [
        (event("contact.creation", objectId=7), [contact(7)]),
        (event("contact.deletion", objectId=7), [contact(7)]),
        (event("contact.privacyDeletion", objectId=7), [contact(7)]),
        (event("contact.propertyChange", objectId=7, propertyName="jobtitle"), [contact(7)]),
        (event("company.propertyChange", objectId=7), [Ref(object="companies", id="7")]),
        (event("deal.restore", objectId=7), [Ref(object="deals", id="7")]),
        (event("object.propertyChange", objectTypeId="0-1", objectId=7), [contact(7)]),
        (
            event("contact.merge", objectId=1, primaryObjectId=1, mergedObjectIds=[2, 3], newObjectId=4),
            [contact(1), contact(4), contact(2), contact(3)],
        ),
        (
            event("contact.associationChange", associationType="CONTACT_TO_COMPANY", fromObjectId=7, toObjectId=8),
            [contact(7), Ref(object="companies", id="8")],
        ),
        (
            event(
                "object.associationChange", fromObjectTypeId="0-3", toObjectTypeId="0-1", fromObjectId=7, toObjectId=8
            ),
            [Ref(object="deals", id="7"), contact(8)],
        ),
        (event("conversation.newMessage", objectId=7), []),
        (event("contact.creation"), []),
        (event("contact.creation", objectId="7; DROP"), []),
        ({}, []),
    ],
)
def test_an_event_names_its_records(given_event, refs):
    found = named(given_event)
    assert found == Named(records={"145": tuple(refs)} if refs else {}, ignored=not refs)


def test_our_own_writes_are_no_news():
    written = {"contacts": ["leadgrade_score"]}
    found = named(
        event("contact.propertyChange", objectId=7, propertyName="leadgrade_score"),
        event("contact.propertyChange", objectId=8, propertyName="jobtitle"),
        written=written,
    )
    assert found == Named(records={"145": (contact(8),)}, ignored=1)


def test_records_are_named_once_and_by_portal():
    found = named(
        *[event("contact.propertyChange", objectId=7, attemptNumber=number) for number in range(3)],
        event("contact.creation", objectId=7) | {"portalId": 146},
    )
    assert found == Named(records={"145": (contact(7),), "146": (contact(7),)}, ignored=0)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"\xff", b"[", b'"text"'])
def test_what_is_no_list_is_refused(body):
    with pytest.raises(ValueError):
        named_records(body, written={})


@pytest.mark.parametrize("body", [b'[1, null, [], "x"]'])
def test_what_is_no_event_is_ignored(body):
    assert named_records(body, written={}) == Named(records={}, ignored=4)
