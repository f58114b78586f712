"""Near-real-time: signed deliveries queue the records that they name; what they say is never believed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
from random import Random

import pytest

from config.errors import SettingsError
from connectors.sandbox.server import SandboxServer
from sync.jobs.progress import Silent
from sync.jobs.runner import Runner
from sync.jobs.webhooks import LARGEST_BODY, WebhookServer, start_webhooks, webhook_app
from sync.store.run_rows import RunKind, RunStatus
from sync.store.tables import activity, contact
from tests.worlds import World

SECRET = "app-secret"
URL = "https://leadgrade.acme.example/hubspot"
ON = {"webhook_secret": SECRET, "webhook_url": URL}


@pytest.fixture(scope="module")
def server():
    with SandboxServer() as running:
        yield running


@pytest.fixture
def world(tmp_path, server):
    settings = {"webhooks": "{port: 0}"}
    more = {"hubspot": ON}
    with World.opened(tmp_path, crms=["hubspot"], settings=settings, fields=False, server=server, more=more) as world:
        yield world


def ask(world, body, *, method="POST", path="/hubspot", chunks=1, **headers):
    """One request to the application, without a socket: (status, body)."""
    pieces = [body[place::chunks] for place in range(chunks)] if chunks > 1 else [body]
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent = []

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("127.0.0.1", 8425),
        "headers": [(name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(webhook_app(world.app)(scope, receive, send))
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


def signed(world, body, *, secret=SECRET, url=URL):
    stamp = str(round(world.clock.now().timestamp() * 1000))
    text = b"POST" + url.encode() + body + stamp.encode()
    said = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    return {"X_HubSpot_Signature_v3": said, "X_HubSpot_Request_Timestamp": stamp}


def deliver(world, *events):
    body = json.dumps(events).encode()
    return ask(world, body, **signed(world, body))


def event(world, kind, number, **more):
    return {"subscriptionType": kind, "objectId": int(number), "portalId": int(world.hubspot.id), **more}


def waiting(world):
    """Records of runs that wait."""
    with world.app.store.read() as unit:
        return [run.options.get("records") for run in unit.runs.open() if run.kind is RunKind.RECORD]


def work(world):
    """What the daemon does with runs that wait; their reports."""
    with world.app.store.read() as unit:
        numbers = [run.run_no for run in unit.runs.open() if run.status is RunStatus.QUEUED]
    return [Runner(app=world.app, progress=Silent()).execute(number) for number in numbers]


def test_a_named_record_is_read_again_with_what_it_did(world):
    ada = world.hubspot.create("contacts", {"email": "ada@acme.example", "jobtitle": "CEO"}).id
    world.cycle()
    world.hubspot.update("contacts", ada, {"jobtitle": "CFO"})
    world.visit(ada, "/pricing")

    assert deliver(world, event(world, "contact.propertyChange", ada, propertyName="jobtitle")) == (204, b"")
    assert waiting(world) == [[["contacts", ada]]]
    (report,) = work(world)

    assert report.run.status is RunStatus.SUCCEEDED
    assert [row["attributes"]["title"] for row in world.rows(contact)] == ["CFO"]
    assert [row["kind"] for row in world.rows(activity)] == ["page_view"]


def test_companies_and_deals_are_read_too(world):
    company = world.hubspot.create("companies", {"name": "Acme"}).id
    deal = world.hubspot.create("deals", {"dealname": "D", "dealstage": "contractsent", "pipeline": "default"}).id
    world.cycle()
    deliver(world, event(world, "company.propertyChange", company), event(world, "deal.creation", deal))

    (report,) = work(world)

    assert report.connections["hubspot"].pulled["pulled"] == 2


def test_double_late_and_unordered_deliveries_change_nothing(world):
    """The same story, told in any order and as often as the network likes, ends the same."""
    org, dice = world.hubspot, Random(3)
    ids = [org.create("contacts", {"email": f"p{number}@acme.example", "lastname": "A"}).id for number in range(6)]
    world.cycle()
    told = []
    for number, record_id in enumerate(ids):
        org.update("contacts", record_id, {"lastname": f"B{number}"})
        told.append(event(world, "contact.propertyChange", record_id, propertyName="lastname", propertyValue="A?"))
    org.delete("contacts", ids[0])
    told.append(event(world, "contact.deletion", ids[0]))
    one = org.merge("contacts", ids[1], [ids[2]]).id
    told.append(
        event(
            world,
            "contact.merge",
            ids[1],
            primaryObjectId=int(ids[1]),
            mergedObjectIds=[int(ids[2])],
            newObjectId=int(one),
        )
    )

    seen = []
    for _ in range(3):
        dice.shuffle(told)
        for each in told + dice.sample(told, 3):
            assert deliver(world, each)[0] == 204
        work(world)
        rows = world.rows(contact)
        live = {row["record_id"]: row["attributes"]["last_name"] for row in rows if row["gone_at"] is None}
        gone = {row["record_id"]: row["moved_to_id"] for row in rows if row["gone_at"] is not None}
        seen.append((live, gone))

    assert seen[0][0] == {ids[3]: "B3", ids[4]: "B4", ids[5]: "B5", one: "B1"}
    assert seen[0][1] == {ids[0]: None, ids[1]: one, ids[2]: one}
    assert seen[1:] == [seen[0], seen[0]]


def test_what_waits_already_is_not_queued_again_and_runs_stay_short(world):
    world.cycle()
    many = [event(world, "contact.creation", 1000 + number) for number in range(700)]
    for start in range(0, len(many), 100):
        for _ in range(2):
            deliver(world, *many[start : start + 100])

    assert [len(records) for records in waiting(world)] == [500, 200]


def test_a_delivery_while_a_run_works_is_queued_for_the_next(world):
    ada = world.hubspot.create("contacts", {"email": "ada@acme.example", "lastname": "A"}).id
    world.cycle()
    deliver(world, event(world, "contact.propertyChange", ada))
    with world.app.store.write() as unit:
        (run,) = unit.runs.open()
        unit.runs.claim(run.run_no, "daemon")

    deliver(world, event(world, "contact.propertyChange", ada))

    assert waiting(world) == [[["contacts", ada]]] * 2


def test_named_records_wait_for_a_crm_that_is_down(world):
    ada = world.hubspot.create("contacts", {"email": "ada@acme.example", "lastname": "A"}).id
    bob = world.hubspot.create("contacts", {"email": "bob@acme.example", "lastname": "A"}).id
    world.cycle()
    for record_id in (ada, bob):
        world.hubspot.update("contacts", record_id, {"lastname": "B"})
    deliver(world, event(world, "contact.propertyChange", ada))
    with world.app.store.write() as unit:
        (run,) = unit.runs.open()
        unit.runs.finish(run.run_no, RunStatus.SUSPENDED)
    deliver(world, event(world, "contact.propertyChange", bob))

    work(world)  # the second one

    with world.app.store.read() as unit:
        assert [run.options["records"] for run in unit.runs.open()] == [[["contacts", ada]]]


@pytest.mark.parametrize("wrong", [{"secret": "other"}, {"url": "https://elsewhere.example/hubspot"}])
def test_without_hubspots_signature_nothing_is_taken_and_nothing_is_explained(world, wrong):
    world.cycle()
    body = json.dumps([event(world, "contact.creation", 7)]).encode()

    assert ask(world, body, **signed(world, body, **wrong)) == (401, b"unauthorized")
    assert ask(world, body) == (401, b"unauthorized")
    assert waiting(world) == []


def test_an_old_delivery_sent_again_is_refused(world):
    world.cycle()
    body = json.dumps([event(world, "contact.creation", 7)]).encode()
    headers = signed(world, body)
    world.advance(301)

    assert ask(world, body, **headers)[0] == 401


def test_a_portal_that_is_not_ours_names_nothing(world):
    world.cycle()

    assert deliver(world, event(world, "contact.creation", 7) | {"portalId": 1})[0] == 204
    assert waiting(world) == []


def test_before_the_portal_is_known_nothing_is_queued(world):
    assert deliver(world, event(world, "contact.creation", 7))[0] == 204
    assert waiting(world) == []


def test_bodies_are_limited_and_must_be_lists(world):
    world.cycle()
    large = b"[" + b" " * LARGEST_BODY + b"]"

    assert ask(world, large, chunks=4, **signed(world, large)) == (413, b"too large")
    assert ask(world, b"{}", **signed(world, b"{}")) == (400, b"no list of events")
    assert ask(world, b"[]", method="GET")[0] == 405
    assert ask(world, b"[]", path="/")[0] == 404


def test_a_secret_that_is_gone_asks_hubspot_to_try_again(world):
    world.cycle()
    (world.folder / "hubspot-webhook_secret").unlink()

    assert deliver(world, event(world, "contact.creation", 7)) == (503, b"try again")


def test_a_rotated_secret_is_read_again(world):
    world.cycle()
    (world.folder / "hubspot-webhook_secret").write_text("new-secret")
    body = json.dumps([event(world, "contact.creation", 7)]).encode()

    assert ask(world, body, **signed(world, body, secret="new-secret"))[0] == 204
    assert ask(world, body, **signed(world, body))[0] == 401


# ---------------------------------------------------------------- over a socket


def test_nothing_listens_unless_a_connection_has_a_secret(world):
    world.more = {}
    world.restart()

    assert start_webhooks(world.app) is None


def test_over_a_socket_on_loopback(world):
    world.cycle()
    body = json.dumps([event(world, "contact.creation", 7)]).encode()
    server = start_webhooks(world.app)
    try:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        headers = {name.replace("_", "-"): value for name, value in signed(world, body).items()}
        line.request("POST", "/hubspot", body, headers)
        answer = line.getresponse()
        assert (answer.status, answer.read(), answer.getheader("server")) == (204, b"", None)
        line.close()
    finally:
        server.close()

    assert waiting(world) == [[["contacts", "7"]]]


def test_a_port_that_is_taken_is_told(world):
    server = WebhookServer(world.app)
    try:
        world.settings["webhooks"] = f"{{port: {server.port}}}"
        world.restart()
        with pytest.raises(SettingsError, match="cannot be listened at"):
            WebhookServer(world.app)
    finally:
        server.close()
