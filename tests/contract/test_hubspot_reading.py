"""Reading HubSpot where it hurts: lagging search, one stamp for thousands, throttles, wide maps, plans, merges of merges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.errors import NeedsAttention
from connectors.hubspot import Feature, HubSpotConnector, Paths
from connectors.port import Presence
from connectors.records import ContactRecord, DeletionKind, LinkReason, OpportunityRecord, Outcome, Ref, Stream
from connectors.sandbox.faults import Drop, Meanwhile, Reply, Truncate
from connectors.sandbox.hubspot import search
from connectors.sandbox.org import Org
from connectors.sandbox.server import SandboxServer
from tests.contract.connector_suite import Replica
from tests.contract.hubspot_case import HubSpotCase, shipped_map


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def case(server: SandboxServer) -> Iterator[HubSpotCase]:
    made = HubSpotCase(server, "reading", Paths.DATED)
    yield made
    made.close()
    server.unmount("reading")


def load(connector: HubSpotConnector, stream: Stream) -> tuple[Replica, str]:
    replica = Replica()
    return replica, replica.drain(connector, stream, connector.start(stream))


def equal(case: HubSpotCase, replica: Replica, stream: Stream) -> None:
    truth = case.truth(stream)
    assert replica.facts(truth) == truth


@pytest.mark.parametrize("stream", [Stream.CONTACTS, Stream.ACCOUNTS, Stream.OPPORTUNITIES])
def test_with_the_usual_settings_an_unchanged_stream_costs_one_call(case: HubSpotCase, stream: Stream) -> None:
    connector = case.made(case.settings(archived_every=timedelta(hours=6)))
    _, cursor = load(connector, stream)
    case.advance(300)
    before = connector.usage().calls

    page = connector.read(stream, cursor)

    assert connector.usage().calls - before == 1
    assert (page.records, page.more) == ((), False)


def test_with_the_usual_settings_unchanged_activities_cost_one_call_per_source(case: HubSpotCase) -> None:
    settings = case.settings(archived_every=timedelta(hours=6), forms_every=timedelta(minutes=15))
    connector = case.made(settings)
    _, cursor = load(connector, Stream.ACTIVITIES)
    case.advance(300)
    before = connector.usage().calls

    page = connector.read(Stream.ACTIVITIES, cursor)

    # calls, emails, meetings, notes, tasks, e-mail events, page views
    assert connector.usage().calls - before == 7
    assert page.more is False


def test_a_first_load_makes_no_more_calls_than_pages(case: HubSpotCase) -> None:
    connector = case.connector()

    replica, _ = load(connector, Stream.CONTACTS)

    pages = -(-len(replica.records) // 100)
    # Besides the pages: how many there are, what the properties mean, and which of three sources of events the portal has.
    assert connector.usage().calls_by_kind == {"list": pages, "search": 1, "schema": 1, "events": 3}


def test_ten_cycles_under_a_lagging_search_end_equal_to_the_portal(case: HubSpotCase) -> None:
    case.org.search_lag = 90_000
    dice = random.Random(5)
    connector, replica = case.connector(page_size=20), Replica()
    cursor = connector.start(Stream.CONTACTS)
    refs = case.pick(60)
    for cycle in range(10):
        while True:
            page = connector.read(Stream.CONTACTS, cursor)
            replica.apply(page)
            cursor = page.next
            for ref in dice.sample(refs, 2):
                case.rename(ref, f"Cycle{'abcdefghij'[cycle]}{dice.random()}")
            case.advance(dice.choice([1, 7, 30]))
            if not page.more:
                break
    case.advance(100)

    replica.drain(connector, Stream.CONTACTS, cursor)

    equal(case, replica, Stream.CONTACTS)


def test_more_records_with_one_stamp_than_search_gives_are_read_with_as_many_searches_as_pages(
    case: HubSpotCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_CAP", 40)
    connector = case.connector(page_size=20)
    replica, cursor = load(connector, Stream.CONTACTS)
    case.advance(3600)
    everybody = list(case.org.scan("contacts"))
    for item in everybody:
        case.org.update("contacts", item.id, {"city": "Sametown"})
    case.advance(200)
    before = connector.usage().calls_by_kind["search"]

    replica.drain(connector, Stream.CONTACTS, cursor)

    equal(case, replica, Stream.CONTACTS)
    assert connector.usage().calls_by_kind["search"] - before == -(-len(everybody) // 20)


@pytest.mark.parametrize("stream", list(Stream))
def test_a_load_of_any_stream_through_faults_of_any_kind_ends_equal(case: HubSpotCase, stream: Stream) -> None:
    limited = {"status": "error", "message": "You have reached your secondly limit.", "policyName": "SECONDLY"}
    effects = [
        Reply(status=429, payload=limited),
        Reply(status=423, payload={"status": "error", "message": "locked"}),
        Reply(status=502, body=b"<html>bad gateway</html>"),
        Drop(apply=True),
        Drop(keep=300),
        Truncate(keep=300),
    ]
    for place, effect in enumerate(effects):
        for after in (1, 9, 17):
            case.faults.add(effect, after=after + place)
    connector, replica = case.made(case.settings(attempts=1, page_size=30)), Replica()

    replica.drain(connector, stream, connector.start(stream), faulty=True)

    equal(case, replica, stream)


def test_when_another_client_fills_the_window_everything_arrives_all_the_same(case: HubSpotCase) -> None:
    def traffic(org: Org) -> None:
        org.quotas["burst"].spend(org.clock.now(), 60)

    case.faults.add(Meanwhile(act=traffic), path="objects", times=None)

    connector, replica = case.connector(page_size=5), Replica()
    replica.drain(connector, Stream.CONTACTS, connector.start(Stream.CONTACTS), faulty=True)

    equal(case, replica, Stream.CONTACTS)


def test_alone_on_the_account_we_cause_no_429(case: HubSpotCase) -> None:
    connector = case.connector(page_size=1)

    for stream in (Stream.CONTACTS, Stream.ACCOUNTS, Stream.ACTIVITIES):
        load(connector, stream)

    assert connector.usage().calls > 190
    assert case.org.requests.count(status=429) == 0


def test_a_map_too_wide_for_urls_and_searches_is_read_by_batches(case: HubSpotCase) -> None:
    wide = shipped_map().model_copy(deep=True)
    many = {f"custom_{number:04d}": (f"a_property_with_a_long_name_number_{number:04d}",) for number in range(400)}
    wide.contacts["contacts"].attributes.update(many)
    connector = case.made(case.settings(), wide)
    replica, cursor = load(connector, Stream.CONTACTS)
    case.advance(3600)
    (ref,) = case.pick(1)
    case.rename(ref, "Wide")
    case.advance(200)

    replica.drain(connector, Stream.CONTACTS, cursor)

    equal(case, replica, Stream.CONTACTS)
    assert case.org.requests.count(path="batch/read", status=200) >= 3


def test_archived_records_are_listed_when_it_is_time_and_only_news_is_told(case: HubSpotCase) -> None:
    connector = case.made(case.settings(archived_every=timedelta(hours=6)))
    first, second = case.pick(2)
    case.delete(first)
    case.advance(3600)
    replica, cursor = load(connector, Stream.CONTACTS)
    case.advance(3600)
    case.delete(second)
    page = connector.read(Stream.CONTACTS, cursor)
    assert page.deletions == ()
    case.advance(6 * 3600)

    page = connector.read(Stream.CONTACTS, page.next)

    assert [gone.ref for gone in page.deletions] == [second]
    assert page.deletions[0].at is not None
    replica.apply(page)
    equal(case, replica, Stream.CONTACTS)


def test_a_privacy_deletion_shows_in_the_sweep_and_in_a_named_read(case: HubSpotCase) -> None:
    (ref,) = case.pick(1)
    case.org.purge("contacts", ref.id)
    connector = case.connector()

    page = connector.read_records(Stream.CONTACTS, [ref])

    assert [(gone.ref, gone.kind) for gone in page.deletions] == [(ref, DeletionKind.VANISHED)]
    assert ref not in {found for block in connector.present_ids(Stream.CONTACTS) for found in block}


def test_a_merge_of_merges_leads_every_old_id_to_the_last_winner(case: HubSpotCase) -> None:
    connector = case.connector()
    replica, cursor = load(connector, Stream.CONTACTS)
    first, second, third = case.pick(3)
    case.advance(60)
    middle = case.merge(first, second)
    last = case.merge(third, middle)
    case.advance(60)

    replica.drain(connector, Stream.CONTACTS, cursor)

    assert {ref: replica.moved[ref] for ref in (first, second, third, middle)} == dict.fromkeys(
        (first, second, third, middle), last
    )
    equal(case, replica, Stream.CONTACTS)
    page = connector.read_records(Stream.CONTACTS, [first, second])
    assert [record.ref for record in page.records] == [last]
    assert {(gone.ref, gone.moved_to) for gone in page.deletions} >= {(first, last), (second, last)}


def test_the_native_syncs_ids_become_links_of_eighteen_characters(case: HubSpotCase) -> None:
    (ref,) = case.pick(1)
    case.org.update("contacts", ref.id, {"salesforcecontactid": "003Ws0000000AbC", "salesforceleadid": "junk"})

    (record,) = case.connector().read_records(Stream.CONTACTS, [ref]).records

    assert isinstance(record, ContactRecord)
    (link,) = record.same_as
    assert (link.crm, link.reason, link.ref.object) == ("salesforce", LinkReason.NATIVE_SYNC, "Contact")
    assert len(link.ref.id) == 18
    assert link.ref.id.startswith("003Ws0000000AbC")


def test_engagements_that_the_token_may_not_read_are_left_out_reported_and_read_once_granted(case: HubSpotCase) -> None:
    case.org.settings["denied"] = {"emails"}
    connector = case.connector()
    replica, cursor = load(connector, Stream.ACTIVITIES)
    held = {ref.object for ref in replica.records}
    missing = {
        check.object for check in connector.check_fields() if check.presence is Presence.MISSING and not check.written
    }
    told = {finding.code for finding in connector.doctor() if not finding.ok}
    assert "emails" not in held
    assert {"calls", "meetings", "email_events"} <= held
    assert missing == {"emails"}
    assert "read_emails" in told
    case.org.settings["denied"] = set()

    replica.drain(case.connector(), Stream.ACTIVITIES, cursor)

    equal(case, replica, Stream.ACTIVITIES)


def test_contacts_that_the_token_may_not_read_need_attention(case: HubSpotCase) -> None:
    case.org.settings["denied"] = {"contacts"}
    connector = case.connector()

    with pytest.raises(NeedsAttention) as caught:
        connector.read(Stream.CONTACTS, connector.start(Stream.CONTACTS))

    assert (caught.value.code, caught.value.subject) == ("permission", "contacts")


def test_sources_that_the_plan_lacks_are_left_out_unless_the_settings_insist(case: HubSpotCase) -> None:
    case.org.settings |= {"plan": "free", "denied": {"forms"}}
    replica, _ = load(case.connector(), Stream.ACTIVITIES)
    insisting = case.made(case.settings(events=Feature.ON))

    assert {ref.object for ref in replica.records} == {"calls", "emails", "meetings", "notes", "tasks"}
    with pytest.raises(NeedsAttention):
        load(insisting, Stream.ACTIVITIES)


def test_sources_that_are_switched_off_are_not_asked(case: HubSpotCase) -> None:
    off = case.settings(events=Feature.OFF, email_events=Feature.OFF, forms=Feature.OFF)

    load(case.made(off), Stream.ACTIVITIES)

    assert case.org.requests.count(path="event") == 0
    assert case.org.requests.count(path="forms") == 0


def test_associations_are_followed_through_their_pages(case: HubSpotCase) -> None:
    case.org.settings["association_page"] = 1

    for stream in (Stream.OPPORTUNITIES, Stream.ACTIVITIES):
        replica, _ = load(case.connector(), stream)
        equal(case, replica, stream)


def test_a_stage_that_appears_later_is_asked_for_and_one_that_nobody_knows_stays_open(case: HubSpotCase) -> None:
    connector = case.connector()
    _, cursor = load(connector, Stream.OPPORTUNITIES)
    case.advance(300)
    stages = case.org.settings["pipelines"]["deals"][0]["stages"]
    stages.append({"id": "9001", "label": "Paid", "metadata": {"isClosed": "true", "probability": "1.0"}})
    first, second = (item.id for item in list(case.org.scan("deals"))[:2])
    case.org.update("deals", first, {"dealstage": "9001"})
    case.org.update("deals", second, {"dealstage": "9002"})
    case.advance(200)
    replica = Replica()

    replica.drain(connector, Stream.OPPORTUNITIES, cursor)

    by_id = {ref.id: record for ref, record in replica.records.items() if isinstance(record, OpportunityRecord)}
    assert (by_id[first].stage, by_id[first].outcome) == ("Paid", Outcome.WON)
    assert (by_id[second].stage, by_id[second].outcome) == ("9002", Outcome.OPEN)
    assert by_id[second].closed_at is None


def test_form_submissions_are_asked_for_only_as_often_as_set(case: HubSpotCase) -> None:
    connector = case.made(case.settings(forms_every=timedelta(minutes=15)))
    _, cursor = load(connector, Stream.ACTIVITIES)
    before = case.org.requests.count(path="submissions")
    case.advance(600)
    cursor = Replica().drain(connector, Stream.ACTIVITIES, cursor)
    assert case.org.requests.count(path="submissions") == before
    case.advance(600)
    form = next(case.org.scan("forms"))
    values = [{"name": "email", "value": "New@Acme.example"}]
    stamp = str(case.org.clock.now())
    case.org.create("form_submissions", {"formGuid": form.id, "submittedAt": stamp, "email": "x", "values": values})
    replica = Replica()

    replica.drain(connector, Stream.ACTIVITIES, cursor)

    (record,) = (item for ref, item in replica.records.items() if ref.object == "form_submissions")
    assert record.emails == ("new@acme.example",)  # type: ignore[union-attr]
    assert record.contacts == ()  # type: ignore[union-attr]


def test_reading_since_an_instant_brings_only_what_changed_after_it(case: HubSpotCase) -> None:
    connector = case.made(case.settings(lookback=timedelta(0)))
    (ref,) = case.pick(1)
    case.advance(60)
    instant = connector.identify().now
    case.rename(ref, "Since")
    replica = Replica()

    replica.drain(connector, Stream.CONTACTS, connector.since(Stream.CONTACTS, instant))

    assert list(replica.records) == [ref]


def test_named_activities_of_several_objects_are_read_together(case: HubSpotCase) -> None:
    wanted = [Ref(object=name, id=next(case.org.scan(name)).id) for name in ("calls", "notes", "tasks")]

    page = case.connector().read_records(Stream.ACTIVITIES, [*wanted, Ref(object="email_events", id="x")])

    assert {record.ref for record in page.records} == set(wanted)


def test_what_was_read_comes_once_more_within_the_lookback_and_never_after_it(case: HubSpotCase) -> None:
    connector = case.connector()
    _, cursor = load(connector, Stream.CONTACTS)
    case.advance(3600)
    (ref,) = case.pick(1)
    case.rename(ref, "Once")
    seen = []
    for _ in range(4):
        case.advance(90)
        replica = Replica()
        cursor = replica.drain(connector, Stream.CONTACTS, cursor)
        seen.append(ref in replica.records)

    assert seen == [True, True, False, False]
